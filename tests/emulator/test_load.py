"""Many clients at once, and bodies that only a real connection can send."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter

import httpx

from mailgun_emulator.decode import MAX_BODY
from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY

CLIENTS, TURNS = 50, 3
AUTH = ("api", DEFAULT_KEY)
SENDING = f"/v3/{DEFAULT_DOMAIN}/messages"


def test_fifty_clients_find_what_they_wrote_and_nothing_is_lost(served: str) -> None:
    async def client(number: int) -> list[str]:
        ids = []
        mine = f"user{number}@example.com"
        async with httpx.AsyncClient(base_url=served, auth=AUTH, timeout=30) as http:
            for turn in range(TURNS):
                fields = {"from": "a@b.test", "to": mine, "subject": str(turn), "text": "Hi."}
                sent = await http.post(SENDING, data=fields)
                assert sent.status_code == 200, sent.text
                ids.append(sent.json()["id"])
                events = await http.get(f"/v3/{DEFAULT_DOMAIN}/events", params={"recipient": mine})
                kinds = Counter(event["event"] for event in events.json()["items"])
                assert kinds["accepted"] == turn + 1
                bounce = {"address": f"{number}.{turn}@example.com"}
                listed = await http.post(f"/v3/{DEFAULT_DOMAIN}/bounces", data=bounce)
                assert listed.status_code == 200
                page = await http.get(f"/v3/{DEFAULT_DOMAIN}/bounces", params={"limit": 1000})
                assert bounce["address"] in {item["address"] for item in page.json()["items"]}
        return ids

    async def everybody() -> list[list[str]]:
        return await asyncio.gather(*map(client, range(CLIENTS)))

    ids = [name for made in asyncio.run(everybody()) for name in made]
    assert len(set(ids)) == CLIENTS * TURNS
    with httpx.Client(base_url=served, auth=AUTH) as http:
        # Deliveries are due after half a second of the server's clock.
        http.post("/_emulator/clock/advance", json={"seconds": 2})
        totals = http.get(
            f"/v3/{DEFAULT_DOMAIN}/stats/total", params={"event": ["accepted", "delivered"]}
        ).json()["stats"]
        assert sum(row["accepted"]["total"] for row in totals) == CLIENTS * TURNS
        assert sum(row["delivered"]["total"] for row in totals) == CLIENTS * TURNS


def test_a_body_that_is_far_too_large_is_refused_and_the_server_goes_on(served: str) -> None:
    """ERR-015: also when the client does not stop sending."""
    with httpx.Client(base_url=served, auth=AUTH, timeout=60) as http:
        huge = http.post(SENDING, files={"attachment": ("a.bin", b"x" * (60 * 1024 * 1024))})
        assert huge.status_code == 413
        assert len(huge.request.read()) > MAX_BODY
        assert http.get("/v4/domains").status_code == 200


def test_requests_that_break_off_leave_nothing_behind(served: str) -> None:
    url = httpx.URL(served)
    head = f"POST {SENDING} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nfrom=a"
    for wire in (head.encode(), b"POST /v3", b"\x00\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection((url.host, url.port or 80), 5) as held:
            held.sendall(wire)
    with httpx.Client(base_url=served, auth=AUTH) as http:
        events = http.get(f"/v3/{DEFAULT_DOMAIN}/events")
        assert (events.status_code, events.json()["items"]) == (200, [])
