"""The SQL of the rules that look for robots, and what their answers add up to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from monitor.detect.agents import matches
from monitor.expr import Column, Expr, Fragment, Indicator, Joined, Number, Regex, Text
from monitor.kinds import View
from monitor.kinds._lists import known
from monitor.kinds._rules import Rules
from monitor.kinds._truth import truth
from monitor.model import SECOND, Window

DIFFERENT = 100_000
"""At most so many different agents are matched, the most frequent ones; no list knows the others."""
ROBOTS_TXT = "(^|/)robots[.]txt([^A-Za-z0-9_./-]|$)"


def different(params: Any, view: View) -> str:
    """The different agents of the window, the most frequent first."""
    rows = view.rows({"a": Text(Column(params.agent))})
    return (
        f"SELECT a, count(*) AS n FROM {rows} WHERE a IS NOT NULL"
        f" GROUP BY a ORDER BY n DESC, a LIMIT {DIFFERENT}"
    )


def matched(params: Any) -> bool:
    """Whether the different agents have to be known."""
    return bool(params.agent and (params.rules.agents or params.allow or params.deny))


def judged(params: Any, view: View, agents: Sequence[str]) -> str:
    """How many rows each combination of rules points at, by segment: a column for each rule, 0 or 1."""
    rules = dict(_rules(params, view))
    ctes, joins = [f"r AS (SELECT * FROM {_rows(params, view)})"], ""
    if matched(params):
        ctes.append(f"agents AS (SELECT * FROM {_agents(params, view, agents)})")
        joins += " LEFT JOIN agents ON r.a = agents.a"
    if rules.keys() & {"robots_txt", "rate", "regular"}:
        ctes += _actors(params, view)
        joins += " LEFT JOIN actors ON r.u = actors.u"
    if "unexposed" in rules:
        ctes += _clickers(params, view)
        joins += " LEFT JOIN clickers ON r.u = clickers.u"
    if "dwell" in rules and not params.dwell:
        ctes += _sessions(params)
        joins += " LEFT JOIN sessions ON r.g = sessions.g"
    columns = {"s": "r.s", **rules, **_overrides(params), **_answers(params)}
    items = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    within = f" WHERE r.t >= {view.window.start}" if view.window and params.look_back else ""
    names = ", ".join(columns)
    return (
        f"WITH {', '.join(ctes)}, judged AS (SELECT {items} FROM r{joins}{within})"
        f" SELECT {names}, count(*) AS n FROM judged GROUP BY {names}"
    )


def _rows(params: Any, view: View) -> str:
    texts = {"a": params.agent, "u": params.actor, "g": params.session}
    columns: dict[str, Expr] = {key: Text(Column(name)) for key, name in texts.items() if name}
    if params.flag:
        columns["f"] = truth(params.flag, view)
    if params.truth:
        columns["y"] = truth(params.truth, view)
    if params.path:
        columns["robots"] = Indicator(Regex(Fragment(params.path), ROBOTS_TXT))
    if params.dwell:
        columns["w"] = Number(Fragment(params.dwell))
    if params.exposures:
        columns["k"] = Joined(tuple(Column(name) for name in params.exposure_key))
        columns["click"] = Indicator(Fragment(params.clicks or "1 = 1"))
    window = view.window and Window(view.window.start - params.look_back, view.window.end)
    return view.rows(columns, window=window)


def _rules(params: Any, view: View) -> Iterator[tuple[str, str]]:
    """The rules that are on and have their columns, each as a condition turned into 0 or 1."""
    on = params.rules.on()
    timed = view.window is not None
    possible = {
        "flag": (params.flag, "r.f"),
        "agents": (params.agent, "agents.listed = 1"),
        "robots_txt": (params.path, "actors.robots = 1"),
        "rate": (params.actor and timed, "actors.rate = 1"),
        "regular": (params.actor and timed, "actors.regular = 1"),
        "dwell": (params.dwell or (params.session and timed), _dwell(params)),
        "unexposed": (params.exposures, "clickers.u IS NOT NULL"),
    }
    for name, (given, condition) in possible.items():
        if given and name in on:
            yield name, f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def _dwell(params: Any) -> str:
    rule = params.rules.dwell
    if not params.dwell or not rule:
        return "sessions.g IS NOT NULL"
    return f"r.w < {rule.under / SECOND} OR r.w > {rule.over / SECOND}"


def _agents(params: Any, view: View, agents: Sequence[str]) -> str:
    """What is known of agents, of those of which something is."""
    listed = matches(agents, params.lists) if params.rules.agents else frozenset[str]()
    allowed, denied = known(agents, params.allow), known(agents, params.deny)
    rows = [
        (agent, int(agent in listed), int(agent in allowed), int(agent in denied))
        for agent in sorted(listed | allowed | denied)
    ] or [("", 0, 0, 0)]
    return view.values(rows, ["a", "listed", "allowed", "denied"])


def _actors(params: Any, view: View) -> list[str]:
    """What each actor did: fetched robots.txt, had many rows in a while, came at regular intervals."""
    on, rules = params.rules, {"robots": "max(robots)" if params.path else "0"}
    if view.window is None:
        return [f"actors AS (SELECT u, {rules['robots']} AS robots FROM r WHERE u IS NOT NULL GROUP BY u)"]
    if on.rate:
        rules["rate"] = f"CASE WHEN max(n) > {on.rate.over} THEN 1 ELSE 0 END"
    if on.regular:
        even = f"avg(d) > 0 AND stddev_pop(d) < {on.regular.under!r} * avg(d)"
        rules["regular"] = f"CASE WHEN count(d) >= {on.regular.at_least} AND {even} THEN 1 ELSE 0 END"
    many = (
        f"count(*) OVER (PARTITION BY u ORDER BY t RANGE BETWEEN {on.rate.per - 1} PRECEDING AND CURRENT ROW)"
        if on.rate
        else "0"
    )
    robots = "robots" if params.path else "0"
    apart = "CAST(t - lag(t) OVER (PARTITION BY u ORDER BY t) AS DOUBLE PRECISION)"
    items = ", ".join(f"{sql} AS {name}" for name, sql in rules.items())
    return [
        f"acts AS (SELECT u, {robots} AS robots, {apart} AS d, {many} AS n FROM r WHERE u IS NOT NULL)",
        f"actors AS (SELECT u, {items} FROM acts GROUP BY u)",
    ]


def _sessions(params: Any) -> list[str]:
    """The sessions without a person's pauses."""
    rule = params.rules.dwell
    apart = "CAST(t - lag(t) OVER (PARTITION BY g ORDER BY t) AS DOUBLE PRECISION)"
    median = "percentile_cont(0.5) WITHIN GROUP (ORDER BY d) FILTER (WHERE d > 0)"
    long = f"max(t) - min(t) > {rule.over}"
    short = f"count(*) FILTER (WHERE d > 0) >= {rule.at_least} AND {median} < {rule.under}"
    return [
        f"pauses AS (SELECT g, t, {apart} AS d FROM r WHERE g IS NOT NULL)",
        f"sessions AS (SELECT g FROM pauses GROUP BY g HAVING {long} OR ({short}))",
    ]


