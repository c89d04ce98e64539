"""Rows of an answer as plain Python values."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pyarrow as pa


def records(table: "pa.Table") -> list[dict[str, Any]]:
    """One dict a row; decimals (what PostgreSQL sums whole numbers to) as ints or floats."""
    return [{name: plain(value) for name, value in row.items()} for row in table.to_pylist()]


def plain(value: Any) -> Any:
    """A decimal as an int where it is whole, else as a float; everything else as it is."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def by_segment(table: "pa.Table") -> dict[str, list[dict[str, Any]]]:
    """The rows of each segment, by the column `s`, which they keep no longer."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in records(table):
        found.setdefault(cast(str, row.pop("s")), []).append(row)
    return found
