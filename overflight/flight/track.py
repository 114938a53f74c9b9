"""As flown against plan: deviation, distance, gaps, height and borders (Articles VI and VIII)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from overflight.flight.track_files import Floats, Track
from overflight.planning.geodesy import distance_to_path_km, distances_km, earth_centred_km, path_length_km
from overflight.planning.measure import measure
from overflight.rules import flown as rules
from overflight.rules.finding import Finding, all_comply
from overflight.rules.mission_plan import keeps_clear_of_disputed_outline, near_borders
from overflight.rules.negotiation import starts_24_hours_after_the_plan
from overflight.rules.prohibition import sensors_beyond_50_km_may_be_forbidden
from overflight.terms.moment import rfc3339
from overflight.terms.plan import MissionPlan, Waypoint

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Index = npt.NDArray[np.intp]

# Conventions of ours, shown in the findings that use them: the treaty sets no tolerance and no rate of fixes.
FOLLOWS_WITHIN_KM = 5.0
GAP_SECONDS = 60.0
FASTEST_KMH = 1_500.0
OUTLINE_KM = 0.05  # the track is drawn this closely where its borders and territory are measured
SPACING_KM = 2.0  # fixes this far apart give the distance flown, so that noise does not lengthen it


@dataclass(frozen=True)
class Gap:
    """A stretch of time without fixes, and how far apart the places before and after it are."""

    since: datetime
    until: datetime
    km: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {"from": rfc3339(self.since), "until": rfc3339(self.until), "km": round(self.km, 3)}


@dataclass(frozen=True)
class Excursion:
    """A stretch in which the aircraft was farther from the plan than `FOLLOWS_WITHIN_KM`."""

    since: datetime
    until: datetime
    km: float  # the farthest
    lon_deg: float
    lat_deg: float

    def where(self) -> dict[str, Any]:
        """The farthest place."""
        return {"type": "Point", "coordinates": [round(self.lon_deg, 6), round(self.lat_deg, 6)]}


@dataclass(frozen=True)
class Stated:
    """A deviation that the Parties recorded: when, and on which ground."""

    since: datetime
    until: datetime | None
    ground: str


@dataclass(frozen=True)
class TrackCheck:
    """Findings on a track, and the numbers behind them."""

    findings: tuple[Finding, ...]
    max_deviation_km: float
    flown_km: float
    counted_km: float
    planned_km: float
    gaps: tuple[Gap, ...]
    excursions: tuple[Excursion, ...]
    lowest_agl_m: float | None
    nearest_border_km: float | None
    fixes: int
    dropped: int
    began: datetime
    ended: datetime

    @property
    def complies(self) -> bool:
        """True when no finding is `breaches`."""
        return all_comply(self.findings)

    def to_json(self) -> dict[str, Any]:
        """The contract's fields of `flight track`, and more."""
        return {
            "complies": self.complies,
            "undetermined": [f.citation for f in self.findings if str(f.verdict) == "undetermined"],
            "findings": [f.to_json() for f in self.findings],
            "max_deviation_km": round(self.max_deviation_km, 3),
            "flown_km": round(self.flown_km, 3),
            "counted_km": round(self.counted_km, 3),
            "planned_km": round(self.planned_km, 3),
            "gaps": [g.to_json() for g in self.gaps],
            "excursions": [
                {"from": rfc3339(e.since), "until": rfc3339(e.until), "km": round(e.km, 3), "where": e.where()}
                for e in self.excursions
            ],
            "lowest_agl_m": None if self.lowest_agl_m is None else round(self.lowest_agl_m, 1),
            "nearest_border_km": None if self.nearest_border_km is None else round(self.nearest_border_km, 3),
            "fixes": self.fixes,
            "dropped": self.dropped,
            "began": rfc3339(self.began),
            "ended": rfc3339(self.ended),
        }


