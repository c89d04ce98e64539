"""Many columns or checks at once: which of them to name, whatever their dependence."""

from collections.abc import Mapping
from math import expm1, inf, log


def e_value(p: float) -> float:
    """An e-value of a p-value: ∫ κ p^(κ − 1) dκ over (0, 1) = (1 − p + p ln p) ÷ (p (ln p)²).

    The calibrator of Vovk and Wang 2021: its mean is at most 1 where the p-value is valid. Raises
    ValueError outside 0 … 1.
    """
    if not 0 <= p <= 1:
        raise ValueError("a p-value lies between 0 and 1")
    if p == 0:
        return inf
    step = log(p)
    if abs(step) < 1e-4:
        return 0.5 - step / 6
    return (-expm1(step) + p * step) / (p * step * step)


def e_benjamini_hochberg(evidence: Mapping[str, float], level: float = 0.05) -> list[str]:
    """The names that e-BH rejects, the strongest first (Wang and Ramdas 2022).

    The k largest e-values, for the largest k whose k-th is at least K ÷ (k level): at most a share `level` of
    the rejected are false on average, under any dependence.
    """
    ranked = sorted(evidence, key=lambda name: -evidence[name])
    enough = [k for k, name in enumerate(ranked, 1) if evidence[name] * k * level >= len(ranked)]
    return ranked[: enough[-1]] if enough else []
