"""What burns now, since when and where; for somebody who was just woken up."""

import streamlit as st
from parts import frame, state
from parts.cards import flow, trouble
from parts.frame import when

from monitor.views.guide import guide
from monitor.views.on_call import on_call

REFRESH = "15s"
visitor = state.visitor()


@st.fragment(run_every=REFRESH)
def now() -> None:
    """The page, drawn anew by itself; what is open stays open."""
    look = state.look()
    seen = on_call(look.config, look.store, look.board, look.now, look.span.window)
    st.header(seen.sentence, anchor=False)
    st.caption(f"Last measured {frame.ago(look.board.at, look.now)} · renews itself")
    opened = st.query_params.get("runbook", "")
    left, right = st.columns([3, 2]) if opened else (st.container(), None)
    with left:
        for each in seen.troubles:
            trouble(each, look, visitor)
        if seen.more:
            st.warning(f"{seen.more} more ask for somebody; All checks lists them.")
        if not seen.troubles:
            st.success("Nobody is needed. What is not fine is below.", icon=":material/check_circle:")
        st.subheader("The loop", anchor=False)
        flow(seen.flow)
        st.subheader("What went out, and what changed", anchor=False)
        if seen.marks:
            st.table(
                {
                    "when": [when(at, look.span) for at, _ in seen.marks],
                    "what": [what for _, what in seen.marks],
                }
            )
        else:
            st.caption("Nothing in this stretch of time. Record deployments with `weir mark`.")
    if right:
        with right, st.container(border=True):
            if st.button("Close the runbook", icon=":material/close:"):
                del st.query_params["runbook"]
                st.rerun(scope="app")
            st.markdown(guide(look.config, look.store, opened, look.now))


now()
