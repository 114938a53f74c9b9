"""The life of a flight, from its messages and the clock alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from overflight.rules.finding import Verdict
from tests.flight.build import FLIGHT, Flight, breached, found, plan, utc


def duties(view, citation):
    return [d for d in view.duties if d.citation == citation]


def test_a_flight_in_order_complies_from_notice_to_report():
    flight = Flight().whole()
    view = flight.at("30 00:00")

    assert (view.state, view.flight, view.observing, view.observed) == ("reported", FLIGHT, "DEU", "RUS")
    assert breached(view) == set()
    assert all(d.done_at is not None and not d.late(view.now) for d in view.duties)
    assert view.ledger.to_json()["counts"] == {
        "observing": 1,
        "observed": 1,
        "data_kept": True,
        "citation": "III.I.8",
        "choice_open": False,
    }
    assert (view.ledger.observing, view.ledger.observed) == ("DEU", "BLR;RUS")


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("12 07:59", "unknown"),
        ("12 08:00", "notified"),
        ("12 20:00", "acknowledged"),
        ("17 08:00", "arrived"),
        ("17 13:00", "inspected"),
        ("17 14:00", "plan_submitted"),
        ("17 17:00", "agreed"),
        ("19 06:00", "airborne"),
        ("19 11:30", "completed"),
        ("20 09:00", "departed"),  # the report has only gone to the observed Party
        ("22 10:00", "reported"),
    ],
)
def test_the_state_follows_the_clock(now, state):
    assert Flight().whole().at(now).state == state


def test_due_times_are_computed_from_the_messages_with_their_paragraphs():
    flight = Flight()
    flight.notify()
    view = flight.at("12 09:00")

    (ack,) = duties(view, "VI.I.6")
    (complete,) = duties(view, "VI.I.9")
    assert (ack.who, ack.due) == ("RUS", utc("13 08:00"))
    assert (complete.who, complete.due) == ("DEU", utc("21 08:00"))
    assert view.open_duties[0].citation == "VI.I.6"
    assert ("VI.I.1.b", "RUS") in [(r.citation, r.who) for r in view.rights]


def test_silence_of_the_observed_party_is_a_breach_once_the_24_hours_are_over():
    flight = Flight()
    flight.notify()

    assert found(flight.at("13 08:00"), "VI.I.6") == []
    assert found(flight.at("13 08:01"), "VI.I.6") == ["breaches"]
    flight.acknowledge("13 14:00")
    late = flight.at("13 15:00")
    assert found(late, "VI.I.6") == ["breaches"]  # a late answer does not unmake it
    assert late.state == "acknowledged"  # and is not dropped


def test_a_third_party_is_not_shown_as_overdue_what_it_would_not_have_been_sent():
    flight = Flight()
    flight.notify()
    seen_by_canada = [m for m in flight.messages if "CAN" in m.to]
    flight.messages = seen_by_canada

    view = flight.at("16 00:00", viewer="CAN")

    assert view.state == "notified"
    assert breached(view) == set()


def test_a_third_party_holds_nobody_to_arrive_or_to_complete_though_weeks_went_by():
    flight = Flight()
    flight.notify()
    flight.messages = [m for m in flight.messages if "CAN" in m.to]

    view = flight.at("30 00:00", viewer="CAN")

    assert [d for d in view.duties if d.late(view.now)] == []
    assert view.open_duties == ()
    assert [r for r in view.rights if r.citation == "VIII.I.2"] == []


def test_to_arrive_is_no_duty_and_after_24_hours_the_observed_party_has_a_right():
    flight = Flight()
    flight.notify()
    flight.acknowledge()

    for when, right in (("18 08:00", False), ("18 08:01", True)):
        view = flight.at(when)
        assert "VIII.I.2" not in [d.citation for d in view.duties]
        assert (("RUS", "VIII.I.2") in [(r.who, r.citation) for r in view.rights]) == right
        assert breached(view) == set()


def test_nobody_is_late_to_answer_a_notice_whose_receipt_is_not_known():
    flight = Flight()
    flight.notify()
    flight.messages = [replace(m, received={}) for m in flight.messages]

    duty = next(d for d in flight.at("17 09:00").duties if d.citation == "VI.I.6")

    assert (duty.presumed, duty.late(utc("17 09:00"))) == (True, False)
    assert "VI.I.6" not in breached(flight.at("17 09:00"))


def test_the_negotiation_of_the_exercise():
    """Handed over 14:00; weather 16:00; exercise area 17:00; 18:05 too late; 22:00 no agreement; signed 22:30."""
    flight = Flight()
    version = flight.to_the_plan()
    assert "VIII.I.5" not in [right.citation for right in flight.at("17 21:59").rights]
    assert flight.at("17 22:00").rights[-1].citation == "VIII.I.5"

    weather = flight.say(
        "17 16:00", "RUS", "plan.change", version=version, ground="weather", reason="icing", plan=plan("19 07:00")
    )
    taken = flight.say("17 16:20", "DEU", "plan.accept", version=weather)
    closed = flight.say(
        "17 17:00",
        "RUS",
        "plan.change",
        version=weather,
        ground="other",
        reason="an exercise is under way",
        excludes_observation=True,
    )
    late = flight.say("17 18:05", "RUS", "plan.change", version=weather, ground="airfield", reason="works")
    view = flight.at("17 18:10")
    about = {
        rid: {(f.citation, str(f.verdict)) for f in view.findings if f.where == {"message": rid}}
        for rid in (weather, closed, late)
    }

    assert taken
    assert {v for _, v in about[weather]} == {"complies"}
    assert {("VIII.I.4", "breaches"), ("VI.II.6.b", "breaches")} <= about[closed]
    assert ("VI.II.6", "breaches") in about[late]
    assert ("VIII.I.4", "complies") in about[late]
    assert view.state == "in_negotiation"  # nothing deemed accepted
    assert view.agreed_at is None
    assert "VIII.I.5" not in [f.citation for f in view.findings]

    at_eight_hours = flight.at("17 22:00")
    assert found(at_eight_hours, "VIII.I.5") == ["right"]

    offered = flight.say("17 22:05", "DEU", "plan.alternative", version=late, plan=plan("19 06:30"))
    flight.say("17 22:30", "DEU", "plan.sign", version=offered)
    assert flight.at("17 22:30").signed_at is None
    flight.say("17 22:30", "RUS", "plan.sign", version=offered)
    signed = flight.at("17 22:31")
    assert (signed.state, signed.current, signed.signed_at) == ("agreed", offered, utc("17 22:30"))
    assert ("VI.II.4.E", utc("18 14:00")) in [(b.citation, b.at) for b in signed.bounds]


def test_a_version_that_only_one_side_signed_has_no_effect():
    """Case 6: at 19:00 the observed Party issues its own version and calls it final."""
    flight = Flight()
    version = flight.to_the_plan()
    flight.say("17 17:30", "RUS", "plan.change", version=version, ground="weather", reason="fog")
    final = flight.say(
        "17 23:00", "RUS", "plan.change", version=version, ground="other", reason="final", plan=plan("19 08:00")
    )
    flight.say("17 23:00", "RUS", "plan.sign", version=final)
    view = flight.at("17 23:05")

    assert (view.state, view.agreed_at) == ("in_negotiation", None)
    assert found(view, "VIII.I.5") == ["right"]
    assert view.current == version


def test_declining_after_eight_hours_counts_nothing_and_owes_an_explanation():
    flight = Flight()
    version = flight.to_the_plan()
    flight.say("17 17:00", "RUS", "plan.change", version=version, ground="other", reason="no")
    flight.say("17 22:00", "DEU", "flight.decline", reason="harm", holds_harm=True, in_plan=True)
    flight.say("18 10:00", "DEU", "flight.departure", place="UUMB", departed_at=utc("18 10:00"))
    view = flight.at("19 00:00")

    assert view.state == "declined"
    assert found(view, "VIII.I.5") == ["right"]
    assert view.ledger.counted.observing == 0
    assert [(d.who, d.due) for d in duties(view, "VIII.I.6") if d.done_at is None] == [
        ("DEU", utc("2021-05-25T23:59:59"))
    ]
    assert found(flight.at("26 00:00"), "VIII.I.6") == ["breaches"]


def test_declining_before_eight_hours_is_recorded_as_out_of_order():
    flight = Flight()
    flight.to_the_plan()
    flight.say("17 21:59", "DEU", "flight.decline", reason="harm", holds_harm=True, in_plan=True)
    view = flight.at("17 22:00")

    assert (view.state, found(view, "VIII.I.5")) == ("declined", ["breaches"])


def test_arrival_25_hours_late_gives_the_right_to_prohibit_and_nothing_is_counted():
    """Case 10."""
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.arrive("18 09:00")
    view = flight.at("18 10:00")
    assert ("VIII.I.2", "RUS") in [(r.citation, r.who) for r in view.rights]

    flight.say("18 10:00", "RUS", "flight.prohibition", ground="VIII.I.2", facts="25 hours late", in_plan=True)
    stopped = flight.at("18 11:00")
    assert (stopped.state, stopped.ledger.counted.observing) == ("prohibited", 0)
    assert found(stopped, "VIII.I.1", "may_prohibit") == ["complies"]
    assert [(d.who, d.due) for d in duties(stopped, "VIII.I.3.b")] == [("RUS", utc("2021-05-25T23:59:59"))]
    assert found(flight.at("26 00:00"), "VIII.I.3.b") == ["breaches"]


def test_at_exactly_24_hours_there_is_no_such_right():
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.arrive("18 08:00")
    view = flight.at("18 09:00")
    flight.say("18 09:00", "RUS", "flight.prohibition", ground="VIII.I.2", facts="late", in_plan=True)

    assert "VIII.I.2" not in [r.citation for r in view.rights]
    assert found(flight.at("18 10:00"), "VIII.I.1", "may_prohibit") == ["breaches"]


def test_a_prohibition_without_ground_is_not_made_good_by_what_happens_later():
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.say("17 18:00", "RUS", "flight.prohibition", ground="VIII.I.2", facts="not here", in_plan=True)

    for now in ("17 18:00", "18 09:00", "25 00:00"):
        assert found(flight.at(now), "VIII.I.1", "may_prohibit") == ["breaches"]


def test_short_notice_gives_the_right_to_prohibit():
    """Case 1."""
    flight = Flight()
    flight.notify("14 20:00")
    view = flight.at("15 00:00")

    assert found(view, "VI.I.5", "72") == ["breaches"]
    assert ("VIII.I.1", "RUS") in [(r.citation, r.who) for r in view.rights]
    flight.say("16 00:00", "RUS", "flight.prohibition", ground="VIII.I.1", facts="60 hours", in_plan=True)
    assert found(flight.at("16 00:00"), "VIII.I.1", "may_prohibit") == ["complies"]


def test_after_take_off_a_prohibition_has_no_effect():
    flight = Flight()
    flight.agree(flight.to_the_plan(), "17 17:00")
    flight.fly()
    flight.say("19 07:00", "RUS", "flight.prohibition", ground="VIII.I.1", facts="stop", in_plan=True)
    view = flight.at("19 08:00")

    assert view.state == "airborne"
    assert found(view, "VIII.I.1", "may_prohibit") == ["breaches"]


@pytest.mark.parametrize(("end", "verdict"), [("21 08:00", "complies"), ("21 08:01", "breaches")])
def test_the_flight_is_completed_within_96_hours_of_the_estimate(end, verdict):
    """Arrival was twelve hours late: the clock runs from the estimate all the same (case 9)."""
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.arrive("17 20:00")
    flight.inspect("17 20:00", "17 22:00")
    flight.agree(flight.submit("17 23:00"), "18 01:00")
    flight.fly("21 03:00", end)

    assert found(flight.at("21 09:00"), "VI.I.9") == [verdict]


@pytest.mark.parametrize(("by", "verdict"), [("RUS", "complies"), ("DEU", "breaches"), (None, "breaches")])
def test_only_the_observed_partys_demonstration_flight_adds_time(by, verdict):
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.arrive()
    flight.inspect(**({"demonstration_by": by} if by else {}))
    flight.agree(flight.submit(), "17 17:00")
    flight.fly("21 03:00", "21 10:00")

    assert found(flight.at("21 11:00"), "VI.I.9") == [verdict]


def test_an_agreement_of_both_before_the_limit_sets_the_96_hours_aside_and_a_later_one_does_not():
    for when, verdict in (("21 07:00", "complies"), ("21 09:00", "breaches")):
        flight = Flight()
        flight.agree(flight.to_the_plan(), "17 17:00")
        flight.fly("21 03:00", "21 10:00")
        for party in ("DEU", "RUS"):
            flight.say(when, party, "letter", agrees=["VI.I.9"], text="agreed")

        assert found(flight.at("21 11:00"), "VI.I.9") == [verdict]


def test_take_off_without_two_signatures_or_a_filed_plan_or_24_hours():
    flight = Flight()
    version = flight.to_the_plan()
    flight.say("17 15:00", "RUS", "plan.accept", version=version)
    flight.say("17 15:00", "DEU", "plan.sign", version=version)
    flight.fly("18 13:59", "18 19:00")

    assert {"VI.II.4.E", "VI.II.6.c", "VI.II.8"} <= breached(flight.at("18 20:00"))


def test_the_report_is_signed_before_departure_and_sent_within_seven_days():
    flight = Flight().whole()
    signed_late = Flight().whole()
    late = utc("20 09:01")
    signed_late.messages = [
        m if m.kind != "report.sign" or m.sender != "RUS" else _moved(m, late) for m in signed_late.messages
    ]
    unsent = Flight().whole()
    unsent.messages.pop()

    assert found(flight.at("29 00:00"), "VI.I.21.b") == ["complies"]
    assert found(signed_late.at("29 00:00"), "VI.I.21.b") == ["breaches"]
    assert found(unsent.at("27 23:59"), "VI.I.21.c") == []
    assert found(unsent.at("28 00:00"), "VI.I.21.c") == ["breaches"]


def _moved(message, at):
    from dataclasses import replace

    from overflight.terms.moment import rfc3339

    return replace(message, at=at, body={**message.body, "signed_at": rfc3339(at)})


def test_messages_of_a_party_that_has_no_such_role_have_no_effect_and_are_shown():
    flight = Flight()
    flight.notify()
    flight.say("12 10:00", "CAN", "flight.ack", supplies_aircraft=False)
    flight.say("12 11:00", "RUS", "flight.cancel", reason="no")
    view = flight.at("12 12:00")

    assert view.state == "notified"
    assert found(view, "II.1") == ["breaches", "breaches"]
    assert len(view.timeline) == 4


def test_a_member_of_the_observed_group_may_act_for_it():
    flight = Flight()
    flight.notify()
    flight.say("12 10:00", "BLR", "flight.ack", supplies_aircraft=False)

    assert flight.at("12 12:00").state == "acknowledged"


def test_two_stated_times_of_arrival_are_shown_as_disputed():
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.arrive("17 08:00")
    flight.say("17 08:30", "RUS", "flight.arrival", place="UUMB", arrived_at=utc("17 08:20"))

    assert "disputed" in found(flight.at("17 09:00"), "VIII.I.2")


def test_an_exercise_shows_a_film_and_its_ten_days():
    flight = Flight().whole()
    flight.say(
        "19 12:00",
        "DEU",
        "data.sealed",
        containers=[{"number": "1", "medium": "film"}],
        sealed_at=utc("19 12:00"),
        both_present=True,
    )
    view = flight.at("21 00:00")
    (film,) = duties(view, "IX.II.3.B")
    assert (film.who, film.due) == ("DEU", utc("2021-05-30T23:59:59"))

    flight.say(
        "28 10:00",
        "DEU",
        "data.developed",
        facility="DEU",
        developed_at=utc("28 10:00"),
        observers_asked=2,
        observers_admitted=2,
    )
    assert found(flight.at("29 00:00"), "IX.II.3.B") == ["complies"]
    assert found(flight.at("29 00:00"), "IX.II.4") == ["complies"]


def test_a_date_without_treaty_gives_no_error_but_an_answer():
    flight = Flight()
    flight.notify("1995-01-02T08:00", "1995-01-06T08:00")

    view = flight.at("1995-01-03T00:00")

    assert view.state == "notified"
    assert "I.1" in breached(view)


def test_an_accepted_node_message_or_an_official_channel_makes_the_notice_effective():
    flight = Flight()
    rid = flight.notify()
    assert found(flight.at("12 09:00"), "XI") == ["undetermined"]
    flight.say(
        "12 09:30",
        "DEU",
        "letter",
        of=rid,
        channel="diplomatic note",
        number="77/2021",
        sent_at=utc("12 08:10"),
        received_at=utc("12 09:20"),
    )
    view = flight.at("12 10:00")
    assert found(view, "XI") == ["complies"]

    accepted = Flight()
    for party in ("DEU", "RUS"):
        accepted.say("11 00:00", party, "exercise.open", accepts_node_messages=True)
    accepted.notify()
    assert found(accepted.at("12 09:00"), "XI") == ["complies"]


def test_findings_carry_the_values_that_they_used():
    view = Flight().whole().at("30 00:00")
    numbers = {row["name"]: row["value"] for f in view.findings for row in f.data}

    assert numbers["notice_before_arrival"] == 72
    assert numbers["flight_window"] == 96
    assert all(f.rule and f.citation for f in view.findings)
    assert view.to_json()["findings"][0]["because"]
    assert all(f.verdict is not Verdict.UNDETERMINED or f.missing for f in view.findings)
    assert view.now - utc("12 08:00") > timedelta(days=17)


def test_a_completion_before_the_start_leaves_what_it_would_prove_open():
    flight = Flight()
    flight.to_the_plan()
    flight.say("19 10:00", "DEU", "flight.takeoff", airfield="UUMB", took_off_at=utc("19 10:00"))
    flight.say("19 14:00", "DEU", "flight.completed", airfield="UUMB", completed_at=utc("19 09:59"))

    view = flight.at("19 15:00")

    assert found(view, "VI.I.9") == ["undetermined"]
    assert "9:59" in next(f.because for f in view.findings if f.citation == "VI.I.9")


@pytest.mark.parametrize(("at", "may"), [("17 21:59", False), ("17 22:00", True), ("17 22:01", True)])
def test_nobody_has_to_agree_and_after_eight_hours_without_it_the_observing_party_may_decline(at, may):
    flight = Flight()
    version = flight.to_the_plan()
    flight.say("17 17:30", "RUS", "plan.change", version=version, ground="weather", reason="fog")
    view = flight.at(at)
    until = [b.at for b in view.bounds if b.citation == "VI.II.6"]

    assert [d.what for d in view.duties if d.citation == "VI.II.6" and d.done_at is None] == []
    assert ("VIII.I.5" in {r.citation for r in view.rights if "decline" in r.what}) is may
    assert until == [utc("17 22:00")]
    assert view.complies


def test_the_time_for_an_agreement_no_longer_stands_once_there_is_one():
    flight = Flight()
    version = flight.to_the_plan()
    flight.say("17 17:30", "RUS", "plan.accept", version=version)

    assert [b for b in flight.at("17 18:00").bounds if b.citation == "VI.II.6"] == []
