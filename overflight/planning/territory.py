"""Which parts of a path lie over whose territory (Article II, paragraphs 5, 6, 8 and 11).

A flight distance counts over the observed Party's territory: land with islands, internal
and territorial waters.  The dataset holds land only; waters within twelve nautical miles of
land stand for territorial waters and go to the State whose land is nearest.  That
is an approximation by name: baselines, agreed sea borders and wide internal waters are not in the data.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from overflight.planning.borderlines import BorderLines
from overflight.planning.geodesy import Flags, Floats, Ints, Points, earth_centred_km, wrap
from overflight.planning.legs import SPARE_KM, Legs
from overflight.treaty.geography import SELF_ADMINISTERED, Borders, DisputedArea

WATERS_KM: Final = 12 * 1.852  # greatest breadth of the territorial sea, UN Convention on the Law of the Sea, Article 3
_SEA_STEP_KM: Final = 1.0  # waters are sampled this closely, their edges then found to a metre
_EDGE_KM: Final = 0.0005
_HIGH_SEAS: Final = -2
Piece = tuple[float, float, int]


@dataclass(frozen=True)
class Stretch:
    """Part of a path over one State, over one disputed area, or over the high seas (`code` and `disputed` None).

    A disputed area that a chosen view gives to a side has both: `code` is that side's, or the area's own id where
    the side is no State of the lists.
    """

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
    other States and the high seas, `disputed` what lies over disputed areas that no chosen view gives to a side.
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


def over_territory(
    waypoints: Points, *, observed: str | Sequence[str], borders: Borders, view: str = "none"
) -> OverTerritory:
    """Split a path of geodesic legs by the territory under it.

    Parameters
    ----------
    waypoints : n points in flown order
    observed : code of the observed Party, of a group (``BLR;RUS``), or a tuple of codes
    borders : the dataset
    view : the reading `recognition`; an area to which it is a side is that side's

    Returns
    -------
    OverTerritory
        Lengths in kilometres along the path; their sum is the path's length.

    Raises
    ------
    BadInput
        If a waypoint is no place.
    """
    legs = Legs.of(waypoints)
    return joined(legs.km, leg_pieces(legs, borders)[0], observed=observed, borders=borders, view=view)


def joined(
    lengths_km: Floats,
    pieces: Sequence[Sequence[Piece]],
    *,
    observed: str | Sequence[str],
    borders: Borders,
    view: str = "none",
) -> OverTerritory:
    """The pieces of each leg put together to one path; see `over_territory`."""
    codes = {part for code in ([observed] if isinstance(observed, str) else observed) for part in code.split(";")}
    starts = np.concatenate(([0.0], np.cumsum(lengths_km)))
    length = float(starts[-1])
    if length <= 0.0:
        return OverTerritory(0.0, (), (), (), 0.0)
    along = [
        (since + from_km, since + to_km, unit)
        for since, of_leg in zip(starts[:-1].tolist(), pieces, strict=True)
        for from_km, to_km, unit in of_leg
        if to_km > from_km
    ]
    kinds: dict[str, list[Stretch]] = {"counted": [], "transit": [], "disputed": []}
    for stretch in _merged(along, borders, view):
        undecided = stretch.disputed and stretch.code is None
        kind = "disputed" if undecided else "counted" if stretch.code in codes else "transit"
        kinds[kind].append(stretch)
    return OverTerritory(
        counted_km=sum(stretch.km for stretch in kinds["counted"]),
        transit=tuple(kinds["transit"]),
        disputed=tuple(kinds["disputed"]),
        counted=tuple(kinds["counted"]),
        length_km=length,
    )


def leg_pieces(legs: Legs, borders: Borders, near: Flags | None = None) -> tuple[list[tuple[Piece, ...]], Ints]:
    """Each leg cut where it comes over another unit: from and to kilometres of the leg, and the unit.

    `near` tells the parts of ``legs.spread`` that may meet a border, where that is known already.  A negative unit is
    no State's; waters go with a State's land.  The second answer is the unit on whose land each leg starts.
    """
    lines = BorderLines.every(borders)
    if near is None:
        _, middle, half = legs.spread
        near = lines.touched(middle, half + SPARE_KM)
    which, at = _crossings(legs, near, lines)
    ends = np.arange(len(legs))
    leg = np.concatenate([ends, which])
    from_km = np.concatenate([np.zeros(len(legs)), at])
    order = np.lexsort((from_km, leg))
    leg, from_km = leg[order], from_km[order]
    to_km = np.append(from_km[1:], 0.0)
    last = np.append(leg[1:] != leg[:-1], True)
    to_km[last] = legs.km
    real = (to_km > from_km) | (legs.km[leg] <= 0.0)
    leg, from_km, to_km = leg[real], from_km[real], to_km[real]
    lon, lat = legs.at(leg, (from_km + to_km) / 2.0)
    unit = borders.units_at(wrap(lon), lat)
    out: list[list[Piece]] = [[] for _ in range(len(legs))]
    for n, a, b, owner in zip(leg.tolist(), from_km.tolist(), to_km.tolist(), unit.tolist(), strict=True):
        out[n] += [(a, b, owner)] if owner >= 0 else _waters(legs, n, lines, a, b)
    return [tuple(one) for one in out], unit[np.searchsorted(leg, ends)]


def _crossings(legs: Legs, near: Flags, lines: BorderLines) -> tuple[Ints, Floats]:
    """Where legs cross a border line in some parts of their `spread`: leg, and kilometres from its start."""
    if not near.any() or not len(lines):
        return np.zeros(0, np.intp), np.zeros(0)
    parts = legs.short_in(near)
    open_ = np.flatnonzero(lines.touched(parts.middle, parts.half_km))
    at, piece = lines.near(parts.middle[open_], parts.half_km[open_] + lines.reach_km)
    at = open_[at]
    apart = lines.apart(piece, parts.middle[at], parts.start[at], parts.end[at])
    meets = apart.km == 0.0
    at = at[meets]
    km = parts.from_km[at] + apart.on_leg[meets] * (parts.to_km[at] - parts.from_km[at])
    leg = parts.leg[at]
    inner = (km > 0.0) & (km < legs.km[leg])
    return leg[inner], km[inner]


def _waters(legs: Legs, leg: int, lines: BorderLines, start: float, end: float) -> list[Piece]:
    """Split a stretch at sea into waters and high seas; edges to about a metre."""
    samples = np.linspace(start, end, max(2, int(np.ceil((end - start) / _SEA_STEP_KM)) + 1))
    owner = _nearest_land(legs.places(np.full(samples.shape, leg), samples), lines)
    change = np.flatnonzero(owner[1:] != owner[:-1])
    low, high, before = samples[change], samples[change + 1], owner[change]
    while low.size and (high - low).max() > _EDGE_KM:
        centre = (low + high) / 2.0
        same = _nearest_land(legs.places(np.full(centre.shape, leg), centre), lines) == before
        low, high = np.where(same, centre, low), np.where(same, high, centre)
    cuts = np.concatenate([[start], (low + high) / 2.0, [end]])
    kinds = np.append(before, owner[-1])
    return [(float(a), float(b), int(unit)) for a, b, unit in zip(cuts[:-1], cuts[1:], kinds, strict=True)]


def in_waters(lons: Floats, lats: Floats, *, own: Collection[str], borders: Borders) -> Flags:
    """Which of n places lie on no land of the dataset, and in the waters of a State of `own`, shape (n,).

    Those are within twelve nautical miles of its land, which is nearer than any other State's: internal and
    territorial waters are territory (II.8), and a coarse coast puts harbours at sea.
    """
    lons, lats = np.asarray(wrap(np.asarray(lons, float)), float), np.asarray(lats, float)
    found = np.zeros(lons.shape, bool)
    sea = np.flatnonzero(borders.units_at(lons, lats) < 0)
    mine = np.array([unit.code in own and unit.disputed is None for unit in borders.units])
    if not sea.size:
        return found
    up = (WATERS_KM + SPARE_KM) / 110.5
    aside = up / np.maximum(np.cos(np.radians(np.minimum(np.abs(lats[sea]) + up, 89.0))), 0.02)
    units = borders.units_near(lons[sea] - aside, lats[sea] - up, lons[sea] + aside, lats[sea] + up)
    if not mine[units].any():
        return found
    lines = BorderLines.of(borders, units.tolist())
    owner = _nearest_land(earth_centred_km(lons[sea], lats[sea]).reshape(-1, 3), lines)
    found[sea] = (owner >= 0) & mine[np.maximum(owner, 0)]
    return found


def _nearest_land(places: Floats, lines: BorderLines) -> Ints:
    """The unit whose land is nearest to each of m places (m, 3), if within the breadth of the waters."""
    owner = np.full(len(places), _HIGH_SEAS, np.intp)
    if not len(lines):
        return owner
    chord, _ = lines.tree.query(places, distance_upper_bound=WATERS_KM + lines.reach_km + SPARE_KM)
    close = np.flatnonzero(np.isfinite(chord))
    row, piece = lines.near(places[close], chord[close] + lines.reach_km)
    at = close[row]
    here = places[at]
    apart = lines.apart(piece, here, here, here)
    near = apart.km <= WATERS_KM
    at, unit, km_apart = at[near], lines.unit[piece[near]], apart.km[near]
    order = np.lexsort((unit, km_apart, at))
    first = order[np.flatnonzero(np.diff(at[order], prepend=-1))]
    owner[at[first]] = unit[first]
    return owner


def _merged(pieces: list[Piece], borders: Borders, view: str) -> list[Stretch]:
    """Neighbouring pieces of one State, or of one disputed area, as one stretch."""
    found: list[Stretch] = []
    for start, end, place in pieces:
        unit = borders.units[place] if place >= 0 else None
        area = borders.area(unit.disputed) if unit and unit.disputed else None
        code = _side(area, view) if area else unit.code if unit else None
        name = area.name if area else _name(code, borders) if code else unit.name if unit else "high seas"
        last = found[-1] if found else None
        if last and (last.code, last.disputed, last.name) == (code, area, name):
            found[-1] = Stretch(code, last.from_km, end, name, area)
        else:
            found.append(Stretch(code, start, end, name, area))
    return found


def _side(area: DisputedArea, view: str) -> str | None:
    """Whose a disputed area is in a view; None where the view is none of its sides."""
    if view not in area.sides:
        return None
    return area.id if view == SELF_ADMINISTERED else view


def _name(code: str, borders: Borders) -> str:
    names: dict[str, str] = borders.cache.setdefault("names", {})
    if code not in names:
        names[code] = borders.name(code)
    return names[code]
