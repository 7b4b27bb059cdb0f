"""Links are changed in HTML, text and MIME, and nothing else is."""

from __future__ import annotations

import base64
import time
from email import message_from_bytes, policy
from html import unescape

import pytest

from mailgun_emulator.areas.messages.rewriting import rewrite
from mailgun_emulator.areas.tracking import markup, prose

SAME = "http://same.example/"


def mark(url: str) -> str:
    """What stands for a link in these tests."""
    return url if url.startswith(SAME) else f"<{url}>"


def marked(html: str) -> str:
    return unescape(markup.edited(html, mark))


@pytest.mark.parametrize(
    ("html", "changed"),
    [
        ('<a href="http://x.example/">x</a>', '<a href="<http://x.example/>">x</a>'),
        ("<A  class=q HREF = 'https://x.example'>", "<A  class=q HREF = '<https://x.example>'>"),
        ("<a href=http://x.example/y>", '<a href="<http://x.example/y>">'),
        ("<a href=http://x.example/y/>", '<a href="<http://x.example/y/>">'),
        ('<area shape="r" href="http://x.example">', '<area shape="r" href="<http://x.example>">'),
        ('<a\nhref="\n http://x.exa\nmple "\n>', '<a\nhref="<http://x.example>"\n>'),
        ('<a href="http://x.example/?a=1&amp;b=2">', '<a href="<http://x.example/?a=1&b=2>">'),
        (
            '<a title="a > b" href="http://x.example">',
            '<a title="a > b" href="<http://x.example>">',
        ),
        ('<a href="http://a.example" href="http://b.example">', None),
        ("<b><a href='HTTP://x.example'><p></b>", "<b><a href='<HTTP://x.example>'><p></b>"),
    ],
)
def test_links_in_html(html: str, changed: str | None) -> None:
    """sending:TRACK-009; platform:EVT-074: however they are written; of two the first counts."""
    expected = changed or '<a href="<http://a.example>" href="http://b.example">'
    assert marked(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:x@example.com">',
        '<a href="#top">',
        '<a href="/x">',
        '<a href="">',
        '<a href="http://">',
        "<a href>",
        '<a name="http://x.example">',
        '<link href="http://x.example">',
        '<img src="http://x.example">',
        '<!-- <a href="http://x.example"> -->',
        '<!--[if mso]><a href="http://x.example"><![endif]-->',
        "<script>\"<a href='http://x.example'>\"</script>",
        '<style>a:before {content: "<a href=http://x.example>"}</style>',
        '<textarea><a href="http://x.example"></textarea>',
        "<td title='<a href=\"http://x.example\">'>",
        "http://x.example",
        f'<a href="{SAME}x">',
        "<p>Ärger &nbsp; &amp; <BR/><o:p></o:p>\r\n\t<td\nwidth=1></p",
    ],
)
def test_what_is_no_link_in_html(html: str) -> None:
    """platform:EVT-074: not one character of it changes."""
    assert markup.edited(html, mark) == html


@pytest.mark.parametrize("word", ["disable-tracking=true", 'DISABLE-tracking = "True"'])
def test_a_link_can_be_left_out(word: str) -> None:
    """sending:TRACK-011; platform:EVT-074."""
    html = f'<a {word} href="http://x.example">1</a><a href="http://x.example">2</a>'
    assert marked(html).count("<http://x.example>") == 1
    assert html.partition("</a>")[0] in markup.edited(html, mark)
    assert "<http" in marked(html.replace("true", "false").replace("True", "false"))


@pytest.mark.parametrize(
    ("html", "top", "bottom"),
    [
        ("x", "[x", "x]"),
        ("<html><body class='a'>x</body></html>", "<body class='a'>[x", "x]</body>"),
        ("<html><head></head>x</html>", "</head>[x", "x]</html>"),
        ("<html>x", "<html>[x", "x]"),
        ("<!DOCTYPE html>\nx", "<!DOCTYPE html>[\n", "x]"),
        ("<body>x<!-- </body> --></BODY >", "<body>[x", "]</BODY >"),
        ("<title></body></title>x", "[<title>", "x]"),
        ("<body>x</body>y</body>", "<body>[x", "y]</body>"),
    ],
)
def test_edges_of_html(html: str, top: str, bottom: str) -> None:
    """sending:TRACK-007: inside of the body, where there is one."""
    assert top in markup.edited(html, top="[")
    assert bottom in markup.edited(html, bottom="]")
    both = markup.edited(html, None, "[", "]")
    assert both.replace("[", "").replace("]", "") == html


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see http://x.example/a?b=c#d now", "http://x.example/a?b=c#d"),
        ("see (https://x.example/a).", "https://x.example/a"),
        ("<https://x.example>", "https://x.example"),
        ("https://x.example/a_(b), or", "https://x.example/a_(b)"),
        ('"HTTPS://x.example/!"', "HTTPS://x.example/"),
        ("[https://x.example/a]\r\nnext", "https://x.example/a"),
        ("https://x.example/über…", "https://x.example/über…"),
    ],
)
def test_links_in_text(text: str, url: str) -> None:
    """sending:TRACK-009, TRACK-012: what stands around an address is no part of it."""
    assert prose.edited(text, lambda found: f"{{{found}}}") == text.replace(url, f"{{{url}}}")


@pytest.mark.parametrize("text", ["x.example", "ftp://x.example", "http://", "http://...", "https"])
def test_what_is_no_link_in_text(text: str) -> None:
    assert prose.edited(text, mark) == text


