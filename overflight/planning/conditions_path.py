"""Conditions on the shape of a path: landings, range, shortest leg, room to turn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.planning.measure import own_codes
from overflight.planning.passage import Section, StopPlace
from overflight.planning.turns import course_changes_deg, flown_difference_km, turn_room_km
from overflight.rules.finding import Finding, breaches, complies
from overflight.rules.mission_plan import AIRFIELD_WITHIN_KM
from overflight.rules.path_facts import place
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Airfields that the observed Party named for aircraft to land and be served at.
SERVES = frozenset({"refuelling", "open_skies", "point_of_entry_exit"})
MM_KM = 1e-6  # less is rounding


def own_condition(value: float, unit: str, **more: Any) -> dict[str, Any]:
    """A limit of the planner's own, as shown in a finding."""
    return {"value": value, "unit": unit, "source": say("the planner's own condition"), **more}


def stops_are_airfields_of_the_day(plan: MissionPlan, stops: Sequence[StopPlace], regime: Regime) -> list[Finding]:
    """Each landing on the way is at a waypoint of the path, and at an airfield that the observed Party named."""
    owners = set(own_codes(plan.observed, regime))
    return [replace(_stop(plan, stop, owners, regime), rule="stops_are_airfields_of_the_day") for stop in stops]


def _stop(plan: MissionPlan, stop: StopPlace, owners: Collection[str], regime: Regime) -> Finding:
    more: dict[str, Any] = {"seen": {"icao": stop.icao, "roles": sorted(stop.roles)}}
    wrong = ""
    if stop.note:
        wrong = say("stop {icao}: {note}", icao=stop.icao, note=stop.note)
    elif not set(stop.party.split(";")) & set(owners):
        wrong = say("stop {icao} belongs to {party}, not to the observed Party", icao=stop.icao, party=stop.party)
    elif not stop.roles & SERVES:
        wrong = say("stop {icao} is not open for refuelling on {day}", icao=stop.icao, day=regime.day)
    if wrong:
        return replace(breaches(wrong, **more), citation="II.30")
    if stop.waypoint is None:
        return breaches(
            say(
                "the path does not land at {icao}: no waypoint lies within {km:g} km of it, in this order",
                icao=stop.icao,
                km=AIRFIELD_WITHIN_KM,
            ),
            **more,
        )
    point = plan.waypoints[stop.waypoint]
    more["where"] = place(stop.waypoint, point.lon_deg, point.lat_deg)
    return replace(
        complies(say("lands at {icao}, waypoint {n}", icao=stop.icao, n=stop.waypoint + 1), **more), citation="II.30"
    )


def within_range(plan: MissionPlan, cuts: Sequence[Section], range_km: float | None) -> list[Finding]:
    """From one airfield to the next the path is no longer than the aircraft's range."""
    if range_km is None:
        return []
    worst = max(cuts, key=lambda cut: cut.km)
    end = plan.waypoints[worst.last]
    more: dict[str, Any] = {
        "where": place(worst.last, end.lon_deg, end.lat_deg),
        "seen": {
            "sections_km": [round(cut.km, 3) for cut in cuts],
            "longest_km": round(worst.km, 3),
            "margin_km": round(range_km - worst.km, 3),
        },
        "limit": own_condition(range_km, "km"),
    }
    if worst.km > range_km + MM_KM:
        sentence = say(
            "{km:.1f} km without landing, {over:.1f} km beyond the range of {range:g} km; plan a stop with --via",
            km=worst.km,
            over=worst.km - range_km,
            range=range_km,
        )
        return [_named(breaches(sentence, **more), "within_range")]
    sentence = say("at most {km:.1f} km without landing; range {range:g} km", km=worst.km, range=range_km)
    return [_named(complies(sentence, **more), "within_range")]


def legs_long_enough(plan: MissionPlan, lengths_km: Sequence[float], min_leg_km: float) -> list[Finding]:
    """No leg is shorter than the shortest that the planner flies."""
    if min_leg_km <= 0:
        return []
    lengths = np.asarray(lengths_km)
    n = int(lengths.argmin())
    short = np.flatnonzero(lengths < min_leg_km - MM_KM)
    start = plan.waypoints[n]
    more: dict[str, Any] = {
        "where": place(n + 1, start.lon_deg, start.lat_deg),
        "seen": {
            "shortest_km": round(float(lengths[n]), 3),
            "margin_km": round(float(lengths[n]) - min_leg_km, 3),
            "legs": (short + 1).tolist(),
        },
        "limit": own_condition(min_leg_km, "km"),
    }
    sentence = say(
        "leg {leg} is the shortest, {km:.2f} km; at least {least:g} km is asked",
        leg=n + 1,
        km=float(lengths[n]),
        least=min_leg_km,
    )
    return [_named((breaches if short.size else complies)(sentence, **more), "legs_long_enough")]


def room_to_turn(
    plan: MissionPlan, lengths_km: Sequence[float], radius_km: float, manner: str, landings: Collection[int]
) -> list[Finding]:
    """Each leg has room for the turns at both of its ends; where the path lands there is no turn."""
    if radius_km <= 0:
        return []
    inner = [k for k in range(1, len(plan.waypoints) - 1) if k not in landings]
    turns = course_changes_deg(plan.waypoints)
    at = np.zeros(len(plan.waypoints))
    at[inner] = turns[[k - 1 for k in inner]] if inner else 0.0
    before, after = turn_room_km(at, radius_km, manner)
    spare = np.asarray(lengths_km) - after[:-1] - before[1:]
    n = int(spare.argmin())
    start = plan.waypoints[n]
    tight = np.flatnonzero(spare < -MM_KM)
    margin = round(float(spare[n]), 3) if np.isfinite(spare[n]) else None
    flown = flown_difference_km(at[inner], radius_km, manner) if not tight.size else None
    more: dict[str, Any] = {
        "where": place(n + 1, start.lon_deg, start.lat_deg),
        "seen": {
            "turn": manner,
            "margin_km": margin,
            "turns_deg": [round(float(at[n]), 1), round(float(at[n + 1]), 1)],
            "legs": (tight + 1).tolist(),
            "flown_less_planned_km": None if flown is None else round(flown, 3),
        },
        "limit": own_condition(radius_km, "km", note=say("turn radius; the turns are models of this software")),
    }
    facts: dict[str, Any] = {
        "leg": n + 1,
        "km": float(lengths_km[n]),
        "a": float(at[n]),
        "b": float(at[n + 1]),
        "radius": radius_km,
    }
    if tight.size:
        sentence = say(
            "leg {leg} of {km:.1f} km has no room for its turns of {a:.0f} and {b:.0f} degrees, radius {radius:g} km",
            **facts,
        )
        return [_named(breaches(sentence, **more), "room_to_turn")]
    sentence = say(
        "every leg has room for its turns; least on leg {leg} of {km:.1f} km, turns of {a:.0f} and {b:.0f} degrees, "
        "radius {radius:g} km",
        **facts,
    )
    return [_named(complies(sentence, **more), "room_to_turn")]


def _named(found: Finding, name: str) -> Finding:
    return replace(found, rule=name)
