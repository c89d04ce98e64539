"""What the pages show, as plain values: everything is worked out here, and pages only draw.

reader     the configuration, the store and the board that all pages look at
span       the stretch of time that a page looks at
course     a check over time, with the gaps in which nothing is known
catalogue  every check, on or off, and why
inside     one check: what it is, how it ran, what it said
titles     names and numbers in plain words
"""
