"""Diversity of what is shown: how evenly exposures are spread over the items of a catalogue.

value = the `measure` of the window's exposures of `item`, over the whole `catalogue`, items never shown
included: entropy (Shannon's, as a share of ln(catalogue), default), coverage (items shown ÷ catalogue), gini
(0: all items alike, near 1: one has all) or top_share (the share of exposures of the most shown `top` of the
catalogue, 1 % by default). All of them stand in the detail, as do `top_10` (the share of the ten most shown
items), `effective_items` (how many items, all shown alike, would have the same entropy: Hill's number of
order 1, Jost 2006) and `inverse_simpson` (order 2, which traffic does not move). `catalogue` is a number, or
a dataset whose distinct items are counted as of the window's end; without it the items of the last 28 days
are taken. Rows without an item count nowhere and are shown as `no_item`.

Small windows miss rare items, so that plain measures read traffic as diversity: of 100,000 items shown by
Zipf's law 5,000 exposures have an entropy of 57 %, 100,000 of 66 %, while the truth is 69 %. The bounds
therefore look at an estimate: entropy and gini of the estimated shares of all items, seen and unseen (Chao
and others 2014; 71 % and 72 % there), Chao's 1984 estimate of the items that could be shown ÷ catalogue for
coverage, and for top_share the middle between the plain share, which luck makes too high, and that of the
estimated shares, which is too low (bench/CALIBRATION.md says how far each is off). Chao and Shen's entropy
(2003) stands beside them. To compare windows of very unequal traffic, look at `items_at_coverage`: how many
items serve 50, 80 or 90 % of the traffic, rarefied or extrapolated to equal coverage (Chao and Jost 2012).

`new_items: {first_seen: 7d}` says how cold starts fare: `share` is that of exposures that went to items first
seen less than 7 days before the window's end, `coverage` how many of those items the window showed. An item
is first seen where it appears in the dataset or, where that has a time, in the catalogue, and not in the
`look_back` before that (28 days). Where nothing is that old yet, there is no answer.
"""

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, WithJsonSchema

from monitor.expr import Column, Text
from monitor.grammar import Column as ColumnOf
from monitor.grammar import DatasetName, Duration, percentage
from monitor.kinds import Facts, Steps, View
from monitor.kinds._rows import records
from monitor.model import DAY, Outcome, Reading, Stage, Sums, Window

if TYPE_CHECKING:
    from monitor.statistics.diversity import Frequencies

STAGE = Stage.SERVE
UNIT = "ratio"

RECENT = 28 * DAY
"""Where no catalogue is declared, items of so long before the window's end make it up."""
COVERAGES = (0.5, 0.8, 0.9)


class NewItems(BaseModel):
    """Which items are new."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    first_seen: Duration = Field(description="an item first seen so long before the window's end is new")
    look_back: Duration = Field(28 * DAY, description="how long before that it must not have been seen")


def _top(value: object) -> object:
    """A share of the catalogue, above zero."""
    share = percentage(value)
    if not share:
        raise ValueError("'top' must be more than 0%")
    return share


def _catalogue(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value < 1:
        raise ValueError(f"a catalogue of {value} items: give their number, or the name of a dataset")
    return value


_CATALOGUE: dict[str, Any] = {
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"\S"}]
}
_TOP: dict[str, Any] = {"anyOf": [{"type": "string", "pattern": "%$"}, {"type": "number", "maximum": 1}]}


class Params(BaseModel):
    """Items, and the catalogue that they come from."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    item: ColumnOf = Field(description="column of the item shown")
    catalogue: Annotated[
        int | Annotated[str, DatasetName()] | None,
        BeforeValidator(_catalogue),
        WithJsonSchema(_CATALOGUE),
    ] = Field(None, description="how many items there are, or a dataset of them; default: those of 28 days")
    measure: Literal["entropy", "coverage", "gini", "top_share"] = Field(
        "entropy", description="which one is the value"
    )
    top: Annotated[float, BeforeValidator(_top), WithJsonSchema(_TOP)] = Field(
        0.01, description="share of the catalogue whose exposures are the top share"
    )
    new_items: NewItems | None = Field(None, description="how cold starts fare")

    _catalogue_timed: bool = PrivateAttr(False)

    @property
    def catalogue_timed(self) -> bool:
        """Whether the catalogue says when an item came."""
        return self._catalogue_timed

    def known_by(self, others: Mapping[str, Facts]) -> "Params":
        """With what the catalogue's declaration says."""
        self._catalogue_timed = bool(self.dataset_of_items) and others[self.dataset_of_items].timed
        return self

    @property
    def dataset_of_items(self) -> str:
        """The dataset of the catalogue; "" for the check's own."""
        return self.catalogue if isinstance(self.catalogue, str) else ""


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if params.new_items and not main.timed:
        raise ValueError("'new_items' needs a dataset with a time")
    return params.known_by(others)


