"""Where on its path a plan lands, and when it is where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overflight.errors import UnknownAirfield
from overflight.planning.geodesy import GEOD, leg_lengths_km, points_at, wrap
from overflight.rules.mission_plan import AIRFIELD_WITHIN_KM
from overflight.rules.path_facts import place
from overflight.terms.plan import MissionPlan, Stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from overflight.treaty.regime import Regime

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StopPlace:
    """An airfield where the path lands on its way; `waypoint` is None if the path does not come there."""

    icao: str
    roles: frozenset[str]
    party: str
    waypoint: int | None
    note: str = ""


@dataclass(frozen=True)
class Section:
    """The path from one airfield to the next: first and last waypoint, and kilometres from the start."""

    first: int
    last: int
    from_km: float
    to_km: float

    @property
    def km(self) -> float:
        """Its length."""
        return self.to_km - self.from_km


def stop_places(plan: MissionPlan, airfields: Sequence[str], regime: Regime) -> tuple[StopPlace, ...]:
    """For each airfield, in order, the waypoint (after the one before) that lies at it."""
    out: list[StopPlace] = []
    after = 0
    for icao in airfields:
        try:
            field = regime.airfield(icao)
        except UnknownAirfield as why:
            out.append(StopPlace(icao, frozenset(), "", None, why.message))
            continue
        inner = range(after + 1, len(plan.waypoints) - 1)
        here = None
        if len(inner):
            points = [plan.waypoints[k] for k in inner]
            n = len(points)
            _, _, metres = GEOD.inv(
                [p.lon_deg for p in points], [p.lat_deg for p in points], [field.lon_deg] * n, [field.lat_deg] * n
            )
            at = np.flatnonzero(np.asarray(metres) <= AIRFIELD_WITHIN_KM * 1000)
            here = inner[int(at[0])] if at.size else None
        out.append(StopPlace(icao, field.roles, field.party, here))
        after = here if here is not None else after
    return tuple(out)


def sections(lengths_km: Sequence[float] | Floats, stops: Sequence[StopPlace]) -> tuple[Section, ...]:
    """The path cut at the waypoints where it lands; `lengths_km` of its legs."""
    at_km = np.concatenate(([0.0], np.cumsum(lengths_km)))
    cuts = [0, *(s.waypoint for s in stops if s.waypoint is not None), len(at_km) - 1]
    return tuple(Section(a, b, float(at_km[a]), float(at_km[b])) for a, b in pairwise(cuts))


@dataclass(frozen=True)
class Timetable:
    """When the plan is where: from `take_off` at a steady ground speed, and from each stop when it leaves there."""

    take_off: datetime
    speed_kmh: float
    leaves: tuple[tuple[float, datetime], ...]  # kilometres from the start, and when the path goes on from there

    def at(self, km: float) -> datetime:
        """The time at `km` from the start; at a stop, that of going on."""
        since_km, since = 0.0, self.take_off
        for stop_km, leave in self.leaves:
            if km >= stop_km:
                since_km, since = stop_km, leave
        return since + timedelta(hours=(km - since_km) / self.speed_kmh)


def timetable(
    plan: MissionPlan, length_km: float, cuts: Sequence[Section], *, speed_kmh: float | None = None
) -> Timetable | None:
    """The plan's timetable; None if its take-off, or its speed and its landing, are not known.

    The speed is `speed_kmh`, else the plan's own, else what take-off, landing and stops leave.
    """
    if plan.take_off is None:
        return None
    stops: tuple[Stop, ...] = plan.stops if len(cuts) == len(plan.stops) + 1 else ()
    speed = speed_kmh or plan.ground_speed_kmh
    if speed is None and plan.lands is not None:
        rest = sum((s.leave - s.arrive for s in stops), timedelta())
        hours = (plan.lands - plan.take_off - rest).total_seconds() / 3600
        speed = length_km / hours if hours > 0 else None
    if not speed:
        return None
    leaves = tuple((cut.to_km, stop.leave) for cut, stop in zip(cuts, stops, strict=False))
    return Timetable(plan.take_off, speed, leaves)


def place_at(plan: MissionPlan, km: float) -> dict[str, Any]:
    """The place on the path `km` from its start, a GeoJSON point with the number of its leg, from 1."""
    lengths = lengths_of(plan)
    leg = min(int(np.searchsorted(np.cumsum(lengths), km, side="right")), len(lengths) - 1)
    lon, lat = points_at(plan.waypoints, np.array([km]))
    return place(leg + 1, float(wrap(lon)[0]), float(lat[0]))


def with_times(
    plan: MissionPlan,
    airfields: Sequence[str],
    *,
    take_off: datetime | None,
    speed_kmh: float | None,
    stop_hours: float,
    regime: Regime,
) -> MissionPlan:
    """`plan` with its speed, take-off, stops and landing as far as they follow (VI.II.3); whole seconds.

    Stops stand in a plan with their times, so without take-off and speed they are left out.
    """
    plan = replace(plan, ground_speed_kmh=speed_kmh or plan.ground_speed_kmh, take_off=take_off or plan.take_off)
    if plan.take_off is None or not plan.ground_speed_kmh:
        return plan
    lengths = lengths_of(plan)
    places = stop_places(plan, airfields, regime)
    if any(stop.waypoint is None for stop in places):
        return plan
    rests = [timedelta(seconds=round(stop_hours * 3600))] * len(places)
    stops, lands = _flown(plan.take_off, plan.ground_speed_kmh, sections(lengths, places), airfields, rests)
    return replace(plan, stops=stops, lands=lands)


def _flown(
    take_off: datetime, speed_kmh: float, cuts: Sequence[Section], airfields: Sequence[str], rests: Sequence[timedelta]
) -> tuple[tuple[Stop, ...], datetime]:
    """Stops and landing of a path that is flown at a steady speed and rests at the end of each section but the last."""
    at = take_off
    stops = []
    for n, cut in enumerate(cuts):
        at += timedelta(seconds=round(cut.km / speed_kmh * 3600))
        if n < len(rests):
            stops.append(Stop(airfields[n], at, at + rests[n]))
            at += rests[n]
    return tuple(stops), at


def lengths_of(plan: MissionPlan) -> Floats:
    """Kilometres of each leg."""
    return leg_lengths_km(np.array([w.lon_deg for w in plan.waypoints]), np.array([w.lat_deg for w in plan.waypoints]))


def by_arrival(plan: MissionPlan) -> tuple[Stop, ...]:
    """The plan's stops in the order in which it comes to them."""
    return tuple(sorted(plan.stops, key=lambda s: s.arrive))


