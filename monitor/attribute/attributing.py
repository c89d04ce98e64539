"""After a tick: what explains the troubles that it found. Where there are none, nothing is asked."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from monitor import store
from monitor.attribute import evidence
from monitor.attribute.beginning import Bucket, beginning, young
from monitor.attribute.cause import Cause, Share, read, written
from monitor.attribute.cells import Cells
from monitor.attribute.counting import way
from monitor.attribute.events import nearest
from monitor.attribute.evidence import Asked
from monitor.attribute.legs import Leg, leg
from monitor.attribute.origins import Lead, at_fault, origin
from monitor.attribute.parts import explain_parts
from monitor.attribute.segments import NOTHING, Explained, explain_count, explain_share
from monitor.attribute.sentence import sentence
from monitor.attribute.troubles import Trouble, lasting, smouldering, troubles
from monitor.binding.sources import Sources
from monitor.engines import Table
from monitor.errors import LeaseLost, StoreError, WeirError
from monitor.errors import origin as place
from monitor.judging.measured import Said
from monitor.model import DAY, HOUR, MINUTE, SECOND, Window
from monitor.prepare import Ready
from monitor.store import Fence, Store, attributions
from monitor.store.attributions import Kept

OLDEST = 10 * MINUTE
"""After so long a cause is looked for anew; sooner while the trouble is young."""

WORSE = 1.5
"""How many times as bad a trouble must be for its cause to be looked for anew at once."""

MOST = 6
"""Checks of which a tick counts rows for it: an outage of everything must not become one of Weir."""

LATELY = 2 * DAY
"""How old a finding is that may still be of a trouble that lasts."""

SHOWN = 0.5
"""The share of a trouble's bad rows that must be seen by two dimensions for them to say where it is."""

FRESH = 15 * MINUTE
"""For how long a trouble that no tick has seen since may explain another."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is looked at: checks as they are bound, and what stands in the store of earlier causes."""

    store: Store
    sources: Sources
    ready: Ready
    now: int
    kept: Mapping[str, Kept]

    @property
    def config(self) -> Any:
        return self.ready.config

    @property
    def tables(self) -> Mapping[str, Table]:
        return self.sources.live(self.ready.tables)


@dataclass(frozen=True, slots=True)
class Seen:
    """A trouble with what was found of it, before others are held against it."""

    trouble: Trouble
    since: int
    explained: Explained
    of: str
    leg: Leg | None = None


def attributed(
    store_: Store, sources: Sources, ready: Ready, readings: Sequence[Said], now: int, fence: Fence | None
) -> dict[str, Cause]:
    """The causes of the checks in trouble by name, kept in the store. Raises StoreError, LeaseLost.

    A check of which something cannot be told has what can; one whose source does not answer has no segments.
    """
    found = troubles(ready.config, readings)
    found += _lasting(store_, ready, readings, {each.check.name for each in found})
    if not found:
        return {}
    scene = Scene(
        store_, sources, ready, now, attributions.newest(store_, ready.config.pipeline, now - LATELY)
    )
    known = {
        name: read(scene.kept[name].content)
        for name in (each.check.name for each in found)
        if name in scene.kept and not _due(scene.kept[name], now)
    }
    grown = {each.check.name for each in found if each.check.name in known and _grown(each, known)}
    causes = {name: each for name, each in known.items() if name not in grown}
    seen = _seen(scene, [each for each in found if each.check.name not in causes])
    leads = _leads(scene, found, seen, causes)
    for each in seen:
        causes[each.trouble.check.name] = _cause(scene, each, leads)
    fresh = [causes[each.trouble.check.name] for each in seen]
    # A tick of the past says what it finds, and disturbs nothing that is known since.
    newer = {name for name, kept in scene.kept.items() if kept.at > now}
    attributions.put(store_, [_keep(scene, each) for each in fresh if each.check not in newer], fence)
    return causes


def _lasting(store_: Store, ready: Ready, readings: Sequence[Said], known: Collection[str]) -> list[Trouble]:
    """Budgets that burn too slowly for a window of their check to tell, and not for an hour."""
    found: list[Trouble] = []
    for each in smouldering(ready.config, readings, known):
        definition = ready.definitions.get(each.check.name)
        if definition is not None:
            end = each.said.window.end
            window = Window(end - max(HOUR, each.said.window.length), end)
            if lasting(each.check, store.sums(store_, definition, window)[1]):
                found.append(each)
    return found


