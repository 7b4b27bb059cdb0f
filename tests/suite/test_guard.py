"""Whatever is above it, nothing passes the guard that the policy does not allow."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from attrs import define, field

from tests.contract import truth as truths
from tests.contract.safety import policy as policies
from tests.contract.safety.belongings import Belongings
from tests.contract.safety.errors import WithheldError
from tests.contract.safety.guard import SafeTransport
from tests.contract.safety.policy import Names

PREFIX, DOMAIN, ANN = "ct-0a1b2c3d", "mg.example.com", "ann@example.org"
MINE = f"{PREFIX}-1"
FORM = "application/x-www-form-urlencoded"
BASE = "https://api.example.test"
MULTIPART = ("messages", "templates", "domains")
ROUTE = {"expression": f"match_recipient('{PREFIX}@{DOMAIN}')", "description": MINE}
APART = {"force_dkim_authority": "true"}
MAIL = {"from": f"a@{DOMAIN}", "to": ANN, "text": "Hi", "o:testmode": "yes"}


@define
class Server(httpx.BaseTransport):
    """Keeps what arrives and answers each with the same."""

    answer: httpx.Response = field(factory=lambda: httpx.Response(200, json={}))
    arrived: list[httpx.Request] = field(factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.arrived.append(request)
        return self.answer


def pairs(form: dict[str, Any]) -> list[tuple[str, str]]:
    """Lists are repeated fields."""
    return [
        (name, text)
        for name, value in form.items()
        for text in (value if isinstance(value, list) else [value])
    ]


@define
class Gate:
    server: Server
    guard: SafeTransport

    def send(self, method: str, path: str, form: Any = None, **headers: str) -> int:
        """The status; raises WithheldError."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("http") else BASE + path
        sent: dict[str, Any] = {"content": form}
        if isinstance(form, dict) and path.rpartition("/")[2] in MULTIPART:
            sent = {"files": [(name, (None, text)) for name, text in pairs(form)]}
        elif isinstance(form, dict):
            named.setdefault("content-type", FORM)
            sent = {"content": urlencode(pairs(form)).encode()}
        return self.guard.handle_request(
            httpx.Request(method, url, headers=named, **sent)
        ).status_code

    def holds(self, method: str, path: str, form: Any = None, **headers: str) -> str:
        """The reason for which the request is kept back."""
        before = len(self.server.arrived)
        with pytest.raises(WithheldError) as caught:
            self.send(method, path, form, **headers)
        assert len(self.server.arrived) == before
        return str(caught.value)


@pytest.fixture(scope="module")
def parts() -> tuple[truths.Truth, policies.Policy]:
    return truths.load(), policies.load()


@pytest.fixture
def gate(parts: tuple[truths.Truth, policies.Policy]) -> Gate:
    return opened(parts)


def opened(parts: tuple[truths.Truth, policies.Policy], domain: str = DOMAIN) -> Gate:
    server = Server()
    belongings = Belongings({"prefix": PREFIX})
    names = Names(PREFIX, domain)
    guard = SafeTransport(server, *parts, BASE, names, frozenset({ANN}), belongings)
    return Gate(server, guard)


def own(gate: Gate, kind: str, *identity: str) -> None:
    gate.guard.belongings.made(kind, MINE, identity)


def test_reading_passes(gate: Gate) -> None:
    assert gate.send("GET", "/v3/routes?limit=5") == 200
    assert gate.send("GET", "/v3/routes/whatever%2Fhere") == 200
    query = b'{"metrics": ["sent_count"]}'
    assert gate.send("POST", "/v1/analytics/metrics", query, content_type="application/json") == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys"),
        ("DELETE", "/v5/accounts/subaccounts"),
        ("GET", "/v5/accounts/http_signing_key"),
        ("GET", "/v4/address/validate?address=a%40b.c"),
        ("POST", "/v3/ips/request/new"),
        ("POST", f"/v3/domains/{DOMAIN}/messages/key"),
    ],
)
def test_what_is_never_sent_is_named_with_its_reason(gate: Gate, method: str, path: str) -> None:
    assert ": never: " in gate.holds(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/v3/routes"),
        ("PATCH", "/v3/routes"),
        ("DELETE", "/v3/routes"),
        ("GET", "/v3/routes/"),
        ("GET", "/v9/anything"),
        ("GET", "/_emulator/reset"),
    ],
)
def test_what_the_truth_does_not_have_is_not_sent(gate: Gate, method: str, path: str) -> None:
    assert "no operation of the truth" in gate.holds(method, path)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.other.test/v3/routes",
        "http://api.example.test/v3/routes",
        "https://api.example.test:8443/v3/routes",
        "https://user:word@api.example.test/v3/routes",
    ],
)
def test_nothing_goes_to_another_server(gate: Gate, url: str) -> None:
    assert "not to api.example.test" in gate.holds("GET", url)


