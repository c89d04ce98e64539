"""What a check is: its declaration, its windows, its plan and its SQL."""

import pandas as pd
import streamlit as st

from monitor.views.access import Visitor
from monitor.views.inside import Inside
from monitor.views.kept import explanation
from monitor.views.reader import Look
from parts.actions import ask
from parts.text import heading

SQL = "SQL"


def declaration(seen: Inside, look: Look, visitor: Visitor) -> None:
    """The declaration, and what explaining it has found."""
    st.table(pd.DataFrame(seen.facts, columns=["", " "]).set_index(""))
    st.subheader("How it is measured", anchor=False)
    name = seen.row.name
    ask("Explain", "explain", name, look, visitor, icon=":material/manage_search:")
    when, said = explanation(look.store, look.config.pipeline, name, look.now)
    if not said:
        st.info(
            f"Windows, plan and SQL are shown once it has been explained:"
            f" an operator presses Explain, or anybody runs `weir explain {name}`."
        )
    else:
        st.caption(f"Explained {when}.")
    for title, lines in said.items():
        if title == name:
            st.text("\n".join(lines))
            continue
        heading(title, 4)
        st.code("\n".join(lines).strip(), language="sql" if title == SQL else None, wrap_lines=True)
    if seen.canonical:
        with st.expander("Definition: what is hashed, and begins anew when it changes"):
            st.code(seen.canonical, language="json", wrap_lines=True)
