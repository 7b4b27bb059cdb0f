"""What recipients get of mail whose opens, clicks and unsubscribes are tracked."""

from __future__ import annotations

import re
from email import message_from_string
from typing import Any

import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import ALICE, Mail
from tests.emulator.areas.mailing import MailingLists

SHOP = "https://shop.example/?a=1&b=2"
HTML = (
    "<!DOCTYPE html>\n<html><head><title>t</title></head><body>\n<!--[if mso]><p><![endif]-->"
    '<p>H&eacute;llo <A class=x HREF="https://shop.example/?a=1&amp;b=2">shop</A>\n'
    "<a href=mailto:x@example.com>x</a></body></html>\n"
)
TEXT = f"Hello, see {SHOP}.\n"
BOTH = {"html": HTML, "text": TEXT}
PIXEL = re.compile(r'<img width="1px" height="1px" alt="" src="([^"]+)">')
CLICK = re.compile(r"http://[^\s/<>\"]+/c/[\w.-]*[\w-]")


def plain(text: str) -> str:
    """A body with the line ends of Python."""
    return text.replace("\r\n", "\n")


def untracked(html: str) -> str:
    """The body as it was before links and pixel came into it."""
    return plain(CLICK.sub("https://shop.example/?a=1&amp;b=2", PIXEL.sub("", html)))


def seen(mail: Mail) -> tuple[bool, bool, bool]:
    """Whether there is a pixel, a link to follow in the HTML, and one in the text."""
    html, text = mail.got("html"), mail.got("text")
    assert untracked(html) == HTML
    assert plain(CLICK.sub(SHOP, text)) == TEXT
    return bool(PIXEL.search(html)), bool(CLICK.search(html)), bool(CLICK.search(text))


def test_nothing_is_tracked_at_first(mail: Mail) -> None:
    """sending:TRACK-001; platform:EVT-077, TRK-002: mail goes out as it was written."""
    mail.send(BOTH)
    assert seen(mail) == (False, False, False)
    assert "List-Unsubscribe" not in mail.got("raw")
    assert mail.got("raw") == mail.raw()


@pytest.mark.parametrize(
    ("click", "links"),
    [("yes", (True, True)), ("htmlonly", (True, False)), ("no", (False, False))],
)
def test_clicks_of_a_domain(mail: Mail, click: str, links: tuple[bool, bool]) -> None:
    """sending:TRACK-012; platform:TRK-004, EVT-074, EVT-077."""
    mail.track("click", active=click)
    mail.send(BOTH)
    assert seen(mail) == (False, *links)


def test_opens_of_a_domain(mail: Mail) -> None:
    """sending:TRACK-007; platform:EVT-073, EVT-077: the pixel ends the HTML, or begins it."""
    mail.track("open")
    mail.send(BOTH)
    assert seen(mail) == (True, False, False)
    html = mail.got("html")
    pixel = PIXEL.search(html)
    assert pixel is not None
    assert html.endswith(f"{pixel[0]}</body></html>\r\n")
    assert re.fullmatch(r"http://mg\.test/o/[\w.-]+", pixel[1])
    mail.track("open", place_at_the_top="yes")
    mail.send({**BOTH, "subject": "top"})
    html = mail.got("html", mail.events(subject="top")[0])
    assert re.search(r"<body><img [^>]+/o/", html)


