"""Who did what."""

import streamlit as st
from parts import state
from parts.frame import when

from monitor.views.wishes import GAMEDAY, how, trail

look, visitor = state.look(), state.visitor()
st.title("Who did what")
try:
    lines = trail(look.store, look.config.pipeline, visitor, look.now)
except PermissionError as error:
    st.error(str(error))
    st.stop()
if not lines:
    st.info("Nobody has done anything in 90 days.")
else:
    st.dataframe(
        {
            "when": [when(each.at, look.span) for each in lines],
            "who": [each.actor for each in lines],
            "what": [each.action for each in lines],
            "of": [each.subject for each in lines],
            "how": [how(each) for each in lines],
        },
        hide_index=True,
    )
    if any(each.action == GAMEDAY for each in lines):
        st.html('<a class="weir-button" href="/game-days" target="_self">Read the game days</a>')
