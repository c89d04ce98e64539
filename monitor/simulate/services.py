"""Everything that the shop writes beside the stream of events: its servers, models, bills and assistant."""

from collections.abc import Callable
from functools import partial
from typing import Any

from monitor.simulate import answers, assistant, costs, labelling, replays, serving, training
from monitor.simulate.faults import Fault, suffer
from monitor.simulate.faults.kind import GONE
from monitor.simulate.population import Shop
from monitor.simulate.records import Delivery, Minute
from monitor.simulate.rows import take

DATASETS = (
    "requests",
    "features",
    "examples",
    "training_set",
    "deployments",
    "training_runs",
    "costs",
    "replays",
    "queries",
    "responses",
    "signals",
)


def deliver(shop: Shop, minute: Minute, stream: Delivery, faults: tuple[Fault, ...] = ()) -> dict[str, Any]:
    """All rows that a minute leaves in these datasets, by dataset; a function of its arguments alone.

    `stream` is what the same minute left in the others."""
    suffered = partial(_suffered, faults, shop.seed)
    made = _served(shop, minute, suffered) | _assisted(shop, minute, suffered)
    others = {
        "deployments": training.deployments(shop, minute.numbers),
        "training_runs": training.runs(shop, minute.numbers),
        "training_set": labelling.labelled(shop, stream),
        "costs": costs.costs(shop, minute),
        "replays": replays.replays(shop, stream.events),
    }
    return made | {name: suffered(name, rows) for name, rows in others.items()}


Suffered = Callable[[str, Any], Any]
"""The rows of a point as the faults leave them."""

KEYS = {
    "features": "request_id",
    "examples": "request_id",
    "training_set": "exposure_id",
    "talk": "query_id",
    "responses": "query_id",  # so that what happens to a query's answers happens to all of them
    "requests": "request_id",
    "deployments": "deployment_id",
    "training_runs": "run_id",
    "costs": "cost_id",
    "replays": "event_id",
    "queries": "query_id",
    "signals": "signal_id",
}


def _suffered(faults: tuple[Fault, ...], seed: int, point: str, rows: Any) -> Any:
    left = suffer(point, rows, faults, seed, key=KEYS[point])
    return take(left, left.arrival != GONE) if point in DATASETS else left


def _served(shop: Shop, minute: Minute, suffered: Suffered) -> dict[str, Any]:
    asked = serving.requests(shop, minute)
    read = serving.features(shop, minute, asked)
    return {
        "requests": suffered("requests", asked),
        "features": suffered("features", read),
        "examples": suffered("examples", serving.examples(shop, minute, read)),
    }


def _assisted(shop: Shop, minute: Minute, suffered: Suffered) -> dict[str, Any]:
    talk = assistant.talk(shop, minute, partial(suffered, "talk"))
    answered = suffered("responses", answers.responses(talk))
    return {
        "queries": suffered("queries", assistant.queries(talk)),
        "responses": answered,
        "signals": suffered("signals", answers.signals(talk, answered)),
    }


def before(shop: Shop, number: int) -> dict[str, Any]:
    """Rows that stand in the lake when the shop opens in the minute `number`, by dataset."""
    return {
        "deployments": training.deployments_before(shop, number),
        "training_runs": training.runs_before(shop, number),
    }
