"""Find the best legal path: `solve(request, regime, borders=..., stop=..., seed=...)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadInput, NothingToPlan
from overflight.planning.coverage import observed, value_of
from overflight.planning.geodesy import distances_km, earth_centred_km, leg_lengths_km
from overflight.planning.measure import non_parties, own_codes
from overflight.planning.request import Ignored, PlanRequest, PlanResult, ends_of, limit_for
from overflight.planning.search import Search, lon_lat
from overflight.planning.search_area import KeepOut, keep_out
from overflight.planning.search_state import FREE, Field, Path
from overflight.planning.search_way import first_path
from overflight.planning.stop import StopRule
from overflight.planning.validate import PlanCheck, check_plan
from overflight.rules.finding import Verdict
from overflight.terms.place import Airfield, Site
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Floats = NDArray[np.float64]

# The search sees a narrower swath and a shorter limit than asked for, so that what it
# returns stands when it is measured exactly, and does not hang on the last metres.
MARGIN_KM = 0.15
MARGIN_SHARE = 0.1
SPARE_SHARE = 5e-5
SPARE_KM = 0.02
REPAIRS = 40

Progress = Callable[[int, float], None]


@dataclass
class _Task:
    """One request with everything that the search needs."""

    request: PlanRequest
    regime: Regime
    borders: Borders
    elevation: Elevation | None
    start: Airfield
    end: Airfield
    limit_km: float
    sites: tuple[Site, ...]
    ground: Field
    lons: Floats  # of the candidates
    lats: Floats


def solve(
    request: PlanRequest,
    regime: Regime,
    *,
    borders: Borders,
    stop: StopRule,
    seed: int = 0,
    elevation: Elevation | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = monotonic,
) -> PlanResult:
    """The best legal path found until `stop` says so; Ctrl-C stops too and keeps the best.

    Parameters
    ----------
    stop : callable
        Given the step number, the reason to stop or None; see `overflight.planning.stop`.
    seed : int
        Same request, seed and number of steps give the same plan.
    progress : callable, optional
        Called with step and best value now and then.
    clock : callable
        Only measures `seconds`; it decides nothing.

    Raises
    ------
    BadInput
        If an airfield is not open on the day, the limit is above the treaty's, or no site is left.
    NothingToPlan
        If no legal path joins the airfields; the message names what binds and by how much.
    """
    began = clock()
    task, ignored = _prepare(request, regime, borders, elevation)
    search = Search.of(task.ground, first_path(task.ground, task.start, task.end), seed)
    reason: str | None = None
    try:
        while reason is None:
            search.advance()
            reason = stop(search.step)
            if progress is not None and search.step % 20 == 0:
                progress(search.step, search.shifted_best.value)
    except KeyboardInterrupt:
        reason = "interrupt"
    return _finish(task, search, ignored, reason, lambda: clock() - began)


def _prepare(
    request: PlanRequest, regime: Regime, borders: Borders, elevation: Elevation | None
) -> tuple[_Task, tuple[Ignored, ...]]:
    start, end = ends_of(request, regime)
    limit = limit_for(request, regime)
    apart = float(leg_lengths_km(np.array([start.lon_deg, end.lon_deg]), np.array([start.lat_deg, end.lat_deg]))[0])
    if apart > limit:
        raise NothingToPlan(
            say(
                "{start} and {end} lie {apart:.0f} km apart, {over:.0f} km over the limit of {limit:g} km (VI.II.4.A)",
                start=start.icao,
                end=end.icao,
                apart=apart,
                over=apart - limit,
                limit=limit,
            ),
            citation="VI.II.4.A",
        )
    half = request.swath_km / 2
    half_planned = half - min(MARGIN_KM, MARGIN_SHARE * half)
    own = frozenset(own_codes(request.observed, regime))
    sites, ignored = _reachable(request, start, end, limit, half_planned, own, borders)
    centre = earth_centred_km(np.array([start.lon_deg, end.lon_deg]), np.array([start.lat_deg, end.lat_deg])).mean(
        axis=0
    )
    lon, lat = (float(v[0]) for v in lon_lat(centre[None, :]))
    area = keep_out(
        lon,
        lat,
        limit / 2 + half,
        own=own,
        non_parties=non_parties(regime, borders, observed=request.observed) - own,
        clearance_km=float(regime.value("border_clearance").value),
        borders=borders,
        sea=regime.readings.get("sea_border") != "land",
    )
    ground, lons, lats, kept, behind = _field(area, start, end, sites, half_planned, limit)
    ignored += tuple(Ignored(site, "behind_border_distance") for site in behind)
    if not kept:
        raise _no_site(request, ignored)
    return _Task(request, regime, borders, elevation, start, end, limit, kept, ground, lons, lats), ignored


def _reachable(
    request: PlanRequest,
    start: Airfield,
    end: Airfield,
    limit_km: float,
    half_km: float,
    own: frozenset[str],
    borders: Borders,
) -> tuple[tuple[Site, ...], tuple[Ignored, ...]]:
    """The sites inside the territory that some path within the limit could observe, and the others with why not."""
    if not request.sites:
        raise BadInput(say("the file of sites holds no site"), field="--sites")
    lons = np.array([s.lon_deg for s in request.sites])
    lats = np.array([s.lat_deg for s in request.sites])
    codes = np.array([unit.code or "" for unit in borders.units] + [""], dtype=object)
    inside = np.isin(codes[borders.units_at(lons, lats)].astype(str), sorted(own))
    turned = np.flatnonzero(~inside & (np.abs(lons) <= 90))
    swapped = set(
        turned[np.isin(codes[borders.units_at(lats[turned], lons[turned])].astype(str), sorted(own))].tolist()
    )
    there = distances_km(np.full(lons.shape, start.lon_deg), np.full(lons.shape, start.lat_deg), lons, lats)
    back = distances_km(np.full(lons.shape, end.lon_deg), np.full(lons.shape, end.lat_deg), lons, lats)
    near = there + back - 2 * half_km <= limit_km
    kept, ignored = [], []
    for n, site in enumerate(request.sites):
        if not inside[n]:
            ignored.append(Ignored(site, "outside_territory", swapped=n in swapped))
        elif not near[n]:
            ignored.append(Ignored(site, "out_of_reach"))
        else:
            kept.append(site)
    if not kept:
        raise _no_site(request, tuple(ignored))
    return tuple(kept), tuple(ignored)


def _no_site(request: PlanRequest, ignored: tuple[Ignored, ...]) -> BadInput:
    reasons = [left.reason for left in ignored]
    return BadInput(
        say(
            "--sites: none of the {n} sites can be observed: {outside} lie outside the territory of {party}, "
            "{far} out of reach within the limit, {behind} too near a border (VI.II.2)",
            n=len(reasons),
            outside=reasons.count("outside_territory"),
            party=request.observed,
            far=reasons.count("out_of_reach"),
            behind=reasons.count("behind_border_distance"),
        ),
        field="--sites",
    )


def _field(
    area: KeepOut, start: Airfield, end: Airfield, sites: tuple[Site, ...], half_km: float, limit_km: float
) -> tuple[Field, Floats, Floats, tuple[Site, ...], tuple[Site, ...]]:
    """Sites and candidate points; a site on forbidden ground is offered from the nearest clear place."""
    lons = np.array([start.lon_deg, end.lon_deg, *(s.lon_deg for s in sites)])
    lats = np.array([start.lat_deg, end.lat_deg, *(s.lat_deg for s in sites)])
    plane = area.plane(lons, lats)
    clear = area.points_clear(plane)
    clear[:2] = True
    blocked = np.flatnonzero(~clear)
    behind: list[int] = []
    if blocked.size:
        moved = area.nearest_clear(plane[blocked], 0.9 * half_km, 0.05)
        found = ~np.isnan(moved[:, 0])
        behind = blocked[~found].tolist()
        places = area.unplane(moved[found])
        lons[blocked[found]], lats[blocked[found]] = places
        plane[blocked[found]] = moved[found]
    keep = np.setdiff1d(np.arange(len(lons)), np.array(behind, dtype=np.int64))
    kept = tuple(sites[k - 2] for k in keep[2:].tolist())
    ground = Field(
        sites=earth_centred_km(np.array([s.lon_deg for s in kept]), np.array([s.lat_deg for s in kept])),
        values=np.array([s.value for s in kept], dtype=np.float64),
        points=earth_centred_km(lons[keep], lats[keep]),
        plane=plane[keep],
        half_km=half_km,
        limit_km=limit_km * (1 - SPARE_SHARE) - SPARE_KM,
        area=area,
    )
    return ground, lons[keep], lats[keep], kept, tuple(sites[k - 2] for k in behind)


def _finish(
    task: _Task, search: Search, ignored: tuple[Ignored, ...], reason: str, seconds: Callable[[], float]
) -> PlanResult:
    discrete, plain = _checked(task, search.best)
    shifted, free = (discrete, plain) if search.shifted_best is search.best else _checked(task, search.shifted_best)
    discrete_value, value = _value(task, discrete), _value(task, shifted)
    plan, check = (shifted, free) if value > discrete_value else (discrete, plain)
    seen = observed(plan.waypoints, task.sites, swath_km=task.request.swath_km)
    return PlanResult(
        plan=plan,
        check=check,
        value=max(value, discrete_value),
        discrete_value=discrete_value,
        total_value=float(sum(site.value for site in task.request.sites)),
        bound=float(sum(site.value for site in task.sites)),
        seconds=seconds(),
        steps=search.step,
        stopped_by=reason,
        ignored=ignored,
        observed_sites=tuple(site for site, yes in zip(task.sites, seen.tolist(), strict=True) if yes),
    )


def _value(task: _Task, plan: MissionPlan) -> float:
    return value_of(task.sites, observed(plan.waypoints, task.sites, swath_km=task.request.swath_km))


def _checked(task: _Task, path: Path) -> tuple[MissionPlan, PlanCheck]:
    """The plan of a path, after the plan check; waypoints that break a rule on exact geodesics are dropped."""
    for _ in range(REPAIRS):
        plan = _plan(task, path)
        check = check_plan(plan, task.regime, borders=task.borders, elevation=task.elevation)
        legs = [
            f.where["leg"]
            for f in check.findings
            if f.verdict is Verdict.BREACHES and isinstance(f.where, dict) and f.citation.startswith("VI.II")
            if f.citation in ("VI.II.2", "VI.II.4.A", "VI.II.4.G.1", "VI.II.4.G.2")
        ]
        too_long = check.length_km > task.limit_km
        if not legs and not too_long:
            return _with_sensor_periods(task, plan, check)
        if len(path.ids) <= 2:
            break
        path = _without_one(task, path, legs[0] if legs else None)
    raise NothingToPlan(
        say(
            "no legal path from {start} to {end} was found: {because}",
            start=task.start.icao,
            end=task.end.icao,
            because=next((f.because for f in check.findings if f.verdict is Verdict.BREACHES), "-"),
        ),
        citation=next((f.citation for f in check.findings if f.verdict is Verdict.BREACHES), None),
    )


def _without_one(task: _Task, path: Path, leg: int | None) -> Path:
    """The path less one waypoint: of the leg at fault (from 1) if one is named, whichever costs least value."""
    inner = range(1, len(path.ids) - 1)
    at_fault = [k for k in ((leg - 1, leg) if leg is not None else inner) if k in inner] or list(inner)
    shorter = [path.kept(task.ground, np.delete(np.arange(len(path.ids)), k)) for k in at_fault]
    clear = [p for p in shorter if p.is_clear(task.ground)] or shorter
    return max(clear, key=lambda p: p.value)


def _plan(task: _Task, path: Path) -> MissionPlan:
    lons, lats = lon_lat(path.points)
    waypoints = []
    for k, number in enumerate(path.ids):
        lon, lat = (lons[k], lats[k]) if number == FREE else (task.lons[number], task.lats[number])
        ends = k in (0, len(path.ids) - 1)
        place = (float(lon), float(lat)) if ends else (round(float(lon), 6), round(float(lat), 6))
        name = (task.start.icao if k == 0 else task.end.icao) if ends else f"P{k:02d}"
        waypoints.append(Waypoint(*place, name))
    request = task.request
    return MissionPlan(
        observed=request.observed,
        waypoints=tuple(waypoints),
        start_airfield=task.start.icao,
        end_airfield=task.end.icao,
        observing=request.observing,
        height_agl_m=(request.height_agl_m,) if request.height_agl_m is not None else (),
        aircraft=request.aircraft,
        sensors=request.sensors,
    )


def _with_sensor_periods(task: _Task, plan: MissionPlan, check: PlanCheck) -> tuple[MissionPlan, PlanCheck]:
    """The plan with its sensors off wherever the path is not over the observed Party's territory."""
    if not check.facts.transit:
        return plan, check
    periods, since = [], 0.0
    for stretch in sorted(check.facts.transit, key=lambda s: s.from_km):
        if stretch.from_km - since > 0.1:
            periods.append((round(since, 3), round(stretch.from_km, 3)))
        since = max(since, stretch.to_km)
    if check.length_km - since > 0.1:
        periods.append((round(since, 3), round(check.length_km, 3)))
    plan = replace(plan, sensors_on=tuple(periods))
    return plan, check_plan(plan, task.regime, borders=task.borders, elevation=task.elevation)
