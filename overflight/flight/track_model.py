"""Realistic as-flown tracks of flights that never took place: noise, gaps and one weather deviation, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from overflight.errors import BadInput
from overflight.flight.track_files import Floats, Track
from overflight.planning.geodesy import GEOD, path_length_km, points_at
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

CLIMB_M_PER_S = 8.0
_STEP_KM = 0.5  # over which the direction of flight is taken


@dataclass(frozen=True)
class MadeTrack:
    """A made track, and the deviation in it: when it began and ended, and how far it led."""

    track: Track
    deviation_from: datetime | None
    deviation_until: datetime | None
    deviation_km: float


def make_track(
    plan: MissionPlan,
    *,
    take_off: datetime,
    seed: int,
    interval_s: float = 5.0,
    noise_m: float = 15.0,
    gaps: int = 2,
    gap_s: float = 150.0,
    deviation_km: float = 18.0,
    deviation_at: float = 0.45,
    deviation_length_km: float = 120.0,
    ground_m: Callable[[Floats, Floats], Floats] | None = None,
) -> MadeTrack:
    """Fly a plan on paper.

    Parameters
    ----------
    plan : MissionPlan
        Ground speed and height are taken from it; 430 km/h and 2,500 m if it has none.
    seed : int
        The same seed and plan give the same track.
    noise_m : float
        Standard deviation of the position noise, which drifts as that of a receiver does.
    gaps, gap_s : int, float
        How many gaps without fixes, and how long each is, seconds.
    deviation_km, deviation_at, deviation_length_km : float
        How far to the right of the path, after which share of it, over which length.
    ground_m : callable, optional
        Height of the ground at places, metres above sea level; sea level if left out.

    Raises
    ------
    BadInput
        If the plan has no length.
    """
    rng = np.random.default_rng(seed)
    total = path_length_km(plan.waypoints)
    if not total > 1.0:
        raise BadInput(say("the plan has no length to fly"), field="plan")
    speed = (plan.ground_speed_kmh or 430.0) / 3600.0
    n = int(total / speed / interval_s) + 1
    seconds = np.append(np.arange(n) * interval_s, total / speed)
    km = seconds * speed
    lons, lats = points_at(plan.waypoints, km)
    a_lon, a_lat = points_at(plan.waypoints, km - _STEP_KM)
    b_lon, b_lat = points_at(plan.waypoints, km + _STEP_KM)
    azimuth = np.asarray(GEOD.inv(a_lon, a_lat, b_lon, b_lat)[0])
    start = deviation_at * total
    inside = (km >= start) & (km <= start + deviation_length_km) & (deviation_km > 0)
    bump = np.where(inside, deviation_km * 500.0 * (1 - np.cos(2 * np.pi * (km - start) / deviation_length_km)), 0.0)
    across = bump + _drifting(rng, seconds.size, noise_m)
    lons, lats, _ = GEOD.fwd(lons, lats, azimuth + 90.0, across)
    lons, lats, _ = GEOD.fwd(lons, lats, azimuth, _drifting(rng, seconds.size, noise_m))
    lons, lats = np.asarray(lons, float), np.asarray(lats, float)
    heights = np.asarray(plan.height_agl_m or (2500.0,), float)
    wanted = np.full(seconds.size, heights[0]) if heights.size == 1 else _per_leg(plan, km, heights)
    agl = np.minimum(wanted, CLIMB_M_PER_S * np.minimum(seconds, seconds[-1] - seconds))
    agl = np.maximum(0.0, agl + np.where(agl >= wanted, np.abs(_drifting(rng, seconds.size, 6.0)), 0.0))
    ground = ground_m(lons, lats) if ground_m is not None else np.zeros(seconds.size)
    keep = np.concatenate([[True], np.diff(np.round(seconds)) > 0])
    for _ in range(gaps):
        since = rng.uniform(0.1, 0.9) * seconds[-1]
        keep &= ~((seconds > since) & (seconds < since + gap_s))
    began = take_off.timestamp()
    track = Track(began + np.round(seconds), lons, lats, agl + ground, agl).take(keep)
    moments = (
        [datetime.fromtimestamp(began + round(float(s)), UTC) for s in seconds[inside][[0, -1]]]
        if inside.any()
        else None
    )
    return MadeTrack(
        track, moments[0] if moments else None, moments[1] if moments else None, float(np.max(bump)) / 1000.0
    )


def _per_leg(plan: MissionPlan, km: Floats, heights: Floats) -> Floats:
    ends = np.cumsum([path_length_km(leg) for leg in plan.legs])
    return np.asarray(heights[np.clip(np.searchsorted(ends, km), 0, heights.size - 1)], float)


def _drifting(rng: np.random.Generator, n: int, sigma: float) -> Floats:
    """Noise whose neighbours are alike, with standard deviation `sigma`."""
    keep = 0.97
    white = rng.normal(0.0, sigma * np.sqrt(1 - keep**2), n)
    out = np.empty(n)
    last = rng.normal(0.0, sigma)
    for i, step in enumerate(white.tolist()):
        last = keep * last + step
        out[i] = last
    return out
