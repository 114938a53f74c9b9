"""Tables of all legs between candidates: which meet forbidden ground, how much of each lies in a region, how long.

They grow with the square of the sites, so each is made in slices of some hundredths of a second; between two slices a
`Pause` may say that there is no time left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from overflight.planning.orienteering.compiled import compiled, inner
from overflight.planning.orienteering.field import NEAREST, Field
from overflight.planning.orienteering.oplib import Instance
from overflight.planning.swath import world as w
from overflight.planning.swath.build import Problem
from overflight.planning.swath.first import arc_km
from overflight.planning.swath.sight import arc, crosses, east, inside_km, north
from overflight.planning.swath.world import (
    BLOCKED,
    EDGE,
    HOME,
    WALL,
    WALL_CELL,
    WALL_COLUMNS,
    WALL_ROWS,
    WALL_SOUTH,
    WALL_START,
    WALL_WEST,
    Array,
    Tables,
)

Floats = NDArray[np.float64]
Pause = Callable[[], None]  # raises OutOfTime where there is none left

SLICE: Final = 100_000  # legs
SAME_KM: Final = 1e-9
DIAGONAL: Final = 1.5  # of a cell, and a little more
SPARE_KM: Final = 2.0  # the limit of a proof is longer than the search's by less
SPARE_SHARE: Final = 1e-3
METRES: Final = 1000.0
AROUND: Final = 1.5  # a leg over forbidden ground counts so many times its length
AROUND_KM: Final = 20.0
_distances: Any = ndimage.distance_transform_edt  # type: ignore[attr-defined]  # it is there, without types


class OutOfTime(Exception):
    """There is no time for a table; what needs it is left out."""


def go_on() -> None:
    """A pause in which nothing happens."""


@inner
def cell_at(f: Array, k: Array, x: float, y: float) -> int:
    """The cell of the walls' grid that a place on the plane lies in, or the nearest one."""
    column = math.floor((x - f[WALL_WEST]) / f[WALL_CELL])
    row = math.floor((y - f[WALL_SOUTH]) / f[WALL_CELL])
    column = min(max(column, 0), k[WALL_COLUMNS] - 1)
    return int(min(max(row, 0), k[WALL_ROWS] - 1) * k[WALL_COLUMNS] + column)


@inner
def meets(f: Array, k: Array, x1: float, y1: float, x2: float, y2: float, t: float, u: float) -> bool:
    """Whether the straight leg meets an edge of forbidden ground in a cell near its stretch between the shares t, u."""
    west, south, cell, columns = f[WALL_WEST], f[WALL_SOUTH], f[WALL_CELL], k[WALL_COLUMNS]
    xa, xb = x1 + t * (x2 - x1), x1 + u * (x2 - x1)
    ya, yb = y1 + t * (y2 - y1), y1 + u * (y2 - y1)
    c0 = max(0, math.floor((min(xa, xb) - west) / cell - 1e-9))
    c1 = min(columns - 1, math.floor((max(xa, xb) - west) / cell + 1e-9))
    first = max(0, math.floor((min(ya, yb) - south) / cell - 1e-9))
    last = min(k[WALL_ROWS] - 1, math.floor((max(ya, yb) - south) / cell + 1e-9))
    for row in range(first, last + 1):
        for at in range(row * columns + c0, row * columns + c1 + 1):
            for j in range(k[k[WALL_START] + at], k[k[WALL_START] + at + 1]):
                if crosses(f, k[EDGE] + 4 * k[k[WALL] + j], x1, y1, x2, y2):
                    return True
    return False


@compiled
def places_on_plane(f: Array, k: Array, free: Array, out: Array) -> None:
    """Where each candidate as given lies on the plane, and how far from every cell with forbidden ground; (m, 3)."""
    for v in range(len(out)):
        p = k[HOME] + 3 * v
        out[v, 0], out[v, 1] = east(f, p), north(f, p)
        out[v, 2] = free[cell_at(f, k, out[v, 0], out[v, 1])]


