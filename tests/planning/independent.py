"""A second opinion on a plan: pyproj and shapely alone, sharing no code with the planner.

Only the border polygons come from the package.  Paths are cut into short pieces along
the geodesic, and everything is measured on a plane around the place in question.
"""

from itertools import pairwise

import numpy as np
import shapely
from pyproj import Geod, Proj

GEOD = Geod(ellps="WGS84")


def dense(coordinates, step_m=1000.0):
    """Points along the geodesic legs, at most `step_m` apart."""
    out = [tuple(coordinates[0])]
    for (lon1, lat1), (lon2, lat2) in pairwise(coordinates):
        azimuth, _, metres = GEOD.inv(lon1, lat1, lon2, lat2)
        for n in range(1, max(2, int(np.ceil(metres / step_m)) + 1)):
            share = min(1.0, n * step_m / metres) if metres else 1.0
            lon, lat, _ = GEOD.fwd(lon1, lat1, azimuth, metres * share)
            out.append((lon, lat))
    return np.array(out)


def length_km(coordinates):
    lons, lats = zip(*coordinates, strict=True)
    return GEOD.line_length(lons, lats) / 1000


def observed(coordinates, sites, swath_km):
    """The sites (name, lon, lat, value) within half the swath of the path, by distance to a dense line."""
    line = dense(coordinates)
    seen = []
    for site in sites:
        _, _, metres = GEOD.inv(np.full(len(line), site[1]), np.full(len(line), site[2]), line[:, 0], line[:, 1])
        k = int(np.argmin(metres))
        if metres[k] > swath_km * 500 + 2000:
            continue
        plane = Proj(proj="aeqd", lon_0=site[1], lat_0=site[2], ellps="WGS84")
        # the nearest leg may be another one: take every piece within reach
        pieces = np.flatnonzero(metres < metres[k] + 3000)
        best = np.inf
        for p in pieces:
            part = line[max(0, p - 1) : p + 2]
            x, y = plane(part[:, 0], part[:, 1])
            best = min(best, shapely.LineString(np.column_stack((x, y))).distance(shapely.Point(0, 0)))
        if best <= swath_km * 500:
            seen.append(site)
    return seen


def nearest_border_km(coordinates, polygons, within_deg=1.0):
    """Least distance from the path to any of the polygons, km (0 inside; infinite if none is near)."""
    line = dense(coordinates)
    best = np.inf
    bounds = shapely.bounds(np.array(polygons, dtype=object)).reshape(-1, 4)
    for start in range(0, len(line) - 1, 50):
        part = line[start : start + 51]
        middle = part[len(part) // 2]
        wide = within_deg / max(0.05, np.cos(np.radians(middle[1])))
        lons = middle[0] + (part[:, 0] - middle[0] + 180) % 360 - 180
        box = (lons.min() - wide, part[:, 1].min() - within_deg, lons.max() + wide, part[:, 1].max() + within_deg)
        plane = Proj(proj="aeqd", lon_0=middle[0], lat_0=middle[1], ellps="WGS84")
        track = shapely.LineString(np.column_stack(plane(part[:, 0], part[:, 1])))
        near = (bounds[:, 0] <= box[2]) & (bounds[:, 2] >= box[0]) & (bounds[:, 1] <= box[3]) & (bounds[:, 3] >= box[1])
        for polygon in (polygons[k] for k in np.flatnonzero(near)):
            clipped = shapely.clip_by_rect(polygon, *box)
            if clipped.is_empty:
                continue
            flat = shapely.transform(
                shapely.segmentize(clipped, 0.05), lambda c, plane=plane: np.column_stack(plane(c[:, 0], c[:, 1]))
            )
            best = min(best, track.distance(flat.buffer(0)) / 1000)
    return best


def verify(result, sites, *, swath_km, max_km, non_party_polygons, clearance_km=10.0):
    """Complaints about a result of `plan optimise --json`; empty if it is legal and worth what it says."""
    coordinates = [tuple(c[:2]) for c in result["plan"]["geometry"]["coordinates"]]
    out = []
    metres = length_km(coordinates)
    if abs(metres - result["length_km"]) > 1e-3:
        out.append(f"length {metres} is not {result['length_km']}")
    if metres > max_km:
        out.append(f"length {metres} is over {max_km}")
    value = sum(s[3] for s in observed(coordinates, sites, swath_km))
    if abs(value - result["value"]) > 1e-9:
        out.append(f"value {value} is not {result['value']}")
    near = nearest_border_km(coordinates, non_party_polygons)
    if near < clearance_km:
        out.append(f"{near} km from the border of a non-Party")
    return out
