"""A process beside this one: it does what takes long or imports much, and says how far it is.

It prints a share from 0 to 1 and a few words on a line each, and ends when nobody waits for it any more.
"""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic
from typing import Any

from monitor.errors import SourceError, WeirError

Progress = Callable[[float, str], None]
"""Is told how far the work is, from 0 to 1, and what is being done."""

LOOK = 0.2
"""Seconds between two looks at whether a process has to end."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Who does it, as messages say it, how many `seconds` it may take, with a hint for where that was too
    few, and what an exit code of its own means.
    """

    who: str
    seconds: float
    hint: str = ""
    codes: Mapping[int, WeirError] = field(default_factory=dict[int, WeirError])


def run(beside: Beside, command: Sequence[str], progress: Progress, stopping: Event | None = None) -> None:
    """Run a process and pass on how far it says to be; `stopping` gives it up. Raises WeirError.

    It ends with this process, however that ends: it reads our end of a pipe.
    """
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    stopping, ends = stopping or Event(), monotonic() + beside.seconds
    with TemporaryDirectory(prefix="weir-beside-") as folder, (Path(folder) / "errors").open("w+") as errors:
        with subprocess.Popen(command, stderr=errors, **pipes) as process:
            Thread(target=_ended, args=(process, stopping, ends), daemon=True).start()
            try:
                for line in process.stdout or ():
                    _passed_on(line, progress)
                process.wait()
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            errors.seek(0)
            late = monotonic() > ends
            raise _failure(beside, process.returncode, errors.read(), stopping.is_set(), late)


def _ended(process: "subprocess.Popen[str]", stopping: Event, ends: float) -> None:
    """End the process when it is told to stop, or has taken too long."""
    while process.poll() is None:
        if stopping.wait(LOOK) or monotonic() > ends:
            process.kill()
            process.wait()


def _failure(beside: Beside, code: int, errors: str, stopped: bool, late: bool) -> WeirError:
    if stopped:
        return WeirError(f"Weir was stopped before {beside.who} was done")
    if late:
        return SourceError(f"{beside.who} took longer than {beside.seconds:g} seconds", hint=beside.hint)
    return beside.codes.get(code) or WeirError(f"{beside.who} failed: {_last_word(errors)}")


def _passed_on(line: str, progress: Progress) -> None:
    share, _, what = line.strip().partition(" ")
    if what and share.replace(".", "", 1).isdigit():
        progress(min(float(share), 1.0), what)


def _last_word(errors: str) -> str:
    """The class of the error alone: its text may quote data."""
    said = errors.strip().splitlines()[-1:] or ["no message"]
    return said[0].partition(":")[0][:80]


# In the process itself --------------------------------------------------------------------------------------


def end_with_whoever_waits() -> None:
    """End this process when its standard input does: nobody waits for it any more."""
    Thread(target=_until_nobody_waits, daemon=True).start()


def _until_nobody_waits() -> None:
    """Not by Python's reader of standard input: at the end it would wait for a thread that holds it."""
    while os.read(0, 1024):
        continue
    os._exit(1)


def say(share: float, what: str) -> None:
    """How far it is."""
    print(share, what, flush=True)
