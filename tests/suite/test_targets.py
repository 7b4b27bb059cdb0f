"""Bad input: one clear message that says what to set, status 2, and nothing sent but one GET."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from attrs import define, field
from click.testing import CliRunner, Result

from tests.contract import __main__ as command
from tests.contract.targets import live, network, url
from tests.contract.targets.probe import probe
from tests.contract.targets.settings import Settings, TargetError

LIVE = {
    "MAILGUN_API_KEY": "key-very-secret",
    "MAILGUN_DOMAIN": "mg.example.com",
    "MAILGUN_REGION": "us",
}
URL = {
    "CONTRACT_URL": "http://127.0.0.1:9",
    "CONTRACT_DOMAIN": "mg.example.com",
    "CONTRACT_API_KEY": "key-very-secret",
}
VARIABLES = [*LIVE, *URL, "CONTRACT_BUDGET", "CONTRACT_STATE", "MAILGUN_RECIPIENTS"]


@define
class Server(httpx.BaseTransport):
    """Answers each call with the same."""

    answer: httpx.Response | Exception
    arrived: list[httpx.Request] = field(factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.arrived.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(command, "_run", lambda *_: pytest.fail("a session was started"))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> httpx.Response:
        pytest.fail("something was sent")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str, **environment: str) -> Result:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(command.main, arguments)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("target", "environment", "message"),
    [
        ("live", {"MAILGUN_API_KEY": ""}, "target live: MAILGUN_API_KEY is not set; set it to"),
        ("live", {"MAILGUN_DOMAIN": ""}, "MAILGUN_DOMAIN is not set; set it to a domain"),
        ("live", {"MAILGUN_DOMAIN": "nodot"}, "MAILGUN_DOMAIN: expected a domain, found 'nodot'"),
        ("live", {"MAILGUN_REGION": ""}, "MAILGUN_REGION is not set; set it to us or eu"),
        ("live", {"MAILGUN_REGION": "uk"}, "MAILGUN_REGION: expected us or eu, found 'uk'"),
        ("live", {"CONTRACT_BUDGET": "lots"}, "CONTRACT_BUDGET: expected a number of calls"),
        ("live", {"MAILGUN_API_KEY": "a b"}, "MAILGUN_API_KEY: expected one word"),
        ("url", {"CONTRACT_URL": ""}, "CONTRACT_URL is not set; set it to the base URL"),
        ("url", {"CONTRACT_URL": "localhost:80"}, "CONTRACT_URL: expected an absolute http"),
        ("url", {"CONTRACT_URL": "http://u:p@host"}, "expected no user, query or fragment"),
        ("url", {"CONTRACT_URL": "https://api.mailgun.net"}, "is the real API"),
        ("url", {"CONTRACT_URL": "https://API.eu.Mailgun.net/"}, "is the real API"),
        ("url", {"CONTRACT_URL": "https://api.mailgun.net./"}, "is the real API"),
        ("url", {"CONTRACT_API_KEY": ""}, "CONTRACT_API_KEY is not set"),
        ("emulater", {}, "--target: expected one of emulator, url, live, rehearsal"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    target: str, environment: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = call(monkeypatch, f"--target={target}", **{**LIVE, **URL, **environment})
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    assert message in result.output
    assert len(result.output.splitlines()) == 1
    assert "very-secret" not in result.output


@pytest.mark.usefixtures("offline")
def test_an_unknown_operation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    result = call(monkeypatch, "--operation=list_rotues")
    assert result.exit_code == 2
    assert "no such operation: list_rotues" in result.output


UP = httpx.Response(200, json={"domain": {"name": "mg.example.com", "state": "active"}})
DOWN = httpx.Response(200, json={"domain": {"name": "mg.example.com", "state": "disabled"}})


@pytest.mark.parametrize("target", ["live", "url"])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.ConnectError("refused"), "cannot be reached (ConnectError); start the server"),
        (httpx.ConnectTimeout("slow"), "cannot be reached (ConnectTimeout)"),
        (
            httpx.Response(401, text="Forbidden"),
            "refuses the key (status 401): it is wrong",
        ),
        (httpx.Response(404, json={"message": "Domain not found"}), "has no domain mg.example.com"),
        (httpx.Response(429), "limits its calls right now"),
        (httpx.Response(503), "expected status 200 for the domain mg.example.com, found 503"),
        (DOWN, "the domain mg.example.com is disabled"),
    ],
)
def test_one_get_tells_what_is_wrong(
    target: str, answer: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(answer)
    monkeypatch.setattr(httpx, "HTTPTransport", lambda *_, **__: server)
    monkeypatch.setattr(httpx.Client, "_init_transport", lambda *_, **__: server)
    result = call(monkeypatch, f"--target={target}", **{**LIVE, **URL})
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert [request.method for request in server.arrived] == ["GET"]
    assert "very-secret" not in result.output


def test_a_refused_key_or_unknown_domain_may_be_of_another_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for answer in (httpx.Response(401), httpx.Response(404, json={})):
        server = Server(answer)
        monkeypatch.setattr(httpx.Client, "_init_transport", lambda *_, s=server, **__: s)
        assert "set MAILGUN_REGION" in call(monkeypatch, "--target=live", **LIVE).output


def test_a_good_account_is_let_through() -> None:
    server = Server(UP)
    probe(live.settings(LIVE), server)
    probe(url.settings(URL), server)
    assert [str(request.url) for request in server.arrived] == [
        "https://api.mailgun.net/v4/domains/mg.example.com",
        "http://127.0.0.1:9/v4/domains/mg.example.com",
    ]


def test_another_emulator_may_lack_the_domain_call() -> None:
    probe(url.settings(URL), Server(httpx.Response(404, text="404 page not found")))


def test_regions_have_servers_of_their_own() -> None:
    assert live.settings(LIVE | {"MAILGUN_REGION": "EU"}).base_url == "https://api.eu.mailgun.net"


def test_settings_show_no_secret() -> None:
    told = live.settings(LIVE | {"MAILGUN_RECIPIENTS": "ann@example.org, bob@example.org"})
    assert told.recipients == ("ann@example.org", "bob@example.org")
    assert "secret" not in repr(told)
    assert "ann@" not in repr(told)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("target", ["live", "rehearsal", "emulator", "url"])
def test_the_plan_needs_no_server_and_no_key(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["create_route", "list_routes", "create_api_key"]
    options = [f"--operation={name}" for name in names]
    result = call(monkeypatch, f"--target={target}", "--plan", "--profile=quick", *options)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) == len(names) + 1
    assert "Nothing was sent." in lines[-1]
    if target in ("live", "rehearsal"):
        assert lines[0].split()[:4] == ["own", lines[0].split()[1], "POST", "/v3/routes"]
        assert int(lines[0].split()[1]) > 5
        assert lines[2].split()[:4] == ["never", "0", "POST", "/v1/keys"]
        assert "Keys of the account." in lines[2]


@pytest.mark.usefixtures("offline")
def test_only_live_has_something_to_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    result = call(monkeypatch, "--clean")
    assert result.exit_code == 2
    assert "only target live" in result.output


def test_the_network_gives_up_after_a_while() -> None:
    server = Server(httpx.Response(200))
    request = httpx.Request("GET", "http://api.example.test/")
    network.Network(server).handle_request(request)
    assert server.arrived[0].extensions["timeout"]["read"] == 30.0


def test_a_base_url_keeps_its_path() -> None:
    told: Settings = url.settings(URL | {"CONTRACT_URL": "http://host:1/gateway/"})
    assert told.base_url == "http://host:1/gateway"
    with pytest.raises(TargetError):
        url.settings({})
