"""Every code block of the documentation runs, and prints what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docsite.blocks import blocks
from tests.docs.running import PAGES, RUN, LeftOut, Runner, environment, left_out, named, to_run


def run(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    runner = Runner(page, folder)
    with environment(runner, monkeypatch):
        return runner.run()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_code_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [block for block in to_run(page) if block.language in RUN and block.text]
    assert run(page, tmp_path, monkeypatch) == len(wanted)


@pytest.mark.parametrize("excuse", left_out(), ids=lambda one: f"{one.page}-{one.begins}")
def test_what_is_left_out_is_there(excuse: LeftOut) -> None:
    pages = {named(path): path for path in PAGES}
    found = blocks(pages[excuse.page].read_text(encoding="utf-8"))
    assert [one for one in found if one.language in RUN and one.text.startswith(excuse.begins)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("```python\nprint(1)\n\nnope()\n```\n", NameError),
        ("```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n", AssertionError),
        ("```python\nprint(1)\n```\n```text\n2\n```\n", AssertionError),
        ("```sh\nfalse | true\n```\n", AssertionError),
        ("```sh\necho a\n```\n```text\nb\n```\n", AssertionError),
        ("```sh\nmailgun-emulator serve --port nonsense\n```\n", AssertionError),
        ("```bash\ntrue\n```\n", AssertionError),
        ("- x\n\n    ```python\n    print(1)\n    ```\n", ValueError),
        ("```python\ndef f(:\n```\n", SyntaxError),
    ],
)
def test_a_broken_page_fails(
    text: str, kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(kind):
        run(page, tmp_path, monkeypatch)


def test_a_page_that_is_right_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are shared, `...` stands for anything, the server is the one of the page."""
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nimport httpx\nanswer = httpx.get('http://127.0.0.1:8025/_emulator/health')\n```\n"
        "```python\nprint('ok', answer.status_code)\n```\n```text\no... 200\n```\n"
        "```sh\ncurl -sfo health http://127.0.0.1:8025/_emulator/health\necho $((1 + 1))\n```\n"
        "```text\n2\n```\n"
    )
    assert run(page, tmp_path, monkeypatch) == 3
