"""Points on and above the WGS84 ellipsoid, as arrays: degrees and metres to earth-centred metres and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

A_M = 6378137.0  # WGS84 semi-major axis, metres (NGA.STND.0036)
F = 1 / 298.257223563
B_M = A_M * (1 - F)
E2 = F * (2 - F)
EP2 = E2 / (1 - E2)


def to_earth(lon_deg: ArrayLike, lat_deg: ArrayLike, height_m: ArrayLike) -> Floats:
    """Earth-centred x, y, z of geodetic points.

    Parameters
    ----------
    lon_deg, lat_deg, height_m : array, shapes that broadcast to (...)
        Degrees on WGS84, metres above the ellipsoid.

    Returns
    -------
    array, shape (..., 3)
        Metres.
    """
    lon, lat = np.radians(np.asarray(lon_deg, float)), np.radians(np.asarray(lat_deg, float))
    high = np.asarray(height_m, float)
    radius = A_M / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    flat = (radius + high) * np.cos(lat)
    return np.stack(
        np.broadcast_arrays(flat * np.cos(lon), flat * np.sin(lon), (radius * (1 - E2) + high) * np.sin(lat)), axis=-1
    )


def from_earth(point_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Longitude and latitude in degrees and height in metres of earth-centred points, shape (..., 3).

    Bowring's start with two more turns: better than a micrometre from 10 km below to 50 km above the
    ellipsoid. NaN stays NaN.
    """
    xyz = np.asarray(point_m, float)
    x, y, z = xyz[..., 0], xyz[..., 1], xyz[..., 2]
    flat = np.hypot(x, y)
    beta = np.arctan2(A_M * z, B_M * flat)
    for _ in range(3):
        lat = np.arctan2(z + EP2 * B_M * np.sin(beta) ** 3, flat - E2 * A_M * np.cos(beta) ** 3)
        beta = np.arctan2((1 - F) * np.sin(lat), np.cos(lat))
    radius = A_M / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    # this form of the height is stable at the poles as well as on the equator
    height = flat * np.cos(lat) + z * np.sin(lat) - A_M**2 / radius
    return np.degrees(np.arctan2(y, x)), np.degrees(lat), height


def north_east_down(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
    """Matrices whose columns are north, east and down at each point, in earth-centred axes; shape (..., 3, 3)."""
    lon, lat = np.broadcast_arrays(np.radians(np.asarray(lon_deg, float)), np.radians(np.asarray(lat_deg, float)))
    sin_lon, cos_lon, sin_lat, cos_lat = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    none: Any = np.zeros_like(lon)
    north = np.stack([-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat], axis=-1)
    east = np.stack([-sin_lon, cos_lon, none], axis=-1)
    down = np.stack([-cos_lat * cos_lon, -cos_lat * sin_lon, -sin_lat], axis=-1)
    return np.stack([north, east, down], axis=-1)


def meet_ellipsoid(start_m: Floats, ray: Floats, height_m: ArrayLike) -> Floats:
    """Distance along each ray to the ellipsoid raised by `height_m`; NaN where the ray misses it.

    Parameters
    ----------
    start_m, ray : array, shape (..., 3)
        Earth-centred start in metres; direction, any length.
    height_m : array, shape (...)
        Metres by which both axes of the ellipsoid are raised (within 2 mm of equal height below 10 km).

    Returns
    -------
    array, shape (...)
        Multiples of `ray`.
    """
    high = np.asarray(height_m, float)
    scale = np.stack(np.broadcast_arrays(A_M + high, A_M + high, B_M + high), axis=-1)
    p, d = start_m / scale, ray / scale
    a = (d * d).sum(-1)
    b = (p * d).sum(-1)
    c = (p * p).sum(-1) - 1.0
    root = b * b - a * c
    with np.errstate(invalid="ignore", divide="ignore"):
        # c / (-b + sqrt) avoids the cancellation of (-b - sqrt) / a close to the surface
        distance = c / (-b + np.sqrt(root))
    return np.where((root >= 0) & (distance > 0), distance, np.nan)
