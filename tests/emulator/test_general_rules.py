"""Rules that hold for every service of the API, shown by operations of several of them."""

from __future__ import annotations

import re
from base64 import b64encode

import httpx
import pytest

from mailgun_emulator import Emulator

from .conftest import Connect
from .small import Json, answers, bound, emulator, json_body, operation

SENT = {"from": "a@sandbox.example.test", "subject": "Hello", "text": "Hi"}
# Services of the domain family answer JSON to a wrong key.
DOMAINS = (
    "/v3/domains/sandbox.example.test",
    "/v3/domains/sandbox.example.test/webhooks",
    "/v3/domains/sandbox.example.test/tracking",
    "/v4/domains/sandbox.example.test/keys",
)
GO_SERVICES = ("/v4/domains", "/v1/keys", "/v1/webhooks", "/v3/sandbox.example.test/bounces")
STATUSES = {200, 201, 202, 204, 400, 401, 402, 403, 404, 409, 413, 429}
# Of sends that are limited; the general list does not have it.
RARE = 420
COMMON = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": "true",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-xss-protection": "1; mode=block",
}


def basic(user: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{user}:{secret}".encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (basic("api", "key-test"), 200),
        (basic("key-test", ""), 401),
        (basic("admin", "key-test"), 401),
        ({"authorization": "Bearer key-test"}, 401),
        ({"x-api-key": "key-test"}, 401),
        ({}, 401),
    ],
)
def test_one_scheme_opens(connect: Connect, headers: dict[str, str], status: int) -> None:
    """platform:GEN-001: the name is `api` and the password the key."""
    assert connect(key=None).get("/v4/domains", headers=headers).status_code == status


@pytest.mark.parametrize("domain", ["sandbox.example.test", "nobody.example"])
@pytest.mark.parametrize("kind", ["messages", "messages.mime"])
def test_a_wrong_key_for_sending(connect: Connect, domain: str, kind: str) -> None:
    """platform:GEN-002, GEN-003, DIFF-001, sending:AUTH-002: plain text, and the domain does not
    matter."""
    answer = connect(key="wrong").post(f"/v3/{domain}/{kind}", data={"to": "a@b.test"})
    assert (answer.status_code, answer.text) == (401, "Forbidden")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["www-authenticate"] == 'Basic realm="MG API"'
    assert "x-mailgun-key-id" not in answer.headers


@pytest.mark.parametrize("path", DOMAINS)
def test_a_wrong_key_for_domains(connect: Connect, path: str) -> None:
    """platform:GEN-004."""
    answer = connect(key="wrong").get(path)
    assert answers(answer) == (401, {"message": "Invalid private key"})


@pytest.mark.parametrize("path", GO_SERVICES)
def test_headers_of_an_answer(app: Emulator, api: httpx.Client, path: str) -> None:
    """platform:GEN-005, GEN-006, GEN-007: one line, and the id of the key as it is listed."""
    answer = api.get(path)
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in COMMON} == COMMON
    (key,) = app.state.keys(app.state.accounts[0])
    assert (
        answer.headers["x-mailgun-key-id"] == key.id == api.get("/v1/keys").json()["items"][0]["id"]
    )
    assert answer.text.index("\n") == len(answer.text) - 1


@pytest.mark.parametrize("path", ["/v3/sandbox.example.test/stats", "/v7/anything"])
def test_a_path_that_no_service_has(api: httpx.Client, path: str) -> None:
    """platform:GEN-009, STAT-012: plain text of nineteen bytes."""
    answer = api.get(path)
    assert (answer.status_code, answer.content) == (404, b"404 page not found\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_errors_have_the_shape_of_their_service(api: httpx.Client, domain: str) -> None:
    """platform:GEN-011, GEN-012: message, Reason and Description; the same domain is missing in
    words of three services."""
    security = f"/v1/dkim_management/domains/{domain}/rotate"
    assert set(api.post(security).json()) == {"Reason"}
    assert set(api.get(f"/v2/x509/{domain}/status").json()) == {"Description"}
    for path, message in (
        ("/v4/domains/nobody.example", "Domain not found"),
        ("/v3/nobody.example/templates", "domain not found"),
    ):
        assert answers(api.get(path)) == (404, {"message": message})


def test_statuses_that_can_be_seen(app: Emulator) -> None:
    """platform:GEN-013: what the stateful operations may answer."""
    contract = app.contract
    seen = {
        int(status)
        for name in app.stateful
        for status in contract.operations[name].responses
        if status.isdigit()
    }
    assert {200, 400, 401, 404} <= seen
    assert {status for status in seen if status < 500} <= STATUSES | {RARE}


@pytest.mark.parametrize(
    ("body", "status"), [({"n": 1}, 200), ({"n": 1, "new": True}, 200), ({"new": True}, 500)]
)
def test_new_members_are_no_breach(connect: Connect, body: Json, status: int) -> None:
    """platform:GEN-023: of what was promised nothing may be missing, though."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    paths = {"/do": {"get": operation("do_it", responses={"200": json_body(schema)})}}
    app = emulator(paths, bindings=bound("do_it", lambda _: body))
    assert connect(app).get("/do").status_code == status


def test_dates_end_as_their_service_ends_them(api: httpx.Client, domain: str) -> None:
    """platform:GEN-014: GMT, UTC or an offset of nothing."""
    api.post(f"/v3/{domain}/bounces", data={"address": "a@b.test"})
    api.post(f"/v3/{domain}/messages", data={"to": "a@b.test", "o:tag": "news"} | SENT)
    metrics = api.post("/v1/analytics/metrics", json={}).json()
    dates = {
        "GMT": [api.get(f"/v4/domains/{domain}").json()["domain"]["created_at"]],
        "UTC": [
            api.get(f"/v3/{domain}/bounces/a@b.test").json()["created_at"],
            api.get(f"/v3/{domain}/stats/total", params={"event": "opened"}).json()["start"],
        ],
        "+0000": [
            metrics["start"],
            metrics["end"],
            api.get(f"/v3/domains/{domain}/credentials").json()["items"][0]["created_at"],
            api.post("/v1/analytics/tags", json={}).json()["items"][0]["first_seen"],
        ],
    }
    for ending, texts in dates.items():
        for text in texts:
            assert re.fullmatch(
                rf"\w{{3}}, \d\d \w{{3}} 2025 \d\d:\d\d:\d\d {re.escape(ending)}", text
            )
