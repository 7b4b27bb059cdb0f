"""Counting in one pass: every event is looked at once, and put where its dimensions say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product

from attrs import define, field

from mailgun_emulator.areas.analytics.dimensions import Test, Values
from mailgun_emulator.areas.analytics.facts import Fact
from mailgun_emulator.areas.analytics.measures import RATES, base, counts, rate

Key = tuple[str, ...]
# METRIC-030: the request for a batch counts beside its messages.
_WITH_BATCH = frozenset({"accepted", "accepted_outgoing"})


@define
class Tally:
    """The counts that some metrics need, by the values of some dimensions.

    `buckets` holds what has any (METRIC-014), `totals` every event once, however many tags it has.
    Values that differ in case only are the same; the first one is shown.
    """

    metrics: Sequence[str]
    values: Sequence[Values] = ()
    conditions: Sequence[Test] = ()
    buckets: dict[Key, list[int]] = field(factory=dict, init=False)
    totals: list[int] = field(factory=list, init=False)
    _names: list[str] = field(factory=list, init=False)
    _plain: dict[Key, Key] = field(factory=dict, init=False)
    _batches: set[str] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        needed = [name for metric in self.metrics for name in RATES.get(metric, (base(metric),))]
        self._names = list(dict.fromkeys(needed))
        self.totals = [0] * len(self._names)

    @property
    def unique(self) -> bool:
        """Whether opens and clicks must be told apart."""
        return any(name.startswith("unique_") for name in self._names)

    def count(self, facts: Iterable[Fact]) -> None:
        """Take these events in."""
        tests = self._tests()
        batched = [i for i, name in enumerate(self._names) if name in _WITH_BATCH]
        for fact in facts:
            of_kind = tests.get(fact.event.kind)
            if of_kind is None or not all(condition(fact) for condition in self.conditions):
                continue
            hits = [index for index, test in of_kind if test is None or test(fact)]
            if batched and fact.event.kind == "accepted" and self._begins_batch(fact):
                hits += [index for index in batched if index in hits]
            if hits:
                self._add(fact, hits)

    def show(self, counted: Sequence[int]) -> dict[str, int | str]:
        """The metrics that were asked for, from one row of counts (METRIC-015, METRIC-017)."""
        by_name = dict(zip(self._names, counted, strict=True))
        shown: dict[str, int | str] = {}
        for metric in self.metrics:
            if metric in RATES:
                part, whole = RATES[metric]
                shown[metric] = rate(by_name[part], by_name[whole])
            else:
                shown[metric] = by_name[base(metric)]
        return shown

    def _tests(self) -> dict[str, list[tuple[int, Callable[[Fact], bool] | None]]]:
        known = counts()
        tests: dict[str, list[tuple[int, Callable[[Fact], bool] | None]]] = {}
        for index, name in enumerate(self._names):
            if name in known:
                for kind, test in known[name].tests.items():
                    tests.setdefault(kind, []).append((index, test))
        return tests

    def _begins_batch(self, fact: Fact) -> bool:
        if not fact.batch or fact.batch in self._batches:
            return False
        self._batches.add(fact.batch)
        return True

    def _add(self, fact: Fact, hits: Sequence[int]) -> None:
        for index in hits:
            self.totals[index] += 1
        for key in product(*(values(fact) for values in self.values)):
            row = self.buckets.get(key)
            if row is None:
                plain = tuple(value.lower() for value in key)
                key = self._plain.setdefault(plain, key)
                row = self.buckets.setdefault(key, [0] * len(self._names))
            for index in hits:
                row[index] += 1
