"""Rules look at what the exporter shows, by the labels that it has: nothing else would ever fire."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from monitor import names
from monitor.alerting.rules import rules
from monitor.alerting.terms import Gauge
from monitor.exporter import FAMILIES
from tests.alerting.test_rules import LINKS, shop

__all__ = ["shop"]

INFO = {names.CONFIG: {names.HASH}}
"""Labels that an info metric has beside its family's."""


def gauges(of: Any) -> Iterator[Gauge]:
    if isinstance(of, Gauge):
        yield of
    elif isinstance(of, tuple | list):
        for each in of:  # pyright: ignore[reportUnknownVariableType]
            yield from gauges(each)
    elif is_dataclass(of):
        for field in fields(of):
            yield from gauges(getattr(of, field.name))


def test_every_gauge_is_exported_with_its_labels(shop: Any):
    seen: set[str] = set()
    for alert in rules(shop, LINKS).alerts:
        for gauge in gauges((alert.when, alert.summary)):
            family = FAMILIES[gauge.metric]
            known = {names.PIPELINE, *family.labels, *INFO.get(gauge.metric, ())}
            assert {name for name, _ in gauge.labels} | set(gauge.by) <= known, gauge
            seen.add(gauge.metric)
    assert seen >= {names.SLO_TAIL, names.SEGMENT_TAIL, names.FINDING_OF, names.MAINTENANCE, names.WATERMARK}
