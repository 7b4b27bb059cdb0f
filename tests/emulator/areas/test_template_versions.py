"""Versions of templates."""

from __future__ import annotations

import json

from mailgun_emulator import Emulator
from tests.emulator.areas.clients import HTML, Templates

HEADERS = {"From": "me@example.com", "Subject": "{{subject}}", "Reply-To": "you@example.com"}


def test_a_version_is_added(templates: Templates) -> None:
    """sending:TPL-004, TPL-015, TPL-016, DIFF-016."""
    created = templates.create("welcome").json()["template"]
    answer = templates.add("welcome", "V1", comment="one", headers=json.dumps(HEADERS))
    body = answer.json()
    assert (answer.status_code, body["message"]) == (
        200,
        "new version of the template has been stored",
    )
    version = body["template"].pop("version")
    assert body["template"] == created
    assert version == templates.version("welcome", "v1")
    assert (version["tag"], version["comment"], version["active"]) == ("v1", "one", True)
    assert (version["template"], version["headers"]) == (HTML, HEADERS)


def test_only_one_version_is_active(templates: Templates) -> None:
    """sending:TPL-016, TPL-017."""
    templates.create("welcome", template=HTML, tag="v1")
    templates.add("welcome", "v2")
    assert templates.actives("welcome") == {"v1": True, "v2": False}
    templates.add("welcome", "v3", active="yes")
    assert templates.actives("welcome") == {"v1": False, "v2": False, "v3": True}
    templates.update("welcome", "versions", "v2", active="true")
    assert templates.actives("welcome") == {"v1": False, "v2": True, "v3": False}
    templates.update("welcome", "versions", "v1", active="no")
    assert templates.actives("welcome") == {"v1": False, "v2": True, "v3": False}


def test_versions_are_listed_without_their_content(templates: Templates) -> None:
    """sending:TPL-018, DIFF-014."""
    created = templates.create("welcome", template=HTML, tag="v1").json()["template"]
    templates.add("welcome", "v0")
    page = templates.api.get(templates.path("welcome", "versions"), params={"limit": 1}).json()
    here = f"http://mg.test{templates.path('welcome', 'versions')}"
    assert page["paging"]["next"] == f"{here}?page=next&p=v0&limit=1"
    listed = page["template"].pop("versions")
    created_version = created.pop("version")
    assert page["template"] == created
    assert [version["tag"] for version in listed] == ["v0"]
    following = templates.api.get(page["paging"]["next"]).json()["template"]["versions"]
    kept = ("tag", "engine", "mjml", "createdAt", "comment", "active", "id")
    assert following == [{name: created_version[name] for name in kept}]


def test_a_version_is_updated_in_what_is_sent(templates: Templates) -> None:
    """sending:TPL-020."""
    templates.create("welcome", template=HTML, tag="v1", headers=json.dumps(HEADERS))
    before = templates.version("welcome", "v1")
    answer = templates.update("welcome", "versions", "V1", comment="better")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "message": "version has been updated",
            "template": {"name": "welcome", "version": {"tag": "v1"}},
        },
    )
    assert templates.version("welcome", "v1") == {**before, "comment": "better"}
    templates.update("welcome", "versions", "v1", template="new", headers='{"Subject": "s"}')
    assert templates.version("welcome", "v1") == {
        **before,
        "comment": "better",
        "template": "new",
        "headers": {"Subject": "s"},
    }


def test_a_deleted_version_is_gone(templates: Templates) -> None:
    """sending:TPL-021."""
    templates.create("welcome", template=HTML, tag="v1")
    templates.add("welcome", "v2")
    answer = templates.api.delete(templates.path("welcome", "versions", "V2"))
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "message": "version has been deleted",
            "template": {"name": "welcome", "version": {"tag": "v2"}},
        },
    )
    assert templates.actives("welcome") == {"v1": True}


def test_a_version_is_copied(app: Emulator, templates: Templates) -> None:
    """sending:TPL-022."""
    templates.create("welcome", template=HTML, tag="v1", comment="c", headers=json.dumps(HEADERS))
    source = templates.version("welcome", "v1")
    app.state.clock.advance(60)
    answer = templates.api.put(templates.path("welcome", "versions", "v1", "copy", "V2"))
    copy = templates.version("welcome", "v2")
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "version has been copied", "version": copy, "template": copy},
    )
    assert copy["id"] != source["id"]
    assert copy == {
        **source,
        "tag": "v2",
        "active": False,
        "id": copy["id"],
        "createdAt": "Fri, 24 Jan 2025 12:45:39 UTC",
    }
    assert templates.version("welcome", "v1") == source


def test_a_copy_overwrites(templates: Templates) -> None:
    """sending:TPL-022: what was active stays active."""
    templates.create("welcome", template="old", tag="v1")
    templates.add("welcome", "v2", "new")
    path = templates.path("welcome", "versions", "v2", "copy", "v1")
    assert templates.api.put(path, params={"comment": "why"}).status_code == 200
    replaced = templates.version("welcome", "v1")
    assert (replaced["template"], replaced["comment"], replaced["active"]) == ("new", "why", True)
    assert templates.actives("welcome") == {"v1": True, "v2": False}


def test_a_template_has_forty_versions(templates: Templates) -> None:
    """sending:TPL-023, TPL-029, DIFF-017."""
    templates.create("welcome")
    statuses = [templates.add("welcome", f"v{number}").status_code for number in range(41)]
    assert statuses == [200] * 40 + [400]
    copy = templates.path("welcome", "versions", "v0", "copy")
    assert templates.api.put(f"{copy}/v40").status_code == 400
    assert templates.api.put(f"{copy}/v39").status_code == 200
    assert len(templates.actives("welcome")) == 40
