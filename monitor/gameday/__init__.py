"""Game days: the simulated shop is broken on purpose, and Weir is scored by what it says of it.

scenario    what is broken, where, how badly and when; from YAML
catalogue   what Weir should say of each kind of fault, and how large one of a severity is
stage       a shop that was measured for a while, and copies of it to break
watch       tick, evaluate alerts, and note who would have been told of what
play        one scenario, from its onset until all is known
score       what was said, held against what was broken
clean       weeks in which nothing is broken
run         all of it, on several processes
told        the result as JSON and as text; page  as HTML, with its charts in drawn
"""
