"""The postmortem of an incident, as a page hands it out: the document of `weir incident`."""

from typing import Any

from monitor.errors import WeirError
from monitor.postmortem.document import postmortem
from monitor.postmortem.written import markdown
from monitor.store import Store


def document(config: Any, store: Store, number: int, now: int) -> str:
    """Markdown; a line that says why where it cannot be written, as a download has nowhere else to say it."""
    try:
        found, bound, _ = postmortem(config, store, number, now, asking=False)
    except WeirError as error:
        return f"Incident {number} cannot be written down: {error.message}\n"
    return markdown(found, bound)
