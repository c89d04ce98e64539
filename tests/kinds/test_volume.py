"""Rows in the window: nothing is 0, and can fail."""

import pandas as pd

from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")


def test_rows_of_a_window_are_counted(pipeline: Pipeline):
    times = [NOW - pd.Timedelta(seconds=each) for each in range(0, 1200, 7)]
    pipeline.rows("rows", pd.DataFrame({"t": times}), time="t", lateness="1m")
    reading = pipeline.once(NOW.to_pydatetime(), kind="volume", window="10m")
    start, end = NOW - pd.Timedelta("11m"), NOW - pd.Timedelta("1m")
    assert reading.value == sum(start <= at < end for at in times)
