"""Models as they are trained and rolled out: every night anew, and once more at noon with fresh features.

Both tables reach back before the shop's first minute, as a registry does.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.simulate import draws
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US, Bytes, Ints, Words, mix, salt
from monitor.simulate.logs import SUCCEEDED, Deployments, Runs
from monitor.simulate.population import VARIANTS, Shop
from monitor.simulate.rows import take

BEFORE_DAYS = 28
EVERY_US = DAY_US // 2
TRAINED_ON_US = 7 * DAY_US  # how far back the events reach that a model learns from
_RUNS, _IDS = 50, 51
_COST_OF_A_RUN, _SECONDS_OF_A_RUN = 40.0, 2_400.0


Rows = TypeVar("Rows", Deployments, Runs)


def deployments(shop: Shop, numbers: range) -> Deployments:
    """What is rolled out in some minutes: nothing, or a model of each variant."""
    starts = np.array(numbers, np.int64) * MINUTE_US
    return _rolled_out(shop, starts[starts % EVERY_US == 0] // EVERY_US)


def deployments_before(shop: Shop, number: int) -> Deployments:
    """What had been rolled out by the minute `number`: the last BEFORE_DAYS of it."""
    last = (number * MINUTE_US - 1) // EVERY_US
    turns = np.arange(last - BEFORE_DAYS * DAY_US // EVERY_US, last + 1)
    return _opening(_rolled_out(shop, turns), number)


def _rolled_out(shop: Shop, turns: Ints) -> Deployments:
    at, variant = _by_variant(turns * EVERY_US)
    day = at // DAY_US
    return Deployments(
        arrival=at + 5 * SECOND_US,
        deployment_id=mix(
            (np.repeat(turns, len(VARIANTS)) * 2 + variant).astype(np.uint64) ^ salt(shop.seed, _IDS)
        ),
        event_time=at,
        model_version=2 * day + variant,
        variant=variant,
        status=np.full(len(at), SUCCEEDED, np.uint8),
        run_id=run_ids(shop.seed, 2 * day + variant),
        trained_from=day * DAY_US - TRAINED_ON_US,
        trained_until=day * DAY_US,
    )


def runs(shop: Shop, numbers: range) -> Runs:
    """The trainings that are over in some minutes, the last before midnight: one of each variant."""
    ends = (np.array(numbers, np.int64) + 1) * MINUTE_US
    return _trained(shop, ends[ends % DAY_US == 0] // DAY_US)


def runs_before(shop: Shop, number: int) -> Runs:
    """The trainings of the last BEFORE_DAYS days before the minute `number`."""
    last = number * MINUTE_US // DAY_US
    return _opening(_trained(shop, np.arange(last - BEFORE_DAYS, last + 1)), number)


def _trained(shop: Shop, days: Ints) -> Runs:
    at, variant = _by_variant(days * DAY_US)
    spread = _spread(shop, days)
    return Runs(
        arrival=at,
        run_id=run_ids(shop.seed, 2 * (at // DAY_US) + variant),
        event_time=at - 10 * SECOND_US,
        started_at=at - 10 * SECOND_US - (spread[:, 0] * _SECONDS_OF_A_RUN * SECOND_US).astype(np.int64),
        model_version=2 * (at // DAY_US) + variant,
        variant=variant,
        status=np.full(len(at), SUCCEEDED, np.uint8),
        trained_from=at - TRAINED_ON_US,
        trained_until=at,
        examples=(shop.events_per_second * 0.4 * TRAINED_ON_US / SECOND_US * spread[:, 1]).astype(np.int64),
        cost=np.round(_COST_OF_A_RUN * spread[:, 0], 2),
        ndcg=np.round(0.62 * spread[:, 2] ** 0.2, 4),
    )


def _spread(shop: Shop, days: Ints) -> NDArray[np.float64]:
    """Three factors around 1 for each variant of each day."""
    drawn = [draws.generator(shop.seed, _RUNS, int(day)).normal(1, 0.04, (len(VARIANTS), 3)) for day in days]
    return np.concatenate(drawn) if drawn else np.ones((0, 3))


def run_ids(seed: int, version: Ints) -> Words:
    """The training that made a version of the model."""
    return mix(version.astype(np.uint64) ^ salt(seed, _RUNS))


def _by_variant(at: Ints) -> tuple[Ints, Bytes]:
    variants = np.arange(len(VARIANTS), dtype=np.uint8)
    return np.repeat(at, len(VARIANTS)), np.tile(variants, len(at))


def _opening(rows: Rows, number: int) -> Rows:
    """What had happened before the minute `number` stands in the lake from the start."""
    past = take(rows, rows.event_time < number * MINUTE_US)
    return type(rows)(**{**vars(past), "arrival": np.full(len(past.arrival), number * MINUTE_US)})
