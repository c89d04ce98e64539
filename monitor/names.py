"""Every metric and label name, once. Gauges speak of settled event time, counters of publication."""

SLO_BAD_RATIO = "weir_slo_bad_ratio"
SLO_EVENTS = "weir_slo_events"
SLO_TAIL = "weir_slo_bad_tail_probability"
SLO_SETTLED = "weir_slo_settled_timestamp_seconds"
SLO_OBJECTIVE = "weir_slo_objective_ratio"
SLO_BUDGET = "weir_slo_error_budget_remaining_ratio"
SLO_MEASURED = "weir_slo_measured_ratio"
SLO_INFO = "weir_slo_info"

SEGMENT_BAD_RATIO = "weir_segment_bad_ratio"
SEGMENT_EVENTS = "weir_segment_events"
SEGMENT_TAIL = "weir_segment_bad_tail_probability"

READING = "weir_reading"
SEGMENT_READING = "weir_segment_reading"
SEGMENT_FAILING = "weir_segment_failing_events"
OUTCOME = "weir_check_outcome"
FINDING_OF = "weir_check_finding"
MAINTENANCE = "weir_maintenance_active"
DELAY = "weir_delay_seconds"

WATERMARK = "weir_watermark_timestamp_seconds"
ODD_ROWS = "weir_odd_time_rows"
LATE_ROWS = "weir_late_rows"
DELETED = "weir_check_deleted_timestamp_seconds"
CREATED = "weir_check_created_timestamp_seconds"
LAST_SUCCESS = "weir_check_last_success_timestamp_seconds"
LAST_START = "weir_check_last_start_timestamp_seconds"
INTERVAL = "weir_check_interval_seconds"
RUNS = "weir_check_runs"
DURATION = "weir_check_duration_seconds"
SCAN_ROWS = "weir_scan_rows"
OVERFLOW = "weir_label_overflow"
RELOADED = "weir_config_last_reload_successful"
CONFIG = "weir_config_info"
BUILD = "weir_build_info"
SLI_EVENTS = "weir_sli_events"
SLI_BAD = "weir_sli_bad_events"
SERIES_REFUSED = "weir_series_refused"
LEADER = "weir_leader"
CLOCK = "weir_clock_trusted"
PROBE_EVENTS = "weir_probe_events"
PROBE_FAILING = "weir_probe_failing"
PROBE_SENT = "weir_probe_last_sent_timestamp_seconds"
PROBE_LOOKED = "weir_probe_last_looked_timestamp_seconds"
PROBE_SLOWEST = "weir_probe_slowest_seconds"
PROBE_REDACTED = "weir_probe_redacted_ratio"
PROBE, STATE = "probe", "state"
DELIVERIES = "weir_alert_deliveries"
ROUTE = "route"

PIPELINE, CHECK, SLO, DATASET, STAGE, OWNER, SEVERITY = (
    "pipeline", "check", "slo", "dataset", "stage", "owner", "severity",
)  # fmt: skip
WINDOW, DIMENSION, VALUE, RESULT, FINDING, REASON, HASH, VERSION = (
    "window", "dimension", "value", "outcome", "finding", "reason", "hash", "version",
)  # fmt: skip
