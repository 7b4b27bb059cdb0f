"""Forced answers, and the journal that tells of them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import Mail

from .conftest import Controls

PATH = "/v4/domains"


def test_a_forced_answer(control: Controls, api: httpx.Client) -> None:
    fault = {
        "operation": "list_domains",
        "status": 429,
        "body": {"message": "slow down"},
        "headers": {"retry-after": "7"},
        "times": 2,
    }
    control.post("faults", fault)
    assert api.get("/v3/routes").status_code == 200
    for _ in range(2):
        answer = api.get(PATH)
        assert (answer.status_code, answer.json()) == (429, {"message": "slow down"})
        assert answer.headers["retry-after"] == "7"
    assert api.get(PATH).status_code == 200
    assert control.get("faults")["faults"] == []


def test_any_operation_once_each_in_order(control: Controls, api: httpx.Client) -> None:
    for status in (500, 502):
        control.post("faults", {"operation": "*", "status": status})
    statuses = [api.get(PATH).status_code for _ in range(3)]
    assert statuses == [500, 502, 200]


def test_no_body_where_none_may_be(control: Controls, api: httpx.Client) -> None:
    control.post("faults", {"operation": "*", "status": 204, "body": "x"})
    answer = api.get(PATH)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("handled", [False, True])
def test_whether_the_request_takes_effect(control: Controls, mail: Mail, handled: bool) -> None:
    control.post("faults", {"operation": "send_message", "status": 503, "handled": handled})
    assert mail.send().status_code == 503
    assert len(mail.events()) == int(handled)


def test_latency(control: Controls, api: httpx.Client) -> None:
    """Real time passes, then the request is handled."""
    control.post("faults", {"operation": "list_domains", "latency": 0.05})
    begin = time.monotonic()
    assert api.get(PATH).status_code == 200
    assert time.monotonic() - begin >= 0.05


def test_slow_answers_hold_up_nobody_else(app: Emulator, control: Controls) -> None:
    control.post("faults", {"operation": "list_domains", "latency": 0.2})

    async def run() -> list[str]:
        transport = httpx.ASGITransport(app)
        auth = ("api", "key-test")
        done: list[str] = []
        async with httpx.AsyncClient(
            transport=transport, base_url="http://mg.test", auth=auth
        ) as api:

            async def get(path: str) -> None:
                assert (await api.get(path)).status_code == 200
                done.append(path)

            await asyncio.gather(get(PATH), get("/v3/routes"))
        return done

    assert asyncio.run(run()) == ["/v3/routes", PATH]


@pytest.mark.parametrize("handled", [False, True])
def test_a_dropped_connection(served: str, handled: bool) -> None:
    """Not a byte of an answer; the next request is served as ever."""
    with httpx.Client(base_url=served, auth=("api", "key-test")) as api:
        control = Controls(api)
        control.post("faults", {"operation": "create_bounces", "drop": True, "handled": handled})
        path = "/v3/sandbox.example.test/bounces"
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            api.post(path, data={"address": "a@b.test"})
        assert api.get(f"{path}/a@b.test").status_code == (200 if handled else 404)
        [entry] = control.get("requests", operation="create_bounces")["requests"]
        assert (entry["status"], entry["forced"]) == (0, True)


def test_a_dropped_connection_in_process(control: Controls, api: httpx.Client) -> None:
    """Without a server there is no connection: the app breaks off."""
    control.post("faults", {"operation": "*", "drop": True})
    with pytest.raises(ConnectionResetError):
        api.get(PATH)


def test_take_back(control: Controls, api: httpx.Client) -> None:
    first = control.post("faults", {"operation": "*", "status": 500})
    second = control.post("faults", {"operation": "*", "status": 502})
    assert control.get("faults")["faults"] == [first, second]
    control.delete(f"faults/{first['id']}")
    assert api.get(PATH).status_code == 502
    control.post("faults", {"operation": "*", "status": 500})
    control.delete("faults")
    assert api.get(PATH).status_code == 200
    for name in ("99", "x", "²"):
        assert control.client.delete(f"/_emulator/faults/{name}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operation": "*"},
        {"operation": "no_such_operation", "status": 500},
        {"operation": "*", "status": 99},
        {"operation": "*", "status": 600},
        {"operation": "*", "status": "500"},
        {"operation": "*", "status": True},
        {"operation": "*", "latency": -1},
        {"operation": "*", "latency": 10**400},
        {"operation": "*", "status": 500, "times": 0},
        {"operation": "*", "drop": True, "body": "x"},
        {"operation": "*", "status": 500, "headers": {"a": "b\r\nc"}},
        {"operation": "*", "status": 500, "headers": {"a": "ü"}},
    ],
)
def test_refusals(control: Controls, api: httpx.Client, body: dict[str, Any]) -> None:
    control.refused("faults", body)
    assert control.get("faults")["faults"] == []


def test_the_control_api_itself_is_spared(control: Controls) -> None:
    control.post("faults", {"operation": "*", "status": 500})
    assert control.get("health") == {"status": "ok"}


class TestJournal:
    def test_an_entry(self, control: Controls, mail: Mail) -> None:
        mail.send()
        [entry] = control.get("requests")["requests"]
        assert (entry["method"], entry["path"]) == ("POST", mail.path("messages"))
        assert (entry["operation"], entry["status"]) == ("send_message", 200)
        assert "subject=Hello" in entry["body"]
        assert entry["size"] == len(entry["body"])
        assert entry["at"] == mail.app.state.clock.timestamp()
        assert "key-test" not in str(entry)
        assert entry["headers"]["authorization"] == "(hidden)"

    def test_refusals_are_kept(self, control: Controls, api: httpx.Client) -> None:
        text = api.get("/nowhere").text
        refused = api.post("/v3/sandbox.example.test/messages", data={})
        unknown, send = reversed(control.get("requests")["requests"])
        assert (unknown["operation"], unknown["status"]) == ("", 404)
        assert unknown["answer"] == text
        assert (send["status"], send["answer"]) == (400, refused.json())

    def test_search(self, control: Controls, api: httpx.Client) -> None:
        api.get(PATH)
        api.get("/nowhere")
        api.post("/v3/routes", data={})

        def paths(**query: Any) -> list[str]:
            return [entry["path"] for entry in control.get("requests", **query)["requests"]]

        assert paths() == ["/v3/routes", "/nowhere", PATH]
        assert paths(operation="list_domains") == [PATH]
        assert paths(method="post") == ["/v3/routes"]
        assert paths(status="404") == ["/nowhere"]
        assert paths(path="where") == ["/nowhere"]
        assert paths(limit=1) == ["/v3/routes"]
        control.delete("requests")
        assert paths() == []

    def test_it_has_a_bound(self, app: Emulator, control: Controls, api: httpx.Client) -> None:
        api.post("/nowhere", content=b"x" * 10_000)
        [entry] = control.get("requests")["requests"]
        assert (len(entry["body"]), entry["size"]) == (4096, 10_000)
        for _ in range(1_005):
            api.get("/nowhere")
        numbers = [entry.number for entry in app.journal]
        assert (len(numbers), numbers[0], numbers[-1]) == (1_000, 7, 1_006)

    def test_reset_forgets(self, control: Controls, api: httpx.Client) -> None:
        api.get(PATH)
        control.post("faults", {"operation": "*", "status": 500})
        control.post("reset")
        assert control.get("requests")["requests"] == []
        assert control.get("faults")["faults"] == []
