"""The aircraft that flies, whose it is, and the people aboard, as notice and acknowledgement state them.

Each rule is asked where a message states its facts; what nobody states is not guessed (VI.I.1, VI.I.2, VI.III,
Articles V and XIII, Annex G).
"""

from __future__ import annotations

from typing import Any

from overflight.flight.book import Book
from overflight.flight.chain import happened
from overflight.flight.facts import NOTICE_TO_ALL, Facts
from overflight.flight.messages import Message
from overflight.rules import conduct, designation, people
from overflight.rules.arrival import completion_limit
from overflight.rules.finding import Verdict
from overflight.rules.notification import flies_over_a_party_only
from overflight.terms.moment import parse_day
from overflight.terms.words import say

_PLACES = ("aboard", "interpreters", "at_stations")


def aircraft(facts: Facts, book: Book) -> None:
    """VI.I.1, VI.I.2, IV.9, IV.11 and V.5: whose aircraft flies, designated and certified, how far, with how many.

    What a notice states of its aircraft is judged whether or not the observed Party then supplies its own, so that
    no later act unmakes a finding.
    """
    ack = facts.first("flight.ack", side="observed")
    _still_parties(facts, book)
    for m in _notices(facts):
        _designated(facts, book, m, flies=not facts.taxi and m is facts.notice)
        _borrowed(facts, book, m)
        _room(facts, book, m, ack if not facts.taxi and m is facts.notice else None)
    if facts.taxi and ack is not None:
        _designated(facts, book, ack, flies=True)
        _provided(facts, book, ack)
        _room(facts, book, ack, facts.notice)


def _still_parties(facts: Facts, book: Book) -> None:
    """I.1: both are Parties on the day of the flight itself, not only on that of the notice."""
    begun = facts.take_off or facts.completion
    if begun is not None and begun.at.date() != facts.notice.at.date():
        here = facts.regime_on(begun.at.date())
        found = flies_over_a_party_only(observing=facts.observing, observed=facts.observed, regime=here)
        if found.verdict is Verdict.BREACHES:  # that they were Parties is said once already, of the day of the notice
            book.keep(begun.at, begun.message, found)


def _room(facts: Facts, book: Book, m: Message, other: Message | None) -> None:
    """V.5: seats for the crew, the other side's people, and on a third Party's aircraft this side's too."""
    seats, crew = m.number("seats"), m.number("crew")
    if seats is None or crew is None:
        return
    others = sum(_counts(other)) if other is not None else 0
    if m.kind == "flight.notification" and _third_partys(facts):
        others += sum(_counts(m))
    book.ask(m.at, m, designation.aircraft_has_room_for_all_aboard, seats=seats, crew=crew, others=others)


def _designated(facts: Facts, book: Book, m: Message, *, flies: bool) -> None:
    """By the last day on which the flight can be complete and, once it flies, by the day itself."""
    last = completion_limit(facts.eta, facts.regime).at
    days = [(m.at, last.date())]
    if flies and facts.take_off is not None:
        days.append((facts.take_off.at, facts.take_off.at.date()))
    for at, day in days:
        if m.text("designated_on"):
            on = parse_day(m.text("designated_on") or "")
            book.ask(at, m, designation.flies_a_designated_aircraft, designated=on, flown=day)
        if m.text("certified_on"):
            on = parse_day(m.text("certified_on") or "")
            book.ask(at, m, designation.sensor_type_is_certified, certified=on, used=day)


def _borrowed(facts: Facts, book: Book, m: Message) -> None:
    """VI.I.2: an aircraft that another Party designated, a partner in a shared flight included."""
    by = m.text("designated_by")
    if by is not None and by not in facts.observing_side:
        book.ask(
            m.at,
            m,
            designation.uses_another_partys_aircraft_by_arrangement,
            arranged=m.flag("arranged"),
            designated_by=by,
            regime=facts.regime_on((m.time("eta") or facts.eta).date()),
            observing=facts.observing,
        )


def _provided(facts: Facts, book: Book, m: Message) -> None:
    """An aircraft that the observed Party supplies: its own, far enough, every sensor."""
    observed = {"observed": facts.observed}
    by = m.text("designated_by")
    if by is not None:
        rule = designation.observed_party_has_the_first_choice_of_aircraft
        own = by in facts.observed_side
        book.ask(m.at, m, rule, has_designated_one=own, chose_in_acknowledgement=True, **observed)
    range_m, distance_m = m.number("range_m"), facts.notice.number("distance_m")
    if range_m is not None and distance_m is not None:
        book.ask(
            m.at,
            m,
            designation.provided_aircraft_flies_half_the_distance_unrefuelled,
            range_km=range_m / 1000,
            notified_km=distance_m / 1000,
            regime=facts.regime,
            **observed,
        )
    if m.texts("categories"):
        radar = m.number("radar_resolution_mm")
        book.ask(
            m.at,
            m,
            designation.provided_aircraft_has_every_category,
            categories=m.texts("categories"),
            radar_resolution_m=radar / 1000 if radar is not None else None,
            agreed=facts.agreed_by(m.at, "IV.9"),
            regime=facts.regime,
            **observed,
        )


