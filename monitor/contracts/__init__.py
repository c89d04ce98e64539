"""Data contracts: what the producer of a table promises of its columns.

model     what a contract says, whatever it was written in
types     the types of the Open Data Contract Standard, and those of databases that mean the same
inline    a contract that stands in the configuration
odcs      a contract in a file of the Open Data Contract Standard, version 3 (Bitol, 3.1.0)
rules     each promise as a condition that a row breaks
diff      what a change of a contract breaks, and for whom
"""
