"""When a trouble began: one answer, on the pages as in the runbook."""

from pathlib import Path

from monitor import config, packs, store
from monitor.board import board
from monitor.objectives.burning import standings
from monitor.shown.since import since
from monitor.shown.situation import situation
from monitor.store import open_store
from monitor.views.on_call import on_call
from monitor.views.span import span
from tests.dashboards import stores


def test_pages_and_runbook_say_the_same(tmp_path: Path) -> None:
    seeded = stores.burning(tmp_path)
    loaded, opened = config.load(seeded.path), open_store(config.load(seeded.path).store)
    loaded = packs.seen(loaded, store.settings(opened, loaded.pipeline))
    seen = board(loaded, opened, burns=True)
    shown = {
        each.check: each.since
        for each in on_call(loaded, opened, seen, seeded.at, span("24h", seeded.at, None)).troubles
    }
    assert abs((shown["ingestion-success"] or 0) - stores.ONSET) <= 60_000_000
    for name, at in shown.items():
        assert situation(loaded, opened, seen, seeded.at, name).began == at
    opened.close()


def test_what_is_well_began_at_no_time(tmp_path: Path) -> None:
    seeded = stores.well(tmp_path)
    loaded, opened = config.load(seeded.path), open_store(config.load(seeded.path).store)
    every = standings(board(loaded, opened, burns=True), seeded.at)
    assert {since(loaded, opened, each) for each in every} == {None}
    assert {since(loaded, opened, each, [seeded.at, None]) for each in every} == {seeded.at}
    opened.close()
