"""A fault: a kind at work from one instant to another, in one place, growing to its size."""

from dataclasses import dataclass
from typing import Any, TypeVar
from zlib import crc32

import numpy as np

from monitor.simulate.draws import Bools, Ints, Reals, salt
from monitor.simulate.faults.kind import Hit
from monitor.simulate.faults.kinds import KINDS
from monitor.simulate.population import DIMENSIONS

_FAULTS = 9
Rows = TypeVar("Rows")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong for what happens with `start <= time < end` (microseconds since the epoch).

    `size` is in the unit of its kind. Every pair of `where`, at most two, narrows it to one value of a
    dimension. Over the first `ramp` microseconds it grows evenly from nothing to its size."""

    kind: str
    size: float
    start: int
    end: int
    where: tuple[tuple[str, str], ...] = ()
    ramp: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault '{self.kind}'; there is: {', '.join(KINDS)}")
        kind = KINDS[self.kind]
        if not kind.least <= self.size <= kind.most:
            reach = f"from {kind.least:g} to {kind.most:g} ({kind.unit})"
            raise ValueError(f"the size of '{self.kind}' must be {reach}, not {self.size}")
        if self.end <= self.start:
            raise ValueError("a fault must end after it starts")
        if self.ramp < 0:
            raise ValueError("a fault cannot grow over less than no time")
        _check_place(self.kind, kind.segments, self.where)

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return " and ".join(value for _, value in self.where) or "everywhere"


def _check_place(name: str, segments: tuple[str, ...], where: tuple[tuple[str, str], ...]) -> None:
    if len(where) > 2 or len(dict(where)) < len(where):
        raise ValueError("a fault can be narrowed by one dimension, or by two different ones")
    for dimension, value in where:
        if dimension not in segments:
            known = ", ".join(segments) or "none"
            raise ValueError(f"'{name}' cannot be narrowed by '{dimension}'; by these it can: {known}")
        if value not in DIMENSIONS[dimension]:
            known = ", ".join(DIMENSIONS[dimension])
            raise ValueError(f"unknown {dimension} '{value}'; there is: {known}")


def suffer(
    point: str,
    rows: Rows,
    faults: tuple[Fault, ...],
    seed: int,
    *,
    key: str,
    time: str = "event_time",
    about: Any = None,
) -> Rows:
    """The rows at a point as the faults leave them.

    `about` (the rows themselves, unless given) says of each row which place and time are its own, and by its
    column `key` who it is. Whom a fault hits is told before any of them acts."""
    subject = rows if about is None else about
    acting = [each for each in faults if point in KINDS[each.kind].acts]
    for act, hit in [(KINDS[each.kind].acts[point], _hit(each, seed, subject, key, time)) for each in acting]:
        if hit.within.any():
            rows = act(rows, hit)
    return rows


def _hit(fault: Fault, seed: int, about: Any, key: str, time: str) -> Hit:
    at: Ints = getattr(about, time)
    within = (at >= fault.start) & (at < fault.end) & _in_place(fault, about, len(at))
    # Not its end: a fault that is mended sooner has hit what it hit.
    told = (fault.kind, fault.size, fault.start, fault.where, fault.ramp)
    own = salt(seed, _FAULTS, crc32(repr(told).encode()))
    return Hit(seed, own, about, getattr(about, key), within, size_at(fault, at) * within, fault.where)


def _in_place(fault: Fault, about: Any, n: int) -> Bools:
    inside = np.ones(n, np.bool_)
    for dimension, value in fault.where:
        inside &= getattr(about, dimension) == DIMENSIONS[dimension].index(value)
    return inside


def size_at(fault: Fault, at: Ints) -> Reals:
    """How far a fault has grown at instants at which it lasts, in the unit of its kind."""
    if not fault.ramp:
        return np.full(len(at), fault.size)
    return fault.size * ((at - fault.start).astype(np.float64) / fault.ramp).clip(0, 1)
