"""Types and readers of the documented responses of an operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_python_client import strings
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.responses import Responses

from pipeline.client import code
from pipeline.errors import GeneratorError


def returns(responses: Responses, *, errors: bool | None = None) -> str:
    """What `parsed` can be; None is left out unless there is nothing else.

    After errors only, after other answers only, or after all.
    """
    names = [
        _type(media, response.prop)
        for response in responses
        if errors is None or errors is _is_error(response)
        for media in _media_types(response) or ["none"]
    ]
    if "Any" in names:
        return "Any"
    parts = dict.fromkeys(part for name in names for part in name.split(" | "))
    return " | ".join(part for part in parts if part != "None") or "None"


def readers(responses: Responses) -> Iterator[tuple[int, str]]:
    """Status, or class of statuses, and the expression for its reader."""
    found: dict[int, str] = {}
    for response in responses:
        for key in _keys(response.status_code.range):
            found.setdefault(key, _reader(response))
    yield from sorted(found.items())


def statuses(response: Any) -> list[int]:
    """The status of a documented answer, or its class (4 for 400 to 499)."""
    return _keys(response.status_code.range)


def types(response: Any) -> str:
    """What `parsed` can be after one documented answer."""
    names = [_type(media, response.prop) for media in _media_types(response)]
    return " | ".join(dict.fromkeys(names)) or "None"


def _is_error(response: Any) -> bool:
    return _keys(response.status_code.range)[0] in {4, 5} | set(range(400, 600))


def _keys(statuses: tuple[int, int] | None) -> list[int]:
    """Keys of the readers: a default is for errors only, or it would swallow other successes."""
    if statuses is None:
        return [4, 5]
    first, last = statuses
    return [first] if first == last else [first // 100]


def _media_types(response: Any) -> list[str]:
    return [name.get_untrusted_value() for name in response.data.content or {}]


def _type(media: str, prop: Any) -> str:
    if media == "none":
        return "None"
    if "json" in media:
        return code.annotation(prop)
    return "str" if _is_text(media) else "bytes"


def _is_text(media: str) -> bool:
    return media.startswith(("text/", "message/"))


def _reader(response: Any) -> str:
    found = {media: _media_reader(media, response.prop) for media in _media_types(response)}
    if sum("json" in media for media in found) > 1:
        # The parser models the first one only.
        raise GeneratorError("a response has several JSON media types", found)
    if not found:
        return "_response.no_value"
    if len(found) == 1:
        return next(iter(found.values()))
    entries = ", ".join(f'"{strings.in_double_quote_literal(k)}": {v}' for k, v in found.items())
    return f"_response.by_media_type({{{entries}}})"


def _media_reader(media: str, prop: Any) -> str:
    if "json" not in media:
        return "_response.text_value" if _is_text(media) else "_response.binary_value"
    if isinstance(prop, ModelProperty):
        return f"_response.json_value({prop.class_info.name}.from_dict)"
    if code.annotation(prop) == "str":
        return "_response.json_value(_response.string)"
    expression = code.decode(prop, "value")
    function = "_response.anything" if expression == "value" else f"lambda value: {expression}"
    return f"_response.json_value({function})"
