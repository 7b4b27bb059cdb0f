"""The filter language of events (platform EVT-024 to EVT-035).

Words side by side and `AND` ask for both, `OR` for either, `NOT` for the absence; quotes make a
phrase, parentheses group, `>n` and `<n` compare numbers. The description admits any text, so what
does not parse is read as far as it does: a stray operator or parenthesis means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.areas.events.records import Event

Test = Callable[[list[str]], bool]
Step = Test | str

_TOKEN = re.compile(r'"([^"]*)"?|([()])|([<>])\s*(\d{1,30}(?:\.\d{1,30})?)(?![^\s()])|([^\s()"]+)')
_WORD = re.compile(r"\w+")
_BINDS = {"OR": 1, "AND": 2, "NOT": 3}


@define
class View:
    """An event with its members at hand, made when the first filter needs them."""

    event: Event
    base_url: str
    _shown: dict[str, Any] | None = field(default=None, init=False)

    @property
    def shown(self) -> dict[str, Any]:
        """The event as JSON."""
        if self._shown is None:
            self._shown = self.event.show(self.base_url)
        return self._shown

    def header(self, name: str) -> list[str]:
        """A header of the message, as a list of none or one."""
        value = self._message().get("headers", {}).get(name)
        return [] if value is None else [str(value)]

    def attachments(self) -> list[str]:
        """The names of the attached files."""
        return [str(a.get("filename", "")) for a in self._message().get("attachments") or ()]

    def size(self) -> list[str]:
        """The size of the message."""
        size = self._message().get("size")
        return [] if size is None else [str(size)]

    def recipients(self) -> list[str]:
        """Everybody the message was for."""
        return [str(r) for r in self._message().get("recipients") or ()]

    def mailing_list(self) -> list[str]:
        """The address of the mailing list that the message was sent to."""
        address = (self.shown.get("mailing-list") or {}).get("address")
        return [] if address is None else [str(address)]

    def _message(self) -> dict[str, Any]:
        return self.shown.get("message") or {}


@frozen
class Field:
    """Where the values of a filter parameter are, and how a term is compared with them."""

    values: Callable[[View], list[str]]
    matches: Callable[[str, str], bool]


def _equal(value: str, term: str) -> bool:
    return value.lower() == term.lower().strip("<>")


def _contains(value: str, term: str) -> bool:
    """Whether the words of `term` stand side by side in `value` (EVT-035: by term)."""
    words, wanted = _WORD.findall(value.lower()), _WORD.findall(term.lower())
    if not wanted:
        return term.lower() in value.lower()
    span = len(wanted)
    return any(words[at : at + span] == wanted for at in range(len(words) - span + 1))


FIELDS = {
    "event": Field(lambda view: [view.event.kind], _equal),
    "severity": Field(lambda view: [view.event.severity], _equal),
    "recipient": Field(lambda view: [view.event.recipient], _equal),
    "tags": Field(lambda view: list(view.event.tags), _equal),
    "list": Field(View.mailing_list, _equal),
    "message-id": Field(lambda view: view.header("message-id"), _equal),
    "from": Field(lambda view: view.header("from"), _contains),
    "to": Field(lambda view: view.header("to"), _contains),
    "subject": Field(lambda view: view.header("subject"), _contains),
    "attachment": Field(View.attachments, _contains),
    "recipients": Field(View.recipients, _contains),
    "size": Field(View.size, _equal),
}


def compiled(wanted: Sequence[tuple[str, str]]) -> Callable[[View], bool]:
    """The test that pairs of field and expression stand for; all of them must hold."""
    programs = [(FIELDS[name], parse(FIELDS[name], text)) for name, text in wanted]

    def passes(view: View) -> bool:
        return all(holds(program, place.values(view)) for place, program in programs)

    return passes


def parse(place: Field, text: str) -> list[Step]:
    """An expression as steps in postfix order: tests of the values, and operators."""
    steps: list[Step] = []
    pending: list[str] = []
    operand = False  # whether what was read last can be the left side of an operator

    def push(word: str) -> None:
        while pending and _BINDS.get(pending[-1], 0) >= _BINDS[word]:
            steps.append(pending.pop())
        pending.append(word)

    for match in _TOKEN.finditer(text):
        phrase, bracket, sign, number, word = match.groups()
        if bracket == ")":
            while pending and pending[-1] != "(":
                steps.append(pending.pop())
            del pending[-1:]
            continue
        if word in ("AND", "OR"):
            if operand:
                push(word)
            operand = False
            continue
        if operand:
            push("AND")
        operand = bracket != "(" and word != "NOT"
        if operand:
            steps.append(
                _range(sign, float(number)) if sign else _term(place.matches, word or phrase or "")
            )
        else:
            pending.append(bracket or "NOT")
    steps += [word for word in reversed(pending) if word != "("]
    return steps


def holds(steps: Sequence[Step], values: list[str]) -> bool:
    """Whether the values of a field satisfy parsed steps; none at all are always satisfied."""
    stack: list[bool] = []
    for step in steps:
        if not isinstance(step, str):
            stack.append(step(values))
        elif step == "NOT" and stack:
            stack.append(not stack.pop())
        elif step != "NOT" and len(stack) > 1:
            right, left = stack.pop(), stack.pop()
            stack.append(left and right if step == "AND" else left or right)
    return stack[-1] if stack else True


def _term(compare: Callable[[str, str], bool], term: str) -> Test:
    return lambda values: any(compare(value, term) for value in values)


def _range(sign: str, bound: float) -> Test:
    def test(values: list[str]) -> bool:
        numbers = [float(value) for value in values if value.isdecimal()]
        return any(number > bound if sign == ">" else number < bound for number in numbers)

    return test
