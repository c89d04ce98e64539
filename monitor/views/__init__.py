"""What the pages show, as plain values: everything is worked out here, and pages only draw.

reader     the configuration, the store and the board that all pages look at
span       the stretch of time that a page looks at          titles  names and numbers in plain words
executive  how things stand, in a sentence and in numbers    months  this month against the last one
trends     what was left of budgets, day by day              apart   a board as one segment has it
on_call    what burns, since when and where, and the loop    guide   a runbook with the numbers of now
vitals     the numbers that are asked for first
inside     one check: what it is, how it ran, what it said   course  a check over time, with its gaps
replayed   what replays have shown, by dataset
gamedays   what game days have shown
catalogue  every check, on or off, and why
access     who looks, and what they may do                   wishes  what they ask for
"""
