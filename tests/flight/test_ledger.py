"""What flights count in a year."""

from functools import partial

from overflight.flight.facts import gather
from overflight.flight.ledger import ledger_line, used
from tests.flight.build import Flight, regime_on, utc


def line(flight):
    return ledger_line(gather(flight.messages, utc("30 00:00"), regime_on))


def flown(**completed):
    flight = Flight()
    if completed.pop("supplied_by_observed", False):
        flight.acknowledge = partial(flight.acknowledge, supplies_aircraft=True, aircraft="An-30")
    flight.agree(flight.to_the_plan(), "17 17:00")
    flight.say("19 06:00", "DEU", "flight.takeoff", airfield="UUMB", took_off_at=utc("19 06:00"))
    flight.say("19 08:00", "DEU", "flight.completed", airfield="UUMB", completed_at=utc("19 08:00"), **completed)
    return flight


def test_a_completed_flight_counts_one_for_both_and_a_flight_that_never_came_none():
    notified = Flight()
    notified.notify()

    assert line(flown()).counted.observing == 1
    assert line(notified).counted is None


def test_engine_trouble_of_its_own_aircraft_counts_and_of_the_observed_partys_is_for_the_observing_party_to_choose():
    """Case 19."""
    own = line(flown(cut_short=True, cause="other")).counted
    theirs = {"cut_short": True, "cause": "aircraft_of_observed", "supplied_by_observed": True}
    open_ = line(flown(**theirs)).counted
    kept = line(flown(**theirs, counts=True)).counted
    free = line(flown(**theirs, counts=False)).counted
    said_wrongly = line(flown(cut_short=True, cause="aircraft_of_observed", counts=False)).counted

    assert said_wrongly == own
    assert [(c.observing, c.data_kept, c.choice) for c in (own, open_, kept, free)] == [
        (1, True, False),
        (0, False, True),
        (1, True, False),
        (0, False, False),
    ]


def test_the_choice_is_the_observing_partys_own():
    flight = flown(cut_short=True, cause="force_majeure")
    flight.say(
        "19 09:00",
        "RUS",
        "flight.completed",
        airfield="UUMB",
        completed_at=utc("19 08:00"),
        counts=False,
        cut_short=True,
    )

    assert line(flight).counted.choice


def test_flights_add_up_by_the_holders_of_the_quotas():
    lines = [line(flown()), line(flown()), line(flown(cut_short=True, cause="force_majeure", counts=False))]

    assert used(lines, year=2021) == {("DEU", "BLR;RUS"): 2}
    assert used(lines, year=2022) == {}
