"""What a run made is removed: at its end, and after whatever interrupted it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.safety import belongings
from tests.contract.safety.belongings import Belongings
from tests.contract.targets import emulator, live
from tests.contract.targets.live import Session, rehearsing
from tests.suite.recording import DOMAIN, Recording

TOLD = rehearsing({})
BASIC = httpx.BasicAuth("api", TOLD.key)


@pytest.fixture
def server() -> Iterator[Recording]:
    recording = Recording()
    recording.people()
    yield recording
    recording.close()


def started(server: httpx.BaseTransport, folder: Path) -> Session:
    return Session.open(TOLD, server, folder)


def make(run: Session, *kinds: str) -> None:
    """Let the run make a thing of each kind, as the suite does."""
    name = f"{run.names.prefix}-1"
    calls = {
        "route": (
            "/v3/routes",
            {
                "description": name,
                "expression": run.names.filled("match_recipient('{prefix}@{domain}')"),
                "action": "stop()",
            },
        ),
        "list": ("/v3/lists", {"address": f"{name}@{DOMAIN}"}),
        "template": (f"/v3/{DOMAIN}/templates", {"name": name}),
        "domain": ("/v4/domains", {"name": f"{name}.{DOMAIN}", "force_dkim_authority": "true"}),
        "bounce": (f"/v3/{DOMAIN}/bounces", {"address": f"{name}@example.com"}),
    }
    client = httpx.Client(transport=run.guard, auth=BASIC, base_url=TOLD.base_url)
    for kind in kinds:
        path, form = calls[kind]
        if kind in ("route", "bounce"):
            answer = client.post(path, data=form)
        else:
            answer = client.post(path, files=[(n, (None, text)) for n, text in form.items()])
        assert answer.status_code == 200, answer.text


KINDS = ("route", "list", "template", "domain", "bounce")


def test_a_run_leaves_the_account_as_it_was(server: Recording, tmp_path: Path) -> None:
    before = server.shown()
    run = started(server, tmp_path)
    make(run, *KINDS)
    assert server.shown() != before
    assert len(list(tmp_path.iterdir())) == 1
    assert run.finish() == []
    assert server.shown() == before
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_is_cleaned_from_its_ledger(server: Recording, tmp_path: Path) -> None:
    before = server.shown()
    make(started(server, tmp_path), *KINDS)  # And the process is gone.
    assert live.clean(TOLD, Staying(server), tmp_path) == (1, [])
    assert server.shown() == before
    assert live.clean(TOLD, Staying(server), tmp_path) == (0, [])


def test_a_call_whose_answer_never_came_is_cleaned_too(server: Recording, tmp_path: Path) -> None:
    before = server.shown()
    run = started(Deaf(server), tmp_path)
    for kind in ("route", "template"):
        with pytest.raises(httpx.ReadTimeout):
            make(run, kind)
    assert server.shown() != before
    assert live.clean(TOLD, Staying(server), tmp_path) == (1, [])
    assert server.shown() == before


def test_a_line_that_was_cut_off_does_not_hide_the_others(
    server: Recording, tmp_path: Path
) -> None:
    before = server.shown()
    make(started(server, tmp_path), "template")
    path = next(tmp_path.iterdir())
    with path.open("a") as file:
        file.write('\n{"state": "asked", "ki')
    assert live.clean(TOLD, Staying(server), tmp_path) == (1, [])
    assert server.shown() == before


def test_what_cannot_be_removed_is_told_and_kept_in_the_ledger(
    server: Recording, tmp_path: Path
) -> None:
    make(started(server, tmp_path), "template")
    count, left = live.clean(TOLD, Stubborn(server), tmp_path)
    assert count == 1
    assert len(left) == 1
    assert "delete_template answers 503" in left[0]
    assert live.clean(TOLD, Staying(server), tmp_path) == (1, [])


def test_the_ledger_of_another_account_is_not_touched(server: Recording, tmp_path: Path) -> None:
    make(started(server, tmp_path), "template")
    path = next(tmp_path.iterdir())
    path.write_text(path.read_text().replace(DOMAIN, "other.example.com"))
    seen = len(server.seen)
    count, left = live.clean(TOLD, Staying(server), tmp_path)
    assert count == 1
    assert "set region and domain to these" in left[0]
    assert len(server.seen) == seen


@pytest.mark.parametrize("mark", ["real", "ct-ffffffff-1"])
def test_a_ledger_that_names_what_others_have_removes_nothing(
    server: Recording, tmp_path: Path, mark: str
) -> None:
    run = {"prefix": "ct-0a1b2c3d", "url": TOLD.base_url, "domain": DOMAIN}
    row = {"state": "made", "kind": "template", "mark": mark, "identity": [DOMAIN, "real"]}
    (tmp_path / "rehearsal-x.jsonl").write_text(f"{json.dumps(run)}\n{json.dumps(row)}\n")
    before = server.shown()
    _, left = live.clean(TOLD, Staying(server), tmp_path)
    assert "does not carry the prefix of its run" in left[0]
    assert server.shown() == before


def test_no_ledger_holds_a_key(server: Recording, tmp_path: Path) -> None:
    make(started(server, tmp_path), *KINDS)
    text = next(tmp_path.iterdir()).read_text()
    assert emulator.KEY not in text
    assert BASIC._auth_header.partition(" ")[2] not in text


def test_a_file_that_is_no_ledger_is_told(server: Recording, tmp_path: Path) -> None:
    (tmp_path / "rehearsal-x.jsonl").write_text("[]\n")
    assert "cannot be read" in live.clean(TOLD, Staying(server), tmp_path)[1][0]


def test_what_was_made_stays_made_when_it_is_entered_once_more() -> None:
    ledger = Belongings({"prefix": "ct-0a1b2c3d"})
    ledger.made("bounce", "m", ("d", "m"))
    ledger.asked("bounce", "m", ("d", "m"))
    ledger.refused("bounce", "m")
    assert [row.state for row in ledger.left()] == ["made"]


def test_a_ledger_on_disk_is_read_as_it_was(tmp_path: Path) -> None:
    ledger = Belongings({"prefix": "ct-0a1b2c3d"}, tmp_path / "l.jsonl")
    ledger.asked("route", "a", None)
    ledger.made("route", "a", ("5f",))
    ledger.asked("route", "b", None)
    ledger.refused("route", "b")
    ledger.asked("route", "c", None)
    found = belongings.read(tmp_path / "l.jsonl")
    assert found.left() == ledger.left()
    assert found.owns("route", ("5f",))
    assert [row.mark for row in found.left()] == ["c", "a"]


class Staying(httpx.BaseTransport):
    """The server, which is not closed with the run."""

    def __init__(self, server: httpx.BaseTransport) -> None:
        self.server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.server.handle_request(request)


class Deaf(Staying):
    """The answers to writes never come."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method == "POST":
            raise httpx.ReadTimeout("cut off", request=request)
        return response


class Stubborn(Staying):
    """Removes nothing."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            return httpx.Response(503)
        return super().handle_request(request)
