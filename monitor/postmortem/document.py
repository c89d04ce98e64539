"""The postmortem of an incident by its number: the same for the command and for the pages."""

from typing import Any

from monitor.model import DAY, Window
from monitor.postmortem.gathered import Postmortem, gathered, of
from monitor.store import Store
from monitor.trust.dataset import as_measured
from monitor.trust.models import models, read


def postmortem(
    config: Any, store: Store, number: int, now: int, *, asking: bool = True
) -> tuple[Postmortem, Any, str]:
    """All that is known of an incident at `now`, in microseconds, and the configuration as it was bound.

    `asking`: models are read from the dataset `deployments`, too; where that does not answer the last of the
    three says why. Pages ask no source: what the store has recorded is theirs. Raises UsageError where there
    is no such incident; StoreError.
    """
    config = as_measured(config, store)
    incident = of(store, config.pipeline, number)
    window = Window(incident.onset - DAY, (incident.resolved_at or now) + DAY)
    known, why = read(config, store, window) if asking else (models(config, store, window), "")
    return gathered(config, store, incident, now, known), config, why