@pytest.mark.parametrize(
    ("active", "options", "expected"),
    [
        ("no", {"o:tracking": "yes"}, (True, True, True)),
        ("no", {"o:tracking": "True"}, (True, True, True)),
        ("no", {"o:tracking": "htmlonly"}, (True, True, False)),
        ("yes", {"o:tracking": "no"}, (False, False, False)),
        ("yes", {"o:tracking-clicks": "false"}, (True, False, False)),
        ("yes", {"o:tracking-clicks": "htmlonly"}, (True, True, False)),
        ("yes", {"o:tracking-opens": "no"}, (False, True, True)),
        ("no", {"o:tracking-opens": "true"}, (True, False, False)),
        ("no", {"o:tracking-clicks": "htmlonly"}, (False, True, False)),
        ("yes", {"o:tracking": "no", "o:tracking-clicks": "yes"}, (False, True, True)),
        ("no", {"o:tracking": "yes", "o:tracking-opens": "no"}, (False, True, True)),
    ],
)
@pytest.mark.parametrize("by_header", [False, True])
def test_a_message_decides_for_itself(
    mail: Mail, active: str, options: dict[str, str], expected: Any, by_header: bool
) -> None:
    """sending:TRACK-013, OPT-004, OPT-005, OPT-006, OPT-020; platform:EVT-072: by option or by
    header; what is said of one kind of tracking goes before what is said of both."""
    mail.track("open", active=active)
    mail.track("click", active=active)
    if by_header:
        options = {f"h:X-Mailgun-Track{name[10:]}": value for name, value in options.items()}
    mail.send({**BOTH, **options})
    assert seen(mail) == expected
    assert "X-Mailgun-Track" not in mail.got("raw")


def test_headers_that_say_nothing_change_nothing(mail: Mail) -> None:
    """sending:OPT-004: the setting of the domain counts."""
    mail.track("click")
    mail.send({**BOTH, "h:X-Mailgun-Track": "perhaps"})
    assert seen(mail) == (False, True, True)


@pytest.mark.parametrize(
    ("name", "value", "at_the_top", "top"),
    [
        ("o:tracking-pixel-location-top", "yes", "no", True),
        ("h:X-Mailgun-Track-Pixel-Location-Top", "yes", "no", True),
        ("o:tracking-pixel-location-top", "no", "yes", False),
        ("o:tag", "x", "yes", True),
    ],
)
def test_where_the_pixel_is(mail: Mail, name: str, value: str, at_the_top: str, top: bool) -> None:
    """sending:TRACK-007, OPT-007; platform:EVT-073: the message wins."""
    mail.track("open", place_at_the_top=at_the_top)
    mail.send({**BOTH, name: value})
    html = mail.got("html")
    assert ("<body><img" in html, '"></body>' in html) == (top, not top)


def test_text_alone_has_no_pixel(mail: Mail) -> None:
    """sending:TRACK-008; platform:EVT-072: opens need HTML."""
    mail.send({"text": TEXT, "o:tracking": "yes"})
    raw = mail.got("raw")
    assert "<img" not in raw
    assert "/o/" not in raw
    assert CLICK.search(mail.got("text"))


def test_links_lead_through_the_tracking_host(app: Emulator, mail: Mail) -> None:
    """sending:TRACK-007, TRACK-009; platform:TRK-006: named after domain, prefix and scheme, if the
    emulator is set to that; by default through the emulator itself, so that they work."""
    mail.send({**BOTH, "o:tracking": "yes"})
    assert f'HREF="{mail.api.base_url}/c/' in mail.got("html")
    app.state.tracking_hosts = True
    host = f"email.{mail.domain}"
    assert f'HREF="http://{host}/c/' in mail.got("html")
    assert f'src="http://{host}/o/' in mail.got("html")
    mail.api.put(f"/v4/domains/{mail.domain}", data={"web_scheme": "https"})
    mail.api.put(f"/v3/domains/{mail.domain}/web_prefix", data={"web_prefix": "go"})
    mail.track("unsubscribe")
    mail.send({**BOTH, "subject": "second"})
    text = mail.got("text", mail.events(subject="second")[0])
    assert f"<https://go.{mail.domain}/u/" in text


def test_amp_has_safe_links_only(app: Emulator, mail: Mail) -> None:
    """sending:AMP-004: its links are tracked over TLS or not at all, and it takes no pixel."""
    amp = f'<html amp4email><body><a href="{SHOP.replace("&", "&amp;")}">x</a></body></html>'
    mail.send({**BOTH, "amp-html": amp, "o:tracking": "yes"})

    def part() -> str:
        message = message_from_string(mail.got("raw"))
        (found,) = (p for p in message.walk() if p.get_content_subtype() == "x-amp-html")
        return bytes(found.get_payload(decode=True)).decode()

    assert part() == amp
    app.state.tracking_hosts = True
    mail.api.put(f"/v4/domains/{mail.domain}", data={"web_scheme": "https"})
    assert re.search(f'<a href="https://email.{mail.domain}/c/[^"]+">x</a></body>', part())


