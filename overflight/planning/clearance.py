"""How near a path comes to the border of a State that is not a Party (Article VI, Section II, paragraph 2).

The border is that of the land drawn in the border dataset, coasts included; any
State on the list whose land comes within the limit of a path over the observed
Party is taken as adjacent.  Sea borders are not in the dataset.  Distances hold
only within the dataset's accuracy, which comes with each answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from overflight.planning.borderlines import Approach, BorderLines, Flags, approach
from overflight.planning.geodesy import (
    MEAN_RADIUS_KM,
    Floats,
    Ints,
    Points,
    earth_centred_km,
    wrap,
)
from overflight.planning.legs import Legs, Parts
from overflight.treaty.geography import Borders, DisputedArea

DISPUTED_WITHIN_KM: Final = 50.0  # farther disputed areas are not listed
OUTLINE_ACCURACY_KM: Final = 2.0  # of the disputed areas' outlines, on top of the dataset's own
_SHORT_KM: Final = 10.0  # a leg is measured in parts of at most this length
_CROSSES_KM: Final = 0.002  # nearer than this in the plane of comparison, lines meet


@dataclass(frozen=True)
class Clearance:
    """The place where one leg comes nearest to a border.

    `lon_deg, lat_deg` lie on the leg, `border_lon_deg, border_lat_deg` on the border; `km` is
    the geodesic between them, 0 where the leg meets the border or lies beyond it.
    `disputed` is set when the border is the outline of an area that is a State's that is
    not a Party only in some views; then `code` is None.
    """

    leg: int
    km: float
    code: str | None
    lon_deg: float
    lat_deg: float
    disputed: DisputedArea | None = None
    name: str = ""
    border_lon_deg: float = float("nan")
    border_lat_deg: float = float("nan")
    accuracy_km: float = 0.0


def border_clearances(
    waypoints: Points,
    *,
    observed: str | Sequence[str],
    non_parties: Collection[str],
    borders: Borders,
    each_within_km: float | None = None,
) -> tuple[Clearance, ...]:
    """The nearest non-Party border of each leg, and the nearest disputed area if one lies within 50 km.

    Parameters
    ----------
    waypoints : n points in flown order; legs are geodesics
    observed : code or codes of the observed Party or group; its own land has no border to keep clear of
    non_parties : codes of the States that are not Parties on the day
    borders : the dataset
    each_within_km : if given, not only the nearest State of each leg but every one that is as near as this

    Returns
    -------
    tuple of Clearance
        Ordered by leg; for each leg first the undisputed border (none if `non_parties` is
        empty; several, nearest first, with `each_within_km`), then the disputed area, if any.
        An area that belongs to a State that is not a Party in every view counts as
        undisputed, one that does in no view is left out.

    Raises
    ------
    BadInput
        If a waypoint is no place.
    """
    certain, disputed = units_to_keep_from(observed, non_parties, borders)
    legs = Legs.of(waypoints)
    if not len(legs):
        return ()
    under = borders.units_at(wrap(legs.lon0), legs.lat0)
    found: list[Clearance] = []
    for units, most in ((certain, np.inf), (disputed, DISPUTED_WITHIN_KM)):
        found += nearest_of_each(legs, units, borders, most, under)
    if each_within_km is not None and certain:
        found += further_states(legs, certain, borders, each_within_km, found, under)
    return tuple(sorted(found, key=lambda one: (one.leg, one.disputed is not None, one.km)))


def further_states(
    legs: Legs, certain: frozenset[int], borders: Borders, within_km: float, known: list[Clearance], under: Ints
) -> list[Clearance]:
    """The nearest border of each State within reach of each leg, where `known` does not hold it already."""
    lines = BorderLines.of(borders, certain)
    close = np.array(sorted({one.leg for one in known if one.km <= within_km}), np.intp)
    if not len(lines) or not close.size:
        return []  # where no border is within reach, no further one is
    legs, under = legs.take(close), under[close]
    parts = legs.parts(_SHORT_KM)
    middle, reach = parts.middle, within_km + parts.half_km
    open_ = lines.touched(middle, reach)
    _, piece = lines.near(middle[open_], reach[open_] + lines.reach_km)
    here = {*np.unique(lines.unit[piece]).tolist(), *np.unique(under).tolist()} & certain
    codes = {borders.units[unit].code for unit in here if borders.units[unit].disputed is None}
    if len(codes) < 2 and not any(one.disputed for one in known):
        return []  # the nearest of each leg is all there is
    had = {(one.leg, one.code) for one in known if one.disputed is None}
    found: list[Clearance] = []
    for code in sorted(code for code in codes if code):
        units = frozenset(u for u in certain if borders.units[u].code == code and borders.units[u].disputed is None)
        of_state = nearest_of_each(legs, units, borders, within_km, under)
        found += [replace(one, leg=int(close[one.leg])) for one in of_state if (int(close[one.leg]), code) not in had]
    return found


def units_to_keep_from(
    observed: str | Sequence[str], non_parties: Collection[str], borders: Borders
) -> tuple[frozenset[int], frozenset[int]]:
    """Units that are a non-Party's in every view, and those that are in some."""
    own = {observed} if isinstance(observed, str) else set(observed)
    own |= {member for code in own for member in code.split(";")}
    foreign = set(non_parties) - own
    areas = {area.id: set(area.non_party_under(foreign).values()) for area in borders.disputed()}
    certain = {
        place
        for place, unit in enumerate(borders.units)
        if (unit.code in foreign if unit.disputed is None else areas[unit.disputed] == {True})
    }
    some = {
        place for place, unit in enumerate(borders.units) if unit.disputed and areas[unit.disputed] == {True, False}
    }
    return frozenset(certain), frozenset(some)


