"""A server that keeps the truth of things.py.

It reads requests on its own, so that client and suite don't share a mistake with it. A seeded
fault replaces one of its methods.
"""

from __future__ import annotations

import json
from base64 import b64decode
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import jsonschema_rs
from attrs import define, field, frozen
from multipart import MultipartError, MultipartParser, parse_options_header

from tests.contract.targets import Target
from tests.suite import things

BASE = "http://things.example.test"
DOMAIN = "own.example.test"
KEY, FOREIGN, SENDING, WRONG = "key-own", "key-foreign", "key-sending", "key-wrong"
BASIC, EXPIRED = "key-basic", "key-expired"
Json = dict[str, Any]
_WORDS = {"true": True, "false": False}


@frozen
class Call:
    """A request, recognised: `raw` is the operation's OpenAPI object."""

    raw: Json = field(repr=False)
    names: dict[str, str]
    request: httpx.Request

    @property
    def id(self) -> str:
        return str(self.raw["operationId"])


@define
class Server(httpx.BaseTransport):
    """Answers as things.py says; `calls` are the ids of the operations called, in order."""

    document: Json = field(factory=things.document)
    things: dict[str, Json] = field(factory=dict)
    notes: dict[str, Json] = field(factory=dict)
    made: int = 0
    calls: list[str] = field(factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        path = path_of(request)
        if path == "/_emulator/reset":
            self.reset()
            return httpx.Response(200, json={})
        if path == "/_emulator/digest":
            return httpx.Response(200, json={"digest": self.digest()})
        call = self.recognise(request)
        if call is None:
            return httpx.Response(404, text="404 page not found")
        self.calls.append(call.id)
        return self.answer(call)

    def reset(self) -> None:
        self.things.clear()
        self.notes.clear()
        self.made = 0

    def digest(self) -> str:
        return json.dumps([self.things, self.notes])

    def recognise(self, request: httpx.Request) -> Call | None:
        """The call, if the truth has such an operation."""
        parts = path_of(request).split("/")
        for template, item in self.document["paths"].items():
            names = template.split("/")
            pairs = list(zip(names, parts, strict=False))
            fits = len(names) == len(parts) and all(
                name == part for name, part in pairs if not name.startswith("{")
            )
            if fits and request.method.lower() in item:
                values = {n[1:-1]: unquote(p) for n, p in pairs if n.startswith("{")}
                return Call(item[request.method.lower()], values, request)
        return None

    def answer(self, call: Call) -> httpx.Response:
        return self.refuse_key(call) or self.refuse_input(call) or self.perform(call)

    def refuse_key(self, call: Call) -> httpx.Response | None:
        if not call.raw["security"]:
            return None
        key = key_of(call.request)
        if key not in (KEY, FOREIGN, SENDING, BASIC):
            return httpx.Response(401, text="Forbidden")
        if key == BASIC and call.request.method != "GET":
            return problem(403, "only for reading")
        if key == SENDING:
            return problem(403, "only for sending")
        if "note_id" in call.names and key == FOREIGN:
            return problem(404, "no such note")
        if "domain" in call.names and (key == FOREIGN or call.names["domain"] != DOMAIN):
            return problem(404, "no such domain")
        return None

    def refuse_input(self, call: Call) -> httpx.Response | None:
        try:
            self.parameters(call)
            if "requestBody" in call.raw:
                self.body(call)
        except (ValueError, KeyError, MultipartError) as error:
            return problem(400, f"refused: {type(error).__name__}")
        return None

    def parameters(self, call: Call) -> dict[str, Any]:
        """Query and header values by name; ValueError for what the truth does not allow."""
        pairs = query_of(call.request)
        found = {}
        for parameter in call.raw["parameters"]:
            name, schema = parameter["name"], parameter["schema"]
            texts = [value for key, value in pairs if key == name]
            if parameter["in"] == "header":
                texts = call.request.headers.get_list(name)
            if texts:
                found[name] = self.valid(schema, read(schema, texts))
        return found

    def body(self, call: Call) -> Any:
        """The body as JSON; ValueError for what the truth does not allow."""
        media, options = parse_options_header(call.request.headers.get("content-type", ""))
        schema = self.resolve(call.raw["requestBody"]["content"][media]["schema"])
        if media == "application/json":
            return self.valid(schema, json.loads(call.request.content))
        if media == "multipart/form-data":
            parser = MultipartParser(
                BytesIO(call.request.content), options["boundary"], strict=True
            )
            pairs = [(part.name, part.raw.decode(errors="replace")) for part in parser]
        else:
            pairs = parse_qsl(call.request.content.decode(), keep_blank_values=True)
        fields: dict[str, list[str]] = {}
        for name, text in pairs:
            fields.setdefault(name, []).append(text)
        values = {n: read(schema["properties"].get(n, {}), t) for n, t in fields.items()}
        return self.valid(schema, values)

    def valid(self, schema: Json, value: Any) -> Any:
        if not jsonschema_rs.is_valid(schema, value):
            raise ValueError("not valid")
        return value

    def resolve(self, schema: Json) -> Json:
        name = schema.get("$ref", "").rpartition("/")[2]
        found: Json = self.document["components"]["schemas"].get(name, schema)
        return found

    def perform(self, call: Call) -> httpx.Response:
        names = [value for name, value in call.names.items() if name != "domain"]
        more: list[Any] = [self.body(call)] if "requestBody" in call.raw else []
        if call.id.startswith("list_"):
            more = [call]
        answer: httpx.Response = getattr(self, call.id)(*names, *more)
        return answer

    def create_thing(self, body: Json) -> httpx.Response:
        self.made += 1
        thing = {
            "id": str(self.made),
            "name": body["name"],
            "tags": body.get("tag", []),
            "active": body.get("active", True),
            "size": body.get("size"),
        }
        self.things[thing["id"]] = thing
        return httpx.Response(200, json={"message": "created", "thing": thing})

    def list_things(self, call: Call) -> httpx.Response:
        items = list(self.things.values())
        headers = {"x-total-count": str(len(items))}
        given = self.parameters(call)
        page = self.window(items, _number(given, "skip", 0), _number(given, "limit", 100))
        return httpx.Response(200, json={"items": page}, headers=headers)

    def list_notes(self, call: Call) -> httpx.Response:
        given = self.parameters(call)
        start, size = _number(given, "page", 0), _number(given, "limit", 100)
        page = self.window(list(self.notes.values()), start, size)
        paging = {"next": start + size} | ({"previous": max(start - size, 0)} if start else {})
        links = {name: f"{BASE}/v1/notes?page={at}&limit={size}" for name, at in paging.items()}
        return httpx.Response(200, json={"items": page, "paging": links})

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:
        """The page of a list."""
        return items[start : start + size]

    def get_thing(self, thing_id: str) -> httpx.Response:
        thing = self.things.get(thing_id)
        return problem(404, "no such thing") if thing is None else httpx.Response(200, json=thing)

    def update_thing(self, thing_id: str, body: Json) -> httpx.Response:
        thing = self.things.get(thing_id)
        if thing is None:
            return problem(404, "no such thing")
        thing.update(body)
        return httpx.Response(200, json={"message": "updated", "thing": thing})

    def delete_thing(self, thing_id: str) -> httpx.Response:
        found = self.things.pop(thing_id, None)
        return problem(404, "no such thing") if found is None else httpx.Response(204)

    def add_note(self, body: Json) -> httpx.Response:
        if body["thing"] not in self.things:
            return problem(404, "no such thing")
        self.made += 1
        note = {"id": self.made, "text": body["text"]}
        self.notes[str(self.made)] = note
        return httpx.Response(200, json=note)

    def get_note(self, note_id: str) -> httpx.Response:
        if note_id not in self.notes:
            return problem(404, "no such note")
        return httpx.Response(200, text=self.notes[note_id]["text"])

    def get_status(self) -> httpx.Response:
        return httpx.Response(200, json={"message": "up"})


def target(server: httpx.BaseTransport, name: str = "emulator") -> Target:
    """The server as a target of the suite."""
    return Target(
        name=name,
        base_url=BASE,
        domain=DOMAIN,
        key=KEY,
        foreign_key=FOREIGN,
        wrong_key=WRONG,
        sending_key=SENDING,
        role_keys={"basic": BASIC},
        expired_key=EXPIRED,
        transport=server,
    )


def problem(status: int, message: str) -> httpx.Response:
    return httpx.Response(status, json={"message": message})


def key_of(request: httpx.Request) -> str:
    """The key in the request; empty if there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return b64decode(value).decode().partition(":")[2] if scheme == "Basic" else ""


def _number(given: dict[str, Any], name: str, default: int) -> int:
    value = given.get(name)
    return value if isinstance(value, int) and value >= 0 else default


def path_of(request: httpx.Request) -> str:
    return request.url.raw_path.decode("ascii").partition("?")[0]


def query_of(request: httpx.Request) -> list[tuple[str, str]]:
    return parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)


def read(schema: Json, texts: list[str]) -> Any:
    """The repeated field as the type that the schema wants; text where it does not fit."""
    kind = schema.get("type")
    if kind == "array":
        return [read(schema["items"], [text]) for text in texts]
    text = texts[-1]
    if kind == "boolean":
        return _WORDS.get(text, text)
    if kind in {"integer", "object"}:
        return json.loads(text)
    return text
