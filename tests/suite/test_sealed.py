"""The suite sends through its target and in no other way: nothing passes by the guard."""

from __future__ import annotations

import pytest
import requests

from tests.contract.sealed import SealedError, sealed
from tests.suite.conftest import Benches
from tests.suite.faults import Altered, instead
from tests.suite.things import document

OPERATIONS = [
    (operation["operationId"], law)
    for item in document()["paths"].values()
    for operation in item.values()
    for law in ("valid", "invalid")
]


def test_a_request_past_the_target_is_refused() -> None:
    with sealed(), pytest.raises(SealedError, match="not through the target"):
        requests.get("http://127.0.0.1:1/", timeout=1)


@pytest.mark.parametrize(("operation", "law"), OPERATIONS)
def test_no_law_asks_a_failing_server_past_the_target(
    bench: Benches, operation: str, law: str
) -> None:
    """schemathesis would send some cases again, by itself, to see what made the server fail."""
    failing = bench(Altered(operation=operation, change=instead(500)))
    with sealed():
        found = failing.run(law, operation)
    for row in found.broken:
        assert "not through the target" not in row["detail"]
    if found.raw_statuses[500]:
        assert any("Server error" in row["detail"] for row in found.broken)
