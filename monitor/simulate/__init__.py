"""A small shop with a live feedback pipeline, to watch and to break on purpose.

Read in call order: population (who and what) -> sessions -> traffic (what truly happens) -> faults, pipeline
(what becomes of it) -> encoding, writer (Parquet files as rows arrive) -> simulation (following a clock) and
ledger (the truth to hold Weir's numbers against). `shop` is the configuration for Weir.
"""
