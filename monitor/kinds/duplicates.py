"""Rows that repeat a key.

value = surplus rows ÷ rows; a surplus row is any but the first of its key within `look_back`. Good rows are
the others. Rows with a NULL in their key repeat nothing and are shown apart as `no_key`. Counted, not
estimated: the error of an approximate distinct count is larger than the answer. DuckDB compares keys by
64-bit hashes, which miscount a row about twice in a million days of 20 million rows.
"""

from pydantic import BaseModel, ConfigDict, Field

from monitor.expr import All, Column, IsNull, NotTrue, Repeated, count
from monitor.grammar import Duration, KeyColumns
from monitor.kinds import Facts
from monitor.model import HOUR, Measure, Reading, Stage, Sums

STAGE = Stage.INGEST
UNIT = "ratio"


class Params(BaseModel):
    """A key, and how far back its first row may lie."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    key: KeyColumns = Field((), description="column or columns; the dataset's key where it is left out")
    look_back: Duration = Field(HOUR, description="how far back an earlier row of the same key counts")


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if not (params.key or main.key):
        raise ValueError("duplicates needs a 'key', here or in its dataset")
    return params.model_copy(update={"key": params.key or main.key})


def measures(params: Params) -> list[Measure]:
    whole = All(tuple(NotTrue(IsNull(Column(name))) for name in params.key))
    return [
        Measure("bad", count(Repeated(params.key, params.look_back))),
        Measure("total", count()),
        Measure("no_key", count(NotTrue(whole))),
    ]


def reading(params: Params, sums: Sums) -> Reading:
    surplus, total = sums["bad"], sums["total"]
    detail = {"surplus": surplus, "no_key": sums["no_key"]}
    return Reading(surplus / total if total else None, total - surplus, total, detail)
