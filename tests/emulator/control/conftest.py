"""A client of the control API, and mail to look at."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import Connect


class Controls:
    """Calls below `/_emulator/`, without a key."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, /, **query: Any) -> Any:
        return self.told(self.client.get(f"/_emulator/{path}", params=query))

    def post(self, path: str, body: Any = None, /, **query: Any) -> Any:
        return self.told(self.client.post(f"/_emulator/{path}", json=body, params=query))

    def delete(self, path: str, /, **query: Any) -> Any:
        return self.told(self.client.delete(f"/_emulator/{path}", params=query))

    def refused(self, path: str, body: Any = None, status: int = 400) -> str:
        """The message of a POST that is refused."""
        answer = self.client.post(f"/_emulator/{path}", json=body)
        assert answer.status_code == status, answer.text
        return str(answer.json()["message"])

    @staticmethod
    def told(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
def control(connect: Connect) -> Controls:
    return Controls(connect(key=None))


@pytest.fixture
def mail(app: Emulator, api: httpx.Client, domain: str) -> Mail:
    return Mail(app, api, domain)
