"""What one check says of a stretch: from its rollups, and from what it said where they do not tell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitor import kinds
from monitor.model import Window
from monitor.store import Definition, Store
from monitor.store.pyramid import without
from monitor.store.spoken import Spoken, spoken
from monitor.trust import spoken as by_word
from monitor.trust import summed as by_sums
from monitor.trust.cells import Cells, cells
from monitor.trust.findings import Said, State, Stretch, filled, joined

BEFORE = "it was not measured then"
NEVER = "it was never measured"
STILL = "its rows may still come"


def judged(
    check: Any,
    store_: Store,
    definition: Definition | None,
    fixed: Mapping[int, Any],
    window: Window,
    now: int,
    strict: bool,
) -> Said:
    """Stretches that fill a window, and findings, as they are known at `now`; `fixed` is what was fixed once
    for definitions. Raises StoreError.
    """
    if definition is None:
        return Said(check.name, (Stretch(window, State.UNKNOWN, why=NEVER),))
    past = spoken(store_, definition.check_id, window.start)
    some = by_word.heard(max(check.every, 1), past, window)
    kind = kinds.load(check.kind)
    if rolled(kind, definition, fixed):
        judge = by_sums.Judge(check, kind, definition.merges, fixed.get(definition.id), strict)
        there = cells(store_, definition, window)
        found = by_sums.said(judge, there, window)
        found = _and_said(check, found, there, some, definition, window, strict)
    else:
        found = by_word.said(check.name, some, window, by_word.failing(strict))
    closed = now - check.settle - check.lateness
    gaps = filled(found.stretches, window, BEFORE)
    stretches = [part for each in gaps for part in _still(each, closed)]
    return replace(found, stretches=tuple(joined(stretches)))


def rolled(kind: Any, definition: Definition, fixed: Mapping[int, Any]) -> bool:
    """Whether rollups tell what a kind says of a window, without other windows of the past."""
    summed = bool(definition.bucket and definition.merges) and kind.query is None
    return summed and kind.history is None and not kind.tests and (not kind.freeze or definition.id in fixed)


def _still(stretch: Stretch, closed: int) -> Iterator[Stretch]:
    """What is not known because it is too young says so."""
    if stretch.state != State.UNKNOWN or stretch.why != BEFORE or stretch.window.end <= closed:
        yield stretch
        return
    middle = max(stretch.window.start, min(closed, stretch.window.end))
    yield replace(stretch, window=Window(stretch.window.start, middle))
    yield replace(stretch, window=Window(middle, stretch.window.end), why=STILL)


def _and_said(
    check: Any,
    found: Said,
    there: Cells,
    some: Sequence[by_word.Heard],
    definition: Definition,
    window: Window,
    strict: bool,
) -> Said:
    """With what rollups cannot tell: broken expectations, short failures of long ago, other definitions."""
    failed = by_word.failing(strict)
    coarse = [each for each in there.windows if each.length > check.window]

    def lasting(each: Spoken) -> bool:
        return failed(each) and (each.broken or _uncorrected(each, there, coarse))

    told = by_word.said(check.name, some, window, lasting) if any(lasting(one) for _, one in some) else None
    began = window.end if definition.since is None else definition.since
    old = by_word.said(check.name, some, window, failed) if began > window.start else None
    extra = [
        each
        for each in (told.stretches if told else ())
        if each.state == State.DAMAGED and _all_safe(each.window, found.stretches)
    ]
    before = [
        replace(each, window=Window(each.window.start, min(each.window.end, began)))
        for each in (old.stretches if old else ())
        if each.window.start < began
    ]
    findings = [each for one in (told,) if one for each in one.findings if _in(each.window, extra)]
    findings += [each for one in (old,) if one for each in one.findings if each.window.start < began]
    kept = [part for each in (*before, *found.stretches) for part in _without(each, extra)]
    stretches = joined(sorted((*kept, *extra), key=lambda each: each.window))
    return replace(found, stretches=tuple(stretches), findings=(*found.findings, *findings))


def _uncorrected(each: Spoken, there: Cells, coarse: Sequence[Window]) -> bool:
    """Whether a failure lies in rollups too coarse to show it, and these still have its bad rows."""
    over = [cell for cell in coarse if cell.start < each.window.end and each.window.start < cell.end]
    if not over:
        return False
    sums = there.sums(over)
    good, total = sums.get("good"), sums.get("total")
    if each.good is None or each.total is None or good is None or total is None:
        return True
    return total - good >= each.total - each.good


def _all_safe(window: Window, stretches: Iterable[Stretch]) -> bool:
    over = [each for each in stretches if each.window.start < window.end and window.start < each.window.end]
    return all(each.state == State.SAFE for each in over)


def _in(window: Window, some: Sequence[Stretch]) -> bool:
    return any(each.window == window for each in some)


def _without(each: Stretch, taken: Sequence[Stretch]) -> Iterator[Stretch]:
    yield from (replace(each, window=left) for left in without([each.window], [one.window for one in taken]))
