"""What a call through the generated client costs, network aside; the baseline is bare httpx."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
from mailgun_client import Client
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.messages import send_message
from mailgun_client.models import SendMessageBody

from benchmarks import handwritten
from benchmarks.report import Table, Unit, table
from benchmarks.rounds import Contestant, Pace, Watcher, race, repeat, repeat_async
from benchmarks.samples import ACCEPTED, BASE_URL, DOMAIN, KEY, MESSAGE, answering, page

SEND = "send_message of 5 fields"
LIST = "list_bounces, 100 entries"
OURS = "generated client"


def run(pace: Pace, watcher: Watcher) -> list[Table]:
    """A table for each operation, sync and async; by CPU time, since nothing waits."""
    tables = synchronous(pace, watcher)
    with asyncio.Runner() as runner:
        return tables + asynchronous(runner, pace, watcher)


def synchronous(pace: Pace, watcher: Watcher) -> list[Table]:
    """Over one transport for each operation, which hand-written code and client share."""
    accepting, listing = answering(ACCEPTED), answering(page())
    with (
        httpx.Client(auth=("api", KEY), base_url=BASE_URL, transport=accepting) as poster,
        httpx.Client(auth=("api", KEY), base_url=BASE_URL, transport=listing) as lister,
        Client(KEY, base_url=BASE_URL, transport=accepting) as sender,
        Client(KEY, base_url=BASE_URL, transport=listing) as reader,
    ):
        sends = (
            Contestant("httpx", repeat(lambda: handwritten.send(poster))),
            Contestant(OURS, repeat(lambda: send(sender))),
        )
        lists = (
            Contestant("httpx, dicts", repeat(lambda: handwritten.list_dicts(lister))),
            Contestant("httpx, own records", repeat(lambda: handwritten.list_records(lister))),
            Contestant(OURS, repeat(lambda: list_(reader))),
        )
        return [
            _table(f"calls: {SEND}, sync", sends, pace, watcher),
            _table(f"calls: {LIST}, sync", lists, pace, watcher),
        ]


def asynchronous(runner: asyncio.Runner, pace: Pace, watcher: Watcher) -> list[Table]:
    """The same by `asyncio`."""
    accepting, listing = answering(ACCEPTED), answering(page())
    poster = httpx.AsyncClient(auth=("api", KEY), base_url=BASE_URL, transport=accepting)
    lister = httpx.AsyncClient(auth=("api", KEY), base_url=BASE_URL, transport=listing)
    sender = Client(KEY, base_url=BASE_URL, async_transport=accepting)
    reader = Client(KEY, base_url=BASE_URL, async_transport=listing)
    sends = (
        Contestant("httpx", repeat_async(runner, lambda: handwritten.send_async(poster))),
        Contestant(OURS, repeat_async(runner, lambda: send_async(sender))),
    )
    lists = (
        Contestant(
            "httpx, dicts", repeat_async(runner, lambda: handwritten.list_dicts_async(lister))
        ),
        Contestant(
            "httpx, own records",
            repeat_async(runner, lambda: handwritten.list_records_async(lister)),
        ),
        Contestant(OURS, repeat_async(runner, lambda: list_async(reader))),
    )
    try:
        return [
            _table(f"calls: {SEND}, async", sends, pace, watcher),
            _table(f"calls: {LIST}, async", lists, pace, watcher),
        ]
    finally:
        for close in (poster.aclose, lister.aclose, sender.aclose, reader.aclose):
            runner.run(close())


def send(client: Client) -> object:
    """The message by the generated client."""
    return send_message.sync(DOMAIN, client=client, body=_body())


async def send_async(client: Client) -> object:
    """The message by the generated client."""
    return await send_message.asyncio(DOMAIN, client=client, body=_body())


def list_(client: Client) -> object:
    """The list by the generated client."""
    return list_bounces.sync(DOMAIN, client=client, limit=100)


async def list_async(client: Client) -> object:
    """The list by the generated client."""
    return await list_bounces.asyncio(DOMAIN, client=client, limit=100)


def _body() -> SendMessageBody:
    values = dict(MESSAGE)
    return SendMessageBody(
        from_=values["from"],
        to=[values["to"]],
        subject=values["subject"],
        text=values["text"],
        o_tag=[values["o:tag"]],
    )


def _table(title: str, contestants: Sequence[Contestant], pace: Pace, watcher: Watcher) -> Table:
    laps = race(title, contestants, pace, watcher)
    return table(title, laps, "cpu", Unit.MICROSECONDS)
