"""An account with things of its own behind the guard, and a record of all that reached it.

What is recorded is judged without the guard's own code: requests are recognised by the emulator's
router, and whose a thing is shows in the record alone.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import httpx
from attrs import define, evolve, field, frozen

from mailgun_emulator.contract import load as load_contract
from mailgun_emulator.router import Match, Router
from tests.contract.asgi import AsgiTransport
from tests.contract.targets import emulator
from tests.contract.targets.live import RECIPIENT, Session, rehearsing

DOMAIN = emulator.DOMAIN
# Queries that are sent as POST.
READING = frozenset(
    {
        "query_metrics",
        "query_usage_metrics",
        "query_logs",
        "query_analytics_tags",
        "query_bounce_classification_metrics",
    }
)
SENDING = frozenset({"send_message", "send_mime_message"})
# What people have in the account, and where it shows.
THINGS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/v4/domains", {"name": "real.example.org"}),
    ("/v3/routes", {"expression": "catch_all()", "action": "stop()", "description": "real"}),
    ("/v3/lists", {"address": f"real@{DOMAIN}"}),
    (f"/v3/lists/real@{DOMAIN}/members", {"address": "ann@example.org"}),
    (f"/v3/{DOMAIN}/templates", {"name": "real", "template": "Hello"}),
    (f"/v3/{DOMAIN}/bounces", {"address": "gone@example.org"}),
    (f"/v3/{DOMAIN}/complaints", {"address": "cross@example.org"}),
    (f"/v3/{DOMAIN}/unsubscribes", {"address": "left@example.org"}),
    (f"/v3/{DOMAIN}/whitelists", {"address": "dear@example.org"}),
    (f"/v3/domains/{DOMAIN}/webhooks", {"id": "clicked", "url": "https://real.example.org/x"}),
    (f"/v3/domains/{DOMAIN}/credentials", {"login": "ann", "password": "a-long-password"}),
)
SHOWN = (
    *dict(THINGS),
    "/v3/domains/real.example.org",
    f"/v3/domains/{DOMAIN}/tracking",
    f"/v4/domains/{DOMAIN}",
    f"/v4/domains/{DOMAIN}/keys",
    "/v1/keys",
    "/v1/webhooks",
)


@frozen
class Seen:
    """A request that arrived, recognised."""

    operation: str
    names: dict[str, str]
    request: httpx.Request = field(repr=False)
    response: httpx.Response = field(repr=False)


@define
class Recording(httpx.BaseTransport):
    """The account's server. `seen` is all that arrived from outside."""

    inner: httpx.BaseTransport = field(factory=lambda: AsgiTransport(emulator.app()))
    seen: list[Seen] = field(factory=list)
    _router: Router = field(factory=lambda: Router.of(load_contract().operations.values()))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        found = self._router.find(request.method, path)
        response = self.inner.handle_request(request)
        match = isinstance(found, Match)
        name = found.operation.id if isinstance(found, Match) else f"{request.method} {path}"
        names = dict(found.values) if isinstance(found, Match) and match else {}
        self.seen.append(Seen(name, names, request, response))
        return response

    def close(self) -> None:
        self.inner.close()

    def people(self) -> None:
        """Fill the account."""
        for path, form in THINGS:
            assert self.ask("POST", path, form).status_code == 200, path

    def shown(self) -> dict[str, Any]:
        """What the account holds, as its own lists show it."""
        return {path: self.ask("GET", path).text for path in SHOWN}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        """A call of the people, past the record."""
        basic = base64.b64encode(f"api:{emulator.KEY}".encode()).decode()
        headers = {"authorization": f"Basic {basic}"}
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        content = urlencode(form or {}).encode()
        url = f"{emulator.BASE_URL}{path}"
        return self.inner.handle_request(
            httpx.Request(method, url, headers=headers, content=content)
        )


def session(server: httpx.BaseTransport, **changes: Any) -> Session:
    """A run on the server, as on the real API; its ledger is in memory."""
    return Session.open(evolve(rehearsing({}), **changes), server, None)


def trespasses(record: list[Seen], prefix: str, never: set[str]) -> list[str]:
    """One line for each request that should not have been sent."""
    found = []
    routes: set[str] = set()
    for each in record:
        if each.operation in never or " " in each.operation:
            found.append(f"{each.operation}: forbidden")
        elif each.operation in SENDING:
            found += _mail(each)
        elif each.request.method != "GET" and each.operation not in READING:
            found += _foreign(each, prefix, routes)
        if each.operation == "create_route" and each.response.status_code == 200:
            routes.add(json.loads(each.response.content)["route"]["id"])
    return found


def _foreign(each: Seen, prefix: str, routes: set[str]) -> list[str]:
    text = each.request.content.decode("latin-1") + str(each.request.url)
    others = [value for value in each.names.values() if value != DOMAIN]
    if not others and prefix not in text:
        return [f"{each.operation}: nothing of the run in it"]
    containers = [value for value in others if prefix in value or value in routes]
    if others and not containers:
        return [f"{each.operation}: {others} are not of the run"]
    return []


def _mail(each: Seen) -> list[str]:
    text = each.request.content.decode("latin-1")
    if 'name="o:testmode"\r\n\r\nyes\r\n' not in text:
        return [f"{each.operation}: not in test mode"]
    for name in ("to", "cc", "bcc"):
        marker = f'name="{name}"\r\n\r\n'
        for part in text.split(marker)[1:]:
            if part.partition("\r\n")[0] != RECIPIENT:
                return [f"{each.operation}: to {part[:40]!r}"]
    return []
