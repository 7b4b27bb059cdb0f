"""Bodies: forms in both formats, JSON, gzip, and all ways of being broken."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgun_emulator import Emulator, decode
from mailgun_emulator.call import Call
from mailgun_emulator.forms import Form, Upload
from mailgun_emulator.reply import ApiError

from .conftest import Connect
from .small import answers, bound, emulator, form_body, json_body, operation

MULTIPART = 'multipart/form-data; boundary="b"'
URLENCODED = "application/x-www-form-urlencoded"


def part(name: str, value: str, more: str = "") -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


def multipart(*parts: str) -> bytes:
    return ("".join(parts) + "--b--\r\n").encode()


def refused(body: bytes, kind: str) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        decode.parse_form(body, kind)
    return caught.value.status, caught.value.message


class TestForms:
    """MSG-005, ERR-020, GEN-020, GEN-021."""

    def test_both_formats_give_the_same_fields(self) -> None:
        urlencoded = decode.parse_form(b"to=a%40x.test&to=b%20c&subject=1+2&empty=", URLENCODED)
        sent = multipart(part("to", "a@x.test"), part("to", "b c"), part("subject", "1 2"))
        assert decode.parse_form(sent, MULTIPART).fields == {
            "to": ["a@x.test", "b c"],
            "subject": ["1 2"],
        }
        assert urlencoded.fields == {"to": ["a@x.test", "b c"], "subject": ["1 2"], "empty": [""]}

    def test_array_names(self) -> None:
        assert decode.parse_form(b"to[]=a&to=b&to%5B%5D=c", URLENCODED).all("to") == ["a", "b", "c"]
        assert decode.parse_form(multipart(part("to[]", "a")), MULTIPART).get("to") == "a"

    def test_files(self) -> None:
        named = part("attachment", "one", '; filename="a b.txt"\r\nContent-Type: text/csv')
        form = decode.parse_form(multipart(named, named, part("attachment", "text")), MULTIPART)
        upload = Upload("attachment", "a b.txt", "text/csv", b"one")
        assert form.uploads("attachment") == [upload, upload]
        assert form.all("attachment") == ["text"]

    def test_file_without_a_type(self) -> None:
        form = decode.parse_form(multipart(part("f", "x", '; filename="n"')), MULTIPART)
        assert form.uploads("f")[0].content_type == "application/octet-stream"

    def test_prefixed(self) -> None:
        form = Form({"v:a": ["1", "2"], "v:": ["no"], "o:tag": ["t"]})
        assert form.prefixed("v:") == {"a": ["1", "2"]}

    def test_other_content_types_hold_no_fields(self) -> None:
        assert decode.parse_form(b'{"to": "a"}', "application/json") == Form()
        assert decode.parse_form(b"", MULTIPART) == Form()


class TestBroken:
    """ERR-045."""

    def test_multipart(self) -> None:
        assert refused(b"nonsense", MULTIPART) == (400, "malformed multipart/form-data request")
        nameless = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n"
        assert refused(nameless, MULTIPART) == (400, "malformed multipart/form-data request")
        without = "multipart/form-data"
        assert refused(b"--b--", without) == (400, "malformed multipart/form-data request")

    def test_truncated(self) -> None:
        whole = multipart(part("to", "a"))
        text = "unable to parse request: unexpected EOF"
        assert refused(whole[:-12], MULTIPART) == (400, text)

    @pytest.mark.parametrize("body", [b"a=%zz", b"a=%4", b"%=1"])
    def test_escape(self, body: bytes) -> None:
        assert refused(body, URLENCODED) == (400, "unable to parse request: invalid URL escape")


class TestGzip:
    """MSG-006, ERR-015."""

    def test_members_in_a_row(self) -> None:
        assert decode.unzip(gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (b"plain", "unable to parse request: gzip: invalid header"),
            (gzip.compress(b"some text", mtime=0)[:-9], "unable to parse request: unexpected EOF"),
        ],
        ids=["no gzip", "cut off"],
    )
    def test_broken(self, body: bytes, text: str) -> None:
        with pytest.raises(ApiError) as caught:
            decode.unzip(body)
        assert (caught.value.status, caught.value.message) == (400, text)

    def test_too_large(self) -> None:
        with pytest.raises(ApiError) as caught:
            decode.unzip(gzip.compress(bytes(decode.MAX_BODY + 1)))
        assert caught.value.status == 413
        assert caught.value.message == "request size exceeds 52.4MiB limit"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"NaN", b"1e999", b"[" * 100_000, b"\xff\xfe\x00", b"1" * 5000],
    ids=["empty", "cut off", "constant", "infinite", "deep", "no text", "long"],
)
def test_broken_json(body: bytes) -> None:
    with pytest.raises(ApiError):
        decode.parse_json(body)


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert decode.parse_json(b'{"a\\ud800": "\\udc00 \\u00e9"}') == {"a?": "? é"}


ECHO_FORM = {
    "type": "object",
    "properties": {
        "to": {"type": "array", "items": {"type": "string"}},
        "count": {"type": "integer"},
        "on": {"type": "boolean"},
        "ratio": {"type": "number"},
        "vars": {"type": "object"},
        "file": {"type": "string", "format": "binary"},
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "either": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    },
}


def echo(call: Call) -> dict[str, Any]:
    def shown(value: Any) -> Any:
        if isinstance(value, list):
            return [shown(item) for item in value]
        return f"file {value.filename}" if isinstance(value, Upload) else value

    return {
        "body": shown(call.body) if not call.values else {k: shown(v) for k, v in call.body.items()}
    }


@pytest.fixture
def echoing() -> Emulator:
    paths = {
        "/form": {"post": operation("echo", requestBody=form_body(ECHO_FORM, required=False))},
    }
    return emulator(paths, bindings=bound("echo", echo))


class TestTypedBody:
    """platform:GEN-022 and the declared types."""

    def body(self, connect: Connect, app: Emulator, **request: Any) -> Any:
        answer = connect(app).post("/form", **request)
        assert answer.status_code == 200, answer.text
        return answer.json()["body"]

    def test_fields(self, connect: Connect, echoing: Emulator) -> None:
        sent = {
            "to": "a",
            "count": "-3",
            "on": "Yes",
            "ratio": "2.5",
            "vars": '{"x": [1]}',
            "either": "one",
            "v:custom": ["1", "2"],
            "o:other": "no",
        }
        assert self.body(connect, echoing, data=sent) == {
            "to": ["a"],
            "count": -3,
            "on": True,
            "ratio": 2.5,
            "vars": {"x": [1]},
            "either": "one",
            "v:custom": ["1", "2"],
            "o:other": "no",
        }

    def test_lists(self, connect: Connect, echoing: Emulator) -> None:
        sent = {"to": '["a", "b"]', "either": ["x", "y"]}
        assert self.body(connect, echoing, data=sent) == {"to": ["a", "b"], "either": ["x", "y"]}

    def test_custom_fields_that_are_declared_as_texts(self, connect: Connect) -> None:
        """MSG-022: a repeated one is its first."""
        schema = {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "allOf": [{"properties": {"n": {"type": "integer"}}}],
        }
        paths = {"/form": {"post": operation("echo", requestBody=form_body(schema))}}
        app = emulator(paths, bindings=bound("echo", echo))
        assert self.body(connect, app, data={"v:a": ["1", "2"]}) == {"v:a": "1"}
        refused = connect(app).post("/form", data={"n": "1"})
        assert refused.status_code == 400

    def test_files(self, connect: Connect, echoing: Emulator) -> None:
        files = [("file", ("one", b"1")), ("files", ("two", b"2")), ("files", ("three", b"3"))]
        assert self.body(connect, echoing, files=files) == {
            "file": "file one",
            "files": ["file two", "file three"],
        }

    def test_compressed(self, connect: Connect, echoing: Emulator) -> None:
        headers = {"content-encoding": "gzip", "content-type": URLENCODED}
        sent = gzip.compress(b"count=7")
        assert self.body(connect, echoing, content=sent, headers=headers) == {"count": 7}

    def test_what_does_not_convert_is_refused(self, connect: Connect, echoing: Emulator) -> None:
        answer = connect(echoing).post("/form", data={"count": "many"})
        assert answers(answer) == (400, {"message": "invalid count"})

    def test_nothing_sent(self, connect: Connect, echoing: Emulator) -> None:
        assert self.body(connect, echoing) == {}


class TestJsonBody:
    @pytest.fixture
    def app(self) -> Emulator:
        schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
        body = {**json_body(schema), "required": True}
        return emulator(
            {"/json": {"post": operation("echo", requestBody=body)}}, bindings=bound("echo", echo)
        )

    @pytest.mark.parametrize(
        ("sent", "status", "answer"),
        [
            (b'{"a": 1}', 200, {"body": {"a": 1}}),
            (b'{"a": "1"}', 400, {"message": "invalid a"}),
            (b"{}", 400, {"message": "a parameter is missing"}),
            (b"[]", 400, {"message": "invalid request body"}),
            (b"", 400, {"message": "request body parameter is missing"}),
            (b"{", 400, {"message": "unable to parse request: invalid JSON"}),
        ],
    )
    def test_json(self, api: httpx.Client, sent: bytes, status: int, answer: Any) -> None:
        assert answers(api.post("/json", content=sent)) == (status, answer)

    def test_the_declared_type_need_not_be_named(self, api: httpx.Client) -> None:
        """DIFF-094: JSON under a form's content type is read as JSON."""
        sent = json.dumps({"a": 2})
        answer = api.post("/json", content=sent, headers={"content-type": URLENCODED})
        assert answer.status_code == 200


