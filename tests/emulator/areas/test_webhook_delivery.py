"""Webhooks are told of events: to whom, what, how signed, how often."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.events.store import EventStore
from tests.emulator.areas.mail import ALICE, Mail
from tests.emulator.conftest import START, Connect
from tests.emulator.receiver import Receiver, signed_with

HOOK = "http://hook.test/a"
OTHER = "http://hook.test/b"
THIRD = "https://hook.test/c"
BROKEN = httpx.ConnectError("refused")
MINUTE, HOUR = 60, 3600


class Hooks:
    """Configures webhooks, sends, lets time pass, and looks at what came."""

    def __init__(self, receiver: Receiver, app: Emulator, api: httpx.Client, domain: str) -> None:
        self.receiver, self.app, self.api, self.domain = receiver, app, api, domain
        self.mail = Mail(app, api, domain)
        self.events = app.state.store(app.state.accounts[0], EventStore)

    def at_domain(self, kind: str, *urls: str, domain: str | None = None) -> None:
        form = {"id": kind, "url": list(urls)}
        answer = self.api.post(f"/v3/domains/{domain or self.domain}/webhooks", data=form)
        assert answer.status_code == 200, answer.text

    def at_account(self, url: str, *kinds: str) -> None:
        answer = self.api.post("/v1/webhooks", data={"url": url, "event_types": list(kinds)})
        assert answer.status_code == 200, answer.text

    def send(self, **fields: Any) -> None:
        """A message, and all that follows within a second."""
        answer = self.mail.send(fields)
        assert answer.status_code == 200, answer.text
        self.wait(1)

    def wait(self, seconds: float) -> None:
        self.mail.wait(seconds)
        assert self.api.post("/_emulator/flush").status_code == 200

    def record(self, kind: str, severity: str = "") -> None:
        now = self.app.state.clock.timestamp()
        self.events.add(Event("e", kind, now, self.domain, ALICE, severity=severity))
        self.wait(0)

    def key(self) -> str:
        return str(self.api.get("/v5/accounts/http_signing_key").json()["http_signing_key"])

    def log(self, **query: str) -> list[dict[str, Any]]:
        answer = self.api.get("/_emulator/webhooks", params=query)
        found: list[dict[str, Any]] = answer.json()["deliveries"]
        return found

    def attempts(self) -> list[float]:
        """When the only delivery was tried, in seconds after the first time."""
        [delivery] = self.log()
        times = [attempt["at"] for attempt in delivery["attempts"]]
        return [time - times[0] for time in times]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def hooks(receiver: Receiver, connect: Connect, domain: str) -> Hooks:
    app = receiver.app()
    return Hooks(receiver, app, connect(app), domain)


class TestWhom:
    def test_every_type_goes_to_its_urls(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-001, HOOK-040; sending:HOOK-002: eight types, failures by severity; the
        event in the payload stays `failed`.
        """
        plain = ["accepted", "delivered", "opened", "clicked", "unsubscribed", "complained"]
        for kind in (*plain, "temporary_fail", "permanent_fail"):
            hooks.at_domain(kind, f"http://hook.test/{kind}")
        for kind in plain:
            hooks.record(kind)
        hooks.record("failed", "temporary")
        hooks.record("failed", "permanent")
        for kind in plain:
            assert receiver.events(f"http://hook.test/{kind}") == [kind]
        assert receiver.events("http://hook.test/temporary_fail") == ["failed"]
        assert receiver.events("http://hook.test/permanent_fail") == ["failed"]

    def test_types_without_webhooks(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-001: stored and rejected are not told of."""
        hooks.at_domain("accepted", HOOK)
        for kind in ("stored", "rejected", "list_uploaded"):
            hooks.record(kind)
        assert receiver.received == []

    def test_suppressed_mail_fails_permanently(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-041."""
        hooks.at_domain("permanent_fail", HOOK)
        hooks.api.post(hooks.mail.path("bounces"), data={"address": ALICE})
        hooks.send()
        [body] = receiver.bodies()
        assert body["event-data"]["reason"] == "suppress-bounce"

    def test_the_account_hears_of_all_domains(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-031."""
        hooks.app.state.accounts[0].domains.add("second.test")
        hooks.at_account(HOOK, "accepted")
        hooks.at_domain("accepted", OTHER)
        hooks.events.add(Event("x", "accepted", START.timestamp(), "second.test"))
        hooks.record("accepted")
        domains = [body["event-data"]["domain"]["name"] for body in receiver.bodies(HOOK)]
        assert domains == ["second.test", hooks.domain]
        assert len(receiver.bodies(OTHER)) == 1

    def test_a_url_hears_once_of_an_event(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-032: domain and account name the same URL; per type it counts once."""
        hooks.at_domain("accepted", HOOK, OTHER)
        hooks.at_account(HOOK, "accepted", "delivered")
        hooks.send()
        assert receiver.events(HOOK) == ["accepted", "delivered"]
        assert receiver.events(OTHER) == ["accepted"]

    def test_both_schemes(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-009: http and https."""
        hooks.at_domain("accepted", HOOK, THIRD)
        hooks.record("accepted")
        assert {str(request.url) for request in receiver.received} == {HOOK, THIRD}

    def test_http_forwards_are_no_deliveries(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-049, EVT-071."""
        hooks.at_domain("delivered", HOOK)
        details = {"envelope": {"transport": "http"}}
        now = START.timestamp()
        hooks.events.add(Event("x", "delivered", now, hooks.domain, details=details))
        hooks.wait(0)
        assert receiver.received == []

    def test_other_accounts_hear_nothing(self, connect: Connect, receiver: Receiver) -> None:
        app = receiver.app(api_keys=["one", "two"])
        one, two = (
            Hooks(receiver, app, connect(app, key=key), "sandbox.example.test")
            for key in ("one", "two")
        )
        one.at_domain("accepted", HOOK)
        two.send()
        assert receiver.received == []
        one.send()
        assert len(receiver.received) == 1


class TestWhat:
    def test_a_delivery(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-033, HOOK-039; sending:HOOK-001, HOOK-006: one POST of JSON for one event,
        with the document of the Events API, the account and the domain.
        """
        hooks.at_domain("delivered", HOOK)
        hooks.send(**{"v:order": "7"})
        [request] = receiver.received
        assert request.method == "POST"
        assert request.headers["content-type"] == "application/json"
        [body] = receiver.bodies()
        assert list(body) == ["signature", "event-data"]
        data = body["event-data"]
        account = hooks.app.state.accounts[0]
        assert data.pop("account") == {"id": account.id}
        assert data.pop("domain") == {"name": hooks.domain}
        assert data == hooks.mail.event("delivered")
        assert data["user-variables"] == {"order": "7"}

    def test_a_signature(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-034, HOOK-035, HOOK-036; sending:HOOK-005: the signing key signs, as text,
        which is not the API key.
        """
        hooks.at_domain("accepted", HOOK)
        hooks.record("accepted")
        [body] = receiver.bodies()
        signature = body["signature"]
        assert list(signature) == ["timestamp", "token", "signature"]
        assert signature["timestamp"] == str(int(START.timestamp()))
        assert re.fullmatch("[0-9a-f]{50}", signature["token"])
        assert re.fullmatch("[0-9a-f]{64}", signature["signature"])
        assert hooks.key() != "key-test"
        assert signed_with(hooks.key(), body)

    def test_a_new_signing_key(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-036, ACCT-003, ACCT-004: new deliveries verify only with the new key."""
        hooks.at_domain("accepted", HOOK)
        old = hooks.key()
        assert re.fullmatch("key-[0-9a-f]{32}", old)
        hooks.record("accepted")
        answer = hooks.api.post("/v5/accounts/http_signing_key")
        assert answer.json()["message"] == "regenerated HTTP signing key for account"
        assert answer.json()["http_signing_key"] == hooks.key() != old
        hooks.record("accepted")
        first, second = receiver.bodies()
        assert signed_with(old, first)
        assert not signed_with(hooks.key(), first)
        assert signed_with(hooks.key(), second)

    def test_tokens_are_fresh(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-037: for every URL and every attempt."""
        hooks.at_domain("accepted", HOOK, OTHER)
        receiver.answers[HOOK] = [500]
        hooks.record("accepted")
        hooks.wait(5 * MINUTE)
        bodies = receiver.bodies()
        assert len({body["signature"]["token"] for body in bodies}) == len(bodies) == 3
        assert all(signed_with(hooks.key(), body) for body in bodies)

    def test_odd_text(self, hooks: Hooks, receiver: Receiver) -> None:
        """A lone surrogate from an escape has no UTF-8; the rest arrives as it is."""
        hooks.at_domain("accepted", HOOK)
        now = START.timestamp()
        details = {"subject": "Grüße \ud800 ✓"}
        hooks.events.add(Event("x", "accepted", now, hooks.domain, details=details))
        hooks.wait(0)
        [body] = receiver.bodies()
        assert body["event-data"]["subject"] == "Grüße ? ✓"


class TestHowOften:
    def test_200_is_the_end(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-042; sending:HOOK-003."""
        hooks.at_domain("accepted", HOOK)
        hooks.record("accepted")
        hooks.wait(24 * HOUR)
        assert len(receiver.received) == 1
        assert hooks.log()[0]["state"] == "delivered"

    def test_406_is_the_end(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-042; sending:HOOK-003: 406 is a refusal for good."""
        hooks.at_domain("accepted", HOOK)
        receiver.answers[HOOK] = [406]
        hooks.record("accepted")
        hooks.wait(24 * HOUR)
        assert len(receiver.received) == 1
        assert hooks.log()[0]["state"] == "refused"

    @pytest.mark.parametrize("answer", [500, 404, 202, 301, BROKEN])
    def test_anything_else_is_tried_again(
        self, hooks: Hooks, receiver: Receiver, answer: int | Exception
    ) -> None:
        """platform:HOOK-042: also another success, and no answer at all."""
        hooks.at_domain("accepted", HOOK)
        receiver.answers[HOOK] = [answer]
        hooks.record("accepted")
        assert hooks.log()[0]["state"] == "waiting"
        hooks.wait(5 * MINUTE)
        [delivery] = hooks.log()
        assert delivery["state"] == "delivered"
        statuses = [attempt["status"] for attempt in delivery["attempts"]]
        assert statuses == [None if answer is BROKEN else answer, 200]

    def test_the_retry_schedule(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-043; sending:HOOK-003: seven attempts in all, then it is given up. Time
        that is moved in one go is caught up with in order.
        """
        hooks.at_domain("accepted", HOOK)
        receiver.answers[HOOK] = [503] * 20
        hooks.record("accepted")
        assert hooks.log()[0]["next-attempt-at"] == START.timestamp() + 5 * MINUTE
        hooks.wait(5 * MINUTE - 1)
        assert len(receiver.received) == 1
        hooks.wait(1)
        assert len(receiver.received) == 2
        hooks.wait(24 * HOUR)
        waits = [0, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR]
        assert hooks.attempts() == [sum(waits[: n + 1]) for n in range(7)]
        [delivery] = hooks.log()
        assert (delivery["state"], delivery["next-attempt-at"]) == ("given up", None)
        stamps = [int(body["signature"]["timestamp"]) for body in receiver.bodies()]
        assert stamps == [int(attempt["at"]) for attempt in delivery["attempts"]]

    def test_delivered_is_never_tried_again(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-044; sending:HOOK-003."""
        hooks.at_domain("delivered", HOOK)
        receiver.answers[HOOK] = [500]
        hooks.send()
        hooks.wait(24 * HOUR)
        assert len(receiver.received) == 1
        assert hooks.log()[0]["state"] == "given up"

    def test_urls_are_independent(self, hooks: Hooks, receiver: Receiver) -> None:
        """platform:HOOK-046: the failure of one neither stops nor repeats the others."""
        hooks.at_domain("accepted", HOOK, OTHER, THIRD)
        receiver.answers = {HOOK: [500, 500], OTHER: [406]}
        hooks.record("accepted")
        hooks.wait(24 * HOUR)
        assert [len(receiver.bodies(url)) for url in (HOOK, OTHER, THIRD)] == [3, 1, 1]

    def test_a_frozen_clock_holds_retries(self, hooks: Hooks, receiver: Receiver) -> None:
        hooks.at_domain("accepted", HOOK)
        receiver.answers[HOOK] = [500]
        hooks.record("accepted")
        hooks.wait(0)
        hooks.wait(0)
        assert len(receiver.received) == 1

    def test_a_deleted_domain_is_not_told_of_any_more(
        self, hooks: Hooks, receiver: Receiver
    ) -> None:
        hooks.at_domain("accepted", HOOK)
        receiver.answers[HOOK] = [500]
        hooks.record("accepted")
        hooks.api.delete(f"/v3/domains/{hooks.domain}")
        hooks.wait(24 * HOUR)
        assert len(receiver.received) == 1
        assert hooks.log()[0]["state"] == "dropped"

    def test_a_reset_forgets_what_waits(self, hooks: Hooks, receiver: Receiver) -> None:
        hooks.at_domain("accepted", HOOK)
        receiver.answers[HOOK] = [500]
        hooks.record("accepted")
        hooks.api.post("/_emulator/reset")
        hooks.wait(24 * HOUR)
        assert len(receiver.received) == 1
        assert hooks.log() == []


class TestLog:
    def test_search(self, hooks: Hooks, receiver: Receiver) -> None:
        hooks.at_domain("accepted", HOOK, OTHER)
        hooks.at_domain("delivered", HOOK)
        receiver.answers[OTHER] = [406]
        hooks.send()
        assert [d["type"] for d in hooks.log(url=HOOK)] == ["delivered", "accepted"]
        assert [d["url"] for d in hooks.log(state="refused")] == [OTHER]
        assert len(hooks.log(type="accepted", limit="1")) == 1
        assert len(hooks.log(domain=hooks.domain.upper())) == 3
        assert hooks.log(domain="other.test") == []

    def test_one_delivery_with_its_event(self, hooks: Hooks, receiver: Receiver) -> None:
        hooks.at_domain("accepted", HOOK)
        hooks.send()
        [delivery] = hooks.log()
        answer = hooks.api.get(f"/_emulator/webhooks/{delivery['id']}").json()
        [body] = receiver.bodies()
        assert answer.pop("event-data") == body["event-data"]
        assert answer == delivery
        assert delivery["attempts"][0]["signature"] == body["signature"]
        assert hooks.api.get("/_emulator/webhooks/99").status_code == 404

    def test_clear(self, hooks: Hooks, receiver: Receiver) -> None:
        """What waits goes on all the same."""
        hooks.at_domain("accepted", HOOK)
        receiver.answers[HOOK] = [500]
        hooks.record("accepted")
        hooks.api.delete("/_emulator/webhooks")
        assert hooks.log() == []
        hooks.wait(5 * MINUTE)
        assert len(receiver.received) == 2

    def test_the_digest_is_not_about_it(self, hooks: Hooks, receiver: Receiver) -> None:
        """What is kept does not change when a delivery is answered at last."""
        hooks.at_domain("accepted", HOOK)
        now = START.timestamp()
        hooks.events.add(Event("x", "accepted", now, hooks.domain))
        before = hooks.app.state.digest()
        hooks.wait(0)
        assert len(receiver.received) == 1
        assert hooks.app.state.digest() == before
