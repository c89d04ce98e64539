"""Everything that Weir can watch of the simulated shop: beside its own checks whatever is packaged.

Packs are set to a shop whose labels and signals come within minutes, and what they cannot know is added.
"""

from datetime import UTC, datetime

from monitor.simulate.draws import SECOND_US
from monitor.simulate.shop import CONFIG

PACKS = """\
use: [feedback, recommendation, assistant, governance]

checks:
  # packaged checks that know better here
  conversion-rate: {enabled: false}             # orders are counted by visit, below
  exploration-rate:                             # the trial explores twice as much as the others,
    by: [variant, model_version]
    window: 30m
    every: 5m
    warn: "outside 8%..22%"
  model-freshness: {warn: "> 750m", fail: "> 13h", every: 5m}   # models are rolled out twice a day
  serve-latency: {by: [model_version, region, device, app_version, [region, device]]}
  error-rate: {by: [model_version, release, region, device, app_version, [region, device]]}
  feature-retrieval: {by: [model_version, region, device, app_version, [region, device]]}
  cache-hit-rate: {by: [region, device, app_version, [region, device]], every: 5m}
  filtered-share: {by: [region, device, app_version, [region, device]], window: 15m, every: 5m}
  queries-answered: {by: [task_type, region, device, [region, device]]}
  task-completion: {within: 15m, window: 1h, warn: "< 25%", fail: "< 15%", every: 5m}
  rating-coverage: {within: 15m, window: 1h, every: 5m}
  long-copies: {within: 5m, window: 1h, warn: "< 18%", fail: "< 10%", every: 5m}
  reformulation: {within: 2m, window: 1h, every: 15m, warn: "> 20%", fail: "> 35%"}
  response-clicks: {window: 1h, every: 5m}
  dwell: {window: 1h, every: 15m, warn: "< 12s", fail: "< 9s"}
  abandonment: {idle: 15m, longest: 30m, window: 1h, every: 15m, warn: "> 25%", fail: "> 45%"}
  copy-validity: {within: 15m, window: 1h, every: 15m, warn: "< 0.15", fail: "< 0.08", min_events: 250}
  copy-validity-by-ratings: {within: 15m, window: 3h, every: 15m}
  low-edits:
    window: 1h
    every: 15m
    thresholds: {find: 0.35, compare: 0.35, care: 0.35, gift: 0.35, size: 0.35}
  ctr:
    kind: ratio
    every: 5m
    dataset: training_set
    good: click
    by: [region, device, app_version, model_version, [region, device]]
    warn: "outside 9%..16%"
    fail: "outside 6%..24%"
  model-performance: {dataset: training_set, margin: 15%, window: 6h, every: 15m}   # which costs clicks
  traffic-drift: {column: device, unit: session_id, by: [region, app_version], every: 5m}   # regions: below
  consent-of-events: {by: [region, device, app_version, [region, device]]}
  labels-of-exposures: {window: 1h, every: 5m}
  sample-ratio: {by: [region, device, app_version], window: 3h, every: 15m}
  payloads-parse:
    by: [region, device, app_version, [region, device]]
    payload: {column: payload, properties: {screen: {type: string}, rank: {type: integer}}}
    every: 5m
  canary-ctr: {dataset: training_set, window: 6h, every: 15m}
  cold-start-conversion:
    dataset: training_set
    by: [region, device, app_version]
    window: 3h
    every: 15m
    min_events: 60
    warn: "< 6%"
    fail: "< 3%"
  fairness-delta: {dataset: training_set, by: [region, device], window: 3h, every: 15m}
  ranking-quality: {dataset: training_set, window: 3h, every: 15m}
  signals-of-queries: {by: [task_type, region, device, app_version, [region, device]], window: 1h, every: 5m}
  signals-of-responses:
    by: [task_type, region, device, app_version, [region, device]]
    window: 1h
    every: 5m
  sampling-rates: {by: [task_type, region, device, app_version, [region, device]], window: 1h, every: 15m}
  consent-of-signals: {by: [task_type, region, device, app_version, [region, device]]}
  cost-per-event:
    query: >-
      SELECT region, 5000000.0 * sum(amount) / sum(units) AS cost, sum(units) / 5 AS events
      FROM costs GROUP BY ROLLUP (region)
    window: 1h
    every: 15m
    warn: "> 80"
    fail: "> 120"

  # hours are looked at every five minutes
  dead-letter-share: {by: [region, device, app_version, [region, device]], every: 5m}
  event-volume: {every: 5m}
  event-duplicates: {by: [region, device, app_version, [region, device]], every: 5m}
  late-events: {every: 5m}
  clock-skew: {by: [region, device, app_version, [region, device]], every: 5m}
  feature-drift: {every: 5m}
  replayed-alike: {every: 5m}
  replayed-once: {every: 5m}
  score-drift: {every: 5m}
  canary-latency: {every: 5m}
  propensities: {every: 5m}
  response-fallbacks:
    by: [model_version, policy, task_type, region, device, [region, device]]
    every: 5m
    warn: "< 98%"                               # a visit that falls back brings several: 1 % by chance
  event-contract: {by: [region, device, app_version, [region, device]], every: 5m}
  schema-versions: {by: [region, device, app_version, [region, device]], every: 5m}
  events-traced: {by: [region, device, app_version, [region, device]], every: 5m}
  signals-with-provenance: {by: [task_type, region, device, app_version, [region, device]], every: 5m}
  exposures-with-model: {by: [region, device, app_version, variant, [region, device]], every: 5m}
  exposures-with-experiment: {by: [region, device, app_version, variant, [region, device]], every: 5m}

  # and some that packs cannot bring
  partition-balance:
    description: how many times its even share the fullest partition of the log has
    kind: value
    dataset: events
    query: >-
      SELECT 12.0 * max(n) / sum(n) FROM (SELECT count(*) AS n FROM events GROUP BY partition) AS counted
    unit: times its share
    window: 1h
    every: 5m
    warn: "> 2"
    fail: "> 3"
    stage: ingest
    severity: ticket

  partition-mix:
    description: how evenly users are spread over the log's partitions, against the week before
    kind: drift
    dataset: events
    column: partition
    bins: 12
    unit: user_id
    by: [region, device, app_version]
    window: 1h
    every: 15m
    min_events: 1500  # some 150 visits: fewer are spread so unevenly over twelve partitions by chance
    warn: "> 0.25"
    fail: "> 0.5"
    stage: ingest
    severity: ticket

  region-mix:
    description: the mix of regions against the same hour of the days before
    kind: drift
    dataset: events
    column: region
    baseline: {last: 7d, same: hour-of-day}
    window: 1h
    every: 15m
    min_events: 100
    warn: "> 0.1"
    fail: "> 0.25"
    stage: capture
    severity: ticket

  new-items-shown:
    description: exposures of items that are new
    kind: ratio
    dataset: training_set
    good: is_new_item
    by: [region, device, app_version, model_version]
    every: 5m
    window: 1h
    min_events: 1000
    warn: "< 0.5%"
    fail: "< 0.2%"
    stage: serve
    runbook: diversity
    severity: ticket

  labels-in-order:
    description: labels that were given after their exposure; the others leak
    kind: ratio
    dataset: training_set
    bad: label_time < event_time
    by: [region, device, app_version, variant, [region, device]]
    every: 5m
    window: 1h
    warn: "< 99.9%"
    fail: "< 99%"
    stage: label
    runbook: labels
    severity: ticket

  training-serving-skew:
    description: values of features that training reads as serving did
    kind: skew
    left: examples
    right: features
    key: [request_id, feature]
    columns: [value]
    by: [feature, region, device, app_version, [region, device]]
    every: 5m
    window: 1h
    warn: "< 99.9%"
    fail: "< 99%"
    severity: ticket

  cost-by-component:
    description: cost of a million events by component, against the day before
    kind: value
    query: >-
      SELECT component, 1000000.0 * sum(amount) / sum(units) AS cost, sum(units) AS events
      FROM costs GROUP BY component
    total: sum
    unit: per million events
    window: 1h
    every: 15m
    change: {against: 1d, warn: "> 40%", fail: "> 80%"}
    severity: ticket

  cost-per-retrain:
    description: what it costs to train a model once
    kind: value
    dataset: training_runs
    query: SELECT variant, avg(cost) AS cost FROM training_runs GROUP BY variant
    unit: per model
    window: 1d
    every: 1h
    for: 1m
    warn: "> 60"
    fail: "> 100"
    stage: train
    severity: ticket

  assistant-latency:
    description: answers that take at most ten seconds
    kind: ratio
    dataset: responses
    good: took_ms <= 10000
    by: [model_version, task_type, region, device, [region, device]]
    every: 5m
    window: 15m
    warn: "< 99%"
    fail: "< 95%"
    severity: ticket

  rules-applied:
    description: requests in which some business rule takes something away
    kind: ratio
    dataset: requests
    good: rule_hits > 0
    by: [region, device, app_version, [region, device]]
    every: 5m
    window: 15m
    warn: "outside 15%..50%"
    fail: "outside 5%..80%"
    stage: serve
    severity: ticket

  orders-per-visit:
    description: what the shop is for, orders by visit
    kind: value
    query: >-
      SELECT 1.0 * count(*) FILTER (WHERE event_type = 'checkout') / count(DISTINCT session_id) FROM events
    unit: orders
    window: 1h
    every: 15m
    severity: ticket

"""
"""What takes the place of the first `checks:` of CONFIG to have everything packaged that its data allow."""

