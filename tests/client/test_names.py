"""Laws that every public name, type and docstring of the package keeps.

A user meets them in an editor, without the description of the API next to them.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import mailgun_client
import pytest
from mailgun_client import errors, models
from mailgun_client.errors import ApiError
from mailgun_client.operations import OPERATIONS
from mailgun_client.types import Response

from tests.client.contract import ACTIONS

_ROOT = Path(mailgun_client.__file__).parent
_FUNCTIONS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*_?")
_CLASS = re.compile(r"([A-Z][a-z0-9]*)+")
# What generators leave behind: paths, vendor packages, numbers for want of a name.
_LEFT_OVER = re.compile(
    r"github_?com|mailgun_com|com_mailgun|type_?\d|response_?\d{3}|(^|_)v[1-9]_|_\d+$|additional_propert"
    r"|(^|_)(get|post|put|patch|delete)_v\d",
    re.IGNORECASE,
)
_ERROR_LINE = re.compile(r"(\w+Error): (.+)\.")

# One name for one thing: what the wire calls otherwise.
_SYNONYMS = {
    "addr": "ip",
    "authority_name": "domain_name",
    "domain": "domain_name",
    "groupby": "group_by",
    "id": "an id that says of what",
    "ip_path": "ip",
    "ip_query": "replacement_ip",
    "p": "pivot",
    "pool_id_path": "pool_id",
    "pool_id_query": "replacement_pool_id",
    "shareid": "share_id",
    "sortby": "sort_by",
    "spec": "login",
    "timerange_end": "time_range_end",
    "timerange_start": "time_range_start",
    "url_query": "url",
    "x_mailgun_on_behalf_of": "subaccount_id",
}
# Where the name stands for something else, or for one thing among many.
_MEANT = {("list_link_validations", "id")}

# Fields of any type: neither a description nor an answer was seen that says what is in them.
_UNKNOWN = {
    "AccessibilityInstance.correct_all": "arrays without items in the description",
    "AccessibilityInstance.correct_any": "arrays without items in the description",
    "AccessibilityInstance.target": "arrays without items in the description",
    "AccessibilityRule.compliance": "arrays without items in the description",
    "AccessibilityRule.pour": "arrays without items in the description",
    "AccessibilityRule.standards": "arrays without items in the description",
    "InspectionRule.details": "arrays without items in the description",
    "LinkValidationCsvError.alert": "an empty schema in the description",
}
# Successes of two shapes, which `isinstance` tells apart.
_EITHER = {
    "get_list_preview": "ListPreview | ListPreviewResponse",
    "list_domain_dynamic_ip_pool_history": "list[DynamicIpPoolChange] | DynamicIpPoolChange",
}


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _function(name: str, function: str = "sync_detailed") -> Any:
    path = _ROOT / "api" / OPERATIONS[name].area / f"{name}.py"
    return next(
        node
        for node in _parsed(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
    )


def _arguments(name: str) -> dict[str, str]:
    found = _function(name).args
    return {arg.arg: ast.unparse(arg.annotation) for arg in (*found.args, *found.kwonlyargs)}


def _classes() -> Iterator[ast.ClassDef]:
    for path in sorted((_ROOT / "models").glob("*.py")):
        yield from (node for node in _parsed(path).body if isinstance(node, ast.ClassDef))


def _fields(node: ast.ClassDef) -> dict[str, str]:
    return {
        line.target.id: ast.unparse(line.annotation)
        for line in node.body
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and line.target.id != "additional_properties"
    }


def _doc(name: str) -> str:
    return inspect.getdoc(OPERATIONS[name].load().sync) or ""


def _section(text: str, title: str) -> list[str]:
    """The entries of a section, continued lines joined."""
    lines = text.partition(f"\n{title}:\n")[2].partition("\n\n")[0]
    return [" ".join(entry.split()) for entry in re.split(r"\n(?=    \S)", lines) if entry.strip()]


def test_operations_and_arguments_are_words() -> None:
    words = {
        (name, word)
        for name, operation in OPERATIONS.items()
        for word in (name, operation.area, *_arguments(name))
    }
    assert {entry for entry in words if not _SNAKE.fullmatch(entry[1])} == set()
    assert {entry for entry in words if _LEFT_OVER.search(entry[1])} == set()
    assert {entry for entry in words if keyword.iskeyword(entry[1])} == set()


def test_one_thing_has_one_name_in_all_operations() -> None:
    odd = [
        (name, argument, _SYNONYMS[argument])
        for name in OPERATIONS
        for argument in _arguments(name)
        if argument in _SYNONYMS and (name, argument) not in _MEANT
    ]
    assert odd == []
    for name, argument in _MEANT:
        assert argument in _arguments(name)


def test_a_domain_of_a_path_is_the_domain_name_everywhere() -> None:
    found = defaultdict(set)
    for operation in OPERATIONS.values():
        for match in re.finditer(r"/domains?/{([^}]+)}|^/v3/{([^}]+)}/", operation.path):
            wire = match[1] or match[2]
            found[operation.arguments["path", wire]].add(operation.name)
    assert set(found) == {"domain_name"}
    assert len(found["domain_name"]) > 100


def test_classes_and_fields_are_words() -> None:
    fields = {(node.name, field) for node in _classes() for field in _fields(node)}
    assert len(fields) > 2000
    assert {name for name in models.__all__ if not _CLASS.fullmatch(name)} == set()
    assert {name for name in models.__all__ if _LEFT_OVER.search(name)} == set()
    assert {entry for entry in fields if not _SNAKE.fullmatch(entry[1])} == set()
    assert {entry for entry in fields if _LEFT_OVER.search(entry[1])} == set()
    assert not {*models.__all__} & {*dir(builtins)}


def test_a_trailing_underscore_is_there_only_for_a_word_of_python() -> None:
    taken = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self"}
    names = {field for node in _classes() for field in _fields(node)}
    names |= {argument for name in OPERATIONS for argument in _arguments(name)}
    underscored = {name for name in names if name.endswith("_")}
    assert underscored
    assert {name for name in underscored if name.rstrip("_") not in taken} == set()


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_no_function_takes_or_gives_just_anything(function: str) -> None:
    odd = []
    for name in OPERATIONS:
        node = _function(name, function)
        types = [arg.annotation for arg in (*node.args.args, *node.args.kwonlyargs)]
        if any(re.search(r"\bAny\b", ast.unparse(kind)) for kind in (*types, node.returns)):
            odd.append(name)
    assert odd == []


def test_fields_of_any_type_are_those_nobody_knows_better() -> None:
    found = {
        f"{node.name}.{field}"
        for node in _classes()
        for field, kind in _fields(node).items()
        # A form takes a plain mapping in place of a map.
        if re.search(r"\bAny\b", kind.replace("Mapping[str, Any]", "Mapping"))
    }
    assert found == set(_UNKNOWN)


def test_a_success_is_of_one_type() -> None:
    found = {}
    for name in OPERATIONS:
        success = ast.unparse(_function(name).returns.slice.elts[0])
        if "|" in success:
            found[name] = success
    assert found == _EITHER


def test_an_error_has_a_type_too() -> None:
    failures = {name: ast.unparse(_function(name).returns.slice.elts[1]) for name in OPERATIONS}
    assert [name for name, kind in failures.items() if kind in {"Any", "None"}] == []


@pytest.mark.parametrize("name", ACTIONS)
def test_a_docstring_says_what_how_where_and_what_can_go_wrong(name: str) -> None:
    operation, text = OPERATIONS[name], _doc(name)
    summary, blank, call = text.splitlines()[:3]
    assert re.fullmatch(r"[A-Z][a-z]+ .+[^.]", summary)
    assert (blank, call) == ("", f"{operation.method} {operation.path}")
    (page,) = _section(text, "See")
    assert page == ACTIONS[name]["externalDocs"]["url"]
    assert re.fullmatch(r"https://documentation\.mailgun\.com/docs/[\w/-]+", page)
    documented = {line.split(":")[0] for line in _section(text, "Args")}
    assert documented == set(_arguments(name))
    for line in _section(text, "Args"):
        assert not re.match(r"\w+: (Path|Query|Header|Cookie) parameter", line), line
        assert not re.match(r"\w+: \d|\w+: (At|Not|Matches)", line), line


def _answered(status: int) -> Response[Any, Any]:
    return Response(
        operation="send_message",
        status_code=status,
        headers=httpx.Headers(),
        content=b"",
        parsed=None,
    )


@pytest.mark.parametrize("name", ACTIONS)
def test_the_errors_of_a_docstring_are_those_that_are_raised(name: str) -> None:
    said = {}
    for line in _section(_doc(name), "Errors"):
        match = _ERROR_LINE.fullmatch(line)
        assert match, line
        for status in re.findall(r"(?<![\w.])\d{3}(?!\w)", match[2]):
            said[status] = match[1]
    documented = {status for status in ACTIONS[name]["responses"] if status[0] in "45"}
    exact = {status for status in documented if status.isdigit()}
    assert exact == set(said)
    for status, error in said.items():
        assert type(ApiError.of(_answered(int(status)))) is getattr(errors, error)


def test_limits_of_the_contract_are_in_the_docstrings() -> None:
    shown = 0
    for name, operation in ACTIONS.items():
        entries = {line.split(":")[0]: line for line in _section(_doc(name), "Args")}
        for parameter in operation.get("parameters", []):
            argument = OPERATIONS[name].arguments.get((parameter["in"], parameter["name"]))
            low, high = (parameter["schema"].get(key) for key in ("minimum", "maximum"))
            if argument is not None and low is not None and high is not None:
                assert f"{low} to {high}" in entries[argument]
                shown += 1
            if argument is not None and "description" in parameter:
                assert parameter["description"].rstrip(".") in entries[argument]
    assert shown > 20


def test_every_model_and_enum_says_where_it_is_used() -> None:
    used = re.compile(r"(Sent|Answered|Answered as an error) by `|(Argument|Field) (`|values of `)")
    silent = [
        node.name
        for node in _classes()
        if not used.search(ast.get_docstring(node, clean=True) or "")
    ]
    enums = 0
    for path in sorted((_ROOT / "models").glob("*.py")):
        body = _parsed(path).body
        if path.name != "__init__.py" and not any(isinstance(n, ast.ClassDef) for n in body):
            enums += 1
            last = body[-1]
            text = last.value.value if isinstance(last, ast.Expr) else ""  # type: ignore[attr-defined]
            if not used.search(" ".join(str(text).split())):
                silent.append(path.stem)
    assert silent == []
    assert enums > 50


def test_limits_of_fields_are_in_the_docstrings() -> None:
    text = " ".join((inspect.getdoc(models.SendMessageBody) or "").split())
    assert "to: 1 to 1000 items" in text or re.search(r"to: [^:]*\(1 to 1000 items\)", text)
