"""The shop's assistant: conversations that grow out of searches, its answers, and what people do with them.

Every answer is good or bad, which nobody sees but everything follows from: a bad one is asked again, hardly
copied, much edited, rated low and walked away from. All of it is drawn by identifiers (`chance`), so that a
query that a fault does not touch fares as it would have.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.chance import choice, even, lognormal, one_of
from monitor.simulate.draws import DAY_US, SECOND_US, Bools, Bytes, Ints, Words, mix, salt
from monitor.simulate.logs import TASKS, Queries, Talk
from monitor.simulate.population import SEARCH, Shop
from monitor.simulate.records import Minute
from monitor.simulate.rows import joined, take
from monitor.simulate.texts import ASKED, CLARIFIED, FORMS, TOPICS

ASKS = 0.15  # share of people's searches that go to the assistant
BAD = 0.15  # share of answers that are no good
LONGEST = 3  # queries of a conversation
_STEP, _TRACE, _ROOT = 200, 201, 202
_ASKS, _TASK, _TOPIC, _GOOD, _NEXT, _WAIT, _ARRIVES = range(210, 217)

# What follows an answer: nothing, the same again in other words, a clarification, another question.
_END, _AGAIN, _CLARIFY, _OTHER = range(4)
_AFTER_GOOD, _AFTER_BAD = (0.72, 0.02, 0.10, 0.16), (0.20, 0.70, 0.04, 0.06)

Judged = Callable[[Talk], Talk]
"""What a fault makes of queries once it is known how good their answers will be."""


def as_they_are(step: Talk) -> Talk:
    """Nothing goes wrong."""
    return step


def talk(shop: Shop, minute: Minute, judged: Judged = as_they_are) -> Talk:
    """The conversations that begin in a minute; what follows comes up to two minutes later."""
    step = judged(_begun(shop, minute))
    steps = [step]
    for turn in range(1, LONGEST):
        followed, what = _followed(step)
        steps[-1] = replace(step, last=~followed)
        step = judged(_next(take(step, followed), what[followed], turn))
        steps.append(step)
    steps[-1] = replace(step, last=np.ones(len(step.last), np.bool_))
    return joined(steps)


def _begun(shop: Shop, minute: Minute) -> Talk:
    events = minute.events
    chosen = (events.event_type == SEARCH) & ~events.is_bot
    chosen &= even(events.event_id, shop.seed, _ASKS) < ASKS
    root = take(events, np.flatnonzero(chosen))
    query_id = mix(root.event_id ^ salt(shop.seed, _ROOT))
    unknown = np.zeros(len(query_id), np.bool_)
    return Talk(
        query_id=query_id,
        event_time=root.event_time,
        session_id=root.session_id,
        user_id=root.user_id,
        region=root.region,
        device=root.device,
        app_version=root.app_version,
        variant=root.variant,
        task_type=one_of(query_id, len(TASKS), _TASK).astype(np.uint8),
        topic=one_of(query_id, TOPICS, _TOPIC),
        form=np.full(len(query_id), ASKED),
        trace_id=mix(query_id ^ salt(shop.seed, _TRACE)),
        good=_good(query_id),
        last=unknown,
        blind=unknown,
    )


def _good(query_id: Words) -> Bools:
    return even(query_id, _GOOD) >= BAD


def _followed(step: Talk) -> tuple[Bools, Bytes]:
    after_good, after_bad = (
        choice(step.query_id, _AFTER_GOOD, _NEXT),
        choice(step.query_id, _AFTER_BAD, _NEXT),
    )
    what = np.where(step.good, after_good, after_bad)
    return what != _END, what


def _next(before: Talk, what: Bytes, turn: int) -> Talk:
    """The queries that follow, each some ten seconds after it had its answer."""
    query_id = mix(before.query_id ^ salt(_STEP, turn))
    wait = (lognormal(query_id, 22, 0.35, _WAIT).clip(8, 58) * SECOND_US).astype(np.int64)
    other = what == _OTHER
    form = np.array([ASKED, turn, CLARIFIED, ASKED])[what]
    return replace(
        before,
        query_id=query_id,
        event_time=before.event_time + wait,
        task_type=np.where(other, one_of(query_id, len(TASKS), _TASK), before.task_type).astype(np.uint8),
        topic=np.where(other, one_of(query_id, TOPICS, _TOPIC), before.topic),
        form=form,
        good=_good(query_id),
        blind=np.zeros(len(form), np.bool_),
    )


def queries(talk: Talk) -> Queries:
    """The log of what was asked."""
    wait = (lognormal(talk.query_id, 0.8, 0.6, _ARRIVES).clip(max=40) * SECOND_US).astype(np.int64)
    return Queries(
        arrival=talk.event_time + wait,
        query_id=talk.query_id,
        event_time=talk.event_time,
        session_id=talk.session_id,
        user_id=talk.user_id,
        region=talk.region,
        device=talk.device,
        app_version=talk.app_version,
        task_type=talk.task_type,
        model_version=assistant_version(talk.event_time, talk.variant),
        query_text=(talk.task_type.astype(np.int64) * TOPICS + talk.topic) * len(FORMS[0]) + talk.form,
        is_clarification=talk.form == CLARIFIED,
        trace_id=talk.trace_id,
    )


def assistant_version(event_time: Ints, variant: NDArray[Any]) -> Ints:
    """The model that answers: a new one every Monday (UTC), for each variant."""
    day = event_time // DAY_US
    return 2 * (day - (day + 3) % 7) + variant  # the epoch was a Thursday
