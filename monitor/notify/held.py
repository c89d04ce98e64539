"""Why an alert is not told now. What was told already goes on: its end is told too."""

from collections.abc import Callable, Sequence

from monitor.alerting.inhibition import NAME, held_back
from monitor.store.alarms import FIRING, Alarm
from monitor.store.silences import Silence

Hold = Callable[[Alarm], str]


def holds(alarms: Sequence[Alarm], silences: Sequence[Silence], now: int) -> Hold:
    """A function that says why an alert waits at an instant: a silence, or another alert that fires.

    Empty where nothing holds it back.
    """
    firing = [{NAME: alarm.name, **alarm.labels} for alarm in alarms if alarm.state == FIRING]
    silent = [each for each in silences if each.active(now)]

    def reason(alarm: Alarm) -> str:
        found = next((each for each in silent if each.covers(alarm.name, alarm.labels)), None)
        if found:
            return f"silence {found.id}"
        return "inhibited" if held_back(firing, {NAME: alarm.name, **alarm.labels}) else ""

    return reason
