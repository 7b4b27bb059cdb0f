"""The filters of routes: parsing them, and holding a message against them (sending ROUTE-014 to
ROUTE-018).

What is not documented and therefore ours: `or`, `not` and parentheses bind as in Python; patterns
ignore case and have to fit from the start, as the documented `.*support` suggests; the captures of
all terms that made a filter true are counted through from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, lru_cache
from typing import Protocol

from attrs import field, frozen
from lark import Lark, Token, Transformer
from lark.exceptions import LarkError, UnexpectedEOF, UnexpectedInput, VisitError

from mailgun_emulator.areas.routes.patterns import Allowance, BadPatternError, Compiled, compiled

_GRAMMAR = r"""
?start: any_of
?any_of: all_of (_OR all_of)*
?all_of: term (_AND term)*
?term: _NOT term -> negated
     | "(" any_of ")"
     | "catch_all" "(" ")" -> catch_all
     | "match_recipient" "(" TEXT ")" -> recipient
     | "match_header" "(" TEXT "," TEXT ")" -> header
_OR: /or\b/i
_AND: /and\b/i
_NOT: /not\b/i
TEXT: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
%ignore /\s+/
"""
_ESCAPED_QUOTE = re.compile(r"\\([\"'])")


class BadExpressionError(ValueError):
    """A filter that cannot be read; the text says what is wrong with it."""


class Incoming(Protocol):
    """What filters look at."""

    @property
    def recipient(self) -> str:
        """The address that the mail was handed in for."""

    def values_of(self, header: str) -> Sequence[str]:
        """The values of a header, whatever its case."""


@frozen
class Captures:
    """What the patterns of a filter caught: by number from 1 on, and by name."""

    numbered: tuple[str, ...] = ()
    named: dict[str, str] = field(factory=dict)

    def __add__(self, other: Captures) -> Captures:
        return Captures(self.numbered + other.numbered, {**self.named, **other.named})


@frozen
class Look:
    """The look of one route at a message; `taken` if a route before this one took it."""

    mail: Incoming
    taken: bool = False
    allowance: Allowance = field(factory=Allowance)


class Filter(Protocol):
    """A whole filter, or a term of one."""

    def match(self, look: Look) -> Captures | None:
        """What was caught, None when the mail does not pass."""


@frozen
class CatchAll:
    """True for mail that no route before this one took (ROUTE-016)."""

    def match(self, look: Look) -> Captures | None:
        return None if look.taken else Captures()


@frozen
class Pattern:
    """A pattern for the recipient, or for the header of this name."""

    pattern: Compiled
    header: str | None = None

    def match(self, look: Look) -> Captures | None:
        texts = (
            written(look.mail.recipient)
            if self.header is None
            else look.mail.values_of(self.header)
        )
        for text in texts:
            if found := self.pattern.match(text, look.allowance):
                return Captures(found.groups(""), found.groupdict(""))
        return None


@frozen
class Not:
    """The opposite; it catches nothing."""

    term: Filter

    def match(self, look: Look) -> Captures | None:
        return Captures() if self.term.match(look) is None else None


@frozen
class And:
    """All terms, from the left."""

    terms: tuple[Filter, ...]

    def match(self, look: Look) -> Captures | None:
        caught = Captures()
        for term in self.terms:
            found = term.match(look)
            if found is None:
                return None
            caught += found
        return caught


@frozen
class Or:
    """The first term that is true."""

    terms: tuple[Filter, ...]

    def match(self, look: Look) -> Captures | None:
        for term in self.terms:
            found = term.match(look)
            if found is not None:
                return found
        return None


@lru_cache(maxsize=1024)
def parse(text: str) -> Filter:
    """The filter that a text describes. Raises BadExpressionError."""
    try:
        found: Filter = _parser().parse(text)  # type: ignore[assignment]
    except VisitError as error:
        raise BadExpressionError(str(error.orig_exc)) from None
    except UnexpectedEOF:
        raise BadExpressionError("unexpected end") from None
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is not None and token.type == "$END":
            raise BadExpressionError("unexpected end") from None
        raise BadExpressionError(f"syntax error at character {error.column}") from None
    except LarkError as error:
        raise BadExpressionError(str(error)) from None
    return found


@cache
def _parser() -> Lark:
    # The transformer works while the text is read, so a deep filter needs no deep call stack.
    return Lark(_GRAMMAR, parser="lalr", transformer=_Build())


class _Build(Transformer[Token, Filter]):
    def any_of(self, terms: list[Filter]) -> Filter:
        return Or(tuple(terms))

    def all_of(self, terms: list[Filter]) -> Filter:
        return And(tuple(terms))

    def negated(self, terms: list[Filter]) -> Filter:
        (term,) = terms
        if isinstance(term, Not) and isinstance(term.term, Not):
            # Two of them leave the truth as it is, and many of them must not nest.
            return Not(term.term.term)
        return Not(term)

    def catch_all(self, _: list[Filter]) -> Filter:
        return CatchAll()

    def recipient(self, texts: list[Token]) -> Filter:
        return Pattern(_pattern(texts[0]))

    def header(self, texts: list[Token]) -> Filter:
        return Pattern(_pattern(texts[1]), unquoted(texts[0]).strip().lower())


def written(recipient: str) -> list[str]:
    """An address as it stands, and with the other form of an international domain (ROUTE-024)."""
    local, at, domain = recipient.rpartition("@")
    forms = [recipient]
    with suppress(UnicodeError):
        coded = domain.encode("idna").decode() if not domain.isascii() else domain
        forms += [f"{local}{at}{form}" for form in (coded, coded.encode().decode("idna"))]
    return list(dict.fromkeys(forms))


def unquoted(token: str) -> str:
    """A quoted text without its quotes; other backslashes belong to patterns and captures."""
    return _ESCAPED_QUOTE.sub(r"\1", token[1:-1])


def _pattern(token: str) -> Compiled:
    try:
        return compiled(unquoted(token))
    except BadPatternError as error:
        raise BadExpressionError(str(error)) from None
