"""What becomes of answers, documented or not (defects P1 to P3)."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from mailgun_client import InvalidResponse, MailgunError
from mailgun_client.api.domains import get_domain
from mailgun_client.operations import OPERATIONS

from tests.client.conftest import Package
from tests.client.contract import ACTIONS, arguments
from tests.client.wire import Wire

HTML = {"content-type": "text/html"}
TEXT = {"content-type": "text/plain"}
ODD_ERRORS = {
    "text": (b"Forbidden", TEXT),
    "page": (b"<html><h1>404 Not Found</h1></html>", HTML),
    "empty": (b"", {}),
    "string": (b'"Internal Server Error"', {}),
    "array": (b"[]", {}),
    "null": (b"null", {}),
    "number": (b"1", {}),
    "another object": (b'{"unheard": "of"}', {}),
    "cut": (b'{"message": "x', {}),
    "not text": (b"\xff\xfe\xfa", {}),
    "deep": (b"[" * 100_000, {}),
}


@pytest.mark.parametrize("kind", ODD_ERRORS)
@pytest.mark.parametrize("status", [400, 404, 500])
def test_odd_error_bodies_are_kept_and_not_parsed(small: Package, status: int, kind: str) -> None:
    """P1 and P4: each of them raised."""
    content, headers = ODD_ERRORS[kind]
    wire = Wire(status, content, headers)
    response = small.operation("get_thing").sync_detailed("a", client=wire.client())
    assert (response.status_code, response.content, response.parsed) == (status, content, None)
    assert response.headers.get("content-type") == headers.get("content-type")


@pytest.mark.parametrize("name", ACTIONS)
def test_every_operation_survives_what_a_proxy_answers(name: str) -> None:
    """P1 and P2, on the real package: bodies of no documented shape, statuses of no standard."""
    module, given = OPERATIONS[name].load(), arguments(name)
    for status in (299, 300, 401, 404, 420, 500, 502, 520, 599):
        wire = Wire(status, b"<html>Bad Gateway</html>", HTML)
        with wire.client() as client:
            response = module.sync_detailed(client=client, **given)
        assert response.status_code == status
        assert response.content == wire.content
        documented = ACTIONS[name]["responses"].get(str(status), {}).get("content", {})
        assert response.parsed is None or any(media.startswith("text/") for media in documented)


@pytest.mark.parametrize("status", [299, 420, 520, 599])
def test_a_status_of_no_standard_is_a_number(small: Package, status: int) -> None:
    """P2: it raised."""
    wire = Wire(status, b'{"message": "slow down"}')
    response = small.operation("delete_thing").sync_detailed("a", client=wire.client())
    assert (response.status_code, response.parsed) == (status, None)


@pytest.mark.parametrize("status", [200, 201, 204, 302, 404, 500])
def test_the_default_response_is_for_errors(small: Package, status: int) -> None:
    """P3: it swallowed successes and other statuses."""
    wire = Wire(status, b'{"message": "m", "id": "i"}')
    response = small.operation("get_thing").sync_detailed("a", client=wire.client())
    expected = {200: "Thing", 404: "Problem", 500: "Problem"}.get(status, "NoneType")
    assert type(response.parsed).__name__ == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"<html>", "Expecting value"),
        (b"[]", "expected an object, found list"),
        (b"null", "expected an object, found NoneType"),
        (b"{}", "the key 'id' is missing"),
        (b'{"id": "1", "list": "a", "sizes": null}', None),
        (b'{"id": "1", "sizes": {}}', "expected an array, found dict"),
        (b'{"id": "1", "size": "big"}', "expected an object, found str"),
        (b'{"id": "1", "parent": null}', "expected an object, found NoneType"),
    ],
)
def test_success_bodies_of_another_shape_raise_one_error(
    small: Package, content: bytes, reason: str | None
) -> None:
    client = Wire(200, content, {"x-id": "7"}).client()
    errors = small.module("errors")
    with pytest.raises(errors.InvalidResponse) as caught:
        small.operation("get_thing").sync("a", client=client)
    error = caught.value
    assert (error.operation, error.status_code, error.content) == ("get_thing", 200, content)
    assert error.headers["x-id"] == "7"
    if reason:
        assert reason in error.reason
        assert error.reason in str(error)


def test_invalid_responses_show_no_key_and_can_be_pickled(wire: Wire) -> None:
    wire.status, wire.content = 200, b"[1]"
    with pytest.raises(MailgunError) as caught:
        get_domain.sync("example.com", client=wire.client())
    assert isinstance(caught.value, InvalidResponse)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.content, copy.status_code, str(copy)) == (b"[1]", 200, str(caught.value))
    shown = f"{caught.value!r} {caught.value} {vars(caught.value)} {pickle.dumps(caught.value)!r}"
    assert "key-secret" not in shown
    assert wire.sent.headers["authorization"].split()[1] not in shown


def test_success_without_documented_body_gives_none(small: Package) -> None:
    for content in (b"", b"whatever"):
        wire = Wire(204, content)
        assert small.operation("delete_thing").sync("a", client=wire.client()) is None


@pytest.mark.parametrize(
    ("content", "headers", "parsed"),
    [
        (b"Forbidden", TEXT, "Forbidden"),
        (b"Forbidden", {"content-type": "Text/Plain; charset=utf-8"}, "Forbidden"),
        (b'{"message": "no"}', {"content-type": "application/json"}, "no"),
        (b'{"message": "no"}', {}, "no"),
    ],
)
def test_the_media_type_chooses_the_reader(
    small: Package, content: bytes, headers: dict[str, str], parsed: str
) -> None:
    found = small.operation("delete_thing").sync("a", client=Wire(401, content, headers).client())
    assert getattr(found, "message", found) == parsed


def test_text_is_str_and_other_bodies_are_bytes(small: Package) -> None:
    csv = Wire(200, "é,b".encode(), {"content-type": "text/csv; charset=utf-8"}).client()
    assert small.operation("get_export").sync("a", client=csv) == "é,b"
    raw = Wire(200, b"\xff", {"content-type": "application/octet-stream"}).client()
    assert small.operation("get_raw").sync("a", client=raw) == b"\xff"
    mime = Wire(200, b"From: a", {"content-type": "message/rfc2822"}).client()
    assert small.operation("get_mime").sync("a", client=mime) == "From: a"


def test_a_json_string_is_checked_to_be_one(small: Package) -> None:
    """P6: operations typed str returned objects."""
    module = small.operation("touch_things")
    assert module.sync(client=Wire(200, b'"done"').client()) == "done"
    with pytest.raises(small.module("errors").InvalidResponse, match="expected a string"):
        module.sync(client=Wire(200, b"{}").client())


def test_arrays_of_models(small: Package) -> None:
    found = small.operation("list_things").sync(client=Wire(200, b'[{"id": "1"}]').client())
    assert found == [small.model("Thing")(id="1")]


def _successes() -> list[tuple[str, int, Any]]:
    return [
        (name, int(status), response)
        for name, operation in ACTIONS.items()
        for status, response in operation["responses"].items()
        if status.startswith("2")
    ]


@pytest.mark.parametrize(("name", "status", "response"), _successes())
def test_every_success_says_when_its_body_is_wrong(name: str, status: int, response: Any) -> None:
    """P1, on the real package: an empty 200 raised JSONDecodeError on 211 operations."""
    call, given = OPERATIONS[name].load().sync_detailed, arguments(name)
    client = Wire(status, b"", {}).client()
    media = response.get("content", {})
    if any("json" in name for name in media):
        with pytest.raises(InvalidResponse, match=f"{name}: status {status}"):
            call(client=client, **given)
    else:
        expected = (
            None if not media else "" if any("/" in m and "octet" not in m for m in media) else b""
        )
        assert call(client=client, **given).parsed == expected


def test_json_that_is_no_utf8_is_read_by_its_mark(small: Package) -> None:
    content = json.dumps({"id": "é"}, ensure_ascii=False).encode("utf-16")
    assert small.operation("get_thing").sync("a", client=Wire(200, content).client()).id == "é"
