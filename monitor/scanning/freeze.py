"""Fix what a definition needs before anything is measured: edges of bins, a pinned baseline's counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.binding import bind
from monitor.binding.bind import Bound
from monitor.binding.exclusion import human
from monitor.binding.sources import Sources
from monitor.engines import Table
from monitor.errors import WeirError, origin
from monitor.model import Window
from monitor.plan import target
from monitor.scanning.view import Rows, drive
from monitor.store import Definition, Store, frozen


def freeze(
    store: Store,
    sources: Sources,
    tables: Mapping[str, Table | WeirError],
    bound: Sequence[Bound],
    definitions: Mapping[str, Definition],
    now: int,
) -> tuple[list[Bound], dict[str, WeirError]]:
    """The checks with what is fixed for them, as far as there is enough to fix it; and those that failed.

    What is fixed once stays, whatever the data say later: a baseline that moved would hide the drift.
    """
    asked = [each for each in bound if each.kind.freeze]
    known = frozen.recall(store, [definitions[each.check.name].id for each in asked])
    found: list[Bound] = []
    errors: dict[str, WeirError] = {}
    for each in bound:
        try:
            found.append(_frozen(store, sources, tables, each, definitions[each.check.name], known, now))
        except WeirError as error:
            errors[each.check.name] = error
        except Exception as error:  # a slip of a kind's costs its check, not the tick
            errors[each.check.name] = WeirError(
                f"Weir itself failed ({origin(error)})", hint="please report it"
            )
    return found, errors


def _frozen(
    store: Store,
    sources: Sources,
    tables: Mapping[str, Table | WeirError],
    bound: Bound,
    definition: Definition,
    known: Mapping[int, Any],
    now: int,
) -> Bound:
    if not bound.kind.freeze:
        return bound
    value = known.get(definition.id)
    if value is None:
        value = _asked(bound, sources, tables, now)
        value = None if value is None else frozen.keep(store, definition.id, value, now)
    return bound if value is None else bind.freeze(bound, value, tables)


def _asked(bound: Bound, sources: Sources, tables: Mapping[str, Table | WeirError], now: int) -> Any:
    """What the kind finds in the stretch that it asks for; None of too little."""
    check, live = bound.check, sources.live(tables)
    window = bound.kind.freeze_window(check.params, target(check, now)) if bound.timed else None

    def relation(dataset: str, stretch: Window | None) -> str | None:
        declared = live[dataset].dataset
        return sources.engines[declared.source].relation(declared, stretch)

    engine, robots = sources.engines[live[check.main_dataset].dataset.source], bound.exclusion
    relations = relation
    if robots and not robots.beside:
        relations = human(robots, live[robots.dataset], relation, engine.fetch)
    view = Rows(
        live, relations, sources.engines, check.main_dataset, check.where, (), window, now, by=bound.dims
    )
    assert bound.kind.freeze is not None  # noqa: S101 -- asked by the caller
    return drive(bound.kind.freeze(check.params, view), engine.fetch)
