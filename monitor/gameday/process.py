"""A short game day in a process of its own: `python -m monitor.gameday.process FAULT ARGUMENTS FOLDER`.

One fault by itself; the arguments are a JSON object of `gameday.asked`. It writes `result.json` and
`report.html` to the folder, and says how far it is (`monitor.beside`).
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from monitor.beside import end_with_whoever_waits, say
from monitor.garbage import look_seldom

RESULT, REPORT = "result.json", "report.html"
POLITE = 10
"""How much less of a busy machine it takes than what serves."""


def play_one(fault: str, arguments: Mapping[str, Any], folder: Path) -> None:
    """Make a shop with its past, break it, and write what came of it. Takes a minute or two.

    Raises UsageError where that cannot be broken.
    """
    say(0.02, "loading")
    from monitor import config
    from monitor.gameday.asked import asked
    from monitor.gameday.kept import detail
    from monitor.gameday.page import page
    from monitor.gameday.play import play
    from monitor.gameday.run import Result
    from monitor.gameday.stage import stage

    began, wanted = monotonic(), asked(fault, arguments)
    say(0.05, "making a shop and measuring its past")
    made = stage(folder / "stage", wanted.seed)
    say(0.6, f"breaking it: {wanted.words}")
    played = play(wanted.scenario, made, config.load(made.folder / "weir.yaml", {}), folder / "play")
    say(0.95, "scoring")
    result = Result((played,), (), (), monotonic() - began)
    (folder / RESULT).write_text(json.dumps(detail(result)), "utf-8")
    (folder / REPORT).write_text(page(result), "utf-8")


def main(arguments: list[str]) -> int:
    """Play it; returns the exit code."""
    end_with_whoever_waits()
    look_seldom()
    if hasattr(os, "nice"):
        os.nice(POLITE)
    fault, more, folder = arguments
    play_one(fault, json.loads(more), Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
