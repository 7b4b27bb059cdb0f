"""A transport that answers from a recording."""

from __future__ import annotations

import httpx
from attrs import define, field


@define
class Playback(httpx.BaseTransport):
    """Answers whatever comes with one recorded response; without one it answers 500."""

    response: httpx.Response = field(factory=lambda: httpx.Response(500))

    def handle_request(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            self.response.status_code, headers=self.response.headers, content=self.response.content
        )
