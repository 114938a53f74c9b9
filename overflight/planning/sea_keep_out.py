"""Ground to keep out of at sea: around the waters of States that are not Parties, on the plane of a search."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.borderlines import BorderLines
from overflight.planning.crossings import EARTH_KM, gnomonic, unit_vectors
from overflight.planning.geodesy import earth_centred_km, lonlat_of
from overflight.planning.territory import WATERS_KM
from overflight.planning.waters import Tile, tile_of, waters_in
from overflight.rules.sea_borders import SEA_ACCURACY_KM
from overflight.treaty.geography import Borders

Floats = NDArray[np.float64]

# Farther than this from the observed Party's land nothing is lost by keeping clear of each tile's coasts and
# borders altogether: the path over the observed territory does not come there.
FINE_WITHIN_KM: Final = 70.0
HALF_TILE_KM: Final = 80.0
ROUND: Final = 1.02  # a buffer's corners are cut


def sea_pieces(
    centre: Floats,
    reach_km: float,
    *,
    own: Collection[str],
    non_parties: Collection[str],
    width_km: float,
    borders: Borders,
) -> list[Any]:
    """Polygons on the gnomonic plane that touches the Earth at `centre` (a unit vector).

    `width_km` is the distance to keep from the waters; the accuracy of their line is added to it.
    """
    foreign = [n for n, unit in enumerate(borders.units) if unit.disputed is None and unit.code in set(non_parties)]
    lines = BorderLines.of(borders, foreign)
    if not len(lines):
        return []
    width = width_km + SEA_ACCURACY_KM
    near = lines.tree.query_ball_point(centre * EARTH_KM, reach_km + WATERS_KM + width + 60.0, return_sorted=True)
    if not len(near):
        return []
    tiles = _tiles(lines.middle[np.asarray(near, dtype=np.intp)])
    fine = _near_own(list(tiles), own, borders)
    pieces: list[Any] = []
    for tile, at in tiles.items():
        if tile not in fine:
            pieces += _bands(lines, np.asarray(near, dtype=np.intp)[at], centre, WATERS_KM + width)
            continue
        for code, area in waters_in(tile, borders).items():
            if code in non_parties:
                pieces += [piece for part in shapely.get_parts(area) for piece in _widened(part, centre, width)]
    return pieces


def _tiles(places: Floats) -> dict[Tile, NDArray[np.intp]]:
    """Tiles that hold a border, or lie within 12 miles of one, with the pieces that they hold."""
    lons, lats = lonlat_of(places)
    pad_lat = (WATERS_KM + 3.0) / 110.5
    pad_lon = pad_lat / np.maximum(np.cos(np.radians(np.minimum(np.abs(lats) + pad_lat, 89.0))), 0.02)
    found: dict[Tile, list[int]] = {}
    for n, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True)):
        found.setdefault(tile_of(lon, lat), []).append(n)
    around = {
        tile_of(float(lon), float(lat))
        for east in (-1, 0, 1)
        for north in (-1, 0, 1)
        for lon, lat in set(
            zip(
                np.floor(lons + east * pad_lon) + 0.5,
                np.clip(np.floor(lats + north * pad_lat), -90, 89) + 0.5,
                strict=True,
            )
        )
    }
    return {tile: np.array(found.get(tile, []), dtype=np.intp) for tile in sorted(around)}


def _near_own(tiles: list[Tile], own: Collection[str], borders: Borders) -> set[Tile]:
    units = [n for n, unit in enumerate(borders.units) if unit.code in set(own)]
    lines = BorderLines.of(borders, units)
    west, south = np.array([t[0] for t in tiles]), np.array([t[1] for t in tiles])
    apart, _ = lines.tree.query(earth_centred_km(west + 0.5, south + 0.5))
    return {tile for tile, km in zip(tiles, apart.tolist(), strict=True) if km <= FINE_WITHIN_KM + HALF_TILE_KM}


def _bands(lines: BorderLines, pieces: NDArray[np.intp], centre: Floats, width_km: float) -> list[Any]:
    if not pieces.size:
        return []
    ends = lines.ends[pieces]
    units = unit_vectors(np.concatenate((ends[:, 0], ends[:, 2])), np.concatenate((ends[:, 1], ends[:, 3])))
    found = gnomonic(units, centre)
    if found is None:
        return []
    stretch = 1.0 / float((units @ centre).min()) ** 2
    hull = shapely.convex_hull(shapely.multipoints(found[0]))
    return [shapely.buffer(hull, width_km * stretch * ROUND, quad_segs=4)]


def _widened(part: Any, centre: Floats, width_km: float) -> list[Any]:
    points = shapely.get_coordinates(shapely.get_exterior_ring(part))
    units = unit_vectors(points[:, 0], points[:, 1])
    found = gnomonic(units, centre)
    if found is None:
        return []
    stretch = 1.0 / float((units @ centre).min()) ** 2
    # Holes are islands, whose own border distance is kept clear of anyway.
    shell = shapely.simplify(shapely.make_valid(shapely.Polygon(found[0])), 0.1)
    return [shapely.buffer(shell, (width_km + 0.1) * stretch * ROUND, quad_segs=4)]
