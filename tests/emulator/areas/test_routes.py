"""The routes API: records, limits, filters, actions, and which route an address meets first."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from mailgun_emulator.areas.routes import actions, expressions
from mailgun_emulator.areas.routes.expressions import BadExpressionError, Captures, Look
from mailgun_emulator.areas.routes.matching import Address
from tests.emulator.areas.clients import message, told
from tests.emulator.conftest import Connect

EVERYBODY = 'match_recipient(".*@example.com")'


def create(api: httpx.Client, expression: str = EVERYBODY, **fields: Any) -> dict[str, Any]:
    answer = api.post("/v3/routes", data={"expression": expression, **fields})
    assert answer.status_code == 200, answer.text
    route: dict[str, Any] = answer.json()["route"]
    return route


def first(api: httpx.Client, address: str) -> Any:
    answer = api.get("/v3/routes/match", params={"address": address})
    return answer.json()["route"]["id"] if answer.status_code == 200 else told(answer)


def test_created(api: httpx.Client) -> None:
    """sending:ROUTE-001, ROUTE-003, ROUTE-025: the route as it was given, a date in GMT."""
    answer = api.post(
        "/v3/routes",
        data={
            "priority": "3",
            "description": "All",
            "expression": EVERYBODY,
            "action": ['forward("https://hook.test/")', "stop()"],
        },
    )
    told = answer.json()
    assert (answer.status_code, told["message"]) == (200, "Route has been created")
    name = told["route"].pop("id")
    assert re.fullmatch("[0-9a-f]{24}", name)
    assert told["route"] == {
        "actions": ['forward("https://hook.test/")', "stop()"],
        "created_at": "Fri, 24 Jan 2025 12:44:39 GMT",
        "description": "All",
        "expression": EVERYBODY,
        "priority": 3,
    }
    assert api.get(f"/v3/routes/{name}").json() == {"route": {"id": name, **told["route"]}}


def test_defaults(api: httpx.Client) -> None:
    """sending:ROUTE-002: a filter is enough, and needed."""
    route = create(api)
    assert (route["priority"], route["actions"], route["description"]) == (0, [], "")
    answer = api.post("/v3/routes", data={"priority": "1"})
    assert told(answer) == (400, {"message": "expression parameter is missing"})


def test_list(api: httpx.Client) -> None:
    """sending:ROUTE-004: newest first, in pages, with the total."""
    made = [create(api)["id"] for _ in range(3)]

    def listed(**query: int) -> list[str]:
        page = api.get("/v3/routes", params=query).json()
        assert page["total_count"] == 3
        return [item["id"] for item in page["items"]]

    assert listed() == made[::-1]
    assert listed(limit=1) == made[2:]
    assert listed(skip=1, limit=1) == [made[1]]
    assert listed(skip=3) == []


def test_list_limit(api: httpx.Client) -> None:
    """sending:ROUTE-005: 100 unless asked otherwise, 1000 at most."""
    for _ in range(101):
        create(api)
    assert len(api.get("/v3/routes").json()["items"]) == 100
    assert len(api.get("/v3/routes", params={"limit": 1000}).json()["items"]) == 101
    answer = api.get("/v3/routes", params={"limit": 1001})
    assert told(answer) == (400, {"message": "The 'limit' parameter can't be larger than 1000"})


def test_read(api: httpx.Client) -> None:
    """sending:ROUTE-006: one route by its id."""
    route = create(api)
    assert told(api.get(f"/v3/routes/{route['id']}")) == (200, {"route": route})


def test_update(api: httpx.Client) -> None:
    """sending:ROUTE-007, DIFF-003: a flat answer; what is not sent stays."""
    route = create(api, description="old", action=["stop()"], priority="5")
    changed = {**route, "description": "new"}
    answer = api.put(f"/v3/routes/{route['id']}", data={"description": "new", "id": "other"})
    assert told(answer) == (200, {"message": "Route has been updated", **changed})
    assert api.get(f"/v3/routes/{route['id']}").json() == {"route": changed}
    answer = api.put(
        f"/v3/routes/{route['id']}",
        data={"priority": "1", "expression": "catch_all()", "action": ["store()", "stop()"]},
    )
    changed |= {"priority": 1, "expression": "catch_all()", "actions": ["store()", "stop()"]}
    assert answer.json() == {"message": "Route has been updated", **changed}


def test_delete(api: httpx.Client) -> None:
    """sending:ROUTE-008: the id is told, and the route is gone."""
    name = create(api)["id"]
    answer = api.delete(f"/v3/routes/{name}")
    assert told(answer) == (200, {"id": name, "message": "Route has been deleted"})
    assert api.get("/v3/routes").json() == {"items": [], "total_count": 0}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_unknown(api: httpx.Client, method: str) -> None:
    """sending:ROUTE-009: no such route."""
    answer = api.request(method, f"/v3/routes/{'0' * 24}")
    assert told(answer) == (404, {"message": "Route not found"})


def test_match(api: httpx.Client) -> None:
    """sending:ROUTE-010: the first that matches, by priority."""
    assert first(api, "bob@example.com") == (404, {"message": "Route not found"})
    late = create(api, priority="2")["id"]
    assert first(api, "bob@example.com") == late
    early = create(api, 'match_recipient("bob@.*")', priority="1")["id"]
    assert first(api, "bob@example.com") == early
    assert first(api, "alice@example.com") == late
    assert first(api, "alice@example.org") == (404, {"message": "Route not found"})


def test_account(connect: Connect, domain: str) -> None:
    """sending:ROUTE-011: routes are the account's; others have their own, domains have none."""
    from mailgun_emulator import create_app

    app = create_app(api_keys=("key-one", "key-two"), seed=1)
    one, two = connect(app, key="key-one"), connect(app, key="key-two")
    route = create(one)
    assert two.get("/v3/routes").json()["total_count"] == 0
    assert two.get(f"/v3/routes/{route['id']}").status_code == 404
    one.delete(f"/v3/domains/{domain}")
    assert one.get("/v3/routes").json()["total_count"] == 1


