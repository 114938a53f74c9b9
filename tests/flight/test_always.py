"""What must hold of any flight: order of arrival does not matter, time only adds, nothing later unmakes a breach."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.flight.kinds import KINDS
from overflight.flight.ledger import accepted, used
from overflight.flight.lifecycle import STATES, state
from overflight.flight.record import replay
from tests.flight.build import Flight, regime_on
from tests.flight.lives import ACTS, IN_ORDER, LIVES, ORDERED, START, flight_of


def breaches(view):
    """How often each rule is breached; the sentence may grow, the breach stays."""
    return Counter((f.citation, f.rule) for f in view.findings if f.verdict == "breaches")


@given(LIVES, st.randoms(use_true_random=False), st.integers(0, 20_000))
@settings(max_examples=40, deadline=None)
def test_any_order_of_delivery_gives_the_same_answer(messages, random, minutes):
    now = START + timedelta(minutes=minutes)
    shuffled = [*messages, messages[0]]
    random.shuffle(shuffled)

    assert state(messages, now, regime_on).to_json() == state(shuffled, now, regime_on).to_json()


@given(LIVES)
@settings(max_examples=50, deadline=None)
def test_no_later_act_makes_an_earlier_breach_vanish(messages):
    before: Counter[tuple[str, str]] = Counter()
    for n in range(1, len(messages) + 1):
        now = messages[n - 1].at
        found = breaches(state(messages[:n], now, regime_on))
        assert before - found == Counter(), (n, messages[n - 1].kind)
        before = found
    much_later = breaches(state(messages, messages[-1].at + timedelta(days=60), regime_on))
    assert before - much_later == Counter()


@given(LIVES, st.lists(st.integers(0, 30_000), min_size=2, max_size=5).map(sorted))
@settings(max_examples=40, deadline=None)
def test_time_alone_adds_breaches_and_takes_none_away(messages, minutes):
    seen = [breaches(state(messages, START + timedelta(minutes=m), regime_on)) for m in minutes]

    for earlier, later in pairwise(seen):
        assert earlier - later == Counter()


@given(LIVES, st.integers(1, 600))
@settings(max_examples=30, deadline=None)
def test_a_later_notice_never_has_an_earlier_due_time(messages, minutes):
    later = [
        replace(
            m,
            at=m.at + timedelta(minutes=minutes),
            received={k: v + timedelta(minutes=minutes) for k, v in m.received.items()},
        )
        if m.kind == "flight.notification"
        else m
        for m in messages
    ]
    now = START + timedelta(days=30)
    first = {
        (d.who, d.what, d.citation): d.due for d in state(messages, now, regime_on).duties if d.citation == "VI.I.6"
    }
    second = {(d.who, d.what, d.citation): d.due for d in state(later, now, regime_on).duties if d.citation == "VI.I.6"}

    assert all(second[key] >= due for key, due in first.items() if key in second)


@given(LIVES, st.integers(0, 20_000))
@settings(max_examples=40, deadline=None)
def test_every_answer_is_whole(messages, minutes):
    view = state(messages, START + timedelta(minutes=minutes), regime_on)

    assert view.state in STATES
    assert all(f.citation and f.rule and f.because for f in view.findings)
    assert all(d.citation and d.who and d.what for d in view.duties)
    assert len(view.timeline) == sum(m.at <= view.now for m in messages)
    assert view.to_json() == view.to_json()


@given(st.lists(LIVES, min_size=2, max_size=4), st.booleans(), st.integers(0, 20_000))
@settings(max_examples=40, deadline=None)
def test_quota_is_conserved(lives, whole, minutes):
    """What one side uses the other has accepted; a flight that counts nothing leaves no data and no debit."""
    now = START + timedelta(minutes=minutes)
    views = [state(messages, messages[-1].at if whole else now, regime_on) for messages in lives]
    lines = [v.ledger for v in views if v.ledger is not None]

    assert sum(used(lines, year=2021).values()) == accepted(lines, year=2021)["BLR;RUS"]
    for view, line in zip(views, lines, strict=True):
        counted = line.counted
        if counted is None:
            assert line.debits == ()
            continue
        assert counted.observing == counted.observed
        assert counted.data_kept == (counted.observing == 1)
        assert sum(d.flights for d in line.debits) == 2 * counted.observing
        if view.state in ("prohibited", "declined", "cancelled"):
            assert counted.observing == 0


@given(ORDERED)
@settings(max_examples=20, deadline=None)
def test_what_a_flight_counts_changes_only_by_the_choice_that_the_paragraph_gives(messages):
    before = None
    for n in range(1, len(messages) + 1):
        line = state(messages[:n], messages[n - 1].at, regime_on).ledger
        counted = line.counted if line else None
        if before is not None and not before.choice:
            assert counted == before
        before = counted


def test_the_random_lives_speak_of_every_kind_of_message_of_a_flight():
    spoken = {m.kind for n in range(12) for m in flight_of([(30, act, "RUS", n) for act in ACTS])}
    spoken |= {m.kind for n in range(12) for m in flight_of([(30, act, "DEU", n) for act in ACTS])}
    of_a_flight = {name for name in KINDS if name.split(".")[0] in ("flight", "plan", "report", "data", "letter")}

    assert of_a_flight - spoken == {"data.catalogued", "data.refusal", "data.delivery", "data.custody"}
    assert {act for act, _ in IN_ORDER} <= set(ACTS)


def test_a_flight_can_be_replayed_message_by_message():
    flight = Flight().whole()
    frames = list(replay(flight.messages, regime_on))

    states = [frame.state for frame in frames]
    assert [states[0], states[-1]] == ["notified", "reported"]
    assert [STATES.index(s) for s in states] == sorted(STATES.index(s) for s in states)
