"""The wheel in environments of their own, used as its users would."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.packaging.conftest import DOMAIN, KEY, ROOT, Environment, run

# httpx brings the others.
NEEDED = {"attrs", "httpx", "anyio", "certifi", "h11", "httpcore", "idna", "typing-extensions"}
OURS = "mailgun-toolkit"
DISTRIBUTIONS = """
import json
from importlib.metadata import distributions
print(json.dumps([each.metadata["Name"].lower().replace("_", "-") for each in distributions()]))
"""
IMPORTABLE = """
import json, sys
from importlib.util import find_spec
print(json.dumps([name for name in sys.argv[1:] if find_spec(name)]))
"""
WRONG = (
    'send_message.sync(1, client=connect("k"), body=message("a"))',
    'send_message.sync("a", client=connect("k"), body="text")',
    'get_domain.sync("a", client=connect("k"), nope=1)',
    'SendMessageBody(from_=["a"])',
    'Client("k", region="mars")',
    'list_bounces.sync("a", client=connect("k")).items',
)


def quickstart() -> str:
    """The first example in Python of the README."""
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(blocks[0])


def test_the_quickstart_runs_with_the_least_that_is_needed(
    installed: Environment, emulator_url: str
) -> None:
    found = set(json.loads(installed.says("-c", DISTRIBUTIONS)))
    assert {OURS, "attrs", "httpx"} <= found <= {OURS, *NEEDED}
    ours = ("mailgun_client", "mailgun_emulator")
    others = ("generated", "pipeline", "tests", "benchmarks", "pip", "click", "pytest")
    assert json.loads(installed.says("-c", IMPORTABLE, *ours, *others)) == [*ours]
    text = quickstart()
    for old, new in (("YOUR_API_KEY", KEY), ('region="eu"', f'base_url="{emulator_url}"')):
        assert text.count(old) == 1
        text = text.replace(old, new)
    assert installed.says("-W", "error", "-c", text).endswith(f"@{DOMAIN}>\n")
    with httpx.Client(base_url=emulator_url, auth=("api", KEY)) as http:
        (event,) = http.get(f"/v3/{DOMAIN}/events", params={"event": "accepted"}).json()["items"]
    assert event["message"]["headers"]["subject"] in text


def test_every_module_of_the_client_imports_with_the_least(installed: Environment) -> None:
    walk = (
        "import pkgutil, importlib, mailgun_client as c\n"
        "names = [each.name for each in pkgutil.walk_packages(c.__path__, 'mailgun_client.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(len(names))"
    )
    assert int(installed.says("-W", "error", "-c", walk)) > 405


def test_what_the_emulator_lacks_is_said(installed: Environment) -> None:
    advice = "is not installed; run: pip install 'mailgun-toolkit[emulator]'"
    command = [str(installed.program("mailgun-emulator")), "serve"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mailgun-emulator: ")
    assert done.stderr.endswith(f"{advice}\n")
    assert done.stderr.count("\n") == 1
    command = [str(installed.python), "-c", "from mailgun_emulator import create_app"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert advice in done.stderr.splitlines()[-1]


def test_the_extras_bring_the_emulator_and_traces(wheel: Path, tmp_path: Path) -> None:
    made = Environment.make(tmp_path / "extras")
    made.install(f"{wheel}[emulator,otel]")
    version = made.says("-c", "import mailgun_client; print(mailgun_client.__version__)").strip()
    program = str(made.program("mailgun-emulator"))
    assert run(program, "--version", cwd=tmp_path).split()[-1] == version
    made.says("-W", "error", "-c", "from mailgun_client import telemetry; telemetry.trace_calls()")
    words = [program, "serve", "--port", "0", "--api-key", KEY, "--domain", DOMAIN]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        try:
            assert server.stdout is not None
            ready = next(line for line in server.stdout if line.startswith("ready: "))
            where = ready.removeprefix("ready: ").strip()
            text = quickstart().replace("YOUR_API_KEY", KEY)
            said = made.says("-c", text.replace('region="eu"', f"base_url={where!r}"))
            assert said.endswith(f"@{DOMAIN}>\n")
        finally:
            server.terminate()


@pytest.fixture(params=["pyright", "mypy"])
def checker(request: pytest.FixtureRequest, installed: Environment, tmp_path: Path) -> list[str]:
    """A type checker at its strictest, that sees the installed wheel and not this checkout."""
    if request.param == "mypy":
        python = ("--python-executable", str(installed.python))
        return ["mypy", "--strict", *python, "--config-file=", "--cache-dir", str(tmp_path / "c")]
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    return ["pyright", "--pythonpath", str(installed.python), "--project", str(tmp_path)]


def test_a_users_program_has_the_mistakes_in_it_and_no_others(
    checker: list[str], tmp_path: Path
) -> None:
    """Without types of the package none would be found; the program is clean up to them."""
    program = tmp_path / "program.py"
    clean = (ROOT / "tests/packaging/user_project.py").read_text().rstrip("\n")
    program.write_text("\n".join([clean, *WRONG]) + "\n")
    start = len(clean.splitlines()) + 1
    words = checker if checker[0] == "pyright" else [*checker, str(program)]
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = {int(each) for each in re.findall(r"program\.py:(\d+):.*error", done.stdout)}
    assert lines == {*range(start, start + len(WRONG))}, done.stdout