# What is asked ----------------------------------------------------------------------------------------------


def steps(params: Params, view: View) -> Steps:
    shown = f"SELECT s, item, count(*) AS n FROM {_items(params, view)} GROUP BY s, item"
    table = yield (
        "SELECT s, CASE WHEN item IS NULL THEN 1 ELSE 0 END AS missing, n, count(*) AS f"
        f" FROM ({shown}) AS shown GROUP BY 1, 2, 3"
    )
    found: dict[str, dict[str, Any]] = {}
    for row in records(table):
        sums = found.setdefault(row["s"], {"times": {}, "no_item": 0, "total": 0})
        if row["missing"]:
            sums["no_item"] = row["n"]
        else:
            sums["times"][row["n"]] = row["f"]
            sums["total"] += row["n"] * row["f"]
    if not found:
        return {}
    listed = yield from _listed(params, view)
    for segment, sums in found.items():
        sums["catalogue"] = listed.get(segment, listed.get("", 0))
    if params.dataset_of_items:
        yield from _unlisted(params, view, shown, found)
    if params.new_items and view.window:
        yield from _new(params, view, view.window.end, shown, found)
    return cast(Mapping[str, Sums], found)


def _items(params: Params, view: View, **of: Any) -> str:
    """Rows with their item; as text where those of two datasets meet, which may have other types."""
    column = Column(params.item)
    return view.rows({"item": Text(column) if params.dataset_of_items else column}, **of)


def _listed(params: Params, view: View) -> Generator[str, Any, dict[str, int]]:
    """How many items there are to show, as of the window's end; by segment where the catalogue has them."""
    if isinstance(params.catalogue, int):
        return {"": params.catalogue}
    if params.dataset_of_items:
        source = _items(params, view, dataset=params.dataset_of_items, window=_until(view))
        table = yield f"SELECT s, count(DISTINCT item) AS n FROM {source} GROUP BY s"
        return {row["s"]: row["n"] for row in records(table)}
    recent = Window(view.window.end - RECENT, view.window.end) if view.window else None
    table = yield f"SELECT count(DISTINCT item) AS n FROM {_items(params, view, window=recent)}"
    return {"": records(table)[0]["n"]}


def _until(view: View) -> Window | None:
    return Window(0, view.window.end) if view.window else None


def _unlisted(
    params: Params, view: View, shown: str, found: dict[str, dict[str, Any]]
) -> Generator[str, Any, None]:
    """Items shown that the catalogue does not have."""
    listed = _items(params, view, dataset=params.dataset_of_items, window=_until(view))
    table = yield (
        f"SELECT s, count(*) AS items, sum(n) AS n FROM ({shown}) AS shown WHERE item IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {listed} WHERE r.item = shown.item) GROUP BY s"
    )
    for row in records(table):
        found[row["s"]]["unlisted"] = (row["items"], row["n"])


def _new(
    params: Params, view: View, end: int, shown: str, found: dict[str, dict[str, Any]]
) -> Generator[str, Any, None]:
    """Items that were not there before, how many of them were shown, and how often."""
    given = cast(NewItems, params.new_items)
    since = end - given.first_seen
    old = _seen(params, view, Window(since - given.look_back, since), Window(0, since))
    fresh = _seen(params, view, Window(since, end), Window(since, end))
    before = f"old AS ({old})"
    table = yield (
        f"WITH {before}, fresh AS ({fresh}) SELECT (SELECT count(*) FROM old) AS old, (SELECT count(*) FROM"
        " fresh WHERE NOT EXISTS (SELECT 1 FROM old WHERE old.item = fresh.item)) AS fresh"
    )
    known = records(table)[0]
    for sums in found.values():
        sums["new"] = {"known": known["fresh"], "items": 0, "exposures": 0} if known["old"] else None
    table = yield (
        f"WITH {before} SELECT s, count(*) AS items, sum(n) AS n FROM ({shown}) AS shown WHERE item IS NOT"
        " NULL AND NOT EXISTS (SELECT 1 FROM old WHERE old.item = shown.item) GROUP BY s"
    )
    for row in records(table):
        if known["old"]:
            found[row["s"]]["new"] |= {"items": row["items"], "exposures": row["n"]}


