"""Replays: whether what is stored comes out of the raw log again."""

import pandas as pd
import streamlit as st

from monitor.views.inside import Inside
from monitor.views.reader import Look
from monitor.views.replayed import DAYS, Replay, Replays, replays
from parts.frame import when
from parts.text import heading
from parts.tiles import Tile, tiles


def replayed(seen: Inside, look: Look) -> None:
    """The newest replay of every dataset, the check's own first, and those before."""
    about = look.config.checks[seen.row.name].main_dataset
    found = replays(look.config, look.store, look.now, about)
    if found.newest:
        st.caption("The share of rows that a replay from the raw log gives identical to what is stored.")
        tiles(_tile(each, look) for each in found.newest)
    _missing(found)
    if found.every:
        heading("Every replay of four weeks", 3)
        table = pd.DataFrame([_row(each, look) for each in found.every])
        st.dataframe(table, hide_index=True)


def _missing(found: Replays) -> None:
    """What to run where nothing is known."""
    if found.never:
        st.info(f"Not replayed in {DAYS} days. Anybody at a shell runs:")
        st.code("\n".join(f"weir replay {name}" for name in found.never), language=None)
    elif not found.newest:
        st.info(
            "No dataset says how it is made from its raw log: give one a `replay`,"
            " and `weir replay DATASET` shows whether history can be had back."
        )


def _tile(each: Replay, look: Look) -> Tile:
    said = f"wanted {each.wanted}; the second run {each.second}; old schema versions: {each.old}"
    return Tile(each.dataset, each.identical, f"{said}. {when(each.at, look.span)}, {each.by}", each.state)


def _row(each: Replay, look: Look) -> dict[str, str]:
    window = "all" if each.window is None else " – ".join(when(at, look.span) for at in each.window)
    return {
        "when": when(each.at, look.span),
        "by": each.by,
        "dataset": each.dataset,
        "of": window,
        "state": each.outcome,
        "identical": each.identical,
        "rows": each.rows,
        "second run": each.second,
        "old schema versions": each.old,
    }
