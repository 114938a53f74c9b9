"""Sites that only a straight leg observes, since nothing is observed while turning: few sites, turns short."""

import json
from datetime import date

import numpy as np
import pytest

from overflight.planning.optimise import solve
from overflight.planning.request import PlanRequest
from overflight.planning.stop import after_steps
from overflight.planning.swath.world import ORIGINAL
from overflight.terms.place import Site
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning import independent, independent_conditions
from tests.planning.test_outside_checker import observing_parts, strewn
from tests.planning.test_swath import chain_of, made_up

DAY = date(2021, 5, 17)
TWO = (("first", 9.51, 52.60, 3.0), ("second", 10.20, 52.30, 1.0))
DRAWN = (
    (9.4272, 52.4573),
    (9.22, 52.60),
    (9.51, 52.61),
    (9.95, 52.50),
    (10.20, 52.30),
    (9.9, 52.15),
    (9.4272, 52.4573),
)
RADIUS_KM, LEAST_KM, SWATH_KM = 4.0, 10.0, 8.0


def seen(path, rows, swath_km=SWATH_KM - 2e-4):
    """Names of what the straight parts of a path observe, counted with pyproj alone."""
    parts = observing_parts(path, None, RADIUS_KM, "short")
    return {row[0] for part in parts for row in independent.observed(part, [(r, *r[1:]) for r in rows], swath_km)}


def names(path, rows, swath_km=SWATH_KM - 2e-4):
    return {row[0] for row in seen(path, rows, swath_km)}


def planned(rows, *, steps=6, seed=3, **more):
    request = PlanRequest(
        "DEU", "ETNW", "ETNW", tuple(Site(*row) for row in rows), SWATH_KM,
        turn_radius_km=RADIUS_KM, turn="short", min_leg_km=LEAST_KM, **more,
    )  # fmt: skip
    return solve(request, Regime.on(DAY), borders=Borders.load(), stop=after_steps(steps), seed=seed)


def way(result):
    return [(w.lon_deg, w.lat_deg) for w in result.plan.waypoints]


def test_a_plan_observes_what_a_path_drawn_by_hand_does():
    assert names(DRAWN, TWO) == {"first", "second"}
    assert independent_conditions.spare_km(DRAWN, RADIUS_KM, "short") >= 0
    found = planned(TWO)
    path = way(found)
    assert found.value == 4.0
    assert names(path, TWO) == {"first", "second"}
    assert independent_conditions.spare_km(path, RADIUS_KM, "short") >= -1e-3
    assert min(independent_conditions.legs_km(path)) >= LEAST_KM - 1e-3
    assert independent.length_km(path) <= independent.length_km(DRAWN)


@pytest.mark.parametrize("place", [(9.51, 52.60), (9.75, 52.20), (9.45, 52.50), (11.5, 51.0)])
def test_a_single_site_lies_on_a_straight_leg(place):
    rows = [("only", *place, 2.0)]
    found = planned(rows)
    assert found.value == 2.0
    assert names(way(found), rows) == {"only"}


def test_each_of_some_sites_far_apart_is_observed():
    rng = np.random.default_rng(4)
    rows = [(f"s{n}", round(9.2 + rng.uniform(0, 2.5), 4), round(51.2 + rng.uniform(0, 1.4), 4), 1.0) for n in range(8)]
    found = planned(rows, steps=20)
    assert found.value == 8.0
    assert len(names(way(found), rows)) == 8


def test_the_same_steps_and_seed_give_the_same_again():
    first, second = (json.dumps(planned(TWO, steps=3, seed=7).to_json()["plan"]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("rules", "twice"),
    [({}, False), ({"turn_radius_km": 3.0, "turn": "over"}, False), ({"turn_radius_km": 3.0, "turn": "short"}, True)],
)
def test_only_where_corners_are_cut_a_site_has_two_candidates(rules, twice):
    problem, _ = made_up(2, 20, **rules)
    for free in (False, True):
        chain = chain_of(problem, free=free, calls=1)
        assert (chain.k[0] > chain.k[ORIGINAL]) == (twice and free)


def test_turns_that_bind_are_named():
    """A wide turn that has no room before so many sites costs most of what a path without turns observes."""
    rng = np.random.default_rng(5)
    rows = [(f"s{n}", 9.0 + rng.uniform(0, 1.0), 52.2 + rng.uniform(0, 0.6), 1.0) for n in range(40)]
    request = PlanRequest(
        "DEU", "ETNW", "ETNW", tuple(Site(*row) for row in rows), 2.0, max_km=300.0, turn_radius_km=12.0
    )
    found = solve(request, Regime.on(DAY), borders=Borders.load(), stop=after_steps(4), seed=1)
    assert found.bound_note is not None
    assert "what binds is turns of 12 km" in found.bound_note


def test_the_first_triangle_has_legs_as_long_as_asked_on_the_ground():
    """Far from the middle of the plane a kilometre on it is less on the ground."""
    rows = strewn("DNK", 200, 11, (8, 54.6, 12.7, 57.8))
    request = PlanRequest(
        "DNK", "EKVL", "EKVL", tuple(Site(*row) for row in rows), 8.0, turn_radius_km=3.0, min_leg_km=12.0
    )
    day = date(2023, 6, 1)
    found = solve(request, Regime.on(day), borders=Borders.load(), stop=after_steps(2), seed=5)
    assert min(independent_conditions.legs_km(way(found))) >= 12.0
    assert independent_conditions.spare_km(way(found), 3.0, "short") >= 0.0
