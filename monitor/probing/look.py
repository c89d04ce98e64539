"""Where probes have arrived: rows that bear the tag, in the datasets that must have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.binding.spared import tagged
from monitor.engines import Engine, Table
from monitor.engines.render import Scope, as_text, instant, within
from monitor.errors import BindError, WeirError
from monitor.model import DAY, HOUR, Window
from monitor.probing.personal import bears
from monitor.store import Store, probes
from monitor.store.probes import Arrival, Probe

ARRIVALS = ("stored_at", "received_at", "available_at")
"""Column words that say when a row came, the last on its way first."""
AROUND = HOUR
"""How far a probe's event time may lie from when it was sent: clocks differ."""
MOST = 200_000
TIMES = frozenset({"aware", "aware_ns", "naive"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a dataset: arrivals of known probes, and how many tagged rows nobody has sent.

    `timed` says whether a column tells when a row came.
    """

    arrivals: Sequence[Arrival]
    strangers: int
    timed: bool


def look(
    config: Any, store: Store, engine: Engine, probe: Any, dataset: str, sent: Sequence[Probe], now: int
) -> Seen:
    """Look for probes in a dataset, through an engine that leaves none out. Raises BindError, SourceError."""
    declared = config.datasets[dataset]
    window = _window(declared, sent, now)
    try:
        table = Table(declared, engine.dialect, engine.describe(declared))
        rows = _rows(engine, table, probe, window)
    except WeirError as error:
        error.place = error.place if error.place.file else config.place("probes", probe.name, "arrives")
        raise
    known = probes.known(store, config.pipeline, window.start - AROUND if window else 0)
    return _seen(rows, probe, dataset, known, now, _arrival(table) is not None)


def _window(declared: Any, sent: Sequence[Probe], now: int) -> Window | None:
    start = min((each.sent for each in sent), default=now - DAY)
    return Window(start - AROUND, now + AROUND) if declared.time else None


def _arrival(table: Table) -> str | None:
    found = (table.find(word) for word in ARRIVALS)
    return next((each.name for each in found if each is not None and each.family in TIMES), None)


def _rows(engine: Engine, table: Table, probe: Any, window: Window | None) -> list[dict[str, Any]]:
    """The tagged rows: `tag0` …, when each came, and all that could bear personal data."""
    tags = tuple(probe.tag.items())
    conditions = tagged(table, tags)
    if not conditions:
        names = " and ".join(f"'{name}'" for name in probe.tag)
        message = f"dataset '{table.dataset.name}' has no column {names}, by which a probe is known"
        raise BindError(message, hint="tag a column that it has, or map one in its `columns`")
    relation = engine.relation(table.dataset, window)
    if relation is None:
        return []
    scope, came = Scope(table), _arrival(table)
    items = [f"{as_text(name, scope)} AS tag{place}" for place, (name, _) in _there(table, tags)]
    items.append(f"{instant(came, scope) if came else 'CAST(NULL AS bigint)'} AS came")
    if probe.personal:
        others = [
            each.name
            for each in table.columns.values()
            if each.family in ("text", "other", "integer", "number")
        ]
        items += [f"{as_text(name, scope)} AS text{place}" for place, name in enumerate(others)]
    where = " OR ".join(f"({each})" for each in conditions)
    when = f" AND {within(window, scope)}" if window else ""
    sql = f"SELECT {', '.join(items)} FROM {relation} WHERE ({where}){when} LIMIT {MOST}"
    return engine.fetch(sql).to_pylist()


def _there(table: Table, tags: Sequence[tuple[str, str]]) -> list[tuple[int, tuple[str, str]]]:
    return [(place, tag) for place, tag in enumerate(tags) if table.find(tag[0]) is not None]


def _seen(
    rows: Sequence[Mapping[str, Any]],
    probe: Any,
    dataset: str,
    known: Mapping[str, str],
    now: int,
    timed: bool,
) -> Seen:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(_uid(row, probe), []).append(row)
    mine = [
        _arrived(uid, some, probe, dataset, now)
        for uid, some in found.items()
        if known.get(uid) == probe.name
    ]
    return Seen(mine, sum(len(some) for uid, some in found.items() if uid not in known), timed)


def _uid(row: Mapping[str, Any], probe: Any) -> str:
    """What stands behind the first tag that the row bears."""
    for place, prefix in enumerate(probe.tag.values()):
        text = row.get(f"tag{place}")
        if text is not None and text.startswith(prefix):
            return str(text.removeprefix(prefix))
    return ""


def _arrived(uid: str, rows: Sequence[Mapping[str, Any]], probe: Any, dataset: str, now: int) -> Arrival:
    came = [int(row["came"]) for row in rows if row["came"] is not None]
    texts = [str(each) for row in rows for name, each in row.items() if name.startswith("text") and each]
    leaked = tuple(sort for sort in probe.personal if any(bears(text, sort, uid) for text in texts))
    return Arrival(uid, dataset, now, min(came, default=None), len(rows), leaked)
