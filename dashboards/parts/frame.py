"""What stands at the top of every page: which pipeline, which stretch of time, in which zone."""

from pathlib import Path
from urllib.parse import quote
from zoneinfo import available_timezones

import streamlit as st

from monitor.views.access import Visitor
from monitor.views.span import RANGES, Span
from monitor.views.titles import ago

__all__ = ["ago", "header", "inside", "when"]

STYLE = Path(__file__).parents[1] / "style.css"
COMMON = ("UTC", "Europe/Zurich", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Tokyo")


def header(visitor: Visitor) -> None:
    """The pickers. What is chosen stands in the address, so that a link opens the same view."""
    st.html(STYLE)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.segmented_control(
            "Stretch of time", list(RANGES), default="24h", key="range", bind="query-params", required=True
        )
    with right:
        others = sorted(available_timezones() - set(COMMON))
        st.selectbox("Time zone", [*COMMON, *others], key="zone", bind="query-params")
    if st.user.get("is_logged_in"):
        st.caption(f"{visitor.name}, {visitor.role.name.lower()}")
        st.button("Log out", on_click=st.logout, icon=":material/logout:")


def when(instant: int, span: Span) -> str:
    """An instant as people say it, in the zone that is chosen."""
    return f"{span.local(instant):%d %b %H:%M}"


def inside(check: str) -> str:
    """The address of a check's own page."""
    return f"/check?check={quote(check)}"
