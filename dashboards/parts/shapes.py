"""Distributions: delays, shares beside the baseline's, figures over time, the rules that tell robots."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from monitor.views.inside import Inside
from monitor.views.reader import Look
from monitor.views.shapes import Shape
from monitor.views.span import Span
from parts import charts

ROW = 20
"""Height of a bar."""
ROOM = 120
"""Height of the axis and the legend."""
SIDES = {"now": charts.BLUE, "baseline": charts.ORANGE}


def distribution(seen: Inside, look: Look) -> None:
    """Everything that a check knows beyond one number."""
    if not (seen.delays or seen.shapes or seen.figures or seen.rules):
        st.info("This kind counts no delays, shares or rules: its value is all that it says.")
    if seen.delays:
        st.subheader("Delays", anchor=False)
        drawn = charts.histogram(seen.delays, seen.threshold)
        st.altair_chart(drawn, alt="How many rows had which delay", width="stretch")
        if seen.threshold:
            st.caption(f"The dashed line is the threshold, {seen.threshold:g} s.")
    if seen.shapes:
        _beside(seen)
    if seen.rules:
        _rules(seen)
    if seen.figures:
        _figures(seen.figures, look.span)


def _beside(seen: Inside) -> None:
    st.subheader("Beside the baseline", anchor=False)
    by_name = {each.of: each for each in seen.shapes}
    names = list(by_name)
    if len(names) > 1:
        first = names.index(seen.affected) if seen.affected in names else 0
        of = st.selectbox("Rows of", names, index=first, key=f"shape {first}")
    else:
        of = names[0]
    shape = by_name[of]
    st.altair_chart(shares(shape), alt=f"Shares of {shape.column} now and in the baseline", width="stretch")
    st.text(shape.said)
    rows = [
        {"bin": b.name, "now": b.now, "baseline": b.baseline, "adds to the drift": b.contribution}
        for b in shape.bins
    ]
    percents = {name: st.column_config.NumberColumn(format="percent") for name in ("now", "baseline")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=percents)
    if seen.explained:
        st.caption("What each segment adds: because it is a larger part of the rows, or differs in itself.")
        parts = [
            {
                "by": each.dimension,
                "segment": each.segment,
                "adds": each.contribution,
                "through its share": each.mix,
                "in itself": each.within,
            }
            for each in seen.explained
        ]
        st.dataframe(pd.DataFrame(parts), hide_index=True)


def shares(shape: Shape) -> alt.Chart:
    """Shares by bin, those first that add most to the drift."""
    rows = [
        {"bin": each.name, "side": side, "share": share, "adds": each.contribution}
        for each in shape.bins
        for side, share in (("now", each.now), ("baseline", each.baseline))
    ]
    order = [each.name for each in shape.bins]
    data = pd.DataFrame(rows)
    return (
        alt.Chart(data)
        .mark_bar()
        .encode(
            y=alt.Y("bin:N", sort=order, title=shape.column or None, axis=alt.Axis(labelLimit=160)),
            yOffset=alt.YOffset("side:N", sort=list(SIDES)),
            x=alt.X("share:Q", axis=alt.Axis(format=".0%"), title="share of the rows"),
            color=alt.Color(
                "side:N",
                title=None,
                scale=alt.Scale(domain=list(SIDES), range=list(SIDES.values())),
                legend=charts.BELOW,
            ),
            tooltip=[
                "bin:N",
                "side:N",
                alt.Tooltip("share:Q", format=".2%"),
                alt.Tooltip("adds:Q", format=".3g"),
            ],
        )
        .properties(height=ROW * len(order) * 2 + ROOM)
    )


def _rules(seen: Inside) -> None:
    st.subheader("What told the robots", anchor=False)
    rows = [
        {
            "rule": each.name,
            "which": each.about,
            "rows": each.rows,
            "": "" if each.rows is not None else "off",
        }
        for each in seen.rules
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption("A rule without a number is off.")


def _figures(figures: Mapping[str, Sequence[tuple[int, float]]], span: Span) -> None:
    st.subheader("Figures over time", anchor=False)
    some = st.multiselect("Figures", list(figures), default=list(figures)[:4], key="figures")
    for name in some:
        st.altair_chart(trace(name, figures[name], span), alt=f"{name} over time", width="stretch")


def trace(name: str, some: Sequence[tuple[int, float]], span: Span) -> alt.Chart:
    """One figure over time."""
    data = pd.DataFrame([{"time": charts.wall(at, span), "value": value} for at, value in some])
    line = alt.Chart(data).mark_line(point=True, color=charts.BLUE, strokeWidth=2)
    return line.encode(
        x=charts.clock(span),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format=",.3~g")),
        tooltip=[alt.Tooltip("time:T", format="%d %b %H:%M"), alt.Tooltip("value:Q", format=",.4~g")],
    ).properties(height=190, title=name)
