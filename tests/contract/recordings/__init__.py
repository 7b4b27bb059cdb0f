"""Exchanges with a server, kept as files without anything that is somebody's.

One file per operation, `<operationId>.yaml`, UTF-8, exchanges sorted by status, path and content:

    format: 1
    operation: get_thing
    exchanges:
    - target: live               # emulator, url, live, or cassette for an imported one
      date: '2026-11-21'         # when it was seen first; the evidence's date
      request:
        method: GET
        path: /v3/d-ab34efgh2k.example/things/1      # percent-encoded, without host or prefix
        query:                   # in the order of the wire; names may repeat
        - limit: '5'
        headers: {}              # only those that the truth declares, and content-type
        body: ...                # left out if there is none, else one of
                                 #   json: any value, keys sorted
                                 #   text: UTF-8 text
                                 #   form: [{name: text}, ...]           urlencoded
                                 #   parts: [{name, filename, type, text or bytes}]  multipart
                                 #   bytes: the length of what is no text; content is not kept
      response:
        status: 200
        headers: {content-type: application/json}
        body: ...                # the same; of headers also limits, Location, Allow

Scrubbed on the way in, never later: keys, credentials and secrets by name, by shape and wherever a
known one occurs; e-mail addresses, IP addresses, telephone numbers, names of domains and files.
The same original has the same pseudonym in all files of one account; without the account's key (or
all imported cassettes) nobody can check a guess. Contents of messages stay as they are otherwise:
record with made-up ones.

`deviations.toml` beside the files excuses breaches, in the form of tests/contract/deviations.py
with `target = "replay"`; strict.

exchange.py    an exchange as data, and back onto the wire      match.py    whose call it is
wire.py        from the wire to data                            files.py    YAML, checked
pseudonyms.py, patterns.py, scrub.py    what is replaced, how it is found, where it is looked for
tape.py, record.py    the recorder and its session    cassettes.py    VCR YAML of others
reread.py, replay.py, playback.py    recorded requests as calls of the client, judged by the suite
"""
