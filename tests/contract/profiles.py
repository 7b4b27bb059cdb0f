"""How many cases an operation gets."""

from __future__ import annotations

from attrs import frozen


@frozen
class Profile:
    """Per operation: valid boundary cases at most, random valid cases, invalid cases at most.

    Only where a profile is `thorough` does a deviation that excuses nothing have to go.
    """

    boundary: int
    fuzzed: int
    invalid: int
    thorough: bool = False


PROFILES = {
    "quick": Profile(8, 3, 8),
    "ci": Profile(60, 15, 60, thorough=True),
    "night": Profile(400, 150, 400, thorough=True),
}
