"""`python -m pipeline`: vendor, build, check, diff, release."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Any, Literal

import click

from pipeline import build, lint, sources
from pipeline.diff import compare as difference
from pipeline.diff import report, source
from pipeline.errors import PipelineError, StaleError
from pipeline.load import read_bytes, shown
from pipeline.release import release
from pipeline.vendor import vendor as reduce
from pipeline.write import compare, read_tree, write_file, write_tree


class _Commands(click.Group):
    """Turns the pipeline's own errors into one message and their exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PipelineError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(error.exit_status)


_folder = click.Path(file_okay=False, path_type=Path)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Turn vendored OpenAPI descriptions and overlays into one contract and one client."""


@main.command()
@click.argument("name", required=False)
@click.argument("source", required=False)
@click.option("--to", "folder", type=_folder, default=Path("specs"), show_default=True)
@click.option("--retrieved", help="Day on which the source was taken (default: today, UTC).")
@click.option("--url", help="Official download address to record for the spec.")
def vendor(
    name: str | None, source: str | None, folder: Path, retrieved: str | None, url: str | None
) -> None:
    """Write <NAME>.yaml from SOURCE, a file or url (default: the recorded address).

    Without NAME every recorded spec is refreshed from its address.
    """
    if name:
        sources.check_name(name)
    names = [name] if name else sorted(sources.read(folder))
    if not names:
        raise click.UsageError(f"{folder / sources.FILE} records no spec yet; give NAME and SOURCE")
    # Everything is read and reduced before anything is written.
    fetched = []
    for spec in names:
        origin = source or sources.address(folder, spec)
        data = read_bytes(origin)
        fetched.append((spec, origin, reduce(data, shown(origin))))
    records = sources.read(folder)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    for spec, origin, vendored in fetched:
        old = records.get(spec, {})
        same = old.get("sha256") == vendored.sha256
        address = shown(url) if url else old.get("url")
        records[spec] = ({"url": address} if address else {}) | {
            "source": sources.public(origin),
            "version": vendored.version,
            "retrieved": retrieved or (old.get("retrieved") if same else None) or today,
            "sha256": vendored.sha256,
            "operations": vendored.operations,
        }
        write_file(folder / f"{spec}.yaml", vendored.text().encode())
        click.echo(f"{folder / f'{spec}.yaml'}: {vendored.operations} operations")
        for reference in vendored.dangling:
            click.echo(f"  dangling reference, kept as it is: {reference}")
    write_file(folder / sources.FILE, sources.render(records).encode())


@main.command("build")
@click.option("--specs", type=_folder, default=Path("specs"), show_default=True)
@click.option("--overlays", type=_folder, default=Path("overlays"), show_default=True)
@click.option("--to", "folder", type=_folder, default=Path("generated"), show_default=True)
@click.option("--check", is_flag=True, help="Compare with what is there instead of writing.")
def build_(specs: Path, overlays: Path, folder: Path, check: bool) -> None:
    """Write openapi.json, openapi.client.json and mailgun_client/ into a folder.

    Nothing is written when a rule is broken. With --check, exit status 1 and a list of files say
    that the folder is not what specs and overlays give.
    """
    started = time.perf_counter()
    built = build.build(specs, overlays)
    took = f"{len(built.tree)} files, {built.operations} operations"
    if check:
        differences = compare(read_tree(folder), built.tree)
        if differences:
            raise StaleError(f"{folder}: not what `make build` gives", differences)
        click.echo(f"{folder}: verified, {took}, {time.perf_counter() - started:.1f} s")
        return
    changed = write_tree(folder, built.tree)
    click.echo(f"{folder}: {took}, {changed} changed, {time.perf_counter() - started:.1f} s")


@main.command("contract")
@click.option("--specs", type=_folder, default=Path("specs"), show_default=True)
@click.option("--overlays", type=_folder, default=Path("overlays"), show_default=True)
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True)
def contract_(specs: Path, overlays: Path, path: Path) -> None:
    """Write the merged contract to a file of its own and lint it; for work on overlays."""
    truth = build.merged(specs, overlays)
    write_file(path, build.render(truth))
    lint.check(truth)
    click.echo(f"{path}: meets every rule")


@main.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--specs", type=_folder, default=Path("specs"), show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "any", "never"]),
    default="breaking",
    show_default=True,
    help="What makes the exit status 1.",
)
@click.option("--most", type=click.IntRange(min=500), help="Characters of Markdown at most.")
@click.pass_context
def diff_(
    ctx: click.Context,
    old: str,
    new: str,
    specs: Path,
    form: str,
    fail_on: Literal["breaking", "any", "never"],
    most: int | None,
) -> None:
    """Say what changed from OLD to NEW, and what of it breaks callers.

    Each is a file, a name in specs/ (send), a url, or REV:path of this git repository
    (HEAD~1:send, v1:generated/openapi.json).

    Exit status: 0 no breaking change, 1 breaking changes found (see --fail-on), 2 bad input.
    `make diff` cannot tell the last two apart: make exits with 2 whenever a command fails.
    """
    found = difference(source.read(old, specs), source.read(new, specs), names=(old, new))
    if form == "json":
        shown_as = report.json_text(found)
    elif form == "markdown":
        shown_as = report.markdown(found, most)
    else:
        shown_as = report.text(found)
    click.echo(shown_as, nl=False)
    ctx.exit(1 if found.fails(fail_on) else 0)


@main.command("release")
@click.argument("version")
@click.option("--dry-run", "dry", is_flag=True, help="Check and build, but keep and tag nothing.")
def release_(version: str, dry: bool) -> None:
    """Check the checkout, build sdist and wheel into dist/, and tag the commit v<VERSION>.

    The tree must be clean, its version be VERSION, and CHANGELOG.md have a section
    "## [VERSION] - today" (UTC) with nothing left under [Unreleased]. Nothing leaves this machine.

    Exit status: 0 released, 2 something is not as it has to be; all of it is listed.
    """
    today = datetime.datetime.now(datetime.UTC).date()
    made = release(Path.cwd(), version, today, dry=dry)
    for file in made.files:
        click.echo(f"{'would build' if dry else 'built'} {file.name}")
    if dry:
        click.echo(f"would tag {made.tag}")
    else:
        click.echo(f"tagged {made.tag}; next: git push origin {made.tag}, twine upload dist/*")


if __name__ == "__main__":
    main(prog_name="python -m pipeline")
