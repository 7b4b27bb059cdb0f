"""Every benchmark at the smallest pace, and what its figures rest on."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import mailgun_client
import pytest
from attrs import define, evolve
from click.testing import CliRunner
from mailgun_client import Client

from benchmarks import (
    GENERATED,
    __main__,
    attachments,
    build,
    calls,
    client,
    emulator,
    handwritten,
    imports,
    load,
    loopback,
    memory,
    official,
    report,
)
from benchmarks.bare import Bare, fields
from benchmarks.report import Table, Unit
from benchmarks.rounds import Contestant, Laps, Pace, Spent, Watcher, race
from benchmarks.samples import ACCEPTED, BASE_URL, KEY, MESSAGE, Requests, page, requests
from mailgun_emulator import create_app

SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "servers": [{"url": "https://api.things.test"}],
    "paths": {
        "/things": {
            "get": {
                "tags": ["things"],
                "operationId": "get_thing",
                "security": [{"basicAuth": []}],
                "responses": {
                    "200": {
                        "description": "OK",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                        },
                    }
                },
            }
        }
    },
    "components": {
        "securitySchemes": {"basicAuth": {"type": "http", "scheme": "basic"}},
        "schemas": {"Thing": {"type": "object", "title": "Thing"}},
    },
}
ONCE = Pace(rounds=1)


@define
class Quiet:
    """A watcher that only counts."""

    ticks: int = 0

    def begin(self, title: str) -> None:
        assert title

    def tick(self) -> None:
        self.ticks += 1

    def end(self) -> None:
        pass


@pytest.fixture
def wanted() -> Requests:
    return requests()


def check(tables: list[Table], count: int) -> None:
    assert len(tables) == count
    for each in tables:
        assert each.rounds == 1
        assert len(each.rows) > 1
        assert each.rows[0].ratio == 1
        assert all(row.value > 0 and row.ratio > 0 for row in each.rows)


@pytest.mark.parametrize(
    ("module", "pace", "count"),
    [
        (imports, ONCE, 1),
        (calls, Pace(1, 2), 4),
        (client, Pace(1, 2), 5),
        (attachments, ONCE, 1),
        (emulator, Pace(1, 2), 2),
        (loopback, Pace(1, 9), 2),
        (memory, Pace(1, 300), 1),
    ],
)
def test_benchmark_gives_its_tables(module: ModuleType, pace: Pace, count: int) -> None:
    watcher = Quiet()
    check(module.run(pace, watcher), count)
    assert watcher.ticks == count


def test_build_gives_both_clocks(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    specs.mkdir()
    (specs / "send.yaml").write_text(json.dumps(SPEC))
    tables = build.run(ONCE, Quiet(), specs=specs, overlays=tmp_path / "overlays")
    check(tables, 2)
    assert [each.clock for each in tables] == ["wall", "cpu"]


@pytest.mark.parametrize(
    ("statement", "modules"), [("import json", 0), ("import mailgun_client.errors", 2)]
)
def test_an_import_counts_our_modules_only(statement: str, modules: int) -> None:
    measured = imports.Import(statement)
    spent = measured(2)
    assert spent.wall > 0
    assert measured.modules == modules


def test_this_checkout_is_measured() -> None:
    """Not one that happens to be installed; in this process and in fresh ones."""
    shown = "import mailgun_client, sys; sys.exit(mailgun_client.__file__)"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        imports.Import(shown).measure()
    place = str(GENERATED / "mailgun_client" / "__init__.py")
    assert caught.value.stderr.strip() == place
    assert mailgun_client.__file__ == place


def test_a_streamed_file_is_told_from_one_in_memory(tmp_path: Path) -> None:
    """What the figures of attachments rest on: reading everything shows, reading pieces doesn't."""
    file = tmp_path / "large"
    file.write_bytes(bytes(size := 5_000_000))
    found = []
    with loopback.served("benchmarks.bare") as server:
        for name in ("httpx", official.NAME):
            words = ("-m", "benchmarks.attachments", name, str(server.url), str(file))
            command = (sys.executable, *words)
            done = subprocess.run(
                command, cwd=GENERATED.parent, check=True, capture_output=True, text=True
            )
            found.append(int(done.stdout))
    assert found[0] < size / 2
    assert found[1] > size


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "version", lambda: None)
    (found,) = imports.run(ONCE, Quiet())
    assert official.NAME not in {row.name for row in found.rows}
    last = report.text(found).splitlines()[-1]
    assert last == "  official mailgun: not installed; run: pip install 'mailgun-toolkit[bench]'"


