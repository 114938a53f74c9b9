"""Small orienteering instances of our own, and an exact answer to hold the search and the bound against."""

from itertools import combinations, permutations

import numpy as np

from overflight.planning.orienteering.distances import matrix
from overflight.planning.orienteering.oplib import Instance


def instance_of(n: int, seed: int, *, share: float = 0.5, kind: str = "EUC_2D") -> Instance:
    """`n` scattered nodes; the limit is that share of twice the perimeter of their square."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 100, size=(n, 2)).astype(np.float64)
    if kind == "GEO":
        points = np.round(points / 10.0, 1)
    scores = rng.integers(0, 30, size=n)
    limit = int(share * 400 * (1 if kind != "GEO" else 10))
    return Instance(f"own-{n}-{seed}", kind, points, scores.astype(np.int64), limit)


def best_by_trying_all(instance: Instance) -> int:
    """Best score over every subset in every order."""
    far = matrix(instance)
    best = int(instance.scores[0])
    others = range(1, instance.nodes)
    for many in range(1, instance.nodes):
        for chosen in combinations(others, many):
            score = int(instance.scores[[0, *chosen]].sum())
            if score <= best:
                continue
            for order in permutations(chosen):
                if order[0] > order[-1]:
                    continue  # the same tour the other way round
                ring = [0, *order]
                length = sum(int(far[a, b]) for a, b in zip(ring, [*order, 0], strict=True))
                if length <= instance.limit:
                    best = score
                    break
    return best


def best_by_branch_and_cut(instance: Instance) -> int:
    """Best score by an integer programme with single-commodity flow against subtours (scipy's solver)."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_matrix

    far = matrix(instance).astype(float)
    n = instance.nodes
    arcs = [(i, j) for i in range(n) for j in range(n) if i != j]
    a = len(arcs)
    rows, low, high = lil_matrix((4 * n + a + 3, 2 * a + n)), [], []

    def row(entries: dict[int, float], least: float, most: float) -> None:
        for column, value in entries.items():
            rows[len(low), column] = value
        low.append(least)
        high.append(most)

    for i in range(n):
        row({k: 1.0 for k, (u, _) in enumerate(arcs) if u == i} | {2 * a + i: -1.0}, 0, 0)
        row({k: 1.0 for k, (_, v) in enumerate(arcs) if v == i} | {2 * a + i: -1.0}, 0, 0)
    row({k: far[u, v] for k, (u, v) in enumerate(arcs)}, 0, instance.limit)
    row({2 * a: 1.0}, 1, 1)
    for i in range(1, n):  # each visited node takes one unit of the flow that the start sends out
        into = {a + k: 1.0 for k, (_, v) in enumerate(arcs) if v == i}
        out = {a + k: -1.0 for k, (u, _) in enumerate(arcs) if u == i}
        row(into | out | {2 * a + i: -1.0}, 0, 0)
    for k in range(a):
        row({a + k: 1.0, k: -float(n)}, -np.inf, 0)
    cost = np.concatenate([np.zeros(2 * a), -instance.scores.astype(float)])
    bounds = Bounds(np.zeros(2 * a + n), np.concatenate([np.ones(a), np.full(a, n), np.ones(n)]))
    integral = np.concatenate([np.ones(a), np.zeros(a), np.ones(n)])
    table = rows.tocsr()[: len(low)]
    solved = milp(cost, constraints=LinearConstraint(table, low, high), bounds=bounds, integrality=integral)
    assert solved.status == 0
    # A start without a tour, and out and back to one node, are tours too.
    there = 2 * far[0] <= instance.limit
    alone = instance.scores[0] + max((instance.scores[i] for i in range(1, n) if there[i]), default=0)
    return max(round(-solved.fun), int(alone))