def places_of(plan: MissionPlan, regime: Regime) -> tuple[StopPlace, ...]:
    """Where the plan's own stops lie on its path, in the order of their times."""
    return stop_places(plan, tuple(s.airfield for s in by_arrival(plan)), regime)


def retimed(plan: MissionPlan, was: MissionPlan, regime: Regime) -> MissionPlan:
    """`plan`, made from `was`, with its stops and its landing at the times that now follow (VI.II.3).

    Landing is take-off, the length at the plan's speed, and the time on the ground, which each stop keeps.  Where no
    speed is stated, that of `was` follows from its own times.  All times only move with the take-off where it does not,
    or where neither path nor speed is another.
    A stop where the path does not come moves with the take-off too.
    """
    if plan.take_off is None:
        return plan
    later = plan.take_off - was.take_off if was.take_off else timedelta()
    places, before = places_of(plan, regime), lengths_of(was)
    known = timetable(was, float(before.sum()), sections(before, places_of(was, regime)))
    speed = plan.ground_speed_kmh or (known.speed_kmh if known else None)
    old = by_arrival(plan)
    moved = [replace(s, arrive=s.arrive + later, leave=s.leave + later) for s in old]
    same = plan.waypoints == was.waypoints and plan.ground_speed_kmh == was.ground_speed_kmh
    if not speed or (same and was.take_off and plan.lands):
        return replace(plan, stops=tuple(moved), lands=plan.lands + later if plan.lands else None)
    on = [n for n, place in enumerate(places) if place.waypoint is not None]
    cuts = sections(lengths_of(plan), places)
    stops, lands = _flown(
        plan.take_off, speed, cuts, [old[n].airfield for n in on], [old[n].leave - old[n].arrive for n in on]
    )
    for n, stop in zip(on, stops, strict=True):
        moved[n] = stop
    lands += sum((s.leave - s.arrive for n, s in enumerate(old) if n not in on), timedelta())
    return replace(plan, stops=tuple(moved), lands=lands)


def without_cut_stops(plan: MissionPlan, was: MissionPlan, regime: Regime) -> MissionPlan:
    """`plan` without the stops that lay on the path of `was` and no longer lie on its own."""
    there = {p.icao for p in places_of(was, regime) if p.waypoint is not None}
    here = places_of(plan, regime)
    kept = tuple(
        stop
        for stop, place in zip(by_arrival(plan), here, strict=True)
        if place.waypoint is not None or stop.airfield not in there
    )
    return plan if len(kept) == len(plan.stops) else replace(plan, stops=kept)
