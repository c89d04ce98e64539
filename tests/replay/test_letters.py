"""Dead letters by cause, and sent again: each once, whoever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from monitor import audit
from monitor.errors import ConfigError, UsageError
from monitor.store import open_store
from tests.pipelines import Pipeline, connect

NOW = pd.Timestamp.now(tz="UTC").floor("s")
TAKE = """
import json, os, sys
with open(sys.argv[1]) as given, open(os.path.join(sys.argv[2], "taken.jsonl"), "a") as taken:
    taken.write(given.read())
"""
CAUSES = ["schema"] * 6 + ["timeout"] * 3 + [None] * 2 + ["cannot read bob@example.com"]


def letters(n: int = 12) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": [f"e{place}" for place in range(n)],
            "t": [NOW - pd.Timedelta(hours=1) + pd.Timedelta(seconds=place) for place in range(n)],
            "reason": CAUSES[:n],
            "body": [None if place % 2 else f"body {place}" for place in range(n)],
        }
    )


def setup(pipeline: Pipeline, text: str = TAKE, **resend: Any) -> Path:
    (pipeline.folder / "take.py").write_text(text)
    command = [sys.executable, "{folder}/take.py", "{input}", "{folder}"]
    if "dead_letters" not in pipeline.datasets:
        pipeline.rows(
            "dead_letters", letters(), time="t", key="event_id", resend={"command": command, **resend}
        )
    return pipeline.write({}, store=f"sqlite:///{pipeline.folder / 'weir.db'}")


def taken(pipeline: Pipeline) -> list[dict[str, Any]]:
    path = pipeline.folder / "taken.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def ids(pipeline: Pipeline) -> list[str]:
    return [row["event_id"] for row in taken(pipeline)]


def test_a_dry_run_says_by_cause_what_would_be_sent(pipeline: Pipeline, call: Any) -> None:
    code, said = call(setup(pipeline), "replay", "--dead-letters", "--dry-run")
    shown = {cause: (n["letters"], n["chosen"]) for cause, n in said["causes"].items()}
    masked = next(cause for cause in shown if cause not in ("schema", "timeout", "no cause given"))
    assert shown == {"schema": (6, 6), "timeout": (3, 3), "no cause given": (2, 2), masked: (1, 1)}
    assert "bob" not in json.dumps(said)
    assert (code, said["sent"], taken(pipeline)) == (0, 0, [])


def test_letters_are_sent_whole_and_once(pipeline: Pipeline, call: Any) -> None:
    path = setup(pipeline, batch=5)
    assert call(path, "replay", "--dead-letters", "dead_letters", "--by", "ada")[1]["sent"] == 12
    rows = taken(pipeline)
    assert [row["event_id"] for row in rows] == [f"e{n}" for n in range(12)]
    assert [row.get("body") for row in rows] == [None if n % 2 else f"body {n}" for n in range(12)]
    assert set(rows[0]) <= {"event_id", "t", "reason", "body"}
    again = call(path, "replay", "--dead-letters")[1]
    assert (again["chosen"], again["sent"], len(taken(pipeline))) == (0, 0, 12)
    assert call(path, "replay", "--dead-letters", "--again")[1]["sent"] == 12
    assert len(taken(pipeline)) == 24


def test_every_batch_is_audited_without_a_key(lake: Pipeline, call: Any) -> None:
    path = setup(lake, batch=5)
    call(path, "replay", "--dead-letters", "--by", "ada")
    store = open_store(f"sqlite:///{lake.folder / 'weir.db'}")
    lines = audit.trail(store, "test")
    store.close()
    assert [(each.actor, each.action, each.subject) for each in lines] == [
        ("ada", "replay dead letters", "dead_letters")
    ] * 3
    assert [(each.detail["letters"], each.detail["state"]) for each in lines] == [
        (5, "sent"),
        (5, "sent"),
        (2, "sent"),
    ]
    assert (lake.folder / "weir.db").read_bytes().count(b"body 2") == 0


def test_a_cause_and_a_limit_choose(lake: Pipeline, call: Any) -> None:
    path = setup(lake)
    assert call(path, "replay", "--dead-letters", "--cause", "timeout")[1]["sent"] == 3
    assert ids(lake) == ["e6", "e7", "e8"]
    assert call(path, "replay", "--dead-letters", "--limit", "2")[1]["sent"] == 2
    assert ids(lake)[3:] == ["e0", "e1"]
    with pytest.raises(UsageError, match="no letter has the cause 'shema'"):
        call(path, "replay", "--dead-letters", "--cause", "shema")


def test_a_letter_that_is_refused_again_is_told_and_not_sent_in_circles(lake: Pipeline, call: Any) -> None:
    path = setup(lake)
    call(path, "replay", "--dead-letters")
    later = letters(2).assign(t=pd.Timestamp.now(tz="UTC") + pd.Timedelta(seconds=30))
    lake.rows("dead_letters", later)
    said = call(
        path, "replay", "--dead-letters", "--dry-run", "--to", (NOW + pd.Timedelta(hours=1)).isoformat()
    )[1]
    assert (said["letters"], said["chosen"], said["returned"]) == (12, 0, 2)


def test_a_command_that_fails_is_tried_again_when_one_asks(lake: Pipeline, call: Any) -> None:
    path = setup(lake, "import sys; sys.exit(4)", batch=5)
    code, said = call(path, "replay", "--dead-letters")
    assert (code, said["sent"], said["failed"]) == (3, 0, 5)  # it stops at the first
    setup(lake, TAKE)
    assert call(path, "replay", "--dead-letters")[1]["sent"] == 7
    assert ids(lake) == [f"e{n}" for n in range(5, 12)]
    assert call(path, "replay", "--dead-letters", "--retry")[1]["sent"] == 5
    assert sorted(ids(lake)) == sorted(f"e{n}" for n in range(12))


def test_a_program_that_is_not_there_loses_no_letter(lake: Pipeline, call: Any) -> None:
    lake.rows("dead_letters", letters(), time="t", key="event_id", resend={"command": ["no-such-program"]})
    path = setup(lake)
    with pytest.raises(UsageError, match="cannot be started"):
        call(path, "replay", "--dead-letters")
    lake.declare(
        "dead_letters", resend={"command": [sys.executable, "{folder}/take.py", "{input}", "{folder}"]}
    )
    assert call(setup(lake), "replay", "--dead-letters", "--retry")[1]["sent"] == 12


def test_two_replays_at_once_send_each_letter_once(lake: Pipeline) -> None:
    path = setup(lake, batch=1)
    weir = [sys.executable, "-c", "from monitor.cli import main; main()"]
    words = [*weir, "replay", "--dead-letters", "--json", "--config", str(path)]

    def run() -> dict[str, Any]:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as pool:
        both = [each.result() for each in [pool.submit(run), pool.submit(run)]]
    assert sum(each["sent"] for each in both) == 12
    assert sorted(ids(lake)) == sorted(f"e{n}" for n in range(12))


def test_a_replay_that_is_killed_leaves_known_letters(lake: Pipeline, call: Any) -> None:
    """Killed while its command holds the second batch: that one is unsure, and is not sent by itself."""
    text = (
        TAKE
        + """
