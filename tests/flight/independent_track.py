"""What a track did, by pyproj and shapely alone and without haste: nothing here imports the program."""

from itertools import pairwise

import numpy as np
import shapely
from pyproj import Geod

GEOD = Geod(ellps="WGS84")


def along(coordinates, step_m):
    """Points of a path at most `step_m` apart, longitudes and latitudes."""
    lons, lats = [coordinates[0][0]], [coordinates[0][1]]
    for (lon0, lat0), (lon1, lat1) in pairwise(coordinates):
        _, _, metres = GEOD.inv(lon0, lat0, lon1, lat1)
        pieces = max(1, int(np.ceil(metres / step_m)))
        for lon, lat in GEOD.npts(lon0, lat0, lon1, lat1, pieces - 1):
            lons.append(lon)
            lats.append(lat)
        lons.append(lon1)
        lats.append(lat1)
    return np.array(lons), np.array(lats)


def deviations_km(plan, fixes, step_m=100.0):
    """Of each fix the distance to the nearest of the path's points; at most half a step's triangle too long."""
    lons, lats = along(plan, step_m)
    out = []
    for lon, lat in fixes:
        here = np.full(lons.size, lon), np.full(lats.size, lat)
        out.append(GEOD.inv(*here, lons, lats)[2].min() / 1000)
    return np.array(out)


def flown_km(fixes):
    """From fix to fix."""
    lons, lats = np.array(fixes).T
    return GEOD.line_length(lons, lats) / 1000


def over_km(fixes, territory, step_m=100.0):
    """How much of the way from fix to fix lies over land of a territory, by steps."""
    lons, lats = along(fixes, step_m)
    shapely.prepare(territory)
    middle = (lons[1:] + lons[:-1]) / 2, (lats[1:] + lats[:-1]) / 2
    inside = shapely.intersects_xy(territory, *middle)
    return GEOD.inv(lons[:-1][inside], lats[:-1][inside], lons[1:][inside], lats[1:][inside])[2].sum() / 1000


def nearest_km(fixes, territory, step_m=1000.0):
    """The least distance to a territory, 0 inside, from points of the way; the border cut as finely."""
    lons, lats = along(fixes, step_m)
    if shapely.intersects_xy(territory, lons, lats).any():
        return 0.0
    around = shapely.box(lons.min() - 2.5, lats.min() - 1.5, lons.max() + 2.5, lats.max() + 1.5)
    edge = shapely.get_coordinates(shapely.segmentize(shapely.boundary(territory).intersection(around), 0.01))
    least = np.inf
    for lon, lat in zip(lons, lats, strict=True):
        high = min(1.5, least / 110.0 + 0.02)  # nothing beyond can be nearer than what is known
        close = edge[(np.abs(edge[:, 1] - lat) < high) & (np.abs(edge[:, 0] - lon) < 2.5)]
        if len(close):
            here = np.full(len(close), lon), np.full(len(close), lat)
            least = min(least, GEOD.inv(*here, close[:, 0], close[:, 1])[2].min() / 1000)
    return least
