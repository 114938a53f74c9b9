"""Article VIII: prohibition, deviation, and what counts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import prohibition as p
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

AT = datetime(2021, 5, 18, 12, tzinfo=UTC)
REGIME = Regime.on(date(2021, 5, 18))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("ground", "facts", "started", "verdict"),
    [
        ("VIII.I.1", {"not_in_compliance": ["VI.I.5"]}, None, Verdict.COMPLIES),  # case 1
        ("VIII.I.1", {}, None, Verdict.BREACHES),
        ("VIII.I.2", {"late": True}, None, Verdict.COMPLIES),  # case 10
        ("VIII.I.2", {"late": False}, None, Verdict.BREACHES),
        ("AnnF.I.9", {"not_as_certified": True}, None, Verdict.COMPLIES),
        ("AnnF.III.6", {}, None, Verdict.UNDETERMINED),
        ("VI.II.7", {}, None, Verdict.BREACHES),
        ("VIII.I.2", {"late": True}, AT, Verdict.BREACHES),  # the flight has started
        ("VIII.I.2", {"late": True}, AT + timedelta(seconds=1), Verdict.COMPLIES),
    ],
)
def test_a_flight_is_prohibited_before_its_start_on_a_ground_that_is_met(ground, facts, started, verdict):
    given = {"not_in_compliance": [], "late": False, "not_as_certified": False, **facts}

    found = p.may_prohibit(ground=ground, at=AT, started=started, **given)

    assert (found.citation, found.verdict) == ("VIII.I.1", verdict)


def test_a_flight_that_does_not_comply_gives_the_right_to_prohibit_it():
    found = p.right_to_prohibit(not_in_compliance=["VI.I.5", "VI.II.4.E"], observed="RUS")

    assert (found.verdict, found.actor) == (Verdict.RIGHT, "RUS")
    assert p.right_to_prohibit(not_in_compliance=[]).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("reading", "day", "verdict"),
    [
        ("prohibition", 7, Verdict.COMPLIES),
        ("prohibition", 8, Verdict.BREACHES),
        ("departure", 8, Verdict.COMPLIES),  # departed one day after
        ("departure", 9, Verdict.BREACHES),
    ],
)
def test_a_prohibition_is_explained_to_all_within_seven_days(reading, day, verdict):
    regime = Regime.on(AT.date(), readings={"prohibition_report_start": reading})

    found = p.explains_a_prohibition_within_7_days(
        prohibited=AT, departed=AT + timedelta(days=1), explained=AT + timedelta(days=day), regime=regime
    )

    assert found.verdict is verdict


def test_the_facts_stand_in_the_plan():
    assert p.facts_of_prohibition_stand_in_the_plan(in_plan=False).verdict is Verdict.BREACHES
    assert p.facts_of_prohibition_stand_in_the_plan(in_plan=True).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(("km", "verdict"), [(49.9, "complies"), (50.0, "complies"), (50.1, "right")])
def test_beyond_fifty_kilometres_sensors_may_be_forbidden(km, verdict):
    found = p.sensors_beyond_50_km_may_be_forbidden(deviation_km=km, regime=REGIME, observed="RUS")

    assert (found.citation, found.verdict) == ("VIII.II.3.B", verdict)


def test_below_the_minimum_height_that_sensor_may_be_forbidden():
    assert p.sensors_below_minimum_height_may_be_forbidden(sensors=["AFA-41-10"]).verdict is Verdict.RIGHT
    assert p.sensors_below_minimum_height_may_be_forbidden(sensors=[]).verdict is Verdict.COMPLIES


@pytest.mark.parametrize("ground", [*p.DEVIATION_GROUNDS, "other"])
def test_a_deviation_has_a_permitted_ground(ground):
    found = p.deviates_on_a_permitted_ground(ground=ground)

    assert (found.verdict is Verdict.BREACHES) == (ground == "other")


def test_those_aboard_are_told():
    assert p.tells_those_aboard_at_once(began=AT, told=None).verdict is Verdict.BREACHES
    assert p.tells_those_aboard_at_once(began=AT, told=AT).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("outcome", "more", "numbers"),
    [
        ("never_came", {}, (0, 0, False, False)),
        ("prohibited", {}, (0, 0, False, False)),
        ("declined", {}, (0, 0, False, False)),
        ("cancelled", {}, (0, 0, False, False)),
        ("completed", {}, (1, 1, True, False)),
        ("cut_short", {"cause": "other"}, (1, 1, True, False)),  # case 19 (a)
        ("cut_short", {"cause": "aircraft_of_observed"}, (0, 0, False, True)),  # case 19 (b), not yet chosen
        ("cut_short", {"cause": "aircraft_of_observed", "elects": True}, (1, 1, True, False)),
        ("cut_short", {"cause": "aircraft_of_observed", "elects": False}, (0, 0, False, False)),
        ("completed", {"quota_free": True}, (0, 0, True, False)),
    ],
)
def test_what_a_flight_counts(outcome, more, numbers):
    found = p.counts(outcome, **more)

    assert (found.observing, found.observed, found.data_kept, found.choice) == numbers


def test_data_of_a_flight_that_is_not_counted_are_not_kept():
    free = p.counts("cut_short", cause="force_majeure", elects=False)

    assert p.data_are_kept_only_if_counted(free, keeps=True).verdict is Verdict.BREACHES
    assert p.data_are_kept_only_if_counted(free, keeps=False).verdict is Verdict.COMPLIES
