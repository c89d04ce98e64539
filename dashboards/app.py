"""The pages: what stands on every one of them, and which there are.

Started by `weir dashboard`, which gives the configuration's path. Pages draw what `monitor.views` works out.
"""

from pathlib import Path

import streamlit as st
from parts import frame

st.set_page_config(page_title="Weir", page_icon=str(Path(__file__).parent / "weir.svg"), layout="wide")

PAGES = (
    st.Page("executive.py", title="Overview", icon=":material/insights:", default=True),
    st.Page("on_call.py", title="On call", icon=":material/emergency_home:", url_path="on-call"),
    st.Page("debug.py", title="Inside a check", icon=":material/troubleshoot:", url_path="check"),
    st.Page("checks.py", title="All checks", icon=":material/checklist:", url_path="checks"),
)

page = st.navigation(list(PAGES), position="top")
frame.header()
page.run()
