"""Distances on the WGS84 ellipsoid: legs, paths, and how far places lie from a path.

Every leg is a geodesic.  Points come as `Waypoint`s or as rows of longitude and
latitude; longitudes may be written either side of 180 degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from overflight.errors import BadInput
from overflight.terms.plan import Waypoint
from overflight.terms.words import say

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Points = Sequence[Waypoint] | Sequence[tuple[float, float]] | Floats

GEOD: Final = Geod(ellps="WGS84")
MEAN_RADIUS_KM: Final = 6371.0088  # (2a + b)/3 of WGS84
_A_KM: Final = GEOD.a / 1000.0
_E2: Final = GEOD.es
_CHORD_KM: Final = 50.0  # a chord this long lies less than 50 m below its arc
_ROWS_AT_ONCE: Final = 1 << 21


def lonlat(points: Points) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of a path as two arrays of shape (n,), degrees.

    Raises
    ------
    BadInput
        If a coordinate is not a number or a latitude is beyond 90.
    """
    if len(points) and isinstance(points[0], Waypoint):
        rows = np.array([(p.lon_deg, p.lat_deg) for p in points if isinstance(p, Waypoint)], dtype=float)
    else:
        rows = np.asarray(points, dtype=float).reshape(-1, 2)
    bad = ~np.isfinite(rows).all(axis=1) | (np.abs(rows[:, 1]) > 90)
    if bad.any():
        n = int(np.flatnonzero(bad)[0])
        raise BadInput(
            say(
                "point {n}: {lon}, {lat} is no place; longitude first, then latitude, in degrees",
                n=n + 1,
                lon=rows[n, 0],
                lat=rows[n, 1],
            ),
            field="waypoints",
        )
    return rows[:, 0].copy(), rows[:, 1].copy()


def leg_lengths_km(lons: Floats, lats: Floats) -> Floats:
    """Geodesic length of each of the n-1 legs between n points, kilometres."""
    lons, lats = np.asarray(lons, float), np.asarray(lats, float)
    if lons.size < 2:
        return np.zeros(0)
    return distances_km(lons[:-1], lats[:-1], lons[1:], lats[1:])


def distances_km(lons1: Floats, lats1: Floats, lons2: Floats, lats2: Floats) -> Floats:
    """Geodesic distance of each pair of points, kilometres; arrays of one shape."""
    _, _, metres = GEOD.inv(lons1, lats1, lons2, lats2)
    return np.asarray(metres, float) / 1000.0


def path_length_km(points: Points) -> float:
    """Geodesic length of a whole path, kilometres."""
    return float(leg_lengths_km(*lonlat(points)).sum())


def densify(points: Points, step_km: float) -> tuple[Floats, Floats, Floats, Ints]:
    """Points on the path at most `step_km` apart, all waypoints among them.

    Returns
    -------
    lons, lats : arrays, shape (m,)
        Degrees, longitudes in [-180, 180].
    km_from_start : array, shape (m,)
    leg_index : array of int, shape (m,)
        The leg on which a point lies; a waypoint belongs to the leg that starts there, the last point to the last leg.
    """
    if not step_km > 0:
        raise BadInput(say("step_km {step}: must be greater than 0", step=step_km), field="step_km")
    lons, lats = lonlat(points)
    if lons.size < 2:
        return lons, lats, np.zeros(lons.size), np.zeros(lons.size, np.intp)
    azimuth, _, metres = GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:])
    pieces = np.maximum(1, np.ceil(metres / (step_km * 1000.0) - 1e-9)).astype(np.intp)
    leg = np.repeat(np.arange(pieces.size), pieces)
    place = np.arange(leg.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = place * (metres / pieces)[leg]
    out_lon, out_lat, _ = GEOD.fwd(lons[leg], lats[leg], azimuth[leg], along)
    first = place == 0
    out_lon[first], out_lat[first] = wrap(lons[:-1]), lats[:-1]
    starts = np.concatenate([[0.0], np.cumsum(metres)])
    return (
        np.append(out_lon, wrap(lons[-1:])),
        np.append(out_lat, lats[-1]),
        np.append(starts[leg] + along, starts[-1]) / 1000.0,
        np.append(leg, pieces.size - 1).astype(np.intp),
    )


def points_at(points: Points, km_from_start: Floats) -> tuple[Floats, Floats]:
    """The places of a path at n distances from its start, degrees; distances beyond an end give that end."""
    lons, lats = lonlat(points)
    if lons.size < 2:
        return np.full(np.shape(km_from_start), lons[0]), np.full(np.shape(km_from_start), lats[0])
    azimuth, _, metres = (np.asarray(column) for column in GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:]))
    starts = np.concatenate([[0.0], np.cumsum(metres)])
    along = np.clip(np.asarray(km_from_start, float) * 1000.0, 0.0, starts[-1])
    leg = np.clip(np.searchsorted(starts, along, side="right") - 1, 0, metres.size - 1)
    out_lon, out_lat, _ = GEOD.fwd(lons[leg], lats[leg], azimuth[leg], along - starts[leg])
    return np.asarray(out_lon, float), np.asarray(out_lat, float)


