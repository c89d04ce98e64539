"""Alerts: one typed model of rules with two renderings, for Prometheus and for Weir's own evaluator.

terms       what a rule looks at: a small language over gauges
promql      a term as PromQL
evaluate    a term's truth, given samples
states      inactive, pending, firing: the life of an alert
"""
