"""Datetimes where the API wants dates as mail has them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from mailgun_client.api.bounces import create_bounces
from mailgun_client.api.events import list_events
from mailgun_client.api.messages import send_message
from mailgun_client.api.metrics import query_metrics
from mailgun_client.models import NewBounce, QueryMetricsBody, SendMessageBody

from tests.client.wire import Wire

MOMENT = datetime(2024, 2, 29, 23, 30, 5, tzinfo=timezone(timedelta(hours=-5)))
WRITTEN = "Thu, 29 Feb 2024 23:30:05 -0500"


def message(moment: Any) -> SendMessageBody:
    return SendMessageBody(from_="a@b.example", to=["c@d.example"], o_deliverytime=moment)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (MOMENT, WRITTEN),
        (datetime(2024, 3, 1, 4, 30, 5, tzinfo=UTC), "Fri, 01 Mar 2024 04:30:05 +0000"),
        (WRITTEN, WRITTEN),
        ("1709267405", "1709267405"),
    ],
)
def test_dates_of_a_send_and_of_a_search(given: datetime | str, sent: str) -> None:
    wire, found = Wire(), Wire()
    send_message.sync("a", client=wire.client(), body=message(given))
    [part] = [part for part in wire.form if part.name == "o:deliverytime"]
    assert part.text == sent
    list_events.sync("a", client=found.client(), begin=given, end=given)
    assert dict(found.sent.url.params) == {"begin": sent, "end": sent}


def test_dates_in_json(wire: Wire) -> None:
    body = QueryMetricsBody(start=MOMENT, end=WRITTEN)
    query_metrics.sync(client=wire.client(), body=body)
    assert json.loads(wire.sent.content) == {"start": WRITTEN, "end": WRITTEN}
    assert parsedate_to_datetime(json.loads(wire.sent.content)["start"]) == MOMENT


def test_dates_of_the_entries_of_a_list() -> None:
    wire = Wire()
    bounces = [NewBounce(address="a@b.example", created_at=MOMENT)]
    create_bounces.sync("a", client=wire.client(), body=bounces)
    assert json.loads(wire.sent.content) == [{"address": "a@b.example", "created_at": WRITTEN}]


@pytest.mark.parametrize(
    ("given", "error", "message_"),
    [
        (datetime(2024, 2, 29), ValueError, "o_deliverytime: expected a datetime with a zone"),
        (date(2024, 2, 29), TypeError, "o_deliverytime: expected a datetime, found date"),
    ],
)
def test_what_is_no_moment_is_refused(
    wire: Wire, given: date, error: type[Exception], message_: str
) -> None:
    with pytest.raises(error, match=message_):
        send_message.sync("a", client=wire.client(), body=message(given))
    assert not wire.requests
