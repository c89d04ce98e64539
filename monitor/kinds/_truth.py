"""A column that says yes or no, however it is stored."""

from monitor.expr import Column, Compare, Expr, Literal, Number, OneOf
from monitor.kinds import View

YES = ("true", "True", "TRUE", "t", "T", "1", "yes", "Yes", "YES", "y", "Y")


def truth(column: str, view: View) -> Expr:
    """Whether a column says yes; NULL for NULL: a truth value, a number other than 0, or a word of `YES`."""
    return truth_of(column, view.family(column))


def truth_of(column: str, family: str) -> Expr:
    """The same, where the column's family is known."""
    if family == "boolean":
        return Column(column)
    if family in ("integer", "number"):
        return Compare("<>", Number(Column(column)), Literal(0))
    return OneOf(Column(column), YES)
