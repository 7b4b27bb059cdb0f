"""One operation, or one family of them, under the laws: functions that fill ledger entries."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define

from tests.contract.breaches import NeverSucceeded
from tests.contract.families import Family
from tests.contract.laws import auth, invalid, paging, state, valid
from tests.contract.ledger import Entry
from tests.contract.scene import Scene
from tests.contract.truth import Operation
from tests.contract.world import Produced, UnreachableError

_LISTED = 5


@define
class Suite(Scene):
    """A scene with its laws."""

    def reach(self, operation: Operation, entry: Entry) -> Produced | None:
        """The documented success, through the client, on resources that exist."""
        entry.ran["reach"] += 1
        try:
            produced = self.world.succeed(operation)
        except UnreachableError as error:
            self.judge(entry, [NeverSucceeded(str(error), error.evidence)])
            return None
        self.count(entry, produced.exchange)
        return produced

    def valid(self, operation: Operation, entry: Entry) -> None:
        """Properties 1 to 4 and 8 on valid cases."""
        valid.check(self, operation, entry)

    def invalid(self, operation: Operation, entry: Entry) -> None:
        """Property 4 on invalid cases."""
        invalid.check(self, operation, entry)

    def auth(self, operation: Operation, entry: Entry) -> None:
        """Property 5."""
        if operation.public:
            return
        produced = self.reach(operation, entry)
        if produced is not None:
            auth.check(self, operation, entry, produced)

    def state(self, family: Family, entries: Mapping[str, Entry]) -> None:
        """Property 6, with an entry for each operation of the family."""
        state.check(self, family, entries)

    def paging(self, operation: Operation, entry: Entry) -> None:
        """Property 7."""
        paging.check(self, operation, entry)


def report(entry: Entry, seed: int) -> str:
    """The text of a failed test: what broke, how often, and how to repeat it."""
    lines = [f"{entry.operation}: {len(entry.broken)} breach(es), seed {seed}"]
    for row in entry.broken[:_LISTED]:
        lines.append(f"  {row['property']}: {row['breach']}: {row['detail']}")
        lines += [f"    {line}" for line in row["curl"].splitlines() or [""]]
    if len(entry.broken) > _LISTED:
        lines.append(f"  and {len(entry.broken) - _LISTED} more in the JSON report")
    return "\n".join(lines)
