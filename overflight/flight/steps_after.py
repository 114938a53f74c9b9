"""From the start of the flight to the report and the film (Articles VI.I, VIII.II and IX)."""

from __future__ import annotations

from datetime import datetime

from overflight.flight.book import Book
from overflight.flight.facts import Facts
from overflight.flight.messages import Message
from overflight.rules import arrival, inspection, output, prohibition, report
from overflight.rules.timing import Limit, within
from overflight.terms.words import say


def flown(facts: Facts, book: Book) -> None:
    """VI.I.9 and VIII.II: deviations, and completion within 96 hours of the estimated arrival."""
    for m in facts.of("flight.deviation"):
        _deviation(facts, book, m)
    extends = inspection.demonstration_extends(facts.demonstration_by, observed_side=facts.observed_side)
    held = arrival.completion_limit(facts.eta, facts.regime, demonstration_by_observed=extends)
    done = facts.completion
    if facts.stopped is None:
        book.duty(
            facts.observing,
            say("complete the observation flight"),
            held,
            held.citation,
            done_at=done.at if done else None,
        )
    if done is not None:
        book.ask(
            done.at,
            done.message,
            arrival.completes_within_96_hours,
            eta=facts.eta,
            completed=done.at,
            regime=facts.regime,
            demonstration_by_observed=extends,
            observing=facts.observing,
        )
        book.set_aside(facts.agreed("VI.I.9"), held.at)


def _deviation(facts: Facts, book: Book, m: Message) -> None:
    metres = m.number("lateral_m")
    km = metres / 1000 if metres is not None else None
    began = m.time("began_at") or m.at
    book.ask(began, m, prohibition.deviates_on_a_permitted_ground, ground=m.text("ground") or "other", lateral_km=km)
    book.ask(began, m, prohibition.tells_those_aboard_at_once, began=began, told=m.time("told_at"))
    if km is not None:
        book.ask(
            began,
            m,
            prohibition.sensors_beyond_50_km_may_be_forbidden,
            deviation_km=km,
            regime=facts.regime,
            observed=facts.observed,
        )
    below = m.text("below_minimum")
    if below:
        book.ask(
            began,
            m,
            prohibition.sensors_below_minimum_height_may_be_forbidden,
            sensors=[below],
            observed=facts.observed,
        )


def left(facts: Facts, book: Book) -> None:
    """VI.I.19 to 21: departure, and the report signed before it and sent after it."""
    done, gone = facts.completion, facts.departure
    if done is not None:
        held = within(facts.regime, "leave_after_completion", done.at, citation="VI.I.20")
        book.duty(
            facts.observing, say("leave from the point of exit"), held, "VI.I.20", done_at=gone.at if gone else None
        )
        if gone is not None:
            book.ask(
                gone.at,
                gone.message,
                arrival.leaves_within_24_hours,
                completed=done.at,
                departed=gone.at,
                regime=facts.regime,
                excuse=gone.message.text("excuse"),
                observing=facts.observing,
            )
            book.set_aside(facts.agreed("VI.I.20"), held.at)
    if gone is not None:
        checked = facts.event("flight.covers", "checked_at", where=lambda m: m.text("stage") == "departure")
        book.ask(
            gone.at,
            gone.message,
            arrival.covers_are_confirmed_before_departure,
            departed=gone.at,
            checked=checked.at if checked else None,
            observed=facts.observed,
        )
    if done is not None:
        _report(facts, book, gone.at if gone else None)


def _report(facts: Facts, book: Book, departed: datetime | None) -> None:
    written, signed = facts.signatures_of_report()
    reports = [m for m in facts.of("report.mission", side="observing") if m.text("part") == "flight"]
    if written is not None:
        book.ask(written.at, written, report.report_is_complete, written.body, observing=facts.observing)
    due = Limit(departed, "by", "VI.I.21") if departed else None
    for side, code in (("observing", facts.observing), ("observed", facts.observed)):
        if facts.privy:
            what = say("sign the mission report at the point of exit, before departure")
            book.duty(code, what, due, "VI.I.21.b", done_at=signed.get(side))
    if departed is None:
        return
    if facts.privy:
        book.ask(
            departed,
            written,
            report.both_sign_before_departure,
            signed_by_observing=signed.get("observing"),
            signed_by_observed=signed.get("observed"),
            departed=departed,
        )
    held = within(facts.regime, "report_within", departed, citation="VI.I.21")
    sent, left_out = _sent_to_all(facts, reports)
    complete = sent if not left_out else None
    what = say("send the mission report to all other Parties")
    book.duty(facts.observing, what, held, "VI.I.21.c", done_at=complete)
    if complete is not None or book.now > held.at:
        book.ask(
            max(held.at, complete) if complete else held.at,
            written,
            report.sends_the_report_within_7_days,
            departed=departed,
            sent=complete,
            regime=facts.regime,
            observing=facts.observing,
        )


