"""What a run would send, operation by operation, without a server.

Whether anything is sent is told as the run decides it: by the policy, by what the environment gives
(a sandbox or not, recipients or none), and by whether that which a call needs can be made at all.
How much is counted as if every call that sets something up got through at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Final

from attrs import define, field, frozen
from schemathesis import GenerationMode

from tests.contract import cases
from tests.contract.cases import Cases
from tests.contract.families import Family
from tests.contract.laws import auth, paging, state, valid
from tests.contract.pages import MOST as PAGES
from tests.contract.profiles import Profile
from tests.contract.safety.policy import Policy
from tests.contract.safety.reading import folded
from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.contract.world import DOMAINS

# Steps of a life that send one call each: a read before and after the update and after the end,
# the update, the removal and its repetition.
_READS: Final = 3
_REMOVALS: Final = 2
# A list is walked after the creation, the update and the removal.
_LOOKS: Final = 3
# A case that meets the trace of an earlier one is called again on a state as new.
_TURNS: Final = 2


@frozen
class Line:
    """One operation.

    `most` is how many calls of it are sent at most for its own sake unless something breaks,
    `before` how many more set up what other operations need.
    """

    operation: Operation
    verdict: str
    most: int
    before: int
    reason: str

    def __str__(self) -> str:
        one = self.operation
        return (
            f"{self.verdict:<8} {self.most:>5} {f'+{self.before}' if self.before else '':>6}  "
            f"{one.method:<6} {one.path}  ({one.id}) {self.reason}"
        )


@define
class Plan:
    """The plan of a run on `target`; without a policy everything is sent."""

    truth: Truth = field(repr=False)
    target: Target
    draws: Cases
    profile: Profile
    policy: Policy | None = None
    _whys: dict[str, str] = field(factory=dict, init=False, repr=False)

    def lines(self, chosen: Iterable[Operation]) -> list[Line]:
        """A line for each of `chosen`, then for each other that they need, in their order."""
        wanted = {operation.id: operation for operation in chosen}
        own: Counter[str] = Counter()
        before: Counter[str] = Counter()
        for operation in wanted.values():
            if not self.why(operation.id):
                own[operation.id] += self._own(operation)
                before.update(self._set_up(operation))
                own.update(self._leads(operation))
        for family in self.truth.families.values():
            if not wanted.keys().isdisjoint(family.operations):
                own.update(self._lives(family))
                before.update(self._before_lives(family))
        needed = {name: self.truth.operations[name] for name in [*own, *before]}
        return [
            self._line(operation, own[operation.id], before[operation.id])
            for operation in (wanted | needed).values()
        ]

    def why(self, name: str) -> str:
        """Why no call of the operation is sent; empty where some are."""
        if name not in self._whys:
            self._whys[name] = ""  # What leads back to itself does not keep itself back.
            self._whys[name] = self.target.withholds(name) or self._unmade(name)
        return self._whys[name]

    def _unmade(self, name: str) -> str:
        """What it needs that cannot be made, unless it comes in the life of what can."""
        lacking = self._reaching(name) or next(
            (f"{each}: {why}" for each in self._needs(name) if (why := self.why(each))), ""
        )
        living = any(
            name in (link.consumer for link in family.links) and not self.why(family.create)
            for family in self.truth.families.values()
        )
        return "" if living else lacking

    def _reaching(self, name: str) -> str:
        """What its producer would have to be asked and may not be."""
        link = self.truth.links.get(name)
        if link is None or self.policy is None:
            return ""
        without = set(map(folded, self.policy.rule(link.producer).without))
        asked = sorted(without & set(map(folded, link.producer_body)))
        return f"{link.producer}: the field {asked[0]}, which reaches too far" if asked else ""

    def _needs(self, name: str) -> list[str]:
        """The operations that are called before it, the nearest first, one a step."""
        link = self.truth.links.get(name)
        if link is not None:
            filling = link.raw.get("x-fill")
            return [link.producer, *([filling] if filling else [])]
        return [DOMAINS] if name in self.target.apart else []

    def _chain(self, name: str) -> Counter[str]:
        """Calls that make anew what one call of the operation needs."""
        needed: Counter[str] = Counter()
        waiting = self._needs(name)
        while waiting:
            each = waiting.pop()
            if needed[each]:
                continue  # What was made serves the whole chain.
            needed[each] += 1
            waiting += self._needs(each)
        return needed

    def _line(self, operation: Operation, most: int, before: int) -> Line:
        rule = self.policy.rule(operation.id) if self.policy else None
        verdict = rule.verdict if rule else "any"
        why = self.why(operation.id)
        told = rule.reason if rule else "A server for tests."
        return Line(operation, verdict, most, before, f"not sent: {why}" if why else told)

    def _own(self, operation: Operation) -> int:
        """Reached once, valid, invalid, with other keys, in pages."""
        count = 1 + _TURNS * self._valid(operation) + self._invalid(operation)
        if not operation.public:
            # Before them it is reached; after them called with the right one, and an expired one.
            count += len(self._keys(operation)) + 3
        if operation.pages:
            count += 1 + self._walks()
        return count

    def _leads(self, operation: Operation) -> Counter[str]:
        """Calls of an operation of its own to which the addresses of pages lead."""
        leading = (
            link.consumer
            for link in self.truth.links.values()
            if link.producer == operation.id and link.raw.get("x-last-segment")
        )
        return Counter(dict.fromkeys(leading, self._walks())) if operation.pages else Counter()

    def _walks(self) -> int:
        """The list as a whole, twice in pages, and back."""
        return PAGES + 3 * (paging.PAGES + 1)

    def _valid(self, operation: Operation) -> int:
        return sum(1 for _ in valid.drawn(self.truth, self.draws, self.profile, operation))

    def _invalid(self, operation: Operation) -> int:
        negative = self.draws.boundary(operation, GenerationMode.NEGATIVE)
        sent = (case for case in negative if not cases.is_auth_probe(case))
        return sum(1 for _ in islice(sent, self.profile.invalid))

    def _keys(self, operation: Operation) -> list[str]:
        return list(auth.names(self.truth, self.target, operation))

    def _set_up(self, operation: Operation) -> Counter[str]:
        """Calls of others: what it needs for each start of a test, or each call that removes."""
        chain = self._chain(operation.id)
        starts = 3 if operation.public else 5  # To reach it, valid, invalid; reached, with keys.
        if operation.method == "DELETE":
            starts += self._valid(operation)
        found = Counter({name: count * starts for name, count in chain.items()})
        if operation.pages:
            found.update(chain)
            found.update(self._items(operation))
        if not operation.public and (made := self._made_keys(operation)):
            found[auth.MAKER] += made
        return found

    def _made_keys(self, operation: Operation) -> int:
        target = self.target
        had = {"missing", "wrong", "foreign", *target.role_keys}
        had |= {"sending"} if target.sending_key else set()
        expiring = target.travels and target.makes_keys and not target.expired_key
        return sum(name not in had for name in self._keys(operation)) + expiring

    def _items(self, operation: Operation) -> Counter[str]:
        link = self.truth.lister(operation)
        if link is None:
            return Counter()
        return Counter({link.producer: paging.ITEMS}) + self._chain(link.producer)

    def _lives(self, family: Family) -> Counter[str]:
        """Calls in the lives of a family, parts that are withheld left out."""
        found: Counter[str] = Counter()
        if self.why(family.create):
            return found
        found[family.create] += 2 * state.CANDIDATES
        for part, link in (
            (_READS, family.read),
            (_LOOKS * PAGES, family.listed),
            (2 * state.CANDIDATES, family.update),
            (_REMOVALS, family.delete),
        ):
            if link is not None and not self.target.withholds(link.consumer):
                found[link.consumer] += part
        return Counter({name: count * self.profile.lives for name, count in found.items()})

    def _before_lives(self, family: Family) -> Counter[str]:
        if self.why(family.create):
            return Counter()
        chain = self._chain(family.create)
        return Counter({name: count * self.profile.lives for name, count in chain.items()})


def totals(planned: Iterable[Line], budget: int | None) -> list[str]:
    """The plan in a few lines."""
    planned = list(planned)
    counts = Counter(line.verdict for line in planned)
    sent = [line for line in planned if not line.reason.startswith("not sent: ")]
    kinds = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    own, before = sum(line.most for line in sent), sum(line.before for line in sent)
    made = "one call for each thing made, and those that look for it"
    more = "more where one is refused or lacks what is needed"
    limit = f"{budget} calls, the budget" if budget else "no budget is set"
    return [
        f"{len(planned)} operations: {kinds}; {len(sent)} are sent; at most {own} calls",
        f"set-up: {before} calls (+) if each gets through at once; {more}",
        f"clean-up: {made}; outside of the budget",
        f"in all before the clean-up: {limit}. Nothing was sent.",
    ]
