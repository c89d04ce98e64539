"""One check from the inside, for the people who build the pipeline."""

import pandas as pd
import streamlit as st
from parts import charts, state
from parts.actions import run_now
from parts.tiles import Tile, tiles

from monitor.views.inside import inside

look = state.look()
names = [row.name for row in look.board.checks]
if not names:
    st.info("No check has been measured yet. Start `weir serve`, or run `weir run` once.")
    st.stop()
name = st.selectbox("Check", names, key="check", bind="query-params")
seen = inside(look.config, look.store, look.board, name, look.span, look.now)

st.title(seen.title)
st.markdown(seen.about)
tiles(
    [Tile("Now", seen.value, state=seen.state), Tile("State", seen.outcome), Tile("Measured", seen.measured)]
)
if seen.message:
    st.warning(seen.message)
run_now(name, look, state.visitor())

over, by, delays, runs, facts, detail = st.tabs(
    ["Over time", "Segments", "Delays", "Runs", "Declaration", "Detail"]
)
with over:
    if not seen.courses:
        st.info("Nothing was measured in this stretch of time.")
    else:
        labels = ("with late rows", "as it was said") if len(seen.courses) > 1 else ("all",)
        drawn = charts.course(seen.courses, look.span, seen.row.unit, seen.bounds, names=labels)
        st.altair_chart(drawn, alt=f"{seen.title} over time", width="stretch")
with by:
    if seen.segments:
        drawn = charts.course(seen.segments, look.span, seen.row.unit, seen.bounds)
        st.altair_chart(drawn, alt=f"{seen.title} by segment", width="stretch")
    if seen.parts:
        rows = [
            {
                "segment": part.name,
                "state": part.outcome,
                "value": part.value,
                "rows": part.total,
                "why": part.message,
            }
            for part in seen.parts
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)
    else:
        st.info("This check has no segments: give it `by: [region]`.")
with delays:
    if seen.delays:
        st.altair_chart(charts.histogram(seen.delays), alt="Delays", width="stretch")
    else:
        st.info("This kind counts no delays.")
with runs:
    rows = [
        {
            "began": look.span.local(run.started).strftime("%d %b %H:%M:%S"),
            "took": None if run.finished is None else (run.finished - run.started) / 1_000_000,
            "ended": run.outcome.value if run.outcome else "still running, or killed",
            "rows": run.rows,
            "error": run.error,
        }
        for run in seen.runs
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"took": st.column_config.NumberColumn(format="%.2f s")},
    )
with facts:
    st.table(pd.DataFrame(seen.facts, columns=["", " "]).set_index(""))
with detail:
    st.json(dict(seen.detail), expanded=1)
