"""What the sensors recorded: seals, film, duplicates, other media, and copies (Article IX, Annex K)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from overflight.flight.book import Book
from overflight.flight.chain import Start, happened, said, stated
from overflight.flight.facts import Event, Facts
from overflight.flight.ledger import counted_of_flown
from overflight.flight.messages import Message
from overflight.rules import designation, film, output
from overflight.rules.finding import Verdict, undetermined
from overflight.rules.timing import within
from overflight.terms.words import say


def recorded(facts: Facts, book: Book) -> None:
    """IX.I to IX.IV: from the seals to the copies of other Parties."""
    facility = _seals(facts, book)
    if any(c.get("medium") == "film" for m in facts.of("data.sealed") for c in m.body.get("containers", ())):
        _film(facts, book, facility)
    _duplicates(facts, book)
    _copies(facts, book)


# Seals (IX.I)


def _seals(facts: Facts, book: Book) -> str | None:
    """The seals closed and opened; answers whose facility is to develop, as far as a message says so."""
    done, found = facts.completion, facts.of("data.sealed")
    if facts.privy and done is not None and (found or facts.departure is None):
        why = happened(say("completion of the observation flight"), done)
        first = found[0].time("sealed_at") or found[0].at if found else None
        what = say("seal the media before both Parties, as soon as practicable")
        book.duty(facts.supplier, what, None, "IX.I.3", why, done_at=first)
    sealed: dict[str, datetime] = {}
    facility: str | None = None
    for m in found:
        at = m.time("sealed_at") or m.at
        for container in m.body.get("containers", ()):
            sealed.setdefault(str(container.get("number")), at)
            _medium(facts, book, m, container)
        facility = m.text("facility") or facility
        book.ask(at, m, output.media_are_sealed_before_both, both_present=bool(m.flag("both_present")), sealed=at)
        completed = done.at if done else None
        book.ask(at, m, output.data_stay_aboard_until_completion, completed=completed, taken_off=at)
        sets = m.number("original_sets")
        if sets is not None:
            rule = film.at_least_one_original_is_recorded
            book.ask(at, m, rule, sets=sets, regime=facts.regime, supplier=facts.supplier_at(m.at))
    for m in facts.of("data.opened"):
        at = m.time("opened_at") or m.at
        opened = dict.fromkeys(m.texts("containers"), at)
        book.ask(at, m, output.seals_are_opened_as_they_were_closed, sealed=sealed, opened=opened)
        book.ask(at, m, output.media_are_sealed_before_both, both_present=bool(m.flag("both_present")), sealed=at)
    return facility


def _medium(facts: Facts, book: Book, m: Message, container: dict[str, object]) -> None:
    """IX.I.1, where the sensor's category is known; formats of disks are for the Commission."""
    medium, sensor = container.get("medium"), str(container.get("sensor") or "")
    category = next((s.category for s in facts.regime.sensors() if s.id == sensor), None)
    kind = {"film": "black and white film", "tape": "magnetic tape"}.get(str(medium))
    if kind is None or category is None:
        return
    at = m.time("sealed_at") or m.at
    found = designation.medium_fits_the_sensor(category=category, medium=kind)
    if medium == "film" and found.verdict is Verdict.COMPLIES:  # the message does not tell one film from another
        why = undetermined(
            say("{category} on film; whether it is black and white is not said", category=category), "medium"
        )
        found = replace(why, citation=found.citation, rule=found.rule, seen=found.seen)
    book.keep(at, m, found)


# Film (IX.II, Annex K)


