"""Tags of a domain, in both forms of the older API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.tags.store import TagStore
from tests.emulator.areas.clients import told
from tests.emulator.areas.mail import Mail

SEEN = "2025-01-24 12:44:39 +0000 UTC"
LATER = "2025-01-24 12:45:39 +0000 UTC"
MISSING = (404, {"message": "tag not found"})


class Tags:
    """One tag by query or by path."""

    def __init__(self, mail: Mail, *, legacy: bool) -> None:
        self.mail, self.legacy = mail, legacy

    def _at(self, tag: str) -> dict[str, Any]:
        if self.legacy:
            return {"url": self.mail.path("tags", tag)}
        return {"url": self.mail.path("tag"), "params": {"tag": tag}}

    def get(self, tag: str) -> httpx.Response:
        return self.mail.api.get(**self._at(tag))

    def describe(self, tag: str, text: str) -> httpx.Response:
        at = self._at(tag)
        if self.legacy:
            return self.mail.api.put(**at, data={"description": text})
        at["params"]["description"] = text
        return self.mail.api.put(**at)

    def delete(self, tag: str) -> httpx.Response:
        return self.mail.api.delete(**self._at(tag))


@pytest.fixture(params=["query", "path"])
def tags(mail: Mail, request: pytest.FixtureRequest) -> Tags:
    return Tags(mail, legacy=request.param == "path")


def test_a_tag_comes_with_its_first_message(mail: Mail, tags: Tags) -> None:
    """platform:TAG-005, TAG-014, TAG-015, TAG-016, DIFF-034, DIFF-035."""
    assert told(tags.get("news")) == MISSING
    mail.send({"o:tag": "News"})
    mail.wait(60)
    mail.send({"o:tag": "news"})
    tag = {"tag": "News", "description": "", "first-seen": SEEN, "last-seen": LATER}
    for name in ("news", "NEWS"):
        assert told(tags.get(name)) == (200, tag)
    assert mail.api.get(mail.path("tags")).json()["items"] == [tag]


def test_a_description(mail: Mail, tags: Tags) -> None:
    """platform:TAG-015."""
    mail.send({"o:tag": "news"})
    assert told(tags.describe("news", "weekly ☕")) == (200, {"message": "Tag updated"})
    assert tags.get("news").json()["description"] == "weekly ☕"
    assert tags.mail.api.get(mail.path("tags")).json()["items"][0]["description"] == "weekly ☕"


def test_a_deleted_tag(mail: Mail, tags: Tags) -> None:
    """platform:TAG-015, TAG-017, TAG-022: comes again with the next message, with its counts."""
    mail.send({"o:tag": ["news", "other"]})
    assert told(tags.delete("news")) == (200, {"message": "Tag deleted"})
    assert mail.tags() == ["other"]
    for answer in (tags.get("news"), tags.describe("news", "x"), tags.delete("news")):
        assert told(answer) == MISSING
    mail.send({"o:tag": "news"})
    query = {"tag": "news", "event": "accepted", "resolution": "month"}
    stats = mail.api.get(mail.path("tag/stats"), params=query).json()["stats"]
    assert stats[-1]["accepted"]["total"] == 2


def test_names_that_need_escaping(mail: Mail) -> None:
    """platform:TAG-016."""
    mail.send({"o:tag": ["a/b c", "50%+?"]})
    for name, path in (("a/b c", "a%2Fb%20c"), ("50%+?", "50%25+%3F")):
        assert mail.api.get(mail.path("tags", path)).json()["tag"] == name


def test_what_is_kept_of_a_tag(mail: Mail) -> None:
    """platform:TAG-002, TAG-004; sending:MSG-026, MSG-028: ASCII, 128 characters, no case."""
    long = "x" * 128
    assert mail.send({"o:tag": ["naïve", "日本", "NAVE", f"{long}y", ""]}).status_code == 200
    assert mail.event()["tags"] == ["nave", long]
    assert mail.tags() == ["nave", long]


def test_ten_tags_count(mail: Mail) -> None:
    """sending:MSG-027; platform:TAG-001: more are accepted and dropped."""
    names = [f"t{n:02d}" for n in range(12)]
    assert mail.send({"o:tag": names}).status_code == 200
    assert mail.event()["tags"] == names[:10]
    assert mail.tags() == names[:10]


def test_a_domain_has_so_many_tags(app: Emulator, mail: Mail) -> None:
    """platform:TAG-003, TAG-020, DIFF-033; sending:MSG-029: the mail goes without the new ones."""
    path = f"/v3/domains/{mail.domain}/limits/tag"
    assert mail.api.get(path).json() == {"id": mail.domain, "limit": 20_000, "count": 0}
    app.state.store(app.state.accounts[0], TagStore).limit = 2
    mail.send({"o:tag": ["a", "b"]})
    assert mail.send({"o:tag": ["b", "c"], "subject": "more"}).status_code == 200
    assert mail.events(subject="more")[0]["tags"] == ["b"]
    assert mail.api.get(path).json() == {"id": mail.domain, "limit": 2, "count": 2}


def test_pages_of_tags(mail: Mail) -> None:
    """platform:TAG-014; sending:DIFF-012: in order, and each once."""
    mail.send({"o:tag": ["c", "A", "e"]})
    mail.send({"o:tag": ["b", "D"]})
    first = mail.follow(f"http://mg.test{mail.path('tags')}", {"limit": 2})
    base = f"http://mg.test{mail.path('tags')}"
    assert first["paging"] == {
        "first": f"{base}?limit=2",
        "last": f"{base}?page=last&limit=2",
        "next": f"{base}?page=next&tag=b&limit=2",
        "previous": f"{base}?page=prev&tag=a&limit=2",
    }
    found, page = [], first
    while page["items"]:
        found += [item["tag"] for item in page["items"]]
        page = mail.follow(page["paging"]["next"])
    assert found == ["A", "b", "c", "D", "e"]
    last = mail.follow(first["paging"]["last"])
    assert [item["tag"] for item in last["items"]] == ["D", "e"]
    before = mail.follow(last["paging"]["previous"])
    assert [item["tag"] for item in before["items"]] == ["b", "c"]


def test_a_prefix(mail: Mail) -> None:
    """platform:TAG-014: carried along in the links."""
    mail.send({"o:tag": ["news-a", "NEWS-b", "other"]})
    assert mail.tags(prefix="news") == ["news-a", "NEWS-b"]
    page = mail.follow(f"http://mg.test{mail.path('tags')}", {"prefix": "news", "limit": 1})
    following = mail.follow(page["paging"]["next"])
    assert [item["tag"] for item in following["items"]] == ["NEWS-b"]
    assert mail.follow(following["paging"]["next"])["items"] == []


def test_a_hundred_tags_to_a_page(app: Emulator, mail: Mail) -> None:
    """platform:TAG-014."""
    store = app.state.store(app.state.accounts[0], TagStore)
    for number in range(101):
        store.seen(mail.domain, [f"t{number:03d}"], app.state.clock.now())
    assert len(mail.tags()) == 100
    assert len(mail.tags(limit=101)) == 101
    assert mail.api.get(mail.path("tags"), params={"limit": 0}).status_code == 400


def test_somebody_elses_tags(mail: Mail) -> None:
    """sending:AUTH-012."""
    answer = mail.api.get("/v3/foreign.test/tags")
    assert told(answer) == (404, {"message": "domain not found"})
