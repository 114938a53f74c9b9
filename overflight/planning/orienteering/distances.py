"""Integer distances by the rules of TSPLIB 95 (Reinelt): EUC_2D, CEIL_2D, ATT and GEO.

GEO is TSPLIB's own sphere of 6,378.388 km with coordinates in degrees and minutes (``DDD.MM``) and its own value of
pi.  It serves to compare with published results and is never used for a flight.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.orienteering.oplib import Instance

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

GEO_PI: Final = 3.141592
GEO_RADIUS: Final = 6378.388


def between(kind: str, one: Floats, other: Floats) -> NDArray[np.int64]:
    """Distances between points of shape (..., 2) that broadcast together, as TSPLIB rounds them."""
    if kind == "GEO":
        return _geo(one, other)
    square: Floats = ((one - other) ** 2).sum(axis=-1)
    if kind == "ATT":
        root = np.sqrt(square / 10.0)
        near = np.floor(root + 0.5)
        return np.asarray(near + (near < root), dtype=np.int64)
    root = np.sqrt(square)
    return np.asarray(np.ceil(root) if kind == "CEIL_2D" else np.floor(root + 0.5), dtype=np.int64)


def _geo(one: Floats, other: Floats) -> NDArray[np.int64]:
    a, b = _radians(one), _radians(other)
    q1 = np.cos(a[..., 1] - b[..., 1])
    q2 = np.cos(a[..., 0] - b[..., 0])
    q3 = np.cos(a[..., 0] + b[..., 0])
    arc = np.arccos(np.clip(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3), -1.0, 1.0))
    return np.asarray(np.trunc(GEO_RADIUS * arc + 1.0), dtype=np.int64)


def _radians(points: Floats) -> Floats:
    degrees = np.trunc(points)
    minutes = points - degrees
    return np.asarray(GEO_PI * (degrees + 5.0 * minutes / 3.0) / 180.0, dtype=np.float64)


def matrix(instance: Instance, nodes: NDArray[np.int64] | None = None) -> Ints:
    """Distances between all nodes, or between those whose row numbers are given; int32, zero on the diagonal."""
    points = instance.points if nodes is None else instance.points[nodes]
    out = np.empty((len(points), len(points)), dtype=np.int32)
    for row, point in enumerate(points):
        out[row] = between(instance.kind, point, points)
    np.fill_diagonal(out, 0)
    return out


def tour_length(instance: Instance, tour: NDArray[np.int64]) -> int:
    """Length of the closed tour through the row numbers `tour`, from the coordinates and nothing else."""
    if len(tour) < 2:
        return 0
    return int(between(instance.kind, instance.points[tour], instance.points[np.roll(tour, -1)]).sum())
