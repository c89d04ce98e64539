"""What the values of text columns look like, where their names say nothing: only shares leave the source."""

from collections.abc import Mapping
from typing import Any

from monitor.engines import ColumnType
from monitor.engines.dialects import PRIMITIVES
from monitor.engines.render import quote, text

Shares = Mapping[str, Mapping[str, float]]
"""By column, the share of its values that look like those of each word."""

FORMS: Mapping[str, tuple[str, float]] = {
    # Weir's word: what such a value looks like in lower case, and the share of values that must.
    "user_agent": (
        r"^(mozilla/|opera/|dalvik/|okhttp|curl/|python-|java/|go-http|.*(bot|crawler|spider))",
        0.8,
    ),
    "trace_id": (r"^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$", 0.95),
    "payload": (r"^\s*(\{.*\}|\[.*\])\s*$", 0.95),
    "device": (
        r"^(mobile|desktop|tablet|phone|smartphone|ios|android|web|pc|tv|smart ?tv|console|wearable)$",
        0.9,
    ),
    "event_type": (
        (
            r"^(page_?)?(view|click|impression|purchase|add_?to_?cart|search|scroll|like|share|play|skip|copy"
            r"|rating|conversion|login|checkout|open|install|exposure|transaction)(ed|s)?$"
        ),
        0.8,
    ),
    "region": (r"^[a-z]{2}(-[a-z0-9]{1,3})?$", 0.95),
}
MOST_COLUMNS, MOST_ROWS = 60, 2_000
FEWEST = 20
"""Values without which a share says nothing."""


def shares(engine: Any, relation: str, columns: Mapping[str, ColumnType]) -> Shares:
    """Look at some rows of a FROM clause. Raises SourceError where they cannot be read."""
    names = [name for name, column in columns.items() if column.family == "text"][:MOST_COLUMNS]
    if not names:
        return {}
    items = [f"count({quote(name)})" for name in names]
    items += [_share(name, pattern, engine.dialect) for name in names for pattern, _ in FORMS.values()]
    listed = ", ".join(f"{sql} AS c{number}" for number, sql in enumerate(items))
    some = f"(SELECT * FROM {relation} LIMIT {MOST_ROWS}) AS looked"
    row = engine.fetch(f"SELECT {listed} FROM {some}").to_pylist()[0]
    values = [float(value or 0) for value in row.values()]
    found = iter(values[len(names) :])
    looked = {name: {word: next(found) for word in FORMS} for name in names}
    return {name: looked[name] for name, count in zip(names, values, strict=False) if count >= FEWEST}


def alike(word: str, by_column: Shares, free: list[str]) -> str | None:
    """The column among those that are `free` whose values look most like a word's; None of none."""
    least = FORMS[word][1]
    ranked = sorted(((by_column.get(name, {}).get(word, 0.0), name) for name in free), reverse=True)
    return ranked[0][1] if ranked and ranked[0][0] >= least else None


def _share(name: str, pattern: str, dialect: str) -> str:
    value = f"lower({quote(name)})"
    fits = PRIMITIVES["Regex"][dialect].format(of=value, pattern=text(pattern))
    return f"avg(CASE WHEN {fits} THEN 1.0 WHEN {quote(name)} IS NOT NULL THEN 0.0 END)"
