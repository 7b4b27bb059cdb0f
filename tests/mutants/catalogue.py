"""Every class of mutants, by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.mutants import answers, inputs, lapses, paging, runtime
from tests.mutants.fault import Dice, Fault, Mutant

NOTHING = "does nothing"


def catalogue(target: Target) -> tuple[Mutant, ...]:
    """The classes; those of keys need to know the target's."""
    return (
        *_ANSWERS,
        *(_keys(target, *each) for each in _WHOSE),
        *_WRITES,
        *_PAGES,
        *_CLIENTS,
    )


_ANSWERS = tuple(
    Mutant(name, "server", words, excluded, make)
    for name, words, excluded, make in (
        (
            "required dropped",
            "a required field is missing",
            answers.no_required,
            answers.RequiredDropped,
        ),
        ("type changed", "a value has another type", answers.no_type, answers.TypeChanged),
        ("enum left", "a value is none of its enum", answers.no_enum, answers.EnumLeft),
        ("null given", "null where none may be", answers.all_nullable, answers.NullGiven),
        ("body truncated", "JSON breaks off half-way", answers.no_json, answers.BodyTruncated),
        (
            "status undocumented",
            "a success status that is not documented",
            answers.any_status,
            answers.StatusUndocumented,
        ),
        (
            "content type changed",
            "a content type that is not documented",
            answers.no_body,
            answers.ContentTypeChanged,
        ),
    )
)
_WHOSE = (
    ("auth ignored", "any", "any key is good, none too", lapses.public),
    ("foreign key let in", "foreign", "another account's key is good", lapses.no_owner),
    ("lesser key let in", "lesser", "a key that may less is good", lapses.public),
)
_WRITES = tuple(
    Mutant(
        name,
        "server",
        words,
        partial(lapses.no_write, methods=methods),
        lapses.WriteLost,
        ("state", "valid"),
        kept=True,
    )
    for name, words, methods in (
        ("delete ignored", "what was deleted is still there", ("DELETE",)),
        ("update lost", "an update changes nothing", ("PUT", "PATCH")),
        ("create lost", "what was made is not there", ("POST",)),
    )
)
_PAGES = tuple(
    Mutant(
        name,
        "server",
        words,
        paging.no_pages,
        partial(paging.PageShifted, by=by),
        ("paging",),
        kept=True,
    )
    for name, words, by in (
        ("page overlap", "a page begins with the last item of the one before", -1),
        ("page gap", "an item between two pages is on neither", 1),
    )
)


def _keys(
    target: Target, name: str, whose: str, words: str, excluded: Callable[[Truth, Operation], str]
) -> Mutant:
    make = partial(
        lapses.KeyIgnored,
        whose=whose,
        key=target.key,
        foreign=target.foreign_key,
        wrong=target.wrong_key,
    )
    kept = whose == "foreign"
    return Mutant(name, "server", words, excluded, make, ("auth",), kept)


def _renamed(
    where: str, names: Callable[[Truth, Operation], Iterable[str]]
) -> Callable[[Truth, Operation, Dice], Fault]:
    """Makes a fault that renames one of `names`."""

    def make(truth: Truth, operation: Operation, dice: Dice) -> Fault:
        name = dice.first(names(truth, operation)) or ""
        return runtime.Renamed(truth, operation, dice, where=where, name=name)

    return make


def _query(truth: Truth, operation: Operation) -> Iterable[str]:
    return operation.parameters("query")


_CLIENTS = tuple(
    Mutant(name, "client", words, excluded, make)
    for name, words, excluded, make in (
        ("method changed", "another method", inputs.always, runtime.MethodChanged),
        ("path unquoted", "path values as they are", inputs.no_odd_path, runtime.PathUnquoted),
        ("array joined", "a list as one text", inputs.no_array, runtime.ArrayJoined),
        (
            "form field renamed",
            "a form field under another name",
            inputs.no_form_field,
            _renamed("form", inputs.form_fields),
        ),
        (
            "query renamed",
            "a query parameter under another name",
            inputs.no_query,
            _renamed("query", _query),
        ),
        (
            "JSON key renamed",
            "a key of the body under another name",
            inputs.no_key,
            _renamed("json", inputs.json_keys),
        ),
        ("boolean spelled", "True for true", inputs.no_boolean, runtime.BooleanSpelled),
        ("file name lost", "a file as plain text", inputs.no_file, runtime.FileNameLost),
        ("file emptied", "a file without its content", inputs.no_file, runtime.FileEmptied),
        (
            "name unescaped",
            "a quote in the name of a part as it is",
            inputs.no_free_name,
            runtime.NameUnescaped,
        ),
        ("header missing", "no header parameters", inputs.no_header, runtime.HeaderMissing),
        ("key missing", "no authorization", lapses.public, runtime.KeyMissing),
        (
            "content type missing",
            "a body without content type",
            inputs.no_request_body,
            runtime.ContentTypeMissing,
        ),
        (
            "answer field lost",
            "a field of the answer is not in the model",
            inputs.no_answer_field,
            runtime.FieldLost,
        ),
        (
            "coroutine asks otherwise",
            "the asynchronous call uses another method",
            inputs.always,
            partial(runtime.CoroutineDiffers, asks=True),
        ),
        (
            "coroutine answers otherwise",
            "the asynchronous call makes something else of the response",
            inputs.always,
            partial(runtime.CoroutineDiffers, asks=False),
        ),
    )
)
