"""Charts. Colours are those of Okabe and Ito (2008), which people with any sort of colour vision tell apart;
nothing is told by colour alone. Where nothing is known there is a grey stretch, and never a zero.
"""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from monitor.views.course import Course
from monitor.views.executive import Objective
from monitor.views.gamedays import Level
from monitor.views.inside import Bar
from monitor.views.span import Span

BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442",
)  # fmt: skip
GREY = "#8a8f98"
LINES = {"warn": ORANGE, "fail": VERMILION, "objective": GREEN}
FORMATS = {"ratio": ".2%", "seconds": ",.3~s", "rows": ",.0f"}
UNITS = {"ratio": "share", "seconds": "seconds", "rows": "rows in its window", "number": "value"}
HEIGHT = 320
"""Of the whole picture: axis and legend take their part of it."""
MIDDLE = alt.value(alt.expr("height / 2"))
BELOW = alt.Legend(orient="bottom", columns=3, labelLimit=160)
"""Where a legend leaves a phone its width."""
ROOM = 0.12
"""The share of a chart's width from which on words fit into a gap."""

_CLOCK = (
    "utchours(datum.value) + utcminutes(datum.value) > 0"
    " ? utcFormat(datum.value, '%H:%M') : utcFormat(datum.value, '%d %b')"
)


def course(
    courses: Sequence[Course],
    span: Span,
    unit: str,
    bounds: Sequence[tuple[str, float]] = (),
    marks: Sequence[tuple[int, str]] = (),
    names: Sequence[str] = (),
) -> alt.LayerChart:
    """Courses over a span, with the lines that are not to be crossed and what happened meanwhile."""
    data = pd.DataFrame(
        [
            {"time": wall(point.window.start, span), "value": point.value, "line": name, "rows": point.total}
            for each, name in zip(courses, names or _names(courses), strict=True)
            for point in each.points
        ],
        columns=["time", "value", "line", "rows"],
    )
    axis = alt.Axis(format=FORMATS.get(unit, ",.4~g"), title=UNITS.get(unit, unit))
    x = clock(span)
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=unit == "rows", nice=True))
    several = len(courses) > 1
    colours = alt.Scale(
        domain=list(names or _names(courses)), range=[BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION]
    )
    colour = alt.Color("line:N", title=None, scale=colours, legend=BELOW) if several else alt.value(BLUE)
    line = alt.Chart(data).mark_line(strokeWidth=2, interpolate="monotone").encode(x=x, y=y, color=colour)
    dots = line.mark_point(size=18, filled=True).encode(
        tooltip=[
            alt.Tooltip("time:T", title="from", format="%d %b %H:%M"),
            alt.Tooltip("value:Q", format=FORMATS.get(unit, ",.4~g")),
            alt.Tooltip("rows:Q", format=",.0f"),
            "line:N",
        ]
    )
    layers: list[alt.Chart] = [
        *_gaps(courses[0], span, x),
        line,
        dots,
        *_rules(bounds, below=unit == "ratio"),
        *_marks(marks, span, x),
    ]
    return alt.layer(*layers).properties(height=HEIGHT)


def clock(span: Span) -> alt.X:
    """The axis of a span's time, by the wall clock of its zone."""
    scale = alt.Scale(type="utc", domain=_domain(span))
    return alt.X("time:T", title=None, axis=alt.Axis(labelExpr=_CLOCK), scale=scale)


def histogram(bars: Sequence[Bar], threshold: float | None = None) -> alt.LayerChart:
    """Delays on a logarithmic axis."""
    rows = [{"from": each.least, "to": each.most, "rows": each.count, "none": 0} for each in bars]
    data = pd.DataFrame(rows)
    scale = alt.Scale(type="log", nice=False)
    drawn = (
        alt.Chart(data)
        .mark_bar(color=BLUE, binSpacing=1)
        .encode(
            x=alt.X("from:Q", scale=scale, title="seconds"),
            x2="to:Q",
            y=alt.Y("rows:Q", title="rows", scale=alt.Scale(zero=True)),
            y2="none:Q",
            tooltip=[alt.Tooltip("from:Q", format=".3g"), alt.Tooltip("to:Q", format=".3g"), "rows:Q"],
        )
    )
    limit = alt.Chart(pd.DataFrame([{"at": threshold}])).mark_rule(color=VERMILION, strokeDash=[6, 4])
    layers = [drawn, limit.encode(x="at:Q")] if threshold else [drawn]
    return alt.layer(*layers).properties(height=HEIGHT)


def budgets(objectives: Sequence[Objective], span: Span) -> alt.LayerChart:
    """What was left of each budget at the end of each day; below nothing it is overspent."""
    data = pd.DataFrame(
        [
            {"time": wall(at, span), "left": None if left is None else max(left, -1.0), "what": each.title}
            for each in objectives
            for at, left in each.course
        ],
        columns=["time", "left", "what"],
    )
    line = (
        alt.Chart(data)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("time:T", title=None, scale=alt.Scale(type="utc")),
            y=alt.Y("left:Q", title="left", axis=alt.Axis(format=".0%")),
            color=alt.Color("what:N", title=None),
            tooltip=["what:N", alt.Tooltip("time:T", format="%d %b"), alt.Tooltip("left:Q", format=".0%")],
        )
    )
    nothing = alt.Chart(pd.DataFrame({"left": [0.0]})).mark_rule(color=VERMILION, strokeDash=[6, 4])
    return alt.layer(line, nothing.encode(y="left:Q")).properties(height=HEIGHT)


