"""From sites, candidates and forbidden ground to the arrays of the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from overflight.planning.crossings import axes
from overflight.planning.orienteering.compiled import compiled
from overflight.planning.swath import world as w
from overflight.planning.swath.grids import Walls, edges_of, site_grid
from overflight.planning.swath.sight import EARTH_KM, clear_between
from overflight.planning.swath.world import CORNER, CORNER_WIDTH, Tables

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAREST: Final = 24
NEAREST_CORNERS: Final = 12
CORNERS: Final = 6
BESIDE_RADII: Final = 5.0  # a turn short of 157 degrees takes so much of the leg before it


@dataclass(frozen=True)
class Rules:
    """What legs and parts of a path must keep, km; `range_km` between two airfields."""

    limit_km: float
    min_leg_km: float = 0.0
    turn_radius_km: float = 0.0
    turn: str = "short"
    range_km: float = float("inf")


@dataclass(frozen=True)
class Problem:
    """A search's input in numbers.  Candidates 0 and 1 are start and end; `stops` are candidates too, in order."""

    sites: Floats  # (n, 3) km, earth-centred
    values: Floats  # (n,)
    half_km: Floats  # (n,) as planned with, margin taken off
    group: NDArray[np.int32]  # (n,)
    points: Floats  # (m, 3)
    site_of: NDArray[np.int32]  # (m,) the site that a candidate stands for, -1 for none
    centre: Floats  # of the plane, a unit vector
    rules: Rules
    walls: Walls
    stops: tuple[int, ...] = ()
    sub_limits: tuple[tuple[Any, float], ...] = ()  # polygons on the plane, most km
    near: NDArray[np.int32] = field(init=False, repr=False)
    kept: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)  # what is costly to find

    def __post_init__(self) -> None:
        object.__setattr__(self, "near", _nearest(self.points))

    @property
    def closed(self) -> bool:
        """Whether the path ends where it starts."""
        return bool(np.linalg.norm(self.points[0] - self.points[1]) < 1e-6)

    @property
    def corners(self) -> Ints:
        """Candidates that are neither airfields nor stand for a site."""
        rows = np.flatnonzero(self.site_of < 0)
        return rows[~np.isin(rows, [0, 1, *self.stops])].astype(np.int64)


def tables_of(problem: Problem, *, free: bool) -> Tables:
    """The tables for a search whose waypoints may be shifted (`free`), or stand on candidates only."""
    p = problem
    m, n = len(p.points), len(p.sites)
    east, north = axes(p.centre)
    frame = np.stack((p.centre, east, north))
    height = p.sites @ p.centre
    flat = np.column_stack((p.sites @ east, p.sites @ north)) / height[:, None] * EARTH_KM
    # A disc on the ground is wider on the plane, most at its rim.
    low = min(float((height / np.linalg.norm(p.sites, axis=1)).min()), float(_heights(p).min()))
    reach = float(p.half_km.max(initial=0.1)) * 1.02 / max(0.05, low) ** 2
    grid, cell_start, order = site_grid(flat, reach)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    cut = free and p.rules.turn_radius_km > 0 and p.rules.turn != "over"
    points, stands_for, near, other = _twice(p) if cut else (p.points, p.site_of, p.near, np.full(m, -1))
    original, m = m, len(points)
    site_of = np.where(stands_for >= 0, place[np.maximum(stands_for, 0)], -1)
    core, give = points.copy(), np.zeros(m)
    stands = stands_for >= 0
    if free:
        core[stands] = p.sites[stands_for[stands]]
        give[stands] = p.half_km[stands_for[stands]]
    if cut:
        give[stands] += max(BESIDE_RADII * p.rules.turn_radius_km, p.rules.min_leg_km)
    fixed = np.zeros(m)
    fixed[[0, 1, *p.stops]] = 1
    group = p.group[order]
    by_group = np.argsort(group, kind="stable")
    groups = int(group.max(initial=-1)) + 1
    sub_start, sub_edges = [0], [np.zeros((0, 4))]
    for shape, _ in p.sub_limits:
        sub_edges.append(edges_of(_oriented(shape)))
        sub_start.append(sub_start[-1] + len(sub_edges[-1]))
    parts, regions = len(p.stops) + 1, len(p.sub_limits)
    walls = p.walls
    tables = Tables(
        whole={
            w.AFTER: np.full(m, -1),
            w.BEFORE: np.full(m, -2),
            w.PART: np.zeros(m),
            w.SITE_OF: site_of,
            w.FIXED: fixed,
            w.MARK: np.zeros(m),
            w.WANTED: np.zeros(m + 128),
            w.LOG: np.zeros((w.MOST_LOGGED, 2)),
            w.NEAR: near,
            w.OTHER: other,
            w.CORNER: np.full((m, CORNERS), -1),
            w.GROUP: group,
            w.MEMBER_START: np.searchsorted(group[by_group], np.arange(groups + 1)),
            w.MEMBER: by_group,
            w.COUNT: np.zeros(n),
            w.BY: np.full(n, -1),
            w.CELL: cell_start,
            w.WALL_START: walls.start,
            w.WALL: walls.wall,
            w.BUSY: walls.busy,
            w.BLOCKED: walls.blocked,
            w.SUB_START: np.array(sub_start),
        },
        floats={
            w.PLACE: points,
            w.HOME: points,
            w.CORE: core,
            w.GIVE: give,
            w.LEG: np.zeros(m),
            w.SITE: np.column_stack((p.sites, p.half_km, p.values))[order],
            w.EDGE: walls.edges,
            w.SUB_EDGE: np.concatenate(sub_edges),
            w.SUB_MOST: np.array([most for _, most in p.sub_limits]),
            w.USED: np.zeros(parts + regions),
            w.KEYS: np.zeros(m + 128),
            w.LOG_PLACE: np.zeros((w.MOST_LOGGED, 3)),
            w.FOUND: np.zeros((3, 2)),
            w.WAS: np.zeros(regions),
        },
        sizes={
            w.CANDIDATES: m,
            w.ORIGINAL: original,
            w.SITES: n,
            w.NEAR_WIDTH: near.shape[1],
            w.CORNER_WIDTH: CORNERS,
            w.COLUMNS: int(grid[3]),
            w.ROWS: int(grid[4]),
            w.WALL_COLUMNS: int(walls.grid[3]),
            w.WALL_ROWS: int(walls.grid[4]),
            w.EDGES: len(walls.edges),
            w.PARTS: parts,
            w.REGIONS: regions,
            w.TURN: w.NO_TURN if p.rules.turn_radius_km <= 0 else (w.OVER if p.rules.turn == "over" else w.SHORT),
        },
    )
    f = tables.f
    f[w.LIMIT], f[w.MIN_LEG], f[w.RADIUS], f[w.RANGE] = (
        p.rules.limit_km,
        p.rules.min_leg_km,
        p.rules.turn_radius_km,
        p.rules.range_km,
    )
    f[w.GRID_WEST : w.GRID_REACH + 1] = grid[[0, 1, 2, 5]]
    f[w.WALL_WEST : w.WALL_CELL + 1] = walls.grid[:3]
    f[w.FRAME : w.FRAME + 9] = frame.ravel()
    corners = problem.corners
    if len(corners) and len(walls.edges):
        tree: Any = KDTree(p.points[corners])  # type: ignore[no-untyped-call]
        _, nearest = tree.query(points, k=min(NEAREST_CORNERS, len(corners)))
        choose_corners(f, tables.k, corners[np.asarray(nearest).reshape(m, -1)].astype(np.int64))
    return tables


