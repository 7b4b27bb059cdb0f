"""Forged, altered, old and repeated posts are refused."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailgun_client import MailgunError
from mailgun_client.webhooks import (
    ALERT_TOLERANCE,
    TOLERANCE,
    AlertPost,
    EventPost,
    Expired,
    InvalidSignature,
    LegacyEventPost,
    Malformed,
    MemoryTokens,
    Receiver,
    Replayed,
    WebhookError,
    parse,
    read_unverified,
    verify,
    verify_alert,
)

KEY, ALERTS_KEY = "key-1", "alerts-key"
NOW = 1_700_000_000
TOKEN = "0123456789" * 5
JSON = {"content-type": "application/json; charset=utf-8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EVENT = {"event": "opened", "id": "e", "timestamp": NOW + 0.5, "recipient": "ann@example.com"}


def signed(key: str = KEY, stamp: int = NOW, token: str = TOKEN) -> dict[str, str]:
    """A signature, worked out apart from the code under test."""
    proof = hmac.digest(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hex()
    return {"timestamp": str(stamp), "token": token, "signature": proof}


def hook(signature: Any = None, **more: Any) -> bytes:
    body = {"signature": signature or signed(), "event-data": EVENT, **more}
    return json.dumps(body).encode()


def alert(**more: Any) -> tuple[bytes, dict[str, str]]:
    signature = {"timestamp": NOW, "token": TOKEN}
    data = {"event_type": "ip_listed", "ip": "192.0.2.1"}
    body = json.dumps({"signature": signature, "event_data": data, **more}).encode()
    return body, {"X-Sign": hmac.new(ALERTS_KEY.encode(), body, hashlib.sha256).hexdigest()}


def receiver(**settings: Any) -> Receiver:
    keys = {"signing_key": KEY, "alerts_key": ALERTS_KEY}
    return Receiver(**{**keys, "clock": lambda: NOW + 1, **settings})


def verified(signature: dict[str, str]) -> bool:
    try:
        return verify(**signature, signing_key=KEY)
    except Malformed:
        return False


def test_verified() -> None:
    """platform:HOOK-034, HOOK-035."""
    assert verified(signed())
    assert not verified(signed("key-2"))


def test_taken_once() -> None:
    """platform:HOOK-037."""
    taker = receiver()
    assert isinstance(taker.parse(hook(), JSON), EventPost)
    with pytest.raises(Replayed):
        taker.parse(hook(), JSON)
    with pytest.raises(Replayed):
        taker.parse_form([*signed().items(), ("event", "opened")])
    assert taker.parse(hook(signed(token="f" * 50)), JSON)


@given(
    st.sampled_from(["timestamp", "token", "signature"]),
    st.integers(min_value=0),
    st.integers(min_value=1, max_value=255),
)
def test_any_altered_byte_is_refused(name: str, place: int, change: int) -> None:
    signature = signed()
    data = bytearray(signature[name].encode())
    data[place % len(data)] ^= change
    altered = {**signature, name: data.decode("latin-1")}
    for taker in (receiver(), receiver(tolerance=None)):
        with pytest.raises((InvalidSignature, Malformed)):
            taker.parse(hook(altered), JSON)
        with pytest.raises((InvalidSignature, Malformed)):
            taker.parse_form([*altered.items(), ("event", "opened")])
    assert not verified(altered)


@given(st.integers(min_value=1, max_value=9))
def test_digits_can_not_move_between_timestamp_and_token(count: int) -> None:
    """Both would have the same signature, and another token, so they would be taken again."""
    whole = signed()
    text = whole["timestamp"] + whole["token"]
    for cut in (10 - count, 10 + count):
        moved = {**whole, "timestamp": text[:cut], "token": text[cut:]}
        with pytest.raises(Malformed):
            receiver(tolerance=None).parse(hook(moved), JSON)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_altered_byte_of_an_alert_is_refused(place: int, change: int) -> None:
    """platform:OPTA-005: its signature covers the whole body."""
    body, headers = alert()
    altered = bytearray(body)
    altered[place % len(body)] ^= change
    with pytest.raises(InvalidSignature):
        receiver().parse(bytes(altered), headers)
    sign = bytearray(headers["X-Sign"].encode())
    sign[place % len(sign)] ^= change
    with pytest.raises(InvalidSignature):
        receiver().parse(body, {"x-sign": sign.decode("latin-1")})
    assert not verify_alert(bytes(altered), headers["X-Sign"], signing_key=ALERTS_KEY)


def test_alert() -> None:
    """platform:OPTA-005, OPTA-010."""
    body, headers = alert()
    taker = receiver()
    post = taker.parse(body, [(b"x-sign", headers["X-Sign"].encode())])
    assert isinstance(post, AlertPost)
    assert (post.event_type, post.timestamp, post.token) == ("ip_listed", NOW, TOKEN)
    assert post.data["ip"] == "192.0.2.1"
    assert post.document == json.loads(body)
    with pytest.raises(Replayed):
        taker.parse(body, headers)
    with pytest.raises(Expired):
        receiver(clock=lambda: NOW + ALERT_TOLERANCE + 1).parse(body, headers)


def test_alert_without_token() -> None:
    """What is not told can't be checked; the proof is the header."""
    body, headers = alert(signature=None)
    taker = receiver()
    for _ in range(2):
        post = taker.parse(body, headers)
        assert isinstance(post, AlertPost)
        assert (post.timestamp, post.token) == (None, None)


