"""Webhooks of the account: what is configured."""

from __future__ import annotations

import re

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.state import ApiKey
from tests.emulator.areas.clients import told
from tests.emulator.conftest import Connect

A, B, C, D = (f"https://{letter}.example.com/hook?x=1" for letter in "abcd")


class AccountHooks:
    """The webhooks of the account."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api

    def create(self, url: str = A, *kinds: str, **fields: str) -> httpx.Response:
        form = {"url": url, "event_types": list(kinds or ["delivered"]), **fields}
        return self.api.post("/v1/webhooks", data=form)

    def made(self, url: str = A, *kinds: str, **fields: str) -> str:
        return str(self.create(url, *kinds, **fields).json()["webhook_id"])

    def update(self, name: str, url: str, *kinds: str, **fields: str) -> httpx.Response:
        form = {"url": url, "event_types": list(kinds), **fields}
        return self.api.put(f"/v1/webhooks/{name}", data=form)

    def get(self, name: str) -> httpx.Response:
        return self.api.get(f"/v1/webhooks/{name}")

    def clear(self, **query: str) -> httpx.Response:
        return self.api.delete("/v1/webhooks", params=query)

    def ids(self, **query: str) -> list[str]:
        listed = self.api.get("/v1/webhooks", params=query).json()["webhooks"]
        return [hook["webhook_id"] for hook in listed]


@pytest.fixture
def account(api: httpx.Client) -> AccountHooks:
    return AccountHooks(api)


def test_an_account_webhook_is_created_and_shown(account: AccountHooks) -> None:
    """platform:HOOK-018, HOOK-019, HOOK-020."""
    answer = account.create(A, "delivered", "opened", description="mine")
    name = answer.json()["webhook_id"]
    assert told(answer) == (200, {"webhook_id": name})
    assert re.fullmatch("[0-9a-f]{24}", name)
    hook = {
        "webhook_id": name,
        "description": "mine",
        "url": A,
        "event_types": ["delivered", "opened"],
        "created_at": "2025-01-24T12:44:39Z",
    }
    assert told(account.get(name)) == (200, hook)
    assert told(account.api.get("/v1/webhooks")) == (200, {"webhooks": [hook]})


def test_the_list_may_be_narrowed(account: AccountHooks) -> None:
    """platform:HOOK-018."""
    names = [account.made(url) for url in (A, B, C)]
    assert account.ids() == names
    assert account.ids(webhook_ids=f"{names[2]},{names[0]},unknown") == [names[0], names[2]]
    assert account.ids(webhook_ids="unknown") == []


def test_an_update_replaces_everything(app: Emulator, account: AccountHooks) -> None:
    """platform:HOOK-021."""
    name = account.made(A, "delivered", description="mine")
    app.state.clock.advance(60)
    answer = account.update(name, B, "opened", "clicked")
    assert (answer.status_code, answer.content) == (204, b"")
    assert account.get(name).json() == {
        "webhook_id": name,
        "description": "",
        "url": B,
        "event_types": ["opened", "clicked"],
        "created_at": "2025-01-24T12:44:39Z",
    }


def test_an_update_may_keep_its_own_url(account: AccountHooks) -> None:
    """platform:HOOK-021, HOOK-028."""
    name = account.made(A, "delivered")
    account.made(B, "delivered")
    account.made(C, "delivered")
    assert account.update(name, A, "delivered", "opened").status_code == 204


def test_a_deleted_webhook_is_gone(account: AccountHooks) -> None:
    """platform:HOOK-022."""
    kept, name = account.made(A), account.made(B)
    answer = account.api.delete(f"/v1/webhooks/{name}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert account.ids() == [kept]
    assert told(account.get(name)) == (404, {"Description": "webhook not found"})


def test_unknown_ids_are_not_found(account: AccountHooks) -> None:
    """platform:HOOK-020, HOOK-021, HOOK-022."""
    name = "507f1f77bcf86cd799439011"
    unknown = (404, {"Description": f"webhook_id not found: {name}"})
    assert told(account.get(name)) == (404, {"Description": "webhook not found"})
    assert told(account.update(name, A, "opened")) == unknown
    assert told(account.api.delete(f"/v1/webhooks/{name}")) == unknown


@pytest.mark.parametrize("name", ["abc", "507F1F77BCF86CD799439011"])
def test_a_malformed_id_cannot_be_deleted(account: AccountHooks, name: str) -> None:
    """platform:HOOK-022."""
    refused = (400, {"Field": "webhook_id", "Value": "is not valid"})
    assert told(account.api.delete(f"/v1/webhooks/{name}")) == refused


def test_several_are_deleted_by_id_or_all(account: AccountHooks) -> None:
    """platform:HOOK-023."""
    names = [account.made(url) for url in (A, B, C)]
    answer = account.clear(webhook_ids=f"{names[0]},{names[2]}", all="true")
    assert (answer.status_code, answer.content) == (204, b"")
    assert account.ids() == [names[1]]
    for query in ({}, {"all": "false"}):
        assert account.clear(**query).status_code == 400
    assert account.ids() == [names[1]]
    assert account.clear(all="true").status_code == 204
    assert account.ids() == []


def test_deleting_several_needs_something_to_delete(account: AccountHooks) -> None:
    """platform:HOOK-024."""
    name = account.made()
    text = (
        "Invalid parameter: webhook_ids malformed webhook_ids parameter: empty values not allowed"
    )
    for malformed in (f"{name},,x", f"{name},", ""):
        assert told(account.clear(webhook_ids=malformed)) == (400, {"message": text})
    nothing = (404, {"Description": "no webhooks found for account"})
    assert told(account.clear(webhook_ids="unknown")) == nothing
    assert account.ids() == [name]
    account.clear(all="true")
    assert told(account.clear(all="true")) == nothing


def test_a_type_is_named_once(account: AccountHooks) -> None:
    """platform:HOOK-025."""
    assert told(account.create(A, "accepted", "opened", "accepted")) == (
        400,
        {"Field": "event_types", "Value": "duplicate event types: 'accepted'"},
    )
    assert account.ids() == []


def test_an_unknown_type_is_not_found(account: AccountHooks) -> None:
    """platform:HOOK-026."""
    unknown = (404, {"Description": "event_type 'invalid_type' is invalid"})
    assert told(account.create(A, "opened", "invalid_type")) == unknown
    name = account.made()
    assert told(account.update(name, A, "invalid_type")) == unknown
    assert account.get(name).json()["event_types"] == ["delivered"]


def test_a_type_has_three_distinct_urls_at_most(account: AccountHooks) -> None:
    """platform:HOOK-027: nothing is made when one type is full."""
    for url in (A, B, C):
        account.made(url, "delivered")
    full = (409, {"Description": "unable to add more than 3 urls for event type delivered"})
    assert told(account.create(D, "opened", "delivered")) == full
    name = account.made(D, "opened")
    assert told(account.update(name, D, "delivered")) == full
    assert account.get(name).json()["event_types"] == ["opened"]


def test_a_url_is_held_once_for_a_type(account: AccountHooks) -> None:
    """platform:HOOK-028."""
    account.made(A, "delivered")
    held = (409, {"Description": f"url {A} already exists for event type delivered"})
    assert told(account.create(A, "opened", "delivered")) == held
    name = account.made(A, "opened")
    assert told(account.update(name, A, "delivered")) == held
    assert account.get(name).json()["event_types"] == ["opened"]


@pytest.mark.parametrize("fields", [{}, {"url": ""}, {"url": "ftp://example.com"}, {"url": "x"}])
def test_a_missing_or_bad_url_is_refused(account: AccountHooks, fields: dict[str, str]) -> None:
    """platform:HOOK-029."""
    refused = (400, {"Field": "url", "Value": "missing or invalid url parameter"})
    form = {"event_types": "delivered", **fields}
    assert told(account.api.post("/v1/webhooks", data=form)) == refused
    name = account.made()
    assert told(account.api.put(f"/v1/webhooks/{name}", data=form)) == refused


def test_a_key_that_may_only_read_is_refused(app: Emulator, connect: Connect) -> None:
    """platform:HOOK-030."""
    app.state.add_key(app.state.accounts[0], ApiKey("k", "analyst", role="basic"))
    reader = AccountHooks(connect(key="analyst"))
    assert told(reader.create()) == (403, {"message": "Forbidden"})
    assert reader.ids() == []
