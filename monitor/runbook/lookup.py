"""From a name to the runbook that it calls for, with the check or dataset that it is about and its numbers.

A name is that of a check, an alert, a composite alert or a runbook. Where it leaves the check open, the one
that the alert would name now is taken, the most urgent first.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from monitor.alerting.sentences import RUNBOOKS
from monitor.board import board
from monitor.config.composites import members
from monitor.config.runbooks import is_address, names
from monitor.errors import UsageError
from monitor.model import Outcome
from monitor.objectives.burning import Standing, standings
from monitor.runbook.text import Runbook, filled, read
from monitor.shown.situation import Iso, Situation, as_markdown, md, places, situation
from monitor.shown.situation import to_json as situation_json
from monitor.store import Store

CHECKS_OWN: dict[str, Callable[[Standing], bool]] = {
    "BudgetBurn": lambda each: bool(each.burning and each.burning.severity),
    "SegmentBurn": lambda each: bool(each.burning and each.burning.segment),
    "IngestionFailing": lambda each: each.row.kind == "match" and each.row.outcome == Outcome.FAIL,
    "CheckFailing": lambda each: each.row.outcome == Outcome.FAIL,
    "SegmentFailing": lambda each: each.row.slo is None and bool(each.row.failing),
    "CheckAnomalous": lambda each: bool(each.row.findings & {"anomaly", "trend"}),
}
"""Alerts about what a check measures, which lead to the check's own runbook, and the checks they may mean."""

OF_WEIR: dict[str, Callable[[Standing], bool]] = {
    "CheckError": lambda each: each.row.outcome == Outcome.ERROR,
    "CheckStale": lambda each: each.stale,
    "SliMissing": lambda each: each.stale,
}
"""Alerts about whether a check is measured."""

ALERTS = tuple(sorted({*RUNBOOKS, *CHECKS_OWN}))


