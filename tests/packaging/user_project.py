"""A program as users write them; type checkers see it beside the installed wheel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from mailgun_client import (
    ApiError,
    Client,
    File,
    NotFoundError,
    RateLimitError,
    Response,
    Retries,
    Unset,
    __version__,
)
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.domains import get_domain
from mailgun_client.api.messages import send_message
from mailgun_client.models import Bounce, MessageResponse, SendMessageBody, SendMessageResponse
from mailgun_client.paging import paginate
from mailgun_client.telemetry import log_calls
from mailgun_client.webhooks import EventPost, PermanentFailEvent, Receiver, WebhookError

DOMAIN = "mg.example.com"


def connect(key: str) -> Client:
    client = Client(
        key,
        region="eu",
        timeout=5,
        headers={"X-Program": __version__},
        retries=Retries(3),
        hooks=[log_calls(logging.getLogger("mail"))],
    )
    return client.on_behalf_of("0123456789abcdef")


def message(address: str) -> SendMessageBody:
    body = SendMessageBody(
        from_="Ann <ann@mg.example.com>",
        to=[address],
        subject="Hello",
        text="Hello",
        o_tag=["welcome"],
        attachment=[File("report.pdf")],
    )
    body["v:order"] = "1017"
    return body


def send(client: Client, address: str) -> str:
    answer: Response[SendMessageResponse, MessageResponse | str] = send_message.sync_detailed(
        DOMAIN, client=client, body=message(address)
    )
    try:
        sent: SendMessageResponse = answer.success()
    except RateLimitError as error:
        return f"later: {error.status_code}"
    except ApiError as error:
        return str(error)
    return "" if isinstance(sent.id, Unset) else sent.id


def bounced(client: Client) -> list[str]:
    bounces: list[Bounce] = list(paginate(list_bounces, DOMAIN, client=client, limit=1000))
    return [each.address for each in bounces if not isinstance(each.address, Unset)]


async def state(client: Client) -> str:
    async with client:
        try:
            found = (await get_domain.asyncio_detailed(DOMAIN, client=client)).success()
        except NotFoundError:
            return "missing"
    domain = found.domain
    return "" if isinstance(domain, Unset) else str(domain.state)


def receive(receiver: Receiver, body: bytes, headers: Mapping[str, str]) -> str | None:
    try:
        post = receiver.parse(body, headers)
    except WebhookError:
        return None
    match post:
        case EventPost(event=PermanentFailEvent(recipient=address)):
            return str(address)
        case _:
            return None


if __name__ == "__main__":
    with connect("key") as made:
        print(send(made, "bob@example.com"), bounced(made), asyncio.run(state(made)))
