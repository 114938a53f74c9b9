"""The linear programme behind the bound: columns for edges, rows for visits, length and subtours.

Maximise the scores of the visits y, with edges x: each node's edges are twice its visit, the start is visited, the
edges together keep the limit, and no set is cut off from the start (rows of `cuts`, added as they are broken).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.solver import new_solver, solved_within

Floats = NDArray[np.float64]
Ends = NDArray[np.int64]
KEPT_OUT: Final = 4  # rows for one set
BLOCK: Final = 512  # rows priced at once


@dataclass(frozen=True)
class Duals:
    """What the rows charge: each node's visit, a unit of length, each subtour row."""

    visit: Floats
    length: float
    cut: Floats


class Master:
    """The programme, kept in HiGHS so that each solve starts from the last."""

    def __init__(self, field: Field, ends: Ends) -> None:
        self.field, self.n = field, len(field)
        self.ends: Ends = np.zeros((0, 2), dtype=np.int64)
        self.sets: list[NDArray[np.int64]] = []
        self.kept_out: list[int] = []  # the node k of each set
        self.inside = np.zeros((0, self.n), dtype=bool)
        self.solver, self._infinite = new_solver()
        n = self.n
        lower = np.zeros(n)
        lower[0] = 1.0
        self._add_columns(-field.score.astype(np.float64), lower, [(np.zeros(0, int), np.zeros(0))] * n)
        starts = np.arange(n)
        self.solver.addRows(n, np.zeros(n), np.zeros(n), n, starts, np.arange(n), np.full(n, -2.0))
        none = np.zeros(0, dtype=np.int32)
        self.solver.addRows(
            1, np.array([-self._infinite]), np.array([float(field.limit)]), 0, np.zeros(1, int), none, np.zeros(0)
        )
        self.add_edges(ends)

    def _add_columns(self, cost: Floats, lower: Floats, entries: list[tuple[Any, Any]]) -> None:
        starts = np.concatenate([[0], np.cumsum([len(rows) for rows, _ in entries])])[:-1]
        rows = np.concatenate([rows for rows, _ in entries]).astype(np.int32)
        values = np.concatenate([values for _, values in entries]).astype(np.float64)
        self.solver.addCols(len(cost), cost, lower, np.ones(len(cost)), len(rows), starts, rows, values)

    def add_edges(self, ends: Ends) -> None:
        """Add columns for edges (rows of two nodes) that are not there yet."""
        entries: list[tuple[Any, Any]] = []
        first_cut = self.n + 1
        within = self.inside[:, ends[:, 0]] & self.inside[:, ends[:, 1]] if len(self.sets) else None
        for k, (i, j) in enumerate(ends):
            rows = [int(i), int(j), self.n]
            values = [1.0, 1.0, float(self.field.far[i, j])]
            if within is not None:
                cuts = np.flatnonzero(within[:, k])
                rows += [int(first_cut + c) for c in cuts]
                values += [1.0] * len(cuts)
            entries.append((np.array(rows), np.array(values)))
        if entries:
            self._add_columns(np.zeros(len(entries)), np.zeros(len(entries)), entries)
            self.ends = np.concatenate([self.ends, ends])

    def add_sets(self, sets: list[NDArray[np.int64]], y: Floats) -> None:
        """Add the subtour row of each set, its node k the one that `y` visits most."""
        if not sets:
            return
        pairs = [(nodes, int(k)) for nodes in sets for k in self._to_keep_out(nodes, y)]
        sets, kept_out = [nodes for nodes, _ in pairs], [k for _, k in pairs]
        starts, columns, values = [0], [], []
        inside = np.zeros((len(sets), self.n), dtype=bool)
        for row, nodes in enumerate(sets):
            inside[row, nodes] = True
            k = kept_out[row]
            if 2 * len(nodes) > self.n:  # the same row over the other side, with the start in it, has fewer entries
                inside[row] = ~inside[row]
            chosen = inside[row].nonzero()[0]
            edges = np.flatnonzero(inside[row][self.ends[:, 0]] & inside[row][self.ends[:, 1]])
            others = chosen[chosen != k]
            columns += [self.n + edges, others]
            values += [np.ones(len(edges)), -np.ones(len(others))]
            if not inside[row, k]:
                columns.append(np.array([k]))
                values.append(np.ones(1))
            starts.append(starts[-1] + len(edges) + len(others) + (0 if inside[row, k] else 1))
            self.sets.append(chosen)
            self.kept_out.append(k)
        self.inside = np.concatenate([self.inside, inside])
        many = len(sets)
        self.solver.addRows(
            many,
            np.full(many, -self._infinite),
            np.zeros(many),
            starts[-1],
            np.array(starts[:-1]),
            np.concatenate(columns).astype(np.int32),
            np.concatenate(values),
        )

    def _to_keep_out(self, nodes: NDArray[np.int64], y: Floats) -> NDArray[np.int64]:
        """Nodes k for the rows of one set: visited, and dear to leave out, or the next solve leaves out just them."""
        visited: NDArray[np.int64] = nodes[y[nodes] >= y[nodes].max() - 0.02]
        dear = np.argsort(-self.field.score[visited], kind="stable")
        return visited[dear[: KEPT_OUT if len(nodes) > 3 else 2]]

    def drop_slack(self, duals: Duals) -> Duals:
        """Take out rows of `cuts` that do not bind, so that the programme stays small; returns the charges left."""
        slack = np.asarray(self.solver.getSolution().row_value)[self.n + 1 :] < -1e-3
        out = np.flatnonzero(slack & (duals.cut == 0.0))
        if len(out) * 2 < len(self.sets):
            return duals
        self.solver.deleteRows(len(out), (self.n + 1 + out).astype(np.int32))
        stay = np.setdiff1d(np.arange(len(self.sets)), out)
        self.sets = [self.sets[k] for k in stay]
        self.kept_out = [self.kept_out[k] for k in stay]
        self.inside = self.inside[stay]
        return Duals(duals.visit, duals.length, duals.cut[stay])

    def solve(self, seconds: float) -> bool:
        """Solve within so many seconds; False if it was not solved to the end."""
        return solved_within(self.solver, seconds)

    def solution(self) -> tuple[Floats, Floats]:
        """Edges x and visits y of the last solve."""
        values = np.asarray(self.solver.getSolution().col_value)
        return values[self.n :], values[: self.n]

    def duals(self) -> Duals:
        """Charges of the last solve, with the signs that make the bound valid whatever the solver returned."""
        dual = np.asarray(self.solver.getSolution().row_dual)
        return Duals(-dual[: self.n], max(0.0, -float(dual[self.n])), np.maximum(0.0, -dual[self.n + 1 :]))

    def price(self, duals: Duals, most_for_node: int) -> tuple[float, Ends]:
        """A valid bound from any charges, and the edges outside the programme that would raise it most.

        The rows are charged for instead of kept (Lagrange), which leaves each y and each x between 0 and 1 to be
        chosen on its own: the sum of what is above 0, over ALL edges, is an upper bound for every tour.
        """
        field, n = self.field, self.n
        visits = field.score + 2.0 * duals.visit
        binding = [c for c in range(len(duals.cut)) if duals.cut[c] > 0.0]
        for c in binding:
            visits[self.sets[c]] += duals.cut[c]
            visits[self.kept_out[c]] -= duals.cut[c]
        bound = duals.length * field.limit + float(visits[0]) + float(np.maximum(visits[1:], 0.0).sum())
        found: list[Ends] = []
        for low in range(0, n, BLOCK):
            high = min(n, low + BLOCK)
            gain = -duals.length * field.far[low:high] - duals.visit[low:high, None] - duals.visit[None, :]
            for c in binding:
                nodes = self.sets[c]
                rows = nodes[(nodes >= low) & (nodes < high)] - low
                if len(rows):
                    gain[np.ix_(rows, nodes)] -= duals.cut[c]
            gain[np.arange(n)[None, :] <= np.arange(low, high)[:, None]] = 0.0  # each edge once
            bound += float(np.maximum(gain, 0.0).sum())
            found.append(_best_of_rows(gain, low, most_for_node))
        edges = np.concatenate(found) if found else np.zeros((0, 2), np.int64)
        known = set((self.ends[:, 0] * n + self.ends[:, 1]).tolist())
        new = [k for k, e in enumerate((edges[:, 0] * n + edges[:, 1]).tolist()) if e not in known]
        return bound, edges[new]


def _best_of_rows(gain: Floats, low: int, most: int) -> Ends:
    """The `most` best edges of each row whose gain is clearly above 0."""
    if gain.shape[1] > most:
        limit = np.partition(gain, gain.shape[1] - most, axis=1)[:, gain.shape[1] - most]
    else:
        limit = np.zeros(len(gain))
    rows, columns = np.nonzero((gain > 1e-6) & (gain >= limit[:, None]))
    return np.stack([rows + low, columns], axis=1).astype(np.int64)
