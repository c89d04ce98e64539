"""Example rows, dead letters and reports: what `weir serve` has kept, and the buttons that ask for more."""

import pandas as pd
import streamlit as st

from monitor.views.access import Visitor
from monitor.views.kept import Letters, report_html, rows
from monitor.views.kept import dead_letters as letters_of
from monitor.views.kept import report as report_of
from monitor.views.reader import Look
from parts.actions import ask
from parts.text import heading, literal

TALL = 900
EVERY = 2
"""Seconds between two looks at a report that is being made."""


def example_rows(check: str, look: Look, visitor: Visitor) -> None:
    """Masked rows of a check."""
    ask("Take rows now", "sample", check, look, visitor, icon=":material/table_rows:")
    found = rows(look.store, look.config.pipeline, check, look.span, look.now)
    if found is None:
        st.info(
            "No rows are kept. `weir serve` takes up to 50 when the check fails, or when an operator asks;"
            " they are dropped after a week."
        )
        return
    hashed = " The first column is the keyed hash of the row's key." if "row" in found.columns else ""
    st.caption(f"{literal(found.about)}. ••• is a value that is there and not shown.{hashed}")
    if found.rows:
        st.dataframe(pd.DataFrame(list(found.rows), columns=list(found.columns)), hide_index=True)
    else:
        st.info("The window has no rows.")
    if found.left_out:
        st.caption("Left out, as they may hold personal data or free text:")
        st.text(found.left_out)


def dead_letters(look: Look, visitor: Visitor) -> None:
    """Why rows were refused."""
    found = letters_of(look.config, look.store, look.now)
    if not found:
        st.info("No dataset of dead letters is declared: name one `dead_letters`, and its causes stand here.")
    for each in found:
        _letters(each, look, visitor)


def _letters(each: Letters, look: Look, visitor: Visitor) -> None:
    heading(each.dataset, 3)
    ask("Count now", "letters", each.dataset, look, visitor, icon=":material/mark_email_unread:")
    if each.counted:
        st.caption(f"Counted {each.counted}.")
    if each.problem:
        st.info(literal(each.problem))
        return
    table = [{"cause": one.cause, "last hour": one.hour, "last day": one.day} for one in each.causes]
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        column_config={
            "last day": st.column_config.ProgressColumn(
                format="%d", min_value=0, max_value=max(one.day for one in each.causes)
            )
        },
    )


def report(check: str, look: Look, visitor: Visitor) -> None:
    """Evidently's report of the check's rows."""
    st.caption("Evidently sets a sample of the window beside one of the baseline, column by column.")
    ask("Make a report", "report", check, look, visitor, icon=":material/lab_profile:")
    found = report_of(look.store, look.config.pipeline, check, look.now)
    if found.state == "none":
        st.info(f"There is none yet: an operator asks for it, or anybody runs `weir report {check}`.")
    elif found.state == "failed":
        st.error("The report failed.", icon=":material/error:")
        st.text(found.said)
    elif found.state == "done":
        _finished(check, look, found.said)
    else:
        st.fragment(_progress, run_every=EVERY)(check, look)


def _progress(check: str, look: Look) -> None:
    found = report_of(look.store, look.config.pipeline, check, look.now)
    if found.state not in ("waiting", "made"):
        st.rerun(scope="app")
    st.progress(found.share, text=literal(found.said))


def _finished(check: str, look: Look, said: str) -> None:
    st.text(said)
    first, second = st.columns(2)
    show = first.toggle("Show it here", key="show", bind="query-params")
    html = report_html(look.store, look.config.pipeline, check)
    second.download_button(
        "Download", html, f"{check}.html", "text/html", icon=":material/download:", on_click="ignore"
    )
    if show:
        st.iframe(html, height=TALL, alt="The report")
