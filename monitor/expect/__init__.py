"""What a value is held against besides fixed bounds: a week before, its season, its own course.

Pure functions on arrays and numbers. Times are microseconds since 1970 UTC; gaps in a history are NaN or
simply missing.

    change    a relative change against one other window
    anomaly   seasons, an adaptive threshold
    trend     the days of a month
"""
