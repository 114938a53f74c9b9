"""Articles IV and V: which aircraft and sensors may fly, and how long before the others must know of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.clocks import keeps_the_clock
from overflight.rules.closed_words import CATEGORIES, CATEGORY_NAMES, all_of, one_of
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.rules.phase_in import in_phase_in
from overflight.rules.timing import rows
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Media on which each category records (IX.I.1); others are for the Consultative Commission to agree.
MEDIA = {
    "optical": ("black and white film",),
    "video": ("magnetic tape",),
    "infra-red": ("black and white film", "magnetic tape"),
    "radar": ("magnetic tape",),
}


@rule("II.4")
def observation_aircraft_is_unarmed_fixed_wing_and_registered(
    *, armed: bool | None, fixed_wing: bool | None, registered_in: str | None, regime: Regime
) -> Finding:
    """An observation aircraft is unarmed, has fixed wings, and is registered by a State Party."""
    seen = {"armed": armed, "fixed_wing": fixed_wing, "registered_in": registered_in}
    if armed:
        return breaches(say("the aircraft is equipped to carry and use weapons"), seen=seen)
    if fixed_wing is False:
        return breaches(say("the aircraft has no fixed wings"), seen=seen)
    if registered_in is not None and not regime.is_party(registered_in):
        return breaches(say("registered in {code}, no Party on {day}", code=registered_in, day=regime.day), seen=seen)
    lacking = [name for name, fact in seen.items() if fact is None]
    if lacking:
        return undetermined(say("not known of the aircraft: {names}", names=", ".join(lacking)), *lacking, seen=seen)
    return complies(say("unarmed, fixed wing, registered in {code}, a Party", code=registered_in), seen=seen)


@rule("V.1")
def registered_in_a_party(*, registered_in: str, regime: Regime, actor: str | None = None) -> Finding:
    """A Party may designate aircraft types that are registered in any State Party, its own or another."""
    seen = {"registered_in": registered_in}
    if regime.is_party(registered_in):
        return right(say("registered in {code}: it may be designated", code=registered_in), actor=actor, seen=seen)
    return breaches(
        say("registered in {code}, no Party on {day}", code=registered_in, day=regime.day), actor=actor, seen=seen
    )


@rule("V.2")
def designation_is_notified_30_days_before(
    *,
    notified: datetime | None,
    designated: datetime,
    with_data: bool = True,
    regime: Regime,
    actor: str | None = None,
) -> Finding:
    """A Party tells all others of a new aircraft type, with its data, at least 30 days before the designation."""
    if notified is not None and not with_data:
        return breaches(say("the notice does not hold the data of Annex C"), actor=actor, seen={"with_data": False})
    return keeps_the_clock(
        "V.2", trigger=designated, event=notified, regime=regime, actor=actor, what=say("notice of the designation")
    )


@rule("V.3")
def deletion_is_notified_90_days_before(
    *, notified: datetime | None, deleted: datetime, regime: Regime, actor: str | None = None
) -> Finding:
    """A Party tells all others that it takes a type off its list at least 90 days before."""
    return keeps_the_clock(
        "V.3", trigger=deleted, event=notified, regime=regime, actor=actor, what=say("notice of the deletion")
    )


@rule("V.4")
def one_example_of_each_type_is_certified(
    *, certified_type: str | None, flown_type: str, same_sensors: bool | None
) -> Finding:
    """One certified example stands for every aircraft of its type and model with the identical set of sensors."""
    seen = {"certified_type": certified_type, "flown_type": flown_type, "same_sensors": same_sensors}
    if certified_type is None or same_sensors is None:
        return undetermined(say("what was certified is not known"), "certificate", seen=seen)
    if certified_type != flown_type:
        return breaches(say("certified is {a}, flown is {b}", a=certified_type, b=flown_type), seen=seen)
    if not same_sensors:
        return breaches(say("its set of sensors is another than the one certified"), seen=seen)
    return complies(say("an example of {type} with these sensors is certified", type=flown_type), seen=seen)


@rule("V.5")
def aircraft_has_room_for_all_aboard(*, seats: int, crew: int, others: int) -> Finding:
    """A designated aircraft can carry its crew and the people of the other side."""
    seen = {"seats": seats, "crew": crew, "others": others}
    if seats < crew + others:
        return breaches(say("{seats} seats for {n} people", seats=seats, n=crew + others), seen=seen, limit=seats)
    return complies(say("{seats} seats for {n} people", seats=seats, n=crew + others), seen=seen, limit=seats)


@rule("VI.I.1.a")
def flies_a_designated_aircraft(*, designated: date | None, deleted: date | None = None, flown: date) -> Finding:
    """Each observation flight uses an aircraft that a Party had designated, and not yet deleted, on that day."""
    seen = {"designated": designated and designated.isoformat(), "flown": flown.isoformat()}
    if designated is None or flown < designated:
        return breaches(say("no Party had designated this aircraft on {day}", day=flown), seen=seen)
    if deleted is not None and flown >= deleted:
        return breaches(say("this aircraft was off the list on {day}", day=flown), seen=seen)
    return complies(say("designated on {day}", day=designated), seen=seen)


@rule("VI.I.1.b")
def observed_party_has_the_first_choice_of_aircraft(
    *, has_designated_one: bool, chose_in_acknowledgement: bool | None = None, observed: str | None = None
) -> Finding:
    """The observed Party may supply an aircraft that it has itself designated; else the observing Party does."""
    seen = {"has_designated_one": has_designated_one, "chose_in_acknowledgement": chose_in_acknowledgement}
    if chose_in_acknowledgement is False:
        return complies(say("it did not choose to; the observing Party supplies the aircraft"), seen=seen)
    if not has_designated_one:
        if chose_in_acknowledgement:
            return breaches(say("it supplies an aircraft that it has not itself designated"), actor=observed, seen=seen)
        return complies(say("it has designated none; the observing Party supplies the aircraft"), seen=seen)
    return right(say("the observed Party may supply an aircraft that it has designated"), actor=observed, seen=seen)


@rule("VI.I.1.c")
def provided_aircraft_flies_half_the_distance_unrefuelled(
    *, range_km: float, notified_km: float, regime: Regime, observed: str | None = None
) -> Finding:
    """An aircraft that the observed Party supplies flies half of the notified distance without fuel on the way.

    Reserves are included; there is no such right in the phase-in (XVIII.II.5).
    """
    share = regime.value("provided_range_share")
    need = share.value * notified_km
    more: dict[str, Any] = {
        "actor": observed,
        "seen": {"range_km": range_km, "notified_km": notified_km, "margin_km": range_km - need},
        "limit": need,
        "data": rows(regime, "provided_range_share"),
    }
    if in_phase_in(regime):
        return complies(say("there is no right to an unrefuelled range in the phase-in"), **more)
    answer = complies if range_km >= need else breaches
    return answer(say("range {range:g} km; at least {need:g} km is owed", range=range_km, need=need), **more)


@rule("VI.I.2")
def uses_another_partys_aircraft_by_arrangement(
    *, arranged: bool | None, designated_by: str | None = None, regime: Regime, observing: str | None = None
) -> Finding:
    """A Party may fly with an aircraft that another Party has designated, where the two arranged it."""
    if designated_by is not None and not regime.is_party(designated_by):
        return breaches(
            say("the aircraft was designated by {code}, no Party on {day}", code=designated_by, day=regime.day),
            actor=observing,
            seen={"designated_by": designated_by},
        )
    if arranged is None:
        return undetermined(say("whether the two Parties arranged it is not known"), "arrangement", actor=observing)
    if arranged:
        return right(say("the two Parties arranged the use of the aircraft"), actor=observing)
    return breaches(say("there is no arrangement with the Party that designated the aircraft"), actor=observing)


@rule("IV.2.D")
def ground_coverage_is_no_wider_than_agreed(*, category: str, width_km: float, regime: Regime) -> Finding:
    """Cameras cover up to 50 km to each side (IV.2.A), radar a swath of up to 25 km; exactly that complies.

    For ``video`` and ``infra-red`` the text sets no width. `category` may be a code of Annex B, such as ``SAR``.

    Raises
    ------
    UnknownWord
        If `category` is none of the four; the message lists them.
    """
    category = one_of(category, CATEGORIES, CATEGORY_NAMES, field="category", citation="IV.2")
    if category not in {v.of for v in regime.values("swath_longest")}:
        return silent(say("{category}: the text sets no width of ground coverage", category=category),
                      seen={"category": category, "width_km": width_km})  # fmt: skip
    held = regime.value("swath_longest", of=category)
    answer = complies if width_km <= held.value else breaches
    return answer(
        say("{category}: {width:g} km wide; at most {limit}", category=category, width=width_km, limit=held),
        seen={"category": category, "width_km": width_km},
        limit=str(held),
        data=(held.to_json(),),
    )


@rule("IV.7")
def records_no_other_signals(*, needed_for_sensors_or_flight: bool) -> Finding:
    """No electronic signals are collected, and no equipment for it carried, beyond what sensors and flight need."""
    if needed_for_sensors_or_flight:
        return complies(say("the signals are those that the agreed sensors or the flight need"))
    return breaches(say("equipment collects signals beyond what the agreed sensors and the flight need"))


@rule("IV.9")
def provided_aircraft_has_every_category(
    *,
    categories: Collection[str],
    radar_resolution_m: float | None = None,
    agreed: bool = False,
    cameras: Collection[str] = (),
    regime: Regime,
    observed: str | None = None,
) -> Finding:
    """Aboard an aircraft of the observed Party is a sensor of every category, and radar no worse than 6 m.

    Both sides may agree otherwise. In the phase-in one panoramic camera, or a pair of framing
    cameras, is enough (XVIII.II.3). `categories` may be codes of Annex B too, such as ``IRLS`` and ``SAR``.

    Raises
    ------
    UnknownWord
        If one is none of the four; the message lists them.
    """
    categories = all_of(categories, CATEGORIES, CATEGORY_NAMES, field="categories", citation="IV.9")
    held = regime.value("provided_radar_resolution")
    seen = {"categories": sorted(categories), "radar_resolution_m": radar_resolution_m, "cameras": list(cameras)}
    more: dict[str, Any] = {"actor": observed, "seen": seen, "limit": str(held), "data": (held.to_json(),)}
    if agreed:
        return complies(say("both sides agreed on the sensors"), **more)
    if in_phase_in(regime):
        kinds = list(cameras)
        if "panoramic" in kinds or kinds.count("framing") > 1:
            return complies(say("in the phase-in one panoramic or a pair of framing cameras is enough"), **more)
        return breaches(say("neither a panoramic camera nor a pair of framing cameras is aboard"), **more)
    lacking = [c for c in CATEGORIES if c not in categories]
    if lacking:
        return breaches(say("no sensor of: {names}", names=", ".join(lacking)), **more)
    if radar_resolution_m is None:
        return undetermined(say("the resolution of the radar is not known"), "radar_resolution_m", **more)
    if radar_resolution_m > held.value:
        return breaches(say("radar of {m:g} m; no worse than {limit}", m=radar_resolution_m, limit=held), **more)
    return complies(say("every category is aboard, radar of {m:g} m", m=radar_resolution_m), **more)


@rule("IV.10")
def sensor_data_come_with_the_designation(*, given: Collection[str], designated: Collection[str]) -> Finding:
    """On designating an aircraft a Party gives the data of Annex B on each of its sensors."""
    lacking = sorted(set(designated) - set(given))
    if lacking:
        return breaches(say("no data of Annex B on: {names}", names=", ".join(lacking)), seen={"missing": lacking})
    return complies(say("data on every sensor were given"))


@rule("IV.11")
def sensor_type_is_certified(*, certified: date | None, used: date) -> Finding:
    """A sensor of a type that is not certified is not used."""
    seen = {"certified": certified and certified.isoformat(), "used": used.isoformat()}
    if certified is None or used < certified:
        return breaches(say("the sensor was used on {day}, before any certification", day=used), seen=seen)
    return complies(say("certified on {day}", day=certified), seen=seen)


@rule("IV.12")
def sensor_change_is_notified_90_days_before(
    *,
    notified: datetime | None,
    changed: datetime,
    certified: bool | None = True,
    regime: Regime,
    actor: str | None = None,
) -> Finding:
    """A Party tells all others of a changed sensor at least 90 days before, and has it certified before use."""
    found = keeps_the_clock(
        "IV.12", trigger=changed, event=notified, regime=regime, actor=actor, what=say("notice of the changed sensor")
    )
    if found.verdict == "complies" and certified is None:
        return undetermined(say("whether the changed sensor is certified is not known"), "certificate", actor=actor)
    if found.verdict == "complies" and not certified:
        return breaches(say("the changed sensor is used without certification"), actor=actor)
    return found


@rule("IV.13")
def a_stated_concern_is_met(*, repaired: bool | None, shown_on_request: bool | None, asked: bool) -> Finding:
    """On a stated concern about a sensor its Party repairs or adjusts it, and on request shows that it conforms."""
    seen = {"repaired": repaired, "shown_on_request": shown_on_request, "asked": asked}
    if repaired is None or (asked and shown_on_request is None):
        return undetermined(say("what was done about the concern is not known"), "repair", seen=seen)
    if not repaired:
        return breaches(say("the sensor was neither repaired nor adjusted"), seen=seen)
    if asked and not shown_on_request:
        return breaches(say("no demonstration at the next use, though it was asked for"), seen=seen)
    return complies(say("the concern was met"), seen=seen)


@rule("IX.I.1")
def medium_fits_the_sensor(*, category: str, medium: str, agreed_by_oscc: bool = False) -> Finding:
    """Cameras record on black and white film, video and radar on tape, infra-red on either; more by the OSCC.

    `category` may be a code of Annex B too, such as ``SAR``.

    Raises
    ------
    UnknownWord
        If `category` is none of the four; the message lists them.
    """
    category = one_of(category, CATEGORIES, CATEGORY_NAMES, field="category", citation="IX.I.1")
    seen = {"category": category, "medium": medium}
    if medium in MEDIA.get(category, ()):
        return complies(say("{category} on {medium}", category=category, medium=medium), seen=seen)
    if agreed_by_oscc:
        return complies(say("the Consultative Commission agreed {medium}", medium=medium), seen=seen)
    return breaches(say("{category} is not recorded on {medium}", category=category, medium=medium), seen=seen)
