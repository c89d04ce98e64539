"""Clocks of a time zone: an hour of the week is one of people's, summer and winter."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from monitor.model import HOUR

Ints = np.ndarray[Any, np.dtype[np.int64]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER = HOUR // 4
"""Clocks are set at quarters of an hour at the finest."""


def offset(at: int, zone: str) -> int:
    """By how much a zone's clocks are ahead of UTC at an instant; all in microseconds."""
    return 0 if zone == "UTC" else _offset(at // QUARTER, zone)


@lru_cache(maxsize=100_000)
def _offset(quarter: int, zone: str) -> int:
    moment = EPOCH + timedelta(microseconds=quarter * QUARTER)
    ahead = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    return ahead // timedelta(microseconds=1)


def local(times: Ints, zone: str) -> Ints:
    """Instants as what the zone's clocks show, counted from 1970 as if that were UTC."""
    if zone == "UTC" or not len(times):
        return times
    quarters, place = np.unique(times // QUARTER, return_inverse=True)
    ahead = np.array([_offset(int(each), zone) for each in quarters], np.int64)
    return times + ahead[place]


def before(at: int, by: int, zone: str) -> int:
    """The instant at which clocks showed the time of `at` less `by`: a week ago at the same hour."""
    wall = at + offset(at, zone) - by
    found = wall - offset(at, zone)
    return wall - offset(found, zone)
