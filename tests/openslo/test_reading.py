"""Files of OpenSLO v1: what is read, and what is refused, where and why."""

from pathlib import Path

import pytest

from monitor.errors import ConfigError, UsageError
from monitor.openslo.objects import Objects, read

SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: searches
spec:
  service: web
  indicatorRef: latency
  budgetingMethod: Occurrences
  timeWindow:
  - duration: 28d
    isRolling: true
  objectives:
  - target: 0.99
"""
SLI = """\
apiVersion: openslo/v1
kind: SLI
metadata: {name: latency}
spec:
  ratioMetric:
    good: {metricSource: {spec: {query: good}}}
    total: {metricSource: {spec: {query: all}}}
"""
BOTH = SLO + "---\n" + SLI


def put(folder: Path, text: str | bytes) -> Path:
    path = folder / "slo.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def said(folder: Path, text: str | bytes) -> list[str]:
    """Every fault, without the folder's name."""
    with pytest.raises(ConfigError) as caught:
        read(put(folder, text))
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def names(objects: Objects) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in objects.all]


def test_documents_lists_and_json_are_the_same(tmp_path: Path):
    whole = names(read(put(tmp_path, BOTH)))
    assert whole == [("SLO", "searches"), ("SLI", "latency")]
    indented = ["\n  ".join(text.splitlines()) for text in (SLO, SLI)]
    assert names(read(put(tmp_path, "".join(f"- {each}\n" for each in indented)))) == whole
    (tmp_path / "slo.yaml").unlink()
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yml").write_text(SLO)
    (tmp_path / "sub" / "b.json").write_text(
        '{"apiVersion": "openslo/v1", "kind": "SLI", "metadata": {"name": "latency"}, "spec":'
        ' {"thresholdMetric": {"metricSource": {"spec": {"query": "x"}}}}}'
    )
    assert names(read(tmp_path)) == whole


def test_anchors_and_merged_keys_are_read(tmp_path: Path):
    text = BOTH.replace("- duration: 28d\n    isRolling: true", "- &window {duration: 28d, isRolling: true}")
    twice = SLO.replace("name: searches", "name: others")
    twice = twice.replace("- duration: 28d\n    isRolling: true", "- <<: {isRolling: true}\n    duration: 7d")
    found = read(put(tmp_path, f"{text}---\n{twice}"))
    assert [each.spec["timeWindow"] for each in found.of("SLO")] == [
        [{"duration": "28d", "isRolling": True}],
        [{"duration": "7d", "isRolling": True}],
    ]


CHANGES = [
    (
        "openslo/v1",
        "openslo/v2alpha",
        "1:13: this is openslo/v2alpha, and Weir reads openslo/v1 (convert it first)",
    ),
    ("openslo/v1", "openslo.com/v2alpha", "1:13: this is openslo.com/v2alpha, and Weir reads openslo/v1"),
    ("openslo/v1", "v1", "1:13: apiVersion 'v1' is none of OpenSLO's (write openslo/v1)"),
    ("apiVersion: openslo/v1\n", "", "1:1: 'apiVersion' is missing"),
    ("kind: SLO", "kind: SLOs", "2:7: unknown kind 'SLOs' (did you mean 'SLO'?)"),
    ("kind: SLO\n", "", "1:1: 'kind' is missing"),
    ("name: searches", "name: Searches", "4:9: 'Searches' is no name in OpenSLO"),
    ("  name: searches", "  displayName: x", "4:3: 'name' is missing (in 'metadata')"),
    ("  service: web\n", "", "6:3: 'service' is missing (in 'spec')"),
    ("service: web", "service: 7", "6:12: 'service' must be text, not a number (quote it)"),
    ("service: web", "service:\n  owner: me", "unknown key 'owner'"),
    (
        "Occurrences",
        "occurrences",
        "8:20: 'budgetingMethod' cannot be 'occurrences' (did you mean 'Occurrences'?)",
    ),
    (
        "Occurrences",
        "Timeslices",
        "13:5: 'timeSliceTarget' is missing, which budgetingMethod Timeslices needs",
    ),
    ("duration: 28d", "duration: 28 days", "10:15: '28 days' is no duration (a whole number and one of"),
    ("duration: 28d", "duration: 0d", "10:15: '0d' is no duration"),
    ("isRolling: true", "isRolling: yes", "11:16: 'isRolling' must be true or false, not the text 'yes'"),
    ("isRolling: true", "isRolling: false", "10:5: a window that is not rolling needs a 'calendar'"),
    (
        "isRolling: true",
        "isRolling: true\n    calendar: {startTime: 2026-01-01 00:00:00, timeZone: UTC}",
        "12:15: a rolling window has no 'calendar'",
    ),
    (
        "isRolling: true",
        "calendar: {startTime: 2026-13-01 00:00:00, timeZone: Mars/Base}",
        "11:27: '2026-13-01 00:00:00' is no time",
    ),
    ("isRolling: true", "rolling: true", "11:14: unknown key 'rolling' (did you mean 'isRolling'?)"),
    ("target: 0.99", "target: 99", "13:13: 'target' is at least 0 and below 1, not 99 (did you mean 0.99?)"),
    ("target: 0.99", "target: 1", "13:13: 'target' is at least 0 and below 1, not 1"),
    (
        "target: 0.99",
        'target: "99%"',
        "13:13: 'target' must be a number, not the text '99%' (write it without",
    ),
    ("target: 0.99", "target: .nan", "13:13: 'target' must be a number"),
    ("target: 0.99", "value: 3", "13:5: one of 'target' and 'targetPercent' is missing"),
    (
        "target: 0.99",
        "target: 0.9\n    targetPercent: 90",
        "14:20: 'target' and 'targetPercent' exclude each other",
    ),
    ("  - target: 0.99", "    target: 0.99", "13:5: 'objectives' must be a list, not keys and values"),
    (
        "  objectives:\n  - target: 0.99",
        "  objectives: []",
        "12:15: 'objectives' has 0 entries, where at least 1",
    ),
    (
        "indicatorRef: latency",
        "indicatorRef: latancy",
        "7:17: no SLI is called 'latancy' (did you mean 'latency'?)",
    ),
    ("  indicatorRef: latency\n", "", "6:3: 'indicator' or 'indicatorRef' is missing"),
    (
        "name: latency}",
        "name: latency, name: x}",
        "the key 'name' is given twice (it first stands in line 17)",
    ),
    (
        "good: {metric",
        "bad: {metricSource: {spec: {query: b}}}\n    good: {metric",
        "'good' and 'bad' exclude",
    ),
    (
        "    total: {metricSource: {spec: {query: all}}}",
        "    counter: true",
        "one of 'total' and 'raw' is missing",
    ),
    ("{query: all}", "{}", "'spec' must hold keys and values, not keys and values"),
]


