"""Write one synthetic day of feedback events and exposures as Parquet, 288 files of five minutes each.

    python bench/generate.py --rows 20000000 --seed 7 --out DIR

DIR then holds `events/DAY/HHMM.parquet`, `exposures/DAY/HHMM.parquet` (half as many rows) and `day.json`.
A file holds the rows whose event time lies in its five minutes, in order of arrival, as one row group.

The day is made slot by slot. Clicks are born from exposures and wait in `Pending` for the slot in which they
happen, so that a click's `event_id` is the `exposure_id` that it answers and every key is unique until
duplicates are planted on purpose.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SLOTS = 288
SLOT_US = 300 * 1_000_000
# Of the two usual codecs: random hexadecimal ids are four bits a character, which only an entropy coder sees.
# Measured on one file of this data: see RESULTS.md, "The data".
COMPRESSION = "zstd"

REGIONS = {
    "eu-west": 31,
    "us-east": 27,
    "us-west": 15,
    "ap-south": 11,
    "ap-east": 8,
    "sa-east": 5,
    "af": 2,
    "me": 1,
}
DEVICES = {"phone": 58, "desktop": 29, "tablet": 9, "tv": 4}
APP_VERSIONS = {f"8.{minor}.{patch}": 2 ** (minor - 1) for minor in range(1, 7) for patch in (0, 3)}
MODELS = {"ranker-41": 70, "ranker-42": 25, "ranker-43-canary": 5}
EVENT_TYPES = {"impression": 62, "view": 24, "add_to_basket": 9, "share": 2, "purchase": 3}
REFERRERS = {"search": 40, "home": 35, "mail": 15, "partner": 10}
CONSENTS = {"granted": 90, "denied": 10}
BOT_SHARE = np.array([0.03, 0.04, 0.03, 0.06, 0.09, 0.02, 0.02, 0.12])
_TEXT = (
    "opened saw liked the a product page list basket checkout returned size blue red small large "
    "delivery question about price review helpful not really very quick slow again later offer voucher "
    "sent by mail and phone"
)
WORDS = _TEXT.split()


@dataclass(frozen=True)
class Day:
    """The size and the seed of a day; `start` is midnight UTC in microseconds since 1970."""

    rows: int
    seed: int
    date: str = "2026-11-01"
    exposure_share: float = 0.5
    duplicate_share: float = 0.0005

    @property
    def start(self) -> int:
        """Midnight UTC of the day in microseconds since 1970."""
        return int(datetime.fromisoformat(self.date).replace(tzinfo=UTC).timestamp()) * 1_000_000

    def slot_rows(self, total: int) -> np.ndarray:
        """Rows of each slot: a daily wave with its peak at 20:00, never under a third of the mean."""
        hours = np.arange(SLOTS) / 12
        wave = 1 + 0.6 * np.cos((hours - 20) / 24 * 2 * np.pi)
        edges = np.round(np.concatenate([[0], np.cumsum(wave)]) / wave.sum() * total).astype(np.int64)
        return np.diff(edges)


@dataclass
class Pending:
    """What an earlier slot left for a later one: clicks (id, time) and ids to repeat."""

    clicks: dict[int, list[tuple[np.ndarray, np.ndarray]]] = field(default_factory=lambda: defaultdict(list))
    repeats: dict[int, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Texts:
    """Pools of strings that rows pick from."""

    users: int
    items: int
    payloads: pa.Array


HEX = np.array([f"{byte:02x}" for byte in range(256)], dtype="S2").view("u1").reshape(256, 2)


def hex_ids(raw: np.ndarray) -> np.ndarray:
    """Turn (n, 16) random bytes into n ids of 32 hexadecimal characters (dtype S32)."""
    return np.ascontiguousarray(HEX[raw].reshape(len(raw), 32)).view("S32").ravel()


def strings(fixed: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Make an Arrow string array of fixed-width bytes without a Python loop."""
    width = fixed.dtype.itemsize
    offsets = pa.py_buffer(np.arange(0, (len(fixed) + 1) * width, width, dtype=np.int32))
    array = pa.StringArray.from_buffers(len(fixed), offsets, pa.py_buffer(fixed))
    return array if missing is None else mask(array, missing)


def mask(array: pa.Array, missing: np.ndarray) -> pa.Array:
    """Set the marked rows to null."""
    return pa.compute.if_else(pa.array(missing), pa.scalar(None, array.type), array)


def stable_ids(numbers: np.ndarray, salt: int) -> np.ndarray:
    """Ids that depend on a number alone (splitmix64, twice), so that the same user keeps one id all day."""
    halves = [
        _splitmix(numbers.astype(np.uint64) * np.uint64(2) + np.uint64(salt * 1_000_003 + i)) for i in (0, 1)
    ]
    return hex_ids(np.stack(halves, axis=1).view("u1").reshape(len(numbers), 16))


