"""`python -m pipeline` as its users meet it: output, exit status, files."""

from __future__ import annotations

import datetime
import hashlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline import build, sources
from pipeline.__main__ import main
from pipeline.build import Built
from pipeline.load import read
from pipeline.write import read_tree
from tests.pipeline.conftest import Project, Web

ROOT = Path(__file__).parents[2]
RAW = (
    b"openapi: 3.1.0\ninfo: {title: T, version: '7'}\npaths: {/a: {get: {responses: {200: {}}}}}\n"
)
NEWER = RAW.replace(b"'7'", b"'8'")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def refusal(result: Result, status: int = 2) -> str:
    """The one line on stderr of a call that was refused without a crash."""
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == status
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return lines[0].removeprefix("error: ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of specs that holds one already."""
    path = tmp_path / "specs"
    (tmp_path / "first.yaml").write_bytes(RAW)
    assert run("vendor", "first", tmp_path / "first.yaml", "--to", path).exit_code == 0
    return path


def test_vendor_writes_spec_and_record(tmp_path: Path) -> None:
    (tmp_path / "raw.yaml").write_bytes(RAW)
    result = run("vendor", "send", tmp_path / "raw.yaml", "--to", tmp_path / "new" / "specs")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{tmp_path / 'new' / 'specs' / 'send.yaml'}: 1 operations\n"
    assert read(tmp_path / "new/specs/send.yaml") == {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "7"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "OK"}}}}},
    }
    record = sources.read(tmp_path / "new/specs")["send"]
    assert record.pop("retrieved") <= datetime.datetime.now(datetime.UTC).date().isoformat()
    assert record == {
        "source": "raw.yaml",
        "version": "7",
        "sha256": hashlib.sha256(RAW).hexdigest(),
        "operations": 1,
    }


def test_vendoring_the_same_again_changes_no_byte(folder: Path, tmp_path: Path) -> None:
    before = read_tree(folder)
    assert run("vendor", "first", tmp_path / "first.yaml", "--to", folder).exit_code == 0
    assert read_tree(folder) == before


def test_retrieved_is_stable_while_the_source_is(tmp_path: Path) -> None:
    raw, folder = tmp_path / "raw.yaml", tmp_path / "specs"

    def retrieved(*options: str) -> str:
        assert run("vendor", "send", raw, "--to", folder, *options).exit_code == 0
        return str(sources.read(folder)["send"]["retrieved"])

    raw.write_bytes(RAW)
    assert retrieved("--retrieved", "2020-02-02") == "2020-02-02"
    assert retrieved() == "2020-02-02"
    assert retrieved("--retrieved", "2020-03-03") == "2020-03-03"
    raw.write_bytes(NEWER)
    assert retrieved() > "2020-03-03"


def test_url_is_kept_and_other_records_too(folder: Path, tmp_path: Path) -> None:
    before = sources.read(folder)["first"]
    raw = tmp_path / "raw.yaml"
    raw.write_bytes(RAW)
    url = "https://things.test/spec?format=yaml"
    assert run("vendor", "send", raw, "--to", folder, "--url", url).exit_code == 0
    raw.write_bytes(NEWER)
    assert run("vendor", "send", raw, "--to", folder).exit_code == 0
    records = sources.read(folder)
    assert (records["send"]["url"], records["send"]["version"]) == (url, "8")
    assert records["first"] == before


def test_dangling_references_are_reported_and_kept(tmp_path: Path) -> None:
    raw, folder = tmp_path / "raw.yaml", tmp_path / "specs"
    raw.write_bytes(RAW + b"components: {schemas: {A: {$ref: '#/components/schemas/Gone'}}}\n")
    result = run("vendor", "send", raw, "--to", folder)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [
        "  dangling reference, kept as it is: #/components/schemas/Gone"
    ]
    schemas = read(folder / "send.yaml")["components"]["schemas"]
    assert schemas == {"A": {"$ref": "#/components/schemas/Gone"}}


def test_vendor_from_a_url(web: Web, tmp_path: Path) -> None:
    web.pages["/spec.yaml"] = RAW
    assert run("vendor", "send", f"{web.url}/spec.yaml", "--to", tmp_path).exit_code == 0
    assert sources.read(tmp_path)["send"]["source"] == f"{web.url}/spec.yaml"


