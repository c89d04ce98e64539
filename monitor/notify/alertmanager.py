"""Alertmanager's API v2, spoken as Prometheus speaks it (notifier/notifier.go, version 2.42)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.errors import DeliveryError
from monitor.notify.http import ask
from monitor.notify.notice import Notice
from monitor.notify.targets import EXPIRES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def post(urls: Sequence[str], notices: Sequence[Notice], now: int) -> None:
    """Tells every Alertmanager of a cluster; one that hears is enough. Raises DeliveryError."""
    body = [payload(each, now) for each in notices]
    failed: list[DeliveryError] = []
    for url in urls:
        try:
            ask(f"{url.rstrip('/')}/api/v2/alerts", body)
        except DeliveryError as error:
            failed.append(error)
    if len(failed) == len(urls):
        raise failed[-1]


def payload(notice: Notice, now: int) -> dict[str, Any]:
    """A notice as `postableAlert`: what fires ends by itself unless it is told again."""
    return {
        "labels": {"alertname": notice.name, **notice.labels},
        "annotations": {"summary": notice.summary, **notice.links},
        "startsAt": instant(notice.starts),
        "endsAt": instant(now + EXPIRES if notice.ends is None else notice.ends),
        "generatorURL": notice.links.get("dashboard_url", ""),
    }


def healthy(urls: Sequence[str]) -> bool:
    """Whether one of them answers."""
    for url in urls:
        try:
            ask(f"{url.rstrip('/')}/-/healthy")
        except DeliveryError:
            continue
        return True
    return False


def instant(at: int) -> str:
    """Microseconds as its API writes an instant."""
    moment = _EPOCH + timedelta(microseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
