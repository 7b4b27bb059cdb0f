"""Where a document to compare comes from."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.load import Json, is_url, read_bytes, shown
from pipeline.vendor import vendor


def read(source: str, specs: Path) -> Json:
    """The facts of a file, of a name in `specs`, of a url or of `REV:path` in git.

    `REV:send` is `REV:specs/send.yaml`. Raises SourceError for what is none of these or no OpenAPI
    3.x document.
    """
    return vendor(_data(source, specs), shown(source) if is_url(source) else source).document


def _data(source: str, specs: Path) -> bytes:
    named = specs / f"{source}.yaml"
    if is_url(source) or Path(source).is_file():
        return read_bytes(source)
    if "/" not in source and named.is_file():
        return read_bytes(str(named))
    revision, colon, path = source.partition(":")
    if colon and revision and path and not revision.startswith("-"):
        return _committed(revision, path if "." in path else f"{specs.as_posix()}/{path}.yaml")
    raise SourceError(
        f"{source}: expected a file, a name in {specs}/, a url or REV:path of this git repository"
    )


def _committed(revision: str, path: str) -> bytes:
    command = ["git", "show", "--end-of-options", f"{revision}:{path}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        raise SourceError(f"{revision}:{path}: git is not installed") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise SourceError(f"{revision}:{path}: {reason[0] if reason else 'git refused'}")
    return done.stdout