def test_keys_do_not_stand_for_each_other() -> None:
    body, headers = alert()
    with pytest.raises(InvalidSignature):
        Receiver(signing_key=ALERTS_KEY, clock=lambda: NOW).parse(body, headers)
    with pytest.raises(InvalidSignature):
        Receiver(alerts_key=KEY, clock=lambda: NOW).parse(hook(), JSON)
    with pytest.raises(InvalidSignature):
        receiver().parse(hook(), {**JSON, "X-Sign": "0" * 64})


@pytest.mark.parametrize("age", [TOLERANCE + 1, -TOLERANCE - 1, 10 * 365 * 86400])
def test_expired(age: float) -> None:
    with pytest.raises(Expired) as caught:
        receiver(clock=lambda: NOW + age).parse(hook(), JSON)
    assert (caught.value.age, caught.value.tolerance) == (age, TOLERANCE)
    assert pickle.loads(pickle.dumps(caught.value)).age == age
    assert receiver(clock=lambda: NOW + age, tolerance=None).parse(hook(), JSON)
    assert receiver(clock=lambda: NOW + age, tolerance=abs(age)).parse(hook(), JSON)


def test_refused_posts_use_no_token_up() -> None:
    tokens = MemoryTokens()
    for settings in ({"signing_key": "other"}, {"clock": lambda: NOW + 1e6}):
        with pytest.raises(WebhookError):
            receiver(seen=tokens, **settings).parse(hook(), JSON)
    assert len(tokens) == 0
    assert receiver(seen=tokens).parse(hook(), JSON)
    assert len(tokens) == 1


def test_old_and_new_key() -> None:
    """platform:HOOK-036: while a key is replaced, both are right."""
    for key in ("old", "new"):
        assert receiver(signing_key=["new", "old"]).parse(hook(signed(key)), JSON)
    with pytest.raises(InvalidSignature):
        receiver(signing_key=["new"]).parse(hook(signed("old")), JSON)


def test_posts_of_subaccounts() -> None:
    """platform:HOOK-038: the parent has its own signature in them."""
    parent = signed("parent", token="a" * 50)
    body = hook(signed("child"), **{"parent-signature": parent})
    for key, token in (("parent", "a" * 50), ("child", TOKEN)):
        post = receiver(signing_key=key).parse(body, JSON)
        assert isinstance(post, EventPost)
        assert post.signature.token == token


def test_legacy_event() -> None:
    fields = {"event": "bounced", "recipient": "a@b.example", "domain": "c.example", "code": "550"}
    pairs = [*fields.items(), ("Message-Id", "<m@c>"), ("my-var", "1"), *signed().items()]
    post = receiver().parse_form(pairs)
    assert isinstance(post, LegacyEventPost)
    assert (post.event, post.recipient, post.domain) == ("bounced", "a@b.example", "c.example")
    assert post.message_id == "m@c"
    assert post.form.values()["my-var"] == "1"
    again = asyncio.run(receiver().aparse_form(pairs))
    assert again == post


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"{}", JSON),
        (b"[]", JSON),
        (b"\xff", JSON),
        (b"[" * 100_000, JSON),
        (hook({"timestamp": "1", "token": "t", "signature": "s"}), JSON),
        (hook({"timestamp": True, "token": "t", "signature": "s"}), JSON),
        (b'{"signature": "s", "event-data": {}}', JSON),
        (b"event=opened", FORM),
        (b"event=opened&timestamp=&token=&signature=", FORM),
        (b"%s" % b"&".join(f"{k}={v}".encode() for k, v in signed().items()), FORM),
        (json.dumps({"signature": signed()}).encode(), JSON),
        (b"a", {**JSON, "content-type": "text/plain"}),
        (b"{}", [("x-sign", "a"), ("X-Sign", "b")]),
    ],
)
def test_malformed(body: bytes, headers: Any) -> None:
    with pytest.raises(Malformed):
        receiver().parse(body, headers)


