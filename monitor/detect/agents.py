"""Which user agents are robots, by lists of regular expressions.

`crawlers` is the list of the package crawler-user-agents, matched as its own `is_crawler` does, with upper
and lower case apart. A file holds patterns of its own: JSON as the COUNTER robots list has it (objects with a
`pattern`), or text with one pattern a line; the case of letters does not matter there, as COUNTER asks. The
list `words` is Weir's: names that end in bot, spider or crawler.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from monitor.errors import BindError

CRAWLERS, WORDS = "crawlers", "words"
_WORDS = (r"(?<!cu)bot(?![a-z])", r"crawl(?:er|ing)?(?![a-z])", r"spider(?![a-z])")
"""Cubot makes telephones."""

Matcher = Callable[[str], bool]
REMEMBERED = 100_000
"""Agents whose answer is remembered: most come again at the next tick."""


@dataclass(frozen=True, slots=True)
class AgentList:
    """A named list. `patterns` is empty for one that a package brings; `digest` tells two contents apart."""

    name: str
    digest: str = ""
    patterns: tuple[str, ...] = ()


def named_list(name: str) -> AgentList:
    """`crawlers` or `words`. Raises KeyError for another name."""
    return {CRAWLERS: AgentList(CRAWLERS), WORDS: AgentList(WORDS, patterns=_WORDS)}[name]


def usual() -> str:
    """The list to take where none is named: `crawlers` where its package is installed, else `words`."""
    return CRAWLERS if find_spec("crawleruseragents") else WORDS


def read_list(path: Path) -> AgentList:
    """The patterns of a file. Raises ValueError for one that cannot be read, holds none, or a broken one."""
    try:
        patterns = _patterns(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"the list '{path.name}' cannot be read ({type(error).__name__})") from None
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"the list '{path.name}' is no JSON list of objects with a 'pattern'") from None
    if not patterns:
        raise ValueError(f"the list '{path.name}' holds no pattern")
    for number, pattern in enumerate(patterns, 1):
        check_pattern(pattern, f"pattern {number} of the list '{path.name}'")
    return AgentList(path.name, sha256("\n".join(patterns).encode()).hexdigest()[:16], patterns)


def check_pattern(pattern: str, what: str) -> None:
    """Raises ValueError for what is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{what} is no regular expression: {error.msg}") from None


def _patterns(text: str) -> tuple[str, ...]:
    if text.lstrip().startswith(("[", "{")):
        return tuple(str(each if isinstance(each, str) else each["pattern"]) for each in json.loads(text))
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def matches(agents: Iterable[str], lists: Sequence[AgentList]) -> frozenset[str]:
    """Those of some agents that one of the lists knows. Raises BindError where a package is missing."""
    matchers = [matcher(each) for each in lists]
    return frozenset(agent for agent in agents if any(matches(agent) for matches in matchers))


def matcher(agents: AgentList) -> Matcher:
    """What tells whether a list knows an agent."""
    if agents.name == CRAWLERS and not agents.patterns:
        return _matcher(_crawlers(), 0)
    return _matcher(agents.patterns, re.IGNORECASE)


@cache
def _matcher(patterns: tuple[str, ...], flags: int) -> Matcher:
    """Most patterns are plain words: to look for those takes a tenth of what an expression takes."""
    literals = tuple(word for word in map(_literal, patterns) if word is not None)
    rest = [re.compile(pattern, flags) for pattern in patterns if _literal(pattern) is None]
    if flags & re.IGNORECASE:
        literals = tuple(word.casefold() for word in literals)

    @lru_cache(maxsize=REMEMBERED)
    def known(agent: str) -> bool:
        text = agent.casefold() if flags & re.IGNORECASE else agent
        return any(word in text for word in literals) or any(each.search(agent) for each in rest)

    return known


_SPECIAL = re.compile(r"(?<!\\)[\[\]()*+?{}|^$.]|\\[A-Za-z0-9]|\\$")


def _literal(pattern: str) -> str | None:
    """The text that a pattern looks for, where it is nothing but a text."""
    return None if _SPECIAL.search(pattern.replace(r"\\", "")) else re.sub(r"\\(.)", r"\1", pattern)


@cache
def _crawlers() -> tuple[str, ...]:
    try:
        import crawleruseragents  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise BindError(
            "the list 'crawlers' of user agents is not installed",
            hint="pip install 'weir-slo[bots]', or name files of your own in 'lists'",
        ) from None
    return tuple(str(each["pattern"]) for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA)