@define
class Ear:
    """Keeps the requests, and answers them alike."""

    answer: Any
    heard: list[httpx.Request]

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._hear)

    def _hear(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        return httpx.Response(200, json=self.answer)


def told(request: httpx.Request) -> tuple[Any, ...]:
    """All that a server sees, but for who calls and the boundary, which is new for each form."""
    kind = request.headers.get("content-type", "")
    boundary = kind.partition("boundary=")[2] or "-"
    headers = {name: value.replace(boundary, "") for name, value in request.headers.items()}
    assert headers.pop("user-agent")
    return request.method, request.url, headers, request.read().replace(boundary.encode(), b"")


@pytest.mark.parametrize(
    ("ours", "theirs", "answer"),
    [
        (calls.send, handwritten.send, ACCEPTED),
        (calls.list_, handwritten.list_dicts, page()),
        (calls.list_, handwritten.list_records, page()),
    ],
)
def test_both_sides_send_the_same(
    ours: Callable[[Client], Any], theirs: Callable[[httpx.Client], Any], answer: Any
) -> None:
    ear = Ear(answer, [])
    with Client(KEY, base_url=BASE_URL, transport=ear.transport()) as client:
        assert ours(client).to_dict() == answer
    with httpx.Client(auth=("api", KEY), base_url=BASE_URL, transport=ear.transport()) as http:
        theirs(http)
    first, second = map(told, ear.heard)
    assert first == second


def test_the_bare_app_reads_every_field(wanted: Requests) -> None:
    kind = dict(wanted.send.headers)[b"content-type"].decode()
    found = [(name, value.decode()) for name, value in fields(wanted.send.body, kind)]
    assert found == list(MESSAGE)


def test_the_bare_app_answers_as_the_emulator_would(wanted: Requests) -> None:
    sent = asyncio.run(emulator.exchange(Bare(), wanted.send))
    assert json.loads(sent) == ACCEPTED
    assert json.loads(asyncio.run(emulator.exchange(Bare(), wanted.list))) == page()


def test_a_refused_request_ends_the_measurement(wanted: Requests) -> None:
    refused = evolve(wanted.send, headers=())
    with pytest.raises(RuntimeError, match=r"POST /v3/.*/messages: status 401"):
        asyncio.run(emulator.exchange(create_app(), refused))


def test_the_load_client_wants_every_answer_to_be_200() -> None:
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
    ]
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.read(100):
                seen.append(request)
                answer = answers[len(seen) > 5]
                # In two halves, as answers may come.
                for part in (answer[:20], answer[20:]):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
        finally:
            writer.close()

    async def meet(count: int) -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            host, port = server.sockets[0].getsockname()
            await load.fire(host, port, b"GET / HTTP/1.1\r\n\r\n", count, connections=2)

    asyncio.run(meet(5))
    assert len(seen) == 5
    with pytest.raises(RuntimeError, match="500 Oh"):
        asyncio.run(meet(1))


def test_a_server_that_does_not_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="did not get ready"), loopback.served("this"):
        pass


def laps(*walls: tuple[float, ...]) -> Laps:
    contestants = tuple(Contestant(f"c{n}", lambda _: Spent(0, 0)) for n in range(len(walls)))
    spent = tuple(tuple(Spent(wall, wall * 2) for wall in each) for each in walls)
    return Laps(contestants, spent, Pace(rounds=len(walls[0]), calls=10))


def test_ratios_are_taken_round_by_round() -> None:
    # The machine is ten times slower in the third round, for both.
    found = report.table("t", laps((1.0, 1.0, 10.0), (2.0, 3.0, 40.0)), "wall", Unit.SECONDS)
    assert [row.value for row in found.rows] == pytest.approx([0.1, 0.3])
    assert [row.ratio for row in found.rows] == pytest.approx([1, 3])
    assert [found.rows[1].low, found.rows[1].high] == pytest.approx([2.5, 3.5])
    assert report.table("t", laps((1.0,)), "cpu", Unit.SECONDS).rows[0].value == 0.2


def test_units_are_shown_as_people_read_them() -> None:
    found = report.text(report.table("t", laps((1.0,), (5.0,)), "wall", Unit.RATE))
    assert re.search(r"c0 +10\.0 +1\.00 +baseline", found)
    assert re.search(r"c1 +2\.00 +5\.00 +5\.00-5\.00", found)
    figures = {unit: unit.of(0.002) for unit in Unit}
    assert list(figures.values()) == pytest.approx([0.002, 2, 2000, 500, 0.002, 2e-9])


def test_contestants_take_turns_until_the_time_is_up() -> None:
    order: list[str] = []

    def contestant(name: str) -> Contestant:
        def run(calls: int) -> Spent:
            order.append(f"{name}{calls}")
            return Spent(1, 1)

        return Contestant(name, run)

    both = [contestant("a"), contestant("b")]
    found = race("t", both, Pace(rounds=2, calls=3, warmup=1), Quiet())
    assert order == ["a1", "b1", "a3", "b3", "b3", "a3"]
    assert [len(each) for each in found.spent] == [2, 2]
    found = race("t", both, Pace(rounds=5, limit=0), Quiet())
    assert [len(each) for each in found.spent] == [1, 1]


def test_command_prints_tables_and_writes_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def measure(pace: Pace, watcher: Watcher) -> list[Table]:
        fixed = Contestant("it", lambda calls: Spent(calls, calls))
        return [report.table("a title", race("a race", [fixed], pace, watcher), "cpu", Unit.RATE)]

    others = [each for each in __main__.BENCHMARKS if each.name != "calls"]
    calls_ = __main__.Benchmark("calls", measure, Pace(2))
    monkeypatch.setattr(__main__, "BENCHMARKS", (*others, calls_))
    file = tmp_path / "bench.json"
    result = CliRunner().invoke(__main__.main, ["calls", "--json", str(file)])
    assert result.exit_code == 0, result.output
    assert re.match(r"a race \.\. \d", result.stderr)
    assert result.stdout.startswith("a title (2 rounds)\n")
    (written,) = json.loads(file.read_text())["tables"]
    assert (written["unit"], written["rows"][0]["value"]) == ("requests/s", 1)


def test_command_names_what_there_is() -> None:
    result = CliRunner().invoke(__main__.main, ["speed"])
    assert result.exit_code == 2
    assert all(each.name in result.stderr for each in __main__.BENCHMARKS)
