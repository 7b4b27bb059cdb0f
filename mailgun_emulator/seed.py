"""Seeds: data that is there from the start, written as YAML or JSON.

A seed is applied through the API itself, so it may say whatever the API takes, and what the API
refuses is an error that names the entry. All parts are optional::

    time: 2025-01-24T12:00:00Z        # stops the clock there
    signing_key: key-for-webhooks
    sending:                          # what the account may send
      activated: yes
      free: no
      authorized: [ann@example.org]   # whom free accounts and sandbox domains may write to
      sending_ips: [192.0.2.9]        # what o:sending-ip may say; any address without it
      young: {news.example.com: 10}   # recipients of one call, for domains not warmed up yet
      limits: [{what: recipients, most: 1000, seconds: 60}]  # or requests, bytes; by domain
    domains:
      - mg.example.com                # active, with nothing in it
      - name: news.example.com
        settings: {web_scheme: https} # the form of `POST /v4/domains`
        tracking: {open: {active: yes}}
        credentials: [{login: bob, password: secret-password}]
        bounces: [gone@example.org, {address: full@example.org, code: "552"}]
        complaints: [...]
        unsubscribes: [{address: ann@example.org, tag: news}]
        allowlist: [{domain: example.net}]
        templates: [{name: welcome, template: "<p>Hi {{name}}</p>", tag: v1}]
        webhooks: {delivered: [http://localhost:9000/hook]}
        messages: [{from: a@news.example.com, to: b@example.org, subject: Hi, text: Hello}]
    lists:
      - {address: all@news.example.com, members: [ann@example.org, {address: bob@example.org}]}
    routes: [{expression: catch_all(), action: stop()}]
    rules: [{recipient: "*@slow.test", outcome: temporary, attempts: 2}] # as `POST rules` has them
    webhooks: [{url: "http://localhost:9000/all", event_types: [opened]}]
    requests: [{method: POST, path: /v3/routes, form: {...}}]   # or query, json
    accounts:
      - {key: second-key, domains: [...]}   # all but time, for another account

The parts of a domain or an account are applied in this order, messages last: they are sent at that
moment, so webhooks hear of them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import yaml
from attrs import field, frozen

from mailgun_emulator import rules
from mailgun_emulator.areas.account.signing import SigningKeyStore
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages import seeding as sending
from mailgun_emulator.call import Request
from mailgun_emulator.errors import EmulatorError
from mailgun_emulator.reply import Reply
from mailgun_emulator.router import Match, Router
from mailgun_emulator.state import Account, State


class SeedError(EmulatorError):
    """A seed that cannot be read, or an entry of it that the API refuses."""


class App(Protocol):
    """What a seeder needs of the app."""

    @property
    def state(self) -> State: ...

    @property
    def router(self) -> Router: ...

    async def answer(self, request: Request, found: Match) -> Reply: ...


@frozen
class Seed:
    """A seed as it was written."""

    parts: Mapping[str, Any] = field(repr=False)


# Parts whose entries are one call each: the path, and the field that a bare text stands for.
_OF_DOMAIN = {
    "credentials": ("/v3/domains/{domain}/credentials", "login"),
    "bounces": ("/v3/{domain}/bounces", "address"),
    "complaints": ("/v3/{domain}/complaints", "address"),
    "unsubscribes": ("/v3/{domain}/unsubscribes", "address"),
    "allowlist": ("/v3/{domain}/whitelists", "address"),
    "templates": ("/v3/{domain}/templates", "name"),
}
_DOMAIN_PARTS = {"name", "settings", "tracking", "webhooks", "messages", *_OF_DOMAIN}
_ACCOUNT_PARTS = {"signing_key", "sending", "domains", "lists", "routes", "rules", "webhooks"}
_ACCOUNT_PARTS |= {"requests"}
_REQUEST_PARTS = {"method", "path", "query", "form", "json"}


def parse(text: bytes | str) -> Seed:
    """Read a seed. Raises SeedError."""
    try:
        parts = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SeedError(f"the seed is not YAML: {error}") from None
    return Seed(_object("the seed", {} if parts is None else parts))


@frozen
class Seeder:
    """Puts seeds into an account of an app."""

    app: App
    account: Account

    async def apply(self, seed: Seed) -> None:
        """Do everything that a seed says; what was done before an error stays. Raises SeedError."""
        parts = dict(seed.parts)
        if "time" in parts:
            self.app.state.clock.freeze(_time(parts.pop("time")))
        others = _list("accounts", parts.pop("accounts", []))
        await self._account("", parts)
        for number, other in enumerate(others):
            where = f"accounts[{number}]"
            found = self.app.state.account_of(str(_object(where, other).get("key")))
            if found is None:
                raise SeedError(f"{where}: no account has this key")
            rest = {name: part for name, part in other.items() if name != "key"}
            await Seeder(self.app, found[0])._account(f"{where}.", rest)

    async def domain(self, name: str, settings: Mapping[str, Any] | None = None) -> None:
        """An active domain, made unless the account has it. Raises SeedError."""
        if not self.account.owns(name):
            form = {**(settings or {}), "name": name}
            await self._call(f"domain {name}", "POST", "/v4/domains", form=form)
        self.app.state.store(self.account, DomainStore).activate(name)

    async def _account(self, where: str, parts: Mapping[str, Any]) -> None:
        _known(where, parts, _ACCOUNT_PARTS)
        self._settings(where, parts)
        for at, entry in _entries(f"{where}domains", parts, "name"):
            await self._domain(at, entry)
        for at, entry in _entries(f"{where}lists", parts, "address"):
            await self._mailing_list(at, entry)
        for at, entry in _entries(f"{where}routes", parts, "expression"):
            await self._call(at, "POST", "/v3/routes", form=entry)
        for at, entry in _entries(f"{where}rules", parts, "outcome"):
            self._rule(at, entry)
        for at, entry in _entries(f"{where}webhooks", parts, "url"):
            await self._call(at, "POST", "/v1/webhooks", form=entry)
        for at, entry in _entries(f"{where}domains", parts, "name"):
            path = f"/v3/{_segment(str(entry.get('name')))}/messages"
            for place, message in _entries(f"{at}.messages", entry, "to"):
                await self._call(place, "POST", path, form=message)
        for at, entry in _entries(f"{where}requests", parts, "path"):
            _known(f"{at}.", entry, _REQUEST_PARTS)
            rest = {name: entry[name] for name in ("query", "form", "json") if name in entry}
            await self._call(at, str(entry.get("method", "GET")), str(entry.get("path")), **rest)

    def _settings(self, where: str, parts: Mapping[str, Any]) -> None:
        """What no call of the API sets."""
        if "signing_key" in parts:
            store = self.app.state.store(self.account, SigningKeyStore)
            store.key = str(parts["signing_key"])
        asked = _object(f"{where}sending", parts.get("sending", {}))
        try:
            sending.apply(self.app.state, self.account, asked)
        except ValueError as error:
            raise SeedError(f"{where}sending.{error}") from None

    def _rule(self, where: str, parts: Mapping[str, Any]) -> None:
        try:
            self.app.state.rules.add(rules.read(parts, self.account.id))
        except rules.RuleError as error:
            raise SeedError(f"{where}: {error}") from None

    async def _domain(self, where: str, parts: Mapping[str, Any]) -> None:
        _known(f"{where}.", parts, _DOMAIN_PARTS)
        name = str(parts.get("name", ""))
        await self.domain(name, _object(f"{where}.settings", parts.get("settings", {})))
        segment = _segment(name)
        for kind, form in _object(f"{where}.tracking", parts.get("tracking", {})).items():
            path = f"/v3/domains/{segment}/tracking/{_segment(str(kind))}"
            await self._call(f"{where}.tracking.{kind}", "PUT", path, form=form)
        for part, (path, short) in _OF_DOMAIN.items():
            for at, entry in _entries(f"{where}.{part}", parts, short):
                await self._call(at, "POST", path.format(domain=segment), form=entry)
        for kind, urls in _object(f"{where}.webhooks", parts.get("webhooks", {})).items():
            await self._call(
                f"{where}.webhooks.{kind}",
                "POST",
                f"/v3/domains/{segment}/webhooks",
                form={"id": kind, "url": urls},
            )

    async def _mailing_list(self, where: str, parts: Mapping[str, Any]) -> None:
        form = {name: part for name, part in parts.items() if name != "members"}
        await self._call(where, "POST", "/v3/lists", form=form)
        path = f"/v3/lists/{_segment(str(parts.get('address')))}/members"
        for at, member in _entries(f"{where}.members", parts, "address"):
            await self._call(at, "POST", path, form=member)

    async def _call(
        self,
        where: str,
        method: str,
        path: str,
        *,
        query: Any = None,
        form: Any = None,
        json: Any = None,
    ) -> None:
        """One call of the API as the account. Raises SeedError when it is refused."""
        state = self.app.state
        key = next((key for key in state.keys(self.account) if key.role == "admin"), None)
        if key is None:
            raise SeedError(f"{where}: the account has no key that may do this")
        token = base64.b64encode(f"api:{key.secret}".encode()).decode()
        headers = {"authorization": f"Basic {token}", "host": state.base_url.partition("//")[2]}
        body = b""
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = _encoded(where, form)
        elif json is not None:
            headers["content-type"] = "application/json"
            body = _json(json).encode()
        text = _encoded(where, query).decode() if query else ""
        request = Request(method.upper(), path, text, headers, body)
        found = self.app.router.find(request.method, path)
        if not isinstance(found, Match):
            raise SeedError(f"{where}: there is no {request.method} {path}")
        reply = await self.app.answer(request, found)
        if reply.status >= 300:
            raise SeedError(f"{where}: {reply.status} {reply.body!r}")


def _segment(name: str) -> str:
    return quote(name, safe="@")


def _encoded(where: str, form: Any) -> bytes:
    """A form: lists repeat their field, other structures are JSON."""
    pairs = [
        (name, _text(one))
        for name, value in _object(where, form).items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    return urlencode(pairs).encode()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _json(value) if isinstance(value, dict | list) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, default=str)


def _time(value: Any) -> datetime:
    """YAML reads dates by itself; one without a zone is in UTC."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            value = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
    except (ValueError, OverflowError, OSError):
        pass
    if not isinstance(value, datetime):
        raise SeedError(f"time: {value!r} is no time")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _entries(
    where: str, parts: Mapping[str, Any], short: str
) -> list[tuple[str, Mapping[str, Any]]]:
    """The entries of a list with where they stand; a bare text stands for the field `short`."""
    name = where.rpartition(".")[2]
    found = []
    for number, entry in enumerate(_list(where, parts.get(name, []))):
        at = f"{where}[{number}]"
        found.append((at, {short: entry} if isinstance(entry, str) else _object(at, entry)))
    return found


def _object(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise SeedError(f"{where}: not an object with names")
    return value


def _list(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise SeedError(f"{where}: not a list")
    return value


def _known(where: str, parts: Mapping[str, Any], names: set[str]) -> None:
    if unknown := next((name for name in parts if name not in names), None):
        raise SeedError(f"{where}{unknown}: there is no such part")