def _seen(params: Params, view: View, stretch: Window, listed: Window) -> str:
    """Distinct items of the dataset in a stretch, and of a catalogue with a time in another."""
    some = f"SELECT item FROM {_items(params, view, window=stretch)} WHERE item IS NOT NULL"
    if params.catalogue_timed:
        more = _items(params, view, dataset=params.dataset_of_items, window=listed)
        some = f"{some} UNION ALL SELECT item FROM {more} WHERE item IS NOT NULL"
    return f"SELECT DISTINCT item FROM ({some}) AS each_item"


# What is said -----------------------------------------------------------------------------------------------


def reading(params: Params, sums: Sums) -> Reading:
    from monitor.statistics import diversity

    seen = diversity.frequencies(sums["times"].items())
    total, detail = seen.exposures, _around(sums, seen.exposures, seen.items)
    if not total:
        return Reading(total=0, detail=detail)
    items = max(float(sums["catalogue"]), seen.items)
    plain = _plain(seen, items, seen.items - sums.get("unlisted", (0, 0))[0], params.top)
    estimates = _estimates(seen, items, params.top, plain["top_share"])
    return Reading(
        value=plain[params.measure],
        judged=estimates[params.measure],
        total=total,
        detail={
            **plain,
            "estimates": estimates,
            "top_10": diversity.top_share(seen, 10),
            "effective_items": diversity.effective_items(diversity.entropy(seen)),
            "inverse_simpson": diversity.inverse_simpson(seen),
            "items_at_coverage": {
                f"{share:.0%}": diversity.items_at_coverage(seen, share) for share in COVERAGES
            },
            **detail,
        },
        findings=_findings(sums, seen.items),
    )


def _plain(seen: "Frequencies", items: float, listed: float, top: float) -> dict[str, float | None]:
    """The measures over a catalogue of so many items, `listed` of which were shown."""
    from monitor.statistics import diversity

    return {
        "entropy": diversity.normalised(diversity.entropy(seen), items),
        "coverage": listed / items,
        "gini": diversity.gini(seen, items),
        "top_share": diversity.top_share(seen, max(top * items, 1.0)),
    }


def _estimates(seen: "Frequencies", items: float, top: float, plain_top: float | None) -> dict[str, Any]:
    """What the measures would be if the window had seen all: the ones that are judged, and beside them."""
    from monitor.statistics import diversity

    behind, chao_shen = diversity.estimated(seen, items), diversity.chao_shen(seen)
    high = diversity.top_share(behind, max(top * items, 1.0))
    return {
        "entropy": diversity.normalised(diversity.entropy(behind), items),
        "coverage": min((seen.items + diversity.unseen(seen, items)) / items, 1.0),
        "gini": diversity.gini(behind, items),
        "top_share": ((plain_top or 0.0) + high) / 2,
        "chao_shen": diversity.normalised(chao_shen, items),
        "effective_items": diversity.effective_items(diversity.entropy(behind)),
        "sample_coverage": diversity.sample_coverage(seen),
    }


def _around(sums: Sums, total: float, items: float) -> dict[str, Any]:
    """Numbers of rows and items, and cold starts."""
    detail: dict[str, Any] = {"items": int(items), "catalogue": sums["catalogue"], "no_item": sums["no_item"]}
    if "unlisted" in sums:
        detail["unlisted_items"], rows = sums["unlisted"]
        detail["unlisted_share"] = rows / total
    if "new" in sums:
        new = sums["new"]
        detail["new_items"] = new and {
            "share": new["exposures"] / total if total else None,
            "coverage": new["items"] / new["known"] if new["known"] else None,
            "items": new["items"],
            "known": new["known"],
        }
    return detail


def _findings(sums: Sums, items: float) -> tuple[tuple[Outcome, str], ...]:
    listed = items - sums.get("unlisted", (0, 0))[0]
    if listed <= sums["catalogue"]:
        return ()
    return ((Outcome.WARN, f"{listed:,.0f} items were shown, but the catalogue holds {sums['catalogue']:,}"),)
