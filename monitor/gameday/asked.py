"""What somebody asks to be broken, in words: a kind of fault, how badly, where, and by which seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from monitor.config.words import nearest
from monitor.errors import UsageError
from monitor.gameday.catalogue import CATALOGUE
from monitor.gameday.scenario import Scenario, single
from monitor.gameday.segments import Where, shown, values_of
from monitor.simulate.faults import KINDS
from monitor.simulate.population import DIMENSIONS

EVERYWHERE = "everywhere"
SEVERITY, WORST = 20.0, 1000.0
SEEDS = 100_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One fault by itself: `severity` in multiples of the threshold of the check that catches it."""

    fault: str
    severity: float = SEVERITY
    where: Where = ()
    seed: int = 1

    @property
    def scenario(self) -> Scenario:
        return single(self.fault, self.severity).inside(self.where)

    @property
    def words(self) -> str:
        """`loss, 20×, everywhere`."""
        seed = "" if self.seed == 1 else f", seed {self.seed}"
        return f"{self.fault}, {self.severity:g}×, {shown(self.where)}{seed}"

    @property
    def arguments(self) -> dict[str, Any]:
        """As a request bears it, beside the fault."""
        segment = ",".join(f"{name}={value}" for name, value in self.where)
        return {"severity": self.severity, "segment": segment or EVERYWHERE, "seed": self.seed}


def asked(fault: str, arguments: Mapping[str, Any]) -> Asked:
    """What a request asks for. Raises UsageError that says what is wrong with it."""
    known(fault)
    severity, seed = arguments.get("severity", SEVERITY), arguments.get("seed", 1)
    if not _number(severity) or not 0 < severity <= WORST:
        raise UsageError(f"a severity is a number above 0 and up to {WORST:g}, not {_short(severity)}")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= SEEDS:
        raise UsageError(f"a seed is a whole number from 0 to {SEEDS}, not {_short(seed)}")
    where = segment_of(str(arguments.get("segment") or EVERYWHERE))
    wanted = Asked(fault, float(severity), where, seed)
    kind = KINDS[fault]
    for name, _ in where:
        if name not in kind.segments:
            hint = f"it knows {', '.join(kind.segments)}" if kind.segments else "it is everywhere"
            raise UsageError(f"'{fault}' cannot be narrowed to a {name}", hint=hint)
    return wanted


def known(name: str) -> str:
    """A kind of fault. Raises UsageError for a name that is none."""
    if name not in CATALOGUE:
        hint = nearest(name, CATALOGUE) or "weir gameday --faults lists them"
        raise UsageError(f"unknown fault '{name[:60]}'", hint=hint)
    return name


def segment_of(text: str) -> Where:
    """A segment of `region=latam` or `region=us,device=ios`. Raises UsageError."""
    if text == EVERYWHERE:
        return ()
    pairs = [tuple(each.strip().split("=", 1)) for each in text.split(",")]
    for pair in pairs:
        if len(pair) != 2 or pair[0] not in DIMENSIONS:
            raise UsageError(f"'{text[:60]}' is no segment", hint="write one such as region=latam,device=ios")
        if pair[1] not in values_of(pair[0]):
            hint = nearest(pair[1], values_of(pair[0]))
            raise UsageError(f"unknown {pair[0]} '{pair[1][:60]}'", hint=hint)
    names = [pair[0] for pair in pairs]
    if len(names) > 2 or len(set(names)) < len(names):
        raise UsageError("a segment is one column's value, or those of two columns")
    return tuple((pair[0], pair[1]) for pair in pairs)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _short(value: Any) -> str:
    return repr(value)[:30]
