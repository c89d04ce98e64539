"""Looks at a folder of files or a database and proposes a configuration that runs at once.

Read in call order: target (what was pointed at), files and catalog (what is there), sample (a bounded look),
words, patterns, evidence, naming and columns (what its columns are), pace, checks and matches (what to
measure), packs (ready checks for what was found), entries and write (the YAML); proposal puts them together.
"""

from monitor.discover.proposal import Found, Proposal, propose
from monitor.discover.target import Target, target

__all__ = ["Found", "Proposal", "Target", "propose", "target"]
