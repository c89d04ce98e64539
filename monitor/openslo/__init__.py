"""OpenSLO v1 (openslo.com): objectives in and out, so that other tools may read them.

documents   YAML to plain values, with the place of each
shapes      what an object of OpenSLO v1 may hold, as data
objects     files to objects, held against the shapes, references resolved
incoming    objects to checks, with what cannot be carried
proposal    checks as the text of a weir.yaml
outgoing    a configuration as objects
emit        plain values as YAML
"""

PREFIX = "weir.dev/"
"""Of annotations that keep what OpenSLO has no word for."""
