"""Templates of the account, beside those of its domains."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.state import ApiKey
from tests.emulator.areas.clients import HTML, Templates
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import Connect


@pytest.fixture
def own(api: httpx.Client, domain: str) -> Templates:
    """The templates of the domain."""
    return Templates(api, domain)


@pytest.fixture
def shared(api: httpx.Client) -> Templates:
    """The templates of the account."""
    return Templates(api)


def body(mail: Mail, name: str) -> str:
    """The HTML of a message with this template."""
    answer = mail.send({"template": name, "text": None, "t:variables": '{"greeting": "Hi"}'})
    assert answer.status_code == 200, answer.text
    newest = mail.events(event="accepted")[0]
    return str(mail.stored(newest)["body-html"])


def test_every_domain_can_use_them(
    app: Emulator, mail: Mail, own: Templates, shared: Templates
) -> None:
    """sending:TPL-028: where a domain has no template of that name itself."""
    app.state.accounts[0].domains.add("second.test")
    second = Mail(app, mail.api, "second.test")
    shared.create("Hello", template=HTML)
    assert body(mail, "hello") == body(second, "HELLO") == "<p>Hi</p>"
    own.create("hello", template="<b>own</b>")
    assert (body(mail, "hello"), body(second, "hello")) == ("<b>own</b>", "<p>Hi</p>")


def test_they_are_apart_from_those_of_domains(own: Templates, shared: Templates) -> None:
    """sending:TPL-011, TPL-028: in lists, under equal names, and when all are deleted."""
    shared.create("one", template="shared")
    own.create("one", template="own")
    own.create("two")
    for templates, names in ((shared, ["one"]), (own, ["one", "two"])):
        page = templates.api.get(templates.path()).json()
        assert [item["name"] for item in page["items"]] == names
    assert shared.version("one", "initial")["template"] == "shared"
    assert own.api.delete(own.path()).status_code == 200
    assert shared.version("one", "initial")["template"] == "shared"
    assert own.api.get(own.path("one")).status_code == 404


def test_they_outlive_a_domain(
    app: Emulator, mail: Mail, own: Templates, shared: Templates
) -> None:
    """sending:TPL-028: while those of the domain go with it."""
    for templates in (own, shared):
        templates.create("one", template=HTML)
    assert mail.api.delete(f"/v3/domains/{mail.domain}").status_code == 200
    app.state.accounts[0].domains.add(mail.domain)
    assert own.api.get(own.path("one")).status_code == 404
    assert shared.template("one", active="yes")["version"]["template"] == HTML


def test_each_account_has_its_own(app: Emulator, connect: Connect, shared: Templates) -> None:
    """sending:TPL-028."""
    shared.create("one")
    account = app.state.accounts[0]
    app.state.add_key(account, ApiKey("1", "reader", kind="user", role="basic"))
    app.state.add_key(account, ApiKey("2", "helper", kind="user", role="support"))
    reader, helper = Templates(connect(key="reader")), Templates(connect(key="helper"))
    assert reader.template("one")["name"] == "one"
    assert reader.create("two").status_code == 403
    assert helper.create("two").status_code == 200
    assert connect(key=None).get(shared.path()).status_code == 401
