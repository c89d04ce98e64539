"""What only pages ask for: the runs of a check, and what each check measures, in its definition's words."""

from sqlalchemy import func, select

from monitor.model import Outcome, Window
from monitor.store.database import Store, reading
from monitor.store.runs import Run
from monitor.store.tables import checks, definitions, readings, runs, seams


def runs_of(store: Store, check_id: int, since: int, most: int = 200) -> list[Run]:
    """The last runs of a check that began at or after `since`, the newest first."""
    query = (
        select(checks.c.name, runs)
        .join_from(runs, checks, runs.c.check_id == checks.c.id)
        .where(runs.c.check_id == check_id, runs.c.started >= since)
    )
    with reading(store) as connection:
        rows = connection.execute(query.order_by(runs.c.id.desc()).limit(most)).all()
    return [
        Run(
            row.name,
            row.at,
            row.started,
            row.finished,
            None if row.outcome is None else Outcome(row.outcome),
            row.error,
            row.rows,
            row.scans,
        )
        for row in rows
    ]


def canonical(store: Store, pipeline: str) -> dict[str, str]:
    """What each present check measures, by name."""
    query = (
        select(checks.c.name, definitions.c.canonical)
        .join_from(definitions, checks, definitions.c.check_id == checks.c.id)
        .where(checks.c.pipeline == pipeline, checks.c.deleted.is_(None), definitions.c.retired.is_(None))
    )
    with reading(store) as connection:
        return dict(connection.execute(query).all())


def outcomes(store: Store, pipeline: str, most: int) -> dict[str, list[Outcome]]:
    """The outcomes of each present check's last readings of the total, the oldest first, by name."""
    mine = (readings.c.dimension == "") & (readings.c.segment == "")
    present = (checks.c.pipeline == pipeline) & checks.c.deleted.is_(None)
    found: dict[str, list[Outcome]] = {}
    with reading(store) as connection:
        for id_, name in connection.execute(select(checks.c.id, checks.c.name).where(present)).all():
            last = select(readings.c.outcome).where(readings.c.check_id == id_, mine)
            rows = connection.scalars(last.order_by(readings.c.at.desc()).limit(most))
            found[name] = [Outcome(each) for each in rows][::-1]
    return found


def redefined(store: Store, pipeline: str, window: Window) -> list[tuple[int, str]]:
    """When present checks began to measure something else, and their names."""
    first = select(func.min(_others.c.at)).where(_others.c.check_id == seams.c.check_id).scalar_subquery()
    query = (
        select(seams.c.at, checks.c.name)
        .join_from(seams, checks, seams.c.check_id == checks.c.id)
        .where(checks.c.pipeline == pipeline, checks.c.deleted.is_(None), seams.c.at > first)
        .where(seams.c.at >= window.start, seams.c.at < window.end)
    )
    with reading(store) as connection:
        return [(at, name) for at, name in connection.execute(query.order_by(seams.c.at))]


_others = seams.alias()
