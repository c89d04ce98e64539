"""Everything that the shop writes beside the stream of events: its servers, models, bills and assistant."""

from typing import Any

from monitor.simulate import answers, assistant, costs, replays, serving, training
from monitor.simulate.pipeline import Delivery
from monitor.simulate.population import Shop
from monitor.simulate.traffic import Minute

DATASETS = (
    "requests",
    "features",
    "examples",
    "deployments",
    "training_runs",
    "costs",
    "replays",
    "queries",
    "responses",
    "signals",
)


def deliver(shop: Shop, minute: Minute, stream: Delivery) -> dict[str, Any]:
    """All rows that a minute leaves in these datasets, by dataset; a function of its arguments alone.

    `stream` is what the same minute left in the others."""
    asked = serving.requests(shop, minute)
    read = serving.features(shop, minute, asked)
    talk = assistant.talk(shop, minute)
    answered = answers.responses(talk)
    return {
        "requests": asked,
        "features": read,
        "examples": serving.examples(shop, minute.number, read),
        "deployments": training.deployments(shop, minute.number),
        "training_runs": training.runs(shop, minute.number),
        "costs": costs.costs(shop, minute),
        "replays": replays.replays(shop, stream.events),
        "queries": assistant.queries(talk),
        "responses": answered,
        "signals": answers.signals(talk, answered),
    }


def before(shop: Shop, number: int) -> dict[str, Any]:
    """Rows that stand in the lake when the shop opens in the minute `number`, by dataset."""
    return {
        "deployments": training.deployments_before(shop, number),
        "training_runs": training.runs_before(shop, number),
    }
