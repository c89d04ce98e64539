"""Sessions that were left without a result.

value = abandoned sessions ÷ sessions that began in the window. A session is abandoned when some row of it
says so (`abandoned: event_type = 'session_abandoned'`), or, without such rows, when it ended, with no row
for `idle`, and nothing in it was worth anything (`engaged`: a copy, a click, a rating). A session in which
the task was completed (`completed`) is excused, whatever else it says: who has what he wanted leaves. Excused
sessions that look abandoned are counted apart as `excused`.

A session begins with its first row, where no row of it came in the `idle` before, and is followed for
`longest`: then it is judged. Rows without a session are left out and counted as `no_session`. The signal is
noisy: read it with the completion beside it.
"""

from pydantic import Field

from monitor.expr import Column, Expr, Fragment, Indicator, IsNull, Literal, Text
from monitor.grammar import Column as ColumnOf
from monitor.grammar import Duration
from monitor.grammar import Fragment as Sql
from monitor.kinds import Facts, Steps, View
from monitor.kinds._rows import by_segment
from monitor.kinds._signals import Traits
from monitor.model import HOUR, MINUTE, Merge, Reading, Stage, Sums, Window

STAGE = Stage.LABEL
UNIT = "ratio"
MERGES: dict[str, Merge] = {
    "bad": "sum",
    "total": "sum",
    "completed": "sum",
    "excused": "sum",
    "no_session": "sum",
}


class Params(Traits):
    """What a session is, and which of its rows say how it went."""

    session: ColumnOf = Field("session_id", description="column of the session")
    completed: Sql = Field(description="SQL, true for a row that says that the task was completed")
    abandoned: Sql | None = Field(None, description="SQL, true for a row that says that the user gave up")
    engaged: Sql | None = Field(None, description="SQL, true for a row that says that an answer was of use")
    idle: Duration = Field(30 * MINUTE, description="silence that ends a session")
    longest: Duration = Field(HOUR, description="how long a session is followed from its first row")


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if not main.timed:
        raise ValueError("abandonment needs a dataset with a time")
    return params


def settle(params: Params, lateness: int, bucket: int) -> int:
    return params.longest + lateness


def steps(params: Params, view: View) -> Steps:
    window = view.window or Window(0, 0)
    never: Expr = Literal(0)
    columns: dict[str, Expr] = {
        "session": Text(Column(params.session)),
        "done": Indicator(Fragment(params.completed)),
        "gone": Indicator(Fragment(params.abandoned)) if params.abandoned else never,
        "used": Indicator(Fragment(params.engaged)) if params.engaged else never,
    }
    around = Window(window.start - params.idle, window.end + params.longest)
    rows = view.rows(columns, window=around)
    gone = "max(gone) = 1" if params.abandoned else "max(used) = 0"
    nobody = view.rows({}, IsNull(Column(params.session)))
    answer = yield f"""
        WITH marked AS (
          SELECT *, lag(t) OVER (PARTITION BY session ORDER BY t) AS before FROM {rows}
          WHERE session IS NOT NULL
        ), begun AS (
          SELECT *, sum(CASE WHEN before IS NULL OR t - before > {params.idle} THEN 1 ELSE 0 END)
            OVER (PARTITION BY session ORDER BY t ROWS UNBOUNDED PRECEDING) AS visit FROM marked
        ), followed AS (
          SELECT *, min(t) OVER (PARTITION BY session, visit) AS first FROM begun
        ), visits AS (
          SELECT session, visit, min(first) AS first, max(done) AS completed,
            CASE WHEN {gone} THEN 1 ELSE 0 END AS gone
          FROM followed WHERE t - first <= {params.longest} GROUP BY session, visit
        ), named AS (
          SELECT session, visit, min(s) AS s FROM (
            SELECT session, visit, s, rank() OVER (PARTITION BY session, visit ORDER BY t) AS place FROM begun
          ) AS placed WHERE place = 1 GROUP BY session, visit
        )
        SELECT n.s AS s, count(*) AS total, sum(v.completed) AS completed,
          sum(CASE WHEN v.gone = 1 AND v.completed = 0 THEN 1 ELSE 0 END) AS bad,
          sum(CASE WHEN v.gone = 1 AND v.completed = 1 THEN 1 ELSE 0 END) AS excused, 0 AS no_session
        FROM visits AS v JOIN named AS n ON n.session = v.session AND n.visit = v.visit
        WHERE v.first >= {window.start} AND v.first < {window.end} GROUP BY n.s
        UNION ALL
        SELECT s, 0, 0, 0, 0, count(*) FROM {nobody} GROUP BY s"""
    return {
        segment: {name: sum(row[name] for row in rows) for name in MERGES}
        for segment, rows in by_segment(answer).items()
    }


def reading(params: Params, sums: Sums) -> Reading:
    bad, total = sums["bad"], sums["total"]
    detail = {name: sums[name] for name in ("completed", "excused", "no_session")} | {"abandoned": bad}
    return Reading(bad / total if total else None, total - bad, total, detail | params.traits)
