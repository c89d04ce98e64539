"""What explains a trouble, as plain values: kept in the store, shown by pages, told by alerts."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

Where = tuple[tuple[str, str], ...]
"""Dimensions with one value each: all of them must hold."""


@dataclass(frozen=True, slots=True)
class Share:
    """A segment `where` the trouble is, and its `share` of the change; its rows since, and the bad ones.

    `usual` is how many of the rows would be bad (of a volume: how many rows there would be) as before.
    """

    where: Where
    share: float
    rows: float
    bad: float
    usual: float


@dataclass(frozen=True, slots=True)
class Origin:
    """The check upstream with which it began, its stage, and since when; the check itself where none did.

    `lost_at` is the dataset that most of what is missing did not reach, where a check of kind `flow` says so;
    `leg` the two clocks between which rows are late, where no check times that leg alone.
    """

    check: str
    stage: str
    since: int
    lost_at: str = ""
    leg: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What went out or was changed shortly before: `kind` is `deployment` or `configuration`."""

    at: int
    what: str
    kind: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a check is not well, as far as can be told at `at`. Instants in microseconds.

    `segments` have the largest share first; `everywhere` says that all are hit alike. `of` is what they are a
    share of: `loss`, `late events`. `fault` is `model`, `system` or "" where that cannot be told.
    """

    check: str
    at: int
    since: int
    until: int
    of: str
    segments: tuple[Share, ...]
    everywhere: bool
    excess: float | None
    origin: Origin
    event: Event | None
    fault: str
    sentence: str = ""
    failing: bool = False
    badly: float | None = None
    """How bad it was: the share of bad rows, where those are counted."""


def written(cause: Cause) -> str:
    """As the store keeps it."""
    return json.dumps(asdict(cause), sort_keys=True)


def read(text: str) -> Cause:
    """What `written` gave."""
    found: dict[str, Any] = json.loads(text)
    shares = tuple(Share(**(each | {"where": _where(each["where"])})) for each in found["segments"])
    event = Event(**found["event"]) if found["event"] else None
    origin: dict[str, Any] = {"leg": ()} | found["origin"]
    began = replace(Origin(**origin), leg=tuple(origin["leg"]))
    values: dict[str, Any] = {"segments": shares, "origin": began, "event": event}
    return Cause(**(found | values))


def _where(pairs: Any) -> Where:
    return tuple((str(dim), str(value)) for dim, value in pairs)


def as_json(cause: Cause, iso: Any) -> Mapping[str, Any]:
    """The object `attribution` of `weir status --json` and `weir run --json`; times ISO 8601."""
    return {
        "sentence": cause.sentence,
        "since": iso(cause.since),
        "at": iso(cause.at),
        "of": cause.of,
        "segments": [
            {
                "segment": dict(each.where),
                "contribution": each.share,
                "rows": each.rows,
                "bad": each.bad,
                "expected": each.usual,
            }
            for each in cause.segments
        ],
        "everywhere": cause.everywhere,
        "excess": cause.excess,
        "origin": {
            "check": cause.origin.check,
            "stage": cause.origin.stage,
            "since": iso(cause.origin.since),
            "lost_at": cause.origin.lost_at or None,
            "leg": list(cause.origin.leg) or None,
        },
        "event": None
        if cause.event is None
        else {"at": iso(cause.event.at), "what": cause.event.what, "kind": cause.event.kind},
        "fault": cause.fault or None,
    }
