"""Takes everything out of an exchange that is somebody's: secrets, addresses, names of domains.

What is kept stays of the same shape, so that an exchange that kept the contract still does.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from attrs import evolve, field, frozen

from tests.contract.recordings import patterns
from tests.contract.recordings.exchange import Body, Pairs, Part, Recorded, joined
from tests.contract.recordings.pseudonyms import Pseudonyms
from tests.contract.truth import Operation, Truth

_SHORTEST = 6
_LITERAL = frozenset({"enum", "const"})


@frozen
class Scrubber:
    """`words` are those of the contract, which say nothing about anybody; `known` are secrets."""

    names: Pseudonyms
    words: frozenset[str] = field(default=frozenset(), repr=False)
    known: re.Pattern[str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, truth: Truth, salt: bytes, secrets: set[str] | None = None) -> Scrubber:
        return cls(Pseudonyms(salt), vocabulary(truth)).knowing(secrets or set())

    def knowing(self, secrets: set[str]) -> Scrubber:
        """One that also finds these secrets wherever they stand."""
        forms = set()
        for secret in secrets:
            if len(secret) >= _SHORTEST and secret.lower() not in self.words:
                basic = b64encode(f"api:{secret}".encode(errors="replace")).decode()
                forms |= {secret, quote(secret, safe="", errors="replace"), basic}
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        known = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        return evolve(self, known=known)

    def exchange(self, recorded: Recorded, operation: Operation) -> Recorded:
        sent, came = recorded.request, recorded.response
        request = evolve(
            sent,
            path=joined(list(self._segments(operation, sent.segments))),
            query=self._pairs(sent.query),
            headers={name: self.value(name, text) for name, text in sent.headers.items()},
            body=self._body(sent.body),
        )
        response = evolve(
            came,
            headers={name: self.value(name, text) for name, text in came.headers.items()},
            body=self._body(came.body),
        )
        return evolve(recorded, request=request, response=response)

    def value(self, name: str, value: Any) -> Any:
        """A JSON value that stands under `name`."""
        if isinstance(value, dict):
            return {self._name(key): self.value(key, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(name, item) for item in value]
        if isinstance(value, str):
            return self._under(name, value)
        if isinstance(value, int) and not isinstance(value, bool) and patterns.phone_name(name):
            return int(self.names.phone(str(value))[1:])
        if isinstance(value, int) and not isinstance(value, bool) and patterns.secret_name(name):
            return int(self.names.mask(str(value)))
        return value

    def text(self, text: str) -> str:
        """Text of any kind; JSON inside is taken as such."""
        if text[:1] in ("{", "["):
            try:
                return json.dumps(self.value("", json.loads(text)), separators=(",", ":"))
            except (ValueError, RecursionError):
                pass
        return self._literals(patterns.TEXT.sub(self._found, text))

    def _under(self, name: str, text: str) -> str:
        if patterns.phone_name(name) and any(map(str.isdigit, text)):
            return self.names.phone(text)
        if patterns.secret_name(name) and "-----BEGIN " not in text:
            return self.names.secret(text)
        if patterns.person_name(name) and text and not _placeholder_name(text):
            return self.names.name("Name", text)
        return self.text(text)

    def _name(self, name: str) -> str:
        return name if name.lower() in self.words else self.text(name)

    def _pairs(self, pairs: Pairs) -> Pairs:
        return tuple((self._name(name), self._under(name, text)) for name, text in pairs)

    def _segments(self, operation: Operation, segments: list[str]) -> Iterator[str]:
        for name, segment in zip(operation.path.split("/"), segments, strict=True):
            yield self._under(name[1:-1], segment) if name.startswith("{") else segment

    def _body(self, body: Body | None) -> Body | None:
        if body is None or body.kind == "bytes":
            return body
        change: dict[str, Callable[[Any], Any]] = {
            "json": lambda value: self.value("", value),
            "text": self.text,
            "form": self._pairs,
            "parts": lambda parts: tuple(map(self._part, parts)),
        }
        return Body(body.kind, change[body.kind](body.value))

    def _part(self, part: Part) -> Part:
        content, filename = part.content, part.filename
        if isinstance(content, str):
            content = self._under(part.name, content)
        if filename is not None:
            end = PurePosixPath(filename).suffix.lower()
            kept = end if end[1:] in patterns.FILES else ""
            filename = filename if filename == "" else self.names.name("file", filename) + kept
        return evolve(part, name=self._name(part.name), content=content, filename=filename)

    def _found(self, match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        # The last group that closed is the outer one of each alternative.
        replaced: str = getattr(self, f"_{kind}")(match)
        return replaced

    def _pem(self, match: re.Match[str]) -> str:
        lines = match[0].split("-----")
        return "-----".join([*lines[:2], self.names.mask(lines[2]), *lines[3:]])

    def _auth(self, match: re.Match[str]) -> str:
        return f"{match['scheme']} {self.names.secret(match['credentials'])}"

    def _encoded(self, match: re.Match[str]) -> str:
        return self.names.name("Name", match[0])

    def _url(self, match: re.Match[str]) -> str:
        # Brackets and full stops after an address belong to the sentence around it.
        bare = match[0].rstrip(".,;:!?)]")
        tail = match[0][len(bare) :]
        try:
            parts = urlsplit(bare)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return self.names.mask(bare) + tail
        host = self._literals(self._hostname(host))
        place = f"[{host}]" if ":" in host else host
        place += f":{port}" if port is not None else ""
        path = "/".join(map(self._quoted, parts.path.split("/")))
        return urlunsplit((parts.scheme, place, path, self._query(parts.query), "")) + tail

    def _hostname(self, host: str) -> str:
        try:
            return self.names.ip(host)
        except ValueError:
            return self.names.domain(host) if "." in host else host

    def _quoted(self, segment: str) -> str:
        plain = unquote(segment)
        changed = self.text(plain)
        return segment if changed == plain else quote(changed, safe="@:+,")

    def _query(self, query: str) -> str:
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        changed = self._pairs(pairs)
        if changed != pairs:
            return urlencode(changed)
        return query if pairs else self.text(query)

    def _mailbox(self, match: re.Match[str]) -> str:
        local, _, domain = match["of"].rpartition("@")
        lead = match[0][: len(match[0]) - len(match[0].lstrip(" "))]
        who = match["who"]
        if not self.names.placeholder(domain):
            who = self.names.name("Name", who)
        return f"{lead}{who} <{self._address(local, domain)}>"

    def _email(self, match: re.Match[str]) -> str:
        local, domain = match["local"], match["at"]
        if domain.startswith("[") or not any(map(str.isalnum, local)):
            host = domain if domain.startswith("[") else self._hostname(domain)
            shown = "[" + self._hostname(host[1:-1]) + "]" if host.startswith("[") else host
            user = local if not any(map(str.isalnum, local)) else self.names.name("user", local)
            return match[0][: -len(domain)].replace(local, user, 1) + shown
        sign = match[0][len(local) : len(match[0]) - len(domain)]
        return self._address(local, domain).replace("@", sign)

    def _address(self, local: str, domain: str) -> str:
        # A local part may itself hold an address or a number (VERP).
        changed = self.text(local)
        if changed != local and self.names.placeholder(domain):
            return f"{self.names.name('user', local)}@{domain}"
        return self.names.email(local, domain)

    def _ip(self, match: re.Match[str]) -> str:
        try:
            return self.names.ip(match[0])
        except ValueError:
            return match[0]  # A time of day, a version with too large a number.

    def _phone(self, match: re.Match[str]) -> str:
        digits = sum(map(str.isdigit, match[0]))
        if not 7 <= digits <= 15 or patterns.ZONE.fullmatch(match[0]):
            return match[0]
        return self.names.phone(match[0])

    def _host(self, match: re.Match[str]) -> str:
        name = match[0]
        if name.lower() in self.words or name.rpartition(".")[2].lower() in patterns.FILES:
            return name
        return self.names.domain(name)

    def _token(self, match: re.Match[str]) -> str:
        text = match[0]
        if text.lower() in self.words or not patterns.secret_shape(text):
            return text
        if patterns.KEYS.fullmatch(text) or (self.known and self.known.fullmatch(text)):
            return self.names.secret(text)
        return self.names.mask(text)

    def _literals(self, text: str) -> str:
        if self.known is None:
            return text
        return self.known.sub(lambda match: self.names.secret(match[0]), text)


def secrets_of(exchanges: list[Recorded]) -> set[str]:
    """What stands in fields of secrets, to be found wherever else it stands."""
    found: set[str] = set()
    for each in exchanges:
        for message in (each.request, each.response):
            for name, text in message.headers.items():
                found |= {text} if patterns.secret_name(name) else set()
            found |= set(_secrets(message.body))
        found |= {text for name, text in each.request.query if patterns.secret_name(name)}
    return found


def _secrets(body: Body | None) -> Iterator[str]:
    if body is None or body.kind in ("text", "bytes"):
        return
    if body.kind == "json":
        yield from _leaves("", body.value)
        return
    pairs = [(p.name, p.content) for p in body.value] if body.kind == "parts" else body.value
    for name, text in pairs:
        yield from _leaves(name, text)


def _leaves(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(name, item)
    elif isinstance(value, str) and patterns.secret_name(name):
        yield value


def vocabulary(truth: Truth) -> frozenset[str]:
    """Every word that the truth itself uses: names of fields, allowed values, parts of paths."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for name, item in value.items():
                if name == "properties" and isinstance(item, dict):
                    found.update(map(str.lower, item))
                elif name in _LITERAL:
                    texts = item if isinstance(item, list) else [item]
                    found.update(text.lower() for text in texts if isinstance(text, str))
                elif name == "name" and isinstance(item, str):
                    found.add(item.lower())
                walk(item)

    walk(truth.document)
    for operation in truth.operations.values():
        found.update(part.lower() for part in operation.path.split("/") if part)
    return frozenset(found)


def _placeholder_name(text: str) -> bool:
    return re.fullmatch(r"Name-[a-z2-7]{10}", text) is not None
