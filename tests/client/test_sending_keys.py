"""Domain sending keys, against the emulator: they send for their domain, and that is all."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from mailgun_client import AuthenticationError, Client
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.keys import create_api_key
from mailgun_client.api.messages import send_message
from mailgun_client.models import CreateApiKeyBody, SendMessageBody

from mailgun_emulator import create_app
from tests.client.test_gateway import Bridge

DOMAIN = "mg.example.com"


@pytest.fixture
def transport() -> Iterator[httpx.BaseTransport]:
    app = create_app(api_keys=["key-test"], domains=[DOMAIN, "other.example.com"], seed=0)
    with Bridge(app) as bridge:
        yield bridge


def test_a_sending_key_sends_for_its_domain_only(transport: httpx.BaseTransport) -> None:
    def client(key: str) -> Client:
        return Client(key, base_url="http://emulator", transport=transport, raise_errors=True)

    wanted = CreateApiKeyBody(role="sending", kind="domain", domain_name=DOMAIN)
    made = create_api_key.sync_detailed(client=client("key-test"), body=wanted).success()
    assert made.key.secret
    sender = client(made.key.secret)
    body = SendMessageBody(from_=f"a@{DOMAIN}", to=["b@example.com"], subject="s", text="t")
    assert send_message.sync_detailed(DOMAIN, client=sender, body=body).success().id
    with pytest.raises(AuthenticationError):
        send_message.sync("other.example.com", client=sender, body=body)
    with pytest.raises(AuthenticationError):
        list_bounces.sync(DOMAIN, client=sender)
    assert list_bounces.sync_detailed(DOMAIN, client=client("key-test")).success().items == []
