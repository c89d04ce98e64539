"""How well two marks, or a score and a mark, agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh


@dataclass(frozen=True, slots=True)
class Table:
    """Units by two marks: with both, the signal alone, the truth alone, neither. Counts of 0 or more."""

    both: float
    signal_only: float
    truth_only: float
    neither: float

    @property
    def total(self) -> float:
        return self.both + self.signal_only + self.truth_only + self.neither


def phi(table: Table) -> float | None:
    """Pearson's φ, (ad − bc) ÷ √((a+b)(c+d)(a+c)(b+d)), from −1 to 1 (Yule 1912); None where a margin is
    empty.
    """
    a, b, c, d = table.both, table.signal_only, table.truth_only, table.neither
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    return (a * d - b * c) / sqrt(margins) if margins else None


def phi_error(table: Table) -> float | None:
    """The standard error of φ for independent units, by the delta method (Bishop, Fienberg and Holland
    1975): with the differences of both margins, which Fisher's 1 ÷ √(n − 3) leaves out. None without φ.
    """
    value, n = phi(table), table.total
    if value is None:
        return None
    signal, truth = (table.both + table.signal_only) / n, (table.both + table.truth_only) / n
    left, right = 2 * signal - 1, 2 * truth - 1
    spread, other = signal * (1 - signal), truth * (1 - truth)
    tilt = left * right / sqrt(spread * other)
    skew = left**2 / spread + right**2 / other
    return sqrt(max(0.0, 1 - value**2 + value * (1 + value**2 / 2) * tilt - 0.75 * value**2 * skew) / n)


def interval(table: Table, z: float = 1.959963984540054) -> tuple[float, float] | None:
    """An interval of φ, symmetric on the scale of Fisher's z; None where φ is −1, 1 or not known."""
    value, error = phi(table), phi_error(table)
    if value is None or error is None or abs(value) >= 1:
        return None
    middle, half = atanh(value), z * error / (1 - value**2)
    return tanh(middle - half), tanh(middle + half)


def kappa(table: Table) -> float | None:
    """Cohen's κ (1960), (p_o − p_e) ÷ (1 − p_e); None where chance agrees always, or of nothing."""
    n = table.total
    if not n:
        return None
    observed = (table.both + table.neither) / n
    signal, truth = (table.both + table.signal_only) / n, (table.both + table.truth_only) / n
    expected = signal * truth + (1 - signal) * (1 - truth)
    return (observed - expected) / (1 - expected) if expected < 1 else None


def auc(pairs: Sequence[tuple[float, float]]) -> float | None:
    """The chance that a positive ranks above a negative, ties half: U ÷ (P N) (Mann and Whitney 1947).

    `pairs` are (positives, negatives) of each score, ascending. None without either.
    """
    above = below = wins = 0.0
    for positives, negatives in pairs:
        wins += positives * (below + negatives / 2)
        above += positives
        below += negatives
    return wins / (above * below) if above and below else None
