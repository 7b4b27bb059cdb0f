"""One GET before anything else is sent: is the server there, is the key good, the domain known?"""

from __future__ import annotations

import base64
from urllib.parse import quote

import httpx

from tests.contract.targets.network import Network
from tests.contract.targets.settings import Settings, TargetError

_TIMEOUT = 15.0


def probe(
    settings: Settings, transport: httpx.BaseTransport | None = None, *, hint: str = ""
) -> None:
    """Raises TargetError; `hint` is added where the key is refused or the domain unknown."""
    basic = base64.b64encode(f"api:{settings.key}".encode()).decode()
    url = f"{settings.base_url}/v4/domains/{quote(settings.domain, safe='')}"
    headers = {"authorization": f"Basic {basic}"}
    try:
        with httpx.Client(transport=transport or Network(), timeout=_TIMEOUT) as client:
            response = client.get(url, headers=headers)
    except httpx.HTTPError as error:
        raise TargetError(
            f"target {settings.target}: {settings.base_url} cannot be reached "
            f"({type(error).__name__}); start the server or correct its address"
        ) from None
    if problem := _problem(settings, response, hint):
        raise TargetError(f"target {settings.target}: {problem}")


def _problem(settings: Settings, response: httpx.Response, hint: str) -> str:
    status, name = response.status_code, settings.domain
    if status in (401, 403):
        return (
            f"{settings.base_url} refuses the key (status {status}): it is wrong, expired, for "
            f"sending only, or of another place; set {settings.key_from}{hint}"
        )
    if status == 404 and not _spoken(response):
        return ""  # Another emulator without this operation: the suite will tell.
    if status == 404:
        return (
            f"the account has no domain {name}; set {settings.domain_from} "
            f"to a domain or sandbox of this account{hint}"
        )
    if status == 429:
        return "the server limits its calls right now (status 429); come back later"
    if status != 200:
        return f"expected status 200 for the domain {name}, found {status}; look at the server"
    state = _state(response)
    if state in ("disabled", "unverified"):
        return f"the domain {name} is {state}; set {settings.domain_from} to an active one"
    return ""


def _spoken(response: httpx.Response) -> bool:
    kind: str = response.headers.get("content-type", "")
    return kind.startswith("application/json")


def _state(response: httpx.Response) -> str:
    try:
        return str(response.json()["domain"]["state"])
    except (ValueError, LookupError, TypeError):
        return ""
