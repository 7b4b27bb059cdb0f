"""Property 5: the same valid call with keys that may not make it, and with keys that may.

With the right key it has to get through in the end, or the refusals prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from attrs import frozen

from tests.contract import cases, checks
from tests.contract.breaches import (
    AuthIgnored,
    Breach,
    KeyRefused,
    NeverSucceeded,
    StateChanged,
)
from tests.contract.checks import Exchange
from tests.contract.evidence import evidence
from tests.contract.ledger import Entry
from tests.contract.scene import Scene, with_key
from tests.contract.truth import Operation
from tests.contract.values import Values
from tests.contract.world import Produced, UnreachableError

_REFUSED = frozenset({401, 403})
_HIDDEN = _REFUSED | {404}
_SENDING = frozenset({"send_message", "send_mime_message"})
_LIFE = 60  # seconds


@frozen
class _Key:
    """A key to try, and what it may meet."""

    name: str
    secret: str | None
    refusals: frozenset[int] = _REFUSED
    allowed: bool = False


def check(scene: Scene, operation: Operation, entry: Entry, produced: Produced) -> None:
    """`produced` is a success of the operation on a state that need not be there any more."""
    try:
        request = _again(scene, operation, produced)
        keys = list(_keys(scene, operation))
    except UnreachableError as error:
        scene.judge(entry, [NeverSucceeded(str(error), error.evidence)])
        return
    case = scene.draws.blank(operation, produced.values)
    before = scene.digest(operation)
    for key in keys:
        exchange = scene.send(with_key(request, key.secret))
        scene.count_raw(entry, exchange, "auth")
        # Where answers are made up, nobody knows who owns what.
        if key.name == "foreign" and scene.target.makes_up(exchange.response):
            continue
        scene.judge(entry, [*checks.conformance(case, exchange), *_verdict(key, exchange)])
    if scene.digest(operation) != before:
        scene.judge(entry, [StateChanged("calls without the right key left a trace")])
    control = scene.send(request)
    if control.status not in operation.successes:
        what = f"the right key does not get through either: status {control.status}"
        scene.judge(entry, [NeverSucceeded(what, evidence(request))])
    _expired(scene, entry, request)


def _expired(scene: Scene, entry: Entry, request: httpx.Request) -> None:
    """A key whose time is over; last, since time does not only pass for keys."""
    secret = scene.target.expired_key
    if not secret and not (scene.target.travels and scene.target.makes_keys):
        return
    if not secret:
        scene.start()
        secret = make_key(scene, "admin", expiration=_LIFE)
        scene.target.advance(_LIFE + 1)
    exchange = scene.send(with_key(request, secret))
    if scene.target.travels:
        scene.target.rewind()
    scene.count_raw(entry, exchange, "auth")
    scene.judge(entry, _verdict(_Key("expired", secret), exchange))


def _keys(scene: Scene, operation: Operation) -> Iterator[_Key]:
    target = scene.target
    yield _Key("missing", None)
    yield _Key("wrong", target.wrong_key)
    if target.foreign_key and (operation.domain_parameters or _owned(scene, operation)):
        yield _Key("foreign", target.foreign_key, _HIDDEN)
    if operation.id not in _SENDING and (target.sending_key or target.makes_keys):
        yield _Key("sending", target.sending_key or make_key(scene, "sending"))
    for role, access in scene.truth.roles(operation).items():
        allowed = access == "write" or (access == "read" and not operation.writes)
        given = role in target.role_keys or target.makes_keys
        # What a role may write is not tried: it would leave a trace, and reading tells enough.
        if given and (not allowed or not operation.writes):
            secret = target.role_keys.get(role) or make_key(scene, role)
            yield _Key(role, secret, allowed=allowed)


def _owned(scene: Scene, operation: Operation) -> bool:
    """Whether the call names, outside of its body, a resource that its account has made."""
    link = scene.truth.links.get(operation.id)
    return link is not None and any(
        isinstance(taken, str) and "$response" in taken
        for taken in link.raw.get("parameters", {}).values()
    )


def make_key(scene: Scene, role: str, **more: object) -> str:
    """The secret of a new key of the target's account that may do less than its own."""
    kind = {"kind": "domain", "domain_name": scene.target.domain} if role == "sending" else {}
    body = {"role": role, "description": "contract"} | kind | more
    creating = scene.truth.operations["create_api_key"]
    media_type = next(iter(creating.raw["requestBody"]["content"]))
    exchange = scene.caller.call(creating, Values(body=body, media_type=media_type))
    if exchange.status not in creating.successes:
        raise UnreachableError(f"create_api_key: no key of role {role}: {exchange.status}")
    return str(exchange.response.json()["key"]["secret"])


def _verdict(key: _Key, exchange: Exchange) -> Iterator[Breach]:
    refused = exchange.status in key.refusals
    what = f"{key.name} key: status {exchange.status}"
    if key.allowed and refused:
        yield KeyRefused(what, evidence(exchange.request))
    if not key.allowed and not refused:
        yield AuthIgnored(what, evidence(exchange.request))


def _again(scene: Scene, operation: Operation, produced: Produced) -> httpx.Request:
    """The request of `produced` on a state as new: its own resources may be gone by now."""
    scene.start()
    case = scene.draws.blank(operation, produced.values)
    cases.substitute(case, *scene.world.known(operation))
    return scene.caller.request(operation, cases.values(scene.truth, operation, case))
