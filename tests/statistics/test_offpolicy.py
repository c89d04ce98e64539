"""Weights of a log, against simulation of the policies themselves and against a real log."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.statistics.offpolicy import Weights, mean_is_one


def of(w: np.ndarray, r: np.ndarray) -> Weights:
    sums = (w.sum(), (w * w).sum(), w.max(), (w * r).sum(), (w * w * r).sum(), (w * w * r * r).sum())
    return Weights(len(w), *map(float, sums))


LOGGED = np.array([0.5, 0.3, 0.15, 0.05])
TARGET = np.array([0.1, 0.2, 0.3, 0.4])
CHANCE = np.array([0.1, 0.2, 0.3, 0.4])


def drawn(draw: np.random.Generator, rows: int) -> Weights:
    action = draw.choice(4, rows, p=LOGGED)
    return of((TARGET / LOGGED)[action], (draw.random(rows) < CHANCE[action]).astype(float))


def test_a_log_gives_the_value_of_the_target_and_how_sure_it_is():
    draw, truth = np.random.default_rng(3), float(TARGET @ CHANCE)
    logs = [drawn(draw, 800) for _ in range(400)]
    values, errors = np.array([[log.snips, log.snips_error] for log in logs]).T
    assert values.mean() == pytest.approx(truth, rel=0.02)
    assert errors.mean() == pytest.approx(values.std(), rel=0.1)
    assert 0.92 < (np.abs(values - truth) < 1.96 * errors).mean() < 0.98
    assert np.mean([log.ips for log in logs]) == pytest.approx(truth, rel=0.02)
    means = np.array([log.mean for log in logs])
    assert means.mean() == pytest.approx(1, abs=0.01)
    assert np.mean([log.mean_error for log in logs]) == pytest.approx(means.std(), rel=0.1)
    assert sum(not mean_is_one(log, 0.0) for log in logs) <= 2
    assert all(mean_is_one(log, 0.25) for log in logs)


def test_equal_weights_count_each_row_once():
    log = of(np.full(50, 0.2), np.arange(50) % 2)
    assert (log.effective, log.snips, log.share) == pytest.approx((50, 0.5, 1 / 50))
    assert not mean_is_one(log, 0.1)
    assert mean_is_one(log, 0.8)


def test_one_row_carries_a_heavy_log():
    log = of(np.array([1e6, *np.ones(999)]), np.array([1.0, *np.zeros(999)]))
    assert log.effective == pytest.approx(1.0, abs=0.01)
    assert log.snips == pytest.approx(1, abs=0.01)


def test_nothing_logged_says_nothing():
    log = Weights(0, 0, 0, 0, 0, 0, 0)
    assert (log.effective, log.mean, log.snips, log.ips, log.share) == (0, None, None, None, None)
    assert mean_is_one(log, 0.1)


def test_a_real_log(shared_data: Path):
    log = pd.read_csv(shared_data / "open_bandit" / "bts_men.csv")
    weights = of(1 / 34 / log["propensity_score"].to_numpy(), log["click"].to_numpy(float))
    assert weights.effective == pytest.approx(655.71, abs=0.005)
    assert mean_is_one(weights, 0.1)
