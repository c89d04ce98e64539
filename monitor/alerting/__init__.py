"""Alerts: one typed model of rules with two renderings, for Prometheus and for Weir's own evaluator.

terms       what a rule looks at: a small language over gauges
promql      a term as PromQL
evaluate    a term's truth, given samples
states      inactive, pending, firing: the life of an alert
model       an alert as a value
rules       which alerts a configuration has: rules_budgets, rules_ingestion, rules_checks, rules_composites,
            rules_health, rules_held, from what observed and raised have in common; sentences, what they say
inhibition  who is not told twice, and what waits
prometheus  their first rendering, as files; sloth, other people's names for the same numbers
unit_tests  tests of these files: cases, of gauges that witness finds, with sentences as expanded
embedded    their second, by Weir itself; words
"""