def wrap(lons: Floats) -> Floats:
    """Longitudes in [-180, 180]; 180 itself stays."""
    lons = np.asarray(lons, float)
    return np.where(np.abs(lons) <= 180.0, lons, (lons + 180.0) % 360.0 - 180.0)


def earth_centred_km(lons: Floats, lats: Floats) -> Floats:
    """Earth-centred, earth-fixed positions of points on the ellipsoid; shape (n, 3), kilometres."""
    lam, phi = np.radians(np.asarray(lons, float)), np.radians(np.asarray(lats, float))
    sin_phi, cos_phi = np.sin(phi), np.cos(phi)
    normal = _A_KM / np.sqrt(1.0 - _E2 * sin_phi**2)
    out = np.empty((*lam.shape, 3))
    cos_phi *= normal
    np.multiply(cos_phi, np.cos(lam), out=out[..., 0])
    np.multiply(cos_phi, np.sin(lam), out=out[..., 1])
    np.multiply(normal * (1.0 - _E2), sin_phi, out=out[..., 2])
    return out


def lonlat_of(places: Floats) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in degrees of earth-centred places (n, 3) on the ellipsoid."""
    x, y, z = places[:, 0], places[:, 1], places[:, 2]
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, (1.0 - _E2) * np.hypot(x, y)))


@dataclass(frozen=True)
class LocalFrame:
    """A plane that touches the Earth at one place: x east, y north, kilometres; exact along rays from its centre."""

    lon_deg: float
    lat_deg: float

    def to_xy_km(self, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
        """Azimuthal equidistant coordinates of n places."""
        lons, lats = np.asarray(lons, float), np.asarray(lats, float)
        azimuth, _, metres = GEOD.inv(np.full(lons.shape, self.lon_deg), np.full(lats.shape, self.lat_deg), lons, lats)
        angle = np.radians(azimuth)
        return np.asarray(metres * np.sin(angle) / 1000.0), np.asarray(metres * np.cos(angle) / 1000.0)

    def to_lonlat(self, x_km: Floats, y_km: Floats) -> tuple[Floats, Floats]:
        """The places of n points of the plane, degrees."""
        x_km, y_km = np.asarray(x_km, float), np.asarray(y_km, float)
        lons, lats, _ = GEOD.fwd(
            np.full(x_km.shape, self.lon_deg),
            np.full(y_km.shape, self.lat_deg),
            np.degrees(np.arctan2(x_km, y_km)),
            np.hypot(x_km, y_km) * 1000.0,
        )
        return lons, lats


def local_frame(lon_deg: float, lat_deg: float) -> LocalFrame:
    """The plane that touches the Earth at a place."""
    return LocalFrame(float(lon_deg), float(lat_deg))


@dataclass(frozen=True)
class Nearest:
    """The nearest place of a path to each of n sites: distance, leg, and kilometres from the leg's start."""

    km: Floats
    leg: Ints
    along_leg_km: Floats


def distance_to_path_km(waypoints: Points, lons: Floats, lats: Floats) -> Floats:
    """Geodesic distance of each of n sites from a path of geodesic legs, kilometres.

    Exact to about a centimetre at any distance at which a leg has one nearest place.
    """
    return nearest_on_path(waypoints, lons, lats).km


def covered(waypoints: Points, lons: Floats, lats: Floats, *, swath_km: float) -> Flags:
    """Which of n sites lie within half the swath (its full width is `swath_km`) of the path; on the edge counts."""
    half = swath_km / 2.0
    return nearest_on_path(waypoints, lons, lats, within_km=half).km <= half


def nearest_on_path(waypoints: Points, lons: Floats, lats: Floats, *, within_km: float | None = None) -> Nearest:
    """Where a path of geodesic legs comes nearest to each of n sites.

    Legs are first ranked by chords in three dimensions; the one or few that may
    be nearest are then measured on the ellipsoid, by stepping along the leg to the
    foot of the perpendicular.  With `within_km`, sites farther off than that are not
    measured and come back at an infinite distance, which is several times faster.

    Raises
    ------
    BadInput
        If the path has no point, or a coordinate is no place.
    """
    path_lons, path_lats = lonlat(waypoints)
    site_lons, site_lats = lonlat(np.column_stack([np.asarray(lons, float), np.asarray(lats, float)]))
    if not path_lons.size:
        raise BadInput(say("the path has no point"), field="waypoints")
    if path_lons.size == 1:
        path_lons, path_lats = np.repeat(path_lons, 2), np.repeat(path_lats, 2)
    most = np.inf if within_km is None else within_km
    site, leg, along = _candidates(path_lons, path_lats, site_lons, site_lats, most)
    km, along = feet_on_legs(path_lons, path_lats, site_lons[site], site_lats[site], leg, along)
    order = np.lexsort((km, site))
    first = order[np.flatnonzero(np.diff(site[order], prepend=-1))]
    found = Nearest(np.full(site_lons.size, np.inf), np.full(site_lons.size, -1, np.intp), np.zeros(site_lons.size))
    found.km[site[first]], found.leg[site[first]], found.along_leg_km[site[first]] = km[first], leg[first], along[first]
    return found


