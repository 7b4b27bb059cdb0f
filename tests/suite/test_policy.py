"""Every operation is decided, with a reason, and what is not decided is never sent."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tests.contract import truth as truths
from tests.contract.safety import policy as policies
from tests.contract.safety.errors import PolicyError
from tests.contract.safety.policy import Names, Policy
from tests.contract.truth import Truth

NAMES = Names("ct-0a1b2c3d", "mg.example.com")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policies.load()


@pytest.fixture(scope="module")
def real() -> Truth:
    return truths.load()


def test_every_operation_of_the_truth_is_decided(policy: Policy, real: Truth) -> None:
    assert policy.undecided(real) == []
    assert policy.rules.keys() == real.operations.keys()


def test_an_operation_without_a_decision_is_named_and_never_sent(
    policy: Policy, real: Truth
) -> None:
    rules = {name: rule for name, rule in policy.rules.items() if name != "list_routes"}
    lacking = evolve(policy, rules=rules)
    assert lacking.undecided(real) == ["list_routes"]
    assert lacking.rule("list_routes").verdict == "never"


def test_only_reading_is_allowed_without_owning(policy: Policy, real: Truth) -> None:
    writing = {
        name
        for name, rule in policy.rules.items()
        if rule.verdict == "allowed" and real.operations[name].method != "GET"
    }
    assert writing == {
        "query_metrics",
        "query_usage_metrics",
        "query_logs",
        "query_analytics_tags",
        "query_bounce_classification_metrics",
    }


@pytest.mark.parametrize(
    "tag",
    ["keys", "users", "subaccounts", "ip_allowlist", "ip_pools", "account", "account_webhooks"],
)
def test_nothing_is_written_to_what_is_the_whole_account_s(
    policy: Policy, real: Truth, tag: str
) -> None:
    writing = [one for one in real.operations.values() if one.tag == tag and one.writes]
    assert {policy.rule(one.id).verdict for one in writing} <= {"never"}


def test_what_shows_secrets_or_costs_money_is_never_sent(policy: Policy) -> None:
    for name in ("get_webhook_signing_key", "list_api_keys", "validate_address", "get_user"):
        assert policy.rule(name).verdict == "never"


def test_every_place_in_the_policy_exists_in_the_truth(policy: Policy, real: Truth) -> None:
    for name, rule in policy.rules.items():
        for text in rule.by:
            where, parameter = policies.place(text)
            if where in ("path", "query"):
                assert parameter in real.operations[name].parameters(where), name
    for kind in policy.kinds.values():
        assert kind.find is None or kind.find.operation in real.operations


KIND = {"mark": ["body.name", "{name}"], "identity": ["body.name"], "remove": "delete_it"}
OWN = {
    "make_it": {"reason": "why", "makes": "it"},
    "delete_it": {"reason": "why", "of": "it", "by": ["path.name"]},
}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"alowed": {}}, "expected allowed, never, own and kinds"),
        ({"allowed": {"a": "why"}, "never": {"a": "why"}}, "a: decided twice, allowed and never"),
        ({"allowed": {"a": ""}}, "a: give a reason"),
        ({"own": {"a": {"reason": "why"}}}, "a: an own operation makes, is of a kind, or sends"),
        ({"own": {"a": {"reason": "why", "makes": "it"}}}, "a: there is no kind 'it'"),
        ({"own": {"a": {"reason": "why", "make": "it"}}}, "a: .*make"),
        ({"own": {"make_it": OWN["make_it"]}, "kinds": {"it": KIND}}, "it: its 'remove' has to"),
        (
            {"own": OWN | {"delete_it": {"reason": "w", "of": "it"}}, "kinds": {"it": KIND}},
            "delete_it: 'by' has to name the whole identity",
        ),
    ],
)
def test_a_policy_that_cannot_hold_is_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        policies.parse(document)


def test_a_sound_policy_is_taken() -> None:
    assert policies.parse({"own": OWN, "kinds": {"it": KIND}}).rule("make_it").makes == "it"


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("ct-0a1b2c3d-7@mg.example.com", True),
        ("ct-0a1b2c3d-7@mgxexample.com", False),
        ("ct-0a1b2c3d@mg.example.com", False),
        ("ct-0a1b2c3e-7@mg.example.com", False),
        ("xct-0a1b2c3d-7@mg.example.com", False),
        ("ct-0a1b2c3d-7@mg.example.com,ann@mg.example.com", False),
        ("ct-0a1b2c3d-7@mg.example.com\n", False),
    ],
)
def test_names_of_the_run_are_told_from_all_others(value: str, made: bool) -> None:
    assert NAMES.made("{name}@{domain}", value) is made
    assert NAMES.made("{name}@{domain}", NAMES.filled("{name}@{domain}", "7"))


def test_every_run_has_a_prefix_of_its_own() -> None:
    assert len({policies.new_prefix() for _ in range(20)}) == 20
