"""Error budgets: how much of one is left, how fast it burns, and when that is worth a word."""
