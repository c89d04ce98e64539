"""Minutes that are made together hold what each of them holds when it is made alone, in every dataset."""

from typing import Any

import numpy as np
import pytest

from monitor.simulate import services
from monitor.simulate.draws import DAY_US, MINUTE_US
from monitor.simulate.faults import Fault
from monitor.simulate.pipeline import deliver
from monitor.simulate.population import Shop, Swing
from monitor.simulate.rows import joined
from monitor.simulate.traffic import together
from monitor.simulate.writer import State, _until  # pyright: ignore[reportPrivateUsage]

MANY = 6
FIRST = 20_777 * 24 * 60 + 12 * 60 - 3  # over a noon, when models are rolled out
BUSY = Swing(3.0, (FIRST + 2) * MINUTE_US, (FIRST + 4) * MINUTE_US, "eu")
SHOP = Shop(seed=5, events_per_second=15, unrest=0.3, swings=(BUSY,))
NUMBERS = range(FIRST, FIRST + MANY)
WORST = (
    ("bots", 0.5),
    ("blocked_items", 0.3),
    ("cold_start", 0.5),
    ("drift", 0.3),
    ("loss", 0.2),
    ("late", 9.0),
)
FAULTS = tuple(Fault(kind, size, (FIRST + 2) * MINUTE_US, (FIRST + 5) * MINUTE_US) for kind, size in WORST)


def made(numbers: range, faults: tuple[Fault, ...]) -> dict[str, Any]:
    traffic = together(SHOP, numbers, faults)
    stream = deliver(SHOP, traffic, faults)
    return vars(stream) | services.deliver(SHOP, traffic, stream, faults)


def table(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(zip(*(np.nan_to_num(column).tolist() for column in vars(rows).values()), strict=True))


@pytest.mark.parametrize("faults", [(), FAULTS], ids=["clean", "broken"])
def test_minutes_made_together_are_those_made_alone(faults: tuple[Fault, ...]) -> None:
    alone = [made(range(number, number + 1), faults) for number in NUMBERS]
    for dataset, rows in made(NUMBERS, faults).items():
        assert table(rows) == table(joined([each[dataset] for each in alone])), dataset


def until(faults: tuple[Fault, ...], first: int, end: int) -> int:
    return _until(State("", SHOP, faults, 0, first, {}), end)


def test_a_stretch_ends_at_midnight_and_is_a_minute_while_a_fault_grows() -> None:
    midnight = (FIRST * MINUTE_US // DAY_US + 1) * DAY_US // MINUTE_US
    assert until((), FIRST, FIRST + 20) == FIRST + 20
    assert until((), midnight - 5, midnight + 20) == midnight
    ramp = Fault("loss", 0.5, (FIRST + 30) * MINUTE_US, (FIRST + 99) * MINUTE_US, (), 10 * MINUTE_US)
    assert until((ramp,), FIRST, FIRST + 20) == FIRST + 20
    assert until((ramp,), FIRST + 25, FIRST + 35) == FIRST + 26
    assert until((ramp,), FIRST + 40, FIRST + 45) == FIRST + 45
