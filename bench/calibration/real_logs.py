"""Real logs, re-timed to a running clock and damaged in known ways: what is detected, when, and where.

`open_bandit` (what two policies showed) and `web_access_log` are repeated in their own order at a steady
rate, each row twice: as the producer says that it was sent, and as it was stored. Weir watches by a
configuration that a user would write from the documentation, tick by tick, as rows arrive. Each damage is
known; what people are told must name it, its stage and its segment, and nothing else.

    python bench/calibration/real_logs.py [--only NAME ...] [--rate 2] [--past 26h] [--clean 6h]
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd

from monitor import config
from monitor.attribute.cause import Where
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.gameday.expected import named, stage_of
from monitor.gameday.watch import Told, Watch
from monitor.grammar import duration
from monitor.model import MINUTE, SECOND, Window
from monitor.store import open_store
from monitor.tick import Ticked, tick

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
BEGIN = 1_790_000_400_000_000
Frame = pd.DataFrame
Damaging = Callable[["Rows"], None]


@dataclass
class Rows:
    """A log's rows: `sent`, what was stored, and for each of them when it arrives (microseconds).

    `hit` says which rows a damage concerns: from the onset on, of a segment.
    """

    sent: Frame
    stored: Frame
    onset: int
    draw: np.random.Generator

    def hit(self, where: Where, share: float = 1.0) -> Any:
        """Rows of `stored` in a segment since the onset, of which a share."""
        found = self.stored["at"].to_numpy() >= self.onset
        for name, value in where:
            found &= (self.stored[name].astype(str) == value).to_numpy()
        return found & (self.draw.random(len(found)) < share)


@dataclass(frozen=True)
class Damage:
    """What is broken where, which checks may tell of it, at which stage, and within how many minutes."""

    name: str
    log: str
    damage: Damaging
    checks: tuple[str, ...]
    stages: tuple[str, ...]
    where: Where = ()
    within: int = 20
    watch: int = 60


@dataclass
class Replay:
    """Rows that arrive as time goes on; what `Watch` calls its simulation."""

    folder: Path
    rows: Rows
    written: int = 0

    def advance(self, now: int) -> None:
        """Write what arrived since the last time."""
        for name, frame in (("sent", self.rows.sent), ("stored", self.rows.stored)):
            some = frame[(frame["arrives"] > self.written) & (frame["arrives"] <= now)]
            if len(some):
                (self.folder / name).mkdir(exist_ok=True)
                times = {
                    each: pd.to_datetime(some[each], unit="us", utc=True) for each in ("at", "stored_at")
                }
                shown = some.assign(**times).drop(columns="arrives")
                shown.to_parquet(self.folder / name / f"{now}.parquet", index=False)
        self.written = now


# The logs ---------------------------------------------------------------------------------------------------


def bandit() -> Frame:
    """What both policies showed, in the order of time."""
    folder = SHARED / "open_bandit"
    parts = [
        pd.read_csv(folder / file).assign(policy=policy)
        for policy, file in (("random", "random_men.csv"), ("thompson", "bts_men.csv"))
    ]
    items = pd.read_csv(folder / "item_context_men.csv")
    log = pd.concat(parts).sort_values("timestamp").merge(items[["item_id", "item_feature_1"]], on="item_id")
    kinds = {value: f"c{number}" for number, value in enumerate(sorted(log["item_feature_1"].unique()))}
    columns = ["item_id", "position", "click", "propensity_score", "policy"]
    return log[columns].assign(campaign=log["item_feature_1"].map(kinds)).reset_index(drop=True)


ROBOT = "Mozilla/5.0 (compatible; AhrefsBot/5.0; +http://ahrefs.com/robot/)"

LINE = (
    r'^(?P<client>\S+) \S+ \S+ \[[^\]]*\] "(?P<method>\S+) (?P<path>\S+) [^"]*" (?P<status>\d{3}) \S+ '
    r'"[^"]*" "(?P<user_agent>[^"]*)"$'
)


def web() -> Frame:
    """Requests of a web server, with the class of what was asked for."""
    lines = pd.Series((SHARED / "web_access_log" / "apache_access.log").read_text("utf-8").splitlines())
    log = lines.str.extract(LINE).dropna().reset_index(drop=True)
    first = log["path"].str.split("?").str[0].str.split("/").str[1]
    common = ("presentations", "blog", "images", "projects", "files", "articles")
    known = first.where(first.isin(common), "other")
    browser = log["user_agent"].str.extract("(Chrome|Firefox|MSIE|Safari)")[0].fillna("other")
    return log.assign(url_class=known, status=log["status"].astype(int), browser=browser)


SETTLES = 6
"""Minutes that the checks wait for rows that may still come, at most."""

LOGS: Mapping[str, Callable[[], Frame]] = {"bandit": bandit, "web": web}


def retimed(log: Frame, rate: float, start: int, end: int, onset: int, seed: int) -> Rows:
    """The log's rows, again and again, so many a second between two instants, and when each is stored."""
    draw = np.random.default_rng(seed)
    gaps = draw.exponential(SECOND / rate, int((end - start) / SECOND * rate * 1.1))
    at = (start + np.cumsum(gaps)).astype(np.int64)
    at = at[at < end]
    sent = log.iloc[np.arange(len(at)) % len(log)].reset_index(drop=True)
    sent = sent.assign(row_id=[f"r{number}" for number in range(len(at))], at=at)
    delay = draw.lognormal(0.0, 0.5, len(at))
    stored = sent.assign(stored_at=at + (delay * SECOND).astype(np.int64))
    return Rows(
        sent.assign(stored_at=at, arrives=at),
        stored.assign(arrives=stored["stored_at"]),
        onset,
        np.random.default_rng(seed + 1),
    )


