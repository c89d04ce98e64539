"""The arithmetic of error budgets (Google, The Site Reliability Workbook, 2018, chapters 2 and 5)."""

CONFIDENCE = 0.99
"""Of what `least_ratio` says."""


def bad_ratio(good: float | None, total: float | None) -> float | None:
    """Bad events as a share of all; None over none. More good than total (reconciled sums) is nothing bad."""
    return max(0.0, 1 - (good or 0) / total) if total else None


def left(bad: float | None, objective: float) -> float | None:
    """Share of the budget that is left: 1 − bad ÷ (1 − objective); negative when overspent.

    An objective of 100 % has no budget: anything bad overspends it without end.
    """
    if bad is None:
        return None
    allowed = 1 - objective
    if allowed <= 0:
        return 1.0 if bad == 0 else float("-inf")
    return 1 - bad / allowed


def burn_rate(bad: float | None, objective: float) -> float | None:
    """How many times faster than allowed the budget burns; 1 uses it up exactly at the window's end."""
    if bad is None:
        return None
    allowed = 1 - objective
    return bad / allowed if allowed > 0 else (0.0 if bad == 0 else float("inf"))


def exhausted_in(remaining: float | None, rate: float | None, window: int) -> float | None:
    """Microseconds until nothing is left at this rate; None where it does not burn faster than it refills."""
    if remaining is None or rate is None or rate <= 1:
        return None
    return max(0.0, remaining) * window / rate


def tail_probability(bad: float | None, total: float | None, objective: float) -> float | None:
    """How likely so many bad events, or more, are in so many where the objective is just kept.

    P(X ≥ bad) for X binomial(total, 1 − objective): the guard of low traffic. One bad event of a hundred an
    hour burns a budget of 99.9 % ten times too fast, and means nothing. None of no events.
    """
    if not total or bad is None:
        return None
    if bad <= 0:
        return 1.0
    from scipy.special import bdtrc

    return float(bdtrc(round(bad) - 1, round(total), 1 - objective)) if round(bad) >= 1 else 1.0


def least_ratio(bad: float | None, total: float | None) -> float | None:
    """The bad ratio that is exceeded for sure, at 99 % confidence; None of no events.

    The lower limit of Jeffreys' interval (Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial
    Proportion"), and 0 where nothing is bad.
    """
    if not total or bad is None:
        return None
    wrong, events = round(bad), round(total)
    if wrong < 1:
        return 0.0
    from scipy.special import betaincinv

    return float(betaincinv(wrong + 0.5, max(0, events - wrong) + 0.5, 1 - CONFIDENCE))


def spent(bad: float, total: float | None, objective: float) -> float | None:
    """The share of a window's budget that so many bad events take; None of no events.

    Of an objective of 100 % anything bad takes all there is, and more: infinity.
    """
    if not total:
        return None
    allowed = total * (1 - objective)
    return bad / allowed if allowed > 0 else (0.0 if bad <= 0 else float("inf"))
