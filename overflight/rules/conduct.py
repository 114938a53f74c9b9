"""Articles VI.I, VI.II and VIII: duties of both sides around the flight, deviations and what is counted."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from overflight.rules.closed_words import OTHER, one_of
from overflight.rules.finding import Finding, breaches, complies, right, rule, undetermined
from overflight.rules.prohibition import CAUSE_WORDS, counts
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# What the observed Party provides (VI.I.13 and VI.I.17).
SERVICES = ("calibration target", "fuel and service", "meals and lodging")
BRIEFING = ("weather", "navigation", "safety", "NOTAMs")


@rule("VI.I.6.c")
def arrival_at_the_notified_time_is_allowed(
    *, notified_in_time: bool, allowed: bool, observed: str | None = None
) -> Finding:
    """The observed Party lets the observing Party arrive at the time that it notified; no consent is needed."""
    seen = {"notified_in_time": notified_in_time, "allowed": allowed}
    if allowed:
        return complies(say("arrival at the notified time was allowed"), actor=observed, seen=seen)
    if notified_in_time:
        return breaches(say("arrival at the notified time was refused"), actor=observed, seen=seen)
    return complies(say("the notice was not in time; no right to arrive follows from it"), actor=observed, seen=seen)


@rule("VI.I.7")
def people_of_other_parties_may_come(*, nationalities: Collection[str], regime: Regime) -> Finding:
    """The observing Party may bring people whom other Parties have designated."""
    outside = sorted(code for code in set(nationalities) if not regime.is_party(code))
    seen = {"nationalities": sorted(nationalities)}
    if outside:
        return breaches(say("from no Party on {day}: {names}", day=regime.day, names=", ".join(outside)), seen=seen)
    return right(say("all come from Parties"), seen=seen)


@rule("VI.I.13")
def briefing_is_given_on_arrival(*, given: Collection[str], observed: str | None = None) -> Finding:
    """On arrival the crew gets the latest weather, navigation and safety data, and the NOTAMs."""
    lacking = [item for item in BRIEFING if item not in given]
    seen = {"missing": lacking}
    if lacking:
        return breaches(say("not given: {names}", names=", ".join(lacking)), actor=observed, seen=seen)
    return complies(say("weather, navigation, safety data and NOTAMs were given"), actor=observed, seen=seen)


@rule("VI.I.15")
def flight_has_priority(*, delayed_for_regular_traffic: bool, observed: str | None = None) -> Finding:
    """An observation flight has priority over regular air traffic."""
    seen = {"delayed_for_regular_traffic": delayed_for_regular_traffic}
    if delayed_for_regular_traffic:
        return breaches(say("the flight was held back for regular traffic"), actor=observed, seen=seen)
    return complies(say("the flight had priority"), actor=observed, seen=seen)


@rule("VI.I.17")
def services_are_provided(
    *, asked_for: Collection[str], provided: Collection[str], observed: str | None = None
) -> Finding:
    """The observed Party provides fuel and service, meals and lodging, and on request a calibration target.

    Fuel, service, meals and lodging are owed unasked (VI.I.17.B and C). `asked_for` and `provided` name them as
    `SERVICES` does; further services are those that both agree on (VI.I.17.D), so asking alone makes none due.
    """
    unasked = SERVICES[1:]
    owed = [item for item in SERVICES if (item in asked_for or item in unasked) and item not in provided]
    seen = {"asked_for": sorted(asked_for), "missing": owed}
    if owed:
        return breaches(say("owed and not provided: {names}", names=", ".join(owed)), actor=observed, seen=seen)
    return complies(say("what is owed was provided"), actor=observed, seen=seen)


@rule("VI.II.2.a")
def any_point_may_be_observed(
    *, in_territory: bool | None, in_hazardous_airspace: bool = False, observing: str | None = None
) -> Finding:
    """The observing Party may plan to observe any point of the whole territory, hazardous airspace included."""
    seen = {"in_territory": in_territory, "in_hazardous_airspace": in_hazardous_airspace}
    if in_territory is None:
        return undetermined(say("whose territory the point lies in is not known"), "in_territory", seen=seen)
    if in_territory:
        return right(say("the point may be observed"), actor=observing, seen=seen)
    return breaches(say("the point is not in the observed Party's territory"), actor=observing, seen=seen)


@rule("VI.II.2.a")
def no_site_is_closed(*, closed: bool, published_hazard: bool = False, observed: str | None = None) -> Finding:
    """No site is closed to observation; a published hazard calls for VI.II.5, and shuts nothing out."""
    seen = {"closed": closed, "published_hazard": published_hazard}
    if closed:
        return breaches(say("a site was closed to observation; the whole territory is open"), actor=observed, seen=seen)
    return complies(say("no site was closed"), actor=observed, seen=seen)


# What a flight plan needs, of which a mission plan has to hold everything (VI.II.4).
FLIGHT_PLAN_ITEMS = ("start_airfield", "end_airfield", "route", "heights", "take_off", "aircraft", "alternate")


@rule("VI.II.4.intro")
def plan_holds_what_a_flight_plan_needs(
    *, given: Collection[str], observing: str | None = None, handed_over: bool = True
) -> Finding:
    """The mission plan holds everything that is needed to file the flight plan.

    A plan that is not handed over yet may still be completed.
    """
    lacking = [item for item in FLIGHT_PLAN_ITEMS if item not in given]
    seen = {"missing": lacking}
    if lacking and not handed_over:
        return undetermined(
            say("the mission plan does not state yet: {names}", names=", ".join(lacking)),
            *lacking,
            actor=observing,
            seen=seen,
        )
    if lacking:
        return breaches(say("the mission plan lacks {names}", names=", ".join(lacking)), actor=observing, seen=seen)
    return complies(say("the mission plan holds what the flight plan needs"), actor=observing, seen=seen)


# Article VIII, Section II

TROUBLES = ("sensor fault", "safety", OTHER)  # for which a flight is cut short (VIII.II.4)


@rule("VIII.II.2")
def deviates_for_the_sensors_within_the_conditions(
    *, safe: bool, traffic_control_permits: bool, resolution_kept: bool, agreed_on_resolution: bool = False
) -> Finding:
    """Where weather defeats optical or infra-red sensors, a flight may deviate under three conditions.

    It is safe, traffic control permits it, and the limits of resolution are kept unless agreed otherwise.
    """
    seen = {"safe": safe, "traffic_control_permits": traffic_control_permits, "resolution_kept": resolution_kept}
    if not safe:
        return breaches(say("the deviation was not safe"), seen=seen)
    if not traffic_control_permits:
        return breaches(say("traffic control did not permit it"), seen=seen)
    if not resolution_kept and not agreed_on_resolution:
        return breaches(say("the limits of resolution were not kept"), seen=seen)
    return complies(say("safe, permitted, and within the limits of resolution"), seen=seen)


@rule("VIII.II.4")
def may_cut_the_flight_short(*, cause: str, observing: str | None = None) -> Finding:
    """The observing Party may cut a flight short for a sensor's fault, the pilot for trouble that affects safety.

    `cause` is ``sensor fault``, ``safety`` (technical difficulties that affect the safety of the aircraft) or
    ``other``.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    cause = one_of(cause, TROUBLES, field="cause", citation="VIII.II.4")
    seen = {"cause": cause}
    if cause == "sensor fault":
        return right(say("the observing Party may cut the flight short: a sensor's fault"), actor=observing, seen=seen)
    if cause == "safety":
        why = say("the pilot-in-command may cut the flight short: trouble that affects the safety of the aircraft")
        return right(why, actor="pilot-in-command", seen=seen)
    return breaches(say("{cause} is no cause that the paragraph names", cause=cause), actor=observing, seen=seen)


