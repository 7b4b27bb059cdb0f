"""The control API under `/_emulator/`: looking at and steering the emulator itself.

It is no part of what is emulated and needs no key. Bodies are JSON objects; answers are JSON
unless said otherwise; errors are `{"message": ...}` with 400, 404 or 405. Times are given as ISO
8601 or epoch seconds and shown as epoch seconds unless named `now`.

Server
- `GET health`: the server is up.
- `GET digest`: a fingerprint of all that is kept; equal ones mean that nothing changed.
- `POST flush`: do what is due and wait until all webhooks and forwards were sent and answered.
- `POST reset`: back to the start, the seed file applied again; time stays as it is. With
  `?domain=` only that domain starts anew: empty, active, in every account that owns it.

Clock
- `GET clock`; `POST clock/freeze {"at"?}`; `POST clock/advance {"seconds"}` (does what is due
  then); `POST clock/resume`.

Messages (kept for a while, newest first, of all accounts unless `account=` or `key=` chooses one)
- `GET messages?domain=&from=&to=&subject=&tag=&q=&limit=&skip=`: texts are parts, without case;
  `q` looks into the subject and the bodies.
- `GET messages/{key}`: headers, bodies, options, attachments, events; `.../html`, `.../text`,
  `.../raw`, `.../attachments`, `.../attachments/{number}`: the thing itself with its own media
  type. Bodies and headers are what `recipient=`, by default the first one, gets: with footers,
  tracked links and the pixel, which can be followed. `.../raw?recipient=` is what that one's server
  gets: with trace headers and signatures.
- `DELETE messages?domain=`: forget them.
- `POST messages/{key}/events {"event", "recipient"?, ...}`: what a recipient did. `opened`;
  `clicked` with `url`; `unsubscribed` with `tags`; `complained`; `failed` with `severity`
  (`permanent`, `temporary`), `reason`, `code`, `message`, `description`. `ip`, `user-agent`,
  `geolocation`, `client-info` where the event has them. Suppression lists follow. `utc-offset`
  (seconds) of an opening or a click is what later mail with `o:time-zone-localize` goes by.

Rules (what becomes of mail; asked at every attempt, the first that fits decides)
- `POST rules?account=|key= {"outcome", "recipient"?, "domain"?, "reason"?, "code"?, "message"?,
  "description"?, "attempts"?, "times"?, "probability"?}`: `outcome` is one of
  `delivered`; `temporary` (refused for now, tried again after 10, 15, 30 minutes, 1, 2, 4 hours,
  then given up with reason `old`); `permanent`; `rejected`; `no-mx` (temporary, no server);
  `no-tls`, `bad-certificate` (of the server: in plain text, or tried again where TLS is required);
  and, a minute after the delivery, `delayed-bounce`, `complained`, `unsubscribed`. `recipient` is a
  pattern with `*` and `?` (`*`); `domain` the one that sends; `reason`, `code`, `message`,
  `description` what the failure says; `attempts` limits it to the first attempts for a recipient
  of each message, `times` to so many decisions; `probability` (1) draws by the seed of the app.
- `GET rules`, `DELETE rules`, `DELETE rules/{id}`.
- Where no rule fits, these local parts decide, also with `+` and more behind, unless turned off:
  `bounce@`, `blocked@` (permanent, the latter as spam), `tempfail@`, `mailbox-full@` (never taken),
  `greylist@` (taken at the second attempt), `no-mx@`, `no-tls@`, `bad-certificate@`,
  `delayed-bounce@`, `complaint@`, `unsubscribe@`.

Events
- `GET events`; `POST events {"late"}`: the APIs of events and logs see each event some seconds
  after it happened, `late` (0) at most, each after its own time. Webhooks are told at once.

Incoming mail
- `POST inbound`: mail from outside, by form, JSON object, or as `message/rfc822` with the rest in
  the query. `recipient` (one or more; `to` without it), `sender` (of the envelope; the address in
  `from` without it); then `mime`, or `from`, `to`, `cc`, `subject`, `text`, `html`, `h:` headers
  and files `attachment`, `inline`. What the spam filter shall find: `spam-score`, `spf` (`Pass`,
  `Neutral`, `Fail`, `SoftFail`), `dkim` (`Pass`, `Fail`). The answer tells for each recipient
  which `routes` took the mail and the keys under which it was `stored`.

Webhooks
- `GET webhooks?domain=&type=&url=&state=&limit=`: deliveries, newest first, with all attempts;
  `GET webhooks/{id}?account=`: with the event; `DELETE webhooks`: forget the log.

Requests (the last 1000, bodies cut off after 4 KiB)
- `GET requests?operation=&method=&path=&status=&limit=`, newest first; `DELETE requests`.

Faults
- `POST faults {"operation", "status"?, "body"?, "headers"?, "latency"?, "drop"?, "handled"?,
  "times"?}`: the next `times` (1) requests of an operation (an operationId, `*` for any) wait
  `latency` seconds, then are dropped without an answer or answered so; with `handled` they take
  effect before. `GET faults`, `DELETE faults`, `DELETE faults/{id}`.

Seed
- `POST seed`: apply a seed (YAML or JSON, see `mailgun_emulator.seed`).

A module of this folder declares endpoints with `routing.control`.
"""

from mailgun_emulator.control.routing import PREFIX, Control

__all__ = ["PREFIX", "Control"]