def check_track(
    plan: MissionPlan,
    track: Track,
    regime: Regime,
    *,
    borders: Borders,
    elevation: Elevation | None = None,
    stated: Sequence[Stated] = (),
) -> TrackCheck:
    """Hold a track against the plan that both signed.

    Parameters
    ----------
    stated : sequence of Stated
        Deviations that the Parties recorded, with their grounds.

    Raises
    ------
    BadInput
        If the plan's coordinates are no places.
    """
    clean = without_spikes(track)
    off = distance_to_path_km(plan.waypoints, clean.lons, clean.lats)
    farthest = int(np.argmax(off))
    outline = _outline(clean)
    as_flown = replace(plan, waypoints=outline, height_agl_m=(), sensors=(), sensors_on=None, stops=())
    facts = measure(as_flown, regime, borders=borders)
    gaps = find_gaps(clean)
    excursions = find_excursions(clean, off)
    lowest, sure = lowest_agl(plan, clean, elevation)
    nearest = min((n.km for n in facts.near), default=None)
    planned = path_length_km(plan.waypoints)
    flown = flown_km(clean)
    whole = regime.readings.get("distance_counts") == "whole_path"
    counted = flown if whole else facts.over_territory_km
    place = {
        "type": "Point",
        "coordinates": [round(float(clean.lons[farthest]), 6), round(float(clean.lats[farthest]), 6)],
    }
    began = clean.time(0)
    findings = [
        rules.follows_the_plan(
            [(e.since, e.until, e.km) for e in excursions],
            [(s.since, s.until, s.ground) for s in stated],
            tolerance_km=FOLLOWS_WITHIN_KM,
            where=excursions[0].where() if excursions else None,
        ),
        sensors_beyond_50_km_may_be_forbidden(
            deviation_km=float(off[farthest]), regime=regime, observed=plan.observed, place=place
        ),
        rules.track_has_no_gaps([(g.since, g.until, g.km) for g in gaps], longest_s=GAP_SECONDS),
        *(replace(found, rule="flown_clear_of_non_party_border") for found in near_borders(facts.near, regime)),
        rules.passes_the_declared_points(_missed(plan, clean), tolerance_km=FOLLOWS_WITHIN_KM),
        rules.flies_no_farther_than_the_maximum(
            counted_km=counted,
            excess_km=max(0.0, flown - planned),
            stated=bool(stated),
            limit=_limit(plan, regime),
        ),
    ]
    if facts.near_disputed:
        findings.append(keeps_clear_of_disputed_outline(facts.near_disputed, plan.observed, regime))
    findings += [
        rules.flies_above_the_certified_height(use.sensor, use.certified_h_min_m, lowest_m=lowest, error_m=sure)
        for use in plan.sensors
    ]
    if plan.submitted_at is not None:
        findings.append(
            starts_24_hours_after_the_plan(
                submitted=plan.submitted_at, starts=began, regime=regime, observing=plan.observing
            )
        )
    return TrackCheck(
        findings=tuple(findings),
        max_deviation_km=float(off[farthest]),
        flown_km=flown,
        counted_km=counted,
        planned_km=planned,
        gaps=gaps,
        excursions=excursions,
        lowest_agl_m=lowest,
        nearest_border_km=nearest,
        fixes=len(clean),
        dropped=len(track) - len(clean),
        began=began,
        ended=clean.time(-1),
    )


def _limit(plan: MissionPlan, regime: Regime) -> Any:
    from overflight.errors import OverflightError

    try:
        return regime.max_flight_distance(plan.start_airfield)
    except OverflightError:
        return None


def without_spikes(track: Track) -> Track:
    """The track without fixes that could only be reached faster than any observation aircraft flies."""
    keep = np.ones(len(track), dtype=bool)
    for _ in range(10):
        index = np.flatnonzero(keep)
        if index.size < 3:
            break
        t, lon, lat = track.seconds[index], track.lons[index], track.lats[index]
        kmh = distances_km(lon[:-1], lat[:-1], lon[1:], lat[1:]) / np.diff(t) * 3600.0
        fast = kmh > FASTEST_KMH
        # a spike is fast on both sides; at the ends one side is all there is
        spike = np.concatenate([[False], fast]) & np.concatenate([fast, [False]])
        spike[0], spike[-1] = fast[0] and not fast[1:2].any(), fast[-1] and not fast[-2:-1].any()
        if not spike.any():
            break
        keep[index[spike]] = False
    return track.take(keep)


def flown_km(track: Track) -> float:
    """Distance flown, by fixes about `SPACING_KM` apart."""
    steps = distances_km(track.lons[:-1], track.lats[:-1], track.lons[1:], track.lats[1:])
    at = np.concatenate([[0.0], np.cumsum(steps)])
    chosen = np.flatnonzero(np.diff(np.floor(at / SPACING_KM), prepend=-1.0) > 0)
    chosen = np.union1d(chosen, [len(track) - 1])
    lons, lats = track.lons[chosen], track.lats[chosen]
    return float(distances_km(lons[:-1], lats[:-1], lons[1:], lats[1:]).sum())