def _sent_to_all(facts: Facts, reports: list[Message]) -> tuple[datetime | None, set[str]]:
    """When the last of all other Parties was sent the report, and who was left out."""
    first: dict[str, datetime] = {}
    for m in reports:
        for code in (*m.to, *m.info):
            first.setdefault(code, facts.sent(m))
    day = facts.departure.at.date() if facts.departure else facts.now.date()
    others = {p.code for p in facts.regime_on(day).parties()} - {facts.observing}
    return max((first[c] for c in others if c in first), default=None), others - first.keys()


def recorded(facts: Facts, book: Book) -> None:
    """IX.I and IX.II: seals, development of film, and the observed Party's duplicate."""
    sealed: dict[str, datetime] = {}
    film = False
    facility: str | None = None
    for m in facts.of("data.sealed"):
        at = m.time("sealed_at") or m.at
        for container in m.body.get("containers", ()):
            sealed.setdefault(str(container.get("number")), at)
            film |= container.get("medium") == "film"
        facility = m.text("facility") or facility
        book.ask(at, m, output.media_are_sealed_before_both, both_present=bool(m.flag("both_present")), sealed=at)
        completed = facts.completion.at if facts.completion else None
        book.ask(at, m, output.data_stay_aboard_until_completion, completed=completed, taken_off=at)
    for m in facts.of("data.opened"):
        at = m.time("opened_at") or m.at
        opened = dict.fromkeys(m.texts("containers"), at)
        book.ask(at, m, output.seals_are_opened_as_they_were_closed, sealed=sealed, opened=opened)
        book.ask(at, m, output.media_are_sealed_before_both, both_present=bool(m.flag("both_present")), sealed=at)
    if film:
        _film(facts, book, facility)
    if facts.completion is not None and facts.privy:
        counted = prohibition.counts("cut_short" if facts.completion.message.flag("cut_short") else "completed")
        if counted.data_kept and not facts.of("data.duplicate"):
            what = say("choose a whole or partial first-generation duplicate")
            book.may(facts.observed, what, "IX.II.6", since=facts.completion.at)


def _film(facts: Facts, book: Book, facility: str | None) -> None:
    developed = facts.event("data.developed", "developed_at")
    where = (developed.message.text("facility") if developed else None) or facility or facts.observing
    at_observed = where in facts.observed_side
    gone = facts.departure
    name = "film_observed_facility" if at_observed else "film_observing_facility"
    citation = "IX.II.3.A" if at_observed else "IX.II.3.B"
    start: datetime | None = None
    if gone is not None:
        other = gone.message.time("arrived_at_exit" if at_observed else "left_territory_at")
        start = other or (None if at_observed else gone.at)
    held = within(facts.regime, name, start, citation=citation) if start else None
    done = developed.at if developed else None
    book.duty(where, say("develop the film"), held, citation, done_at=done)
    if developed is not None:
        book.ask(
            developed.at,
            developed.message,
            output.film_is_developed_in_time,
            at_observed_facility=at_observed,
            arrived_at_exit=start,
            left_territory=start,
            developed=done,
            regime=facts.regime,
            developer=where,
        )
        if at_observed and held is not None:
            book.set_aside(facts.agreed("IX.II.3.A"), held.at)
        asked = developed.message.number("observers_asked")
        if asked is not None:
            book.ask(
                developed.at,
                developed.message,
                output.officials_may_watch,
                admitted=developed.message.number("observers_admitted") or 0,
                asked=asked,
                regime=facts.regime,
                developer=where,
            )
