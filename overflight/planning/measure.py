"""What is measured on a plan before the rules are asked: lengths, borders, stretches, heights, crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from overflight.errors import BadInput, UnknownAirfield, UnknownParty
from overflight.planning.clearance import OUTLINE_ACCURACY_KM, Clearance
from overflight.planning.crossings import circling, crossings, meet
from overflight.planning.geodesy import earth_centred_km, lonlat_of
from overflight.planning.leg_book import MOST_LEGS, LegBook
from overflight.planning.legs import Legs
from overflight.planning.territory import Stretch, joined
from overflight.rules.mission_plan import AIRFIELD_WITHIN_KM
from overflight.rules.path_facts import (
    Circling,
    Crossing,
    LegHeight,
    NearBorder,
    PathEnd,
    StretchOver,
    place,
)
from overflight.terms.place import Airfield
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Floats = NDArray[np.float64]

GEOD = Geod(ellps="WGS84")
WITHIN_SPARE_KM = OUTLINE_ACCURACY_KM + 1.0  # borders are listed a little beyond the distance at which they decide
LONGEST_KM = 40_000.0  # several times any flight distance; more would only cost time


@dataclass(frozen=True)
class PathFacts:
    """All that the rules of VI.II are told of one plan's path."""

    lengths_km: tuple[float, ...]
    length_km: float
    over_territory_km: float
    near: tuple[NearBorder, ...]
    near_disputed: tuple[NearBorder, ...]
    transit: tuple[StretchOver, ...]
    over_disputed: tuple[StretchOver, ...]  # areas that no chosen view gives to a side
    as_viewed: tuple[StretchOver, ...]  # areas that one does: they count as that side's, here or in `transit`
    crossings: tuple[Crossing, ...] | None
    circling: Circling | None
    start: PathEnd | None
    end: PathEnd | None
    exit: PathEnd | None  # the point of exit, as far as the plan names one
    legs: Legs = field(repr=False, compare=False)

    def place_at(self, km: float) -> dict[str, Any]:
        """The place on the path `km` from its start, a GeoJSON point with the number of its leg, from 1."""
        leg, lon, lat = _place(self.legs, np.cumsum(self.legs.km), km)
        return place(leg + 1, lon, lat)


def with_airfields(plan: MissionPlan, regime: Regime) -> MissionPlan:
    """`plan` with airfields that were left out filled in: the nearest of the treaty to its first and last point.

    Raises
    ------
    BadInput
        If neither end is near an airfield, but would be with longitude and latitude exchanged.
    """
    start = plan.start_airfield or _nearest(plan.waypoints[0], regime)
    end = plan.end_airfield or _nearest(plan.waypoints[-1], regime)
    if not start and not end and abs(plan.waypoints[0].lon_deg) <= 90:
        first = plan.waypoints[0]
        icao = _nearest(Waypoint(first.lat_deg, first.lon_deg), regime)
        if icao:
            raise BadInput(
                say(
                    "geometry.coordinates: the coordinates look swapped: GeoJSON wants longitude first; the other way "
                    "round the first point is {icao}",
                    icao=icao,
                ),
                field="geometry.coordinates",
            )
    return replace(plan, start_airfield=start, end_airfield=end)


def refuse_swapped(plan: MissionPlan, regime: Regime, *, borders: Borders) -> None:
    """Raise `BadInput` if no point is where the plan could lead, but most are once their coordinates change places.

    That is inside the observed Party, or within 5 km of an airfield of the treaty.
    """
    lons, lats = np.array([w.lon_deg for w in plan.waypoints]), np.array([w.lat_deg for w in plan.waypoints])
    if plan.observed not in borders.codes() or np.abs(lons).max() > 90:
        return
    own = set(own_codes(plan.observed, regime))
    fields, airfields = _airfields(regime)
    if fields and np.linalg.norm(earth_centred_km(lons[:1], lats[:1]) - airfields, axis=1).min() <= AIRFIELD_WITHIN_KM:
        return  # it starts where a plan starts

    def in_place(lons: Floats, lats: Floats) -> int:
        inside = [unit >= 0 and borders.units[unit].code in own for unit in borders.units_at(lons, lats).tolist()]
        if all(inside) or not fields:
            return sum(inside)
        apart = np.linalg.norm(earth_centred_km(lons, lats)[:, None] - airfields[None], axis=2).min(axis=1)
        return int((np.array(inside) | (apart <= AIRFIELD_WITHIN_KM)).sum())

    if not in_place(lons, lats) and 2 * in_place(lats, lons) > len(plan.waypoints):
        raise BadInput(
            say(
                "geometry.coordinates: the coordinates look swapped: GeoJSON wants longitude first; as written no "
                "point lies in {observed} or at an airfield of the treaty, and the other way round most do",
                observed=";".join(sorted(own)),
            ),
            field="geometry.coordinates",
        )