NO_CHECK = (
    "> CHECK stands for the name of a check: none calls for this runbook now. `weir status` names them, and "
    "`--check NAME` fills one in."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: a name, and where they are given what it is about and the alert that led here.

    `composite` is the name of the composite alert, which says of which checks it speaks.
    """

    name: str
    check: str = ""
    dataset: str = ""
    alert: str = ""
    composite: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A runbook with its places filled in, and what is known now; `alert` is "" where none was asked for.

    `elsewhere` is the address of the check's own runbook, where it is not one of Weir's; `others` are further
    checks that the alert may speak of.
    """

    runbook: Runbook
    situation: Situation
    alert: str = ""
    lead: str = ""
    elsewhere: str = ""
    others: tuple[str, ...] = ()

    def markdown(self, iso: Iso) -> str:
        """The whole page: title, what is known now, what the alert means, the sections."""
        title, _, rest = self.runbook.text.partition("\n")
        if not title.startswith("# "):
            title, rest = f"# {self.runbook.name}", self.runbook.text
        notes = [f"> The check's own runbook: <{self.elsewhere}>"] if self.elsewhere else []
        notes += [f"> **{self.alert}**: {self.lead}"] if self.lead else []
        if self.others:
            said = "Its other checks are" if self.alert == "Composite" else "The same may be said of"
            notes.append(f"> {said} {', '.join(md(name) for name in self.others)}.")
        if self.situation.check is None and any("CHECK" in line for line in self.runbook.commands):
            notes.append(NO_CHECK)
        parts = [title, as_markdown(self.situation, iso).strip(), *notes, rest.strip()]
        return "\n\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class _Target:
    runbook: str
    check: str = ""
    dataset: str = ""
    alert: str = ""
    others: tuple[str, ...] = ()


def opened(config: Any, store: Store, asked: Asked, now: int, config_path: str, iso: Iso) -> Opened:
    """The runbook for what was asked for. Raises UsageError for a name that means nothing."""
    seen = board(config, store, burns=True)
    target = _target(config, standings(seen, now), asked)
    target = replace(target, alert=target.alert or (asked.alert if asked.alert in ALERTS else ""))
    elsewhere = target.runbook if is_address(target.runbook) else ""
    name = config.checks[target.check].kind if elsewhere and target.check else target.runbook
    found = situation(config, store, seen, now, target.check, target.dataset)
    runbook = filled(read(name, config.folder), places(config, found, config_path, iso))
    lead = _lead(target.alert, config.folder) if target.check and target.alert in CHECKS_OWN else ""
    return Opened(runbook, found, target.alert, lead, elsewhere, target.others)


def unconfigured(name: str, folder: Path) -> Runbook:
    """The runbook of an alert or of a name while the configuration is broken. Raises UsageError."""
    alert = _alert(name)
    return read(RUNBOOKS.get(alert, kebab(alert)) if alert else name, folder)


def _alert(name: str) -> str:
    """The alert that a name means, however it is spelt: `BudgetBurn`, `budget-burn`; "" for none."""
    return {each.casefold(): each for each in ALERTS}.get(name.replace("-", "").casefold(), "")


def _lead(alert: str, folder: Path) -> str:
    """The first paragraph of what an alert means, in one line."""
    general = read(kebab(alert), folder).sections
    return " ".join(general[0].body.split("\n\n")[0].split()) if general else ""


def kebab(alert: str) -> str:
    """`BudgetBurn` as `budget-burn`: the name of the alert's own runbook."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in alert).lstrip("-")


# What a name means ------------------------------------------------------------------------------------------


def _target(config: Any, found: Sequence[Standing], asked: Asked) -> _Target:
    check = asked.check and _one_of(config, "check", asked.check, config.checks)
    dataset = asked.dataset and _one_of(config, "dataset", asked.dataset, config.datasets)
    if asked.name in config.checks:
        return _Target(config.checks[asked.name].runbook, asked.name)
    if asked.composite in config.composites:
        return _of_composite(config, found, asked.composite, check)
    alert = _alert(asked.name)
    if alert:
        return _of_alert(config, found, alert, check, dataset)
    if asked.name in config.composites:
        return _of_composite(config, found, asked.name, check)
    if asked.name in names(config.folder):
        if dataset:
            return _Target(asked.name, dataset=dataset)
        first, others = _chosen(found, check, lambda each: each.row.runbook == asked.name)
        return _Target(asked.name, first, others=() if check else others)
    if asked.name in config.off:
        raise _off(config, asked.name)
    raise UsageError(
        f"there is no check, alert or runbook '{asked.name[:100]}'", hint=_near(config, asked.name)
    )


def _of_alert(config: Any, found: Sequence[Standing], alert: str, check: str, dataset: str) -> _Target:
    if alert in CHECKS_OWN:
        check, others = _chosen(found, check, CHECKS_OWN[alert])
        runbook = config.checks[check].runbook if check else kebab(alert)
        return _Target(runbook, check, "", alert, others)
    if alert in OF_WEIR:
        check, others = _chosen(found, check, OF_WEIR[alert])
        return _Target(RUNBOOKS[alert], check, "", alert, others)
    return _Target(RUNBOOKS[alert], "" if dataset else check, dataset, alert)


def _of_composite(config: Any, found: Sequence[Standing], name: str, check: str) -> _Target:
    """The most urgent of its checks stands for all of them."""
    composite = config.composites[name]
    own = members(composite.condition)
    chosen, others = _chosen(found, check, lambda each: each.row.name in own)
    return _Target(composite.runbook or RUNBOOKS["Composite"], chosen, "", "Composite", others)


def _chosen(
    found: Sequence[Standing], check: str, fits: Callable[[Standing], bool]
) -> tuple[str, tuple[str, ...]]:
    """The check that is asked for, else the first that fits, and the others that do."""
    fitting = [each.row.name for each in found if each.row.enabled and fits(each)]
    check = check or (fitting[0] if fitting else "")
    return check, tuple(name for name in fitting if name != check)


def _one_of(config: Any, what: str, name: str, known: Iterable[str]) -> str:
    if name in known:
        return name
    if what == "check" and name in config.off:
        raise _off(config, name)
    raise UsageError(f"there is no {what} '{name[:100]}'", hint=_closest(name, known))


def _off(config: Any, name: str) -> UsageError:
    off = config.off[name]
    hint = f"weir runbook {off.check.runbook} opens its runbook all the same" if off.check else ""
    return UsageError(f"the check '{name}' is off: {off.why}", hint=hint)


def _near(config: Any, name: str) -> str:
    return _closest(name, [*config.checks, *ALERTS, *config.composites, *names(config.folder)])


def _closest(name: str, known: Iterable[str]) -> str:
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), folded, 1)
    return f"did you mean '{folded[near[0]]}'?" if near else "weir runbook lists what calls for one"


def to_json(found: Opened, iso: Iso) -> dict[str, Any]:
    """The object of `weir runbook --json`: the page, its sections and commands, and what is known now."""
    return {
        "runbook": found.runbook.name,
        "title": found.runbook.title,
        "alert": found.alert or None,
        "check": found.situation.check.name if found.situation.check else None,
        "dataset": found.situation.dataset or None,
        "elsewhere": found.elsewhere or None,
        "others": list(found.others),
        "now": situation_json(found.situation, iso),
        "sections": [{"title": each.title, "text": each.body} for each in found.runbook.sections],
        "commands": list(found.runbook.commands),
        "markdown": found.markdown(iso),
    }
