"""Mail to a mailing list: who may post, what the members get, and how they leave."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.mailing_lists.posting import may_post
from mailgun_emulator.areas.mailing_lists.records import MailingList, Member
from mailgun_emulator.areas.messages.addresses import Address
from mailgun_emulator.areas.messages.limits import SANDBOX, Standing
from tests.emulator.areas.clients import ALICE
from tests.emulator.areas.mail import BOB, Mail
from tests.emulator.areas.mailing import MailingLists
from tests.emulator.conftest import START, Connect

CAROL, DAN = "carol@example.com", "dan@example.com"


@pytest.fixture
def post(mailing: MailingLists, mail: Mail) -> Any:
    """Sends to the list, with two members and one who has left; waits until all is delivered."""
    mailing.add(f"Alice B. Smith <{ALICE}>", vars='{"team": "blue", "rank": 3}')
    mailing.add(CAROL)
    mailing.add(DAN, subscribed="no")

    def send(**fields: Any) -> None:
        answer = mail.send({"to": mailing.address, **fields})
        assert answer.status_code == 200, answer.text
        mail.wait(2)

    return send


def delivered(mail: Mail) -> dict[str, dict[str, Any]]:
    """Delivered events by recipient."""
    return {event["recipient"]: event for event in mail.events(event="delivered")}


def test_every_subscribed_member_gets_a_copy(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-001: it is accepted for the list, and a copy of it for each member."""
    post()
    assert sorted(delivered(mail)) == [ALICE, CAROL]
    accepted = [event["recipient"] for event in mail.events(event="accepted")]
    assert sorted(accepted) == [ALICE, CAROL, mailing.address]
    keys = {event["storage"]["key"] for event in mail.events(event="accepted")}
    assert len(keys) == 3


def test_members_are_asked_for_when_the_mail_is_due(
    post: Any, mail: Mail, mailing: MailingLists
) -> None:
    """sending:LSEND-001, LSEND-005: who has left in the meantime gets nothing."""
    mail.send({"to": mailing.address, "o:deliverytime": "Fri, 24 Jan 2025 14:00:00 GMT"})
    mailing.change(CAROL, subscribed="no")
    mailing.change(DAN, subscribed="yes")
    mail.wait(7200)
    assert sorted(delivered(mail)) == [ALICE, DAN]