@given(st.binary(max_size=300), st.sampled_from([JSON, FORM, {"X-Sign": "0"}, {}]))
def test_any_body_is_refused_with_an_error_of_ours(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(WebhookError) as caught:
        receiver().parse(body, headers)
    assert isinstance(caught.value, MailgunError)
    assert KEY not in str(caught.value)


def test_keys_are_not_shown() -> None:
    shown = repr(receiver()) + repr(receiver().parse(hook(), JSON))
    assert KEY not in shown
    assert ALERTS_KEY not in shown
    assert TOKEN not in shown


@pytest.mark.parametrize("keys", [{}, {"signing_key": ""}, {"signing_key": []}, {"alerts_key": ""}])
def test_there_has_to_be_a_key(keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="key"):
        Receiver(**keys)
    with pytest.raises(ValueError, match="key"):
        parse(hook(), JSON, **keys)


@pytest.mark.parametrize("tolerance", [0, -1, float("nan")])
def test_tolerance_is_positive(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance"):
        receiver(tolerance=tolerance)


def test_parse_checks_replays_when_told_to() -> None:
    settings: Any = {"signing_key": KEY, "clock": lambda: NOW}
    for _ in range(2):
        assert parse(hook(), JSON, **settings)
    tokens = MemoryTokens()
    assert parse(hook().decode(), JSON, seen=tokens, **settings)
    with pytest.raises(Replayed):
        parse(hook(), JSON, seen=tokens, **settings)


def test_memory_is_bounded() -> None:
    tokens = MemoryTokens(limit=2)
    assert [tokens.add(name, 1.0) for name in "abacab"] == [True, True, False, True, True, True]
    assert len(tokens) == 2
    with pytest.raises(ValueError, match="limit"):
        MemoryTokens(0)


class Remote:
    """A cache in another process, which is asked asynchronously."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []

    async def add(self, token: str, seconds: float) -> bool:
        self.asked.append((token, seconds))
        return len(self.asked) == 1


def test_asynchronous_cache() -> None:
    remote = Remote()
    taker = receiver(seen=remote)
    assert asyncio.run(taker.aparse(hook(), JSON))
    with pytest.raises(Replayed):
        asyncio.run(taker.aparse(hook(), JSON))
    assert remote.asked[0] == (hashlib.sha256(TOKEN.encode()).hexdigest(), TOLERANCE - 1)
    with pytest.raises(TypeError, match="aparse"):
        taker.parse(hook(), JSON)


def test_read_unverified() -> None:
    forged = hook(signed("nobody", stamp=1_000_000_000))
    post = read_unverified(forged, JSON)
    assert isinstance(post, EventPost)
    body, headers = alert()
    assert isinstance(read_unverified(body, headers), AlertPost)
    assert isinstance(read_unverified(body, JSON), AlertPost)
    form = "&".join(f"{k}={v}" for k, v in {**signed(), "event": "opened"}.items())
    assert isinstance(read_unverified(form, FORM), LegacyEventPost)


@pytest.mark.parametrize(("keys", "found"), [(b"key", "bytes"), ([b"key"], "bytes"), ([1], "int")])
def test_keys_are_text(keys: Any, found: str) -> None:
    with pytest.raises(TypeError, match=f"expected text, found {found}"):
        Receiver(signing_key=keys)


@pytest.mark.parametrize("body", [{"signature": {}}, None, 5])
def test_a_body_that_was_read_already_is_refused(body: Any) -> None:
    """`bytes(5)` would be five zeros."""
    with pytest.raises(
        TypeError, match=f"expected the bytes as they came, found {type(body).__name__}"
    ):
        Receiver(signing_key=KEY).parse(body, JSON)


def test_a_missing_content_type_is_said() -> None:
    with pytest.raises(Malformed, match="no such content type: none at all"):
        Receiver(signing_key=KEY).parse(b"{}", {})