def test_credentials_are_used_but_never_recorded_or_printed(web: Web, tmp_path: Path) -> None:
    web.pages["/spec.yaml"] = RAW
    secret = web.url.replace("//", "//wilma:s3cret@")
    results = [
        run("vendor", "a", f"{secret}/spec.yaml", "--to", tmp_path, "--url", f"{secret}/spec.yaml"),
        run("vendor", "b", f"{secret}/missing.yaml", "--to", tmp_path),
        run("vendor", "b", "http://wilma:s3cret@127.0.0.1:bad/", "--to", tmp_path),
    ]
    web.pages["/spec.yaml"] = b"swagger: 2.0"
    results.append(run("vendor", "b", f"{secret}/spec.yaml", "--to", tmp_path))
    assert [result.exit_code for result in results] == [0, 2, 2, 2]
    for text in (*(r.output for r in results), *map(str, read_tree(tmp_path).values())):
        assert "s3cret" not in text
        assert "wilma" not in text
    assert web.authorizations == ["Basic d2lsbWE6czNjcmV0"] * 3
    assert sources.read(tmp_path)["a"]["url"] == f"{web.url}/spec.yaml"


def test_refresh_by_name_and_of_all(web: Web, folder: Path, tmp_path: Path) -> None:
    web.pages |= {"/one": RAW, "/two": RAW}
    for name in ("one", "two"):
        url = f"{web.url}/{name}"
        assert run("vendor", name, url, "--to", folder, "--url", url).exit_code == 0
    (folder / "first.yaml").unlink()
    first = f"{web.url}/first"
    result = run("vendor", "first", tmp_path / "first.yaml", "--to", folder, "--url", first)
    assert result.exit_code == 0
    web.pages |= {"/one": NEWER, "/two": NEWER, "/first": NEWER}

    def versions() -> dict[str, str]:
        return {name: record["version"] for name, record in sources.read(folder).items()}

    assert run("vendor", "two", "--to", folder).exit_code == 0
    assert versions() == {"first": "7", "one": "7", "two": "8"}
    assert run("vendor", "--to", folder).exit_code == 0
    assert versions() == {"first": "8", "one": "8", "two": "8"}
    assert {read(folder / f"{name}.yaml")["info"]["version"] for name in versions()} == {"8"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"Dear reader,\n", "expected a mapping at the top, found str"),
        (b"- openapi\n- 3.1.0\n", "expected a mapping at the top, found list"),
        (b"[]", "expected a mapping at the top, found list"),
        (b"", "expected a mapping at the top, found NoneType"),
        (b"\x89PNG\r\n\x1a\n\x00", "expected UTF-8 text, found byte 0x89 at 0"),
        (b"PK\x03\x04\x14\x00", "expected YAML or JSON, found "),
        (b'{"openapi": "3.1.0",', "expected YAML or JSON, found "),
        (b"openapi: [3.1.0\ninfo: {}\n", "expected YAML or JSON, found "),
        (b"openapi: 3.1.0\nopenapi: 3.1.0\n", "the key 'openapi' occurs twice in one mapping"),
        (
            b"swagger: '2.0'\ninfo: {}\npaths: {}\n",
            "expected OpenAPI 3.x (key openapi), found Swagger 2.0",
        ),
        (b"info: {}\npaths: {}\n", "expected OpenAPI 3.x (key openapi), found None"),
        (b"openapi: 3.1.0\ninfo: {}\n", "expected a mapping under 'paths', found NoneType"),
    ],
)
def test_wrong_formats(data: bytes, problem: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(data)
    before = read_tree(folder)
    message = refusal(run("vendor", "send", tmp_path / "raw", "--to", folder))
    assert message.startswith(f"{tmp_path / 'raw'}: ")
    assert problem in message
    assert read_tree(folder) == before


def test_sources_out_of_reach(web: Web, folder: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/spec.yaml"
    missing = tmp_path / "missing.yaml"
    before = read_tree(folder)
    for source, problem in {
        f"{web.url}/gone.yaml": f"{web.url}/gone.yaml: expected status 200, found 404 Not Found",
        closed: f"{closed}: cannot be fetched: ",
        str(missing): f"{missing}: cannot be read: No such file or directory",
        str(tmp_path): f"{tmp_path}: cannot be read: Is a directory",
    }.items():
        assert refusal(run("vendor", "send", source, "--to", folder)).startswith(problem)
    assert read_tree(folder) == before


def test_an_error_page_is_no_description(web: Web, tmp_path: Path) -> None:
    web.pages["/"] = b"<!doctype html>\n<title>Sign in</title>\n"
    message = refusal(run("vendor", "send", f"{web.url}/", "--to", tmp_path / "specs"))
    assert message.startswith(f"{web.url}/: expected ")
    assert not (tmp_path / "specs").exists()


def test_nothing_is_written_when_one_of_several_fails(web: Web, folder: Path) -> None:
    for name in ("first", "later", "second"):
        web.pages[f"/{name}"] = RAW
        url = f"{web.url}/{name}"
        assert run("vendor", name, url, "--to", folder, "--url", url).exit_code == 0
    web.pages |= {"/first": NEWER, "/second": NEWER}
    del web.pages["/later"]
    before = read_tree(folder)
    assert "/later: expected status 200" in refusal(run("vendor", "--to", folder))
    web.pages["/later"] = b"swagger: '2.0'"
    assert "/later: expected OpenAPI 3.x" in refusal(run("vendor", "--to", folder))
    assert read_tree(folder) == before


def test_a_name_without_address(folder: Path) -> None:
    before = read_tree(folder)
    assert refusal(run("vendor", "other", "--to", folder)) == (
        f"{folder / 'sources.toml'}: expected a url for 'other', found only: first; give SOURCE="
    )
    assert "expected a url for 'first'" in refusal(run("vendor", "--to", folder))
    assert read_tree(folder) == before


def test_a_name_that_leaves_the_folder(folder: Path, tmp_path: Path) -> None:
    before = read_tree(tmp_path)
    message = refusal(run("vendor", "../up", tmp_path / "first.yaml", "--to", folder))
    assert message == "../up: expected a spec name of small letters, digits, - and _"
    assert read_tree(tmp_path) == before


def test_as_a_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pipeline",
            "vendor",
            "send",
            "missing.yaml",
            "--to",
            tmp_path / "s",
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    problem = "error: missing.yaml: cannot be read: No such file or directory\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", problem)
    assert not (tmp_path / "s").exists()


def test_contract_writes_the_document_and_lints_it(project: Project, tmp_path: Path) -> None:
    words = ("--specs", project.specs, "--overlays", project.overlays)
    path = tmp_path / "out" / "truth.json"
    result = run("contract", *words, "--to", path)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "error: 1 breach(es) of the contract rules",
        "  dangling reference #/components/schemas/Owner",
    ]
    assert "things.test-Thing" not in path.read_text()
    project.mend()
    result = run("contract", *words, "--to", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: meets every rule\n")
    assert "Owner" in read(path)["components"]["schemas"]


def test_build_writes_and_check_compares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = {"openapi.json": b"{}\n", "mailgun_client/__init__.py": b""}
    monkeypatch.setattr(build, "build", lambda *_: Built(dict(tree), 3))
    folder = tmp_path / "generated"

    result = run("build", "--to", folder, "--check")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"error: {folder}: not what `make build` gives",
        "  missing: mailgun_client/__init__.py",
        "  missing: openapi.json",
    ]
    assert not folder.exists()

    result = run("build", "--to", folder)
    assert result.stdout.startswith(f"{folder}: 2 files, 3 operations, 2 changed, ")
    assert read_tree(folder) == tree
    assert run("build", "--to", folder, "--check").exit_code == 0

    (folder / "openapi.json").write_bytes(b"{ }\n")
    (folder / "extra.py").write_bytes(b"")
    before = read_tree(folder)
    result = run("build", "--to", folder, "--check")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1:] == ["  not built: extra.py", "  differs: openapi.json"]
    assert read_tree(folder) == before
    assert run("build", "--to", folder).exit_code == 0
    assert read_tree(folder) == tree
