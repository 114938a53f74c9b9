"""The discrete swath problem in numbers: which candidates may be flown over, what they and the legs observe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadInput
from overflight.terms.words import say

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SAME_PLACE_KM: Final = 1e-6
EARTH_KM: Final = 6371.0
# Twice and more what was measured against geodesics on WGS84 (docs/explanation/planner-bound.md): the arc over a chord
# is at most 9.2e-12 km3 too long, and a plane through the earth's centre leaves the geodesic by 6.6e-8 km2.
LENGTH_SPARE: Final = 1.4e-11  # km for each cubic kilometre of leg
ACROSS_SPARE: Final = 8e-8  # km for each square kilometre of leg
ROUNDING_KM: Final = 1e-6


@dataclass(frozen=True)
class Discrete:
    """The path goes from row 0 of `points` to row 1 through other rows, each at most once.

    A site is observed if it lies within its half width of the path.  Numbers are nominal; what could make the bound
    too low (a leg measured too long, a site just outside) is allowed for where they are used.

    Attributes
    ----------
    points : ndarray
        Earth-centred places of the candidates, km, shape (m, 3); rows 0 and 1 are the start and the end, which may be
        the same place.
    sites, values, half_km : ndarrays
        Places, km, shape (n, 3); values and half swaths, shape (n,).
    limit_km : float
        Longest path.
    forbidden : ndarray of bool, shape (m, m), optional
        Legs that may not be flown.
    group : ndarray of int32, shape (n,), optional
        Number of the site's group, -1 for none: a group counts once, with the value of its best observed member.
    sub_limits : tuple of (ndarray, float)
        Kilometres of each leg inside a region, shape (m, m), and the most that the path may fly there.
    """

    points: Floats
    sites: Floats
    values: Floats
    half_km: Floats
    limit_km: float
    forbidden: Bools | None = None
    group: NDArray[np.int32] | None = None
    sub_limits: tuple[tuple[Floats, float], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises
        ------
        BadInput
            If shapes do not agree, a number is not finite, or a value or width is below 0.
        """
        m, n = len(self.points), len(self.sites)
        tables = [table for table, _ in self.sub_limits] + ([] if self.forbidden is None else [self.forbidden])
        rows = [self.values, self.half_km] + ([] if self.group is None else [self.group])
        if (
            m < 2
            or self.points.shape != (m, 3)
            or self.sites.shape != (n, 3)
            or any(row.shape != (n,) for row in rows)
            or any(table.shape != (m, m) for table in tables)
        ):
            raise BadInput(say("the discrete problem: the shapes of points, sites and tables do not agree"))
        numbers = [self.points, self.sites, self.values, self.half_km, *(table for table, _ in self.sub_limits)]
        numbers.append(np.array([self.limit_km, *(most for _, most in self.sub_limits)]))
        if not all(np.isfinite(a).all() for a in numbers):
            raise BadInput(say("the discrete problem: a number is not finite"))
        if (self.values < 0).any() or (self.half_km < 0).any():
            raise BadInput(say("the discrete problem: values and widths are 0 or more"))

    @property
    def closed(self) -> bool:
        """Whether the path ends where it starts."""
        return bool(np.linalg.norm(self.points[0] - self.points[1]) <= SAME_PLACE_KM)


def arcs_km(a: Floats, b: Floats) -> Floats:
    """Lengths of legs from all of `a` to all of `b`, shape (len(a), len(b)), km; 1 m off at 500 km, 12 m at 1,000."""
    square = np.zeros((len(a), len(b)))
    for k in range(3):  # a difference of squares would be 10 cm off where places are close together
        square += np.square(a[:, k, None] - b[None, :, k])
    chord = np.sqrt(square)
    x = np.square(chord / EARTH_KM)
    return np.asarray(chord * (1.0 + x * (1.0 / 24 + x * (3.0 / 640 + x * 5.0 / 7168))), dtype=np.float64)


def shortest_km(a: Floats, b: Floats) -> Floats:
    """Lengths as `arcs_km` has them, less all that they may be too long: never above the geodesic."""
    arc = arcs_km(a, b)
    return np.maximum(arc - LENGTH_SPARE * arc**3 - ROUNDING_KM, 0.0)


def sum_within_reach(problem: Discrete) -> float:
    """The summed value of the sites that a path within the limit could come near: a bound for every path."""
    half = problem.half_km
    there = shortest_km(problem.sites, problem.points[:2])
    near = there.sum(axis=1) - 2.0 * half <= problem.limit_km + ROUNDING_KM
    return best_of_groups(problem, near)


def best_of_groups(problem: Discrete, seen: Bools) -> float:
    """Value of the marked sites, a group counted once with its best marked member."""
    if problem.group is None:
        return float(problem.values[seen].sum())
    alone = seen & (problem.group < 0)
    grouped = seen & (problem.group >= 0)
    best = np.zeros(int(problem.group.max(initial=-1)) + 1)
    np.maximum.at(best, problem.group[grouped], problem.values[grouped])
    return float(problem.values[alone].sum() + best.sum())