@pytest.mark.parametrize("old, new, message", CHANGES)
def test_a_slip_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str):
    assert old in BOTH
    found = said(tmp_path, BOTH.replace(old, new, 1))
    assert any(message in each for each in found), found
    assert all(each.startswith("slo.yaml:") for each in found)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "slo.yaml:1:1: no object of OpenSLO stands here"),
        ("# nothing\n---\n", "slo.yaml:1:1: no object of OpenSLO stands here"),
        ("hello", "slo.yaml:1:1: an object of OpenSLO holds keys and values"),
        ("- 1\n- 2\n", "slo.yaml:1:3: an object of OpenSLO holds keys and values"),
        ("a: [1", "slo.yaml:1:4: the '[' that opens here is not closed"),
        (BOTH + "---\na: 'b", "slo.yaml:23:6: this is no YAML"),
        ("a: &x [*x]", "slo.yaml:1:4: this anchor holds an alias of itself"),
        ("a: !python/object:os.system x", "the tag '!python/object:os.system' is not allowed"),
        ("? [a]\n: b", "slo.yaml:1:3: a key must be a word"),
        (b"\xff\xfea\x00", "slo.yaml:1:1: the file is UTF-16"),
        ("x" * 1_000_001, "the file is too large: 1,000,001 bytes"),
        (f"a: {'[' * 60}{']' * 60}", "nested"),
        (SLI + "---\n" + SLI, "the SLI 'latency' is declared twice, first in "),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str | bytes, message: str):
    assert any(message in each for each in said(tmp_path, text)), said(tmp_path, text)


def test_aliases_that_expand_without_end_are_refused(tmp_path: Path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "aliases repeat them" in said(tmp_path, "\n".join(lines))[0]


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(SLO.replace("0.99", "2"))
    (tmp_path / "b.yaml").write_text(SLI.replace("query: all", ""))
    with pytest.raises(ConfigError) as caught:
        read(tmp_path)
    assert [Path(fault.place.file).name for fault in caught.value.faults] == ["a.yaml", "b.yaml"]


def test_a_file_that_is_missing_and_a_folder_without_any(tmp_path: Path):
    with pytest.raises(ConfigError, match="there is no such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match=r"no \.yaml"):
        read(tmp_path)


def test_every_file_of_the_project_s_own_examples_is_valid(shared_data: Path):
    files = sorted((shared_data / "openslo").glob("*.yaml"))
    assert sum(len(read(file).all) for file in files) == len(read(shared_data / "openslo").all) == 19


def test_two_services_of_one_name_are_noted(shared_data: Path):
    (note,) = read(shared_data / "openslo" / "services.yaml").notes
    assert "the Service 'example-service' is declared twice" in str(note)
    assert note.place.line == 24
