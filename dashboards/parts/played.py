"""Playing a game day from the pages: which fault, the button, and how far it is."""

import streamlit as st

from monitor.views.access import Visitor
from monitor.views.gamedays import ACTION, Wanted, faults, places, report_html, running, wanted
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
    picked = _picked(fault)
    if picked.wrong:
        st.warning(literal(picked.wrong))
    elif visitor.operates:
        ask("Break it", ACTION, fault, look, visitor, icon=":material/bolt:", **picked.arguments)
        st.caption("A severity of 1 is as bad as the check allows. `weir serve` takes some minutes for it.")
    if picked.command:
        st.code(picked.command, language=None)
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


def _picked(fault: str) -> Wanted:
    """How badly, where and of which shop; where it can be narrowed depends on the fault."""
    where: dict[str, str | None] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        severity = st.number_input(
            "Severity, × its threshold", 0.1, 1000.0, 20.0, step=1.0, format="%g", key="severity", width=190
        )
        for name, values in places(fault).items():
            title = name.replace("_", " ").capitalize()
            where[name] = st.selectbox(
                title, values, index=None, placeholder="Everywhere", key=f"{fault} {name}", width=180
            )
        seed = st.number_input("Seed", 0, 100_000, 1, key="seed", width=130)
    return wanted(fault, float(severity), where, int(seed))


def _progress(fault: str, look: Look) -> None:
    found = running(look.store, look.config.pipeline, fault, look.now)
    if found.state not in ("waiting", "made"):
        st.rerun(scope="app")
    st.progress(found.share, text=literal(found.said))
