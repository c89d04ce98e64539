"""What was said, held against what was broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitor.gameday.at_fault import fault_right
from monitor.gameday.catalogue import CATALOGUE
from monitor.gameday.expected import named, stage_of
from monitor.gameday.play import Played
from monitor.gameday.segments import Where
from monitor.gameday.trusted import Trusted
from monitor.gameday.watch import Told
from monitor.model import MINUTE


@dataclass(frozen=True, slots=True)
class Score:
    """One fault's score. `minutes` and `ticks` are from its onset until somebody was told of it.

    `settle` is how much of that the check waits for rows that may still come, in minutes. `noise` are alerts
    that neither catch a fault of the scenario nor tell the truth about what it brings with it.
    """

    scenario: str
    fault: str
    severity: float
    segment: dict[str, str] | None
    seed: int
    detected: bool
    ticks: int | None
    minutes: float | None
    settle: float
    stage_right: bool
    segment_right: bool
    runbook_right: bool
    routed_right: bool
    noise: tuple[Told, ...]
    told: Told | None
    named: frozenset[Where] = frozenset()
    fault_right: bool | None = None
    """Whether model or system is said to be at fault as it is; None where neither is said."""
    trusted: Trusted | None = None

    @property
    def missed(self) -> bool:
        """Whether nobody was told, though it is worse than its threshold."""
        return self.severity > 1 and not self.detected

    def as_json(self) -> dict[str, Any]:
        """As machines read it."""
        return {
            "fault": self.fault,
            "severity": round(self.severity, 4),
            "segment": self.segment,
            "seed": self.seed,
            "detected": self.detected,
            "ticks_to_detect": self.ticks,
            "minutes_to_detect": None if self.minutes is None else round(self.minutes, 2),
            "stage_right": self.stage_right,
            "segment_right": self.segment_right,
            "routed_right": self.routed_right,
            "noise": len(self.noise),
        }


def scores(played: Played) -> tuple[Score, ...]:
    """A score for each fault of a scenario; its noise is the first one's."""
    noise = noise_of(played)
    return tuple(
        _score(played, number, noise if number == 0 else ()) for number in range(len(played.answers))
    )


def _score(played: Played, number: int, noise: tuple[Told, ...]) -> Score:
    answer = played.answers[number]
    settle = played.settles[number]
    first = answer.caught(played.told)
    late = bool(first and played.within and first.at > answer.fault.start + played.within + settle)
    first = None if late else first
    best = (answer.routed(played.told) or first) if first else None
    where = answer.fault.where
    return Score(
        scenario=played.scenario,
        fault=answer.fault.kind,
        severity=answer.severity,
        segment=dict(where) or None,
        seed=played.seed,
        detected=first is not None,
        ticks=_ticks(played, answer.fault.start, first.at) if first else None,
        minutes=max(0, first.at - answer.fault.start) / MINUTE if first else None,
        settle=settle / MINUTE,
        stage_right=bool(best) and stage_of(best) in answer.stages,
        segment_right=bool(best) and _placed(best, played, answer.fault.kind, where),
        runbook_right=bool(best) and best.runbook in answer.runbooks,
        routed_right=first is not None and answer.routed(played.told) is not None,
        noise=noise,
        told=best,
        named=named(best) if best else frozenset(),
        trusted=played.trusted[number] if played.trusted else None,
        fault_right=fault_right(answer.fault.kind, best.cause.fault) if best and best.cause else None,
    )


def _placed(told: Told, played: Played, kind: str, where: Where) -> bool:
    """Whether the fault's own segment is named and, other faults' apart, no other one."""
    others = {tuple(sorted(each.fault.where)) for each in played.answers}
    mine = frozenset([tuple(sorted(where))]) if where else frozenset[Where]()
    own = set(CATALOGUE[kind].inside) - set(where)
    found = frozenset(tuple(pair for pair in each if pair not in own) for each in named(told)) - {()}
    return mine <= found and not found - mine - others


def _ticks(played: Played, start: int, at: int) -> int:
    return sum(start < each <= at for each in played.ticks)


def noise_of(played: Played) -> tuple[Told, ...]:
    """What else people were told of."""
    checks = {name for each in played.answers for name in (*each.checks, *each.also)}
    return tuple(each for each in played.told if each.about not in checks)


def rates(some: Sequence[Score]) -> dict[str, float]:
    """Shares over some scores: detected of all, the rest of those detected; trust where it was asked."""
    caught = [each for each in some if each.detected]
    rows = [each.trusted for each in some if each.trusted]

    def share(number: int, of: int) -> float:
        return number / of if of else 1.0

    return {
        "detected": share(len(caught), len(some)),
        "stage": share(sum(each.stage_right for each in caught), len(caught)),
        "segment": share(sum(each.segment_right for each in caught), len(caught)),
        "runbook": share(sum(each.runbook_right for each in caught), len(caught)),
        "routed": share(sum(each.routed_right for each in caught), len(caught)),
        "trust": share(sum(each.right for each in rows), len(rows)),
    }
