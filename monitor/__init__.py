"""Weir: SLOs for feedback pipelines. Read in call order: config, packs, plan, scan, store, judge, tick."""

__version__ = "0.1.0"
