"""The best plan near a changed one: the planner's search, begun from a path that is already there.

Ground may be closed on top of what every plan keeps clear of; places may be held, so that the path stays
near them, or shunned, so that it does not come back to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from overflight.errors import BadInput
from overflight.planning.detour import Ring, closed_ground
from overflight.planning.geodesy import distance_to_path_km, earth_centred_km, path_length_km
from overflight.planning.optimise import _finish, _prepare, _Task
from overflight.planning.request import PlanRequest, limit_for
from overflight.planning.search import Search
from overflight.planning.search_area import KeepOut
from overflight.planning.search_state import FREE, Field, Path
from overflight.planning.search_way import first_path
from overflight.planning.validate import PlanCheck, check_plan
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

MARGIN_KM = 0.4  # a leg that is straight on the plane leaves its geodesic by less than this
SAME_KM = 0.1  # points nearer than this are the same point
LEAST_SHUNNED_KM = 0.2


@dataclass
class Repairs:
    """Searches around one plan; what is costly to prepare is prepared once."""

    request: PlanRequest
    regime: Regime
    borders: Borders
    elevation: Elevation | None
    closed: tuple[Ring, ...] = ()
    _areas: dict[Any, KeepOut] = field(default_factory=dict, repr=False)

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
            If no site is left that could be observed.
        NothingToPlan
            If no legal path joins the airfields.
        """
        weight = 10.0 * sum(s.value for s in self.request.sites) + 1.0
        wanted = {id(site) for site in dear}
        sites = tuple(replace(s, value=4.0 * s.value) if id(s) in wanted else s for s in self.request.sites)
        sites += tuple(Site("", w.lon_deg, w.lat_deg, weight) for w in held)
        limit = limit_for(self.request, self.regime)
        request = replace(self.request, sites=sites, max_km=limit if max_km is None else min(limit, max_km))
        task, ignored = _prepare(request, self.regime, self.borders, self.elevation)
        ground = self._closed(task, start, shunned)
        task = replace(task, ground=ground)
        search = Search.of(ground, _begin(task, start), seed)
        while search.step < steps:
            search.advance()
        found = _finish(task, search, ignored, "steps", lambda: 0.0)
        return self.finished(start, found.plan.waypoints, found.plan.sensors_on)

    def finished(
        self, start: MissionPlan, points: tuple[Waypoint, ...], sensors_on: tuple[tuple[float, float], ...] | None
    ) -> tuple[MissionPlan, PlanCheck]:
        """`start` along another path, with its landing and heights, and its check."""
        heights = start.height_agl_m
        if len(heights) > 1:
            heights = (max(heights),)
        plan = replace(start, waypoints=points, height_agl_m=heights, sensors_on=sensors_on)
        if plan.take_off and plan.lands and start.take_off:
            before, after = path_length_km(start.waypoints), path_length_km(points)
            flown = (plan.lands - start.take_off) * (after / before) if before else plan.lands - start.take_off
            plan = replace(plan, lands=(start.take_off + flown).replace(microsecond=0))
        return plan, check_plan(plan, self.regime, borders=self.borders, elevation=self.elevation)

    def _closed(self, task: _Task, start: MissionPlan, shunned: Sequence[Waypoint]) -> Field:
        area = task.ground.area
        if not self.closed and not shunned:
            return task.ground
        key = (tuple(area.centre.tolist()), tuple((w.lon_deg, w.lat_deg) for w in shunned), start.waypoints)
        if key not in self._areas:
            pieces: list[Any] = list(area.pieces)
            pieces += [shapely.buffer(shape, MARGIN_KM) for shape in closed_ground(self.closed, area.centre)]
            pieces += _discs(area, start, shunned, self.request.swath_km / 2)
            self._areas[key] = KeepOut(area.centre, pieces)
        return replace(task.ground, area=self._areas[key], rows={}, clear={}, table=None, corners_seen={})


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


def _begin(task: _Task, start: MissionPlan) -> Path:
    """The path of `start` as the search holds it, less the points that keep it from being clear and short enough."""
    ground = task.ground
    inner = start.waypoints[1:-1]
    lons, lats = np.array([w.lon_deg for w in inner]), np.array([w.lat_deg for w in inner])
    try:
        flat = ground.area.plane(lons, lats) if inner else np.zeros((0, 2))
    except ValueError:
        raise BadInput(say("the plan leads farther than its limit allows to plan"), field="PLAN") from None
    points = np.concatenate((ground.points[:1], earth_centred_km(lons, lats), ground.points[1:2]))
    plane = np.concatenate((ground.plane[:1], flat, ground.plane[1:2]))
    path = Path.through(ground, [0, *[FREE] * len(inner), 1], points, plane)
    while len(path.ids) > 2:
        at_fault = _at_fault(ground, path)
        if not at_fault:
            return path
        shorter = [path.kept(ground, np.delete(np.arange(len(path.ids)), k)) for k in at_fault]
        path = max(shorter, key=lambda p: (p.value, -p.length_km))
    if path.is_clear(ground) and path.length_km <= ground.limit_km:
        return path
    return first_path(ground, task.start, task.end)


def _at_fault(ground: Field, path: Path) -> list[int]:
    """Inner points of which one has to go: those at legs that are not clear, else all while the path is too long."""
    ends = list(pairwise(path.ids))
    blocked = np.flatnonzero(~ground.legs_clear(ends, path.plane[:-1], path.plane[1:]))
    inner = range(1, len(path.ids) - 1)
    if blocked.size:
        leg = int(blocked[0])
        return [k for k in (leg, leg + 1) if k in inner]
    return list(inner) if path.length_km > ground.limit_km else []
