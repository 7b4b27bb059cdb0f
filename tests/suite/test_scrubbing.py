"""What is somebody's never reaches a recording; what is nobody's stays."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from attrs import frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract.recordings import files
from tests.contract.recordings.exchange import Recorded
from tests.contract.recordings.scrub import Scrubber
from tests.contract.recordings.tape import scrubbed
from tests.contract.recordings.wire import Reader
from tests.contract.truth import Truth
from tests.suite.server import BASE, DOMAIN

SALT = b"salt"
_LABEL = st.from_regex(r"[a-z][a-z0-9-]{2,10}[a-z0-9]", fullmatch=True)
_DOMAIN = st.builds("{}.{}".format, _LABEL, st.sampled_from(["com", "io", "co.uk", "py", "dev"]))
_LOCAL = st.from_regex(r"[A-Za-z0-9]{2,8}[._+-]?[a-z0-9]{2,8}", fullmatch=True)
_SECRET = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9!_*-]{7,30}[0-9]", fullmatch=True)
_PHONE = st.from_regex(r"\+[1-8][0-9]{9,12}", fullmatch=True)
_IP = (st.ip_addresses(v=4) | st.ip_addresses(v=6)).filter(lambda address: address.is_global)


@frozen
class Private:
    """Somebody's."""

    domain: str
    email: str
    ip: str
    phone: str
    password: str
    key: str

    def survivors(self, text: str) -> list[str]:
        """Which of them, in which spelling, stand in the text."""
        forms = [
            form
            for plain in (self.domain, self.email, self.ip, self.phone, self.password, self.key)
            for form in (plain, quote(plain, safe=""), plain.replace("@", "=40"), _basic(plain))
        ]
        inside = (rf"(?<![\d.]){re.escape(form)}(?!\d|\.\d)" for form in forms)
        found = (re.search(form, text, re.IGNORECASE) for form in inside)
        return [match[0] for match in found if match]


def _basic(key: str) -> str:
    return b64encode(f"api:{key}".encode()).decode()


PRIVATE = st.builds(
    lambda domain, local, ip, *rest: Private(domain, f"{local}@{domain}", str(ip), *rest),
    _DOMAIN, _LOCAL, _IP, _PHONE, _SECRET, _SECRET,
)  # fmt: skip


def _texts(who: Private) -> list[str]:
    """Ways in which text may hold them."""
    return [
        who.email,
        f"Write to {who.email}, or call {who.phone}.",
        f'"Jo Doe" <{who.email}>, Ann <{who.email.upper()}>',
        f"connected from {who.ip} ({who.domain})",
        f"https://{who.domain}/x/{quote(who.email)}?token={quote(who.password)}&ip={who.ip}",
        f"http://user:{quote(who.password, safe='')}@mx.{who.domain}:8080/",
        f"https://api.mailgun.net/v3/{who.domain}/x?address={quote(who.email, safe='')}&page=next",
        f"Authorization: Bearer {who.key}",
        f"bounce+{who.email.replace('@', '=')}@{who.domain}",
        f"match_recipient('{who.email}') and forward(\"https://{who.domain}/hook\")",
        f"=?utf-8?b?{b64encode(who.email.encode()).decode()}?=",
        f"quoted: {who.email.replace('@', '=40')}; escaped: {who.email.replace('@', '%40')}",
        f"password {who.password} rejected, key {who.key} unknown",
        json.dumps({"password": who.password, who.email: {"phone": who.phone[1:]}}),
        f"{{not json}} {who.email} {who.ip}",
        f"v=spf1 ip4:{who.ip}/32 include:{who.domain} -all",
    ]


def _request(kind: str, who: Private, text: str) -> httpx.Request:
    headers = {"authorization": f"Basic {_basic(who.key)}"}
    headers |= {"x-api-key": who.key, "cookie": who.password, "x-forwarded-for": who.ip}
    place = f"{BASE}/v3/{who.domain}/things"
    if kind == "json":
        body: Any = {"tags": [text], "password": who.password, who.email: {"api_key": who.key}}
        path = f"{place}/{quote(who.email, safe='')}"
        return httpx.Request("PUT", path, headers=headers | {"x-batch": text[:40]}, json=body)
    if kind == "form":
        data = {"thing": who.email, "text": text, "smtp_password": who.password}
        return httpx.Request("POST", f"{BASE}/v1/notes", headers=headers, data=data)
    if kind == "query":
        query = {"tag": text, "api_key": who.key, "access_token": who.password, "limit": "5"}
        return httpx.Request("GET", place, headers=headers, params=query)
    options = json.dumps({"password": who.password, "colour": text})
    attachment = (f"{who.email}.csv", f"address\n{who.email}\n".encode(), "text/csv")
    form = {"name": text, "options": options}
    return httpx.Request(
        "POST", place, headers=headers, data=form, files={"attachment": attachment}
    )


def _response(media: str, who: Private, text: str) -> httpx.Response:
    headers = {
        "content-type": media,
        "set-cookie": who.password,
        "location": f"https://{who.domain}",
    }
    if media != "application/json":
        return httpx.Response(200, headers=headers, text=text)
    value = {
        "message": text,
        "thing": {who.domain: [text, {"secret": who.password}], "signing_key": who.key},
        "phone_number": who.phone,
        "paging": {"next": f"https://{who.domain}/v3/{who.domain}?address={quote(who.email)}"},
    }
    return httpx.Response(200, headers=headers, json=value)