def _clickers(params: Any, view: View) -> list[str]:
    """The actors who click on what was not shown: of each click the newest exposure of its key is known."""
    rule, window = params.rules.unexposed, view.window
    assert window is not None  # noqa: S101 -- `complete` asks for a time
    key: Expr = Joined(tuple(Column(name) for name in params.exposure_key))
    before = Window(window.start - params.look_back - rule.within, window.end)
    shown = view.rows({"k": key}, dataset=params.exposures, window=before, alias="e")
    newest = (
        "max(CASE WHEN click = 0 THEN t END) OVER (PARTITION BY k ORDER BY t, click ROWS UNBOUNDED PRECEDING)"
    )
    lone = f"CASE WHEN shown IS NULL OR shown < t - {rule.within} THEN 1 ELSE 0 END"
    clicked = "SELECT u, k, t, 1 AS click FROM r WHERE click = 1 AND k IS NOT NULL AND u IS NOT NULL"
    exposed = f"SELECT NULL AS u, k, t, 0 AS click FROM {shown} WHERE k IS NOT NULL"
    often = f"sum(lone) >= {rule.at_least} AND sum(lone) > {rule.share!r} * count(*)"
    lonely = f"SELECT u, {lone} AS lone FROM shown WHERE click = 1"
    return [
        f"both_sides AS ({clicked} UNION ALL {exposed})",
        f"shown AS (SELECT u, click, t, {newest} AS shown FROM both_sides)",
        f"clickers AS (SELECT u FROM ({lonely}) AS c GROUP BY u HAVING {often})",
    ]


