"""What Weir remembers, in SQLite or PostgreSQL.

database        opening, transactions      schema, migrations/  bringing tables up to date
tables          the tables
definitions     checks, what they measure  rollups    one check's transaction; reading windows
writer          storing buckets            windows    merging them again
budgets         many long windows at once  compaction dropping what coarser rollups took over
past            many windows, with details  frozen    what is fixed once for a definition
alarms          where alerts stand          outbox    what is to be told          silences
readings runs watermarks counters memory marks lease
requests        what pages want done        samples, exhibits  what is kept for them to show
letters, probes what a pipeline was given to carry
"""

from monitor.store.budgets import slo_sums
from monitor.store.compaction import compact
from monitor.store.counters import Counter, counters
from monitor.store.database import Store, store_clock
from monitor.store.definitions import (
    Definition,
    Known,
    Wanted,
    current,
    known_checks,
    pipelines,
    seams_of,
    settings,
    sync,
)
from monitor.store.lease import Fence
from monitor.store.readings import Stored
from monitor.store.rollups import Of, Transaction, buckets, pending, sums, together, transaction, unfinished
from monitor.store.schema import open_store
from monitor.store.watermarks import Watermark
from monitor.store.windows import pending_of, stale_of, unfinished_of
from monitor.store.writer import Written

__all__ = [
    "Counter",
    "Definition",
    "Fence",
    "Known",
    "Of",
    "Store",
    "Stored",
    "Transaction",
    "Wanted",
    "Watermark",
    "Written",
    "buckets",
    "compact",
    "counters",
    "current",
    "known_checks",
    "open_store",
    "pending",
    "pending_of",
    "pipelines",
    "seams_of",
    "settings",
    "slo_sums",
    "stale_of",
    "store_clock",
    "sums",
    "sync",
    "together",
    "transaction",
    "unfinished",
    "unfinished_of",
]
