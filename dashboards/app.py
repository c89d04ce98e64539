"""The pages: what stands on every one of them, and which there are.

Started by `weir dashboard`, which gives the configuration's path. Pages draw what `monitor.views` works out.
"""

from pathlib import Path

import streamlit as st
from parts import frame, state

st.set_page_config(page_title="Weir", page_icon=str(Path(__file__).parent / "weir.svg"), layout="wide")

visitor = state.visitor()
pages = [
    st.Page("executive.py", title="Overview", icon=":material/insights:", default=True),
    st.Page("on_call.py", title="On call", icon=":material/emergency_home:", url_path="on-call"),
    st.Page("debug.py", title="Inside a check", icon=":material/troubleshoot:", url_path="check"),
    st.Page("checks.py", title="All checks", icon=":material/checklist:", url_path="checks"),
    st.Page("gameday.py", title="Game days", icon=":material/sports_score:", url_path="game-days"),
]
if visitor.administers:
    pages.append(st.Page("audit.py", title="Who did what", icon=":material/history:", url_path="audit"))

page = st.navigation(pages, position="top")
frame.header(visitor)
page.run()
