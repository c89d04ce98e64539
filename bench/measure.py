"""Run a command as a child and say what it cost; compare medians of several runs."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

BYTECODE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "weir-bench-bytecode"),
}


@dataclass(frozen=True)
class Run:
    """One child: seconds by the clock and of processor (all threads), peak memory in MB, what it said."""

    wall: float
    cpu: float
    peak: float
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Cost:
    """Medians of several runs of one command; `failed` is what the first failing run said."""

    wall: float
    cpu: float
    peak: float
    failed: str = ""


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run to the end. Memory and time are the child's own, as the kernel counted them (wait4).

    Both sides find the bytecode that they compiled before, as every installed program does.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        child = subprocess.Popen(
            command, env={**os.environ, **BYTECODE, **environment}, stdout=out, stderr=err
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        said, complaint = out.read().decode(), err.read().decode()
    return Run(
        wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode, said, complaint.strip()
    )


def cost(runs: Sequence[Run], good: Sequence[int] = (0,)) -> Cost:
    """Medians; the peak is the largest."""
    failed = next((_last_line(each) for each in runs if each.code not in good), "")
    return Cost(
        median(each.wall for each in runs),
        median(each.cpu for each in runs),
        max(each.peak for each in runs),
        failed,
    )


def ratio(left: Sequence[Run], right: Sequence[Run], of: str = "wall") -> float:
    """The median over pairs of left ÷ right: what both suffered in the same minute cancels out."""
    return median(getattr(a, of) / getattr(b, of) for a, b in zip(left, right, strict=True))


def _last_line(run: Run) -> str:
    return (run.err or f"exit code {run.code}").splitlines()[-1][:200]
