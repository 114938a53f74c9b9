"""What is measured on a plan before the rules are asked: lengths, borders, stretches, heights, crossings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from overflight.errors import BadInput, UnknownAirfield, UnknownParty
from overflight.planning.clearance import border_clearances
from overflight.planning.crossings import circling, crossings
from overflight.planning.geodesy import densify, earth_centred_km, leg_lengths_km
from overflight.planning.territory import Stretch, over_territory
from overflight.rules.mission_plan import AIRFIELD_WITHIN_KM
from overflight.rules.path_facts import (
    Circling,
    Crossing,
    LegHeight,
    NearBorder,
    PathEnd,
    StretchOver,
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
HEIGHT_STEP_KM = 5.0
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
    over_disputed: tuple[StretchOver, ...]
    crossings: tuple[Crossing, ...] | None
    circling: Circling | None
    start: PathEnd | None
    end: PathEnd | None


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

    fields = [a for a in regime.airfields() if a.icao]
    airfields = earth_centred_km(np.array([a.lon_deg for a in fields]), np.array([a.lat_deg for a in fields]))

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


def measure(plan: MissionPlan, regime: Regime, *, borders: Borders) -> PathFacts:
    """Measure a plan's path.

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
    lons, lats = np.array([w.lon_deg for w in plan.waypoints]), np.array([w.lat_deg for w in plan.waypoints])
    lengths = np.asarray(leg_lengths_km(lons, lats), dtype=np.float64)
    if lengths.sum() > LONGEST_KM:
        raise BadInput(
            say(
                "geometry.coordinates: the path is {length:.0f} km long; paths over {most:g} km are not looked at",
                length=lengths.sum(),
                most=LONGEST_KM,
            ),
            field="geometry.coordinates",
        )
    near, near_disputed = _near(plan, regime, borders)
    own = own_codes(plan.observed, regime)
    over = over_territory(plan.waypoints, observed=own, borders=borders)
    starts = np.concatenate(([0.0], np.cumsum(lengths)))
    return PathFacts(
        lengths_km=tuple(lengths.tolist()),
        length_km=float(lengths.sum()),
        over_territory_km=over.counted_km,
        near=near,
        near_disputed=near_disputed,
        transit=tuple(_stretch(plan, starts, s) for s in over.transit),
        over_disputed=tuple(_stretch(plan, starts, s) for s in over.disputed),
        crossings=crossings(plan.waypoints, lengths),
        circling=circling(plan.waypoints, lengths),
        start=_end(plan, regime, "start"),
        end=_end(plan, regime, "end"),
    )


def leg_heights(plan: MissionPlan, facts: PathFacts, elevation: Elevation | None) -> tuple[LegHeight, ...]:
    """Planned height above ground of each leg on which a sensor may run, with the ground below it."""
    if not plan.height_agl_m:
        return ()
    legs = len(plan.legs)
    heights = plan.height_agl_m if len(plan.height_agl_m) == legs else plan.height_agl_m[:1] * legs
    starts = np.concatenate(([0.0], np.cumsum(facts.lengths_km)))
    rise, error = _ground(plan, elevation)
    out = []
    for n, (a, _) in enumerate(plan.legs):
        if plan.sensors_on is not None and not any(
            since < starts[n + 1] and starts[n] < until for since, until in plan.sensors_on
        ):
            continue
        out.append(LegHeight(n + 1, heights[n], rise.get(n), error.get(n), a.lon_deg, a.lat_deg))
    return tuple(out)


def _ground(plan: MissionPlan, elevation: Elevation | None) -> tuple[dict[int, float], dict[int, float]]:
    if elevation is None:
        return {}, {}
    lons, lats, _, legs = densify(plan.waypoints, HEIGHT_STEP_KM)
    ground, uncertain = elevation.at(lons, lats)
    leg_of = np.asarray(legs)
    rise, error = {}, {}
    for n in np.unique(leg_of).tolist():
        here = leg_of == n
        rise[n] = float(np.max(ground[here]) - np.mean(ground[here]))
        error[n] = float(np.max(np.broadcast_to(uncertain, np.shape(ground))[here]))
    return rise, error


