"""One scenario: a copy of a stage, something broken in it, and Weir watched until all is known."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from monitor.binding.sources import Sources
from monitor.due import groups
from monitor.gameday.catalogue import CATALOGUE, size_of
from monitor.gameday.expected import Answer, again, answer
from monitor.gameday.scenario import Broken, Expected, Scenario
from monitor.gameday.stage import PACE, Stage, fork, moved, scratch, seeking
from monitor.gameday.trusted import Trusted, all_trusted
from monitor.gameday.watch import Told, Watch
from monitor.model import HOUR, MINUTE, SECOND, Reading
from monitor.simulate import faults as simulated
from monitor.simulate.faults import Fault

PACES = ((40 * MINUTE, MINUTE), (3 * HOUR, PACE), (12 * HOUR, 3 * PACE))
"""Until so long after the onset Weir ticks as often, or as a check that may catch it is due; then hourly."""

COARSE = 2 * HOUR
"""After so long only what is looked for is measured, and the rest once it is known."""

LINGER = 10 * MINUTE
"""How much longer a scenario is watched once it is known: what else is said of it comes soon after."""


MENDED = 8 * HOUR
"""For how long Weir is watched after what was broken is mended."""

NOTHING_ELSE = Expected.model_validate({})


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario; instants in microseconds.

    `answers` and `settles` are of its faults, in order. `course` is what the check said that told of the
    first one, and `bound` what it fails by. `resolved` is when all was over again, where that was watched,
    and `trusted` what was told of each fault's rows, where it was not mended.
    """

    scenario: str
    description: str
    seed: int
    onset: int
    until: int
    within: int | None
    answers: tuple[Answer, ...]
    settles: tuple[int, ...]
    told: tuple[Told, ...]
    held: int
    ticks: tuple[int, ...]
    check: str
    bound: str
    course: tuple[tuple[int, Reading], ...] = field(default=(), repr=False)
    resolved: int | None = None
    trusted: tuple[Trusted | None, ...] = ()
    seconds: float = 0.0


def play(scenario: Scenario, stage: Stage, loaded: Any, folder: Path, *, resolve: bool = False) -> Played:
    """Break a copy of a stage (its configuration `loaded`) in a folder, and watch what is said of it.

    With `resolve` what is broken is mended once it is known, and Weir is watched until it says so too.
    """
    began = monotonic()
    kept = fork(stage, folder)
    names = {name for each in scenario.faults for name in CATALOGUE[each.kind].checks}
    names |= set(scenario.expect.checks)
    config = seeking(moved(loaded, folder), frozenset(names))
    onset = stage.now + _first_minutes(scenario, stage.seed)
    longest = scenario.watch or max(CATALOGUE[each.kind].watch for each in scenario.faults)
    faults = [fault_of(config, each, onset, longest) for each in scenario.faults]
    answers = [answer(config, faults[0], scenario.expect, scenario.main.severity)]
    others = zip(faults[1:], scenario.faults[1:], strict=True)
    answers += [answer(config, each, NOTHING_ELSE, of.severity) for each, of in others]
    answers = again(answers)
    with closing(scratch(config.store)) as store, Sources(config) as sources:
        due_at_once = {each.id for each in groups(config) if each.checks & names}
        measured = {name: at for name, at in kept.measured.items() if name not in due_at_once}
        watch = Watch(config, store, sources, kept.simulation, kept.lives, measured)
        for each in faults:
            kept.simulation.suffer(each)
        until = _until_known(watch, answers, onset, stage.now, longest)
        over = _until_over(watch, answers, until) if resolve else None
        played = _played(config, scenario, stage.seed, answers, watch)
        rows = () if resolve else all_trusted(watch, answers, until)
    return replace(played, until=until, resolved=over, trusted=rows, seconds=monotonic() - began)


def fault_of(config: Any, broken: Broken, onset: int, longest: int) -> Fault:
    """The fault that a line of a scenario comes to, in a scenario that is watched for so long."""
    size = broken.size
    if size is None:
        assert broken.severity is not None  # noqa: S101 -- the scenario was checked
        size = size_of(config, broken.kind, broken.severity, segment=bool(broken.where))
    start = onset + broken.after
    end = start + (broken.lasts or 2 * longest)
    where = broken.where or simulated.KINDS[broken.kind].place
    return Fault(broken.kind, size, start, end, where, broken.ramp)


def _first_minutes(scenario: Scenario, seed: int) -> int:
    """When it begins after the stage is ready: minutes later, on no particular second."""
    draw = Random(f"{seed}/{scenario.name}/{scenario.main.kind}/{scenario.main.where}")  # noqa: S311
    return draw.randrange(2 * MINUTE, 6 * MINUTE, SECOND)


def _until_known(watch: Watch, answers: Sequence[Answer], onset: int, now: int, longest: int) -> int:
    """Tick until all is known and some minutes on, or for the longest; the last instant."""
    config, known, end = watch.config, False, onset + longest
    sought = frozenset(name for each in answers for name in each.checks)
    least = min(config.checks[name].every for each in answers for name in each.checks)
    while now < end:
        soon = min((watch.waiting[name] for name in sought & watch.waiting.keys()), default=None)
        now = min(now + LINGER, end) if known else _next(now, onset, least, soon)
        coarse = now - onset > COARSE and not known
        watch.step(now, everything=known, only=sought if coarse else None)
        if not known and all(each.routed(watch.told) for each in answers):
            known, end = True, min(end, now + LINGER)
    return now


def _until_over(watch: Watch, answers: Sequence[Answer], now: int) -> int | None:
    """Mend what is broken, and tick until all that was said of it is over: for how long that took."""
    mended = now + MINUTE
    state = watch.simulation.state
    state.faults = tuple(replace(each, end=min(each.end, mended)) for each in state.faults)
    checks = {name for each in answers for name in each.checks}
    while now < mended + MENDED:
        now += PACE // 2
        watch.step(now)
        if all(each.over for each in watch.told if each.about in checks):
            return now - mended
    return None


def _next(now: int, onset: int, least: int, soon: int | None) -> int:
    """The next instant at which something is due; at `soon` an alert fires that only waits."""
    pace = max(least, next((pace for until, pace in PACES if now - onset < until), HOUR))
    then = now - now % pace + pace
    return then if soon is None else min(then, max(soon, now + MINUTE))


def _played(config: Any, scenario: Scenario, seed: int, answers: Sequence[Answer], watch: Watch) -> Played:
    onset = answers[0].fault.start
    found = [each.caught(watch.told) for each in answers]
    checks = [_check(config, one, each) for one, each in zip(found, answers, strict=True)]
    return Played(
        scenario=scenario.name,
        description=scenario.description,
        seed=seed,
        onset=onset,
        until=0,
        within=scenario.within,
        answers=tuple(answers),
        settles=tuple(each.settle for each in checks),
        told=tuple(watch.told),
        held=len(watch.held),
        ticks=tuple(each for each in watch.ticks if each > onset),
        check=checks[0].name,
        bound=str(checks[0].fail or ""),
        course=tuple(watch.course.get(checks[0].name, ())),
    )


def _check(config: Any, told: Told | None, of: Answer) -> Any:
    return config.checks[told.about if told else of.checks[0]]
