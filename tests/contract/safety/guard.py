"""SafeTransport: the last thing before the network, which sends only what the policy allows.

It trusts nothing above it: neither the suite nor the client, nor what a case claims to be. It reads
each request back from its bytes, by the truth, and refuses in case of doubt.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import httpx
from attrs import define, field, frozen

from tests.contract.safety import reading
from tests.contract.safety.belongings import Belongings, Identity
from tests.contract.safety.errors import WithheldError
from tests.contract.safety.policy import Kind, Names, Policy, Rule, place
from tests.contract.safety.reading import Fields, Found, Router, folded
from tests.contract.truth import Operation, Truth

# No header acts on another account or overrides the method.
_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
_RECIPIENTS: Final = ("to", "cc", "bcc")
_YES: Final = frozenset({"yes", "true"})


@frozen
class _Request:
    """A request that was read back."""

    found: Found
    rule: Rule
    query: Fields
    records: list[Fields]

    @property
    def operation(self) -> Operation:
        return self.found.operation

    def values(self, text: str, record: Fields) -> list[Any]:
        """What stands at a place."""
        where, name = place(text)
        if where == "path":
            return [self.found.path[name]]
        return (self.query if where == "query" else record).get(folded(name), [])


@define
class SafeTransport(httpx.BaseTransport):
    """Sends through `inner` what the policy allows; raises WithheldError for everything else.

    `recipients` are addresses that test messages may go to.
    """

    inner: httpx.BaseTransport
    truth: Truth = field(repr=False)
    policy: Policy = field(repr=False)
    base_url: httpx.URL = field(converter=httpx.URL)
    names: Names
    recipients: frozenset[str] = field(repr=False)
    belongings: Belongings = field(repr=False)
    # How often each reason kept a request back.
    withheld: Counter[str] = field(factory=Counter, repr=False)
    _router: Router = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._router = Router.of(self.truth.operations)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        try:
            call = self._admit(request)
        except WithheldError as error:
            self.withheld[str(error)] += 1
            raise
        marks = self._announce(call) if call.rule.makes else {}
        response = self.inner.handle_request(request)
        response.read()
        self._keep(call, marks, response)
        return response

    def close(self) -> None:
        self.inner.close()

    def _admit(self, request: httpx.Request) -> _Request:
        """The request, read back; raises WithheldError unless it may go."""
        self._address(request)
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        path = path.removeprefix(self.base_url.raw_path.decode("ascii").rstrip("/"))
        found = self._router.plain(request.method, path)
        if found is None:
            raise WithheldError(f"{request.method} {path:.200}: no operation of the truth")
        rule = self.policy.rule(found.operation.id)
        if rule.verdict == "never":
            raise WithheldError(f"{found.operation.id}: never: {rule.reason}")
        self._ambiguous(request.method, path, found)
        if rule.verdict == "allowed":
            if request.content and "requestBody" not in found.operation.raw:
                raise WithheldError(f"{found.operation.id}: a body where none is declared")
            return _Request(found, rule, {}, [])
        call = _Request(
            found, rule, reading.query(request), reading.records(found.operation, request)
        )
        self._own(call)
        return call

    def _address(self, request: httpx.Request) -> None:
        """The configured server, and headers that mean nothing beyond the call itself."""
        url, base = request.url, self.base_url
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port) or url.userinfo:
            raise WithheldError(f"to {url.host}, not to {base.host}")
        if request.headers.get("host", "").partition(":")[0].lower() not in ("", base.host):
            raise WithheldError("a Host header for another server")
        if odd := sorted({name.lower() for name in request.headers} - _HEADERS):
            raise WithheldError(f"the header {odd[0]}, which could change what the call does")

    def _ambiguous(self, method: str, path: str, found: Found) -> None:
        """No gateway may take the path for another operation, or for another resource."""
        reads = self.policy.rule(found.operation.id).verdict == "allowed"
        for other in self._router.sloppy(method, path):
            if self.policy.rule(other.operation.id).verdict == "allowed" and reads:
                continue
            if other != found:
                raise WithheldError(f"{found.operation.id}: could be read as {other.operation.id}")

    def _own(self, call: _Request) -> None:
        operation, rule = call.operation, call.rule
        if undeclared := call.query.keys() - set(map(folded, operation.parameters("query"))):
            raise WithheldError(f"{operation.id}: the undeclared parameter {min(undeclared)}")
        self._fields(call)
        domains = [call.found.path[name] for name in sorted(operation.domain_parameters)]
        inside = bool(domains) and all(self.belongings.owns("domain", (each,)) for each in domains)
        if domains and not inside and domains != [self.names.domain] and rule.of != "domain":
            raise WithheldError(f"{operation.id}: another domain than the one of the run")
        if rule.sends:
            self._mail(call)
        elif not inside:
            self._belongs(call)

    def _fields(self, call: _Request) -> None:
        """Fields that a rule fixes or rules out; a maker has to carry the fixed ones."""
        rule, name = call.rule, call.operation.id
        for record in [*call.records, call.query]:
            if bad := sorted(record.keys() & set(map(folded, rule.without))):
                raise WithheldError(f"{name}: the field {bad[0]}, which reaches too far")
            for fixed, wanted in rule.fix.items():
                values = record.get(folded(fixed), [])
                missing = not values and rule.makes and record is not call.query
                if missing or not all(self._is(wanted, value) for value in values):
                    raise WithheldError(f"{name}: the field {fixed} is not what the policy fixes")

    def _is(self, wanted: str | bool, value: Any) -> bool:
        if isinstance(wanted, bool):
            return value is wanted or value == str(wanted).lower()
        return isinstance(value, str) and self.names.made(wanted, value)

    def _belongs(self, call: _Request) -> None:
        operation, rule = call.operation, call.rule
        if rule.makes:
            kind = self.policy.kinds[rule.makes]
            if self.names.sandbox and not kind.sandbox:
                raise WithheldError(f"{operation.id}: a sandbox has no subdomains")
            if not call.records:
                raise WithheldError(f"{operation.id}: nothing that carries the prefix of the run")
            for record in call.records:
                self._mark(operation.id, kind, record)
            return
        for record in call.records or [{}]:
            values = [call.values(text, record) for text in rule.by]
            if any(len(each) != 1 or not isinstance(each[0], str) for each in values) or (
                not self.belongings.owns(rule.of, tuple(each[0] for each in values))
            ):
                raise WithheldError(f"{operation.id}: a {rule.of} that the run did not make")

    def _mark(self, operation: str, kind: Kind, record: Fields) -> str:
        values = record.get(folded(kind.marked), [])
        if len(values) != 1 or not self._is(kind.mark[1], values[0]):
            raise WithheldError(f"{operation}: no {kind.marked} with the prefix of the run")
        return str(values[0])

    def _mail(self, call: _Request) -> None:
        name = call.operation.id
        record = call.records[0] if call.records else {}
        modes = record.get("o:testmode", [])
        if not modes or not all(mode in _YES for mode in modes):
            raise WithheldError(f"{name}: not in test mode")
        written = [text for field_ in _RECIPIENTS for text in record.get(field_, [])]
        # An address and nothing else: what a text holds beside it could be read as another one.
        if not written or not self.recipients.issuperset(map(str, written)):
            raise WithheldError(f"{name}: recipients that are not authorised")
        odd = [field_ for field_ in record if field_.startswith("h:x-mailgun")]
        if odd or any("x-mailgun" in str(text).lower() for text in record.get("message", [])):
            raise WithheldError(f"{name}: headers that could override test mode")

    def _announce(self, call: _Request) -> dict[str, Identity | None]:
        """Note what the call is about to make, and under which marks."""
        kind = self.policy.kinds[call.rule.makes]
        found: dict[str, Identity | None] = {}
        for record in call.records:
            values = record.get(folded(kind.marked), [])
            if len(values) != 1 or not self._is(kind.mark[1], values[0]):
                continue  # In a domain of the run, with which it goes.
            identity: Identity | None = None
            if not any(place(text)[0] == "answer" for text in kind.identity):
                identity = tuple(str(call.values(text, record)[0]) for text in kind.identity)
            found[values[0]] = identity
            self.belongings.asked(kind.name, values[0], identity)
        return found

    def _keep(
        self, call: _Request, marks: Mapping[str, Identity | None], response: httpx.Response
    ) -> None:
        """Note what came of it. After a 5xx the resource may be there all the same."""
        rule, status = call.rule, response.status_code
        for mark, identity in marks.items():
            if 400 <= status < 500:
                self.belongings.refused(rule.makes, mark)
            elif status < 300:
                kind = self.policy.kinds[rule.makes]
                known = identity or _told(kind, response)
                if known is not None:
                    self.belongings.made(rule.makes, mark, known)
        removing = rule.of and call.operation.id == self.policy.kinds[rule.of].remove
        if removing and (status < 300 or status == 404):
            record = call.records[0] if call.records else {}
            gone = tuple(str(call.values(text, record)[0]) for text in rule.by)
            self.belongings.gone(rule.of, gone)


def _told(kind: Kind, response: httpx.Response) -> Identity | None:
    """The identity in the answer, if it is there."""
    with contextlib.suppress(ValueError, LookupError, TypeError):
        answer = response.json()
        return tuple(str(_at(answer, place(text)[1])) for text in kind.identity)
    return None


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[part]
    if not isinstance(value, str | int):
        raise LookupError(json.dumps(value)[:60])
    return value
