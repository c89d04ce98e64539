"""Labels that should have come: against integrals, scipy and simulated streams."""

import numpy as np
import pytest
from scipy import integrate, stats

from monitor.statistics.arrivals import Delays, expected, rate

DELAYS = Delays((1.0, 2.0, 8.0), (0.25, 0.5, 1.0))


def share(x: float) -> float:
    return float(np.interp(x, [0, 1, 2, 8], [0, 0.25, 0.5, 1.0], left=0.0))


def test_the_integral_of_the_curve():
    for x in (-1.0, 0.0, 0.4, 1.0, 1.7, 5.0, 8.0, 30.0):
        mine = integrate.quad(share, 0, max(x, 0), points=[1, 2, 8])[0]
        assert float(DELAYS.integrated(x)) == pytest.approx(mine)


def test_what_comes_of_rows_spread_over_their_stretches():
    rows = [((0.0, 4.0), 10.0), ((4.0, 5.0), 3.0), ((9.0, 10.0), 7.0)]
    windows = [(3.0, 4.5), (8.0, 9.0), (0.0, 40.0)]

    def came(stretch: tuple[float, float], count: float, window: tuple[float, float]) -> float:
        (a, b), (s, e) = stretch, window
        inside = integrate.quad(lambda t: share(e - t) - share(s - t), a, b, limit=200)[0]
        return count * inside / (b - a)

    mine = [sum(came(stretch, count, window) for stretch, count in rows) for window in windows]
    assert expected(rows, DELAYS, windows) == pytest.approx(mine, abs=1e-6)
    assert mine[2] == pytest.approx(20)


def test_a_rate_and_its_spread():
    draw = np.random.default_rng(1)
    wanted = draw.uniform(50, 150, 400)
    even = rate(list(zip(draw.poisson(0.6 * wanted), wanted, strict=True)))
    assert even is not None
    assert even.scale == pytest.approx(0.6, rel=0.02)
    assert even.spread < 0.003
    wild = rate(list(zip(draw.poisson(0.6 * wanted * draw.gamma(10, 0.1, 400)), wanted, strict=True)))
    assert wild is not None
    assert wild.spread == pytest.approx(0.1, abs=0.03)
    assert rate([]) is None
    assert rate([(0.0, 5.0)]) is None


def test_tails_are_those_of_scipy():
    even = rate([(60.0, 100.0)] * 2000)
    assert even is not None
    assert even.spread == 0
    mean = 0.6 * 30
    assert even.tail(3, 30) == pytest.approx(stats.poisson.cdf(3, mean), rel=0.01)
    wild = rate([(40.0, 100.0), (80.0, 100.0)] * 2000)
    assert wild is not None
    size = 1 / (wild.spread + wild.unsure)
    assert wild.tail(3, 30) == pytest.approx(stats.nbinom.cdf(3, size, size / (size + mean)))
    assert wild.tail(0, 0.0) == 1.0
