"""Rollups: one transaction per check writes them, and every longer window is read from them."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from sqlalchemy import Connection

from monitor.model import TOTAL, Reading, Segment, Sums, Window
from monitor.store import definitions, lease, memory, readings
from monitor.store.beforehand import Beforehand
from monitor.store.database import Store, bump, reading, reported, writing
from monitor.store.definitions import Definition
from monitor.store.lease import Fence
from monitor.store.past import past_of
from monitor.store.segments import ids
from monitor.store.windows import buckets_of, pending_of, sums_of, unfinished_of
from monitor.store.writer import Scan, Written, put


@dataclass(slots=True)
class Transaction:
    """Everything that a tick writes for one check, together or not at all.

    `definition` is as it was when the transaction began, after waiting for other writers of the same one.
    """

    connection: Connection
    definition: Definition
    before: Beforehand
    changed: bool = field(default=False)

    def put(
        self,
        computed: Sequence[Window],
        sums: Mapping[tuple[int, Segment], Sums],
        now: int,
        closed_until: int,
        restate: bool = False,
        width: int | None = None,
    ) -> Written:
        """Stores the buckets of the `computed` stretches, which were read from the source at `now`.

        `sums` is keyed by bucket start and segment; a bucket without a total was measured and found empty,
        and what lies outside `computed` is ignored. Buckets that end at or before `closed_until` become
        final. A final bucket stays as it is, and so does one that was computed after `now`, unless `restate`.
        Where only hours or quarters are left, whole hours are restated: raises ValueError for a part of one,
        and for stretches off the definition's grid.

        With a `width`, a coarser tier's, the stretches were read in its buckets: all closed, and stored where
        nothing inside them is final yet. Raises ValueError for open ones, and together with `restate`.
        """
        scan = Scan(computed, sums, now, closed_until, restate, width or self.definition.bucket)
        written = put(self.connection, self.definition, scan, self.before)
        self.changed = self.changed or written.changed + written.touched > 0
        return written

    def sums(self, window: Window) -> tuple[Window, dict[Segment, Sums], int]:
        """See the function `sums`; sees what this transaction has written."""
        return sums_of(self.connection, self.definition, window, self.before.segments[self.definition.id])

    def buckets(self, window: Window, segment: Segment = TOTAL) -> list[tuple[int, int, Sums]]:
        """See the function `buckets`; sees what this transaction has written."""
        return buckets_of(self.connection, self.definition, window, segment)

    def past(
        self, windows: Sequence[Window], only: Segment | None = None
    ) -> list[tuple[Window, dict[Segment, Sums]]]:
        """The measures by segment, or of one, of every window that was measured whole; sees what this
        transaction wrote.
        """
        return past_of(self.connection, self.definition, windows, only)

    def pending(self, window: Window) -> list[Window]:
        """See the function `pending`; sees what this transaction has written."""
        return pending_of(self.connection, self.definition, window)

    def remember(self, rows: Mapping[str, int], now: int, forget: int) -> dict[str, int]:
        """Merges new instants by key into the memory, the later of two, and returns it as of `now`.

        Instants after `now` are neither stored nor returned; keys silent longer than `forget` are dropped.
        """
        merged, changed = memory.remember(self.connection, self.definition.id, rows, now, forget)
        self.changed = self.changed or changed
        return merged

    def put_readings(self, at: int, rows: Sequence[tuple[Segment, Window, Reading]]) -> None:
        """Replaces the check's readings of the instant `at`."""
        last = self.before.readings(self.definition.check_id)
        self.changed = readings.put(self.connection, self.definition, at, rows, last) or self.changed
        self.before.said(self.definition.check_id)

    def shown(self) -> frozenset[Segment]:
        """The segments that the check last showed: they stay shown while they last."""
        return readings.segments_of(self.before.readings(self.definition.check_id))


@contextmanager
def transaction(store: Store, definition: Definition, fence: Fence | None = None) -> Generator[Transaction]:
    """One check's transaction, committed when the block ends and rolled back when it raises.

    Waits for other writers of the same definition. With a fence raises LeaseLost unless the lease is still
    held under its epoch; a new tenure cannot begin before the transaction ends. Raises StoreError.
    """
    with together(store, [definition], fence) as of, of(definition) as tx:
        yield tx


Of = Callable[[Definition], AbstractContextManager[Transaction]]


@contextmanager
def together(store: Store, some: Sequence[Definition], fence: Fence | None = None) -> Generator[Of]:
    """One transaction for several checks, committed when the block ends; yields what opens a part of it.

    A part that raises is rolled back alone, to where it began: the other checks keep what they wrote.
    Otherwise as `transaction`.
    """
    with writing(store) as connection:
        if fence is not None:
            lease.check(connection, fence)
        locked = definitions.locked(connection, some)
        before = Beforehand(connection, some)
        changed = 0

        @contextmanager
        def of(definition: Definition) -> Generator[Transaction]:
            nonlocal changed
            with reported(store), connection.begin_nested() if len(some) > 1 else nullcontext():
                tx = Transaction(connection, locked[definition.id], before)
                yield tx
            changed += tx.changed

        yield of
        if changed:
            bump(connection, changed)


def pending(store: Store, definition: Definition, window: Window) -> list[Window]:
    """The stretches of whole buckets inside a window that have no final rollup, merged, in order of time.

    They were never computed, or are still open. What is left only as final hours or quarters counts as final.
    """
    with reading(store) as connection:
        return pending_of(connection, definition, window)


def unfinished(store: Store, definition: Definition, before: int, now: int) -> list[Window]:
    """The stretches of stored rollups before an instant that are not final; those computed up to `now`."""
    with reading(store) as connection:
        return unfinished_of(connection, definition, before, now)


def sums(store: Store, definition: Definition, window: Window) -> tuple[Window, dict[Segment, Sums], int]:
    """The measures of a window by segment, the window that they stand for, and how much of it was measured.

    Ends that fall inside a coarser rollup, where the finer ones are gone, round down to its grid; the
    returned window shows it. The last value is how many microseconds of the window have a rollup. Without any
    there are no sums at all; a measured window always has a total.
    """
    with reading(store) as connection:
        return sums_of(connection, definition, window, ids(connection, definition.id))


def buckets(
    store: Store, definition: Definition, window: Window, segment: Segment = TOTAL
) -> list[tuple[int, int, Sums]]:
    """(start, width, measures) of the finest rollups left in a window, in order of time.

    Of a segment, the buckets in which it did not occur are left out.
    """
    with reading(store) as connection:
        return buckets_of(connection, definition, window, segment)
