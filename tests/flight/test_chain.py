"""Every duty, right and bound says why: which message or event started the clock, whose time, and what was added."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.flight.lifecycle import state
from overflight.terms.moment import parse_moment, rfc3339
from overflight.treaty.regime import Regime
from tests.flight.build import Flight, regime_on, utc
from tests.flight.lives import LIVES, START


def reckoned(link):
    """The time that a link leads to, worked out here and not by the engine's own algebra."""
    at, amount = link["at"], link["amount"]
    if amount is None:
        return None
    sign = -1 if link["relation"] == "before" else 1
    moved = parse_moment(at) + sign * timedelta(**{"hours" if link["unit"] != "day" else "days": amount})
    if link["unit"] == "day":
        moved = moved.replace(hour=23, minute=59, second=59)
    assert link["unit"] in ("h", "hour", "day", "immediate"), link
    return rfc3339(moved)


def times_of(message):
    """Every time that a message has: its dispatch, its receipts, and what its body states."""
    stated = [v for v in message.body.values() if isinstance(v, str) and v.endswith("Z")]
    return {rfc3339(message.at), *(rfc3339(t) for t in message.received.values()), *stated}


def holds(entry, due, messages):
    """A chain begins with a known message, each link leads to the next, and the last one to what is due."""
    chain = entry["chain"]
    assert chain, entry
    assert entry["because"], entry
    led_to = None
    for link in chain:
        assert link["event"], entry
        assert link["citation"], entry
        assert link["rid"] in messages, entry
        if link["time_of"] == "reckoned":
            assert link["at"] == led_to, entry
        else:
            assert link["at"] in times_of(messages[link["rid"]]), entry
        led_to = reckoned(link)
    if due is not None:
        assert led_to == due, entry


@given(LIVES, st.integers(0, 30_000))
@settings(max_examples=50, deadline=None)
def test_no_duty_without_a_chain_whose_start_and_amount_give_what_is_due(messages, minutes):
    view = state(messages, START + timedelta(minutes=minutes), regime_on).to_json()
    known = {m.rid: m for m in messages}

    for duty in view["duties"]:
        holds(duty, duty["due"], known)
        if duty["due"] is None:
            assert duty["chain"][-1]["amount"] is None, duty
    for bound in view["bounds"]:
        holds(bound, bound["at"], known)
    for right in view["rights"]:
        told = right["chain"][-1]["amount"] is not None
        holds(right, (right["until"] or right["since"]) if told else None, known)


def one(view, citation, what=""):
    (found,) = [d for d in view.to_json()["duties"] if d["citation"] == citation and what in d["what"]]
    return found


def test_the_acknowledgement_is_due_24_hours_after_the_receipt_that_the_record_names():
    flight = Flight()
    rid = flight.notify()
    flight.messages[0] = _received(flight.messages[0], "12 08:05")
    duty = one(flight.at("12 09:00"), "VI.I.6")

    sent, got = duty["chain"]
    assert (sent["rid"], sent["time_of"], sent["reading"]) == (rid, "dispatch", "notice_counts=receipt")
    assert (got["at"], got["time_of"], got["by"]) == ("2021-05-12T08:05:00Z", "receipt", "RUS")
    assert (got["row"], got["amount"], got["relation"]) == ("acknowledge_within", 24, "within")
    assert duty["due"] == "2021-05-13T08:05:00Z"
    assert duty["because"].startswith(f"24 h after receipt of the notice (record {rid[:12]} of DEU, received by RUS")
    assert "12 May 2021 08:05Z" in duty["because"]


def _received(message, when):
    from dataclasses import replace

    return replace(message, received={"RUS": utc(when)})


def test_without_a_receipt_the_chain_says_that_dispatch_is_all_that_is_known():
    flight = Flight()
    flight.notify()
    from dataclasses import replace

    flight.messages = [replace(m, received={}) for m in flight.messages]
    (link,) = one(flight.at("12 09:00"), "VI.I.6")["chain"]

    assert (link["time_of"], link["event"]) == ("dispatch", "notice sent; no receipt is known")


@pytest.mark.parametrize(("by", "links"), [("RUS", 2), ("DEU", 1)])
def test_the_completion_names_the_estimate_and_what_a_demonstration_flight_adds(by, links):
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.arrive()
    flight.inspect(demonstration_by=by)
    view = flight.at("17 14:00").to_json()
    (duty,) = [d for d in view["duties"] if d["what"] == "complete the observation flight"]

    assert len(duty["chain"]) == links
    assert (duty["chain"][0]["row"], duty["chain"][0]["amount"]) == ("flight_window", 96)
    assert duty["due"] == ("2021-05-22T08:00:00Z" if by == "RUS" else "2021-05-21T08:00:00Z")


@pytest.mark.parametrize(("choice", "start"), [("prohibition", "prohibition"), ("departure", "departure from")])
def test_a_reading_that_chooses_the_start_is_named(choice, start):
    flight = Flight()
    flight.notify()
    flight.acknowledge()
    flight.arrive("18 09:00")
    flight.say("18 10:00", "RUS", "flight.prohibition", ground="VIII.I.2", facts="late", in_plan=True)
    flight.say("18 20:00", "DEU", "flight.departure", place="UUMB", departed_at=utc("18 20:00"))

    def on(day):
        return Regime.on(day, readings={"prohibition_report_start": choice})

    view = state(flight.messages, utc("19 00:00"), on).to_json()
    (duty,) = [d for d in view["duties"] if d["citation"] == "VIII.I.3.b"]
    (link,) = duty["chain"]

    assert link["event"].startswith(start)
    assert link["reading"] == f"prohibition_report_start={choice}"
    assert f"reading prohibition_report_start={choice}" in duty["because"]


def test_the_last_hand_over_of_the_plan_is_reckoned_back_from_the_96_hours():
    flight = Flight()
    flight.notify()
    bound = next(b for b in flight.at("12 09:00").to_json()["bounds"] if "hand-over" in b["what"])

    assert [(link["amount"], link["relation"]) for link in bound["chain"]] == [(96, "within"), (24, "before")]
    assert bound["at"] == "2021-05-20T08:00:00Z"
