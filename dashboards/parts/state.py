"""What this session looks at."""

import sys
from pathlib import Path

import streamlit as st

from monitor.errors import WeirError
from monitor.views.access import Visitor, local, logged_in
from monitor.views.reader import Look, Reader


def look() -> Look:
    """What there is to be seen now. Ends the page with what to do where there is nothing."""
    try:
        found = _reader(*_arguments()).look(st.session_state.get("range"), st.session_state.get("zone"))
    except WeirError as error:
        st.error(f"Nothing can be shown: {error}", icon=":material/error:")
        st.stop()
    if found.board.at is None:
        st.info("Nothing has been measured yet. Start `weir serve`, or run `weir run` once.")
    if not found.good:
        st.warning("The configuration on disk is refused; the last good one is shown. See `weir validate`.")
    return found


def visitor() -> Visitor:
    """Who looks at the pages. Where there is a login, the page ends until somebody has logged in."""
    given = _given()
    dashboard = _reader(*_arguments()).dashboard
    if dashboard.login is None:
        return local(operator="--operator" in given)
    if not st.user.is_logged_in:
        st.header("Weir", anchor=False)
        st.button("Log in", on_click=st.login, type="primary", icon=":material/login:")
        st.stop()
    return logged_in(dashboard, st.user.to_dict())


@st.cache_resource(show_spinner=False)
def _reader(path: Path, at: str) -> Reader:
    return Reader(path, at)


def _arguments() -> tuple[Path, str]:
    """What `weir dashboard` gives: the configuration's path, and the instant to look at."""
    given = _given()
    return Path(given.get("--config", "weir.yaml")), given.get("--at", "")


def _given() -> dict[str, str]:
    return {name: value for name, _, value in (each.partition("=") for each in sys.argv[1:])}
