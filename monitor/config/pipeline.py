"""The whole of a configuration: one pipeline, its sources, datasets and checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from monitor.config.check import Check
from monitor.config.composites import Composite
from monitor.config.dashboard import Dashboard
from monitor.config.dataset import Dataset
from monitor.config.links import Links
from monitor.config.packs import Off, Packaged
from monitor.config.probes import Probe
from monitor.config.routes import Routes
from monitor.config.serve import Serve
from monitor.config.source import Source
from monitor.config.words import STRICT, Name, Names, Slip, Text
from monitor.config.yaml import Tree
from monitor.errors import Place

_SQLITE = "sqlite:///"


def _store(value: object) -> object:
    # The message quotes nothing: a URL holds a password.
    if (
        not isinstance(value, str)
        or value == "sqlite://"
        or (value.startswith(_SQLITE) and len(value) > len(_SQLITE))
    ):
        return value
    scheme, separator, rest = value.partition("://")
    if separator and rest and scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if "${" in value:
        return value
    raise Slip(
        "'store' must be an address of SQLite or PostgreSQL",
        "such as sqlite:///weir.db or postgresql://host/weir",
    )


_STORES = {"type": "string", "pattern": r"^(sqlite://|postgres(ql)?(\+psycopg)?://|.*\$\{)"}
Store = Annotated[str, BeforeValidator(_store), WithJsonSchema(_STORES)]


class Pipeline(BaseModel):
    """The keys at the top of `weir.yaml`."""

    model_config = STRICT
    pipeline: Name = Field(description="the pipeline's name")
    owner: Text = Field("", description="a team; the default for every check of the file")
    # SQLite needs nobody to run it; several replicas need PostgreSQL.
    store: Store = Field(
        "sqlite:///weir.db", repr=False, description="where readings are kept, as a SQLAlchemy URL"
    )
    serve: Serve = Field(
        default_factory=lambda: Serve.model_validate({}), description="how `weir serve` listens"
    )
    links: Links = Field(
        default_factory=lambda: Links.model_validate({}), description="where runbooks and dashboards are"
    )
    dashboard: Dashboard = Field(
        default_factory=lambda: Dashboard.model_validate({}), description="who may open the pages"
    )
    sources: dict[str, Any] = Field(default_factory=dict, description="places that answer queries, by name")
    datasets: dict[str, Any] = Field(default_factory=dict, description="tables, files and queries, by name")
    use: Names = Field((), description="packs: every check of theirs that the datasets allow is on")
    checks: dict[str, Any] = Field(default_factory=dict, description="what is measured, by name")
    alerts: dict[str, Any] = Field(
        default_factory=dict, description="alerts over several checks together, by name"
    )
    probes: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="synthetic events that `weir probe` sends, by name"
    )
    routes: dict[str, Any] = Field(
        default_factory=dict,
        repr=False,
        description="who is told of alerts, by `page`, `ticket` or owner: `weir serve` notifies by itself",
    )


class ChecksFile(BaseModel):
    """The keys of a file under `checks/`."""

    model_config = STRICT
    owner: Text = Field("", description="a team; the default for every check of the file")
    checks: dict[str, Any] = Field(description="what is measured, by name")


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration without faults. `digest` changes with its files, `owner` is the main file's.

    `checks` holds the packaged ones too, each in the first of its variants; `off` are those that miss a
    dataset.
    """

    pipeline: str
    owner: str
    store: str = field(repr=False)
    serve: Serve
    sources: Mapping[str, Source]
    datasets: Mapping[str, Dataset]
    checks: Mapping[str, Check]
    folder: Path
    files: tuple[Path, ...]
    digest: str
    beside: tuple[Path, ...] = field(default=(), kw_only=True)
    trees: tuple[Tree, ...] = field(repr=False)
    packaged: Mapping[str, Packaged] = field(default_factory=dict[str, Packaged])
    off: Mapping[str, Off] = field(default_factory=dict[str, Off])
    links: Links = field(default_factory=lambda: Links.model_validate({}))
    dashboard: Dashboard = field(default_factory=lambda: Dashboard.model_validate({}))
    composites: Mapping[str, Composite] = field(default_factory=dict[str, Composite])
    routes: Routes = field(default_factory=Routes, repr=False)
    probes: Mapping[str, Probe] = field(default_factory=dict[str, Probe], repr=False)

    def source_of(self, dataset: str) -> Source:
        """The source of a dataset. Raises KeyError for a name that is not declared."""
        return self.sources[self.datasets[dataset].source]

    def place(self, *path: str | int) -> Place:
        """Where something stands, such as `place("checks", "loss", "where")`, or the nearest thing to it."""
        having = [tree for tree in self.trees if tree.has(path[:2])]
        tree = next((tree for tree in having if tree.has(path[:3])), (having or list(self.trees))[0])
        return tree.place(path)


def store_in(store: str, folder: Path) -> str:
    """The store's URL with a path that does not depend on where Weir was started."""
    if not store.startswith(_SQLITE) or store.startswith(_SQLITE + ":"):
        return store
    return _SQLITE + str((folder / store.removeprefix(_SQLITE)).resolve())
