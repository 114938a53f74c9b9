"""Run by `bench planner` in a child process of its own: one peer on one orienteering instance.

``python bench_planner_peers.py PEER SECONDS < problem.json`` prints ``{"tour": [...]}``, row numbers from the start on.
It imports nothing of Overflight, so that a peer may live in another environment.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

SHARES = (0.2, 0.05)


def pyvrp(problem: dict[str, Any], seconds: float) -> list[int]:
    """PyVRP as a prize-collecting problem: one vehicle with a distance limit, optional clients.

    A distance cost of 1 keeps its neighbour lists meaningful; prizes are scaled to 5 and to 20 times the price that a
    tour of the whole limit through all scores would pay, each for half of the time, and the better tour counts.
    """
    package: Any = import_module("pyvrp")
    stop_after: Any = import_module("pyvrp.stop").MaxRuntime
    far, scores, limit = problem["far"], problem["scores"], problem["limit"]
    n, total = len(scores), max(1, sum(scores))
    best: list[int] = [0]
    for share in SHARES:
        scale = limit / (share * total)
        model = package.Model()
        places = [model.add_location(v, 0) for v in range(n)]
        start = model.add_depot(places[0])
        for v in range(1, n):
            model.add_client(places[v], prize=round(scores[v] * scale), required=False)
        for i in range(n):
            for j in range(n):
                if i != j:
                    model.add_edge(places[i], places[j], distance=far[i][j])
        model.add_vehicle_type(1, start_depot=start, end_depot=start, max_distance=limit)
        found = model.solve(stop_after(seconds / len(SHARES)), display=False).best
        if found.is_feasible() and found.routes():
            tour = [0, *(int(stop.idx) + 1 for stop in found.routes()[0] if stop.is_client())]
            if sum(scores[v] for v in tour) > sum(scores[v] for v in best):
                best = tour
    return best


def ortools(problem: dict[str, Any], seconds: float) -> list[int]:
    """OR-tools' routing solver: optional visits by drop penalties, guided local search, arc costs for length."""
    solver: Any = import_module("ortools.constraint_solver.pywrapcp")
    enums: Any = import_module("ortools.constraint_solver.routing_enums_pb2")
    far, scores, limit = problem["far"], problem["scores"], problem["limit"]
    n, total = len(scores), max(1, sum(scores))
    manager = solver.RoutingIndexManager(n, 1, 0)
    routing = solver.RoutingModel(manager)
    arc = routing.RegisterTransitCallback(lambda i, j: far[manager.IndexToNode(i)][manager.IndexToNode(j)])
    routing.SetArcCostEvaluatorOfAllVehicles(arc)
    routing.AddDimension(arc, 0, limit, True, "length")
    scale = limit / (0.1 * total)
    for v in range(1, n):
        routing.AddDisjunction([manager.NodeToIndex(v)], round(scores[v] * scale))
    parameters = solver.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = enums.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    parameters.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(seconds * 1000))
    found = routing.SolveWithParameters(parameters)
    tour = [0]
    if found:
        at = found.Value(routing.NextVar(routing.Start(0)))
        while not routing.IsEnd(at):
            tour.append(manager.IndexToNode(at))
            at = found.Value(routing.NextVar(at))
    return tour


def main() -> None:
    """Solve the problem on standard input with the peer that is named."""
    peers = {"pyvrp": pyvrp, "ortools": ortools}
    json.dump({"tour": peers[sys.argv[1]](json.load(sys.stdin), float(sys.argv[2]))}, sys.stdout)


if __name__ == "__main__":
    main()
