"""Which sites a path observes.

A site is observed if it lies within half the swath's full width of the path.  Searches look with `legs_near` or the
compiled `overflight.planning.swath`, which are fast and good to a few tens of metres; what is reported comes from
`observed` and `observed_by`, which are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadInput
from overflight.planning.geodesy import GEOD, covered, lonlat
from overflight.planning.turns import course_changes_deg, turn_room_km
from overflight.terms.place import Site
from overflight.terms.plan import Waypoint
from overflight.terms.words import say

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def observed(
    waypoints: Sequence[Waypoint],
    sites: Sequence[Site],
    *,
    swath_km: float,
    swaths_km: Mapping[str, float] | None = None,
    radius_km: float = 0.0,
    turn: str = "short",
    landings: Collection[str] = (),
) -> Bools:
    """Which sites lie within half of `swath_km` (the full width) of the path, by geodesics on WGS84.

    With `swaths_km`, the full width of each instrument, a site that names one is seen with that one's.
    Turns leave out what `observed_by` says.

    Raises
    ------
    BadInput
        If a site names an instrument that `swaths_km` lacks.
    """
    if not sites:
        return np.zeros(0, dtype=bool)
    if swaths_km is not None and any(s.instrument for s in sites):
        for site in sites:
            if site.instrument and site.instrument not in swaths_km:
                raise BadInput(
                    say(
                        "site {site} is for the instrument {id}, which has no swath; give --swath {id}=KM",
                        site=site.name,
                        id=site.instrument,
                    ),
                    field="--swath",
                )
        half = [(swaths_km[s.instrument] if s.instrument else swath_km) / 2 for s in sites]
        return observed_by(waypoints, sites, np.array(half), radius_km=radius_km, turn=turn, landings=landings)
    if radius_km > 0:
        half_km = np.full(len(sites), swath_km / 2)
        return observed_by(waypoints, sites, half_km, radius_km=radius_km, turn=turn, landings=landings)
    lons, lats = np.array([s.lon_deg for s in sites]), np.array([s.lat_deg for s in sites])
    return covered(waypoints, lons, lats, swath_km=swath_km)


def observed_by(
    waypoints: Sequence[Waypoint],
    sites: Sequence[Site],
    half_km: Floats,
    *,
    radius_km: float = 0.0,
    turn: str = "short",
    landings: Collection[str] = (),
) -> Bools:
    """Which sites lie within their own half width of the path, by geodesics on WGS84.

    Parameters
    ----------
    half_km : array, shape (n,)
        Half swath for each site.
    radius_km, turn : float, str
        With a turn radius the stretches in which the aircraft turns observe nothing.
    landings : collection of str
        Names of waypoints at which the aircraft lands, and so does not turn.
    """
    seen = np.zeros(len(sites), dtype=bool)
    if not len(sites):
        return seen
    paths: list[Sequence[Waypoint]] = [waypoints]
    if radius_km > 0:
        paths = straight_parts(waypoints, radius_km, turn, landings)
    for width in np.unique(half_km):
        some = np.flatnonzero(half_km == width)
        lons = np.array([sites[n].lon_deg for n in some.tolist()])
        lats = np.array([sites[n].lat_deg for n in some.tolist()])
        for path in paths:
            seen[some] |= covered(path, lons, lats, swath_km=2 * float(width))
    return seen


def straight_parts(
    waypoints: Sequence[Waypoint], radius_km: float, turn: str, landings: Collection[str]
) -> list[Sequence[Waypoint]]:
    """What is flown straight of each leg: the leg less the room of the turns at its ends (`turns.turn_room_km`)."""
    lons, lats = lonlat(waypoints)
    change = np.zeros(len(waypoints))
    change[1:-1] = course_changes_deg(waypoints)
    change[[n for n, point in enumerate(waypoints) if point.name in landings]] = 0.0
    before, after = turn_room_km(change, radius_km, turn)
    azimuth, _, metres = (np.asarray(v) for v in GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:]))
    parts: list[Sequence[Waypoint]] = []
    for n in range(len(waypoints) - 1):
        first, last = 1000.0 * float(after[n]), float(metres[n]) - 1000.0 * float(before[n + 1])
        if first <= last:
            ends = [GEOD.fwd(lons[n], lats[n], azimuth[n], at) for at in (first, last)]
            parts.append([Waypoint(float(lon), float(lat)) for lon, lat, _ in ends])
    return parts


def value_of(sites: Sequence[Site], seen: Bools) -> float:
    """The summed value of the sites that are marked; a group counts once, with its best marked member's."""
    total = 0.0
    best: dict[str, float] = {}
    for site, yes in zip(sites, seen.tolist(), strict=True):
        if not yes:
            continue
        if site.group:
            best[site.group] = max(best.get(site.group, 0.0), site.value)
        else:
            total += site.value
    return float(total + sum(best.values()))


def cross(a: Floats, b: Floats) -> Floats:
    """Vector products of the rows of `a` and `b`, shape (n, 3); numpy's own is slow on few rows."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    out[:, 0] = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    out[:, 1] = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    out[:, 2] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return out


def legs_near(a: Floats, b: Floats, sites: Floats, within_km: float) -> Bools:
    """Which sites lie within a distance of which legs, by planes through the earth's centre.

    Parameters
    ----------
    a, b : array, shape (legs, 3)
        Ends of each leg, earth-centred, km.
    sites : array, shape (sites, 3)
        Earth-centred, km.
    within_km : float
        Distance to the leg, km; a chord is taken for the arc, which differs by 0.5 m at 50 km.

    Returns
    -------
    array of bool, shape (legs, sites)
    """
    normal = cross(a, b)
    length = np.sqrt(np.einsum("ij,ij->i", normal, normal))
    normal /= np.where(length > 1e-9, length, 1.0)[:, None]
    across = sites.T
    near = np.abs(normal @ across) <= within_km
    near &= cross(normal, a) @ across >= 0
    near &= cross(b, normal) @ across >= 0
    near[length <= 1e-9] = False
    squares = np.einsum("ij,ij->i", sites, sites)
    reach = within_km * within_km
    for end in (a, b):
        near |= squares[None, :] - 2 * (end @ across) <= reach - np.einsum("ij,ij->i", end, end)[:, None]
    return near