def measure(
    plan: MissionPlan, regime: Regime, *, borders: Borders, shape: bool = True, fresh: bool = False
) -> PathFacts:
    """Measure a plan's path; legs that were measured before over the same borders are not measured again.

    Parameters
    ----------
    shape : bool
        Whether to look for crossings and circles.
    fresh : bool
        Measure every leg anew, and keep none.

    Raises
    ------
    UnknownParty
        If the borders hold no territory of the observed Party's code.
    BadInput
        If the path is absurdly long.
    """
    codes = borders.codes()
    if plan.observed not in codes:
        raise UnknownParty(
            say(
                "observed: the borders {dataset} hold no State {code!r}; write its three letters, such as RUS",
                dataset=borders.dataset.name,
                code=plan.observed,
            ),
            field="observed",
        )
    legs = Legs.of(plan.waypoints)
    lengths = legs.km
    if lengths.sum() > LONGEST_KM:
        raise BadInput(
            say(
                "geometry.coordinates: the path is {length:.0f} km long; paths over {most:g} km are not looked at",
                length=lengths.sum(),
                most=LONGEST_KM,
            ),
            field="geometry.coordinates",
        )
    own = own_codes(plan.observed, regime)
    book = LegBook.of(
        borders,
        observed=own,
        non_parties=non_parties(regime, borders, observed=plan.observed),
        within_km=float(regime.value("border_clearance").value) + borders.dataset.accuracy_m / 1000 + WITHIN_SPARE_KM,
        fresh=fresh,
    )
    met = book.facts(legs)
    near = [(n, c) for n, of_leg in enumerate(met) for c in of_leg.near] or book.nearest(legs)
    over = joined(
        lengths,
        [of_leg.pieces for of_leg in met],
        observed=own,
        borders=borders,
        view=regime.readings.get("recognition", "none"),
    )
    starts = np.concatenate(([0.0], np.cumsum(lengths)))
    meetings = meet(plan.waypoints, lengths) if shape else None
    return PathFacts(
        lengths_km=tuple(lengths.tolist()),
        length_km=float(lengths.sum()),
        over_territory_km=over.counted_km,
        near=tuple(_near(n, c) for n, c in near),
        near_disputed=tuple(_near(n, c) for n, of_leg in enumerate(met) for c in of_leg.areas),
        transit=tuple(_stretch(legs, starts[1:], s) for s in over.transit),
        over_disputed=tuple(_stretch(legs, starts[1:], s) for s in over.disputed),
        as_viewed=tuple(_stretch(legs, starts[1:], s) for s in over.stretches if s.disputed and s.code),
        crossings=crossings(plan.waypoints, lengths, meetings) if shape else (),
        circling=circling(plan.waypoints, lengths, meetings) if shape else None,
        start=path_end(plan, regime, "start"),
        end=path_end(plan, regime, "end"),
        exit=path_end(plan, regime, "exit"),
        legs=legs,
    )


def leg_heights(
    plan: MissionPlan, facts: PathFacts, elevation: Elevation | None, *, fresh: bool = False
) -> tuple[LegHeight, ...]:
    """Planned height above ground of each leg on which a sensor may run, with the ground below it."""
    if not plan.height_agl_m:
        return ()
    legs = len(plan.legs)
    heights = plan.height_agl_m if len(plan.height_agl_m) == legs else plan.height_agl_m[:1] * legs
    starts = np.concatenate(([0.0], np.cumsum(facts.lengths_km)))
    on = [
        n
        for n in range(legs)
        if plan.sensors_on is None
        or any(since < starts[n + 1] and starts[n] < until for since, until in plan.sensors_on)
    ]
    below = _ground_below(facts.legs, on, elevation, fresh=fresh)
    return tuple(
        LegHeight(n + 1, heights[n], ground.rise_m, ground.error_m, ground.lon_deg, ground.lat_deg)
        for n, ground in zip(on, below, strict=True)
    )


@dataclass(frozen=True)
class _GroundBelow:
    """Of one leg: by how much the highest ground exceeds the mean below, the greatest error (metres), and where."""

    rise_m: float | None
    error_m: float | None
    lon_deg: float
    lat_deg: float


def _ground_below(legs: Legs, on: Sequence[int], elevation: Elevation | None, *, fresh: bool) -> list[_GroundBelow]:
    """The ground below some legs, numbered from 0; without heights None, at the start of each."""
    if elevation is None or not on:
        return [_GroundBelow(None, None, float(legs.lon0[n]), float(legs.lat0[n])) for n in on]
    known: dict[tuple[float, ...], _GroundBelow] = {} if fresh else _heights(elevation)
    if len(known) > MOST_LEGS:
        known.clear()
    keys = legs.keys
    found = {keys[n]: known[keys[n]] for n in on if keys[n] in known}
    missing = {keys[n]: n for n in on if keys[n] not in found}
    if missing:
        some = legs if len(missing) == len(legs) else legs.take(np.array(list(missing.values()), np.intp))
        leg, _, places = some.points(elevation.step_km)
        lons, lats = lonlat_of(places)
        ground, uncertain = elevation.at(lons, lats)
        first = np.searchsorted(leg, np.arange(len(missing)))
        rise = np.maximum.reduceat(ground, first) - np.add.reduceat(ground, first) / np.bincount(leg)
        error = np.maximum.reduceat(uncertain, first)
        upper = ground + uncertain
        tops = np.flatnonzero((upper == np.maximum.reduceat(upper, first)[leg]) | np.isnan(upper))
        peak = tops[np.searchsorted(leg[tops], np.arange(len(missing)))]  # the first of equals
        rows = zip(rise.tolist(), error.tolist(), lons[peak].tolist(), lats[peak].tolist(), strict=True)
        found |= dict(zip(missing, (_GroundBelow(*row) for row in rows), strict=True))
        known.update({key: found[key] for key in missing})
    return [found[keys[n]] for n in on]


