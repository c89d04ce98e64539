"""What probes say of a pipeline: how many were lost, how long they took, and what was not redacted."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from monitor.grammar import show_duration
from monitor.iso import to_second
from monitor.model import SECOND
from monitor.store.probed import STATES, Probed
from monitor.store.probes import Arrival, Probe


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of the probes of a name that must arrive in a dataset. Latencies in microseconds; `exact` where a
    column says when a row came: else it is when Weir saw it first, an upper bound.
    """

    probe: str
    dataset: str
    outcome: str
    message: str
    sent: int
    arrived: int
    late: int
    lost: int
    waiting: int
    unsure: int
    doubled: int
    strangers: int
    latencies: Sequence[int]
    exact: bool
    personal: int
    redacted: int
    leaked: Sequence[str]

    @property
    def value(self) -> float | None:
        """Probes that arrived in time ÷ probes whose time is up or that arrived; None of none."""
        settled = self.arrived + self.late + self.lost
        return self.arrived / settled if settled else None

    @property
    def recall(self) -> float | None:
        """Personal data that arrived redacted ÷ personal data of arrived probes; None of none."""
        return self.redacted / self.personal if self.personal else None


def judge(
    probe: Any,
    dataset: str,
    sent: Sequence[Probe],
    arrivals: Sequence[Arrival],
    now: int,
    strangers: int = 0,
    exact: bool = False,
) -> Verdict:
    """Hold arrivals against what was sent."""
    came = {each.id: each for each in arrivals if each.dataset == dataset}
    counts: dict[str, int] = dict.fromkeys(STATES, 0)
    latencies: list[int] = []
    for each in sent:
        arrival = came.get(each.id)
        counts[_state(probe, each, arrival, now)] += 1
        if arrival:
            latencies.append(_latency(each, arrival))
    leaks = [sort for each in came.values() for sort in each.leaked]
    personal = len(came) * len(probe.personal)
    found = Verdict(
        probe.name,
        dataset,
        "",
        "",
        len(sent),
        **counts,
        doubled=sum(each.rows > 1 for each in came.values()),
        strangers=strangers,
        latencies=sorted(latencies),
        exact=exact,
        personal=personal,
        redacted=personal - len(leaks),
        leaked=sorted(set(leaks)),
    )
    return _said(probe, found, sent, now)


def _state(probe: Any, each: Probe, arrival: Arrival | None, now: int) -> str:
    if arrival is not None:
        known = arrival.arrived is not None
        return "late" if known and _latency(each, arrival) > probe.within else "arrived"
    if not each.sure:
        return "unsure"
    return "lost" if each.sent + probe.within <= now else "waiting"


def _latency(each: Probe, arrival: Arrival) -> int:
    """Clocks of two machines may differ: nothing arrives before it is sent."""
    return max(0, (arrival.arrived if arrival.arrived is not None else arrival.seen) - each.sent)


def _said(probe: Any, found: Verdict, sent: Sequence[Probe], now: int) -> Verdict:
    from dataclasses import replace

    value, recall = found.value, found.recall
    parts = [
        f"{found.lost} of {found.sent} probes lost" if found.lost else "",
        f"{found.late} later than {show_duration(probe.within)}" if found.late else "",
        f"personal data not redacted: {', '.join(found.leaked)}" if found.leaked else "",
        f"{found.doubled} came more than once" if found.doubled else "",
        f"{found.strangers} rows bear the tag, and nobody sent them" if found.strangers else "",
        f"of {found.unsure} nobody knows whether they went out" if found.unsure else "",
    ]
    bad = (value is not None and value < probe.objective) or (recall is not None and recall < probe.objective)
    silence = _silence(probe, sent, now)
    outcome = "fail" if bad else "no_data" if value is None or silence else "pass"
    told = "; ".join(each for each in [*parts, silence] if each)
    return replace(found, outcome=outcome, message=told or _well(found))


def _silence(probe: Any, sent: Sequence[Probe], now: int) -> str:
    if not probe.every:
        return "" if sent else "none was sent"
    last = max((each.sent for each in sent if each.sure), default=None)
    if last is None:
        return "none was sent"
    return f"none was sent since {to_second(last)}" if now - last > 2 * probe.every else ""


def _well(found: Verdict) -> str:
    waiting = f"{found.waiting} still on the way" if found.waiting else ""
    return "; ".join(each for each in (f"{found.arrived} arrived" if found.arrived else "", waiting) if each)


def quantile(latencies: Sequence[int], share: float) -> float | None:
    """Seconds within which this share of the probes arrived; of a sorted list."""
    return latencies[max(0, ceil(share * len(latencies)) - 1)] / SECOND if latencies else None


def standing(found: Verdict, now: int, sent: int | None) -> Probed:
    """What is kept of it; `sent` is when the last probe went out, in microseconds."""
    events = {name: int(getattr(found, name)) for name in STATES}
    slowest = quantile(found.latencies, 1.0)
    return Probed(
        found.probe, found.dataset, now, sent, found.outcome, found.message, events, slowest, found.recall
    )


def as_json(found: Verdict) -> dict[str, Any]:
    """A verdict for machines; latencies in seconds."""
    counted = ("sent", "arrived", "late", "lost", "waiting", "unsure", "doubled", "strangers")
    return {
        "probe": found.probe,
        "dataset": found.dataset,
        "outcome": found.outcome,
        "value": found.value,
        **{name: getattr(found, name) for name in counted},
        "latency": {
            "p50": quantile(found.latencies, 0.5),
            "p95": quantile(found.latencies, 0.95),
            "max": quantile(found.latencies, 1.0),
            "exact": found.exact,
        },
        "personal": found.personal,
        "redacted": found.redacted,
        "recall": found.recall,
        "leaked": list(found.leaked),
        "message": found.message,
    }
