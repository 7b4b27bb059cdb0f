"""Seeds: from a file, by control, and what is wrong with them."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from mailgun_emulator import create_app
from mailgun_emulator import seed as seed_module
from mailgun_emulator.seed import SeedError, parse
from tests.emulator.conftest import Connect
from tests.emulator.test_app import drive
from tests.emulator.test_cli import Start, start  # noqa: F401

from .conftest import Controls

DOMAIN = "news.example.com"
SEED: dict[str, Any] = {
    "time": "2025-01-24T12:00:00Z",
    "signing_key": "key-mine",
    "domains": [
        "mg.example.com",
        {
            "name": DOMAIN,
            "settings": {"web_scheme": "https"},
            "tracking": {"open": {"active": True}},
            "credentials": [{"login": "bob", "password": "secret-password"}],
            "bounces": ["gone@example.org", {"address": "full@example.org", "code": "552"}],
            "complaints": ["angry@example.org"],
            "unsubscribes": [{"address": "ann@example.org", "tag": "news"}],
            "allowlist": [{"domain": "example.net"}],
            "templates": [{"name": "welcome", "template": "<p>Hi</p>", "tag": "v1"}],
            "webhooks": {"delivered": ["http://hook.test/a", "http://hook.test/b"]},
            "messages": [
                {"from": f"a@{DOMAIN}", "to": "b@example.org", "subject": "Hi", "text": "Hello"}
            ],
        },
    ],
    "lists": [{"address": f"all@{DOMAIN}", "members": ["ann@example.org"]}],
    "routes": [{"expression": "catch_all()", "action": "stop()"}],
    "rules": ["temporary", {"recipient": "*@slow.test", "outcome": "no-mx"}],
    "webhooks": [{"url": "http://hook.test/all", "event_types": ["opened", "clicked"]}],
    "requests": [
        {"method": "POST", "path": f"/v3/{DOMAIN}/bounces", "json": [{"address": "c@d.test"}]}
    ],
}


@pytest.fixture
def planted(control: Controls, api: httpx.Client) -> httpx.Client:
    control.post("seed", SEED)
    return api


def test_everything_is_there(planted: httpx.Client) -> None:
    def get(path: str) -> Any:
        answer = planted.get(path)
        assert answer.status_code == 200, f"{path} {answer.text}"
        return answer.json()

    assert get("/v4/domains/mg.example.com")["domain"]["state"] == "active"
    domain = get(f"/v4/domains/{DOMAIN}")["domain"]
    assert (domain["state"], domain["web_scheme"]) == ("active", "https")
    assert get(f"/v3/domains/{DOMAIN}/tracking")["tracking"]["open"]["active"] is True
    assert "bob" in str(get(f"/v3/domains/{DOMAIN}/credentials"))
    assert get(f"/v3/{DOMAIN}/bounces/full@example.org")["code"] == "552"
    for path in (
        "bounces/gone@example.org",
        "bounces/c@d.test",
        "complaints/angry@example.org",
        "whitelists/example.net",
        "templates/welcome",
    ):
        get(f"/v3/{DOMAIN}/{path}")
    assert get(f"/v3/{DOMAIN}/unsubscribes/ann@example.org")["tags"] == ["news"]
    rules = get("/_emulator/rules")["rules"]
    assert [rule["outcome"] for rule in rules] == ["temporary", "no-mx"]
    hooks = get(f"/v3/domains/{DOMAIN}/webhooks")["webhooks"]
    assert hooks == {"delivered": {"urls": ["http://hook.test/a", "http://hook.test/b"]}}
    [hook] = get("/v1/webhooks")["webhooks"]
    assert hook["event_types"] == ["opened", "clicked"]
    assert get("/v5/accounts/http_signing_key")["http_signing_key"] == "key-mine"
    [event] = get(f"/v3/{DOMAIN}/events")["items"]
    assert (event["event"], event["timestamp"]) == ("accepted", 1737720000.0)


def test_yaml_and_json_say_the_same() -> None:
    assert parse(yaml.safe_dump(SEED)) == parse(json.dumps(SEED))


def test_the_documented_example_works(connect: Connect) -> None:
    """The one in the module's docstring, without its dots."""
    doc = inspect.getdoc(seed_module) or ""
    example = doc.partition("::\n")[2].partition("\nThe parts of")[0]
    text = example.replace("[...]", "[]").replace(
        "{...}", "{expression: catch_all(), action: stop()}"
    )
    app = create_app(api_keys=["key-test", "second-key"], seed=1)
    answer = connect(app, key=None).post("/_emulator/seed", content=text.encode())
    assert answer.status_code == 200, answer.text
    assert connect(app).get("/v3/news.example.com/bounces/full@example.org").status_code == 200


