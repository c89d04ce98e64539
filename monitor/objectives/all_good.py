"""An objective of 100 %: it has no budget, so there is no share of one to be left. In plain words instead."""

from monitor.objectives.standing import SloRow

KEPT = "kept"


def words(slo: SloRow) -> str | None:
    """See `verdict`."""
    return verdict(slo.objective, slo.good, slo.total, bool(slo.slice))


def verdict(objective: float, good: float | None, total: float | None, sliced: bool = False) -> str | None:
    """`kept`, or `broken: 3 bad events`; None of another objective, and where nothing was measured."""
    if objective < 1 or not total:
        return None
    bad = max(0.0, total - (good or 0))
    if bad <= 0:
        return KEPT
    counted = "slice" if sliced else "event"
    return f"broken: {bad:,.0f} bad {counted}{'' if round(bad) == 1 else 's'}"
