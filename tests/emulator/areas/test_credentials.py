"""SMTP credentials of a domain."""

from __future__ import annotations

import re

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.credentials import CredentialStore
from tests.emulator.small import answers

NOTE = "Please store your new password(s) now. You won't be able to see it anymore."
SHORT = {"message": "Password is too short. It must be between 5 and 32 characters."}
LONG = {"message": "Password is too long. It must be between 5 and 32 characters."}
NOT_FOUND = {"message": "Credentials not found"}


@pytest.fixture
def path(domain: str) -> str:
    return f"/v3/domains/{domain}/credentials"


@pytest.fixture
def store(app: Emulator) -> CredentialStore:
    return app.state.store(app.state.accounts[0], CredentialStore)


def logins(api: httpx.Client, path: str, **query: int) -> list[str]:
    return [item["login"] for item in api.get(path, params=query).json()["items"]]


class TestCreate:
    def test_with_password(
        self, api: httpx.Client, path: str, domain: str, store: CredentialStore
    ) -> None:
        """platform:CRED-001, sending:CRED-002, CRED-008: listed with its date, password unseen."""
        answer = api.post(path, data={"login": f"alice@{domain}", "password": "secret"})
        assert answers(answer) == (200, {"message": "Created 1 credentials pair(s)"})
        body = api.get(path).json()
        assert body["total_count"] == 2
        assert body["items"][1] == {
            "mailbox": f"alice@{domain}",
            "login": f"alice@{domain}",
            "created_at": "Fri, 24 Jan 2025 12:44:39 +0000",
            "size_bytes": None,
        }
        assert store.accepts(f"Alice@{domain}", "secret")

    def test_without_password(
        self, api: httpx.Client, path: str, domain: str, store: CredentialStore
    ) -> None:
        """platform:CRED-002, CRED-003, DIFF-068, sending:CRED-001: one is made up."""
        body = api.post(path, data={"login": "alice"}).json()
        login = f"alice@{domain}"
        assert (body["message"], body["note"]) == ("Created 1 credentials pair(s)", NOTE)
        assert list(body["credentials"]) == [login]
        password = body["credentials"][login]
        assert re.fullmatch(r"[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}", password)
        assert store.accepts(login, password)

    def test_several(
        self, api: httpx.Client, path: str, domain: str, store: CredentialStore
    ) -> None:
        """platform:CRED-004, GEN-021: repeated fields; passwords go to the logins in order."""
        fields = {"mailbox": ["a", "b", "c"], "password": ["for-a", "for-b"]}
        body = api.post(path, data=fields).json()
        assert body["message"] == "Created 3 credentials pair(s)"
        assert list(body["credentials"]) == [f"c@{domain}"]
        assert store.accepts(f"a@{domain}", "for-a")
        assert store.accepts(f"b@{domain}", "for-b")
        assert len(logins(api, path)) == 4

    def test_again(self, api: httpx.Client, path: str, store: CredentialStore, domain: str) -> None:
        """platform:CRED-001: a login that is there gets the new password, and is listed once."""
        for password in ("first", "second"):
            api.post(path, data={"login": "alice", "password": password})
        assert logins(api, path).count(f"alice@{domain}") == 1
        assert store.accepts(f"alice@{domain}", "second")

    @pytest.mark.parametrize(
        ("fields", "body"),
        [
            ({"password": "secret"}, {"message": "Parameter 'login' is missing"}),
            ({"login": ""}, {"message": "Parameter 'login' is missing"}),
            ({"login": "alice", "password": "four"}, SHORT),
            ({"login": "alice", "password": "x" * 33}, LONG),
            ({"login": "alice@elsewhere.test"}, {"message": "invalid login"}),
        ],
    )
    def test_refused(
        self, api: httpx.Client, path: str, fields: dict[str, str], body: dict[str, str]
    ) -> None:
        """platform:CRED-004, CRED-005, sending:CRED-005, CRED-006: and nothing is made."""
        before = logins(api, path)
        assert answers(api.post(path, data=fields)) == (400, body)
        assert logins(api, path) == before


