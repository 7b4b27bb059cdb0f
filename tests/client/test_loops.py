"""One client in several event loops, one after the other or at the same time."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from mailgun_client import Client
from mailgun_client.api.domains import get_domain

from tests.client.wire import Wire


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open, so that a second call would take one that is there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Not to be seen in the output of the tests."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def call(client: Client) -> int:
    return (await get_domain.asyncio_detailed("a", client=client)).status_code


# What the first loop leaves open is closed by nobody but the collector of garbage.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_loop_after_another(url: str) -> None:
    client = Client("key", base_url=url)
    view = client.with_options(timeout=5)
    assert [asyncio.run(call(user)) for user in (client, view, client)] == [404, 404, 404]
    asyncio.run(client.aclose())
    with pytest.raises(RuntimeError, match="the client is closed"):
        asyncio.run(call(client))
    gc.collect()


def test_a_loop_beside_another(url: str) -> None:
    async def use() -> None:
        async with Client("key", base_url=url) as client:
            await call(client)
            with pytest.raises(RuntimeError, match="used in another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(call(client)))
            assert await call(client) == 404

    asyncio.run(use())


def test_transports_of_the_caller_are_asked_in_any_loop(wire: Wire) -> None:
    client = wire.client()

    async def use() -> tuple[int, int]:
        return await call(client), await asyncio.to_thread(lambda: asyncio.run(call(client)))

    assert asyncio.run(use()) == (418, 418)


def test_synchronous_programs_do_not_load_asyncio() -> None:
    code = (
        "import sys; from mailgun_client import Client; from mailgun_client.api import domains;"
        "import mailgun_client.api.domains.get_domain;"
        "Client('k', region='us'); print('asyncio' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
