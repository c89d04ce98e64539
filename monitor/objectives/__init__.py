"""How objectives stand: slices of time, budgets, burn rates, months."""