def _film(facts: Facts, book: Book, facility: str | None) -> None:
    developed = facts.event("data.developed", "developed_at")
    where = (developed.message.text("facility") if developed else None) or facility or facts.observing
    at_observed = where in facts.observed_side
    gone, done = facts.departure, developed.at if developed else None
    name = "film_observed_facility" if at_observed else "film_observing_facility"
    citation = "IX.II.3.A" if at_observed else "IX.II.3.B"
    start, why = _clock(facts, gone, at_observed=at_observed)
    held = within(facts.regime, name, start, citation=citation) if start else None
    book.duty(where, say("develop the film"), held, citation, why, done_at=done)
    strip = facts.event("data.developed", "developed_at", where=lambda m: m.number("strip_steps") is not None)
    what = say("put a test strip or wedge of 21 steps on each roll")
    if developed is None or strip is not None:
        book.duty(where, what, None, "IX.II.5", why, done_at=strip.at if strip else None)
    if developed is None:
        other = facts.observing if at_observed else facts.observed
        book.may(other, say("send up to two officials to watch each step at the facility"), "IX.II.4", why)
        return
    m = developed.message
    book.ask(
        developed.at,
        m,
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
    _quality(facts, book, m, where)


def _clock(facts: Facts, gone: Event | None, *, at_observed: bool) -> tuple[datetime | None, Start]:
    """From when the film's time runs, and why."""
    sealed = facts.of("data.sealed")[0]
    if gone is None:
        return None, said(say("sealing of the film; the time runs once the aircraft has left"), sealed)
    told = gone.message.time("arrived_at_exit" if at_observed else "left_territory_at")
    if told is not None:
        words = say("arrival at the point of exit") if at_observed else say("leaving the observed territory")
        return told, stated(words, gone.message, told)
    if at_observed:
        return None, happened(say("departure; when the aircraft came to the point of exit is not told"), gone)
    return gone.at, happened(say("departure from the point of exit"), gone)


def _quality(facts: Facts, book: Book, m: Message, where: str) -> None:
    """IX.II.1, 2, 4 and 5, AnnK.II.3: who answers for the quality, who watches, the strip, the test."""
    at = max(m.time("developed_at") or m.at, m.at)
    aircraft_of = facts.supplier_at(m.at)
    book.ask(
        at,
        m,
        film.developer_answers_for_the_quality,
        developer=where,
        aircraft_of=aircraft_of,
        observing=facts.observing,
        agreed=facts.agreed_by(at, "IX.II.2"),
    )
    asked = m.number("observers_asked")
    if asked is not None:
        book.ask(
            m.time("developed_at") or m.at,
            m,
            output.officials_may_watch,
            admitted=m.number("observers_admitted") or 0,
            asked=asked,
            regime=facts.regime,
            developer=where,
        )
    rolls = m.number("rolls")
    if m.number("strip_steps") is not None or rolls is not None or m.flag("test_strip") is not None:
        book.ask(
            at,
            m,
            film.strip_is_on_each_roll,
            steps=m.number("strip_steps"),
            rolls=rolls or 0,
            rolls_with_strip=m.number("rolls_with_strip") or (0 if m.flag("test_strip") is False else rolls or 0),
            regime=facts.regime,
            developer=where,
        )
    alike = {f"same_{name}": m.flag(f"{name}_alike") for name in ("cameras", "film", "processing")}
    if None not in alike.values():
        book.ask(at, m, film.duplicate_cameras_are_alike, **alike)
    tested, met = m.time("tested_at"), m.flag("test_meets_data")
    if tested is not None:
        processed = m.time("developed_at") or m.at
        book.ask(at, m, film.film_waits_for_the_test, test_meets_notified_data=met, tested=tested, processed=processed)
    elif met is not None:  # a test that nobody gave the time of
        book.not_recorded(at, m, film.film_waits_for_the_test, say("no time of the test is recorded"), "test")


# Duplicates and other media (IX.II.6 and 7, IX.III)


def _duplicates(facts: Facts, book: Book) -> None:
    made, done = facts.of("data.duplicate"), facts.completion
    if done is not None and facts.privy:
        counted = counted_of_flown(facts, done.message)
        found = output.observed_party_may_choose_a_duplicate(counted=counted.data_kept, observed=facts.observed)
        if found.verdict is not Verdict.RIGHT and not counted.choice:  # while the choice is open, nothing is settled
            book.keep(done.at, done.message, found)
        if found.verdict is Verdict.RIGHT and not made:
            why = happened(say("completion of the observation flight"), done)
            what = say("choose a whole or partial first-generation duplicate")
            book.may(facts.observed, what, "IX.II.6", why, since=min(done.at, facts.now))
    developed = facts.event("data.developed", "developed_at")
    for m in made:
        handed = m.time("handed_over_at")
        if developed is not None and handed is not None and developed.message.at <= m.at:
            book.ask(
                max(handed, m.at),
                m,
                film.duplicate_is_handed_over_at_once,
                developed=developed.at,
                handed_over=handed,
                generation=m.number("generation") or 1,
                agreed=facts.agreed_by(max(handed, m.at), "IX.II.6"),
                observed=facts.observed,
            )
        _who_has_what(facts, book, m)


def _who_has_what(facts: Facts, book: Book, m: Message) -> None:
    aircraft_of = facts.supplier_at(m.at)
    sets, original = m.number("original_sets"), m.text("original_to")
    if sets is not None:
        rule = film.party_without_the_aircraft_picks_first
        book.ask(m.at, m, rule, sets=sets, aircraft_of=aircraft_of, picked_first=m.text("picked_first"))
    if original is not None:
        book.ask(
            m.at,
            m,
            film.original_is_the_observing_partys,
            original_to=original,
            copy_to=m.text("for_party"),
            observing=facts.observing,
            observed=facts.observed,
        )
    wanted, given = m.text("radar_form_wanted"), m.text("radar_form_given")
    if wanted is not None and given is not None:
        book.ask(
            m.at,
            m,
            film.form_of_radar_data_is_the_others_choice,
            wanted=wanted,
            given=given,
            chosen_by=m.text("radar_form_chosen_by") or "",
            aircraft_of=aircraft_of,
        )


# Copies (IX.IV)


def _copies(facts: Facts, book: Book) -> None:
    """IX.IV.1: any Party may ask; the observing Party delivers, in no fixed time. Who has left has no such right."""
    done, today = facts.completion, facts.regime_on(facts.now.date())
    if done is not None and counted_of_flown(facts, done.message).data_kept:
        why = happened(say("completion of the observation flight"), done)
        who = facts.viewer if facts.viewer is not None and facts.viewer != facts.observing else facts.observed
        what = say("ask the observing Party for first-generation copies, as any Party may")
        if today.is_party(who):
            book.may(who, what, "IX.IV.1", why, since=min(done.at, facts.now))
    answers = facts.of("data.delivery", "data.refusal")
    for m in facts.of("data.request"):
        if facts.viewer not in (None, facts.observing, m.sender):
            continue
        told = next((a for a in answers if any(rid == m.rid for _, rid in a.refs) or m.sender in a.to), None)
        decided = told.at if told else facts.now
        if not facts.regime_on(decided.date()).is_party(m.sender):  # of a Party the right stands above
            book.ask(m.at, m, output.a_party_may_have_copies, asking=m.sender, asked_on=m.at.date(),
                     decided_on=decided.date(), regime_on=facts.regime_on)  # fmt: skip
        if not facts.regime_on(m.at.date()).is_party(m.sender) or (told is None and not today.is_party(m.sender)):
            continue  # no right; or asked as a Party and left since, of which the text is silent
        what = say("deliver the copies that {party} asked for, or say why not", party=m.sender)
        why = said(say("request for copies"), m)
        book.duty(facts.observing, what, None, "IX.IV.1", why, done_at=told.at if told else None)
