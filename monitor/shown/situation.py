"""What is known of a check at the moment when somebody opens its runbook, as plain values and as Markdown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from monitor.attribute.cause import Cause
from monitor.attribute.cause import as_json as cause_json
from monitor.board import Board, CheckRow
from monitor.config.links import address
from monitor.grammar import show_duration
from monitor.judge import show
from monitor.model import HOUR, MINUTE, SECOND, Window
from monitor.objectives.all_good import words
from monitor.objectives.burning import Standing, standings
from monitor.shown.report import segment
from monitor.shown.since import BAD, Episode, episode, past, since
from monitor.shown.status import WORST, ago, badness, rate, said_of, sign_of
from monitor.shown.status_json import check as check_json
from monitor.slo.budget import burn_rate
from monitor.store import Store, Stored, Watermark, alarms
from monitor.store.alarms import Alarm
from monitor.store.deployments import Marked, recorded

Iso = Callable[[int | None], str | None]

LAST = 5
"""Readings that are shown."""
BEFORE = HOUR
"""What went out so long before the trouble is worth a look."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A check, or a dataset, at the instant `now`; `began` is when its trouble did."""

    board: Board
    now: int
    standing: Standing | None
    check: Any
    dataset: str
    mark: Watermark | None
    episode: Episode | None
    last: tuple[Stored, ...]
    upstream: tuple[CheckRow, ...]
    fires: tuple[Alarm, ...]
    deployed: tuple[Marked, ...]
    links: dict[str, str]
    began: int | None

    @property
    def cause(self) -> Cause | None:
        """What explains it."""
        return self.standing.row.cause if self.standing else None


def situation(config: Any, store: Store, board: Board, now: int, check: str, dataset: str = "") -> Situation:
    """What there is to know of a check of the configuration, or ("") of a dataset or the pipeline alone."""
    found = {each.row.name: each for each in standings(board, now)}
    standing, declared = found.get(check), config.checks.get(check)
    seen = past(store, standing.row) if standing else []
    trouble = episode(seen)
    about = dataset or (declared.main_dataset if declared else "")
    fires = _firing(config, store, check, about)
    told = [at for each in fires if _tells(each) for at in (each.onset, each.active_at)]
    began = since(config, store, standing, told) if standing else min(filter(None, told), default=None)
    return Situation(
        board,
        now,
        standing,
        declared,
        about,
        next((mark for mark in board.datasets if mark.dataset == about), None),
        trouble,
        tuple(seen[-LAST:]),
        tuple(found[name].row for name in (declared.upstream if declared else ()) if name in found),
        fires,
        tuple(recorded(store, config.pipeline, Window((now if began is None else began) - BEFORE, now + 1))),
        _links(config, check, about),
        began,
    )


def _firing(config: Any, store: Store, check: str, dataset: str) -> tuple[Alarm, ...]:
    """The alerts of a check, or without one of a dataset, that fire: the longest first."""
    mine = {"slo": check, "check": check} if check else {"dataset": dataset}
    found = [
        each
        for each in alarms.stored(store, config.pipeline).values()
        if each.state == alarms.FIRING
        and any(each.labels.get(label) == name for label, name in mine.items() if name)
    ]
    return tuple(sorted(found, key=lambda each: (each.fired_at or 0, each.key)))


def _tells(alarm: Alarm) -> bool:
    return alarm.labels.get("severity") != alarms.SILENT


def _links(config: Any, check: str, dataset: str) -> dict[str, str]:
    base = address(config.serve)
    about = {"pipeline": config.pipeline} | (
        {"check": check} if check else {"dataset": dataset} if dataset else {}
    )
    links = getattr(config, "links", None)
    pages = links.dashboards if links else ""
    view = ("check" if check else "on-call") if pages else ""
    where = f"{(pages or base).rstrip('/')}/{view}?{urlencode(about, quote_via=quote)}"
    return {"dashboard": where, "serve": base}


def places(config: Any, found: Situation, config_path: str, iso: Iso) -> dict[str, str]:
    """What stands in a runbook's places (`runbook.PLACES`); where no check is known, words in capitals."""
    from shlex import quote as shell

    check = found.check
    known = {"pipeline": config.pipeline, "config": shell(config_path), "serve": found.links["serve"]}
    if found.dataset:
        known |= {"dataset": found.dataset, "source": config.datasets[found.dataset].source}
    if check is not None:
        known |= {
            "check": check.name,
            "kind": check.kind,
            "stage": str(check.stage),
            "owner": check.owner,
            "every": show_duration(check.every),
        }
    blank = ("check", "kind", "dataset", "source", "stage", "owner", "every")
    return {name: name.upper() for name in blank} | _stretch(found, iso) | known


