"""Keys, sending keys, domains of others, roles."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator, create_app, roles
from mailgun_emulator.contract import Operation
from mailgun_emulator.ownership import parameter
from mailgun_emulator.roles import allowed
from mailgun_emulator.state import ApiKey

from .conftest import Connect
from .small import MESSAGE, Json, answers, emulator, json_body, operation

TEXT_401 = {"content": {"text/plain": {"schema": {"type": "string"}}}}
OK = json_body({"type": "object"})
CHALLENGE = 'Basic realm="MG API"'


def documented(name: str, refusal: Json | None, **more: Any) -> Json:
    responses = {"200": OK} if refusal is None else {"200": OK, "401": refusal}
    return operation(name, responses=responses, **more)


@pytest.fixture
def small() -> Emulator:
    return emulator(
        {
            "/text": {"get": documented("get_text", TEXT_401)},
            "/json": {"get": documented("get_json", json_body(MESSAGE))},
            "/reason": {
                "get": documented(
                    "get_reason",
                    json_body({"type": "object", "properties": {"Reason": {"type": "string"}}}),
                )
            },
            "/silent": {"get": documented("get_silent", None)},
            "/public": {"get": documented("get_public", None, security=[])},
        }
    )


class TestRefusal:
    """AUTH-002 to AUTH-005, GEN-002, GEN-004: the form follows the truth of the operation."""

    @pytest.mark.parametrize("path", ["/text", "/silent"])
    def test_plain_text(self, connect: Connect, small: Emulator, path: str) -> None:
        for key in ("wrong", None):
            answer = connect(small, key=key).get(path)
            assert (answer.status_code, answer.content) == (401, b"Forbidden")
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.headers["www-authenticate"] == CHALLENGE
            assert "x-mailgun-key-id" not in answer.headers

    def test_json(self, connect: Connect, small: Emulator) -> None:
        answer = connect(small, key="wrong").get("/json")
        assert answers(answer) == (401, {"message": "Invalid private key"})
        assert answer.headers["www-authenticate"] == CHALLENGE
        missing = connect(small, key=None).get("/json")
        assert answers(missing) == (401, {"message": "Need authorization header"})

    def test_json_of_another_shape(self, connect: Connect, small: Emulator) -> None:
        answer = connect(small, key="wrong").get("/reason")
        assert answers(answer) == (401, {"Reason": "Invalid private key"})

    @pytest.mark.parametrize(
        "header",
        [
            "Bearer key-test",
            "Basic",
            "Basic !!!",
            "Basic " + base64.b64encode(b"user:key-test").decode(),
            "Basic " + base64.b64encode(b"api").decode(),
            "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        ],
    )
    def test_headers_that_do_not_count(
        self, connect: Connect, small: Emulator, header: str
    ) -> None:
        answer = connect(small, key=None).get("/text", headers={"authorization": header})
        assert answer.status_code == 401

    def test_public_operation(self, connect: Connect, small: Emulator) -> None:
        assert connect(small, key=None).get("/public").status_code == 200
        assert connect(small, key="wrong").get("/public").status_code == 200

    def test_the_key_is_named_in_answers_to_it(self, connect: Connect, small: Emulator) -> None:
        """AUTH-014."""
        [key] = small.state.keys(small.state.accounts[0])
        answer = connect(small).get("/text")
        assert answer.headers["x-mailgun-key-id"] == key.id

    def test_every_operation_of_the_truth_wants_a_key(
        self, app: Emulator, connect: Connect
    ) -> None:
        client = connect(key="wrong")
        for op in app.contract.operations.values():
            expected = 401 if not op.public else None
            status = client.request(op.method, op.path).status_code
            assert expected in (None, status), op.id


class TestDomains:
    def test_sending_from_a_foreign_domain(self, api: httpx.Client) -> None:
        """AUTH-010: as a wrong key, not as a missing domain."""
        answer = api.post("/v3/foreign.test/messages", data={"to": "a@b.test"})
        assert answer.status_code == 401

    def test_case_does_not_matter(self, api: httpx.Client, domain: str) -> None:
        assert api.delete(f"/v3/{domain.upper()}/envelopes").status_code == 200

    def test_key_comes_before_domain(self, connect: Connect) -> None:
        """platform:GEN-003."""
        assert connect(key="wrong").delete("/v3/foreign.test/envelopes").status_code == 401

    @pytest.mark.parametrize(
        ("template", "name"),
        [
            ("/v3/{domain_name}/messages", "domain_name"),
            ("/v3/domains/{name}", "name"),
            ("/v4/domains/{name}/keys/{selector}/activate", "name"),
            ("/v2/x509/{domain}/status", "domain"),
            ("/v1/dkim_management/domains/{name}/rotate", "name"),
            ("/v3/lists/{address}", ""),
            ("/v3/ips/{ip}/domains", ""),
            ("/v1/dmarc/domains/{domain}", ""),
            ("/v1/bounce-classification/domains/{domain}/events", ""),
            ("/v3/domains", ""),
        ],
    )
    def test_what_is_owned(self, template: str, name: str) -> None:
        assert parameter(template) == name


class TestSendingKeys:
    """AUTH-007 to AUTH-009, KEY-011."""

    @pytest.fixture
    def client(self, app: Emulator, connect: Connect, domain: str) -> httpx.Client:
        account = app.state.accounts[0]
        account.domains.add("second.test")
        key = ApiKey("11111111-22222222", "only-sends", "domain", "sending", domain)
        app.state.add_key(account, key)
        return connect(key="only-sends")

    def test_sends_from_its_domain(self, client: httpx.Client, domain: str) -> None:
        mail = {"from": f"a@{domain}", "to": "b@c.test", "subject": "s", "text": "t"}
        assert client.post(f"/v3/{domain}/messages", data=mail).status_code == 200

    def test_not_from_another_domain(self, client: httpx.Client) -> None:
        mail = {"from": "a@second.test", "to": "b@c.test", "subject": "s", "text": "t"}
        assert client.post("/v3/second.test/messages", data=mail).status_code == 401

    def test_nothing_else(self, client: httpx.Client, domain: str) -> None:
        assert client.delete(f"/v3/{domain}/envelopes").status_code == 401
        assert client.get("/v3/routes").status_code == 401


class TestRoles:
    """RBAC-001 to RBAC-011."""

    @staticmethod
    def op(method: str, tag: str, name: str = "do_it") -> Operation:
        return Operation(name, method, "/", tag, (), {}, False, {}, False)

    @pytest.mark.parametrize(
        ("tag", "method", "may"),
        [
            ("domains", "GET", {"admin", "basic", "developer", "support"}),
            ("domains", "POST", {"admin", "developer"}),
            ("bounces", "GET", {"admin", "developer", "support"}),
            ("bounces", "DELETE", {"admin", "developer", "support"}),
            ("templates", "PUT", {"admin", "developer", "support"}),
            ("templates", "GET", {"admin", "basic", "developer", "support"}),
            ("message_limits", "PUT", {"admin"}),
            ("keys", "GET", {"admin", "developer"}),
            ("keys", "POST", {"admin"}),
            ("users", "GET", {"admin"}),
        ],
    )
    def test_matrix(self, tag: str, method: str, may: set[str]) -> None:
        names = ("admin", "basic", "developer", "support")
        assert {role for role in names if allowed(role, self.op(method, tag))} == may

    def test_analytics_are_read_by_post(self) -> None:
        assert allowed("basic", self.op("POST", "metrics", "query_metrics"))

    def test_own_details_are_for_all(self) -> None:
        assert allowed("basic", self.op("GET", "users", "get_current_user"))

    def test_the_matrix_names_tags_of_the_truth(self, app: Emulator) -> None:
        tags = {op.tag for op in app.contract.operations.values()}
        assert set(roles._ROWS) <= tags

    def test_refusal(self, app: Emulator, connect: Connect, domain: str) -> None:
        key = ApiKey("11111111-22222222", "reads", "user", "basic")
        app.state.add_key(app.state.accounts[0], key)
        answer = connect(key="reads").delete(f"/v3/{domain}/envelopes")
        assert answers(answer) == (403, {"message": "Forbidden"})


class TestKeys:
    """KEY-008."""

    def test_expired(self, app: Emulator, connect: Connect) -> None:
        state = app.state
        soon = state.clock.now() + timedelta(seconds=10)
        state.add_key(state.accounts[0], ApiKey("1-2", "short", "web", expires_at=soon))
        assert connect(key="short").get("/v3/routes").status_code == 200
        state.clock.advance(10)
        assert connect(key="short").get("/v3/routes").status_code == 401

    def test_removed(self, app: Emulator, connect: Connect) -> None:
        state = app.state
        [account] = state.accounts
        state.add_key(account, ApiKey("1-2", "gone", "user"))
        assert [key.id for key in state.keys(account)][-1] == "1-2"
        assert state.remove_key(account, "1-2")
        assert not state.remove_key(account, "1-2")
        assert connect(key="gone").get("/v3/routes").status_code == 401

    def test_a_secret_is_not_shown(self) -> None:
        assert "hush" not in repr(ApiKey("1-2", "hush"))


class TestAccounts:
    def test_keys_are_accounts_that_share_nothing(self, connect: Connect) -> None:
        app = create_app(
            api_keys=["one", "two"], domains={"one": ["one.test"], "two": ["Two.test"]}
        )
        assert connect(app, key="one").delete("/v3/one.test/envelopes").status_code == 200
        assert connect(app, key="two").delete("/v3/two.test/envelopes").status_code == 200
        assert connect(app, key="one").delete("/v3/two.test/envelopes").status_code == 404

    def test_plain_names_go_to_every_key(self, connect: Connect) -> None:
        app = create_app(api_keys=["one", "two"], domains=["shared.test"])
        for key in ("one", "two"):
            answer = connect(app, key=key).delete("/v3/shared.test/envelopes")
            assert answer.status_code == 200
        first, second = app.state.accounts
        assert first.id != second.id
        app.state.forget_domain(first, "shared.test")
        assert (first.owns("shared.test"), second.owns("shared.test")) == (False, True)
