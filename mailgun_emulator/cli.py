"""`mailgun-emulator`: serve the emulator, or count how much of the API it holds state for.

Every option can come from the environment: MAILGUN_EMULATOR_HOST, _PORT, _SMTP_PORT, _SMTPS_PORT,
_API_KEY, _DOMAIN, _SEED, _SEED_FILE, _STRICT, _TRACKING_HOSTS, _KEEP_MESSAGES, _KEEP_MEGABYTES,
_KEEP_HOURS, _KEEP_EVENTS, _KEEP_EVENT_DAYS, _NAMED_RECIPIENTS; several keys or domains are
separated by blanks.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import logging
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from mailgun_emulator.app import create_app
from mailgun_emulator.areas.credentials import SYSTEM_LOGIN
from mailgun_emulator.catalogue import NOT_YET, catalogue, sections, shown
from mailgun_emulator.coverage import areas, as_data, behaviour_table, operation_table
from mailgun_emulator.errors import EmulatorError, ServeError
from mailgun_emulator.seed import parse as parse_seed
from mailgun_emulator.server import listen, run, url
from mailgun_emulator.settings import DAY, Settings
from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY

F = TypeVar("F", bound=Callable[..., Any])

ENVIRONMENT = "MAILGUN_EMULATOR"
EXAMPLES = f"""\b
Examples:
  mailgun-emulator serve --port 0 --domain mg.example.com
  curl --user api:{DEFAULT_KEY} http://127.0.0.1:8025/v3/{DEFAULT_DOMAIN}/messages \\
    -F from=me@example.com -F to=you@example.com -F subject=Hi -F text=Hello
"""


class _Commands(click.Group):
    """Turns the package's own errors into one line and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EmulatorError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mailgun-toolkit", prog_name="mailgun-emulator")
def main() -> None:
    """A stateful emulator of the Mailgun HTTP API."""


def _option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option of `serve` that can also come from the environment."""
    name = names[0].partition("/")[0].removeprefix("--")
    variable = f"{ENVIRONMENT}_{name.replace('-', '_').upper()}"
    return click.option(*names, envvar=variable, show_envvar=True, show_default=True, **settings)


class _Port(click.IntRange):
    name = "port"


def _words(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Each value once; refuse those that no request could name."""
    for value in values:
        if not value or set(value) & set(" \t\r\n/:"):
            raise click.BadParameter(f"{value!r} is empty or holds a blank, a slash or a colon")
    return tuple(dict.fromkeys(values))


