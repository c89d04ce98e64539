"""A check's runbook with the numbers of now, beside the page."""

from typing import Any

from monitor.iso import iso
from monitor.runbook.lookup import Asked, opened
from monitor.runbook.page import config_path
from monitor.store import Store


def guide(config: Any, store: Store, check: str, now: int) -> str:
    """Markdown; names and values from data are escaped in it. Raises UsageError for an unknown check."""
    return opened(config, store, Asked(check), now, config_path(config), iso).markdown(iso)