def _candidates(
    path_lons: Floats, path_lats: Floats, lons: Floats, lats: Floats, most_km: float
) -> tuple[Ints, Ints, Floats]:
    """Pairs of site and leg that may be nearest, with a first guess along the leg in metres."""
    dense_lons, dense_lats, _, leg_of = densify(np.column_stack([path_lons, path_lats]), _CHORD_KM)
    legs = path_lons.size - 1
    knots = earth_centred_km(dense_lons, dense_lats)
    start, chord = knots[:-1], np.diff(knots, axis=0)
    squared = np.maximum((chord**2).sum(axis=1), 1e-18)
    chord_leg = leg_of[:-1]
    first_chord = np.searchsorted(chord_leg, np.arange(legs))
    sites = earth_centred_km(lons, lats)
    found: list[tuple[Ints, Ints, Floats]] = []
    lengths = leg_lengths_km(path_lons, path_lats)
    per_leg = np.diff(np.append(first_chord, chord_leg.size))
    rows = max(1, _ROWS_AT_ONCE // max(1, start.shape[0]))
    for low in range(0, sites.shape[0], rows):
        some = sites[low : low + rows]
        ahead = some @ chord.T - (start * chord).sum(axis=1)
        t = np.clip(ahead / squared, 0.0, 1.0)
        apart = (some**2).sum(axis=1)[:, None] + (start**2).sum(axis=1) - 2.0 * (some @ start.T)
        apart += t * (t * squared - 2.0 * ahead)
        by_leg = np.sqrt(np.maximum(np.minimum.reduceat(apart, first_chord, axis=1), 0.0))
        nearest = by_leg.min(axis=1, keepdims=True)
        # Chords ignore the arc's height and, far off, the ellipsoid: leave room for both.
        row, leg = np.nonzero(by_leg <= np.minimum(nearest, most_km) * 1.005 + 0.08)
        chosen = np.empty(row.size, np.intp)
        for n in np.unique(leg):
            here = leg == n
            part = apart[row[here], first_chord[n] : first_chord[n] + per_leg[n]]
            chosen[here] = first_chord[n] + part.argmin(axis=1)
        guess = (chosen - first_chord[leg] + t[row, chosen]) * (lengths / per_leg)[leg] * 1000.0
        found.append((row + low, leg.astype(np.intp), guess))
    if not found:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
    site, leg, guess = (np.concatenate(column) for column in zip(*found, strict=True))
    return site.astype(np.intp), leg.astype(np.intp), guess


def feet_on_legs(
    path_lons: Floats, path_lats: Floats, lons: Floats, lats: Floats, leg: Ints, along_m: Floats
) -> tuple[Floats, Floats]:
    """Distance to the leg and place of the foot on it, kilometres, for m pairs of a place and a leg.

    `leg` holds indexes of the path's legs, `along_m` a first guess in metres from each leg's start.
    """
    azimuth, _, length_m = (
        np.asarray(column) for column in GEOD.inv(path_lons[:-1], path_lats[:-1], path_lons[1:], path_lats[1:])
    )
    km, t = feet((path_lons[leg], path_lats[leg], azimuth[leg], length_m[leg]), lons, lats, along_m)
    return km, t / 1000.0


def feet(
    lines: tuple[Floats, Floats, Floats, Floats], lons: Floats, lats: Floats, guess_m: Floats
) -> tuple[Floats, Floats]:
    """Distance of m places to m geodesics, kilometres, and where the foot is, metres from each start.

    `lines` holds starts in degrees, azimuths and lengths in metres.  Each pair is stepped until it
    stands still, so that its answer does not depend on what else is asked.
    """
    radius_m = MEAN_RADIUS_KM * 1000.0
    lons, lats = np.asarray(lons, float), np.asarray(lats, float)
    a_lon, a_lat, a_az, most = lines
    t = np.clip(guess_m, 0.0, most)
    moving = np.arange(t.size)
    for _ in range(8):
        if not moving.size:
            break
        foot_lon, foot_lat, back = GEOD.fwd(a_lon[moving], a_lat[moving], a_az[moving], t[moving])
        to_site, _, metres = GEOD.inv(foot_lon, foot_lat, lons[moving], lats[moving])
        turn = np.radians(np.asarray(to_site) - (np.asarray(back) + 180.0))
        angle = np.asarray(metres) / radius_m
        step = radius_m * np.arctan2(np.sin(angle) * np.cos(turn), np.cos(angle))
        new = np.clip(t[moving] + step, 0.0, most[moving])
        still = np.abs(new - t[moving]) < 1e-3
        t[moving] = new
        moving = moving[~still]
    foot_lon, foot_lat, _ = GEOD.fwd(a_lon, a_lat, a_az, t)
    _, _, metres = GEOD.inv(foot_lon, foot_lat, lons, lats)
    return np.asarray(metres, float) / 1000.0, t
