"""The tags of an account."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.tags.store import TagStore
from tests.emulator.areas.clients import told
from tests.emulator.areas.happenings import Happenings
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import START

PATH = "/v1/analytics/tags"


def page(api: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = api.post(PATH, json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(api: httpx.Client, **asked: Any) -> list[str]:
    return [item["tag"] for item in page(api, **asked)["items"]]


def remove(api: httpx.Client, tag: str, content_type: str = "") -> httpx.Response:
    headers = {"content-type": content_type}
    return api.request("DELETE", PATH, content=f'{{"tag":"{tag}"}}', headers=headers)


def test_a_tag_as_it_is_shown(app: Emulator, mail: Mail) -> None:
    """platform:TAG-004 to TAG-009, DIFF-030, DIFF-032: it comes with the first message; last seen
    is cut to the hour, even where that lies before."""
    assert page(mail.api) == {"items": [], "pagination": {"sort": "lastseen:desc", "limit": 10}}
    mail.send({"o:tag": "News"})
    (item,) = page(mail.api)["items"]
    assert item["first_seen"] == "Fri, 24 Jan 2025 12:44:39 +0000"
    assert item["last_seen"] == "Fri, 24 Jan 2025 12:00:00 +0000"
    mail.wait(3600)
    mail.send({"o:tag": "NEWS"})
    account = app.state.accounts[0].id
    assert page(mail.api)["items"] == [
        {
            "account_id": account,
            "parent_account_id": "",
            "account_name": account,
            "tag": "News",
            "description": "",
            "first_seen": "Fri, 24 Jan 2025 12:44:39 +0000",
            "last_seen": "Fri, 24 Jan 2025 13:00:00 +0000",
            "metrics": {},
        }
    ]


def test_pages_and_order(mail: Mail) -> None:
    """platform:TAG-006, TAG-009, DIFF-032."""
    for number in range(12):
        mail.send({"o:tag": f"t{number:02d}"})
        mail.wait(3600)
    assert names(mail.api)[:2] == ["t11", "t10"]
    assert len(names(mail.api)) == 10
    asked = {"sort": "tag:asc", "skip": 1, "limit": 2, "include_total": True}
    found = page(mail.api, pagination=asked)
    assert [item["tag"] for item in found["items"]] == ["t01", "t02"]
    assert found["pagination"] == {"sort": "tag:asc", "skip": 1, "limit": 2, "total": 12}
    assert names(mail.api, pagination={"sort": "firstseen:asc", "limit": 1}) == ["t00"]
    assert names(mail.api, tag="T1") == ["t11", "t10"]
    assert names(mail.api, tag="t05", include_subaccounts=True) == ["t05"]
    assert names(mail.api, tag="é") == []
    assert mail.api.post(PATH, json={"pagination": {"limit": 1001}}).status_code == 400
    with_metrics = page(mail.api, include_metrics=True, pagination={"limit": 1000})
    assert with_metrics["pagination"]["limit"] == 20


def test_metrics_of_a_tag(happenings: Happenings, mail: Mail) -> None:
    """platform:TAG-007: empty unless asked for."""
    mail.send({"o:tag": ["a", "B"], "to": "x@example.com, y@example.com"})
    mail.send({"o:tag": "a"})
    mail.wait()
    happenings.add("opened", tags=("b",))
    found = page(mail.api, include_metrics=True)["items"]
    shown = {item["tag"]: item["metrics"] for item in found}
    assert shown["a"]["accepted_count"] == shown["a"]["delivered_count"] == 3
    assert shown["B"]["delivered_count"] == 2
    assert shown["B"]["opened_rate"] == "0.5000"
    assert shown["B"]["unique_opened_count"] == 1


def test_one_tag_of_several_domains(app: Emulator, mail: Mail) -> None:
    """platform:TAG-006, TAG-010, TAG-011, TAG-017: described and deleted everywhere; what was
    counted stays."""
    app.state.accounts[0].domains.add("other.example")
    mail.send({"o:tag": "news"})
    mail.wait(7200)
    other = Mail(app, mail.api, "other.example")
    other.send({"o:tag": "News"})
    (item,) = page(mail.api)["items"]
    assert item["first_seen"] == "Fri, 24 Jan 2025 12:44:39 +0000"
    assert item["last_seen"] == "Fri, 24 Jan 2025 14:00:00 +0000"
    answer = mail.api.put(PATH, json={"tag": "NEWS", "description": "about"})
    assert told(answer) == (200, {"message": "Tag updated"})
    assert mail.api.put(PATH, json={"tag": "news"}).status_code == 200
    assert page(mail.api)["items"][0]["description"] == "about"
    assert other.api.get(other.path("tag"), params={"tag": "news"}).json()["description"] == "about"
    assert told(remove(mail.api, "news")) == (200, {"message": "Tag deleted"})
    assert (names(mail.api), mail.tags(), other.tags()) == ([], [], [])
    happenings = Happenings(app, mail.api, mail.domain)
    assert happenings.rows("accepted_count", "tag") == {"News": 2}


def test_what_is_refused(api: httpx.Client) -> None:
    """platform:TAG-012, DIFF-031, GEN-008."""
    missing = (404, {"message": "Tag not found"})
    assert told(api.put(PATH, json={"tag": "none", "description": "x"})) == missing
    assert told(remove(api, "none")) == missing
    assert api.put(PATH, json={"description": "x"}).status_code == 400
    answer = api.get(PATH)
    assert answer.status_code == 404
    assert "not found" in answer.json()["error"]


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "application/x-www-form-urlencoded", "text/html"]
)
def test_bodies_of_any_type(mail: Mail, content_type: str) -> None:
    """platform:TAG-006, TAG-011, DIFF-094: read whatever they say they are."""
    mail.send({"o:tag": ["a", "b"]})
    asked: dict[str, Any] = {"content": '{"tag":"b"}', "headers": {"content-type": content_type}}
    assert [item["tag"] for item in mail.api.post(PATH, **asked).json()["items"]] == ["b"]
    assert told(remove(mail.api, "a", content_type)) == (200, {"message": "Tag deleted"})
    assert names(mail.api) == ["b"]


@pytest.mark.parametrize("count", [0, 2])
def test_limits(mail: Mail, count: int) -> None:
    """platform:TAG-013, DIFF-033."""
    for number in range(count):
        mail.send({"o:tag": f"t{number}"})
    answer = mail.api.get(f"{PATH}/limits")
    assert told(answer) == (200, {"limit": 100_000, "count": count, "limit_reached": False})


def test_the_limit_is_reached(app: Emulator, api: httpx.Client) -> None:
    """platform:TAG-003, TAG-013: over all domains of the account."""
    account = app.state.accounts[0]
    store = app.state.store(account, TagStore)
    for number in range(5):
        name = f"d{number}.example"
        account.domains.add(name)
        for tag in range(20_000):
            store.seen(name, (f"t{number}-{tag}",), START)
    found = {"limit": 100_000, "count": 100_000, "limit_reached": True}
    assert api.get(f"{PATH}/limits").json() == found
    store.drop("d0.example", "t0-0")
    assert api.get(f"{PATH}/limits").json()["limit_reached"] is False
    more = api.get("/v3/domains/d1.example/limits/tag").json()
    assert more == {"id": "d1.example", "limit": 20_000, "count": 20_000}