def upper(kind: str, text: str) -> str:
    return text.upper() if kind == "html" else text


HTML = "Content-Type: text/html; charset={}\r\nContent-Transfer-Encoding: {}\r\n\r\n"
MIXED = (
    'X: 1\r\nContent-Type: multipart/mixed; boundary="a b"\r\n\r\npreamble\r\n--a b\r\n'
    "Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nplain\r\n--c \r\n"
    '{}\r\n--c--\r\nepilogue\r\n--a b\r\nContent-Type: text/html; name="x.html"\r\n\r\nfile'
    "\r\n--a b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n\r\ninside"
    "\r\n--a b--\r\n\r\n"
)


@pytest.mark.parametrize("coding", ["7bit", "8bit", "", "x-unknown"])
def test_parts_of_mime(coding: str) -> None:
    """sending:TRACK-009: attached files and messages, and all that is no text, stay."""
    raw = MIXED.format(HTML.format("utf-8", coding) + "<p>ä</p>").encode()
    assert rewrite(raw, upper) == raw.replace("<p>ä</p>".encode(), "<P>Ä</P>".encode())
    bare = raw.replace(b"\r\n", b"\n")
    assert rewrite(bare, upper).replace(b"\n", b"\r\n") == rewrite(raw, upper)


@pytest.mark.parametrize(
    ("coding", "written", "changed"),
    [
        ("quoted-printable", "<p>=C3=A4</p>", "<P>=C3=84</P>"),
        ("Base64", base64.b64encode("<p>ä</p>".encode()).decode(), "PFA+w4Q8L1A+"),
        ("base64", "=", "="),
    ],
)
def test_encodings(coding: str, written: str, changed: str) -> None:
    raw = MIXED.format(HTML.format("utf-8", coding) + written).encode()
    assert rewrite(raw, upper) == raw.replace(
        f"\r\n\r\n{written}".encode(), f"\r\n\r\n{changed}".encode()
    )


def test_long_lines_are_folded_again() -> None:
    raw = (HTML.format("utf-8", "quoted-printable") + "x").encode()
    changed = rewrite(raw, lambda _, text: text + "=y" * 300)
    assert max(map(len, changed.split(b"\r\n"))) <= 76
    assert b"\n" not in changed.replace(b"\r\n", b"")


@pytest.mark.parametrize("charset", ["us-ascii", "nonsense", "utf-16", "rot13"])
def test_charsets(charset: str) -> None:
    """Bytes that are no text of the charset stay; what it lacks is written as HTML can."""
    raw = HTML.format(charset, "8bit").encode() + b"\xe4\xff<"
    assert rewrite(raw, lambda _, text: text + "€") == raw + b"&#8364;"


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("charset", ["us-ascii", "iso-8859-1", "utf-8"])
def test_text_that_has_no_room_for_more(ending: str, charset: str) -> None:
    """It becomes UTF-8, and its other headers stay."""
    head = ["X-Mine: 1", "Content-Type: text/plain;", f" charset={charset}", "X-Other: 2"]
    raw = ending.join([*head, "", f"one{ending}"]).encode()
    message = message_from_bytes(rewrite(raw, lambda _, text: text + "€"), policy=policy.default)
    assert message.get_content().split() == ["one", "€"]
    assert (message["x-mine"], message["x-other"]) == ("1", "2")
    wrong = b"Content-Type: text/plain; charset=us-ascii\r\n\r\n\xe4"
    assert rewrite(wrong, lambda _, text: text + "€") == wrong + b"?"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"Subject: x",
        b"Content-Type: multipart/mixed\r\n\r\n--x\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nnothing of it",
        b"Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\na"
        b"\r\n--x--",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\n--x\r\n\r\n--x--",
        b"Content-Type: multipart/mixed; boundary=\xff\r\n\r\n--\xff\r\n\r\n\r\n--x--",
    ],
)
def test_odd_mime_stays(raw: bytes) -> None:
    """Signed parts do too, as nobody could verify them any more."""
    assert rewrite(raw, upper) == raw


def test_mime_without_its_end() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\na"
    )
    assert rewrite(raw, upper) == raw[:-1] + b"A"


@pytest.mark.parametrize(
    "html",
    [
        "<a " * 200_000,
        '<a href="' * 100_001,
        "<a href='x\" " * 50_000,
        "<!--" * 200_000,
        "<script>" * 100_000,
        "<a " + " " * 500_000,
        "<a x" + "=" * 500_000,
        "<" * 500_000,
        "&" * 500_000,
    ],
)
def test_broken_html_takes_no_longer(html: str) -> None:
    """Twice the text takes about twice the time, not four times."""
    began = time.perf_counter()
    markup.edited(html, mark)
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize("text", ["http://x" + ")" * 300_000, "http://" * 100_000])
def test_odd_text_takes_no_longer(text: str) -> None:
    began = time.perf_counter()
    prose.edited(text, mark)
    assert time.perf_counter() - began < 3


def test_deep_mime_ends() -> None:
    """What is nested deeper than anybody nests stays as it is."""
    level = "Content-Type: multipart/mixed; boundary=b{0}\r\n\r\n--b{0}\r\n"
    raw = "".join(level.format(n) for n in range(2000)) + "Content-Type: text/html\r\n\r\na"
    assert rewrite(raw.encode(), upper) == raw.encode()
