"""Bodies that are none, and starting again."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import Connect

from .conftest import Controls


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"[" * 100_000, b"\xff"])
def test_bodies_that_are_no_object(control: Controls, body: bytes) -> None:
    answer = control.client.post("/_emulator/clock/freeze", content=body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("the body is not")


def test_methods(control: Controls) -> None:
    answer = control.client.put("/_emulator/messages")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")


def test_flush_does_what_is_due(control: Controls, mail: Mail, app: Emulator) -> None:
    mail.send()
    app.state.clock.advance(1)
    control.post("flush")
    assert len(app.state.schedule) == 0


class TestResetOfOneDomain:
    def test_it_is_empty_and_active(
        self, control: Controls, mail: Mail, api: httpx.Client, domain: str
    ) -> None:
        mail.send()
        api.post(mail.path("bounces"), data={"address": "a@b.test"})
        control.post("reset", domain=domain.upper())
        assert api.get(mail.path("bounces", "a@b.test")).status_code == 404
        assert mail.events() == []
        assert control.get("messages")["messages"] == []
        assert api.get(f"/v4/domains/{domain}").json()["domain"]["state"] == "active"
        assert mail.send().status_code == 200

    def test_other_domains_stay(self, control: Controls, mail: Mail, api: httpx.Client) -> None:
        api.post("/v4/domains", data={"name": "other.test"})
        mail.send()
        control.post("reset", domain="other.test")
        assert len(mail.events()) == 1

    def test_in_every_account_or_in_one(self, connect: Connect, domain: str) -> None:
        from mailgun_emulator import create_app

        app = create_app(api_keys=["one", "two"], seed=1)
        control = Controls(connect(app, key=None))
        clients = [connect(app, key=key) for key in ("one", "two")]
        path = f"/v3/{domain}/bounces"

        def listed() -> list[int]:
            return [client.get(f"{path}/a@b.test").status_code for client in clients]

        for client in clients:
            client.post(path, data={"address": "a@b.test"})
        control.post("reset", domain=domain, key="one")
        assert listed() == [404, 200]
        control.post("reset", domain=domain)
        assert listed() == [404, 404]

    def test_a_domain_of_nobody(self, control: Controls) -> None:
        assert control.refused("reset?domain=x.test", status=404)

    def test_an_account_without_a_key(self, control: Controls, app: Emulator, domain: str) -> None:
        [account] = app.state.accounts
        app.state.remove_key(account, app.state.keys(account)[0].id)
        assert "no key" in control.refused(f"reset?domain={domain}", status=409)
