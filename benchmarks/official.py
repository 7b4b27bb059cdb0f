"""The same calls through the official package `mailgun`, where it is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from benchmarks.samples import DOMAIN, KEY, MESSAGE

NAME = "official mailgun"


def version() -> str | None:
    """The version that is installed, if any."""
    try:
        return installed("mailgun")
    except PackageNotFoundError:
        return None


def remarks() -> tuple[str, ...]:
    """What to say below a table that lacks it."""
    if version():
        return ()
    return (f"{NAME}: not installed; run: pip install 'mailgun-toolkit[bench]'",)


def client(url: str) -> Any:
    """A synchronous client, a context manager."""
    return import_module("mailgun.client").Client(auth=("api", KEY), api_url=url)


def async_client(url: str) -> Any:
    """An asynchronous client; `aclose` ends it."""
    return import_module("mailgun.client").AsyncClient(auth=("api", KEY), api_url=url)


def send(client: Any, files: tuple[Path, ...] = ()) -> str:
    """The id of the message. It has no streams: a file is its bytes."""
    attached = [("attachment", (each.name, each.read_bytes())) for each in files]
    return _id(client.messages.create(data=dict(MESSAGE), files=attached or None, domain=DOMAIN))


async def send_async(client: Any) -> str:
    """The id of the message."""
    return _id(await client.messages.create(data=dict(MESSAGE), domain=DOMAIN))


def list_(client: Any) -> list[dict[str, str]]:
    """The entries as they come."""
    return _items(client.bounces.get(domain=DOMAIN, filters={"limit": 100}))


async def list_async(client: Any) -> list[dict[str, str]]:
    """The entries as they come."""
    return _items(await client.bounces.get(domain=DOMAIN, filters={"limit": 100}))


def _id(response: Any) -> str:
    response.raise_for_status()
    return str(response.json()["id"])


def _items(response: Any) -> list[dict[str, str]]:
    response.raise_for_status()
    items: list[dict[str, str]] = response.json()["items"]
    return items
