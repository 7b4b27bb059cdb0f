"""Property 1: what a broken client puts on the wire is reported, and nothing else is."""

from __future__ import annotations

from importlib import import_module

import httpx
import pytest
from attrs import evolve

from tests.contract.fidelity import differences
from tests.contract.values import Values
from tests.suite import wreck
from tests.suite.conftest import Benches
from tests.suite.package import NAME, as_it_is
from tests.suite.server import DOMAIN, KEY
from tests.suite.wreck import Rewrite

CREATE = (
    "create_thing",
    Values(
        path={"domain": DOMAIN},
        body={
            "name": "one",
            "tag": ["a", "b"],
            "active": True,
            "size": 7,
            "attachment": b"\x00\xff\r\n--",
            "options": {"colour": "red"},
        },
        media_type="multipart/form-data",
    ),
)
LIST = (
    "list_things",
    Values(
        path={"domain": "a/../b ?#%2F"},
        query={"tag": ["b,c", "a&d=e", ""], "active": True, "limit": 5},
    ),
)
UPDATE = (
    "update_thing",
    Values(
        path={"domain": DOMAIN, "thing_id": ".."},
        headers={"X-Batch": 3},
        body={"active": True, "size": 1, "tags": ["é", "b"]},
        media_type="application/json",
    ),
)
NOTE = (
    "add_note",
    Values(
        body={"thing": "1", "text": "a&b=c+d %é\n", "tag": ["b", "a"]},
        media_type="application/x-www-form-urlencoded",
    ),
)
READ = "get_note", Values(path={"note_id": "7"})
Sent = tuple[str, Values]


def lines(bench: Benches, sent: Sent, rewrite: Rewrite = as_it_is) -> list[str]:
    """What fidelity says of a call through the client."""
    suite = bench(rewrite=rewrite).suite
    operation = suite.truth.operations[sent[0]]
    exchange = suite.caller.call(operation, sent[1])
    return list(differences(operation, sent[1], exchange.request, KEY))


@pytest.mark.parametrize("sent", [CREATE, LIST, UPDATE, NOTE, READ], ids=lambda sent: sent[0])
def test_a_client_that_does_as_told_differs_in_nothing(bench: Benches, sent: Sent) -> None:
    assert lines(bench, sent) == []


@pytest.mark.parametrize("written", [rb"na\me", rb"na\\me"])
def test_a_backslash_in_a_name_may_be_escaped(bench: Benches, written: bytes) -> None:
    """Senders differ in it, and servers know both."""
    suite = bench().suite
    operation = suite.truth.operations[CREATE[0]]
    sent = suite.caller.call(operation, CREATE[1]).request
    content = sent.content.replace(b'name="name"', b'name="' + written + b'"')
    request = httpx.Request(sent.method, sent.url, headers=sent.headers, content=content)
    body = {name.replace("name", "na\\me"): value for name, value in dict(CREATE[1].body).items()}
    assert list(differences(operation, evolve(CREATE[1], body=body), request, KEY)) == []


def test_a_name_of_a_field_that_needs_an_escape_is_read_as_it_was(bench: Benches) -> None:
    name = 'v:"odd"; \\name=é'
    assert lines(bench, (CREATE[0], evolve(CREATE[1], body={**CREATE[1].body, name: "x"}))) == []