def test_lengths(api: httpx.Client) -> None:
    """sending:ROUTE-012: 4 KB for a filter and for each action; filters may repeat."""
    longest = f'match_recipient("{"a" * 4077}")'
    assert len(longest) == 4096
    assert create(api, longest)["id"] != create(api, longest)["id"]
    answer = api.post("/v3/routes", data={"expression": longest + " "})
    assert answer.status_code == 400
    assert message(answer) == "'expression' parameter is longer than 4096 characters"
    action = f'forward("{"a" * 4085}")'
    assert create(api, action=[action])["actions"] == [action]
    answer = api.post(
        "/v3/routes", data={"expression": EVERYBODY, "action": ["stop()", action + " "]}
    )
    assert answer.status_code == 400
    assert message(answer) == "'action' parameter is longer than 4096 characters"


def test_destinations_are_not_checked(api: httpx.Client) -> None:
    """sending:ROUTE-013: the text of an action is kept as given."""
    action = 'forward(".*@DOMAIN.TEST")'
    assert create(api, action=[action])["actions"] == [action]


@pytest.mark.parametrize(
    ("pattern", "address", "fits"),
    [
        ("foo@bar.com", "foo@bar.com", True),
        ("foo@bar.com", "FOO@Bar.com", True),
        (".*@bar.com", "any@bar.com", True),
        (".*@bar.com", "any@other.com", False),
        (r"^chris\+(.*)@example.com$", "chris+tag@example.com", True),
        (r"^chris\+(.*)@example.com$", "chris@example.com", False),
        ("bar.com", "foo@bar.com", False),
    ],
)
def test_match_recipient(api: httpx.Client, pattern: str, address: str, fits: bool) -> None:
    """sending:ROUTE-014: a Python pattern for the recipient."""
    route = create(api, f'match_recipient("{pattern}")')
    assert (first(api, address) == route["id"]) is fits


def test_recipients_of_international_domains(api: httpx.Client) -> None:
    """sending:ROUTE-024: the domain is matched in its ASCII form, and as it is written."""
    route = create(api, 'match_recipient(".*@xn--bcher-kva.example")')
    assert first(api, "bob@bücher.example") == route["id"]
    route = create(api, 'match_recipient(".*@bücher.example")', priority="-1")
    assert first(api, "bob@xn--bcher-kva.example") == route["id"]


class Headed(Address):
    """A recipient with one subject."""

    def values_of(self, header: str) -> tuple[str, ...]:
        return ("Need some support urgently",) if header == "subject" else ()


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ('match_header("subject", ".*support")', True),
        ("match_header('Subject', '(.*)(urgent|help|asap)(.*)')", True),
        ('match_header("subject", "support")', False),
        ('match_header("x-other", ".*")', False),
        ("match_recipient('bob') and match_header(\"subject\", '.*some')", True),
        ("match_recipient('bob') and match_header(\"subject\", '.*none')", False),
        ("match_recipient('alice') or match_header('subject', 'Need')", True),
        ("not match_recipient('alice')", True),
        ("not (match_recipient('bob') or match_recipient('alice'))", False),
        ("match_recipient('x') or match_recipient('y') and match_recipient('bob')", False),
        ("(match_recipient('x') or match_recipient('bob')) and not match_recipient('y')", True),
    ],
)
def test_filters(expression: str, fits: bool) -> None:
    """sending:ROUTE-015, ROUTE-017: patterns for headers, terms joined; either kind of quotes."""
    found = expressions.parse(expression).match(Look(Headed("bob@example.com")))
    assert (found is not None) is fits


