"""Robots among the rows.

value = rows of robots ÷ rows. `flag` is a column that already says so; beside it, or instead of it, rules
look for robots. Each rule gives its weight (1) to the rows that it points at, and a row whose weights add up
to `threshold` (1) is a robot's: each rule is enough alone, unless it is weighed less. By default they are

- agents: a list of user agents (crawler-user-agents where it is installed, words such as bot and spider, or
  files) knows the row's `agent`; each different agent is matched once, and joined back in the source;
- robots_txt: the row's `actor` has fetched robots.txt (`path`), which browsers do not do;
- rate: the actor had more than 120 rows within a minute;
- regular: at least ten intervals between the actor's rows, with a coefficient of variation below 0.2. People
  come in bursts: independent arrivals have 1, sessions more;
- dwell: the row's `dwell`, in seconds, is below 0.1 or above a day; where no such column is named, at least
  five pauses of the `session` with a median below 0.1 seconds, or a session longer than a day;
- unexposed: more than half of the actor's `clicks`, and three at least, have no row of the same
  `exposure_key` in the dataset `exposures` within the hour before.

`rules: {rate: false}` switches one off, `rules: {rate: {over: 60, per: 1m, weight: 0.5}}` sets it. A rule
that is off, or whose columns are not named, is listed in `off`. Actors are judged by the window and
`look_back` before it. Rows are nobody's robot whose actor is named in `allow`, or whose agent a pattern there
matches; then those in `deny` are robots, whatever the rules say. Where nothing is named at all, the column
word `is_bot` is the flag, else `user_agent` the agent. With `truth`, a column of known answers, detail has
precision and recall, overall and of each rule, over the rows whose answer is known.

Checks of any kind can leave robots out with `exclude_bots: true`, or show their value without them, as
`without_bots` in their detail, with `bots: both`: by the column word `is_bot`, else by the rules and the
exceptions of the dataset's `bots` check, else by lists of `user_agent`. So that every bucket reads the same
at every tick, conduct is then judged bucket by bucket, each with the hour before it (or `look_back`, where
that is longer), and never by what comes later: an actor who breaks a rule is left out from that bucket on and
for the hour after. Pauses longer than that hour are none, and sessions are robots' where most of their pauses
are too short. Exposures that come later than the check's `settle` are missing to `unexposed`: where they are
late, give it a longer one, or switch the rule off. Who it was never leaves the source.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from monitor.detect.agents import named_list, usual
from monitor.grammar import Column, DatasetName, Delay, Fragment, KeyColumns, SqlExpression
from monitor.kinds import Facts, Steps, View
from monitor.kinds._lists import Lists, Patterns
from monitor.kinds._robots import counted, different, judged, matched
from monitor.kinds._rules import STRICT, Rules, rule
from monitor.model import Reading, Stage, Sums

Value = Annotated[str, SqlExpression(truth=False)]

STAGE = Stage.CAPTURE
UNIT = "ratio"


class Params(BaseModel):
    """Where robots may show, what each rule counts for, and the exceptions."""

    model_config = STRICT
    flag: Column | None = Field(None, description="column that already says who is a robot")
    agent: Column | None = Field(None, description="column of the user agent")
    actor: Column | None = Field(None, description="column of who acts: a user, a device, an address")
    session: Column | None = Field(None, description="column of the session")
    path: Value | None = Field(None, description="what was fetched, for robots.txt: a column or SQL")
    dwell: Value | None = Field(None, description="seconds that somebody stayed: a column or SQL")
    clicks: Fragment | None = Field(None, description="SQL, true for a click; default: every row")
    exposures: Annotated[str, DatasetName()] | None = Field(
        None, description="dataset of what was shown, for clicks without exposures"
    )
    exposure_key: KeyColumns = Field((), description="columns that a click and its exposure share")
    lists: Lists = Field(
        default_factory=lambda: (named_list(usual()),),
        description="lists of user agents: `crawlers` (of the package crawler-user-agents; the default where"
        " that is installed), `words` (bot, crawler, spider), or files of patterns such as the COUNTER robots"
        " list",
    )
    rules: Rules = rule(Rules, "each rule's settings, or false")
    threshold: float = Field(1.0, gt=0, description="a row whose weights add up to it is a robot's")
    allow: Patterns = Field((), description="actors, or patterns of agents, that are never robots")
    deny: Patterns = Field((), description="actors, or patterns of agents, that always are")
    look_back: Delay = Field(0, description="how long before the window an actor's conduct counts too")
    truth: Column | None = Field(None, description="column of known answers, for precision and recall")

    @model_validator(mode="after")
    def _whole(self) -> "Params":
        if self.exposures and not self.exposure_key:
            raise ValueError("'exposures' needs an 'exposure_key', the columns that a click shares with it")
        if self.exposures and not self.actor:
            raise ValueError("'exposures' needs an 'actor', whose clicks are looked at together")
        if self.path and not self.actor:
            raise ValueError("'path' needs an 'actor', who fetched it")
        return self

    @property
    def named(self) -> bool:
        return any((self.flag, self.agent, self.actor, self.session, self.dwell))


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if params.exposures and not (main.timed and others[params.exposures].timed):
        raise ValueError("clicks and 'exposures' are compared in time: both datasets need a 'time'")
    return params


def steps(params: Params, view: View) -> Steps:
    params = _by_words(params, view)
    agents: Any = []
    if matched(params):
        agents = (yield different(params, view)).column("a").to_pylist()
    rows = (yield judged(params, view, agents)).to_pylist()
    return counted(params, rows, view)


def _by_words(params: Params, view: View) -> Params:
    """Where nothing is named, the words that datasets have for it."""
    if params.named:
        return params
    word = "flag" if view.has("is_bot") else "agent"
    return params.model_copy(update={word: "is_bot" if word == "flag" else "user_agent"})


def reading(params: Params, sums: Sums) -> Reading:
    total, found = sums["total"], sums["bots"]
    rules: dict[str, dict[str, Any]] = {
        name: {"rows": each["rows"], **_graded(each, sums)} for name, each in sums["rules"].items()
    }
    detail: dict[str, Any] = {"bots": found, "rules": rules, "off": sums["off"]}
    detail |= {"lists": [each.name for each in params.lists]} if "agents" in rules else {}
    detail |= {name: sums[name] for name in ("allowed", "denied", "unknown") if name in sums}
    if "labelled" in sums:
        detail |= {"labelled": sums["labelled"], "truth": sums["truth"], **_graded(sums, sums)}
    return Reading(found / total if total else None, total - found, total, detail)


def _graded(each: Mapping[str, Any], sums: Sums) -> dict[str, float | None]:
    """Precision and recall of what pointed at rows whose answer is known; None of nothing."""
    if "labelled" not in sums:
        return {}
    return {
        "precision": _share(each["right"], each["judged"]),
        "recall": _share(each["right"], sums["truth"]),
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