@lru_cache(maxsize=64)
def _non_parties(codes: frozenset[str], regime: Regime) -> frozenset[str]:
    return frozenset(c for c in codes if not regime.is_party(c))


def own_codes(observed: str, regime: Regime) -> tuple[str, ...]:
    """The observed Party's code, and those of its group while it is in one."""
    group = regime.group_of(observed)
    return tuple(sorted({*group.members, observed})) if group else (observed,)


def non_parties(regime: Regime, borders: Borders, *, observed: str) -> frozenset[str]:
    """Codes of the States in `borders` that are not Parties on the regime's day, the observed one left out."""
    return _non_parties(frozenset(borders.codes()), regime) - {observed}


def _near(plan: MissionPlan, regime: Regime, borders: Borders) -> tuple[tuple[NearBorder, ...], tuple[NearBorder, ...]]:
    found = border_clearances(
        plan.waypoints,
        observed=own_codes(plan.observed, regime),
        non_parties=non_parties(regime, borders, observed=plan.observed),
        borders=borders,
        each_within_km=float(regime.value("border_clearance").value) + borders.dataset.accuracy_m / 1000,
    )
    plain: list[NearBorder] = []
    contested: list[NearBorder] = []
    for c in found:
        area = c.disputed
        near = NearBorder(
            leg=c.leg + 1,
            km=c.km,
            name=c.name or (area.name if area else c.code or "?"),
            lon_deg=c.lon_deg,
            lat_deg=c.lat_deg,
            accuracy_km=c.accuracy_km,
            disputed=area.id if area else None,
            sides=tuple(area.sides) if area else (),
        )
        (contested if area else plain).append(near)
    return tuple(plain), tuple(contested)


def _nearest(point: Waypoint, regime: Regime) -> str:
    fields = [a for a in regime.airfields() if a.icao]
    if not fields:
        return ""
    n = len(fields)
    _, _, metres = GEOD.inv(
        [point.lon_deg] * n, [point.lat_deg] * n, [a.lon_deg for a in fields], [a.lat_deg for a in fields]
    )
    best = int(np.argmin(metres))
    return fields[best].icao if metres[best] <= AIRFIELD_WITHIN_KM * 1000 else ""


def _end(plan: MissionPlan, regime: Regime, which: str) -> PathEnd | None:
    icao = plan.start_airfield if which == "start" else plan.end_airfield
    if not icao:
        return None
    point, leg = (plan.waypoints[0], 1) if which == "start" else (plan.waypoints[-1], len(plan.legs))
    try:
        field: Airfield = regime.airfield(icao)
    except UnknownAirfield as why:
        return PathEnd(
            which, icao, icao, plan.observed, frozenset(), 0.0, point.lon_deg, point.lat_deg, leg, False, why.message
        )
    _, _, metres = GEOD.inv(point.lon_deg, point.lat_deg, field.lon_deg, field.lat_deg)
    return PathEnd(which, icao, field.name, field.party, field.roles, metres / 1000, point.lon_deg, point.lat_deg, leg)


def _stretch(plan: MissionPlan, starts: Floats, over: Stretch) -> StretchOver:
    leg = min(max(int(np.searchsorted(starts, over.from_km, side="right")) - 1, 0), len(plan.legs) - 1)
    a, b = plan.legs[leg]
    azimuth, _, _ = GEOD.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)
    lon, lat, _ = GEOD.fwd(a.lon_deg, a.lat_deg, azimuth, (over.from_km - float(starts[leg])) * 1000)
    area = over.disputed
    return StretchOver(
        from_km=over.from_km,
        to_km=over.to_km,
        code=area.id if area else over.code,
        name=over.name or (area.name if area else over.code) or say("the high seas"),
        lon_deg=float(lon),
        lat_deg=float(lat),
        leg=leg + 1,
        sides=tuple(area.sides) if area else (),
    )
