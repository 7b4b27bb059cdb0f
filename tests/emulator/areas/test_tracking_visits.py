"""Following the links and loading the pixel of delivered mail."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.areas.tracking.agents import client_info
from tests.emulator.areas.mail import ALICE, FIREFOX, Mail
from tests.emulator.areas.mailing import MailingLists
from tests.emulator.conftest import Connect

SHOP = "https://shop.example/a b/ü?x=1&y=<2>#z"
HTML = '<p><a href="https://shop.example/a b/ü?x=1&amp;y=&lt;2&gt;#z">shop</a></p>'
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.0"
FEEDLY = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
TAGS = {"o:tag": "news", "v:order": "7"}


@pytest.fixture
def sent(mail: Mail) -> Mail:
    """A tracked mail that was delivered."""
    mail.send({"html": HTML, "o:tracking": "yes", **TAGS})
    mail.wait()
    return mail


def pixel(mail: Mail) -> str:
    (url,) = re.findall(r'src="([^"]+/o/[^"]+)"', mail.got("html", mail.events()[-1]))
    return str(url)


def link(mail: Mail) -> str:
    (url,) = re.findall(r'href="([^"]+/c/[^"]+)"', mail.got("html", mail.events()[-1]))
    return str(url)


def check(mail: Mail, event: dict[str, Any]) -> None:
    """What events about visits have in common."""
    assert event["recipient"] == ALICE
    assert (event["tags"], event["user-variables"]) == (["news"], {"order": "7"})
    id_ = mail.event()["message"]["headers"]["message-id"]
    assert event["message"] == {"headers": {"message-id": id_}}
    assert event["ip"] == "127.0.0.1"
    assert event["geolocation"] == {"country": "Unknown", "region": "Unknown", "city": "Unknown"}
    assert event["client-info"] == {
        "client-name": "Firefox",
        "client-os": "Linux",
        "client-type": "browser",
        "device-type": "desktop",
        "user-agent": FIREFOX,
        "bot": "",
    }
    assert event["log-level"] == "info"


def test_an_open(sent: Mail) -> None:
    """sending:TRACK-008, TRACK-014; platform:EVT-061, EVT-065: loading the pixel makes it."""
    assert sent.events(event="opened") == []
    answer = sent.visit(pixel(sent))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert "no-store" in answer.headers["cache-control"]
    check(sent, sent.event("opened"))
    sent.visit(pixel(sent))
    assert len(sent.events(event="opened")) == 2


def test_the_picture(sent: Mail) -> None:
    """sending:TRACK-008: one transparent pixel."""
    data = sent.visit(pixel(sent)).content
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size) == (zlib.crc32(kind + body),)
        chunks[kind], at = body, at + 12 + size
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert (width, height, depth, colour) == (1, 1, 8, 4)
    _, _, alpha = zlib.decompress(chunks[b"IDAT"])
    assert alpha == 0


def test_a_click(sent: Mail) -> None:
    """sending:TRACK-010; platform:EVT-062: it leads to the address, which the event tells."""
    answer = sent.visit(link(sent))
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://shop.example/a%20b/%C3%BC?x=1&y=%3C2%3E#z"
    event = sent.event("clicked")
    assert event["url"] == SHOP
    check(sent, event)


def test_links_of_text(mail: Mail) -> None:
    """sending:TRACK-009, TRACK-010: in text they lead where they led as well."""
    mail.send({"text": "See (https://shop.example/x).", "o:tracking": "yes"})
    (url,) = re.findall(r"\((\S+)\)\.", mail.got("text"))
    assert mail.visit(url).headers["location"] == "https://shop.example/x"


def test_addresses_cannot_break_the_answer(mail: Mail) -> None:
    mail.send(
        {"html": '<a href="https://x.example/&#13;&#10;Set-Cookie: a=b">x</a>', "o:tracking": "yes"}
    )
    answer = mail.visit(link(mail))
    assert "set-cookie" not in answer.headers
    assert answer.headers["location"] == "https://x.example/Set-Cookie:%20a=b"


def test_who_it_was(sent: Mail, connect: Connect) -> None:
    """sending:TRACK-014; platform:EVT-061, EVT-064: address and program of the visitor."""
    connect(key=None, address="192.0.2.9").get(pixel(sent), headers={"user-agent": PHONE})
    event = sent.event("opened")
    assert event["ip"] == "192.0.2.9"
    info = event["client-info"]
    assert (info["client-name"], info["client-os"]) == ("Mobile Safari", "iOS")
    assert (info["client-type"], info["device-type"]) == ("mobile browser", "mobile")


@pytest.mark.parametrize(
    ("agent", "kind", "device"),
    [
        (FIREFOX, "browser", "desktop"),
        (PHONE, "mobile browser", "mobile"),
        (IPAD, "mobile browser", "tablet"),
        (THUNDERBIRD, "email client", "desktop"),
        ("python-requests/2.31", "library", "unknown"),
        ("Go-http-client/1.1", "library", "unknown"),
        (FEEDLY, "feed reader", "unknown"),
        (GOOGLEBOT, "robot", "other"),
        ("", "unknown", "unknown"),
        ("Mozilla/5.0", "unknown", "unknown"),
    ],
)
def test_kinds_of_programs(agent: str, kind: str, device: str) -> None:
    """platform:EVT-064."""
    info = client_info(agent)
    assert (info["client-type"], info["device-type"]) == (kind, device)
    assert info["user-agent"] == agent
    if not agent:
        assert (info["client-name"], info["client-os"]) == ("unknown", "unknown")


@pytest.mark.parametrize(
    ("agent", "bot"),
    [("Mozilla/5.0", "apple"), (PROXY, "gmail"), (GOOGLEBOT, "generic"), (PHONE, "")],
)
def test_bots(sent: Mail, agent: str, bot: str) -> None:
    """sending:TRACK-015; platform:EVT-063."""
    sent.visit(pixel(sent), agent)
    sent.visit(link(sent), agent)
    assert sent.event("opened")["client-info"]["bot"] == bot
    assert sent.event("clicked")["client-info"]["bot"] == bot


def test_asking_is_no_visit(sent: Mail) -> None:
    """HEAD tells what there is; other methods are not understood."""
    assert sent.visit(pixel(sent), method="HEAD").status_code == 200
    assert sent.visit(link(sent), method="HEAD").status_code == 302
    for url in (pixel(sent), link(sent)):
        answer = sent.visit(url, method="POST")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert sent.events(event="opened OR clicked") == []


def test_broken_links(sent: Mail) -> None:
    """sending:OPEN-004: what this emulator has not signed leads nowhere, under any path."""
    good = link(sent)
    path, _, token = good.rpartition("/")
    other = pixel(sent).rpartition("/")[2]
    wrong = [good[:-1], good + "x", f"{path}/", f"{path}/x", f"{path}/%ff", f"{path}/{other}"]
    wrong += [f"{path}/{token[1:]}", good.replace("/c/", "/o/"), f"{good}/x", f"{path}/{'.' * 99}"]
    for url in wrong:
        answer = sent.visit(url)
        assert (answer.status_code, answer.text) == (404, "404 page not found\n")
    assert sent.events(event="opened OR clicked") == []


def test_links_of_mail_that_is_no_longer_kept(app: Emulator, sent: Mail) -> None:
    """A click still gets where it wants to, though nothing is left to tell of."""
    urls = [pixel(sent), link(sent)]
    app.state.store(app.state.accounts[0], MessageStore).forget_domain(sent.domain)
    assert [sent.visit(url).status_code for url in urls] == [404, 302]
    assert sent.events(event="opened OR clicked") == []


def test_visits_of_list_mail_name_the_list(mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-006; platform:EVT-034."""
    mailing.add(ALICE)
    mail.send({"to": mailing.address, "html": HTML, "o:tracking": "yes"})
    mail.wait(2)
    (event,) = (e for e in mail.events(event="delivered") if e["recipient"] == ALICE)
    (url,) = re.findall(r'src="([^"]+/o/[^"]+)"', mail.got("html", event))
    mail.visit(url)
    (opened,) = mail.events(event="opened", list_=mailing.address)
    assert opened["mailing-list"] == event["mailing-list"]


def test_without_tracking_there_is_nothing_to_follow(mail: Mail) -> None:
    """platform:EVT-072, EVT-077: neither opens nor clicks."""
    mail.send({"html": HTML, "text": SHOP})
    assert "mg.test" not in mail.got("html") + mail.got("text")
    mail.send({"text": SHOP, "subject": "text", "o:tracking-opens": "yes"})
    assert "mg.test" not in mail.got("raw", mail.events(subject="text")[0])
