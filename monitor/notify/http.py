"""One request over HTTP, and what went wrong without its address."""

import base64
import json
import ssl
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from monitor.errors import DeliveryError

TIMEOUT = 10.0
"""Seconds."""


def ask(url: str, body: Any = None, timeout: float = TIMEOUT) -> None:
    """GET, or POST where there is a body, which is sent as JSON. A name and password in the address become
    a header. Raises DeliveryError.
    """
    _answer(url, body, None, timeout)


def fetch(url: str, body: Any = None, *, method: str | None = None, timeout: float | None = None) -> Any:
    """Like `ask`, and what was answered, as JSON says it; None of an empty answer. Raises DeliveryError."""
    text = _answer(url, body, method, timeout or TIMEOUT)
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        raise DeliveryError("the answer is no JSON") from None


def _answer(url: str, body: Any, method: str | None, timeout: float) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    try:
        address, headers = _split(url)
        headers |= {"Content-Type": "application/json"} if data is not None else {}
        headers["User-Agent"] = "weir"
        request = Request(address, data, headers, method=method)  # noqa: S310 -- http(s) by config
        with urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return answer.read()
    except HTTPError as error:
        with error:
            raise DeliveryError(f"HTTP {error.code}") from None
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise DeliveryError(_reason(error)) from None


def _split(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    if parts.username is None:
        return url, {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(bare), {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _reason(error: Exception) -> str:
    """Its class, or the system's words: others may quote the address."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or type(cause).__name__}"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return type(cause).__name__
