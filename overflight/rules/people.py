"""Article VI, Section III, Article XIII and Annex G: the people aboard, and the lists that they stand on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.clocks import clock, keeps_the_clock
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.rules.timing import rows
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def _places(
    asked: tuple[int, int, int], *, stations: int, regime: Regime, agreed: bool, actor: str | None, parties: int = 1
) -> Finding:
    """Two monitors or representatives, an interpreter, and one for each sensor control station.

    `parties` is how many Parties share the flight: whether each has these places, or all together, the text does
    not say.
    """
    people, interpreters, at_stations = asked
    two, one = regime.value("personnel_aboard", of="monitor"), regime.value("personnel_aboard", of="interpreter")
    limits = {"people": int(two.value), "interpreters": int(one.value), "at_stations": stations}
    seen = {"people": people, "interpreters": interpreters, "at_stations": at_stations, "stations": stations}
    more: dict[str, Any] = {
        "actor": actor,
        "seen": seen,
        "limit": sum(limits.values()),
        "data": (two.to_json(), one.to_json()),
    }
    over = [name for name, most in limits.items() if seen[name] > most]
    if over and not agreed:
        shown = ", ".join(f"{name} {seen[name]} > {limits[name]}" for name in over)
        if all(seen[name] <= parties * limits[name] for name in over):
            return _places_of_each(shown, parties, more)
        return breaches(say("no right to so many: {shown}", shown=shown), **more)
    return right(say("{n} may be aboard, unless agreed otherwise", n=sum(asked)), **more)


def _places_of_each(shown: str, parties: int, more: dict[str, Any]) -> Finding:
    together = say("no right to so many: {shown}", shown=shown)
    each = say("each of {n} Parties has the places of an observing Party", n=parties)
    return silent(
        say("{shown} for {n} observing Parties: the text does not say whether each has these places or all together",
            shown=shown, n=parties),
        under=(
            {"reading": "together", "verdict": "breaches", "because": together},
            {"reading": "each", "verdict": "right", "because": each},
        ),
        **{**more, "seen": {**more["seen"], "parties": parties}},
    )  # fmt: skip


@rule("VI.III.1")
def observed_party_may_have_monitors_aboard(
    *,
    people: int,
    interpreters: int,
    at_stations: int,
    stations: int,
    agreed: bool = False,
    regime: Regime,
    observed: str | None = None,
) -> Finding:
    """Aboard the observing Party's aircraft: two flight monitors, one interpreter, one at each sensor station."""
    asked = (people, interpreters, at_stations)
    return _places(asked, stations=stations, regime=regime, agreed=agreed, actor=observed)


@rule("VI.III.2")
def small_aircraft_takes_fewer_monitors(
    *,
    mass_kg: float,
    notified_km: float,
    people: int,
    interpreters: int,
    at_stations: int,
    agreed: bool = False,
    regime: Regime,
    observed: str | None = None,
) -> Finding:
    """An aircraft of at most 35,000 kg on a flight of at most 1,500 km need take none at the stations.

    Both conditions are needed; exactly at either limit it still counts as small.
    """
    mass, far = regime.value("small_aircraft_mass"), regime.value("small_aircraft_distance")
    if mass_kg > mass.value or notified_km > far.value:
        return complies(
            say("{kg:g} kg and {km:g} km: no small aircraft on a short flight; VI.III.1 holds", kg=mass_kg,
                km=notified_km),
            seen={"small": False},
            data=rows(regime, "small_aircraft_mass", "small_aircraft_distance"),
        )  # fmt: skip
    asked = (people, interpreters, at_stations)
    return _places(asked, stations=0, regime=regime, agreed=agreed, actor=observed)


@rule("VI.III.4")
def observing_party_may_have_representatives_aboard(
    *,
    people: int,
    interpreters: int,
    at_stations: int,
    stations: int,
    agreed: bool = False,
    parties: int = 1,
    regime: Regime,
    observing: str | None = None,
) -> Finding:
    """Aboard the observed Party's aircraft: two flight representatives, one interpreter, one at each station."""
    asked = (people, interpreters, at_stations)
    return _places(asked, stations=stations, regime=regime, agreed=agreed, actor=observing, parties=parties)


