"""What goes on around the flight: transit, briefing, equipment, demonstration, stops on the way, emergencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from overflight.flight.book import Book
from overflight.flight.chain import happened, said, stated
from overflight.flight.facts import Event, Facts
from overflight.flight.messages import Message
from overflight.rules import airfields, conduct, demonstration, designation, people, transit
from overflight.rules.clocks import clock
from overflight.rules.finding import Verdict
from overflight.terms.words import say


def _open(facts: Facts) -> bool:
    """Whether the flight has neither started nor been stopped."""
    return facts.take_off is None and facts.stopped is None


# Transit (Article VII, OSCC Decision 22/02)


def on_the_way(facts: Facts, book: Book) -> None:
    """VII.1 to 3, and the legs of Decision 22/02 over States that are not observed."""
    crossed = facts.notice.texts("transited")
    if crossed and facts.arrival is None and facts.stopped is None:
        what = say("cross {parties} on the way, with sensors off", parties=", ".join(crossed))
        book.may(facts.observing, what, "VII.2.a", said(say("notice of the transit"), facts.notice))
    for m in facts.of("flight.transit"):
        _over(facts, book, m, m.text("over") or "")
        _leg(facts, book, m, m.text("over") or "")


def _over(facts: Facts, book: Book, m: Message, over: str) -> None:
    regime = facts.regime
    begins, refused, routes = m.text("starts_in"), m.flag("refused"), m.flag("on_routes")
    if begins is not None:
        rule = transit.transit_starts_in_a_party
        book.ask(m.at, m, rule, start=begins, observing=facts.observing, regime=regime)
    if refused is not None and not m.flag("needed_leg"):
        book.ask(m.at, m, transit.accepts_transit, refused=refused, by=over, regime=regime)
    if routes is not None or m.flag("obeyed_control") is not None:
        book.ask(
            m.at,
            m,
            transit.transit_follows_recognised_routes,
            on_routes=routes is not False,
            agreed=bool(m.flag("routes_agreed")),
            obeyed_control=m.flag("obeyed_control") is not False,
            observing=facts.observing,
        )
    ran = m.flag("sensors_ran")
    if ran is not None:
        book.ask(m.at, m, transit.sensors_are_off_in_transit, sensors_ran=ran, observing=facts.observing)
    landed, left = m.time("landed_at"), m.time("left_at")
    if landed is None:
        return
    checked = m.time("checked_before")
    why = stated(say("landing on the way"), m, landed)
    what = say("check the sensor covers after landing and before departure")
    book.duty(over, what, None, "VII.3.b", why, done_at=checked)
    if left is not None:
        found = transit.covers_are_checked_at_a_stop(
            landed=landed, checked_after=m.time("checked_after"), checked_before=checked, left=left, at=over
        )
        lacking = found.seen.get("missing", ())
        if lacking:  # a check that nobody recorded may have been made
            because = say("not recorded: {names}", names=", ".join(lacking))
            found = replace(found, verdict=Verdict.UNDETERMINED, because=because, missing=tuple(lacking))
        book.keep(max(left, m.at), m, found)


def _leg(facts: Facts, book: Book, m: Message, over: str) -> None:
    regime, asked, done = facts.regime, m.time("details_asked_at"), m.time("coordinated_at")
    if m.flag("needed_leg"):
        book.ask(
            m.at,
            m,
            transit.accepts_a_leg_that_is_needed,
            needed=True,
            coordinated=done is not None,
            refused=bool(m.flag("refused")),
            by=over,
            regime=regime,
        )
    if asked is not None:
        given = m.time("details_given_at")
        why = stated(say("request for transit details"), m, asked)
        book.duty(over, say("answer with transit details"), clock(regime, "D22.4", asked), "D22.4", why, done_at=given)
        rule = transit.answers_with_transit_details_within_72_hours
        book.ask(m.at, m, rule, asked=asked, answered=given, by=over, regime=regime)
    original = facts.talks.original
    if done is not None and original is not None:
        ends = transit.coordination_ends_before_the_plan
        book.ask(max(m.at, original.at), m, ends, coordinated=done, submitted=original.at, regime=regime)


# Briefing, services, equipment


def served(facts: Facts, book: Book) -> None:
    """VI.I.13, VI.I.17 and XIII.I.3: what the observed Party gives the crew, provides on request, and its visas."""
    found = facts.of("flight.services")
    briefed = next((m for m in found if m.texts("briefing")), None)
    there = facts.arrival
    if there is not None and facts.privy and (briefed is not None or _open(facts)):
        why = happened(say("arrival at the point of entry"), there)
        done = (briefed.time("given_at") or briefed.at) if briefed else None
        what = say("give the crew weather, navigation and safety data, and NOTAMs")
        book.duty(facts.observed, what, None, "VI.I.13", why, done_at=done)
    if there is not None and facts.privy and facts.departure is None and facts.stopped is None:
        what = say("ask for a calibration target, fuel and service, meals and lodging")
        book.may(facts.observing, what, "VI.I.17", happened(say("arrival at the point of entry"), there))
    for m in found:
        at = max(m.time("given_at") or m.at, m.at)
        if m.texts("briefing"):
            rule = conduct.briefing_is_given_on_arrival
            book.ask(at, m, rule, given=m.texts("briefing"), observed=facts.observed)
        refused = m.texts("refused")
        if m.texts("asked_for") or refused:
            book.ask(
                at,
                m,
                conduct.services_are_provided,
                asked_for=m.texts("asked_for"),
                provided=[item for item in conduct.SERVICES if item not in refused],
                observed=facts.observed,
            )
    if there is not None:
        _visas(facts, book, there, found)


def _visas(facts: Facts, book: Book, there: Event, found: Sequence[Message]) -> None:
    """XIII.I.3: who comes without a visa has one within an hour; one given before, or by agreement, is in order."""
    here_at = facts.event("flight.services", "visas_at", where=lambda m: (m.time("visas_at") or m.at) >= there.at)
    lacking = next((m for m in found if m.flag("visas_lacking")), None)
    about, issued = (here_at.message, here_at.at) if here_at else (lacking, None)
    if about is None:
        return
    held = clock(facts.regime, "XIII.I.3.B", there.at)
    why = happened(say("arrival at the point of entry"), there)
    what = say("give visas to those who came without")
    book.duty(facts.observed, what, held, "XIII.I.3.B", why, done_at=issued)
    if issued is not None or book.now > held.at:
        here = facts.regime_on(book.now.date())
        at = max(issued, about.at) if issued is not None else held.at
        rule = people.visa_comes_within_an_hour
        book.ask(at, about, rule, arrived=there.at, issued=issued, regime=here, observed=facts.observed)
        book.set_aside(facts.agreed("XIII.I.3.B", "XIII.I.3.C"), held.at)


def equipped(facts: Facts, book: Book) -> None:
    """AnnE.7 and AnnE.8: the inventory of equipment, an hour to begin and an hour to end."""
    for m in facts.of("flight.inventory"):
        arrived, begun, ended = m.time("arrived_at") or m.at, m.time("begun_at"), m.time("ended_at")
        who = m.text("inspecting") or m.sender
        why = stated(say("arrival of the equipment"), m, arrived)
        held = clock(facts.regime, "AnnE.7#start", arrived)
        book.duty(who, say("begin the inventory of equipment"), held, "AnnE.7", why, done_at=begun)
        if begun is not None:
            why = stated(say("begin of the inventory"), m, begun)
            held = clock(facts.regime, "AnnE.7#end", begun)
            book.duty(who, say("end the inventory of equipment"), held, "AnnE.7", why, done_at=ended)
        book.ask(
            m.at,
            m,
            airfields.inventory_starts_and_ends_in_an_hour_each,
            arrived=arrived,
            inventory_begun=begun,
            inventory_ended=ended,
            regime=facts.regime,
            inspecting=who,
        )
        if m.texts("unlisted"):
            rule = airfields.unlisted_items_are_sealed_or_refused
            book.ask(m.at, m, rule, unlisted=m.texts("unlisted"), sealed=m.texts("sealed"))


def inspected(facts: Facts, book: Book, m: Message, *, by_observing: bool) -> None:
    """AnnF.I.7 and I.8, AnnF.II.7, IV.7: what the inspectors used, left aboard, and found."""
    if m.texts("equipment"):
        rule_ = demonstration.inspection_uses_listed_equipment
        book.ask(m.at, m, rule_, equipment=m.texts("equipment"), by_observing=by_observing)
    out, signals = m.flag("all_out"), m.flag("other_signals")
    if out is not None:
        if by_observing:
            rule = demonstration.equipment_in_the_observed_partys_aircraft_may_prohibit
            found = book.ask(m.at, m, rule, all_out=out, observed=facts.observed)
        else:
            choice = demonstration.equipment_that_cannot_be_shown_out_gives_a_choice
            found = book.ask(m.at, m, choice, all_out=out, observing=facts.observing)
        if found.verdict is Verdict.RIGHT and found.actor and _open(facts):
            book.may(found.actor, found.because, found.citation, said(say("report of the inspection"), m), since=m.at)
    if signals is not None:
        book.ask(m.at, m, designation.records_no_other_signals, needed_for_sensors_or_flight=not signals)


# The demonstration flight (Annex F, Section III)


def demonstrated(facts: Facts, book: Book) -> None:
    """AnnF.III: who may ask for it, its two hours, and what follows where it does not satisfy."""
    found = facts.of("flight.demonstration")
    done = facts.of("flight.inspection")
    if done and not found and facts.demonstration_by is None and _open(facts):
        who = facts.observing if facts.taxi else facts.observed
        why = said(say("end of the inspection"), done[0])
        book.may(who, say("ask for a demonstration flight"), "AnnF.III.1-2", why, since=done[0].at)
    for m in found:
        _one_demonstration(facts, book, m, inspected=any(i.at <= m.at for i in done))
    for m in done:
        began, ended = m.time("demonstration_from"), m.time("demonstration_until")
        if began is not None and ended is not None:
            rule = demonstration.demonstration_lasts_at_most_2_hours
            book.ask(max(ended, m.at), m, rule, started=began, ended=ended, regime=facts.regime)


def _one_demonstration(facts: Facts, book: Book, m: Message, *, inspected: bool) -> None:
    asked_by = m.text("asked_by") or m.sender
    side = facts.side_of.get(asked_by)
    who = {"observing": facts.observing, "observed": facts.observed}.get(side or "", asked_by)
    book.ask(
        m.at,
        m,
        demonstration.demonstration_is_asked_for_by_the_other_side,
        asked_by=who,
        supplier=facts.supplier_at(m.at),
        inspected=inspected,
        observing=facts.observing,
        observed=facts.observed,
    )
    began, ended = m.time("started_at"), m.time("ended_at")
    if began is not None:
        why = stated(say("start of the demonstration flight"), m, began)
        held = clock(facts.regime, "AnnF.III.3.B", began)
        book.duty(facts.supplier, say("end the demonstration flight"), held, "AnnF.III.3.B", why, done_at=ended)
    if began is not None and ended is not None:
        book.ask(
            max(ended, m.at),
            m,
            demonstration.demonstration_lasts_at_most_2_hours,
            started=began,
            ended=ended,
            excused_min=float(m.number("excused_min") or 0),
            regime=facts.regime,
        )
    satisfied = m.flag("satisfied")
    if satisfied is not None:
        _judged(facts, book, m, satisfied, side)


def _judged(facts: Facts, book: Book, m: Message, satisfied: bool, side: str | None) -> None:
    if side == "observing":
        rule = demonstration.observing_party_may_choose_after_an_unsatisfactory_demonstration
        found = book.ask(m.at, m, rule, satisfied=satisfied, observing=facts.observing)
    else:
        found = book.ask(
            m.at,
            m,
            demonstration.observed_party_may_act_on_an_unsatisfactory_sensor,
            satisfied=satisfied,
            act=m.text("act"),
            depends_on_height=m.flag("depends_on_height"),
            observed=facts.observed,
        )
    if found.verdict is Verdict.RIGHT and found.actor and _open(facts):
        book.may(found.actor, found.because, found.citation, said(say("demonstration flight"), m), since=m.at)


def stopped_after_demonstration(facts: Facts, book: Book) -> None:
    """AnnF.III.8: who asked for the demonstration and then stops the flight takes it to the Commission."""
    stop, asked = facts.stopped, facts.demonstration
    if stop is None or asked is None:
        return
    asked_by, m = asked
    if stop.at < m.at or facts.side_of.get(stop.sender) != facts.side_of.get(asked_by):
        return
    told = next((d for d in facts.of("flight.demonstration") if d.flag("told_oscc")), None)
    why = said(say("flight stopped after the demonstration flight"), stop)
    what = say("take the stopped flight to the Commission")
    book.duty(stop.sender, what, None, "AnnF.III.8", why, done_at=told.at if told else None)
    book.ask(
        max(stop.at, told.at) if told else stop.at,
        m,
        demonstration.who_stops_after_a_demonstration_tells_the_commission,
        stopped_by=stop.sender,
        asked_by=stop.sender,
        told_oscc=True if told else None,
    )


# In the air


def on_the_ground_between(facts: Facts, book: Book) -> None:
    """VI.II.3 and VI.I.17: stops for fuel or rest within the flight."""
    for m in facts.of("flight.stop"):
        landed, left = m.time("landed_at") or m.at, m.time("left_at")
        later = [s for s in facts.of("flight.stop") if s.text("airfield") == m.text("airfield") and s.time("left_at")]
        left = left or next((s.time("left_at") for s in later if (s.time("left_at") or landed) >= landed), None)
        why = stated(say("landing at {icao}", icao=m.text("airfield")), m, landed)
        if left is not None or facts.completion is None:
            book.duty(facts.observed, say("provide fuel and service"), None, "VI.I.17", why, done_at=left)
        if left is None and facts.completion is None:
            what = say("continue the observation flight as the plan says")
            book.may(facts.observing, what, "VI.II.3", why, since=landed)


def in_distress(facts: Facts, book: Book) -> None:
    """Article VIII, Section III, and Article XII: help, search, investigation, return, damage."""
    for m in facts.of("flight.emergency"):
        began = m.time("began_at") or m.at
        accident = m.text("nature") == "accident"
        why = stated(say("accident") if accident else say("emergency"), m, began)
        rest = "VIII.III.3-5"
        wanted: list[tuple[str, str, datetime | None]] = [
            (say("give full help in distress, to the nearest suitable airfield"), "VIII.III.1-2", m.time("helped_at"))
        ]
        if accident:
            wanted.append((say("conduct search and rescue"), rest, m.time("searched_at")))
            wanted.append((say("investigate, with the observing Party"), rest, m.time("investigated_at")))
        if m.flag("return_asked"):
            wanted.append((say("return wreckage and sensors"), rest, m.time("returned_at")))
        for what, citation, done in wanted:
            book.duty(facts.observed, what, None, citation, why, done_at=done)
        if accident:
            book.may(facts.observing, say("take part in the investigation"), rest, why, since=m.at)
        if m.text("damage_caused_by"):
            book.ask(
                m.at,
                m,
                conduct.damage_is_compensated,
                caused_by=m.text("damage_caused_by"),
                compensated=m.flag("compensated"),
            )