# What may happen to them ------------------------------------------------------------------------------------


def lose(where: Where, share: float, rows: Rows) -> None:
    rows.stored = rows.stored[~rows.hit(where, share)]


def double(where: Where, share: float, rows: Rows) -> None:
    again = rows.stored[rows.hit(where, share)]
    rows.stored = pd.concat([rows.stored, again.assign(arrives=again["arrives"] + 5 * SECOND)])


def blank(column: str, where: Where, share: float, rows: Rows) -> None:
    rows.stored[column] = rows.stored[column].mask(rows.hit(where, share))


def later(where: Where, share: float, by: int, rows: Rows) -> None:
    late = rows.hit(where, share)
    for column in ("stored_at", "arrives"):
        rows.stored[column] = rows.stored[column].where(~late, rows.stored[column] + by)


def unclicked(where: Where, share: float, rows: Rows) -> None:
    rows.stored["click"] = rows.stored["click"].mask(rows.hit(where, share), 0)


def failing(where: Where, share: float, rows: Rows) -> None:
    rows.stored["status"] = rows.stored["status"].mask(rows.hit(where, share), 503)


def storm(times: float, where: Where, rows: Rows) -> None:
    """A robot asks for more of the same, so many times what comes anyway."""
    copies = rows.stored[rows.hit(where, min(times, 1.0))]
    copies = pd.concat([copies] * max(1, round(times)))
    names = [f"b{number}" for number in range(len(copies))]
    robots = copies.assign(row_id=names, user_agent=ROBOT, client="robot")
    rows.stored = pd.concat([rows.stored, robots])
    rows.sent = pd.concat([rows.sent, robots.assign(stored_at=robots["at"], arrives=robots["at"])])


def every(*damages: Damaging) -> Damaging:
    def all_of_them(rows: Rows) -> None:
        for each in damages:
            each(rows)

    return all_of_them


# What a user would write ------------------------------------------------------------------------------------

TOP = """\
pipeline: {log}
owner: {log}-team
store: sqlite:///{folder}/weir.db
sources: {{lake: {{engine: duckdb, root: {folder}}}}}
datasets:
  sent: {{files: sent/*.parquet, time: at, key: row_id, lateness: 1m}}
  stored:
    files: stored/*.parquet
    time: at
    key: row_id
    lateness: 2m
    columns: {{stored_at: stored_at}}
checks:
  stored-of-sent: {{kind: match, left: sent, right: stored, key: row_id, within: 2m, by: [{by}], every: 1m,
    window: 5m, slo: {{objective: 99.9%, window: 28d}}, fail: "< 99%", severity: page, stage: ingest}}
  volume: {{kind: volume, dataset: stored, every: 1m, window: 15m, by: [{by}], fail: "< {floor}",
    upstream: [stored-of-sent], stage: store}}
  delay: {{kind: latency, dataset: stored, from: at, to: stored_at, threshold: 15s, by: [{by}], every: 1m,
    window: 15m, slo: {{objective: 99%, window: 28d}}, fail: "> 1m", severity: page, stage: store}}
  doubles: {{kind: duplicates, dataset: stored, every: 5m, window: 1h, warn: "> 0.1%", fail: "> 1%"}}
  fresh: {{kind: freshness, dataset: stored, every: 1m, fail: "> 15m"}}
"""

BANDIT = """\
  contract: {kind: schema, dataset: stored, every: 5m, window: 30m, fail: "< 99%", stage: ingest,
    contract: {columns: {item_id: {type: integer, required: true}, policy: {type: string, required: true},
      propensity_score: {type: number, required: true, min: 0, max: 1},
      position: {type: integer, min: 1, max: 3}}}}
  clicks: {kind: ratio, dataset: stored, good: click = 1, by: [policy, position], every: 15m, window: 6h,
    fail: "outside 0.35%..1%", stage: serve, tags: [quality]}
  mix: {kind: drift, dataset: stored, column: campaign, every: 15m, window: 1h, baseline: {last: 1d},
    warn: "> 0.1", fail: "> 0.25", stage: serve}
"""

