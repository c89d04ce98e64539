"""Segments of the simulated shop: which values a column has, and how much of the traffic each is."""

from collections.abc import Mapping
from math import prod

from monitor.model import HOUR, MINUTE
from monitor.simulate import population

Where = tuple[tuple[str, str], ...]

SHARES: Mapping[str, Mapping[str, float]] = {
    "region": dict(zip(population.REGIONS, population.REGION_SHARES, strict=True)),
    "device": dict(zip(population.DEVICES, population.DEVICE_SHARES, strict=True)),
    "app_version": dict(zip(population.APP_VERSIONS, population.APP_VERSION_SHARES, strict=True)),
}


def values_of(name: str) -> tuple[str, ...]:
    """The values of a column of the shop."""
    return population.DIMENSIONS.get(name, ())


def share_of(where: Where, at: int) -> float:
    """How much of the traffic is in a segment in an hour that begins at `at`, in microseconds.

    Regions wake up one after another; of a column that is not known here each value is taken for as common.
    """
    shares: dict[str, Mapping[str, float]] = {**SHARES, "region": _regions(at + HOUR // 2)}
    return prod(shares.get(name, {}).get(value) or 1 / len(values_of(name)) for name, value in where)


def _regions(at: int) -> Mapping[str, float]:
    rates = population.intensity(population.Shop(), at // MINUTE)
    return dict(zip(population.REGIONS, map(float, rates / rates.sum()), strict=True))


def shown(where: Where) -> str:
    """`region latam and device ios`, or `everywhere`."""
    return " and ".join(f"{name} {value}" for name, value in where) or "everywhere"
