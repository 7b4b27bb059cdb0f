"""The digest of a state: contents count, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import httpx
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from mailgun_emulator import Emulator
from mailgun_emulator.fingerprint import fingerprint

from . import notes
from .conftest import Connect


@define
class Box:
    held: Any
    looked: int = field(default=0, eq=False)


@define(eq=False)
class Other:
    held: Any


class TestFingerprint:
    def test_how_it_came_about_does_not_count(self) -> None:
        text = "".join(["a", "b"])
        same, equal = Box([text, text]), Box([text, "".join(["a", "b"])])
        assert fingerprint(same) == fingerprint(equal)
        twice, once = [Box(1), Box(1)], [Box(1)] * 2
        assert fingerprint(twice) == fingerprint(once)
        assert fingerprint(Box(1, looked=5)) == fingerprint(Box(1))

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(st.text() | st.integers(), inner)
                | st.sets(st.text())
                | inner.map(Box)
            ),
        ),
        st.randoms(use_true_random=False),
    )
    def test_order_of_filling(self, value: Any, random: Random) -> None:
        assert fingerprint(refilled(value, random)) == fingerprint(value)

    def test_contents_count(self) -> None:
        now = datetime(2025, 1, 24, tzinfo=UTC)
        values: list[Any] = [
            *(None, 0, False, 0.0, "", b"", (), {}, set(), "0", "None", b"0", "\ud800"),
            *([""], [[]], ["", ""], ["a", "b"], ["b", "a"], ["a,b"], ["a", "b", {}]),
            *({"a": 1}, {"a": "1"}, {"b": 1}, {1: "a"}, {"a": {"b": 1}}, {"a", "b"}, {"a"}),
            *(Box(None), Box(1), Box(Box(1)), Other(1), [Box(1)], {"held": 1}),
            *(now, now + timedelta(microseconds=1), timedelta(1), datetime, complex(1, 2)),
        ]
        for one, two in combinations(values, 2):
            assert fingerprint(one) != fingerprint(two), (one, two)

    def test_what_leads_back_to_itself_ends(self) -> None:
        def ring(text: str) -> Box:
            box = Box(None)
            box.held = [text, box]
            return box

        assert fingerprint(ring("a")) == fingerprint(ring("a")) != fingerprint(ring("b"))


def refilled(value: Any, random: Random) -> Any:
    """An equal value whose dicts and sets were filled in another order."""
    if isinstance(value, Box):
        return Box(refilled(value.held, random))
    if isinstance(value, list):
        return [refilled(item, random) for item in value]
    if isinstance(value, dict):
        pairs = [(key, refilled(held, random)) for key, held in value.items()]
        random.shuffle(pairs)
        return dict(pairs)
    if isinstance(value, set):
        items = sorted(value)
        random.shuffle(items)
        return set(items)
    return value


class TestState:
    @pytest.fixture
    def client(self, noted: Emulator, connect: Connect) -> httpx.Client:
        return connect(noted)

    def test_reading_changes_nothing(
        self, noted: Emulator, client: httpx.Client, domain: str
    ) -> None:
        """The store is made by the first call; rates and reads are counted."""
        before = noted.state.digest()
        assert client.get(f"/v3/{domain}/notes").status_code == 200
        assert noted.state.digest() == before
        assert client.post(f"/v3/{domain}/notes", data={"title": "a"}).status_code == 200
        written = noted.state.digest()
        assert written != before
        assert client.get(f"/v3/{domain}/notes").status_code == 200
        assert noted.state.digest() == written
        assert notes.store(noted).reads == 2

    def test_a_refused_call_changes_nothing(
        self, noted: Emulator, client: httpx.Client, connect: Connect, domain: str
    ) -> None:
        path = f"/v3/{domain}/notes"
        before = noted.state.digest()
        assert connect(noted, key="wrong").post(path, data={"title": "a"}).status_code == 401
        assert client.post("/v3/foreign.test/notes", data={"title": "a"}).status_code == 404
        assert client.post(path, data={"text": "a"}).status_code == 400
        assert client.delete(f"{path}/nothing").status_code == 404
        assert noted.state.digest() == before

    def test_what_is_undone_does_not_count(
        self, noted: Emulator, client: httpx.Client, domain: str
    ) -> None:
        path = f"/v3/{domain}/notes"
        before = noted.state.digest()
        client.post(path, data={"title": "a"})
        client.post(path, data={"title": "b"})
        both = noted.state.digest()
        assert client.delete(f"{path}/a").status_code == 200
        client.post(path, data={"title": "a"})
        assert noted.state.digest() == both
        for title in ("a", "b"):
            client.delete(f"{path}/{title}")
        assert noted.state.digest() == before

    def test_what_is_due_counts_already(
        self, noted: Emulator, client: httpx.Client, domain: str
    ) -> None:
        store, clock = notes.store(noted), noted.state.clock
        clock.freeze(100.0)
        noted.state.schedule.at(105.0, lambda _: store.notes[domain].update(late=""))
        before = noted.state.digest()
        clock.advance(5)
        after = noted.state.digest()
        assert after != before
        assert "late" in client.get(f"/v3/{domain}/notes").json()["items"]
        assert noted.state.digest() == after

    def test_domains_and_keys_count(self, noted: Emulator) -> None:
        state = noted.state
        [account] = state.accounts
        [key] = state.keys(account)
        seen = {state.digest()}
        account.domains.add("more.test")
        seen.add(state.digest())
        state.remove_key(account, key.id)
        seen.add(state.digest())
        assert len(seen) == 3
        account.domains.discard("more.test")
        state.add_key(account, key)
        assert state.digest() in seen