def _due(kept: Kept, now: int) -> bool:
    """Whether a cause is looked for anew: as a trouble grows by half, at last every ten minutes."""
    seen = max(0, kept.until - kept.since)
    return now < kept.at or now - kept.at >= min(OLDEST, max(MINUTE - SECOND, seen // 2))


def _grown(trouble: Trouble, known: Mapping[str, Cause]) -> bool:
    """Whether it is worse than when its cause was found: it may be another."""
    cause, badly = known[trouble.check.name], trouble.badly
    worse = badly is not None and cause.badly is not None and badly >= WORSE * cause.badly
    return worse or (trouble.failing and not cause.failing)


def _seen(scene: Scene, some: Sequence[Trouble]) -> list[Seen]:
    """What is found of each, of those that fail first; those beyond the most come with a later tick."""
    found: list[Seen] = []
    scanned = 0
    bound = {each.check.name: each for each in scene.ready.bound}
    for trouble in some:
        name = trouble.check.name
        counts = way(bound[name], trouble.said.reading) if name in bound else None
        if name not in scene.ready.definitions or (counts and scanned >= MOST):
            continue
        scanned += counts is not None
        asked = None
        if counts:
            asked = Asked(scene.config, bound[name], counts, scene.tables, scene.sources, scene.now)
        try:
            found.append(_one(scene, trouble, asked))
        except (StoreError, LeaseLost):
            raise
        except Exception as error:  # what explains a check must not stop the others
            log.warning("no cause of %s: %s", name, place(error))
    return found


def _one(scene: Scene, trouble: Trouble, asked: Asked | None) -> Seen:
    check, window = trouble.check, trouble.said.window
    definition = scene.ready.definitions[check.name]
    if still := _still(trouble):
        return Seen(trouble, still, explain_parts(trouble.parts), _of(check, False))
    counted, explained, late = list[Bucket](), NOTHING, None
    try:
        if asked is not None and asked.way.measures and young(definition, window):
            counted = evidence.course(asked, window)
        since = beginning(scene.config, scene.store, definition, check, window, counted)
        if asked is not None:
            explained = _explained(asked, trouble, since)
            late = leg(asked, since, window.end) if check.kind == "latency" else None
    except WeirError as error:
        log.warning("no segments of %s: %s", check.name, type(error).__name__)
        since = beginning(scene.config, scene.store, definition, check, window)
    counts = explained.everywhere or (asked is not None and bool(explained.excess))
    if not explained.segments and not counts:
        parts = explain_parts(trouble.parts)
        explained = parts if parts.segments or not counts else explained
    return Seen(trouble, since, explained, _of(check, explained.flipped), late)


def _still(trouble: Trouble) -> int | None:
    """Since when nothing is new, where that is what a check reads: what is stale began with the last row."""
    age = trouble.said.reading.value
    if trouble.check.kind != "freshness" or age is None or not isfinite(age):
        return None
    return trouble.said.window.end - int(age * SECOND)


def _explained(asked: Asked, trouble: Trouble, since: int) -> Explained:
    until = trouble.said.window.end
    cells = evidence.evidence(asked, since, until)
    if _hidden(cells, trouble):
        return NOTHING
    if asked.way.of == "rows":
        before, after = evidence.windows(asked.bound, since, until)
        return explain_count(cells, after.length / before.length)
    slo = asked.bound.check.slo
    return explain_share(cells, 1 - slo.objective if slo else None)


def _hidden(cells: Cells, trouble: Trouble) -> bool:
    """Whether most bad rows are in groups of so few people that they are hidden; by one column fewer are."""
    reading = trouble.said.reading
    if not hasattr(trouble.check.params, "suppress_below") or reading.good is None or not reading.total:
        return False
    return float(cells.b1.sum()) < SHOWN * (reading.total - reading.good)


OF = {"match": "loss", "latency": "late events", "duplicates": "duplicates", "drift": "change"}


def _of(check: Any, flipped: bool) -> str:
    """What segments have a share of, in words."""
    if check.kind == "volume":
        return "surplus" if flipped else "missing rows"
    return "change" if flipped else OF.get(check.kind, "bad events")


def _leads(
    scene: Scene, found: Sequence[Trouble], seen: Sequence[Seen], known: Mapping[str, Cause]
) -> dict[str, Lead]:
    """Every check in trouble: of this tick, and of lately where another tick measures it."""
    leads = {
        name: Lead(scene.config.checks[name], kept.since, read(kept.content).segments)
        for name, kept in scene.kept.items()
        if name in scene.config.checks and kept.at >= scene.now - _fresh(scene.config.checks[name])
    }
    details = {each.check.name: each.said.reading.detail for each in found}
    measured = {each.check.name for each in scene.ready.bound}
    leads = {name: each for name, each in leads.items() if name in details or name not in measured}
    for each in seen:
        name = each.trouble.check.name
        leads[name] = Lead(each.trouble.check, each.since, _shares(each.explained), leg=each.leg)
    return {name: replace(each, detail=details.get(name)) for name, each in leads.items()}


def _fresh(check: Any) -> int:
    return max(FRESH, 3 * check.every)


def _shares(explained: Explained) -> tuple[Share, ...]:
    return tuple(
        Share(each.where, each.share, each.rows, each.bad, each.expected) for each in explained.segments
    )


def _cause(scene: Scene, seen: Seen, leads: Mapping[str, Lead]) -> Cause:
    check, lead = seen.trouble.check, leads[seen.trouble.check.name]
    began = origin(scene.config, lead, leads.values())
    slack = max(check.bucket, MINUTE)
    changed = {check.name, began.check}
    event = nearest(scene.config, scene.store, began.since, slack, lead.segments, changed)
    cause = Cause(
        check=check.name,
        at=scene.now,
        since=seen.since,
        until=seen.trouble.said.window.end,
        of=seen.of,
        segments=lead.segments,
        everywhere=seen.explained.everywhere,
        excess=seen.explained.excess or None,
        origin=began,
        event=event,
        fault=at_fault(lead, scene.config.checks[began.check]),
        failing=seen.trouble.failing,
        badly=seen.trouble.badly,
    )
    return replace(cause, sentence=sentence(cause))


def _keep(scene: Scene, cause: Cause) -> Kept:
    number = scene.ready.definitions[cause.check].check_id
    return Kept(cause.check, number, cause.since, max(cause.until, cause.since), cause.at, written(cause))
