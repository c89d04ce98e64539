"""With which check a trouble began, and whether the model or the system is at fault."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.attribute.cause import Origin, Share
from monitor.attribute.legs import Leg
from monitor.binding.sources import datasets
from monitor.model import MINUTE, MISSING, OTHER, Stage

BLUR = 5 * MINUTE
"""How much an onset may be off, at least: the buckets before a trouble's have some bad rows too."""

MODELS = frozenset({"model_version", "variant"})
"""Dimensions by which models are told apart."""

QUALITY = frozenset({"quality", "behavioural", "outcome"})
SYSTEM = "system"
"""Tags by which a check says that it judges what models give, or the path on which that is known."""

JUDGES = frozenset(
    """
    abandonment clickthrough compare diversity dwell edits ranking reformulation signal validity
    """.split()  # noqa: SIM905
)
"""Kinds that judge what models give, where no tag says otherwise."""

CARRIES = frozenset(
    "duplicates flow freshness latency match retention sampling schema skew volume".split()  # noqa: SIM905
)
"""Kinds that look at the path, where no tag says otherwise."""

BRINGS: Mapping[str, frozenset[str]] = {
    "volume": frozenset({"match", "flow", "latency", "volume", "duplicates", "bots"}),
    "freshness": frozenset({"match", "flow", "latency", "volume"}),
    "match": frozenset({"match", "latency", "volume"}),
    "flow": frozenset({"match", "latency"}),
}
"""By kind, the kinds of trouble that bring its own, where `upstream` says nothing."""

AHEAD = frozenset({Stage.CAPTURE, Stage.INGEST, Stage.ENRICH, Stage.STORE, Stage.FEATURE})
"""Stages at which a plain ratio or value speaks of the path."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A check in trouble, since when, and where: what may explain another."""

    check: Any
    since: int
    segments: tuple[Share, ...] = ()
    detail: Mapping[str, Any] | None = None
    leg: Leg | None = None


def nature(check: Any) -> str:
    """`quality` of what models give, `system` for the path, "" where neither is known."""
    tags = set(check.tags)
    if SYSTEM in tags:
        return "system"
    if tags & QUALITY or check.kind in JUDGES:
        return "quality"
    path = check.kind in CARRIES or (check.kind in ("ratio", "value") and check.stage in AHEAD)
    return "system" if path else ""


def origin(config: Any, lead: Lead, others: Iterable[Lead]) -> Origin:
    """The trouble with which this one began, the check's own where nothing explains it.

    Of the declared upstream checks that are in trouble since before, and of whom nobody upstream is, the
    first; else, of what judges quality, the first trouble of the path that its own rows take. Of a latency,
    the leg of its way on which late rows lose their time goes before; where nobody declared what is upstream,
    an earlier stage of the same rows whose trouble is of a kind that brings this one.
    """
    if lead.leg is not None:
        leg = lead.leg
        between = () if leg.check else (leg.start, leg.to)
        return Origin(leg.check or lead.check.name, leg.stage, lead.since, leg=between)
    by_name = {each.check.name: each for each in others if _may_explain(each, lead)}
    above = _above(config, lead.check, by_name)
    first = min((by_name[name] for name in above), key=_order, default=None)
    if first is None and nature(lead.check) == "quality":
        path = [each for each in by_name.values() if nature(each.check) == "system" and _share(each, lead)]
        first = min(path, key=_order, default=None)
    if first is None and not lead.check.upstream:
        brings = BRINGS.get(lead.check.kind, frozenset())
        before = [each for each in by_name.values() if each.check.kind in brings and _share(each, lead)]
        first = min((each for each in before if _order(each)[0] < _order(lead)[0]), key=_order, default=None)
    found = first or lead
    flows = [found, lead, *(each for each in by_name.values() if _share(each, lead))]
    return Origin(found.check.name, str(found.check.stage), min(found.since, lead.since), _lost_at(flows))


def at_fault(lead: Lead, began: Any) -> str:
    """`model` or `system`, "" where it cannot be told; `began` is the check with which it began.

    What judges quality on rows that came late or not at all says nothing of a model.
    """
    own, first = nature(lead.check), nature(began)
    if began.name != lead.check.name and first == "system":
        return "system"
    by_model = any(
        dimension in MODELS and value not in (MISSING, OTHER)
        for each in lead.segments
        for dimension, value in each.where
    )
    if own == "quality" or (by_model and lead.check.stage in (Stage.TRAIN, Stage.SERVE)):
        return "model"
    return own


def _may_explain(other: Lead, lead: Lead) -> bool:
    blur = max(BLUR, other.check.bucket, lead.check.bucket)
    same = other.check.name == lead.check.name
    return not same and other.since <= lead.since + blur and _meet(other.segments, lead.segments)


def _meet(some: tuple[Share, ...], others: tuple[Share, ...]) -> bool:
    """Whether two troubles may be in the same rows: no dimension of theirs has two values."""
    if not some or not others:
        return True
    pairs = ((dict(one.where), dict(other.where)) for one in some for other in others)
    return any(all(a[name] == b[name] for name in a.keys() & b.keys()) for a, b in pairs)


def _above(config: Any, check: Any, bad: Mapping[str, Lead]) -> list[str]:
    """Upstream, by declared edges, the checks in trouble above which no other is."""
    seen: set[str] = set()
    roots: list[str] = []

    def climb(name: str) -> bool:
        """Whether something above is in trouble."""
        found = False
        for above in config.checks[name].upstream if name in config.checks else ():
            if above not in seen:
                seen.add(above)
                higher = climb(above)
                if above in bad and not higher:
                    roots.append(above)
                found = found or higher or above in bad
        return found

    climb(check.name)
    return roots


def _order(lead: Lead) -> tuple[int, int]:
    return list(Stage).index(Stage(lead.check.stage)), lead.since


def _share(one: Lead, other: Lead) -> bool:
    """Whether two checks read the same dataset."""
    return bool(datasets(one.check) & datasets(other.check))


def _lost_at(some: Iterable[Lead]) -> str:
    """The stage that most of what is missing did not reach, by the first that follows rows through all."""
    for each in some:
        stage = (each.detail or {}).get("stage")
        if each.check.kind == "flow" and isinstance(stage, str):
            return stage
    return ""
