"""A path as programs draw it: around its middle, geodesics cut into short pieces, parted at 180 degrees."""

from __future__ import annotations

import math

import numpy as np

from overflight.planning.geodesy import Floats, Points, densify, path_length_km

STEP_KM = 20.0  # straight pieces this long leave their geodesic by less than a pixel of any map
MOST_PIECES = 50_000  # of an absurdly long path
DECIMALS = 9


def middle_of(lons: Floats, lats: Floats) -> tuple[float, float]:
    """The direction of the mean of n places, degrees."""
    lam, phi = np.radians(lons), np.radians(lats)
    x, y, z = (float(v.mean()) for v in (np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def display_lines(waypoints: Points, *, step_km: float = STEP_KM) -> list[list[tuple[float, float]]]:
    """The path as lines of longitude and latitude, degrees, none of which crosses 180 degrees.

    Where a leg crosses, one line ends and the next begins on the meridian itself, on either side.
    """
    lons, lats, _, _ = densify(waypoints, max(step_km, path_length_km(waypoints) / MOST_PIECES))
    lines: list[list[tuple[float, float]]] = [[(float(lons[0]), float(lats[0]))]]
    for n in range(1, len(lons)):
        before, here = float(lons[n - 1]), float(lons[n])
        if abs(here - before) > 180.0:
            side = math.copysign(180.0, before)
            apart = here + 2 * side - before
            share = (side - before) / apart if apart else 0.0
            lat = float(lats[n - 1]) + share * float(lats[n] - lats[n - 1])
            lines[-1].append((side, lat))
            lines.append([(-side, lat)])
        lines[-1].append((here, float(lats[n])))
    return [_without_repeats(line) for line in lines if len(_without_repeats(line)) > 1]


def _without_repeats(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    rounded = [(round(lon, DECIMALS), round(lat, DECIMALS)) for lon, lat in line]
    return [point for n, point in enumerate(rounded) if n == 0 or point != rounded[n - 1]]
