"""Read YAML or JSON, from a file or a url, without surprises.

YAML is read by the YAML 1.2 core rules that OpenAPI prescribes: `yes`, `on` and `2024-01-01` stay
strings. A key that occurs twice in one mapping is an error, since a reader that keeps only the last
one loses facts silently.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import yaml
from yaml.constructor import ConstructorError

from pipeline.errors import SourceError

Json = dict[str, Any]
_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the base class's protocol

    def construct_document(self, node: Any) -> Any:
        # Before merge keys (<<) are resolved: a key may well override a merged one.
        _check_keys(node, set(), ())
        return super().construct_document(node)


def _check_keys(node: Any, seen: set[int], above: tuple[int, ...]) -> None:
    if id(node) in above:
        raise ConstructorError(None, None, "an alias inside what it stands for", node.start_mark)
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    inside = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(item, seen, inside)
        return
    names: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ConstructorError(None, None, "a mapping key that is no text", key.start_mark)
        if key.value in names:
            raise ConstructorError(
                None, None, f"the key {key.value!r} occurs twice in one mapping", key.start_mark
            )
        names.add(key.value)
        if key.tag != _MERGE:
            # Statuses are often written as bare numbers; keys are strings in JSON, so in OpenAPI.
            key.tag = "tag:yaml.org,2002:str"
        _check_keys(value, seen, inside)


def _decimal(loader: Any, node: Any) -> int:
    return int(loader.construct_scalar(node))


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$",
        "-+.0123456789",
    ),
    ("merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
# To PyYAML a leading zero means octal; to YAML 1.2 it means nothing.
_Loader.add_constructor("tag:yaml.org,2002:int", _decimal)


def parse(text: str, where: str) -> Json:
    """The mapping that `text` (YAML or JSON) holds; `where` names it in errors."""
    try:
        if text.lstrip().startswith("{"):
            value = json.loads(text, object_pairs_hook=_unique)
        else:
            value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        reason = getattr(error, "problem", None) or str(error)
        raise SourceError(
            f"{where}: expected YAML or JSON, found {_one_line(reason)}{at}"
        ) from error
    if not isinstance(value, dict):
        raise SourceError(f"{where}: expected a mapping at the top, found {type(value).__name__}")
    return cast(Json, value)


def read(path: Path) -> Json:
    """The mapping in the file at `path`."""
    return parse(read_bytes(str(path)).decode(), str(path))


def read_bytes(source: str) -> bytes:
    """The bytes behind `source`, a file path or an http(s) url; always UTF-8 text."""
    data = _fetch(source) if is_url(source) else _read_file(source)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{shown(source)}: expected UTF-8 text, "
            f"found byte 0x{data[error.start]:02x} at {error.start}"
        ) from error
    return data


def is_url(source: str) -> bool:
    return re.match(r"https?://", source) is not None


def shown(source: str) -> str:
    """What may be printed or recorded of `source`: a url without its user and password."""
    # Up to the last @ before the path: a password may hold one itself.
    return re.sub(r"^(https?://)[^/?#]*@", r"\1", source)


def _read_file(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise SourceError(f"{source}: cannot be read: {error.strerror}") from error


def _fetch(source: str) -> bytes:
    import httpx

    try:
        response = httpx.get(source, follow_redirects=True, timeout=30)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceError(f"{shown(source)}: cannot be fetched: {_one_line(str(error))}") from error
    if response.status_code != 200:
        raise SourceError(
            f"{shown(source)}: expected status 200, "
            f"found {response.status_code} {response.reason_phrase}"
        )
    return response.content


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} twice in one object")
    return mapping


def _one_line(text: str) -> str:
    return " ".join(text.split())
