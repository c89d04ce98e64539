"""A game day that somebody at the pages asked for, played in a process beside this one.

It breaks a shop of its own in a folder that is removed afterwards: no source of the pipeline is asked.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from monitor import beside
from monitor.beside import Beside
from monitor.errors import LeaseLost, WeirError
from monitor.gameday import kept
from monitor.gameday.segments import shown
from monitor.store import Fence, Store, exhibits
from monitor.store.exhibits import Exhibit

PLAY = "play"
"""The action, and the exhibit: how far it is, then its report."""
FAILED, UNFINISHED = -1.0, 0.99
PROCESS = Beside("The game day", 1800, "ask for it again when the machine is less busy")
"""Half an hour at most; two minutes where nothing else is done."""


@dataclass(frozen=True, slots=True)
class Player:
    """Where a result is kept, and who asked for it; `now` in microseconds."""

    store: Store
    pipeline: str
    fence: Fence | None
    actor: str
    now: int


def play(player: Player, fault: str, arguments: Mapping[str, Any], stopping: Event) -> str:
    """Play a fault, saying how far it is; what came of it. `arguments` are those of `gameday.asked`. Raises
    WeirError, and keeps what it said; LeaseLost where it was given up, as `stopping` was set.
    """
    try:
        said, html = _played(player, fault, arguments, stopping)
    except LeaseLost:
        raise
    except WeirError as error:
        if stopping.is_set():
            raise LeaseLost("this process ends: the game day is left to the next one") from None
        hint = f" ({error.hint})" if error.hint else ""
        _put(player, fault, FAILED, error.message + hint)
        raise
    kept.keep(player.store, player.pipeline, player.now, player.actor, said)
    words = summary(said)
    _put(player, fault, 1.0, words, html)
    return words


def _played(
    player: Player, fault: str, arguments: Mapping[str, Any], stopping: Event
) -> tuple[dict[str, Any], str]:
    from monitor.gameday.process import REPORT, RESULT

    with TemporaryDirectory(prefix="weir-gameday-") as folder:
        command = [
            sys.executable,
            "-m",
            "monitor.gameday.process",
            fault,
            json.dumps(dict(arguments)),
            folder,
        ]
        beside.run(
            PROCESS,
            command,
            lambda share, what: _put(player, fault, min(share, UNFINISHED), what),
            stopping,
        )
        said: dict[str, Any] = json.loads((Path(folder) / RESULT).read_text("utf-8"))
        return said, (Path(folder) / REPORT).read_text("utf-8")


def summary(said: dict[str, Any]) -> str:
    """`loss, 20×, region latam: told after 4.2 minutes`."""
    [found] = said["faults"]
    segment: dict[str, str] = found["segment"] or {}
    minutes, where = found["minutes_to_detect"], shown(tuple(segment.items()))
    told = "nobody was told" if minutes is None else f"told after {minutes} minutes"
    return f"{found['fault']}, {found['severity']:.3g}×, {where}: {told}"


def _put(player: Player, fault: str, share: float, what: str, content: str = "") -> None:
    exhibit = Exhibit(fault, PLAY, player.now, share, what, content)
    exhibits.put(player.store, player.pipeline, exhibit, player.fence)