def _overrides(params: Any) -> dict[str, str]:
    """The rows of actors, sessions and agents that are exempt from the rules, and that are robots anyway."""
    found: dict[str, str] = {}
    for name, column, values in (("allowed", "allowed", params.allow), ("denied", "denied", params.deny)):
        conditions = [f"agents.{column} = 1"] if params.agent and values else []
        conditions += [f"r.u IN ({_texts(values)})"] if params.actor and values else []
        if conditions:
            found[name] = f"CASE WHEN {' OR '.join(conditions)} THEN 1 ELSE 0 END"
    return found


def _texts(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _answers(params: Any) -> dict[str, str]:
    """The known answer, and whether the flag is unknown."""
    found = {"y": "CASE WHEN r.y THEN 1 WHEN NOT r.y THEN 0 END"} if params.truth else {}
    return found | ({"unknown": "CASE WHEN r.f IS NULL THEN 1 ELSE 0 END"} if params.flag else {})


def counted(params: Any, rows: Iterable[Mapping[str, Any]], view: View) -> dict[str, dict[str, Any]]:
    """The sums of each segment, from rows counted by the rules that point at them."""
    weights = {name: params.rules.on()[name] for name, _ in _rules(params, view)}
    off = sorted(set(Rules.model_fields) - weights.keys())
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        mine = sums.setdefault(row["s"], _nothing(params, weights, off, row))
        _add(mine, row, _is_bot(row, weights, params.threshold), weights, int(row["n"]))
    return sums


def _nothing(
    params: Any, weights: Iterable[str], off: Sequence[str], row: Mapping[str, Any]
) -> dict[str, Any]:
    empty = {"rows": 0, "judged": 0, "right": 0}
    extra = [name for name in ("allowed", "denied", "unknown") if name in row]
    sums: dict[str, Any] = {"total": 0, "bots": 0, "off": list(off), "judged": 0, "right": 0}
    sums |= {"rules": {name: dict(empty) for name in weights}, **dict.fromkeys(extra, 0)}
    return sums | ({"labelled": 0, "truth": 0} if params.truth else {})


def _is_bot(row: Mapping[str, Any], weights: Mapping[str, float], threshold: float) -> bool:
    if row.get("allowed") or row.get("denied"):
        return not row.get("allowed")
    return sum(weight for name, weight in weights.items() if row[name]) >= threshold


def _add(sums: dict[str, Any], row: Mapping[str, Any], bot: bool, weights: Iterable[str], n: int) -> None:
    answer = row.get("y")
    sums["total"] += n
    sums["bots"] += n * bot
    for name in ("allowed", "denied", "unknown"):
        if name in row:
            sums[name] += n * int(row[name])
    if answer is not None:
        sums["labelled"] += n
        sums["truth"] += n * int(answer)
        sums["judged"] += n * bot
        sums["right"] += n * (bot and int(answer))
    for name in weights:
        if row[name]:
            rule = sums["rules"][name]
            rule["rows"] += n
            rule["judged"] += n * (answer is not None)
            rule["right"] += n * int(answer or 0)
