"""Flights that several Parties share: every one debited, whoever acts told apart, in whatever order messages come."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput
from overflight.flight.facts import gather
from overflight.flight.ledger import accepted, ledger_line, used
from overflight.flight.lifecycle import state
from overflight.rules.prohibition import counts
from overflight.treaty.regime import Regime
from tests.flight.build import Flight, breached, found, regime_on, utc

START = utc("12 08:00")
OTHERS = ("ROU", "CZE", "HUN", "CAN", "NOR")


def shared(*partners, **more):
    flight = Flight()
    flight.notify(partners=list(partners), **more)
    flight.acknowledge()
    return flight


def flown(*partners, **completed):
    flight = shared(*partners)
    flight.arrive()
    flight.inspect()
    flight.agree(flight.submit(), "17 17:00")
    flight.say("19 06:00", "DEU", "flight.takeoff", airfield="UUMB", took_off_at=utc("19 06:00"))
    flight.say("19 11:30", "DEU", "flight.completed", airfield="UUMB", completed_at=utc("19 11:30"), **completed)
    return flight


def line(flight, on=regime_on):
    return ledger_line(gather(flight.messages, utc("30 00:00"), on))


def with_quotas(*rows):
    """The regime with active quotas (by, of, flights), as an exercise sets them."""

    def on(day):
        here = Regime.on(day)
        for by, of, n in rows:
            here = here.with_value("active_quota", n, of=of, by=by, source="exercise value")
        return here

    return on


def any_acts(day):
    return Regime.on(day, readings={"partner_acts": "any"})


# What is counted


def test_each_observing_party_is_debited_and_the_observed_party_once():
    debits = line(flown("ROU", "CZE")).to_json()["debits"]

    assert [(d["quota"], d["holder"], d["flights"]) for d in debits] == [
        ("active", "DEU", 1),
        ("active", "ROU", 1),
        ("active", "CZE", 1),
        ("passive", "BLR;RUS", 1),
    ]
    assert found(flown("ROU").at("30 00:00"), "III.I.8") == ["complies"]


def test_annex_a_itself_counts_a_shared_flight_once_for_the_observed_party():
    """The flights given over Ukraine keep 75 per cent of 12 only if each of the two shared ones is one flight."""
    here = Regime.on(utc("2002-06-01T00:00").date())
    rows = [v for v in here.values("active_quota") if v.of == "UKR"]
    share, passive = here.value("first_phase_share").value, here.value("passive_quota", of="UKR").value
    shared_ones = {frozenset((v.by, v.variant.removeprefix("shared with "))) for v in rows if v.variant}

    once = sum(v.value for v in rows if not v.variant) + len(shared_ones)
    assert (once, int(share * passive)) == (9, 9)
    assert sum(v.value for v in rows) == 11


def test_members_of_one_group_are_debited_as_one():
    flight = Flight()
    flight.say(
        "12 08:00",
        "RUS",
        "flight.notification",
        to=("DEU",),
        observing="RUS",
        observed="DEU",
        eta=utc("17 08:00"),
        partners=["BLR"],
    )

    assert line(flight).holders == ("BLR;RUS",)
    assert "I.1" not in breached(flight.at("13 00:00"))


@pytest.mark.parametrize("partner", ["RUS", "BLR", "USA"])
def test_the_observed_side_and_a_state_that_left_are_no_partners(partner):
    assert "I.1" in breached(shared(partner).at("13 00:00"))


def test_a_notice_cannot_name_more_partners_than_there_can_be_parties():
    names = [a + b + "X" for a in "QWZ" for b in "ABCDEFGHIJKLMNOPQRSTU"]
    assert len(shared(*names[:59], "ROU").messages) > 1
    with pytest.raises(BadInput, match=r"partners.*60 at most"):
        shared(*names[:60], "ROU")


def test_the_quota_of_each_is_judged_at_the_notice():
    first = line(flown("ROU"))
    second = shared("ROU")
    on = with_quotas(("DEU", "BLR;RUS", 3), ("ROU", "BLR;RUS", 1))
    view = state(second.messages, utc("13 00:00"), on, earlier=[first])

    by_actor = {(f.citation, f.actor): str(f.verdict) for f in view.findings if f.citation.startswith("III.I.")}
    assert by_actor["III.I.8", "DEU"] == "complies"
    assert by_actor["III.I.8", "ROU"] == "breaches"
    assert by_actor["III.I.10", "ROU"] == "breaches"
    assert by_actor["III.I.5", "ROU"] == "breaches"
    assert by_actor["III.I.4", "RUS"] == "complies"
    assert "VIII.I.1" in [r.citation for r in view.rights]  # a flight that does not comply may be prohibited


@pytest.mark.parametrize("used_by_partner", [0, 1, 2])
def test_a_partner_keeps_within_half_of_its_total(used_by_partner):
    """A total of two gives one flight over one Party; before, on and after."""
    earlier = [replace(line(flown("ROU")), observing="CZE", partners=("ROU",)) for _ in range(used_by_partner)]
    on = with_quotas(("DEU", "BLR;RUS", 9), ("ROU", "BLR;RUS", 1), ("ROU", "UKR", 1))
    view = state(shared("ROU").messages, utc("13 00:00"), on, earlier=earlier)

    half = [str(f.verdict) for f in view.findings if f.citation == "III.I.10" and f.actor == "ROU"]
    assert half == (["complies"] if used_by_partner == 0 else ["breaches"])


# Who acts


@pytest.mark.parametrize(("on", "expected"), [(regime_on, "plan_submitted"), (any_acts, "declined")])
def test_an_act_of_a_partner_is_silent_and_a_reading_gives_it_effect(on, expected):
    flight = shared("ROU")
    flight.arrive()
    flight.submit()
    flight.say("17 23:00", "ROU", "flight.decline", reason="no agreement", holds_harm=True, in_plan=True)
    view = state(flight.messages, utc("18 00:00"), on)

    assert view.state == expected
    assert found(view, "II.2", "partner_acts") == ["silent"]
    assert "II.1" not in breached(view)


def test_a_third_party_that_acts_is_no_partner():
    flight = shared("ROU")
    flight.say("13 08:00", "CZE", "flight.cancel", reason="none")

    assert "II.1" in breached(flight.at("14 00:00"))


def test_partners_that_choose_differently_leave_the_notices_word_standing():
    flight = flown("ROU", cut_short=True, cause="force_majeure", counts=False)
    more = {"airfield": "UUMB", "completed_at": utc("19 11:30"), "cut_short": True, "counts": True}
    flight.say("19 12:00", "ROU", "flight.completed", **more)
    view = flight.at("20 00:00")

    assert found(view, "VIII.II.5", "choose_alike") == ["silent"]
    assert view.ledger.counted == counts("cut_short", cause="force_majeure", elects=False)
    assert view.ledger.debits == ()


def test_a_partner_may_have_copies_and_nobody_knows_who_keeps_the_original():
    view = flown("ROU", "CZE").at("20 00:00")

    assert {"ROU", "CZE"} <= {r.who for r in view.rights if r.citation == "IX.IV.1"}
    assert found(view, "IX.II.6", "original") == ["silent"]
    assert not found(flown().at("20 00:00"), "IX.II.6", "original")


def test_a_partner_sees_the_flight_once_its_node_was_sent_more_than_the_notice():
    flight = flown("ROU")
    blind = state(flight.messages, utc("20 00:00"), regime_on, viewer="ROU")
    sent = [replace(m, info=("ROU",)) for m in flight.messages]
    seeing = state(sent, utc("20 00:00"), regime_on, viewer="ROU")

    assert "acknowledge the notice" not in {d.what for d in blind.duties}
    assert "acknowledge the notice" in {d.what for d in seeing.duties}


# People and aircraft


def test_privileges_hold_from_arrival_to_departure_even_of_a_flight_that_was_stopped():
    flight = shared()
    flight.arrive()
    flight.say("18 08:00", "DEU", "flight.cancel", reason="weather")
    assert "XIII.II.2" in [r.citation for r in flight.at("18 09:00").rights]
    flight.say("18 20:00", "DEU", "flight.departure", place="UUMB", departed_at=utc("18 20:00"))

    assert "XIII.II.2" in [r.citation for r in flight.at("18 20:00").rights]
    assert "XIII.II.2" not in [r.citation for r in flight.at("18 20:01").rights]


def test_seats_of_a_third_partys_aircraft_are_for_both_sides():
    flight = Flight()
    people = {"aboard": 2, "interpreters": 1, "at_stations": 2}
    flight.notify(designated_by="ROU", arranged=True, seats=17, crew=7, stations=2, partners=["CZE"], **people)
    flight.acknowledge(**people)
    view = flight.at("14 00:00")

    assert found(view, "V.5") == ["complies"]
    assert found(view, "VI.III.5") == ["right"]
    assert found(view, "VI.III.1") == ["right"]
    assert found(view, "VI.I.2") == ["right"]


# What must always hold

PARTNERS = st.lists(st.sampled_from((*OTHERS, "BLR", "RUS", "DEU", "USA")), max_size=5)
ENDS = st.sampled_from(
    [
        {},
        {"cut_short": True, "cause": "other"},
        {"cut_short": True, "cause": "force_majeure", "counts": True},
        {"cut_short": True, "cause": "force_majeure", "counts": False},
        {"cut_short": True, "cause": "force_majeure"},
        None,
    ]
)


def one(partners, end):
    return line(shared(*partners) if end is None else flown(*partners, **end))


@given(st.lists(st.tuples(PARTNERS, ENDS), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_the_sum_of_the_debits_is_the_ledger(flights):
    """Quota is neither lost nor made: each line's debits add up to the year's sums, by holder and over whom."""
    lines = [one(*flight) for flight in flights]
    active, passive = Counter(), Counter()
    for debit in (d for one_line in lines for d in one_line.debits):
        if debit.quota == "active":
            active[debit.holder, debit.over] += debit.flights
        else:
            passive[debit.holder] += debit.flights

    assert active == +used(lines, year=2021)
    assert passive == +accepted(lines, year=2021)
    for one_line in lines:
        n = one_line.counted.observing if one_line.counted else 0
        assert sum(d.flights for d in one_line.debits) == n * (len(one_line.holders) + 1)
        assert len(set(one_line.holders)) == len(one_line.holders)
        assert one_line.observed not in one_line.holders


ACTS = ("flight.cancel", "flight.completed", "flight.takeoff", "flight.decline", "flight.arrival")
STEPS = st.lists(
    st.tuples(
        st.integers(1, 3000), st.sampled_from(ACTS), st.sampled_from(["DEU", "RUS", "ROU", "CZE"]), st.booleans()
    ),
    max_size=8,
)


@given(PARTNERS, STEPS, st.randoms(use_true_random=False), st.sampled_from([regime_on, any_acts]))
@settings(max_examples=30, deadline=None)
def test_any_order_of_delivery_gives_the_same_answer_of_a_shared_flight(partners, steps, random, on):
    flight = shared(*partners, seats=10, crew=5, stations=2, aboard=2)
    at = START
    for minutes, kind, sender, yes in steps:
        at += timedelta(minutes=minutes)
        when = at.strftime("%Y-%m-%dT%H:%M")
        body = {
            "flight.cancel": {"reason": "x"},
            "flight.completed": {"airfield": "UUMB", "completed_at": at, "cut_short": yes, "counts": yes},
            "flight.takeoff": {"airfield": "UUMB", "took_off_at": at},
            "flight.decline": {"reason": "x", "in_plan": yes},
            "flight.arrival": {"place": "UUMB", "arrived_at": at},
        }[kind]
        flight.say(when, sender, kind, to=("CAN",), **body)
    shuffled = [*flight.messages, *flight.messages[:2]]
    random.shuffle(shuffled)
    now = at + timedelta(days=2)

    straight = state(flight.messages, now, on, earlier=[])
    assert straight.to_json() == state(shuffled, now, on, earlier=[]).to_json()
    assert all(f.citation and f.rule and f.because for f in straight.findings)


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "seats": st.integers(0, 20),
        "crew": st.integers(0, 10),
        "stations": st.integers(0, 3),
        "aboard": st.integers(0, 5),
        "interpreters": st.integers(0, 2),
        "at_stations": st.integers(0, 3),
        "chief": st.sampled_from(["DEU", "RUS", "ROU", "USA"]),
        "designated_by": st.sampled_from(["DEU", "RUS", "ROU", "USA"]),
        "designated_on": st.sampled_from(["2021-05-16", "2021-05-19", "2021-05-25"]),
        "range_m": st.sampled_from([900_000, 1_050_000, 2_000_000]),
        "mass_kg": st.sampled_from([30_000, 35_000, 35_001]),
    },
)


@given(PARTNERS, FIELDS, FIELDS, st.booleans(), STEPS, st.sampled_from([regime_on, any_acts]))
@settings(max_examples=40, deadline=None)
def test_no_later_act_unmakes_a_breach_of_a_shared_flight(partners, stated, answered, taxi, steps, on):
    flight = Flight()
    flight.notify(partners=list(partners), others=False, **stated)
    flight.acknowledge(supplies_aircraft=taxi, **({"aircraft": "Tu-214ON"} if taxi else {}), **answered)
    at = START + timedelta(hours=12)
    for minutes, kind, sender, _ in steps:
        at += timedelta(minutes=minutes)
        when = at.strftime("%Y-%m-%dT%H:%M")
        if kind == "flight.takeoff":
            flight.say(when, sender, kind, to=("CAN",), airfield="UUMB", took_off_at=at)
        else:
            flight.say(when, sender, "flight.arrival", to=("CAN",), place="UUMB", arrived_at=at, agrees=["VI.III.1"])
    before: Counter[tuple[str, str]] = Counter()
    for n in range(1, len(flight.messages) + 1):
        view = state(flight.messages[:n], flight.messages[n - 1].at, on, earlier=[])
        now = Counter((f.citation, f.rule) for f in view.findings if f.verdict == "breaches")
        assert before - now == Counter(), flight.messages[n - 1].kind
        before = now
