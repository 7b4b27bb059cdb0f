"""Every answer that documents show is read, without loss (defects P4 and P5).

`documented_shapes.yaml` has the answers that the vendored descriptions do not allow, as shapes with
made-up values: keys that are missing there and required here, nulls, other types. Where a recording
shows a key that a document leaves out, the key is optional: a client must not refuse either.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, Registry
from mailgun_client import InvalidResponse, models
from mailgun_client.operations import OPERATIONS
from mailgun_client.types import Response

from tests.client.contract import TRUTH, arguments
from tests.client.wire import Wire

Shape = tuple[str, int, Any]

_URI = "urn:test:truth"
_REGISTRY = Registry([(_URI, TRUTH)])


def _shapes() -> list[Any]:
    text = (Path(__file__).parent / "documented_shapes.yaml").read_text(encoding="utf-8")
    return [
        pytest.param(name, status, body, id=f"{name}-{status}-{number}")
        for number, (name, status, body) in enumerate(yaml.safe_load(text))
    ]


def _answer(name: str, status: int, body: Any) -> Response[Any, Any]:
    """What the client makes of an answer to the operation."""
    with Wire(status, json.dumps(body).encode()).client() as client:
        found: Response[Any, Any] = (
            OPERATIONS[name].load().sync_detailed(client=client, **arguments(name))
        )
    return found


def _validator(name: str, status: int) -> Draft202012Validator:
    """The schema of one answer in the truth."""
    operation = OPERATIONS[name]
    steps = (
        *("paths", operation.path, operation.method.lower()),
        *("responses", str(status), "content", "application/json", "schema"),
    )
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return Draft202012Validator({"$ref": f"{_URI}#{quote(pointer)}"}, registry=_REGISTRY)


@pytest.mark.parametrize(("name", "status", "body"), _shapes())
def test_a_documented_answer_is_read_without_loss(name: str, status: int, body: Any) -> None:
    """P5: these raised, or stayed raw values."""
    parsed = _answer(name, status, body).parsed
    if parsed is None:
        assert body is None
    else:
        assert type(parsed).__name__ in models.__all__
        # As text, since True == 1 == 1.0.
        assert json.dumps(parsed.to_dict(), sort_keys=True) == json.dumps(body, sort_keys=True)


@pytest.mark.parametrize(("name", "status", "body"), _shapes())
def test_a_documented_answer_conforms_to_the_truth(name: str, status: int, body: Any) -> None:
    """So that an emulator or a server may answer like this."""
    assert [error.message for error in _validator(name, status).iter_errors(body)] == []


_ROUTE = {
    "actions": ["stop()"],
    "created_at": "Fri, 25 Oct 2019 08:15:00 GMT",
    "description": "",
    "expression": "catch_all()",
    "id": "a",
    "priority": 0,
}
_LIST = {
    "access_level": "readonly",
    "address": "a@example.com",
    "created_at": "Fri, 25 Oct 2019 08:15:00 GMT",
    "description": "",
    "members_count": 0,
    "name": "",
}
_PAGES = dict.fromkeys(("first", "last", "next", "previous"), "a")

# Answers that documents show and that are known to be wrong, with what proves it.
WRONG: dict[str, Shape] = {
    "sending:DIFF-003 recorded flat, twice": (
        "update_route",
        200,
        {"message": "a", "route": _ROUTE},
    ),
    "sending:DIFF-002 recorded in an envelope": (
        "get_mailing_list_member",
        200,
        {"address": "a@example.com", "name": "", "subscribed": True, "vars": {}},
    ),
    "sending:DIFF-032 shows lists instead of members": (
        "list_mailing_list_member_pages",
        200,
        {"items": [_LIST], "paging": _PAGES},
    ),
    "platform:DIFF-078 shows the answer of another call": (
        "delete_ip_pool",
        200,
        {"allowed": {"dedicated": 0, "shared": 0}},
    ),
    "platform:DYN-005 shows a placeholder": ("add_ip_to_dynamic_ip_pool", 200, "a"),
    "validate:VAL-081 shows a wrapper with the status in it": (
        "promote_list_preview",
        202,
        {"Response": {"id": "a", "message": "a"}, "Status": 202},
    ),
}


@pytest.mark.parametrize("evidence", WRONG)
def test_what_is_known_to_be_wrong_in_documents_is_no_answer(evidence: str) -> None:
    """The list stays honest: an entry that can be read, or that conforms, has to go."""
    name, status, body = WRONG[evidence]
    with pytest.raises(InvalidResponse, match=f"{name}: status {status}"):
        _answer(name, status, body)
    assert not _validator(name, status).is_valid(body)


def test_lists_are_created_with_another_status_than_documented() -> None:
    """sending:DIFF-001, platform:DIFF-091: recorded as 200; the documented 201 is kept unread."""
    body = {"list": {**_LIST, "reply_preference": "list"}, "message": "a"}
    recorded, documented = (_answer("create_mailing_list", status, body) for status in (200, 201))
    assert recorded.parsed is not None
    assert recorded.parsed.to_dict() == body
    assert (documented.parsed, json.loads(documented.content)) == (None, body)
