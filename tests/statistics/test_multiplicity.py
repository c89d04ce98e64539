"""E-values of p-values and the e-BH procedure."""

from math import exp, inf

import numpy as np
import pytest
from scipy import integrate

from monitor.statistics.multiplicity import e_benjamini_hochberg, e_value


def test_an_e_value_is_the_mean_over_all_powers():
    for p in (1e-12, 1e-4, 0.03, 0.5, 0.9, 0.9999, 1 - 1e-9):
        theirs = integrate.quad(lambda k, p=p: k * p ** (k - 1), 0, 1)[0]
        assert e_value(p) == pytest.approx(theirs, rel=1e-6)
    assert e_value(0) == inf
    assert e_value(1) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        e_value(1.2)


def test_its_mean_is_one():
    mean = integrate.quad(lambda x: e_value(exp(-x)) * exp(-x), 0, 700, limit=200)[0]  # p = exp(-x)
    assert mean + 1 / 700 == pytest.approx(1, abs=1e-6)


def test_e_bh_names_the_strong_and_keeps_the_false_share():
    assert e_benjamini_hochberg({"a": 1000.0, "b": 45.0, "c": 1.0, "d": 0.1}) == ["a", "b"]
    assert e_benjamini_hochberg({"a": 19.0}) == []
    assert e_benjamini_hochberg({}) == []
    draw, false = np.random.default_rng(1), []
    for _ in range(500):
        p = np.concatenate([draw.uniform(size=40), draw.uniform(size=10) * 1e-7])
        found = e_benjamini_hochberg({str(i): e_value(each) for i, each in enumerate(p)})
        assert len(found) >= 8
        false.append(sum(int(name) < 40 for name in found) / max(len(found), 1))
    assert np.mean(false) <= 0.05
