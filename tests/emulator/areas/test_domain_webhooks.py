"""Webhooks of a domain, by event type (v3) and by URL (v4)."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.clients import told

TYPES = (
    "accepted",
    "delivered",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
    "temporary_fail",
    "permanent_fail",
)
A, B, C, D = (f"https://{letter}.example.com/hook?x=1" for letter in "abcd")


class Hooks:
    """The webhooks of a domain in both versions of the API."""

    def __init__(self, api: httpx.Client, domain: str) -> None:
        self.api = api
        self.v3, self.v4 = f"/v3/domains/{domain}/webhooks", f"/v4/domains/{domain}/webhooks"

    def create(self, kind: str, *urls: str) -> httpx.Response:
        return self.api.post(self.v3, data={"id": kind, "url": list(urls)})

    def update(self, kind: str, *urls: str) -> httpx.Response:
        return self.api.put(f"{self.v3}/{kind}", data={"url": list(urls), "id": "ignored"})

    def add(self, url: str, *kinds: str) -> httpx.Response:
        return self.api.post(self.v4, data={"url": url, "event_types": list(kinds)})

    def move(self, url: str, *kinds: str) -> httpx.Response:
        return self.api.put(self.v4, data={"url": url, "event_types": list(kinds)})

    def drop(self, text: str) -> httpx.Response:
        return self.api.delete(self.v4, params={"url": text})

    def all(self) -> dict[str, list[str]]:
        return shown(self.api.get(self.v3))


def shown(answer: httpx.Response) -> dict[str, list[str]]:
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["webhooks"]
    return {kind: hook["urls"] for kind, hook in answer.json()["webhooks"].items()}


@pytest.fixture
def hooks(api: httpx.Client, domain: str) -> Hooks:
    return Hooks(api, domain)


# By event type


def test_only_configured_types_are_listed(hooks: Hooks) -> None:
    """platform:HOOK-002, DIFF-052."""
    assert told(hooks.api.get(hooks.v3)) == (200, {"webhooks": {}})
    hooks.create("opened", A, B)
    assert told(hooks.api.get(hooks.v3)) == (200, {"webhooks": {"opened": {"urls": [A, B]}}})


def test_a_webhook_is_created_with_up_to_three_urls(hooks: Hooks) -> None:
    """platform:HOOK-003, HOOK-004, HOOK-007; sending:HOOK-002."""
    assert told(hooks.create("clicked", A, B, C)) == (
        200,
        {"message": "Webhook has been created", "webhook": {"urls": [A, B, C]}},
    )
    assert told(hooks.api.get(f"{hooks.v3}/clicked")) == (200, {"webhook": {"urls": [A, B, C]}})
    for refused in (hooks.create("opened", A, B, C, D), hooks.create("clicked", D)):
        assert refused.status_code == 400
        assert refused.json()["Reason"].startswith("unable to add more than 3 urls")
    assert hooks.all() == {"clicked": [A, B, C]}


@pytest.mark.parametrize("kind", TYPES)
def test_eight_event_types_can_be_hooked(hooks: Hooks, kind: str) -> None:
    """platform:HOOK-001."""
    assert hooks.create(kind, A).status_code == 200
    assert hooks.all() == {kind: [A]}


@pytest.mark.parametrize("kind", ["failed", "stored", "rejected", "Opened"])
def test_other_event_types_cannot(hooks: Hooks, kind: str) -> None:
    """platform:HOOK-001."""
    assert told(hooks.create(kind, A)) == (400, {"Reason": f"event_type '{kind}' is invalid"})
    assert hooks.add(A, "opened", kind).status_code == 400
    assert hooks.all() == {}


def test_an_update_replaces_the_urls(hooks: Hooks) -> None:
    """platform:HOOK-005, HOOK-007."""
    hooks.create("opened", A, B)
    assert told(hooks.update("opened", C, B)) == (
        200,
        {"message": "Webhook has been updated", "webhook": {"urls": [C, B]}},
    )
    assert hooks.update("opened", A, B, C, D).status_code == 400
    assert hooks.all() == {"opened": [C, B]}


def test_a_delete_names_what_was_removed(hooks: Hooks) -> None:
    """platform:HOOK-006."""
    hooks.create("opened", A, B)
    hooks.create("clicked", A)
    assert told(hooks.api.delete(f"{hooks.v3}/opened")) == (
        200,
        {"message": "Webhook has been deleted", "webhook": {"urls": [A, B]}},
    )
    assert hooks.all() == {"clicked": [A]}


def test_a_type_without_urls_is_not_found(hooks: Hooks) -> None:
    """platform:HOOK-004, HOOK-005, HOOK-006; the text is that of HOOK-012."""
    path = f"{hooks.v3}/opened"
    answers = [hooks.api.get(path), hooks.update("opened", A), hooks.api.delete(path)]
    assert list(map(told, answers)) == [(404, {"message": "Webhook not found"})] * 3
    assert hooks.all() == {}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/", "invalid URL scheme"),
        ("example.com", "invalid URL scheme"),
        ("https://", "host not found"),
        ("https://exa mple.com/", "host not found"),
    ],
)
def test_a_url_must_be_one(hooks: Hooks, url: str, reason: str) -> None:
    """platform:HOOK-008, HOOK-013."""
    text = f"{url} is not a valid url: {reason}"
    hooks.create("opened", A)
    assert told(hooks.create("opened", B, url)) == (400, {"Reason": text})
    assert told(hooks.update("opened", url)) == (400, {"Reason": text})
    assert told(hooks.add(url, "opened")) == (400, {"Reason": f"invalid parameters: {text}"})
    assert told(hooks.move(url, "opened")) == (400, {"Reason": f"invalid parameters: {text}"})
    assert hooks.all() == {"opened": [A]}


def test_plain_http_and_unknown_hosts_are_taken(hooks: Hooks) -> None:
    """platform:HOOK-009, DIFF-055."""
    urls = ["http://example.com/webhooks", "http://127.0.0.1:8080/a,b", "https://localhost"]
    assert hooks.create("opened", *urls).json()["webhook"]["urls"] == urls


# By URL


def test_a_url_is_added_to_several_types(hooks: Hooks) -> None:
    """platform:HOOK-010, HOOK-015."""
    hooks.create("permanent_fail", B)
    assert shown(hooks.add(A, "permanent_fail", "accepted")) == {
        "accepted": [A],
        "permanent_fail": [B, A],
    }
    assert hooks.all() == {"accepted": [A], "permanent_fail": [B, A]}


def test_a_pair_exists_once(hooks: Hooks) -> None:
    """platform:HOOK-011: nothing is added when one pair is there."""
    hooks.add(A, "clicked")
    reason = f"Webhook for event type 'clicked' with URL '{A}' already exists"
    assert told(hooks.add(A, "opened", "clicked")) == (400, {"Reason": reason})
    assert told(hooks.create("clicked", A)) == (400, {"Reason": reason})
    assert hooks.all() == {"clicked": [A]}


def test_a_fourth_url_is_refused_here_too(hooks: Hooks) -> None:
    """platform:HOOK-007."""
    hooks.create("clicked", A, B, C)
    hooks.add(D, "opened")
    reason = {"Reason": "unable to add more than 3 urls for event type clicked"}
    assert told(hooks.add(D, "accepted", "clicked")) == (400, reason)
    assert told(hooks.move(D, "clicked")) == (400, reason)
    assert hooks.all() == {"opened": [D], "clicked": [A, B, C]}


def test_an_update_moves_a_url_to_other_types(hooks: Hooks) -> None:
    """platform:HOOK-012."""
    hooks.add(A, "opened", "clicked")
    hooks.add(B, "clicked")
    assert shown(hooks.move(A, "delivered", "clicked")) == {
        "delivered": [A],
        "clicked": [A, B],
    }
    assert told(hooks.move(C, "opened")) == (404, {"Description": "Webhook not found"})
    assert hooks.all() == {"delivered": [A], "clicked": [A, B]}


def test_urls_are_removed_from_all_types(hooks: Hooks) -> None:
    """platform:HOOK-014."""
    hooks.add(A, "opened", "clicked")
    hooks.add(B, "opened")
    hooks.add(C, "clicked", "accepted")
    assert shown(hooks.drop(f"{A},{B}")) == {"accepted": [C], "clicked": [C]}
    assert told(hooks.drop(A)) == (404, {"message": "Webhook not found"})
    hooks.add("http://x.test/a,b", "opened")
    assert shown(hooks.drop("http://x.test/a,b")) == {"accepted": [C], "clicked": [C]}


def test_a_removal_needs_a_url(hooks: Hooks) -> None:
    """platform:HOOK-014."""
    assert told(hooks.api.delete(hooks.v4)) == (400, {"Field": "url"})
    assert told(hooks.drop("")) == (400, {"Field": "url"})


def test_missing_fields_are_named(hooks: Hooks) -> None:
    """platform:GEN-011: under the key of this service."""
    reason = {"Reason": "url parameter is missing"}
    assert told(hooks.api.post(hooks.v3, data={"id": "opened"})) == (400, reason)
    assert told(hooks.api.put(f"{hooks.v3}/opened", data={})) == (400, reason)
    assert hooks.api.post(hooks.v4, data={"url": A}).status_code == 400


def test_domains_keep_their_own(app: Emulator, hooks: Hooks, domain: str) -> None:
    """platform:HOOK-002."""
    account = app.state.accounts[0]
    account.domains.add("other.test")
    other = Hooks(hooks.api, "other.test")
    hooks.create("opened", A)
    assert other.all() == {}
    other.create("opened", B)
    app.state.forget_domain(account, domain)
    account.domains.add(domain)
    assert (hooks.all(), other.all()) == ({}, {"opened": [B]})


def test_a_foreign_domain_is_not_found(api: httpx.Client) -> None:
    """platform:HOOK-016."""
    foreign = Hooks(api, "foreign.test")
    answers = [
        api.get(foreign.v3),
        foreign.create("opened", A),
        api.get(f"{foreign.v3}/opened"),
        foreign.update("opened", A),
        api.delete(f"{foreign.v3}/opened"),
        foreign.add(A, "opened"),
        foreign.move(A, "opened"),
        foreign.drop(A),
    ]
    assert list(map(told, answers)) == [(404, {"message": "Domain not found"})] * len(answers)
