"""Weir beside hand-written SQL on the same day of 20 million events: seconds, processor, memory, ratios.

    python bench/run.py             the full day, five pairs; writes RESULTS.md between its two marks
    python bench/run.py --quick     a million rows, two pairs; prints and writes nothing

Each round runs every command once, each as a child of its own, so that both sides see the same machine in the
same minutes; ratios are medians over rounds. The day is generated once into the system's temporary directory.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from measure import Run, cost, ratio, run

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")
WEIR = (sys.executable, "-c", "from monitor.cli import main; main()")
AT = "T02:00:00Z"  # of the next day, when the whole day is settled; 26 hours back is its midnight
CRASHED = 70
Rounds = dict[str, list[Run]]
PEERS = {  # what a command is compared with, and the target
    "scans by hand": ("floor", ""),
    "scans by Weir": ("floor", "≤ 2.2"),
    "day by Weir": ("day by hand, stored", "≤ 1.15"),
    "day by hand, stored": ("day by hand", ""),
    "day by hand, 128 bits": ("day by hand", ""),
    "help": ("", "≤ 0.3 s"),
}


@dataclass(frozen=True)
class Bench:
    """Where the data is, and where children may write."""

    data: Path
    scratch: Path

    def by_hand(self, what: str, *more: str) -> Run:
        """A child that runs handwritten.py."""
        return run([sys.executable, str(HERE / "handwritten.py"), what, "--data", str(self.data), *more], {})

    def weir(self, *arguments: str, window: str = "26h") -> Run:
        """A child that runs weir, on an empty store."""
        store = self.scratch / "weir.db"
        for leftover in self.scratch.glob("weir.db*"):
            leftover.unlink()
        found = run([*WEIR, *arguments], _environment(self.data, store, window))
        crashed = found.code == 1 and not found.out.startswith("{")  # 1 also says that a check failed
        return replace(found, code=CRASHED) if crashed else found

    def script(self, name: str, *arguments: str) -> Run:
        """A child that runs another script of this folder."""
        return run(
            [sys.executable, str(HERE / name), *arguments], _environment(self.data, self.scratch, "1h")
        )

    def at(self) -> str:
        """The instant of the tick that covers the day."""
        following = date.fromisoformat(self.day()["date"]) + timedelta(days=1)
        return following.isoformat() + AT

    def day(self) -> dict[str, Any]:
        """How the day was made."""
        return json.loads((self.data / "day.json").read_text())

    def rounds(self, times: int) -> Rounds:
        """Everything that is compared, once in every round and in turn."""
        at = ["--at", self.at(), "--json"]
        commands: dict[str, Callable[[], Run]] = {
            "floor": lambda: self.by_hand("floor"),
            "scans by hand": lambda: self.by_hand("scans"),
            "scans by Weir": lambda: self.weir("run", "--config", str(HERE / "weir" / "weir.yaml"), *at),
            "day by hand": lambda: self.by_hand("day"),
            "day by hand, stored": lambda: self.by_hand("day", "--store", str(self.fresh("hand.db"))),
            "day by Weir": lambda: self.weir("run", "--config", str(HERE / "weir"), *at),
            "day by hand, 128 bits": lambda: self.by_hand("day", "--bits", "128"),
            "distinct users by hand": lambda: self.by_hand("distinct"),
            "help": lambda: self.weir("--help"),
        }
        found: Rounds = {name: [] for name in commands}
        for warm in ("day by Weir", "floor"):  # compiles the bytecode of both sides, reads the files once
            commands[warm]()
        for number in range(times):
            for name, command in commands.items():
                found[name].append(command())
                _say(f"round {number + 1} of {times}: {name} {found[name][-1].wall:.2f} s")
        return found

    def fresh(self, name: str) -> Path:
        """A path in the scratch folder where nothing is left from before."""
        for leftover in self.scratch.glob(f"{name}*"):
            leftover.unlink()
        return self.scratch / name


def _environment(data: Path, store: Path, window: str) -> dict[str, str]:
    return {
        "WEIR_BENCH_DATA": str(data),
        "WEIR_BENCH_STORE": str(store),
        "WEIR_BENCH_WINDOW": window,
        "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")]),
    }


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


# --- what is made of the rounds


def day_table(rounds: Rounds) -> Iterable[str]:
    """Seconds, processor and memory of every command, with its ratio and target."""
    yield "| what | wall s | cpu s | peak MB | ratio (wall) | ratio (cpu) | target |"
    yield "|---|---|---|---|---|---|---|"
    for name, runs in rounds.items():
        each = cost(runs, good=(0, 1))
        if each.failed:
            yield f"| {name} | not measured: {each.failed} | | | | | |"
            continue
        peer, target = PEERS.get(name, ("", ""))
        beside = (
            [f"{ratio(runs, rounds[peer], of):.2f} × {peer}" for of in ("wall", "cpu")] if peer else ["", ""]
        )
        row = f"{each.wall:.2f} | {each.cpu:.2f} | {each.peak:.0f}"
        yield f"| {name} | {row} | {beside[0]} | {beside[1]} | {target} |"


def tick_table(found: Run) -> Iterable[str]:
    """The median tick of both sides."""
    if found.code:
        yield f"Ticks were not measured: {found.err.splitlines()[-1][:200]}"
        return
    spent = json.loads(found.out)
    yield "| one 5-minute tick, in process, both storing | median wall ms | median cpu ms |"
    yield "|---|---|---|"
    for side in ("handwritten", "weir"):
        wall, cpu = (sorted(spent[side][of])[len(spent[side][of]) // 2] * 1000 for of in ("wall", "cpu"))
        yield f"| {side} | {wall:.0f} | {cpu:.0f} |"
    yield ""
    yield f"Ratio of the pairs: **{spent['ratio']:.2f}** (target ≤ 1.5)."


def status_line(found: Run) -> str:
    """What the board cost."""
    if found.code:
        return f"Status was not measured: {found.err.splitlines()[-1][:200]}"
    spent = json.loads(found.out)
    return (
        f"Status of {spent['series']} objectives over 30 days, in process: median"
        f" **{spent['median']:.0f} ms**, fastest {spent['fastest']:.0f} ms,"
        f" slowest {spent['slowest']:.0f} ms (target < 50 ms); with burn rates over seven windows median"
        f" **{spent['median with burns']:.0f} ms**, fastest {spent['fastest with burns']:.0f} ms."
    )


def agreement(rounds: Rounds) -> str:
    """Whether both sides found the same numbers."""
    weir, hand = rounds["day by Weir"][-1], rounds["day by hand"][-1]
    if weir.code not in (0, 1) or hand.code:
        return "The numbers of the two sides were not compared."
    by_name = {each["check"]: each for each in json.loads(weir.out)["readings"] if not each["segment"]}
    apart = [name for name, found in json.loads(hand.out).items() if not _same(found, by_name.get(name))]
    if apart:
        return f"**The two sides differ** on: {', '.join(apart)}."
    return f"Both sides found the same numbers on all {len(by_name)} checks (percentiles within 1 %)."


def _same(found: dict[str, float], reading: dict[str, object] | None) -> bool:
    if reading is None:
        return False
    if "newest" in found:  # an age, by Weir
        return reading["value"] is not None
    detail = reading["detail"] if isinstance(reading["detail"], dict) else {}
    exact = [name for name in found if name not in ("value", "maximum")]
    if any(found[name] != reading.get(name, detail.get(name)) for name in exact if found[name] is not None):
        return False
    return abs(float(str(reading["value"])) - found["value"]) <= 0.01 * abs(found["value"])


def report(rounds: Rounds, bench: Bench, ticks: Run, status: Run, times: int) -> str:
    """All tables as Markdown."""
    size = sum(path.stat().st_size for path in bench.data.glob("*/*/*.parquet")) / 1e9
    rows, exposures = bench.day()["rows"], int(bench.day()["rows"] * bench.day()["exposure_share"])
    machine = f"{os.cpu_count()} cores, DuckDB {version('duckdb')}, Python {platform.python_version()}"
    lines = [
        f"{rows:,} events and {exposures:,} exposures ({size:.1f} GB of Parquet), {machine};",
        f"{times} rounds, medians, peak of all.",
        "",
        *day_table(rounds),
        "",
        agreement(rounds),
        "",
        *tick_table(ticks),
        "",
        status_line(status),
    ]
    return "\n".join(lines)


def generate(rows: int, data: Path) -> None:
    """Make the day, unless it is there, in a child: a child's peak memory begins at that of its parent."""
    made = run([sys.executable, str(HERE / "generate.py"), "--rows", str(rows), "--out", str(data)], {})
    if made.code:
        raise SystemExit(made.err)


