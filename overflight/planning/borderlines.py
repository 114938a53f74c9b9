"""Border lines cut into short pieces, indexed in three dimensions, so that 180 degrees is no edge.

A border between two places of the dataset is straight in longitude and latitude, as
its makers drew it (the 49th parallel stays a parallel).  Pieces are short enough
that a chord stands for them within about a metre; legs are cut likewise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy import spatial

from overflight.planning.geodesy import Flags, Floats, Ints, earth_centred_km
from overflight.treaty.geography import Borders

Complexes = npt.NDArray[np.complex128]

PIECE_KM: Final = 5.0
_HALF_PIECE_KM: Final = PIECE_KM / 2.0 * 1.01
_kd_tree: Any = spatial.cKDTree  # type: ignore[attr-defined]  # what `KDTree` asks in more steps
_CELL_KM: Final = 12.0
_CELLS: Final = 2048  # along each axis, more than the Earth is wide


@dataclass(frozen=True)
class BorderLines:
    """n pieces of border: whose (`unit`, an index into ``borders.units``), both ends in degrees, and their index."""

    unit: Ints
    ends: Floats  # (n, 4): lon, lat, lon, lat
    middle: Floats  # (n, 3), earth-centred kilometres
    half_km: Floats  # no place of a piece is farther from its middle
    tree: Any  # a KDTree over the middles
    reach_km: float = _HALF_PIECE_KM  # the longest of the halves

    @classmethod
    def of(cls, borders: Borders, units: Iterable[int]) -> BorderLines:
        """The border lines of some units; kept with the borders, so that the next question is quick."""
        key = ("lines", frozenset(units))
        if key not in borders.cache:
            whole: BorderLines | None = borders.cache.get("lines")
            borders.cache[key] = whole._of_units(key[1]) if whole is not None else cls._built(borders, sorted(key[1]))
        found: BorderLines = borders.cache[key]
        return found

    @classmethod
    def every(cls, borders: Borders) -> BorderLines:
        """The border lines of all units."""
        if "lines" not in borders.cache:
            borders.cache["lines"] = cls._built(borders, list(range(len(borders.units))))
        found: BorderLines = borders.cache["lines"]
        return found

    def _of_units(self, units: frozenset[int]) -> BorderLines:
        mine = np.isin(self.unit, np.fromiter(units, np.intp, len(units)))
        middle = self.middle[mine]
        return BorderLines(self.unit[mine], self.ends[mine], middle, self.half_km[mine], _tree(middle))

    @classmethod
    def _built(cls, borders: Borders, units: list[int]) -> BorderLines:
        polygons = [(unit, polygon) for unit in units for polygon in borders.polygons_of(unit)]
        rings, which = shapely.get_rings(np.array([polygon for _, polygon in polygons], object), return_index=True)
        owner = np.array([unit for unit, _ in polygons], np.intp)[which]
        points, ring = shapely.get_coordinates(rings, return_index=True)
        follows = ring[1:] == ring[:-1]
        first, last = points[:-1][follows], points[1:][follows]
        unit = owner[ring[1:][follows]]
        # The cut at 180 degrees and the floor at the pole are no borders.
        seam = (np.abs(first[:, 0]) == 180.0) & (first[:, 0] == last[:, 0])
        floor = (np.abs(first[:, 1]) > 89.99) & (np.abs(last[:, 1]) > 89.99)
        first, last, unit = first[~(seam | floor)], last[~(seam | floor)], unit[~(seam | floor)]
        slope = np.cos(np.radians(np.minimum(np.abs(first[:, 1]), np.abs(last[:, 1]))))
        length = 111.7 * np.hypot((last[:, 0] - first[:, 0]) * slope, last[:, 1] - first[:, 1])
        count = np.maximum(1, np.ceil(length / PIECE_KM)).astype(np.intp)
        source = np.repeat(np.arange(count.size), count)
        place = np.arange(source.size) - np.repeat(np.cumsum(count) - count, count)
        step = ((last - first) / count[:, None])[source]
        start = first[source] + step * place[:, None]
        centre = start + step / 2.0
        middle = earth_centred_km(centre[:, 0], centre[:, 1]).reshape(-1, 3)
        half = (length / count)[source] / 2.0 * 1.01
        return cls(
            unit[source],
            np.hstack([start, start + step]),
            middle,
            half,
            _tree(middle),
        )

    def __len__(self) -> int:
        return int(self.unit.size)

    def near(self, places: Floats, radius_km: Floats) -> tuple[Ints, Ints]:
        """Pairs (place, piece) whose middles lie within each place's radius; `places` (m, 3) earth-centred."""
        found = self.tree.query_ball_point(places, radius_km, return_sorted=False)
        sizes = np.fromiter((len(one) for one in found), np.intp, len(found))
        if not sizes.sum():
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        return np.repeat(np.arange(sizes.size), sizes), np.concatenate([one for one in found if one]).astype(np.intp)

    def apart(self, piece: Ints, middle: Floats, start: Floats, end: Floats) -> Approach:
        """How some pieces and as many short legs approach each other; legs by middle, start and end, (m, 3)."""
        ends = self.ends[piece]
        return approach(
            middle, start, end, earth_centred_km(ends[:, 0], ends[:, 1]), earth_centred_km(ends[:, 2], ends[:, 3])
        )

    def touched(self, places: Floats, radius_km: Floats) -> Flags:
        """Which of m places may have a piece within their radius; `places` (m, 3) earth-centred."""
        most = radius_km + self.reach_km
        return np.asarray(self.middles_km(places, float(most.max(initial=0.0))) <= most, dtype=bool)

    def middles_km(self, places: Floats, most_km: float) -> Floats:
        """Distance of each place to the nearest middle of a piece, infinite beyond `most_km`."""
        if not len(self) or not len(places):
            return np.full(len(places), np.inf)
        return np.asarray(self.tree.query(places, distance_upper_bound=most_km + 1e-6)[0], float)


