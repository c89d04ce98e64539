"""Kinds of faults on the stream of events, from its producers to the lake. What they do stands in `acts`."""

from collections.abc import Mapping

from monitor.simulate.faults import acts
from monitor.simulate.faults.kind import Act, Kind
from monitor.simulate.faults.serving import blocked_candidates
from monitor.simulate.population import USER_GROUPS

EXPOSED = ("region", "device", "app_version", "variant")
"""The dimensions that every dataset of the stream knows."""
EVENTS = (*EXPOSED, "event_type", "partition")

_SHARE, _SECONDS = "share of events", "seconds"
_DAY_S = 86_400.0


def _of_events(name: str, title: str, code: str, points: Mapping[str, Act]) -> Kind:
    return Kind(name, title, (code,), _SHARE, points, EVENTS)


def _of_exposures(name: str, title: str, code: str, points: Mapping[str, Act]) -> Kind:
    return Kind(name, title, (code,), "share of exposures", points, (*EXPOSED, "user_group"))


def _slow(name: str, title: str, code: str, points: Mapping[str, Act]) -> Kind:
    return Kind(name, title, (code,), _SECONDS, points, EXPOSED, most=_DAY_S)


STREAM = (
    # On the way to storage
    _of_events("loss", "Events get lost on the way to ingestion.", "IF-F1", {"fates": acts.loss}),
    _of_events("dead_letters", "Ingestion refuses events.", "MX", {"fates": acts.refusal}),
    _of_events("duplicates", "Ingestion stores events twice.", "RC-F4", {"fates": acts.repetition}),
    _of_events("stragglers", "Events are stored eight minutes late.", "IF-F8", {"fates": acts.straggling}),
    _of_events("no_feature", "Events are stored without their feature.", "RC-F1", {"fates": acts.no_feature}),
    _slow("late", "Events reach ingestion so much later.", "IF-F8", {"fates": acts.slow_way}),
    _slow("delay", "Events are stored so much later.", "IF-F8", {"fates": acts.slow_store}),
    _slow("slow_features", "Features are computed so much later.", "IF-F8", {"fates": acts.slow_feature}),
    # What events say
    _of_events("no_basket", "Checkouts do not say what was bought.", "IF-F2", {"events": acts.no_basket}),
    _of_events("nulls", "Events do not say of what type they are.", "IF-F2", {"events": acts.no_type}),
    _of_events("retyped", "A number in the payload is sent as text.", "IF-F2", {"acts": acts.retyped}),
    _of_events("unparsable", "Payloads are cut off.", "IF-F2", {"acts": acts.cut_off}),
    _of_events("unversioned", "Events do not name their schema.", "IF-F2", {"events": acts.unversioned}),
    _of_events("pii", "Payloads carry mail addresses.", "IF-F5", {"acts": acts.leaky}),
    _of_events("untraced", "Events have no correlation id.", "MX", {"events": acts.untraced}),
    _of_events("skewed_partition", "Events go to partition 0.", "MX", {"acts": acts.one_partition}),
    Kind(
        "withdrawn",
        "Events of users who withdrew their consent are still collected.",
        ("MX",),
        "share of users",
        {"acts": acts.withdrawn},
        EVENTS,
    ),
    Kind(
        "clock_skew",
        "The clocks of clients go fast (or slow, below 0).",
        ("MX",),
        _SECONDS,
        dict.fromkeys(("emitted", "events", "dead_letters"), acts.clock_skew),
        EXPOSED,
        least=-_DAY_S,
        most=_DAY_S,
    ),
    # Who comes
    Kind(
        "bots",
        "Robots come on top of the usual traffic.",
        ("IF-F3",),
        "robots' events for each other event",
        {"crowd": acts.robots},
        EXPOSED,
        most=50.0,
    ),
    Kind(
        "drift",
        "People come by the web instead of the apps.",
        ("IF-F4",),
        "share of sessions",
        {"visits": acts.by_web},
        ("region", "device", "app_version"),
    ),
    Kind(
        "sample_ratio",
        "Users of the treatment get the control.",
        ("MX",),
        "share of the treatment's users",
        {"visits": acts.reassigned},
        ("region", "device", "app_version"),
    ),
    # What is shown and what it brings
    Kind(
        "feedback_loop",
        "Exploration is turned down, and models feed on their own choices.",
        ("IF-F7",),
        "share of exploration that is gone",
        {},  # the recommender knows it
        ("variant",),
    ),
    _of_exposures("cold_start", "New items are not shown.", "IF-F6", {"slates": acts.old_items}),
    Kind(
        "bias",
        "Some people find less that they like.",
        ("RC-F5",),
        "share of exposures",
        {"clicks": acts.disliked_by_some},
        (*EXPOSED, "user_group"),
        place=(("user_group", USER_GROUPS[-1]),),
    ),
    _of_exposures("model_drift", "Models choose what people like less.", "RC-F2", {"clicks": acts.disliked}),
    Kind(
        "cold_start_users",
        "New users find less that they like.",
        ("RC-F8",),
        "share of new users' clicks",
        {"clicks": acts.disliked_by_new_users},
        (*EXPOSED, "user_group"),
    ),
    Kind(
        "blocked_items",
        "A rule blocks items that it should not.",
        ("RC-F9",),
        "share of items",
        {"slates": acts.blocked_items, "requests": blocked_candidates},
        (*EXPOSED, "user_group"),
    ),
    _of_exposures("no_experiment", "Exposures do not say a variant.", "MX", {"exposures": acts.no_variant}),
    _of_exposures("no_model", "Exposures do not name their model.", "MX", {"exposures": acts.no_model}),
    # Labels
    _of_exposures("dead_labeller", "Exposures get no label.", "MX", {"outcomes": acts.no_label}),
    _of_exposures("label_leak", "Labels are known before the exposure.", "MX", {"outcomes": acts.leaked}),
    # The lake
    Kind(
        "replication_lag",
        "A region's rows reach the lake so much later, what producers say excepted.",
        ("MX",),
        _SECONDS,
        dict.fromkeys(("events", "dead_letters", "exposures", "outcomes"), acts.lagging),
        EXPOSED,
        most=_DAY_S,
    ),
    Kind(
        "retention_gap",
        "The stored events of the days before vanish.",
        ("MX",),
        "days",
        {},  # the writer knows it
        most=3650.0,
    ),
)