@lru_cache(maxsize=4)
def _heights(elevation: Elevation) -> dict[tuple[float, ...], _GroundBelow]:
    """Of legs that were looked at before; elevation data do not change under one `Elevation`."""
    return {}


def own_codes(observed: str, regime: Regime) -> tuple[str, ...]:
    """The observed Party's code, and those of its group while it is in one."""
    group = regime.group_of(observed)
    return tuple(sorted({*group.members, observed})) if group else (observed,)


@lru_cache(maxsize=64)
def non_parties(regime: Regime, borders: Borders, *, observed: str) -> frozenset[str]:
    """Codes of the States in `borders` that are not Parties on the regime's day, the observed one left out."""
    return frozenset(c for c in borders.codes() if c != observed and not regime.is_party(c))


@lru_cache(maxsize=64)
def foreign_codes(regime: Regime, borders: Borders, *, observed: str) -> frozenset[str]:
    """The same without any member of the observed Party's group."""
    return non_parties(regime, borders, observed=observed) - set(own_codes(observed, regime))


def _near(leg: int, c: Clearance) -> NearBorder:
    area = c.disputed
    return NearBorder(
        leg=leg + 1,
        km=c.km,
        name=c.name or (area.name if area else c.code or "?"),
        lon_deg=c.lon_deg,
        lat_deg=c.lat_deg,
        accuracy_km=c.accuracy_km,
        disputed=area.id if area else None,
        sides=tuple(area.sides) if area else (),
    )


@lru_cache(maxsize=16)
def _airfields(regime: Regime) -> tuple[tuple[Airfield, ...], Floats]:
    """Airfields with a code, and their places, earth-centred km; a regime does not change."""
    fields = tuple(a for a in regime.airfields() if a.icao)
    return fields, earth_centred_km(np.array([a.lon_deg for a in fields]), np.array([a.lat_deg for a in fields]))


@lru_cache(maxsize=256)
def _airfield(icao: str, regime: Regime) -> Airfield:
    return regime.airfield(icao)


def _nearest(point: Waypoint, regime: Regime) -> str:
    fields, _ = _airfields(regime)
    if not fields:
        return ""
    n = len(fields)
    _, _, metres = GEOD.inv(
        [point.lon_deg] * n, [point.lat_deg] * n, [a.lon_deg for a in fields], [a.lat_deg for a in fields]
    )
    best = int(np.argmin(metres))
    return fields[best].icao if metres[best] <= AIRFIELD_WITHIN_KM * 1000 else ""


def path_end(plan: MissionPlan, regime: Regime, which: str) -> PathEnd | None:
    """The airfield that a plan names for its ``start``, ``end`` or ``exit``; None where it names none."""
    icao = {"start": plan.start_airfield, "end": plan.end_airfield, "exit": plan.point_of_exit or ""}[which]
    if not icao:
        return None
    point, leg = (plan.waypoints[0], 1) if which == "start" else (plan.waypoints[-1], len(plan.legs))
    try:
        field: Airfield = _airfield(icao, regime)
    except UnknownAirfield as why:
        return PathEnd(
            which, icao, icao, plan.observed, frozenset(), 0.0, point.lon_deg, point.lat_deg, leg, False, why.message
        )
    _, _, metres = GEOD.inv(point.lon_deg, point.lat_deg, field.lon_deg, field.lat_deg)
    off_km = 0.0 if which == "exit" else metres / 1000  # the way from the last airfield to it is no part of the path
    return PathEnd(which, icao, field.name, field.party, field.roles, off_km, point.lon_deg, point.lat_deg, leg)


def _place(legs: Legs, ends: Floats, km: float) -> tuple[int, float, float]:
    """The leg (from 0) at so many kilometres from the path's start, and the place; `ends` are those of the legs."""
    leg = min(int(np.searchsorted(ends, km, side="right")), len(legs) - 1)
    since = float(ends[leg - 1]) if leg else 0.0
    lon, lat = legs.at(np.array([leg]), np.array([km - since]))
    return leg, float(lon[0]), float(lat[0])


def _stretch(legs: Legs, ends: Floats, over: Stretch) -> StretchOver:
    leg, lon, lat = _place(legs, ends, over.from_km)
    area = over.disputed
    return StretchOver(
        from_km=over.from_km,
        to_km=over.to_km,
        code=over.code or (area.id if area else None),
        name=over.name or (area.name if area else over.code) or say("the high seas"),
        lon_deg=lon,
        lat_deg=lat,
        leg=leg + 1,
        sides=tuple(area.sides) if area else (),
    )
