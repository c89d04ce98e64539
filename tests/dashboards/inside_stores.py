"""A store in which a mix of devices drifts, prices vanish and rows are refused."""

import json
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from monitor import config
from monitor.binding.sources import Sources
from monitor.model import HOUR, MINUTE
from monitor.serve.keeping import Keeper, after_tick, keep_explanation
from monitor.store import exhibits, open_store
from monitor.store.exhibits import Exhibit
from monitor.tick import tick
from tests.dashboards.stores import NOW, Seeded

ROWS = 6_000
HOSTILE = "<b>bold</b>"

CONFIG = {
    "pipeline": "shop",
    "owner": "data-platform",
    "sources": {"lake": {"engine": "duckdb", "root": "lake/"}},
    "datasets": {
        "events": {"files": "events/*.parquet", "time": "t", "key": "event_id", "lateness": "1m"},
        "dead_letters": {"files": "dead_letters/*.parquet", "time": "t", "lateness": "1m"},
    },
    "checks": {
        "device-mix": {
            "kind": "drift", "dataset": "events", "column": "device", "by": ["region"], "every": "1h",
            "window": "1h", "baseline": {"last": "8h"}, "fail": "> 0.1",
        },
        "has-price": {
            "kind": "ratio", "dataset": "events", "good": "price is not null", "by": ["region"],
            "every": "15m", "window": "1h", "fail": "< 97%",
        },
        "variety": {"kind": "diversity", "dataset": "events", "item": "item", "every": "1h", "window": "1h"},
        "robots": {"kind": "bots", "dataset": "events", "agent": "agent", "every": "1h", "window": "1h"},
    },
}  # fmt: skip


def drifting(folder: Path) -> Seeded:
    """Ten hours of a shop; in the last, most events come from phones and many have no price."""
    _write(folder / "lake")
    path = folder / "weir.yaml"
    path.write_text(json.dumps(CONFIG), "utf-8")
    loaded = config.load(path)
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        ticked = [tick(loaded, store, sources, NOW - hours * HOUR) for hours in (3, 2, 1, 0)][-1]
        keeper = Keeper(loaded, store, sources)
        assert after_tick(keeper, ticked, "lake") == []
        keep_explanation(keeper, "has-price", NOW)
    html = "<html><body><h1>A report of Evidently's</h1></body></html>"
    exhibits.put(store, "shop", Exhibit("variety", "report", NOW, 1.0, "drift of 600 rows", html))
    exhibits.put(store, "shop", Exhibit("robots", "report", NOW, -1.0, "Evidently is not installed"))
    store.close()
    return Seeded(path, NOW)


def _write(lake: Path) -> None:
    draw = Random(7)
    times = [NOW - 10 * HOUR + n * (10 * HOUR // ROWS) for n in range(ROWS)]
    late = [time > NOW - HOUR - 2 * MINUTE for time in times]
    phones = [draw.random() < (0.9 if each else 0.5) for each in late]
    columns = {
        "event_id": [f"e{n:06}" for n in range(ROWS)],
        "t": pa.array(times, pa.timestamp("us", "UTC")),
        "device": ["phone" if each else "desktop" for each in phones],
        "region": [("eu", "us", "latam")[n % 3] for n in range(ROWS)],
        "price": [None if each and draw.random() < 0.3 else round(draw.gauss(10, 2), 2) for each in late],
        "item": [f"i{int(draw.paretovariate(1))}" for _ in range(ROWS)],
        "agent": ["Googlebot/2.1" if n % 12 == 0 else "Mozilla/5.0 Firefox/130.0" for n in range(ROWS)],
        "email": [f"bob{n}@example.org" for n in range(ROWS)],
    }
    causes = ["too large", "too large", HOSTILE, "bob@example.org is no number"]
    dead = {"t": columns["t"].slice(ROWS - 40), "reason": [causes[n % 4] for n in range(40)]}
    for name, table in (("events", columns), ("dead_letters", dead)):
        (lake / name).mkdir(parents=True)
        pq.write_table(pa.table(table), lake / name / "a.parquet")
