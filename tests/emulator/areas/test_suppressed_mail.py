"""What the suppression lists keep from being delivered."""

from __future__ import annotations

from mailgun_emulator import Emulator
from mailgun_emulator.areas.suppressions.store import SuppressionStore
from tests.emulator.areas.clients import ALICE, Lists

LISTS = ("bounces", "unsubscribes", "complaints")
ALL = (*LISTS, "whitelists")


def test_each_list_suppresses_for_its_own_reason(
    lists: Lists, suppressions: SuppressionStore
) -> None:
    """platform:SUPP-002, SUPP-003; sending:DELIV-006, DELIV-007, DELIV-008."""
    reasons = {}
    for name in LISTS:
        lists.add(name, address=ALICE)
        reasons[name] = suppressions.blocks(lists.domain, "ALICE@example.com")
        lists.delete(name)
        assert suppressions.blocks(lists.domain, ALICE) is None
    assert reasons == {
        "bounces": "suppress-bounce",
        "unsubscribes": "suppress-unsubscribe",
        "complaints": "suppress-complaint",
    }


def test_a_tag_suppresses_only_what_carries_it(
    lists: Lists, suppressions: SuppressionStore
) -> None:
    """platform:UNSUB-008, TAG-002."""
    lists.add("unsubscribes", address=ALICE, tag="News")
    assert suppressions.blocks(lists.domain, ALICE) is None
    assert suppressions.blocks(lists.domain, ALICE, "offers") is None
    assert suppressions.blocks(lists.domain, ALICE, "news") == "suppress-unsubscribe"
    assert suppressions.blocks(lists.domain, ALICE, ["offers", "news"]) == "suppress-unsubscribe"


def test_the_allowlist_lifts_bounces_only(lists: Lists, suppressions: SuppressionStore) -> None:
    """platform:WL-005."""
    lists.add("bounces", address=ALICE)
    lists.add("whitelists", domain="example.com")
    assert suppressions.blocks(lists.domain, ALICE) is None
    lists.add("complaints", address=ALICE)
    assert suppressions.blocks(lists.domain, ALICE) == "suppress-complaint"


def test_lists_belong_to_one_domain(
    app: Emulator, lists: Lists, suppressions: SuppressionStore, domain: str
) -> None:
    """platform:SUPP-001; sending:DELIV-014."""
    app.state.accounts[0].domains.add("other.test")
    other = Lists(lists.api, "other.test")
    for name in ALL:
        lists.add(name, address=ALICE)
        assert other.values(name) == []
    assert suppressions.blocks("other.test", ALICE) is None
    for name in ALL:
        other.add(name, address=ALICE)
    app.state.forget_domain(app.state.accounts[0], domain)
    app.state.accounts[0].domains.add(domain)
    assert [lists.values(name) for name in ALL] == [[]] * 4
    assert [other.values(name) for name in ALL] == [[ALICE]] * 4
