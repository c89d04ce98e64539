"""Nothing that came from the environment or a file is ever shown."""

from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigError
from monitor.notify.targets import targets

SECRETS = [
    "correct horse battery staple",
    "S3cr3t!",
    "quo'te\"d",
    "x" * 200,
    "10 minutes",
    "0 or 1 = 1; drop table accounts",
    "select secret from vault where",
    "line one\nline two",
    "tail)",
]
LAKE = "pipeline: shop\nowner: data\nsources: {lake: {engine: duckdb}}\n"
TOP = LAKE + "datasets: {events: {files: a.parquet, time: at}}\n"
CHECK = TOP + "checks:\n  one:\n    kind: volume\n    dataset: events\n"
LATENCY = TOP + "checks:\n  one:\n    kind: latency\n    dataset: events\n    from: a\n    to: b\n"
PLACES = {
    "pipeline": "pipeline: @\n",
    "store": "pipeline: shop\nstore: 'mysql://root:@@db/weir'\n",
    "port": "pipeline: shop\nserve:\n  port: @\n",
    "url": "pipeline: shop\nsources:\n  db:\n    engine: postgresql\n    url: 'mysql://root:@@db'\n",
    "engine": "pipeline: shop\nsources:\n  db:\n    engine: @\n",
    "size": "pipeline: shop\nsources:\n  db:\n    engine: duckdb\n    max_scan: @\n",
    "table": LAKE + "datasets:\n  clicks:\n    table: @\n",
    "query": LAKE + "datasets:\n  events:\n    query: @\n",
    "timezone": LAKE + "datasets:\n  events:\n    files: a.csv\n    timezone: @\n",
    "every": CHECK + "    every: @\n",
    "fail": CHECK + "    fail: @\n",
    "where": CHECK + "    where: 'a = @ and'\n",
    "by": CHECK + "    by: [a, '@', '@']\n",
    "tags": CHECK + "    tags: ['@', '@']\n",
    "upstream": CHECK + "    upstream: ['@']\n",
    "stage": CHECK + "    stage: @\n",
    "was": CHECK + "    was: @\n    upstream: [two]\n",
    "snooze": CHECK + "    snooze:\n      until: @\n      reason: none\n",
    "objective": CHECK + "    slo:\n      objective: @\n",
    "kind": TOP + "checks:\n  one:\n    kind: @\n    dataset: events\n",
    "dataset": TOP + "checks:\n  one:\n    kind: volume\n    dataset: @\n",
    "alertmanager": "pipeline: shop\nroutes:\n  page:\n    alertmanager: 'ftp://@'\n",
    "apprise": "pipeline: shop\nroutes:\n  page:\n    apprise: [@, 5]\n",
    "quiet": "pipeline: shop\nroutes:\n  page:\n    apprise: json://a\n    quiet: @\n",
    "group_by": "pipeline: shop\nroutes:\n  page:\n    apprise: json://a\n    group_by: [@]\n",
    "heartbeat": "pipeline: shop\nroutes:\n  heartbeat: 'ftp://@'\n",
    "literal": LATENCY + "    threshold: 5s\n    missing: @\n",
    "beside": CHECK + "    description: @\n    every: 5\n",
}
"""Configurations with a fault; `@` stands for the secret."""


@pytest.mark.parametrize("reference", ["${SECRET}", "${file:secret}"], ids=["env", "file"])
@pytest.mark.parametrize("where", PLACES)
def test_no_fault_shows_a_secret(tmp_path: Path, where: str, reference: str) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(PLACES[where].replace("@db", "{db}").replace("@", reference).replace("{db}", "@db"))
    for secret in SECRETS:
        (tmp_path / "secret").write_text(secret)
        with pytest.raises(ConfigError) as caught:
            load(path, {"SECRET": secret})
        shown = str(caught.value) + repr(caught.value) + repr(caught.value.faults)
        words = [secret, secret[:20], secret[-20:], *(word for word in secret.split() if len(word) > 6)]
        assert not [word for word in words if word in shown], shown


def test_a_default_in_the_file_is_no_secret_but_a_password_may_be_one(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(
        "pipeline: shop\nowner: a\nsources:\n  db:\n    engine: duckdb\n    timeout: ${T:-hunter2}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value).endswith(
        "6:14: the value of ${T} is not accepted for 'timeout' (it is not shown here)"
    )


def test_short_values_do_not_tear_messages_apart(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text("pipeline: shop\nowner: ${A}\nsources:\n  db: {engine: duckdb, parallel: 0}\n")
    with pytest.raises(ConfigError, match="'parallel' must be at least 1, not 0"):
        load(path, {"A": "a"})


def test_routes_do_not_show_their_addresses(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(
        "pipeline: shop\nroutes: {page: {apprise: 'json://${SECRET}'}, heartbeat: 'https://x/${SECRET}',"
        " ticket: {alertmanager: 'http://me:${SECRET}@host'}}\n"
    )
    config = load(path, {"SECRET": "hunter2"})
    assert config.routes.routes["page"].apprise == ("json://hunter2",)
    assert config.routes.heartbeat == "https://x/hunter2"
    assert "hunter2" not in repr((config, config.routes, targets(config.routes)))
