"""Handing over the mission plan and agreeing on it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import negotiation as n
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

T0 = datetime(2021, 5, 17, 14, tzinfo=UTC)
REGIME = Regime.on(date(2021, 5, 17))
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("arrived", "verdict"),
    [
        (T0 - HOUR, Verdict.COMPLIES),
        (T0, Verdict.COMPLIES),
        (T0 + SECOND, Verdict.BREACHES),
        (None, Verdict.UNDETERMINED),
    ],
)
def test_the_plan_is_handed_over_after_arrival(arrived, verdict):
    found = n.hands_over_the_plan_after_arrival(arrived=arrived, submitted=T0)

    assert (found.citation, found.verdict) == ("VI.II.1", verdict)


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        (3 * HOUR, Verdict.COMPLIES),
        (4 * HOUR, Verdict.COMPLIES),
        (4 * HOUR + 5 * MINUTE, Verdict.BREACHES),  # the exercise's third proposal
        (4 * HOUR + 20 * MINUTE, Verdict.BREACHES),  # case 7
    ],
)
def test_proposals_come_within_four_hours_of_the_plan(after, verdict):
    for found in (
        n.replies_to_the_plan_within_4_hours(submitted=T0, replied=T0 + after, regime=REGIME),
        n.proposes_within_4_hours(submitted=T0, proposed=T0 + after, regime=REGIME),
    ):
        assert (found.citation, found.verdict) == ("VI.II.6", verdict)


def test_silence_is_a_breach_and_no_acceptance():
    found = n.replies_to_the_plan_within_4_hours(submitted=T0, replied=None, regime=REGIME)

    assert found.verdict is Verdict.BREACHES
    assert found.readings == {"silence_after_4h": "breach"}


def test_the_text_sets_no_time_for_answering_an_alternative():
    found = n.proposes_within_4_hours(submitted=T0, proposed=T0 + 9 * HOUR, regime=REGIME, answers_alternative=True)

    assert found.verdict is Verdict.SILENT


@pytest.mark.parametrize(
    ("ground", "paragraph", "verdict"),
    [
        ("weather", None, Verdict.COMPLIES),
        ("airfield", None, Verdict.COMPLIES),
        ("inconsistent", "VI.II.2", Verdict.COMPLIES),
        ("inconsistent", "VI.II.4.E", Verdict.COMPLIES),
        ("inconsistent", "VI.II.3", Verdict.BREACHES),  # not one of the two
        ("inconsistent", None, Verdict.BREACHES),
        ("hazardous_airspace", None, Verdict.COMPLIES),
        ("other", None, Verdict.BREACHES),  # case 4: an exercise is under way
    ],
)
def test_a_change_rests_on_a_permitted_ground(ground, paragraph, verdict):
    found = n.proposal_rests_on_a_permitted_ground(ground=ground, reason="as told", inconsistent_with=paragraph)

    assert (found.citation, found.verdict) == ("VIII.I.4", verdict)


@pytest.mark.parametrize("ground", ["weather", "airfield"])
@pytest.mark.parametrize(("reason", "missing"), [("", ("reason",)), (" \n", ("reason",)), ("fog", ())])
def test_an_empty_reason_is_no_reason(ground, reason, missing):
    """VIII.I.4: the weather must affect safety, the airfield's state prevent its use; neither is told by its name."""
    found = n.proposal_rests_on_a_permitted_ground(ground=ground, reason=reason)
    assert (found.verdict, found.missing) == (Verdict.UNDETERMINED if missing else Verdict.COMPLIES, missing)


def test_a_change_may_shut_out_no_point():
    assert n.change_excludes_no_point(excludes_observation=True).verdict is Verdict.BREACHES
    assert n.change_excludes_no_point(excludes_observation=False).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("hazard", "room", "other_way", "both", "any_one"),
    [
        ("EYD-12", True, False, "complies", "complies"),
        ("EYD-12", False, True, "complies", "complies"),
        ("EYD-12", False, False, "breaches", "complies"),
        (None, False, True, "breaches", "complies"),
        (None, False, False, "breaches", "breaches"),
    ],
)
def test_a_published_danger_area_is_named_and_room_is_made(hazard, room, other_way, both, any_one):
    """Case 4, variant."""
    loose = Regime.on(REGIME.day, readings={"hazard_duty": "any_one"})
    facts = {"hazard": hazard, "makes_room": room, "offers_other_way": other_way}

    assert n.hazard_is_named_and_room_made(regime=REGIME, **facts).verdict == both
    assert n.hazard_is_named_and_room_made(regime=loose, **facts).verdict == any_one


@pytest.mark.parametrize(
    ("after", "agreed", "harm", "verdict"),
    [
        (8 * HOUR - SECOND, None, True, Verdict.BREACHES),
        (8 * HOUR, None, True, Verdict.RIGHT),
        (9 * HOUR, None, None, Verdict.RIGHT),  # case 6
        (9 * HOUR, None, False, Verdict.BREACHES),
        (9 * HOUR, T0 + 7 * HOUR, True, Verdict.BREACHES),
        (9 * HOUR, T0 + 10 * HOUR, True, Verdict.RIGHT),  # agreed only later
    ],
)
def test_without_agreement_the_observing_party_may_decline_after_eight_hours(after, agreed, harm, verdict):
    found = n.may_decline_after_8_hours(submitted=T0, at=T0 + after, agreed=agreed, holds_harm=harm, regime=REGIME)

    assert (found.citation, found.verdict) == ("VIII.I.5", verdict)


@pytest.mark.parametrize(
    ("hours", "verdict"),
    [(22, Verdict.BREACHES), (24, Verdict.COMPLIES), (25, Verdict.COMPLIES)],
)
def test_the_flight_starts_24_hours_after_the_plan(hours, verdict):
    """Case 8: planned 22 hours after the plan, it starts 2 hours too early."""
    found = n.starts_24_hours_after_the_plan(submitted=T0, starts=T0 + hours * HOUR, regime=REGIME)

    assert (found.citation, found.verdict) == ("VI.II.4.E", verdict)
    if hours == 22:
        assert found.seen["late_s"] == 2 * 3600


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [(T0, T0, "complies"), (T0, None, "breaches"), (T0, T0 + SECOND, "breaches"), (None, None, "breaches")],
)
def test_both_sign_before_the_start(one, other, verdict):
    found = n.both_sign_before_the_flight(signed_by_observing=one, signed_by_observed=other, starts=T0)

    assert (found.citation, found.verdict) == ("VI.II.6.c", verdict)


@pytest.mark.parametrize(
    ("filed", "verdict"), [(T0, "complies"), (T0 + HOUR, "complies"), (T0 + 2 * HOUR, "breaches"), (None, "breaches")]
)
def test_a_flight_plan_is_filed_before_the_start(filed, verdict):
    found = n.files_the_flight_plan_at_once(agreed=T0, filed=filed, starts=T0 + HOUR)

    assert (found.citation, found.verdict) == ("VI.II.8", verdict)


@pytest.mark.parametrize(
    ("in_plan", "day", "verdict"),
    [(True, 7, "complies"), (True, 8, "breaches"), (False, 1, "breaches"), (True, None, "breaches")],
)
def test_declining_is_explained_in_the_plan_and_within_seven_days(in_plan, day, verdict):
    explained = None if day is None else T0 + timedelta(days=day)
    found = n.explains_declining(in_plan=in_plan, departed=T0, explained=explained, regime=REGIME)

    assert (found.citation, found.verdict) == ("VIII.I.6", verdict)
