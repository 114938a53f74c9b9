"""How near a path comes to the border of a State that is not a Party (Article VI, Section II, paragraph 2).

The border is that of the land drawn in the border dataset, coasts included; any
State on the list whose land comes within the limit of a path over the observed
Party is taken as adjacent.  Sea borders are not in the dataset.  Distances hold
only within the dataset's accuracy, which comes with each answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from overflight.planning.borderlines import Approach, BorderLines
from overflight.planning.geodesy import MEAN_RADIUS_KM, Flags, Floats, Ints, Points, wrap
from overflight.planning.legs import Legs, Parts
from overflight.treaty.geography import Borders, DisputedArea

DISPUTED_WITHIN_KM: Final = 50.0  # farther disputed areas are not listed
OUTLINE_ACCURACY_KM: Final = 2.0  # of the disputed areas' outlines, on top of the dataset's own
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
    for units, most, each in ((certain, np.inf, each_within_km), (disputed, DISPUTED_WITHIN_KM, None)):
        found += nearest_of_each(legs, units, borders, most, under, each_within_km=each)
    return tuple(sorted(found, key=lambda one: (one.leg, one.disputed is not None, one.km)))


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
    legs: Legs,
    units: frozenset[int],
    borders: Borders,
    most_km: float,
    under: Ints,
    *,
    each_within_km: float | None = None,
    parts: Parts | None = None,
) -> list[Clearance]:
    """For each leg that comes within `most_km` of the border of some units, or starts inside: the nearest place.

    With `each_within_km` that of every further State too which is as near as this, after the nearest.  `under` holds
    the unit at each leg's start, `parts` those of ``legs.short`` to which alone a border may be as near as that.
    """
    lines = BorderLines.of(borders, units) if units else None
    if lines is None or not len(lines) or not len(legs):
        return []
    accuracy_km = borders.dataset.accuracy_m / 1000.0
    parts = legs.short if parts is None else parts
    each_km = -1.0 if each_within_km is None else each_within_km
    inside = np.flatnonzero(of_units(units, borders)[under]).tolist()
    if not len(parts) and not inside:
        return []
    state = np.zeros(len(borders.units), np.intp) if each_within_km is None else _states(borders)
    piece, part, apart = _best_pairs(lines, parts, most_km, each_km, state)
    ends, share = lines.ends[piece], apart.on_piece[:, None]
    edge = ends[:, :2] * (1 - share) + ends[:, 2:] * share
    # From the place found on the border, the exact foot on the leg.
    leg = parts.leg[part]
    guess_km = parts.from_km[part] + apart.on_leg * (parts.to_km[part] - parts.from_km[part])
    km, along_km = legs.feet(leg, edge[:, 0], edge[:, 1], guess_km)
    on_lon, on_lat = legs.at(leg, along_km)
    km = np.where(apart.km <= _CROSSES_KM, 0.0, km)
    first = np.zeros(leg.size, dtype=bool)
    first[_first_of_each(leg, apart.km, part, piece)] = True
    unit = lines.unit[piece]
    found: dict[int, list[Clearance]] = {}
    for i in np.flatnonzero((km <= most_km) & (first | (state[unit] > 0) & (km <= each_km))).tolist():
        n, place = int(leg[i]), np.array([on_lon[i], on_lat[i]])
        one = _clearance(n, float(km[i]), place, edge[i], int(unit[i]), borders, accuracy_km)
        found[n] = [one, *found.get(n, [])] if first[i] else [*found.get(n, []), one]
    for n in inside:
        start = np.array([legs.lon0[n], legs.lat0[n]])
        here = _clearance(n, 0.0, start, start, int(under[n]), borders, accuracy_km)
        others = [one for one in found.get(n, []) if one.km <= each_km and one.disputed is None]
        found[n] = [here, *sorted((one for one in others if one.code != here.code), key=lambda one: one.code or "")]
    return [one for of_leg in found.values() for one in of_leg]


def _states(borders: Borders) -> Ints:
    """The State of each unit by its number among the codes, from 1; 0 for disputed areas. Kept with the borders."""
    if "states" not in borders.cache:
        codes = [unit.code or "" if unit.disputed is None else "" for unit in borders.units]
        borders.cache["states"] = np.searchsorted(sorted({"", *codes}), codes).astype(np.intp)
    found: Ints = borders.cache["states"]
    return found


def _best_pairs(
    lines: BorderLines, parts: Parts, most_km: float, each_km: float, state: Ints
) -> tuple[Ints, Ints, Approach]:
    """For each leg and State (by `state` of its units) with a border within reach: piece, part, and how they approach.

    Two middles bound a distance from above; a pair can only do better if its own middles are nearer than
    that plus both half lengths.  Of a leg's nearest State all is found, of others what is as near as `each_km`.
    """
    leg, middle, half = parts.leg, parts.middle, parts.half_km
    chord = lines.middles_km(middle, most_km + float(half.max(initial=0.0)) + lines.reach_km)
    least = np.full(int(leg.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, leg, chord)
    bound = np.minimum(np.maximum(least + _slack(least), each_km), most_km)
    worth = np.flatnonzero(chord - half - lines.reach_km <= bound[leg])
    at, piece = lines.near(middle[worth], bound[leg[worth]] + half[worth] + lines.reach_km)
    at = worth[at]
    apart_km = np.linalg.norm(middle[at] - lines.middle[piece], axis=1)
    states = int(state.max()) + 1
    pair = leg[at] * states + state[lines.unit[piece]]
    least = np.full(least.size * states, np.inf)
    np.minimum.at(least, pair, apart_km)
    nearest = least[pair]
    may = apart_km <= np.minimum(nearest + _slack(nearest), bound[leg[at]]) + half[at] + lines.half_km[piece]
    piece, part, pair = piece[may], at[may], pair[may]
    apart = lines.apart(piece, middle[part], parts.start[part], parts.end[part])
    best = _first_of_each(pair, apart.km, part, piece)
    return piece[best], part[best], Approach(apart.km[best], apart.on_leg[best], apart.on_piece[best])


def _first_of_each(group: Ints, km: Floats, part: Ints, piece: Ints) -> Ints:
    """The nearest pair of each group; of several crossings the first along the leg."""
    order = np.lexsort((piece, part, km, group))
    return order[np.flatnonzero(np.diff(group[order], prepend=-1))]


def _slack(km: Floats) -> Floats:
    """How much shorter the plane of comparison may show a distance than the chord in space: about km^3 / 8 R^2."""
    return np.asarray(1.3 * km**3 / (8.0 * MEAN_RADIUS_KM**2) + 0.01, dtype=float)


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
