"""How things stand, for somebody who has a minute."""

from collections.abc import Sequence

import streamlit as st
from parts import charts, state
from parts.frame import inside, when
from parts.tiles import Tile, tiles

from monitor.views.executive import Fact, courses, executive, left, pace
from monitor.views.months import months
from monitor.views.titles import lasting

look = state.look()
trend = look.remembered("courses", lambda: courses(look.config, look.store, look.now))
seen = executive(look.config, look.store, look.board, look.now, look.span.window, trend)


def theme(heading: str, facts: Sequence[Fact]) -> None:
    """A heading with its numbers; nothing where nothing of the sort is watched."""
    if facts:
        st.subheader(heading, anchor=False)
        tiles(Tile(each.title, each.value, each.note, each.state, link=inside(each.check)) for each in facts)


st.header(seen.sentence, anchor=False)

if seen.objectives:
    st.subheader("What is promised", anchor=False)
    tiles(
        Tile(
            f"{each.about or each.title}",
            each.attained,
            " · ".join(
                part for part in (f"promised {each.target}", left(each), pace(each, look.now)) if part
            ),
            each.state,
            bar=max(0.0, each.left) if each.left is not None else None,
            link=inside(each.check),
        )
        for each in seen.objectives
    )
    with st.expander("What was left of each allowance, day by day"):
        st.altair_chart(
            charts.budgets(seen.objectives, look.span), alt="Allowance left by day", width="stretch"
        )

theme("Does feedback arrive?", seen.arrival)
theme("Does the model do its work?", seen.model)
theme("Value and cost", seen.money)
theme("Privacy", seen.privacy)
theme("People", seen.people)
if seen.active:
    st.altair_chart(charts.active(seen.active), alt="Active people by day", width="stretch")

st.subheader("Incidents", anchor=False)
if not seen.incidents.number:
    st.caption("None in this stretch of time.")
else:
    found = seen.incidents
    tiles(
        [
            Tile("Incidents", str(found.number), f"{found.open} still open" if found.open else "all over"),
            Tile(
                "Noticed after",
                lasting(found.detect) if found.detect is not None else "–",
                "half of them sooner",
            ),
            Tile(
                "Over after",
                lasting(found.mitigate) if found.mitigate is not None else "–",
                "half of them sooner",
            ),
        ]
    )
    st.dataframe(
        {
            "began": [when(each.onset, look.span) for each in found.listed],
            "noticed": [when(each.fired_at, look.span) for each in found.listed],
            "over": [
                when(each.resolved_at, look.span) if each.resolved_at else "still open"
                for each in found.listed
            ],
            "what": [each.summary for each in found.listed],
        },
        hide_index=True,
    )

if seen.objectives:
    both = look.remembered(
        ("months", look.span.zone), lambda: months(look.config, look.store, look.now, look.span.zone)
    )
    st.subheader(f"{both.this} against {both.last}", anchor=False)
    st.table(
        {
            "what": [each.title for each in both.compared],
            "promised": [each.promised for each in both.compared],
            both.this: [each.this for each in both.compared],
            both.last: [each.last for each in both.compared],
            "change": [each.change for each in both.compared],
        }
    )
    left_, right_ = st.columns(2)
    left_.download_button(
        "This month as a page", both.html, f"{both.file}.html", "text/html", icon=":material/download:"
    )
    right_.download_button(
        "This month as a table", both.csv, f"{both.file}.csv", "text/csv", icon=":material/download:"
    )
