"""What one stage of the simulation hands to the next: columns of one length, frozen.

Times are microseconds since the epoch; bytes are positions in the lists of `population`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import Bools, Bytes, Floats, Ints, Words

NEVER = np.iinfo(np.int64).min  # an instant that never came: NULL in the lake


@dataclass(frozen=True)
class Events:
    """True events. Bytes are positions in the lists of `population`."""

    event_id: Words
    event_time: Ints  # microseconds since the epoch
    event_type: Bytes
    user_id: Ints
    session_id: Words
    item_id: NDArray[np.uint16]
    basket_id: Words  # 0 outside a checkout
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    is_bot: Bools
    payload: Bytes


@dataclass(frozen=True)
class Exposures:
    """Items that the recommender showed, and the user's click on them."""

    exposure_id: Words
    event_time: Ints
    item_id: NDArray[np.uint16]
    position: Bytes  # from 1
    propensity: Floats  # the policy's probability of this item at this place
    variant: Bytes
    user_id: Ints
    region: Bytes
    click: Ints  # where the click stands among the minute's events; -1 without one


@dataclass(frozen=True)
class Minute:
    """All that the page views of one minute bring about; clicks stand last among the events."""

    number: int
    events: Events
    exposures: Exposures


@dataclass(frozen=True)
class Fates:
    """What the pipeline does to each event of a minute. Durations in microseconds, one after another."""

    lost: Bools  # gone without a trace
    dead: Bools  # refused by ingestion, kept as a dead letter
    retried: Bools  # delivered twice
    to_ingest: Ints
    to_store: Ints
    to_feature: Ints  # negative where the feature never came
    basket_kept: Bools


@dataclass(frozen=True)
class Emitted:
    """What producers say that they sent. `arrival` is when a row reaches the lake; times in microseconds."""

    arrival: Ints
    event_id: Words
    event_time: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    producer: Bytes
    retries: Bytes  # how often it was sent again


@dataclass(frozen=True)
class Stored:
    """Events as the lake shows them."""

    arrival: Ints
    event_id: Words
    event_time: Ints
    ingest_time: Ints
    stored_time: Ints
    feature_time: Ints  # NEVER where it is missing
    event_type: Bytes
    user_id: Ints
    session_id: Words
    item_id: NDArray[np.uint16]
    region: Bytes
    device: Bytes
    app_version: Bytes
    is_bot: Bools
    basket_id: Words  # 0: NULL
    payload: Bytes


@dataclass(frozen=True)
class DeadLetters:
    """Events that ingestion refused."""

    arrival: Ints
    event_id: Words
    event_time: Ints
    failed_time: Ints
    region: Bytes
    reason: Bytes


@dataclass(frozen=True)
class Shown:
    """The recommender's log of exposures."""

    arrival: Ints
    exposure_id: Words
    event_time: Ints
    item_id: NDArray[np.uint16]
    position: Bytes
    propensity: Floats
    model_version: Ints  # 2 × days since the epoch + variant: models are retrained nightly
    variant: Bytes
    user_id: Ints
    region: Bytes


@dataclass(frozen=True)
class Outcomes:
    """Labels of exposures: 1 for a click that was stored, 0 when the label window passed without one."""

    arrival: Ints
    exposure_id: Words
    label_time: Ints
    label: Bytes


@dataclass(frozen=True)
class Delivery:
    """A minute's rows of every dataset; the fields are named like the datasets."""

    emitted: Emitted
    events: Stored
    dead_letters: DeadLetters
    exposures: Shown
    outcomes: Outcomes
