"""How far is too far: a threshold on scores that is calibrated on the past and follows what it sees."""

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
TAIL = 0.05
"""The share of scores that count as the tail. Beyond as many as there are, an empirical quantile is
infinite."""
STEP = 0.002
"""How far an alarm moves the share that is aimed at (γ of Gibbs and Candès 2021)."""
SMALLEST = 1 / 20
"""The share aimed at falls no lower than this part of the one wanted: else one incident makes it deaf."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Scores beyond `start` lie `excess` further on the mean; a share of TAIL is beyond it."""

    start: float
    excess: float

    def threshold(self, share: float) -> float:
        """The score that a share of the scores exceeds, 0 < share ≤ TAIL."""
        return self.start + self.excess * log(TAIL / share)


def tail(scores: Floats) -> Tail:
    """The split-conformal quantile of the scores (Vovk et al. 2005), carried on beyond the largest by an
    exponential tail: the peaks over a threshold of Pickands 1975, of shape 0.
    """
    start = float(np.quantile(scores, 1 - TAIL))
    beyond = scores[scores > start]
    return Tail(start, float((beyond - start).mean()) if len(beyond) else 0.0)


def adapted(scores: Floats, alarms: Any, found: Tail, wanted: float, least: float) -> float:
    """The share to aim at now: adaptive conformal inference (Gibbs and Candès 2021).

    α ← α + γ (wanted − err) over the scores in order of time, where err says whether a score was beyond the
    threshold at α, or raised an alarm when it was new (`alarms`). `least` is the score below which nothing
    ever is an alarm. A series that alarms more often than wanted gets a higher threshold.
    """
    share, floor = wanted, wanted * SMALLEST
    for score, alarm in zip(scores.tolist(), alarms.tolist(), strict=True):
        missed = alarm or score > max(least, found.threshold(share))
        share = min(max(share + STEP * (wanted - missed), floor), TAIL)
    return share
