"""A small shop with a live feedback pipeline, to watch and to break on purpose.

Read in call order: population (who, what and how much) -> sessions -> traffic, recommender, slates (what
truly happens) -> pipeline, services (what becomes of it) -> encoding, writer (files or a warehouse, as rows
arrive) -> simulation (following a clock) and ledger (the truth to hold Weir's numbers against). `faults` meet
rows at each of these points. Everything is a function of the seed, the minute and the faults. `shop` is the
configuration for Weir.
"""
