"""How things stand, for somebody who has a minute."""

from collections.abc import Sequence

import streamlit as st
from parts import state
from parts.frame import inside
from parts.text import table
from parts.tiles import Tile, tiles

from monitor.views.executive import Objective, executive, left, pace, trend
from monitor.views.months import Compared, months
from monitor.views.paper import incidents, paper, returning
from monitor.views.reader import training, trends
from monitor.views.themes import Fact, Theme
from monitor.views.titles import lasting
from monitor.views.trainable import PENDING, trainable

# Incidents that stand on the page, the newest.
LISTED = 8
# Seconds between two looks at what is still being worked out.
AGAIN = 1

look = state.look()
part = state.part(look)
trained = trainable(training(look), look.config, look.span.zone, look.parts)
seen = executive(
    look.config, look.store, look.board, look.now, look.span.window, trends(look), part, (trained,)
)
both = look.remembered(
    ("months", look.span.zone), lambda: months(look.config, look.store, look.now, look.span.zone)
)


def promised(each: Objective) -> Tile:
    """An objective: what was reached of what was promised, what is left, and until when at this pace."""
    notes = (
        f"promised {each.target}",
        left(each),
        trend(each),
        pace(each, look.now, look.span.zone),
        each.note,
        f"last measured {each.stale}" if each.stale else "",
    )
    said = " · ".join(part for part in notes if part)
    return Tile(
        each.about or each.title,
        each.attained,
        said,
        each.state,
        bar=each.left,
        link=inside(each.check),
    )


def theme(each: Theme) -> None:
    """A heading with its numbers."""
    st.subheader(each.heading, anchor=False)
    draw(each.first)
    if each.more:
        with st.expander(each.others, key=each.heading):
            draw(each.more)


def draw(facts: Sequence[Fact]) -> None:
    """Facts as tiles, each leading to its check."""
    tiles(
        Tile(one.title, one.value, one.note, one.state, link=inside(one.check) if one.check else "")
        for one in facts
    )


@st.fragment(run_every=AGAIN)
def awaited() -> None:
    """The page is drawn anew as soon as what is being worked out is there."""
    if training(look, 0) is not None:
        st.rerun(scope="app")


def allowances() -> None:
    """Day by day. Charts take long to load: who does not look at one does not wait for it."""
    from parts import charts

    st.altair_chart(charts.budgets(seen.charted, look.span), alt="Allowance left by day", width="stretch")


def people() -> None:
    """Active people by day."""
    from parts import charts

    st.altair_chart(charts.active(seen.people.active), alt="Active people by day", width="stretch")


def by_column(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> dict[str, list[str]]:
    """Rows as a table is drawn."""
    return {name: [row[place] for row in rows] for place, name in enumerate(columns)}


def compared(some: Sequence[Compared]) -> None:
    """Two months side by side; one by itself where nothing is known of the other."""
    drawn = {
        "what": [each.title for each in some],
        "promised": [each.promised for each in some],
        both.this if both.known else "reached": [each.this for each in some],
    }
    if both.known:
        drawn |= {both.last: [each.last for each in some], "change": [each.change for each in some]}
    table(drawn)


st.header(seen.sentence, anchor=False)
if part.name:
    st.caption("Incidents, months and the course of allowances are of everything.")

st.subheader("What is promised", anchor=False)
if seen.objectives:
    tiles(map(promised, seen.first))
    if seen.more:
        with st.expander(seen.others, key="promises"):
            tiles(map(promised, seen.more))
    days = st.expander(
        "What was left of the allowances day by day, where least is left", key="allowances", on_change="rerun"
    )
    if days.open:
        with days:
            allowances()
else:
    st.caption(seen.unpromised)

for each in seen.themes:
    if each.facts:
        theme(each)
if PENDING in trained.facts:
    awaited()
if seen.people.active:
    people()
if seen.people.cohorts:
    with st.expander("Who comes back, by the day they began on", key="cohorts"):
        table(by_column(returning(seen), seen.people.cohorts))

st.subheader("Incidents", anchor=False)
happened = incidents(seen, look.span)
if not happened.rows:
    st.caption(happened.said)
else:
    found = seen.incidents
    tiles(
        [
            Tile("Incidents", str(found.number), f"{found.open} still open" if found.open else "all over"),
            Tile("Noticed after", lasting(found.detect), "half of them sooner"),
            Tile("Over after", lasting(found.mitigate), "half of them sooner"),
        ]
    )
    table(by_column(happened.columns, happened.rows[:LISTED]))
    if happened.rows[LISTED:]:
        with st.expander(f"{len(happened.rows) - LISTED} more", key="incidents"):
            table(by_column(happened.columns, happened.rows[LISTED:]))

st.subheader(f"{both.this} against {both.last}" if both.known else f"{both.this} so far", anchor=False)
compared(both.first)
if both.more:
    with st.expander(f"{len(both.more)} more", key="months"):
        compared(both.more)
if not both.known:
    st.caption(f"Of {both.last} nothing is known: nothing was measured then.")

unseen = [each for each in seen.themes if not each.facts]
if unseen:
    st.subheader("What nobody watches yet", anchor=False)
    table({"question": [each.heading for each in unseen], "it takes": [each.needs for each in unseen]})

copy = paper(look.config.pipeline, seen, both, look.now, look.span)
left_, right_ = st.columns(2)
left_.download_button(
    "This page as a file", copy.html, f"{copy.name}.html", "text/html", icon=":material/download:"
)
right_.download_button(
    "These numbers as a table", copy.csv, f"{copy.name}.csv", "text/csv", icon=":material/download:"
)
