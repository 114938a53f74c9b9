"""From the notice to the end of the pre-flight inspection (Article VI, Section I, paragraphs 5 to 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from overflight.flight import steps_around
from overflight.flight.book import Book
from overflight.flight.chain import Start, happened, said, stated
from overflight.flight.facts import NOTICE_TO_ALL, Event, Facts
from overflight.flight.ledger import LedgerLine
from overflight.flight.messages import Message
from overflight.rules import arrival, conduct, coordination, inspection, notification
from overflight.rules.finding import Verdict, breaches, disputed
from overflight.rules.timing import Limit, before, limit, within
from overflight.terms.moment import readable
from overflight.terms.words import say


def effect(facts: Facts, book: Book) -> None:
    """Messages from a Party that cannot send them, and times on which two Parties differ."""
    for m in facts.without_effect:
        found = breaches(
            say("{sender} cannot send {kind} in this flight; it has no effect", sender=m.sender, kind=m.kind),
            actor=m.sender,
            seen={"kind": m.kind},
        )
        book.keep(m.at, m, replace(found, citation="II.1", rule="sender_has_that_role"))
    happened = {
        "VIII.I.2": facts.arrival,
        "VI.II.4.E": facts.take_off,
        "VI.I.9": facts.completion,
        "VI.I.20": facts.departure,
    }
    for citation, event in happened.items():
        if event is not None and event.others:
            _differ(event, book, citation)


def _differ(event: Event, book: Book, citation: str) -> None:
    times = sorted({event.message.sender: event.at, **event.others}.items())
    found = disputed(
        say("the Parties state different times: {times}", times=", ".join(f"{w} {readable(t)}" for w, t in times)),
        under=tuple({"reading": who, "at": readable(t)} for who, t in times),
    )
    found = replace(found, citation=citation, rule="parties_state_the_same_time")
    book.keep(max(t for _, t in times), event.message, found)


def notice(facts: Facts, book: Book) -> None:
    """VI.I.5 and VI.I.8: in time, complete, and to all others at the same moment."""
    for m in facts.notices:
        if m.text("notice") == NOTICE_TO_ALL:
            continue
        eta = m.time("eta") or facts.eta
        received = facts.received_by(m, facts.observed_side)
        proof = facts.notice_received_by if m is facts.notice else None
        if received is None and proof and before(facts.regime, "notice_before_arrival", eta).held_by(proof):
            received = proof
        book.ask(
            received or m.at,
            m,
            notification.notifies_72_hours_before_arrival,
            eta=eta,
            sent=facts.sent(m),
            received=received,
            regime=facts.regime,
            observing=facts.observing,
        )
        if facts.regime.readings.get("notice_waiver") == "on":
            book.set_aside(facts.agreed("VI.I.5"), eta)
        if received is not None:
            book.ask(received, m, notification.minimum_notice_avoids_a_weekend, eta=eta, received=received)
        book.ask(m.at, m, notification.notice_is_complete, m.body, observing=facts.observing)
    _parties_and_number(facts, book)
    _others(facts, book)


def _parties_and_number(facts: Facts, book: Book) -> None:
    m = facts.notice
    for day in dict.fromkeys((m.at.date(), facts.eta.date())):
        book.ask(
            m.at,
            m,
            notification.flies_over_a_party_only,
            observing=facts.observing,
            observed=facts.observed,
            regime=facts.regime_on(day),
        )
    year = m.number("quota_year") or facts.eta.year
    book.ask(m.at, m, notification.flight_number_has_the_treaty_form, facts.flight, quota_year=year)


def _others(facts: Facts, book: Book) -> None:
    """VI.I.8 and VII.2, and the official channel of Article XI."""
    m = facts.notice
    sides = {*facts.observing_side, *facts.observed_side, *facts.partners}  # a group, or Benelux, is one Party here
    others = {p.code for p in facts.regime.parties()} - sides
    if m.text("notice") == NOTICE_TO_ALL:  # a third Party sees only the notice to all others
        others = set(m.to)
    sent = facts.sent(m)
    shown = facts.viewer is None or facts.viewer == facts.observing or bool(others & facts.told.keys())
    if not shown:  # a notice between others is theirs to show: nobody is found late for what this node cannot see
        why = say("no notice to the other Parties was shown to this node")
        book.not_recorded(sent, m, notification.tells_all_others_at_the_same_moment, why, "notice to all others")
        _channel(facts, book, m)
        return
    done = max((facts.told[c] for c in others), default=sent) if others <= facts.told.keys() else None
    held = at_once(sent, "VI.I.8")
    book.duty(facts.observing, say("tell all other Parties"), held, "VI.I.8", notice_sent(facts), done_at=done)
    book.ask(
        sent + notification.SAME_MOMENT,
        m,
        notification.tells_all_others_at_the_same_moment,
        notified=sent,
        told=facts.told,
        others=others,
        observing=facts.observing,
    )
    if m.texts("transited"):
        book.ask(
            sent,
            m,
            notification.tells_the_parties_that_are_crossed,
            transited=m.texts("transited"),
            told=set(facts.told),
            regime=facts.regime,
            observing=facts.observing,
        )
    _channel(facts, book, m)


def _channel(facts: Facts, book: Book, m: Message) -> None:
    """The official channel of Article XI."""
    letter = facts.letter(m)
    book.ask(
        m.at,
        m,
        notification.notice_went_through_an_official_channel,
        what=say("notice of {flight}", flight=facts.flight),
        accepted=facts.node_messages_accepted,
        channel=letter.text("channel") if letter else (say("letter") if m.by_hand else None),
        number=letter.text("number") if letter else None,
    )


def one_at_a_time(facts: Facts, book: Book, earlier: Iterable[LedgerLine]) -> None:
    """VI.I.3: of two flights over one Party at one time it need accept only one; the earlier notice goes first."""
    if facts.take_off is not None or facts.stopped is not None:
        return
    for line in earlier:
        other = line.eta
        if other is None or line.observed != facts.regime.quota_holder(facts.observed):
            continue
        if line.over_at is not None and line.over_at <= max(facts.eta, facts.notice.at):
            continue
        found = coordination.second_flight_at_one_time_may_be_refused(
            eta=facts.eta,
            other_eta=other,
            demonstration_by_observed=line.longer,
            regime=facts.regime,
            observed=facts.observed,
        )
        if found.verdict is Verdict.RIGHT:
            book.keep(facts.notice.at, facts.notice, found)
            what = say("refuse this flight: {flight} takes place at the same time", flight=line.flight)
            book.may(facts.observed, what, "VI.I.3.b", estimate(facts))


def at_once(moment: datetime, citation: str) -> Limit:
    """An act that is due at the moment of another."""
    return limit(moment, 0, "immediate", "within", citation=citation)


def notice_sent(facts: Facts) -> Start:
    """The dispatch of the notice."""
    return Start(say("notice sent"), facts.sent(facts.notice), facts.notice, "dispatch", facts.notice.sender)


def estimate(facts: Facts, words: str = "") -> Start:
    """The estimated arrival that the notice states."""
    return stated(words or say("estimated arrival at the point of entry"), facts.notice, facts.eta)


def answer(facts: Facts, book: Book) -> None:
    """VI.I.6: the acknowledgement, and the choice to supply the aircraft."""
    if not facts.privy:
        return
    ack = facts.first("flight.ack", side="observed")
    received = facts.notice_received
    start = received or facts.sent(facts.notice)
    held = within(facts.regime, "acknowledge_within", start, citation="VI.I.6")
    why = _from_the_notice(facts, held)
    known = received is not None or (ack is not None and held.held_by(ack.at))  # it was not received before it was sent
    done = ack.at if ack else None
    book.duty(facts.observed, say("acknowledge the notice"), held, "VI.I.6", why, done_at=done, presumed=not known)
    if facts.take_off is None and facts.stopped is None:
        what = say("leave the flight unflown; what is not conducted counts against no quota")
        book.may(facts.observing, what, "III.I.8", notice_sent(facts))
    if ack is None and facts.stopped is None:
        until = held if known else None  # its 24 hours run from a receipt that nothing shows
        book.may(facts.observed, say("supply the aircraft"), "VI.I.1.b", why, since=start, until=until)
    if ack is not None and not known:
        open_ = say("acknowledged {at}; when the notice was received is not known", at=readable(ack.at))
        book.not_recorded(ack.at, ack, notification.acknowledges_within_24_hours, open_, "receipt")
    if known and (ack is not None or book.now > held.at):
        book.ask(
            ack.at if ack else held.at,
            ack,
            notification.acknowledges_within_24_hours,
            received=start,
            acknowledged=ack.at if ack else None,
            regime=facts.regime,
            observed=facts.observed,
        )
    if ack is not None and ack.flag("supplies_aircraft"):
        book.ask(
            ack.at,
            ack,
            notification.taxi_option_is_named_in_time,
            received=start,
            acknowledged=ack.at,
            aircraft=ack.text("aircraft"),
            regime=facts.regime,
            observed=facts.observed,
        )
    if ack is not None:
        _answered(facts, book, ack)


def _from_the_notice(facts: Facts, held: Limit) -> tuple[tuple[Start, Limit | None, str], ...]:
    """The 24 hours run from receipt; where nothing shows a receipt, from dispatch until something does."""
    m = facts.notice
    reading = f"notice_counts={facts.regime.readings.get('notice_counts', 'receipt')}"
    sent = replace(notice_sent(facts), reading=reading)
    if facts.notice_received is None:
        return ((replace(sent, event=say("notice sent; no receipt is known")), held, "VI.I.6"),)
    who = next((w for w, at in sorted(m.received.items()) if at == facts.notice_received), facts.observed)
    got = Start(say("receipt of the notice"), facts.notice_received, m, "receipt", who)
    return ((sent, None, "VI.I.5"), (got, held, "VI.I.6"))


def _answered(facts: Facts, book: Book, ack: Message) -> None:
    """What the acknowledgement says besides: whether arrival is allowed, and what aircraft is supplied."""
    allowed = ack.flag("allows_arrival")
    if allowed is not None:
        received = facts.notice_received_by
        held = before(facts.regime, "notice_before_arrival", facts.eta)
        book.ask(
            ack.at,
            ack,
            conduct.arrival_at_the_notified_time_is_allowed,
            notified_in_time=received is not None and held.held_by(received),
            allowed=allowed,
            observed=facts.observed,
        )


def came(facts: Facts, book: Book) -> None:
    """VIII.I.2 and VI.I.10: arrival and covers; to arrive is a right, and after 24 hours the other side has one."""
    there = facts.arrival
    held = within(facts.regime, "late_arrival", facts.eta, citation="VIII.I.2")
    arrived = there.at if there else None
    why = estimate(facts)
    if arrived is None and facts.stopped is None and facts.privy and facts.take_off is None:
        what = say("arrive at the point of entry at the notified time, which needs no consent")
        book.may(facts.observing, what, "VI.I.6.c", why)
    if arrived is not None or (book.now > held.at and facts.privy):
        found = book.ask(
            max(held.at, arrived) if arrived else held.at,
            there.message if there else facts.notice,
            arrival.arrives_within_24_hours_of_the_estimate,
            eta=facts.eta,
            arrived=arrived,
            now=book.now,
            regime=facts.regime,
            observed=facts.observed,
        )
        late = found.verdict is Verdict.RIGHT and not facts.agreed_by(held.at, "VIII.I.2")
        if late and facts.take_off is None and facts.stopped is None:
            what = say("prohibit the flight: more than 24 hours late")
            book.may(facts.observed, what, "VIII.I.2", why, since=held)
    if there is not None:
        _covers(facts, book, there)


def _covers(facts: Facts, book: Book, there: Event) -> None:
    checked = facts.event("flight.covers", "checked_at", where=lambda m: m.text("stage") == "arrival")
    going_on = _went_on(facts)
    at = checked.at if checked else None
    why = happened(say("arrival at the point of entry"), there)
    what = say("check the sensor covers on arrival, at once")
    book.duty(facts.observed, what, None, "VI.I.10", why, done_at=at)
    if checked is None and going_on is not None:
        open_ = say("no check of the sensor covers on arrival is recorded")
        book.not_recorded(going_on, there.message, arrival.covers_are_checked_on_arrival, open_, "covers")
    if checked is not None:
        book.ask(
            max(there.at, checked.at),
            checked.message,
            arrival.covers_are_checked_on_arrival,
            arrived=there.at,
            checked=checked.at,
            leaves=going_on or book.now,
            observed=facts.observed,
        )
        book.set_aside(facts.agreed("VI.I.10"), there.at)
    for m in facts.of("flight.covers"):
        book.ask(
            m.time("checked_at") or m.at,
            m,
            arrival.covers_are_in_place,
            place=m.text("place") or "",
            checked=m.time("checked_at") or m.at,
            in_place=bool(m.flag("in_place")),
            observing=facts.observing,
        )


def _went_on(facts: Facts) -> datetime | None:
    """When the aircraft first did something that comes after the check of the covers."""
    inspected = facts.event("flight.inspection", "started_at")
    plan = facts.talks.original
    times = [inspected.at if inspected else None, plan.at if plan else None]
    times.append(facts.take_off.at if facts.take_off else None)
    return min((t for t in times if t is not None), default=None)


def inspected(facts: Facts, book: Book) -> None:
    """VI.I.11 and Annex F: the pre-flight inspection."""
    done = facts.of("flight.inspection")
    start = facts.take_off.at if facts.take_off else None
    filed = facts.event("flight.plan", "starts_at")
    # a flight plan that is filed once the aircraft is in the air schedules nothing
    starts = filed.at if filed is not None and (start is None or filed.message.at <= start) else start
    for m in done:
        _one_inspection(facts, book, m, starts)
    if not done and facts.arrival is not None and facts.take_off is None and facts.stopped is None:
        until = before(facts.regime, "inspection_before_start", starts) if starts else None
        who = facts.observing if facts.taxi else facts.observed
        what = say("inspect aircraft and sensors before the flight")
        if until is not None and filed is not None:
            why = happened(say("start of the flight in the flight plan"), filed)
        else:
            why = happened(say("arrival at the point of entry"), facts.arrival)
        book.may(who, what, "VI.I.11", why, until=until)


def _one_inspection(facts: Facts, book: Book, m: Message, starts: datetime | None) -> None:
    began, ended = m.time("started_at") or m.at, m.time("ended_at") or m.at
    who = m.text("inspecting") or m.sender
    by_observing = who in facts.observing_side
    common = {"regime": facts.regime, "inspecting": who}
    book.ask(
        ended,
        m,
        inspection.inspection_lasts_at_most_8_hours,
        started=began,
        ended=ended,
        by_observing=by_observing,
        **common,
    )
    if starts is not None:
        book.ask(ended, m, inspection.inspection_ends_4_hours_before_the_start, ended=ended, starts=starts, **common)
        book.set_aside(facts.agreed("VI.I.11"), starts)
    number = m.number("inspectors")
    if number is not None:
        book.ask(began, m, inspection.inspectors_are_few_enough, inspectors=number, by_observing=by_observing, **common)
    found = book.ask(
        ended,
        m,
        inspection.aircraft_is_as_certified,
        as_certified=m.flag("as_certified") is not False,
        by_observing=by_observing,
        observed=facts.observed,
        observing=facts.observing,
    )
    open_ = facts.take_off is None and facts.stopped is None
    why = said(say("report of the inspection"), m)
    if found.verdict is Verdict.RIGHT and open_ and found.actor:
        book.may(found.actor, found.because, found.citation, why, since=min(ended, m.at))
    steps_around.inspected(facts, book, m, by_observing=by_observing)
