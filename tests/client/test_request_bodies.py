"""What goes into the body: multipart, urlencoded and JSON (defects R1, R3 to R10, R12)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from mailgun_client import File
from mailgun_client.api.messages import send_message
from mailgun_client.api.metrics import query_metrics
from mailgun_client.models import SendMessageBody

from tests.client.conftest import Package
from tests.client.wire import Part, Wire


def test_text_with_a_boundary_in_it_does_not_become_fields(wire: Wire) -> None:
    """R1: the boundary used to be the constant +++."""
    head = 'Content-Disposition: form-data; name="bcc"'
    evil = f"Hi\r\n--+++\r\n{head}\r\n\r\nspy@example.com\r\n--+++--"
    body = SendMessageBody(from_="me@example.com", to=["you@example.com"], subject="Hi", text=evil)
    for _ in range(2):
        send_message.sync_detailed("example.com", client=wire.client(), body=body)
    types = {request.headers["content-type"] for request in wire.requests}
    assert len(types) == 2
    assert all(len(text.split("boundary=")[1]) >= 32 for text in types)
    wire.requests.pop()
    assert sorted(part.name for part in wire.form) == ["from", "subject", "text", "to"]
    assert wire.form[-1].text == evil


def test_names_of_custom_fields_cannot_open_another_part(wire: Wire, small: Package) -> None:
    body = small.model("UploadBody")(text="t")
    body['v:a"\r\n\r\nx'] = "1"
    small.operation("upload_thing").sync("a", client=wire.client(), body=body)
    first, second = wire.form
    assert (first.name, first.text, second.text) == ("text", "t", "1")


def test_content_type_parameter_of_the_description_is_gone(wire: Wire, small: Package) -> None:
    """R9: sending it as a header removed the boundary."""
    assert "content_type" not in small.operation("upload_thing").sync.__annotations__
    body = small.model("UploadBody")(text="t")
    small.operation("upload_thing").sync("a", client=wire.client(), body=body)
    assert wire.media_type == "multipart/form-data"
    assert wire.fields == [("text", "t")]


def test_form_values_have_their_wire_form(wire: Wire, small: Package) -> None:
    """R3: booleans went out as True and False."""
    body = small.model("UploadBody")(
        text="", flag=True, count=0, ratio=0.5, o_tag=["a", "b"], answer="no", options={"a": [1]}
    )
    small.operation("upload_thing").sync("a", client=wire.client(), body=body)
    assert wire.fields == [
        ("text", ""),
        ("flag", "true"),
        ("count", "0"),
        ("ratio", "0.5"),
        ("o:tag", "a"),
        ("o:tag", "b"),
        ("answer", "no"),
        ("options", '{"a":[1]}'),
    ]
    assert all(part.filename is None and part.content_type is None for part in wire.form)


def test_custom_fields_of_a_message(wire: Wire) -> None:
    """R4: lists, objects and None went out as Python text."""
    body = SendMessageBody(from_="me@example.com", to=["you@example.com"], text="Hi", o_tag=["t"])
    body["v:my-var"] = {"id": 1, "é": None}
    body["h:X-My"] = ["one", "two"]
    body["o:flag"] = False
    body["t:none"] = None
    send_message.sync_detailed("example.com", client=wire.client(), body=body)
    assert wire.fields[3:] == [
        ("o:tag", "t"),
        ("v:my-var", '{"id":1,"é":null}'),
        ("h:X-My", "one"),
        ("h:X-My", "two"),
        ("o:flag", "false"),
    ]


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"raw".decode], ids=["object", "set", "method"]
)
def test_values_without_a_wire_form_are_refused(small: Package, wire: Wire, value: object) -> None:
    body = small.model("UploadBody")(text="t", additional_properties={"v:x": value})
    with pytest.raises(TypeError, match="v:x: expected text"):
        small.operation("upload_thing").sync("a", client=wire.client(), body=body)


def test_objects_in_urlencoded_forms_are_json(wire: Wire, small: Package) -> None:
    """R5: they went out as Python text."""
    body = small.model("UpdateBody")(features={"a": {"on": True}}, flag=False, names=["x", "y z"])
    body["extra"] = {"b": "é&="}
    small.operation("update_thing").sync("a", client=wire.client(), body=body)
    assert wire.media_type == "application/x-www-form-urlencoded"
    assert wire.fields == [
        ("features", '{"a":{"on":true}}'),
        ("flag", "false"),
        ("names", "x"),
        ("names", "y z"),
        ("extra", '{"b":"é&="}'),
    ]


def test_lists_that_are_encoded_as_json_are_one_field(wire: Wire, small: Package) -> None:
    sizes = [small.model("Size")(width=1), small.model("Size")(width=2)]
    body = small.model("UpdateBody")(sizes=sizes, names=["a", "b"])
    small.operation("update_thing").sync("a", client=wire.client(), body=body)
    assert wire.fields == [("names", "a"), ("names", "b"), ("sizes", '[{"width":1},{"width":2}]')]
    wire.requests.clear()
    body = small.model("ChangeBody")(sizes=sizes[:1])
    small.operation("change_thing").sync("a", client=wire.client(), body=body)
    assert wire.form == [Part("sizes", b'[{"width":1}]', None, "application/json")]


def test_a_field_can_have_its_own_file_type(wire: Wire, small: Package) -> None:
    change, file = small.operation("change_thing").sync, small.module("types").File
    for value in (b"a,b", file(b"a,b", "a.txt"), file(b"a,b", mime_type="text/plain")):
        change("a", client=wire.client(), body=small.model("ChangeBody")(file=value))
        assert wire.form[0].content_type == (getattr(value, "mime_type", None) or "text/csv")
        wire.requests.clear()


def test_files_have_name_and_type_whatever_they_come_from(
    wire: Wire, small: Package, tmp_path: Path
) -> None:
    """R6: a file without name arrived as a text field."""
    File = small.module("types").File
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    (tmp_path / "data.csv").write_bytes(b"a,b")
    with open(tmp_path / "data.csv", "rb") as stream:
        body = small.model("UploadBody")(
            text="t",
            message=b"From: a",
            attachment=[
                File(b"1"),
                File(b"2", "two.txt"),
                File(b"3", "three.txt", "application/x-three"),
                File(str(tmp_path / "report.pdf")),
                tmp_path / "report.pdf",
                stream,
                File(io.BytesIO(b"4")),
            ],
        )
        small.operation("upload_thing").sync("a", client=wire.client(), body=body)
    assert wire.form[1:] == [
        Part("attachment", b"1", "attachment", "application/octet-stream"),
        Part("attachment", b"2", "two.txt", "text/plain"),
        Part("attachment", b"3", "three.txt", "application/x-three"),
        Part("attachment", b"%PDF", "report.pdf", "application/pdf"),
        Part("attachment", b"%PDF", "report.pdf", "application/pdf"),
        Part("attachment", b"a,b", "data.csv", "text/csv"),
        Part("attachment", b"4", "attachment", "application/octet-stream"),
        Part("message", b"From: a", "message", "application/octet-stream"),
    ]


def test_a_mime_type_cannot_add_headers() -> None:
    with pytest.raises(ValueError, match="mime_type"):
        File(b"", "a.txt", 'text/plain\r\nContent-Disposition: form-data; name="bcc"')


def test_what_is_no_file_is_refused(small: Package, wire: Wire) -> None:
    body = small.model("UploadBody")(text="t", message=small.module("types").File(42))
    with pytest.raises(TypeError, match="message: expected bytes, a path or a binary file"):
        small.operation("upload_thing").sync("a", client=wire.client(), body=body)


def test_an_empty_form_is_still_a_form(wire: Wire, small: Package) -> None:
    """R7: the form that was given goes out, without any field."""
    body = small.model("ChangeBody")()
    small.operation("change_thing").sync("a", client=wire.client(), body=body)
    assert wire.media_type == "multipart/form-data"
    assert wire.form == []
    assert wire.sent.content.endswith(b"--\r\n")


def test_an_empty_urlencoded_form_is_still_a_form(wire: Wire, small: Package) -> None:
    small.operation("update_thing").sync(
        "a", client=wire.client(), body=small.model("UpdateBody")()
    )
    assert wire.media_type == "application/x-www-form-urlencoded"
    assert wire.sent.content == b""


def test_an_optional_body_that_is_not_given_is_not_sent(wire: Wire, small: Package) -> None:
    small.operation("change_thing").sync("a", client=wire.client())
    assert wire.sent.content == b""
    assert wire.media_type == ""


def test_defaults_of_the_description_are_not_sent_in_json(wire: Wire, small: Package) -> None:
    """R8: an omitted pagination.limit went out as its default."""
    body = small.model("ReplaceBody")(pagination=small.model("Pages")(sort="desc"))
    small.operation("replace_things").sync(client=wire.client(), body=body)
    assert wire.media_type == "application/json"
    assert json.loads(wire.sent.content) == {"pagination": {"sort": "desc"}}


def test_the_type_of_the_body_chooses_the_media_type(wire: Wire, small: Package) -> None:
    """R10: two bodies ended in NameError and TypeError."""
    create = small.operation("create_things").sync
    create(client=wire.client(), body=[small.model("Thing")(id="1", o_tag=["x"])])
    assert wire.media_type == "application/json"
    assert json.loads(wire.requests.pop().content) == [{"id": "1", "o:tag": ["x"]}]
    create(client=wire.client(), body=small.model("UploadBody")(text="t"))
    assert wire.media_type == "multipart/form-data"
    assert wire.fields == [("text", "t")]


@pytest.mark.parametrize("body", ["text", None, {"text": "t"}], ids=repr)
def test_a_body_of_another_type_is_refused(small: Package, wire: Wire, body: object) -> None:
    with pytest.raises(TypeError, match=r"body: expected list\[Thing\] \| UploadBody"):
        small.operation("create_things").sync(client=wire.client(), body=body)


def test_bodies_are_required_as_the_description_says(wire: Wire, small: Package) -> None:
    with pytest.raises(TypeError, match="body"):
        small.operation("create_things").sync(client=wire.client())
    small.operation("touch_things").sync(client=wire.client())
    assert wire.sent.content == b""


@pytest.mark.parametrize("value", ["you@example.com", None], ids=["str", "None"])
def test_one_value_for_a_list_is_refused(wire: Wire, value: object) -> None:
    """R12: a bare str was split into its characters."""
    body = SendMessageBody(from_="me@example.com", to=value, text="Hi")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="to: expected a list, found"):
        send_message.sync("example.com", client=wire.client(), body=body)
    assert not wire.requests


def test_one_value_for_a_nullable_list_is_refused(wire: Wire, small: Package) -> None:
    replace, body = small.operation("replace_things").sync, small.model("ReplaceBody")
    replace(client=wire.client(), body=body(names=None))
    assert json.loads(wire.sent.content) == {"names": None}
    with pytest.raises(TypeError, match="names: expected a list, found str"):
        replace(client=wire.client(), body=body(names="a"))


def test_numbers_that_json_lacks_are_refused(wire: Wire, small: Package) -> None:
    body = small.model("ReplaceBody")(additional_properties={"x": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        small.operation("replace_things").sync(client=wire.client(), body=body)


@pytest.mark.parametrize("body", [None, "from=a", [1]])
def test_what_is_no_body_is_refused(wire: Wire, body: Any) -> None:
    with pytest.raises(TypeError, match=f"body: expected .* found {type(body).__name__}"):
        send_message.sync("a", client=wire.client(), body=body)
    assert not wire.requests


def test_no_json_is_refused(wire: Wire) -> None:
    nothing: Any = None
    with pytest.raises(TypeError, match="body: expected one, found None"):
        query_metrics.sync(client=wire.client(), body=nothing)
    assert not wire.requests


def test_a_variable_has_one_value(wire: Wire) -> None:
    """A list is JSON, as an object is; headers and options can be given several times."""
    body = SendMessageBody(from_="a@b.example", to=["c@d.example"])
    body["v:orders"] = [1, "ü"]
    body["v:one"] = {"a": [None]}
    body["h:X-Two"] = ["a", "b"]
    send_message.sync("a", client=wire.client(), body=body)
    assert wire.fields[2:] == [
        ("v:orders", '[1,"ü"]'),
        ("v:one", '{"a":[null]}'),
        ("h:X-Two", "a"),
        ("h:X-Two", "b"),
    ]