def _names(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Domain names, which have no case."""
    return _words(context, option, tuple(value.lower() for value in values))


_SETTINGS = Settings()
_MEGABYTE, _HOUR = 1024 * 1024, 3_600.0
_KEPT = (
    _option(
        "--keep-messages",
        default=_SETTINGS.messages,
        type=click.IntRange(1),
        metavar="COUNT",
        help="Messages that each account stores; the oldest go first.",
    ),
    _option(
        "--keep-megabytes",
        default=_SETTINGS.message_bytes // _MEGABYTE,
        type=click.IntRange(1),
        metavar="COUNT",
        help="What the stored messages of an account weigh together.",
    ),
    _option(
        "--keep-hours",
        default=_SETTINGS.message_age / _HOUR,
        type=click.FloatRange(0, min_open=True),
        metavar="HOURS",
        help="How long stored messages can be read.",
    ),
    _option(
        "--keep-events",
        default=_SETTINGS.events,
        type=click.IntRange(1),
        metavar="COUNT",
        help="Events that each domain keeps.",
    ),
    _option(
        "--keep-event-days",
        default=_SETTINGS.event_age / DAY,
        type=click.FloatRange(0, min_open=True),
        metavar="DAYS",
        help="How long events are shown.",
    ),
)


def _bounded(function: F) -> F:
    """The options of how much is kept."""
    for option in reversed(_KEPT):
        function = option(function)
    return function


@main.command(epilog=EXAMPLES)
@_option("--host", default="127.0.0.1", metavar="ADDRESS", help="Where to listen.")
@_option("--port", default=8025, type=_Port(0, 65535), metavar="PORT", help="0 takes a free one.")
@_option(
    "--smtp-port",
    type=_Port(0, 65535),
    metavar="PORT",
    help="Take mail by SMTP here as well, with STARTTLS; 0 takes a free port. Off unless given.",
)
@_option(
    "--smtps-port",
    type=_Port(0, 65535),
    metavar="PORT",
    help="The same with TLS from the first byte.",
)
@_option(
    "--api-key",
    "api_keys",
    multiple=True,
    default=(DEFAULT_KEY,),
    metavar="KEY",
    callback=_words,
    help="A key to call with, repeatable. Every key is an account of its own.",
)
@_option(
    "--domain",
    "domains",
    multiple=True,
    default=(DEFAULT_DOMAIN,),
    metavar="NAME",
    callback=_names,
    help="A domain to send from, repeatable. Every account has all of them, active.",
)
@_option("--seed", metavar="TEXT", help="Make ids and tokens repeat from run to run.")
@_option(
    "--seed-file",
    metavar="FILE",
    type=click.File("rb"),
    help="Data to start with and to have again after a reset, as YAML or JSON.",
)
@_option(
    "--strict",
    is_flag=True,
    help="Answer 500 when a reply breaks the API description; otherwise that is only logged.",
)
@_option(
    "--tracking-hosts",
    is_flag=True,
    help="Let links in mail lead to the tracking host of its domain, not to this server.",
)
@_option(
    "--named-recipients/--no-named-recipients",
    default=True,
    help="Let names such as bounce@, tempfail@, complaint@ decide what becomes of their mail.",
)
@_bounded
def serve(
    host: str,
    port: int,
    smtp_port: int | None,
    smtps_port: int | None,
    api_keys: tuple[str, ...],
    domains: tuple[str, ...],
    seed: str | None,
    seed_file: BinaryIO | None,
    strict: bool,
    tracking_hosts: bool,
    named_recipients: bool,
    keep_messages: int,
    keep_megabytes: int,
    keep_hours: float,
    keep_events: int,
    keep_event_days: float,
) -> None:
    """Serve the API over HTTP until interrupted (Ctrl-C).

    Prints the keys, the domains and, once connections are accepted, `ready: URL`. With SMTP it also
    prints where that is and the login of every domain, whose password is the key. All data is kept
    in memory and gone when the server stops. Each option can come from its environment variable
    instead; there, several keys or domains have blanks between them.
    """
    logging.basicConfig(format="%(levelname)s %(message)s")
    data = parse_seed(seed_file.read()) if seed_file else None
    held = _listen(host, {"http": port, "smtp": smtp_port, "smtps": smtps_port})
    settings = Settings(
        messages=keep_messages,
        message_bytes=keep_megabytes * _MEGABYTE,
        message_age=keep_hours * _HOUR,
        events=keep_events,
        event_age=keep_event_days * DAY,
        named_recipients=named_recipients,
    )
    app = create_app(
        api_keys=api_keys,
        domains=domains,
        seed=seed,
        strict=strict,
        seed_data=data,
        tracking_hosts=tracking_hosts,
        settings=settings,
    )
    if not _loopback(host):
        click.echo(
            f"Warning: {host} can be reached from other machines; the emulator is not hardened",
            err=True,
        )
    for key in api_keys:
        click.echo(f"api key: {key}")
    for name in domains:
        click.echo(f"domain: {name}")
    relays = []
    if len(held) > 1:
        # Certificates are slow to import, and few need them.
        from mailgun_emulator import smtp

        for key, name in itertools.product(api_keys, domains):
            click.echo(f"smtp login: {SYSTEM_LOGIN}@{name} password: {key}")
        for scheme in sorted(held.keys() - {"http"}):
            relays.append(smtp.serve(app, held=held[scheme], tls=scheme == "smtps"))
            click.echo(f"{scheme}: {url(held[scheme], scheme)}")

    def ready(where: str) -> None:
        app.state.base_url = where
        click.echo(f"ready: {where}")

    run(app, held["http"], ready=ready, beside=relays)
    # A terminal shows ^C and stays on that line.
    click.echo("\nstopped" if sys.stdout.isatty() else "stopped")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--tests",
    default="tests",
    show_default=True,
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Tests whose docstrings name the behaviours that they show.",
)
@click.option("--unshown", is_flag=True, help="List each behaviour that is not shown, and why.")
def coverage(as_json: bool, tests: Path, unshown: bool) -> None:
    """Count operations by area and known behaviours of the API by section.

    A stateful operation remembers what it was told, a synthesised one answers with made-up data
    that fits the API description. A behaviour is shown when a test's docstring names its id.
    """
    app, known = create_app(), catalogue()
    operations = areas(app.contract, app.stateful)
    behaviours = sections(known.values(), frozenset(shown(tests)))
    if as_json:
        click.echo(json.dumps(as_data(operations, behaviours), indent=2))
        return
    click.echo("\n".join(operation_table(operations)))
    click.echo()
    click.echo("\n".join(behaviour_table(behaviours)))
    if not tests.is_dir():
        click.echo(f"no folder {str(tests)!r}: name the tests of a checkout with --tests", err=True)
    if unshown:
        for entry in (entry for row in behaviours for entry in row.missing):
            click.echo(f"{entry.id}  {entry.says} -- {entry.unshown or NOT_YET}")


def _listen(host: str, ports: Mapping[str, int | None]) -> dict[str, socket.socket]:
    """A socket for each port that is given; all or none of them."""
    held: dict[str, socket.socket] = {}
    try:
        for scheme, port in ports.items():
            if port is not None:
                held[scheme] = listen(host, port)
    except ServeError:
        for each in held.values():
            each.close()
        raise
    return held


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
