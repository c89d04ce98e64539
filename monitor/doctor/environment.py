"""Python, libraries, programs and the port of `weir serve`."""

import errno
import shutil
import socket
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from monitor.doctor.finding import Finding, ok, skipped, wrong

OLDEST = (3, 11)
LIBRARIES = (
    "duckdb",
    "sqlglot",
    "sqlalchemy",
    "alembic",
    "pydantic",
    "ruamel.yaml",
    "pyarrow",
    "pandas",
    "prometheus-client",
    "apscheduler",
)
PROGRAMS = {"promtool": "checks rules and metrics", "prometheus": "scrapes /metrics"}
SECONDS = 2.0
"""How long whatever holds the port may take to say what it is."""


def versions() -> Iterator[Finding]:
    """Python and the libraries that Weir cannot do without."""
    number = ".".join(map(str, sys.version_info[:3]))
    fine = sys.version_info >= OLDEST
    oldest = ".".join(map(str, OLDEST))
    yield ok("Python", number) if fine else wrong("Python", number, f"Weir needs {oldest} or newer")
    found = {name: _version(name) for name in LIBRARIES}
    there = [f"{name} {each}" for name, each in found.items() if each]
    gone = [name for name, each in found.items() if not each]
    if gone:
        yield wrong("libraries", f"missing: {', '.join(gone)}", "install weir-slo again")
    else:
        yield ok("libraries", ", ".join(there))


def drivers(config: Any) -> Iterator[Finding]:
    """What a database of the configuration needs beyond the core."""
    urls = [source.url for source in config.sources.values() if source.url] + [config.store]
    if not any(url.startswith("postgresql") for url in urls):
        return
    found = _version("psycopg")
    if found:
        yield ok("psycopg", found)
    else:
        yield wrong("psycopg", "is not installed, and PostgreSQL needs it", "install weir-slo[postgres]")


def notifiers(config: Any) -> Iterator[Finding]:
    """What routes need beyond the core."""
    needing = [name for name, route in config.routes.routes.items() if route.apprise]
    if not needing:
        return
    found = _version("apprise")
    if found:
        yield ok("apprise", found)
    else:
        what = f"is not installed: nothing arrives by {', '.join(f'routes.{name}' for name in needing)}"
        yield wrong("apprise", what, "pip install 'weir-slo[notify]'")


def programs() -> Iterator[Finding]:
    """Programs that Weir works with and does not need."""
    for name, purpose in PROGRAMS.items():
        place = shutil.which(name)
        yield ok(name, place) if place else skipped(name, f"not found; it {purpose}, and is optional")


def port(serve: Any) -> Iterator[Finding]:
    """Whether `weir serve` could listen, or does already."""
    where = f"{serve.host}:{serve.port}"
    try:
        family, kind, _, _, address = socket.getaddrinfo(serve.host, serve.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        yield (
            _taken(serve, where)
            if error.errno == errno.EADDRINUSE
            else wrong(
                "port", f"{where} cannot be listened on: {error.strerror}", "change `serve: {host, port}`"
            )
        )
        return
    yield ok("port", f"{where} is free for weir serve" if serve.port else "weir serve takes any free one")


def _taken(serve: Any, where: str) -> Finding:
    if _answers(serve):
        return ok("port", f"a server answers on {where}, as weir serve does")
    return wrong("port", f"{where} is taken by another program", "choose another: serve: {port: …}")


def _answers(serve: Any) -> bool:
    """Whether /healthz is answered. Its certificate may name another host than the loopback address."""
    import http.client
    import ssl

    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
    host = everywhere.get(str(serve.host), str(serve.host))
    if serve.tls:
        context = ssl._create_unverified_context()  # noqa: S323  # pyright: ignore[reportPrivateUsage]
        client: Any = http.client.HTTPSConnection(host, serve.port, timeout=SECONDS, context=context)
    else:
        client = http.client.HTTPConnection(host, serve.port, timeout=SECONDS)
    try:
        client.request("GET", "/healthz")
        return client.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
