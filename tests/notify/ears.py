"""Addresses that listen: they hear what Alertmanager's API, a webhook or a dead-man's switch would."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Ear:
    """`heard` holds (path, body) of every request; `status` is what it answers."""

    url: str = ""
    status: int = 200
    heard: list[tuple[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """Of every request to Alertmanager's API, in order."""
        return [alert for path, body in self.heard if path.endswith("/api/v2/alerts") for alert in body]


@contextmanager
def ear(port: int = 0) -> Iterator[Ear]:
    """Listens on a free port of loopback, or on a given one."""
    made = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._note(json.loads(body))

        def do_GET(self) -> None:
            self._note(None)

        def _note(self, body: Any) -> None:
            if made.status == 200:
                made.heard.append((self.path, body))
                made.headers.append(dict(self.headers))
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", port), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
