"""Recordings of the faultless server replay green; every change of one is told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from attrs import evolve

from tests.contract.cases import Cases
from tests.contract.deviations import Deviation
from tests.contract.ledger import Entry
from tests.contract.recordings.errors import FormatError
from tests.contract.recordings.exchange import Body, Part, Recorded, Request, Response
from tests.contract.recordings.match import Matcher, by_operation
from tests.contract.recordings.record import Session, record
from tests.contract.recordings.replay import Replay
from tests.contract.truth import Truth
from tests.suite.conftest import Benches
from tests.suite.faults import Altered, instead
from tests.suite.server import DOMAIN, KEY, Server, target

DATE = "2026-11-21"
JSON = {"content-type": "application/json"}
THING = {"id": "1", "name": "a", "tags": [], "active": True, "size": None}


def _record(truth: Truth, draws: Cases, server: httpx.BaseTransport) -> Session:
    operations = truth.operations.values()
    return record(truth, target(server), draws, operations, date=DATE, each=3)


@pytest.fixture
def session(bench: Benches, truth: Truth, draws: Cases) -> Session:
    bench()
    return _record(truth, draws, Server())


def _broken(truth: Truth, draws: Cases, *exchanges: Recorded) -> set[str]:
    replay = Replay(truth, draws, [], by_operation(truth.operations, exchanges))
    found: set[str] = set()
    for name in replay.recorded:
        entry = Entry(name)
        replay.run(truth.operations[name], entry)
        found |= {row["breach"] for row in entry.broken}
    return found


def _exchange(operation: str, request: Request, status: int, body: Any) -> Recorded:
    response = Response(status, JSON, Body("json", body))
    return Recorded(operation, "live", DATE, request, response)


def _update(body: Any, **change: Any) -> Recorded:
    request = Request("PUT", f"/v3/{DOMAIN}/things/1", (), JSON, Body("json", body))
    answer = {"message": "updated", "thing": THING}
    return evolve(_exchange("update_thing", request, 200, answer), **change)


def _with(recorded: Recorded, **change: Any) -> Recorded:
    return evolve(recorded, response=evolve(recorded.response, **change))


def test_a_faultless_server_is_recorded_and_replays_green(
    truth: Truth, draws: Cases, session: Session
) -> None:
    assert session.missed == {}
    assert {each.operation for each in session.exchanges} == set(truth.operations)
    assert {each.response.status for each in session.exchanges} >= {200, 204, 404}
    assert _broken(truth, draws, *session.exchanges) == set()


def test_nothing_of_the_target_is_kept_that_is_secret(session: Session) -> None:
    assert KEY not in repr(session.exchanges)
    assert all("authorization" not in each.request.headers for each in session.exchanges)


def test_what_leads_nowhere_is_told(bench: Benches, truth: Truth, draws: Cases) -> None:
    bench()
    session = _record(truth, draws, Altered(operation="get_note", change=instead(418)))
    assert set(session.missed) == {"get_note"}


@pytest.mark.parametrize(
    ("body", "breach"),
    [
        ({"message": "updated", "thing": THING | {"size": "1"}}, "ResponseInvalid"),
        ({"message": "updated", "thing": THING | {"extra": 1}}, "ResponseInvalid"),
        ({"message": "updated"}, "ResponseInvalid"),
        ({"message": None, "thing": THING}, "ResponseInvalid"),
        ([], "ParseFailed"),
    ],
)
def test_a_changed_field_or_type_is_told(
    bench: Benches, truth: Truth, draws: Cases, body: Any, breach: str
) -> None:
    bench()
    right = _update({"active": True})
    assert _broken(truth, draws, right) == set()
    assert breach in _broken(truth, draws, _with(right, body=Body("json", body)))


@pytest.mark.parametrize(
    "change",
    [
        {"status": 202},
        {"status": 500},
        {"headers": {"content-type": "text/html"}},
        {"headers": {}},
        {"body": Body("text", "{")},
        {"body": None},
    ],
)
def test_a_changed_status_type_or_body_is_told(
    bench: Benches, truth: Truth, draws: Cases, change: dict[str, Any]
) -> None:
    bench()
    changed = _with(_update({"active": True}), **change)
    assert "ResponseInvalid" in _broken(truth, draws, changed)


def test_a_lossy_client_is_told(
    bench: Benches, truth: Truth, draws: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench()
    monkeypatch.setattr("tests.contract.checks.plain", lambda _: {"message": "updated"})
    assert _broken(truth, draws, _update({"active": True})) == {"NotLossless"}


def _query(*pairs: tuple[str, str], status: int = 200) -> Recorded:
    request = Request("GET", f"/v3/{DOMAIN}/things", pairs)
    body: Any = {"items": []} if status == 200 else {"message": "no"}
    found = _exchange("list_things", request, status, body)
    headers = {**JSON, "x-total-count": "0"} if status == 200 else JSON
    return _with(found, headers=headers)


@pytest.mark.parametrize(
    ("recorded", "breaches"),
    [
        (_query(("limit", "5"), ("tag", "a"), ("tag", "b"), ("active", "true")), set()),
        # The server took what the truth does not know, or calls invalid.
        (_query(("colour", "red")), {"RequestDiffers"}),
        (_query(("limit", "0")), {"InvalidAccepted"}),
        (_query(("active", "yes"), status=400), set()),
        # What was refused rightly need not be said by the client.
        (_query(("colour", "red"), ("limit", "x"), status=400), set()),
        (_update({"active": "no"}), {"InvalidAccepted"}),
        (_update({}), {"InvalidAccepted", "RequestDiffers"}),
    ],
)
def test_recorded_requests_are_judged(
    bench: Benches, truth: Truth, draws: Cases, recorded: Recorded, breaches: set[str]
) -> None:
    bench()
    assert _broken(truth, draws, recorded) == breaches


def test_both_kinds_of_form_are_one(bench: Benches, truth: Truth, draws: Cases) -> None:
    bench()
    note = {"id": 1, "text": "x"}
    urlencoded = Body("form", (("thing", "1"), ("text", "x"), ("tag", "a"), ("tag", "b")))
    parts = Body("parts", tuple(Part(name, text) for name, text in urlencoded.value))
    for body in (urlencoded, parts):
        request = Request("POST", "/v1/notes", body=body)
        assert _broken(truth, draws, _exchange("add_note", request, 200, note)) == set()


def test_a_faulty_client_is_told(bench: Benches, truth: Truth, draws: Cases) -> None:
    from tests.suite.wreck import joined, json_without, only

    bench(rewrite=only("update_thing", json_without("active")))
    assert "RequestDiffers" in _broken(truth, draws, _update({"active": True}))
    bench(rewrite=only("list_things", joined))
    pairs = _query(("tag", "a"), ("tag", "b"))
    assert "RequestDiffers" in _broken(truth, draws, pairs)


def test_a_deviation_excuses_and_is_counted(bench: Benches, truth: Truth, draws: Cases) -> None:
    bench()
    known = Deviation(
        "replay", "list_things", "inputs", "InvalidAccepted", "status 200", "Seeded.", "none", DATE
    )
    recorded = by_operation(truth.operations, [_query(("limit", "0"))])
    entry = Entry("list_things")
    Replay(truth, draws, [known], recorded).run(truth.operations["list_things"], entry)
    assert (len(entry.broken), len(entry.excused)) == (0, 1)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/v3/x.example/things", "list_things"),
        ("get", "/mailgun/v3/x.example/things/", "list_things"),
        ("DELETE", "/v3/x.example/things/a%2Fb", "delete_thing"),
        ("PATCH", "/v3/x.example/things", "no PATCH at this path, only GET, POST"),
        ("GET", "/v3/x.example", "no operation has this path"),
        ("GET", "/v3//things", "no operation has this path"),
    ],
)
def test_requests_find_their_operation(truth: Truth, method: str, path: str, found: str) -> None:
    match = Matcher(truth.operations).find(method, path)
    assert (match if isinstance(match, str) else match[0].id) == found


def test_a_recording_of_another_operation_is_an_error(truth: Truth) -> None:
    wrong = evolve(_update({"active": True}), operation="list_things")
    with pytest.raises(FormatError, match=r"list_things\.yaml: PUT .*: it calls update_thing"):
        by_operation(truth.operations, [wrong])
    with pytest.raises(FormatError, match=r"gone\.yaml: expected an operation of the truth"):
        by_operation(truth.operations, [evolve(wrong, operation="gone")])
