"""The catalogue: every check, on or off and why; and what of the data is looked at."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from parts import state
from parts.frame import inside

from monitor.views.catalogue import Entry, choices, chosen, coverage, entries, found

# Lines of the table before it scrolls, and how high one is.
MOST, LINE = 25, 35
NAMES = {"outcome": "State", "stage": "Stage", "dataset": "Dataset", "owner": "Owner", "kind": "Kind"}


def _on(some: Sequence[Entry]) -> None:
    rows = [
        {
            "check": inside(each.check),
            "what": each.about or each.title,
            "state": each.outcome,
            "value": each.value,
            **({"of": each.of} if each.of else {}),
            "measured": each.measured,
            "last outcomes": each.lately,
            "stage": each.stage,
            "dataset": each.dataset,
            "kind": each.kind,
            "owner": each.owner,
        }
        for each in some
    ]
    columns = {
        "check": st.column_config.LinkColumn("check", display_text=r"check=([^&]*)"),
        "last outcomes": st.column_config.TextColumn(help="● fine ▲ worth a look ■ failing ◆ not known"),
    }
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=columns,
        height=LINE * (min(len(rows), MOST) + 1) + 3,
    )


look = state.look()
st.title("All checks")

part = state.part(look)
every = entries(look.config, look.store, part, look.off, look.now)
text = st.text_input(
    "Search", placeholder="a name, an owner, a stage, a dataset, an outcome", key="q", bind="query-params"
)
options = choices(every)
with st.container(horizontal=True):
    wanted = {
        name: st.multiselect(NAMES[name], some, key=name, bind="query-params", placeholder="any", width=210)
        for name, some in options.items()
    }
shown = chosen(found(every, text or ""), wanted)
on = [each for each in shown if not each.off]
rest = [each for each in shown if each.off]

st.caption(f"{len(on)} on, {len(rest)} off")
if not every:
    st.info("No check is declared: `weir init` proposes some for your tables.")
elif not shown and text:
    st.info("Nothing is called or described like this. Clear the search to see all checks.")
elif not shown:
    st.info("No check has all of these. Clear a filter to see more.")
if on:
    _on(on)
if rest:
    st.subheader("Off")
    reasons = pd.DataFrame([{"check": each.check, "kind": each.kind, "why": each.off} for each in rest])
    st.dataframe(reasons, hide_index=True)

st.subheader("What is looked at")
st.caption("How many checks look at a dataset, and at which of its columns.")
covered = look.remembered("coverage", lambda: coverage(look.config, look.store))
rows = [
    {
        "dataset": each.dataset,
        "checks": each.checks,
        "columns": each.looked,
        "declared, but never looked at": ", ".join(each.bare) or "–",
    }
    for each in covered
]
st.dataframe(pd.DataFrame(rows), hide_index=True)
bare = [each.dataset for each in covered if not each.checks]
if bare:
    st.caption(f"No check looks at {len(bare)} of {len(covered)} datasets:")
    st.text(", ".join(bare))
