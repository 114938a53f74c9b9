"""The pre-flight inspection."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import inspection as i
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

START = datetime(2021, 5, 17, 9, tzinfo=UTC)
REGIME = Regime.on(date(2021, 5, 17))
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("length", "verdict"),
    [(7 * HOUR, Verdict.COMPLIES), (8 * HOUR, Verdict.COMPLIES), (8 * HOUR + SECOND, Verdict.BREACHES)],
)
@pytest.mark.parametrize(("by_observing", "citation"), [(False, "AnnF.I.4"), (True, "AnnF.II.4")])
def test_an_inspection_lasts_at_most_eight_hours(length, verdict, by_observing, citation):
    found = i.inspection_lasts_at_most_8_hours(
        started=START, ended=START + length, regime=REGIME, by_observing=by_observing
    )

    assert (found.citation, found.verdict) == (citation, verdict)


@pytest.mark.parametrize(
    ("ended", "verdict"),
    [
        (START - 5 * HOUR, Verdict.COMPLIES),
        (START - 4 * HOUR, Verdict.COMPLIES),
        (START - 4 * HOUR + SECOND, Verdict.BREACHES),
    ],
)
def test_it_is_over_four_hours_before_the_start(ended, verdict):
    found = i.inspection_ends_4_hours_before_the_start(ended=ended, starts=START, regime=REGIME)

    assert (found.citation, found.verdict) == ("VI.I.11", verdict)


@pytest.mark.parametrize(
    ("by_observing", "number", "verdict"),
    [(False, 10, "complies"), (False, 11, "breaches"), (True, 5, "complies"), (True, 6, "breaches")],
)
def test_ten_inspectors_or_five(by_observing, number, verdict):
    found = i.inspectors_are_few_enough(inspectors=number, regime=REGIME, by_observing=by_observing)

    assert found.verdict == verdict


def test_what_is_not_as_certified_gives_a_right_to_the_side_that_inspects():
    assert i.aircraft_is_as_certified(as_certified=True).verdict is Verdict.COMPLIES
    own = i.aircraft_is_as_certified(as_certified=False, observed="RUS", observing="DEU")
    taxi = i.aircraft_is_as_certified(as_certified=False, by_observing=True, observed="RUS", observing="DEU")
    assert (own.citation, own.verdict, own.actor) == ("AnnF.I.9", Verdict.RIGHT, "RUS")
    assert (taxi.citation, taxi.verdict, taxi.actor) == ("AnnF.II.8", Verdict.RIGHT, "DEU")


def test_only_the_observed_partys_demonstration_extends():
    side = frozenset({"BLR", "RUS"})
    assert [i.demonstration_extends(p, observed_side=side) for p in ("RUS", "BLR", "DEU", None)] == [
        True,
        True,
        False,
        False,
    ]


def test_each_limit_is_read_from_its_own_row():
    longer = REGIME.with_value("inspection_before_start", 6)
    shorter = REGIME.with_value("inspection_longest", 2)

    found = i.inspection_ends_4_hours_before_the_start(ended=START - 5 * HOUR, starts=START, regime=longer)
    assert found.verdict is Verdict.BREACHES
    found = i.inspection_lasts_at_most_8_hours(started=START, ended=START + 3 * HOUR, regime=shorter)
    assert found.verdict is Verdict.BREACHES
