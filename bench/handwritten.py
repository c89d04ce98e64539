"""The peer that Weir runs against: the same checks as `weir.yaml`, in the fastest DuckDB SQL found by hand.

    python bench/handwritten.py day  --data DIR                     the whole day
    python bench/handwritten.py tick --data DIR --at T --store DB   what five more minutes change, stored
    python bench/handwritten.py floor --data DIR                    decode every column once, nothing else
    python bench/handwritten.py distinct --data DIR                 distinct users of the day

What it delivers is what Weir's rollups hold: every additive check by bucket and by marginal segment (minutes,
and quarters of an hour for what is older than six hours), latencies as log-bucket histograms. It leaves out
what a monitor needs and a script does not: definitions, watermarks, revisions. Why each statement is written
as it is, with the slower forms beside it, is in RESULTS.md.
"""

import argparse
import json
import math
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SLOT = 5 * MINUTE
GAMMA = 1.02
OVER = 10_000  # added to the index of a log-bucket beyond the threshold
EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
NULLABLE = ("user_id", "session_id", "item_id", "position", "dwell_ms", "referrer", "campaign", "consent")
LATENCIES = {"received": ("received_at", 5_000_000), "features": ("feature_at", 60_000_000)}
KEYS_64 = "hash({0}) AS a"
KEYS_128 = "hash({0}) AS a, hash('.' || {0}) AS b"

Tables = dict[str, pa.Table]


@dataclass(frozen=True)
class Span:
    """A stretch of event time in microseconds, half-open, and the width of its buckets."""

    start: int
    end: int

    width: int = MINUTE

    def pieces(self, length: int) -> list["Span"]:
        """The span in pieces of at most `length`."""
        return [
            Span(at, min(at + length, self.end), self.width) for at in range(self.start, self.end, length)
        ]

    def bucket(self, instant: str) -> str:
        """The minute, since 1970, in which the bucket of an instant starts."""
        minutes = self.width // MINUTE
        return f"epoch_us({instant}) // {self.width}" + (f" * {minutes}" if minutes > 1 else "")