@pytest.mark.parametrize(
    "headers",
    [
        {"x_mailgun_on_behalf_of": "123"},
        {"x_http_method_override": "DELETE"},
        {"x_original_url": "/v3/routes/1"},
        {"host": "api.other.test"},
    ],
)
def test_no_header_changes_whose_call_it_is(gate: Gate, headers: dict[str, str]) -> None:
    assert "header" in gate.holds("GET", "/v3/routes", **headers)


@pytest.mark.parametrize(
    "path",
    [
        "/v3/routes/..%2Flists%2Freal%40mg.example.com",
        "/v3/routes/%252e%252e%252Flists%252Freal",
        f"/v3/{DOMAIN}/templates/{MINE}%2F..%2Freal",
        f"/v3/{DOMAIN}/templates/{MINE}%3Fx",
    ],
)
def test_a_path_that_could_be_read_otherwise_is_not_sent(gate: Gate, path: str) -> None:
    own(gate, "route", "..")
    own(gate, "route", "../lists/real@mg.example.com")
    own(gate, "template", DOMAIN, f"{MINE}/../real")
    own(gate, "template", DOMAIN, f"{MINE}?x")
    assert gate.holds("DELETE", path)


def test_an_odd_path_may_not_reach_a_secret_either(gate: Gate) -> None:
    assert "could be read as list_api_keys" in gate.holds("GET", "/v3/routes/..%2F..%2Fv1%2Fkeys")


def test_only_what_the_run_made_is_changed_or_removed(gate: Gate) -> None:
    assert "did not make" in gate.holds("DELETE", "/v3/routes/5f")
    own(gate, "route", "5f")
    assert gate.send("DELETE", "/v3/routes/5f") == 200
    assert "did not make" in gate.holds("DELETE", "/v3/routes/5e")
    own(gate, "template", DOMAIN, MINE)
    assert gate.send("DELETE", f"/v3/{DOMAIN}/templates/{MINE}") == 200
    assert "another domain" in gate.holds("DELETE", f"/v3/other.example.com/templates/{MINE}")


def test_what_is_made_becomes_the_run_s_own_by_the_answer(gate: Gate) -> None:
    gate.server.answer = httpx.Response(200, json={"route": {"id": "5f"}})
    gate.send("POST", "/v3/routes", ROUTE)
    gate.server.answer = httpx.Response(200, json={})
    assert gate.send("PUT", "/v3/routes/5f", {"priority": "3"}) == 200
    assert "did not make" in gate.holds("PUT", "/v3/routes/5e", {"priority": "3"})


@pytest.mark.parametrize("status", [400, 409, 500])
def test_what_was_not_surely_made_is_not_the_run_s_own(gate: Gate, status: int) -> None:
    gate.server.answer = httpx.Response(status, json={})
    gate.send("POST", f"/v3/{DOMAIN}/templates", {"name": MINE})
    assert gate.holds("DELETE", f"/v3/{DOMAIN}/templates/{MINE}")
    assert len(gate.guard.belongings.left()) == (1 if status == 500 else 0)


@pytest.mark.parametrize(
    "change",
    [
        {"description": "mine"},
        {"description": [MINE, "other"]},
        {"description": []},
        {"expression": "catch_all()"},
        {"expression": []},
        {"Expression": "catch_all()"},
        {"expression[]": "catch_all()"},
    ],
)
def test_a_route_that_could_catch_real_mail_is_not_made(gate: Gate, change: Any) -> None:
    assert gate.holds("POST", "/v3/routes", {**ROUTE, **change})


def test_fields_do_not_hide_in_the_query(gate: Gate) -> None:
    path = "/v3/routes?expression=catch_all()"
    assert "undeclared parameter expression" in gate.holds("POST", path, ROUTE)


