"""Which checks say whether a dataset can be trained on: its own, those upstream, and what ends in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TIMELY = "it says when rows come, not whether they are whole"
LEFT_OUT: Mapping[str, str] = {
    "freshness": TIMELY,
    "latency": TIMELY,
    "cohorts": "it says how many people come back",
    "compare": "it says which of two is better",
}
"""Kinds that say nothing of the rows themselves, and why."""

OPERATIONAL = frozenset(
    {"emitted", "dead_letters", "deployments", "training_runs", "replays", "requests", "costs"}
)
"""Datasets by role that no model learns from: what producers say, registries, bills."""


@dataclass(frozen=True, slots=True)
class Counting:
    """The checks that count, each with the reason, and those of the dataset that do not, each with why."""

    checks: Mapping[str, str]
    left_out: Mapping[str, str]


def counting(
    config: Any, dataset: str, also: frozenset[str] = frozenset(), without: frozenset[str] = frozenset()
) -> Counting:
    """What counts for a dataset; `also` counts whatever it is, `without` never."""
    counts: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for check in config.checks.values():
        reason = "asked for" if check.name in also else _reason(check, dataset)
        if not reason:
            continue
        why = "" if check.name in also else _why_not(check)
        why = "left out on request" if check.name in without else why
        (left_out if why else counts)[check.name] = why or reason
    for name, below in list(_upstream(config, counts)):
        why = "left out on request" if name in without else _why_not(config.checks[name])
        if name not in left_out:
            (left_out if why else counts)[name] = why or f"upstream of {below}"
    return Counting(counts, left_out)


def _reason(check: Any, dataset: str) -> str:
    """Why a check speaks of a dataset; "" where it does not.

    A match or a flow speaks of what it ends in. Of what it starts from it speaks where its partners are
    labels, without which a row is no example, or come before it, as a click's exposure does.
    """
    params = check.params
    if check.kind == "match":
        if dataset == params.right and params.left not in OPERATIONAL - {"emitted"}:
            return f"rows of {params.left} end in it"
        before = (params.after or 0) < -abs(params.within or 0)
        return "its own" if dataset == params.left and (before or str(check.stage) == "label") else ""
    if check.kind == "flow":
        return f"rows of {params.stages[0]} end in it" if dataset == params.stages[-1] else ""
    if check.kind == "signal":
        return "its own" if dataset in (params.left, params.right) else ""
    return "its own" if check.main_dataset == dataset else ""


def _why_not(check: Any) -> str:
    if not check.enabled:
        return "it is switched off"
    if check.kind == "ranking" and not check.params.propensity:
        return "it says how good a model is"
    if not check.bucket and not check.window:
        return "its dataset has no time"
    return LEFT_OUT.get(check.kind, "")


def _upstream(config: Any, counts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Checks along declared edges, each with one that is below it."""
    seen, open_ = set(counts), list(counts)
    while open_:
        below = open_.pop(0)
        for name in config.checks[below].upstream:
            if name in config.checks and name not in seen:
                seen.add(name)
                open_.append(name)
                yield name, below
