"""The calls as one would write them with nothing but httpx, and with little care."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from attrs import define

from benchmarks.samples import DOMAIN, MESSAGE

SEND = f"/v3/{DOMAIN}/messages"
LIST = f"/v3/{DOMAIN}/bounces"


@define
class Bounce:
    """An entry, for code that wants names to be checked."""

    address: str
    code: str
    error: str
    created_at: str


def send(http: httpx.Client, files: tuple[Path, ...] = ()) -> str:
    """The id of the message."""
    with ExitStack() as stack:
        opened = [(each.name, stack.enter_context(each.open("rb"))) for each in files]
        attached = [("attachment", each) for each in opened]
        return _id(http.post(SEND, files=[*_parts(), *attached]))


async def send_async(http: httpx.AsyncClient) -> str:
    """The id of the message."""
    return _id(await http.post(SEND, files=_parts()))


def send_plain(http: httpx.Client) -> str:
    """The same fields without parts, as one writes it when there are no files."""
    return _id(http.post(SEND, data=dict(MESSAGE)))


async def send_plain_async(http: httpx.AsyncClient) -> str:
    """The same fields without parts, as one writes it when there are no files."""
    return _id(await http.post(SEND, data=dict(MESSAGE)))


def list_dicts(http: httpx.Client) -> list[dict[str, str]]:
    """The entries as they come."""
    return _items(http.get(LIST, params={"limit": 100}))


async def list_dicts_async(http: httpx.AsyncClient) -> list[dict[str, str]]:
    """The entries as they come."""
    return _items(await http.get(LIST, params={"limit": 100}))


def list_records(http: httpx.Client) -> list[Bounce]:
    """The entries as records."""
    return [Bounce(**item) for item in list_dicts(http)]


async def list_records_async(http: httpx.AsyncClient) -> list[Bounce]:
    """The entries as records."""
    return [Bounce(**item) for item in await list_dicts_async(http)]


def _parts() -> list[tuple[str, Any]]:
    return [(name, (None, value)) for name, value in MESSAGE]


def _id(response: httpx.Response) -> str:
    response.raise_for_status()
    return str(response.json()["id"])


def _items(response: httpx.Response) -> list[dict[str, str]]:
    response.raise_for_status()
    items: list[dict[str, str]] = response.json()["items"]
    return items
