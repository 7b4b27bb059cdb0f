"""Requests as a broken client would send them: each function breaks one thing."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import httpx

from tests.suite.server import FOREIGN, Server

Rewrite = Callable[[httpx.Request], httpx.Request]


def another(
    request: httpx.Request,
    *,
    method: str | None = None,
    url: str | None = None,
    content: bytes | None = None,
    **headers: str | None,
) -> httpx.Request:
    """A copy of `request` with parts replaced; a header that is None is left out."""
    kept = {name: value for name, value in request.headers.items() if name != "content-length"}
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Request(
        method or request.method,
        request.url if url is None else url,
        headers={name: value for name, value in (kept | changed).items() if value is not None},
        content=request.content if content is None else content,
    )


def wrong_method(request: httpx.Request) -> httpx.Request:
    return another(request, method="PATCH")


def plain_path(request: httpx.Request) -> httpx.Request:
    """Path values are put into the URL as they are."""
    path, _, query = request.url.raw_path.decode().partition("?")
    return another(request, url=f"http://{request.url.host}{unquote(path)}?{query}")


def path_quoted_twice(request: httpx.Request) -> httpx.Request:
    path, _, query = request.url.raw_path.decode().partition("?")
    twice = path.replace("%", "%25")
    return another(request, url=f"http://{request.url.host}{twice}?{query}")


def no_query(request: httpx.Request) -> httpx.Request:
    return another(request, url=str(request.url).partition("?")[0])


def other_key(request: httpx.Request) -> httpx.Request:
    basic = "Basic " + b64encode(f"api:{FOREIGN}".encode()).decode()
    return another(request, authorization=basic)


def other_scheme(request: httpx.Request) -> httpx.Request:
    return another(request, authorization="Bearer key-own")


def no_header(request: httpx.Request) -> httpx.Request:
    return another(request, x_batch=None)


def no_body(request: httpx.Request) -> httpx.Request:
    return another(request, content=b"", content_type=None)


def a_body(request: httpx.Request) -> httpx.Request:
    return another(request, content=b"{}", content_type="application/json")


def other_media_type(request: httpx.Request) -> httpx.Request:
    return another(request, content_type="text/plain")


def joined(request: httpx.Request) -> httpx.Request:
    """Repeated parameters become one, joined by commas."""
    values: dict[str, list[str]] = {}
    for name, value in _query(request):
        values.setdefault(name, []).append(value)
    return _with_query(request, [(name, ",".join(texts)) for name, texts in values.items()])


def bracketed(request: httpx.Request) -> httpx.Request:
    """Repeated parameters get the name with brackets."""
    pairs = [(f"{name}[]" if name == "tag" else name, value) for name, value in _query(request)]
    return _with_query(request, pairs)


def reversed_query(request: httpx.Request) -> httpx.Request:
    return _with_query(request, _query(request)[::-1])


def pythonic_query(request: httpx.Request) -> httpx.Request:
    """Booleans are spelled as Python does."""
    return _with_query(request, [(name, _pythonic(value)) for name, value in _query(request)])


def pythonic_form(request: httpx.Request) -> httpx.Request:
    return another(request, content=request.content.replace(b"\r\ntrue\r\n", b"\r\nTrue\r\n"))


def python_objects(request: httpx.Request) -> httpx.Request:
    """An object in a form is spelled as Python does."""
    return another(request, content=request.content.replace(b'{"colour":"red"}', b"{'colour':..}"))


def renamed_field(request: httpx.Request) -> httpx.Request:
    return another(request, content=request.content.replace(b'name="name"', b'name="name_"'))


def renamed_pair(request: httpx.Request) -> httpx.Request:
    return another(request, content=request.content.replace(b"text=", b"text_="))


def no_file_name(request: httpx.Request) -> httpx.Request:
    return another(request, content=re.sub(rb'; filename="[^"]*"', b"", request.content))


def text_as_file(request: httpx.Request) -> httpx.Request:
    old, new = b'name="name"', b'name="name"; filename="name"'
    return another(request, content=request.content.replace(old, new))


def changed_file(request: httpx.Request) -> httpx.Request:
    return another(request, content=request.content.replace(b"\x00\xff", b"\x00"))


def extra_field(request: httpx.Request) -> httpx.Request:
    return another(request, content=request.content + b"&size=None")


def twice(request: httpx.Request) -> httpx.Request:
    return another(request, content=request.content + b"&" + request.content)


def decoded_form(request: httpx.Request) -> httpx.Request:
    """Form values are put into the body as they are."""
    return another(request, content=unquote(request.content.decode()).encode())


def json_with(change: dict[str, Any]) -> Rewrite:
    """Other values in the JSON body."""

    def rewrite(request: httpx.Request) -> httpx.Request:
        return another(request, content=json.dumps(json.loads(request.content) | change).encode())

    return rewrite


def json_without(name: str) -> Rewrite:
    """The JSON body lacks a key."""

    def rewrite(request: httpx.Request) -> httpx.Request:
        kept = {key: item for key, item in json.loads(request.content).items() if key != name}
        return another(request, content=json.dumps(kept).encode())

    return rewrite


def _query(request: httpx.Request) -> list[tuple[str, str]]:
    return parse_qsl(request.url.query.decode(), keep_blank_values=True)


def _with_query(request: httpx.Request, pairs: list[tuple[str, str]]) -> httpx.Request:
    return another(request, url=f"{str(request.url).partition('?')[0]}?{urlencode(pairs)}")


def _pythonic(text: str) -> str:
    return text.title() if text in {"true", "false"} else text


def only(operation: str, rewrite: Rewrite) -> Rewrite:
    """`rewrite` for the calls of one operation."""
    server = Server()

    def limited(request: httpx.Request) -> httpx.Request:
        call = server.recognise(request)
        return rewrite(request) if call is not None and call.id == operation else request

    return limited