def test_mail_to_a_list_and_others(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-001: others get it as always, and are no part of the list mail."""
    post(to=[mailing.address.upper(), "erin@example.org"])
    found = delivered(mail)
    assert sorted(found) == [ALICE, CAROL, "erin@example.org"]
    assert "mailing-list" not in found["erin@example.org"]


def test_a_dropped_message_reaches_nobody(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:QUEUE-003: nor does its list."""
    mail.send({"to": mailing.address})
    assert mail.api.delete(mail.path("envelopes")).status_code == 200
    mail.wait(2)
    assert delivered(mail) == {}


def test_events_name_the_list(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-006; platform:EVT-034: and can be found by it."""
    mailing.update(**{"list-id": "my-list"})
    post()
    mail.send()
    mail.wait()
    events = mail.events(list_=mailing.address)
    assert len(events) == 5
    for event in events:
        assert event["mailing-list"]["address"] == mailing.address
        assert event["mailing-list"]["list-id"] == "my-list"
        assert event["mailing-list"]["sid"]


@pytest.mark.parametrize("kind", ["parts", "mime"])
def test_variables_of_the_member(post: Any, mail: Mail, mailing: MailingLists, kind: str) -> None:
    """sending:LSEND-004, BATCH-012: name, address and own variables."""
    text = (
        "%recipient% %recipient_email% %recipient_name%/%recipient_fname%/%recipient_lname% "
        "%recipient.team%%recipient.rank% %recipient.other%"
    )
    if kind == "parts":
        post(text=text, subject="For %recipient_fname%")
    else:
        head = f"From: {BOB}\r\nTo: {mailing.address}\r\nSubject: For %recipient_fname%\r\n\r\n"
        mail.send_mime(head + text, {"to": mailing.address})
        mail.wait(2)
    found = delivered(mail)
    assert found[ALICE]["message"]["headers"]["subject"] == "For Alice"
    stored = mail.stored(found[ALICE])
    assert stored["body-plain"].strip() == (
        f"Alice B. Smith <{ALICE}> {ALICE} Alice B. Smith/Alice/B. Smith blue3 %recipient.other%"
    )
    assert mail.stored(found[CAROL])["body-plain"].startswith(f"{CAROL} {CAROL} // %recipient.team")


def test_names_are_quoted_where_they_must(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-004: the full form of a member is good for a To header."""
    mailing.change(ALICE, name='Smith, "Al"')
    post(text="%recipient%")
    body = mail.stored(delivered(mail)[ALICE])["body-plain"].strip()
    assert body == f'"Smith, \\"Al\\"" <{ALICE}>'


def test_the_to_header_stays_the_list(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-003: so that a reply to all reaches it."""
    post(cc="erin@example.org")
    event = delivered(mail)[ALICE]
    assert event["message"]["headers"]["to"] == mailing.address
    assert event["envelope"]["targets"] == ALICE
    assert mail.stored(event)["To"] == mailing.address


@pytest.mark.parametrize(
    ("level", "preference", "own", "replies"),
    [
        ("everyone", "list", None, "list"),
        ("everyone", "list", "own@example.org", "list"),
        ("everyone", "sender", None, BOB),
        ("everyone", "sender", "own@example.org", "own@example.org"),
        ("readonly", "list", None, BOB),
    ],
)
def test_where_replies_go(
    post: Any,
    mail: Mail,
    mailing: MailingLists,
    level: str,
    preference: str,
    own: str | None,
    replies: str,
) -> None:
    """sending:LSEND-003: by preference, and to the author wherever the list is read only."""
    mailing.update(access_level=level, reply_preference=preference)
    post(**({"h:Reply-To": own} if own else {}))
    expected = mailing.address if replies == "list" else replies
    raw = mail.raw(delivered(mail)[ALICE])
    found = [line for line in raw.split("\r\n") if line.lower().startswith("reply-to:")]
    assert found == [f"Reply-To: {expected}"]


def test_replies_in_mime(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-003: a ready-made message gets the header too."""
    mailing.update(access_level="everyone")
    mime = f"From: {BOB}\r\nReply-To: x@example.org\r\nSubject: s\r\n\r\nHi"
    mail.send_mime(mime, {"to": mailing.address})
    mail.wait(2)
    raw = mail.raw(delivered(mail)[CAROL])
    assert f"Reply-To: {mailing.address}\r\n" in raw
    assert "x@example.org" not in raw


@pytest.mark.parametrize("authenticated", [True, False])
@pytest.mark.parametrize(
    ("level", "sender", "allowed"),
    [
        ("readonly", ALICE, None),
        ("members", ALICE.upper(), True),
        ("members", DAN, False),
        ("members", "erin@example.org", False),
        ("everyone", "erin@example.org", True),
    ],
)
def test_who_may_post(level: str, sender: str, allowed: bool | None, authenticated: bool) -> None:
    """sending:LSEND-002: read only is for whoever is authenticated."""
    made = MailingList("l@example.com", START, "id", "1", access_level=level)
    made.members.put(Member(ALICE))
    made.members.put(Member(DAN, subscribed=False))
    expected = authenticated if allowed is None else allowed
    assert may_post(made, Address(sender, sender), authenticated=authenticated) is expected
    assert may_post(made, None, authenticated=authenticated) is (
        level == "everyone" or (level == "readonly" and authenticated)
    )


def test_a_refused_post_is_rejected(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-002, LSEND-009: it reaches no member, and an event says why."""
    mailing.update(access_level="members")
    post()
    assert delivered(mail) == {}
    event = mail.event("rejected")
    assert event["reject"]["reason"] == "Not allowed to post to the mailing list"
    assert event["mailing-list"]["address"] == mailing.address
    post(**{"from": f"Alice <{ALICE}>"})
    assert sorted(delivered(mail)) == [ALICE, CAROL]


def test_a_deleted_list_delivers_to_nobody(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LIST-011: what was on its way is rejected, not lost."""
    mail.send({"to": mailing.address})
    mailing.api.delete(mailing.path())
    mail.wait(2)
    assert delivered(mail) == {}
    assert mail.event("rejected")["reject"]["reason"] == "The mailing list does not exist"


def test_suppressed_members_get_nothing(post: Any, mail: Mail) -> None:
    """sending:DELIV-006: lists of the domain count for list mail too."""
    mail.api.post(mail.path("bounces"), data={"address": CAROL})
    post()
    assert sorted(delivered(mail)) == [ALICE]
    failed = mail.event("failed")
    assert (failed["recipient"], failed["reason"]) == (CAROL, "suppress-bounce")


def link(mail: Mail) -> str:
    """The path of the link in Alice's copy."""
    return urlsplit(mail.got("text", delivered(mail)[ALICE]).strip()).path


def test_the_unsubscribe_link(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-005: it keeps the member, who gets no more."""
    post(text="%mailing_list_unsubscribe_url%", **{"o:tag": "news"})
    path = link(mail)
    assert path.startswith("/u/")
    assert path not in mail.got("text", delivered(mail)[CAROL])
    assert mail.api.get(path, auth=("", "")).status_code == 200
    assert mailing.member(ALICE)["subscribed"] is False
    event = mail.event("unsubscribed")
    assert (event["recipient"], event["tags"]) == (ALICE, ["news"])
    assert event["mailing-list"]["address"] == mailing.address
    assert mail.api.get(mail.path("unsubscribes", ALICE)).status_code == 404
    post(subject="second")
    assert [e["recipient"] for e in mail.events(event="delivered", subject="second")] == [CAROL]


def test_the_api_takes_a_member_back(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-005: and following the link twice makes one event."""
    post(text="%mailing_list_unsubscribe_url%")
    for _ in range(2):
        assert mail.api.get(link(mail)).status_code == 200
    assert mail.event("unsubscribed")
    mailing.change(ALICE, subscribed="yes")
    post(subject="second")
    assert len(mail.events(event="delivered", subject="second")) == 2


def test_broken_links_lead_nowhere(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-005: also those of members and lists that are gone."""
    post(text="%mailing_list_unsubscribe_url%")
    path = link(mail)
    for other in ("/u/", "/u/x", "/u/W10", "/u/bnVsbA", "/u/%ff", path[:-4], f"{path}é"):
        assert mail.api.get(other).status_code == 404
    mailing.api.delete(mailing.path("members", ALICE))
    assert mail.api.get(path).status_code == 404
    mailing.api.delete(mailing.path())
    assert mail.api.get(path).status_code == 404
    assert mail.events(event="unsubscribed") == []


def test_outside_lists_the_variable_stays(mail: Mail) -> None:
    """sending:BATCH-012: there is no list to leave."""
    mail.send({"text": "%mailing_list_unsubscribe_url%", "recipient-variables": "{}"})
    assert mail.stored()["body-plain"].strip() == "%mailing_list_unsubscribe_url%"


def test_a_batch_may_hold_a_list(post: Any, mail: Mail, mailing: MailingLists) -> None:
    """sending:BATCH-001, LSEND-004: the members of a list have their own variables."""
    post(
        to=[mailing.address, "erin@example.org"],
        text="%recipient.team%",
        **{"recipient-variables": '{"erin@example.org": {"team": "red"}}'},
    )
    found = delivered(mail)
    assert mail.stored(found["erin@example.org"])["body-plain"].strip() == "red"
    assert mail.stored(found[ALICE])["body-plain"].strip() == "blue"
    assert mail.stored(found[ALICE])["To"] == mailing.address


def test_sandbox_lists_reach_authorized_members(app: Emulator, connect: Connect) -> None:
    """sending:LSEND-008: the others are refused one by one."""
    domain = f"sandbox{'0' * 32}.mailgun.org"
    app.state.accounts[0].domains.add(domain)
    app.state.store(app.state.accounts[0], Standing).authorized.add(ALICE)
    api = connect()
    mailing, mail = MailingLists(api, domain), Mail(app, api, domain)
    mailing.create()
    mailing.bulk([ALICE, CAROL])
    assert mail.send({"to": mailing.address}).status_code == 200
    mail.wait(2)
    assert list(delivered(mail)) == [ALICE]
    assert mail.event("rejected")["reject"]["reason"] == SANDBOX


def test_a_large_list_is_served_in_steps(mailing: MailingLists, mail: Mail) -> None:
    """sending:LSEND-001: everybody gets the mail once."""
    mailing.upload("address\n" + "".join(f"m{n}@example.com\n" for n in range(1100)))
    mail.wait()
    mail.send({"to": mailing.address})
    mail.wait(0.5)
    found = mail.page(event="accepted", limit=300)
    seen = set()
    mail.wait(2)
    page = mail.page(event="delivered", limit=300)
    count = 0
    while page["items"]:
        seen |= {event["recipient"] for event in page["items"]}
        count += len(page["items"])
        page = mail.follow(page["paging"]["next"])
    assert len(found["items"]) == 201  # the list itself and the first step
    assert len(seen) == count == 1100
