"""A tiny project of specs and overlays, and a web server for sources."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent

import pytest
from attrs import define, field

SPEC = """
openapi: 3.1.0
info: {title: Things, version: '1'}
servers: [{url: 'https://things.test'}]
tags: [{name: Things}]
paths:
  /things/{id}:
    get:
      tags: [Things]
      operationId: GET-things
      security: [{basicAuth: []}]
      x-quirks: [slow]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {$ref: '#/components/schemas/things.test-Thing'}}}
components:
  schemas:
    things.test-Thing: {type: object, properties: {owner: {$ref: '#/components/schemas/Owner'}}}
"""
NAMES = """
- target: $.paths['/things/{id}'].get
  update: {operationId: get_thing}
- target: $.paths['/things/{id}'].get.tags
  remove: true
- target: $.paths['/things/{id}'].get
  update: {tags: [things]}
- target: $.components.schemas['things.test-Thing']
  update: {title: Thing}
"""
OWNER = """
- target: $.components.schemas
  update: {Owner: {type: string}}
"""


@define
class Project:
    """specs/ and overlays/ below `root`; the spec has a dangling reference until `mend` is run."""

    root: Path

    @property
    def specs(self) -> Path:
        return self.root / "specs"

    @property
    def overlays(self) -> Path:
        return self.root / "overlays"

    def overlay(self, name: str, actions: str) -> None:
        path = self.overlays / name
        path.parent.mkdir(parents=True, exist_ok=True)
        head = "overlay: 1.1.0\ninfo: {title: T, version: '1', description: W, x-evidence: E-1}\n"
        path.write_text(f"{head}actions:\n{dedent(actions).strip()}\n")

    def mend(self) -> None:
        self.overlay("facts/owner.yaml", OWNER)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.specs.mkdir()
    (made.specs / "send.yaml").write_text(SPEC)
    made.overlay("names/send-things.yaml", NAMES)
    return made


@define
class Web:
    """A server on 127.0.0.1; `pages` holds body by path, everything else is 404."""

    url: str
    pages: dict[str, bytes] = field(factory=dict)
    authorizations: list[str | None] = field(factory=list)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = made.pages.get(self.path)
            made.authorizations.append(self.headers.get("Authorization"))
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"not here")

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Web(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()
