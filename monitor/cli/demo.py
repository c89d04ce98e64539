"""A live pipeline, Weir watching it, an incident, the page about it, and the recovery."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event
    from types import FrameType


@click.command()
@click.option(
    "--once", is_flag=True, help="The whole story on a clock that runs fast, without a browser; then exit."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of /metrics; 0 takes a free one."
)
@click.option("--minutes", type=float, default=None, metavar="N", help="Stop by itself after so long.")
@click.option(
    "--history", type=click.IntRange(10, 1440), default=60, show_default=True, help="Minutes of history."
)
@click.option(
    "--fault", metavar="NAME", help="Another fault than the story's; `weir gameday --faults` lists them."
)
@click.option(
    "--severity",
    type=click.FloatRange(0, min_open=True),
    default=20.0,
    show_default=True,
    metavar="N",
    help="Of --fault: N times the threshold of the check that catches it.",
)
@click.option(
    "--segment", default="everywhere", metavar="WHERE", help="Of --fault, such as region=us,device=ios."
)
@click.pass_context
def command(
    context: click.Context, once: bool, port: int, minutes: float | None, history: int, **given: Any
) -> None:
    """A live pipeline, Weir watching it, an incident, the page about it, and the recovery.

    After a minute a region's events begin to get lost on the way in, for six minutes. The pages, and an
    inbox in which messages arrive, open at the addresses that are printed. Everything lives in a folder of
    its own, which is removed at the end. Ctrl-C ends it.
    """
    import signal
    import tempfile
    from pathlib import Path
    from threading import Event

    from monitor.demo.live import live
    from monitor.demo.once import once as told

    chosen = _chosen(**given)
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stopper(stop))
    with tempfile.TemporaryDirectory(prefix="weir-demo-") as folder:
        if once:
            ended = told(Path(folder), port, history, stop, click.echo, chosen)
        else:
            seconds = minutes and minutes * 60
            ended = live(Path(folder), port, history, stop, click.echo, _screen, seconds, chosen)
    context.exit(0 if ended else 3)


def _chosen(fault: str | None, severity: float, segment: str) -> Any:
    """The fault of one's choice; None for the story's. Raises UsageError."""
    if fault is None:
        return None
    from monitor.demo.chosen import Chosen
    from monitor.gameday.asked import known, segment_of

    return Chosen(known(fault), severity, segment_of(segment))


def _stopper(stop: "Event") -> "Callable[[int, FrameType | None], None]":
    def handle(_signal: int, _frame: "FrameType | None") -> None:
        stop.set()

    return handle


def _screen(draw: Any, stop: Any, seconds: float | None) -> None:
    """Refresh a table every two seconds until told to stop; in a pipe, print it once a minute."""
    from time import monotonic

    from rich.console import Console
    from rich.live import Live

    console, start = Console(), monotonic()
    pause = 2.0 if console.is_terminal else 60.0
    with Live(console=console, refresh_per_second=2, transient=False, auto_refresh=False) as live:
        while not stop.is_set() and (seconds is None or monotonic() - start < seconds):
            if console.is_terminal:
                live.update(draw(console.width), refresh=True)
            else:
                console.print(draw(console.width))
            stop.wait(pause if seconds is None else min(pause, max(0.0, seconds - (monotonic() - start))))
    stop.set()
