"""What /metrics shows, as rules read it."""

from collections.abc import Iterable, Mapping

from prometheus_client.metrics_core import Metric

from monitor.alerting.embedded import Samples


def samples(families: Iterable[Metric]) -> Samples:
    """What /metrics shows, by the samples' names."""
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, float(sample.value)))
    return found
