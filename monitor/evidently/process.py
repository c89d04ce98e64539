"""The process that imports Evidently: `python -m monitor.evidently.process PRESET OUT CURRENT [BASELINE]`.

PRESET is drift or summary, OUT the HTML file to write, the others Parquet files. It prints how far it is, a
share and a word or two on a line each. It ends when its standard input does: nobody waits for it any more.
Exit code 69: Evidently is not installed.
"""

import os
import sys
import warnings

from monitor.beside import end_with_whoever_waits, say

MISSING = 69


def main(arguments: list[str]) -> int:
    """Write the report; returns the exit code."""
    end_with_whoever_waits()
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    say(0.25, "loading Evidently")
    try:
        from evidently import Report  # pyright: ignore[reportUnknownVariableType]
        from evidently.presets import (  # pyright: ignore[reportUnknownVariableType]
            DataDriftPreset,
            DataSummaryPreset,
        )
    except ImportError:
        return MISSING
    import pandas as pd

    say(0.5, "comparing")
    preset, out, *paths = arguments
    current, *before = [pd.read_parquet(path) for path in paths]
    chosen = DataDriftPreset() if preset == "drift" else DataSummaryPreset()
    made = Report([chosen]).run(current, before[0] if before else None)
    say(0.85, "drawing")
    made.save_html(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
