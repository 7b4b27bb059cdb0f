"""How many cases an operation gets."""

from __future__ import annotations

from attrs import frozen


@frozen
class Profile:
    """Per operation: valid boundary cases at most, random valid cases, invalid cases at most.

    `twins` valid cases are also called asynchronously; `lives` resources of each family live from
    their creation to their end.

    Only where a profile is `thorough` does a deviation that excuses nothing have to go.
    """

    boundary: int
    fuzzed: int
    invalid: int
    twins: int = 3
    lives: int = 1
    thorough: bool = False


PROFILES = {
    "quick": Profile(8, 3, 8),
    "ci": Profile(60, 15, 60, twins=10, lives=3, thorough=True),
    "night": Profile(400, 150, 400, twins=50, lives=10, thorough=True),
}
