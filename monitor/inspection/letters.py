"""What ingestion refused, by cause: the rows of a dataset of dead letters, counted over a day."""

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from monitor.errors import UsageError
from monitor.inspection.columns import looks_personal
from monitor.inspection.masking import LONGEST, MASK
from monitor.model import DAY, HOUR, Window

if TYPE_CHECKING:
    from monitor.binding.sources import Sources

ROLE = "dead_letters"
CAUSES = """
    reason cause error_reason failure_reason reject_reason rejection_reason error_code error_type error_class
    failure code status
""".split()  # noqa: SIM905
"""Columns that say why a row was refused, the surest first."""
MOST = 200
"""Causes that are looked at: where there are more, the column is no list of causes."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows refused for one cause: in the last hour and in the last day."""

    cause: str
    hour: int
    day: int


def datasets(config: Any) -> list[str]:
    """The datasets of dead letters: by name, or named so by a check."""
    named = {
        each
        for check in config.checks.values()
        for each in _listed(getattr(check.params, "dead_letters", None))
    }
    return [name for name in config.datasets if name == ROLE or name in named]


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def by_cause(config: Any, sources: "Sources", name: str, now: int) -> list[Cause]:
    """The causes of a dataset's rows up to an instant, the most frequent first. Raises WeirError."""
    from monitor.engines import Table
    from monitor.engines.render import as_text, instant, within
    from monitor.scanning.view import Scope

    dataset, window = config.datasets[name], Window(now - DAY, now + 1)
    if not dataset.time:
        raise UsageError(f"the dataset '{name}' has no time", hint="give it a 'time' column")
    engine = sources.engines[config.source_of(name).name]
    table = Table(dataset, engine.dialect, engine.describe(dataset))
    column = next((each for each in CAUSES if table.find(each) is not None), None)
    if column is None:
        raise UsageError(
            f"the dataset '{name}' has no column that says why", hint="map one: columns: {reason: …}"
        )
    relation = engine.relation(dataset, window)
    if relation is None:
        return []
    scope = Scope(table)
    late = f"CASE WHEN {instant(dataset.time, scope)} >= {now - HOUR} THEN 1 ELSE 0 END"
    query = (
        f"SELECT {as_text(column, scope)} AS cause, sum({late}) AS hour, count(*) AS day FROM {relation}"
        f" WHERE {within(window, scope)} GROUP BY 1 ORDER BY 3 DESC LIMIT {MOST + 1}"
    )
    return _shown(engine.fetch(query).to_pylist())


def _shown(rows: list[dict[str, Any]]) -> list[Cause]:
    """Causes as they may be shown: what people wrote, or what quotes data, is put together under a mask."""
    names = len(rows) <= MOST
    found: dict[str, Cause] = {}
    for row in rows:
        cause = "no cause given" if row["cause"] is None else row["cause"]
        shown = cause if names and len(cause) <= LONGEST and not looks_personal([cause]) else MASK
        old = found.get(shown, Cause(shown, 0, 0))
        found[shown] = Cause(shown, old.hour + int(row["hour"]), old.day + int(row["day"]))
    return list(found.values())


def written(causes: list[Cause]) -> str:
    """Causes as the store keeps them."""
    return json.dumps([asdict(each) for each in causes])


def read(text: str) -> list[Cause]:
    """Causes as they were kept."""
    return [Cause(**each) for each in json.loads(text)]
