"""Which parts of a path lie over whose territory (Article II, paragraphs 5, 6, 8 and 11).

A flight distance counts over the observed Party's territory: land with islands, internal
and territorial waters.  The dataset holds land only; waters within twelve nautical miles of
land stand for territorial waters and go to the State whose land is nearest.  That
is an approximation by name: baselines, agreed sea borders and wide internal waters are not in the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from overflight.planning.borderlines import BorderLines, approach
from overflight.planning.geodesy import Floats, Ints, Points, densify, earth_centred_km, points_at, wrap
from overflight.treaty.geography import Borders, DisputedArea

WATERS_KM: Final = 12 * 1.852  # greatest breadth of the territorial sea, UN Convention on the Law of the Sea, Article 3
WATERS_NOTE: Final = "waters within 12 nautical miles of land, nearest land decides (approximation)"
_STEP_KM: Final = 10.0  # land borders are crossed exactly, in parts of this length
_SEA_STEP_KM: Final = 1.0  # waters are sampled this closely, their edges then found to a metre
_EDGE_KM: Final = 0.0005
_NOWHERE: Final = -1
_HIGH_SEAS: Final = -2


@dataclass(frozen=True)
class Stretch:
    """Part of a path over one State, over one disputed area, or over the high seas (`code` and `disputed` None)."""

    code: str | None
    from_km: float
    to_km: float
    name: str = ""
    disputed: DisputedArea | None = None

    @property
    def km(self) -> float:
        """Its length."""
        return self.to_km - self.from_km

    def to_json(self) -> dict[str, Any]:
        """Metres kept, nothing finer."""
        return {
            "code": self.code,
            "name": self.name,
            "from_km": round(self.from_km, 3),
            "to_km": round(self.to_km, 3),
            "disputed": self.disputed.id if self.disputed else None,
        }


@dataclass(frozen=True)
class OverTerritory:
    """A path split by territory; the stretches of the three kinds together are the whole path.

    `counted_km` is the length over the observed Party's undisputed territory, `transit` what lies over
    other States and the high seas, `disputed` what lies over disputed areas.
    """

    counted_km: float
    transit: tuple[Stretch, ...]
    disputed: tuple[Stretch, ...]
    counted: tuple[Stretch, ...] = ()
    length_km: float = 0.0

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """All stretches in flown order."""
        return tuple(sorted((*self.counted, *self.transit, *self.disputed), key=lambda one: one.from_km))


def over_territory(waypoints: Points, *, observed: str | Sequence[str], borders: Borders) -> OverTerritory:
    """Split a path of geodesic legs by the territory under it.

    Parameters
    ----------
    waypoints : n points in flown order
    observed : code of the observed Party, of a group (``BLR;RUS``), or a tuple of codes
    borders : the dataset

    Returns
    -------
    OverTerritory
        Lengths in kilometres along the path; their sum is the path's length.

    Raises
    ------
    BadInput
        If a waypoint is no place.
    """
    codes = {part for code in ([observed] if isinstance(observed, str) else observed) for part in code.split(";")}
    dense_lon, dense_lat, dense_km, _ = densify(waypoints, _STEP_KM)
    length = float(dense_km[-1]) if dense_km.size else 0.0
    if length <= 0.0:
        return OverTerritory(0.0, (), (), (), 0.0)
    near = _near(borders, dense_lon, dense_lat)
    cuts = _crossings(borders, near, earth_centred_km(dense_lon, dense_lat), dense_km)
    edges = np.unique(np.concatenate([[0.0, length], cuts[(cuts > 0.0) & (cuts < length)]]))
    owner = borders.units_at(*_wrapped(points_at(waypoints, (edges[:-1] + edges[1:]) / 2.0)))
    pieces = [
        piece
        for start, end, unit in zip(edges[:-1], edges[1:], owner, strict=True)
        for piece in (
            [(float(start), float(end), int(unit))]
            if unit >= 0
            else _waters(waypoints, borders, near, float(start), float(end))
        )
    ]
    kinds: dict[str, list[Stretch]] = {"counted": [], "transit": [], "disputed": []}
    for stretch in _merged(pieces, borders):
        kind = "disputed" if stretch.disputed else "counted" if stretch.code in codes else "transit"
        kinds[kind].append(stretch)
    return OverTerritory(
        counted_km=sum(stretch.km for stretch in kinds["counted"]),
        transit=tuple(kinds["transit"]),
        disputed=tuple(kinds["disputed"]),
        counted=tuple(kinds["counted"]),
        length_km=length,
    )


def _wrapped(points: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    return wrap(points[0]), points[1]


def _near(borders: Borders, lons: Floats, lats: Floats) -> list[int]:
    """Units that may lie under the path, or within the breadth of the waters beside it."""
    south, north = np.minimum(lats[:-1], lats[1:]), np.maximum(lats[:-1], lats[1:])
    pad = WATERS_KM / 110.0 + 0.05  # a part may bulge a little beyond its ends
    slope = np.cos(np.radians(np.minimum(np.maximum(np.abs(south), np.abs(north)) + pad, 89.9)))
    ahead = (lons[1:] - lons[:-1] + 180.0) % 360.0 - 180.0
    west, east = lons[:-1] + np.minimum(ahead, 0.0) - pad / slope, lons[:-1] + np.maximum(ahead, 0.0) + pad / slope
    return [int(unit) for unit in borders.units_near(west, south - pad, east, north + pad)]


def _crossings(borders: Borders, near: list[int], knots: Floats, km: Floats) -> Floats:
    """Kilometres from the start at which the path crosses a border line."""
    start, end = knots[:-1], knots[1:]
    middle = (start + end) / 2.0
    half = np.linalg.norm(end - start, axis=1) / 2.0
    found = [np.zeros(0)]
    for unit in near:
        lines = BorderLines.of(borders, [unit])
        part, piece = lines.near(middle, half + lines.reach_km)
        ends = lines.ends[piece]
        apart = approach(
            middle[part],
            start[part],
            end[part],
            earth_centred_km(ends[:, 0], ends[:, 1]),
            earth_centred_km(ends[:, 2], ends[:, 3]),
        )
        meets = apart.km == 0.0
        part = part[meets]
        found.append(km[part] + apart.on_leg[meets] * (km[part + 1] - km[part]))
    return np.concatenate(found)


def _waters(
    waypoints: Points, borders: Borders, near: list[int], start: float, end: float
) -> list[tuple[float, float, int]]:
    """Split a stretch at sea into waters and high seas; edges to about a metre."""
    samples = np.linspace(start, end, max(2, int(np.ceil((end - start) / _SEA_STEP_KM)) + 1))
    owner = _nearest_land(waypoints, borders, near, samples)
    change = np.flatnonzero(owner[1:] != owner[:-1])
    low, high, before = samples[change], samples[change + 1], owner[change]
    while low.size and (high - low).max() > _EDGE_KM:
        centre = (low + high) / 2.0
        same = _nearest_land(waypoints, borders, near, centre) == before
        low, high = np.where(same, centre, low), np.where(same, high, centre)
    cuts = np.concatenate([[start], (low + high) / 2.0, [end]])
    kinds = np.append(before, owner[-1])
    return [(float(a), float(b), int(unit)) for a, b, unit in zip(cuts[:-1], cuts[1:], kinds, strict=True)]


def _nearest_land(waypoints: Points, borders: Borders, near: list[int], km: Floats) -> Ints:
    """The unit whose land is nearest to each place of the path, if within the breadth of the waters."""
    places = earth_centred_km(*points_at(waypoints, km))
    best = np.full(km.shape, WATERS_KM)
    owner = np.full(km.shape, _HIGH_SEAS, np.intp)
    for unit in near:
        apart = BorderLines.of(borders, [unit]).distances_km(places)
        closer = apart <= best
        best[closer], owner[closer] = apart[closer], unit
    return owner


def _merged(pieces: list[tuple[float, float, int]], borders: Borders) -> list[Stretch]:
    """Neighbouring pieces of one State as one stretch."""
    found: list[Stretch] = []
    for start, end, place in pieces:
        unit = borders.units[place] if place >= 0 else None
        area = borders.area(unit.disputed) if unit and unit.disputed else None
        code = unit.code if unit else None
        name = area.name if area else borders.name(code) if code else unit.name if unit else "high seas"
        last = found[-1] if found else None
        if last and (last.code, last.disputed, last.name) == (code, area, name):
            found[-1] = Stretch(code, last.from_km, end, name, area)
        else:
            found.append(Stretch(code, start, end, name, area))
    return found
