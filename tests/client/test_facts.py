"""What only the facts can mend, seen from the client (defects R10, R11 and P4 to P7).

The bodies are made up; their shapes are those that the API was seen to use.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, get_args

import pytest
from mailgun_client import models
from mailgun_client.api.bounce_classification import query_bounce_classification_metrics
from mailgun_client.api.bounces import create_bounces
from mailgun_client.api.bulk_validations import get_bulk_validation
from mailgun_client.api.logs import query_logs
from mailgun_client.api.mailing_lists import add_mailing_list_members
from mailgun_client.operations import OPERATIONS

from tests.client.contract import ACTIONS, COMPONENTS, arguments
from tests.client.wire import Wire

MOMENT = "Fri, 25 Oct 2019 08:15:00 +0000"


def test_bounces_come_one_by_one_or_many_at_once(wire: Wire) -> None:
    """R10 and R11: an item demanded a date, under a name that the API doesn't read."""
    one = models.CreateBouncesBody(address="a@example.com")
    create_bounces.sync("example.com", client=wire.client(), body=one)
    assert wire.fields == [("address", "a@example.com")]
    wire.requests.clear()
    many = [models.NewBounce(address="a@example.com"), models.NewBounce(address="b@example.com")]
    many[1].created_at = MOMENT
    create_bounces.sync("example.com", client=wire.client(), body=many)
    assert json.loads(wire.sent.content) == [
        {"address": "a@example.com"},
        {"address": "b@example.com", "created_at": MOMENT},
    ]


def test_logs_are_queried_without_duration(wire: Wire) -> None:
    """R11."""
    query_logs.sync(client=wire.client(), body=models.QueryLogsBody(start=MOMENT))
    assert json.loads(wire.sent.content) == {"start": MOMENT}


def test_bounce_classification_dates_are_text(wire: Wire) -> None:
    """R11: they were objects."""
    body = models.QueryBounceClassificationMetricsBody(start=MOMENT, end=MOMENT)
    query_bounce_classification_metrics.sync(client=wire.client(), body=body)
    assert json.loads(wire.sent.content) == {"start": MOMENT, "end": MOMENT}


def test_list_members_are_an_array_in_one_field(wire: Wire) -> None:
    """R11: the array had no type."""
    first = models.NewMailingListMember(address="a@example.com", name="A")
    members: list[models.NewMailingListMember | str] = [first, "b@example.com"]
    body = models.AddMailingListMembersBody(members=members, upsert=True)
    add_mailing_list_members.sync("list@example.com", client=wire.client(), body=body)
    assert dict(wire.fields) == {
        "members": '[{"address":"a@example.com","name":"A"},"b@example.com"]',
        "upsert": "true",
    }


ANSWERS: list[tuple[str, int, Any]] = [
    ("send_message", 401, "Forbidden"),
    (
        "list_domains",
        200,
        {
            "total_count": 1,
            "items": [
                {
                    "created_at": MOMENT,
                    "id": "0123456789abcdef01234567",
                    "name": "example.com",
                    "state": "active",
                    "type": "custom",
                    "web_prefix": "email",
                    "disabled": None,
                }
            ],
        },
    ),
    (
        "list_bounces",
        200,
        {
            "items": [
                {
                    "address": "a@example.com",
                    "code": "550",
                    "error": "",
                    "created_at": "Fri, 25 Oct 2019 08:15:00 UTC",
                }
            ],
            "paging": dict.fromkeys(
                ("first", "last", "next", "previous"), "https://api.mailgun.net/v3/x/bounces"
            ),
        },
    ),
    (
        "list_ips",
        200,
        {"items": ["192.0.2.1"], "total_count": 1, "assignable_to_pools": [], "details": []},
    ),
    ("list_ip_pools", 200, {"ip_pools": [], "message": "success"}),
    (
        "list_templates",
        200,
        {
            "items": None,
            "paging": dict.fromkeys(
                ("first", "last", "next", "previous"), "https://api.mailgun.net/v3/x/templates"
            ),
        },
    ),
]