def test_ready_mime_is_tracked(mail: Mail) -> None:
    """sending:MIME-003, TRACK-009; platform:EVT-074: in its texts, not in what is attached."""
    mime = (
        "From: bob@example.org\r\nSubject: x\r\nX-Odd:  two  blanks\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\nold programs read this\r\n'
        "--b\r\nContent-Type: text/html\r\n\r\n"
        f"<A HREF='{SHOP}'>x</A>\r\n"
        "--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n"
        f"<A HREF='{SHOP}'>x</A>\r\n--b--\r\n"
    )
    mail.send_mime(mime, {"o:tracking": "yes"})
    before, after = mail.raw(), mail.got("raw")
    inline, attached = CLICK.sub(SHOP, PIXEL.sub("", after)).split("disposition", 1), after
    assert "".join(inline) == before.replace("disposition", "")
    assert len(CLICK.findall(attached)) == len(PIXEL.findall(attached)) == 1


def test_every_recipient_has_links_of_their_own(mail: Mail) -> None:
    """sending:BATCH-001, TRACK-009: also where all get one copy."""
    carol = "carol@example.com"
    mail.send({**BOTH, "to": [ALICE, carol], "o:tracking": "yes"})
    event = mail.events()[0]
    first = mail.got("html", event)
    assert first == mail.got("html", event, recipient=ALICE)
    assert first != mail.got("html", event, recipient=carol.upper())
    key = event["storage"]["key"]
    answer = mail.api.get(f"/_emulator/messages/{key}/html", params={"recipient": "x@example.com"})
    assert answer.status_code == 404


def test_links_with_variables(mail: Mail) -> None:
    """sending:BATCH-002: they lead where the variables say."""
    mail.send(
        {
            "html": '<a href="https://shop.example/%recipient.id%">x</a>',
            "recipient-variables": f'{{"{ALICE}": {{"id": 7}}}}',
            "o:tracking": "yes",
        }
    )
    (link,) = CLICK.findall(mail.got("html"))
    assert mail.visit(link).headers["location"] == "https://shop.example/7"


def test_stored_mail_is_not_tracked(mail: Mail) -> None:
    """sending:STORE-009: so that it can be sent again, tracked anew."""
    mail.track("unsubscribe")
    mail.send({**BOTH, "o:tracking": "yes"})
    raw = mail.raw()
    assert "/c/" not in raw
    assert "List-Unsubscribe" not in raw
    mail.api.post(mail.event()["storage"]["url"], data={"to": "carol@example.com"})
    again = next(event for event in mail.events() if event["recipient"] == "carol@example.com")
    assert untracked(mail.got("html", again)).startswith("<!DOCTYPE")
    assert mail.got("text", again).count("/u/") == 1


def test_settings_count_when_mail_is_accepted(mail: Mail) -> None:
    """platform:EVT-077: later changes are for later mail."""
    mail.send(BOTH)
    mail.track("open")
    mail.track("click")
    assert seen(mail) == (False, False, False)


def test_mail_of_lists_is_tracked_for_members(mail: Mail, mailing: MailingLists) -> None:
    """sending:LSEND-001, TRACK-009: and the copy for the list itself goes to nobody."""
    mailing.add(ALICE)
    mail.send({**BOTH, "to": mailing.address, "o:tracking": "yes"})
    mail.wait(2)
    events = {event["recipient"]: event for event in mail.events(event="accepted")}
    assert CLICK.search(mail.got("html", events[ALICE]))
    assert mail.got("raw", events[mailing.address]) == mail.raw(events[mailing.address])
