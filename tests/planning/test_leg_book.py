"""A path of which one point was moved is checked as one that was never seen before."""

import time
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.planning import leg_book
from overflight.planning.clearance import border_clearances, nearest_of_each
from overflight.planning.crossings import cross
from overflight.planning.elevation import Elevation
from overflight.planning.leg_book import LegBook
from overflight.planning.legs import Legs
from overflight.planning.measure import measure, non_parties, own_codes
from overflight.planning.validate import check_plan
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning.independent import GEOD, nearest_border_km

REGIME = Regime.on(date(2021, 5, 17))
WITHIN_KM = 14.0
# West and south of Russia: borders of Parties and others, disputed areas, two seas.
POINTS = st.tuples(st.floats(27.0, 62.0), st.floats(40.5, 61.0))
PATHS = st.lists(POINTS, min_size=2, max_size=7)


@pytest.fixture(scope="module")
def borders():
    return Borders.load()


@pytest.fixture(scope="module")
def elevation():
    return Elevation.load()


def plan_over(points):
    return MissionPlan(
        observed="RUS",
        observing="DEU",
        waypoints=tuple(Waypoint(*point) for point in points),
        start_airfield="UUMB",
        end_airfield="UUMB",
        height_agl_m=(2500.0,),
        sensors=(SensorUse("AFA-41-10", 1500.0),),
    )


def fifty_legs(seed):
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 49)
    lons = 50 + 8 * np.cos(turn) * rng.uniform(0.6, 1, 49)
    lats = 55 + 4 * np.sin(turn) * rng.uniform(0.6, 1, 49)
    return [(36.65, 55.61), *zip(lons.tolist(), lats.tolist(), strict=True), (36.65, 55.61)]


@given(points=PATHS, moved=st.integers(0, 6), to=POINTS)
@settings(max_examples=40, deadline=None)
def test_a_moved_point_is_checked_as_if_nothing_was_known(borders, elevation, points, moved, to):
    before = plan_over([(36.65, 55.61), *points])
    check_plan(before, REGIME, borders=borders, elevation=elevation)  # its legs are now in the book
    dragged = list(before.waypoints)
    dragged[1 + moved % len(points)] = Waypoint(*to)
    after = replace(before, waypoints=tuple(dragged))

    quick = check_plan(after, REGIME, borders=borders, elevation=elevation)
    whole = check_plan(after, REGIME, borders=borders, elevation=elevation, fresh=True)

    assert quick.to_json() == whole.to_json()
    assert quick.facts == whole.facts


@given(points=PATHS)
@settings(max_examples=25, deadline=None)
def test_the_book_says_what_each_leg_alone_says(borders, points):
    """`border_clearances` measures every leg to its nearest border, however far; the book only what may decide."""
    path = [(36.65, 55.61), *points]
    own = own_codes("RUS", REGIME)
    foreign = non_parties(REGIME, borders, observed="RUS")
    exact = border_clearances(path, observed=own, non_parties=foreign, borders=borders, each_within_km=WITHIN_KM)
    near = {(c.leg, c.code): c.km for c in exact if c.disputed is None and c.km <= WITHIN_KM}
    book = LegBook.of(borders, observed=own, non_parties=foreign, within_km=WITHIN_KM, fresh=True)
    legs = Legs.of(path)
    found = {(n, c.code): c.km for n, leg in enumerate(book.facts(legs)) for c in leg.near}

    assert found == pytest.approx(near)
    under = borders.units_at(legs.lon0, legs.lat0)
    states = nearest_of_each(legs, book.states, borders, np.inf, under)  # every leg, however far
    if min(c.km for c in states) > WITHIN_KM:
        least = min(c.km for c in states)
        assert {n: c.km for n, c in book.nearest(legs)} == {c.leg: c.km for c in states if c.km <= least + 0.001}


def test_the_nearest_of_a_far_path_is_what_a_dense_line_finds(borders):
    """Pyproj and shapely alone, 1 km steps, over a path 30 to 100 km from Kazakhstan."""
    path = [(49.0, 52.6), (51.5, 52.4), (52.0, 53.5)]
    facts = measure(plan_over(path), REGIME, borders=borders)
    polygons = list(borders.territory("KAZ").geoms)

    assert {n.name for n in facts.near} == {"Kazakhstan"}
    assert min(n.km for n in facts.near) == pytest.approx(nearest_border_km(path, polygons, within_deg=2.0), abs=0.05)


def test_a_leg_in_space_is_the_geodesic_to_a_millimetre():
    legs = Legs.of([(36.65, 55.61), (100.0, 70.0), (-179.0, 66.0), (179.0, 64.0), (20.0, 54.0), (20.0, 54.0)])
    leg, km, places = legs.points(37.0)
    lon, lat = legs.at(leg, km)
    exact = Legs.between(lon, lat, lon, lat).places(np.arange(leg.size), np.zeros(leg.size))

    assert np.linalg.norm(places - exact, axis=1).max() < 1e-6
    assert legs.km == pytest.approx([GEOD.inv(*a, *b)[2] / 1000 for a, b in zip(
        zip(legs.lon0, legs.lat0, strict=True), zip(legs.lon1, legs.lat1, strict=True), strict=True)])  # fmt: skip


def test_a_full_book_starts_anew_and_answers_the_same(borders, monkeypatch):
    plan = plan_over(fifty_legs(3))
    before = check_plan(plan, REGIME, borders=borders).to_json()
    monkeypatch.setattr(leg_book, "MOST_LEGS", 10)
    for seed in (3, 4, 3):
        check_plan(plan_over(fifty_legs(seed)), REGIME, borders=borders)

    assert check_plan(plan, REGIME, borders=borders).to_json() == before


def test_fifty_legs_and_a_drag_take_milliseconds(borders, elevation):
    """Our limits are 5 and 16 ms; a test allows for a busy machine, `bench validate` measures."""
    points = fifty_legs(1)
    plan = plan_over(points)
    check_plan(plan, REGIME, borders=borders, elevation=elevation)
    spent = []
    for n in range(5):
        points[20] = (points[20][0] + 0.01 * n, points[20][1])
        begin = time.process_time()
        check_plan(plan_over(points), REGIME, borders=borders, elevation=elevation)
        spent.append(time.process_time() - begin)

    assert len(plan.legs) == 50
    assert min(spent) < 0.016


def test_the_written_out_cross_product_is_numpys_to_the_last_bit():
    a, b = np.random.default_rng(5).normal(size=(2, 200, 3))
    assert np.array_equal(cross(a, b), np.cross(a, b))
    assert np.array_equal(cross(a[0], b), np.cross(a[0], b))
    assert np.array_equal(cross(a[0], b[0]), np.cross(a[0], b[0]))


@given(points=PATHS, within=st.sampled_from([14.0, 60.0]))
@settings(max_examples=15, deadline=None)
def test_what_is_near_a_leg_is_found_without_the_index_of_all_lines(borders, points, within):
    """The book looks at all lines first and at those of some States only where one is near: nothing is lost."""
    own, foreign = own_codes("RUS", REGIME), non_parties(REGIME, borders, observed="RUS")
    book = LegBook.of(borders, observed=own, non_parties=foreign, within_km=within, fresh=True)
    legs = Legs.of(points)
    under = borders.units_at(legs.lon0, legs.lat0)
    for units, most, kind in ((book.states, within, "near"), (book.areas, 50.0, "areas")):
        plain = {one.leg: one.km for one in nearest_of_each(legs, units, borders, most, under)}
        met = {n: getattr(of, kind)[0].km for n, of in enumerate(book.facts(legs)) if getattr(of, kind)}
        assert met == plain