@pytest.mark.parametrize(("name", "status", "body"), ANSWERS, ids=[name for name, *_ in ANSWERS])
def test_answers_that_the_description_did_not_allow(name: str, status: int, body: Any) -> None:
    """P1, P5, P6 and P7: each of them raised, or stayed a raw value of another type."""
    text = isinstance(body, str)
    content = body.encode() if text else json.dumps(body).encode()
    wire = Wire(status, content, {"content-type": "text/plain" if text else "application/json"})
    found = OPERATIONS[name].load().sync(client=wire.client(), **arguments(name))
    assert (found if text else found.to_dict()) == body
    assert text or type(found).__name__ in models.__all__


NEWER: list[tuple[str, Any]] = [
    ("get_bulk_validation", {"id": "a", "quantity": 1, "created_at": 1, "status": "paused"}),
    ("list_alert_event_types", {"events": ["ip_listed", "trap_hit"]}),
    (
        "list_dynamic_ip_pools",
        {
            "pools": [
                {"id": "a", "account_id": "a", "name": "dynamic_odd", "enabled": True, "ips": []}
            ],
            "good_reputation": [],
            "poor_reputation": [],
            "new_senders": [],
        },
    ),
    (
        "list_allowlist_entries",
        {
            "items": [{"type": "range", "value": "a", "reason": "a", "createdAt": "a"}],
            "paging": dict.fromkeys(("first", "last", "next", "previous"), "a"),
        },
    ),
]


@pytest.mark.parametrize(("name", "body"), NEWER, ids=[name for name, _ in NEWER])
def test_words_that_are_newer_than_the_client_come_through(name: str, body: Any) -> None:
    """Closed sets are for type checkers; a word that the API adds breaks no caller."""
    wire = Wire(200, json.dumps(body).encode())
    found = OPERATIONS[name].load().sync(client=wire.client(), **arguments(name))
    assert type(found).__name__ in models.__all__
    assert found.to_dict() == body


def test_a_newer_word_can_be_told_from_the_known_ones() -> None:
    wire = Wire(200, b'{"id": "a", "quantity": 1, "created_at": 1, "status": "paused"}')
    found = asyncio.run(get_bulk_validation.asyncio("a", client=wire.client()))
    assert isinstance(found, models.BulkValidation)
    known = get_args(models.BulkValidationStatus)
    assert "uploaded" in known
    assert (found.status, found.status in known) == ("paused", False)


def test_no_success_is_just_any_text_or_value() -> None:
    """P6: fifteen operations were typed str and answered objects."""
    loose = [
        (name, status)
        for name, operation in ACTIONS.items()
        for status, response in operation["responses"].items()
        for media, content in response.get("content", {}).items()
        if status.startswith("2") and "json" in media and content["schema"].get("type") == "string"
    ]
    assert loose == []
    untyped = {
        name
        for name, operation in OPERATIONS.items()
        if "Any" in str(operation.load().sync.__annotations__["return"]).split(" | ")
    }
    assert untyped == set()


def test_dates_of_mail_are_text() -> None:
    """P5 and P7: RFC 2822 dates under date-time raised on every answer."""
    item = {"address": "a@example.com", "created_at": "Fri, 25 Oct 2019 08:15:00 UTC"}
    complaint = models.Complaint.from_dict(item)
    assert complaint.created_at == item["created_at"]


def test_bodies_are_required_where_the_api_demands_them() -> None:
    """R11: eight bodies with required fields were optional."""
    for operation in ACTIONS.values():
        body = operation.get("requestBody", {"required": True})
        for content in body.get("content", {}).values():
            schema = content["schema"]
            schema = COMPONENTS.get(schema.get("$ref", "").rsplit("/", 1)[-1], schema)
            if not body.get("required"):
                assert not schema.get("required"), operation["operationId"]
