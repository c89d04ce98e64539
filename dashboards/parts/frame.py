"""What stands at the top of every page: which pipeline, which stretch of time, in which zone, which part."""

from pathlib import Path
from urllib.parse import quote
from zoneinfo import available_timezones

import streamlit as st

from monitor.views.access import Visitor
from monitor.views.span import RANGES, Span, instant, span
from monitor.views.titles import ago
from parts import state
from parts.text import literal

__all__ = ["ago", "header", "inside", "when"]

STYLE = Path(__file__).parents[1] / "style.css"
COMMON = ("UTC", "Europe/Zurich", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Tokyo")


def header(visitor: Visitor) -> None:
    """The pickers. What is chosen stands in the address, so that a link opens the same view."""
    st.html(STYLE)
    _pipeline()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Stretch of time", list(RANGES), default="24h", key="range", bind="query-params", required=True
        )
        _part()
        others = sorted(available_timezones() - set(COMMON))
        st.selectbox("Time zone", [*COMMON, *others], key="zone", bind="query-params", width=180)
    _around()
    if st.user.get("is_logged_in"):
        st.caption(f"{literal(visitor.name)}, {visitor.role.name.lower()}")
        st.button("Log out", on_click=st.logout, icon=":material/logout:")


def _pipeline() -> None:
    """Which pipeline; a link that speaks of another one says so."""
    known, asked = state.pipelines(), st.query_params.get("pipeline")
    if asked and asked not in known:
        shown = literal(", ".join(known))
        st.warning(f"This link speaks of the pipeline {literal(asked)}; these pages show {shown}.")
    elif known[1:]:
        st.selectbox("Pipeline", known, key="pipeline", bind="query-params")


def _part() -> None:
    """The segment and the model version, where there are any."""
    there = state.parts()
    if there.segments:
        st.selectbox(
            "Segment",
            there.segments,
            index=None,
            placeholder="Everything",
            key="segment",
            bind="query-params",
            width=180,
        )
    if there.models:
        st.selectbox(
            "Model version",
            there.models,
            index=None,
            placeholder="All",
            key="model",
            bind="query-params",
            width=150,
        )


def _around() -> None:
    """What a link from an alert asks for, and how to come back to now."""
    asked = st.query_params.get("around")
    at = instant(asked)
    if at is None:
        return
    zone = st.session_state.get("zone")
    said = when(at, span(None, at, zone))
    if st.button(f"Around {said}. Show up to now", key="to now", icon=":material/update:"):
        del st.query_params["around"]
        st.rerun()


def when(instant: int, span: Span) -> str:
    """An instant as people say it, in the zone that is chosen."""
    return f"{span.local(instant):%d %b %H:%M}"


def inside(check: str) -> str:
    """The address of a check's own page, with what is chosen here."""
    chosen = {name: st.query_params.get(name) for name in (*state.PICKED, "pipeline")}
    more = "".join(f"&{name}={quote(value)}" for name, value in chosen.items() if value)
    return f"/check?check={quote(check)}{more}"
