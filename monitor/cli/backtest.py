"""Say what a configuration would have paged, ticketed and spent."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, instant, iso, load, opened
from monitor.errors import UsageError
from monitor.model import DAY, MINUTE, Window, floor_to

if TYPE_CHECKING:
    from monitor.backtest.measuring import Asked
    from monitor.backtest.past import Past
    from monitor.store import Store

CURRENT = Path("weir.yaml")


@click.command()
@config_option
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="The configuration that runs now; default: weir.yaml here, if that is another.",
)
@click.option("--days", default=28, show_default=True, type=click.IntRange(1, 365), help="How far back.")
@click.option("--at", metavar="TIME", help="Up to then: an ISO 8601 time, or `latest` for the newest data.")
@click.option("--from-source", is_flag=True, help="Measure everything anew, in the finest buckets.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    config_path: Path, against: Path | None, days: int, at: str | None, from_source: bool, as_json: bool
) -> None:
    """Say what a configuration would have paged, ticketed and spent.

    --config names the new one. Where a check measures what it measured before, the sums in the current store
    are used; else its source is read, into memory. Nothing is written anywhere. What a page, announced
    maintenance or a silence would have held back is marked, with the reason.

    Rollups are coarser the older they are: the answer says how coarse. Rows that came late count where they
    belong, though nobody knew of them at the time.
    """
    from time import time

    from monitor.backtest.report import Compared, as_text
    from monitor.backtest.report import as_json as told

    new, current = load(config_path), _current(config_path, against)
    real, now = current or new, int(time() * 1_000_000)
    with opened(real) as store, _Bar() as bar:
        end = floor_to(_end(real, at, now), MINUTE)
        asked = _asked(Window(end - days * DAY, end), now, from_source, bar)
        found = Compared(
            asked.window,
            _past(new, store, real.pipeline, replace(asked, before=current)),
            _past(current, store, real.pipeline, asked) if current else None,
        )
    if as_json:
        click.echo(json.dumps(told(found, iso), allow_nan=False))
    else:
        click.echo("\n".join(as_text(found, iso)))


def _current(new: Path, against: Path | None) -> Any:
    if against is None and (not CURRENT.exists() or CURRENT.resolve() == new.resolve()):
        return None
    return load(against or CURRENT)


def _end(config: Any, at: str | None, now: int) -> int:
    from monitor.binding.sources import Sources
    from monitor.shown.latest import latest

    if at == "latest":
        with Sources(config) as sources:
            return latest(config, sources)
    end = instant(at) if at else now
    if end > now:
        raise UsageError(f"{iso(end)} is in the future", hint="a backtest looks back")
    return end


def _asked(window: Window, now: int, from_source: bool, bar: "_Bar") -> "Asked":
    from monitor.backtest.measuring import Asked

    return Asked(window, now, from_source, bar)


def _past(config: Any, store: "Store", pipeline: str, asked: "Asked") -> "Past":
    from monitor.backtest.measuring import gather
    from monitor.backtest.past import past
    from monitor.binding.sources import Sources

    with Sources(config) as sources:
        return past(gather(config, store, pipeline, sources, asked), asked)


class _Bar:
    """A progress bar on a terminal while the source is read; nothing in a pipe."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True)
        columns = (TextColumn("measuring, days"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("days", total=None, visible=False)

    def __call__(self, done: int, of: int) -> None:
        self._bar.update(self._task, completed=done, total=of, visible=done < of)

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
