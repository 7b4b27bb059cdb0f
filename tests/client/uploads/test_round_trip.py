"""What a server receives is what was given, whatever the names and contents are."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mailgun_client import File, models
from mailgun_client.api.messages import send_message
from mailgun_client.models import SendMessageBody
from mailgun_client.operations import OPERATIONS

from mailgun_emulator.decode import parse_form
from tests.client.contract import arguments
from tests.client.uploads import parsers
from tests.client.uploads.parsers import Received
from tests.client.wire import Wire

# Those that are likely to break a parser, and any other characters.
ODD = st.text(st.sampled_from("\\\"'%;=/() .,:[]?@<>\r\n\0\t\x7faAéß文😀\u2028\u0085*"), min_size=1)
NAMES = ODD | st.text(min_size=1)
CONTENTS = st.binary(max_size=200) | st.lists(
    st.sampled_from([b"\r\n", b"--", b"\r", b"\n", b"\0", b"\xff", b"Content-Type: x"])
).map(b"".join)
FILES = sorted(
    (operation.name, body, field.name)
    for operation in OPERATIONS.values()
    for body in set(operation.bodies.values())
    if body in models.__all__
    for field in attrs.fields(getattr(models, body))
    if "FileTypes" in str(field.type)
)


def sent(*files: Any, field: str = "attachment") -> tuple[bytes, str]:
    wire = Wire()
    body = SendMessageBody(to=["b@example.com"], additional_properties={field: list(files)})
    send_message.sync_detailed("example.com", client=wire.client(), body=body)
    length = wire.sent.headers.get("content-length")
    assert length is None or int(length) == len(wire.sent.content)
    return wire.sent.content, wire.sent.headers["content-type"]


@given(NAMES, CONTENTS)
@example('a"b.txt', b"")
@example('a\\"b', b"\r\n")
@example('\\\\"\\', b"x")
@example("a\\(b\\", b"x")
@example("Übersicht 文書 😀.pdf", b"%PDF")
@example('a"\r\nContent-Type: text/html\r\n\r\nx', b"x")
@example('a"; name="bcc', b"x")
@example("data:a;b,c.pdf", b"x")
def test_names_and_contents_arrive(name: str, content: bytes) -> None:
    form = sent(File(content, name, "text/x"))
    shown = parsers.readable(name).encode("utf-8", "replace").decode()
    assert parsers.go_names(*form) == [shown]
    # Both decode what browsers write for a quote, and cut the folders off a path of Windows.
    if re.search("%(22|0A|0D)", name) or shown[1:3] == ":\\" or shown[:2] == "\\\\":
        return
    assert parsers.werkzeug(*form) == [Received("attachment", shown, "text/x", content)]
    [found] = parsers.emulator(*form)
    assert (found.field, found.content_type, found.content) == ("attachment", "text/x", content)
    # It follows the browsers: line breaks are decoded, and backslashes escape nothing but quotes.
    if shown == name and ('"' in name or "\\" not in name):
        assert found.file_name == name


@given(st.lists(st.tuples(NAMES, CONTENTS), max_size=5))
def test_files_keep_their_order_and_stay_apart(files: list[tuple[str, bytes]]) -> None:
    form = sent(*(File(content, name) for name, content in files))
    assert [found.content for found in parsers.werkzeug(*form)] == [each[1] for each in files]
    assert [found.content for found in parsers.emulator(*form)] == [each[1] for each in files]
    assert len(parsers.go_names(*form)) == len(files)


@given(st.text(min_size=1).map("v:{}".format), CONTENTS)
def test_names_of_fields_stay_names(name: str, content: bytes) -> None:
    [found] = parsers.werkzeug(*sent(File(content, "a"), field=name))
    if "%22" not in name:
        shown = parsers.readable(name).encode("utf-8", "replace").decode()
        assert found == Received(shown, "a", "application/octet-stream", content)


@pytest.mark.parametrize(("operation", "body", "field"), FILES)
@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("kind", ["bytes", "path", "open", "text", "pieces"])
def test_every_field_for_a_file_takes_all_kinds(
    tmp_path: Path, operation: str, body: str, field: str, way: str, kind: str
) -> None:
    content, path = "ä,b\r\n".encode(), tmp_path / "größe.csv"
    path.write_bytes(content)
    module, given, wire = OPERATIONS[operation].load(), arguments(operation), Wire()
    with path.open("rb") as stream:
        values: dict[str, Any] = {
            "bytes": File(content, path.name),
            "path": path,
            "open": stream,
            "text": File.text(content.decode(), path.name, "text/csv"),
            "pieces": File(iter([content[:2], b"", content[2:]]), path.name, size=len(content)),
        }
        listed = "list[FileTypes]" in str(attrs.fields_dict(getattr(models, body))[field].type)
        value = [values[kind]] if listed else values[kind]
        given["body"] = attrs.evolve(_body(body, field, given.get("body")), **{field: value})
        if way == "sync":
            module.sync_detailed(client=wire.client(), **given)
        else:
            asyncio.run(module.asyncio_detailed(client=wire.client(), **given))
    files = parsers.werkzeug(wire.sent.content, wire.sent.headers["content-type"])
    [found] = [each for each in files if each.file_name == path.name]
    assert (found.content_type, found.content) == ("text/csv", content)
    assert int(wire.sent.headers["content-length"]) == len(wire.sent.content)


def _body(name: str, field: str, sample: Any) -> Any:
    kind = getattr(models, name)
    if isinstance(sample, kind):
        return sample
    assert sample is None, "the body is optional, so all of its fields are"
    return kind()


@pytest.mark.parametrize(("operation", "body", "field"), FILES)
def test_text_is_no_file(operation: str, body: str, field: str) -> None:
    """As a field without file name, the API drops an attachment silently (MSG-018)."""
    kind = getattr(models, body)
    listed = "list[FileTypes]" in str(attrs.fields_dict(kind)[field].type)
    sample = _body(body, field, arguments(operation).get("body"))
    for wrong in ("report.pdf", 42, iter([b"a"])):
        value = [wrong] if listed else wrong
        advice = "found str; use Path" if isinstance(wrong, str) else "found"
        with pytest.raises(TypeError, match=f"{field}: expected bytes, .*{advice}"):
            attrs.evolve(sample, **{field: value}).to_dict()


def test_there_are_fields_for_files() -> None:
    assert {("send_message", "SendMessageBody", "inline")} < set(FILES)
    assert len(FILES) >= 12


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.pdf", "application/pdf"),
        ("A.PDF", "application/pdf"),
        ("a.b.csv", "text/csv"),
        ("photo.jpeg", "image/jpeg"),
        ("a.tar.gz", "application/gzip"),
        ("a.csv.xz", "application/x-xz"),
        ("r.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("r.XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("invite.ics", "text/calendar"),
        ("data:x;y.pdf", "application/pdf"),
        ("README", "application/octet-stream"),
        ("Ünï.html", "text/html"),
        (".pdf", "application/octet-stream"),
    ],
)
def test_the_name_tells_the_type(name: str, expected: str) -> None:
    [found] = parsers.werkzeug(*sent(File(b"x", name)))
    assert found.content_type == expected


def test_text_says_its_encoding() -> None:
    files = [File.text("ä", name) for name in ("a.txt", "a.html", "a.json", None)]
    found = parsers.werkzeug(*sent(*files))
    assert [each.content for each in found] == ["ä".encode()] * 4
    assert [each.content_type for each in found] == [
        "text/plain; charset=utf-8",
        "text/html; charset=utf-8",
        "application/json",
        "application/octet-stream",
    ]


def test_many_recipients_and_many_files(tmp_path: Path) -> None:
    """More files than a process may have open, and a thousand recipients."""
    wire, paths = Wire(), [tmp_path / f"{number}.bin" for number in range(1500)]
    for path in paths:
        path.write_bytes(path.name.encode())
    people = [f"Pérson {number} <p{number}@example.com>" for number in range(1000)]
    body = SendMessageBody(to=people, text="t", attachment=[*paths], inline=[b"x"])
    send_message.sync_detailed("example.com", client=wire.client(), body=body)
    form = parse_form(wire.sent.content, wire.sent.headers["content-type"])
    assert form.all("to") == people
    found = form.uploads("attachment")
    assert [each.filename for each in found] == [path.name for path in paths]
    assert all(each.data.decode() == each.filename for each in found)
