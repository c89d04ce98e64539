"""An inbox on loopback: what Weir sends by Apprise's `json://`, or an Alertmanager by its webhook, as a page.

What arrives is text: it is escaped, and nothing but addresses in it becomes a link.
"""

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import time
from typing import Any, cast

MOST = 200
"""Messages that are kept, and KB that one may have."""

STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #767676; --fire: #c1400b; --good: #00805a; }
@media (prefers-color-scheme: dark) { :root { --quiet: #a0a8b0; --fire: #ff9066; --good: #4ac9a0; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; }
article { border: 1px solid var(--line); border-left: .35rem solid var(--fire); border-radius: .4rem; }
article { padding: .6rem 1rem; margin: 1rem 0; }
article.over { border-left-color: var(--good); }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 0; }
time, .none { color: var(--quiet); font-size: .9em; }
"""

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(sha256(STYLE.encode()).digest()).decode()
    + "'"
)

_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `at` in seconds since 1970, `over` where it says that all is over."""

    at: float
    title: str
    body: str
    over: bool = False

    @property
    def links(self) -> list[str]:
        """Addresses in it, in their order."""
        return _LINK.findall(self.body)


class Inbox:
    """Listens as soon as it is made, on a port that is free, until it is closed."""

    def __init__(self) -> None:
        self._kept: list[Message] = []
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), daemon=True, name="inbox")
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    def messages(self) -> list[Message]:
        """What arrived, the oldest first."""
        with self._lock:
            return list(self._kept)

    def take(self, message: Message) -> None:
        """Keep a message, and of old ones not too many."""
        with self._lock:
            self._kept = [*self._kept, message][-MOST:]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def read(data: Any, at: float) -> Message:
    """A message of Apprise's JSON, or of an Alertmanager's webhook. Raises ValueError for anything else."""
    if not isinstance(data, dict):
        raise ValueError("a message is an object")
    given = cast(dict[str, Any], data)
    if isinstance(given.get("message"), str):
        return Message(at, str(given.get("title", "")), given["message"], given.get("type") == "success")
    if isinstance(given.get("alerts"), list):
        over = given.get("status") == "resolved"
        told = [_told(each) for each in cast(list[Any], given["alerts"])]
        return Message(at, f"{'RESOLVED' if over else 'FIRING'} {len(told)} alerts", "\n\n".join(told), over)
    raise ValueError("this is neither a message of Apprise's nor an Alertmanager's")


def _told(alert: Any) -> str:
    if not isinstance(alert, dict):
        raise ValueError("an alert is an object")
    parts: list[Any] = [cast(dict[str, Any], alert).get(name) for name in ("labels", "annotations")]
    said = [cast(dict[str, Any], part) for part in parts if isinstance(part, dict)]
    return "\n".join(f"{name}: {value}" for part in said for name, value in part.items())


def page(messages: list[Message]) -> str:
    """All messages as HTML, the newest first."""
    shown = "".join(_article(each) for each in reversed(messages))
    none = '<p class="none">Nothing has arrived yet. This page looks again by itself.</p>'
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Inbox</title>'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">'
        f"<style>{STYLE}</style><h1>Inbox: what Weir sends</h1><main>{shown or none}</main></html>"
    )


def _article(message: Message) -> str:
    at = datetime.fromtimestamp(message.at, UTC)
    when = f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%H:%M:%S} UTC</time>'
    kind = ' class="over"' if message.over else ""
    return f"<article{kind}><h2>{escape(message.title)}</h2>{when}<p>{_linked(message.body)}</p></article>"


def _linked(text: str) -> str:
    """Escaped, with its addresses as links."""
    done, parts = 0, list[str]()
    for found in _LINK.finditer(text):
        url = escape(found.group())
        link = f'<a href="{url}" target="_blank" rel="noreferrer">{url}</a>'
        parts += [escape(text[done : found.start()]), link]
        done = found.end()
    return "".join([*parts, escape(text[done:])])


def _handler(inbox: Inbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "weir", ""
        timeout = 15

        def do_GET(self) -> None:
            if self.path != "/":
                self._say(404, "not found\n", "text/plain")
                return
            self._say(200, page(inbox.messages()), "text/html")

        def do_POST(self) -> None:
            # Pages from elsewhere may post no JSON without asking first, and get no answer to that.
            size = int(self.headers.get("Content-Length") or 0)
            if size > MOST << 10 or "json" not in self.headers.get("Content-Type", ""):
                self._say(400, "JSON, and not too much of it\n", "text/plain")
                return
            try:
                inbox.take(read(json.loads(self.rfile.read(size)), time()))
            except ValueError:
                self._say(400, "no message\n", "text/plain")
                return
            self._say(200, "taken\n", "text/plain")

        def _say(self, status: int, text: str, kind: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    return Handler
