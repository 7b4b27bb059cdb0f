"""Filling templates with variables (sending TSEND-006 to TSEND-010).

The library is dotpromptz-handlebars: Handlebars as the original in JavaScript understands it, in
plain Python without a dependency, and without a way from a template to Python objects. Templates
are compiled once, by their text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from attrs import field, frozen
from dotpromptz_handlebars import Handlebars, HelperOptions

from mailgun_emulator.areas.templates.budget import CALLS, CHARACTERS, Budget, Spent
from mailgun_emulator.errors import EmulatorError

TOO_MUCH = "the template has too much to do"
NOT_SUPPORTED = "the template uses what is not supported: {}"

# How many calls the library makes for a tag, and how much longer escaping makes a text.
_CALLS_PER_TAG, _ESCAPED = 40, 6
_TAG = re.compile(r"\{\{[^}]*")
_LOOP = re.compile(r"\{\{[{~\s]*[#^]\s*(?!(?:if|unless|with|equal)\s)")
# Partials and decorators could call themselves; other chains than these two are not understood.
_FOREIGN = re.compile(
    r"\{\{[{~\s]*(?:#?\s*[>*][^}]{0,40}|else\s+(?!if\s|unless\s)[^}~\s][^}]{0,40})"
)
_COMMENT = re.compile(r"\{\{~?!--.*?--~?\}\}", re.DOTALL)
_LONGEST_TAG, _MOST_PARENTHESES = 2000, 10


class RenderingError(EmulatorError):
    """A template that cannot be rendered; the text says why."""


@frozen
class Compiled:
    """A template ready for use; `problem` says why there is nothing to run.

    `tags` and `loops` are counts, `length` is in characters.
    """

    run: Callable[..., str] | None = field(repr=False)
    problem: str = ""
    tags: int = 0
    loops: int = 0
    length: int = 0

    def render(self, held: str) -> str:
        """The template with variables, which are JSON. Raises RenderingError."""
        if self.run is None:
            raise RenderingError(self.problem)
        try:
            with self._bounds(held):
                return self.run(json.loads(held))
        except Spent:
            raise RenderingError(TOO_MUCH) from None
        except Exception as error:  # whatever the library stumbles over in a template of anybody
            raise RenderingError(str(error) or type(error).__name__) from error

    def _bounds(self, held: str) -> AbstractContextManager[object]:
        """Counting makes rendering three times slower, so what is surely small goes without."""
        turns: int = (held.count(",") + 1) ** min(self.loops, 64)
        small = (
            turns * self.tags * _CALLS_PER_TAG <= CALLS
            and turns * (self.length + self.tags * len(held) * _ESCAPED) <= CHARACTERS
        )
        return nullcontext() if small else Budget()


def render(source: str, variables: Mapping[str, Any]) -> str:
    """HTML from a template. Raises RenderingError."""
    return _told(_rendered(source, json.dumps(variables), escape=True))


def render_header(source: str, variables: Mapping[str, Any]) -> str:
    """A header from a template: it is no HTML, so nothing is escaped. Raises RenderingError."""
    return _told(_rendered(source, json.dumps(variables), escape=False))


def _told(outcome: str | RenderingError) -> str:
    if isinstance(outcome, RenderingError):
        raise RenderingError(str(outcome))
    return outcome


@lru_cache(maxsize=16)
def _rendered(source: str, held: str, *, escape: bool) -> str | RenderingError:
    """What came of rendering: the copies of a batch all ask for the same, one after the other."""
    try:
        return _compiled(source, escape=escape).render(held)
    except RenderingError as error:
        return RenderingError(str(error))


@lru_cache(maxsize=64)
def _compiled(source: str, *, escape: bool) -> Compiled:
    """The template of this text; one that is broken is remembered as well."""
    if "{{" not in source:
        return Compiled(lambda _: source)
    library = Handlebars(escape_html=escape)
    library.register_helper("equal", _equal)
    library.register_helper("log", _log)
    try:
        run = library.compile(source)
    except Exception as error:  # as above
        return Compiled(None, str(error) or type(error).__name__)
    said = _COMMENT.sub("", source)
    if foreign := _FOREIGN.search(said):
        return Compiled(None, NOT_SUPPORTED.format(foreign[0] + "}}"))
    tags = _TAG.findall(said)
    if any(len(tag) > _LONGEST_TAG or tag.count("(") > _MOST_PARENTHESES for tag in tags):
        return Compiled(None, TOO_MUCH)
    return Compiled(run, "", len(tags), len(_LOOP.findall(said)), len(source))


def _equal(values: list[Any], options: HelperOptions) -> Any:
    """TSEND-007: whether two values are the same text."""
    if len(values) != 2:
        raise RenderingError("equal takes two values")
    same = _text(values[0]) == _text(values[1])
    if not options.is_block:
        return same
    return options.fn() if same else options.inverse()


def _log(values: list[Any], options: HelperOptions) -> str:  # noqa: ARG001
    """Templates have nothing to say to whoever runs the emulator."""
    return ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)