def _taken(truth: Truth, request: httpx.Request, response: httpx.Response) -> Recorded:
    request.read()
    return Reader(truth, "live", "2026-11-21").read(
        request.method,
        str(request.url),
        (request.headers.multi_items(), request.content),
        (response.status_code, response.headers.multi_items(), response.content),
    )


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    # The texts are short as they are; making them shorter would take minutes.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    who=PRIVATE,
    number=st.integers(0, 15),
    kind=st.sampled_from(["json", "form", "query", "parts"]),
    media=st.sampled_from(["application/json", "text/plain"]),
)
def test_nothing_private_survives_in_any_file(
    truth: Truth, who: Private, number: int, kind: str, media: str
) -> None:
    text = _texts(who)[number]
    taken = _taken(truth, _request(kind, who, text), _response(media, who, text))
    with TemporaryDirectory() as name:
        files.write(Path(name), scrubbed(truth, [taken], SALT, {who.key, who.password}))
        (path,) = Path(name).iterdir()
        assert who.survivors(path.name + path.read_text()) == []
        # What was written can be read, and reads the same.
        (again,) = files.read(Path(name))
        assert files.write(Path(name), [again]) == [path]
        assert files.read(Path(name)) == [again]


@pytest.fixture(scope="session")
def scrubber(truth: Truth) -> Scrubber:
    return Scrubber.of(truth, SALT, {"pw-of-somebody"})


@pytest.mark.parametrize(
    "text",
    [
        "Queued. Thank you.",
        "Thu, 15 Jan 2026 12:00:00 +0000",
        "Fri Nov 21 10:00:00 +0000 2026",
        "2026-01-15T12:00:00.000000+00:00",
        "application/json; charset=utf-8",
        "postmaster@sandbox.example.test",
        "https://api.mailgun.net/v3/example.com/events?page=next&limit=5",
        "https://api.eu.mailgun.net/v3/example.com/x;y=1?tag=a+b%20c",
        "10 mxa.mailgun.org",
        "v=spf1 include:mailgun.org ~all",
        "192.0.2.7 and 2001:db8::1 and 127.0.0.1",
        "report.pdf",
        "suppressions/bounces/import/finished",
        '{"a":[1,2.5,null,true]}',
        "match_recipient('.*@example.com')",
        "1768478400.123456",
    ],
)
def test_what_is_nobodys_stays(scrubber: Scrubber, text: str) -> None:
    assert scrubber.text(text) == text


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Jo@Acme.io", r"user-\w{10}@d-\w{10}\.example"),
        ("mg.acme.io", r"mg\.d-\w{10}\.example"),
        ("pw-of-somebody", r"scrubbed-\w{10}"),
        ("8.8.8.8", r"198\.(18|19)\.\d+\.\d+"),
        ("10.1.2.0/24", r"198\.(18|19)\.\d+\.\d+/24"),
        ("2a00:1450:4001::8", r"2001:db8::[0-9a-f:]+"),
        ("(555) 123-4567", r"\+999\d{9}"),
        ("key-0123456789abcdef0123456789abcdef", r"scrubbed-\w{10}"),
        ("9f8e7d6c5b4a39281706f5e4d3c2b1a0-00112233-44556677", r"scrubbed-\w{10}"),
        ("5f1e2d3c4b5a69788796a5b4", r"[0-9a-f]{24}"),
        ("sandbox5f1e2d3c4b5a69788796a5b45f1e2d3c.mailgun.org", r"s-\w{10}\.d-\w{10}\.example"),
        ("Basic YXBpOmtleQ==", r"Basic scrubbed-\w{10}"),
        ("https://u:p@acme.io/", r"https://d-\w{10}\.example/"),
    ],
)
def test_what_is_somebodys_gets_a_made_up_name(scrubber: Scrubber, text: str, shape: str) -> None:
    assert re.fullmatch(shape, scrubber.text(text))


def test_the_same_address_stays_the_same(scrubber: Scrubber) -> None:
    once = scrubber.text("jo@acme.io")
    assert scrubber.text(f"https://acme.io/{quote('JO@acme.io')}").endswith(once)
    assert scrubber.value("recipients", ["jo@acme.io", "al@acme.io"])[0] == once
    assert scrubber.text("al@acme.io") != once
    assert scrubber.text("al@acme.io").rpartition("@")[2] == once.rpartition("@")[2]
    assert scrubber.text("x.acme.io").endswith("." + once.rpartition("@")[2])


def test_without_the_salt_a_guess_cannot_be_checked(truth: Truth, scrubber: Scrubber) -> None:
    assert Scrubber.of(truth, b"other").text("jo@acme.io") != scrubber.text("jo@acme.io")


def test_a_private_key_keeps_only_its_frame(scrubber: Scrubber) -> None:
    frame = "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----"
    shown = scrubber.value("pem", frame.format("MIIEpAIBAAKCAQEA7b0XoJq9"))
    assert "MIIEpAIBAAKCAQEA7b0XoJq9" not in shown
    assert re.fullmatch(frame.format(r"[A-Za-z0-9]{24}"), shown)


def test_a_secret_is_found_wherever_it_stands_again(truth: Truth) -> None:
    made = httpx.Request("PUT", f"{BASE}/v3/{DOMAIN}/things/1", json={"password": "tiger-lily"})
    told = httpx.Response(200, json={"message": "tiger-lily is too weak", "x": "%74iger"})
    (found,) = scrubbed(truth, [_taken(truth, made, told)], SALT, set())
    assert found.response.body is not None
    assert "tiger-lily" not in json.dumps(found.response.body.value)
    assert "is too weak" in found.response.body.value["message"]


def test_names_of_the_contract_are_no_domains_or_secrets(truth: Truth, scrubber: Scrubber) -> None:
    truth_like = {"thing": {"id": "1"}, "message": "created"}
    assert scrubber.value("", truth_like) == truth_like
