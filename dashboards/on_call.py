"""What burns now, since when and where; for somebody who was just woken up."""

from collections.abc import Sequence

import streamlit as st
from parts import frame, state
from parts.cards import feeds, flow, trouble, versions, vitals
from parts.frame import when
from parts.text import heading, literal, table

from monitor.views.guide import guide
from monitor.views.on_call import OnCall, on_call
from monitor.views.reader import Look

REFRESH = "15s"
# Troubles and changes that stand open: the loop is to be seen without much scrolling.
# (Streamlit would show a docstring.)
FIRST, CHANGES = 3, 8

visitor = state.visitor()


@st.fragment(run_every=REFRESH)
def now() -> None:
    """The page, drawn anew by itself; what is open stays open."""
    look = state.look()
    seen = on_call(look.config, look.store, look.board, look.now, look.span, look.parts)
    heading(seen.sentence)
    st.caption(f"Last measured {frame.ago(look.board.at, look.now)} · renews itself")
    opened = st.query_params.get("runbook", "")
    left, right = st.columns([3, 2]) if opened else (st.container(), None)
    with left:
        _state(seen, look)
    if right:
        with right, st.container(border=True):
            _runbook(opened, look)


def _state(seen: OnCall, look: Look) -> None:
    _troubles(seen, look)
    for name, some, draw in (
        ("At a glance", seen.vitals, vitals),
        ("The loop", seen.flow, flow),
        ("How new the data is", seen.feeds, feeds),
        ("Model versions", seen.versions, versions),
    ):
        if some:
            heading(name, 3)
            draw(some)
    _changes(seen, look)


def _changes(seen: OnCall, look: Look) -> None:
    heading("What went out, and what changed", 3)
    newest = seen.marks[::-1]
    if newest:
        _listed(newest[:CHANGES], look)
    else:
        st.caption("Nothing in this stretch of time. Record deployments with `weir mark`.")
    if newest[CHANGES:]:
        with st.expander("Before that", key="changes"):
            _listed(newest[CHANGES:], look)


def _listed(some: Sequence[tuple[int, str]], look: Look) -> None:
    at, what = zip(*some, strict=True)
    table({"when": [when(each, look.span) for each in at], "what": list(what)})


def _troubles(seen: OnCall, look: Look) -> None:
    for each in seen.troubles[:FIRST]:
        trouble(each, look, visitor)
    others = seen.troubles[FIRST:]
    if others:
        names = literal(", ".join(each.title for each in others[:FIRST]))
        said = f"{len(others) + seen.more} more ask for somebody: {names}{' …' if others[FIRST:] else ''}"
        with st.expander(said, icon=":material/expand_circle_down:", key="more"):
            for each in others:
                trouble(each, look, visitor)
            if seen.more:
                st.warning(f"{seen.more} more ask for somebody; All checks lists them.")
    if not seen.troubles and look.board.at is not None:
        st.success("Nobody is needed. What is not fine is below.", icon=":material/check_circle:")


def _runbook(check: str, look: Look) -> None:
    if st.button("Close the runbook", icon=":material/close:"):
        del st.query_params["runbook"]
        st.rerun(scope="app")
    said = guide(look.config, look.store, check, look.now) if check in look.config.checks else ""
    if said:
        st.markdown(said)
    else:
        st.info("This link speaks of a check that is not there now. Open a runbook from its card.")


now()
