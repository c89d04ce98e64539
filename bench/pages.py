"""What the pages cost in a browser: 200 checks with objectives and 30 days of history, in Chromium.

    python bench/pages.py             measures, and writes the section of RESULTS.md between its two marks
    python bench/pages.py --print     prints it only

A month of one row a minute is measured once by 200 checks (not timed). Then every page is opened in a new
visit, and its stretch of time is switched, each ROUNDS times in turn. A page is complete when no script runs
and nothing on it is stale or still a skeleton. The first visit of all stands apart: it starts the pages,
whose bytecode is compiled before, as an installation does. What is worked out beside a page (the share that
is safe to train on) stands apart, too.
"""

import argparse
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from os import cpu_count, getloadavg
from pathlib import Path
from shutil import which
from statistics import median
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from status import DAYS, START, write_configuration, write_month

CHECKS, ROUNDS = 200, 5
COMPLETE, SWITCHED = 2.0, 0.5
"""Seconds within which a page, and a page after another filter, are to be complete."""

PAGES = {
    "Overview": "/?range=28d",
    "On call": "/on-call?range=28d",
    "Inside a check": "/check?check=series-7&range=28d",
    "All checks": "/checks?range=28d",
}
FILTERS = ("7d", "28d")
PENDING = "being worked out; it will stand here within a minute"
MARKS = ("<!-- pages: begin -->", "<!-- pages: end -->")
RESULTS = Path(__file__).parent / "RESULTS.md"

DONE = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')
    && document.querySelector('[data-testid=stMain]').innerText.length > 200;
}"""
BEGUN = (
    "() => document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'running'"
)


@dataclass(frozen=True)
class Measured:
    """A page's seconds until it is complete, and until another filter is."""

    name: str
    opened: list[float]
    switched: list[float]


def seeded(folder: Path) -> Path:
    """A store with a month of history; its configuration's path."""
    from monitor import config
    from monitor.binding.sources import Sources
    from monitor.store import open_store
    from monitor.tick import tick

    write_month(folder)
    path = write_configuration(folder, CHECKS)
    loaded = config.load(path)
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        errors = tick(loaded, store, sources, _end()).errors
    store.close()
    if errors:
        raise RuntimeError(f"{len(errors)} checks could not be measured")
    return path


def _end() -> int:
    return int((START + timedelta(days=DAYS)).timestamp()) * 1_000_000


@contextmanager
def pages(config: Path, compiled: Path) -> Iterator[str]:
    """The pages' address; they are served as `weir dashboard` does, with bytecode in a folder."""
    from monitor import dashboard

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    command = dashboard.arguments(dashboard.Start(config, port=port, at="latest"))
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = dashboard.environment() | {"PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    server = subprocess.Popen(command, env=environment, **quiet)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            urlopen(url, timeout=2).close()  # noqa: S310 -- our own address
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(url)


def opened(page: Any, url: str) -> float:
    """Seconds until a page is complete."""
    began = time.perf_counter()
    page.goto(url)
    page.wait_for_function(DONE)
    return time.perf_counter() - began


def switched(page: Any, wanted: str) -> float:
    """Seconds from a click on another stretch of time until the page is complete."""
    button = page.get_by_role("radio", name=wanted, exact=True)
    button.wait_for()
    began = time.perf_counter()
    button.click()
    page.wait_for_function(BEGUN, polling=5)
    page.wait_for_function(DONE, polling=10)
    return time.perf_counter() - began


def compile_once(config: Path, compiled: Path) -> None:
    """Open the pages and leave again."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play, pages(config, compiled) as url:
        browser = play.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        for where in PAGES.values():
            opened(browser.new_page(), url + where)
        browser.close()


def _chromium() -> str | None:
    return which("chromium") or which("google-chrome")


def measure(url: str) -> tuple[tuple[float, float], list[Measured]]:
    """Of the first visit of all the seconds until the page is complete, and until all is there that is worked
    out beside it; then every page.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        began = time.perf_counter()
        complete = opened(page, url + PAGES["Overview"])
        page.get_by_text(PENDING).wait_for(state="detached", timeout=120_000)
        first = complete, time.perf_counter() - began
        found = []
        for name, where in PAGES.items():
            one = Measured(name, [], [])
            for _ in range(ROUNDS):
                one.opened.append(opened(page, url + where))
                one.switched.extend(switched(page, each) for each in FILTERS)
            found.append(one)
            print(name, one.opened, one.switched, file=sys.stderr)
        browser.close()
    return first, found


def report(first: tuple[float, float], found: list[Measured]) -> str:
    """The section of RESULTS.md."""
    from streamlit.version import STREAMLIT_VERSION_STRING as streamlit

    said = (
        f"{CHECKS} checks with objectives over {DAYS} days, Chromium without a screen, Streamlit {streamlit},"
        f" Python {platform.python_version()}, {cpu_count()} cores, {ROUNDS} rounds; seconds until a page is"
        f" complete. Processes that waited for a core meanwhile: {busy():.1f} on average. The first visit of"
        f" all, which loads what the pages need, took {first[0]:.2f} s, and {first[1]:.2f} s until the share"
        " that is safe to train on was worked out beside it."
    )
    kept = f"within {COMPLETE:g} s and {SWITCHED:g} s"
    head = f"| page | opened (median) | slowest | another filter (median) | slowest | {kept} |"
    lines = [said, "", head, "|---|---|---|---|---|---|"]
    for each in found:
        kept = median(each.opened) <= COMPLETE and median(each.switched) <= SWITCHED
        numbers = (median(each.opened), max(each.opened), median(each.switched), max(each.switched))
        lines.append(
            f"| {each.name} | {' | '.join(f'{one:.2f}' for one in numbers)} | {'yes' if kept else 'no'} |"
        )
    return "\n".join(lines)


def busy() -> float:
    """How many processes ran or waited to, of the last minute, beyond the cores that there are."""
    return max(0.0, getloadavg()[0] - (cpu_count() or 1))


def write(text: str) -> None:
    """Put the section between its marks in RESULTS.md."""
    whole = RESULTS.read_text(encoding="utf-8")
    before, rest = whole.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    RESULTS.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Measure, and write or print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--print", action="store_true", dest="only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as compiled:
        config = seeded(Path(folder))
        compile_once(config, Path(compiled))
        with pages(config, Path(compiled)) as url:
            text = report(*measure(url))
    print(text)
    if not options.only:
        write(text)


if __name__ == "__main__":
    main()
