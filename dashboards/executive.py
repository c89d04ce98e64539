"""How things stand, for somebody who has a minute."""

from collections.abc import Sequence

import streamlit as st
from parts import charts, state
from parts.frame import inside
from parts.text import table
from parts.tiles import Tile, tiles

from monitor.views.executive import Objective, courses, executive, left, pace, trend
from monitor.views.months import months
from monitor.views.paper import incidents, paper, returning
from monitor.views.themes import Fact, Theme
from monitor.views.titles import lasting

look = state.look()
course = look.remembered("courses", lambda: courses(look.config, look.store, look.now))
part = state.part(look)
seen = executive(look.config, look.store, look.board, look.now, look.span.window, course, part)
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
    """A heading with its numbers, or what would have to be watched for some."""
    st.subheader(each.heading, anchor=False)
    if not each.facts:
        st.caption(each.missing)
        return
    draw(each.first)
    if each.more:
        with st.expander(each.others):
            draw(each.more)


def draw(facts: Sequence[Fact]) -> None:
    """Facts as tiles, each leading to its check."""
    tiles(Tile(one.title, one.value, one.note, one.state, link=inside(one.check)) for one in facts)


def by_column(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> dict[str, list[str]]:
    """Rows as a table is drawn."""
    return {name: [row[place] for row in rows] for place, name in enumerate(columns)}


st.header(seen.sentence, anchor=False)

st.subheader("What is promised", anchor=False)
if seen.objectives:
    tiles(map(promised, seen.first))
    if seen.more:
        with st.expander(seen.others):
            tiles(map(promised, seen.more))
    with st.expander("What was left of the allowances day by day, where least is left"):
        st.altair_chart(charts.budgets(seen.charted, look.span), alt="Allowance left by day", width="stretch")
else:
    st.caption("Nothing is promised yet: give the checks that matter an `slo:`.")

for each in seen.themes:
    theme(each)
if seen.people.active:
    st.altair_chart(charts.active(seen.people.active), alt="Active people by day", width="stretch")
if seen.people.cohorts:
    with st.expander("Who comes back, by the day they began on"):
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
    table(by_column(happened.columns, happened.rows))

st.subheader(f"{both.this} against {both.last}", anchor=False)
table(
    {
        "what": [each.title for each in both.compared],
        "promised": [each.promised for each in both.compared],
        both.this: [each.this for each in both.compared],
        both.last: [each.last for each in both.compared],
        "change": [each.change for each in both.compared],
    }
)
copy = paper(look.config.pipeline, seen, both, look.now, look.span)
left_, right_ = st.columns(2)
left_.download_button(
    "This page as a file", copy.html, f"{copy.name}.html", "text/html", icon=":material/download:"
)
right_.download_button(
    "These numbers as a table", copy.csv, f"{copy.name}.csv", "text/csv", icon=":material/download:"
)
