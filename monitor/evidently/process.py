"""The process that imports Evidently: `python -m monitor.evidently.process PRESET OUT CURRENT [BASELINE]`.

PRESET is drift or summary, OUT the HTML file to write, the others Parquet files. It prints how far it is, a
share and a word or two on a line each. It ends when its standard input does: nobody waits for it any more.
Exit code 69: Evidently is not installed.
"""

import os
import sys
import warnings
from threading import Thread

MISSING = 69


def main(arguments: list[str]) -> int:
    """Write the report; returns the exit code."""
    Thread(target=_end_with_whoever_waits, daemon=True).start()
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    _say(0.25, "loading Evidently")
    try:
        from evidently import Report  # pyright: ignore[reportUnknownVariableType]
        from evidently.presets import (  # pyright: ignore[reportUnknownVariableType]
            DataDriftPreset,
            DataSummaryPreset,
        )
    except ImportError:
        return MISSING
    import pandas as pd

    _say(0.5, "comparing")
    preset, out, *paths = arguments
    current, *before = [pd.read_parquet(path) for path in paths]
    chosen = DataDriftPreset() if preset == "drift" else DataSummaryPreset()
    made = Report([chosen]).run(current, before[0] if before else None)
    _say(0.85, "drawing")
    made.save_html(out)
    return 0


def _end_with_whoever_waits() -> None:
    """Not by Python's reader of standard input: at the end it would wait for a thread that holds it."""
    while os.read(0, 1024):
        continue
    os._exit(1)


def _say(share: float, what: str) -> None:
    print(share, what, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
