"""Playing a game day from the pages: which fault, the button, and how far it is."""

import streamlit as st

from monitor.views.access import Visitor
from monitor.views.gamedays import ACTION, faults, report_html, running
from monitor.views.reader import Look
from parts.actions import ask
from parts.text import literal

EVERY = 2
"""Seconds between two looks at a game day that is played."""


def play(look: Look, visitor: Visitor) -> None:
    """Have one kind of fault played."""
    known = faults()
    fault = st.selectbox("Fault", list(known), key="fault", bind="query-params")
    st.caption(literal(known[fault]))
    if visitor.operates:
        ask("Break it", ACTION, fault, look, visitor, icon=":material/bolt:")
        st.caption("Twenty times its threshold, everywhere. `weir serve` takes some minutes for it.")
    st.code(f"weir gameday --fault {fault} --keep", language=None)
    found = running(look.store, look.config.pipeline, fault, look.now)
    if found.state == "failed":
        st.error("It could not be played.", icon=":material/error:")
        st.text(found.said)
    elif found.state == "done":
        st.text(found.said)
        html = report_html(look.store, look.config.pipeline, fault)
        st.download_button(
            "Its report", html, f"{fault}.html", "text/html", icon=":material/download:", on_click="ignore"
        )
    elif found.state != "none":
        st.fragment(_progress, run_every=EVERY)(fault, look)


def _progress(fault: str, look: Look) -> None:
    found = running(look.store, look.config.pipeline, fault, look.now)
    if found.state not in ("waiting", "made"):
        st.rerun(scope="app")
    st.progress(found.share, text=literal(found.said))