@dataclass(frozen=True)
class Lake:
    """A day that generate.py wrote, and a connection."""

    folder: Path
    midnight: int
    connection: duckdb.DuckDBPyConnection

    def rows(self, dataset: str, time: str, span: Span) -> str:
        """A FROM item: the files that a span touches, found by name, and the rows inside it."""
        slots = range(
            max(0, (span.start - self.midnight) // SLOT), min(288, -((self.midnight - span.end) // SLOT))
        )
        date = np.datetime64(self.midnight, "us").astype("datetime64[D]")
        names = [f"{self.folder}/{dataset}/{date}/{s // 12:02d}{s % 12 * 5:02d}.parquet" for s in slots]
        where = f"epoch_us({time}) >= {span.start} AND epoch_us({time}) < {span.end}"
        return f"read_parquet({names}) WHERE {where}"

    def table(self, sql: str) -> pa.Table:
        """Fetch as Arrow: Python objects for each value would cost more than the scans."""
        return self.connection.sql(sql).to_arrow_table()


def totals(lake: Lake, span: Span) -> pa.Table:
    """By minute: rows, values of eight columns, too late, in time, texts and e-mail addresses."""
    values = ", ".join(f"count({column}) AS {column}" for column in NULLABLE)
    return lake.table(
        f"""SELECT {span.bucket("event_time")} AS minute, count(*) AS rows, {values},
            count(*) FILTER (epoch_us(received_at) - epoch_us(event_time) > {10 * MINUTE}) AS too_late,
            count(*) FILTER (epoch_us(received_at) - epoch_us(event_time) <= 2000000) AS in_time,
            count(payload) AS texts,
            count(*) FILTER (CASE WHEN contains(payload, '@')
                THEN regexp_matches(payload, '{EMAIL}') END) AS emails
        FROM {lake.rows("events", "event_time", span)} GROUP BY ALL"""
    )


def clicks(lake: Lake, span: Span) -> pa.Table:
    """By minute and model version: impressions and clicks."""
    return lake.table(
        f"""SELECT {span.bucket("event_time")} AS minute, model_version,
            count(*) FILTER (event_type = 'impression') AS impressions,
            count(*) FILTER (event_type = 'click') AS clicks
        FROM {lake.rows("events", "event_time", span)} GROUP BY ALL"""
    )


def latency(lake: Lake, span: Span, column: str, threshold: int, more: bool) -> pa.Table:
    """By minute and region: a histogram (index, count), sum and maximum; with `more` bots and the newest row.

    Missing (NULL), negative (-1), zero (0) and over the threshold (+ OVER) are part of the index, so that one
    count answers them all.
    """
    delay = f"(epoch_us({column}) - epoch_us(event_time))"
    index = f"""CASE WHEN {delay} > 0 THEN (ceil(ln({delay}) / ln({GAMMA}))
        + CASE WHEN {delay} > {threshold} THEN {OVER} ELSE 0 END)::SMALLINT WHEN {delay} < 0 THEN -1
        WHEN {delay} = 0 THEN 0 END"""
    inner = ", count(*) FILTER (is_bot) AS bots, max(epoch_us(event_time)) AS newest" if more else ""
    outer = ", sum(bots)::BIGINT AS bots, max(newest) AS newest" if more else ""
    return lake.table(
        f"""WITH fine AS (SELECT {span.bucket("event_time")} AS minute, region, {index} AS index,
            count(*) AS count, sum({delay}) FILTER ({delay} >= 0) AS delay, max({delay}) AS longest{inner}
            FROM {lake.rows("events", "event_time", span)} GROUP BY ALL)
        SELECT minute, region, sum(count)::BIGINT AS rows, list(index) AS index, list(count) AS count,
            sum(delay)::BIGINT AS delay, max(longest) AS longest{outer} FROM fine GROUP BY ALL"""
    )


def keys(lake: Lake, events: Span, exposures: Span, columns: str) -> Tables:
    """Repeated event ids and answered exposures, both from one small table of hashed keys.

    Two hashes of 64 bits (KEYS_128) make a wrong pair impossible in practice; one makes it a matter of
    2 in a million days.
    """
    read = Span(min(events.start - HOUR, exposures.start), max(events.end, exposures.end + HOUR + 1))
    names = "a, b" if columns == KEYS_128 else "a"
    lake.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE keyed AS
        SELECT {columns.format("event_id")}, epoch_us(event_time) AS t
        FROM {lake.rows("events", "event_time", read)}"""
    )
    return {"repeats": _repeats(lake, events, names), "answers": _answers(lake, exposures, columns, names)}


def _repeats(lake: Lake, span: Span, names: str) -> pa.Table:
    return lake.table(
        f"""SELECT t // {MINUTE} AS minute, count(*) AS repeats FROM (
            SELECT t, lag(t) OVER (PARTITION BY {names} ORDER BY t) AS previous FROM keyed
            WHERE t >= {span.start - HOUR} AND t < {span.end})
        WHERE t - previous <= {HOUR} AND t >= {span.start} GROUP BY ALL"""
    )


def _answers(lake: Lake, span: Span, columns: str, names: str) -> pa.Table:
    left = f"""(SELECT {columns.format("exposure_id")}, epoch_us(exposure_time) AS t
        FROM {lake.rows("exposures", "exposure_time", span)})"""
    same = " AND ".join(f"l.{name} = r.{name}" for name in names.split(", "))
    return lake.table(
        f"""WITH shown AS (SELECT t // {MINUTE} AS minute, count(*) AS exposures FROM {left} GROUP BY ALL),
        hit AS (SELECT l.t // {MINUTE} AS minute, count(*) AS answered FROM {left} AS l SEMI JOIN keyed AS r
            ON {same} AND r.t >= l.t AND r.t <= l.t + {HOUR} GROUP BY ALL)
        SELECT minute, exposures, coalesce(answered, 0) AS answered FROM shown LEFT JOIN hit USING (minute)"""
    )


def scans(lake: Lake, span: Span) -> Tables:
    """All checks that need nothing but the rows themselves. Histograms of two hours fit the cache."""
    found = {"totals": totals(lake, span), "clicks": clicks(lake, span)}
    for name, (column, threshold) in LATENCIES.items():
        parts = [latency(lake, part, column, threshold, name == "received") for part in span.pieces(2 * HOUR)]
        found[name] = pa.concat_tables(parts)
    return found


def graded(lake: Lake) -> list[Span]:
    """The day in the widths in which Weir keeps it at 02:00: 15 minutes for what is older than 6 hours."""
    edge = lake.midnight + 20 * HOUR
    return [Span(lake.midnight, edge, 15 * MINUTE), Span(edge, lake.midnight + DAY)]


def day(lake: Lake, columns: str) -> Tables:
    """All checks over the day."""
    parts = [scans(lake, span) for span in graded(lake)]
    pieces = [
        keys(lake, part, part, columns) for part in Span(lake.midnight, lake.midnight + DAY).pieces(4 * HOUR)
    ]
    return _together(parts) | _together(pieces)


def _together(parts: list[Tables]) -> Tables:
    return {name: pa.concat_tables([part[name] for part in parts]) for name in parts[0]}


def tick(lake: Lake, at: int, columns: str) -> Tables:
    """What Weir must read at `at`, every five minutes, with ten minutes of lateness.

    The last 15 minutes up to each check's settle time: 1 minute for ratios and duplicates, 10 for volume, 11
    for latencies (together one span of 25 minutes); 70 for the match, whose partners may take an hour.
    """
    events = Span(at - 26 * MINUTE, at - MINUTE)
    exposures = Span(at - 85 * MINUTE, at - 70 * MINUTE)
    return scans(lake, events) | keys(lake, Span(at - 16 * MINUTE, at - MINUTE), exposures, columns)


def summary(tables: Tables) -> dict[str, Any]:
    """Good, total and value of every check, to compare with Weir's readings."""
    rows, texts = _sum(tables, "totals", "rows"), _sum(tables, "totals", "texts")
    found: dict[str, Any] = {"volume": {"value": rows}}
    for column in NULLABLE:
        found[f"present-{column.replace('_', '-')}"] = _ratio(_sum(tables, "totals", column), rows)
    emails = _sum(tables, "totals", "emails")
    found |= {
        "received-in-2s": _ratio(_sum(tables, "totals", "in_time"), rows),
        "too-late": _ratio(rows - _sum(tables, "totals", "too_late"), rows),
        "emails": _ratio(texts - emails, texts),
        "bots": _ratio(rows - _sum(tables, "received", "bots"), rows),
        "click-through": _ratio(
            _sum(tables, "clicks", "clicks"),
            _sum(tables, "clicks", "clicks") + _sum(tables, "clicks", "impressions"),
        ),
        "duplicates": _ratio(rows - _sum(tables, "repeats", "repeats"), rows, bad=True),
        "answered": _ratio(_sum(tables, "answers", "answered"), _sum(tables, "answers", "exposures")),
        "freshness": {"newest": pc.max(tables["received"]["newest"]).as_py()},
    }
    return found | {name: _delays(tables[name]) for name in LATENCIES}


def _sum(tables: Tables, table: str, column: str) -> int:
    return int(tables[table][column].to_numpy().sum())


def _ratio(good: int, total: int, bad: bool = False) -> dict[str, float]:
    return {"good": good, "total": total, "value": ((total - good) if bad else good) / total}


def _delays(table: pa.Table) -> dict[str, float]:
    """The 95th percentile in seconds and the counts, from the merged histogram."""
    index = table["index"].combine_chunks().flatten()
    count = table["count"].combine_chunks().flatten().to_numpy()
    missing = index.is_null().to_numpy(zero_copy_only=False)
    index = index.fill_null(-2).to_numpy().astype(np.int64)
    merged = np.bincount(index[index >= 0] % OVER, weights=count[index >= 0])
    rank = math.ceil(0.95 * merged.sum())
    bucket = int(np.searchsorted(np.cumsum(merged), rank))
    good = int(count[(index >= 0) & (index < OVER)].sum())
    return {
        "maximum": pc.max(table["longest"]).as_py() / 1e6,
        "value": 2 * GAMMA**bucket / (GAMMA + 1) / 1e6,
        "good": good,
        "total": int(count[index != -1].sum()),
        "missing": int(count[missing].sum()),
        "negative": int(count[index == -1].sum()),
    }


def save(tables: Tables, path: Path) -> None:
    """Store every cell by (table, minute, segment) in SQLite, all in one transaction; again is the same."""
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA journal_mode = wal")
        store.execute("PRAGMA synchronous = normal")
        store.execute(
            "CREATE TABLE IF NOT EXISTS rollups (scan TEXT, minute INTEGER, segment TEXT, cells TEXT,"
            " PRIMARY KEY (scan, minute, segment)) WITHOUT ROWID"
        )
        for name, table in tables.items():
            store.executemany("INSERT OR REPLACE INTO rollups VALUES (?, ?, ?, ?)", _cells(name, table))
    store.close()


def _cells(name: str, table: pa.Table) -> list[tuple[str, int, str, str]]:
    columns = {column: table[column].to_pylist() for column in table.column_names}
    minutes = columns.pop("minute")
    segments = columns.pop("region", None) or columns.pop("model_version", None) or [""] * len(minutes)
    rest = list(zip(*columns.values(), strict=True))
    encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
    return [
        (name, minute, segment or "", encode(cells))
        for minute, segment, cells in zip(minutes, segments, rest, strict=True)
    ]


def floor(lake: Lake) -> dict[str, Any]:
    """Decode every column of every event once: the least that a scan of all of them can cost."""
    files = lake.rows("events", "event_time", Span(lake.midnight, lake.midnight + DAY)).split(" WHERE ")[0]
    names = lake.connection.sql(f"FROM {files}").columns
    counts = ", ".join(f"count({name})" for name in names)
    return dict(zip(names, lake.connection.sql(f"SELECT {counts} FROM {files}").fetchall()[0], strict=True))


def distinct(lake: Lake) -> dict[str, Any]:
    """Distinct users of the day. No kind of Weir counts them yet: both sides leave them out of the total."""
    files = lake.rows("events", "event_time", Span(lake.midnight, lake.midnight + DAY)).split(" WHERE ")[0]
    return {
        "users": lake.connection.sql(f"SELECT count(DISTINCT hash(user_id)) FROM {files}").fetchall()[0][0]
    }


def midnight_of(folder: Path) -> int:
    """When the day of a folder begins, in microseconds since 1970."""
    date = json.loads((folder / "day.json").read_text())["date"]
    return int(np.datetime64(date, "us").astype(np.int64))


def open_lake(folder: Path, memory: str) -> Lake:
    """Connect, with two threads and a bound on memory."""
    connection = duckdb.connect()
    connection.execute(
        f"SET threads = 2; SET memory_limit = '{memory}'; SET preserve_insertion_order = false"
    )
    return Lake(folder, midnight_of(folder), connection)


def main() -> None:
    """Read the command line, measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["day", "tick", "floor", "distinct", "scans"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--at", help="for tick: an instant of the day, UTC, like 2026-11-01T12:00:00")
    parser.add_argument("--store", type=Path, help="also store the results in this SQLite file")
    parser.add_argument("--memory", default="800MB")
    parser.add_argument("--bits", choices=["64", "128"], default="64", help="of the hashed keys")
    options = parser.parse_args()
    lake = open_lake(options.data, options.memory)
    columns = KEYS_128 if options.bits == "128" else KEYS_64
    if options.what in ("floor", "distinct"):
        print(json.dumps(floor(lake) if options.what == "floor" else distinct(lake)))
        return
    if options.what == "tick":
        tables = tick(lake, int(np.datetime64(options.at, "us").astype(np.int64)), columns)
    elif options.what == "scans":
        tables = _together([scans(lake, span) for span in graded(lake)])
    else:
        tables = day(lake, columns)
    if options.store:
        save(tables, options.store)
    print(json.dumps(summary(tables) if options.what != "scans" else len(tables)))


if __name__ == "__main__":
    main()
