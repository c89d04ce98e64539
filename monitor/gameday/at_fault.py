"""Whether a model or the system is at fault, by kind of fault; what may be either is not judged."""

MODEL = frozenset(
    "bias cold_start cold_start_users feedback_loop hallucination model_drift".split()  # noqa: SIM905
)
SYSTEM = frozenset(
    """
    cache_churn clock_skew dead_labeller dead_letters delay duplicates feature_drift feature_loss
    feature_mismatch label_leak late latency_spike loss no_basket no_experiment no_feature no_model nulls
    orphan_signals pii replay_difference replication_lag retention_gap retyped serving_errors skewed_partition
    slow_answers slow_features stragglers unanswered undersampling unparsable untraced untraced_signals
    unversioned withdrawn
    """.split()  # noqa: SIM905
)


def fault_right(kind: str, said: str) -> bool | None:
    """Whether `model` or `system` is said of a kind of fault as it is; None where that is open."""
    if said not in ("model", "system") or kind not in MODEL | SYSTEM:
        return None
    return (said == "model") == (kind in MODEL)
