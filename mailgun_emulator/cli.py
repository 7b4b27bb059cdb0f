"""`mailgun-emulator`: serve the emulator, or show how much of the API it holds state for.

Every option can come from the environment: MAILGUN_EMULATOR_HOST, _PORT, _API_KEY, _DOMAIN, _SEED,
_SEED_FILE, _STRICT; several keys or domains are separated by blanks.
"""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import click

from mailgun_emulator.app import create_app
from mailgun_emulator.coverage import Area, areas
from mailgun_emulator.errors import EmulatorError
from mailgun_emulator.seed import parse as parse_seed
from mailgun_emulator.server import listen, run, url
from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY

F = TypeVar("F", bound=Callable[..., Any])

ENVIRONMENT = "MAILGUN_EMULATOR"


class _Commands(click.Group):
    """Turns the package's own errors into one line and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EmulatorError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mailgun-toolkit", prog_name="mailgun-emulator")
def main() -> None:
    """A stateful emulator of the Mailgun HTTP API."""


def _option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option of `serve` that can also come from the environment."""
    variable = f"{ENVIRONMENT}_{names[0].removeprefix('--').replace('-', '_').upper()}"
    return click.option(*names, envvar=variable, show_envvar=True, show_default=True, **settings)


def _words(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse values that no request could name."""
    for value in values:
        if not value or set(value) & set(" \t\r\n/:"):
            raise click.BadParameter(f"{value!r} is empty or holds a blank, a slash or a colon")
    return values


@main.command()
@_option("--host", default="127.0.0.1", help="Address to listen on.")
@_option("--port", default=8025, type=click.IntRange(0, 65535), help="0 picks a free one.")
@_option(
    "--api-key",
    "api_keys",
    multiple=True,
    default=(DEFAULT_KEY,),
    callback=_words,
    help="Repeatable; every key is an account of its own.",
)
@_option(
    "--domain",
    "domains",
    multiple=True,
    default=(DEFAULT_DOMAIN,),
    callback=_words,
    help="Repeatable; active at start in every account.",
)
@_option("--seed", default=None, help="Makes generated ids repeat.")
@_option(
    "--seed-file",
    default=None,
    type=click.File("rb"),
    help="Data to start with, as YAML or JSON.",
)
@_option(
    "--strict",
    is_flag=True,
    help="Answer 500 when a reply breaks the contract (otherwise it is only logged).",
)
def serve(
    host: str,
    port: int,
    api_keys: tuple[str, ...],
    domains: tuple[str, ...],
    seed: str | None,
    seed_file: BinaryIO | None,
    strict: bool,
) -> None:
    """Serve the API over HTTP until interrupted.

    Prints `ready: <url>` once connections are accepted.
    """
    logging.basicConfig(format="%(levelname)s %(message)s")
    app = create_app(
        api_keys=api_keys,
        domains=domains,
        seed=seed,
        strict=strict,
        seed_data=parse_seed(seed_file.read()) if seed_file else None,
    )
    held = listen(host, port)
    app.state.base_url = url(held)
    if not _loopback(host):
        click.echo(
            f"warning: {host} can be reached from other machines; the emulator is not hardened",
            err=True,
        )
    for key in api_keys:
        click.echo(f"api key: {key}")
    for name in domains:
        click.echo(f"domain: {name}")
    run(app, held, ready=lambda where: click.echo(f"ready: {where}"))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def coverage(as_json: bool) -> None:
    """Show which operations hold state and which are synthesised, by area."""
    app = create_app()
    rows = areas(app.contract, app.stateful)
    total = Area(
        "total",
        tuple(name for row in rows for name in row.stateful),
        tuple(name for row in rows for name in row.synthesised),
    )
    if as_json:
        click.echo(json.dumps({row.tag: row.counts() for row in (*rows, total)}, indent=2))
        return
    width = max(len(row.tag) for row in rows)
    click.echo(f"{'area':{width}}  stateful  synthesised")
    for row in (*rows, total):
        click.echo(f"{row.tag:{width}}  {len(row.stateful):8}  {len(row.synthesised):11}")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
