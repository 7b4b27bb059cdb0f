"""How recipients leave: links, footers, headers, and mail to an address for it."""

from __future__ import annotations

import re
from email import message_from_string

import pytest

from tests.emulator.areas.clients import Lists
from tests.emulator.areas.incoming import Incoming
from tests.emulator.areas.mail import ALICE, FIREFOX, Mail
from tests.emulator.areas.mailing import MailingLists

BODIES = {"html": "<html><body><p>Hi</p></body></html>", "text": "Hi\n"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URL = r"http://[^\s<>\"]+/u/[\w.-]+"
TWO_TAGS = {"o:tag": ["news", "Offers"]}


@pytest.fixture
def left(mail: Mail) -> Mail:
    """Unsubscribes are tracked, and footers are not wanted."""
    mail.track("unsubscribe", html_footer="", text_footer="")
    return mail


def tags(mail: Mail, address: str = ALICE) -> list[str] | None:
    """What an address has left; None when nothing."""
    answer = mail.api.get(mail.path("unsubscribes", address))
    return None if answer.status_code == 404 else list(answer.json()["tags"])


def test_footers(mail: Mail) -> None:
    """sending:TRACK-003, TRACK-017; platform:TRK-002, EVT-076: behind both texts, as they are at
    first."""
    mail.track("unsubscribe")
    mail.send(BODIES)
    html, text = mail.got("html").replace("\r", ""), mail.got("text").replace("\r", "")
    assert re.fullmatch(
        rf'<html><body><p>Hi</p>\n<br>\n<p><a href="{URL}">unsubscribe</a></p>\n</body></html>',
        html,
    )
    assert re.fullmatch(rf"Hi\n\n\nTo unsubscribe click: <{URL}>\n\n", text)
    for url in re.findall(URL, html + text):
        assert mail.visit(url).status_code == 200


def test_own_footers(mail: Mail) -> None:
    """sending:TRACK-017; platform:TRK-003: once in each text, and only where there is one."""
    mail.track("unsubscribe", html_footer="<i>bye ü %tag_unsubscribe_url%</i>", text_footer="")
    mail.send(BODIES)
    assert re.search(f"</p><i>bye ü {URL}</i></body>", mail.got("html"))
    assert mail.got("text").strip() == "Hi"
    mail.track("unsubscribe", active="no")
    mail.send({**BODIES, "subject": "off"})
    assert mail.got("html", mail.events(subject="off")[0]) == BODIES["html"]


def test_leaving_everything(left: Mail) -> None:
    """sending:TRACK-016, TRACK-017; platform:EVT-066, EVT-075: the list is filled, and no more
    mail comes."""
    left.send({"html": '<a href="%unsubscribe_url%">x</a>', "o:tag": "news", "v:n": "1"})
    (url,) = re.findall(f'<a href="({URL})">x</a>', left.got("html"))
    answer = left.visit(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"{ALICE} will get no more mail from {left.domain}." in answer.text
    assert tags(left) == ["*"]
    event = left.event("unsubscribed")
    assert (event["recipient"], event["tags"]) == (ALICE, ["news"])
    assert event["user-variables"] == {"n": "1"}
    assert event["ip"] == "127.0.0.1"
    assert event["client-info"]["user-agent"] == FIREFOX
    assert event["geolocation"]["country"] == "Unknown"
    left.send({"subject": "second"})
    left.wait()
    (failed,) = left.events(event="failed", subject="second")
    assert failed["reason"] == "suppress-unsubscribe"


def test_leaving_the_tags_of_a_mail(left: Mail) -> None:
    """sending:TRACK-016, DELIV-017; platform:EVT-075: mail with other tags still comes."""
    left.send({"text": "%tag_unsubscribe_url%", **TWO_TAGS})
    left.wait()
    assert "about news, Offers" in left.visit(left.got("text").strip()).text
    assert tags(left) == ["news", "Offers"]
    assert left.event("unsubscribed")["tags"] == ["news", "Offers"]
    for tag in ("news", "other"):
        left.send({"subject": f"about {tag}", "o:tag": tag})
    left.wait()
    assert left.event("failed")["message"]["headers"]["subject"] == "about news"
    subjects = [e["message"]["headers"]["subject"] for e in left.events(event="delivered")]
    assert "about other" in subjects


def test_mail_without_tags_has_them_all_to_leave(left: Mail) -> None:
    """sending:TRACK-016: our choice, as a link that does nothing helps nobody."""
    left.send({"text": "%tag_unsubscribe_url%"})
    left.visit(left.got("text").strip())
    assert tags(left) == ["*"]


def test_leaving_twice(left: Mail) -> None:
    """sending:TRACK-016: another tag adds up; what is left already makes no event."""
    left.send({"text": "%tag_unsubscribe_url% %unsubscribe_url%", "o:tag": "news"})
    some, everything = left.got("text").split()
    for _ in range(2):
        assert left.visit(some).status_code == 200
    assert len(left.events(event="unsubscribed")) == 1
    assert left.visit(everything).status_code == 200
    assert tags(left) == ["news", "*"]
    assert len(left.events(event="unsubscribed")) == 2


def test_variables_without_tracking(mail: Mail, lists: Lists) -> None:
    """platform:EVT-077; sending:BATCH-007: they stay, but are always there in batches."""
    names = "%unsubscribe_url% %tag_unsubscribe_url% %unsubscribe_email%"
    mail.send({"text": names})
    assert mail.got("text").strip() == names
    mail.send({"text": names, "recipient-variables": "{}", "subject": "batch"})
    url, tag_url, address = mail.got("text", mail.events(subject="batch")[0]).split()
    assert re.fullmatch(URL, url)
    assert re.fullmatch(URL, tag_url)
    assert re.fullmatch(rf"u\+[\w.-]+@{mail.domain}", address)


def test_no_click_is_counted_on_the_way_out(left: Mail) -> None:
    """sending:TRACK-009: unsubscribe links are not tracked as clicks."""
    text = "%unsubscribe_url%\n\nhttps://shop.example/?back=%unsubscribe_url%"
    left.send({"text": text, "html": '<a href="%unsubscribe_url%">x</a>', "o:tracking": "yes"})
    assert re.fullmatch(rf'<a href="{URL}">x</a><img [^>]+>', left.got("html"))
    out, shop = left.got("text").split()
    assert "/u/" in out
    assert left.visit(shop).headers["location"] == f"https://shop.example/?back={out}"


def test_the_header(left: Mail) -> None:
    """sending:TRACK-018: an address and a link, for one click too."""
    left.send(BODIES)
    message = message_from_string(left.got("raw"))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    pattern = rf"<mailto:u\+[\w.-]+@{left.domain}>,\s+<({URL})>"
    link = re.fullmatch(pattern, message["List-Unsubscribe"])
    assert link is not None
    for body in ({}, {"List-Unsubscribe": "no"}, {"x": "One-Click"}):
        assert left.api.post(link[1], data=body, auth=("", "")).status_code == 400
    assert tags(left) is None
    assert left.api.post(link[1], data=ONE_CLICK, auth=("", "")).status_code == 200
    assert tags(left) == ["*"]
    assert left.event("unsubscribed")["recipient"] == ALICE


def test_one_click_by_multipart_form(left: Mail) -> None:
    """sending:TRACK-018: RFC 8058 allows both kinds of forms; broken ones are refused."""
    left.send(BODIES)
    (url,) = re.findall(URL, left.got("raw"))
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert left.api.post(url, content=b"--x", headers=kind).status_code == 400
    files = {name: (None, value) for name, value in ONE_CLICK.items()}
    assert left.api.post(url, files=files).status_code == 200
    assert tags(left) == ["*"]


def test_an_own_header(left: Mail) -> None:
    """sending:TRACK-018, BATCH-007: the sender's counts, with the variables filled in."""
    left.send({**BODIES, "h:List-Unsubscribe": "<mailto:%unsubscribe_email%>, <%unsubscribe_url%>"})
    message = message_from_string(left.got("raw"))
    (header,) = message.get_all("List-Unsubscribe", [])
    assert re.fullmatch(rf"<mailto:u\+[\w.-]+@{left.domain}>, <{URL}>", header)
    assert "List-Unsubscribe-Post" not in message


def test_asking_is_not_leaving(left: Mail) -> None:
    """A HEAD, and what is no link of ours, change nothing."""
    left.send({"text": "%unsubscribe_url%"})
    url = left.got("text").strip()
    assert left.visit(url, method="HEAD").status_code == 200
    assert left.visit(url, method="DELETE").status_code == 405
    for wrong in (url[:-1], url.replace("/u/", "/c/"), url.rpartition("/")[0] + "/"):
        assert left.visit(wrong).status_code == 404
    assert tags(left) is None
    assert left.events(event="unsubscribed") == []


def test_leaving_a_list(left: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-005, TRACK-018; platform:EVT-075, EVT-066: also by the header of its mail."""
    mailing.add(ALICE)
    left.send({"to": mailing.address, "text": "%mailing_list_unsubscribe_url% %unsubscribe_url%"})
    left.wait(2)
    (event,) = left.events(event="delivered")
    link, _ = left.got("text", event).split()
    header = message_from_string(left.got("raw", event))["List-Unsubscribe"]
    assert header.split()[1] == f"<{link}>"
    page = left.visit(link).text
    assert f"{ALICE} will get no more mail of the list {mailing.address}." in page
    assert mailing.member(ALICE)["subscribed"] is False
    assert tags(left) is None
    left_event = left.event("unsubscribed")
    assert left_event["mailing-list"]["address"] == mailing.address
    assert left_event["client-info"]["client-name"] == "Firefox"


def test_leaving_by_mail(incoming: Incoming) -> None:
    """sending:TRACK-018, BATCH-007: mail to the address unsubscribes, and goes nowhere else."""
    mail = incoming.mail
    mail.track("unsubscribe", html_footer="", text_footer="")
    incoming.route("store()")
    mail.send({"text": "%unsubscribe_email%"})
    address = mail.got("text").strip()
    told = incoming.take(None, recipient=address)
    assert (told["unsubscribed"], told["stored"]) == (True, [])
    assert tags(mail) == ["*"]
    event = mail.event("unsubscribed")
    assert (event["recipient"], event["client-info"]["client-type"]) == (ALICE, "unknown")
    for other in (address.replace("u+", "u+x"), f"u+x@{mail.domain}"):
        assert incoming.take(None, recipient=other)["unsubscribed"] is False


def test_forwarded_mail_is_tracked(incoming: Incoming) -> None:
    """sending:ROUTE-022: by the settings of the domain."""
    incoming.mail.track("click")
    incoming.route('forward("carol@example.com")')
    incoming.take("From: b@example.org\r\nSubject: x\r\n\r\nhttps://shop.example/")
    (event,) = (e for e in incoming.mail.events() if e["recipient"] == "carol@example.com")
    assert "/c/" in incoming.mail.got("text", event)


def test_the_page_shows_what_it_is_told(mail: Mail) -> None:
    """Names in it are text, whatever they hold."""
    mail.track("unsubscribe", html_footer="", text_footer="")
    mail.send({"text": "%tag_unsubscribe_url%", "o:tag": "<b>&news"})
    page = mail.visit(mail.got("text").strip()).text
    assert "about &lt;b&gt;&amp;news." in page
