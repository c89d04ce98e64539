"""Synthetic events that a pipeline carries from end to end, where its traffic is too thin to judge.

personal  invented personal data, and whether a text still bears it      rows     probes as rows
send      into the pipeline, by one of four ways                          look     where they arrived
verdict   loss, latency and redaction, as readings
"""
