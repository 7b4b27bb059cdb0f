"""HTTP that the emulator sends itself: webhooks, forwards of routes, notifications.

`post` only queues; tasks on the loop that serves the app send, so a slow receiver never holds up a
request. Results are handed over in the order of the posts, whoever answers first. Whether and when
to try again is up to the caller: a post is tried once.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable, Mapping

import httpx
from attrs import define, field

OnResult = Callable[[int | None], None]

log = logging.getLogger("mailgun_emulator")

# Seconds of real time for a whole exchange, and how many run at once.
TIMEOUT = 10.0
LANES = 16
# Answers are read so that connections can be used again, but not without end.
_READ = 65_536
USER_AGENT = "mailgun-emulator"


@define(eq=False)
class Post:
    """One request on its way; `done` once it was answered, or given up with status None."""

    url: str
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    on_result: OnResult = field(repr=False)
    status: int | None = None
    done: bool = False


@define(eq=False)
class Outbox:
    """What waits to be sent, and the tasks that send it.

    `transport` replaces the network, for tests.
    """

    transport: httpx.AsyncBaseTransport | None = None
    timeout: float = TIMEOUT
    _unsent: deque[Post] = field(factory=deque, init=False, repr=False)
    _open: deque[Post] = field(factory=deque, init=False, repr=False)
    _lanes: set[asyncio.Task[None]] = field(factory=set, init=False, repr=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False, repr=False)
    _client: httpx.AsyncClient | None = field(default=None, init=False, repr=False)
    _trust: ssl.SSLContext | None = field(default=None, init=False, repr=False)

    def post(
        self,
        url: str,
        *,
        content: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        on_result: OnResult,
    ) -> None:
        """Queue a POST.

        `on_result` gets the status of the answer, None when there was none: no connection, no
        valid certificate, no answer in time. It runs between requests and may change the state.
        """
        named = {"user-agent": USER_AGENT, "content-type": content_type, **(headers or {})}
        post = Post(url, content, named, on_result)
        self._unsent.append(post)
        self._open.append(post)
        self.start()

    def start(self) -> None:
        """Send what waits, if a loop is running; otherwise the next request or `drain` does."""
        if not self._unsent:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if loop is not self._loop:
            self._move(loop)
        for _ in range(min(len(self._unsent), LANES - len(self._lanes))):
            self._lanes.add(loop.create_task(self._lane()))

    async def drain(self) -> None:
        """Wait until everything was sent and every result handed over."""
        if self._loop is not asyncio.get_running_loop():
            self._move(asyncio.get_running_loop())
        while self._open:
            self.start()
            if self._lanes:
                await asyncio.wait(self._lanes)

    def clear(self) -> None:
        """Forget everything, also what is under way: its results reach nobody."""
        self._unsent.clear()
        self._open.clear()

    def __len__(self) -> int:
        """How many posts have no result yet."""
        return len(self._open)

    def _move(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on with another loop; what the old one has not finished is sent again."""
        self._loop, self._client = loop, None
        self._lanes.clear()
        self._unsent = deque(post for post in self._open if not post.done)

    async def _lane(self) -> None:
        """Send one after another until nothing waits; the last one out closes the client."""
        task = asyncio.current_task()
        if self._client is None:
            self._client = self._connect()
        client = self._client
        try:
            while self._unsent and self._client is client:
                await self._exchange(client, self._unsent.popleft())
        finally:
            if task is not None:
                self._lanes.discard(task)
            if not self._lanes or self._client is not client:
                if self._client is client:
                    self._client = None
                await client.aclose()

    async def _exchange(self, client: httpx.AsyncClient, post: Post) -> None:
        try:
            status = await self._send(client, post)
        except asyncio.CancelledError:
            if self._client is client:
                self._unsent.appendleft(post)
            raise
        if self._client is client:
            post.status, post.done = status, True
            self._hand_over()

    async def _send(self, client: httpx.AsyncClient, post: Post) -> int | None:
        try:
            async with (
                asyncio.timeout(self.timeout),
                client.stream(
                    "POST", post.url, content=post.content, headers=dict(post.headers)
                ) as answer,
            ):
                size = 0
                async for chunk in answer.aiter_bytes():
                    size += len(chunk)
                    if size > _READ:
                        break
                return answer.status_code
        except Exception as error:
            # A URL that is none, a name that nobody has, a certificate, silence: no answer.
            log.info("POST %s: %r", post.url, error)
            return None

    def _hand_over(self) -> None:
        """Tell the results that nobody stands before any more."""
        while self._open and self._open[0].done:
            post = self._open.popleft()
            try:
                post.on_result(post.status)
            except Exception:
                log.exception("the result of POST %s was not taken", post.url)

    def _connect(self) -> httpx.AsyncClient:
        if self.transport is not None:
            return httpx.AsyncClient(transport=_Kept(self.transport))
        if self._trust is None:
            self._trust = httpx.create_ssl_context()
        # No proxies from the environment: receivers are mostly on this very machine.
        return httpx.AsyncClient(verify=self._trust, trust_env=False, timeout=self.timeout)


class _Kept(httpx.AsyncBaseTransport):
    """A transport that outlives the clients that use it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)
