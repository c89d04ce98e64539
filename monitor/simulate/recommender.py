"""What the recommender shows: a model that is trained anew every night on what people clicked of its slates.

A model learns in two ways. Places that were filled at random tell what people want, whatever was shown; the
clicks on its own choices only tell what they like of that. Of a day's evidence r / (r + TRUSTED) is of the
first kind, r the share of random places. Without it every model repeats its forerunner's favourites a little
more: exposures gather on ever fewer items (Chaney, Stewart and Engelhardt 2018).

Clicks are taken at their expectation, so that a day's model follows from the seed, the day and the faults.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import DAY_US, Bytes, Ints, Reals, quantile_table
from monitor.simulate.faults import Fault, size_at
from monitor.simulate.population import (
    DIMENSIONS,
    ITEM_BITS,
    ITEM_IDS,
    ITEMS,
    VARIANTS,
    Offer,
    Shop,
    catalogue,
    offer,
)

LOOP = "feedback_loop"
TRUSTED = 0.01
EVENED = 0.85  # the power to which a model takes what people want: it shows the rare a little more often
LEARNING = 0.8  # how far a night's training takes a model from what it knew to what the day says
_SETTLED = 40  # nights after which a model under the same circumstances hardly changes


@dataclass(frozen=True)
class Policy:
    """What the models of a day choose, by variant, where they do not explore."""

    items: NDArray[np.uint16]  # (variants, 2^ITEM_BITS)
    chosen: Reals  # (variants, ITEM_IDS): the probability of each item


@lru_cache(maxsize=8)
def policy(shop: Shop, faults: tuple[Fault, ...], day: int) -> Policy:
    """The models of a day (since the epoch); of the faults only feedback loops matter."""
    on_sale = offer(shop.seed, day).on_sale
    items = [
        on_sale[quantile_table(_weights(shop, loops(faults, variant), variant, day), ITEM_BITS)]
        for variant in range(len(VARIANTS))
    ]
    chosen = [np.bincount(each, minlength=ITEM_IDS) / len(each) for each in items]
    return Policy(np.stack(items), np.stack(chosen))


def loops(faults: tuple[Fault, ...], variant: int | None = None) -> tuple[Fault, ...]:
    """The feedback loops among the faults, only those of a variant if one is given."""
    found = (each for each in faults if each.kind == LOOP)
    return tuple(each for each in found if variant is None or _concerns(each, variant))


def _concerns(fault: Fault, variant: int) -> bool:
    return all(DIMENSIONS[name].index(value) == variant for name, value in fault.where)


def explored(shop: Shop, faults: tuple[Fault, ...], variant: Bytes, at: Ints) -> Reals:
    """The share of places that are filled at random for these users at these instants."""
    shares: Reals = np.array(shop.exploration, np.float64)[variant]
    for fault in loops(faults):
        concerned = [_concerns(fault, each) for each in range(len(VARIANTS))]
        within = (at >= fault.start) & (at < fault.end) & np.array(concerned)[variant]
        shares = shares * (1 - size_at(fault, at) * within)
    return shares


@lru_cache(maxsize=64)
def _weights(shop: Shop, faults: tuple[Fault, ...], variant: int, day: int) -> Reals:
    """By place in the catalogue: the probability with which the day's model chooses its item."""
    first = min((each.start // DAY_US for each in faults), default=day)
    if day <= first:
        return _settled(shop, variant, day)
    before = _weights(shop, faults, variant, day - 1)
    noons = (day - 1) * DAY_US + np.arange(24) * (DAY_US // 24)  # the day that it learns from, hour by hour
    share = float(explored(shop, faults, np.full(24, variant), noons).mean())
    return _trained(before, share, offer(shop.seed, day), _appeal(shop, day))


def _settled(shop: Shop, variant: int, day: int) -> Reals:
    """The model of a shop where nothing has changed for long but the items on sale."""
    stands = offer(shop.seed, day)
    weights = stands.demand
    for _ in range(_SETTLED):
        weights = _trained(weights, shop.exploration[variant], stands, _appeal(shop, day))
    return weights


def _trained(weights: Reals, share: float, stands: Offer, appeal: Reals) -> Reals:
    """The next model after a day on which `share` of the places were filled at random."""
    clicks = ((1 - share) * weights + share / ITEMS) * appeal
    trust = share / (share + TRUSTED)
    wanted = stands.demand**EVENED
    told = (1 - trust) * clicks / clicks.sum() + trust * wanted / wanted.sum()
    learnt = (1 - LEARNING) * weights + LEARNING * told
    learnt = np.where(stands.age_days < 1, np.minimum(stands.demand, 0.1 / ITEMS), learnt)
    return learnt / learnt.sum()


def _appeal(shop: Shop, day: int) -> Reals:
    return catalogue(shop.seed).click_odds[0, offer(shop.seed, day).on_sale].astype(np.float64)
