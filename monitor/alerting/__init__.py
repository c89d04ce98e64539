"""Alerts: one typed model of rules with two renderings, for Prometheus and for Weir's own evaluator.

terms       what a rule looks at: a small language over gauges
promql      a term as PromQL
evaluate    a term's truth, given samples
states      inactive, pending, firing: the life of an alert
model       an alert as a value
rules       which alerts a configuration has         sentences   what they say, and where to go
prometheus  their first rendering, as files          embedded    their second, by Weir itself; words
"""
