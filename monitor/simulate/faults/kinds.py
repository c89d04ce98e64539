"""All kinds of faults, by name."""

from collections.abc import Mapping

from monitor.simulate.faults.assistant import ASSISTANT
from monitor.simulate.faults.kind import Kind
from monitor.simulate.faults.serving import SERVING
from monitor.simulate.faults.stream import STREAM

KINDS: Mapping[str, Kind] = {each.name: each for each in (*STREAM, *SERVING, *ASSISTANT)}
