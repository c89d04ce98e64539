"""What the store's tests have in common: instants, definitions, sums."""

from collections.abc import Mapping, Sequence

from monitor.model import HOUR, MINUTE, TOTAL, Merge, Segment, Sums, Window
from monitor.store import Definition, Store, Wanted, current, sums, sync, transaction

T0 = 1_700_000_000_000_000 - 1_700_000_000_000_000 % (24 * HOUR)  # midnight, 2023-11-14
RATIO: Mapping[str, Merge] = {"good": "sum", "total": "sum"}
RICH: Mapping[str, Merge] = {**RATIO, "slowest": "max", "fastest": "min", "delays": "histogram"}


def want(check: str = "clicks", hash: str | None = "h1", was: str | None = None, **other: object) -> Wanted:
    fields = {"kind": "ratio", "bucket": MINUTE, "merges": RATIO, "canonical": "count(*)", "settings": {}}
    return Wanted(check=check, hash=hash, was=was, **{**fields, **other})  # pyright: ignore


def define(store: Store, check: str = "clicks", **fields: object) -> Definition:
    return sync(store, "shop", [want(check, **fields)], T0)[check]  # pyright: ignore


def minute(number: int) -> int:
    return T0 + number * MINUTE


def minutes(first: int, last: int) -> Window:
    """[first, last) in minutes after T0."""
    return Window(minute(first), minute(last))


def ratio(good: float, total: float) -> Sums:
    return {"good": good, "total": total}


def write(
    store: Store,
    definition: Definition,
    window: Window,
    sums: Mapping[tuple[int, Segment], Sums] | None = None,
    *,
    now: int | None = None,
    closed: int | None = None,
    restate: bool = False,
    width: int | None = None,
):
    """Puts one stretch; without more it is read at its end and closed then. Default sums: 1 of 2 a bucket."""
    if sums is None:
        step = width or definition.bucket
        each = step // definition.bucket
        sums = {(start, TOTAL): ratio(each, 2 * each) for start in range(window.start, window.end, step)}
    now = window.end if now is None else now
    with transaction(store, definition) as tx:
        return tx.put([window], sums, now, now if closed is None else closed, restate, width)


def only(found: Mapping[Segment, Sums], names: Sequence[str] = ("good", "total")) -> tuple[object, ...]:
    return tuple(found[TOTAL][name] for name in names)


def sums_of(store: Store, window: Window, check: str = "clicks") -> tuple[object, ...]:
    """Good and total of a window, from what the store knows by itself."""
    (definition,) = (each for each in current(store, "shop") if each.check == check)
    return only(sums(store, definition, window)[1])
