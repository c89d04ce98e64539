"""Queries that were asked again in other words: the answer did not help.

value = queries whose next query in the same session, at most `within` later, says nearly the same ÷ queries.
It is the earlier query that counts, and with it the model that answered it. Nearly the same is a semantic
overlap of `overlap` or more, without any model: the larger of two similarities of Jaccard (1901), that of the
words that carry meaning (without the commonest words of English) and that of the trigrams of letters, which
forgives inflection and typing errors. A next query below it is another question or a clarification ("and for
admins?") and does not count; nor does one for which `clarification` is true, whatever it says. The same text
again is a retry or a double click: counted apart as `repeated`.

Only texts of the same language are compared this way; a query translated by its user is not found. No text
leaves the source. A query is judged `within` after it was asked.
"""

from pydantic import Field

from monitor.expr import Column, Expr, Fragment, Indicator, Literal, Text
from monitor.grammar import Column as ColumnOf
from monitor.grammar import Duration, Share
from monitor.grammar import Fragment as Sql
from monitor.kinds import Facts, Steps, View
from monitor.kinds._overlap import alike
from monitor.kinds._rows import by_segment
from monitor.kinds._signals import Traits
from monitor.model import MINUTE, Merge, Reading, Stage, Sums, Window

STAGE = Stage.LABEL
UNIT = "ratio"
MERGES: dict[str, Merge] = {
    "bad": "sum",
    "total": "sum",
    "followed": "sum",
    "repeated": "sum",
    "clarified": "sum",
    "no_text": "sum",
}


class Params(Traits):
    """Where queries are, and what counts as nearly the same."""

    text: ColumnOf = Field("query_text", description="column of the query's text")
    session: ColumnOf = Field("session_id", description="column of the session")
    within: Duration = Field(10 * MINUTE, description="how soon the next query must come")
    overlap: Share = Field(0.4, description="semantic overlap from which a query says nearly the same")
    clarification: Sql | None = Field(None, description="SQL, true for a query that is known to clarify")


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if not main.timed:
        raise ValueError("reformulation needs a dataset with a time")
    return params


def settle(params: Params, lateness: int, bucket: int) -> int:
    return params.within + lateness


def steps(params: Params, view: View) -> Steps:
    window = view.window or Window(0, 0)
    columns: dict[str, Expr] = {
        "said": Text(Column(params.text)),
        "session": Text(Column(params.session)),
        "clear": Indicator(Fragment(params.clarification)) if params.clarification else Literal(0),
    }
    near = f"coalesce(alike, 0) >= {params.overlap}"
    rows = view.rows(columns, window=Window(window.start, window.end + params.within))
    answer = yield f"""
        WITH ordered AS (
          SELECT s, t, said, lead(said) OVER again AS said_next, lead(t) OVER again AS t_next,
            lead(clear) OVER again AS clear_next
          FROM {rows} WHERE session IS NOT NULL AND said IS NOT NULL
          WINDOW again AS (PARTITION BY session ORDER BY t, said)
        ), numbered AS MATERIALIZED (
          SELECT row_number() OVER (ORDER BY t) AS id, s, said AS one, said_next AS other,
            t_next - t <= {params.within} AS followed, clear_next = 1 AS clear,
            lower(trim(said)) = lower(trim(said_next)) AS same
          FROM ordered WHERE t < {window.end}
        ), pairs AS (
          SELECT id, one, other FROM numbered WHERE followed AND NOT same AND NOT clear
        ), {alike("pairs")}
        SELECT s, count(*) AS total,
          count(*) FILTER (WHERE followed) AS followed,
          count(*) FILTER (WHERE followed AND same) AS repeated,
          count(*) FILTER (WHERE followed AND NOT same AND (clear OR NOT {near})) AS clarified,
          count(*) FILTER (WHERE followed AND NOT same AND NOT clear AND {near}) AS bad,
          0 AS no_text
        FROM numbered LEFT JOIN likeness ON likeness.id = numbered.id GROUP BY s
        UNION ALL
        SELECT s, 0, 0, 0, 0, 0, count(*) FROM {rows}
        WHERE (session IS NULL OR said IS NULL) AND t < {window.end} GROUP BY s"""
    return {
        segment: {name: sum(row[name] for row in rows) for name in MERGES}
        for segment, rows in by_segment(answer).items()
    }


def reading(params: Params, sums: Sums) -> Reading:
    bad, total = sums["bad"], sums["total"]
    detail = {name: sums[name] for name in ("followed", "repeated", "clarified", "no_text")}
    detail |= {"reformulated": bad} | params.traits
    return Reading(bad / total if total else None, total - bad, total, detail)
