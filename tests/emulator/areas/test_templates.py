"""Templates: what is kept and how it is shown."""

from __future__ import annotations

import json
from uuid import UUID

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.clients import HTML, Templates

NOW = "Fri, 24 Jan 2025 12:44:39 UTC"
HEADERS = {"From": "me@example.com", "Subject": "{{subject}}", "Reply-To": "you@example.com"}
CREATED = "template has been stored"


def test_a_template_without_content_has_no_version(templates: Templates) -> None:
    """sending:TPL-001, TPL-007, TPL-026, TPL-027, DIFF-015."""
    answer = templates.create("welcome", description="for new users")
    created = answer.json()["template"]
    assert UUID(created["id"]).version == 4
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "message": CREATED,
            "template": {
                "name": "welcome",
                "description": "for new users",
                "createdAt": NOW,
                "createdBy": "",
                "id": created["id"],
            },
        },
    )
    assert templates.template("welcome") == created
    assert templates.template("welcome", active="yes") == created


def test_a_template_with_content_has_an_active_version(templates: Templates) -> None:
    """sending:TPL-002, TPL-004, TPL-006, TPL-019, DIFF-015."""
    created = templates.create(
        "welcome",
        createdBy="ann",
        template=HTML,
        tag="V1",
        comment="first",
        headers=json.dumps(HEADERS),
    ).json()["template"]
    version = created["version"]
    assert created["createdBy"] == "ann"
    assert version == {
        "tag": "v1",
        "template": HTML,
        "engine": "handlebars",
        "mjml": "",
        "createdAt": NOW,
        "comment": "first",
        "active": True,
        "id": version["id"],
        "headers": HEADERS,
    }
    assert version["id"] != created["id"]
    assert templates.template("welcome", "versions", "V1") == created


def test_multipart_and_files_are_taken_too(templates: Templates) -> None:
    """platform:GEN-020; sending:TPL-027."""
    answer = templates.api.post(
        templates.path(), files={"name": (None, "a"), "template": ("a.html", HTML.encode())}
    )
    assert answer.json()["template"]["version"]["template"] == HTML


def test_the_first_tag_is_initial_unless_given(templates: Templates) -> None:
    """sending:TPL-003."""
    created = templates.create("welcome", template=HTML).json()["template"]
    assert created["version"]["tag"] == "initial"
    assert created["version"]["headers"] == {}


def test_names_are_in_lower_case_and_may_be_anything(templates: Templates) -> None:
    """sending:TPL-005."""
    for name in ("API Test", "Grüße/Ω", "a%b"):
        assert templates.create(name).json()["template"]["name"] == name.lower()
    assert templates.template("API%20Test")["name"] == "api test"
    assert templates.template("gr%C3%BC%C3%9Fe%2F%CF%89")["name"] == "grüße/ω"
    assert templates.template("A%25B")["name"] == "a%b"


def test_the_active_version_is_shown_when_asked_for(templates: Templates) -> None:
    """sending:TPL-007, TPL-008."""
    templates.create("welcome", template=HTML)
    assert "version" not in templates.template("welcome")
    assert "version" not in templates.template("welcome", active="no")
    for flag in ("yes", "true"):
        shown = templates.template("welcome", active=flag)["version"]
        assert (shown["tag"], shown["template"]) == ("initial", HTML)


def test_the_description_is_updated(templates: Templates) -> None:
    """sending:TPL-009."""
    templates.create("welcome", description="old")
    answer = templates.update("Welcome", description="new")
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "template has been updated", "template": {"name": "welcome"}},
    )
    assert templates.template("welcome")["description"] == "new"
    assert templates.update("welcome").status_code == 200
    assert templates.template("welcome")["description"] == "new"


def test_a_deleted_template_is_gone_with_its_versions(templates: Templates) -> None:
    """sending:TPL-010."""
    templates.create("welcome", template=HTML)
    answer = templates.api.delete(templates.path("welcome"))
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "template has been deleted", "template": {"name": "welcome"}},
    )
    assert templates.api.get(templates.path("welcome")).status_code == 404
    templates.create("welcome")
    assert templates.actives("welcome") == {}


def test_all_templates_are_deleted(templates: Templates) -> None:
    """sending:TPL-011."""
    for name in "ab":
        templates.create(name)
    answer = templates.api.delete(templates.path())
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "templates have been deleted"},
    )
    assert templates.api.get(templates.path()).json()["items"] == []


def test_the_list_is_sorted_and_has_no_versions(templates: Templates) -> None:
    """sending:TPL-012, TPL-013, DIFF-012, DIFF-013."""
    for name in ("two words", "one", "three"):
        templates.create(name, template=HTML)
    page = templates.api.get(templates.path()).json()
    here = f"http://mg.test{templates.path()}"
    assert [item["name"] for item in page["items"]] == ["one", "three", "two words"]
    assert all("version" not in item and "versions" not in item for item in page["items"])
    assert page["paging"] == {
        "first": f"{here}?limit=100",
        "last": f"{here}?page=last&limit=100",
        "next": f"{here}?page=next&p=two+words&limit=100",
        "previous": f"{here}?page=previous&p=one&limit=100",
    }


