"""A packaged check under the keys that a user gives for it: one section, whose parts stand in two files."""

from typing import Any

from monitor.config.yaml import Tree
from monitor.errors import Place
from monitor.grammar import Path

EITHER = "either"
"""The key of a packaged check that lists its variants."""


class Overlay(Tree):
    """The user's file, and below it the pack's: what the one does not have is looked for in the other."""

    __slots__ = ("over", "under", "variant")

    def __init__(self, over: Tree, under: Tree, variant: int) -> None:
        super().__init__(over.file, over.root)
        self.over, self.under, self.variant = over, under, variant

    def place(self, path: Path, *, key: bool = False) -> Place:
        tree, path = self._part(path)
        return tree.place(path, key=key)

    def has(self, path: Path) -> bool:
        tree, path = self._part(path)
        return tree.has(path)

    def references(self, path: Path) -> str:
        tree, path = self._part(path)
        return tree.references(path)

    def refused(self, path: Path, data: dict[str, Any]) -> bool:
        return self.over.refused(path, data) if self.over.has(path) else False

    def unresolved(self, path: Path) -> bool:
        tree, path = self._part(path)
        return tree.unresolved(path)

    def _part(self, path: Path) -> tuple[Tree, Path]:
        """The file that has a path, and the path there: the first key below the check decides."""
        if self.over.has(path[:3]) or len(path) < 3:
            return (self.over if self.over.has(path[:2]) else self.under), path
        variant = (*path[:2], EITHER, self.variant, *path[2:])
        return self.under, variant if self.under.has(variant[:5]) else path
