"""Small made-up borders: a Party north of the equator, one that is not a Party south of it, a strip in dispute."""

import json

import numpy as np
import rasterio
from pyproj import Geod
from rasterio.transform import from_origin

from overflight.terms.plan import MissionPlan, Waypoint
from overflight.treaty.geography import Borders

GEOD = Geod(ellps="WGS84")


def box(west, south, east, north):
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def made_up_borders(folder, *, accuracy_m=0, south="CHE", east="POL", disputed=()):
    """Germany from 0 to 10 E and 0 to 8 N; `south` below the equator; `east` beyond 10 E."""
    rows = [("DEU", box(0, 0, 10, 8)), (south, box(-5, -6, 15, 0)), (east, box(10, 0, 15, 8))]
    features = [{"type": "Feature", "properties": {"code": c, "name": c}, "geometry": g} for c, g in rows]
    (folder / "borders.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    facts = {
        "name": "made up", "date": "2026", "scale": "1:1", "point_of_view": "a test's", "source": "made up",
        "accuracy_m": accuracy_m,
    }  # fmt: skip
    (folder / "dataset.json").write_text(json.dumps(facts))
    if disputed:
        areas = [
            {
                "type": "Feature",
                "properties": {"id": i, "name": i, "sides": list(sides), "since": "2000", "note": "made up"},
                "geometry": g,
            }
            for i, sides, g in disputed
        ]
        (folder / "disputed.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": areas}))
    return Borders.load(folder)


def north_of_equator(lon, km):
    """The point `km` north of the equator on a meridian."""
    lon, lat, _ = GEOD.fwd(lon, 0.0, 0.0, km * 1000)
    return float(lon), float(lat)


def plan_through(*points, observed="DEU", **more):
    """A plan through these points, with airfields that are never near."""
    return MissionPlan(
        observed=observed,
        waypoints=tuple(Waypoint(float(lon), float(lat)) for lon, lat in points),
        start_airfield=more.pop("start_airfield", "ETNW"),
        end_airfield=more.pop("end_airfield", "ETNW"),
        **more,
    )


def ring(lon, lat, radius_km, corners=12):
    """Points of a closed ring around a place."""
    angles = np.linspace(0, 360, corners, endpoint=False)
    return [tuple(GEOD.fwd(lon, lat, float(a), radius_km * 1000)[:2]) for a in angles]


def geotiff(path, heights, *, west=10.0, north=50.0, cell=0.01):
    """A GeoTIFF of heights whose upper left corner lies at `west` and `north`, by cells of `cell` degrees."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=heights.shape[0],
        width=heights.shape[1],
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(west, north, cell, cell),
        nodata=-9999.0,
    ) as file:
        file.write(heights.astype("float32"), 1)
    return path
