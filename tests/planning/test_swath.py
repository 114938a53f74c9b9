"""The compiled search: what it counts is what is there, what it returns is legal, and the same again."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput, NothingToPlan
from overflight.planning.bound.problem import Discrete
from overflight.planning.bound.upper import upper_bound
from overflight.planning.conditions import Conditions, check_conditions
from overflight.planning.coverage import observed_by, value_of
from overflight.planning.geodesy import earth_centred_km, lonlat_of
from overflight.planning.optimise import solve
from overflight.planning.regions import ClosedArea, Regions, SubLimit
from overflight.planning.request import PlanRequest
from overflight.planning.stop import after_steps
from overflight.planning.swath import world
from overflight.planning.swath.build import Problem, Rules, tables_of
from overflight.planning.swath.chain import Chain
from overflight.planning.swath.grids import Walls
from overflight.planning.swath.lane import Lanes
from overflight.planning.swath.leg_tables import forbidden
from overflight.planning.warm import small_chain
from overflight.rules.finding import Verdict
from overflight.terms.place import Site
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning import independent

DAY = date(2021, 5, 17)
HALF_KM = 4.0


def made_up(seed, many=40, *, limit_km=600.0, walls=(), **rules):
    """Sites strewn around 10 E, 50 N, a path from and to the middle; `walls` are boxes on the plane, km."""
    rng = np.random.default_rng(seed)
    lons, lats = 10 + rng.uniform(-2.5, 2.5, many + 1), 50 + rng.uniform(-1.6, 1.6, many + 1)
    lons[0], lats[0] = 10.0, 50.0
    places = earth_centred_km(lons, lats)
    centre = places[0] / np.linalg.norm(places[0])
    return Problem(
        sites=places[1:],
        values=rng.integers(1, 6, many).astype(float),
        half_km=np.full(many, HALF_KM),
        group=np.where(np.arange(many) % 5 == 0, np.arange(many) // 10, -1).astype(np.int32),
        points=np.concatenate((places[:1], places[:1], places[1:])),
        site_of=np.concatenate(([-1, -1], np.arange(many))).astype(np.int32),
        centre=centre,
        rules=Rules(limit_km, **rules),
        walls=Walls([shapely.box(*wall) for wall in walls]),
    ), np.column_stack((lons, lats))


def chain_of(problem, *, free, calls=15, seed=1):
    chain = Chain(tables_of(problem, free=free), [(0, problem.points[0]), (1, problem.points[1])], seed)
    chain.grow()
    chain.begin()
    for n in range(calls):
        chain.advance(n / calls)
    chain.back_to_best()
    chain.settle()
    return chain


def lon_lat(order):
    return list(zip(*(v.tolist() for v in lonlat_of(np.array([place for _, place in order]))), strict=True))


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_search_counts_what_an_independent_look_counts(seed, free):
    """Length to 10 m; value within what 30 m of width more or less make of it."""
    problem, places = made_up(seed)
    chain = chain_of(problem, free=free)
    path = lon_lat(chain.best_order())
    assert independent.length_km(path) == pytest.approx(chain.best[0], abs=0.01)
    assert chain.best[0] <= problem.rules.limit_km
    rows = [(n, *places[n + 1], problem.values[n]) for n in range(len(problem.values))]

    def value(width):
        seen = [row[0] for row in independent.observed(path, rows, width)]
        best = {}
        for n in seen:
            key = f"g{problem.group[n]}" if problem.group[n] >= 0 else n
            best[key] = max(best.get(key, 0.0), problem.values[n])
        return sum(best.values())

    assert value(2 * HALF_KM - 0.06) <= chain.best[1] <= value(2 * HALF_KM + 0.06)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    free=st.booleans(),
    radius=st.sampled_from([0.0, 1.0, 4.0]),
    turn=st.sampled_from(["short", "over"]),
    least=st.sampled_from([0.0, 5.0]),
    wall=st.booleans(),
)
def test_counts_stay_in_step_whatever_the_rules(seed, free, radius, turn, least, wall):
    """Length, value and every count kept through the steps are those of a path measured anew."""
    walls = [(20.0, -60.0, 40.0, 60.0), (-90.0, 30.0, -20.0, 45.0)] if wall else []
    problem, _ = made_up(seed, 25, walls=walls, turn_radius_km=radius, turn=turn, min_leg_km=least)
    keep = [n for n in range(25) if not any(shapely.box(*w).intersects(_flat(problem, n)) for w in walls)]
    problem = _only(problem, keep)
    chain = chain_of(problem, free=free, calls=4, seed=seed % 7)
    kept = chain.f[:2].copy(), chain.tables.table(world.COUNT).copy()
    chain.lay(chain.order())
    assert chain.f[:2] == pytest.approx(kept[0], abs=1e-6)
    assert (chain.tables.table(world.COUNT) == kept[1]).all()
    order = chain.best_order()
    assert (order[0][0], order[-1][0]) == (0, 1)
    assert len({v for v, _ in order}) == len(order)
    for (_, a), (_, b) in pairwise(order):
        assert len(order) == 2 or np.linalg.norm(a - b) >= least - 1e-6
    for n in range(len(order) - 1):
        line = shapely.LineString([_on_plane(problem, order[n][1]), _on_plane(problem, order[n + 1][1])])
        assert not any(line.intersects(shapely.box(*w)) for w in walls)


def _on_plane(problem, place):
    from overflight.planning.crossings import gnomonic

    return gnomonic((place / np.linalg.norm(place))[None, :], problem.centre)[0][0]


def _flat(problem, n):
    return shapely.Point(_on_plane(problem, problem.sites[n])).buffer(1.0)


def _only(problem, keep):
    from dataclasses import replace

    rows = np.array([0, 1, *(k + 2 for k in keep)])
    return replace(
        problem,
        sites=problem.sites[keep],
        values=problem.values[keep],
        half_km=problem.half_km[keep],
        group=problem.group[keep],
        points=problem.points[rows],
        site_of=np.concatenate(([-1, -1], np.arange(len(keep)))).astype(np.int32),
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_legs_meet_walls_where_shapely_says_so(seed):
    rng = np.random.default_rng(seed)
    boxes = [(x, y, x + w, y + h) for x, y, w, h in rng.uniform((-100, -100, 1, 1), (100, 100, 60, 60), (6, 4))]
    problem, _ = made_up(seed, 20, walls=boxes, limit_km=5000.0)  # long enough for every leg
    closed = forbidden(problem, tables_of(problem, free=False))
    shapes = shapely.union_all([shapely.box(*b) for b in boxes])
    flat = [_on_plane(problem, place) for place in problem.points]
    for i in range(len(flat)):
        for j in range(i):
            if not shapes.intersects(shapely.Point(flat[i])) and not shapes.intersects(shapely.Point(flat[j])):
                assert closed[i, j] == shapes.intersects(shapely.LineString([flat[i], flat[j]]))


@pytest.mark.parametrize("seed", range(3))
def test_no_discrete_value_exceeds_a_proven_bound(seed):
    problem, _ = made_up(seed, 25, limit_km=400.0)
    chain = chain_of(problem, free=False, calls=20)
    bound = upper_bound(
        Discrete(
            problem.points,
            problem.sites,
            problem.values,
            problem.half_km,
            problem.rules.limit_km,
            group=problem.group,
        ),
        seconds=1.0,
        lower=0.0,
    )
    assert chain.best[1] <= bound.value + 1e-9


def test_the_two_threads_give_the_same_again():
    problem, _ = made_up(3)
    found = []
    for _ in range(2):
        lanes = Lanes(problem, [(0, problem.points[0]), (1, problem.points[1])], 5)
        lanes.first()
        lanes.make_ready()
        for step in range(10):
            lanes.advance(step / 10)
        lanes.close()
        found.append([(lane.chain.best.tolist(), lane.chain.best_order()) for lane in (lanes.discrete, lanes.shifted)])
    for one, two in zip(*found, strict=True):
        assert one[0] == two[0]
        assert [v for v, _ in one[1]] == [v for v, _ in two[1]]
        assert all((a == b).all() for (_, a), (_, b) in zip(one[1], two[1], strict=True))
    assert found[0][1][0][1] >= found[0][0][0][1]  # beside the sites at least as much as over them


# Requests from Wunstorf


def request(**more):
    rng = np.random.default_rng(7)
    sites = more.pop("sites", None) or tuple(
        Site(f"S{n}", float(lon), float(lat), float(value))
        for n, (lon, lat, value) in enumerate(
            zip(rng.uniform(8, 12, 60), rng.uniform(51, 53.3, 60), [1, 2, 3] * 20, strict=True)
        )
    )
    return PlanRequest("DEU", "ETNW", more.pop("end", "ETNW"), sites, 10.0, **({"max_km": 900.0} | more))


def plan(asked, steps=12, seed=0):
    return solve(asked, Regime.on(DAY), borders=Borders.load(), stop=after_steps(steps), seed=seed)


def broken(asked, found):
    conditions = check_conditions(found.plan, found.check.facts, Conditions.of(asked), Regime.on(DAY))
    return [f.because for f in conditions.findings if f.verdict is Verdict.BREACHES]


def box(west, south, east, north):
    return shapely.segmentize(shapely.MultiPolygon([shapely.box(west, south, east, north)]), 0.1)


@pytest.mark.parametrize(
    "conditions",
    [
        {"min_leg_km": 15.0},
        {"turn_radius_km": 3.0},
        {"turn_radius_km": 3.0, "turn": "over"},
        {"regions": Regions(closed=(ClosedArea("closed", box(9.8, 51.6, 10.6, 52.4)),))},
        {"regions": Regions(sub_limits=(SubLimit("east", box(10.5, 50, 13, 54), 120.0),))},
        {"end": "ETSA"},
        {"end": "ETSA", "range_km": 560.0},
        {"stops": ("ETSA",), "range_km": 640.0, "max_km": 1200.0},
    ],
    ids=["leg", "short", "over", "closed", "sub-limit", "end", "range", "stop"],
)
def test_a_returned_plan_keeps_every_condition(conditions):
    asked = request(**conditions)
    found = plan(asked)
    assert broken(asked, found) == []
    assert found.check.complies
    assert found.check.length_km <= (asked.max_km or 1e9)
    assert found.discrete_value <= found.bound
    assert found.value > 0


def test_a_closed_area_whose_hours_the_flight_cannot_meet_is_left_out():
    shape = box(9.0, 51.6, 12.5, 53.4)
    over = ClosedArea("night", shape, None, datetime(2021, 5, 17, 4, tzinfo=UTC))
    still = ClosedArea("morning", shape, datetime(2021, 5, 17, 4, tzinfo=UTC), None)
    when = {"take_off": datetime(2021, 5, 17, 8, tzinfo=UTC), "speed_kmh": 400.0}
    assert plan(request(regions=Regions(closed=(over,)), **when)).value == plan(request(**when)).value
    with pytest.raises(BadInput, match="ETNW lies inside morning"):
        plan(request(regions=Regions(closed=(still,)), **when))


def test_required_sites_are_observed_before_worthier_ones():
    rows = [Site("poor", 12.9, 50.9, 0.0, required=True)]
    rows += [Site(f"rich{n}", 9.0 + 0.1 * n, 52.9, 10.0) for n in range(10)]
    found = plan(request(sites=tuple(rows), max_km=720.0))
    assert "poor" in {site.name for site in found.observed_sites}
    assert found.value < 1000


def test_of_a_group_one_member_is_enough():
    rows = [Site(f"G{n}", 9.0 + 0.4 * n, 52.3, 2.0 + n, group="one") for n in range(4)] + [
        Site("alone", 9.6, 52.7, 1.0)
    ]
    found = plan(request(sites=tuple(rows), max_km=400.0))
    assert (found.value, found.total_value) == (6.0, 6.0)


def test_an_instrument_observes_within_its_own_swath():
    """4 km beside a straight path: within the wide swath, not within the narrow one."""
    rows = (
        Site("narrow", 10.2, 52.46, 1.0, instrument="video"),
        Site("wide", 10.2, 52.30, 1.0, instrument="radar"),
    )
    asked = request(sites=rows, swaths_km={"video": 2.0, "radar": 60.0}, max_km=150.0)
    found = plan(asked)
    half = np.array([asked.half_km(site) for site in rows])
    assert observed_by(found.plan.waypoints, rows, half).tolist() == [True, True]
    assert found.value == value_of(rows, np.array([True, True])) == 2.0


@pytest.mark.parametrize(
    ("site", "says"),
    [
        (
            Site("far", 12.5, 47.9, 1.0, required=True),
            r"far is required and out of reach: .* is \d+ km, \d+ km over the limit of 300 km",
        ),
        (Site("abroad", 2.3, 48.8, 1.0, required=True), "abroad is required and lies outside the territory of DEU"),
    ],
)
def test_a_required_site_that_cannot_be_reached_is_named_with_by_how_much(site, says):
    with pytest.raises(NothingToPlan, match=says):
        plan(request(sites=(site, Site("near", 9.5, 52.6, 1.0)), max_km=300.0))


def test_required_sites_that_do_not_fit_together_are_named():
    rows = tuple(
        Site(name, lon, lat, 1.0, required=True)
        for name, lon, lat in (("E", 13, 52.5), ("W", 7, 51.5), ("S", 9.5, 49.5))
    )
    with pytest.raises(NothingToPlan, match=r"all 3 required sites within 750 km .* over$"):
        plan(request(sites=rows, max_km=750.0))


def test_two_airfields_beyond_the_range_ask_for_a_stop():
    with pytest.raises(NothingToPlan, match=r"beyond the aircraft.s range of 300 km; add a stop"):
        plan(request(end="ETSA", range_km=300.0))


def test_with_50_m_less_swath_next_to_nothing_is_lost():
    for seed in range(2):
        asked = request()
        found = plan(asked, steps=30, seed=seed)
        rows = [(s.name, s.lon_deg, s.lat_deg, s.value) for s in asked.sites]
        path = [(w.lon_deg, w.lat_deg) for w in found.plan.waypoints]
        assert sum(s[3] for s in independent.observed(path, rows, 9.9)) >= 0.99 * found.value


WITHOUT = """
import json
from overflight.planning.orienteering.compiled import COMPILED
from overflight.planning.warm import small_chain
print(json.dumps([COMPILED, float(small_chain().best[1])]))
"""


def test_without_numba_the_same_code_runs_slower():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        capture_output=True, text=True, check=True, env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip
    compiled, value = json.loads(done.stdout)
    assert not compiled
    assert value == float(small_chain().best[1]) >= 2.0
