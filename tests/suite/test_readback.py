"""What is read back contradicts what was written, or says nothing about it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.readback import contradictions


@pytest.mark.parametrize(
    ("written", "read", "count"),
    [
        ({"name": "one"}, {"name": "two"}, 1),
        ({"name": "one"}, {"thing": {"Name": "ONE"}}, 0),
        ({"name": "one"}, {"title": "two"}, 0),
        # An object may have the name of its text; only the text can contradict.
        ({"note": "one"}, {"note": {"id": 1}}, 0),
        ({"note": "one"}, {"note": {"note": "two"}}, 1),
        ({"note": {"id": 2}}, {"note": {"id": 1}}, 1),
        ({"+": ";"}, {"¦": {}, "name": "one"}, 0),
    ],
)
def test_only_a_name_can_tell(written: dict[str, Any], read: Any, count: int) -> None:
    assert len(list(contradictions(written, read))) == count
