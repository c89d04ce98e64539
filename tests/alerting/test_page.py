"""The page arrives: Weir measures, Prometheus evaluates the written rules, Alertmanager tells a webhook."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.alerting.parts import (
    QUICK,
    alertmanager,
    broken,
    mend,
    named,
    over,
    pages,
    port,
    prometheus,
    webhook,
)
from tests.serve.test_server import command, get, log_until, serving, until

pytestmark = [pytest.mark.prometheus, pytest.mark.alertmanager]


def test_a_loss_reaches_the_webhook_with_its_runbook(tmp_path: Path):
    config, manager = broken(tmp_path), port()
    with (
        webhook() as (hook, heard),
        serving(config, QUICK) as url,
        alertmanager(tmp_path, manager, hook),
        prometheus(tmp_path, url.removeprefix("http://"), manager),
    ):
        until(lambda: bool(named(heard, "Watchdog", "none")), "the watchdog")
        until(lambda: bool(pages(heard)), "a page")
        alert = pages(heard)[0]
        assert (
            alert["labels"].items()
            >= {"slo": "basket", "pipeline": "shop", "owner": "data", "stage": "store"}.items()
        )
        assert "/runbooks/ratio?alert=" in alert["annotations"]["runbook_url"]
        assert alert["annotations"]["summary"].startswith("basket burns its error budget: ")
        assert "where 1% are allowed" in alert["annotations"]["summary"]
        assert "?" not in alert["annotations"]["summary"]
        mend(config)
        until(lambda: over(heard), "the end of the page")


def test_a_killed_weir_is_missed(tmp_path: Path):
    config, manager = broken(tmp_path), port()
    with (
        webhook() as (hook, heard),
        command("--listen", "127.0.0.1:0", cwd=tmp_path) as process,
        alertmanager(tmp_path, manager, hook),
    ):
        url = log_until(process, r"serving shop on (\S+)")[1]
        until(lambda: bool(re.search("weir_check_last_success", get(f"{url}/metrics"))), "a measurement")
        with prometheus(tmp_path, url.removeprefix("http://"), manager):
            until(lambda: bool(pages(heard)) and not _missed(heard), "a page, and nothing missed")
            process.kill()
            until(lambda: _missed(heard), "that nothing is heard")
    alert = named(heard, "SliMissing")[-1]
    assert alert["labels"]["check"] == "basket"
    assert "/runbooks/sli-missing?alert=" in alert["annotations"]["runbook_url"]
    assert not over(heard), "what burned when the data stopped burns until the contrary is known"
    assert config.exists()


def _missed(heard: list[dict[str, Any]]) -> bool:
    """Whether Weir is missed now: a rule that is asked before the first scrape may say so for a moment."""
    return [each["status"] for each in named(heard, "SliMissing")][-1:] == ["firing"]


def test_a_check_that_can_no_longer_be_measured_is_stale_not_silent(tmp_path: Path):
    config, manager = broken(tmp_path), port()
    with (
        webhook() as (hook, heard),
        serving(config, QUICK) as url,
        alertmanager(tmp_path, manager, hook),
        prometheus(tmp_path, url.removeprefix("http://"), manager),
    ):
        until(lambda: bool(pages(heard)), "a page")
        for path in (tmp_path / "lake" / "events").glob("*.parquet"):
            path.unlink()
        until(lambda: bool(named(heard, "CheckStale")), "that it is stale")
        assert not over(heard), "what burned when the data stopped burns until the contrary is known"