class TestList:
    def test_pages(self, api: httpx.Client, path: str) -> None:
        """platform:CRED-006: oldest first; pages partition the list, the total is of all."""
        api.post(path, data={"login": ["a", "b", "c"]})
        every = logins(api, path)
        assert len(every) == 4
        assert [logins(api, path, limit=3, skip=skip) for skip in (0, 3)] == [every[:3], every[3:]]
        assert api.get(path, params={"limit": 1}).json()["total_count"] == 4

    def test_limit(self, api: httpx.Client, path: str) -> None:
        """platform:CRED-006, sending:CRED-006."""
        assert api.get(path, params={"limit": 1000}).status_code == 200
        refusal = {"message": "Limit parameter can't be larger than 1000"}
        assert answers(api.get(path, params={"limit": 1001})) == (400, refusal)

    def test_foreign_domain(self, api: httpx.Client) -> None:
        """sending:AUTH-012: in lower case."""
        answer = api.get("/v3/domains/foreign.example.org/credentials")
        assert answers(answer) == (404, {"message": "domain not found"})

    def test_domains_are_apart(self, api: httpx.Client, path: str) -> None:
        """platform:DOM-002, DOM-040: a new domain has its postmaster only."""
        api.post("/v4/domains", data={"name": "mg.example.org"})
        other = "/v3/domains/mg.example.org/credentials"
        api.post(other, data={"login": "alice"})
        assert logins(api, other) == ["postmaster@mg.example.org", "alice@mg.example.org"]
        assert len(logins(api, path)) == 1
        api.delete("/v3/domains/mg.example.org")
        api.post("/v4/domains", data={"name": "mg.example.org"})
        assert logins(api, other) == ["postmaster@mg.example.org"]


class TestUpdate:
    def test_password_given(
        self, api: httpx.Client, path: str, domain: str, store: CredentialStore
    ) -> None:
        """platform:CRED-007, DIFF-067, sending:CRED-003, CRED-009: the old one is void."""
        api.post(path, data={"login": "alice", "password": "first"})
        answer = api.put(f"{path}/alice", data={"password": "second", "unknown": "x"})
        assert answers(answer) == (200, {"message": "Password changed"})
        login = f"alice@{domain}"
        assert (store.accepts(login, "first"), store.accepts(login, "second")) == (False, True)

    def test_password_made_up(
        self, api: httpx.Client, path: str, domain: str, store: CredentialStore
    ) -> None:
        """platform:CRED-007."""
        api.post(path, data={"login": "alice", "password": "first"})
        login = f"alice@{domain}"
        body = api.put(f"{path}/{login}").json()
        assert (body["message"], body["note"]) == ("Password changed", NOTE)
        assert store.accepts(login, body["credentials"][login])

    def test_refused(
        self, api: httpx.Client, path: str, domain: str, store: CredentialStore
    ) -> None:
        """platform:CRED-005, CRED-007, sending:CRED-006."""
        api.post(path, data={"login": "alice", "password": "first"})
        assert answers(api.put(f"{path}/alice", data={"password": "four"})) == (400, SHORT)
        assert store.accepts(f"alice@{domain}", "first")
        assert answers(api.put(f"{path}/nobody")) == (404, NOT_FOUND)


class TestDelete:
    @pytest.mark.parametrize("full", [True, False])
    def test_one(
        self, api: httpx.Client, path: str, domain: str, full: bool, store: CredentialStore
    ) -> None:
        """platform:CRED-008, sending:CRED-004, CRED-009: by address or local part."""
        api.post(path, data={"login": "alice", "password": "secret"})
        login = f"alice@{domain}"
        answer = api.delete(f"{path}/{login if full else 'alice'}")
        gone = {"message": "Credentials have been deleted", "spec": login}
        assert answers(answer) == (200, gone)
        assert not store.accepts(login, "secret")
        assert login not in logins(api, path)
        assert answers(api.delete(f"{path}/{login}")) == (404, NOT_FOUND)

    def test_postmaster(self, api: httpx.Client, path: str, domain: str) -> None:
        """platform:CRED-009, sending:CRED-006."""
        refusal = {"message": f"Cannot delete system mailbox: postmaster@{domain}"}
        assert answers(api.delete(f"{path}/postmaster")) == (400, refusal)
        assert logins(api, path) == [f"postmaster@{domain}"]

    def test_all(self, api: httpx.Client, path: str, domain: str) -> None:
        """platform:CRED-010, sending:CRED-007: how many went; the postmaster stays."""
        api.post(path, data={"login": ["a", "b"]})
        message = "All domain credentials have been deleted"
        assert answers(api.delete(path)) == (200, {"message": message, "count": 2})
        assert logins(api, path) == [f"postmaster@{domain}"]
        assert api.delete(path).json()["count"] == 0
