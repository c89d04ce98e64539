"""Deriving a dataset again from its raw log, and sending dead letters once more.

command   runs a pipeline's own command          scratch   a folder that goes away, whoever dies
derive    what a query or a command makes        sides     rows as they can be compared
compare   row by row, by key                     measure   twice, beside what is stored: IF-M9
record    where the result is kept               letters   what was refused, sent again
"""
