"""Mail that routes forward or tell of, as the emulator posts it."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailgun_client.webhooks import InboundPost, Malformed, Receiver, StoredPost, Upload
from mailgun_client.webhooks.forms import read_form

from tests.emulator.areas.incoming import BOB, URL, Incoming, mime

DATA = bytes(range(256)) + b"\r\n--\r\n"


def with_files() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-Id"] = BOB, "Files", "<one@example.org>"
    message.set_content("See here\n\n-- \nBob")
    message.add_attachment(DATA, "application", "pdf", filename='Büro "1".pdf')
    message.add_attachment(b"png", "image", "png", filename="p.png", cid="<p@x>")
    return message.as_bytes()


def taken(posted: Incoming, taker: Receiver) -> InboundPost:
    [request] = posted.receiver.received
    post = taker.parse(request.content, request.headers)
    assert isinstance(post, InboundPost)
    return post


def test_forward(posted: Incoming, taker: Receiver) -> None:
    """sending:INB-001 to INB-006, INB-009."""
    posted.route(f'forward("{URL}")')
    posted.take(mime("Hi Alice\r\n\r\nOn Monday Alice wrote:\r\n> Hi", X_One="1"))
    post = taken(posted, taker)
    assert type(post) is InboundPost
    assert (post.recipient, post.sender) == (f"alice@{posted.domain}", "bounce@example.org")
    assert (post.from_, post.subject) == (BOB, "Hello")
    assert "On Monday" in str(post.body_plain)
    assert post.stripped_text == "Hi Alice"
    assert post.header("x-one") == "1"
    assert post.header("x-two") is None
    assert ("Subject", "Hello") in post.message_headers
    assert (post.attachments, post.body_mime) == ((), None)
    assert post.form.all("Subject") == ["Hello"]


def test_forward_with_files(posted: Incoming, taker: Receiver) -> None:
    """sending:INB-007."""
    posted.route(f'forward("{URL}")')
    posted.take(with_files())
    pdf, png = taken(posted, taker).attachments
    assert (pdf.field_name, pdf.file_name) == ("attachment-1", 'Büro "1".pdf')
    assert (pdf.content_type, pdf.content) == ("application/pdf", DATA)
    assert (png.file_name, png.content, len(png)) == ("p.png", b"png", 3)
    posted.receiver.received.clear()
    posted.take(with_files())
    assert taken(posted, taker).content_ids == {"<p@x>": "attachment-2"}


def test_forward_of_the_whole_mail(posted: Incoming, taker: Receiver) -> None:
    """sending:INB-008."""
    posted.route('forward("http://hook.test/mime")')
    posted.take(mime("Hi"))
    post = taken(posted, taker)
    assert post.body_plain is None
    assert str(post.body_mime).endswith("\r\n\r\nHi")


def test_notice_of_stored_mail(posted: Incoming, taker: Receiver) -> None:
    """sending:STORE-002, STORE-011."""
    posted.route(f'store(notify="{URL}")')
    posted.take(with_files())
    post = taken(posted, taker)
    assert isinstance(post, StoredPost)
    assert post.domain == posted.domain
    assert posted.api.get(post.message_url).json()["Subject"] == "Files"
    pdf = post.stored_files[0]
    assert (pdf.name, pdf.content_type, pdf.size) == ('Büro "1".pdf', "application/pdf", len(DATA))
    assert posted.api.get(pdf.url).content == DATA
    assert post.attachments == ()


def test_form_that_a_framework_took_apart(posted: Incoming, taker: Receiver) -> None:
    posted.route(f'forward("{URL}")')
    posted.take(with_files())
    [request] = posted.receiver.received
    form = read_form(request.content, request.headers["content-type"])
    post = asyncio.run(taker.aparse_form(form.pairs, form.files))
    assert isinstance(post, InboundPost)
    assert len(post.attachments) == 2


@pytest.mark.parametrize("name", ["token", "timestamp", "signature", "body-plain", "subject"])
def test_sender_of_mail_can_not_get_in_the_way(
    posted: Incoming, taker: Receiver, name: str
) -> None:
    """sending:INB-006: headers are fields too; what they are called must not matter."""
    posted.route(f'forward("{URL}")')
    posted.take(f"{name}: evil\r\n" + mime("Hi"))
    post = taken(posted, taker)
    assert (post.body_plain, post.subject) in {("Hi", "Hello"), ("Hi", "evil")}


parts = st.lists(
    st.tuples(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
        st.binary(),
        st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    ),
    min_size=1,
)


@given(parts)
def test_multipart_is_read_as_it_was_written(fields: list[tuple[str, bytes, str | None]]) -> None:
    """Whatever is in it: httpx writes, and every byte comes back."""
    files = [
        (name, (file, data, "text/x") if file is not None else (None, data))
        for name, data, file in fields
    ]
    request = httpx.Request("POST", "http://x/", files=files)
    form = read_form(request.read(), request.headers["content-type"])
    given = [(n, d.decode("utf-8", "replace")) for n, d, file in fields if file is None]
    assert _plain(form.pairs) == _plain(given)
    uploads = [(n, file, d) for n, d, file in fields if file is not None]
    assert [f.content for f in form.files] == [data for _, _, data in uploads]
    assert len(form.files) == len(uploads)


def _plain(pairs: object) -> list[tuple[str, str]]:
    """Names without what httpx escapes in them."""
    assert isinstance(pairs, list | tuple)
    return [(name.replace("\\", "").replace("%22", '"'), value) for name, value in pairs]


@given(st.binary(max_size=200), st.sampled_from(["multipart/form-data; boundary=b", "text/plain"]))
def test_any_bytes_are_a_form_or_malformed(body: bytes, kind: str) -> None:
    for content in (body, b"--b\r\n" + body + b"\r\n--b--"):
        try:
            form = read_form(content, kind)
        except Malformed:
            continue
        assert all(isinstance(file, Upload) for file in form.files)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=1", "multipart/form-data"),
        (b"--b\r\n", "multipart/form-data; boundary=b"),
        (b"--b\r\nX: 1\r\n\r\n1\r\n--b--", "multipart/form-data; boundary=b"),
        (
            b"--b\r\nContent-Disposition: form-data; name=a\r\n--b--",
            "multipart/form-data; boundary=b",
        ),
        (b"&".join([b"a=1"] * 6000), "application/x-www-form-urlencoded"),
        (b"a=1", ""),
    ],
)
def test_malformed_forms(body: bytes, kind: str) -> None:
    with pytest.raises(Malformed):
        read_form(body, kind)


def test_extended_file_name() -> None:
    head = (
        'Content-Disposition: form-data; name="a"; filename="x"; filename*=UTF-8\'\'B%C3%BCro.txt'
    )
    body = f"--b\r\n{head}\r\n\r\n1\r\n--b--\r\n".encode()
    [file] = read_form(body, "multipart/form-data; boundary=b").files
    assert file.file_name == "Büro.txt"