WEB = """\
  errors: {kind: ratio, dataset: stored, bad: status >= 500, by: [url_class, browser], every: 1m, window: 15m,
    fail: "< 98%", slo: {objective: 99.5%, window: 28d}, severity: page, stage: serve}
  contract: {kind: schema, dataset: stored, every: 5m, window: 30m, fail: "< 99%", stage: ingest,
    contract: {columns: {path: {type: string, required: true}, method: {type: string, required: true},
      status: {type: integer, required: true, min: 100, max: 599},
      user_agent: {type: string, required: true}}}}
  robots: {kind: bots, dataset: stored, agent: user_agent, every: 5m, window: 30m, by: [url_class],
    fail: "> 65%", stage: capture}
  mix: {kind: drift, dataset: stored, column: url_class, every: 15m, window: 1h, baseline: {last: 1d},
    warn: "> 0.1", fail: "> 0.25", stage: capture}
"""

BY = {"bandit": "position, campaign, policy", "web": "url_class, browser"}
MORE = {"bandit": BANDIT, "web": WEB}


def written(log: str, rate: float, folder: Path) -> str:
    """The configuration of a log that comes at such a rate."""
    return TOP.format(log=log, folder=folder, by=BY[log], floor=round(rate * 15 * 60 * 0.6)) + MORE[log]


# The damages ------------------------------------------------------------------------------------------------

LOSS = ("stored-of-sent", "volume")
AT = ("ingest",)


def _of(log: str, dim: str, big: Where, other: Where, pair: Where) -> Iterator[Damage]:
    """What may happen to any log: a common segment, another and a pair."""
    small = 10
    yield Damage("all of a segment lost", log, partial(lose, big, 1.0), LOSS, AT, big, small)
    yield Damage("5 % of a segment lost", log, partial(lose, big, 0.05), LOSS, AT, big)
    yield Damage("5 % of another lost", log, partial(lose, other, 0.05), LOSS, AT, other)
    yield Damage("a third of a pair lost", log, partial(lose, pair, 0.33), LOSS, AT, pair)
    yield Damage("all of a pair lost", log, partial(lose, pair, 1.0), LOSS, AT, pair, small)
    yield Damage("5 % lost everywhere", log, partial(lose, (), 0.05), LOSS, AT)
    yield Damage("doubles", log, partial(double, (), 0.05), ("doubles",), AT, within=70, watch=90)
    yield Damage("doubles of a segment", log, partial(double, other, 0.2), ("doubles",), AT, other, 70, 90)
    slow = partial(later, other, 0.5, MINUTE)
    yield Damage("half of a segment late", log, slow, ("delay",), ("store",), other, 20)
    yield Damage("a pair late", log, partial(later, pair, 1.0, MINUTE), ("delay",), ("store",), pair, 20)


def _damages() -> Iterator[Damage]:
    yield from _of(
        "bandit",
        "position",
        (("position", "3"),),
        (("policy", "thompson"),),
        (("policy", "random"), ("position", "2")),
    )
    nulls = partial(blank, "propensity_score", (("policy", "thompson"),), 0.2)
    where: Where = (("policy", "thompson"),)
    yield Damage("no propensities of a policy", "bandit", nulls, ("contract",), AT, where, 40)
    untold = partial(blank, "policy", (), 0.2)
    yield Damage("no policy named", "bandit", untold, ("contract",), AT, (), 40)
    missed = partial(unclicked, where, 0.9)
    yield Damage("a policy is clicked less", "bandit", missed, ("clicks",), ("serve",), where, 600, 600)
    one: Where = (("campaign", "c2"),)
    both = every(partial(lose, one, 0.3), partial(later, (("position", "1"),), 0.5, MINUTE))
    yield Damage("lossy, and slow elsewhere", "bandit", both, ("stored-of-sent",), AT, one, 20)
    yield Damage(
        "slow, and lossy elsewhere", "bandit", both, ("delay",), ("store",), (("position", "1"),), 20
    )
    yield from _of(
        "web",
        "url_class",
        (("url_class", "presentations"),),
        (("url_class", "images"),),
        (("browser", "Firefox"), ("url_class", "images")),
    )
    nulls = partial(blank, "user_agent", (("url_class", "images"),), 0.3)
    yield Damage("no agents of a class", "web", nulls, ("contract",), AT, (("url_class", "images"),), 40)
    errors = partial(failing, (("url_class", "blog"),), 0.3)
    yield Damage("errors of a class", "web", errors, ("errors",), ("serve",), (("url_class", "blog"),), 20)
    yield Damage("robots everywhere", "web", partial(storm, 2.0, ()), ("robots",), ("capture",), (), 40)
    files: Where = (("url_class", "presentations"),)
    yield Damage("robots at a class", "web", partial(storm, 4.0, files), ("robots",), ("capture",), files, 40)


