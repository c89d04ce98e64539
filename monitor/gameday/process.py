"""A short game day in a process of its own: `python -m monitor.gameday.process FAULT FOLDER`.

One kind of fault everywhere, at twenty times the threshold of the check that catches it. It writes
`result.json` and `report.html` to the folder, and says how far it is (`monitor.beside`).
"""

import json
import os
import sys
from pathlib import Path
from time import monotonic

from monitor.beside import end_with_whoever_waits, say

RESULT, REPORT = "result.json", "report.html"
POLITE = 10
"""How much less of a busy machine it takes than what serves."""


def play_one(fault: str, folder: Path) -> None:
    """Make a shop with its past, break it, and write what came of it. Takes a minute or two."""
    say(0.02, "loading")
    from monitor import config
    from monitor.gameday.kept import detail
    from monitor.gameday.page import page
    from monitor.gameday.play import play
    from monitor.gameday.run import Result
    from monitor.gameday.scenario import single
    from monitor.gameday.stage import stage

    began = monotonic()
    say(0.05, "making a shop and measuring its past")
    made = stage(folder / "stage", 1)
    say(0.6, f"breaking it: {fault}")
    played = play(single(fault), made, config.load(made.folder / "weir.yaml", {}), folder / "play")
    say(0.95, "scoring")
    result = Result((played,), (), (), monotonic() - began)
    (folder / RESULT).write_text(json.dumps(detail(result)), "utf-8")
    (folder / REPORT).write_text(page(result), "utf-8")


def main(arguments: list[str]) -> int:
    """Play it; returns the exit code."""
    end_with_whoever_waits()
    if hasattr(os, "nice"):
        os.nice(POLITE)
    fault, folder = arguments
    play_one(fault, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
