"""The rows that tests of checks write down, as tables: repeated, typed, under the dataset's own names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from monitor.errors import UsageError
from monitor.grammar import duration

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]
REPEAT, EVERY, COUNT = "$repeat", "$every", "{i}"
MOST = 200_000
"""Rows of one entry: more is no unit test."""
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When rows happen that do not say."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def expanded(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows with every `$repeat` written out: `{i}` counts, and times move on by `$every`.

    Raises UsageError for a count that is none, or a duration that is none.
    """
    return [each for row in rows for each in _repeated(dict(row))]


def _repeated(row: dict[str, Any]) -> list[dict[str, Any]]:
    if REPEAT not in row:
        return [row]
    count, every = row.pop(REPEAT), row.pop(EVERY, None)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MOST:
        raise UsageError(f"'{REPEAT}' is a number of rows from 0 to {MOST:,}, not '{count}'")
    try:
        step = timedelta(microseconds=duration(every)) if every is not None else timedelta()
    except ValueError as error:
        raise UsageError(f"'{EVERY}': {error}") from None
    return [{name: _moved(value, n, step) for name, value in row.items()} for n in range(count)]


def _moved(value: Any, number: int, step: timedelta) -> Any:
    if not isinstance(value, str):
        return value
    if step and _MOMENT.fullmatch(value):
        return (_moment(value) + number * step).isoformat()
    return value.replace(COUNT, str(number))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def renamed(rows: Sequence[Row], dataset: Any) -> list[dict[str, Any]]:
    """Rows under the dataset's own column names: a test may use Weir's words for them, and `occurred_at` for
    the event time.
    """
    own: dict[str, str] = dict(dataset.columns)
    if dataset.time:
        own.setdefault("occurred_at", str(own.get(dataset.time, dataset.time)))
    return [{own.get(name, name) if own.get(name) not in row else name: row[name] for name in row}
            for row in rows]  # fmt: skip


def with_time(rows: Sequence[Row], time: str, at: datetime) -> list[dict[str, Any]]:
    """Rows that do not say when they happened happen at an instant."""
    return [{**row, time: at if row.get(time) is None else row[time]} for row in rows]


def types(rows: Iterable[Row], columns: Iterable[str], time: str | None) -> "pa.Schema":
    """Columns by name with the type that all their values have; text where they have none, or differ."""
    import pyarrow as pa

    values: dict[str, list[Any]] = {name: [] for name in columns}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    return pa.schema([(name, _type(found, name == time)) for name, found in values.items()])


def _type(values: Sequence[Any], is_time: bool) -> Any:
    import pyarrow as pa

    known = [value for value in values if value is not None]
    if is_time or (known and all(_is_moment(value) for value in known)):
        naive = known and all(_naive(value) for value in known)
        return pa.timestamp("us") if naive else pa.timestamp("us", "UTC")
    if known and all(isinstance(value, str) and _DATE.fullmatch(value) for value in known):
        return pa.date32()
    if any(isinstance(value, dict | list) for value in known):
        return pa.array(known).type
    kinds: set[type] = {type(value) for value in known}
    choices: list[tuple[set[type], Any]] = [
        ({bool}, pa.bool_()),
        ({int}, pa.int64()),
        ({int, float}, pa.float64()),
    ]
    for fitting, of in choices:
        if kinds and kinds <= fitting:
            return of
    return pa.string()


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime) or (isinstance(value, str) and bool(_MOMENT.fullmatch(value)))


def _naive(value: Any) -> bool:
    return not isinstance(value, datetime) and not re.search(r"(Z|[+-]\d\d:?\d\d)$", str(value)[10:])


def table(rows: Sequence[Row], schema: "pa.Schema") -> "pa.Table":
    """Rows as a table of these types. Raises UsageError for a value that is none of its column's."""
    import pyarrow as pa

    columns: list[Any] = []
    for name, of in zip(schema.names, cast(list[Any], schema.types), strict=True):
        try:
            columns.append(pa.array([_value(row.get(name), of) for row in rows], of))
        except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError):
            raise UsageError(f"the column '{name}' of a test holds values of different types") from None
    return pa.Table.from_arrays(columns, schema=schema)


def _value(value: Any, of: Any) -> Any:
    import pyarrow as pa

    if value is None:
        return None
    if pa.types.is_timestamp(of):
        moment = value if isinstance(value, datetime) else _parsed(value)
        if of.tz:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.replace(tzinfo=None)
    if pa.types.is_date(of):
        return date.fromisoformat(value)
    if pa.types.is_string(of) and not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return cast(Any, value)


def _parsed(value: Any) -> datetime:
    try:
        return _moment(str(value))
    except ValueError:
        raise UsageError(f"'{str(value)[:60]}' is no time", hint="such as 2026-01-01T12:00:00Z") from None
