"""The YAML as typed, frozen values: `load` a file or a folder, `schema` for editors.

Read in call order: substitute, yaml (text to values with places), words, source, dataset, slo, check, serve,
pipeline (one section each), timing (defaults by the law of time), references, faults, loading.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.config.check import Check, Snooze
from monitor.config.dataset import Dataset
from monitor.config.pipeline import Config
from monitor.config.serve import Serve, Tls
from monitor.config.slo import Slo
from monitor.config.source import Source

__all__ = ["Check", "Config", "Dataset", "Serve", "Slo", "Snooze", "Source", "Tls", "load", "schema"]


def load(path: Path, env: Mapping[str, str] | None = None, *, allow_missing_env: bool = False) -> Config:
    """A configuration from a file, or from a folder's `weir.yaml` and `checks/**/*.yaml`.

    `env` is the process's environment by default. With `allow_missing_env` a reference that cannot be
    resolved stays as text, so that a file can be checked where its secrets are not. Nothing is connected to.
    Raises ConfigError with every fault of every file, in order.
    """
    from monitor.config.loading import load_config

    return load_config(Path(path), os.environ if env is None else env, allow_missing_env=allow_missing_env)


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a configuration file, for editors."""
    from monitor.config.schema import json_schema

    return json_schema()
