"""Two workers: what is drawn for an area is drawn once."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from attrs import define

from tests.contract import sharing
from tests.contract.truth import load

ROOT = Path(__file__).parents[2]
_PASSED = re.compile(r"^\[(gw\d)\] .*PASSED \S+\[(\w+)\]", re.MULTILINE)
OPERATIONS = ("list_routes", "get_route", "list_bounces", "get_bounce")


@define
class Item:
    nodeid: str


def test_what_takes_long_comes_first_and_an_area_stays_in_its_order() -> None:
    names = ("update_account", "list_routes", "create_route", "list_bounces", "update_account")
    items = [Item(f"tests/x.py::test_{i}[{name}]") for i, name in enumerate(names)]
    sharing.sort(load(), items)  # type: ignore[arg-type]
    # Lists have to be filled; of their areas the one with more tests is first.
    assert [item.nodeid.partition("test_")[2][0] for item in items] == ["1", "2", "3", "0", "4"]


def test_the_operations_of_an_area_go_to_one_worker(tmp_path: Path) -> None:
    known = load().operations
    options = ["-n2", "--dist=loadscope", "-vv", "-p", "no:cacheprovider", "--profile=quick"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/contract", *options),
            f"--contract-report={tmp_path / 'contract.json'}",
            *(f"--operation={name}" for name in OPERATIONS),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    workers = defaultdict(set)
    for worker, name in _PASSED.findall(done.stdout):
        workers[known[name].tag].add(worker)
    assert {area: len(own) for area, own in workers.items()} == {"routes": 1, "bounces": 1}
    assert workers["routes"] != workers["bounces"]
