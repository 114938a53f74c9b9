"""What must hold of any flight: order of arrival does not matter, time only adds, nothing later unmakes a breach."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.flight.lifecycle import STATES, state
from overflight.flight.record import replay
from tests.flight.build import Flight, plan, regime_on, utc

START = utc("12 08:00")
ACTS = (
    *("ack", "arrive", "covers", "inspect", "submit", "change", "accept", "alternative", "sign", "file", "takeoff"),
    *("deviate", "complete", "prohibit", "decline", "cancel", "report", "sign-report", "depart", "seal", "develop"),
)


def breaches(view):
    """How often each rule is breached; the sentence may grow, the breach stays."""
    return Counter((f.citation, f.rule) for f in view.findings if f.verdict == "breaches")


def flight_of(steps):
    """A flight in which anybody does anything at any time, each act recorded when it happens."""
    flight = Flight()
    flight.notify(others=False)
    versions, reports = [], ["0" * 64]
    at = START
    for minutes, act, sender, n in steps:
        at += timedelta(minutes=minutes)
        when = at.strftime("%Y-%m-%dT%H:%M")
        version = versions[n % len(versions)] if versions else "0" * 64
        t = {"to": ("RUS", "CAN") if sender == "DEU" else ("DEU", "CAN")}
        match act:
            case "ack":
                flight.say(when, sender, "flight.ack", supplies_aircraft=n % 2 == 0, aircraft="An-30", **t)
            case "arrive":
                flight.say(when, sender, "flight.arrival", place="UUMB", arrived_at=at, **t)
            case "covers":
                stage = ("arrival", "departure")[n % 2]
                flight.say(
                    when, sender, "flight.covers", place="UUMB", checked_at=at, stage=stage, in_place=n % 3 > 0, **t
                )
            case "inspect":
                began = at - timedelta(hours=n)
                t |= {"started_at": began, "ended_at": at, "as_certified": n % 4 > 0}
                flight.say(when, sender, "flight.inspection", inspecting=sender, **t)
            case "submit":
                versions.append(flight.say(when, sender, "plan.submit", plan=plan(f"{13 + n % 9} 06:00"), **t))
            case "change":
                ground = ("weather", "other", "hazardous_airspace")[n % 3]
                versions.append(
                    flight.say(
                        when, sender, "plan.change", version=version, ground=ground, reason="x", plan=plan(), **t
                    )
                )
            case "accept":
                flight.say(when, sender, "plan.accept", version=version, **t)
            case "alternative":
                versions.append(flight.say(when, sender, "plan.alternative", version=version, plan=plan(), **t))
            case "sign":
                flight.say(when, sender, "plan.sign", version=version, **t)
            case "file":
                starts = at + timedelta(hours=n)
                flight.say(when, sender, "flight.plan", version=version, filed_at=at, starts_at=starts, **t)
            case "takeoff":
                flight.say(when, sender, "flight.takeoff", airfield="UUMB", took_off_at=at, **t)
            case "deviate":
                flight.say(when, sender, "flight.deviation", ground="other", began_at=at, lateral_m=n * 10_000, **t)
            case "complete":
                flight.say(
                    when, sender, "flight.completed", airfield="UUMB", completed_at=at, cut_short=n % 2 == 0, **t
                )
            case "prohibit":
                ground = ("VIII.I.1", "VIII.I.2", "AnnF.I.9")[n % 3]
                flight.say(when, sender, "flight.prohibition", ground=ground, facts="x", in_plan=n % 2 == 0, **t)
            case "decline":
                flight.say(when, sender, "flight.decline", reason="x", holds_harm=True, in_plan=n % 2 == 0, **t)
            case "cancel":
                flight.say(when, sender, "flight.cancel", reason="x", **t)
            case "report":
                part = ("flight", "prohibition", "decline")[n % 3]
                reports.append(flight.say(when, sender, "report.mission", part=part, **t))
            case "sign-report":
                flight.say(when, sender, "report.sign", report=reports[n % len(reports)], signed_at=at, **t)
            case "depart":
                flight.say(when, sender, "flight.departure", place="UUMB", departed_at=at, **t)
            case "seal":
                boxes = [{"number": str(n), "medium": "film"}]
                flight.say(when, sender, "data.sealed", containers=boxes, sealed_at=at, both_present=n % 2 == 0, **t)
            case "develop":
                flight.say(when, sender, "data.developed", facility=sender, developed_at=at, **t)
    return flight.messages


STEP = st.tuples(
    st.sampled_from([1, 30, 120, 241, 480, 600, 1500, 5760]),
    st.sampled_from(ACTS),
    st.sampled_from(["DEU", "RUS", "BLR", "CAN"]),
    st.integers(0, 11),
)
LIVES = st.lists(STEP, min_size=1, max_size=14).map(flight_of)


@given(LIVES, st.randoms(use_true_random=False), st.integers(0, 20_000))
@settings(max_examples=40, deadline=None)
def test_any_order_of_delivery_gives_the_same_answer(messages, random, minutes):
    now = START + timedelta(minutes=minutes)
    shuffled = [*messages, messages[0]]
    random.shuffle(shuffled)

    assert state(messages, now, regime_on).to_json() == state(shuffled, now, regime_on).to_json()


@given(LIVES)
@settings(max_examples=40, deadline=None)
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


def test_a_flight_can_be_replayed_message_by_message():
    flight = Flight().whole()
    frames = list(replay(flight.messages, regime_on))

    states = [frame.state for frame in frames]
    assert [states[0], states[-1]] == ["notified", "reported"]
    assert [STATES.index(s) for s in states] == sorted(STATES.index(s) for s in states)
