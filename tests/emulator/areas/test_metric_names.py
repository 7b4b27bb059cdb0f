"""Which metrics, dimensions and filters can be asked for, and how others are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.areas.happenings import Happenings, where

# Of what is checked, previewed and tested, by how it went.
USED = (
    *(
        f"email_validation_{kind}count"
        for kind in ("", "public_", "valid_", "single_", "bulk_", "list_", "mailgun_", "mailjet_")
    ),
    *(
        f"{kind}_{ending}"
        for kind in ("email_preview", "link_validation", "accessibility", "image_validation")
        for ending in ("count", "failed_count")
    ),
    "seed_test_count",
    "ip_blocklist_monitoring_count",
    "domain_blocklist_monitoring_count",
    "archived_count",
    "processed_count",
)
DIMENSIONS = (
    "time",
    "domain",
    "ip",
    "ip_pool",
    "recipient_domain",
    "recipient_provider",
    "tag",
    "country",
    "subaccount",
    "bot",
    "device",
)


def refusal(happenings: Happenings, body: Any, path: str = "metrics") -> tuple[int, str]:
    content = body if isinstance(body, bytes) else json.dumps(body)
    answer = happenings.api.post(f"/v1/analytics/{path}", content=content)
    assert set(answer.json()) == {"message"}
    return answer.status_code, answer.json()["message"]


@pytest.mark.parametrize("name", USED)
def test_usage_metrics(happenings: Happenings, name: str) -> None:
    """platform:METRIC-025: each can be asked for, and what was not used is 0."""
    happenings.add("delivered")
    found = happenings.totals(name, path="usage/metrics")
    assert found[name] == (1 if name == "processed_count" else 0)


@pytest.mark.parametrize("name", DIMENSIONS)
def test_dimensions(happenings: Happenings, name: str) -> None:
    """platform:METRIC-008, METRIC-009: usage has two of them; time is the one that is no filter."""
    happenings.add("delivered", envelope={"sending-ip": "192.0.2.1", "i-ip-pool-id": "p1"})
    (row,) = happenings.rows("delivered_count", name).items()
    assert row[1] == 1
    usage = happenings.api.post("/v1/analytics/usage/metrics", json={"dimensions": [name]})
    assert usage.status_code == (200 if name in ("time", "subaccount") else 400)
    query = {"filter": where((name, "=", row[0])), "metrics": ["delivered_count"]}
    if name == "time":
        assert refusal(happenings, query) == (
            400,
            "'time' is not a valid filter predicate attribute",
        )
    else:
        assert happenings.rows("delivered_count", "domain", **query) == {happenings.domain: 1}


def test_values_with_a_label(happenings: Happenings) -> None:
    """platform:METRIC-009: the label may be there, and only the value counts."""
    happenings.add("delivered", tags=("a",))
    happenings.add("delivered", tags=("b",))
    value = {"label": "b", "value": "a"}
    predicate = {"attribute": "tag", "comparator": "=", "values": [value]}
    found = happenings.rows("delivered_count", "tag", filter={"AND": [predicate]})
    assert found == {"a": 1}


@pytest.mark.parametrize(
    ("told", "bot"),
    [("apple", "Apple"), ("gmail", "Gmail"), ("generic", "Generic"), ("", "None")],
)
def test_bots(happenings: Happenings, told: str, bot: str) -> None:
    """platform:METRIC-023."""
    happenings.add("opened", client_info={"bot": told})
    assert happenings.rows("opened_count", "bot") == {bot: 1}


def test_rates_that_the_description_forgets(happenings: Happenings) -> None:
    """platform:DIFF-021, DIFF-022: both unique rates, and the one that no answer declares."""
    happenings.add("delivered", delivery_status={"attempt-no": 2})
    happenings.add("delivered")
    happenings.add("clicked")
    names = ("unique_opened_rate", "unique_clicked_rate", "delayed_first_attempt_rate")
    assert list(happenings.totals(*names).values()) == ["0.0000", "0.5000", "0.5000"]


@pytest.mark.parametrize("path", ["metrics", "usage/metrics"])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"start":', "unable to parse request: invalid JSON"),
        ([], "invalid request body"),
        ({"start": "yesterday"}, "invalid start"),
        ({"duration": "3w"}, "invalid duration"),
        ({"resolution": "minute"}, "'resolution' attribute is invalid"),
        ({"dimensions": ["weather"]}, "invalid dimensions.0"),
        ({"metrics": ["happiness_count"]}, "invalid metrics.0"),
        ({"filter": {}}, "filter.AND parameter is missing"),
        ({"pagination": {"skip": -1}}, "invalid pagination.skip"),
        ({"pagination": {"limit": 1501}}, "invalid pagination.limit"),
        ({"pagination": {"sort": "time"}}, "invalid pagination.sort"),
    ],
)
def test_what_is_refused(happenings: Happenings, path: str, body: Any, message: str) -> None:
    """platform:METRIC-001, METRIC-006, METRIC-026: a message says what was wrong."""
    assert refusal(happenings, body, path) == (400, message)
