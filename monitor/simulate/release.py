"""Which release of the recommender answers a user: the stable one, or the canary that a few try first."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import Bytes, bits, mix, salt

CANARY_SHARE = 0.05  # of users
_RELEASES = 103


def release(seed: int, user_id: NDArray[Any]) -> Bytes:
    """The release of each user (a position in RELEASES), always the same one: canaries are split by user."""
    trait = mix(user_id.astype(np.uint64) ^ salt(seed, _RELEASES))
    return (bits(trait, 0, 20) < np.uint64(CANARY_SHARE * 2**20)).astype(np.uint8)