@rule("VIII.II.5")
def shortened_flight_is_counted(
    *,
    cause: str | None,
    counted: int | None,
    elects: bool | None = None,
    provided_by_observed: bool | None = None,
    observing: str | None = None,
) -> Finding:
    """A flight that was cut short counts for both, unless the cause lay with the observed Party or in force majeure.

    The causes are a sensor of an aircraft that it supplied, that aircraft, the health of its people, and orders of
    traffic control: then the observing Party chooses. Where it supplied no aircraft (`provided_by_observed`) the
    first two are none. `cause` is ``sensor_of_observed``, ``aircraft_of_observed``, ``medical_of_observed``,
    ``force_majeure`` or ``other``.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    if cause is not None:
        cause = one_of(cause, CAUSE_WORDS, field="cause", citation="VIII.II.5")
    due = counts("cut_short", cause=cause, elects=elects, provided_by_observed=provided_by_observed)
    seen = {"cause": cause, "counted": counted, "elects": elects, "provided_by_observed": provided_by_observed}
    more: dict[str, Any] = {"actor": observing, "seen": seen}
    if due.choice:
        return right(say("the observing Party chooses whether the flight counts"), **more)
    if elects is False and due.observing:
        why = say("told not to count, but this cause gives the observing Party no choice: {due} is due",
                  due=due.observing)  # fmt: skip
        return breaches(why, limit=due.observing, **more)
    if counted is None:
        return undetermined(say("what was counted is not known"), "counted", limit=due.observing, **more)
    answer = complies if counted == due.observing else breaches
    return answer(say("counted {n}; {due} is due", n=counted, due=due.observing), limit=due.observing, **more)


@rule("VIII.II.7")
def extra_distance_of_a_deviation_does_not_count(
    *, planned_km: float, extra_km: float, limit_km: float, resumed_with_permission: bool = True
) -> Finding:
    """After a deviation the flight may resume with permission; the extra distance does not count to the maximum."""
    seen = {"planned_km": planned_km, "extra_km": extra_km}
    if not resumed_with_permission:
        return breaches(say("resumed without permission of traffic control"), seen=seen)
    answer = complies if planned_km <= limit_km else breaches
    return answer(
        say("{km:g} km count, {extra:g} km of the deviation do not; at most {limit:g} km", km=planned_km,
            extra=extra_km, limit=limit_km),
        seen=seen,
        limit=limit_km,
    )  # fmt: skip


@rule("XII")
def damage_is_compensated(*, caused_by: str | None, compensated: bool | None) -> Finding:
    """A Party compensates damage that it causes in carrying out the treaty; how much is for international law."""
    seen = {"caused_by": caused_by, "compensated": compensated}
    if caused_by is None or compensated is None:
        return undetermined(say("who caused the damage, or whether it was compensated, is not known"),
                            "caused_by", "compensated", seen=seen)  # fmt: skip
    if compensated:
        return complies(say("{code} compensated the damage", code=caused_by), actor=caused_by, seen=seen)
    return breaches(say("{code} did not compensate the damage", code=caused_by), actor=caused_by, seen=seen)


# What hazardous airspace is set up for (II.32); national security alone is not among it.
PURPOSES = ("flight safety", "public safety", "environmental protection")


@rule("II.32")
def airspace_is_hazardous(*, kind: str, published: bool, purpose: str) -> Finding:
    """Hazardous airspace is a prohibited, restricted or danger area that is published by the rules of ICAO.

    It is set up for flight safety, public safety or the environment; another purpose, such as security
    alone, makes an area none.
    """
    seen = {"kind": kind, "published": published, "purpose": purpose}
    if kind not in ("prohibited area", "restricted area", "danger area"):
        return breaches(say("{kind} is no prohibited, restricted or danger area", kind=kind), seen=seen)
    if not published:
        return breaches(say("the area is not published by the rules of ICAO"), seen=seen)
    if purpose not in PURPOSES:
        return breaches(say("{purpose} is none of the purposes that the definition names", purpose=purpose), seen=seen)
    return complies(say("a published {kind}, for {purpose}", kind=kind, purpose=purpose), seen=seen)
