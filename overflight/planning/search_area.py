"""Ground that a planned leg must not touch, on a plane where legs are straight.

Kept clear of: the set distance from the border of a State that is not a Party, with the
borders' own accuracy and a margin; the same around disputed areas, so that a planned
path is legal under every reading; and the land of any other State, whose consent a
planner cannot assume.  The final word is the plan check's, by exact geodesics.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.crossings import E2, EARTH_KM, axes, gnomonic, unit_vectors
from overflight.rules.path_facts import DISPUTED_ACCURACY_KM

if TYPE_CHECKING:
    from overflight.treaty.geography import Borders

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MARGIN_KM = 0.3  # a plane through the earth's centre leaves a geodesic by less than this
TILE_DEG = 5.0
EDGE_DEG = 0.1
CHUNK = 64


class KeepOut:
    """The forbidden ground within reach, in overlapping pieces, and whether points and legs are clear of it."""

    def __init__(self, centre: Floats, pieces: list[Any]):
        self.centre = centre
        self.pieces = np.array(pieces, dtype=object)
        shapely.prepare(self.pieces)
        self.tree = shapely.STRtree(self.pieces)

    def plane(self, lons_deg: Floats, lats_deg: Floats) -> Floats:
        """Points on the plane, km, shape (n, 2).

        Raises
        ------
        ValueError
            If a point lies too far from the centre for this plane.
        """
        found = gnomonic(unit_vectors(lons_deg, lats_deg), self.centre)
        if found is None:
            raise ValueError("a point lies beyond the plane of this search")
        return found[0]

    def unplane(self, plane: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude, degrees, of points on the plane; the reverse of `plane`."""
        east, north = axes(self.centre)
        units = self.centre + (plane[:, :1] * east + plane[:, 1:] * north) / EARTH_KM
        flat = np.hypot(units[:, 0], units[:, 1])
        lats = np.degrees(np.arctan2(units[:, 2], flat * (1 - E2)))
        return np.degrees(np.arctan2(units[:, 1], units[:, 0])), lats

    def points_clear(self, plane: Floats) -> Bools:
        """For each point, whether it is clear of the forbidden ground."""
        return self._clear(shapely.points(plane)) if len(plane) else np.ones(0, dtype=bool)

    def legs_clear(self, a: Floats, b: Floats) -> Bools:
        """For each leg from `a[i]` to `b[i]` (on the plane), whether it is clear of the forbidden ground."""
        return self._clear(shapely.linestrings(np.stack((a, b), axis=1))) if len(a) else np.ones(0, dtype=bool)

    def _clear(self, shapes: Any) -> Bools:
        clear = np.ones(len(shapes), dtype=bool)
        if len(self.pieces):
            shape, piece = self.tree.query(shapes)
            clear[shape[shapely.intersects(self.pieces[piece], shapes[shape])]] = False
        return clear

    def corners(self, round_km: float) -> Floats:
        """Places just outside the forbidden ground, from which to go around it; shape (n, 2)."""
        if not len(self.pieces):
            return np.zeros((0, 2))
        wide = shapely.buffer(shapely.simplify(self.pieces, round_km / 4), round_km / 2, quad_segs=2)
        outline = shapely.simplify(shapely.union_all(wide), round_km / 4)
        found = np.unique(np.round(shapely.get_coordinates(outline), 3), axis=0)
        return found[self.points_clear(found)]

    def nearest_clear(self, points: Floats, within_km: float, beyond_km: float) -> Floats:
        """For points on forbidden ground the nearest place outside it, `beyond_km` farther on; NaN if none is near."""
        out = np.full((len(points), 2), np.nan)
        for n, point in enumerate(points):
            around = shapely.box(*(point - 2 * within_km), *(point + 2 * within_km))
            ground = shapely.union_all(shapely.intersection(self.pieces[self.tree.query(around)], around))
            free = shapely.difference(around, shapely.buffer(ground, beyond_km, quad_segs=4))
            if shapely.is_empty(free):
                continue
            foot = shapely.get_coordinates(shapely.shortest_line(free, shapely.points(point)))[0]
            if np.hypot(*(foot - point)) <= within_km:
                out[n] = foot
        return out


