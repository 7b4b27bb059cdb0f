"""Paths to operations."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator import Emulator, contract
from mailgun_emulator.errors import ContractError
from mailgun_emulator.router import Match, Router, WrongMethod

from .small import document, operation

PATHS = {
    "/v3/lists/pages": {"get": operation("list_pages")},
    "/v3/lists/{address}": {"get": operation("get_list"), "delete": operation("delete_list")},
    "/v3/domains/{name}": {"get": operation("get_domain")},
    "/v3/{domain}/events": {"get": operation("list_events")},
    "/v3/{domain}/events/{token}": {"get": operation("list_events_page")},
}


@pytest.fixture
def router() -> Router:
    return Router.of(contract.parse(document(PATHS)).operations.values())


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("/v3/lists/pages", "list_pages", {}),
        ("/v3/lists/devs@example.com", "get_list", {"address": "devs@example.com"}),
        ("/v3/lists/a%2Fb", "get_list", {"address": "a/b"}),
        ("/v3/lists/%2E%2E", "get_list", {"address": ".."}),
        ("/v3/lists/caf%C3%A9", "get_list", {"address": "café"}),
        ("/v3/lists/%FF", "get_list", {"address": "�"}),
        # Left to right: the literal `domains` wins although the later literal would fit too.
        ("/v3/domains/events", "get_domain", {"name": "events"}),
        # A literal that leads nowhere does not hide the parameter beside it.
        ("/v3/domains/events/t", "list_events_page", {"domain": "domains", "token": "t"}),
    ],
)
def test_finds(router: Router, path: str, name: str, values: dict[str, str]) -> None:
    found = router.find("GET", path)
    assert isinstance(found, Match)
    assert (found.operation.id, found.values) == (name, values)


@pytest.mark.parametrize("path", ["", "*", "/", "/v3", "/v3/lists/", "/v3//events", "/v3/lists/a/"])
def test_no_such_path(router: Router, path: str) -> None:
    assert router.find("GET", path) is None


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_methods_are_exact(router: Router, method: str) -> None:
    assert router.find(method, "/v3/lists/x") == WrongMethod(("DELETE", "GET"))


def test_two_operations_on_one_route() -> None:
    paths = {
        "/a/{x}": {"get": operation("get_a")},
        "/a/{y}": {"get": operation("get_b")},
    }
    with pytest.raises(ContractError, match="get_b and get_a"):
        Router.of(contract.parse(document(paths)).operations.values())


def test_segment_that_mixes_text_and_parameter() -> None:
    paths = {"/a/{x}.json": {"get": operation("get_a")}}
    with pytest.raises(ContractError, match="get_a"):
        Router.of(contract.parse(document(paths)).operations.values())


def test_every_operation_of_the_truth_is_reached(app: Emulator) -> None:
    for op in app.contract.operations.values():
        values = {p.name: f"value of {p.name}/" for p in op.parameters if p.where == "path"}
        path = op.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", value.replace(" ", "%20").replace("/", "%2F"))
        assert app.router.find(op.method, path) == Match(op, values)


class TestMisses:
    """ERR-002, ERR-003, GEN-008 to GEN-010."""

    def test_plain_text(self, api: httpx.Client) -> None:
        answer = api.get("/v3/sandbox.example.test/stats")
        assert (answer.status_code, answer.content) == (404, b"404 page not found\n")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_trailing_slash_of_a_python_service(self, api: httpx.Client) -> None:
        answer = api.get("/v3/lists/")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<title>404 Not Found</title>" in answer.text

    @pytest.mark.parametrize("path", ["/v1/analytics/nothing", "/v1/analytics/tags"])
    def test_analytics(self, api: httpx.Client, path: str) -> None:
        answer = api.get(path)
        assert answer.status_code == 404
        assert "not found" in answer.json()["error"]

    def test_wrong_method_says_what_is_allowed(self, api: httpx.Client) -> None:
        answer = api.patch("/v3/routes")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, POST"
        assert answer.json() == {"message": "Method Not Allowed"}

    def test_a_path_needs_no_key_to_be_unknown(self, api: httpx.Client) -> None:
        assert api.get("/nowhere", auth=("api", "wrong")).status_code == 404