@rule("VI.III.5")
def observing_party_may_have_people_on_a_third_partys_aircraft(
    *,
    people: int,
    interpreters: int,
    at_stations: int,
    stations: int,
    agreed: bool = False,
    parties: int = 1,
    regime: Regime,
    observing: str | None = None,
) -> Finding:
    """Aboard a third Party's aircraft: two representatives, one interpreter, one at each station."""
    asked = (people, interpreters, at_stations)
    return _places(asked, stations=stations, regime=regime, agreed=agreed, actor=observing, parties=parties)


@rule("VI.I.12")
def crew_speaks_a_notified_language(
    *, spoken: Collection[str], notified: Collection[str], observing: str | None = None
) -> Finding:
    """At least one of the crew speaks a language that the observed Party notified."""
    common = sorted(set(spoken) & set(notified))
    seen = {"spoken": sorted(spoken), "notified": sorted(notified)}
    if common:
        return complies(say("the crew speaks {names}", names=", ".join(common)), actor=observing, seen=seen)
    return breaches(say("nobody of the crew speaks a notified language"), actor=observing, seen=seen)


@rule("AnnG.I.2")
def chief_is_a_national(*, nationality: str, sends: str) -> Finding:
    """The chief monitor is a national of the observed Party, the chief representative of the observing Party."""
    seen = {"nationality": nationality, "sends": sends}
    if nationality == sends:
        return complies(say("the chief is a national of {code}", code=sends), actor=sends, seen=seen)
    return breaches(say("the chief is a national of {a}, not of {b}", a=nationality, b=sends), actor=sends, seen=seen)


# Article XIII, Section I


@rule("XIII.I.1.a")
def list_comes_with_the_instrument(
    *, deposited: datetime, listed: datetime | None, regime: Regime, actor: str | None = None
) -> Finding:
    """With its instrument of ratification a Party sends all others its list of designated personnel."""
    return keeps_the_clock(
        "XIII.I.1#first", trigger=deposited, event=listed, regime=regime, actor=actor, what=say("list of personnel")
    )


@rule("XIII.I.1.b")
def list_holds_at_most_400(*, persons: int, regime: Regime, actor: str | None = None) -> Finding:
    """A Party's list holds no more than 400 persons at any time."""
    held = regime.value("personnel_list")
    answer = complies if persons <= held.value else breaches
    return answer(
        say("{n} persons; at most {limit}", n=persons, limit=held),
        actor=actor,
        seen={"persons": persons},
        limit=held.value,
        data=rows(regime, "personnel_list"),
    )


@rule("XIII.I.1.c")
def list_is_amended_no_sooner_than_allowed(
    *,
    amended: datetime,
    in_force_since: datetime,
    last_amended: datetime | None,
    regime: Regime,
    actor: str | None = None,
) -> Finding:
    """A list is amended freely until 30 days after entry into force, and then once in six months.

    An amendment in the free time uses up nothing of what comes after it.
    """
    free = clock(regime, "XIII.I.1#amend", in_force_since)
    if free.held_by(amended):
        return complies(say("lists are amended freely until {day}", day=readable(free.at)), actor=actor)
    if last_amended is None or free.held_by(last_amended):
        return complies(say("the first amendment after the free time"), actor=actor)
    return keeps_the_clock(
        "XIII.I.1#period", trigger=last_amended, event=amended, regime=regime, actor=actor, what=say("amendment")
    )


@rule("XIII.I.2.a")
def person_is_accepted_unless_objected_to_in_30_days(
    *, received: datetime, objected: datetime | None, now: datetime, regime: Regime, reviewing: str | None = None
) -> Finding:
    """A Party may object to a person within 30 days of the list; silence then is acceptance.

    A later objection is allowed too, and takes the person off the list from then on (XIII.I.2.b). `accepted` in the
    answer says how the person stands at `now`.
    """
    held = clock(regime, "XIII.I.2", received)
    heard = objected if objected is not None and objected <= now else None
    open_ = held.held_by(now)
    seen: dict[str, Any] = {"received": rfc3339(received), "objected": rfc3339(objected) if objected else None}
    more: dict[str, Any] = {
        "actor": reviewing,
        "seen": {**seen, "accepted": False if heard else None if open_ else True},
        "limit": rfc3339(held.at),
        "data": rows(regime, "personnel_objection"),
    }
    if heard:
        if held.held_by(heard):
            return complies(say("objected to in time: the person is not accepted"), **more)
        return complies(say("objected to later: the person is off the list from {day}", day=readable(heard)), **more)
    if open_:
        return right(say("an objection is possible until {day}", day=readable(held.at)), **more)
    return complies(say("nobody objected by {day}: the person is accepted", day=readable(held.at)), **more)


