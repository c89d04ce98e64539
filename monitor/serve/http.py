"""/metrics, /healthz and /readyz over HTTP or HTTPS, with basic auth where users are declared."""

import base64
import gzip
import hmac
import logging
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from monitor.errors import UsageError
from monitor.runbook.page import CSP, FOLDER

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TIMEOUT = 15.0
"""Seconds that a client may keep us waiting."""

HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
OPEN = frozenset({"/healthz", "/readyz"})
"""What a probe may ask without a password: it shows no reading and no name of a check's data."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """What there is to show. `users` and `problems` are asked at each request."""

    pipeline: str
    registry: CollectorRegistry
    users: Callable[[], Mapping[str, str]]
    role: Callable[[], str]
    problems: Callable[[], list[str]]
    runbook: Callable[[str, Mapping[str, str]], tuple[int, str]] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it is sent."""

    status: str
    body: bytes
    kind: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()


def application(site: Site) -> "WSGIApplication":
    """The site as a WSGI application."""
    pages: dict[str, Callable[[WSGIEnvironment], Answer]] = {
        "/": lambda _: Answer("200 OK", _index(site).encode(), HTML),
        "/metrics": lambda environ: _metrics(site, environ),
        "/healthz": lambda _: Answer("200 OK", b"alive\n"),
        "/readyz": lambda _: _ready(site),
    }

    def answer(environ: "WSGIEnvironment") -> Answer:
        path = environ.get("PATH_INFO") or "/"
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return Answer("405 Method Not Allowed", b"only GET\n", headers=(("Allow", "GET, HEAD"),))
        if path not in OPEN and not allowed(site.users(), environ.get("HTTP_AUTHORIZATION", "")):
            challenge = ("WWW-Authenticate", 'Basic realm="weir", charset="UTF-8"')
            return Answer("401 Unauthorized", b"name and password, please\n", headers=(challenge,))
        if site.runbook and path.startswith(FOLDER):
            return _runbook(*site.runbook(path, dict(parse_qsl(environ.get("QUERY_STRING", "")))))
        return pages.get(path, lambda _: Answer("404 Not Found", b"not found\n"))(environ)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        said = answer(environ)
        headers = [
            ("Content-Type", said.kind),
            ("Content-Length", str(len(said.body))),
            *(dict(_SAFE) | dict(said.headers)).items(),
        ]
        start_response(said.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [said.body]

    return app


_SAFE = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)


def allowed(users: Mapping[str, str], header: str) -> bool:
    """Whether an Authorization header names a user and its password; without users anyone may read.

    Digests of one length are compared, and every user's, so that the time taken tells nothing.
    """
    if not users:
        return True
    scheme, _, given = header.partition(" ")
    try:
        offered = _digest(base64.b64decode(given, validate=True) if scheme.lower() == "basic" else b"")
    except ValueError:
        offered = _digest(b"")
    matches = [
        hmac.compare_digest(offered, _digest(f"{user}:{word}".encode())) for user, word in users.items()
    ]
    return any(matches)


def _digest(text: bytes) -> bytes:
    return sha256(text).digest()


def _metrics(site: Site, environ: "WSGIEnvironment") -> Answer:
    encode, kind = choose_encoder(environ.get("HTTP_ACCEPT", ""))
    body = encode(site.registry)
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        packed = gzip.compress(body, compresslevel=3, mtime=0)
        return Answer("200 OK", packed, kind, (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")))
    return Answer("200 OK", body, kind, (("Vary", "Accept-Encoding"),))


def _runbook(status: int, html: str) -> Answer:
    said = "200 OK" if status == 200 else "404 Not Found"
    return Answer(said, html.encode(), HTML, (("Content-Security-Policy", CSP),))


def _ready(site: Site) -> Answer:
    problems = site.problems()
    lines = "\n".join(["not ready" if problems else "ready", site.role(), *problems]) + "\n"
    return Answer("503 Service Unavailable" if problems else "200 OK", lines.encode())


def _index(site: Site) -> str:
    name = escape(site.pipeline)
    links = "".join(
        f'<li><a href="{path}">{path}</a></li>' for path in ("/runbooks/", "/metrics", "/healthz", "/readyz")
    )
    return f"<!doctype html><title>weir: {name}</title><h1>weir: {name}</h1><ul>{links}</ul>\n"


class Certificate:
    """A server's TLS context, which takes a renewed certificate without a restart."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Raises UsageError for files that cannot be read or do not belong together."""
        self._chain, self._key = chain, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._seen = self._fingerprint()
        self._load()

    def renew(self) -> None:
        """Take the files again where they changed; half-written ones are left until the next look."""
        seen = self._fingerprint()
        if seen != self._seen:
            try:
                self._load()
                self._seen = seen
                log.info("took the renewed certificate")
            except UsageError as error:
                log.warning("%s", error)

    def _load(self) -> None:
        try:
            self.context.load_cert_chain(self._chain, self._key)
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or type(error).__name__
            names = f"{self._chain.name} and {self._key.name}"
            raise UsageError(f"no certificate and key in {names}: {reason}", hint="see serve.tls") from None

    def _fingerprint(self) -> list[Any]:
        return [
            (path.stat().st_mtime_ns, path.stat().st_ino) if path.exists() else None
            for path in (self._chain, self._key)
        ]


class _Handler(WSGIRequestHandler):
    server_version, sys_version = "weir", ""
    timeout = TIMEOUT

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: a scraper's would drown the ticks."""


class Listener(ThreadingMixIn, WSGIServer):
    """A server with a thread for each connection, which makes the handshake too: none holds up another."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, host: str, port: int, app: "WSGIApplication", certificate: Certificate | None = None
    ) -> None:
        """Binds at once. Raises UsageError where it cannot."""
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.certificate = certificate
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            where = f"{host}:{port}"
            raise UsageError(
                f"cannot listen on {where}: {error.strerror}", hint="another --listen?"
            ) from None
        self.set_app(app)

    def close(self) -> None:
        self.server_close()

    @property
    def url(self) -> str:
        """Where it listens, the port that was free included."""
        host, port = self.server_address[0], self.server_address[1]
        shown = f"[{host}]" if self.address_family == socket.AF_INET6 else str(host)
        return f"{'https' if self.certificate else 'http'}://{shown}:{port}"

    def server_bind(self) -> None:
        """Without the reverse look-up of the own name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(TIMEOUT)
        if self.certificate is None:
            super().finish_request(request, client_address)
            return
        with self.certificate.context.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, spoke no TLS or stalled is its own business."""
        log.debug("a connection ended early")
