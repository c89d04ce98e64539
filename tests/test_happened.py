"""What went out and what changed, in one list."""

from pathlib import Path
from types import SimpleNamespace

from monitor import audit
from monitor.deployments import mark
from monitor.happened import happened
from monitor.model import HOUR, Window
from monitor.store import open_store
from monitor.store.deployments import Marked

NOW = 1_795_000_000_000_000
CONFIG = SimpleNamespace(pipeline="shop")


def test_deployments_and_changes_stand_in_order_and_nothing_else(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'weir.db'}")
    mark(store, "shop", Marked(NOW - HOUR, "model v42", "ada", NOW))
    mark(store, "shop", Marked(NOW + HOUR, "model v43", "ada", NOW))
    for at, action, subject in (
        (NOW - 2 * HOUR, "configuration", "changed volume"),
        (NOW - HOUR // 2, "maintenance add", "7"),
        (NOW - HOUR // 3, "acknowledge", "3"),
        (NOW - 9 * HOUR, "configuration", "long ago"),
    ):
        audit.record(store, "shop", at, "ada", action, subject, {})
    audit.record(store, "other", NOW - HOUR, "ada", "configuration", "of another pipeline", {})
    assert happened(CONFIG, store, Window(NOW - 3 * HOUR, NOW + 3 * HOUR), NOW) == (
        (NOW - 2 * HOUR, "configuration: changed volume"),
        (NOW - HOUR, "model v42"),
        (NOW - HOUR // 2, "maintenance planned: 7"),
    )
    assert happened(CONFIG, store, Window(NOW + 1, NOW + HOUR), NOW) == ()
    store.close()