@compiled
def forbidden_rows(
    f: Array, k: Array, free: Array, flat: Array, there: Array, most: float, out: Array, first: int, last: int
) -> None:
    """Mark legs between candidates as given that meet forbidden ground, those of the rows from `first` to `last`.

    `flat` holds each candidate's place on the plane and how far it is `free`.  A leg that a path within `most` cannot
    hold is not looked at.  Far from forbidden ground a leg is followed in steps as long as each place is free.
    """
    home, cell = k[HOME], f[WALL_CELL]
    for i in range(first, last):
        p = home + 3 * i
        x1, y1 = flat[i, 0], flat[i, 1]
        for j in range(i + 1, len(out)):
            q = home + 3 * j
            x2, y2 = flat[j, 0], flat[j, 1]
            length = math.sqrt((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1))
            if flat[i, 2] + flat[j, 2] > length or length < SAME_KM:
                continue
            km = arc(f[p], f[p + 1], f[p + 2], f[q], f[q + 1], f[q + 2])
            if km + min(there[i, 0] + there[j, 1], there[j, 0] + there[i, 1]) > most:
                continue
            t, last_km = flat[i, 2], length - flat[j, 2]
            east_by, north_by = (x2 - x1) / length, (y2 - y1) / length
            while t <= last_km:
                at = cell_at(f, k, x1 + t * east_by, y1 + t * north_by)
                if free[at] >= cell:
                    t += free[at]
                    continue
                if k[k[BLOCKED] + at] != 0 or meets(f, k, x1, y1, x2, y2, t / length, min(1.0, (t + cell) / length)):
                    out[i, j] = True
                    out[j, i] = True
                    break
                t += cell


@compiled
def inside_rows(
    f: Array, k: Array, region: int, box: Array, there: Array, most: float, out: Array, first: int, last: int
) -> None:
    """Length inside a region of the legs between candidates as given, 0 for what a path within `most` cannot hold."""
    home = k[HOME]
    for i in range(first, last):
        p = home + 3 * i
        x1, y1 = east(f, p), north(f, p)
        for j in range(i + 1, len(out)):
            q = home + 3 * j
            km = arc(f[p], f[p + 1], f[p + 2], f[q], f[q + 1], f[q + 2])
            if km + min(there[i, 0] + there[j, 1], there[j, 0] + there[i, 1]) > most:
                continue
            x2, y2 = east(f, q), north(f, q)
            if max(x1, x2) < box[0] or min(x1, x2) > box[2] or max(y1, y2) < box[1] or min(y1, y2) > box[3]:
                continue
            out[i, j] = out[j, i] = inside_km(f, k, region, p, q)


@compiled
def length_rows(
    places: Array, ends: Array, closed: Array, rows: Array, metres: Array, near: Array, first: int, last: int
) -> None:
    """Lengths in metres and the nearest nodes, nearest first; node 0 lies midway between start and end."""
    many = near.shape[1]
    for i in range(first, last):
        held = 0
        for j in range(len(places)):
            if i == j:
                metres[i, j] = 0
                continue
            if i == 0 or j == 0:
                v = max(i, j)
                x, y, z = places[v, 0], places[v, 1], places[v, 2]
                km = arc(ends[0, 0], ends[0, 1], ends[0, 2], x, y, z)
                km = (km + arc(ends[1, 0], ends[1, 1], ends[1, 2], x, y, z)) / 2.0
            else:
                km = arc(places[i, 0], places[i, 1], places[i, 2], places[j, 0], places[j, 1], places[j, 2])
            if len(closed) > 0 and closed[rows[i], rows[j]]:
                km = km * AROUND + AROUND_KM
            far = math.floor(km * METRES + 0.5)
            metres[i, j] = far
            if held < many:
                held += 1
            elif many == 0 or far >= metres[i, near[i, many - 1]]:
                continue
            at = held - 1
            while at > 0 and metres[i, near[i, at - 1]] > far:
                near[i, at] = near[i, at - 1]
                at -= 1
            near[i, at] = j


