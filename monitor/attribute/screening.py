"""Which dimensions are worth a look: those by which a trouble is not alike, and that are not broken."""

from collections.abc import Sequence

import numpy as np

from monitor.attribute.cells import Cells, Numbers
from monitor.attribute.segments import rates

ALWAYS = 0.9
"""The share of a value's rows that are bad where that value is itself what is bad."""

RARE = 0.2
"""How much of a value's rows since is expected by those before, where it has come up with the trouble."""


def telling(some: Sequence[Cells], rows: bool, most: int) -> tuple[str, ...]:
    """Of cells by one dimension each, the dimensions over which a trouble is least alike, in their order.

    By χ² of what is seen against the whole's change in each value, less its degrees of freedom; `rows` are
    looked at themselves, or the bad ones among them.
    """
    unlike = {each.dims[0]: (_rows if rows else _shares)(each) - each.size for each in some if each.size > 1}
    chosen = sorted(unlike, key=lambda dim: -unlike[dim])[:most]
    return tuple(dim for dim in unlike if dim in chosen)


def _shares(of: Cells) -> float:
    rate: Numbers = rates(of)
    flipped = float((of.b1 - of.n1 * rate).sum()) < 0
    bad, rate = (of.n1 - of.b1, 1 - rate) if flipped else (of.b1, rate)
    room = float((of.n1 * (1 - rate)).sum())
    hit = max(0.0, float((bad - of.n1 * rate).sum())) / room if room else 0.0
    expected = of.n1 * (rate + hit * (1 - rate))
    variance = np.maximum(expected * (1 - expected / np.maximum(of.n1, 1)), 0.25)
    return float(((bad - expected) ** 2 / (variance * (1 + of.n1 / np.maximum(of.n0, 1)))).sum())


def _rows(of: Cells) -> float:
    before = float(of.n0.sum())
    times = float(of.n1.sum()) / before if before else 1.0
    expected = (of.n0 + 0.5) * times
    return float(((of.n1 - expected) ** 2 / np.maximum(expected * (1 + times), 0.25)).sum())


def itself(of: Cells, dim: str) -> bool:
    """Whether a dimension is itself what is broken: most bad rows have values of it that are always bad, and
    were so before, or were not there. Only to be asked of a column that a check looks at.
    """
    codes = of.codes[:, of.dims.index(dim)]
    n0, b0, n1, b1 = (np.bincount(codes, weights=each) for each in (of.n0, of.b0, of.n1, of.b1))
    before = n0.sum()
    times = n1.sum() / before if before else 1.0
    always = (n1 > 0) & (b1 >= ALWAYS * n1)
    new = n0 * times < RARE * n1
    known = (n0 > 0) & (b0 >= ALWAYS * n0)
    return bool(b1[always & (new | known)].sum() >= 0.5 * b1.sum())
