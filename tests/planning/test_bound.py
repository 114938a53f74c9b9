"""No path exceeds the bound: beside exact optima of small cases, by another code path, and stopped at any round."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput
from overflight.planning.bound.exact import exact, exact_bound
from overflight.planning.bound.legs import Legs
from overflight.planning.bound.problem import Discrete, sum_within_reach
from overflight.planning.bound.upper import Bound, floored, step_of, upper_bound
from overflight.planning.coverage import legs_near
from overflight.planning.geodesy import covered, earth_centred_km, path_length_km
from overflight.planning.orienteering.solver import new_solver

pytestmark = pytest.mark.skipif(importlib.util.find_spec("highspy") is None, reason="needs highspy")
MINUTE = 60.0


def rounds_clock() -> Callable[[], float]:
    """A clock that stands still: the bound runs to its end."""
    return lambda: 0.0


def case(seed: int, *, candidates: int = 6, ends: bool = False, hard: bool = False) -> tuple[Discrete, np.ndarray]:
    """A small problem about 50 N 20 E, and longitudes and latitudes of its candidates followed by its sites."""
    rng = np.random.default_rng(seed)
    m, n = candidates + 2, int(rng.integers(3, 12))
    lonlat = np.column_stack([20 + rng.uniform(-2, 2, m + n), 50 + rng.uniform(-1.3, 1.3, m + n)])
    if not ends:
        lonlat[1] = lonlat[0]
    shared = min(candidates, n)
    lonlat[m : m + shared] = lonlat[2 : 2 + shared]  # some sites are candidates
    points = earth_centred_km(lonlat[:, 0], lonlat[:, 1])
    straight = float(np.linalg.norm(points[0] - points[1]))
    forbidden = group = None
    sub_limits: tuple[Any, ...] = ()
    if hard:
        forbidden = rng.random((m, m)) < 0.15
        forbidden[0, 1] = forbidden[1, 0] = False
        group = rng.integers(-1, 3, n).astype(np.int32)
        table = np.abs(rng.normal(0, 40, (m, m)))
        table[0, 1] = table[1, 0] = 0.0
        if not ends:  # one place: legs to it are the same
            for a in (forbidden, table):
                a[1], a[:, 1] = a[0], a[:, 0]
        sub_limits = ((table + table.T, float(rng.uniform(50, 250))),)
    problem = Discrete(
        points=points[:m],
        sites=points[m:],
        values=rng.integers(1, 9, n).astype(np.float64) if seed % 2 else rng.uniform(0.1, 3, n),
        half_km=(np.full(n, 2.25), rng.uniform(0.5, 15, n), rng.uniform(5, 40, n))[seed % 3],
        limit_km=straight + float(rng.uniform(50, 600)),
        forbidden=forbidden,
        group=group,
        sub_limits=sub_limits,
    )
    return problem, lonlat


def bound_of(problem: Discrete, lower: float = 0.0, **more: Any) -> Bound:
    return upper_bound(problem, seconds=more.pop("seconds", MINUTE), lower=lower, clock=rounds_clock(), **more)


@pytest.mark.parametrize("ends", [False, True], ids=["closed", "two airfields"])
@pytest.mark.parametrize("hard", [False, True], ids=["plain", "forbidden legs, groups, sub-limits"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_no_path_of_a_small_case_exceeds_the_bound(ends: bool, hard: bool, seed: int) -> None:
    problem, _ = case(seed, ends=ends, hard=hard)
    best, order = exact(problem)
    bound = bound_of(problem)
    assert bound.value is not None
    assert bound.value >= best - 1e-9
    partly = bound_of(problem, lower=0.6 * best, first=order)
    assert partly.value is not None
    assert partly.value >= best - 1e-9
    told = bound_of(problem, lower=best, first=order)
    assert told.value is not None
    assert best - 1e-9 <= told.value <= bound.value + 1e-6 + 0.05 * best


@pytest.mark.parametrize("seed", range(4))
def test_bound_of_a_small_case_is_its_optimum(seed: int) -> None:
    for ends, hard in itertools.product((False, True), repeat=2):
        problem, _ = case(seed, ends=ends, hard=hard)
        assert bound_of(problem).value == pytest.approx(exact(problem)[0], abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_legs_that_are_missing_at_first_are_found(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from overflight.planning.bound import descent

    monkeypatch.setattr(descent, "FIRST_NEIGHBOURS", 1)
    for ends in (False, True):
        problem, _ = case(100 + seed, candidates=7, ends=ends, hard=True)
        assert bound_of(problem).value == pytest.approx(exact(problem)[0], abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_no_path_measured_on_the_ellipsoid_exceeds_the_bound(seed: int) -> None:
    problem, lonlat = case(seed, candidates=4, ends=seed % 2 == 1)
    m = len(problem.points)
    best = 0.0
    for count in range(m - 1):
        for inner in itertools.permutations(range(2, m), count):
            path = lonlat[[0, *inner, 1]]
            if path_length_km(path) <= problem.limit_km:
                seen = np.array(
                    [
                        covered(path, lonlat[m + s, :1], lonlat[m + s, 1:], swath_km=2 * problem.half_km[s])[0]
                        for s in range(len(problem.values))
                    ]
                )
                best = max(best, float(problem.values[seen].sum()))
    bound = bound_of(problem)
    assert bound.value is not None
    assert bound.value >= best - 1e-9


@pytest.mark.parametrize("ends", [False, True], ids=["closed", "two airfields"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_no_path_listed_by_hand_exceeds_a_bound_that_was_told_a_little_less(ends: bool, seed: int) -> None:
    """Forbidden legs, a group, a sub-limit; lengths and swaths on the ellipsoid; `exact` has no part in it.

    What takes out legs and branches is what the bound is told; it is told the best path but one step.
    """
    problem, lonlat = case(seed, candidates=4, ends=ends, hard=True)
    problem = replace(problem, values=np.ceil(problem.values))
    best = by_hand(problem, lonlat)
    for known in (0.0, best - 1.0, best):
        bound = bound_of(problem, lower=max(known, 0.0))
        assert bound.value is not None
        assert bound.value >= best - 1e-9, (seed, ends, known)


def by_hand(problem: Discrete, lonlat: np.ndarray) -> float:
    """The best of all paths, by trying each."""
    assert problem.forbidden is not None
    assert problem.group is not None
    m, n = len(problem.points), len(problem.values)
    table, most = problem.sub_limits[0]
    km, sees = np.zeros((m, m)), np.zeros((m, m, n), dtype=bool)
    for i, j in itertools.product(range(m), repeat=2):
        leg = lonlat[[i, j]]
        km[i, j] = path_length_km(leg)
        sees[i, j] = [covered(leg, *lonlat[m + s, :, None], swath_km=2 * problem.half_km[s])[0] for s in range(n)]
    best = 0.0
    for count in range(m - 1):
        for inner in itertools.permutations(range(2, m), count):
            way = [0, *inner, 1]
            legs = list(itertools.pairwise(way))
            if problem.closed and not inner:
                legs = [(0, 0)]
            if any((problem.forbidden | problem.forbidden.T)[a, b] for a, b in legs if a != b):
                continue
            if sum(km[a, b] for a, b in legs) > problem.limit_km:
                continue
            if sum(min(table[a, b], table[b, a]) for a, b in legs if a != b) > most:
                continue
            seen = np.any([sees[a, b] for a, b in legs], axis=0)
            value = float(problem.values[seen & (problem.group < 0)].sum())
            for g in range(3):
                value += float(problem.values[seen & (problem.group == g)].max(initial=0.0))
            best = max(best, value)
    return best


def test_the_bound_is_valid_whenever_it_is_stopped_and_never_rises() -> None:
    problem, _ = case(28, candidates=9)
    best, _ = exact(problem)
    stopped: set[float] = set()
    for steps in range(1, 60, 4):
        ticks = itertools.count()
        told: list[float] = []
        bound = upper_bound(
            problem, seconds=steps, lower=0.0, clock=lambda ticks=ticks: float(next(ticks)), progress=told.append
        )
        assert bound.value is not None
        assert bound.value >= best - 1e-9
        assert told == sorted(told, reverse=True)
        assert told[-1] == bound.value
        stopped.add(bound.value)
    assert len(stopped) > 1  # it was stopped on its way


def test_a_search_beside_it_may_tell_what_it_has_found() -> None:
    problem, _ = case(28, candidates=9)
    best, _ = exact(problem)
    found = itertools.chain([0.0, 0.5 * best, 0.5 * best], itertools.repeat(best))
    bound = upper_bound(problem, seconds=MINUTE, lower=lambda: next(found), clock=rounds_clock())
    assert bound.value == pytest.approx(best, abs=1e-6)
    assert bound.rounds <= bound_of(problem).rounds


def test_more_than_the_programme_holds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from overflight.planning.bound import legs

    problem, _ = case(28, candidates=9)
    for limits in (("MOST_NODES", "MOST_NODES_PLAIN"), ("MOST_SEEN",)):
        with monkeypatch.context() as patched:
            for limit in limits:
                patched.setattr(legs, limit, 0)
            bound = bound_of(problem)
        assert bound.value == floored(sum_within_reach(problem), step_of(problem.values))
        assert bound.note is not None


def test_enough_stops_it() -> None:
    problem, _ = case(28, candidates=9)
    first = upper_bound(problem, seconds=MINUTE, lower=0.0, clock=rounds_clock(), enough=lambda value: True)
    assert first.rounds == 0
    assert first.value == floored(sum_within_reach(problem), step_of(problem.values))


def test_interrupted_it_keeps_what_it_has() -> None:
    problem, _ = case(28, candidates=9)
    told: list[float] = []

    def progress(value: float) -> None:
        told.append(value)
        if len(told) == 3:
            raise KeyboardInterrupt

    bound = upper_bound(problem, seconds=MINUTE, lower=0.0, clock=rounds_clock(), progress=progress)
    assert bound.value == told[-1] >= exact(problem)[0]
    assert bound.note is not None


def test_without_a_solver_there_is_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "highspy" else found(name, *a))
    bound = upper_bound(case(1)[0], seconds=1, lower=0.0)
    assert bound.value is None
    assert "highspy" in str(bound.note)


def straight(*lats: float, half_km: float = 2.0, limit_km: float = 1e4, **more: Any) -> Discrete:
    """Candidates on one meridian, each with a site of value 1; the first is the airfield at both ends."""
    points = earth_centred_km(np.full(len(lats), 20.0), np.array(lats))
    return Discrete(
        points=points[[0, 0, *range(1, len(lats))]],
        sites=points,
        values=np.ones(len(lats)),
        half_km=np.full(len(lats), half_km),
        limit_km=limit_km,
        **more,
    )


def test_one_far_waypoint_shows_all_sites_on_the_way() -> None:
    problem = straight(50.0, 51.0, 52.0, 53.0, limit_km=700.0)  # 334 km there, and back
    assert exact(problem)[0] == 4.0
    assert bound_of(problem).value == 4.0
    assert bound_of(replace(problem, limit_km=600.0)).value == 3.0
    assert bound_of(replace(problem, limit_km=1.0)).value == 1.0


def test_a_group_counts_once_with_its_best_member() -> None:
    problem = straight(50.0, 51.0, 52.0, limit_km=500.0)
    problem = replace(problem, values=np.array([1.0, 2.0, 5.0]), group=np.array([0, 0, 0], dtype=np.int32))
    assert exact(problem)[0] == 5.0
    assert bound_of(problem).value == 5.0


def test_forbidden_legs_and_sub_limits_bind() -> None:
    closed = np.zeros((4, 4), dtype=bool)
    closed[[0, 1], 3] = True
    problem = straight(50.0, 51.0, 52.0, half_km=1.0, limit_km=500.0, forbidden=closed)
    assert exact(problem)[0] == bound_of(problem).value == 2.0
    inside = np.zeros((4, 4))
    inside[[0, 1], 3] = inside[3, [0, 1]] = inside[2, 3] = inside[3, 2] = 30.0
    problem = straight(50.0, 51.0, 52.0, half_km=1.0, limit_km=500.0, sub_limits=((inside, 50.0),))
    assert exact(problem)[0] == bound_of(problem).value == 2.0


def test_each_leg_is_listed_with_the_sites_that_it_passes() -> None:
    problem, _ = case(4, candidates=12)
    problem = replace(problem, half_km=np.full(len(problem.values), 9.0))
    legs = Legs.of(problem)
    assert len(legs)
    for k, (i, j) in enumerate(legs.ends):
        path = problem.points[legs.nodes[[i, j]]]
        seen = legs_near(path[:1], path[1:], problem.sites[legs.sites], 9.0)[0]
        listed = legs.near[i] | legs.near[j]
        assert not listed[legs.sees[legs.start[k] : legs.start[k + 1]]].any()
        listed[legs.sees[legs.start[k] : legs.start[k + 1]]] = True
        assert not (seen & ~listed).any()
        wider = legs_near(path[:1], path[1:], problem.sites[legs.sites], 9.1)[0]
        assert not (listed & ~wider).any()


@pytest.mark.parametrize(
    "fault",
    [
        {"values": np.array([1.0, np.nan])},
        {"values": np.array([1.0, -1.0])},
        {"half_km": np.ones(3)},
        {"limit_km": float("inf")},
        {"forbidden": np.zeros((2, 2), dtype=bool)},
        {"sub_limits": ((np.zeros((3, 3)), float("nan")),)},
    ],
)
def test_numbers_without_meaning_are_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        replace(straight(50.0, 51.0), **fault)


def test_values_of_paths_are_multiples_of_a_step() -> None:
    assert step_of(np.array([2.0, 4.0, 6.0])) == 2.0
    assert step_of(np.array([0.5, 1.0])) == 0.5
    assert step_of(np.array([1.0, np.pi])) == 0.0
    assert floored(31.99, 2.0) == 30.0
    assert floored(32.0 - 1e-9, 2.0) == 32.0
    assert floored(31.99, 0.0) == 31.99


@pytest.mark.parametrize("values", [[1e-3, 9e-11, 9e-11], [0.0, 9e-11, 9e-11], [1e-3 + 9e-11] * 3, [1.0, 2e-9, 0.0]])
def test_tiny_values_beside_others_are_not_rounded_away(values: list[float]) -> None:
    problem = replace(straight(50.0, 51.0, 52.0, limit_km=500.0), values=np.array(values))
    assert step_of(problem.values) == 0.0
    best, _ = exact(problem)
    assert best == sum(values)
    for known in (0.0, best):
        bound = bound_of(problem, lower=known)
        assert bound.value is not None
        assert bound.value >= best


def test_the_last_centimetre_of_the_limit_and_of_the_swath_count() -> None:
    """Candidates some centimetres apart, each with a site of half width 0, and a limit that lets them all be flown."""
    rng = np.random.default_rng(5)
    for _ in range(10):
        lonlat = np.array([20.0, 50.0]) + rng.uniform(-1e-6, 1e-6, (6, 2))
        points = earth_centred_km(lonlat[:, 0], lonlat[:, 1])
        problem = Discrete(
            points=points[[0, 0, *range(1, 6)]],
            sites=points,
            values=np.ones(6),
            half_km=np.zeros(6),
            limit_km=path_length_km(lonlat[[*range(6), 0]]),
        )
        assert exact_bound(problem) == 6.0
        assert bound_of(problem).value == 6.0


class Rough:
    """A solver whose charges are wrong by much, and at times no numbers."""

    def __init__(self, solver: Any, seed: int) -> None:
        self._solver, self._rng = solver, np.random.default_rng(seed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._solver, name)

    def getSolution(self) -> Any:
        found = self._solver.getSolution()
        dual = np.array(found.row_dual)
        dual += self._rng.normal(0.0, 0.3 * np.abs(dual).max(initial=1e-3), len(dual)) * (
            self._rng.random(len(dual)) < 0.3
        )
        dual[self._rng.random(len(dual)) < 0.02] = self._rng.choice([np.nan, np.inf, -np.inf])
        return SimpleNamespace(col_value=found.col_value, row_dual=dual)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_rows_charge_the_bound_is_valid(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from overflight.planning.bound import programme

    monkeypatch.setattr(programme, "new_solver", lambda: (Rough((made := new_solver())[0], seed), made[1]))
    problem, _ = case(300 + seed, ends=seed % 2 == 0, hard=seed % 4 < 2)
    best, order = exact(problem)
    for known in (0.0, 0.9 * best, best):
        rounds = itertools.count()
        bound = upper_bound(
            problem, seconds=60, lower=known, first=order, clock=lambda rounds=rounds: float(next(rounds))
        )
        assert bound.value is not None
        assert bound.value >= best - 1e-9
