"""What the readings of segments say of where a trouble is, and what they do not."""

import pytest

from monitor.attribute.mix import drifted_all
from monitor.attribute.parts import explain_parts
from monitor.judging.measured import Said
from monitor.model import PAIR, Outcome, Reading, Segment, Sums, Window

PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
OUTCOMES = {"p": PASS, "w": WARN, "f": FAIL}


def parts(**outcomes: str) -> list[Said]:
    """A letter for each value of a dimension."""
    return [
        Said("c", Segment(dim, str(place)), Window(0, 1), Reading(outcome=OUTCOMES[letter]))
        for dim, letters in outcomes.items()
        for place, letter in enumerate(letters)
    ]


def named(some: list[Said]) -> list[tuple[tuple[str, str], ...]]:
    return [each.where for each in explain_parts(some).segments]


@pytest.mark.parametrize(
    "outcomes, found",
    [
        ({"region": "fpp", "device": "ppp"}, [(("region", "0"),)]),
        ({"region": "fpp", "device": "pwp"}, [(("region", "0"),)]),
        ({"region": "fwp", "device": "ppp"}, []),  # the worst of many
        ({"region": "fpp", "device": "fpp"}, []),  # one contradicts the other
        ({"region": "fff", "device": "fpp"}, []),  # everywhere, by region
        ({"region": "wpp", "device": "ppp"}, [(("region", "0"),)]),
        ({"region": "fw", "device": "fwp"}, []),
    ],
)
def test_without_counts_a_segment_is_named_where_nothing_contradicts(outcomes: dict[str, str], found: object):
    assert named(parts(**outcomes)) == found


@pytest.mark.parametrize(
    "outcomes, everywhere",
    [
        ({"region": "fpp", "device": "fpp"}, True),
        ({"region": "fff", "device": "fpp"}, True),
        ({"region": "fw", "device": "fwp"}, True),
        ({"region": "fwp", "device": "ppp"}, False),
        ({"region": "fpp", "device": "ppp"}, False),
    ],
)
def test_it_is_everywhere_where_segments_contradict_each_other(outcomes: dict[str, str], everywhere: bool):
    assert explain_parts(parts(**outcomes)).everywhere is everywhere


def test_a_value_goes_before_the_pairs_in_it_and_a_pair_before_its_values():
    pairs = [
        Said("c", Segment("region,device", f"{one}{PAIR}{two}"), Window(0, 1), Reading(outcome=outcome))
        for one, two, outcome in (("0", "0", FAIL), ("0", "1", FAIL), ("1", "0", PASS), ("1", "1", PASS))
    ]
    assert named([*pairs, *parts(region="fp")]) == [(("region", "0"),)]
    assert named([pairs[0], *pairs[2:], *parts(region="fp")]) == [(("region", "0"), ("device", "0"))]


def test_of_counts_most_bad_rows_must_lie_in_what_is_named():
    def part(value: str, bad: float, outcome: Outcome) -> Said:
        reading = Reading(outcome=outcome, good=1_000 - bad, total=1_000)
        return Said("c", Segment("region", value), Window(0, 1), reading)

    others = [part(str(place), 9, PASS) for place in range(5)]
    assert not named([part("a", 12, FAIL), *others])
    assert named([part("a", 80, FAIL), *others]) == [(("region", "a"),)]


def test_of_counts_what_fails_must_be_worse_than_what_is_well_beyond_chance():
    """Of units in several variants, which a finding of its own is about."""

    def part(value: str, several: int, outcome: Outcome) -> Said:
        findings = ((FAIL, "units were seen in more than one variant"),) if outcome == FAIL else ()
        detail = {"contaminated": several}
        reading = Reading(total=900, detail=detail, findings=findings, outcome=outcome)
        return Said("c", Segment("device", value), Window(0, 1), reading)

    assert not named([part("a", 10, FAIL), part("b", 8, PASS)])
    assert named([part("a", 30, FAIL), part("b", 2, PASS)]) == [(("device", "a"),)]


def feature(bins: dict[str, float]) -> Sums:
    return {"bins0": bins}


def test_values_that_are_different_things_and_all_drifted_say_nothing_of_where():
    was = [feature({"0": 100, "1": 900}), feature({"2": 900, "3": 100}), feature({"4": 500, "5": 500})]
    now = [feature({"0": 400, "1": 100}), feature({"2": 100, "3": 400}), feature({"4": 50, "5": 450})]
    assert drifted_all(list(zip(was, now, strict=True)), 0)
    assert not drifted_all(list(zip(was, [*now[:2], feature({"4": 250, "5": 250})], strict=True)), 0)


def test_values_of_a_place_stay_though_all_have_drifted():
    was, now = feature({"0": 500, "1": 500}), feature({"0": 50, "1": 450})
    assert not drifted_all([(was, now)] * 3, 0)
    assert not drifted_all([], 0)
