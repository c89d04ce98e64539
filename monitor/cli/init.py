"""Read a folder of files or a database and write a starting weir.yaml."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli import _openslo
from monitor.errors import UsageError
from monitor.model import SECOND

if TYPE_CHECKING:
    from monitor.discover import Found, Proposal, Target


@click.command()
@click.argument("where", metavar="[PATH_OR_URL]", default=".")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("weir.yaml"),
    show_default=True,
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Overwrite that file.")
@click.option("--name", default="", help="The pipeline's name; default: that of the folder or database.")
@click.option("--schema", metavar="NAME", help="Only the tables of this schema of a database.")
@click.option(
    "--from-openslo",
    "openslo",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Take objectives from OpenSLO v1 instead.",
)
def command(where: str, out: Path, force: bool, name: str, schema: str | None, openslo: Path | None) -> None:
    """Read a folder of files or a database and write a starting weir.yaml.

    PATH_OR_URL is a folder of Parquet, CSV or JSON lines files (default: this one), one such file, a DuckDB
    database file, or postgresql://USER@HOST/DATABASE. At most 100,000 rows of each table are read. An address
    with a password is not written: export it as WAREHOUSE_URL, or give '${NAME}' of a variable that holds it.

    From OpenSLO come objectives, not data: a query of another system's metrics is kept as a comment, and its
    check is off until you name the rows that it counts.
    """
    from time import time

    from monitor.discover import propose, target

    if out.exists() and not force:
        raise UsageError(
            f"'{out}' exists already", hint="name another file with --out, or overwrite it with --force"
        )
    if not out.parent.is_dir():
        raise UsageError(f"the folder of '{out}' does not exist", hint="make it first")
    if openslo is not None:
        _openslo.read(openslo, out, name)
        return
    what = target(where, out.parent)
    with _Progress() as progress:
        proposal = propose(what, int(time() * 1_000_000), name=name, schema=schema, progress=progress)
    checks = _written(proposal, out, what)
    _print(*checks, out, what)


def _written(proposal: "Proposal", out: Path, what: "Target") -> "tuple[Proposal, int]":
    """Write it, read it back and hold it against the tables; what they contradict after all is left out."""
    from functools import partial

    from monitor import config, packs
    from monitor.binding.bind import bind, refuses
    from monitor.binding.sources import Sources

    env = {**os.environ, **what.env}
    out.write_text(proposal.text, encoding="utf-8")
    read = config.load(out, env)
    with Sources(read) as sources:
        tables = sources.describe(read)
        fitted = packs.fit(read, {}, partial(refuses, read, tables)).config
        _, errors = bind(fitted, tables)
    if errors:
        proposal = proposal.without({name: error.message for name, error in errors.items()})
        out.write_text(proposal.text, encoding="utf-8")
    return proposal, len(fitted.checks) - len(errors)


class _Progress:
    """The dataset that is being looked at, on a terminal; nothing in a pipe."""

    def __enter__(self) -> "Any":
        import sys

        self._status: Any = None
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("looking …")
            self._status.start()
        return self._show

    def _show(self, name: str) -> None:
        if self._status:
            self._status.update(f"looking at {name} …")

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()


def _print(proposal: "Proposal", checks: int, out: Path, what: "Target") -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 140
    console.print(_table(proposal))
    for note in proposal.notes:
        console.print(Text(f"– {note}"))
    datasets = f"{len(proposal.found)} dataset{'' if len(proposal.found) == 1 else 's'}"
    console.print(Text(f"\nWrote {out}: {datasets}, {checks} checks. Its comments say what is a guess."))
    for name in what.env:
        if not os.environ.get(name):
            text = f"The address holds a password and is not in it. First: export {name}='postgresql://…'"
            console.print(Text(text))
    option = "" if out == Path("weir.yaml") else f" --config {out}"
    at = " --at latest" if any(each.newest is not None for each in proposal.found) else ""
    once = "measure once, where the newest data is" if at else "measure once"
    console.print(Text(f"Next:  weir run{option}{at}    {once}"))
    console.print(Text(f"       weir serve{option}    measure on schedule, with /metrics for Prometheus"))


def _table(proposal: "Proposal") -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("dataset", "from", "time", "key", "newest row", "sampled", "checks"):
        number = title in ("sampled", "checks")
        table.add_column(title, overflow="fold", justify="right" if number else "left", no_wrap=number)
    for each in proposal.found:
        table.add_row(*map(Text, _row(each)))
    return table


def _row(each: "Found") -> tuple[str, ...]:
    from monitor.cli._options import iso

    newest = iso(each.newest // SECOND * SECOND) if each.newest is not None else None
    rows = f"{each.rows:,}" if each.whole else f"{each.rows:,} +"
    key = ", ".join(each.key)
    return each.name, each.where, each.time or "–", key or "–", newest or "–", rows, str(each.checks)
