"""Which sites a path observes.

A site is observed if it lies within half the swath's full width of the path.  The
search looks with `legs_near`, which is fast and good to a few tens of metres; what is
reported comes from `observed`, which is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from overflight.planning.geodesy import covered
from overflight.terms.place import Site
from overflight.terms.plan import Waypoint

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def observed(waypoints: Sequence[Waypoint], sites: Sequence[Site], *, swath_km: float) -> Bools:
    """Which sites lie within half of `swath_km` (the full width) of the path, by geodesics on WGS84."""
    if not sites:
        return np.zeros(0, dtype=bool)
    lons, lats = np.array([s.lon_deg for s in sites]), np.array([s.lat_deg for s in sites])
    return covered(waypoints, lons, lats, swath_km=swath_km)


def value_of(sites: Sequence[Site], seen: Bools) -> float:
    """The summed value of the sites that are marked."""
    return float(sum(site.value for site, yes in zip(sites, seen.tolist(), strict=True) if yes))


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
