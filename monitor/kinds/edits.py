"""How little people change what a model wrote, measured by what is usual for the task.

value = texts that were edited at most as much as is usual for their task ÷ texts of tasks whose usual is
known. What an edit of a tenth means differs from task to task, so that each has its own threshold: the
`quantile` (the median) of its edit distances in the `calibrate` before the check first runs, fixed then; a
task needs `min_task` texts for that. Half of the texts are under it by construction: a share that falls
says that people change more. `thresholds` gives them instead, by task. Texts of other tasks are counted as
`uncalibrated`. Those that were not changed at all are shown apart as `untouched`: good, or lazy.

The distance is a number, `distance` (a column, or payload.member), or the share of words changed from
`before` to `after`, Levenshtein's distance in words ÷ words of the longer text. That is computed here and
not in the source, of at most `sample` texts a bucket, always the same ones; they are forgotten at once.
"""

from collections.abc import Generator, Mapping
from typing import Any, cast

from pydantic import Field, model_validator

from monitor.expr import Coalesce, Column, Expr, Hash, Joined, Text
from monitor.expr import Literal as Constant
from monitor.grammar import Column as ColumnOf
from monitor.grammar import Duration, Share
from monitor.kinds import Facts, Steps, View
from monitor.kinds._rows import records
from monitor.kinds._signals import Amount, Traits, number
from monitor.model import DAY, Merge, Past, Reading, Stage, Sums, Window
from monitor.statistics.edits import changed

STAGE = Stage.LABEL
UNIT = "ratio"
MERGES: dict[str, Merge] = {"good": "sum", "total": "sum", "untouched": "sum", "uncalibrated": "sum"}
ALL = "all"


class Params(Traits):
    """The distance, the task, and what is usual for it."""

    distance: Amount | None = Field(None, description="edit distance: a column, or payload.member")
    before: ColumnOf | None = Field(None, description="column of the text that was offered")
    after: ColumnOf | None = Field(None, description="column of the text that was kept")
    task: ColumnOf | None = Field(None, description="column of the kind of task; default: all are one")
    quantile: Share = Field(0.5, description="which distance is usual for a task")
    calibrate: Duration = Field(14 * DAY, description="stretch before the first window that is calibrated on")
    min_task: int = Field(30, ge=1, description="texts of a task without which nothing is usual")
    thresholds: dict[str, float] | None = Field(None, description="what is usual, by task, instead")
    sample: int = Field(500, ge=1, le=5000, description="texts a bucket that are compared word by word")

    @model_validator(mode="after")
    def _one(self) -> "Params":
        texts = self.before is not None and self.after is not None
        if (self.distance is not None) == texts or (self.before is None) != (self.after is None):
            raise ValueError("give either 'distance', or both 'before' and 'after'")
        return self


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if params.thresholds is None and not main.timed:
        raise ValueError("what is usual is learnt from the past: give the dataset a 'time', or 'thresholds'")
    return params


def freeze_window(params: Params, window: Window) -> Window:
    return Window(window.start - params.calibrate, window.start)


def freeze(params: Params, view: View) -> Generator[str, Any, dict[str, float] | None]:
    if params.thresholds is not None:
        return params.thresholds
    if params.distance:
        answer = yield f"""
            SELECT task, count(*) AS n,
              percentile_cont({params.quantile}) WITHIN GROUP (ORDER BY distance) AS usual
            FROM {view.rows(_columns(params))} WHERE distance IS NOT NULL GROUP BY task"""
        usual = {row["task"]: row["usual"] for row in records(answer) if row["n"] >= params.min_task}
    else:
        answer = yield _texts(params, view, 20 * params.sample)
        usual = _usual(params, _distances(answer))
    return usual or None


def _usual(params: Params, rows: list[tuple[str, str, float]]) -> dict[str, float]:
    import numpy as np

    by_task: dict[str, list[float]] = {}
    for _, task, distance in rows:
        by_task.setdefault(task, []).append(distance)
    enough = {task: found for task, found in by_task.items() if len(found) >= params.min_task}
    return {task: float(np.quantile(found, params.quantile)) for task, found in enough.items()}


def _columns(params: Params) -> dict[str, Expr]:
    task: Expr = Coalesce((Text(Column(params.task)), Constant(""))) if params.task else Constant(ALL)
    if params.distance:
        return {"task": task, "distance": number(params.distance)}
    before, after = Text(Column(params.before or "")), Text(Column(params.after or ""))
    return {"task": task, "one": before, "other": after, "place": Hash(Joined((before, after)))}


def _texts(params: Params, view: View, most: int) -> str:
    """Pairs of texts, the same ones each time: by the order of their hashes."""
    return (
        f"SELECT s, task, one, other FROM {view.rows(_columns(params))}"
        f" WHERE place IS NOT NULL ORDER BY place, t LIMIT {most}"
    )


def _distances(answer: Any) -> list[tuple[str, str, float]]:
    return [(row["s"], row["task"], changed(row["one"], row["other"])) for row in records(answer)]


def steps(params: Params, view: View) -> Steps:
    usual = cast(Mapping[str, float], view.frozen or {})
    if params.distance:
        known = view.values([[task, float(at)] for task, at in sorted(usual.items())], ["task", "usual"], "u")
        answer = yield f"""
            SELECT s, count(u.usual) AS total, count(*) FILTER (WHERE distance <= u.usual) AS good,
              count(*) FILTER (WHERE distance = 0 AND u.usual IS NOT NULL) AS untouched,
              count(*) FILTER (WHERE u.usual IS NULL) AS uncalibrated
            FROM {view.rows(_columns(params))} LEFT JOIN {known} ON u.task = r.task
            WHERE distance IS NOT NULL GROUP BY s"""
        return {row.pop("s"): row for row in records(answer)}
    answer = yield _texts(params, view, params.sample)
    found: dict[str, dict[str, float]] = {}
    for segment, task, distance in _distances(answer):
        sums = found.setdefault(segment, dict.fromkeys(MERGES, 0))
        known_task = task in usual
        sums["total"] += known_task
        sums["uncalibrated"] += not known_task
        sums["good"] += known_task and distance <= usual[task]
        sums["untouched"] += known_task and distance == 0
    return found


def reading(params: Params, sums: Sums, past: Past) -> Reading:
    good, total = sums["good"], sums["total"]
    detail = {"untouched": sums["untouched"], "uncalibrated": sums["uncalibrated"], "usual": past.frozen}
    return Reading(good / total if total else None, good, total, detail | params.traits)
