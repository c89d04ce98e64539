"""The shop's whole configuration: what its data allow is on, green while all is well, and red where not."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.binding.sources import Sources
from monitor.model import HOUR, MINUTE, TOTAL, Outcome
from monitor.prepare import prepare
from monitor.simulate import services
from monitor.simulate.faults import Fault
from monitor.simulate.shop import CONFIG
from monitor.simulate.simulation import start
from monitor.simulate.watched import APART, WHOLE, watched
from monitor.store import open_store
from monitor.tick import tick

NOW = 1_795_000_020_000_000 // MINUTE * MINUTE
OFF = {"return-on-investment", "conversion-rate"}
"""What the shop has no data for: nobody is held out, and labels are clicks alone."""


@contextmanager
def opened(folder: Path, history: int, rate: float, *faults: Fault) -> Iterator[tuple[Any, Any, Any]]:
    """The configuration of a shop that was just written, an empty store and its sources."""
    made = start(folder, NOW, history, events_per_second=rate, faults=faults)
    path = folder / "weir.yaml"
    path.write_text(watched(made.since_us), encoding="utf-8")
    loaded = config.load(path)
    with closing(open_store("sqlite://")) as store, Sources(loaded) as sources:
        yield loaded, store, sources


def test_every_packaged_check_that_is_on_can_be_measured(tmp_path: Path) -> None:
    with opened(tmp_path, 3 * MINUTE, 20) as (loaded, store, sources):
        ready = prepare(loaded, store, sources, NOW, None)
        assert not ready.errors
        on = {each.check.name for each in ready.bound}
        packaged = set(loaded.packaged) | set(loaded.off)
        assert packaged - on == OFF


def test_its_own_checks_stay_as_they_are_but_for_segments_and_what_explains_them() -> None:
    own = CONFIG.partition("\nchecks:\n")[2]
    whole = watched(NOW)
    apart = {line.strip() for old, _ in (*APART, WHOLE) for line in old.splitlines()}
    for line in own.splitlines():
        assert line in whole or line.strip() in apart
    assert all(new in whole for _, new in APART)


@pytest.fixture(scope="module")
def beside() -> frozenset[str]:
    """The datasets that are no part of the stream."""
    return frozenset(services.DATASETS)


def said(folder: Path, beside: frozenset[str], *faults: Fault) -> dict[str, Outcome]:
    """What every check of the datasets beside the stream says after an hour and a half."""
    with opened(folder, 90 * MINUTE, 6, *faults) as (loaded, store, sources):
        only = frozenset(name for name, each in loaded.checks.items() if each.main_dataset in beside)
        done = tick(loaded, store, sources, NOW, only=only)
        assert not done.errors
        return {each.check: each.reading.outcome for each in done.readings if each.segment == TOTAL}


def test_a_shop_that_is_well_is_green(tmp_path: Path, beside: frozenset[str]) -> None:
    outcomes = said(tmp_path, beside)
    assert len(outcomes) > 35
    assert {name for name, each in outcomes.items() if each in (Outcome.FAIL, Outcome.ERROR)} == set()


def test_many_things_that_go_wrong_are_each_told_by_their_check(
    tmp_path: Path, beside: frozenset[str]
) -> None:
    caught = {
        "latency_spike": (1.5, "serve-latency"),
        "serving_errors": (0.2, "error-rate"),
        "feature_loss": (0.2, "feature-retrieval"),
        "cache_churn": (0.8, "cache-hit-rate"),
        "rule_bug": (0.95, "filtered-share"),
        "feature_mismatch": (0.2, "training-serving-skew"),
        "cost_runaway": (4.0, "cost-per-event"),
        "replay_difference": (0.2, "replayed-alike"),
        "canary_failure": (1.0, "canary-errors"),
        "cold_start": (1.0, "new-items-shown"),
        "model_drift": (0.7, "ctr"),
        "label_leak": (0.2, "labels-in-order"),
        "hallucination": (1.0, "task-completion"),
        "unanswered": (0.3, "queries-answered"),
        "slow_answers": (30, "assistant-latency"),
        "fallback_storm": (0.3, "response-fallbacks"),
        "leak_in_responses": (0.2, "pii-in-responses"),
        "leak_in_signals": (0.2, "pii-in-signals"),
        "leak_in_queries": (0.2, "pii-in-queries"),
        "orphan_signals": (0.4, "signals-of-queries"),
        "untraced_signals": (0.4, "signals-with-provenance"),
        "undersampling": (0.6, "sampling-rates"),
        "missing_consent": (0.4, "consent-of-signals"),
    }
    faults = [Fault(kind, size, NOW - 2 * HOUR, NOW) for kind, (size, _) in caught.items()]
    outcomes = said(tmp_path, beside, *faults)
    # Few users try the canary: beside all the others, what they say may be no more than a warning.
    assert outcomes.pop("canary-errors") in (Outcome.WARN, Outcome.FAIL)
    silent = {check for _, check in caught.values() if outcomes.get(check, Outcome.FAIL) != Outcome.FAIL}
    assert silent == set()
    assert {check for _, check in caught.values()} - outcomes.keys() == {"canary-errors"}