@rule("XIII.I.2.a")
def people_of_the_flight_are_accepted(
    *, people: int, listed: int | None, objected_to: int = 0, observing: str | None = None
) -> Finding:
    """The people of a flight stand on a list of designated personnel, and the observed Party does not object to them.

    `listed` is how many of them stand on such a list, `objected_to` to how many the observed Party objected.
    """
    seen = {"people": people, "listed": listed, "objected_to": objected_to}
    if objected_to:
        return breaches(say("{n} people are not accepted", n=objected_to), actor=observing, seen=seen)
    if listed is None:
        return undetermined(say("whether they stand on a list is not known"), "listed", actor=observing, seen=seen)
    if listed < people:
        return breaches(say("{n} people stand on no list", n=people - listed), actor=observing, seen=seen)
    return complies(
        say("all {n} people stand on a list, and no objection is stated", n=people), actor=observing, seen=seen
    )


@rule("XIII.I.2.b")
def a_later_objection_has_effect_from_then_on(*, objected: datetime, flown: datetime) -> Finding:
    """A Party may object to an accepted person at any time; it works for the future and not backwards."""
    seen = {"objected": rfc3339(objected), "flown": rfc3339(flown)}
    if flown < objected:
        return complies(say("the flight was before the objection"), seen=seen)
    return breaches(say("the person was off the list for that Party since {day}", day=readable(objected)), seen=seen)


@rule("XIII.I.3.A")
def visa_comes_within_30_days(
    *, accepted: datetime, issued: datetime | None, regime: Regime, observed: str | None = None
) -> Finding:
    """Variant A: visa and documents within 30 days after the person is deemed accepted."""
    return keeps_the_clock(
        "XIII.I.3.A", trigger=accepted, event=issued, regime=regime, actor=observed, what=say("visa")
    )


@rule("XIII.I.3.A")
def visa_lasts_24_months(
    *, issued: datetime, expires: datetime, regime: Regime, observed: str | None = None
) -> Finding:
    """Variant A: a visa holds for at least 24 months."""
    return keeps_the_clock(
        "XIII.I.3.A#valid", trigger=issued, event=expires, regime=regime, actor=observed, what=say("end of the visa")
    )


@rule("XIII.I.3.B")
def visa_comes_within_an_hour(
    *, arrived: datetime, issued: datetime | None, regime: Regime, observed: str | None = None
) -> Finding:
    """Variant B: visa and documents within an hour after arrival at the point of entry."""
    return keeps_the_clock("XIII.I.3.B", trigger=arrived, event=issued, regime=regime, actor=observed, what=say("visa"))


@rule("XIII.II.2")
def immunity_holds_from_arrival_to_departure(
    *, at: datetime, arrived: datetime, departed: datetime | None, official_act: bool = False
) -> Finding:
    """Privileges hold from arrival to departure, and afterwards for official acts."""
    seen = {"at": rfc3339(at), "official_act": official_act}
    if official_act or (arrived <= at and (departed is None or at <= departed)):
        return right(say("privileges and immunities hold"), seen=seen)
    return breaches(say("before arrival or after departure, and no official act: none hold"), seen=seen)


@rule("XIII.II.3")
def waiver_is_express(*, by: str | None, nationality: str, observing: str, express: bool) -> Finding:
    """Immunity is waived by the observing Party, for a national of another State by that State, and expressly."""
    owner = nationality if nationality != observing else observing
    seen = {"by": by, "owner": owner, "express": express}
    if by is None:
        return undetermined(say("who waived is not known"), "by", seen=seen)
    if by != owner or not express:
        return breaches(say("only {code} can waive, and expressly", code=owner), actor=by, seen=seen)
    return complies(say("waived expressly by {code}", code=by), actor=by, seen=seen)
