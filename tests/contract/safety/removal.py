"""Removing what a run made: at its end, or later from its ledger."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import httpx
from attrs import define, field

from tests.contract.safety.belongings import Belonging, Belongings, Identity
from tests.contract.safety.errors import SafetyError
from tests.contract.safety.policy import Find, Kind, Names, Policy, place
from tests.contract.truth import Truth

_PAGES: Final = 50
_PAGE: Final = 100


@define
class Removal:
    """Removes through `transport`, which is the guard itself or goes through it."""

    truth: Truth = field(repr=False)
    policy: Policy = field(repr=False)
    base_url: str
    key: str = field(repr=False)
    transport: httpx.BaseTransport = field(repr=False)
    belongings: Belongings
    names: Names

    def run(self, say: Callable[[str], None] = lambda _line: None) -> list[Belonging]:
        """Remove all that may be left, the youngest first; what could not be removed is given."""
        for row in self.belongings.left():
            try:
                self._remove(row)
            except (SafetyError, httpx.HTTPError) as error:
                say(f"{row.kind} {row.mark}: {error}")
        return self.belongings.left()

    def _remove(self, row: Belonging) -> None:
        kind = self.policy.kinds[row.kind]
        told = any(place(text)[0] == "answer" for text in kind.identity)
        if not self.names.made(kind.mark[1], row.mark) or (
            not told and row.mark not in (row.identity or ())
        ):
            raise SafetyError("it does not carry the prefix of its run")
        identity = row.identity or self._look_up(kind, row)
        if identity is None:
            # No list shows it, so the call that was to make it never got through.
            self.belongings.refused(row.kind, row.mark)
            return
        # The guard takes only what was made; the mark shows that the run asked for this one.
        self.belongings.made(row.kind, row.mark, identity)
        response = self._call(kind.remove, identity)
        if response.status_code >= 300 and response.status_code != 404:
            raise SafetyError(f"{kind.remove} answers {response.status_code}")

    def _look_up(self, kind: Kind, row: Belonging) -> Identity | None:
        """The identity under which a list shows the mark; raises SafetyError without the list."""
        if kind.find is None:
            raise SafetyError("its identity is not known")
        for page in range(_PAGES):
            items = self._items(kind.find, page * _PAGE)
            for item in items:
                if item.get(kind.find.mark) == row.mark:
                    return tuple(str(item[name]) for name in kind.find.identity)
            if len(items) < _PAGE:
                return None
        raise SafetyError(f"too many entries in {kind.find.operation}")

    def _items(self, find: Find, skip: int) -> list[dict[str, Any]]:
        path = self.truth.operations[find.operation].path
        response = self._send("GET", f"{path}?skip={skip}&limit={_PAGE}")
        if response.status_code != 200:
            raise SafetyError(f"{find.operation} answers {response.status_code}")
        found: list[dict[str, Any]] = response.json()[find.items]
        return found

    def _call(self, name: str, identity: Identity) -> httpx.Response:
        operation = self.truth.operations[name]
        path, query = operation.path, httpx.QueryParams()
        for text, value in zip(self.policy.rule(name).by, identity, strict=True):
            where, parameter = place(text)
            if where == "query":
                query = query.add(parameter, value)
            path = path.replace(f"{{{parameter}}}", quote(value, safe=""))
        return self._send(operation.method, f"{path}?{query}" if query else path)

    def _send(self, method: str, path: str) -> httpx.Response:
        basic = base64.b64encode(f"api:{self.key}".encode()).decode()
        url = f"{self.base_url.rstrip('/')}{path}"
        request = httpx.Request(method, url, headers={"authorization": f"Basic {basic}"})
        response = self.transport.handle_request(request)
        response.read()
        return response
