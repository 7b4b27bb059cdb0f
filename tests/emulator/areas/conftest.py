"""Clients of single areas on the default domain."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.suppressions.store import SuppressionStore
from tests.emulator.areas.clients import Lists, Templates
from tests.emulator.areas.happenings import Happenings
from tests.emulator.areas.incoming import Incoming
from tests.emulator.areas.mail import Mail
from tests.emulator.areas.mailing import MailingLists
from tests.emulator.conftest import Connect
from tests.emulator.control.conftest import Controls
from tests.emulator.receiver import Receiver


@pytest.fixture
def lists(api: httpx.Client, domain: str) -> Lists:
    """The four suppression lists."""
    return Lists(api, domain)


@pytest.fixture
def suppressions(app: Emulator) -> SuppressionStore:
    """The suppressions of the default account."""
    return app.state.store(app.state.accounts[0], SuppressionStore)


@pytest.fixture(params=["domain", "account"])
def templates(api: httpx.Client, domain: str, request: pytest.FixtureRequest) -> Templates:
    """Templates and versions of the domain, and of the account: the same laws hold for both."""
    return Templates(api, domain if request.param == "domain" else "")


@pytest.fixture
def mail(app: Emulator, api: httpx.Client, domain: str) -> Mail:
    """Sending, and what became of it."""
    return Mail(app, api, domain)


@pytest.fixture
def mailing(api: httpx.Client, domain: str) -> MailingLists:
    """Mailing lists and members; the list is there already."""
    made = MailingLists(api, domain)
    assert made.create().status_code == 200
    return made


@pytest.fixture
def happenings(app: Emulator, api: httpx.Client, domain: str) -> Happenings:
    """Events recorded by hand, and what is counted of them."""
    return Happenings(app, api, domain)


@pytest.fixture
def incoming(connect: Connect, domain: str) -> Incoming:
    """Mail from outside, for an app that posts to a receiver of the test's own."""
    receiver = Receiver()
    app = receiver.app()
    client = connect(app)
    return Incoming(app, client, receiver, Mail(app, client, domain))


@pytest.fixture
def control(connect: Connect) -> Controls:
    """The control API, to make rules with."""
    return Controls(connect(key=None))
