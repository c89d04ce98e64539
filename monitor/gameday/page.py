"""A game day as a page of HTML that needs nothing beside itself: no script, and nothing from elsewhere."""

from collections.abc import Iterator, Sequence
from html import escape

from monitor.gameday.clean import Clean
from monitor.gameday.drawn import curves, timeline
from monitor.gameday.expected import stage_of
from monitor.gameday.play import Played
from monitor.gameday.run import Result
from monitor.gameday.score import Score, rates, scores
from monitor.gameday.segments import shown
from monitor.gameday.told import places, rows_told
from monitor.model import DAY, MINUTE, Severity
from monitor.simulate.faults import KINDS

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5d6878; --line: #8885; --card: #f6f7f9;
  --page: #b4380a; --ticket: #8a5a00; --good: #006e50; --told: #1d5fa8; --band: #c1400b1f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --quiet: #a4adba; --card: #1b2028;
  --page: #ff9066; --ticket: #f0bc5e; --good: #4ac9a0; --told: #7db4f0; --band: #ff906626; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 60rem; }
body { margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .3rem 0; } .quiet { color: var(--quiet); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .7rem; }
.tiles { margin: 1rem 0; }
.tile, article { background: var(--card); border-radius: .5rem; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.5rem; } .tile span { color: var(--quiet); font-size: .9rem; }
article { margin: .8rem 0; border-left: .3rem solid var(--good); }
article.bad { border-left-color: var(--page); } article.odd { border-left-color: var(--ticket); }
.right { color: var(--good); } .wrong { color: var(--page); font-weight: 600; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .7rem; }
.wide { overflow-x: auto; } .wide svg { min-width: 36rem; }
svg { width: 100%; height: auto; display: block; }
svg text { font: 11px system-ui, sans-serif; fill: var(--quiet); }
.grid { stroke: var(--line); stroke-width: .6; } .band { fill: var(--band); }
.course { fill: none; stroke: var(--quiet); stroke-width: 1.2; }
circle { fill: var(--quiet); } circle.fail { fill: var(--page); } circle.warn { fill: var(--ticket); }
.page line { stroke: var(--page); } .page circle, .page text { fill: var(--page); }
.ticket line { stroke: var(--ticket); } .ticket circle, .ticket text { fill: var(--ticket); }
.page line, .ticket line { stroke-width: .8; stroke-dasharray: 2 2; }
polyline.told { fill: none; stroke: var(--told); stroke-width: 2; } circle.told { fill: var(--told); }
details { margin-top: .3rem; }
summary { cursor: pointer; color: var(--quiet); } li { overflow-wrap: anywhere; }
"""


def page(result: Result) -> str:
    """The report."""
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width"><title>Game day</title>',
        f"<style>{STYLE}</style><main><h1>Game day</h1>",
        "<p class=quiet>The simulated pipeline was broken on purpose. This is what Weir said of it.</p>",
        _tiles(result),
        _curves(result.scores),
        _scenarios(result.played),
        *(_clean(each) for each in result.clean),
        _failed(result.failed),
        "</main></html>",
    ]
    return "\n".join(each for each in parts if each)


def _tiles(result: Result) -> str:
    found, some = rates(result.scores), result.scores
    tiles: list[tuple[str, str]] = []
    if some:
        tiles.append((f"{sum(each.detected for each in some)} of {len(some)}", "faults detected"))
        named = ("stage", "segment", "runbook", "routed", "trust")
        said = (
            "right stage",
            "right segment",
            "right runbook",
            "page or ticket right",
            "damage told to training",
        )
        if found["detected"]:
            tiles += [(f"{found[name]:.0%}", what) for name, what in zip(named, said, strict=True)]
        tiles.append((str(sum(len(each.noise) for each in some)), "other alerts (noise)"))
    if result.clean:
        days = sum(each.days for each in result.clean)
        tiles.append((str(sum(each.pages for each in result.clean)), f"pages in {days:g} clean days"))
        tiles.append((str(sum(each.tickets for each in result.clean)), "tickets in them"))
    inside = "".join(f'<div class="tile"><b>{escape(b)}</b><span>{escape(s)}</span></div>' for b, s in tiles)
    return f'<div class="tiles">{inside}</div>'


def _curves(some: Sequence[Score]) -> str:
    drawn = "".join(f'<div class="tile"><h3>{escape(fault)}</h3>{svg}</div>' for fault, svg in curves(some))
    if not drawn:
        return ""
    about = "How many were told of, by how much worse than the threshold of their check they were."
    return f'<h2>Detection against severity</h2><p class="quiet">{about}</p><div class="curves">{drawn}</div>'


def _scenarios(played: Sequence[Played]) -> str:
    if not played:
        return ""
    about = (
        "The band is the fault, the line what the check read that told of it, "
        "and each mark somebody who was told."
    )
    return f'<h2>Faults</h2><p class="quiet">{about}</p>' + "".join(map(_scenario, played))


def _scenario(played: Played) -> str:
    found = scores(played)
    missed = any(each.missed for each in found)
    odd = any(each.noise or (each.detected and not _right(each)) for each in found)
    kind = "bad" if missed else "odd" if odd else "good"
    inside = [f"<h3>{escape(_title(played))}</h3>", f'<p class="quiet">{escape(_about(played))}</p>']
    inside += [_line(each) for each in found]
    inside += [f'<div class="wide">{timeline(played)}</div>', _messages(played)]
    return f'<article class="{kind}">{"".join(inside)}</article>'


def _right(score: Score) -> bool:
    return score.stage_right and score.segment_right and score.routed_right


def _title(played: Played) -> str:
    faults = "; ".join(
        f"{each.fault.kind} {each.severity:.3g}× {shown(each.fault.where)}" for each in played.answers
    )
    return faults if played.scenario in faults else f"{played.scenario}: {faults}"


def _about(played: Played) -> str:
    kinds = [KINDS[each.fault.kind] for each in played.answers]
    said = played.description or " ".join(each.title for each in kinds)
    sizes = ", ".join(
        f"{each.fault.size:.3g} {kind.unit}" for each, kind in zip(played.answers, kinds, strict=True)
    )
    over = (
        f" All clear {played.resolved / MINUTE:.0f} minutes after it was mended." if played.resolved else ""
    )
    return f"{said.rstrip('.')}. Size: {sizes}; seed {played.seed}.{over}"


def _line(score: Score) -> str:
    if score.minutes is None or score.told is None:
        quiet = '<p class="quiet">Nobody was told: it is no worse than the threshold of its check.</p>'
        return '<p class="wrong">Nobody was told.</p>' if score.missed else quiet
    told = f"Told after {score.minutes:.1f} minutes, {score.ticks} ticks"
    told += f", of which the check waits {score.settle:.0f} minutes for rows that may still come. "
    verdicts = [
        (score.stage_right, f"stage {stage_of(score.told) or 'none'}"),
        (score.segment_right, f"segment {places(score)}"),
        (score.runbook_right, f"runbook {score.told.runbook}"),
        (score.routed_right, score.told.severity),
    ]
    if score.trusted:
        verdicts.append((score.trusted.right, f"trust: {rows_told(score)}"))
    marks = ", ".join(_verdict(right, what) for right, what in verdicts)
    noise = f'; <span class="wrong">{len(score.noise)} other alerts</span>' if score.noise else ""
    return f"<p>{escape(told)}{marks}{noise}.</p>"


def _verdict(right: bool, what: str) -> str:
    mark = "right" if right else "wrong"
    return f'<span class="{mark}">{"✓" if right else "✗"} {escape(what)}</span>'


def _messages(played: Played) -> str:
    lines = "".join(
        f"<li>{escape(f'+{(each.at - played.onset) / MINUTE:.0f} min, {each.severity}: {each.summary}')}</li>"
        for each in played.told
    )
    held = f" {played.held} were held back." if played.held else ""
    number = f"{len(played.told)} message" + "s" * (len(played.told) != 1)
    return f"<details><summary>{number}.{held}</summary><ul>{lines}</ul></details>"


def _clean(clean: Clean) -> str:
    return (
        f"<h2>{clean.days:g} clean days</h2>"
        '<p class="quiet">Nothing is broken, though a day is slow and some rows straggle. '
        f"Seed {clean.seed}.</p>"
        f"<p>{clean.pages} pages, {clean.tickets} tickets.</p><ul>{''.join(_false(clean))}</ul>"
    )


def _false(clean: Clean) -> Iterator[str]:
    for each in clean.fired:
        day = (each.at - clean.start) / DAY
        mark = "wrong" if each.severity == Severity.PAGE else "quiet"
        said = f"day {day:.1f}: {each.severity}, {each.name} of {each.about}: {each.summary}"
        yield f'<li class="{mark}">{escape(said)}</li>'


def _failed(failed: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f"<li>{escape(name)}: {escape(why)}</li>" for name, why in failed)
    return f'<h2>Not played</h2><ul class="wrong">{lines}</ul>' if lines else ""
