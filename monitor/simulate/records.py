"""What one stage of the simulation hands to the next: columns of one length, frozen.

Times are microseconds since the epoch; bytes are positions in the lists of `population`, MISSING is none.
Rows of datasets carry more than their tables show, so that any of them can be told by place.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import MINUTE_US, Bools, Bytes, Floats, Ints, Words

Shorts = NDArray[np.uint16]

NEVER = np.iinfo(np.int64).min  # an instant that never came: NULL in the lake
MISSING = 255  # a code that says nothing: NULL in the lake


@dataclass(frozen=True)
class Events:
    """True events."""

    minute: Ints  # of the page view that they belong to, in minutes since the epoch
    event_id: Words
    event_time: Ints
    event_type: Bytes
    user_id: Ints
    session_id: Words
    item_id: Shorts
    basket_id: Words  # 0 outside a checkout
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    is_bot: Bools
    payload: Shorts  # a position in PAYLOADS
    partition: Bytes  # of the log between producers and ingestion
    consent: Bytes
    trace_id: Words  # of the page view: shared by what it brings about


@dataclass(frozen=True)
class Exposures:
    """Items that the recommender showed, and the user's click on them."""

    exposure_id: Words
    request_id: Words  # of the slate
    event_time: Ints
    item_id: Shorts
    position: Bytes  # from 1
    propensity: Floats  # the policy's probability of this item at this place
    score: Floats  # the model's: the share of clicks that it expects at the first place
    is_exploration: Bools
    variant: Bytes
    user_id: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    user_group: Bytes
    is_new_user: Bools
    trace_id: Words
    click: Ints  # where the click stands among the minute's events; -1 without one


@dataclass(frozen=True)
class Minute:
    """All that the page views of a minute bring about, or of some minutes of one day that follow each other.

    Clicks, then robots, stand last among the events."""

    number: int  # of the first
    events: Events
    exposures: Exposures
    many: int = 1

    @property
    def numbers(self) -> range:
        return range(self.number, self.number + self.many)

    def counts(self, at: Ints) -> Ints:
        """How many of some page views, by their instants, there are in each minute."""
        return np.bincount(at // MINUTE_US - self.number, minlength=self.many)


@dataclass(frozen=True)
class Fates:
    """What the pipeline does to each event of a minute. Durations in microseconds, one after another."""

    lost: Bools  # gone without a trace
    dead: Bools  # refused by ingestion, kept as a dead letter
    retried: Bools  # sent twice by its producer, and stored twice
    repeated: Bools  # stored twice by ingestion
    to_ingest: Ints
    to_store: Ints
    to_feature: Ints  # negative where the feature never came
    basket_kept: Bools


@dataclass(frozen=True)
class Emitted:
    """What producers say that they sent. `arrival` is when a row reaches the lake."""

    arrival: Ints
    event_id: Words
    event_time: Ints
    event_type: Bytes
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    producer: Bytes
    partition: Bytes
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
    item_id: Shorts
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    is_bot: Bools
    basket_id: Words  # 0: NULL
    payload: Shorts
    partition: Bytes
    consent: Bytes
    trace_id: Words  # 0: NULL
    schema_version: Bytes


@dataclass(frozen=True)
class DeadLetters:
    """Events that ingestion refused."""

    arrival: Ints
    event_id: Words
    event_time: Ints
    failed_time: Ints
    event_type: Bytes
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    partition: Bytes
    reason: Bytes


@dataclass(frozen=True)
class Shown:
    """The recommender's log of exposures."""

    arrival: Ints
    exposure_id: Words
    request_id: Words
    event_time: Ints
    item_id: Shorts
    position: Bytes
    propensity: Floats
    score: Floats
    is_exploration: Bools
    model_version: Ints  # 2 × days since the epoch + variant: models are retrained nightly; NEVER is NULL
    experiment_id: Bytes
    variant: Bytes
    user_id: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    user_group: Bytes
    is_new_user: Bools
    trace_id: Words


@dataclass(frozen=True)
class Outcomes:
    """Labels of exposures: 1 for a click that was stored, 0 when the label window passed without one."""

    arrival: Ints
    exposure_id: Words
    label_time: Ints
    label: Bytes
    event_type: Bytes
    shown_time: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    user_group: Bytes


@dataclass(frozen=True)
class Delivery:
    """A minute's rows of every dataset of the stream; the fields are named like the datasets."""

    emitted: Emitted
    events: Stored
    dead_letters: DeadLetters
    exposures: Shown
    outcomes: Outcomes
