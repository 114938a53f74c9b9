"""The best plan near a changed one: the planner's search, begun from a path that is already there.

Ground may be closed on top of what every plan keeps clear of; places may be held, so that the path stays
near them, or shunned, so that it does not come back to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from overflight.errors import BadInput
from overflight.planning.detour import Ring, closed_ground
from overflight.planning.geodesy import distance_to_path_km, earth_centred_km
from overflight.planning.optimise import Found, finish
from overflight.planning.passage import StopPlace, places_of, retimed, without_cut_stops
from overflight.planning.request import PlanRequest, limit_for
from overflight.planning.request_ground import refuse_contradictions
from overflight.planning.search_area import KeepOut
from overflight.planning.swath.build import tables_of
from overflight.planning.swath.chain import Chain, Manner, Order
from overflight.planning.task import Task, area_of, prepare
from overflight.planning.validate import PlanCheck, check_plan
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

MARGIN_KM: Final = 0.4  # a leg that is straight on the plane leaves its geodesic by less than this
SAME_KM: Final = 0.1  # points nearer than this are the same point
LEAST_SHUNNED_KM: Final = 0.2
# A repair begins from a plan that somebody chose: it is annealed from a lower temperature than a search.
GENTLE: Final = Manner(first=0.3)


@dataclass
class Repairs:
    """Searches around one plan."""

    request: PlanRequest
    regime: Regime
    borders: Borders
    elevation: Elevation | None
    closed: tuple[Ring, ...] = ()
    eta: datetime | None = None  # notified time of arrival, from which a flight has to end in time

    def best_from(
        self,
        start: MissionPlan,
        *,
        steps: int,
        seed: int,
        held: Sequence[Waypoint] = (),
        shunned: Sequence[Waypoint] = (),
        dear: Sequence[Site] = (),
        max_km: float | None = None,
    ) -> tuple[MissionPlan, PlanCheck]:
        """The best legal plan found in `steps` steps from the path of `start`, and its check.

        Parameters
        ----------
        held, shunned : sequence of Waypoint
            Places that the path keeps within half the swath, and that it keeps half the swath away from.
        dear : sequence of Site
            Sites that are searched for with four times their value.
        max_km : float, optional
            A limit on top of that of the request.

        Raises
        ------
        BadInput
            If no site is left that could be observed, or the regions contradict each other.
        NothingToPlan
            If no legal path joins the airfields.
        """
        weight = 10.0 * sum(s.value for s in self.request.sites) + 1.0
        wanted = {id(site) for site in dear}
        sites = tuple(replace(s, value=4.0 * s.value) if id(s) in wanted else s for s in self.request.sites)
        sites += tuple(Site("", w.lon_deg, w.lat_deg, weight) for w in held)
        limit = limit_for(self.request, self.regime)
        request = replace(
            self.request,
            sites=sites,
            max_km=limit if max_km is None else min(limit, max_km),
            stops=tuple(p.icao for p in _landings(start, self.regime)),
        )
        refuse_contradictions(request, self.regime, limit_for(request, self.regime))
        task, ignored = prepare(
            request, self.regime, self.borders, self.elevation, extra=self._extra(request, start, shunned)
        )
        task, first = with_path(task, start)
        chain = Chain(tables_of(task.problem, free=True), task.first, seed, GENTLE)
        chain.settle()
        chain.lead(first)
        chain.begin()
        for step in range(steps):
            chain.advance(step / steps)
        chain.back_to_best()
        chain.settle()
        order = chain.best_order()
        found = finish(task, Found(order, order, steps, "steps"), ignored)
        return self.finished(start, found.plan.waypoints, found.plan.sensors_on)

    def finished(
        self, start: MissionPlan, points: tuple[Waypoint, ...], sensors_on: tuple[tuple[float, float], ...] | None
    ) -> tuple[MissionPlan, PlanCheck]:
        """`start` along another path, with its stops, landing and heights, and its check."""
        heights = start.height_agl_m
        if len(heights) > 1:
            heights = (max(heights),)
        plan = replace(start, waypoints=points, height_agl_m=heights, sensors_on=sensors_on)
        plan = retimed(without_cut_stops(plan, start, self.regime), start, self.regime)
        return plan, check_plan(
            plan,
            self.regime,
            borders=self.borders,
            elevation=self.elevation,
            regions=self.request.regions,
            eta=self.eta,
        )

    def _extra(self, request: PlanRequest, start: MissionPlan, shunned: Sequence[Waypoint]) -> tuple[Any, ...]:
        """Ground that this proposal closes or shuns, on the plane of the search."""
        if not self.closed and not shunned:
            return ()
        area = area_of(request, self.regime, self.borders)
        closed = [shapely.buffer(shape, MARGIN_KM) for shape in closed_ground(self.closed, area.centre)]
        return (*closed, *_discs(area, start, shunned, self.request.swath_km / 2))


def with_path(task: Task, start: MissionPlan) -> tuple[Task, Order]:
    """The task with the inner points of a plan as further candidates, and the plan's path over them.

    Raises
    ------
    BadInput
        If the plan leads beyond the plane of the search.
    """
    landings = {p.waypoint: n for n, p in enumerate(_landings(start, task.regime))}
    numbers = range(1, len(start.waypoints) - 1)
    inner = [start.waypoints[k] for k in numbers if k not in landings]
    lons, lats = np.array([w.lon_deg for w in inner]), np.array([w.lat_deg for w in inner])
    try:
        flat = task.area.plane(lons, lats) if inner else np.zeros((0, 2))
    except ValueError:
        raise BadInput(say("the plan leads farther than its limit allows to plan"), field="PLAN") from None
    clear = task.area.points_clear(flat)
    lons, lats = lons[clear], lats[clear]
    places = earth_centred_km(lons, lats).reshape(-1, 3)
    p = task.problem
    many = len(p.points)
    problem = replace(
        p,
        points=np.concatenate((p.points, places)),
        site_of=np.concatenate((p.site_of, np.full(len(places), -1, np.int32))),
    )
    places_left = iter(enumerate(places))
    kept = iter(clear.tolist())
    order: Order = []
    for k in numbers:
        if k in landings:
            stop = 2 + landings[k]  # start and end come first among the candidates, then the stops
            order.append((stop, p.points[stop]))
        elif next(kept):
            n, place = next(places_left)
            order.append((many + n, place))
    wider = replace(
        task, problem=problem, lons=np.concatenate((task.lons, lons)), lats=np.concatenate((task.lats, lats))
    )
    return wider, order


def _landings(start: MissionPlan, regime: Regime) -> tuple[StopPlace, ...]:
    return tuple(p for p in places_of(start, regime) if p.waypoint is not None)


def same_points(path: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> bool:
    """Whether two paths, longitudes and latitudes, go by the same points in the same order."""
    if len(path) != len(other):
        return False
    here, there = (earth_centred_km(*np.asarray(one, float)[:, :2].T) for one in (path, other))
    return bool(np.linalg.norm(here - there, axis=1).max() <= SAME_KM)


def differing_points(before: MissionPlan, after: MissionPlan) -> tuple[tuple[Waypoint, ...], tuple[Waypoint, ...]]:
    """The inner points that only `before` has, and those that only `after` has."""

    def apart(points: Sequence[Waypoint], others: MissionPlan) -> tuple[Waypoint, ...]:
        if not points:
            return ()
        ours = earth_centred_km(np.array([w.lon_deg for w in points]), np.array([w.lat_deg for w in points]))
        rest = earth_centred_km(
            np.array([w.lon_deg for w in others.waypoints]), np.array([w.lat_deg for w in others.waypoints])
        )
        near = np.linalg.norm(ours[:, None, :] - rest[None, :, :], axis=2).min(axis=1) <= SAME_KM
        return tuple(w for w, same in zip(points, near.tolist(), strict=True) if not same)

    return apart(before.waypoints[1:-1], after), apart(after.waypoints[1:-1], before)


def _discs(area: KeepOut, start: MissionPlan, shunned: Sequence[Waypoint], half_km: float) -> list[Any]:
    """Ground around shunned places, smaller where the path that the search begins with passes near."""
    if not shunned:
        return []
    lons, lats = np.array([w.lon_deg for w in shunned]), np.array([w.lat_deg for w in shunned])
    radius = np.minimum(half_km, 0.9 * distance_to_path_km(start.waypoints, lons, lats) - MARGIN_KM)
    discs = shapely.buffer(shapely.points(area.plane(lons, lats)), np.maximum(radius, 0.0))
    return [disc for disc, r in zip(discs.tolist(), radius.tolist(), strict=True) if r >= LEAST_SHUNNED_KM]
