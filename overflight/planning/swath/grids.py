"""The two grids of the search's plane: sites in cells, and the edges of forbidden ground in cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_CELLS = 400_000
WALL_CELL_KM = 8.0


def site_grid(flat: Floats, reach_km: float) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Grid of sites on the plane (n, 2): its numbers, the first site of each cell, and the sites in that order."""
    low, high = flat.min(axis=0) - 1e-6, flat.max(axis=0) + 1e-6
    cell = max(reach_km, 0.5)
    while np.prod(np.floor((high - low) / cell) + 1) > MOST_CELLS:
        cell *= 1.3
    columns, rows = (int(v) for v in np.floor((high - low) / cell) + 1)
    at = np.floor((flat - low) / cell).astype(np.int64)
    number = at[:, 1] * columns + at[:, 0]
    order = np.argsort(number, kind="stable")
    start = np.searchsorted(number[order], np.arange(rows * columns + 1)).astype(np.int64)
    return np.array([low[0], low[1], cell, columns, rows, reach_km]), start, order


def edges_of(shapes: Any) -> Floats:
    """Sides of all rings of some polygons, shape (e, 4)."""
    rings = shapely.get_rings(shapes)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    found: Floats = np.hstack((points[:-1], points[1:]))[same]
    return found


class Walls:
    """Edges of forbidden ground, the cells they lie in, and the cells that lie wholly inside it.

    Attributes
    ----------
    grid : array
        West, south, cell, columns, rows.
    start, wall : arrays
        First edge of each cell, and the edges cell by cell, rows of `edges`.
    busy, blocked : arrays
        Cells with edges or wholly inside, summed from the west, (rows, columns + 1); and those wholly inside.
    """

    def __init__(self, pieces: Any) -> None:
        shapes = np.asarray(pieces, dtype=object)
        self.edges = np.ascontiguousarray(edges_of(shapes) if len(shapes) else np.zeros((0, 4)))
        if not len(self.edges):
            self.grid = np.array([0.0, 0.0, 1.0, 1.0, 1.0])
            self.start, self.wall = np.zeros(2, np.int64), np.zeros(0, np.int64)
            self.busy, self.blocked = np.zeros((1, 2), np.int64), np.zeros(1, np.int64)
            return
        low = np.minimum(self.edges[:, :2].min(axis=0), self.edges[:, 2:].min(axis=0)) - 1.0
        high = np.maximum(self.edges[:, :2].max(axis=0), self.edges[:, 2:].max(axis=0)) + 1.0
        cell = WALL_CELL_KM
        while np.prod(np.floor((high - low) / cell) + 1) > MOST_CELLS:
            cell *= 1.3
        columns, rows = (int(v) for v in np.floor((high - low) / cell) + 1)
        self.grid = np.array([low[0], low[1], cell, float(columns), float(rows)])
        number, edge = _cells_of(self.edges, low, cell, columns)
        self._sort(number, edge)
        has = np.diff(self.start) > 0
        self.blocked = self._inside(shapes, low, cell, columns, rows, has).astype(np.int64)
        self._sum()

    def joined(self, pieces: Any) -> Walls:
        """These walls and more; quick where the new ones lie within the grid."""
        shapes = np.asarray(pieces, dtype=object)
        edges = edges_of(shapes)
        low, cell = self.grid[:2], float(self.grid[2])
        columns, rows = int(self.grid[3]), int(self.grid[4])
        places = np.concatenate((edges[:, :2], edges[:, 2:])) if len(edges) else np.zeros((0, 2))
        out = Walls([])
        out.edges = np.ascontiguousarray(np.concatenate((self.edges, edges)))
        out.grid = self.grid
        number, edge = _cells_of(edges, low, cell, columns)
        out._sort(
            np.concatenate((np.repeat(np.arange(rows * columns), np.diff(self.start)), number)),
            np.concatenate((self.wall, edge + len(self.edges))),
        )
        # of the cells without an edge only those around the new shapes may have changed
        first = np.floor((places.min(axis=0) - low) / cell).astype(np.int64)
        last = np.floor((places.max(axis=0) - low) / cell).astype(np.int64)
        asked = np.zeros((rows, columns), dtype=bool)
        asked[first[1] : last[1] + 1, first[0] : last[0] + 1] = True
        has = np.diff(out.start) > 0
        closed = self._inside(shapes, low, cell, columns, rows, has | ~asked.ravel())
        out.blocked = ((self.blocked > 0) | closed).astype(np.int64)
        out._sum()
        return out

    def holds(self, pieces: Any) -> bool:
        """Whether some shapes lie within the grid."""
        if not len(self.edges) or not len(pieces):
            return False
        west, south, east, north = shapely.total_bounds(np.asarray(pieces, dtype=object))
        low, size = self.grid[:2] + 1e-3, self.grid[2] * self.grid[3:5] - 2e-3
        return bool(west >= low[0] and south >= low[1] and east <= low[0] + size[0] and north <= low[1] + size[1])

    def _sort(self, number: Any, edge: Any) -> None:
        cells = int(self.grid[3] * self.grid[4])
        order = np.argsort(number, kind="stable")
        self.wall = edge[order].astype(np.int64)
        self.start = np.searchsorted(number[order], np.arange(cells + 1)).astype(np.int64)

    def _sum(self) -> None:
        columns, rows = int(self.grid[3]), int(self.grid[4])
        taken = ((np.diff(self.start) > 0) | (self.blocked > 0)).reshape(rows, columns)
        self.busy = np.concatenate((np.zeros((rows, 1), np.int64), np.cumsum(taken, axis=1, dtype=np.int64)), axis=1)

    @staticmethod
    def _inside(shapes: Any, low: Floats, cell: float, columns: int, rows: int, has: Any) -> Any:
        """Cells without an edge that lie in forbidden ground: one look for each run of such cells in a row."""
        empty = ~has
        number = np.flatnonzero(empty)
        inside = np.zeros(rows * columns, dtype=bool)
        if not number.size:
            return inside
        first = np.ones(number.size, dtype=bool)
        first[1:] = (np.diff(number) > 1) | (number[1:] % columns == 0)
        heads = number[first]
        x = low[0] + (heads % columns + 0.5) * cell
        y = low[1] + (heads // columns + 0.5) * cell
        tree = shapely.STRtree(shapes)
        point, _ = tree.query(shapely.points(x, y), predicate="intersects")
        hit = np.zeros(heads.size, dtype=bool)
        hit[point] = True
        inside[number] = hit[np.cumsum(first) - 1]
        return inside


def _cells_of(edges: Floats, low: Floats, cell: float, columns: int) -> tuple[Any, Any]:
    """Pairs of cell and edge such that every cell an edge meets is among them."""
    length = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    pieces = np.maximum(1, np.ceil(length / cell)).astype(np.int64)
    owner = np.repeat(np.arange(len(edges)), pieces)
    place = np.arange(owner.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    a = edges[owner, :2] + (edges[owner, 2:] - edges[owner, :2]) * (place / pieces[owner])[:, None]
    b = edges[owner, :2] + (edges[owner, 2:] - edges[owner, :2]) * ((place + 1) / pieces[owner])[:, None]
    least = np.floor((np.minimum(a, b) - 1e-6 - low) / cell).astype(np.int64)
    most = np.floor((np.maximum(a, b) + 1e-6 - low) / cell).astype(np.int64)
    numbers, owners = [], []
    for dy in range(3):  # a piece is no longer than a cell
        for dx in range(3):
            inside = (least[:, 0] + dx <= most[:, 0]) & (least[:, 1] + dy <= most[:, 1])
            numbers.append((least[inside, 1] + dy) * columns + least[inside, 0] + dx)
            owners.append(owner[inside])
    pair = np.unique(np.concatenate(numbers) * len(edges) + np.concatenate(owners))
    return pair // len(edges), pair % len(edges)