def test_both_kinds_of_body(connect: Connect) -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    content = {**json_body(schema)["content"], **form_body(ECHO_FORM)["content"]}
    paths = {"/form": {"post": operation("echo", requestBody={"content": content})}}
    client = connect(emulator(paths, bindings=bound("echo", echo)))
    assert client.post("/form", json=["x"]).json() == {"body": ["x"]}
    assert client.post("/form", data={"count": "1"}).json() == {"body": {"count": 1}}


def test_too_large(connect: Connect, echoing: Emulator) -> None:
    """ERR-015."""
    answer = connect(echoing).post("/form", content=bytes(decode.MAX_BODY + 1))
    assert answers(answer) == (413, {"message": "request size exceeds 52.4MiB limit"})


bodies = st.one_of(
    st.binary(max_size=80),
    st.builds(lambda b: b"--b\r\n" + b + b"\r\n--b--", st.binary(max_size=60)),
    st.builds(
        lambda h, b: (
            b"--b\r\nContent-Disposition: form-data; " + h + b"\r\n\r\n" + b + b"\r\n--b--"
        ),
        st.binary(max_size=30),
        st.binary(max_size=20),
    ),
)
kinds = st.sampled_from(
    [MULTIPART, URLENCODED, "application/json", "", "multipart/form-data", "text/plain; =;\xff"]
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=bodies, kind=kinds, coding=st.sampled_from(["", "gzip", "br"]))
def test_no_body_is_fatal(
    api: httpx.Client, domain: str, body: bytes, kind: str, coding: str
) -> None:
    headers = [
        (b"content-type", kind.encode("latin-1")),
        (b"content-encoding", coding.encode()),
    ]
    for path in (f"/v3/{domain}/bounces", f"/v3/{domain}/messages", "/v1/analytics/tags"):
        answer = api.post(path, content=body, headers=headers)
        assert answer.status_code < 500, answer.text
