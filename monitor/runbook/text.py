"""A runbook as text: its seven sections, its places to fill in, and what is wrong with it.

A place is a name in double braces, `{{check}}`: Jinja's syntax, and nothing more of Jinja. Loops, filters,
attributes and calls are refused, so that a runbook is text with names in it, whoever wrote it; the text is
rendered in Jinja's sandbox all the same. What is filled in is safe to paste into a shell (`places`). A page
must not fail to help at night: a place that is not known stays as it stands, and a text that cannot be
rendered is shown raw. `weir validate` finds both by day.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.config.runbooks import FOLDER, hint, is_address, located, own
from monitor.config.words import nearest
from monitor.errors import Fault, Place, UsageError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

SECTIONS = (
    "What it means",
    "Who feels it",
    "First five minutes",
    "Find the stage and the segment",
    "Fix",
    "Verify",
    "Prevent",
)
"""What every runbook has, in this order, so that at three in the morning the eye knows where to go."""

PLACES = {
    "check": "the check's name",
    "kind": "its kind",
    "dataset": "the dataset whose rows it counts",
    "source": "the source of that dataset",
    "stage": "where in the loop it looks",
    "owner": "the team that owns it (in sentences; a name may hold anything)",
    "every": "how often it is measured",
    "pipeline": "the pipeline's name",
    "config": "the path of the configuration, quoted for a shell",
    "serve": "the address of weir serve",
    "at": "an instant of the trouble, such as 2026-11-20T09:30:00Z",
    "start": "where the damaged stretch of event time begins",
    "end": "where it ends, as far as it is known",
}
"""Every place, and what stands there."""

UNSAFE = frozenset({"owner"})
"""Places that may hold what a shell would act on: they have no business in a command."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second level and what stands below it, in Markdown."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook of a name; `own` says that it stands beside weir.yaml."""

    name: str
    text: str
    own: bool = False

    @property
    def title(self) -> str:
        """Its first heading, without the sign."""
        return next((line[2:].strip() for line in self.text.splitlines() if line.startswith("# ")), self.name)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections; a heading inside a code block is none."""
        found: list[Section] = []
        for line, code in _lines(self.text):
            if line.startswith("## ") and not code:
                found.append(Section(line[3:].strip(), ""))
            elif found:
                found[-1] = Section(found[-1].title, found[-1].body + line + "\n")
        return tuple(Section(each.title, each.body.strip("\n")) for each in found)

    @property
    def commands(self) -> tuple[str, ...]:
        """Lines of its shell blocks."""
        blocks = re.findall(r"(?ms)^```sh\n(.*?)^```", self.text)
        lines = (line.strip() for block in blocks for line in block.splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))


def read(name: str, folder: Path) -> Runbook:
    """The runbook of a name, one in `runbooks/` of the folder before Weir's own. Raises UsageError."""
    path = None if is_address(name) else located(name, folder)
    if path is None:
        raise UsageError(f"there is no runbook '{name}'", hint=hint(name, folder))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the runbook '{name}' cannot be read: {type(error).__name__}") from None
    return Runbook(name, text, name in own(folder))


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it stands in a code block."""
    code = False
    for line in text.splitlines():
        fence = line.startswith("```")
        yield line, code or fence
        code = code != fence


# Places -----------------------------------------------------------------------------------------------------


def filled(runbook: Runbook, places: Mapping[str, str]) -> Runbook:
    """The runbook with its places filled in; those that nothing is known of stay."""
    from jinja2 import TemplateError

    if any(_faults(runbook.text)):
        return runbook
    try:
        text = _sandbox().from_string(runbook.text).render(dict(places))
    except TemplateError:
        return runbook
    return Runbook(runbook.name, re.sub(r"(?ms)^```sh\n.*?^```", _aligned, text), runbook.own)


def _aligned(block: re.Match[str]) -> str:
    """A block of commands with its comments below each other again."""
    lines = [re.split(r"\s+(?=# )", line, maxsplit=1) for line in block[0].splitlines()]
    width = max([len(line[0]) for line in lines if len(line) == 2], default=0)
    return "\n".join(f"{line[0]:<{width}}  {line[1]}" if len(line) == 2 else line[0] for line in lines)


@cache
def _sandbox() -> "SandboxedEnvironment":
    from jinja2 import DebugUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=DebugUndefined, keep_trailing_newline=True)
    environment.globals.clear()
    return environment


def _faults(text: str) -> Iterator[tuple[int, str]]:
    """What a text asks of Jinja beyond names, by line."""
    from jinja2 import TemplateSyntaxError, nodes

    try:
        tree = _sandbox().parse(text)
    except TemplateSyntaxError as error:
        yield (
            error.lineno,
            f"{error.message}; write {{% raw %}} … {{% endraw %}} around braces that are meant",
        )
        return
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, nodes.Template | nodes.Output | nodes.TemplateData | nodes.Name):
            yield node.lineno, "only names may stand in double braces, such as {{check}}"
            return


def _named(text: str) -> Iterator[tuple[int, str]]:
    from jinja2 import nodes

    for node in _sandbox().parse(text).find_all(nodes.Name):
        yield node.lineno, node.name


# Lint -------------------------------------------------------------------------------------------------------


def problems(runbook: Runbook) -> list[Fault]:
    """What is wrong with a text, by line: places that nobody fills in, commands that are not safe to
    paste. Of Weir's own also another shape than the one."""
    file = f"{FOLDER}/{runbook.name}.md"
    found = [Fault(Place(file, line), message) for line, message in _faults(runbook.text)]
    if not found:
        found += [
            Fault(Place(file, line), f"nothing fills in '{{{{{name}}}}}'", nearest(name, PLACES))
            for line, name in _named(runbook.text)
            if name not in PLACES
        ]
        found += [
            Fault(Place(file), f"'{{{{{name}}}}}' is not safe in a command: {line}")
            for line in runbook.commands
            for name in UNSAFE
            if re.search(r"\{\{\s*" + name + r"\s*\}\}", line)
        ]
    return found + [Fault(Place(file), each) for each in ([] if runbook.own else misshapen(runbook))]


def misshapen(runbook: Runbook) -> list[str]:
    """How a runbook differs from the one shape: a title, the seven sections in order, none of them empty."""
    titles = tuple(section.title for section in runbook.sections)
    faults = [] if runbook.text.startswith("# ") else ["it begins with no title: '# name: what is wrong'"]
    faults += [f"the section '{title}' is missing" for title in SECTIONS if title not in titles]
    faults += [f"no runbook has a section '{title}'" for title in titles if title not in SECTIONS]
    if not faults and titles != SECTIONS:
        faults.append(f"its sections are out of order: {', '.join(titles)}")
    return faults + [f"the section '{each.title}' is empty" for each in runbook.sections if not each.body]


def of_configuration(config: Any) -> list[Fault]:
    """What is wrong with the runbooks beside weir.yaml."""
    found: list[Fault] = []
    for name in own(config.folder):
        try:
            found += problems(read(name, config.folder))
        except UsageError as error:
            found.append(Fault(Place(f"{FOLDER}/{name}.md"), error.message))
    return found
