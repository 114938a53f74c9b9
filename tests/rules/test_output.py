"""Article IX: what the sensors recorded."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import output as o
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

AT = datetime(2021, 5, 21, 10, tzinfo=UTC)
REGIME = Regime.on(date(2021, 5, 21))
REQUEST = {
    "observing": "DEU",
    "observed": "RUS",
    "flown_on": "2021-05-19",
    "sensor": "AFA-41-10",
    "portion": "whole",
    "medium": "digital copy",
}


def regime_on(day):
    return Regime.on(day)


@pytest.mark.parametrize(
    ("day", "code", "verdict"),
    [
        (date(2020, 11, 21), "USA", Verdict.RIGHT),  # case 17: the day before
        (date(2020, 11, 22), "USA", Verdict.BREACHES),  # the first day outside
        (date(2021, 6, 10), "USA", Verdict.BREACHES),
        (date(2021, 6, 10), "CAN", Verdict.RIGHT),
        (date(2021, 12, 17), "RUS", Verdict.RIGHT),
        (date(2021, 12, 18), "RUS", Verdict.BREACHES),
        (date(2021, 6, 10), "CHN", Verdict.BREACHES),
    ],
)
def test_copies_are_each_partys_right_and_nobody_elses(day, code, verdict):
    found = o.a_party_may_have_copies(asking=code, asked_on=day, decided_on=day, regime_on=regime_on)

    assert (found.citation, found.verdict) == ("IX.IV.1", verdict)
    assert o.may_deliver(found) == (verdict is Verdict.RIGHT)


def test_a_request_pending_when_its_state_leaves_is_silent_with_both_readings_and_withheld_by_default():
    facts = {"asking": "RUS", "asked_on": date(2021, 12, 17), "decided_on": date(2021, 12, 18)}

    found = o.a_party_may_have_copies(regime_on=regime_on, **facts)
    other = o.a_party_may_have_copies(
        regime_on=lambda day: Regime.on(day, readings={"undelivered_request": "deliver"}), **facts
    )

    assert found.verdict is other.verdict is Verdict.SILENT
    assert [u["reading"] for u in found.under] == ["withhold", "deliver"]
    assert (o.may_deliver(found), o.may_deliver(other)) == (False, True)


def test_data_go_to_parties_only():
    assert o.data_go_to_parties_only(to="USA", on=AT.date(), regime=REGIME).verdict is Verdict.BREACHES
    assert o.data_go_to_parties_only(to="CAN", on=AT.date(), regime=REGIME).verdict is Verdict.COMPLIES


def test_a_request_states_a_to_f_and_the_observed_party_is_told():
    assert o.request_states_its_particulars(REQUEST, told_observed=True).verdict is Verdict.COMPLIES


def test_a_request_for_all_images_has_four_faults():
    """Case 18: without sensor, portion and medium, and the observed Party is not told."""
    bare = {k: v for k, v in REQUEST.items() if k in ("observing", "observed", "flown_on")}

    found = o.request_states_its_particulars(bare, told_observed=False)

    assert found.verdict is Verdict.BREACHES
    assert found.seen == {"missing": ["IX.IV.1.D", "IX.IV.1.E", "IX.IV.1.F"], "told_observed": False}


def test_the_article_sets_no_time_for_delivery():
    assert o.delivery_time_of_copies().verdict is Verdict.SILENT


@pytest.mark.parametrize(
    ("observed_facility", "days", "citation", "verdict"),
    [
        (True, 3, "IX.II.3.A", "complies"),
        (True, 4, "IX.II.3.A", "breaches"),
        (False, 10, "IX.II.3.B", "complies"),
        (False, 11, "IX.II.3.B", "breaches"),
    ],
)
def test_film_is_developed_in_three_or_ten_days(observed_facility, days, citation, verdict):
    found = o.film_is_developed_in_time(
        at_observed_facility=observed_facility,
        arrived_at_exit=AT,
        left_territory=AT,
        developed=AT + timedelta(days=days),
        regime=REGIME,
    )

    assert (found.citation, found.verdict) == (citation, verdict)


@pytest.mark.parametrize(
    ("admitted", "asked", "verdict"),
    [(2, 2, "complies"), (1, 2, "breaches"), (2, 5, "complies"), (0, 0, "complies"), (1, 1, "complies")],
)
def test_up_to_two_officials_may_watch(admitted, asked, verdict):
    assert o.officials_may_watch(admitted=admitted, asked=asked, regime=REGIME).verdict == verdict


def test_media_are_sealed_before_both_and_opened_as_they_were_closed():
    assert o.media_are_sealed_before_both(both_present=True, sealed=AT).verdict is Verdict.COMPLIES
    assert o.media_are_sealed_before_both(both_present=False, sealed=AT).verdict is Verdict.BREACHES
    sealed = {"1": AT, "2": AT}
    assert o.seals_are_opened_as_they_were_closed(sealed=sealed, opened={"1": AT}).verdict is Verdict.COMPLIES
    assert o.seals_are_opened_as_they_were_closed(sealed=sealed, opened={"3": AT}).verdict is Verdict.BREACHES


def test_data_leave_the_aircraft_after_completion():
    second = timedelta(seconds=1)
    assert o.data_stay_aboard_until_completion(completed=AT, taken_off=AT).verdict is Verdict.COMPLIES
    assert o.data_stay_aboard_until_completion(completed=AT, taken_off=AT - second).verdict is Verdict.BREACHES
    assert o.data_stay_aboard_until_completion(completed=None, taken_off=AT).verdict is Verdict.BREACHES


def test_the_observed_party_may_choose_a_duplicate_of_a_flight_that_counts():
    assert o.observed_party_may_choose_a_duplicate(counted=True).verdict is Verdict.RIGHT
    assert o.observed_party_may_choose_a_duplicate(counted=False).verdict is Verdict.COMPLIES