def _splitmix(value: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))


def pick(rng: np.random.Generator, shares: dict[str, int], count: int) -> tuple[np.ndarray, pa.Array]:
    """Draw from a weighted list of words: their numbers, and a dictionary array of the words."""
    weights = np.cumsum(np.array(list(shares.values()), dtype=float))
    codes = np.searchsorted(weights / weights[-1], rng.random(count), side="right").astype(np.int8)
    return codes, pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(shares)))


def rare(rng: np.random.Generator, count: int, share: float) -> np.ndarray:
    """Mark about that share of rows."""
    return rng.random(count, dtype=np.float32) < share


def times(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Microseconds since 1970 as TIMESTAMP WITH TIME ZONE."""
    return pa.array(values, mask=missing).cast(pa.timestamp("us", tz="UTC"))


def make_texts(rng: np.random.Generator, rows: int) -> Texts:
    """Prepare the pools; 1.5 % of payloads contain '@', 0.2 % an address that looks real."""
    lengths = rng.integers(5, 25, 200_000)
    words = rng.integers(0, len(WORDS), int(lengths.sum()))
    cuts = np.cumsum(lengths)
    pool = [" ".join(WORDS[w] for w in chunk) for chunk in np.split(words, cuts[:-1])]
    for i in range(0, len(pool), 67):
        pool[i] += f" 3 @ {i % 90}.99"
    for i in range(0, len(pool), 500):
        pool[i] += f" write to {WORDS[i % 31]}.{i}@mail{i % 17}.example.com please"
    return Texts(users=max(rows // 12, 10), items=max(rows // 80, 10), payloads=pa.array(pool))


def make_exposures(
    rng: np.random.Generator, day: Day, slot: int, count: int, texts: Texts, pending: Pending
) -> pa.Table:
    """One slot of exposures; their clicks are left in `pending`."""
    at = np.sort(rng.integers(0, SLOT_US, count)) + day.start + slot * SLOT_US
    ids = hex_ids(rng.integers(0, 256, (count, 16), dtype=np.uint8))
    _schedule_clicks(rng, day, ids, at, pending)
    return pa.table(
        {
            "exposure_id": strings(ids),
            "exposure_time": times(at),
            "user_id": strings(stable_ids((texts.users * rng.random(count) ** 2.5).astype(np.int64), 1)),
            "item_id": strings(stable_ids((texts.items * rng.random(count) ** 3).astype(np.int64), 2)),
            "region": pick(rng, REGIONS, count)[1],
            "position": pa.array(rng.geometric(0.2, count).astype(np.int32)),
            "model_version": pick(rng, MODELS, count)[1],
        }
    )


def _schedule_clicks(
    rng: np.random.Generator, day: Day, ids: np.ndarray, at: np.ndarray, pending: Pending
) -> None:
    clicked = np.flatnonzero(rare(rng, len(ids), 0.18))
    delay = rng.exponential(120e6, len(clicked))
    delay[rare(rng, len(clicked), 0.03)] *= 40  # some answers come after the hour is over
    when = at[clicked] + delay.astype(np.int64)
    slots = (when - day.start) // SLOT_US
    for slot in np.unique(slots):
        inside = slots == slot
        pending.clicks[int(slot)].append((ids[clicked[inside]], when[inside]))


def make_events(
    rng: np.random.Generator, day: Day, slot: int, count: int, texts: Texts, pending: Pending
) -> pa.Table:
    """One slot of events: the clicks that fall due, other events, and repeated keys."""
    ids = hex_ids(rng.integers(0, 256, (count, 16), dtype=np.uint8))
    at = rng.integers(0, SLOT_US, count) + day.start + slot * SLOT_US
    kinds, _ = pick(rng, EVENT_TYPES, count)
    due = pending.clicks.pop(slot, [])
    clicks = min(sum(len(found) for found, _ in due), count)
    if clicks:
        ids[:clicks] = np.concatenate([found for found, _ in due])[:clicks]
        at[:clicks] = np.concatenate([when for _, when in due])[:clicks]
        kinds[:clicks] = len(EVENT_TYPES)
    _plant_repeats(rng, day, slot, ids, at, pending)
    received, features = _arrivals(rng, at)
    order = np.argsort(received, kind="stable")
    types = pa.DictionaryArray.from_arrays(pa.array(kinds[order]), pa.array([*EVENT_TYPES, "click"]))
    return _columns(rng, texts, (ids[order], at[order], received[order], features[order], types))


def _plant_repeats(
    rng: np.random.Generator, day: Day, slot: int, ids: np.ndarray, at: np.ndarray, pending: Pending
) -> None:
    """Repeat keys: most at the very same instant, some seconds later, some in one of the next 18 slots."""
    late = pending.repeats.pop(slot, [])
    chosen = rng.permutation(len(ids))[: 2 * int(rng.poisson(len(ids) * day.duplicate_share)) + len(late)]
    targets, origins = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :][: len(chosen) // 2]
    fate = rng.random(len(targets))
    now = fate < 0.9
    ids[targets[now]] = ids[origins[now]]
    at[targets[fate < 0.6]] = at[origins[fate < 0.6]]
    for origin in origins[~now]:
        pending.repeats[slot + 1 + int(rng.integers(0, 18))].append(ids[origin : origin + 1].copy())
    if late:
        places = rng.integers(0, len(ids), len(late))
        ids[places] = np.concatenate(late)


def _arrivals(rng: np.random.Generator, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When a row was received (0.4 s, 1 % minutes late, 0.03 % negative) and its features were (8 s)."""
    count = len(at)
    delay = np.exp(rng.normal(np.log(0.4e6), 1.0, count))
    late = rare(rng, count, 0.01)
    delay[late] = 60e6 + rng.exponential(600e6, int(late.sum()))
    skewed = rare(rng, count, 0.0003)
    delay[skewed] = -rng.exponential(2e6, int(skewed.sum())) - 1
    received = at + delay.astype(np.int64)
    return received, received + np.exp(rng.normal(np.log(8e6), 0.8, count)).astype(np.int64)


def _columns(rng: np.random.Generator, texts: Texts, rows: tuple) -> pa.Table:
    ids, at, received, features, types = rows
    count = len(ids)
    user = (texts.users * rng.random(count) ** 2.5).astype(np.int64)
    half_hour = (at // (1_800 * 1_000_000)) % 48
    region, regions = pick(rng, REGIONS, count)
    return pa.table(
        {
            "event_id": strings(ids),
            "event_time": times(at),
            "received_at": times(received, rare(rng, count, 0.0001)),
            "feature_at": times(features, rare(rng, count, 0.01)),
            "user_id": strings(stable_ids(user, 1), rare(rng, count, 0.002)),
            "session_id": strings(stable_ids(user * 48 + half_hour, 3), rare(rng, count, 0.001)),
            "item_id": strings(
                stable_ids((texts.items * rng.random(count) ** 3).astype(np.int64), 2), rare(rng, count, 0.03)
            ),
            "region": regions,
            "device": pick(rng, DEVICES, count)[1],
            "app_version": pick(rng, APP_VERSIONS, count)[1],
            "model_version": mask(pick(rng, MODELS, count)[1], rare(rng, count, 0.005)),
            "event_type": types,
            "position": pa.array(rng.geometric(0.2, count).astype(np.int32), mask=rare(rng, count, 0.1)),
            "is_bot": pa.array(rng.random(count) < BOT_SHARE[region]),
            "dwell_ms": pa.array(np.exp(rng.normal(8, 1.2, count)), mask=rare(rng, count, 0.2)),
            "referrer": mask(pick(rng, REFERRERS, count)[1], rare(rng, count, 0.3)),
            "campaign": strings(stable_ids(rng.integers(0, 40, count), 4), rare(rng, count, 0.6)),
            "consent": mask(pick(rng, CONSENTS, count)[1], rare(rng, count, 0.003)),
            "payload": mask(
                texts.payloads.take(pa.array(rng.integers(0, len(texts.payloads), count))),
                rare(rng, count, 0.05),
            ),
        }
    )


def write_day(day: Day, out: Path) -> Path:
    """Write the day under `out` and return it; a day already there with the same settings is kept."""
    marker = out / "day.json"
    if marker.exists() and json.loads(marker.read_text()) == asdict(day):
        return out
    rng = np.random.default_rng(day.seed)
    texts, pending = make_texts(rng, day.rows), Pending()
    exposures = day.slot_rows(int(day.rows * day.exposure_share))
    for slot, count in enumerate(day.slot_rows(day.rows)):
        write_slot(
            make_exposures(rng, day, slot, int(exposures[slot]), texts, pending), day, slot, out / "exposures"
        )
        write_slot(make_events(rng, day, slot, int(count), texts, pending), day, slot, out / "events")
    marker.write_text(json.dumps(asdict(day)))
    return out


def write_slot(table: pa.Table, day: Day, slot: int, folder: Path) -> None:
    """Write one file of one row group. The Arrow schema is left out: any reader sees plain strings."""
    path = folder / day.date / f"{slot // 12:02d}{slot % 12 * 5:02d}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression=COMPRESSION, row_group_size=1 << 20, store_schema=False)


def main() -> None:
    """Read the command line and write the day."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="default: a folder of the system's temporary directory")
    options = parser.parse_args()
    out = options.out or Path(tempfile.gettempdir()) / f"weir-bench-{options.rows}"
    print(write_day(Day(rows=options.rows, seed=options.seed), out))


if __name__ == "__main__":
    main()
