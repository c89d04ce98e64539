"""The process that imports Evidently: `python -m monitor.evidently.process PRESET OUT CURRENT [BASELINE]`.

PRESET is drift or summary, OUT the HTML file to write, the others Parquet files. Exit code 69: Evidently is
not installed.
"""

import os
import sys
import warnings

MISSING = 69


def main(arguments: list[str]) -> int:
    """Write the report; returns the exit code."""
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    try:
        from evidently import Report  # pyright: ignore[reportUnknownVariableType]
        from evidently.presets import (  # pyright: ignore[reportUnknownVariableType]
            DataDriftPreset,
            DataSummaryPreset,
        )
    except ImportError:
        return MISSING
    import pandas as pd

    preset, out, *paths = arguments
    current, *before = [pd.read_parquet(path) for path in paths]
    chosen = DataDriftPreset() if preset == "drift" else DataSummaryPreset()
    Report([chosen]).run(current, before[0] if before else None).save_html(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
