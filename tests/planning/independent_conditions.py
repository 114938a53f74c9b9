"""A second opinion on a planner's own conditions: pyproj, shapely, schoolbook formulas; no code of the planner."""

import math
from itertools import pairwise

import numpy as np
import shapely
from pyproj import Geod, Proj

GEOD = Geod(ellps="WGS84")


def legs_km(coordinates):
    return [GEOD.inv(*a, *b)[2] / 1000 for a, b in pairwise(coordinates)]


def inside_km(coordinates, polygon, step_m=500.0):
    """Length of the path inside a polygon, on planes around each piece of it."""
    total = 0.0
    ring = shapely.segmentize(polygon, 0.02)
    for a, b in pairwise(coordinates):
        azimuth, _, metres = GEOD.inv(*a, *b)
        n = max(1, math.ceil(metres / step_m))
        lons, lats, _ = GEOD.fwd([a[0]] * n, [a[1]] * n, [azimuth] * n, (np.arange(n) + 0.5) * metres / n)
        shift = np.round((np.asarray(lons) - shapely.centroid(ring).x) / 360) * 360
        total += metres / n * int(shapely.contains_xy(ring, np.asarray(lons) - shift, lats).sum()) / 1000
    return total


def sections_km(coordinates, stops):
    """Lengths between airfields; `stops` are their (lon, lat), in order."""
    out, since, at = [], 0.0, 0
    lengths = legs_km(coordinates)
    for stop in stops:
        at = next(k for k in range(at + 1, len(coordinates)) if GEOD.inv(*coordinates[k], *stop)[2] <= 5000)
        out.append(sum(lengths[:at]) - since)
        since = sum(lengths[:at])
    return [*out, sum(lengths) - since]


def turns_deg(coordinates):
    out = []
    for a, b, c in zip(coordinates, coordinates[1:], coordinates[2:], strict=False):
        arrive = GEOD.inv(*a, *b)[1] + 180
        leave = GEOD.inv(*b, *c)[0]
        out.append(abs((leave - arrive + 180) % 360 - 180))
    return out


def room_short_km(turn_deg, radius_km):
    return radius_km * math.tan(math.radians(turn_deg) / 2)


def room_over_km(turn_deg, radius_km, step_deg=0.05):
    """Fly it: turn at the radius until the way back onto the leg is one arc, in small steps."""
    heading, along, across = -math.radians(turn_deg), 0.0, 0.0
    step = math.radians(step_deg)
    while heading < 0 or across + radius_km * (1 - math.cos(heading)) < 0:
        along += radius_km * step * math.cos(heading + step / 2)
        across += radius_km * step * math.sin(heading + step / 2)
        heading += step
    return along + radius_km * math.sin(heading)


def spare_km(coordinates, radius_km, manner, landings=()):
    """Least of leg length less what the turns at both ends use up."""
    turns = [0.0, *turns_deg(coordinates), 0.0]
    turns = [0.0 if k in landings else turn for k, turn in enumerate(turns)]
    worst = math.inf
    for k, km in enumerate(legs_km(coordinates)):
        if manner == "short":
            km -= room_short_km(turns[k], radius_km) + room_short_km(turns[k + 1], radius_km)
        else:
            km -= room_over_km(turns[k], radius_km) if turns[k] else 0.0
        worst = min(worst, km)
    return worst


def sun_deg(lon, lat, at):
    """Height of the sun by the low-precision almanac formula, good to 0.02 degrees."""
    days = (at.timestamp() / 86400 + 2440587.5) - 2451545.0
    mean, anomaly = (280.460 + 0.9856474 * days) % 360, math.radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = math.radians(mean + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly))
    tilt = math.radians(23.439 - 0.0000004 * days)
    declination = math.asin(math.sin(tilt) * math.sin(ecliptic))
    ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    hour = math.radians((280.46061837 + 360.98564736629 * days + lon) % 360) - ascension
    here = math.radians(lat)
    return math.degrees(
        math.asin(math.sin(here) * math.sin(declination) + math.cos(here) * math.cos(declination) * math.cos(hour))
    )


def sea_border_km(place, code, land_of, reach_km=40.0):
    """Distance to the nearest water within 12 nautical miles of `code`'s land and nearer to it than to any other.

    `land_of` maps codes to polygons near the place; the plane touches the Earth at the place.
    """
    plane = Proj(proj="aeqd", lon_0=place[0], lat_0=place[1], ellps="WGS84")
    flat = {
        key: shapely.transform(
            shapely.segmentize(shape, 0.02), lambda c: np.column_stack(plane(c[:, 0], c[:, 1])) / 1000
        ).buffer(0)
        for key, shape in land_of.items()
    }
    best = math.inf
    for radius in np.arange(0.0, reach_km, 0.5):
        angle = np.linspace(0, 2 * np.pi, 181)[: 1 if radius == 0 else None]
        points = shapely.points(np.column_stack((radius * np.cos(angle), radius * np.sin(angle))))
        apart = {key: shapely.distance(shape, points) for key, shape in flat.items()}
        others = (
            np.min([v for k, v in apart.items() if k != code], axis=0)
            if len(apart) > 1
            else np.full(len(points), np.inf)
        )
        hit = (apart[code] <= 22.224) & (apart[code] > 0) & (apart[code] <= others) & (others > 0)
        if hit.any():
            best = radius
            break
    return best
