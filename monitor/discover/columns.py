"""From a sample to a dataset: its event time, its key, what its columns are called, how late rows come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.config.dataset import Dataset
from monitor.discover import nice
from monitor.discover.naming import event_times, identifies, role, words
from monitor.discover.sample import NEVER, Numbers, Seen, plausible, present
from monitor.discover.words import EVENT_STEMS, TIMES, WORDS
from monitor.engines.duckdb import READERS
from monitor.engines.render import quote, table_name, text
from monitor.grammar import show_duration
from monitor.model import DAY, HOUR, MINUTE

LATENESS: int = Dataset.model_fields["lateness"].default
"""Where no arrival is known."""
A_DAY_LATE = 36 * HOUR
"""Of a time without hours: a day's rows come until its end, and are often loaded in the night after."""
ARRIVALS = ("received_at", "stored_at")

_NOT_KEYS = (
    "user_id",
    "item_id",
    "session_id",
    "model_version",
    "experiment_id",
    "variant",
    "region",
    "device",
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A value and, in a few words, why."""

    value: Any
    why: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """A dataset as it will be declared. `words` maps Weir's words to columns, those of the same name too."""

    seen: Seen
    name: str
    time: Guess
    key: Guess
    lateness: Guess
    mapped: Mapping[str, str]
    words: Mapping[str, str]
    role: str | None
    query: str = ""
    naive: bool = False

    @property
    def instants(self) -> Numbers:
        """Event times of the sample, NEVER for NULL; empty for a snapshot."""
        return self.seen.instants.get(self.time.value, np.empty(0, np.int64))

    @property
    def moments(self) -> Numbers:
        """The event times that mean something, in order."""
        return np.sort(plausible(self.instants))

    @property
    def declared_key(self) -> bool:
        """Whether the database itself keeps the key unique."""
        return bool(self.key.value) and tuple(self.key.value) == self.seen.candidate.key


def describe(seen: Seen, name: str, dialect: str) -> Described:
    """Choose a dataset's columns, by name, type and what the sample says."""
    time = _time(seen)
    mapped = words(seen.columns.values(), time.value, seen.name, seen.forms)
    exact = {each.name: each.name for each in seen.columns.values()}
    known = {word: column for word, column in exact.items() if word in (*WORDS, *TIMES)} | mapped
    known = {word: column for word, column in known.items() if word not in TIMES or column in seen.instants}
    mapped = {word: column for word, column in mapped.items() if word in known}
    family = seen.columns[time.value].family if time.value else ""
    return Described(
        seen=seen,
        name=name,
        time=time,
        key=_key(seen, known),
        lateness=_lateness(seen, time.value, known) if time.value else Guess(LATENESS),
        mapped=mapped,
        words=known,
        role=role(name),
        query=_query(
            seen, [column for column in (time.value, *known.values()) if column in seen.units], dialect
        ),
        naive=family in ("naive", "date") and time.value not in seen.units,
    )


def _time(seen: Seen) -> Guess:
    ranked = event_times(seen.columns.values(), seen.candidate.name)
    usable = [each for each in ranked if _is_time(seen, each.column)]
    if not usable:
        return Guess(None, "no column looks like an event time: measured whole, as a snapshot")
    best = usable[0]
    others = f", before {len(usable) - 1} other time{'s' * (len(usable) > 2)}" if len(usable) > 1 else ""
    if best.rank >= 7:
        return Guess(best.column, "no event time found: the next best stands in")
    if best.rank >= len(EVENT_STEMS) + 1:
        return Guess(best.column, "by its type alone" + others)
    return Guess(best.column, "event time, by its name" + others)


def _is_time(seen: Seen, column: str) -> bool:
    values = seen.instants.get(column)
    if values is None:
        return False
    if not seen.rows:
        return seen.columns[column].family not in ("text", "integer", "number")
    there = present(values)
    return len(there) >= seen.rows / 2 and len(plausible(there)) >= 0.9 * len(there)


def _key(seen: Seen, known: Mapping[str, str]) -> Guess:
    """The column that names a row. A few repeats are no objection: a check will look for them."""
    ranked = sorted(
        (rank, name)
        for name in seen.hashes
        if (rank := identifies(name, seen.candidate.name)) is not None and _unique(seen, name, rank, known)
    )
    declared = seen.candidate.key
    if declared and not (ranked and ranked[0][0] <= 2):
        return Guess(declared, "the primary key")
    if not ranked:
        return Guess(())
    name = ranked[0][1]
    repeats = _repeats(seen, name)
    why = f"by its name; {nice.share(repeats)} of {seen.rows:,} sampled rows repeat it"
    if not repeats:
        why = f"unique in {seen.rows:,} sampled rows" if seen.rows else "by its name; the sample has no rows"
    return Guess((name,), why)


def _unique(seen: Seen, name: str, rank: float, known: Mapping[str, str]) -> bool:
    if not seen.rows:
        return rank <= 3
    if seen.nulls.get(name, 0) > 0.5:
        return False
    if rank <= 3:
        return _repeats(seen, name) <= 0.05
    foreign = any(known.get(word) == name for word in _NOT_KEYS)
    return not foreign and seen.rows >= 20 and _repeats(seen, name) <= 0.001


def _repeats(seen: Seen, name: str) -> float:
    values = present(seen.hashes[name])
    return 1 - len(np.unique(values)) / len(values) if len(values) else 0.0


def delays(seen: Seen, start: str, stop: str) -> Numbers:
    """Microseconds from one time column to another, of rows that have both."""
    first, last = seen.instants[start], seen.instants[stop]
    both = (first != NEVER) & (last != NEVER)
    return last[both] - first[both]


def _lateness(seen: Seen, time: str, known: Mapping[str, str]) -> Guess:
    family = seen.columns[time].family
    days = family == "date" or seen.units.get(time) == "day" or _whole_days(seen, time)
    if days:
        return Guess(
            A_DAY_LATE, "times without hours: rows of a day may come until its end, and a night more"
        )
    measured: list[tuple[float, str, int]] = []
    for word in ARRIVALS:
        column = known.get(word)
        if (
            column
            and column != time
            and len(found := delays(seen, time, column)) >= 20
            and np.median(found) >= 0
        ):
            measured.append((float(np.quantile(np.maximum(found, 0), 0.999)), column, len(found)))
    if not measured:
        return Guess(LATENESS, "how late rows may come is not known: a usual value")
    late, column, count = max(measured)
    if late > nice.LONGEST:
        return Guess(nice.LONGEST, f"some rows came later still, by {_shown(column)}")
    why = f"99.9% of {count:,} sampled rows arrived within {nice.about(late)}, by {_shown(column)}"
    return Guess(nice.up(late, MINUTE), why)


def _whole_days(seen: Seen, time: str) -> bool:
    there = plausible(seen.instants[time])
    return len(np.unique(there)) > 1 and bool((there % DAY == 0).all())


def _shown(column: str) -> str:
    """A column's name in a comment: printable, and no longer than needed."""
    return "".join(each if each.isprintable() else "?" for each in column[:40])


def _query(seen: Seen, columns: list[str], dialect: str) -> str:
    """A SELECT that turns numbers of time columns into times; "" where there are none."""
    if not columns:
        return ""
    casts = {name: _CASTS[dialect][seen.units[name]].format(quote(name)) for name in dict.fromkeys(columns)}
    group, table = seen.candidate.group, seen.candidate.relation.get("table")
    if group:
        files = "[" + ", ".join(text(each) for each in group.patterns) + "]"
        relation = READERS[group.format].format(files=files)
    else:
        relation = table_name(str(table))
    if dialect == "duckdb":
        replaced = ", ".join(f"{sql} AS {quote(name)}" for name, sql in casts.items())
        return f"SELECT * REPLACE ({replaced}) FROM {relation}"
    items = (f"{casts[name]} AS {quote(name)}" if name in casts else quote(name) for name in seen.columns)
    return f"SELECT {', '.join(items)} FROM {relation}"


_CASTS: Mapping[str, Mapping[str, str]] = {
    # Numbers since 1970, or days such as 20261120, as times.
    "duckdb": {
        "s": "to_timestamp({0})",
        "ms": "make_timestamp(CAST({0} * 1000 AS BIGINT))",
        "us": "make_timestamp(CAST({0} AS BIGINT))",
        "ns": "make_timestamp(CAST({0} AS BIGINT) // 1000)",
        "day": "CAST(try_strptime(CAST(CAST({0} AS BIGINT) AS VARCHAR), '%Y%m%d') AS DATE)",
    },
    "postgres": {
        "s": "to_timestamp({0})",
        "ms": "to_timestamp({0} / 1000.0)",
        "us": "to_timestamp({0} / 1000000.0)",
        "ns": "to_timestamp({0} / 1000000000.0)",
        "day": "to_date(CAST(CAST({0} AS bigint) AS text), 'YYYYMMDD')",
    },
}


def lateness_text(described: Described) -> str:
    """`36h` and `10m`: as the configuration has it."""
    value = described.lateness.value
    return "36h" if value == A_DAY_LATE else show_duration(value)
