"""How fast the simulated shop makes its events, on one core, before anything is written.

    python bench/simulate.py             measures, and writes the section of RESULTS.md between its two marks
    python bench/simulate.py --print     prints it only

An event counts once, however many rows it leaves; the time is that of the process. Minutes are made together
as a lake makes its past. `the stream` is what truly
happens and what producers, ingestion, features, exposure log and labeller make of it; `everything` has the
servers, models, bills and the assistant too. `with faults` suffers one of every kind on the stream at a time.
`to files` writes what has arrived as Parquet.
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
from os import cpu_count
from pathlib import Path

from monitor.simulate import services, writer
from monitor.simulate.draws import MINUTE_US
from monitor.simulate.faults import Fault
from monitor.simulate.faults.stream import STREAM
from monitor.simulate.pipeline import deliver
from monitor.simulate.population import Shop
from monitor.simulate.records import Minute
from monitor.simulate.traffic import together

FIRST = 29_917_440 + 12 * 60
"""The noon of a day in November 2026, in minutes since the epoch."""
RATES = {5.0: 400, 20.0: 99, 200.0: 12, 3000.0: 2}
"""Events per second, and how many minutes of them are made."""
ROUNDS = 3
MARKS = ("<!-- simulate: begin -->", "<!-- simulate: end -->")
RESULTS = Path(__file__).parent / "RESULTS.md"

Making = Callable[[Shop, range], int]
"""Make some minutes; how many events that were."""


def every_kind(start: int, end: int) -> tuple[Fault, ...]:
    """One fault of every kind on the stream, each in one place, small enough to leave some of it."""
    return tuple(
        Fault(
            kind.name,
            min(0.2, kind.most),
            start,
            end,
            (("region", "eu"),) if "region" in kind.segments else (),
        )
        for kind in STREAM
    )


FAULTS = every_kind(FIRST * MINUTE_US, (FIRST + 1000) * MINUTE_US)


def stream(shop: Shop, numbers: range, faults: tuple[Fault, ...] = ()) -> int:
    """The stream's rows."""
    made = together(shop, numbers, faults)
    deliver(shop, made, faults)
    return _events(made)


def everything(shop: Shop, numbers: range) -> int:
    """All rows."""
    made = together(shop, numbers)
    services.deliver(shop, made, deliver(shop, made))
    return _events(made)


def broken(shop: Shop, numbers: range) -> int:
    """The stream's rows under every kind of fault."""
    return stream(shop, numbers, FAULTS)


def stretches(shop: Shop, minutes: int) -> list[range]:
    """As many minutes as are made together for a past."""
    many = max(1, int(writer.TOGETHER / (60 * shop.events_per_second)))
    return [range(FIRST + n, FIRST + min(n + many, minutes)) for n in range(0, minutes, many)]


def _events(made: Minute) -> int:
    return len(made.events.event_id)


MAKINGS: dict[str, Making] = {"the stream": stream, "everything": everything, "with faults": broken}


def rate_of(making: Making, shop: Shop, minutes: int) -> float:
    """Events made in a second of one core, in the best of ROUNDS rounds: others may use the machine.

    Tables that are drawn once a day are there already."""
    making(shop, range(FIRST, FIRST + 1))
    some = stretches(shop, minutes)
    return max(_rate(lambda: sum(making(shop, each) for each in some)) for _ in range(ROUNDS))


def written(shop: Shop, minutes: int) -> float:
    """Events made and written as Parquet in a second of one core, in the best of ROUNDS rounds."""
    events = sum(stream(shop, each) for each in stretches(shop, minutes))

    def write() -> int:
        with tempfile.TemporaryDirectory() as folder:
            state = writer.opened(Path(folder) / "lake", shop, (), FIRST * MINUTE_US)
            writer.advance(state, (FIRST + minutes) * MINUTE_US)
        return events

    return max(_rate(write) for _ in range(ROUNDS))


def _rate(work: Callable[[], int]) -> float:
    begun = time.process_time()
    return work() / (time.process_time() - begun)


def table() -> str:
    """The section of RESULTS.md."""
    columns = [*MAKINGS, "to files"]
    machine = f"Python {platform.python_version()}, one of {cpu_count()} cores"
    lines = [
        f"{machine}: events made in a second of it, in millions, and days made and written in a minute.",
        "",
        f"| events per second of the shop | {' | '.join(columns)} | days a minute |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for rate, minutes in RATES.items():
        shop = Shop(seed=1, events_per_second=rate)
        found = [*(rate_of(making, shop, minutes) for making in MAKINGS.values()), written(shop, minutes)]
        days = found[-1] * 60 / (rate * 86_400)
        lines.append(f"| {rate:g} | {' | '.join(f'{each / 1e6:.2f}' for each in found)} | {days:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--print", action="store_true", dest="only", help="print, and leave RESULTS.md alone")
    only = parser.parse_args().only
    made = table()
    print(made)
    if not only:
        before, rest = RESULTS.read_text().split(MARKS[0])
        RESULTS.write_text(f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{rest.split(MARKS[1])[1]}")


if __name__ == "__main__":
    main()
