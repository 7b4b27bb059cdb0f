"""Webhooks over a real connection."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, field

from mailgun_emulator import create_app
from tests.emulator.areas.mail import PLAIN
from tests.emulator.conftest import START, Connect
from tests.emulator.receiver import signed_with

# Signed by itself, for localhost; good for nothing but this.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLNMmG2VAB561MEvy
yqVdU12l7X8g6Bvc1w2x/VrczCShRANCAAQQe4M0CkFf849lVXwAi3vfVexjC73V
3P09ErJdzSHvY0+XmaCA6UJLSwxEPz3DEYFtNCF0Q4vB3oK7az9Mlesx
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUEIeKUAWrHKS88MyEi1xChTAoVzswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExMDMwMloYDzIxMjYxMDI4
MTEwMzAyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQQe4M0CkFf849lVXwAi3vfVexjC73V3P09ErJdzSHvY0+XmaCA6UJL
SwxEPz3DEYFtNCF0Q4vB3oK7az9Mlesxo28wbTAdBgNVHQ4EFgQUYZFtq4O4HmlM
PXEhU72FUahFYk4wHwYDVR0jBBgwFoAUYZFtq4O4HmlMPXEhU72FUahFYk4wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgd21fbdVQMEQEMsf6A51kPJC+ePwhOTtwVmpI/OeP/wQCIC/q
FRY/N9vuNZgQddwCI6EO5GIngZGk4gnjzPybyjfL
-----END CERTIFICATE-----
"""


@define
class Site:
    """A server on this machine: answers `status` and keeps what is posted to it."""

    status: int = 200
    scheme: str = "http"
    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?a=1"

    def serve(self, context: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.requests.append((self.path, headers, body))
                self.send_response(site.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            self.scheme = "https"
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    server = made.serve()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[Site]:
    """The same over TLS, with a certificate that nobody vouches for."""
    file = tmp_path / "site.pem"
    file.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    made = Site()
    server = made.serve(context)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def live(connect: Connect) -> httpx.Client:
    """A client of an app that posts over the network."""
    app = create_app(seed=1)
    app.state.clock.freeze(START)
    return connect(app)


def hear(api: httpx.Client, domain: str, url: str) -> dict[str, Any]:
    """Hook the acceptance of a mail; what the delivery log says of it."""
    hook = {"id": "accepted", "url": url}
    assert api.post(f"/v3/domains/{domain}/webhooks", data=hook).status_code == 200
    assert api.post(f"/v3/{domain}/messages", data=PLAIN).status_code == 200
    assert api.post("/_emulator/flush").status_code == 200
    [delivery] = api.get("/_emulator/webhooks").json()["deliveries"]
    return dict(delivery)


def test_an_event_is_really_posted(live: httpx.Client, domain: str, site: Site) -> None:
    """platform:HOOK-033, HOOK-035; sending:HOOK-001: one request, signed, as JSON."""
    assert hear(live, domain, site.url)["state"] == "delivered"
    [(path, headers, body)] = site.requests
    assert path == "/hook?a=1"
    assert headers["content-type"] == "application/json"
    posted = json.loads(body)
    key = live.get("/v5/accounts/http_signing_key").json()["http_signing_key"]
    assert signed_with(key, posted)
    [event] = live.get(f"/v3/{domain}/events").json()["items"]
    assert posted["event-data"]["id"] == event["id"]


def test_a_status_is_heard(live: httpx.Client, domain: str, site: Site) -> None:
    """platform:HOOK-042."""
    site.status = 503
    delivery = hear(live, domain, site.url)
    assert delivery["state"] == "waiting"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503]


def test_a_certificate_of_nobody(live: httpx.Client, domain: str, untrusted: Site) -> None:
    """platform:HOOK-009: an address with a self-signed certificate is taken and gets nothing."""
    assert httpx.post(untrusted.url, verify=False).status_code == 200
    untrusted.requests.clear()
    delivery = hear(live, domain, untrusted.url)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [None]
    assert delivery["state"] == "waiting"
    assert untrusted.requests == []
