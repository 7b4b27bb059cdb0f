"""From the body and headers of a request to a checked, typed post."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from inspect import isawaitable
from typing import Any, cast

from attrs import field, frozen

from .errors import Expired, InvalidSignature, Malformed, Replayed
from .forms import Form, Upload, read_form
from .posts import Post, alert_post, event_post, form_post
from .signatures import Keys, Signature, key_bytes, verify_alert
from .tokens import MemoryTokens, TokenCache

Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""Headers of a request in any case: a mapping, or pairs as ASGI has them."""

TOLERANCE = 300.0
"""How many seconds old a post may be: each attempt is signed anew, so it is always fresh."""

ALERT_TOLERANCE = 9 * 3600.0
"""The same for alerts, of which it is not known whether an attempt of the eight hours in which they
are tried again has a signature of its own."""


@frozen
class _Checked:
    """A post that is rightly signed, and what tells it from all others."""

    post: Post
    moment: float | None
    token: str | None
    tolerance: float | None


def _optional_keys(keys: Keys | None) -> tuple[bytes, ...]:
    return () if keys is None else key_bytes(keys)


@frozen(kw_only=True)
class Receiver:
    """Takes posts: checks that they come from the API, now and for the first time.

        receiver = Receiver(signing_key=KEY)
        post = receiver.parse(request.body, request.headers)

    One receiver serves any number of threads; it has to live as long as the process, since it is
    what knows which posts came before.

    Args:
        signing_key: the HTTP webhook signing key of the account, or several while one takes the
            place of another. With those of the parent account, posts of subaccounts are taken by
            their `parent-signature`.
        alerts_key: the signing key of the alerts, which is another one, or several.
        tolerance: how many seconds a post may be old, or ahead of the clock; None for any age.
        alert_tolerance: the same for alerts.
        seen: remembers which posts came; None to take a post any number of times.
        clock: gives the seconds since 1970.

    Raises:
        ValueError: no key at all, an empty one, or a tolerance that is not positive.
    """

    signing_key: tuple[bytes, ...] = field(default=None, converter=_optional_keys, repr=False)
    alerts_key: tuple[bytes, ...] = field(default=None, converter=_optional_keys, repr=False)
    tolerance: float | None = TOLERANCE
    alert_tolerance: float | None = ALERT_TOLERANCE
    seen: TokenCache | None = field(factory=MemoryTokens, repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.signing_key and not self.alerts_key:
            raise ValueError("give a signing_key, an alerts_key or both")
        for tolerance in (self.tolerance, self.alert_tolerance):
            if tolerance is not None and not tolerance > 0:
                raise ValueError("tolerance: expected a positive number of seconds, or None")

    def parse(self, body: bytes | str, headers: Headers) -> Post:
        """The post that a request is: an event (JSON or the older form), an alert, or mail.

        Args:
            body: the body of the request as it came.
            headers: `Content-Type`, for alerts also `X-Sign`; others do not matter.

        Raises:
            Malformed, InvalidSignature, Expired, Replayed: see `mailgun_client.webhooks.errors`.
            TypeError: the cache of tokens is asynchronous.
        """
        return self._once(self._checked(_bytes(body), _named(headers)))

    async def aparse(self, body: bytes | str, headers: Headers) -> Post:
        """As `parse`; the cache of tokens may be an asynchronous one."""
        return await self._aonce(self._checked(_bytes(body), _named(headers)))

    def parse_form(self, fields: Iterable[tuple[str, str]], files: Iterable[Upload] = ()) -> Post:
        """As `parse`, for a form that a web framework has taken apart: mail or an older event."""
        return self._once(self._form(Form(tuple(fields), tuple(files))))

    async def aparse_form(
        self, fields: Iterable[tuple[str, str]], files: Iterable[Upload] = ()
    ) -> Post:
        """As `parse_form`; the cache of tokens may be an asynchronous one."""
        return await self._aonce(self._form(Form(tuple(fields), tuple(files))))

    def _checked(self, body: bytes, headers: Mapping[str, str]) -> _Checked:
        if "x-sign" in headers:
            return self._alert(body, headers["x-sign"])
        kind = headers.get("content-type", "")
        if not _is_json(kind):
            return self._form(read_form(body, kind))
        document = _object(body)
        candidates = [Signature.read(document.get("signature"))]
        if document.get("parent-signature") is not None:
            candidates.append(Signature.read(document["parent-signature"]))
        signature = self._right(candidates)
        return self._signed(event_post(document, signature), signature)

    def _form(self, form: Form) -> _Checked:
        signature = self._right(_candidates(form))
        return self._signed(form_post(form, signature), signature)

    def _alert(self, body: bytes, x_sign: str) -> _Checked:
        keys = [key.decode() for key in self.alerts_key]
        if not keys or not verify_alert(body, x_sign, signing_key=keys):
            raise InvalidSignature("X-Sign does not belong to the body and the key of the alerts")
        post = alert_post(_object(body))
        return _Checked(post, post.timestamp, post.token, self.alert_tolerance)

    def _right(self, candidates: Iterable[Signature]) -> Signature:
        found = [candidate for candidate in candidates if candidate.fits(self.signing_key)]
        if not found:
            raise InvalidSignature("the signature does not belong to the token and the signing key")
        return found[0]

    def _signed(self, post: Post, signature: Signature) -> _Checked:
        return _Checked(post, float(signature.timestamp), signature.token, self.tolerance)

    def _once(self, checked: _Checked) -> Post:
        fresh = self._note(checked)
        if isawaitable(fresh):
            if isinstance(fresh, Coroutine):
                fresh.close()
            raise TypeError("the cache of tokens is asynchronous: use aparse or aparse_form")
        return _unless_replayed(checked, bool(fresh))

    async def _aonce(self, checked: _Checked) -> Post:
        fresh = self._note(checked)
        return _unless_replayed(checked, await fresh if isawaitable(fresh) else bool(fresh))

    def _note(self, checked: _Checked) -> bool | Awaitable[bool]:
        """Whether it is new. Raises Expired."""
        lasts = float("inf")
        if checked.moment is not None and checked.tolerance is not None:
            age = self.clock() - checked.moment
            if not abs(age) <= checked.tolerance:
                raise Expired(age, checked.tolerance)
            lasts = checked.tolerance - age
        if self.seen is None or checked.token is None:
            return True
        # A digest: tokens of alerts are of no known length, and what is kept proves nothing.
        return self.seen.add(hashlib.sha256(checked.token.encode()).hexdigest(), lasts)


def parse(
    body: bytes | str,
    headers: Headers,
    *,
    signing_key: Keys | None = None,
    alerts_key: Keys | None = None,
    tolerance: float | None = TOLERANCE,
    alert_tolerance: float | None = ALERT_TOLERANCE,
    seen: TokenCache | None = None,
    clock: Callable[[], float] = time.time,
) -> Post:
    """One post, checked as by a Receiver, but for replays unless `seen` is given.

    Args and errors are those of `Receiver` and `Receiver.parse`.
    """
    receiver = Receiver(
        signing_key=signing_key,
        alerts_key=alerts_key,
        tolerance=tolerance,
        alert_tolerance=alert_tolerance,
        seen=seen,
        clock=clock,
    )
    return receiver.parse(body, headers)


def read_unverified(body: bytes | str, headers: Headers) -> Post:
    """What a request says, whoever sent it: for a queue whose producer has checked it.

    Raises Malformed.
    """
    content, named = _bytes(body), _named(headers)
    if "x-sign" in named:
        return alert_post(_object(content))
    kind = named.get("content-type", "")
    if _is_json(kind):
        document = _object(content)
        if "event_data" in document:
            return alert_post(document)
        return event_post(document, Signature.read(document.get("signature")))
    form = read_form(content, kind)
    return form_post(form, _candidates(form)[-1])


def _candidates(form: Form) -> list[Signature]:
    """The signatures that a form may have: a header of the mail could be called `token` too."""
    names = ("timestamp", "token", "signature")
    values = [form.all(name) for name in names]
    if not all(values):
        raise Malformed("the form has no signature")
    # In this order, since what the API has to say comes last.
    ends = dict.fromkeys(tuple(found[place] for found in values) for place in (0, -1))
    found: list[Signature] = []
    for given in ends:
        try:
            found.append(Signature.read(dict(zip(names, given, strict=True))))
        except Malformed:
            if len(ends) == 1:
                raise
    if not found:
        raise Malformed("the form has no signature")
    return found


def _unless_replayed(checked: _Checked, fresh: bool) -> Post:
    if not fresh:
        raise Replayed("a post with this token was taken before")
    return checked.post


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON") from None
    if not isinstance(document, dict):
        raise Malformed("the body is no JSON object")
    return document


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _bytes(body: bytes | str) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if not isinstance(body, bytes | bytearray | memoryview):
        # A framework may have read it already; what is signed or in a form is not seen any more.
        raise TypeError(f"body: expected the bytes as they came, found {type(body).__name__}")
    return bytes(body)


def _named(headers: Headers) -> dict[str, str]:
    pairs = cast("Mapping[str, str]", headers).items() if isinstance(headers, Mapping) else headers
    found: dict[str, str] = {}
    for name, value in pairs:
        key = _latin(name).lower()
        if key == "x-sign" and key in found:
            raise Malformed("the header X-Sign came twice")
        found[key] = _latin(value)
    return found


def _latin(text: str | bytes) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else text