def _tree(middle: Floats) -> Any:
    return _kd_tree(middle, leafsize=24, balanced_tree=False)


@dataclass(frozen=True)
class FarLines:
    """The same lines by cells of a few kilometres: quick bounds of a distance, for places far from any border."""

    tree: Any
    reach_km: float = _CELL_KM * float(np.sqrt(3.0)) / 2.0 + _HALF_PIECE_KM

    @classmethod
    def of(cls, borders: Borders, units: frozenset[int]) -> FarLines:
        """Cells that hold border lines of some units; kept with the borders."""
        key = ("far lines", units)
        if key not in borders.cache:
            cells = np.floor(BorderLines.of(borders, units).middle / _CELL_KM).astype(np.int64) + _CELLS // 2
            one = np.unique((cells[:, 0] * _CELLS + cells[:, 1]) * _CELLS + cells[:, 2])  # far quicker than by rows
            cells = np.stack([one // _CELLS**2, one // _CELLS % _CELLS, one % _CELLS], axis=1) - _CELLS // 2
            borders.cache[key] = cls(_kd_tree((cells + 0.5) * _CELL_KM, leafsize=16))
        found: FarLines = borders.cache[key]
        return found

    def middles_km(self, places: Floats) -> Floats:
        """Distance of each place to the nearest cell; the border's own lies within `reach_km` of it."""
        if not self.tree.n:
            return np.full(len(places), np.inf)
        return np.asarray(self.tree.query(places)[0], float)


@dataclass(frozen=True)
class Approach:
    """The nearest places of m pairs of a short leg and a border piece, as shares (0 to 1) of each; plane kilometres."""

    km: Floats
    on_leg: Floats
    on_piece: Floats


def approach(
    leg_middle: Floats, leg_start: Floats, leg_end: Floats, piece_start: Floats, piece_end: Floats
) -> Approach:
    """Segment-to-segment nearest places, in the plane that touches the Earth at each short leg's middle.

    All arguments are (m, 3) earth-centred kilometres.  Lines that cross are at 0.
    """
    up = leg_middle / np.sqrt((leg_middle * leg_middle).sum(axis=1, keepdims=True))
    size = np.hypot(up[:, 0], up[:, 1])
    pole = size <= 1e-12
    size = np.where(pole, 1.0, size)
    x, y = np.where(pole, 1.0, -up[:, 1] / size), np.where(pole, 0.0, up[:, 0] / size)
    # East is (x, y, 0), north (-z y, z x, ...): written out, since these are the innermost steps of every check.
    north_x, north_y, north_z = -up[:, 2] * y, up[:, 2] * x, up[:, 0] * y - up[:, 1] * x
    flat = np.empty((4, len(up)), np.complex128)
    for n, place in enumerate((leg_start, leg_end, piece_start, piece_end)):
        away = place - leg_middle
        flat[n].real = away[:, 0] * x + away[:, 1] * y
        flat[n].imag = away[:, 0] * north_x + away[:, 1] * north_y + away[:, 2] * north_z
    return lines_apart(*flat)


def segments_apart(a: Floats, b: Floats, c: Floats, d: Floats) -> Approach:
    """Nearest places of m pairs of plane segments ab and cd, each (m, 2)."""
    return lines_apart(*(point[:, 0] + 1j * point[:, 1] for point in (a, b, c, d)))


def lines_apart(a: Complexes, b: Complexes, c: Complexes, d: Complexes) -> Approach:
    """Nearest places of m pairs of plane segments ab and cd; x and y of a point as one complex number."""
    leg, piece, away = b - a, d - c, c - a
    leg_, piece_ = leg.conj(), piece.conj()
    cross = (leg_ * piece).imag
    aslant = np.abs(cross) > 1e-30
    cross = np.where(aslant, cross, 1.0)
    away_ = away.conj()
    t, u = (away_ * piece).imag / cross, (away_ * leg).imag / cross
    crosses = aslant & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
    ends = np.array([c, d])  # each end of the piece and its foot on the leg, then the other way round
    on_leg = _share(((ends - a) * leg_).real / np.maximum((leg * leg_).real, 1e-30))
    tips = np.array([a, b])
    on_piece = _share(((tips - c) * piece_).real / np.maximum((piece * piece_).real, 1e-30))
    km = np.abs(np.concatenate([a + leg * on_leg - ends, c + piece * on_piece - tips]))
    best = km.argmin(axis=0)
    each = np.arange(a.size)
    shares_leg, shares_piece = np.zeros((4, a.size)), np.zeros((4, a.size))
    shares_leg[:2], shares_leg[3], shares_piece[1], shares_piece[2:] = on_leg, 1.0, 1.0, on_piece
    return Approach(
        np.where(crosses, 0.0, km[best, each]),
        np.where(crosses, t, shares_leg[best, each]),
        np.where(crosses, u, shares_piece[best, each]),
    )


def _share(of: Floats) -> Floats:
    """Numbers brought between 0 and 1; quicker than `numpy.clip` for few."""
    share: Floats = np.minimum(np.maximum(of, 0.0), 1.0)
    return share
