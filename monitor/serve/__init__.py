"""`weir serve`: measure on a schedule, show what was measured.

clock     whether this machine's clock can be believed
leader    who of several replicas measures
reload    the configuration on disk, and the last good one
current   the configuration in force and its open sources
schedule  when which checks are due
worker    what is done then: tick, heartbeat, refresh, evaluate, deliver, compact
alarms    alerts: evaluating their rules, keeping what follows, telling people
http      /metrics, /healthz, /readyz
server    all of it together: what `weir serve` runs
"""
