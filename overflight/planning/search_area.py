"""Ground that a planned leg must not touch, on a plane where legs are straight.

Kept clear of: the set distance from the border of a State that is not a Party, at sea as well, with the
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
from overflight.planning.sea_keep_out import sea_pieces
from overflight.planning.swath.grids import Walls
from overflight.rules.path_facts import DISPUTED_ACCURACY_KM

if TYPE_CHECKING:
    from overflight.treaty.geography import Borders

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MARGIN_KM = 0.3  # a leg that is straight on the plane leaves its geodesic by less than this
TILE_DEG = 5.0
EDGE_DEG = 0.1
CHUNK = 64
ROUND = 1.02  # a buffer's corners are cut: with 4 pieces a quarter circle up to 2 % inside
MOST_KEPT = 12
ROUND_KM = 20.0  # how far corners stand off the forbidden ground, twice over


class KeepOut:
    """The forbidden ground within reach, in overlapping pieces, and whether points and legs are clear of it."""

    def __init__(self, centre: Floats, pieces: list[Any]):
        self.centre = centre
        self.pieces = np.array(pieces, dtype=object)
        shapely.prepare(self.pieces)
        self.tree = shapely.STRtree(self.pieces)
        self.rounded: dict[float, Floats] = {}
        self._walls: Walls | None = None
        self._base: KeepOut | None = None  # whose pieces come first among these

    @property
    def walls(self) -> Walls:
        """Its edges in a grid, for the compiled search; built once."""
        if self._walls is None:
            more = self.pieces[len(self._base.pieces) :] if self._base is not None else ()
            if self._base is not None and self._base.walls.holds(more):
                self._walls = self._base.walls.joined(more)
            else:
                self._walls = Walls(self.pieces)
        return self._walls

    def joined(self, more: list[Any]) -> KeepOut:
        """This ground and more of it; what was built for this one is used again."""
        out = KeepOut(self.centre, [*self.pieces, *more])
        out._base = self
        return out

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
        if round_km in self.rounded:
            return self.rounded[round_km]
        if self._base is not None:
            own = KeepOut(self.centre, list(self.pieces[len(self._base.pieces) :])).corners(round_km)
            all_found = np.concatenate((self._base.corners(round_km), own))
            self.rounded[round_km] = all_found[self.points_clear(all_found)]
            return self.rounded[round_km]
        wide = shapely.buffer(shapely.simplify(self.pieces, round_km / 4), round_km / 2, quad_segs=2)
        outline = shapely.simplify(shapely.union_all(wide), round_km / 4)
        found = np.unique(np.round(shapely.get_coordinates(outline), 3), axis=0)
        self.rounded[round_km] = found[self.points_clear(found)]
        return self.rounded[round_km]

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
    sea: bool = True,
) -> KeepOut:
    """The forbidden ground within `reach_km` of a centre.

    Parameters
    ----------
    own : collection of str
        The observed Party, and the Parties of its group.
    clearance_km : float
        Distance to keep from the border of a State that is not a Party.
    sea : bool
        Whether that border is at sea as well (reading `sea_border`).
    """
    key = (
        "keep out",
        sea,
        round(centre_lon, 6),
        round(centre_lat, 6),
        reach_km,
        frozenset(own),
        frozenset(non_parties),
    )
    known: dict[Any, KeepOut] = borders.cache.setdefault("keep out", {})
    if (*key, clearance_km) not in known:
        if len(known) >= MOST_KEPT:
            known.pop(next(iter(known)))
        known[(*key, clearance_km)] = _built(
            centre_lon,
            centre_lat,
            reach_km,
            own=own,
            non_parties=non_parties,
            clearance_km=clearance_km,
            borders=borders,
            sea=sea,
        )
    return known[(*key, clearance_km)]


def _built(
    centre_lon: float,
    centre_lat: float,
    reach_km: float,
    *,
    own: Collection[str],
    non_parties: Collection[str],
    clearance_km: float,
    borders: Borders,
    sea: bool,
) -> KeepOut:
    centre = unit_vectors(np.array([centre_lon]), np.array([centre_lat]))[0]
    boxes = _boxes(centre, reach_km + 150.0)
    accuracy = borders.dataset.accuracy_m / 1000
    pieces: list[Any] = []
    near = borders.units_near(*boxes.T)  # the others are not even read
    there = {code for code in (borders.units[n].code for n in near.tolist()) if code}
    for code in sorted(there - set(own)):
        width = clearance_km + accuracy + MARGIN_KM if code in non_parties else 0.0
        pieces += _buffered(borders.territory(code), boxes, centre, width)
    for area in borders.disputed():
        width = clearance_km + accuracy + DISPUTED_ACCURACY_KM + MARGIN_KM
        pieces += _buffered(area.geometry, boxes, centre, width)
    if sea:
        width = clearance_km + accuracy + MARGIN_KM
        foreign = sorted(there & set(non_parties))
        pieces += sea_pieces(centre, reach_km, own=own, non_parties=foreign, width_km=width, borders=borders)
    return KeepOut(centre, pieces)


def _boxes(centre: Floats, reach_km: float) -> Floats:
    """Tiles of longitude and latitude that come within `reach_km` of the centre: west, south, east, north."""
    west, south = (v.ravel() for v in np.meshgrid(np.arange(-180.0, 180.0, TILE_DEG), np.arange(-90.0, 90.0, TILE_DEG)))
    shares = np.linspace(0, TILE_DEG, 3)
    lons = (west[:, None, None] + shares[None, :, None] + 0 * shares[None, None, :]).ravel()
    lats = (south[:, None, None] + 0 * shares[None, :, None] + shares[None, None, :]).ravel()
    near = (unit_vectors(lons, np.clip(lats, -89.999, 89.999)) @ centre).reshape(len(west), -1).max(axis=1)
    # a tile is 560 km high: its grid of 9 points comes within 220 km of every place in it
    keep = np.arccos(np.clip(near, -1, 1)) * EARTH_KM <= reach_km + 220
    boxes: Floats = np.column_stack((west, south, west + TILE_DEG, south + TILE_DEG))[keep]
    return boxes


def _buffered(territory: Any, boxes: Floats, centre: Floats, width_km: float) -> list[Any]:
    """The parts of a territory within the tiles, on the plane, widened by `width_km`."""
    polygons = shapely.get_parts(territory)
    bounds = shapely.bounds(polygons).reshape(-1, 4)
    pairs = (
        (bounds[:, None, 0] <= boxes[None, :, 2])
        & (bounds[:, None, 2] >= boxes[None, :, 0])
        & (bounds[:, None, 1] <= boxes[None, :, 3])
        & (bounds[:, None, 3] >= boxes[None, :, 1])
    )
    out: list[Any] = []
    for polygon, box in zip(*np.nonzero(pairs), strict=True):
        part = shapely.clip_by_rect(polygons[polygon], *boxes[box])
        for piece in shapely.get_parts(part):
            if shapely.get_type_id(piece) == 3 and not shapely.is_empty(piece):
                out += on_plane(piece, centre, width_km)
    return out


def on_plane(piece: Any, centre: Floats, width_km: float = 0.0) -> list[Any]:
    """A polygon on the plane, and with a width its border widened in pieces; empty if it lies beyond the plane."""
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
            widths.append(width_km * stretch * ROUND)
    inside = shapely.make_valid(shapely.Polygon(shells[0], shells[1:]))
    if width_km <= 0:
        return [inside]
    bands = shapely.buffer(np.array(lines), np.array(widths), quad_segs=4)
    return [inside, *bands.tolist()]