FAULTS = {
    "method": (READ, wreck.wrong_method, "method: expected GET, sent PATCH"),
    "slash in the path": (LIST, wreck.plain_path, "path: expected 4 segments"),
    "dots in the path": (UPDATE, wreck.plain_path, "path: expected 5 segments"),
    "path quoted twice": (LIST, wreck.path_quoted_twice, "path {domain}"),
    "query dropped": (LIST, wreck.no_query, "query limit: expected '5', not sent"),
    "array joined": (LIST, wreck.joined, "query tag"),
    "array with brackets": (LIST, wreck.bracketed, "query tag[]: sent"),
    "array reversed": (LIST, wreck.reversed_query, "query: repeated fields in another order"),
    "boolean in the query": (LIST, wreck.pythonic_query, "query active: sent 'True'"),
    "boolean in a form": (CREATE, wreck.pythonic_form, "form active: sent 'True'"),
    "object in a form": (CREATE, wreck.python_objects, "form options: sent"),
    "field renamed": (CREATE, wreck.renamed_field, "form name_: sent 'one'"),
    "pair renamed": (NOTE, wreck.renamed_pair, "form text: expected"),
    "file name lost": (CREATE, wreck.no_file_name, "body: can't be read back"),
    "text sent as file": (CREATE, wreck.text_as_file, "form name: sent b'one'"),
    "file content changed": (CREATE, wreck.changed_file, "form attachment: sent b'"),
    "field invented": (NOTE, wreck.extra_field, "form size: sent 'None'"),
    "fields sent twice": (NOTE, wreck.twice, "form tag: sent 'b', not in the case"),
    "form not quoted": (NOTE, wreck.decoded_form, "body: can't be read back"),
    "JSON value changed": (UPDATE, wreck.json_with({"size": 2}), "body: expected JSON"),
    "JSON true as 1": (UPDATE, wreck.json_with({"active": 1}), "body: expected JSON"),
    "JSON 1 as true": (UPDATE, wreck.json_with({"size": True}), "body: expected JSON"),
    "JSON array reversed": (UPDATE, wreck.json_with({"tags": ["b", "é"]}), "body: expected JSON"),
    "JSON key dropped": (UPDATE, wreck.json_without("size"), "body: expected JSON"),
    "JSON null invented": (UPDATE, wreck.json_with({"name": None}), "body: expected JSON"),
    "JSON under another type": (UPDATE, wreck.other_media_type, "body: expected JSON"),
    "form under another type": (CREATE, wreck.other_media_type, "content type: expected"),
    "body dropped": (NOTE, wreck.no_body, "content type: expected"),
    "body invented": (READ, wreck.a_body, "body: expected none"),
    "header dropped": (UPDATE, wreck.no_header, "header X-Batch: expected '3', sent None"),
    "key of somebody else": (READ, wreck.other_key, "authorization"),
    "another scheme": (READ, wreck.other_scheme, "authorization"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_client_fault_is_reported(bench: Benches, fault: str) -> None:
    sent, rewrite, expected = FAULTS[fault]
    found = lines(bench, sent, rewrite)
    assert any(line.startswith(expected) for line in found), found


def test_a_call_that_goes_out_twice_is_reported(bench: Benches) -> None:
    details = bench(times=2).details("valid", "get_status", "RequestDiffers")
    assert details == ["2 requests for one call"]


@pytest.mark.parametrize(
    ("operation", "model", "name"),
    [
        ("create_thing", "CreateThingBody", "name"),
        ("update_thing", "UpdateThingBody", "active"),
        ("add_note", "AddNoteBody", "text"),
    ],
)
def test_a_model_that_loses_a_field_of_a_body_is_reported(
    bench: Benches, monkeypatch: pytest.MonkeyPatch, operation: str, model: str, name: str
) -> None:
    judge = bench()
    exact = judge.suite.truth.operations[operation]
    sent = {"create_thing": CREATE, "update_thing": UPDATE, "add_note": NOTE}[operation][1]
    kind = getattr(import_module(f"{NAME}.models"), model)
    original = kind.to_dict

    def to_dict(self: object) -> dict[str, object]:
        return {key: item for key, item in original(self).items() if key != name}

    monkeypatch.setattr(kind, "to_dict", to_dict)
    exchange = judge.suite.caller.call(exact, sent)
    assert list(differences(exact, sent, exchange.request, KEY))


@pytest.mark.parametrize(
    ("operation", "rewrite"),
    [
        ("get_note", wreck.plain_path),
        ("update_thing", wreck.json_without("active")),
        ("add_note", wreck.decoded_form),
        ("delete_thing", wreck.other_key),
    ],
)
def test_the_cases_drawn_for_valid_input_show_the_fault(
    bench: Benches, operation: str, rewrite: Rewrite
) -> None:
    details = bench(rewrite=wreck.only(operation, rewrite)).details
    assert details("valid", operation, "RequestDiffers")
