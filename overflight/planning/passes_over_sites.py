"""When a planned path passes sites on the ground, for those who own them.

Every leg that comes within half a width of a site gives a stretch of the path; stretches that touch are
one pass.  Distances are geodesics on WGS84.  Times follow from the plan's take-off, speed and stops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from overflight.planning.coverage import legs_near
from overflight.planning.geodesy import (
    GEOD,
    Floats,
    distances_km,
    earth_centred_km,
    feet_on_legs,
    leg_lengths_km,
    lonlat,
)
from overflight.terms.place import Airfield, Site
from overflight.terms.plan import MissionPlan

TOUCH_KM = 0.001
SPARE_KM = 3.0  # a chord's plane and a long geodesic differ by less
PAIRS_AT_ONCE = 4_000_000  # of legs and sites
HALVINGS = 40
AT_AIRFIELD_KM = 5.0


@dataclass(frozen=True)
class Stretch:
    """The path from `from_km` to `to_km` has a site within the width; nearest at `nearest_km` on leg `leg` (from 1)."""

    site: int
    from_km: float
    to_km: float
    nearest_km: float
    leg: int


def stretches_in_view(plan: MissionPlan, sites: Sequence[Site], half_km: Sequence[float]) -> list[Stretch]:
    """Every stretch of the path from which a site lies within `half_km`, one width for each leg, in flown order."""
    lons, lats = lonlat(plan.waypoints)
    lengths = leg_lengths_km(lons, lats)
    starts = np.concatenate(([0.0], np.cumsum(lengths)))
    half = np.asarray(half_km, float)
    site_lons, site_lats = np.array([s.lon_deg for s in sites]), np.array([s.lat_deg for s in sites])
    legs, which = _pairs(lons, lats, site_lons, site_lats, float(half.max()))
    if not legs.size:
        return []
    width = half[legs]
    near, foot = feet_on_legs(lons, lats, site_lons[which], site_lats[which], legs, lengths[legs] * 500.0)
    seen = near <= width
    legs, which, width, near, foot = legs[seen], which[seen], width[seen], near[seen], foot[seen]
    azimuth = np.asarray(GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:])[0])[legs]

    def apart(along_km: Floats) -> Floats:
        at_lon, at_lat, _ = GEOD.fwd(lons[legs], lats[legs], azimuth, along_km * 1000.0)
        return distances_km(np.asarray(at_lon), np.asarray(at_lat), site_lons[which], site_lats[which])

    first = _edge(apart, foot, np.zeros(foot.shape), width)
    last = _edge(apart, foot, lengths[legs], width)
    rows = [
        Stretch(int(s), float(starts[leg] + a), float(starts[leg] + b), float(d), int(leg) + 1)
        for s, leg, a, b, d in zip(which, legs, first, last, near, strict=True)
    ]
    return _joined(rows)


def _pairs(
    lons: Floats, lats: Floats, site_lons: Floats, site_lats: Floats, half_km: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of leg and site that may be near each other."""
    ends = earth_centred_km(lons, lats)
    legs, which = [], []
    many = max(1, PAIRS_AT_ONCE // max(1, len(lons)))
    for low in range(0, len(site_lons), many):
        some = slice(low, low + many)
        near = legs_near(ends[:-1], ends[1:], earth_centred_km(site_lons[some], site_lats[some]), half_km + SPARE_KM)
        leg, site = np.nonzero(near)
        legs.append(leg)
        which.append(site + low)
    empty = np.zeros(0, np.intp)
    return np.concatenate([empty, *legs]).astype(np.intp), np.concatenate([empty, *which]).astype(np.intp)


def _edge(apart: Callable[[Floats], Floats], inside: Floats, outside: Floats, width: Floats) -> Floats:
    """Where the distance grows beyond `width` between a place within it and the leg's end; that end if nowhere."""
    far = apart(outside) > width
    a, b = inside.copy(), outside.copy()
    for _ in range(HALVINGS):
        middle = (a + b) / 2
        within = apart(middle) <= width
        a, b = np.where(within, middle, a), np.where(within, b, middle)
    return np.where(far, a, outside)


def _joined(rows: list[Stretch]) -> list[Stretch]:
    out: list[Stretch] = []
    for row in sorted(rows, key=lambda r: (r.site, r.from_km)):
        last = out[-1] if out else None
        if last is not None and last.site == row.site and row.from_km <= last.to_km + TOUCH_KM:
            best = min(last, row, key=lambda r: r.nearest_km)
            out[-1] = Stretch(row.site, last.from_km, max(last.to_km, row.to_km), best.nearest_km, best.leg)
        else:
            out.append(row)
    return sorted(out, key=lambda r: (r.from_km, r.site))


@dataclass(frozen=True)
class Timetable:
    """When the aircraft is where: places along the path, km, and the times there, `unsure` by so much either way.

    A stop is two rows at one place.
    """

    km: tuple[float, ...]
    times: tuple[datetime, ...]
    unsure: timedelta = timedelta(0)

    def arrival(self, km: float) -> datetime:
        """The time at which the aircraft comes to a place."""
        return self._at(km, side="left")

    def departure(self, km: float) -> datetime:
        """The time at which it leaves that place; later than `arrival` at a stop."""
        return self._at(km, side="right")

    def _at(self, km: float, *, side: str) -> datetime:
        places = np.array(self.km)
        n = int(np.searchsorted(places, km, side="left" if side == "left" else "right"))
        n = min(max(n, 1), len(self.km) - 1)
        span = self.km[n] - self.km[n - 1]
        share = min(max((km - self.km[n - 1]) / span, 0.0), 1.0) if span > 0 else (0.0 if side == "left" else 1.0)
        return self.times[n - 1] + share * (self.times[n] - self.times[n - 1])


def timetable(plan: MissionPlan, airfields: Sequence[Airfield]) -> Timetable | None:
    """The plan's times along its path, None if it states too little: take-off, and speed or landing.

    Parameters
    ----------
    airfields : sequence of Airfield
        Those of the plan's stops; a stop at none of them, or far from every declared point, may come at any
        time, so that all times are unsure by its length.
    """
    lons, lats = lonlat(plan.waypoints)
    km = np.concatenate(([0.0], np.cumsum(leg_lengths_km(lons, lats))))
    total = float(km[-1])
    if plan.take_off is None or total <= 0:
        return None
    stops, unsure, reached = [], timedelta(0), 0
    for stop in sorted(plan.stops, key=lambda s: s.arrive):
        at = _place(stop.airfield, airfields, lons, lats, reached)
        if at is None:
            unsure += stop.leave - stop.arrive
        else:
            stops.append((float(km[at]), stop.arrive, stop.leave))
            reached = at
    rows = [(0.0, plan.take_off), *((x, t) for x, a, b in stops for t in (a, b))]
    last_km, last_time = rows[-1]
    if plan.ground_speed_kmh:
        rows.append((total, last_time + timedelta(hours=(total - last_km) / plan.ground_speed_kmh)))
    elif plan.lands is not None and plan.lands > last_time:
        rows.append((total, plan.lands))
    else:
        return None
    if any(b[1] < a[1] for a, b in pairwise(rows)):
        return None
    return Timetable(tuple(x for x, _ in rows), tuple(t for _, t in rows), unsure)


def _place(icao: str, airfields: Sequence[Airfield], lons: Floats, lats: Floats, since: int) -> int | None:
    """The first declared point from `since` on that lies at an airfield."""
    field = next((a for a in airfields if a.icao == icao), None)
    if field is None:
        return None
    n = len(lons) - since
    apart = distances_km(lons[since:], lats[since:], np.full(n, field.lon_deg), np.full(n, field.lat_deg))
    near = np.flatnonzero(apart <= AT_AIRFIELD_KM)
    near = near[near + since > 0] if since == 0 else near
    return int(near[0]) + since if near.size else None
