"""Why a check is not well: in which segments, where and when it began, after what, and who is at fault.

troubles    which checks, told from what they read     beginning   since when
evidence    rows by dimensions crosswise, one scan     cells, segments  the few that explain the change
origins     upstream, and model or system              events      what went out before
cause, sentence   what is kept and told                attributing  all of it after a tick
"""
