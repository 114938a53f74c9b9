"""Territorial waters as areas: a named approximation, since the border data hold land only.

Water within twelve nautical miles of land belongs to the State whose land is nearest, so that two States that
lie nearer than that to each other share by the line midway between their coasts.  Baselines, agreed
sea borders and narrower claims are not in the data: whoever has better areas replaces this module's answer
by the reading ``sea_border`` = land, or by a border file that draws waters as territory.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.geodesy import LocalFrame, local_frame
from overflight.planning.territory import WATERS_KM
from overflight.treaty.geography import Borders

Floats = NDArray[np.float64]
Tile = tuple[int, int]  # the south-west corner, whole degrees

COAST_STEP_KM: Final = 1.0  # coasts are looked at this finely when the line midway between them is drawn
SEA_STEPS: Final = 24  # a tile without water at this many steps each way is taken for dry
ROUND: Final = 16  # pieces of a quarter circle around a coast's corner: 12 miles are right within 0.1 km


def tile_of(lon_deg: float, lat_deg: float) -> Tile:
    """The tile of one degree that a place lies in."""
    return math.floor((lon_deg + 180) % 360 - 180), min(max(math.floor(lat_deg), -90), 89)


def waters_in(tile: Tile, borders: Borders) -> dict[str, Any]:
    """For each State with waters in the tile, their area there (longitude and latitude); kept with the borders."""
    known: dict[Tile, dict[str, Any]] = borders.cache.setdefault("waters", {})
    if tile not in known:
        known[tile] = _waters(tile, borders)
    return known[tile]


def _waters(tile: Tile, borders: Borders) -> dict[str, Any]:
    west, south = tile
    lons, lats = np.meshgrid(np.linspace(west, west + 1, SEA_STEPS + 1), np.linspace(south, south + 1, SEA_STEPS + 1))
    if (borders.units_at(lons.ravel(), lats.ravel()) >= 0).all():
        return {}
    frame = local_frame(west + 0.5, south + 0.5)
    pad_lat = (WATERS_KM + 1.0) / 110.5
    pad_lon = pad_lat / max(np.cos(np.radians(min(max(abs(south), abs(south + 1)) + pad_lat, 89.0))), 0.02)
    around = (west - pad_lon, south - pad_lat, west + 1 + pad_lon, south + 1 + pad_lat)
    lands: list[tuple[str, Any]] = []
    for unit in borders.units_near(*(np.array([edge]) for edge in around)):
        whose = borders.units[int(unit)]
        code = whose.code if whose.disputed is None and whose.code else ""
        lands += [(code, land) for land in _land(borders, int(unit), around, frame)]
    if not any(code for code, _ in lands):
        return {}
    shapes = [land for _, land in lands]
    sea = shapely.difference(_plane(frame, shapely.segmentize(shapely.box(west, south, west + 1, south + 1), 0.05)),
                             shapely.union_all(shapes))  # fmt: skip
    if shapely.is_empty(sea):
        return {}
    nearest = _nearest_land(lands, sea)
    out = {}
    for code in sorted({code for code, _ in lands if code}):
        own = [land for whose, land in lands if whose == code]
        zone = shapely.intersection(sea, shapely.union_all(shapely.buffer(np.array(own), WATERS_KM, quad_segs=ROUND)))
        zone = shapely.intersection(zone, nearest[code]) if nearest is not None else zone
        parts = [
            part for part in shapely.get_parts(zone) if shapely.get_type_id(part) == 3 and shapely.area(part) > 0.01
        ]
        if parts:
            out[code] = shapely.MultiPolygon([_back(frame, part) for part in parts])
    return out


def _land(borders: Borders, unit: int, around: tuple[float, float, float, float], frame: LocalFrame) -> list[Any]:
    """The land of a unit within a box of degrees, on the plane; across 180 degrees too."""
    out = []
    for turn in (-360.0, 0.0, 360.0):
        box = (around[0] + turn, around[1], around[2] + turn, around[3])
        if box[2] < -180 or box[0] > 180:
            continue
        for polygon in borders.polygons_of(unit):
            low_x, low_y, high_x, high_y = shapely.bounds(polygon)
            if low_x > box[2] or high_x < box[0] or low_y > box[3] or high_y < box[1]:
                continue
            clipped = shapely.clip_by_rect(polygon, *box)
            out += [
                shapely.make_valid(_plane(frame, part))
                for part in shapely.get_parts(clipped)
                if shapely.get_type_id(part) == 3 and not shapely.is_empty(part)
            ]
    return out


def _nearest_land(lands: list[tuple[str, Any]], sea: Any) -> dict[str, Any] | None:
    """For each code the places that are nearer to its land than to any other; None if there is one code only."""
    codes = [code for code, _ in lands]
    if len(set(codes)) == 1:
        return None
    points, owner = [], []
    for n, (_, land) in enumerate(lands):
        outline = shapely.get_coordinates(shapely.segmentize(shapely.boundary(land), COAST_STEP_KM))
        points.append(outline)
        owner.append(np.full(len(outline), n))
    at, whose = np.concatenate(points), np.concatenate(owner)
    # Neighbours on land share points: one of them is enough, and a tie decides nothing at sea.
    at, first = np.unique(np.round(at, 4), axis=0, return_index=True)
    whose = whose[first]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(at), extend_to=shapely.envelope(sea)))
    tree = shapely.STRtree(cells)
    point, cell = tree.query(shapely.points(at), predicate="intersects")
    of_cell = np.full(len(cells), -1)
    of_cell[cell] = whose[point]
    names = np.array([*codes, ""], dtype=object)[of_cell]
    return {code: shapely.union_all(cells[names == code]) for code in set(codes) if code}


def _plane(frame: LocalFrame, shape: Any) -> Any:
    return shapely.transform(shape, lambda at: np.column_stack(frame.to_xy_km(at[:, 0], at[:, 1])))


def _back(frame: LocalFrame, shape: Any) -> Any:
    def places(at: Floats) -> Floats:
        lons, lats = frame.to_lonlat(at[:, 0], at[:, 1])
        return np.column_stack((lons, lats))

    return shapely.transform(shape, places)
