"""Which files belong together, and that the pattern matches them and nothing else."""

from pathlib import Path

import pytest

from monitor.discover.files import grouped, one, safe_name, unique


def lay(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("a\n1\n")


@pytest.mark.parametrize(
    "paths, name, pattern",
    [
        (
            ["events/date=2026-01-01/a-0.parquet", "events/date=2026-01-02/b-1.parquet"],
            "events",
            "events/date=*/*.parquet",
        ),
        (["e/y=2026/m=01/x.csv", "e/y=2026/m=02/x.csv"], "e", "e/y=*/m=*/*.csv"),
        (["events/2026/01/31/x.json", "events/2026/02/01/x.json"], "events", "events/*/*/*/*.json"),
        (["events/2026-01-31/12/p.jsonl", "events/2026-01-31/13/q.jsonl"], "events", "events/*/*/*.jsonl"),
        (["events_2026-01-31.csv", "events_2026-02-01.csv"], "events", "events_*.csv"),
        (["clicks/part-0.parquet", "clicks/part-1.parquet"], "clicks", "clicks/part-*.parquet"),
        (["log-20260131T1200Z.jsonl.gz", "log-20260131T1300Z.jsonl.gz"], None, "log-*.jsonl.gz"),
        (["orders/date=2026-01-01/only.parquet"], "orders", "orders/date=*/*.parquet"),
        (["exchange-2_cpc_results.csv"], "exchange_2_cpc_results", "exchange-2_cpc_results.csv"),
        (["users.csv"], "users", "users.csv"),
        (["user[1].csv"], "user_1", "user[[]1].csv"),
    ],
)
def test_pattern_and_name(tmp_path: Path, paths: list[str], name: str | None, pattern: str):
    lay(tmp_path, *paths)
    (group,), _ = grouped(tmp_path)
    assert group.patterns == (pattern,)
    assert group.paths == tuple(sorted(paths))
    assert name is None or group.name == name


def test_files_that_differ_by_a_word_are_datasets_of_their_own(tmp_path: Path):
    lay(
        tmp_path,
        "bts_men.csv",
        "random_men.csv",
        "2026-01-31/clicks.csv",
        "2026-01-31/views.csv",
        "2026-02-01/views.csv",
    )
    found = {group.name: group.patterns for group in grouped(tmp_path)[0]}
    assert found == {
        "bts_men": ("bts_men.csv",),
        "random_men": ("random_men.csv",),
        "clicks": ("*/clicks.csv",),
        "views": ("*/views.csv",),
    }


def test_patterns_of_different_datasets_never_share_a_file(tmp_path: Path):
    lay(
        tmp_path,
        "2026-01.csv",
        "2026-02.csv",
        "users.csv",
        "k3f9x0.csv",
        "sub/1.csv",
        "sub/2.csv",
        "sub/all.csv",
    )
    lay(tmp_path, "orders.csv", "orders.parquet", "x/date=1/a.csv", "x/date=1/a.json")
    groups, _ = grouped(tmp_path)
    seen: list[str] = []
    for group in groups:
        matched = sorted({path for each in group.patterns for path in tmp_path.glob(each)})
        assert [path.relative_to(tmp_path).as_posix() for path in matched] == list(group.paths)
        seen += group.paths
    assert len(seen) == len(set(seen)) == 11
    assert len({group.name for group in groups}) == len(groups)


def test_many_files_of_drawn_names_are_one_dataset(tmp_path: Path):
    lay(tmp_path, *(f"lake/a{n}b{n}c.parquet" for n in range(7)))
    (group,), _ = grouped(tmp_path)
    assert (group.name, group.patterns, len(group.paths)) == ("lake", ("lake/*.parquet",), 7)


def test_hidden_and_foreign_files_are_left_aside(tmp_path: Path):
    lay(
        tmp_path,
        ".hidden.csv",
        "_SUCCESS",
        "_delta_log/0.json",
        ".git/x.csv",
        "weir.yaml",
        "notes.txt",
        "notes2.txt",
        "a.csv",
    )
    groups, others = grouped(tmp_path)
    assert [group.name for group in groups] == ["a"]
    assert others == ["2 × .txt", "1 × .yaml"]


def test_one_file(tmp_path: Path):
    group = one(tmp_path / "clicks 1.csv.gz")
    assert (group.format, group.patterns) == ("csv", ("clicks 1.csv.gz",))


def test_names_are_safe_and_unique():
    taken: set[str] = set()
    assert safe_name("Café-Größe (1)") == "Caf_-Gr_e_1"
    assert safe_name("…") == "data"
    assert [unique("a", taken) for _ in range(3)] == ["a", "a_2", "a_3"]
