"""OpenSLO v1 (openslo.com): objectives in and out, so that other tools may read them.

documents   YAML to plain values, with the place of each
shapes      words for what an object may hold           schema     OpenSLO v1 in these words
objects     files to objects, held against the schema
incoming    objects to checks, with what cannot be carried: objectives, policies
proposal    checks as the text of a weir.yaml
outgoing    a configuration as objects                  emit       plain values as YAML
"""

PREFIX = "weir.dev/"
"""Of annotations that keep what OpenSLO has no word for."""
