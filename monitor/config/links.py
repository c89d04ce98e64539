"""Where runbooks and dashboards are found: what an alert links to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from monitor.config.serve import Serve
from monitor.config.words import STRICT, Slip

PLACE = "{name}"
"""Stands for a runbook's name inside an address; without it the name comes last."""


def _address(value: object) -> object:
    if not isinstance(value, str) or "${" in value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Slip(f"'{value[:60]}' is no address", "such as https://wiki.example.org/runbooks")
    if parts.username or parts.password:
        raise Slip("an address in an alert must not hold a password", "alerts are read by many")
    return value


_HTTP: dict[str, Any] = {"type": "string", "pattern": r"^(https?://|.*\$\{)"}
Address = Annotated[str, BeforeValidator(_address), WithJsonSchema(_HTTP)]


class Links(BaseModel):
    """Addresses that alerts link to; by default those of `weir serve`."""

    model_config = STRICT
    runbooks: Address = Field(
        "",
        description="folder of the runbooks; {name} stands for a runbook's, else it comes last;"
        " default: weir serve's /runbooks",
    )
    dashboards: Address = Field(
        "",
        description="address of `weir dashboard`, as people reach it; default: the pages of"
        " `weir serve --dashboard`, else weir serve's",
    )


def address(serve: Serve) -> str:
    """Where `weir serve` answers, as an address."""
    host = f"[{serve.host}]" if ":" in serve.host else serve.host
    return f"{'https' if serve.tls else 'http'}://{host}:{serve.port}"


PAGES = ("check", "on-call")
"""The pages of `weir dashboard` that an alert leads to."""

DASHBOARD = "dashboard_url"
"""The annotation of an alert that leads to the pages."""

RANGE = "6h"
"""What such a page shows around the beginning of an incident."""


def around(links: Mapping[str, str], onset: int | None) -> dict[str, str]:
    """An alert's links, of which the one to the pages opens when it began, in microseconds."""
    if onset is None:
        return dict(links)
    at = datetime.fromtimestamp(onset // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    known = dict(links)
    if pages := known.get(DASHBOARD):
        known[DASHBOARD] = pages + seen(pages, quote(at))
    return known


def seen(url: str, at: str) -> str:
    """What to add to a link so that it opens at a time, as the address of a page has it; "" where it leads to
    no page that knows of times.
    """
    paged = "?" in url and urlsplit(url).path.rpartition("/")[2] in PAGES
    return f"&range={RANGE}&around={at}" if paged else ""
