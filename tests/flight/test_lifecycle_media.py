"""Who may do what until when after the landing: seals, covers, report, film, the choice whether it counts, copies."""

import pytest

from tests.flight.build import Flight, breached, found, utc
from tests.flight.test_lifecycle_around import airborne, owed, rights

# The end, the data and the copies


def cut_short(**more):
    flight = airborne()
    done = {"completed_at": utc("19 09:00"), "cut_short": True, **more}
    flight.say("19 09:00", "DEU", "flight.completed", airfield="UUMB", **done)
    return flight


def test_the_choice_whether_a_shortened_flight_counts_is_a_right_until_it_is_made():
    flight = cut_short(cause="medical_of_observed", trouble="safety")
    view = flight.at("19 10:00")
    assert rights(view, "VIII.II.5") == [("DEU", "VIII.II.5")]
    assert found(view, "VIII.II.4") == ["right"]
    assert view.ledger.counted.choice
    said = {"completed_at": utc("19 09:00"), "cut_short": True, "counts": False}
    flight.say("19 12:00", "DEU", "flight.completed", airfield="UUMB", **said)
    flight.say("20 12:00", "DEU", "data.catalogued", items=3)
    after = flight.at("21 00:00")

    assert rights(after, "VIII.II.5") == []
    assert after.ledger.counted.observing == 0
    assert "VIII.II.6" in breached(after)  # the data of a flight that does not count are not kept


def test_a_flight_cut_short_for_another_cause_counts_and_is_no_choice():
    view = cut_short(cause="other", trouble="other").at("19 10:00")

    assert rights(view, "VIII.II.5") == []
    assert (view.ledger.counted.observing, found(view, "VIII.II.4")) == (1, ["breaches"])


def test_after_the_flight_come_seals_covers_and_the_report():
    flight = airborne()
    flight.say("19 11:30", "DEU", "flight.completed", airfield="UUMB", completed_at=utc("19 11:30"))
    view = flight.at("19 11:30")

    assert owed(view, "IX.I.3") == [("DEU", None)]
    assert owed(view, "VI.I.19") == [("RUS", None)]
    assert owed(view, "VI.I.21.a") == [("DEU", None)]
    assert ("RUS", "IX.II.6") in rights(view)


def test_covers_at_all_four_times_where_both_ends_are_on_record():
    flight = Flight().whole()
    assert found(flight.at("30 00:00"), "AnnE.6") == ["complies"]
    for m in flight.messages:
        if m.kind == "flight.departure":
            m.body["place"] = "UUBW"  # left from another place than it landed: one more check is owed

    assert found(flight.at("30 00:00"), "AnnE.6") == ["undetermined"]


def filmed():
    flight = Flight().whole()
    flight.say("19 12:00", "DEU", "data.sealed", containers=[{"number": "1", "medium": "film"}],
               sealed_at=utc("19 12:00"), both_present=True)  # fmt: skip
    return flight


def test_two_officials_may_watch_until_the_film_is_developed_and_each_roll_bears_its_strip():
    flight = filmed()
    view = flight.at("21 00:00")
    assert ("RUS", "IX.II.4") in rights(view)
    assert owed(view, "IX.II.5") == [("DEU", None)]
    strip = {"strip_steps": 21, "rolls": 2, "rolls_with_strip": 2}
    times = {"facility": "DEU", "developed_at": utc("25 10:00"), "tested_at": utc("25 09:00"), "test_meets_data": True}
    flight.say("25 10:00", "DEU", "data.developed", **times, **strip)
    after = flight.at("26 00:00")

    assert ("RUS", "IX.II.4") not in rights(after)
    assert owed(after, "IX.II.5") == []
    assert {c: found(after, c) for c in ("IX.II.2", "IX.II.5", "AnnK.II.3")} == {
        "IX.II.2": ["complies"],
        "IX.II.5": ["complies"],
        "AnnK.II.3": ["complies"],
    }


@pytest.mark.parametrize(
    ("steps", "bearing", "verdict"), [(20, 2, "breaches"), (21, 1, "breaches"), (21, 2, "complies")]
)
def test_a_strip_of_21_steps_on_each_roll(steps, bearing, verdict):
    flight = filmed()
    developed = {"facility": "DEU", "developed_at": utc("25 10:00"), "strip_steps": steps}
    flight.say("25 10:00", "DEU", "data.developed", rolls=2, rolls_with_strip=bearing, **developed)

    assert found(flight.at("26 00:00"), "IX.II.5") == [verdict]


@pytest.mark.parametrize(("asked", "owes"), [("2021-12-17T23:00", True), ("2021-12-18T00:00", False)])
def test_a_state_that_has_left_is_owed_no_copies(asked, owes):
    flight = Flight().whole()
    flight.say(asked, "RUS", "data.request", observing="DEU", observed="RUS", flown_on="2021-05-19", sensor="AFA-41-10")

    assert bool(owed(flight.at(asked), "IX.IV.1")) is owes
    assert (("RUS", "IX.IV.1") in rights(flight.at(asked))) is owes
    assert owed(flight.at("2021-12-19T00:00"), "IX.IV.1") == []  # left since, and the text is silent


def test_copies_may_be_asked_for_by_any_party_once_the_flight_is_over_and_are_then_owed():
    flight = Flight().whole()
    assert ("CAN", "IX.IV.1") in rights(flight.at("25 00:00", viewer="CAN"))
    asked = {"observing": "DEU", "observed": "RUS", "flown_on": "2021-05-19", "sensor": "AFA-41-10"}
    rid = flight.say("25 10:00", "CAN", "data.request", to=("DEU", "RUS"), **asked)
    assert owed(flight.at("26 00:00"), "IX.IV.1") == [("DEU", None)]
    flight.say("27 00:00", "DEU", "data.delivery", to=("CAN",), refs=(("answers", rid),))

    assert owed(flight.at("28 00:00"), "IX.IV.1") == []


@pytest.mark.parametrize(
    ("sensor", "medium", "verdict"),
    [("AFA-41-10", "film", "undetermined"), ("AFA-41-10", "tape", "breaches"), ("AFA-41-10", "disk", None)],
)
def test_film_of_a_camera_is_no_breach_and_its_colour_is_not_made_up(sensor, medium, verdict):
    flight = airborne()
    flight.say("19 11:30", "DEU", "flight.completed", airfield="UUMB", completed_at=utc("19 11:30"))
    sealed = [{"number": "1", "sensor": sensor, "medium": medium}]
    flight.say("19 11:40", "DEU", "data.sealed", containers=sealed, sealed_at=utc("19 11:40"), both_present=True)

    assert found(flight.at("19 12:00"), "IX.I.1") == ([verdict] if verdict else [])
