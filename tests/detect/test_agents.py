"""Lists of user agents: as their packages match them, with case apart or not, from files of two forms."""

import json
import re
from pathlib import Path

import pytest

from monitor.detect.agents import AgentList, matcher, matches, named_list, read_list

BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
    "",
]


def test_crawlers_are_whom_the_package_takes_for_some():
    package = pytest.importorskip("crawleruseragents")
    instances = [text for each in package.CRAWLER_USER_AGENTS_DATA for text in each.get("instances", ())]
    agents = [*BROWSERS, *instances[::7], *(text.lower() for text in instances[::31])]
    expected = {agent for agent in agents if package.is_crawler(agent)}
    assert len(expected) > 200
    assert matches(agents, [named_list("crawlers")]) == expected


def test_counter_rules_are_matched_in_any_case(shared_data: Path):
    path = shared_data / "bots/COUNTER_Robots_list.json"
    patterns = [re.compile(each["pattern"], re.IGNORECASE) for each in json.loads(path.read_text())]
    agents = [
        *BROWSERS,
        "GoogleBOT/2.1",
        "curl/8.0",
        "Wget/1.2",
        "-",
        "acme spider",
        "goldfish",
        "ruby",
        "a b",
    ]
    expected = {agent for agent in agents if any(pattern.search(agent) for pattern in patterns)}
    assert "GoogleBOT/2.1" in expected
    assert matches(agents, [read_list(path)]) == expected


@pytest.mark.parametrize(
    "pattern", ["a.b", r"a\.b", "a+b", r"a\+b", "a|b", "^a", "a$", r"\d", "(a)", "[ab]", r"a\/b", r"a\\b"]
)
def test_a_pattern_matches_as_an_expression_does(pattern: str):
    known = matcher(AgentList("x", patterns=(pattern,)))
    for agent in ("a.b", "axb", "a+b", "aab", "a", "b", "ba", "7", "a/b", "a\\b", "A.B", ""):
        assert known(agent) == bool(re.search(pattern, agent, re.IGNORECASE)), agent


def test_words_know_robots_and_no_telephones():
    robots = {"NewsBot/1.0", "acme-crawler", "WebSpider 3", "crawling for you"}
    assert matches([*BROWSERS, *robots, "Robotics fan club", "bottle"], [named_list("words")]) == robots


def test_files_of_two_forms(tmp_path: Path):
    (tmp_path / "a.txt").write_text("# ours\n\n^acme\n")
    (tmp_path / "b.json").write_text('["^acme", {"pattern": "probe$"}]')
    assert read_list(tmp_path / "a.txt").patterns == ("^acme",)
    assert read_list(tmp_path / "b.json").patterns == ("^acme", "probe$")
    assert read_list(tmp_path / "a.txt").digest != read_list(tmp_path / "b.json").digest


@pytest.mark.parametrize(
    "text, message", [("", "no pattern"), ("[1]", "JSON list"), ("(", "no regular expression")]
)
def test_files_that_are_no_lists(tmp_path: Path, text: str, message: str):
    (tmp_path / "x.txt").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_list(tmp_path / "x.txt")
