"""A flight that does not take place: prohibited, declined or cancelled (Article VIII, Section I)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from overflight.flight.book import Book
from overflight.flight.chain import Start, happened, said
from overflight.flight.facts import Facts
from overflight.flight.messages import Message
from overflight.flight.steps_before import at_once
from overflight.flight.steps_plan import PlanCheck
from overflight.rules import negotiation, prohibition
from overflight.rules.closed_words import OTHER
from overflight.rules.finding import breaches
from overflight.rules.timing import limit, within
from overflight.terms.moment import readable
from overflight.terms.words import say


def stopped(facts: Facts, book: Book, *, checks: PlanCheck | None) -> None:
    """VIII.I.1 to 3, 5 and 6: whether the act was permitted, and what it makes due."""
    for m in facts.of("flight.prohibition"):
        _prohibition(facts, book, m, checks)
        if facts.stopped is m:
            _prohibited(facts, book, m)
    for m in facts.of("flight.decline"):
        _decline(facts, book, m)
        if facts.stopped is m:
            _declined(facts, book, m)
    for m in facts.of("flight.cancel"):
        if facts.take_off is not None and m.at >= facts.take_off.at:
            why = say("the flight had started {at}; it can no longer be cancelled", at=readable(facts.take_off.at))
            found = replace(breaches(why, actor=m.sender), citation="III.I.8", rule="cancels_before_the_start")
            book.keep(m.at, m, found)


def _prohibition(facts: Facts, book: Book, m: Message, checks: PlanCheck | None) -> None:
    """Was there a ground at the time of the prohibition?  What came later neither makes nor unmakes it."""
    held = within(facts.regime, "late_arrival", facts.eta, citation="VIII.I.2")
    arrived = facts.arrival.at if facts.arrival else None
    late = m.at > held.at and (arrived is None or arrived > held.at) and not facts.agreed_by(held.at, "VIII.I.2")
    inspections = [i for i in facts.of("flight.inspection") if i.at <= m.at and i.flag("as_certified") is False]
    plans = [v.plan for v in facts.talks.versions if v.at <= m.at and v.by in facts.observing_side]
    checked = [checks(plan) if checks is not None and plan is not None else None for plan in plans]
    cited = {citation for found in checked if found is not None for citation in found}
    book.ask(
        m.at,
        m,
        prohibition.may_prohibit,
        ground=m.text("ground") or OTHER,
        at=m.at,
        started=facts.take_off.at if facts.take_off else None,
        not_in_compliance=sorted({*book.breaches_by(facts.all_observing, until=m.at), *cited}),
        late=late,
        not_as_certified=any((i.text("inspecting") or i.sender) in facts.observed_side for i in inspections),
        plan_unchecked=any(found is None for found in checked),
        observed=m.sender,
    )


def _decline(facts: Facts, book: Book, m: Message) -> None:
    original = facts.talks.original
    if original is None or original.at > m.at:
        why = say("no mission plan was handed over, so there is nothing to decline under this paragraph")
        found = replace(breaches(why, actor=m.sender), citation="VIII.I.5", rule="may_decline_after_8_hours")
        book.keep(m.at, m, found)
        return
    book.ask(
        m.at,
        m,
        negotiation.may_decline_after_8_hours,
        submitted=original.at,
        at=m.at,
        agreed=facts.talks.agreed_at,
        holds_harm=bool(m.flag("holds_harm")),
        regime=facts.regime,
        observing=m.sender,
    )


def _explanation(facts: Facts, part: str, side: str) -> Message | None:
    return next((m for m in facts.of("report.mission", side=side) if m.text("part") == part), None)


def _prohibited(facts: Facts, book: Book, m: Message) -> None:
    told = _explanation(facts, "prohibition", "observed")
    reading = facts.regime.readings.get("prohibition_report_start")
    gone: datetime | None = facts.departure.at if facts.departure else None
    start = gone if reading == "departure" else m.at
    held = within(facts.regime, "prohibition_reasons_within", start, citation="VIII.I.3") if start else None
    in_plan = bool(m.flag("in_plan"))
    book.duty(
        m.sender,
        say("state the facts in the mission plan at once"),
        at_once(m.at, "VIII.I.3"),
        "VIII.I.3.a",
        said(say("prohibition"), m),
        done_at=m.at if in_plan else None,
    )
    left = facts.departure if reading == "departure" else None
    why = happened(say("departure from the point of exit"), left) if left else said(say("prohibition"), m)
    why = replace(why, reading=f"prohibition_report_start={reading or 'prohibition'}")
    what = say("explain the prohibition to all Parties")
    book.duty(m.sender, what, held, "VIII.I.3.b", why, done_at=told.at if told else None)
    if facts.talks.original is not None:  # without a plan there is none to write the facts into
        book.ask(m.at, m, prohibition.facts_of_prohibition_stand_in_the_plan, in_plan=in_plan, observed=m.sender)
    if held is not None and (told is not None or book.now > held.at):
        book.ask(
            told.at if told else held.at,
            told or m,
            prohibition.explains_a_prohibition_within_7_days,
            prohibited=m.at,
            departed=gone,
            explained=told.at if told else None,
            regime=facts.regime,
            observed=m.sender,
        )


def _declined(facts: Facts, book: Book, m: Message) -> None:
    told = _explanation(facts, "decline", "observing")
    gone = facts.departure
    held = within(facts.regime, "decline_reasons_within", gone.at, citation="VIII.I.6") if gone else None
    in_plan = bool(m.flag("in_plan"))
    why: Start = happened(say("departure from the point of exit"), gone) if gone else said(say("refusal"), m)
    book.duty(
        m.sender,
        say("write the explanation into the mission plan before departure"),
        limit(gone.at, 0, "hour", "before", citation="VIII.I.6") if gone else None,
        "VIII.I.6",
        why,
        done_at=m.at if in_plan else None,
    )
    what = say("explain to all other Parties")
    book.duty(m.sender, what, held, "VIII.I.6", why, done_at=told.at if told else None)
    if gone is not None and (not in_plan or told is not None or (held is not None and book.now > held.at)):
        book.ask(
            told.at if told and in_plan else (held.at if held and in_plan else gone.at),
            told or m,
            negotiation.explains_declining,
            in_plan=in_plan,
            departed=gone.at,
            explained=told.at if told else None,
            regime=facts.regime,
            observing=m.sender,
        )
