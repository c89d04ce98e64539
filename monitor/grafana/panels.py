"""Panels: a question in PromQL, and how its answer is drawn."""

from typing import Any, Literal

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models import dashboard as models

from monitor.grafana.questions import Asked

SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
HEIGHT, WIDTH = 8, 24
"""Of a panel and of a row, in Grafana's units."""

Unit = Literal["percentunit", "s", "short", "none", "dateTimeAsIso"]


def _asked(
    builder: Any, title: str, about: str, questions: tuple[Asked, ...], width: int, *, now: bool
) -> Any:
    builder.title(title).description(about).datasource(SOURCE).height(HEIGHT).span(width)
    for number, each in enumerate(questions):
        query = prometheus.Dataquery().expr(each.expr).legend_format(each.legend).ref_id(chr(65 + number))
        builder.with_target(query.instant() if now else query.range())
    return builder


def lines(title: str, about: str, *questions: Asked, unit: Unit = "none", width: int = 12) -> Any:
    """Values over time; where nothing was measured there is a gap."""
    panel = _asked(timeseries.Panel(), title, about, questions, width, now=False)
    legend = common.VizLegendOptions().show_legend(True).placement(looks.LegendPlacement.BOTTOM)
    legend = legend.display_mode(looks.LegendDisplayMode.LIST).calcs(["lastNotNull"])
    return panel.unit(unit).line_width(2).span_nulls(False).legend(legend)


def numbers(title: str, about: str, *questions: Asked, unit: Unit = "none", width: int = 6) -> Any:
    """What is so now, large."""
    panel = _asked(stat.Panel(), title, about, questions, width, now=True)
    return panel.unit(unit).reduce_options(_last()).color_mode(looks.BigValueColorMode.NONE)


def bars(title: str, about: str, *questions: Asked, width: int = 12) -> Any:
    """Shares of a whole, one bar each: red where nothing is left, orange below a quarter."""
    panel = _asked(bargauge.Panel(), title, about, questions, width, now=True)
    steps = [
        models.Threshold(value=None, color="red"),
        models.Threshold(value=0.0, color="orange"),
        models.Threshold(value=0.25, color="green"),
    ]
    limits = dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
    panel.orientation(looks.VizOrientation.HORIZONTAL).reduce_options(_last())
    return panel.unit("percentunit").min(0).max(1).thresholds(limits)


def rows(title: str, about: str, *questions: Asked, unit: Unit = "none", width: int = 12) -> Any:
    """A table of what is so now."""
    panel = _asked(table.Panel(), title, about, questions, width, now=True)
    return panel.unit(unit).show_header(True)


def states(title: str, about: str, *questions: Asked, width: int = WIDTH) -> Any:
    """What each check said, over time."""
    panel = _asked(statetimeline.Panel(), title, about, questions, width, now=False)
    return panel.show_value(looks.VisibilityMode.NEVER).merge_values(True)


def _last() -> Any:
    return common.ReduceDataOptions().calcs(["lastNotNull"])
