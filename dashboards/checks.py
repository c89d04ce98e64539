"""The catalogue: every check, on or off and why; and what of the data is looked at."""

import pandas as pd
import streamlit as st
from parts import state

from monitor.views.catalogue import coverage, entries, found

look = state.look()
st.title("All checks")

every = entries(look.config, look.board, look.off, look.now)
text = st.text_input(
    "Search", placeholder="a name, an owner, a stage, a dataset, an outcome", key="q", bind="query-params"
)
shown = found(every, text or "")
on = [each for each in shown if not each.off]

st.caption(f"{len(on)} on, {len(shown) - len(on)} off")
if not shown:
    st.info(f"Nothing is called or described like “{text}”. Clear the search to see all {len(every)} checks.")
if on:
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "check": f"/check?check={each.check}",
                    "what": each.about or each.title,
                    "state": each.outcome,
                    "value": each.value,
                    "measured": each.measured,
                    "stage": each.stage,
                    "dataset": each.dataset,
                    "kind": each.kind,
                    "owner": each.owner,
                }
                for each in on
            ]
        ),
        hide_index=True,
        column_config={"check": st.column_config.LinkColumn("check", display_text=r"check=(.*)")},
    )
rest = [each for each in shown if each.off]
if rest:
    st.subheader("Off")
    reasons = pd.DataFrame([{"check": each.check, "why": each.off} for each in rest])
    st.dataframe(reasons, hide_index=True)

st.subheader("What is looked at")
st.caption("How many checks look at a dataset, and at which of its columns.")
covered = coverage(look.config, look.store)
st.dataframe(
    pd.DataFrame(
        [
            {
                "dataset": each.dataset,
                "checks": each.checks,
                "columns": ", ".join(f"{name} ({count})" for name, count in each.columns.items()) or "–",
                "declared, but never looked at": ", ".join(each.bare) or "–",
            }
            for each in covered
        ]
    ),
    hide_index=True,
)
