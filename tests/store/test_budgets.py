"""Sums of many long windows at once equal the sums of each."""

import random

from sqlalchemy import insert

from monitor.model import DAY, HOUR, MINUTE, TOTAL, Segment, Window
from monitor.store import Store, compact, open_store, slo_sums, sums, sync
from monitor.store.budgets import segment_sums
from monitor.store.database import writing
from monitor.store.tables import rollups
from tests.store.samples import T0, define, minute, minutes, want, write


def test_equal_to_the_sums_of_each(store: Store) -> None:
    wanted = [want("a"), want("b", bucket=HOUR), want("c", bucket=15 * MINUTE), want("empty")]
    known = sync(store, "shop", wanted, T0)
    write(store, known["a"], minutes(0, 1000), now=minute(1000), closed=minute(990))
    write(store, known["a"], minutes(1100, 1111))
    write(store, known["a"], minutes(1190, 1500))
    write(store, known["b"], minutes(-3 * 1440, 1440))
    write(store, known["b"], minutes(1500, 1560))
    write(store, known["c"], minutes(30, 1200))
    compact(store, minute(500) + 6 * HOUR)
    compact(store, minute(120) + 3 * DAY)
    chance = random.Random(1)
    ends = [sorted((chance.randint(-5000, 2000), chance.randint(-5000, 2000))) for _ in range(60)]
    asked = [(definition, minutes(*pair)) for pair in ends for definition in known.values()]
    asked += [(known["a"], Window(minute(3) + 7, minute(900) - 7)), (known["a"], minutes(5, 5))]
    answers = slo_sums(store, [(definition.id, window) for definition, window in asked])
    for (definition, window), (good, total, covered) in zip(asked, answers, strict=True):
        _, found, measured = sums(store, definition, window)
        assert covered == measured
        assert (good, total) == ((found[TOTAL]["good"], found[TOTAL]["total"]) if covered else (None, None))


def test_segments_are_summed_like_their_total(store: Store) -> None:
    a = define(store, bucket=MINUTE)
    rng, some = random.Random(2), [Segment("region", name) for name in ("eu", "us", "br")]
    for first in range(0, 300, 60):
        cells = {(minute(m), TOTAL): counts(rng) for m in range(first, first + 60)}
        cells |= {(minute(m), each): counts(rng) for m in range(first, first + 60) for each in some[:2]}
        write(store, a, minutes(first, first + 60), cells, now=minute(first + 60))
    windows = [minutes(3, 290), minutes(60, 120), minutes(100, 107), minutes(400, 500)]
    asked = [(a.id, window, some) for window in windows] + [(999, windows[0], some)]
    answers = segment_sums(store, asked)
    for window, answer in zip(windows, answers, strict=False):
        _, found, _ = sums(store, a, window)
        there = {
            segment: (each["good"], each["total"]) for segment, each in found.items() if segment != TOTAL
        }
        assert answer == there
        assert set(answer) == (set(some[:2]) if found else set())
    assert answers[-1] == {}
    assert segment_sums(store, []) == []


def counts(rng: random.Random) -> dict[str, int]:
    total = rng.randint(1, 9)
    return {"good": rng.randint(0, total), "total": total}


def test_rows_that_a_kind_counts_as_bad_are_no_good_ones(store: Store) -> None:
    a = define(store, merges={"bad": "sum", "total": "sum"})
    write(store, a, minutes(0, 3), {(minute(0), TOTAL): {"bad": 2, "total": 5}})
    assert slo_sums(store, [(a.id, minutes(0, 9))]) == [(3, 5, 3 * MINUTE)]
    _, found, _ = sums(store, a, minutes(0, 9))
    assert found[TOTAL] == {"bad": 2, "total": 5}, "and what the kind reads stays as it counts"


def test_what_is_unknown_is_none(store: Store) -> None:
    volume = define(store, merges={"total": "sum"})
    write(store, volume, minutes(0, 3), {(minute(0), TOTAL): {"total": 5}})
    assert slo_sums(store, [(volume.id, minutes(0, 9)), (999, minutes(0, 9))]) == [
        (None, None, 3 * MINUTE),  # five rows, of which nobody says how many are good
        (None, None, 0),
    ]
    snapshot = define(store, check="table", bucket=0)
    assert slo_sums(store, [(snapshot.id, minutes(0, 9))]) == [(None, None, 0)]
    assert slo_sums(store, []) == []


def test_200_series_over_30_days() -> None:
    store = open_store("sqlite://")
    known = sync(store, "shop", [want(f"check{n}") for n in range(200)], T0)
    for definition in known.values():
        with writing(store) as connection:
            connection.execute(insert(rollups), _month(definition.id))
    asked = [(definition.id, Window(T0 + 7 * MINUTE, T0 + 30 * DAY)) for definition in known.values()]
    answers = slo_sums(store, asked)
    store.close()
    assert answers == [(30 * 24 * 60, 2 * 30 * 24 * 60, 30 * DAY)] * 200


def test_windows_inside_one_another_equal_the_sums_of_each(store: Store) -> None:
    """What burn windows ask: the same end, many definitions, some with holes or coarser tiers alone."""
    known = sync(store, "shop", [want(f"check{n}") for n in range(6)], T0)
    rng = random.Random(3)
    for number, each in enumerate(known.values()):
        for first in range(0, 2000, 100):
            if number != 2 or first not in (700, 1700):  # one has holes
                cells = {(minute(m), TOTAL): counts(rng) for m in range(first, first + 100)}
                write(
                    store,
                    each,
                    minutes(first, first + 100),
                    cells,
                    now=minute(first + 100),
                    closed=minute(first),
                )
    compact(store, minute(700) + 6 * HOUR)
    compact(store, minute(200) + 3 * DAY)
    for end in (2000, 1967, 1505, 731):
        lengths = (5, 30, 60, 120, 360, 700, 1440, 1999)
        asked = [(each, minutes(end - length, end)) for each in known.values() for length in lengths]
        answers = slo_sums(store, [(definition.id, window) for definition, window in asked])
        for (definition, window), (good, total, covered) in zip(asked, answers, strict=True):
            _, found, measured = sums(store, definition, window)
            assert (covered, good, total) == (
                (measured, found[TOTAL]["good"], found[TOTAL]["total"]) if measured else (0, None, None)
            )


def _month(definition: int) -> list[dict[str, object]]:
    return [
        {
            "definition_id": definition,
            "width": width,
            "segment_id": 0,
            "start": start,
            "revision": 1,
            "final": True,
            "computed": T0,
            "good": width // MINUTE,
            "total": 2 * (width // MINUTE),
            "rest": "{}",
        }
        for width, first in ((DAY, 0), (HOUR, 0), (15 * MINUTE, 27 * DAY))
        for start in range(T0 + first, T0 + 30 * DAY, width)
    ]
