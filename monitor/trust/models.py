"""What was deployed, on what stretch of time it was trained, and how much of that was damaged.

The dataset `deployments` says it with the columns (or column words) `trained_from` and `trained_until`. Where
it does not, a model is taken to be trained on what came since the version before it was deployed, or on as
much before its own deployment as one says; that is an assumption, and the answer says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.binding.sources import Sources
from monitor.deployments import MOST, ROLE, UNNAMED, deployments
from monitor.engines import Table
from monitor.engines.render import Scope, as_text, instant, within
from monitor.errors import WeirError
from monitor.model import DAY, Window
from monitor.store import Store
from monitor.store.pyramid import union
from monitor.trust.findings import State
from monitor.trust.together import Interval

FROM, UNTIL = "trained_from", ("trained_until", "trained_to")
AFTER = 28 * DAY
"""How long after a stretch a model that was trained on it may be deployed, where the registry knows."""


@dataclass(frozen=True, slots=True)
class Model:
    """A version that was deployed at `at`, and the stretch that it was trained on; `assumed` says how that
    was found out where nobody declared it, "" where somebody did.
    """

    at: int
    version: str
    trained: Window
    assumed: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """A model with how much of its training, in microseconds, was damaged, in part or whole, or not known.

    `checks` found the damage.
    """

    model: Model
    damaged: int
    partly: int
    unknown: int
    outside: int
    checks: tuple[str, ...]

    @property
    def state(self) -> State:
        """Of its training data."""
        if self.damaged:
            return State.DAMAGED
        if self.partly:
            return State.PARTLY
        return State.UNKNOWN if self.unknown or self.outside else State.SAFE


def models(
    config: Any, store: Store, window: Window, sources: Sources | None = None, length: int | None = None
) -> list[Model]:
    """The models whose training touches a window, in order of deployment.

    `length` is how much before a deployment was trained on, where nobody declared it. Without `sources` only
    what the store has recorded. Raises BindError and SourceError where the dataset cannot be read.
    """
    around = Window(window.start - AFTER, window.end + AFTER)
    declared = _declared(config, sources, around) if sources is not None and ROLE in config.datasets else []
    known = {(each.at, each.version) for each in declared}
    told = deployments(config, store, around, None if declared else sources)
    versions = [
        (each.at, each.what, each.status)
        for each in told
        if (each.at, each.what) not in known and (each.source == ROLE or _is_model(each.what))
    ]
    guessed = [] if declared else list(_guessed(versions, length))
    found = [each for each in (*declared, *guessed) if _touch(each.trained, window)]
    return sorted(found, key=lambda each: (each.at, each.version))


def read(config: Any, store: Store, window: Window, length: int | None = None) -> tuple[list[Model], str]:
    """The same with what the dataset says; where that does not answer, without it, and why."""
    try:
        with Sources(config) as sources:
            return models(config, store, window, sources, length), ""
    except WeirError as error:
        return models(config, store, window, None, length), str(error)


def _is_model(what: str) -> bool:
    """Whether something that was recorded by hand speaks of a model."""
    return "model" in what.casefold()


def _guessed(some: Sequence[tuple[int, str, str]], length: int | None) -> Iterator[Model]:
    instants = sorted({at for at, _, _ in some})
    for at, what, status in some:
        before = max((each for each in instants if each < at), default=None)
        assumed = "since the deployment before it" if before else "the day before it"
        if length is not None:
            before, assumed = at - length, "as long before it as was asked"
        yield Model(at, what, Window(at - DAY if before is None else before, at), assumed, status)


def _touch(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end


def touched(some: Iterable[Model], intervals: Sequence[Interval]) -> list[Touched]:
    """Each model with what of its training was not safe."""
    return [_touched(each, intervals) for each in some]


def _touched(model: Model, intervals: Sequence[Interval]) -> Touched:
    lengths = dict.fromkeys(State, 0)
    checks: dict[str, None] = {}
    for each in intervals:
        overlap = min(each.window.end, model.trained.end) - max(each.window.start, model.trained.start)
        if overlap <= 0:
            continue
        lengths[each.state] += overlap
        if each.state in (State.DAMAGED, State.PARTLY):
            checks |= {name: None for name, why in each.because if not why}
    known = sum(each.length for each in union([model.trained])) - sum(lengths.values())
    return Touched(
        model,
        lengths[State.DAMAGED],
        lengths[State.PARTLY],
        lengths[State.UNKNOWN],
        max(0, known),
        tuple(checks),
    )


# The registry -----------------------------------------------------------------------------------------------


def _declared(config: Any, sources: Sources, window: Window) -> list[Model]:
    """Deployments with the stretch that they say they were trained on; none without the columns."""
    dataset = config.datasets[ROLE]
    engine = sources.engines[config.source_of(ROLE).name]
    table = Table(dataset, engine.dialect, engine.describe(dataset))
    until = next((name for name in UNTIL if table.find(name)), None)
    time = dataset.time or "occurred_at"
    relation = engine.relation(dataset, window if dataset.time else None)
    if until is None or table.find(FROM) is None or table.find(time) is None or relation is None:
        return []
    scope = Scope(table)
    rows = engine.fetch(_select(scope, table, relation, window, until)).to_pylist()
    return [
        Model(
            int(row["t"]),
            str(row["what"] or UNNAMED),
            Window(int(row["a"]), int(row["b"])),
            status=str(row["status"] or ""),
        )
        for row in rows
        if row["a"] is not None and row["b"] is not None and row["t"] is not None
    ]


def _select(scope: Scope, table: Table, relation: str, window: Window, until: str) -> str:
    timed = table.dataset.time
    at = instant(timed or "occurred_at", scope)
    inside = within(window, scope) if timed else f"{at} >= {window.start} AND {at} < {window.end}"
    words = ("model_version", "status")
    what, status = (as_text(name, scope) if table.find(name) else "NULL" for name in words)
    trained = f"{instant(FROM, scope)} AS a, {instant(until, scope)} AS b"
    return (
        f"SELECT {at} AS t, {what} AS what, {status} AS status, {trained} FROM {relation}"
        f" WHERE {inside} ORDER BY t DESC LIMIT {MOST}"
    )