def write(text: str, path: Path) -> None:
    """Put the tables between the marks of RESULTS.md."""
    before, rest = path.read_text(encoding="utf-8").split(MARKS[0])
    _, after = rest.split(MARKS[1])
    path.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Read the command line, measure, and write or print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a million rows, two rounds, nothing written")
    parser.add_argument("--rows", type=int, help="default 20,000,000")
    parser.add_argument("--rounds", type=int, help="default 5")
    parser.add_argument("--data", type=Path, help="where the day is kept; default: the temporary directory")
    options = parser.parse_args()
    rows = options.rows or (1_000_000 if options.quick else 20_000_000)
    times = options.rounds or (2 if options.quick else 5)
    data = options.data or Path(tempfile.gettempdir()) / f"weir-bench-{rows}"
    generate(rows, data)
    with tempfile.TemporaryDirectory(dir=data.parent) as scratch:
        bench = Bench(data, Path(scratch))
        ticks = bench.script("ticks.py", "--data", str(data), "--ticks", "4" if options.quick else "12")
        status = bench.script("status.py", "--series", "20" if options.quick else "200")
        text = report(bench.rounds(times), bench, ticks, status, times)
    if not options.quick:
        write(text, RESULTS)
    print(text)


if __name__ == "__main__":
    main()
