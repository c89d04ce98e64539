"""What a tick would do on an empty store, without reading a row: for `weir plan` and `weir explain`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from monitor import packs
from monitor.binding.bind import Bound, bind, conditions, refuses
from monitor.binding.exclusion import shown
from monitor.binding.sources import Sources
from monitor.engines.render import Scope, render
from monitor.engines.select import selects
from monitor.errors import BindError, WeirError, located
from monitor.expr import Fragment
from monitor.model import Window
from monitor.plan import Draft, Scan, plan
from monitor.scanning.view import Rows, first


@dataclass(frozen=True, slots=True)
class Seen:
    """A scan as people read it. `end` is 0 for a dataset that is read whole."""

    dataset: str
    checks: tuple[str, ...]
    start: int
    end: int
    sql: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Scans in order, the number of each check's first one, and what does not fit or cannot be reached.

    `config` has the packaged checks that are on; `off` says of the others why.
    """

    bound: tuple[Bound, ...]
    scans: tuple[Seen, ...]
    scan_of: dict[str, str]
    errors: dict[str, WeirError]
    config: Any
    off: Mapping[str, str]


def preview(
    config: Any,
    sources: Sources,
    now: int,
    only: frozenset[str] | None = None,
    remembered: Mapping[str, Mapping[str, Any]] | None = None,
) -> Preview:
    """Describe, bind and plan; every SELECT is also held against the source, which finds wrong types.

    `remembered` is what the store knows of packaged checks (`packs.fit`).
    """
    tables = sources.describe(config, only)
    fitted = packs.fit(config, remembered or {}, partial(refuses, config, tables), only)
    config = fitted.config
    bound, errors = bind(config, tables, only)
    live = sources.live(tables)
    errors |= {each.check.name: wrong for each in bound if (wrong := _no_truth(config, each, sources, live))}
    draft = plan(Draft(config, now, tuple(bound), lambda _bound, window: [window]))
    for scan in draft.scans:
        errors = _refused(config, scan, sources, live) | errors
    seen = [_seen(scan, sources, live) for scan in draft.scans]
    numbers: dict[str, str] = {}
    for number, each in enumerate(seen, 1):
        for check in each.checks:
            numbers.setdefault(check, str(number))
    return Preview(tuple(bound), tuple(seen), numbers, errors, config, fitted.off)


def _no_truth(config: Any, bound: Bound, sources: Sources, live: Any) -> WeirError | None:
    """The first of a check's fragments that gives something else than a truth value."""
    for path, dataset, sql in conditions(bound.check):
        engine, scope = sources.engines[config.source_of(dataset).name], Scope(live[dataset])
        query = f"SELECT {render(Fragment(sql), scope)} AS x FROM {engine.example(live[dataset].dataset)}"
        place = config.place("checks", bound.check.name, *path)
        try:
            found = engine.types(query)["x"]
        except WeirError as error:
            return located(BindError(error.message, hint=error.hint), check=bound.check.name, place=place)
        if found.family != "boolean":
            message = f"'{path[-1]}' gives {found.raw}, where true or false is expected"
            return BindError(
                message, place=place, check=bound.check.name, hint="compare it, such as … is not null"
            )
    return None


def _refused(config: Any, scan: Scan, sources: Sources, live: Any) -> dict[str, WeirError]:
    """The checks whose SELECTs the source refuses, each asked alone."""
    errors: dict[str, WeirError] = {}
    for part in scan.parts:
        try:
            for sql in _sql(scan.only((part,)), sources, live, example=True):
                sources.engines[scan.source].check(sql)
        except WeirError as error:
            kept = BindError(error.message, source=error.source, hint=error.hint)
            wrong = kept if isinstance(error, BindError) else error
            errors.setdefault(
                part.check, located(wrong, check=part.check, place=config.place("checks", part.check))
            )
    return errors


def _seen(scan: Scan, sources: Sources, live: Any) -> Seen:
    start = min((window.start for window in scan.windows), default=0)
    end = max((window.end for window in scan.windows), default=0)
    try:
        sql = tuple(_sql(scan, sources, live))
    except WeirError:
        sql = ()
    return Seen(scan.dataset, tuple(dict.fromkeys(scan.checks)), start, end, sql)


def _sql(scan: Scan, sources: Sources, live: Any, example: bool = False) -> list[str]:
    window = scan.windows[-1] if scan.windows else None

    def relation(dataset: str, stretch: Window | None) -> str | None:
        whole = live[dataset].dataset
        engine = sources.engines[whole.source]
        return engine.example(whole) if example else engine.relation(whole, stretch)

    part, engines, relations, agents = scan.parts[0], sources.engines, relation, list[str]()
    if part.exclusion:
        relations, agents = shown(part.exclusion, live[part.exclusion.dataset], relation)
    job = part.job
    if job is None:
        selected = [each.alone for each in selects(scan, window, live, relations)]
        return [*dict.fromkeys(agents), *selected]
    view = Rows(live, relations, engines, scan.dataset, part.where, (), window, job.now, job.frozen)
    found = first(job.steps(job.params, view))
    return [*dict.fromkeys(agents), *found]
