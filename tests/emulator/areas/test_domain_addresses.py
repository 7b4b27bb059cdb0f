"""What a domain sends from."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator.areas.domains import addresses
from tests.emulator.areas.test_domains import NEW, create
from tests.emulator.small import answers

ONE, TWO = "192.0.2.1", "192.0.2.2"
DONE = (200, {"message": "success"})
BASE = f"/v3/domains/{NEW}"


def listed(api: httpx.Client) -> list[str]:
    answer = api.get(f"{BASE}/ips")
    found: list[str] = answer.json()["items"]
    assert answers(answer) == (200, {"items": found, "total_count": len(found)})
    return found


@pytest.fixture(params=["ips", "pool"])
def path(request: pytest.FixtureRequest) -> str:
    """Both paths of the removal."""
    return f"{BASE}/{request.param}"


def test_addresses_are_added_and_removed(api: httpx.Client, path: str) -> None:
    """platform:DOM-045, DIFF-038: each once, in order."""
    create(api)
    assert listed(api) == []
    for address in (ONE, TWO, ONE):
        assert answers(api.post(f"{BASE}/ips", data={"ip": address})) == DONE
    assert listed(api) == [ONE, TWO]
    assert answers(api.delete(f"{path}/{ONE}")) == DONE
    assert listed(api) == [TWO]
    assert answers(api.delete(f"{path}/{ONE}")) == (404, {"message": addresses.NOT_ASSIGNED})
    assert answers(api.delete(f"{path}/all")) == DONE
    assert listed(api) == []


def test_addresses_from_the_start(api: httpx.Client) -> None:
    """platform:DOM-045: those that the domain was made with."""
    create(api, ips=f"{ONE},{TWO}")
    assert listed(api) == [ONE, TWO]


def test_a_pool_from_the_start(api: httpx.Client, path: str) -> None:
    """platform:DOM-016: while it is linked, no single address is added or removed; it goes when
    something takes its place."""
    create(api, pool_id="p1")
    linked = (400, {"message": addresses.LINKED})
    assert answers(api.post(f"{BASE}/ips", data={"ip": ONE})) == linked
    assert answers(api.delete(f"{path}/{ONE}")) == linked
    nothing = (400, {"message": addresses.ONE_REPLACEMENT})
    assert answers(api.delete(f"{path}/ip_pool")) == nothing
    assert answers(api.delete(f"{path}/ip_pool", params={"ip": ONE})) == DONE
    assert listed(api) == [ONE]
    missing = (404, {"message": addresses.NOT_LINKED})
    assert answers(api.delete(f"{path}/ip_pool", params={"ip": ONE})) == missing


def test_a_pool_takes_the_place_of_addresses(api: httpx.Client, path: str) -> None:
    """platform:DOM-045: and another pool, or the shared address, that of the pool."""
    create(api, ips=ONE)
    assert answers(api.post(f"{BASE}/ips", data={"pool_id": "p1"})) == DONE
    assert listed(api) == []
    assert answers(api.delete(f"{path}/ip_pool", params={"pool_id": "p2"})) == DONE
    assert api.post(f"{BASE}/ips", data={"ip": ONE}).status_code == 400
    assert answers(api.delete(f"{path}/ip_pool", params={"ip": "shared"})) == DONE
    assert listed(api) == []
    assert answers(api.post(f"{BASE}/ips", data={"ip": TWO})) == DONE