def test_another_account(connect: Connect) -> None:
    app = create_app(api_keys=["one", "two"], seed=1)
    control = Controls(connect(app, key=None))
    control.post("seed", {"accounts": [{"key": "two", "domains": ["only.test"]}]})
    control.post("seed", {"domains": ["more.test"]}, key="two")
    one, two = ([*account.domains] for account in app.state.accounts)
    assert one == ["sandbox.example.test"]
    assert {"only.test", "more.test"} < set(two)


@pytest.mark.parametrize(
    ("seed", "reason"),
    [
        ({"domain": []}, "domain: there is no such part"),
        ({"rules": ["lost"]}, "rules[0]: outcome is none of"),
        ({"domains": "x"}, "domains: not a list"),
        ({"domains": [1]}, "domains[0]: not an object"),
        ({"domains": [{"name": "a.test", "bounce": []}]}, "domains[0].bounce: there is no"),
        ({"domains": [{"name": "no domain"}]}, "domain no domain: 400"),
        ({"domains": [{"name": "a.test", "bounces": ["x"]}]}, "domains[0].bounces[0]: 400"),
        ({"webhooks": ["http://a.test"]}, "webhooks[0]: 400"),
        ({"accounts": [{"key": "nobody"}]}, "accounts[0]: no account has this key"),
        ({"requests": [{"path": "/nowhere"}]}, "requests[0]: there is no GET /nowhere"),
        ({"requests": [{"path": "/v3/routes", "form": 1}]}, "requests[0]: not an object"),
        ({"time": "noon"}, "time: 'noon' is no time"),
        ({"time": 10**400}, "time: "),
        ([], "the seed: not an object"),
    ],
)
def test_refusals_name_the_entry(control: Controls, seed: Any, reason: str) -> None:
    assert reason in control.refused("seed", seed)


def test_what_is_no_yaml(control: Controls) -> None:
    for text in (b"{", b"\x00", b"[" * 5_000, b"a: !!python/object:os.system x"):
        answer = control.client.post("/_emulator/seed", content=text)
        assert answer.status_code == 400, text


def test_a_reset_plants_again(connect: Connect) -> None:
    app = create_app(seed=1, seed_data=parse("domains: [{name: a.test, bounces: [b@c.test]}]"))
    control, api = Controls(connect(app, key=None)), connect(app)
    path = "/v3/a.test/bounces"
    assert api.get(path).status_code == 404
    control.post("reset")
    assert api.get(f"{path}/b@c.test").status_code == 200
    api.delete(path)
    control.post("reset")
    assert api.get(f"{path}/b@c.test").status_code == 200


def test_serve_with_a_file(start: Start, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "seed.yaml"
    file.write_text("domains: [{name: a.test, bounces: [b@c.test]}]")
    _, url, _ = start("--seed-file", str(file))
    answer = httpx.get(f"{url}/v3/a.test/bounces/b@c.test", auth=("api", "key-test"))
    assert answer.status_code == 200


def test_a_file_that_is_wrong_stops_the_start() -> None:
    broken = create_app(seed_data=parse("domains: [{name: a.test, bounces: [x]}]"))
    [told] = drive(broken, {"type": "lifespan"}, [{"type": "lifespan.startup"}])
    assert told["type"] == "lifespan.startup.failed"
    assert "domains[0].bounces[0]" in told["message"]


def test_unreadable() -> None:
    with pytest.raises(SeedError, match="not YAML"):
        parse("{")
