"""Apprise: chats, mail, pagers and webhooks."""

import logging
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from monitor.errors import DeliveryError
from monitor.model import Severity
from monitor.notify import text
from monitor.notify.notice import Notice

PATIENCE = 30.0
"""Seconds for one message: a service that hangs holds up its own route only."""


def send(urls: Sequence[str], notices: Sequence[Notice], key: str, patience: float = PATIENCE) -> None:
    """Sends one message. Raises DeliveryError where Apprise is missing, or the service refuses."""
    messenger = _messenger(urls)
    said: SimpleQueue[Any] = SimpleQueue()
    message = {"title": text.title(notices), "body": text.body(notices, key), "notify_type": _type(notices)}

    def run() -> None:
        try:
            said.put(bool(messenger.notify(**message, body_format="text")))
        except Exception as error:
            said.put(error)

    Thread(target=run, daemon=True, name="apprise").start()
    try:
        done = said.get(timeout=patience)
    except Empty:
        raise DeliveryError("no answer in time") from None
    if isinstance(done, Exception):
        raise DeliveryError(f"Apprise failed: {type(done).__name__}")
    if not done:
        raise DeliveryError("the service did not take it")


def _messenger(urls: Sequence[str]) -> Any:
    try:
        import apprise
    except ModuleNotFoundError:
        raise DeliveryError("this route needs Apprise", hint="install weir-slo[notify]") from None
    # What it logs of a failure may quote the address.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    made: Any = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Weir", app_desc="Weir", async_mode=False))
    if not all(made.add(url) for url in urls):
        raise DeliveryError("Apprise knows no such address", hint="see the list of its services")
    return made


def _type(notices: Sequence[Notice]) -> str:
    firing = [each for each in notices if each.firing]
    if not firing:
        return "success"
    return "failure" if any(each.severity == Severity.PAGE for each in firing) else "warning"