def keep_out(
    centre_lon: float,
    centre_lat: float,
    reach_km: float,
    *,
    own: Collection[str],
    non_parties: Collection[str],
    clearance_km: float,
    borders: Borders,
) -> KeepOut:
    """The forbidden ground within `reach_km` of a centre.

    Parameters
    ----------
    own : collection of str
        The observed Party, and the Parties of its group.
    clearance_km : float
        Distance to keep from the border of a State that is not a Party.
    """
    centre = unit_vectors(np.array([centre_lon]), np.array([centre_lat]))[0]
    boxes = _boxes(centre, reach_km + 150.0)
    accuracy = borders.dataset.accuracy_m / 1000
    pieces: list[Any] = []
    for code in sorted(borders.codes() - set(own)):
        width = clearance_km + accuracy + MARGIN_KM if code in non_parties else 0.0
        pieces += _buffered(borders.territory(code), boxes, centre, width)
    for area in borders.disputed():
        width = clearance_km + accuracy + DISPUTED_ACCURACY_KM + MARGIN_KM
        pieces += _buffered(area.geometry, boxes, centre, width)
    return KeepOut(centre, pieces)


def _boxes(centre: Floats, reach_km: float) -> list[tuple[float, float, float, float]]:
    """Tiles of longitude and latitude that come within `reach_km` of the centre."""
    out = []
    cos_reach = np.cos(min(reach_km / 6357.0, np.pi))
    shares = np.linspace(0, 1, 3)
    for west in np.arange(-180.0, 180.0, TILE_DEG):
        for south in np.arange(-90.0, 90.0, TILE_DEG):
            lons, lats = np.meshgrid(west + shares * TILE_DEG, south + shares * TILE_DEG)
            near = unit_vectors(lons.ravel(), np.clip(lats.ravel(), -89.999, 89.999)) @ centre
            # a tile is 560 km high: its grid of 9 points comes within 220 km of every place in it
            if near.max() >= cos_reach or np.arccos(np.clip(near.max(), -1, 1)) * 6371 <= reach_km + 220:
                out.append((float(west), float(south), float(west + TILE_DEG), float(south + TILE_DEG)))
    return out


def _buffered(
    territory: Any, boxes: list[tuple[float, float, float, float]], centre: Floats, width_km: float
) -> list[Any]:
    """The parts of a territory within the tiles, on the plane, widened by `width_km`."""
    polygons = shapely.get_parts(territory)
    bounds = shapely.bounds(polygons).reshape(-1, 4)
    out: list[Any] = []
    for west, south, east, north in boxes:
        near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
        for polygon in polygons[near]:
            part = shapely.clip_by_rect(polygon, west, south, east, north)
            for piece in shapely.get_parts(part):
                if shapely.get_type_id(piece) == 3 and not shapely.is_empty(piece):
                    out += _on_plane(piece, centre, width_km)
    return out


def _on_plane(piece: Any, centre: Floats, width_km: float) -> list[Any]:
    rings = [shapely.get_exterior_ring(piece)]
    rings += [shapely.get_interior_ring(piece, n) for n in range(shapely.get_num_interior_rings(piece))]
    shells, lines, widths = [], [], []
    for ring in rings:
        points = shapely.get_coordinates(shapely.segmentize(ring, EDGE_DEG))
        units = unit_vectors(points[:, 0], np.clip(points[:, 1], -89.999, 89.999))
        found = gnomonic(units, centre)
        if found is None:
            return []
        plane = found[0]
        shells.append(plane)
        for k in range(0, len(plane) - 1, CHUNK):
            part = plane[k : k + CHUNK + 1]
            stretch = 1.0 / float((units[k : k + CHUNK + 1] @ centre).min()) ** 2
            lines.append(shapely.linestrings(part))
            widths.append(width_km * stretch * 1.004)
    inside = shapely.make_valid(shapely.Polygon(shells[0], shells[1:]))
    if width_km <= 0:
        return [inside]
    bands = shapely.buffer(np.array(lines), np.array(widths), quad_segs=6)
    return [inside, *bands.tolist()]
