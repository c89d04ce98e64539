"""Who is not told twice, and what waits: the same for Alertmanager and for Weir's own notifier.

Matching is Alertmanager's (inhibit/inhibit.go): a firing source that matches holds back a target that
matches and has the same values under `equal`, where a label that is not there is empty. Alerts that match
both sides do not hold back each other, nor themselves.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from monitor import names
from monitor.alerting.rules_held import EXPLAINS, TICKETS
from monitor.model import Severity

NAME = "alertname"
OWN = ("ConfigNotLoaded", "RulesOutdated", "SliMissing")
"""Weir's own health: no plan makes it right."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A label and what it must or must not be; a pattern matches the whole value."""

    label: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.label, "")
        same = value == self.value if self.op in ("=", "!=") else bool(re.fullmatch(self.value, value))
        return same == (self.op in ("=", "=~"))


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While a source fires, targets with the same labels wait. `why` is a comment."""

    why: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def holds_back(self, source: Mapping[str, str], target: Mapping[str, str]) -> bool:
        """Whether an alert with the first labels holds back one with the second; both with `alertname`."""
        if not (_all(self.source, source) and _all(self.target, target)):
            return False
        both = _all(self.source, target) and _all(self.target, source)
        return not both and all(source.get(name, "") == target.get(name, "") for name in self.equal)


def _all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    return all(each.matches(labels) for each in matchers)


def inhibitions() -> tuple[Inhibition, ...]:
    """The same for every configuration: what differs is which alerts there are."""
    page, ticket = Matcher(names.SEVERITY, "=", Severity.PAGE), Matcher(names.SEVERITY, "=", Severity.TICKET)
    told = Matcher(names.SEVERITY, "=~", f"{Severity.PAGE}|{Severity.TICKET}")
    work = Matcher(NAME, "=", "Maintenance")
    of_slo, of_check = Matcher(names.SLO, "!=", ""), Matcher(names.CHECK, "!=", "")
    not_own = Matcher(NAME, "!~", "|".join(OWN))
    explained = tuple(
        Inhibition(
            f"A page upstream that began before explains this {name}: it waits.",
            (Matcher(NAME, "=", "Explained"), Matcher(EXPLAINS, "=", name)),
            (Matcher(NAME, "=", name), ticket),
            (names.PIPELINE, names.SLO, names.CHECK, names.FINDING),
        )
        for name in sorted(TICKETS)
    )
    return (
        Inhibition(
            "Who is paged for an objective needs no ticket for it.",
            (page, of_slo),
            (ticket, of_slo),
            (names.PIPELINE, names.SLO),
        ),
        *explained,
        Inhibition(
            "Planned work on the whole pipeline; Weir's own health is told of all the same.",
            (work, Matcher(names.CHECK, "=", "")),
            (told, not_own),
            (names.PIPELINE,),
        ),
        Inhibition(
            "Planned work on a check, or one that is snoozed: its budget.",
            (work, of_slo),
            (told, of_slo, not_own),
            (names.PIPELINE, names.SLO),
        ),
        Inhibition(
            "And what else it says.",
            (work, of_check),
            (told, of_check, not_own),
            (names.PIPELINE, names.CHECK),
        ),
    )


def held_back(firing: Sequence[Mapping[str, str]], target: Mapping[str, str]) -> bool:
    """Whether any firing alert holds back another; labels with `alertname`."""
    return any(rule.holds_back(source, target) for rule in inhibitions() for source in firing)


def matchers(of: Iterable[Matcher]) -> list[str]:
    """As Alertmanager writes them."""
    return [f"{each.label}{each.op}{json.dumps(each.value, ensure_ascii=False)}" for each in of]
