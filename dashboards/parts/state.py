"""What this session looks at."""

import sys

import streamlit as st

from monitor.errors import WeirError
from monitor.views.access import Visitor, local, logged_in
from monitor.views.apart import Apart, apart
from monitor.views.parts import Parts
from monitor.views.reader import Asked, Look, Reader, given, opened
from parts.text import literal

PICKED = ("range", "zone", "around", "segment", "model")
"""What is kept in the address, and by which names."""


def look() -> Look:
    """What there is to be seen now. Ends the page with what to do where there is nothing."""
    try:
        found = _chosen().look(Asked(**{name: _picked(name) for name in PICKED}))
    except WeirError as error:
        st.error(f"Nothing can be shown: {literal(str(error))}", icon=":material/error:")
        st.stop()
    if found.board.at is None:
        st.info("Nothing has been measured yet. Start `weir serve`, or run `weir run` once.")
    if not found.good:
        st.warning("The configuration on disk is refused; the last good one is shown. See `weir validate`.")
    return found


def visitor() -> Visitor:
    """Who looks at the pages. Where there is a login, the page ends until somebody has logged in.

    Of several pipelines the first one's configuration says so, whichever is looked at.
    """
    dashboard = next(iter(_readers().values())).dashboard
    if dashboard.login is None:
        return local(operator="--operator" in sys.argv)
    if not st.user.is_logged_in:
        st.header("Weir", anchor=False)
        st.button("Log in", on_click=st.login, type="primary", icon=":material/login:")
        st.stop()
    found = logged_in(dashboard, st.user.to_dict())
    if not found.looks:
        said = f"{literal(found.name)} may not look at these pages. Ask whoever runs Weir."
        st.error(said, icon=":material/block:")
        st.button("Log out", on_click=st.logout, icon=":material/logout:")
        st.stop()
    return found


def pipelines() -> list[str]:
    """The pipelines that these pages show."""
    return list(_readers())


def parts() -> Parts:
    """The segments and model versions that can be picked; none where there is nothing to look at."""
    try:
        return _chosen().parts()
    except WeirError:  # the page says what is wrong
        return Parts((), ())


def part(look: Look) -> Apart:
    """The board of the segment that is looked at."""
    return look.remembered(
        ("apart", look.parts), lambda: apart(look.config, look.store, look.board, look.parts)
    )


def _picked(name: str) -> str | None:
    """From its picker where the page has it, else from the address."""
    return st.session_state.get(name) or st.query_params.get(name)


def _chosen() -> Reader:
    """The reader of the pipeline that the address asks for, else of the first one."""
    readers = _readers()
    return readers.get(_picked("pipeline") or "") or next(iter(readers.values()))


def _readers() -> dict[str, Reader]:
    paths, at = given(sys.argv[1:])
    readers = [opened(path, at) for path in paths]
    return {each.pipeline: each for each in readers}
