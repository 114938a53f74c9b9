"""What must always hold of rules: clocks are monotone, quotas add up, and the order of facts changes nothing."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.app.casefile import read_cases
from overflight.app.casemessages import messages_of
from overflight.app.coverage import case_files
from overflight.flight.ledger import LedgerLine, used
from overflight.flight.lifecycle import state
from overflight.rules.clocks import clock, keeps_the_clock
from overflight.rules.finding import Verdict
from overflight.rules.groups import flight_over_members_counts_for_each
from overflight.rules.people import observed_party_may_have_monitors_aboard
from overflight.rules.prohibition import ELECTIVE_CAUSES, counts
from overflight.rules.quotas import half_quota_cap
from overflight.treaty.regime import Regime

HERE = Regime.on(date(2021, 5, 19))
CLOCKS = [d.id for d in HERE.deadlines() if d.unit not in ("calendar", "none")]
FIRST = datetime(2002, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 38 * 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))
MINUTES = st.integers(0, 60 * 24 * 400).map(lambda n: timedelta(minutes=n))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CLOCKS), MOMENTS, MINUTES)
def test_a_later_trigger_never_gives_an_earlier_limit(id, trigger, later):
    assert clock(HERE, id, trigger).at <= clock(HERE, id, trigger + later).at


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CLOCKS), MOMENTS, MOMENTS, MINUTES)
def test_moving_an_event_away_from_its_limit_never_makes_it_comply(id, trigger, event, further):
    """Later still is no better for "within" and "before"; earlier still is no better for "not before"."""
    first = keeps_the_clock(id, trigger=trigger, event=event, regime=HERE)
    away = event - further if HERE.deadline(id).relation == "after" else event + further
    then = keeps_the_clock(id, trigger=trigger, event=away, regime=HERE)
    assert not (first.verdict is Verdict.BREACHES and then.verdict is Verdict.COMPLIES)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CLOCKS), MOMENTS)
def test_exactly_at_a_limit_complies_and_a_second_beyond_does_not(id, trigger):
    held = clock(HERE, id, trigger)
    beyond = timedelta(seconds=-1 if held.relation == "from" else 1)
    assert keeps_the_clock(id, trigger=trigger, event=held.at, regime=HERE).verdict is Verdict.COMPLIES
    row = HERE.deadline(id)  # where nobody owes the event a right arises; "immediately" has no number
    late = Verdict.RIGHT if row.opens else Verdict.SILENT if row.unit == "immediate" else Verdict.BREACHES
    assert keeps_the_clock(id, trigger=trigger, event=held.at + beyond, regime=HERE).verdict is late


OUTCOMES = st.one_of(
    st.sampled_from(["never_came", "prohibited", "declined", "cancelled", "completed"]).map(counts),
    st.builds(
        lambda cause, elects: counts("cut_short", cause=cause, elects=elects),
        st.sampled_from([*ELECTIVE_CAUSES, "other", None]),
        st.sampled_from([True, False, None]),
    ),
)
SIDES = st.sampled_from(["DEU", "FRA", "BLR;RUS", "POL"])
LINES = st.lists(
    st.builds(LedgerLine, st.just("OS1001"), st.just(2021), SIDES, SIDES, st.just("x"), OUTCOMES), max_size=30
)


@settings(max_examples=50, deadline=None)
@given(LINES)
def test_what_one_side_uses_the_other_accepts_and_data_go_with_it(lines):
    """III.I.8 and VIII.II.6: a flight counts for both or for neither, and its data are kept only if it counts."""
    for line in lines:
        assert line.counted.observing == line.counted.observed
        assert line.counted.data_kept == bool(line.counted.observing)
    total = used(lines, year=2021)
    assert sum(total.values()) == sum(line.counted.observed for line in lines)
    assert used(lines[::-1], year=2021) == total
    assert used(lines[:10], year=2021) + used(lines[10:], year=2021) == total
    assert not used(lines, year=2020)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 5))
def test_half_of_the_quotas_never_falls_when_a_quota_grows(own, theirs, more):
    cap = half_quota_cap(own_total_active=own, their_total_passive=theirs, regime=HERE)
    assert cap <= half_quota_cap(own_total_active=own + more, their_total_passive=theirs + more, regime=HERE)
    assert 2 * cap <= min(own, theirs) + 1


@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from(["POL", "HUN", "CZE", "SVK"]), min_size=1))
def test_a_flight_over_members_costs_as_much_as_they_accept(members):
    """III.II.2.B: what the observing Party pays is what the members together accept."""
    found = flight_over_members_counts_for_each(
        members=members, counted_active=len(members), counted_passive=dict.fromkeys(members, 1)
    )
    assert (found.verdict, found.limit) == (Verdict.COMPLIES, len(members))


@settings(max_examples=30, deadline=None)
@given(*[st.integers(0, 6)] * 4, st.integers(1, 3))
def test_more_stations_never_take_a_place_away(people, interpreters, at_stations, stations, more):
    facts = {"people": people, "interpreters": interpreters, "at_stations": at_stations, "regime": HERE}
    found = observed_party_may_have_monitors_aboard(stations=stations, **facts)
    then = observed_party_may_have_monitors_aboard(stations=stations + more, **facts)
    assert not (found.verdict is Verdict.RIGHT and then.verdict is Verdict.BREACHES)


FLIGHTS = {
    case.id.partition("/")[0].partition("#")[0]: case
    for file in case_files()
    for case in read_cases(file)
    if len(case.messages) > 4
}


@pytest.mark.parametrize("case", FLIGHTS.values(), ids=lambda case: case.id)
def test_a_flight_of_the_law_cases_is_the_same_in_any_order_of_delivery(case):
    def on(day):
        return Regime.on(day, readings=case.readings)

    messages, _ = messages_of(case, on)
    now = max(m.at for m in messages) + timedelta(days=30)
    expected = state(messages, now, on)
    for seed in (1, 2):
        shuffled = [*messages, *messages[:3]]
        random.Random(seed).shuffle(shuffled)
        found = state(shuffled, now, on)
        assert (found.findings, found.state, found.duties) == (expected.findings, expected.state, expected.duties)


@pytest.mark.parametrize("case", FLIGHTS.values(), ids=lambda case: case.id)
def test_no_later_message_makes_an_earlier_breach_vanish(case):
    def on(day):
        return Regime.on(day, readings=case.readings)

    messages, _ = messages_of(case, on)
    before: set[tuple[str, str, str]] = set()
    for now in sorted({m.at for m in messages}):
        found = state(messages, now, on).findings
        breached = {(f.citation, f.rule, str(f.where)) for f in found if f.verdict is Verdict.BREACHES}
        assert before <= breached, case.id
        before = breached
