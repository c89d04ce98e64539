"""What can be broken on purpose.

Read in call order: kind (what a kind of fault is, and whom one hits) -> stream, ... (the kinds, by what they
break) -> fault (one of them: its size, time and place, and how it meets rows).
"""

from monitor.simulate.faults.fault import Fault, size_at, suffer
from monitor.simulate.faults.kind import Act, Hit, Kind
from monitor.simulate.faults.kinds import KINDS

__all__ = ["KINDS", "Act", "Fault", "Hit", "Kind", "size_at", "suffer"]