def forbidden(problem: Problem, tables: Tables, pause: Pause = go_on) -> NDArray[np.bool_] | None:
    """Legs between candidates as given that meet forbidden ground, (m, m); None if there is no such ground.

    Legs too long for any path are not marked.  What was found is kept with the problem.
    """
    if not tables.k[w.EDGES]:
        return None
    if "forbidden" not in problem.kept:
        out = np.zeros((len(problem.points),) * 2, dtype=bool)
        free, (there, most) = _free(tables), _reach(problem)
        flat = np.zeros((len(out), 3))
        places_on_plane(tables.f, tables.k, free, flat)
        for first, last in _slices(len(out)):
            pause()
            forbidden_rows(tables.f, tables.k, free, flat, there, most, out, first, last)
        problem.kept["forbidden"] = out
    found: NDArray[np.bool_] = problem.kept["forbidden"]
    return found


def inside(problem: Problem, tables: Tables, region: int, pause: Pause = go_on) -> Floats:
    """Kilometres of each leg between candidates as given inside a region, (m, m); 0 for legs too long for any path."""
    out = np.zeros((len(problem.points),) * 2)
    sides = tables.table(w.SUB_EDGE)[slice(*tables.table(w.SUB_START)[region : region + 2])].reshape(-1, 2)
    there, most = _reach(problem)
    if len(sides):
        box = np.concatenate((sides.min(axis=0), sides.max(axis=0)))
        for first, last in _slices(len(out)):
            pause()
            inside_rows(tables.f, tables.k, region, box, there, most, out, first, last)
    return out


def point_field(problem: Problem, tables: Tables, pause: Pause = go_on) -> tuple[Field, NDArray[np.int64]]:
    """The problem of the best tour over single sites, and the candidate of each of its nodes; node 0 is the start.

    Start and end become one place: a leg from there is as long as from the middle of both.
    """
    if "points" in problem.kept:
        known: tuple[Field, NDArray[np.int64]] = problem.kept["points"]
        return known
    closed = forbidden(problem, tables, pause)
    rows = np.concatenate(([0], np.flatnonzero(problem.site_of >= 0))).astype(np.int64)
    n = len(rows)
    metres, near = np.zeros((n, n), np.int32), np.zeros((n, min(NEAREST, n - 1)), np.int32)
    places, ends = np.ascontiguousarray(problem.points[rows]), np.ascontiguousarray(problem.points[:2])
    legs = closed if closed is not None else np.zeros((0, 0), dtype=bool)
    for first, last in _slices(n):
        pause()
        length_rows(places, ends, legs, rows, metres, near, first, last)
    values = np.concatenate(([0.0], problem.values[problem.site_of[rows[1:]]]))
    mean = max(float(values.mean()), 1e-9)
    scores = np.minimum(np.rint(values * 1000.0 / mean), 10**9).astype(np.int64)
    limit = int(problem.rules.limit_km * METRES)
    instance = Instance("sites", "EUC_2D", np.zeros((n, 2)), scores, limit)
    problem.kept["points"] = Field(instance, np.arange(n, dtype=np.int64), metres, near, scores), rows
    return point_field(problem, tables)


def _reach(problem: Problem) -> tuple[Floats, float]:
    """Distance of each candidate from start and end, (m, 2), and the longest path, a little more than planned with."""
    there = np.column_stack([arc_km(np.linalg.norm(problem.points - end, axis=1)) for end in problem.points[:2]])
    return np.ascontiguousarray(there), problem.rules.limit_km * (1.0 + SPARE_SHARE) + SPARE_KM


def _free(tables: Tables) -> Floats:
    """How far every place of each cell of the walls' grid at least lies from each cell that holds forbidden ground."""
    shape = int(tables.k[w.WALL_ROWS]), int(tables.k[w.WALL_COLUMNS])
    taken: Any = np.diff(tables.table(w.BUSY).reshape(shape[0], shape[1] + 1), axis=1) > 0
    apart: Floats = _distances(~taken)
    return np.maximum(apart - DIAGONAL, 0.0).ravel() * float(tables.f[w.WALL_CELL])


def _slices(many: int) -> Iterator[tuple[int, int]]:
    """Rows of a table, some at a time."""
    step = max(1, SLICE // max(many, 1))
    for first in range(0, many, step):
        yield first, min(many, first + step)
