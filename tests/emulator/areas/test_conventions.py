"""What all services have in common, and where one of them differs."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.state import ApiKey
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import START, Connect

DAY = r"Fri, 24 Jan 2025 12:44:39 "


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_only_forms_are_read(mail: Mail, kind: str) -> None:
    """sending:ERR-019, ERR-004: JSON is no form, so nothing is there."""
    content = b'{"from": "b@example.org", "to": "a@example.com", "text": "Hi"}'
    headers = {"content-type": kind} if kind else {}
    answer = mail.api.post(mail.path("messages"), content=content, headers=headers)
    assert (answer.status_code, answer.text) == (400, '{"message":"to parameter is missing"}\n')
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert mail.events() == []


def test_answers_carry_what_all_answers_carry(mail: Mail, api: httpx.Client) -> None:
    """sending:ERR-005, ERR-007: and the limits of the service, reset in milliseconds."""
    for answer in (mail.send(), mail.send({"to": None}), api.get(mail.path("events"))):
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["strict-transport-security"] == (
            "max-age=63072000; includeSubDomains"
        )
        assert answer.headers["x-xss-protection"] == "1; mode=block"
    sent = mail.send().headers
    assert sent["X-RateLimit-Limit"] == "2000000"
    assert sent["X-RateLimit-Remaining"] == "1999998"
    assert int(sent["X-RateLimit-Reset"]) == (START.timestamp() + 10) * 1000


@pytest.mark.parametrize(
    "path", ["templates", "events", "credentials", "tracking", "routes", "lists"]
)
def test_services_without_rate_headers(mail: Mail, api: httpx.Client, path: str) -> None:
    """sending:ERR-010."""
    if path in ("credentials", "tracking"):
        url = f"/v3/domains/{mail.domain}/{path}"
    else:
        url = f"/v3/{path}" if path in ("routes", "lists") else mail.path(path)
    answer = api.get(url)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if "limit" in name or "remaining" in name]


def test_what_was_done_is_there_at_once(mail: Mail, api: httpx.Client) -> None:
    """sending:ERR-018: nothing is found late here."""
    assert api.post("/v4/domains", data={"name": "new.test"}).status_code == 200
    assert api.get("/v4/domains/new.test").status_code == 200
    mail.send()
    assert api.get(mail.event()["storage"]["url"]).status_code == 200
    assert api.delete("/v3/domains/new.test").status_code == 200
    assert api.get("/v4/domains/new.test").status_code == 404


@pytest.mark.parametrize("path", ["stats", "nothing", "messages/", "bounces/"])
def test_a_path_that_is_not_there(mail: Mail, api: httpx.Client, path: str) -> None:
    """sending:ERR-002, DIFF-040, DIFF-052: plain text, also for one that once was there."""
    answer = api.get(mail.path(path))
    assert (answer.status_code, answer.text) == (404, "404 page not found\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_statuses(app: Emulator, mail: Mail, api: httpx.Client, connect: Connect) -> None:
    """sending:ERR-001: what each of them is for; refusals of input say why."""
    app.state.add_key(app.state.accounts[0], ApiKey("id", "s3cret", role="support"))
    path, fields = mail.path("messages"), {"from": "b@example.org"}
    for answer, status in (
        (mail.send(), 200),
        (api.post(path, data=fields), 400),
        (connect(key="wrong").post(path, data=fields), 401),
        (connect(key="s3cret").post(path, data=fields), 403),
        (api.get(mail.path("templates", "none")), 404),
    ):
        assert answer.status_code == status
        if status != 401:
            assert answer.json()["message"]


def test_dates_by_service(mail: Mail, api: httpx.Client) -> None:
    """sending:ERR-017, DIFF-030: in the style of mail, each with its own suffix."""

    def written(found: Any, suffix: str) -> bool:
        return re.fullmatch(DAY + re.escape(suffix), found) is not None

    api.post("/v3/lists", data={"address": f"all@{mail.domain}"})
    api.post(mail.path("bounces"), data={"address": "a@example.com"})
    route = api.post("/v3/routes", data={"expression": "catch_all()", "action": "stop()"})
    lists = api.get(f"/v3/lists/all@{mail.domain}").json()["list"]
    domain = api.get(f"/v4/domains/{mail.domain}").json()["domain"]
    assert written(lists["created_at"], "-0000")
    assert written(route.json()["route"]["created_at"], "GMT")
    assert written(api.get(mail.path("bounces", "a@example.com")).json()["created_at"], "UTC")
    assert domain["created_at"].endswith(" GMT")
