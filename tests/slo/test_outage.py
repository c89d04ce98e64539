"""A real fault pages and nothing else does, through ticks, gauges and alerts over the simulated shop.

`bench/calibration/outage.py` tells the same for thirty days.
"""

from bench.calibration import outage
from monitor.model import MINUTE


def test_delayed_rows_are_no_loss_and_a_loss_pages():
    found, settle = outage.outage(every=5, rate=5.0)
    assert all(each.at > outage.LOST for each in found), "rows that are eight minutes late are not lost"
    burns = [each for each in found if (each.name, each.severity) == ("BudgetBurn", "page")]
    assert len(burns) == 1
    assert (burns[0].at - outage.LOST - settle) <= 50 * MINUTE


def test_a_clean_morning_is_quiet():
    assert outage.clean(days=0.15, every=15, rate=1.0) == []
