"""Game days: a simulated pipeline is broken on purpose, and Weir is scored by what it says of it."""

import streamlit as st
from parts import state
from parts.frame import when
from parts.played import play
from parts.text import heading, literal, table
from parts.tiles import Tile, tiles

from monitor.views.gamedays import DAYS, GameDay, gamedays
from monitor.views.reader import Look

COLUMNS = {
    "what": "fault",
    "severity": "severity",
    "where": "where",
    "told": "detected",
    "after": "after",
    "stage": "stage",
    "segment": "segment",
    "page or ticket": "routed",
    "other alerts": "noise",
}

look, visitor = state.look(), state.visitor()


def chosen(some: tuple[GameDay, ...]) -> GameDay:
    """Which game day is looked at: the newest one where none is chosen."""
    names = {f"{when(each.at, look.span)} · {each.about} · {each.by}": each for each in reversed(some)}
    newest = list(names)[::-1]
    if not newest[1:]:
        st.caption(literal(newest[0]))
        return some[0]
    return names[st.selectbox("Game day", newest, key="gameday")]


def show(day: GameDay, look: Look) -> None:
    """A game day's figures, and a row for each fault."""
    tiles(Tile(each.name, each.value, state=each.state) for each in day.figures)
    if day.faults:
        table({name: [getattr(each, key) for each in day.faults] for name, key in COLUMNS.items()})
        st.caption(
            "After: from the onset until somebody was told, with what the check waits for late rows."
            " ✓ where the message was right about it; other alerts have nothing to do with the fault."
        )
    if day.curve:
        severities(day)
    for name, why in day.failed:
        st.warning(f"{literal(name)} was not played: {literal(why)}")


def severities(day: GameDay) -> None:
    """Detection against severity. Charts take long to load: who has none does not wait for it."""
    from parts import charts

    heading("Told of, by severity", 3)
    st.altair_chart(charts.told_of(day.curve), alt="Share of faults told of by severity", width="stretch")
    st.caption("1× is the threshold of the check that catches a fault: below it nobody has to be told.")
    if day.table:
        table({name: list(cells) for name, cells in day.table.items()})


st.title("Game days")
st.caption(
    "A simulated pipeline is broken on purpose, and Weir is scored by what it says of it, by the ticks, rules"
    " and alerts of production. Your own pipeline is not touched."
)
names = ["Results", "Break something"]
results, breaking = st.tabs(names, key="part", on_change="rerun", bind="query-params")
found = gamedays(look.store, look.config.pipeline, look.now)
with results:
    if found:
        show(chosen(found), look)
    else:
        st.info(f"No game day of the last {DAYS} days is kept. `weir gameday --keep` plays every fault.")
with breaking:
    play(look, visitor)
