"""What an incident was, once it is over or while it goes on: for whoever writes or reads the postmortem.

An incident is a stretch of time in which an alert fired, as the pages show it; its number is the store's.

loss       what it cost: bad rows by check and segment, from rollups
gathered   everything that is known of it
timeline   what happened, in order
written    as Markdown and as JSON
"""
