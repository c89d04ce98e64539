"""What the dashboards ask Prometheus. Grafana fills in the pipeline, the check and the windows."""

from dataclasses import dataclass

from monitor import names

HERE = f'{names.PIPELINE}="$pipeline"'
MINE = f'{names.CHECK}="$check"'
CHOSEN = f'{names.WINDOW}=~"$window"'
FAILED = f'{names.RESULT}="fail"'


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in PromQL, and what its lines are called."""

    expr: str
    legend: str = ""


def largest(metric: str, *by: str, where: str = "") -> str:
    """A gauge of the pipeline: the maximum over whatever Prometheus added to Weir's labels."""
    return f"max by ({', '.join(by)}) ({metric}{{{', '.join(filter(None, (HERE, where)))}}})"


def hourly(counter: str, by: str, where: str = "") -> str:
    """How much a counter grew in an hour."""
    return f"sum by ({by}) (increase({counter}_total{{{', '.join(filter(None, (HERE, where)))}}}[1h]))"


_LEFT = largest(names.SLO_BUDGET, names.SLO)
_OBJECTIVE = largest(names.SLO_OBJECTIVE, names.SLO)
_FIRING = f'ALERTS{{{HERE}, alertstate="firing", alertname!="Watchdog"}}'
_FAILING = largest(names.OUTCOME, names.CHECK, where=FAILED)
_BAD = largest(names.SLO_BAD_RATIO, names.SLO, names.WINDOW, where=CHOSEN)
_SEGMENTS = largest(
    names.SEGMENT_BAD_RATIO, names.SLO, names.WINDOW, names.DIMENSION, names.VALUE, where=CHOSEN
)
_SUCCESS = largest(names.LAST_SUCCESS, names.CHECK, where=MINE)

LEFT = Asked(_LEFT, "{{slo}}")
KEPT = Asked(f"1 - (1 - {_LEFT}) * (1 - {_OBJECTIVE})", "{{slo}}")
AT_RISK = Asked(f"count({_LEFT} < 0.25) or vector(0)")
PROMISED = Asked(f"count({_OBJECTIVE})")
FAILING_NOW = Asked(f"sum({_FAILING}) or vector(0)")
FIRING_NOW = Asked(f"count({_FIRING}) or vector(0)")
FIRING = Asked(_FIRING)
FAILING = Asked(_FAILING, "{{check}}")
BURNING = Asked(f"{_BAD} / on ({names.SLO}) group_left () (1 - {_OBJECTIVE})", "{{slo}} {{window}}")
WORST = Asked(f"topk(10, {_SEGMENTS})")
STANDING = Asked(f"time() - {largest(names.WATERMARK, names.DATASET)}", "{{dataset}}")
READINGS = Asked(largest(names.READING, names.CHECK), "{{check}}")

READING = Asked(largest(names.READING, names.CHECK, where=MINE), "{{check}}")
SEGMENT_READINGS = Asked(
    largest(names.SEGMENT_READING, names.DIMENSION, names.VALUE, where=MINE), "{{dimension}} {{value}}"
)
OUTCOMES = Asked(largest(names.OUTCOME, names.RESULT, where=MINE), "{{outcome}}")
TOOK = Asked(largest(names.DURATION, names.CHECK, where=MINE), "{{check}}")
RUNS = Asked(hourly(names.RUNS, names.RESULT, MINE), "{{outcome}}")
SINCE_SUCCESS = Asked(f"time() - {_SUCCESS}", "{{check}}")
LATE = Asked(hourly(names.LATE_ROWS, names.DATASET), "{{dataset}}")
LEFT_OUT = Asked(f"max({names.SERIES_REFUSED}{{{HERE}}})", "left out")

PIPELINES = f"label_values({names.BUILD}, {names.PIPELINE})"
CHECKS = f"label_values({names.INTERVAL}{{{HERE}}}, {names.CHECK})"
WINDOWS = f"label_values({names.SLO_BAD_RATIO}{{{HERE}}}, {names.WINDOW})"


def delay(share: float) -> Asked:
    """A quantile of the delays in buckets that became final."""
    counted = f"sum by ({names.CHECK}, le) (rate({names.DELAY}_bucket{{{HERE}}}[15m]))"
    return Asked(f"histogram_quantile({share:g}, {counted})", "{{check}}")
