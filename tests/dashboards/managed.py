"""A store of sixteen days in which everything is watched that a manager asks about, with known answers."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from monitor import config
from monitor.binding.sources import Sources
from monitor.model import DAY, HOUR, MINUTE
from monitor.store import open_store
from monitor.tick import tick
from tests.dashboards.past import Happened, record
from tests.dashboards.stores import Seeded

NOW = int(datetime(2026, 11, 17, tzinfo=UTC).timestamp()) * 1_000_000
DAYS, PEOPLE = 16, 120
"""Days of history, and how many come for the first time on each."""

CONFIG = """
pipeline: reading-room
owner: editors
sources: {lake: {engine: duckdb}}
datasets:
  shown: {files: shown.parquet, time: at, lateness: 1m, key: id}
checks:
  stored: {description: articles shown whose click was stored, kind: ratio, dataset: shown, good: stored,
           stage: ingest, window: 1d, slo: {objective: 99%, window: 28d}}
  arrived: {description: articles shown, kind: volume, dataset: shown, stage: ingest, window: 1d}
  ranker: {description: clicks with the new ranker against the old one, kind: compare, dataset: shown,
           group: ranker, baseline: old, candidate: new, metric: {good: clicked}, unit: reader, window: 14d}
  cost: {description: cost of a thousand clicks, kind: value, unit: EUR, window: 1d,
         query: "SELECT 40000.0 / count(*) FILTER (WHERE clicked) FROM shown"}
  consent: {description: articles shown to readers who agreed, kind: consent, dataset: shown, column: agreed,
            granted: ["yes"], window: 1d, warn: "< 99.9%"}
  private: {description: search words without personal data, kind: pii, dataset: shown, columns: [words],
            window: 1d, fail: "< 100%"}
  readers: {description: readers a day, kind: cohorts, dataset: shown, unit: reader, window: 7d, days: [1, 7]}
"""


def managed(folder: Path) -> Seeded:
    """Two incidents, one of them over: noticed after 10 and 20 minutes, over after an hour."""
    pq.write_table(_shown(), folder / "shown.parquet")
    path = folder / "weir.yaml"
    path.write_text(CONFIG, "utf-8")
    loaded = config.load(path)
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        for day in (1, 0):
            ticked = tick(loaded, store, sources, NOW + HOUR - day * DAY)
            assert not ticked.errors, ticked.errors
    early = Happened("stored", NOW - 9 * HOUR, 10 * MINUTE, HOUR)
    record(store, loaded.pipeline, [early, Happened("stored", NOW - 3 * HOUR, 20 * MINUTE)])
    store.close()
    return Seeded(path, NOW)


def _shown() -> pa.Table:
    """Everybody reads on their first day, two of five on the next, one of five a week later."""
    draw = Random(7)
    rows: list[dict[str, object]] = []
    for day in range(DAYS):
        for reader in range(PEOPLE):
            ranker = "new" if reader % 2 else "old"
            back = [0] + ([1] if reader % 5 < 2 else []) + ([7] if reader % 5 == 4 else [])
            for after in (each for each in back if day + each < DAYS):
                at = NOW - (DAYS - day - after) * DAY + draw.randrange(DAY)
                clicked = draw.random() < (0.34 if ranker == "new" else 0.25)
                stored = day + after < DAYS - 1 or reader % 60 > 0
                rows.append(
                    {
                        "id": len(rows),
                        "at": at,
                        "reader": f"{day}-{reader}",
                        "ranker": ranker,
                        "clicked": clicked,
                        "stored": stored,
                        "agreed": "yes",
                        "words": "write to ada@shop.example" if len(rows) % 1000 == 999 else "weather",
                    }
                )
    table = pa.Table.from_pylist(rows)
    return table.set_column(1, "at", table["at"].cast(pa.timestamp("us", tz="UTC")))