DAMAGES = tuple(_damages())


# Playing them -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What people were told, by whom it should be, and everything else that they were told."""

    damage: Damage | None
    first: Told | None
    minutes: float | None
    stage: bool
    segment: bool
    others: tuple[Told, ...] = field(default=())
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        in_time = (
            self.minutes is not None and self.damage is not None and self.minutes <= self.damage.within + 6
        )
        return in_time and self.stage and self.segment


def once(log: str, damage: Damage | None, folder: Path, *, rate: float, past: int, after: int) -> Ticked:
    """A single tick so long after the onset, with no more past than the rows themselves."""
    onset = BEGIN + past
    rows = retimed(LOGS[log](), rate, BEGIN, onset + after, onset, seed=1)
    if damage:
        damage.damage(rows)
    Replay(folder, rows).advance(onset + after)
    (folder / "weir.yaml").write_text(written(log, rate, folder), encoding="utf-8")
    loaded = config.load(folder / "weir.yaml", {})
    with closing(open_store("sqlite://")) as store, Sources(loaded) as sources:
        return tick(loaded, store, sources, onset + after)


def play(log: str, damage: Damage | None, *, rate: float, past: int, length: int, seed: int = 1) -> Seen:
    """A log with a past, its damage after some minutes, and Weir's ticks until somebody was told, and on."""
    began = process_time()
    now = BEGIN + past
    onset = now + 3 * MINUTE + 17 * SECOND
    end = onset + length
    rows = retimed(LOGS[log](), rate, BEGIN, end + MINUTE, onset, seed)
    if damage:
        damage.damage(rows)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "weir.yaml").write_text(written(log, rate, Path(folder)), encoding="utf-8")
        loaded = config.load(Path(folder) / "weir.yaml", {})
        store = open_store(loaded.store)
        replay: Any = Replay(Path(folder), rows)
        replay.advance(now - 20 * MINUTE)
        with Sources(loaded) as sources:
            before = now - 20 * MINUTE
            backfill(loaded, store, sources, Window(BEGIN, before), before)
            watch = Watch(loaded, store, sources, replay)
            for at in range(before, end, MINUTE):
                watch.step(at)
                first = _first(watch, damage)
                if first and at >= first.at + 6 * MINUTE:
                    break
        store.close()
    return _seen(watch, damage, onset, process_time() - began)


def _first(watch: Watch, damage: Damage | None) -> Told | None:
    checks = damage.checks if damage else ()
    return next((each for each in watch.told if each.about in checks), None)


def _seen(watch: Watch, damage: Damage | None, onset: int, seconds: float) -> Seen:
    first = _first(watch, damage)
    others = tuple(each for each in watch.told if each is not first)
    if first is None or damage is None:
        return Seen(damage, first, None, False, False, others, seconds)
    wanted = {tuple(sorted(damage.where))} if damage.where else set[Where]()
    minutes = (first.at - onset) / MINUTE
    return Seen(
        damage, first, minutes, stage_of(first) in damage.stages, named(first) == wanted, others, seconds
    )


def _line(damage: Damage, seen: Seen) -> str:
    after = f"{seen.minutes:.1f} min" if seen.minutes is not None else "never"
    place = ", ".join(" ".join(pair) for pair in damage.where) or "everywhere"
    marks = " | ".join("yes" if each else "NO" for each in (seen.stage, seen.segment))
    return f"| {damage.log} | {damage.name} | {place} | {after} | {marks} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--log", choices=list(LOGS))
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--past", default="26h")
    parser.add_argument("--clean", default="6h")
    parser.add_argument("--words", action="store_true", help="what people were told, too")
    asked = parser.parse_args()
    past, clean = duration(asked.past), duration(asked.clean)
    if not asked.only:
        for log in LOGS if not asked.log else [asked.log]:
            seen = play(log, None, rate=asked.rate, past=past, length=clean)
            print(f"{log}: {len(seen.others)} alerts in {asked.clean} without damage ({seen.seconds:.0f} s)")
            for each in seen.others:
                print("    ", each.name, each.about, each.summary)
    print("| log | damage | where | told after | stage | segment |\n|---|---|---|---|---|---|", flush=True)
    for each in DAMAGES:
        if (asked.only and not any(word in each.name for word in asked.only)) or asked.log not in (
            None,
            each.log,
        ):
            continue
        seen = play(each.log, each, rate=asked.rate, past=past, length=each.watch * MINUTE)
        print(_line(each, seen), flush=True)
        if asked.words or not seen.right:
            for told in (seen.first, *seen.others):
                print("    ", told and f"{told.name} {told.about}: {told.summary}", flush=True)


if __name__ == "__main__":
    main()
