"""Run a pipeline's own command: no shell, an environment of its own, a folder of its own, an end in time."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from monitor.errors import SourceError, UsageError
from monitor.grammar import show_duration
from monitor.model import SECOND

LOG = "log.txt"
"""What the command said: it may quote rows, so that it is shown to nobody, and goes with the folder."""


def run(words: Sequence[str], running: Any, places: Mapping[str, str], folder: Path) -> int:
    """Run it in `folder` and return its exit code; `running` has its `timeout` and the `env` that it may see.

    `{input}` and the other places are filled in wherever they stand in a word. Raises UsageError where there
    is no such program, SourceError where it takes too long: it is killed, with all that it started.
    """
    argv = [filled(word, places) for word in words]
    try:
        with (folder / LOG).open("ab") as log:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=surroundings(running.env, places, folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except (OSError, ValueError) as error:
        name = Path(argv[0]).name
        message = f"the program '{name}' cannot be started ({type(error).__name__})"
        hint = "is it on the PATH? {folder} is the folder of weir.yaml"
        raise UsageError(message, hint=hint) from None
    return _waited(process, running.timeout, Path(argv[0]).name)


def _waited(process: "subprocess.Popen[bytes]", timeout: int, name: str) -> int:
    try:
        code = process.wait(timeout / SECOND)
    except subprocess.TimeoutExpired:
        message = f"the program '{name}' took longer than {show_duration(timeout)}"
        raise SourceError(message, hint="raise its `timeout`") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):  # itself, and whatever it left behind
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return code


def filled(word: str, places: Mapping[str, str]) -> str:
    """A word with its places filled in, each once: what stands in them is not looked at."""
    return re.sub(r"\{(\w+)\}", lambda found: places.get(found[1], found[0]), word)


def surroundings(names: Sequence[str], places: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Its environment: where things are, and no more of Weir's own than was declared."""
    own = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    told = {f"WEIR_{name.upper()}": value for name, value in places.items()}
    return {**own, **{name: os.environ[name] for name in names if name in os.environ}, **told}