def those_aboard(facts: Facts, book: Book) -> None:
    """VI.III, VI.I.7, VI.I.12, Annex G and XIII: how many of the other side fly, who leads them, who they are."""
    notice, ack = facts.notice, facts.first("flight.ack", side="observed")
    flying = ack if facts.taxi and ack is not None else notice
    stations = flying.number("stations")
    if facts.taxi:
        _places(facts, book, notice, people.observing_party_may_have_representatives_aboard, "VI.III.4", stations)
    elif ack is not None:
        _monitors(facts, book, ack, stations)
    if _third_partys(facts):
        rule = people.observing_party_may_have_people_on_a_third_partys_aircraft
        _places(facts, book, notice, rule, "VI.III.5", notice.number("stations"))
    if ack is not None and not facts.taxi:
        _chief(book, ack, facts.observed_side, facts.observed)
    if facts.taxi or _third_partys(facts):
        _chief(book, notice, facts.all_observing, facts.observing)
    if notice.texts("nationalities"):
        on = facts.regime_on(facts.eta.date())
        book.ask(
            notice.at,
            notice,
            conduct.people_of_other_parties_may_come,
            nationalities=notice.texts("nationalities"),
            regime=on,
        )
    if ack is not None and notice.texts("languages") and ack.texts("languages"):
        book.ask(
            ack.at,
            ack,
            people.crew_speaks_a_notified_language,
            spoken=notice.texts("languages"),
            notified=ack.texts("languages"),
            observing=facts.observing,
        )
    listed, objected = notice.number("listed"), ack.number("objected_to") if ack else None
    if listed is not None or objected is not None:
        book.ask(
            notice.at if objected is None or ack is None else ack.at,
            notice,
            people.people_of_the_flight_are_accepted,
            people=notice.number("people") or 0,
            listed=listed,
            objected_to=objected or 0,
            observing=facts.observing,
        )


def immunities(facts: Facts, book: Book) -> None:
    """XIII.II.2: privileges and immunities of the people, from their arrival to their departure."""
    if facts.arrival is None or not facts.privy:
        return
    until = facts.departure.at if facts.departure else None
    what = say("its designated people have privileges and immunities until they depart")
    why = happened(say("arrival"), facts.arrival)
    book.may(facts.observing, what, "XIII.II.2", why, since=facts.arrival.at, until=until)


def _monitors(facts: Facts, book: Book, ack: Message, stations: int | None) -> None:
    """VI.III.1, or VI.III.2 where the aircraft is small and the flight short."""
    mass, distance_m = facts.notice.number("mass_kg"), facts.notice.number("distance_m")
    if mass is not None and distance_m is not None and _stated(ack):
        found = book.ask(
            ack.at,
            ack,
            people.small_aircraft_takes_fewer_monitors,
            mass_kg=mass,
            notified_km=distance_m / 1000,
            agreed=facts.agreed_by(ack.at, "VI.III.2"),
            regime=facts.regime,
            observed=facts.observed,
            **_asked(ack),
        )
        if found.seen.get("small") is not False:
            return
    _places(facts, book, ack, people.observed_party_may_have_monitors_aboard, "VI.III.1", stations)


def _places(facts: Facts, book: Book, m: Message, rule: Any, citation: str, stations: int | None) -> None:
    if not _stated(m):
        return
    more: dict[str, Any] = {"agreed": facts.agreed_by(m.at, citation), "regime": facts.regime}
    if citation == "VI.III.1":
        more["observed"] = facts.observed
    else:
        more |= {"observing": facts.observing, "parties": len(facts.observing_parties)}
    # without the number of stations the people at them are taken to be one each
    places = stations if stations is not None else m.number("at_stations") or 0
    book.ask(m.at, m, rule, stations=places, **_asked(m), **more)


def _chief(book: Book, m: Message, side: frozenset[str], sends: str) -> None:
    chief = m.text("chief")
    if chief is not None:
        of = chief if chief in side else sends
        book.ask(m.at, m, people.chief_is_a_national, nationality=chief, sends=of)


def _asked(m: Message) -> dict[str, int]:
    return {"people": m.number("aboard") or 0, **{n: m.number(n) or 0 for n in _PLACES[1:]}}


def _counts(m: Message) -> tuple[int, ...]:
    return tuple(m.number(name) or 0 for name in _PLACES)


def _stated(m: Message) -> bool:
    return any(m.number(name) is not None for name in _PLACES)


def _third_partys(facts: Facts) -> bool:
    by = facts.notice.text("designated_by")
    return by is not None and by not in facts.side_of and by not in facts.partners


def _notices(facts: Facts) -> tuple[Message, ...]:
    """Every notice to the observed Party, or where only that to all others is seen, that one."""
    own = tuple(m for m in facts.notices if m.text("notice") != NOTICE_TO_ALL)
    return own or (facts.notice,)
