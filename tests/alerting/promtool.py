"""Series as promtool reads them, and the same as the evaluator sees them."""

import json
import math
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.alerting.evaluate import Moment, holds
from monitor.alerting.model import Alert
from monitor.alerting.promql import number, promql
from monitor.alerting.states import Life, State, step

LOOKBACK = 300
"""Seconds for which Prometheus 2 takes a sample for the present one; Prometheus 3 a moment less."""

SECOND = 1_000_000
GONE = "stale"
Value = float | str | None
"""A sample, None where the scrape found no series, `stale` where Prometheus noted that it went."""


@dataclass(frozen=True)
class Series:
    """Samples at every `interval` seconds from 0."""

    metric: str
    labels: Mapping[str, str]
    values: Sequence[Value]


def at(series: Series, interval: int, now: int, reach: int = LOOKBACK) -> float | None:
    """The newest sample that is not too old, as an instant query finds it."""
    for place in range(min(now // interval, len(series.values) - 1), -1, -1):
        value = series.values[place]
        if value is None:
            continue
        return None if isinstance(value, str) or now - place * interval > reach else value
    return None


def lives(
    alerts: Sequence[Alert],
    series: Sequence[Series],
    interval: int,
    every: int,
    until: int,
    reach: int = LOOKBACK,
) -> Iterator[tuple[int, list[tuple[Alert, State]]]]:
    """Every evaluation's instant in seconds, and where each alert stands after it; alerts in order."""
    known = {id(alert): Life() for alert in alerts}

    def found(metric: str, now: int) -> list[tuple[Mapping[str, str], float]]:
        each = [(one.labels, at(one, interval, now, reach)) for one in series if one.metric == metric]
        return [(labels, value) for labels, value in each if value is not None]

    for now in range(0, until + 1, every):

        def mine(name: str, labels: Any) -> list[Life]:
            own = dict(labels).items()
            return [known[id(a)] for a in alerts if a.name == name and own <= dict(a.labels).items()]

        def firing(name: str, labels: Any) -> bool:
            return any(life.state == State.FIRING for life in mine(name, labels))

        def onset(name: str, labels: Any) -> float | None:
            since = [life.active_at for life in mine(name, labels) if life.active_at is not None]
            return float(max(since) // SECOND) if since else None

        for alert in alerts:
            moment = Moment(now, lambda metric, now=now: found(metric, now), firing, onset)
            life = known[id(alert)]
            known[id(alert)] = step(life, holds(alert.when, moment), now * SECOND, alert.wait, alert.keep)
        yield now, [(alert, known[id(alert)].state) for alert in alerts]


def disagreement(
    promtool: str,
    folder: Path,
    alerts: Sequence[Alert],
    series: Sequence[Series],
    interval: int = 60,
    every: int = 60,
    rendered: Sequence[Alert] | None = None,
) -> str:
    """What promtool says where its states differ from ours at any evaluation; empty where they never do.

    `rendered` are the alerts that promtool gets, where those are not the same.
    """
    until = (max(len(one.values) for one in series) - 1) * interval if series else every
    (folder / "rules.json").write_text(json.dumps({"groups": [_group(rendered or alerts, every)]}))
    tests = [
        {
            "expr": "ALERTS",
            "eval_time": f"{now}s",
            "exp_samples": [_sample(a, s) for a, s in said if s != State.INACTIVE],
        }
        for now, said in lives(alerts, series, interval, every, until, _reach(promtool))
    ]
    asked = {
        "rule_files": ["rules.json"],
        "evaluation_interval": f"{every}s",
        "tests": [
            {
                "interval": f"{interval}s",
                "input_series": [_input(s) for s in series],
                "promql_expr_test": tests,
            }
        ],
    }
    (folder / "test.json").write_text(json.dumps(asked))
    done = subprocess.run(
        [promtool, "test", "rules", "test.json"], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _reach(promtool: str) -> int:
    """From version 3 on what a selector reaches is open on the left."""
    return LOOKBACK - 1 if Path(promtool).name == "promtool3" else LOOKBACK


def _group(alerts: Sequence[Alert], every: int) -> dict[str, Any]:
    rules = [
        {
            "alert": alert.name,
            "expr": promql(alert.when),
            "for": f"{alert.wait // SECOND}s",
            "keep_firing_for": f"{alert.keep // SECOND}s",
            "labels": dict(alert.labels),
        }
        for alert in alerts
    ]
    return {"name": "weir", "interval": f"{every}s", "rules": rules}


def _sample(alert: Alert, state: State) -> dict[str, Any]:
    labels = {"alertname": alert.name, "alertstate": state.value, **alert.labels}
    shown = ",".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels.items()))
    return {"labels": f"ALERTS{{{shown}}}", "value": 1}


def _input(series: Series) -> dict[str, str]:
    labels = ",".join(f"{name}={json.dumps(value)}" for name, value in series.labels.items())
    values = " ".join("_" if v is None else v if isinstance(v, str) else _written(v) for v in series.values)
    return {"series": f"{series.metric}{{{labels}}}", "values": values}


def _written(value: float) -> str:
    return "NaN" if math.isnan(value) else number(value).replace("+Inf", "Inf")
