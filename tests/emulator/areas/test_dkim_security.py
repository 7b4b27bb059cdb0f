"""Automatic sender security: rotating the keys of a domain."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.small import answers

DAY = 24 * 60 * 60
NOT_FOUND = {"Description": "domain not found"}


@pytest.fixture
def path(domain: str) -> str:
    return f"/v1/dkim_management/domains/{domain}"


def configure(api: httpx.Client, path: str, enabled: str, **fields: str) -> dict[str, Any]:
    answer = api.put(f"{path}/rotation", data={"rotation_enabled": enabled, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()["domain"]
    return body


def test_answer(api: httpx.Client, path: str, domain: str) -> None:
    """platform:DKIM-014, DKIM-015, DIFF-048: texts throughout, and the two records."""
    body = configure(api, path, "true", rotation_interval="5d")
    ids = [body.pop(name) for name in ("id", "account_id", "sid")]
    assert ids[0] == api.get(f"/v4/domains/{domain}").json()["domain"]["id"]
    assert all(isinstance(number, str) and number for number in ids)
    records = body.pop("records")
    assert body == {
        "name": domain,
        "state": "enabled",
        "active_selector": "pdk1",
        "rotation_enabled": "true",
        "rotation_interval": "5d",
    }
    assert [record["name"] for record in records] == [
        f"pdk1._domainkey.{domain}",
        f"pdk2._domainkey.{domain}",
    ]
    for record in records:
        assert (record["type"], record["identifier"]) == ("CNAME", "DKIM")
        assert record["value"].endswith(".dkim1.mailgun.com")


def test_interval_stays(api: httpx.Client, path: str) -> None:
    """platform:DKIM-014, DKIM-015: 120 days at first, then what was set last."""
    assert configure(api, path, "yes")["rotation_interval"] == "120d"
    configure(api, path, "yes", rotation_interval="240h")
    off = configure(api, path, "no")
    assert (off["rotation_enabled"], off["rotation_interval"]) == ("false", "240h")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"rotation_enabled": "false", "rotation_interval": "5d"},
            "rotation_interval is not allowed unless also enabling DKIM rotation",
        ),
        (
            {"rotation_enabled": "true", "rotation_interval": "4d"},
            "rotation_interval must be at least 5d",
        ),
        (
            {"rotation_enabled": "true", "rotation_interval": "119h"},
            "rotation_interval must be at least 5d",
        ),
    ],
)
def test_refused(api: httpx.Client, path: str, fields: dict[str, str], reason: str) -> None:
    """platform:DKIM-016: a Reason, and nothing changes."""
    configure(api, path, "true", rotation_interval="9d")
    assert answers(api.put(f"{path}/rotation", data=fields)) == (400, {"Reason": reason})
    assert configure(api, path, "true")["rotation_interval"] == "9d"


def test_foreign_domain(api: httpx.Client) -> None:
    """platform:DKIM-016: a Description, in lower case."""
    path = "/v1/dkim_management/domains/foreign.example.org"
    answer = api.put(f"{path}/rotation", data={"rotation_enabled": "true"})
    assert answers(answer) == (404, NOT_FOUND)
    assert answers(api.post(f"{path}/rotate")) == (404, NOT_FOUND)


def test_rotate(api: httpx.Client, path: str) -> None:
    """platform:DKIM-017: the other key becomes active, also without automatic rotation."""
    configure(api, path, "false")
    assert answers(api.post(f"{path}/rotate")) == (200, {"message": "ok"})
    assert configure(api, path, "false")["active_selector"] == "pdk2"
    api.post(f"{path}/rotate")
    assert configure(api, path, "false")["active_selector"] == "pdk1"


def test_rotation_by_the_clock(app: Emulator, api: httpx.Client, path: str) -> None:
    """platform:DKIM-014: every interval, and not while it is off."""
    configure(api, path, "true", rotation_interval="5d")
    app.state.clock.advance(5 * DAY - 1)
    assert configure(api, path, "true")["active_selector"] == "pdk1"
    app.state.clock.advance(5 * DAY)
    assert configure(api, path, "true")["active_selector"] == "pdk2"
    app.state.clock.advance(10 * DAY)
    assert configure(api, path, "false")["active_selector"] == "pdk2"
    app.state.clock.advance(5 * DAY)
    assert configure(api, path, "true")["active_selector"] == "pdk2"


def test_not_enabled(api: httpx.Client) -> None:
    """platform:DKIM-018: not before the records were verified, or without rotation at all."""
    path = "/v1/dkim_management/domains/mg.example.org"
    api.post("/v4/domains", data={"name": "mg.example.org"})

    def refusal() -> str:
        answer = api.post(f"{path}/rotate")
        assert answer.status_code == 400
        reason: str = answer.json()["Reason"]
        return reason

    text = "only domains in enabled can rotate their keys. Current state: "
    assert refusal() == f"{text}disabled"
    api.put("/v4/domains/mg.example.org", data={"use_automatic_sender_security": "true"})
    assert refusal() == f"{text}wait_verify"
    api.put("/v4/domains/mg.example.org/verify")
    assert api.post(f"{path}/rotate").status_code == 200
    assert configure(api, path, "true")["active_selector"] == "pdk2"