MATURITY = ("within: 3m ", "maturity: [1m, 3m]\n    within: 3m ")
"""A label is late after minutes here, and not after a day as in the pack: its coverage by age goes along."""

LATE = ("threshold: 5s\n", "threshold: 5s\n    upstream: [client-latency, store-latency, feature-latency]\n")
"""What is late from end to end is late on one of the legs, which packs look at."""

WHOLE = ("    stage: capture\n    upstream: [ingestion-success]\n", "    stage: capture\n")
"""Events that are lost empty no basket: a ticket about baskets would wait for the page about the loss."""

LUCK = ('fail: "< 99.5%"\n', 'warn: "< 99.7%"\n    fail: "< 99.5%"\n')
"""Of the 3,000 events in five minutes of a small shop four are lost by chance in one minute of forty: the
bound of the pack, 99.9 %, would then be what other troubles are put down to."""

EVERYWHERE = "[region, device, app_version, [region, device]]"
APART = (
    ("by: [region, producer]\n", f"by: {EVERYWHERE}\n"),
    ("by: [region, app_version]\n", f"by: {EVERYWHERE}\n"),
    ("by: [region, model_version]\n", "by: [region, device, app_version, model_version, [region, device]]\n"),
    (
        "by: [region]\n    every: 1m\n    window: 15m",
        "by: [region, device, app_version]\n    every: 1m\n    window: 1h\n    min_events: 1500",
    ),
    ("feature-latency]\n    by: [region]\n", f"feature-latency]\n    by: {EVERYWHERE}\n"),
)
"""What breaks in one segment, or in a pair, is looked for in each of them. Of robots in none that is small:
they come in bursts, and one makes a fifth of a quarter of an hour there."""

_KEPT = """\
  events-kept:
    description: events are there for every hour of the last week
    kind: retention
    dataset: events
    min_age: 7d
    cell: 1h
    since: "{since}"
    every: 1h
    for: 1m
    stage: store
    severity: ticket
"""


def watched(since_us: int) -> str:
    """The shop's configuration with everything packaged, for a shop that opened at `since_us`."""
    since = datetime.fromtimestamp(since_us // SECOND_US, UTC)
    shop = CONFIG
    for old, new in (MATURITY, LATE, WHOLE, LUCK, *APART, ("checks:\n", PACKS)):
        if old not in shop:
            raise ValueError(f"the shop's configuration has no {old!r} to replace any more")
        shop = shop.replace(old, new, 1)
    return shop + "\n" + _KEPT.format(since=f"{since:%Y-%m-%dT%H:%M:%SZ}")
