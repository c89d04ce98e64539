"""Game days: a simulated pipeline is broken on purpose, and Weir is scored by what it says of it."""

import pandas as pd
import streamlit as st
from parts import state
from parts.frame import when
from parts.played import play
from parts.text import literal
from parts.tiles import Tile, tiles

from monitor.views.gamedays import DAYS, GameDay, gamedays
from monitor.views.reader import Look

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
        rows = [
            {
                "fault": each.fault,
                "× threshold": each.severity,
                "where": each.where,
                "told": each.detected,
                "minutes": each.minutes,
                "stage": each.stage,
                "segment": each.segment,
                "page or ticket": each.routed,
                "other alerts": each.noise,
            }
            for each in day.faults
        ]
        number = st.column_config.NumberColumn
        formats = {"minutes": number(format="%.1f"), "× threshold": number(format="%.3g")}
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=formats)
        st.caption("Minutes from the onset until somebody was told; ✓ where the message was right about it.")
    for name, why in day.failed:
        st.warning(f"{literal(name)} was not played: {literal(why)}")


st.title("Game days")
st.caption(
    "A simulated pipeline is broken on purpose, and Weir is scored by what it says of it, by the ticks, rules"
    " and alerts of production. Your own pipeline is not touched."
)
found = gamedays(look.store, look.config.pipeline, look.now)
if found:
    show(chosen(found), look)
else:
    st.info(f"No game day of the last {DAYS} days is kept. `weir gameday --keep` plays every fault: minutes.")
st.subheader("Break something", anchor=False)
play(look, visitor)
