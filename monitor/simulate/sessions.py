"""Who is in the shop during a minute: sessions, told from the minute's number without knowing the past."""

from dataclasses import dataclass

import numpy as np

from monitor.simulate.draws import MINUTE_US, Bools, Bytes, Floats, Ints, Reals, Words, bits, mix, salt
from monitor.simulate.population import PARTITIONS, REGIONS, Shop, catalogue

_SHORTEST_US, _LONGEST_US = 2 * MINUTE_US, 20 * MINUTE_US
_SLOTS, _USERS = 101, 102


@dataclass(frozen=True)
class Sessions:
    """Rows 2n and 2n+1 are the session that slot n holds as the minute starts, and the one after it."""

    begin: Floats  # microseconds from the minute's start
    thirds: Floats  # 3 / length, per microsecond
    session_id: Words
    user_id: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    is_bot: Bools
    partition: Bytes


@dataclass(frozen=True)
class Open:
    """The slots of some minutes, those of one minute and region side by side: a cell."""

    first: Words  # by cell: its first slot
    count: Words  # by cell: how many slots it has
    handover: Ints  # by slot: microseconds from the minute's start to its second session
    sessions: Sessions


def open_sessions(shop: Shop, numbers: range, rates: Reals) -> Open:
    """The sessions of some minutes, enough of them for `rates` events per second (by minute and region).

    A slot holds one session after another, each as long as the slot's key says, from 2 to 20 minutes."""
    count = np.maximum(1, rates * shop.seconds_between_actions).astype(np.uint64).ravel()
    first = np.cumsum(count) - count
    cell = np.repeat(np.arange(len(count)), count.astype(np.int64))
    number, region = numbers.start + cell // len(REGIONS), (cell % len(REGIONS)).astype(np.uint64)
    nth_slot = np.arange(len(cell), dtype=np.uint64) - first[cell]
    key = mix((region << np.uint64(40) | nth_slot) ^ salt(shop.seed, _SLOTS))
    span = _SHORTEST_US + (bits(key, 0, 32) % np.uint64(_LONGEST_US - _SHORTEST_US)).astype(np.int64)
    turn, since = np.divmod(number * MINUTE_US + bits(key, 32, 32).astype(np.int64), span)
    begin = np.column_stack([-since, span - since]).ravel()
    turns = np.column_stack([turn, turn + 1]).ravel().astype(np.uint64)
    session_id = mix(np.repeat(key, 2) + turns)
    people = _sessions(shop, session_id, np.repeat(region, 2), begin, np.repeat(span, 2))
    return Open(first, count, span - since, people)


def _sessions(shop: Shop, session_id: Words, region: Words, begin: Ints, span: Ints) -> Sessions:
    # A few users come often: the most faithful has one in 1,400 of the sessions of a region of 50,000.
    fraction = bits(session_id, 0, 32).astype(np.float64) * 2.0**-32
    rank = (fraction**1.5 * shop.users_per_region).astype(np.uint64)
    user = region * np.uint64(shop.users_per_region) + rank
    trait = mix(user ^ salt(shop.seed, _USERS))
    tables = catalogue(shop.seed)
    return Sessions(
        begin=begin.astype(np.float32),
        thirds=np.float32(3) / span.astype(np.float32),
        session_id=session_id,
        user_id=user.astype(np.int64),
        region=region.astype(np.uint8),
        device=tables.devices[bits(trait, 0, 8)],
        app_version=tables.app_versions[bits(trait, 8, 8)],
        variant=bits(trait, 16, 1).astype(np.uint8),
        is_bot=bits(session_id, 40, 20) < np.uint64(shop.bot_share * 2**20),
        partition=(bits(trait, 24, 16) % np.uint64(PARTITIONS)).astype(np.uint8),
    )


def choose(opened: Open, place: Words, cell: Ints, offset: Ints) -> Ints:
    """The session of each event: a slot of its cell, evenly by the low bits of `place`, at its `offset`."""
    within = (bits(place, 0, 24) * opened.count[cell]) >> np.uint64(24)
    slot = (opened.first[cell] + within).astype(np.int64)
    return 2 * slot + (offset >= opened.handover[slot])