def test_catch_all(api: httpx.Client) -> None:
    """sending:ROUTE-016: true only where no earlier route matched."""
    rest = create(api, "catch_all()", priority="1")["id"]
    some = create(api)["id"]
    assert first(api, "bob@example.com") == some
    assert first(api, "bob@example.org") == rest
    term = expressions.parse("catch_all()")
    assert term.match(Look(Address("bob@example.com"), taken=True)) is None


CAPTURES = Captures(("chris+a b", "example.com"), {"user": "chris+a b", "domain": "example.com"})


@pytest.mark.parametrize(
    ("action", "destinations"),
    [
        (
            r'forward("http://h.test/post/?mailbox=\1")',
            ["http://h.test/post/?mailbox=chris%2Ba%20b"],
        ),
        (
            r'forward("http://h.test/\g<domain>/\g<user>")',
            ["http://h.test/example.com/chris%2Ba%20b"],
        ),
        (r'forward("http://\2/path/\2")', [r"http://\2/path/example.com"]),
        (r'forward("box@\2")', ["box@example.com"]),
        (r"forward('a@x.test, http://h.test/\2')", ["a@x.test", "http://h.test/example.com"]),
        (r'forward("http://h.test/\3\g<none>\g<7>/")', ["http://h.test//"]),
    ],
)
def test_captures(action: str, destinations: list[str]) -> None:
    """sending:ROUTE-018, ROUTE-020: captures in destinations, not in hosts; commas between them."""
    parsed = actions.parse(action, CAPTURES)
    assert parsed == actions.Forward(tuple(destinations))


def test_captured() -> None:
    """sending:ROUTE-018: by number and by name, counted through over all terms."""
    expression = r'match_recipient("(?P<user>.*)@(.*)") and match_header("subject", "(\w+)")'
    found = expressions.parse(expression).match(Look(Headed("bob@example.com")))
    assert found == Captures(("bob", "example.com", "Need"), {"user": "bob"})


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "unexpected end"),
        ("catch_all() and", "unexpected end"),
        ("match_recipient('x'", "unexpected end"),
        ("match_everything()", "syntax error at character 1"),
        ("match_recipient('x') match_recipient('y')", "syntax error at character 22"),
        ("notcatch_all()", "syntax error at character 1"),
        ("match_recipient('(')", "bad pattern '(': missing ), unterminated subpattern"),
    ],
)
def test_bad_filters(api: httpx.Client, expression: str, reason: str) -> None:
    """sending:OPEN-001: a filter that cannot be read is refused, in our words."""
    refusal = {"message": f"Invalid 'expression' parameter: {reason}"}
    assert told(api.post("/v3/routes", data={"expression": expression})) == (400, refusal)
    route = create(api)
    answer = api.put(f"/v3/routes/{route['id']}", data={"expression": expression, "priority": "9"})
    assert told(answer) == (400, refusal)
    assert api.get(f"/v3/routes/{route['id']}").json() == {"route": route}


@pytest.mark.parametrize("action", ["", "drop()", "forward()", "forward(x)", "store('x')", "stop"])
def test_bad_actions(api: httpx.Client, action: str) -> None:
    """sending:OPEN-001: an action that there is not is refused, in our words."""
    answer = api.post("/v3/routes", data={"expression": EVERYBODY, "action": action})
    expected = "Invalid 'action' parameter: expected forward(), store() or stop()"
    assert told(answer) == (400, {"message": expected})


def test_deep_filters() -> None:
    """A filter of the greatest length may nest as deep as it likes."""
    for deep in ("not " * 1021 + "catch_all()", "(" * 2042 + "catch_all()" + ")" * 2042):
        found = expressions.parse(deep).match(Look(Address("bob@example.com")))
        assert (found is None) is deep.startswith("not")
    nested = "(catch_all() and " * 227 + "catch_all()" + ")" * 227
    assert expressions.parse(nested).match(Look(Address("bob@example.com"))) == Captures()
    with pytest.raises(BadExpressionError):
        expressions.parse("(" * 4096)
