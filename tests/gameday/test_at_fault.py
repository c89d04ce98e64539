"""Model or system: what is said of a fault is held against what it is."""

import pytest

from monitor.gameday.at_fault import MODEL, SYSTEM, fault_right
from monitor.gameday.catalogue import CATALOGUE


def test_each_kind_is_one_of_them_at_most():
    assert not MODEL & SYSTEM
    assert CATALOGUE.keys() >= MODEL | SYSTEM


@pytest.mark.parametrize(
    "kind, said, right",
    [
        ("loss", "system", True),
        ("loss", "model", False),
        ("model_drift", "model", True),
        ("delay", "", None),
        ("canary_failure", "model", None),
    ],
)
def test_a_slow_path_is_no_models_fault(kind: str, said: str, right: bool | None):
    assert fault_right(kind, said) is right
