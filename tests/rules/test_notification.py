"""Article VI, Section I, paragraphs 5 to 8: the notice and its answer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import notification as n
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

ETA = datetime(2021, 5, 17, 8, tzinfo=UTC)
REGIME = Regime.on(date(2021, 5, 12))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("received", "verdict"),
    [
        (ETA - 73 * HOUR, Verdict.COMPLIES),
        (ETA - 72 * HOUR, Verdict.COMPLIES),  # exactly 72 hours
        (ETA - 72 * HOUR + timedelta(seconds=1), Verdict.BREACHES),
    ],
)
def test_the_observed_party_has_the_notice_72_hours_before_the_estimate(received, verdict):
    found = n.notifies_72_hours_before_arrival(eta=ETA, sent=ETA - 80 * HOUR, received=received, regime=REGIME)

    assert (found.citation, found.verdict) == ("VI.I.5", verdict)
    assert found.readings == {"notice_counts": "receipt"}
    assert found.data[0]["value"] == 72


def test_sixty_hours_notice_is_twelve_hours_short():
    """Case 1: received 1 February 06:00, estimate 3 February 18:00; 4 February 06:00 would be lawful."""
    eta = datetime(2021, 2, 3, 18, tzinfo=UTC)
    received = datetime(2021, 2, 1, 6, tzinfo=UTC)
    regime = Regime.on(date(2021, 2, 1))

    found = n.notifies_72_hours_before_arrival(eta=eta, sent=received, received=received, regime=regime)

    assert found.verdict is Verdict.BREACHES
    assert found.seen["late_s"] == 12 * 3600
    lawful = eta + timedelta(seconds=found.seen["late_s"])
    again = n.notifies_72_hours_before_arrival(eta=lawful, sent=received, received=received, regime=regime)
    assert (lawful, again.verdict) == (datetime(2021, 2, 4, 6, tzinfo=UTC), Verdict.COMPLIES)


def test_exactly_72_hours_over_a_weekend_complies_with_advice():
    """Case 2: Friday noon to Monday noon."""
    friday = datetime(2021, 5, 14, 12, tzinfo=UTC)
    monday = friday + 72 * HOUR

    timely = n.notifies_72_hours_before_arrival(eta=monday, sent=friday, received=friday, regime=REGIME)
    advice = n.minimum_notice_avoids_a_weekend(eta=monday, received=friday)

    assert timely.verdict is Verdict.COMPLIES
    assert (advice.verdict, advice.seen["weekend"]) == (Verdict.COMPLIES, True)


def test_dispatch_in_time_and_receipt_too_late_is_a_matter_of_the_reading():
    sent, received = ETA - 72 * HOUR, ETA - 71 * HOUR
    dispatch = Regime.on(date(2021, 5, 12), readings={"notice_counts": "dispatch"})

    by_receipt = n.notifies_72_hours_before_arrival(eta=ETA, sent=sent, received=received, regime=REGIME)
    by_dispatch = n.notifies_72_hours_before_arrival(eta=ETA, sent=sent, received=received, regime=dispatch)

    assert (by_receipt.verdict, by_dispatch.verdict) == (Verdict.BREACHES, Verdict.COMPLIES)


def test_without_a_receipt_a_notice_sent_in_time_is_undetermined_and_one_sent_late_is_not():
    early = n.notifies_72_hours_before_arrival(eta=ETA, sent=ETA - 73 * HOUR, received=None, regime=REGIME)
    late = n.notifies_72_hours_before_arrival(eta=ETA, sent=ETA - 71 * HOUR, received=None, regime=REGIME)

    assert (early.verdict, early.missing) == (Verdict.UNDETERMINED, ("receipt",))
    assert late.verdict is Verdict.BREACHES


def test_another_number_in_the_data_moves_the_limit():
    longer = REGIME.with_value("notice_before_arrival", 96)

    found = n.notifies_72_hours_before_arrival(eta=ETA, sent=ETA - 80 * HOUR, received=ETA - 80 * HOUR, regime=longer)

    assert found.verdict is Verdict.BREACHES


COMPLETE = {
    "point_of_entry": "UUMB",
    "eta": "2021-05-17T08:00:00Z",
    "lodging": "none",
    "inspection_place": "UUMB",
    "inspection_at": "2021-05-17T09:00:00Z",
    "transport": "own aircraft",
    "clearance": "EXERCISE 1",
    "aircraft": "An-30",
    "distance_m": 2_100_000,
    "people_sha256": "0" * 64,
}


def test_a_complete_notice_holds_items_a_to_h():
    assert n.notice_is_complete(COMPLETE).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(("item", "fields"), list(n.NOTICE_ITEMS.items()))
def test_a_notice_that_lacks_an_item_is_incomplete_and_the_item_is_named(item, fields):
    for field in fields:
        found = n.notice_is_complete({k: v for k, v in COMPLETE.items() if k != field})

        assert found.verdict is Verdict.BREACHES
        assert found.seen["missing"] == [f"VI.I.5.{item}"]


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"CAN": ETA, "POL": ETA}, Verdict.COMPLIES),
        ({"CAN": ETA, "POL": ETA + timedelta(seconds=59)}, Verdict.COMPLIES),
        ({"CAN": ETA, "POL": ETA + MINUTE}, Verdict.BREACHES),
        ({"CAN": ETA}, Verdict.BREACHES),
    ],
)
def test_all_others_are_told_at_the_same_moment(told, verdict):
    found = n.tells_all_others_at_the_same_moment(notified=ETA, told=told, others=("CAN", "POL"))

    assert (found.citation, found.verdict) == ("VI.I.8", verdict)


@pytest.mark.parametrize(
    ("hours", "verdict"),
    [(23, Verdict.COMPLIES), (24, Verdict.COMPLIES), (30, Verdict.BREACHES), (None, Verdict.BREACHES)],
)
def test_the_observed_party_acknowledges_within_24_hours(hours, verdict):
    """Case 3: an answer after 30 hours comes 6 hours late."""
    received = ETA - 100 * HOUR
    at = None if hours is None else received + hours * HOUR

    found = n.acknowledges_within_24_hours(received=received, acknowledged=at, regime=REGIME)

    assert (found.citation, found.verdict) == ("VI.I.6", verdict)
    if hours == 30:
        assert found.seen["late_s"] == 6 * 3600


def test_a_late_choice_to_supply_the_aircraft_lapses_or_is_open_by_the_reading():
    received = ETA - 100 * HOUR
    more = {"received": received, "acknowledged": received + 30 * HOUR, "aircraft": "Tu-214ON"}
    open_ = Regime.on(date(2021, 5, 12), readings={"taxi_after_ack": "open"})

    assert n.taxi_option_is_named_in_time(regime=REGIME, **more).verdict is Verdict.BREACHES
    assert n.taxi_option_is_named_in_time(regime=open_, **more).verdict is Verdict.SILENT
    in_time = n.taxi_option_is_named_in_time(
        received=received, acknowledged=received + 24 * HOUR, aircraft="Tu-214ON", regime=REGIME
    )
    assert in_time.verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("day", "observing", "observed", "verdict"),
    [
        (date(2020, 11, 21), "USA", "RUS", Verdict.COMPLIES),
        (date(2020, 11, 22), "USA", "RUS", Verdict.BREACHES),
        (date(2021, 12, 17), "DEU", "RUS", Verdict.COMPLIES),
        (date(2021, 12, 18), "DEU", "RUS", Verdict.BREACHES),
        (date(2021, 5, 12), "BLR", "RUS", Verdict.BREACHES),  # one group
        (date(2021, 5, 12), "DEU", "CHN", Verdict.BREACHES),
    ],
)
def test_flights_are_by_parties_over_other_parties(day, observing, observed, verdict):
    found = n.flies_over_a_party_only(observing=observing, observed=observed, regime=Regime.on(day))

    assert (found.citation, found.verdict) == ("I.1", verdict)


@pytest.mark.parametrize(
    ("flight", "verdict"),
    [("OS1017", Verdict.COMPLIES), ("OS21017", Verdict.BREACHES), ("OS0017", Verdict.BREACHES)],
)
def test_the_flight_number_names_the_quota_year(flight, verdict):
    assert n.flight_number_has_the_treaty_form(flight, quota_year=2021).verdict is verdict


def test_a_party_that_is_crossed_must_have_the_notice_and_a_state_that_is_none_need_not():
    told = {"POL"}

    crossed = n.tells_the_parties_that_are_crossed(transited=("POL", "BLR", "IRL"), told=told, regime=REGIME)

    assert (crossed.citation, crossed.seen["left_out"]) == ("VII.2", ["BLR"])


def test_a_notice_needs_an_official_channel_unless_node_messages_are_accepted():
    node = n.notice_went_through_an_official_channel(what="notice", accepted=False, channel=None, number=None)
    accepted = n.notice_went_through_an_official_channel(what="notice", accepted=True, channel=None, number=None)
    note = n.notice_went_through_an_official_channel(what="notice", accepted=False, channel="note", number="12")

    assert (node.verdict, accepted.verdict, note.verdict) == (
        Verdict.UNDETERMINED,
        Verdict.COMPLIES,
        Verdict.COMPLIES,
    )
