"""`policy.toml` as data: what may be done with each operation, and how resources are told apart."""

from __future__ import annotations

import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from tests.contract.safety.errors import PolicyError
from tests.contract.truth import Truth

FILE: Final = Path(__file__).with_name("policy.toml")
# What a key of an entry holds, unless it is text.
_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(("mark", "identity", "by", "without"), list),
    **dict.fromkeys(("find", "fix"), dict),
    **dict.fromkeys(("sends", "sandbox"), bool),
}
# In the table `find` a mark is one field of the list's items, not a place and a value.
_FIND: Final[Mapping[str, type]] = {"identity": list}
_WORDS: Final[Mapping[type, str]] = {
    str: "text",
    list: "a list of texts",
    dict: "a table",
    bool: "true or false",
}
UNLISTED: Final = "Not decided in the policy."
_PLACE = re.compile(r"(path|query|body|answer)\.(.+)")
# What follows the prefix in a name of the run.
_REST = r"-[0-9a-z]+"


def new_prefix() -> str:
    """A prefix that no other run has."""
    return f"ct-{secrets.token_hex(4)}"


def place(text: str) -> tuple[str, str]:
    """`path.name` in its two parts."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise PolicyError(f"expected path.NAME, query.NAME, body.NAME or answer.NAME: {text!r}")
    return match[1], match[2]


@frozen
class Names:
    """What the texts of a policy stand for in one run."""

    prefix: str
    domain: str

    @property
    def sandbox(self) -> bool:
        """Whether the account's domain is one that came with it (platform SBX-001)."""
        return self.domain.endswith(".mailgun.org")

    def filled(self, text: str, number: str = "") -> str:
        """`text` with its placeholders filled; `number` tells names of one run apart."""
        name = f"{self.prefix}-{number}"
        parts = {"{prefix}": self.prefix, "{domain}": self.domain, "{name}": name}
        for part, value in parts.items():
            text = text.replace(part, value)
        return text

    def made(self, text: str, value: str) -> bool:
        """Whether `value` is `text` filled for this run, with whatever number."""
        pattern = re.escape(self.filled(text, "\0")).replace(f"-{re.escape(chr(0))}", _REST)
        return re.fullmatch(pattern, value) is not None


@frozen
class Find:
    """Where a list shows resources whose identity the server gives."""

    operation: str
    items: str
    mark: str
    identity: tuple[str, ...] = field(converter=tuple)


@frozen
class Kind:
    """A kind of resource that runs make."""

    name: str
    mark: tuple[str, str] = field(converter=tuple)
    identity: tuple[str, ...] = field(converter=tuple)
    remove: str
    find: Find | None = None
    sandbox: bool = True

    @property
    def marked(self) -> str:
        """The body field that carries the mark."""
        return place(self.mark[0])[1]


@frozen
class Rule:
    """The decision for one operation; see policy.toml."""

    verdict: str
    reason: str
    makes: str = ""
    of: str = ""
    by: tuple[str, ...] = field(default=(), converter=tuple)
    sends: bool = False
    fix: Mapping[str, str | bool] = field(factory=dict)
    without: frozenset[str] = field(factory=frozenset, converter=frozenset)


_NEVER: Final = Rule("never", UNLISTED)


@frozen
class Policy:
    rules: Mapping[str, Rule]
    kinds: Mapping[str, Kind]

    def rule(self, operation: str) -> Rule:
        """The decision; never, where there is none."""
        return self.rules.get(operation, _NEVER)

    def undecided(self, truth: Truth) -> list[str]:
        """Operations of the truth that the policy does not list."""
        return sorted(truth.operations.keys() - self.rules.keys())


def load(path: Path = FILE) -> Policy:
    """Raises PolicyError, which names the file and the entry."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"{path}: expected the policy, found {error.strerror or error}") from None
    except ValueError as error:
        raise PolicyError(f"{path}: expected TOML, found: {error}") from None
    try:
        return parse(document)
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from None


def parse(document: Mapping[str, Any]) -> Policy:
    """Raises PolicyError, which names the entry."""
    for name, table in document.items():
        if not isinstance(table, dict):
            raise PolicyError(f"{name}: expected a table, found {table!r:.80}")
    if unknown := document.keys() - {"allowed", "never", "own", "kinds"}:
        raise PolicyError(f"expected allowed, never, own and kinds, found {sorted(unknown)}")
    rules: dict[str, Rule] = {}
    for verdict in ("allowed", "never", "own"):
        for name, entry in document.get(verdict, {}).items():
            if name in rules:
                raise PolicyError(f"{name}: decided twice, {rules[name].verdict} and {verdict}")
            parts = {"reason": entry} if isinstance(entry, str) else _table(name, entry)
            rules[name] = _made(Rule, name, {"verdict": verdict, **parts})
            if not rules[name].reason:
                raise PolicyError(f"{name}: give a reason")
    kinds = {name: _kind(name, entry) for name, entry in document.get("kinds", {}).items()}
    policy = Policy(rules, kinds)
    for name, rule in rules.items():
        _check(name, rule, policy)
    return policy


def _kind(name: str, entry: Mapping[str, Any]) -> Kind:
    entry = _table(name, entry)
    find = _made(Find, name, _table(name, entry["find"], _FIND)) if "find" in entry else None
    kind: Kind = _made(Kind, name, {"name": name, **entry, "find": find})
    if len(kind.mark) != 2:
        raise PolicyError(f"{name}: 'mark' has to be a place and a value")
    for text in (kind.mark[0], *kind.identity):
        place(text)
    return kind


def _table(name: str, entry: Any, types: Mapping[str, type] = _TYPES) -> Mapping[str, Any]:
    """`entry` if it is a table whose values are of the types that their keys have."""
    if not isinstance(entry, dict):
        raise PolicyError(f"{name}: expected a table, found {entry!r:.80}")
    for key, value in entry.items():
        wanted = types.get(key, str)
        texts = value if isinstance(value, list) else ()
        if not isinstance(value, wanted) or not all(isinstance(text, str) for text in texts):
            found = type(value).__name__
            raise PolicyError(f"{name}: {key}: expected {_WORDS[wanted]}, found {found}")
    return entry


def _made(kind: Any, name: str, entry: Mapping[str, Any]) -> Any:
    try:
        return kind(**entry)
    except TypeError as error:
        raise PolicyError(f"{name}: {error}") from None


def _check(name: str, rule: Rule, policy: Policy) -> None:
    if rule.verdict != "own":
        return
    if bool(rule.makes) + bool(rule.of) + rule.sends != 1:
        raise PolicyError(f"{name}: an own operation makes, is of a kind, or sends")
    for kind in filter(None, (rule.makes, rule.of)):
        if kind not in policy.kinds:
            raise PolicyError(f"{name}: there is no kind {kind!r}")
        remove = policy.rule(policy.kinds[kind].remove)
        if remove.of != kind or remove.verdict != "own":
            raise PolicyError(f"{kind}: its 'remove' has to be an own operation of the kind")
    if rule.of and len(rule.by) != len(policy.kinds[rule.of].identity):
        raise PolicyError(f"{name}: 'by' has to name the whole identity of a {rule.of}")
    for text in rule.by:
        place(text)
