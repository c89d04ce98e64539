"""Game days: a simulated pipeline is broken on purpose, and Weir is scored by what it says of it."""

import streamlit as st
from parts import state
from parts.frame import when
from parts.played import play
from parts.text import literal, table
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
    for name, why in day.failed:
        st.warning(f"{literal(name)} was not played: {literal(why)}")


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
