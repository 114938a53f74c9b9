"""Land and borders on the plane of a map, whole across 180 degrees and around the poles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from overflight.planning.geodesy import Floats, LocalFrame

if TYPE_CHECKING:
    from overflight.treaty.geography import Borders

TILE_DEG: Final = 10.0
EDGE_DEG: Final = 1.0  # a border is straight in degrees between two of its places
POLE_DEG: Final = 89.99
WIDE_KM: Final = 3_000.0  # from here on the coarser lines do
FARTHEST_KM: Final = 15_000.0  # beyond this a plane around one place shows nothing of use
GRID_KM: Final = 0.001


@dataclass(frozen=True)
class Land:
    """A State's land or a disputed area near a place, on the plane, kilometres."""

    code: str | None
    disputed: str | None  # id of the area
    name: str
    shape: Any


def lands_near(borders: Borders, frame: LocalFrame, reach_km: float) -> tuple[Land, ...]:
    """All land within `reach_km` of the frame's middle, simplified to what a sheet can show."""
    reach_km = min(reach_km, FARTHEST_KM)
    tiles = _tiles(frame, reach_km)
    pieces: dict[tuple[str | None, str | None, str], list[Any]] = {}
    for code, area, name, polygon in _polygons(borders, tiles, coarse=reach_km > WIDE_KM):
        west, south, east, north = shapely.bounds(polygon)
        for box in tiles:
            if west > box[2] or east < box[0] or south > box[3] or north < box[1]:
                continue
            for part in shapely.get_parts(shapely.clip_by_rect(polygon, *box)):
                if shapely.get_type_id(part) == 3 and not shapely.is_empty(part):
                    pieces.setdefault((code, area, name), []).append(_on_plane(part, frame))
    fine = reach_km / 4000
    out = []
    for (code, area, name), parts in sorted(pieces.items(), key=lambda item: str(item[0])):
        whole = shapely.simplify(shapely.union_all(parts, grid_size=GRID_KM), fine / 2)
        # what the cut at 180 degrees left apart grows together
        whole = shapely.buffer(shapely.buffer(whole, fine / 4, quad_segs=1), -fine / 4, quad_segs=1)
        if not shapely.is_empty(whole):
            out.append(Land(code, area, name, whole))
    return tuple(out)


def on_plane(shape: Any, frame: LocalFrame, reach_km: float) -> Any:
    """A shape (degrees, cut at 180) on the plane, as far as it is within reach."""
    boxes = _tiles(frame, min(reach_km, FARTHEST_KM))
    parts = [
        _on_plane(part, frame)
        for box in boxes
        for part in shapely.get_parts(shapely.clip_by_rect(shape, *box))
        if shapely.get_type_id(part) == 3 and not shapely.is_empty(part)
    ]
    return shapely.union_all(parts, grid_size=GRID_KM)


def rings(shape: Any) -> Iterator[list[Floats]]:
    """For each polygon of a shape its outline and its holes, each (n, 2)."""
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) != 3 or shapely.is_empty(part):
            continue
        holes = [shapely.get_interior_ring(part, n) for n in range(shapely.get_num_interior_rings(part))]
        yield [shapely.get_coordinates(ring) for ring in (shapely.get_exterior_ring(part), *holes)]


def _polygons(borders: Borders, tiles: Floats, *, coarse: bool) -> Iterator[tuple[str | None, str | None, str, Any]]:
    """Code, disputed area, name and polygon (degrees) of all land that may be near."""
    near = borders.units_near(*tiles.T)
    if coarse:
        wanted = {borders.units[int(n)].unit for n in near}
        for feature in borders.map_layer("coarse")["features"]:
            told = feature["properties"]
            if told.get("unit") in wanted:
                for polygon in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
                    yield told.get("code"), told.get("disputed"), str(told.get("name")), polygon
        return
    for n in near.tolist():
        unit = borders.units[n]
        for polygon in borders.polygons_of(n):
            yield unit.code, unit.disputed, unit.name, polygon


def _tiles(frame: LocalFrame, reach_km: float) -> Floats:
    """Boxes of degrees that come within reach: west, south, east, north."""
    west, south = (v.ravel() for v in np.meshgrid(np.arange(-180.0, 180.0, TILE_DEG), np.arange(-90.0, 90.0, TILE_DEG)))
    shares = np.linspace(0.0, TILE_DEG, 5)
    lons = (west[:, None, None] + shares[None, :, None] + 0 * shares[None, None, :]).ravel()
    lats = (south[:, None, None] + 0 * shares[None, :, None] + shares[None, None, :]).ravel()
    x, y = frame.to_xy_km(lons, np.clip(lats, -POLE_DEG, POLE_DEG))
    nearest = np.hypot(x, y).reshape(len(west), -1).min(axis=1)
    # no place of a tile is farther than this from the nearest of its 25 points
    keep = nearest <= reach_km + 200.0
    found: Floats = np.column_stack((west, south, west + TILE_DEG, south + TILE_DEG))[keep]
    return found


def _on_plane(part: Any, frame: LocalFrame) -> Any:
    edged = shapely.segmentize(part, EDGE_DEG)
    places = shapely.get_coordinates(edged)
    x, y = frame.to_xy_km(places[:, 0], np.clip(places[:, 1], -POLE_DEG, POLE_DEG))
    return shapely.make_valid(shapely.set_coordinates(shapely.from_wkb(shapely.to_wkb(edged)), np.column_stack((x, y))))