def test_every_record_of_a_list_has_to_be_marked(gate: Gate) -> None:
    path, kind = f"/v3/{DOMAIN}/bounces", {"content_type": "application/json"}
    mine, other = {"address": f"{MINE}@example.com"}, {"address": ANN}
    assert gate.send("POST", path, json.dumps([mine, mine]).encode(), **kind) == 200
    assert gate.holds("POST", path, json.dumps([mine, other]).encode(), **kind)
    twice = f'[{{"address": "{MINE}@example.com", "Address": "{ANN}"}}]'.encode()
    assert gate.holds("POST", path, twice, **kind)
    for odd in (b"[", b"[1]", b"[]", b""):
        assert gate.holds("POST", path, odd, **kind)


@pytest.mark.parametrize(
    "change",
    [
        {"o:testmode": []},
        {"o:testmode": "no"},
        {"o:testmode": ["yes", "no"]},
        {"to": "bob@example.org"},
        {"to": [ANN, "bob@example.org"]},
        {"to": f"{ANN}, bob@example.org"},
        {"to": f'"{ANN}" <bob@example.org>'},
        {"to": []},
        {"cc": "bob@example.org"},
        {"Bcc": "bob@example.org"},
        {"to[]": "bob@example.org"},
        {"cc[0]": "bob@example.org"},
        {"h:X-Mailgun-Drop-Message": "no"},
        {"o:archive-to": "https://example.org"},
        {"o:tag": "real"},
        {"template": "real"},
    ],
)
def test_mail_goes_in_test_mode_to_authorised_recipients(gate: Gate, change: Any) -> None:
    path = f"/v3/{DOMAIN}/messages"
    assert gate.send("POST", path, MAIL) == 200
    assert gate.holds("POST", path, {**MAIL, **change})


def test_mail_is_not_sent_from_another_domain(gate: Gate) -> None:
    assert "another domain" in gate.holds("POST", "/v3/other.example.com/messages", MAIL)


def test_all_within_a_domain_of_the_run_is_its_own(gate: Gate) -> None:
    made = f"{MINE}.{DOMAIN}"
    assert gate.holds("DELETE", f"/v3/{made}/bounces")
    own(gate, "domain", made)
    assert gate.send("DELETE", f"/v3/{made}/bounces") == 200
    assert gate.send("DELETE", f"/v3/domains/{made}") == 200
    assert "did not make" in gate.holds("DELETE", f"/v3/{DOMAIN}/bounces")
    assert "did not make" in gate.holds("DELETE", f"/v3/domains/{DOMAIN}")


def test_a_domain_of_the_run_has_nothing_to_do_with_the_keys_of_its_parent(gate: Gate) -> None:
    """It would sign with them and add to them, and they are the account's own."""
    mine = {"name": f"{MINE}.{DOMAIN}"}
    assert gate.send("POST", "/v4/domains", {**mine, **APART}) == 200
    for extra in (
        {},
        {"force_dkim_authority": "false"},
        {**APART, "force_root_dkim_host": "true"},
        {**APART, "dkim_host_name": DOMAIN},
    ):
        assert "the field" in gate.holds("POST", "/v4/domains", {**mine, **extra})


def test_a_sandbox_gets_no_subdomains(parts: tuple[truths.Truth, policies.Policy]) -> None:
    sandbox = "sandbox0a.mailgun.org"
    gate = opened(parts, sandbox)
    assert "a sandbox has no" in gate.holds(
        "POST", "/v4/domains", {"name": f"{MINE}.{sandbox}", **APART}
    )


def test_the_ledger_is_written_before_the_call_goes_out(gate: Gate) -> None:
    noted: list[str] = []

    class Looking(Server):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            noted.extend(row.mark for row in gate.guard.belongings.left())
            raise httpx.ReadTimeout("cut off", request=request)

    gate.guard.inner = Looking()
    with pytest.raises(httpx.ReadTimeout):
        gate.send("POST", "/v3/routes", ROUTE)
    assert noted == [MINE]
    assert [row.state for row in gate.guard.belongings.left()] == ["asked"]


def test_what_is_kept_back_is_counted(gate: Gate) -> None:
    gate.holds("GET", "/v1/keys")
    gate.holds("GET", "/v1/keys")
    assert list(gate.guard.withheld.values()) == [2]
