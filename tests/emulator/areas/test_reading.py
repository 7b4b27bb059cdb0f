"""Whatever is only read stays as it is, in every area."""

from __future__ import annotations

import re

import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.clients import ALICE, Lists, Templates
from tests.emulator.areas.mail import Mail

NAMES = {
    "address": ALICE,
    "tag": "news",
    "template_name": "hello",
    "version_name": "v1",
    "webhook_name": "clicked",
}


@pytest.fixture
def filled(app: Emulator, mail: Mail, lists: Lists, templates: Templates) -> Emulator:
    """An app with something in each area, part of it delivered and part of it waiting."""
    for name in ("bounces", "complaints", "unsubscribes", "whitelists"):
        assert lists.add(name, address=ALICE).status_code == 200
    assert templates.create("hello", template="<p>Hi</p>", tag="v1").status_code == 200
    assert mail.api.post("/v4/domains", data={"name": "new.test"}).status_code == 200
    hook = {"id": "clicked", "url": "http://hooks.test/"}
    path = f"/v3/domains/{mail.domain}/webhooks"
    assert mail.api.post(path, data=hook).status_code == 200
    mail.send({"o:tag": "news", "template": "hello", "text": None})
    mail.wait()
    mail.send({"to": "bob@example.com"})
    return app


@pytest.mark.parametrize("later", [0, 1, 200 * 86_400])
def test_reading_changes_nothing(filled: Emulator, mail: Mail, later: int) -> None:
    """Not when it is found, not when it is not, and not after it has expired."""
    mail.wait(later)
    before = filled.state.digest()
    counts = {200: 0, 404: 0}
    for operation in filled.contract.operations.values():
        if operation.method != "GET":
            continue
        for domain in (mail.domain, "new.test"):
            status = mail.api.get(path_of(operation.path, domain)).status_code
            counts[status] = counts.get(status, 0) + 1
            assert filled.state.digest() == before, operation.id
    assert counts[200] > 200
    assert counts[404] > 20


def path_of(template: str, domain: str) -> str:
    """The path with a value in each place."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return domain if "domain" in name or name == "name" else NAMES.get(name, "x")

    return re.sub(r"\{([^{}]+)\}", value, template)
