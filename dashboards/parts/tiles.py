"""Tiles, badges and bars: small pieces of HTML, so that a phone shows many and a page draws them at once.

Every text is escaped: names and values come from data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import streamlit as st

STATES = {
    "good": ("●", "#00805f"),
    "warn": ("▲", "#b36b00"),
    "bad": ("■", "#c0420a"),
    "unknown": ("◆", "#6b7280"),
}
"""Sign and colour of a state: nobody needs to see the colour."""


@dataclass(frozen=True)
class Tile:
    """A number with its name. `state` is one of `STATES`; `bar` fills a bar, from 0 to 1."""

    name: str
    value: str
    note: str = ""
    state: str = ""
    bar: float | None = None
    link: str = ""


def tiles(some: Iterable[Tile]) -> None:
    """Draw tiles, as many side by side as there is room for."""
    st.html(f'<div class="weir-tiles">{"".join(map(_tile, some))}</div>')


def _tile(tile: Tile) -> str:
    sign, colour = STATES.get(tile.state, ("", ""))
    name = escape(tile.name)
    if tile.link:
        name = f'<a href="{escape(tile.link)}" target="_self">{name}</a>'
    mark = f'<span style="color:{colour}" aria-hidden="true">{sign}</span> ' if sign else ""
    style = f' style="border-left-color:{colour}"' if colour else ""
    bar = "" if tile.bar is None else _bar(tile.bar, colour or "currentColor")
    note = f'<div class="note">{escape(tile.note)}</div>' if tile.note else ""
    said = f'<div class="name">{name}</div><div class="value">{mark}{escape(tile.value)}</div>{bar}{note}'
    return f'<div class="weir-tile"{style}>{said}</div>'


def _bar(share: float, colour: str) -> str:
    width = max(0.0, min(1.0, share)) * 100
    return f'<div class="weir-bar"><i style="width:{width:.1f}%;background:{colour}"></i></div>'