def find_gaps(track: Track) -> tuple[Gap, ...]:
    """Stretches longer than `GAP_SECONDS` without a fix."""
    found = np.flatnonzero(np.diff(track.seconds) > GAP_SECONDS)
    km = distances_km(track.lons[found], track.lats[found], track.lons[found + 1], track.lats[found + 1])
    return tuple(Gap(track.time(int(n)), track.time(int(n) + 1), float(d)) for n, d in zip(found, km, strict=True))


def find_excursions(track: Track, off_km: Floats) -> tuple[Excursion, ...]:
    """Stretches in which the aircraft was farther from the plan than `FOLLOWS_WITHIN_KM`."""
    outside = np.concatenate([[False], off_km > FOLLOWS_WITHIN_KM, [False]])
    starts = np.flatnonzero(~outside[:-1] & outside[1:])
    ends = np.flatnonzero(outside[:-1] & ~outside[1:]) - 1
    out = []
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        top = first + int(np.argmax(off_km[first : last + 1]))
        place = float(track.lons[top]), float(track.lats[top])
        out.append(Excursion(track.time(first), track.time(last), float(off_km[top]), *place))
    return tuple(out)


def lowest_agl(plan: MissionPlan, track: Track, elevation: Elevation | None) -> tuple[float | None, float]:
    """The least height above ground between climb and descent, and the error of the ground below; None if unknown.

    Climb and descent are what lies before the first and after the last fix at or above the greatest
    certified minimum height of the sensors in the plan.
    """
    heights, error = track.height_agl_m, np.zeros(len(track))
    known = ~np.isnan(heights)
    if not known.any() and elevation is not None and not np.isnan(track.height_m).all():
        ground, error = elevation.at(track.lons, track.lats)
        heights = track.height_m - ground
        known = ~np.isnan(heights)
    least = max((s.certified_h_min_m or 0.0 for s in plan.sensors), default=0.0)
    up = np.flatnonzero(known & (heights >= least))
    if not up.size:
        return (float(np.nanmax(heights)), 0.0) if known.any() else (None, 0.0)
    between = slice(int(up[0]), int(up[-1]) + 1)
    window = np.where(known[between], heights[between], np.inf)
    n = int(np.argmin(window)) + int(up[0])
    return float(heights[n]), float(error[n])


def _missed(plan: MissionPlan, track: Track) -> list[tuple[int, float]]:
    """Declared points that the track never came near, with the distance; `n` counts from 1."""
    lons = np.array([w.lon_deg for w in plan.waypoints])
    lats = np.array([w.lat_deg for w in plan.waypoints])
    km = distance_to_path_km(_outline(track), lons, lats)
    return [(n + 1, float(d)) for n, d in enumerate(km) if d > FOLLOWS_WITHIN_KM]


def _outline(track: Track) -> tuple[Waypoint, ...]:
    """The track with no more points than its shape needs."""
    keep = simplify(track.lons, track.lats, tolerance_km=OUTLINE_KM)
    return tuple(Waypoint(float(track.lons[n]), float(track.lats[n])) for n in keep)


def simplify(lons: Floats, lats: Floats, *, tolerance_km: float) -> Index:
    """Indices of the points that draw a path to within a tolerance (Douglas and Peucker, on great circles)."""
    places = earth_centred_km(lons, lats)
    keep = np.zeros(len(places), dtype=bool)
    keep[[0, -1]] = True
    todo = [(0, len(places) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        normal = np.cross(places[a], places[b])
        size = float(np.linalg.norm(normal))
        inner = places[a + 1 : b]
        along = places[b] - places[a]
        reach = float(np.linalg.norm(along))
        if size < 1e-6 or reach < 1e-6:
            off = np.linalg.norm(inner - places[a], axis=1)
        else:
            off = np.abs(inner @ (normal / size))
            # beyond the ends of the chord, or doubling back, the plane says nothing
            t = (inner - places[a]) @ (along / reach)
            off = np.maximum(off, np.maximum(-t, t - reach))
        top = int(np.argmax(off))
        if off[top] > tolerance_km:
            keep[a + 1 + top] = True
            todo += [(a, a + 1 + top), (a + 1 + top, b)]
    return np.flatnonzero(keep)


def shifted(track: Track, by: timedelta) -> Track:
    """The track at another time."""
    return replace(track, seconds=track.seconds + by.total_seconds())