def test_pages_partition_the_list_in_both_directions(templates: Templates) -> None:
    """sending:TPL-014."""
    names = [f"template {number}" for number in range(5)]
    for name in reversed(names):
        templates.create(name)
    seen = []
    page = templates.api.get(templates.path(), params={"limit": 2}).json()
    while page["items"]:
        seen.append([item["name"] for item in page["items"]])
        page = templates.api.get(page["paging"]["next"]).json()
    assert seen == [names[:2], names[2:4], names[4:]]
    last = templates.api.get(templates.path(), params={"limit": 2, "page": "last"}).json()
    before = templates.api.get(last["paging"]["previous"]).json()
    assert [item["name"] for item in last["items"]] == names[3:]
    assert [item["name"] for item in before["items"]] == names[1:3]


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_page_size_has_bounds(templates: Templates, limit: str) -> None:
    """sending:TPL-013: at most 100."""
    templates.create("a")
    for path in (templates.path(), templates.path("a", "versions")):
        assert templates.api.get(path, params={"limit": limit}).status_code == 400


def test_what_is_not_there_is_not_found(templates: Templates) -> None:
    """sending:TPL-024."""
    templates.create("welcome", template=HTML, tag="v1")
    api, path = templates.api, templates.path
    form = {"template": HTML, "tag": "v9"}
    missing_template = [
        api.get(path("x")),
        api.put(path("x"), data={"description": "d"}),
        api.delete(path("x")),
        api.get(path("x", "versions")),
        api.post(path("x", "versions"), data=form),
        api.get(path("x", "versions", "v1")),
        api.put(path("x", "versions", "v1"), data=form),
        api.delete(path("x", "versions", "v1")),
        api.put(path("x", "versions", "v1", "copy", "v2")),
    ]
    missing_version = [
        api.get(path("welcome", "versions", "v9")),
        api.put(path("welcome", "versions", "v9"), data=form),
        api.delete(path("welcome", "versions", "v9")),
        api.put(path("welcome", "versions", "v9", "copy", "v1")),
    ]
    for answers, text in (
        (missing_template, "template not found"),
        (missing_version, "template version not found"),
    ):
        assert [(a.status_code, a.json()) for a in answers] == [(404, {"message": text})] * len(
            answers
        )


def test_a_foreign_domain_has_no_templates(api: httpx.Client) -> None:
    """sending:TPL-025, AUTH-012, DIFF-008."""
    answer = api.get("/v3/foreign.test/templates")
    assert (answer.status_code, answer.json()) == (404, {"message": "domain not found"})


def test_names_and_tags_are_taken_once(app: Emulator, templates: Templates) -> None:
    """sending:TPL-029."""
    templates.create("welcome", template=HTML, tag="v1", description="old")
    before = app.state.digest()
    assert templates.create("WELCOME", description="new").status_code == 400
    assert templates.add("welcome", "V1", "new").status_code == 400
    assert app.state.digest() == before


def test_a_domain_has_a_hundred_templates(templates: Templates) -> None:
    """sending:TPL-023, TPL-029."""
    statuses = [templates.create(f"t{number}").status_code for number in range(101)]
    assert statuses == [200] * 100 + [400]
    assert len(templates.api.get(templates.path()).json()["items"]) == 100


def test_content_has_a_hundred_kilobytes_at_most(templates: Templates) -> None:
    """sending:TPL-023."""
    largest = "ä" * (50 * 1024)
    assert templates.create("a", template=largest + "a").status_code == 400
    assert templates.api.get(templates.path("a")).status_code == 404
    assert templates.create("a", template=largest, tag="v1").status_code == 200
    assert templates.add("a", "v2", largest + "a").status_code == 400
    assert templates.update("a", "versions", "v1", template=largest + "a").status_code == 400
    assert templates.version("a", "v1")["template"] == largest


def test_what_is_no_template_is_refused_and_changes_nothing(
    app: Emulator, templates: Templates
) -> None:
    """sending:ERR-001, TPL-006."""
    templates.create("welcome", template=HTML, tag="v1")
    before = app.state.digest()
    api, path = templates.api, templates.path
    refused = [
        api.post(path(), data={"description": "no name"}),
        templates.create(""),
        templates.create("other", template=HTML, headers="From: me"),
        templates.create("other", template=HTML, headers='["From"]'),
        api.post(path("welcome", "versions"), data={"tag": "v2"}),
        api.post(path("welcome", "versions"), data={"template": HTML}),
        templates.add("welcome", "v2", active="perhaps"),
        templates.update("welcome", "versions", "v1", headers='{"From": 1}'),
    ]
    assert [answer.status_code for answer in refused] == [400] * len(refused)
    assert refused[0].json() == {"message": "name parameter is missing"}
    assert app.state.digest() == before
