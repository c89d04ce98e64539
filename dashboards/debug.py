"""One check from the inside, for the people who build the pipeline."""

import streamlit as st
from parts import charts, state
from parts.actions import run_now
from parts.declared import declaration
from parts.kept import dead_letters, example_rows, report
from parts.replayed import replayed
from parts.shapes import distribution
from parts.tables import readings, runs, segments
from parts.text import heading
from parts.tiles import Tile, tiles

from monitor.views.inside import first, inside

look = state.look()
names = [row.name for row in look.board.checks]
if not names:
    st.info("No check has been measured yet. Start `weir serve`, or run `weir run` once.")
    st.stop()
worst = first(look.board, look.now)
# Without a default every choice stands in the address, so that it can be passed on.
chosen = st.selectbox("Check", names, index=None, placeholder=worst, key="check", bind="query-params")
name = chosen or worst
seen = inside(look.config, look.store, look.board, name, look.span, look.now, look.parts)
visitor = state.visitor()

heading(seen.title, 1)
st.text(seen.about)
tiles(
    [Tile("Now", seen.value, state=seen.state), Tile("State", seen.outcome), Tile("Measured", seen.measured)]
)
said = [seen.message, seen.cause]
if any(said):
    with st.container(border=True):
        for each in filter(None, said):
            st.text(each)
run_now(name, look, visitor)

TABS = (
    "Over time", "Segments", "Distribution", "Readings", "Rows", "Dead letters", "Replays", "Runs",
    "Declaration", "Report", "Detail",
)  # fmt: skip
tabs = dict(zip(TABS, st.tabs(list(TABS), key="tab", on_change="rerun", bind="query-params"), strict=True))

if tabs["Over time"].open:
    with tabs["Over time"]:
        if seen.nothing:
            st.info("Nothing was measured in this stretch of time: choose a longer one above.")
        else:
            labels, courses = zip(*seen.courses, strict=True)
            drawn = charts.course(courses, look.span, seen.row.unit, seen.bounds, seen.marks, names=labels)
            st.altair_chart(drawn, alt=f"{seen.title} over time", width="stretch")
if tabs["Segments"].open:
    with tabs["Segments"]:
        segments(seen, look)
if tabs["Distribution"].open:
    with tabs["Distribution"]:
        distribution(seen, look)
if tabs["Readings"].open:
    with tabs["Readings"]:
        readings(seen, look)
if tabs["Rows"].open:
    with tabs["Rows"]:
        example_rows(name, look, visitor)
if tabs["Dead letters"].open:
    with tabs["Dead letters"]:
        dead_letters(look, visitor)
if tabs["Replays"].open:
    with tabs["Replays"]:
        replayed(seen, look)
if tabs["Runs"].open:
    with tabs["Runs"]:
        runs(seen, look)
if tabs["Declaration"].open:
    with tabs["Declaration"]:
        declaration(seen, look, visitor)
if tabs["Report"].open:
    with tabs["Report"]:
        report(name, look, visitor)
if tabs["Detail"].open:
    with tabs["Detail"]:
        st.json(dict(seen.detail), expanded=1)
