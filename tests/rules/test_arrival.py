"""Arrival, covers, completion and departure."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import arrival as a
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

ETA = datetime(2021, 4, 5, 8, tzinfo=UTC)
REGIME = Regime.on(date(2021, 4, 5))
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("arrives", "verdict"),
    [
        (ETA - 2 * HOUR, Verdict.COMPLIES),
        (ETA + 24 * HOUR, Verdict.COMPLIES),  # case 10: exactly 24 hours, no such right
        (ETA + 24 * HOUR + SECOND, Verdict.RIGHT),
        (ETA + 25 * HOUR, Verdict.RIGHT),
    ],
)
def test_more_than_24_hours_late_the_observed_party_may_prohibit(arrives, verdict):
    found = a.arrives_within_24_hours_of_the_estimate(
        eta=ETA, arrived=arrives, now=arrives, regime=REGIME, observed="RUS"
    )

    assert (found.citation, found.verdict) == ("VIII.I.2", verdict)
    assert (found.actor == "RUS") == (verdict is Verdict.RIGHT)


@pytest.mark.parametrize(("hours", "verdict"), [(24, Verdict.UNDETERMINED), (25, Verdict.RIGHT)])
def test_the_right_arises_with_the_clock_while_nobody_has_come(hours, verdict):
    found = a.arrives_within_24_hours_of_the_estimate(eta=ETA, arrived=None, now=ETA + hours * HOUR, regime=REGIME)

    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("demonstration", "completed", "verdict"),
    [
        (False, ETA + 96 * HOUR, Verdict.COMPLIES),  # exactly then still complies
        (False, ETA + 96 * HOUR + SECOND, Verdict.BREACHES),
        (False, ETA + 98 * HOUR, Verdict.BREACHES),  # case 9: 2 h beyond 9 April 08:00Z
        (True, ETA + 98 * HOUR, Verdict.COMPLIES),  # up to 10 April 08:00Z
        (True, ETA + 120 * HOUR, Verdict.COMPLIES),
        (True, ETA + 120 * HOUR + SECOND, Verdict.BREACHES),
    ],
)
def test_the_96_hours_run_from_the_estimate_and_only_the_observed_partys_demonstration_adds_to_them(
    demonstration, completed, verdict
):
    found = a.completes_within_96_hours(
        eta=ETA, completed=completed, regime=REGIME, demonstration_by_observed=demonstration
    )

    assert (found.citation, found.verdict) == ("VI.I.9", verdict)


@pytest.mark.parametrize(
    ("hours", "excuse", "verdict"),
    [
        (23, None, Verdict.COMPLIES),
        (24, None, Verdict.COMPLIES),
        (25, None, Verdict.BREACHES),
        (25, "weather", Verdict.COMPLIES),
        (25, "airworthiness", Verdict.COMPLIES),
        (25, "other", Verdict.BREACHES),
    ],
)
def test_the_observing_party_leaves_within_24_hours_of_completion(hours, excuse, verdict):
    found = a.leaves_within_24_hours(completed=ETA, departed=ETA + hours * HOUR, regime=REGIME, excuse=excuse)

    assert (found.citation, found.verdict) == ("VI.I.20", verdict)


@pytest.mark.parametrize(
    ("checked", "verdict"),
    [
        (ETA + HOUR, Verdict.COMPLIES),
        (ETA + 2 * HOUR, Verdict.COMPLIES),
        (ETA + 3 * HOUR, Verdict.BREACHES),
        (None, Verdict.BREACHES),
    ],
)
def test_covers_are_checked_before_the_aircraft_goes_on(checked, verdict):
    found = a.covers_are_checked_on_arrival(arrived=ETA, checked=checked, leaves=ETA + 2 * HOUR)

    assert (found.citation, found.verdict) == ("VI.I.10", verdict)


def test_covers_that_are_not_in_place_are_a_finding_of_their_own():
    assert a.covers_are_in_place(place="UUMB", checked=ETA, in_place=False).citation == "IV.4"
    assert a.covers_are_in_place(place="UUMB", checked=ETA, in_place=True).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("checked", "verdict"), [(ETA, Verdict.COMPLIES), (ETA + SECOND, Verdict.BREACHES), (None, Verdict.BREACHES)]
)
def test_covers_are_confirmed_before_departure(checked, verdict):
    found = a.covers_are_confirmed_before_departure(departed=ETA, checked=checked)

    assert (found.citation, found.verdict) == ("VI.I.19", verdict)