def active(days: Sequence[tuple[str, float]]) -> alt.Chart:
    """Active people by day."""
    data = pd.DataFrame(days, columns=["day", "people"])
    bars = alt.Chart(data).mark_bar(color=BLUE)
    return bars.encode(x=alt.X("day:O", title=None), y=alt.Y("people:Q", title="active people")).properties(
        height=HEIGHT
    )


def _names(courses: Sequence[Course]) -> list[str]:
    return [f"{each.segment.dimension} {each.segment.value}".strip() or "all" for each in courses]


def _gaps(course_: Course, span: Span, x: alt.X) -> list[alt.Chart]:
    """Grey where nothing is known; where there is room it says so."""
    rows = [
        {"time": wall(gap.start, span), "end": wall(gap.end, span), "why": "no data"} for gap in course_.gaps
    ]
    columns = ["time", "end", "why"]
    grey = alt.Chart(pd.DataFrame(rows, columns=columns)).mark_rect(color=GREY, opacity=0.18)
    wide = [
        {"time": wall((gap.start + gap.end) // 2, span), "why": "no data"}
        for gap in course_.gaps
        if gap.length > ROOM * span.window.length
    ]
    word = alt.Chart(pd.DataFrame(wide, columns=["time", "why"])).mark_text(color=GREY, fontSize=12)
    said = [word.encode(x=x, y=MIDDLE, text="why:N")] if wide else []
    return [grey.encode(x=x, x2="end:T", tooltip="why:N"), *said]


def _rules(bounds: Sequence[tuple[str, float]], *, below: bool) -> list[alt.Chart]:
    """Lines with their words, which stand where a course that is well does not run."""
    if not bounds:
        return []
    rows = [{"value": value, "what": word, "colour": LINES[word]} for word, value in bounds]
    base = alt.Chart(pd.DataFrame(rows, columns=["value", "what", "colour"]))
    colour = alt.Color("colour:N", scale=None)
    rule = base.mark_rule(strokeDash=[6, 4], strokeWidth=1.5).encode(y="value:Q", color=colour)
    text = base.mark_text(align="left", dx=4, dy=8 if below else -6, fontSize=11).encode(
        x=alt.value(0), y="value:Q", text="what:N", color=colour
    )
    return [rule, text]


def _marks(marks: Sequence[tuple[int, str]], span: Span, x: alt.X) -> list[alt.Chart]:
    if not marks:
        return []
    rows = [{"time": wall(at, span), "what": what} for at, what in marks]
    base = alt.Chart(pd.DataFrame(rows, columns=["time", "what"]))
    rule = base.mark_rule(color=PURPLE, strokeWidth=1.5).encode(x=x, tooltip="what:N")
    # Read from below, it ends at the top: below the axis there are other words.
    text = base.mark_text(
        align="right", angle=270, dx=-4, dy=-6, fontSize=11, color=PURPLE, limit=HEIGHT / 2
    ).encode(x=x, y=alt.value(0), text="what:N")
    return [rule, text]


def _domain(span: Span) -> list[str]:
    return [wall(span.window.start, span), wall(span.window.end, span)]


def wall(instant: int, span: Span) -> str:
    """The wall clock's time in the span's zone: the axis shows it as it is."""
    return span.local(instant).replace(tzinfo=None).isoformat(timespec="seconds")


def told_of(levels: Sequence[Level]) -> alt.LayerChart:
    """The share of faults of each severity that somebody was told of; the dashed line is the threshold."""
    rows = [
        {"severity": each.severity, "share": each.told / each.of, "said": f"{each.told} of {each.of}"}
        for each in levels
    ]
    ticks = [each.severity for each in levels]
    axis = alt.Axis(values=ticks, format="~g", title="severity, × the threshold", grid=False)
    x = alt.X("severity:Q", scale=alt.Scale(type="log", nice=False, padding=24), axis=axis)
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", title="told of"))
    said = ["severity:Q", alt.Tooltip("said:N", title="told of")]
    line = alt.Chart(pd.DataFrame(rows)).mark_line(color=BLUE, strokeWidth=2).encode(x=x, y=y)
    dots = line.mark_point(size=50, filled=True, color=BLUE).encode(tooltip=said)
    words = line.mark_text(dy=-12, color=GREY).encode(text="said:N")
    edge = pd.DataFrame([{"severity": 1.0}])
    limit = alt.Chart(edge).mark_rule(color=ORANGE, strokeDash=[4, 3]).encode(x=x)
    inside = ticks[0] <= 1 <= ticks[-1]
    return alt.layer(*([limit] if inside else []), line, dots, words).properties(height=HEIGHT)