def of_units(units: frozenset[int], borders: Borders) -> Flags:
    """Whether each unit is one of some; the last entry, which -1 finds, is no unit's."""
    key = ("units", units)
    if key not in borders.cache:
        flags = np.zeros(len(borders.units) + 1, dtype=bool)
        flags[list(units)] = True
        borders.cache[key] = flags
    found: Flags = borders.cache[key]
    return found


def nearest_of_each(
    legs: Legs, units: frozenset[int], borders: Borders, most_km: float, under: Ints
) -> list[Clearance]:
    """For each leg that comes within `most_km` of the border of some units, or starts inside: the nearest place.

    `under` holds the unit at each leg's start.
    """
    lines = BorderLines.of(borders, units) if units else None
    if lines is None or not len(lines) or not len(legs):
        return []
    accuracy_km = borders.dataset.accuracy_m / 1000.0
    parts = legs.parts(_SHORT_KM)
    piece, part, apart = _best_pairs(lines, parts, most_km)
    ends, share = lines.ends[piece], apart.on_piece[:, None]
    edge = ends[:, :2] * (1 - share) + ends[:, 2:] * share
    # From the place found on the border, the exact foot on the leg.
    leg = parts.leg[part]
    guess_km = parts.from_km[part] + apart.on_leg * (parts.to_km[part] - parts.from_km[part])
    km, along_km = legs.feet(leg, edge[:, 0], edge[:, 1], guess_km)
    on_lon, on_lat = legs.at(leg, along_km)
    km = np.where(apart.km <= _CROSSES_KM, 0.0, km)
    found = {
        int(leg[i]): _clearance(
            int(leg[i]),
            float(km[i]),
            np.array([on_lon[i], on_lat[i]]),
            edge[i],
            int(lines.unit[piece[i]]),
            borders,
            accuracy_km,
        )
        for i in np.flatnonzero(km <= most_km)
    }
    for n in np.flatnonzero(of_units(units, borders)[under]):
        start = np.array([legs.lon0[n], legs.lat0[n]])
        found[int(n)] = _clearance(int(n), 0.0, start, start, int(under[n]), borders, accuracy_km)
    return list(found.values())


def _best_pairs(lines: BorderLines, parts: Parts, most_km: float) -> tuple[Ints, Ints, Approach]:
    """For each leg with a border within reach: the nearest piece, the part of the leg, and how they approach.

    The nearest piece to each part's middle bounds the leg's distance from above; a pair can only do
    better if its middles are nearer than that plus both half lengths.
    """
    leg, start, end, middle, half = parts.leg, parts.start, parts.end, parts.middle, parts.half_km
    chord, first = lines.tree.query(middle, distance_upper_bound=most_km + half.max() + lines.reach_km)
    # One pair for each leg, its part with the nearest piece, is enough for a bound.
    order = np.lexsort((chord, leg))
    part = order[np.flatnonzero(np.diff(leg[order], prepend=-1))]
    part = part[np.isfinite(chord[part])]
    piece = first[part].astype(np.intp)
    apart = _approach(lines, piece, part, start, end, middle)
    bound = np.full(int(leg.max()) + 1, -1.0)
    bound[leg[part]] = np.minimum(apart.km + _slack(apart.km), most_km)
    worth = np.flatnonzero(chord - half - lines.reach_km <= bound[leg])
    at, more = lines.near(middle[worth], bound[leg[worth]] + half[worth] + lines.reach_km)
    at = worth[at]
    apart_km = np.linalg.norm(middle[at] - lines.middle[more], axis=1)
    may = apart_km <= bound[leg[at]] + half[at] + lines.half_km[more]
    piece, part = np.concatenate([piece, more[may]]), np.concatenate([part, at[may]])
    apart = _approach(lines, piece, part, start, end, middle)
    order = np.lexsort((piece, part, apart.km, leg[part]))  # of several crossings the first along the leg
    best = order[np.flatnonzero(np.diff(leg[part][order], prepend=-1))]
    return piece[best], part[best], Approach(apart.km[best], apart.on_leg[best], apart.on_piece[best])


def _slack(km: Floats) -> Floats:
    """How much shorter the plane of comparison may show a distance than the chord in space: about km^3 / 8 R^2."""
    return np.asarray(1.3 * km**3 / (8.0 * MEAN_RADIUS_KM**2) + 0.01, dtype=float)


def _approach(lines: BorderLines, piece: Ints, part: Ints, start: Floats, end: Floats, middle: Floats) -> Approach:
    ends = lines.ends[piece]
    return approach(
        middle[part],
        start[part],
        end[part],
        earth_centred_km(ends[:, 0], ends[:, 1]),
        earth_centred_km(ends[:, 2], ends[:, 3]),
    )


def _clearance(
    leg: int, km: float, place: Floats, edge: Floats, unit: int, borders: Borders, accuracy_km: float
) -> Clearance:
    whose = borders.units[unit]
    area = borders.area(whose.disputed) if whose.disputed else None
    return Clearance(
        leg=leg,
        km=km,
        code=whose.code,
        lon_deg=float(place[0]),
        lat_deg=float(place[1]),
        disputed=area,
        name=whose.name,
        border_lon_deg=float(edge[0]),
        border_lat_deg=float(edge[1]),
        accuracy_km=accuracy_km + (OUTLINE_ACCURACY_KM if area else 0.0),
    )