def _stretch(found: Situation, iso: Iso) -> dict[str, str]:
    """The damaged stretch of event time; without trouble, that of the last reading, and without one the last
    hour. It is never empty: commands take it as `--from` and `--to`."""
    last = found.last[-1] if found.last else None
    first = found.episode.first if found.episode else last
    until = found.episode.last if found.episode else last
    if first is None or until is None:
        return _times(found.now, found.now - HOUR, found.now, iso)
    fired = [each.fired_at for each in found.fires if each.fired_at is not None]
    least = found.check.every if found.check else MINUTE
    start = min(first.window.start, until.window.end - least)
    return _times(min(fired, default=first.at), start, until.window.end, iso)


def _times(at: int, start: int, end: int, iso: Iso) -> dict[str, str]:
    places = {"at": at, "start": start, "end": end}
    return {name: iso(time // SECOND * SECOND) or "" for name, time in places.items()}


# As JSON ----------------------------------------------------------------------------------------------------


def to_json(found: Situation, iso: Iso) -> dict[str, Any]:
    """The object `now` of `weir runbook --json`: the check as `weir status --json` has it, and more."""
    mark, trouble = found.mark, found.episode
    return {
        "now": iso(found.now),
        "last_tick": iso(found.board.at),
        "check": check_json(found.standing, iso) if found.standing else None,
        "since": iso(found.began),
        "attribution": cause_json(found.cause, iso) if found.cause else None,
        "until": None if trouble is None or trouble.goes_on else iso(trouble.last.at),
        "dataset": found.dataset or None,
        "watermark": iso(mark.newest) if mark else None,
        "upstream": [
            {"check": row.name, "outcome": row.outcome.value if row.outcome else None}
            for row in found.upstream
        ],
        "fires": [
            {"alert": each.name, "severity": each.labels.get("severity"), "fired_at": iso(each.fired_at)}
            for each in found.fires
        ],
        "deployed": [{"at": iso(each.at), "what": each.what} for each in found.deployed],
        "last": [
            {
                "at": iso(each.at),
                "outcome": each.reading.outcome.value,
                "value": each.reading.value,
                "message": each.reading.message,
            }
            for each in found.last
        ],
        "links": found.links,
    }


# As Markdown ------------------------------------------------------------------------------------------------


def as_markdown(found: Situation, iso: Iso) -> str:
    """A sentence and a table of two columns. What comes from data or configuration is escaped."""
    rows = [*_of_check(found, iso), *_of_dataset(found), *_around(found, iso)]
    body = "\n".join(f"| {name} | {text} |" for name, text in rows if text)
    said = f"**{md(_sentence(found))}**\n\n" if found.standing else ""
    return f"{said}| now | {_now(found, iso)} |\n|---|---|\n{body}\n"


def _now(found: Situation, iso: Iso) -> str:
    return f"{(iso(found.now // SECOND * SECOND) or '')[:16].replace('T', ' ')}, all times UTC"


def _sentence(found: Situation) -> str:
    standing = found.standing
    assert standing is not None  # noqa: S101 -- asked by the caller
    why = "; ".join(said_of(standing, found.now))
    return f"{sign_of(standing)[0]} {standing.row.name}: {why or 'all is well'}"


def _of_check(found: Situation, iso: Iso) -> list[tuple[str, str]]:
    if found.standing is None:
        return []
    row, check = found.standing.row, found.check
    bounds = [
        f"{word} is {bound.text}" for word, bound in (("fail", check.fail), ("warn", check.warn)) if bound
    ]
    window = (
        f"{show_duration(row.window)} to {_time(row.settled, found.now, iso)}"
        if row.settled
        else "never measured"
    )
    value = show(row.total.reading.value, row.unit) if row.total else "no value"
    return [
        ("reads", f"{value}; {window}"),
        ("bounds", md(", ".join(bounds))),
        ("since", _since(found, iso)),
        ("cause", md(found.cause.sentence) if found.cause else ""),
        ("budget", _budget(found.standing)),
        ("burn rates", _burns(row)),
        ("empty in", _empty(found.standing)),
        ("worst", "; ".join(_worst(row))),
    ]


def _since(found: Situation, iso: Iso) -> str:
    trouble, at = found.episode, found.began
    if at is None:
        return ""
    began = f"{_time(at, found.now, iso)}, {ago(at, found.now)}"
    return (
        began
        if trouble is None or trouble.goes_on
        else f"{began}, until {_time(trouble.last.at, found.now, iso)}"
    )


def _budget(standing: Standing) -> str:
    slo = standing.row.slo
    if slo is None:
        return ""
    aim = f"{slo.objective * 100:g}% over {slo.label or show_duration(slo.window)}"
    if slo.budget_left is None:
        return f"{aim}: nothing was measured yet"
    return (
        f"{aim}: {words(slo) or _left(slo.budget_left)}; {slo.measured * 100:.2g}% of the window was measured"
    )


def _left(share: float) -> str:
    if share > 0:
        return f"{share:.0%} is left"
    return f"{1 - share:.3g} times spent"


def _burns(row: CheckRow) -> str:
    if row.slo is None:
        return ""
    found = [(each.window, burn_rate(each.bad_ratio, row.slo.objective)) for each in row.slo.burns]
    return ", ".join(f"{show_duration(length)} {rate(times)}" for length, times in found if times is not None)


def _empty(standing: Standing) -> str:
    left = standing.burning.empty_in if standing.burning else None
    return show(left / SECOND, "seconds") if left else ""


def _worst(row: CheckRow) -> list[str]:
    bad = sorted((each for each in row.segments.values() if each.reading.outcome in BAD), key=badness)
    return [f"{md(_segment(each))} {show(each.reading.value, row.unit)}{_rows(each)}" for each in bad[:WORST]]


def _segment(each: Stored) -> str:
    return ", ".join(f"{key} = {value}" for key, value in (segment(each.segment) or {}).items())


def _rows(each: Stored) -> str:
    return f" of {each.reading.total:,.0f}" if each.reading.total is not None else ""


def _of_dataset(found: Situation) -> list[tuple[str, str]]:
    """How new a dataset is; where none is meant, all of them."""
    known = {mark.dataset: mark for mark in found.board.datasets}
    names = [found.dataset] if found.dataset else list(known)
    return [("dataset", f"{name}{_newest(known.get(name), found.now)}") for name in names]


def _newest(mark: Watermark | None, now: int) -> str:
    if mark is None:
        return ""
    odd = {"no time": mark.no_time, "ancient": mark.ancient, "future": mark.future, "too late": mark.too_late}
    said = "".join(f", {number:,} {what}" for what, number in odd.items() if number)
    return f": newest row {ago(mark.newest, now)}{said}"


def _around(found: Situation, iso: Iso) -> list[tuple[str, str]]:
    row = found.standing.row if found.standing else None
    states = [f"{row.name} {row.outcome or 'never run'}" for row in found.upstream]
    fires = [
        f"{each.name} ({each.labels.get('severity', '')}) since {_time(each.fired_at, found.now, iso)}"
        for each in found.fires
    ]
    out = [f"{_time(each.at, found.now, iso)} {md(each.what)}" for each in found.deployed[-LAST:]]
    last = [f"{_time(each.at, found.now, iso)} {each.reading.outcome}" for each in reversed(found.last)]
    return [
        ("stage", row.stage if row else ""),
        ("fires", ", ".join(fires)),
        ("upstream", ", ".join(states)),
        ("went out", "; ".join(out)),
        ("last readings", ", ".join(last)),
        ("last tick", ago(found.board.at, found.now)),
        ("owner", md(row.owner) if row else ""),
        ("links", f"[dashboard](<{found.links['dashboard']}>)"),
    ]


def _time(at: int | None, now: int, iso: Iso) -> str:
    """To the minute, and of today without the date: seconds are for machines."""
    text, today = (iso(each // SECOND * SECOND) if each is not None else None for each in (at, now))
    if text is None or today is None:
        return "never"
    return text[11:16] if text[:10] == today[:10] else text[:16].replace("T", " ")


def md(text: str) -> str:
    """Text that came from elsewhere, in one line, so that Markdown shows it as it is."""
    return re.sub(r"([\\`*\[\]|]|<(?=[\w/!?])|(?<!\w)_|_(?!\w))", r"\\\1", " ".join(text.split()))