@compiled
def choose_corners(f: Any, k: Any, nearest: Any) -> None:
    """Write the corners in sight of each candidate, nearest first, into the tables."""
    for v in range(len(nearest)):
        many = 0
        for j in range(nearest.shape[1]):
            c = nearest[v, j]
            if many < k[CORNER_WIDTH] and c != v and clear_between(f, k, v, c):
                k[k[CORNER] + v * k[CORNER_WIDTH] + many] = c
                many += 1


def _heights(p: Problem) -> Floats:
    found: Floats = (p.points @ p.centre) / np.linalg.norm(p.points, axis=1)
    return found


def _nearest(points: Floats) -> NDArray[np.int32]:
    """The nearest candidates of each, itself left out, shape (m, k)."""
    m = len(points)
    k = min(NEAREST, m - 1)
    tree: Any = KDTree(points)  # type: ignore[no-untyped-call]
    _, found = tree.query(points, k=k + 1)
    found = np.asarray(found).reshape(m, -1)
    out = np.empty((m, k), np.int32)
    for v in range(m):
        row = found[v][found[v] != v]
        out[v] = row[:k]
    return out


def _twice(p: Problem) -> tuple[Floats, Ints, Ints, Ints]:
    """Candidates, their sites, neighbours and second candidates, where each site has two: before it and behind it."""
    rows = np.flatnonzero(p.site_of >= 0)
    m = len(p.points)
    other = np.full(m + len(rows), -1, np.int64)
    other[rows] = m + np.arange(len(rows))
    other[m:] = rows
    near = np.concatenate((p.near, p.near[rows])).astype(np.int64)
    both = np.stack((near, np.where(other[near] >= 0, other[near], near)), axis=2).reshape(len(near), -1)
    first = np.where(other >= 0, other, near[:, 0])
    return (
        np.concatenate((p.points, p.points[rows])),
        np.concatenate((p.site_of, p.site_of[rows])).astype(np.int64),
        np.column_stack((first, both)),
        other,
    )


def _oriented(shape: Any) -> Any:
    """Polygons with their inside on the left of every side."""
    parts: Sequence[Any] = shapely.get_parts(shapely.union_all([shape]))
    polygons = [part for part in parts if shapely.get_type_id(part) == 3]
    return np.array([shapely.geometry.polygon.orient(part) for part in polygons], dtype=object)
