"""The configuration with which Weir watches the simulated shop: what a team would write, in one file."""

CONFIG = """\
pipeline: shop
owner: data-platform

sources:
  lake: {engine: duckdb, root: lake/}

datasets:
  emitted:                            # what the producers say that they sent
    files: emitted/date=*/*.parquet
    time: event_time
    key: event_id
    lateness: 2m
  events:                             # what was stored
    files: events/date=*/*.parquet
    time: event_time
    key: event_id
    lateness: 2m
    columns: {received_at: ingest_time, stored_at: stored_time, available_at: feature_time}
  dead_letters:                       # what ingestion refused
    files: dead_letters/date=*/*.parquet
    time: event_time
    key: event_id
    lateness: 2m
  exposures:                          # what the recommender showed
    files: exposures/date=*/*.parquet
    time: event_time
    key: exposure_id
    lateness: 2m
  outcomes:                           # what became of it: 1 clicked, 0 not
    files: outcomes/date=*/*.parquet
    time: label_time
    key: exposure_id
    lateness: 2m
  requests:                           # what the recommender was asked, and how it answered
    files: requests/date=*/*.parquet
    time: event_time
    key: request_id
    lateness: 2m
  features:                           # what it read to answer a part of them
    files: features/date=*/*.parquet
    time: event_time
    key: [request_id, feature]
    lateness: 2m
  examples:                           # the same, as training reads it back
    files: examples/date=*/*.parquet
    time: event_time
    key: [request_id, feature]
    lateness: 2m
  training_set:                       # what it is trained on: exposures with their labels
    files: training_set/date=*/*.parquet
    time: event_time
    key: exposure_id
    lateness: 3m
  training_runs:                      # models that were trained
    files: training_runs/date=*/*.parquet
    time: event_time
    key: run_id
    lateness: 2m
  deployments:                        # and rolled out
    files: deployments/date=*/*.parquet
    time: event_time
    key: deployment_id
    lateness: 2m
  costs:                              # what all of it costs, a line a minute, component and region
    files: costs/date=*/*.parquet
    time: event_time
    key: cost_id
    lateness: 2m
  replays:                            # events derived again from the raw log
    files: replays/date=*/*.parquet
    time: event_time
    key: [replay_id, event_id]
    lateness: 8m
  queries:                            # what people asked the assistant
    files: queries/date=*/*.parquet
    time: event_time
    key: query_id
    lateness: 2m
  responses:                          # its answers, several to some queries
    files: responses/date=*/*.parquet
    time: event_time
    key: response_id
    lateness: 2m
  signals:                            # what people did with them
    files: signals/date=*/*.parquet
    time: event_time
    key: signal_id
    lateness: 2m

checks:
  ingestion-success:
    description: events that producers sent and that were stored
    kind: match
    left: emitted
    right: events
    key: event_id
    dead_letters: dead_letters
    within: 1s                        # both sides carry the same event time
    by: [region, producer]
    every: 1m
    window: 5m
    fail: "< 99.5%"
    slo: {objective: 99.9%, window: 28d}
    severity: page

  duplicates:
    description: events that were stored more than once
    kind: duplicates
    dataset: events
    look_back: 10m
    every: 1m
    window: 5m
    warn: "> 0.2%"
    fail: "> 1%"

  volume:
    description: events stored
    kind: volume
    dataset: events
    by: [region]
    every: 1m
    window: 5m
    settle: 30s                       # a few rows come later; the count is corrected when they do
    fail: "< 1000"

  freshness:
    description: age of the newest stored event
    kind: freshness
    dataset: events
    every: 1m
    warn: "> 1m"
    fail: "> 3m"

  checkout-has-basket:
    description: checkouts that say what was bought
    kind: ratio
    dataset: events
    where: event_type = 'checkout'
    good: basket_id is not null
    by: [region, app_version]
    every: 1m
    window: 15m
    settle: 30s
    warn: "< 99%"
    fail: "< 97%"
    slo: {objective: 99.5%, window: 28d}
    severity: ticket
    stage: capture
    upstream: [ingestion-success]

  bot-share:
    description: events that are not made by bots
    kind: ratio
    dataset: events
    bad: is_bot
    by: [region]
    every: 1m
    window: 15m
    settle: 30s
    warn: "< 92%"
    fail: "< 85%"

  end-to-end-latency:
    description: from the event to its features
    kind: latency
    dataset: events
    from: event_time
    to: feature_time
    threshold: 5s
    by: [region]
    every: 1m
    window: 5m
    warn: "> 4s"                      # the 95th percentile
    fail: "> 5s"
    slo: {objective: 99%, window: 28d}

  label-coverage:
    description: exposures that got a label in time
    kind: match
    left: exposures
    right: outcomes
    key: exposure_id
    after: 0s
    within: 3m                        # a click, or a minute without one and the labeller's own delay
    by: [region, model_version]
    every: 1m
    window: 10m
    fail: "< 97%"
    slo: {objective: 99%, window: 28d}
    stage: label
"""
