"""A check's segments, readings and runs as tables."""

from typing import Any

import pandas as pd
import streamlit as st

from monitor.views.inside import Inside, listed, segment_names
from monitor.views.reader import Look
from monitor.views.readings import revised
from parts import charts


def segments(seen: Inside, look: Look) -> None:
    """The worst segments over time, and all of them as they last read."""
    if not seen.parts:
        st.info("This check has no segments: give it `by: [region]`, and it says where something is wrong.")
        return
    if seen.segments:
        drawn = charts.course(seen.segments, look.span, seen.row.unit, seen.bounds, seen.marks)
        st.altair_chart(drawn, alt=f"{seen.title} by segment", width="stretch")
        st.caption("The six worst segments.")
    rows = [
        {
            "segment": part.name,
            "state": part.outcome,
            "value": part.value,
            "good": part.good,
            "rows": part.total,
            "why": part.message,
        }
        for part in seen.parts
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def readings(seen: Inside, look: Look) -> None:
    """What was said window by window, and what is so now that late rows are in."""
    names = segment_names(seen)
    chosen = "all"
    if len(names) > 1:
        first = list(names.values()).index(seen.part) if seen.part in names.values() else 0
        chosen = st.selectbox("Windows of", list(names), index=first, key=f"windows {first}")
    some = listed(look.config, look.store, seen, look.span, names[chosen])
    if not some:
        st.info("Nothing was said in this stretch of time: choose a longer one above.")
        return
    if said := revised(some):
        st.caption(said)
    rows = [
        {
            "from": f"{look.span.local(each.window.start):%d %b %H:%M}",
            "to": f"{look.span.local(each.window.end):%d %b %H:%M}",
            "state": each.state,
            "as it was said": each.value,
            "with late rows": each.anew,
            "good": each.good,
            "rows": each.total,
            "why": each.why,
        }
        for each in some
    ]
    table = pd.DataFrame(rows)
    st.dataframe(table.drop(columns=_empty(rows)), hide_index=True)


def _empty(rows: list[dict[str, Any]]) -> list[str]:
    """Columns in which nothing stands."""
    return [name for name in rows[0] if all(row[name] in ("", None) for row in rows)]


def runs(seen: Inside, look: Look) -> None:
    """Every attempt: when, how long, how it ended."""
    if not seen.runs:
        st.info("No run of the last week is kept.")
        return
    rows = [
        {
            "began": look.span.local(run.started).strftime("%d %b %H:%M:%S"),
            "took": run.took,
            "ended": run.ended,
            "rows": run.rows,
            "scans": run.scans,
            "error": run.error,
        }
        for run in seen.runs
    ]
    st.caption(seen.ran)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"took": st.column_config.NumberColumn(format="%.2f s")},
    )