if os.path.exists(os.path.join(sys.argv[2], "first")):
    open(os.path.join(sys.argv[2], "stuck"), "w").write(str(os.getpid()))
    import time
    time.sleep(60)
open(os.path.join(sys.argv[2], "first"), "w")
"""
    )
    path = setup(lake, text, batch=4)
    words = ["-c", "from monitor.cli import main; main()", "replay", "--dead-letters", "--config", str(path)]
    process = subprocess.Popen([sys.executable, *words])
    stuck, until = lake.folder / "stuck", time.monotonic() + 60
    while not (stuck.exists() and stuck.read_text()):
        assert time.monotonic() < until
        time.sleep(0.02)
    process.kill()
    process.wait()
    os.killpg(int(stuck.read_text()), signal.SIGKILL)
    setup(lake, TAKE)
    said = call(path, "replay", "--dead-letters")[1]
    assert (said["sent"], sum(n["sending"] for n in said["causes"].values())) == (4, 4)
    assert sorted(ids(lake)) == sorted(f"e{n}" for n in range(12))  # the killed one had been taken
    assert call(path, "replay", "--dead-letters", "--retry", "--dry-run")[1]["chosen"] == 4


@pytest.mark.parametrize(
    "declared, said",
    [
        ({"resend": {"command": "echo hi"}}, "a command is a list of words"),
        ({"resend": {"command": []}}, "a command is a list"),
        ({"resend": {"command": ["a"], "env": ["A B"]}}, "'A B' is no name of an environment variable"),
        ({"resend": {"command": ["a"]}, "key": None}, "letters are told apart by a 'key'"),
        ({"replay": {"from": "rav", "query": "SELECT 1"}}, "unknown dataset 'rav'"),
        ({"replay": {"from": "dead_letters", "query": "SELECT 1"}}, "a dataset is not derived from itself"),
        ({"replay": {"from": "raw"}}, "a replay takes one of 'query' and 'command'"),
        ({"replay": {"from": "raw", "query": "DROP TABLE x"}}, "this SQL"),
        ({"replay": {"from": "raw", "query": "SELECT 1", "env": "A"}}, "'env' belongs to a command"),
        ({"replay": {"from": "raw", "query": "SELECT 1", "tolerance": 2}}, "'tolerance' is a relative"),
        ({"replay": {"from": "raw", "query": "SELECT 1", "into": "replay"}}, "unknown dataset 'replay'"),
    ],
)
def test_slips_are_told_with_their_place(
    lake: Pipeline, declared: dict[str, Any], said: str, call: Any
) -> None:
    lake.declare("raw", time="t")
    whole = {"time": "t", "key": "event_id"} | declared
    lake.declare("dead_letters", **{key: each for key, each in whole.items() if each is not None})
    with pytest.raises(ConfigError) as raised:
        call(lake.write({}), "replay", "--list")
    assert said in str(raised.value)
    assert "weir.yaml:" in str(raised.value)


@pytest.mark.postgres
def test_structures_of_postgresql_are_handed_on(postgres_database: str, tmp_path: Path, call: Any) -> None:
    with connect(postgres_database) as connection:
        connection.execute("CREATE SCHEMA s")
        connection.execute(
            "CREATE TABLE s.dead_letters (event_id uuid, t timestamptz, payload jsonb, code int)"
        )
        connection.execute(
            "INSERT INTO s.dead_letters VALUES"
            " ('00000000-0000-0000-0000-000000000001', now() - interval '1 hour', '{\"a\": [1]}', 500)"
        )
    pipeline = Pipeline(tmp_path, postgres_database, "s")
    command = [sys.executable, "{folder}/take.py", "{input}", "{folder}"]
    pipeline.declare("dead_letters", time="t", key="event_id", resend={"command": command, "cause": "code"})
    assert call(setup(pipeline), "replay", "--dead-letters")[1]["causes"]["500"]["chosen"] == 1
    (row,) = taken(pipeline)
    assert json.loads(row["payload"]) == {"a": [1]}
    assert row["event_id"].endswith("0001")


def test_letters_without_a_key_are_told_apart_by_what_they_say(lake: Pipeline, call: Any) -> None:
    some = letters(4).assign(event_id=[None, None, "e2", None])
    some.loc[3, ["t", "reason", "body"]] = some.loc[1, ["t", "reason", "body"]]  # the same twice
    command = [sys.executable, "{folder}/take.py", "{input}", "{folder}"]
    lake.rows("dead_letters", some, time="t", key="event_id", resend={"command": command})
    path = setup(lake)
    assert call(path, "replay", "--dead-letters")[1]["sent"] == 3
    assert call(path, "replay", "--dead-letters")[1]["sent"] == 0
