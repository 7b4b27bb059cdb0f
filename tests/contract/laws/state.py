"""Property 6: resources live as the truth says, from their creation to their end.

One life: create, read, list, update, read and list again, delete, read, list and delete again.
Parts that a family does not have are left out. Which law broke, at which step, is in the breach,
with a command for each step so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NoReturn

import httpx
from attrs import define, evolve, field
from schemathesis import Case

from tests.contract import cases, checks, readback
from tests.contract.breaches import (
    Breach,
    CreatedDiffers,
    DeletedRemains,
    GoneNotRefused,
    NeverSucceeded,
    NotListedOnce,
    StepFailed,
    UpdateLost,
    UpdateSpread,
)
from tests.contract.calls import InexpressibleError
from tests.contract.checks import Exchange, plain
from tests.contract.evidence import evidence
from tests.contract.families import Family, matching, names_of
from tests.contract.ledger import Entry
from tests.contract.links import Link
from tests.contract.pages import PageError, Pager
from tests.contract.safety.errors import WithheldError
from tests.contract.scene import Scene
from tests.contract.truth import Operation
from tests.contract.values import Values
from tests.contract.world import Produced, UnreachableError

_CANDIDATES = 6


class _OverError(Exception):
    """A life ends before its time."""


class _MadeUpError(Exception):
    """The target keeps nothing of this family."""


def check(scene: Scene, family: Family, entries: Mapping[str, Entry]) -> None:
    """Live through the lives of a family; what each operation did goes into its own entry.

    Parts that the target never lets go are left out; a life ends where a request of it is withheld.
    """
    family = _allowed(scene, family, entries)
    creating = scene.truth.operations[family.create]
    drawn = _richest(scene, creating, family)
    for number in range(scene.profile.lives):
        # There may be one such thing in each surrounding, so the later ones get surroundings anew.
        life = _Life(scene, family, entries, fresh=number > 0)
        try:
            life.run(drawn)
        except UnreachableError as error:
            scene.judge(entries[family.create], [NeverSucceeded(str(error), error.evidence)])
            return
        except _MadeUpError:
            for entry in entries.values():
                entry.unkept.append("state")
            return
        except WithheldError as error:
            for entry in entries.values():
                entry.leave("state", str(error))
        except _OverError:
            continue


def _allowed(scene: Scene, family: Family, entries: Mapping[str, Entry]) -> Family:
    withheld: dict[str, Any] = {}
    for part in ("read", "listed", "update", "delete"):
        link: Link | None = getattr(family, part)
        if link is not None and (reason := scene.target.withholds(link.consumer)):
            entries[link.consumer].leave("state", reason)
            withheld[part] = None
    return evolve(family, **withheld)


def _richest(scene: Scene, creating: Operation, family: Family) -> Iterator[Case]:
    """Candidates for the creation, those first that write most: empty values tell little."""
    few = _few(scene, creating, family.asking)
    yield from sorted(few, key=lambda case: -_told(case.body))
    yield from scene.world.candidates(creating, family.asking)


def _few(scene: Scene, operation: Operation, link: Link | None = None) -> list[Case]:
    """Random cases and boundary cases of an operation, half and half."""
    random = scene.world.candidates(operation, link, varied=True)
    boundary = scene.world.candidates(operation, link)
    return [*islice(random, _CANDIDATES), *islice(boundary, _CANDIDATES)]


def _told(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_told, value.values()))
    if isinstance(value, list):
        return sum(map(_told, value))
    return int(value not in (None, "", 0, False))


@define
class _Life:
    """One resource of a family."""

    scene: Scene
    family: Family
    entries: Mapping[str, Entry]
    fresh: bool = False
    steps: list[Exchange] = field(factory=list)
    created: Produced = field(init=False)
    known: Values = field(init=False)
    answer: Any = None

    def run(self, drawn: Iterator[Case]) -> None:
        self._create(drawn)
        before = self._readable(
            self._written(self.created.operation, self.created.values, created=True), "created"
        )
        self._listed(1)
        if self.family.update is not None:
            self._update(self.family.update, before)
            self._listed(1)
        if self.family.delete is not None:
            self._delete(self.family.delete)

    def _create(self, drawn: Iterator[Case]) -> None:
        operation = self.scene.truth.operations[self.family.create]
        known, body = self.scene.world.known(operation, fresh=self.fresh)
        if self.family.asking is not None:
            body = (body or {}) | self.family.asking.producer_body
        refused: list[str] = []
        last: list[httpx.Request] = []
        for case in drawn:
            cases.substitute(case, known, body or None)
            try:
                exchange = self._call(operation, cases.values(self.scene.truth, operation, case))
            except WithheldError as error:
                refused.append(str(error))
                continue
            if exchange.status in operation.successes and exchange.error is None:
                self.known = cases.values(self.scene.truth, operation, case)
                self.created = Produced(operation, self.known, exchange)
                self.answer = plain(exchange.parsed)
                return
            refused.append(_said(exchange))
            last = [exchange.request]
            self.steps.clear()
        kinds = "; ".join(dict.fromkeys(refused)) or "no valid case is left"
        raise UnreachableError(f"{operation.id} never succeeded: {kinds[:400]}", *last)

    def _readable(self, written: dict[str, Any], law: str) -> Any:
        """What is read of the resource; a breach when it lacks what was written."""
        kind = CreatedDiffers if law == "created" else UpdateLost
        link = self.family.read
        if link is None:
            return None
        operation = self.scene.truth.operations[link.consumer]
        exchange = self._follow(link)
        if exchange.status not in operation.successes:
            what = f"{law} and not readable: {_said(exchange)}"
            self._break(kind, link.consumer, what)
            return None
        read = plain(exchange.parsed)
        skipped = set(link.raw.get("x-differs", ()))
        for line in readback.contradictions(
            {name: value for name, value in written.items() if name not in skipped}, read
        ):
            self._break(kind, link.consumer, f"{law}: {line}")
        return read

    def _listed(self, times: int) -> None:
        link = self.family.listed
        if link is None:
            return
        operation = self.scene.truth.operations[link.consumer]
        pager = Pager(self.scene, operation, self._values(link), link.raw["x-items"])
        try:
            items = [item for page in pager.walk(None) for item in page.items]
        except PageError as error:
            self._fail(StepFailed, link.consumer, str(error))
        finally:
            self.steps += pager.exchanges
            for exchange in pager.exchanges:
                self._note(operation, exchange)
        found = len(matching(link, items, self.known, self.answer))
        if found != times:
            kind = NotListedOnce if times else DeletedRemains
            words = "created or updated" if times else "deleted"
            what = f"{words} and listed {found} times among {len(items)} items"
            self._break(kind, link.consumer, what)

    def _update(self, link: Link, before: Any) -> None:
        operation = self.scene.truth.operations[link.consumer]
        parameters, body = link.take(self.known, self.answer)
        known, _ = self._domains(operation)
        for case in self._telling(operation, link, before):
            cases.substitute(case, known | parameters, body)
            values = cases.values(self.scene.truth, operation, case)
            try:
                exchange = self._call(operation, values)
            except WithheldError:
                continue
            if exchange.status not in operation.successes:
                self.steps.pop()
                continue
            written = self._written(operation, values)
            after = self._readable(written, "updated")
            sent = values.body if isinstance(values.body, dict) else ()
            spared = {readback.plain_name(name) for name in (*sent, *values.query)}
            spared |= {readback.plain_name(name) for name in link.raw.get("x-derived", ())}
            for pointer in readback.changes(before, after) if before and after else ():
                if not any(readback.plain_name(part) in spared for part in pointer.split("/")):
                    what = f"updated {sorted(written)}, and {pointer} changed"
                    self._break(UpdateSpread, link.consumer, what)
            return
        self._fail(StepFailed, link.consumer, "no update succeeded")

    def _telling(self, operation: Operation, link: Link, before: Any) -> list[Case]:
        """Cases of an update, those first that change most of what was read."""
        identity = set(names_of(link))
        drawn = _few(self.scene, operation)
        for case in drawn:
            if isinstance(case.body, dict):
                # Renaming has its own rules; without the name the resource stays where it is.
                case.body = {k: v for k, v in case.body.items() if k not in identity}

        def changed(case: Case) -> int:
            values = cases.values(self.scene.truth, operation, case)
            written = self._written(operation, values)
            return len(list(readback.contradictions(written, before))) * 100 + _told(case.body)

        return sorted(drawn, key=lambda case: -changed(case))

    def _delete(self, link: Link) -> None:
        operation = self.scene.truth.operations[link.consumer]
        exchange = self._follow(link)
        if exchange.status not in operation.successes:
            what = f"can't be deleted: {_said(exchange)}"
            self._fail(StepFailed, link.consumer, what)
        read = self.family.read
        if read is not None:
            gone = self._follow(read)
            if gone.status < 400 and not self._absent(read, gone):
                what = f"deleted and still readable: status {gone.status}"
                self._break(DeletedRemains, read.consumer, what)
        self._listed(0)
        again = self._follow(link)
        expected = operation.successes if link.raw.get("x-repeatable") else ()
        if again.status < 400 and again.status not in expected:
            what = f"deleted twice: status {again.status}"
            self._break(GoneNotRefused, link.consumer, what)

    def _absent(self, link: Link, exchange: Exchange) -> bool:
        """Whether the answer says by its values that there is nothing (`x-gone-as`)."""
        said = link.raw.get("x-gone-as")
        return said is not None and readback.agree(said, plain(exchange.parsed))

    def _follow(self, link: Link) -> Exchange:
        return self._call(self.scene.truth.operations[link.consumer], self._values(link))

    def _values(self, link: Link) -> Values:
        """A call of the link's consumer that names the resource and nothing else."""
        operation = self.scene.truth.operations[link.consumer]
        try:
            parameters, body = link.take(self.known, self.answer)
        except LookupError as error:
            self._fail(StepFailed, link.producer, f"nothing for {link.consumer}: {error}")
        known, _ = self._domains(operation)
        groups: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for (location, name), value in (known | parameters).items():
            groups[location][name] = value
        if body is None:
            return Values(groups["path"], groups["query"], groups["header"])
        media_type = next(iter(operation.raw["requestBody"]["content"]))
        return Values(groups["path"], groups["query"], groups["header"], body, media_type)

    def _domains(self, operation: Operation) -> tuple[dict[tuple[str, str], Any], Any]:
        domain = self.scene.world.home(operation)
        return {("path", name): domain for name in operation.domain_parameters}, None

    def _written(
        self, operation: Operation, values: Values, *, created: bool = False
    ) -> dict[str, Any]:
        """What a body writes. A form carries no empty list; a default replaces an empty text."""
        known = self.scene.truth.fields(operation, str(values.media_type))
        body = values.body if isinstance(values.body, dict) else {}
        silent: tuple[Any, ...] = ([], {}) if values.media_type != "application/json" else ()
        return {
            name: value
            for name, value in body.items()
            if name in known and value not in silent and not (created and value == "")
        }

    def _call(self, operation: Operation, values: Values) -> Exchange:
        try:
            exchange = self.scene.caller.call(operation, values)
        except InexpressibleError as error:
            self._fail(StepFailed, operation.id, str(error))
        self.steps.append(exchange)
        self._note(operation, exchange)
        case = self.scene.draws.blank(operation, values)
        entry = self.entries[operation.id]
        self.scene.judge(entry, checks.conformance(case, exchange))
        return exchange

    def _note(self, operation: Operation, exchange: Exchange) -> None:
        entry = self.entries[operation.id]
        self.scene.count(entry, exchange)
        if self.scene.target.makes_up(exchange.response):
            raise _MadeUpError
        entry.ran["state"] += 1

    def _break(self, kind: type[Breach], operation: str, what: str) -> None:
        shown = evidence(*(exchange.request for exchange in self.steps))
        breach = kind(f"{what} (step {len(self.steps)} of {self.family.create})", shown)
        self.scene.judge(self.entries[operation], [breach])

    def _fail(self, kind: type[Breach], operation: str, what: str) -> NoReturn:
        """A breach after which nothing would tell anything."""
        self._break(kind, operation, what)
        raise _OverError


def _said(exchange: Exchange) -> str:
    return f"status {exchange.status} {exchange.response.text[:80]}"
