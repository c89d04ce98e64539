"""Probes as the rows that enter the pipeline."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from monitor.config.probes import PERSONAL
from monitor.iso import iso
from monitor.probing.personal import value

NOW = "{now}"


@dataclass(frozen=True, slots=True)
class Made:
    """A probe's id, which stands behind the prefix of its tag, and its row."""

    uid: str
    row: Mapping[str, Any]


def make(probe: Any, count: int, now: int) -> list[Made]:
    """So many probes, each with an id that no other has."""
    return [_made(probe, f"{now // 1_000_000:x}{token_hex(8)}", now) for _ in range(count)]


def _made(probe: Any, uid: str, now: int) -> Made:
    tags = {column: prefix + uid for column, prefix in probe.tag.items()}
    return Made(uid, tags | {name: _filled(probe, each, uid, now) for name, each in probe.row.items()})


def _filled(probe: Any, text: Any, uid: str, now: int) -> Any:
    """A value with its places filled in; `{now}` alone is a time where the way to send knows times."""
    if not isinstance(text, str):
        return text
    if text == NOW:
        return datetime.fromtimestamp(now // 1_000_000, UTC).replace(microsecond=now % 1_000_000)
    told = {"id": uid, "now": iso(now) or "", "probe": probe.name}
    told |= {sort: value(sort, uid) for sort in PERSONAL}
    return re.sub(r"\{([a-z_]+)\}", lambda found: told.get(found[1], found[0]), text)


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it."""
    return {
        name: each.isoformat().replace("+00:00", "Z") if isinstance(each, datetime) else each
        for name, each in row.items()
    }


def columns(rows: Sequence[Made]) -> list[str]:
    """The columns of probes made alike."""
    return list(rows[0].row)
