"""API keys: a new one works at once, a deleted or expired one stops at once."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator, create_app
from mailgun_emulator.areas.keys import KeyStore
from tests.emulator.conftest import Connect
from tests.emulator.small import answers

KEYS = "/v1/keys"
DAY = 24 * 60 * 60
MESSAGE = {"from": "a@example.com", "to": "b@example.com", "subject": "s", "text": "t"}


def create(api: httpx.Client, role: str = "admin", **fields: str) -> dict[str, Any]:
    answer = api.post(KEYS, data={"role": role, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["message"] == "great success"
    key: dict[str, Any] = body["key"]
    return key


def status(connect: Connect, key: dict[str, Any]) -> int:
    return connect(key=key["secret"]).get("/v4/domains").status_code


class TestCreate:
    def test_answer(self, api: httpx.Client) -> None:
        """platform:KEY-003, KEY-009, GEN-006, sending:AUTH-016: the secret is shown only here."""
        key = create(api, "developer", description="for CI", user_name="Jane")
        secret, number = key.pop("secret"), key.pop("id")
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{8}", number)
        assert key == {
            "description": "for CI",
            "kind": "user",
            "role": "developer",
            "created_at": "2025-01-24T12:44:39",
            "updated_at": "2025-01-24T12:44:39",
            "requestor": None,
            "user_name": "Jane",
            "domain_name": None,
            "is_disabled": False,
        }
        answer = api.get(KEYS)
        assert answer.json()["items"][-1] == {"id": number, **key}
        assert secret not in answer.text

    def test_works_at_once(self, api: httpx.Client, connect: Connect) -> None:
        """platform:KEY-003, GEN-006, sending:AUTH-006: for the same account, under its own id."""
        key = create(api)
        answer = connect(key=key["secret"]).get("/v4/domains")
        assert answers(answer) == answers(api.get("/v4/domains"))
        assert answer.headers["x-mailgun-key-id"] == key["id"]

    def test_roles(self, api: httpx.Client, connect: Connect) -> None:
        """platform:KEY-004, RBAC-001, RBAC-006: a key does what its role may."""
        analyst = connect(key=create(api, "basic")["secret"])
        assert analyst.get("/v4/domains").status_code == 200
        assert analyst.post("/v4/domains", data={"name": "mg.example.org"}).status_code == 403
        assert analyst.get(KEYS).status_code == 403
        developer = connect(key=create(api, "developer")["secret"])
        assert developer.get(KEYS).status_code == 200
        assert developer.post(KEYS, data={"role": "admin"}).status_code == 403

    def test_sending_key(self, api: httpx.Client, connect: Connect, domain: str) -> None:
        """platform:KEY-004, KEY-011, sending:AUTH-007, AUTH-008, AUTH-009: sends, and only here."""
        key = create(api, "sending", kind="domain", domain_name=domain.upper())
        client = connect(key=key["secret"])
        assert client.post(f"/v3/{domain}/messages", data=MESSAGE).status_code == 200
        assert client.get("/v4/domains").status_code == 401
        assert client.get(f"/v4/domains/{domain}").status_code == 401
        api.post("/v4/domains", data={"name": "mg.example.org"})
        assert client.post("/v3/mg.example.org/messages", data=MESSAGE).status_code == 401

    def test_role_of_a_domain_key(self, api: httpx.Client, connect: Connect, domain: str) -> None:
        """platform:KEY-011: a key that belongs to a domain only sends, whatever role was asked."""
        key = create(api, "admin", kind="domain", domain_name=domain)
        assert status(connect, key) == 401

    @pytest.mark.parametrize(
        "fields",
        [
            {"description": "no role"},
            {"role": "emperor"},
            {"role": "admin", "kind": "other"},
            {"role": "sending", "kind": "domain"},
            {"role": "admin", "expiration": "0"},
        ],
    )
    def test_refused(self, api: httpx.Client, fields: dict[str, str]) -> None:
        """platform:KEY-003, KEY-004, KEY-005: 400, and there is no new key."""
        assert api.post(KEYS, data=fields).status_code == 400
        assert api.get(KEYS).json()["total_count"] == 1

    def test_account_limit(self, app: Emulator, api: httpx.Client) -> None:
        """platform:KEY-006."""
        app.state.store(app.state.accounts[0], KeyStore).limit = 2
        create(api)
        refusal = {"message": "could not create key, account limit reached"}
        assert answers(api.post(KEYS, data={"role": "admin"})) == (403, refusal)


class TestExpiration:
    def test_stops(self, app: Emulator, api: httpx.Client, connect: Connect) -> None:
        """platform:KEY-005, KEY-008."""
        key = create(api, expiration="60")
        assert key["expires_at"] == "2025-01-24T12:45:39"
        app.state.clock.advance(59)
        assert status(connect, key) == 200
        app.state.clock.advance(1)
        assert status(connect, key) == 401

    @pytest.mark.parametrize(
        ("fields", "ends"),
        [
            ({}, "2025-01-25T12:44:39"),
            ({"expiration": "172800"}, "2025-01-25T12:44:39"),
            ({"expiration": "60"}, "2025-01-24T12:45:39"),
        ],
    )
    def test_web_keys(self, api: httpx.Client, fields: dict[str, str], ends: str) -> None:
        """platform:KEY-005, sending:AUTH-021: a day at most, also when nothing is said."""
        assert create(api, kind="web", **fields)["expires_at"] == ends

    def test_no_end_is_too_far(self, api: httpx.Client, connect: Connect) -> None:
        """platform:KEY-005, KEY-009: the date stays one that four digits of a year can say."""
        key = create(api, expiration=str(10**30))
        assert key["expires_at"] == "9999-12-31T23:59:59"
        assert status(connect, key) == 200


class TestList:
    def test_own_key(self, api: httpx.Client) -> None:
        """platform:KEY-001, GEN-006: the key from the start, under the id in the headers."""
        answer = api.get(KEYS)
        (key,) = answer.json()["items"]
        assert answer.json()["total_count"] == 1
        assert key["id"] == answer.headers["x-mailgun-key-id"]
        assert (key["kind"], key["role"]) == ("user", "admin")

    def test_filters(self, api: httpx.Client, domain: str) -> None:
        """platform:KEY-001, KEY-002: the total is the number of keys that are returned."""
        made = {
            "web": create(api, kind="web")["id"],
            "domain": create(api, "sending", kind="domain", domain_name=domain)["id"],
        }

        def found(**query: str) -> list[str]:
            body = api.get(KEYS, params=query).json()
            assert body["total_count"] == len(body["items"])
            return [key["id"] for key in body["items"]]

        for kind, number in made.items():
            assert found(kind=kind) == [number]
        assert found(domain_name=domain.upper()) == [made["domain"]]
        assert found(domain_name="foreign.example.org") == []
        assert set(found()) > set(made.values())

    def test_other_kind(self, api: httpx.Client) -> None:
        """platform:KEY-002."""
        refusal = "expected `kind` param to be one of [domain user web] or absent"
        assert answers(api.get(KEYS, params={"kind": "x"})) == (400, {"message": refusal})


class TestDelete:
    def test_stops_at_once(self, api: httpx.Client, connect: Connect) -> None:
        """platform:KEY-007, KEY-008."""
        key = create(api)
        assert status(connect, key) == 200
        assert answers(api.delete(f"{KEYS}/{key['id']}")) == (200, {"message": "key deleted"})
        assert status(connect, key) == 401
        assert key["id"] not in api.get(KEYS).text
        unknown = {"message": "no key matching id"}
        assert answers(api.delete(f"{KEYS}/{key['id']}")) == (404, unknown)

    def test_goes_with_the_domain(self, api: httpx.Client, connect: Connect) -> None:
        """platform:KEY-011, DOM-040: the name may come back, the key does not."""
        api.post("/v4/domains", data={"name": "mg.example.org"})
        key = create(api, "sending", kind="domain", domain_name="mg.example.org")
        api.delete("/v3/domains/mg.example.org")
        api.post("/v4/domains", data={"name": "mg.example.org"})
        answer = connect(key=key["secret"]).post("/v3/mg.example.org/messages", data=MESSAGE)
        assert answer.status_code == 401
        assert key["id"] not in api.get(KEYS).text

    def test_of_another_account(self, connect: Connect) -> None:
        """platform:KEY-007: the ids of others are unknown."""
        both = create_app(api_keys=["one", "two"])
        first, second = connect(both, key="one"), connect(both, key="two")
        number = first.get(KEYS).json()["items"][0]["id"]
        assert second.delete(f"{KEYS}/{number}").status_code == 404
        assert first.get(KEYS).status_code == 200


def test_public_key(api: httpx.Client) -> None:
    """platform:KEY-010: a new one each time."""
    first, second = (api.post(f"{KEYS}/public").json() for _ in range(2))
    assert first["message"] == "The public API key has been successfully regenerated."
    assert re.fullmatch(r"pubkey-[0-9a-f]{32}", first["key"])
    assert first["key"] != second["key"]
