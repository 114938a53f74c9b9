"""Owners of sites learn which comes into view, from when to when, and how surely."""

import csv
import io
import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.app import plans
from overflight.app.plan_sites import all_clear, sites_in_view, sites_within_reach, views
from overflight.app.plan_sites_files import as_calendar, as_csv
from overflight.errors import BadInput, UnknownAirfield
from overflight.planning.geodesy import GEOD, distance_to_path_km, points_at
from overflight.planning.passes_over_sites import stretches_in_view, timetable
from overflight.terms.place import Site
from overflight.terms.plan import SensorUse, Stop
from overflight.treaty.regime import Regime
from tests.planning.grounds import plan_through

DAY = date(2021, 5, 17)
TAKE_OFF = datetime(2021, 5, 19, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def regime():
    return Regime.on(DAY)


def north(km):
    """A plan due north along 10 E from 50 N, and the latitude at a distance along it."""
    return GEOD.fwd(10.0, 50.0, 0.0, km * 1000)[1]


NORTH = plan_through((10.0, 50.0), (10.0, north(400)), take_off=TAKE_OFF, ground_speed_kmh=400.0)


def beside(along_km, aside_km, name="Works"):
    """A site to the east of the northward path."""
    lon, lat, _ = GEOD.fwd(10.0, north(along_km), 90.0, aside_km * 1000)
    return Site(name, lon, lat, 777.0)


def seen(plan, sites, regime, width=10.0, **more):
    found, _ = views(plan, regime, swath_km=width)
    return sites_in_view(plan, sites, regime, found, **more)


@pytest.mark.parametrize(("percent", "kmh"), [(20.0, 320.0), (50.0, 200.0)])
def test_the_latest_time_is_that_of_a_flight_so_much_slower(regime, percent, kmh):
    """At half the speed the flight takes twice as long, not half as long again."""
    site = Site("Works", 10.0, north(200))
    (row,) = seen(NORTH, [site], regime, speed_tolerance_percent=percent, time_tolerance_min=0)["rows"]
    (slower,) = seen(replace(NORTH, ground_speed_kmh=kmh), [site], regime)["rows"]
    assert row["latest"] == slower["until"]


def test_a_site_under_the_path_is_in_view_for_the_width_over_the_speed(regime):
    found = seen(NORTH, [Site("Works", 10.0, north(200))], regime)
    (row,) = found["rows"]
    assert (row["from_km"], row["until_km"], row["nearest_km"]) == (195.0, 205.0, 0.0)
    assert (row["from"], row["until"]) == ("2021-05-19T06:29:15Z", "2021-05-19T06:30:45Z")
    # 29 min 15 s at 105 % of the speed, 30 min 45 s at 95 %, and 30 minutes either way
    assert row["earliest"] == "2021-05-19T05:57:51Z"
    assert row["latest"] == "2021-05-19T07:02:23Z"


@pytest.mark.parametrize(("aside_km", "rows"), [(4.999, 1), (5.001, 0)])
def test_half_the_width_decides(regime, aside_km, rows):
    found = seen(NORTH, [beside(200, aside_km)], regime)
    assert (len(found["rows"]), found["not_in_view"]) == (rows, 1 - rows)
    assert found["sites_not_in_view"] == [beside(200, aside_km).name] * (1 - rows)


@pytest.mark.parametrize(("aside_km", "rows"), [(54.99, 1), (55.01, 0)])
def test_a_deviation_adds_50_km_to_either_side(regime, aside_km, rows):
    found = seen(NORTH, [beside(200, aside_km)], regime, stage="deviation")
    assert len(found["rows"]) == rows
    assert found["tolerances"]["aside_km"] == regime.value("deviation_limit").value
    assert seen(NORTH, [beside(200, aside_km)], regime, stage="agreed")["rows"] == []


def test_a_deviation_may_also_bring_the_flight_later(regime):
    """Fifty kilometres aside and fifty back at 400 km/h are a quarter of an hour."""
    site = [Site("Works", 10.0, north(200))]
    (agreed,) = seen(NORTH, site, regime, stage="agreed", width=110.0)["rows"]
    found = seen(NORTH, site, regime, stage="deviation")
    (aside,) = found["rows"]

    assert (aside["from"], aside["earliest"]) == (agreed["from"], agreed["earliest"])
    assert datetime.fromisoformat(aside["latest"]) - datetime.fromisoformat(agreed["latest"]) == timedelta(minutes=15)
    assert found["tolerances"]["aside_min"] == 15.0


def test_a_turn_near_a_site_is_one_pass_and_a_return_is_another(regime):
    turn = plan_through(
        (10.0, 50.0), (10.0, 51.0), (10.3, 51.0), (10.0, 50.02), take_off=TAKE_OFF, ground_speed_kmh=400
    )
    corner, home = Site("corner", 10.0, 51.0), Site("home", 10.0, 50.01)
    names = [r["site"] for r in seen(turn, [corner, home], regime)["rows"]]
    assert names == ["home", "corner", "home"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(55, 75)), min_size=2, max_size=5, unique=True),
    st.integers(0, 10_000),
)
def test_the_edges_of_a_pass_lie_at_the_half_width_and_nothing_between_is_out(points, seed):
    """Any path, across 180 degrees too: an independent walk along the path finds the same stretches."""
    rng = np.random.default_rng(seed)
    plan, half = plan_through(*points), 20.0
    total = sum(GEOD.inv(*a, *b)[2] / 1000 for a, b in itertools.pairwise(points))
    if total < 1:
        return
    lon, lat = points_at(plan.waypoints, rng.uniform(0, total, 3))
    lon, lat, _ = GEOD.fwd(lon, lat, rng.uniform(0, 360, 3), rng.uniform(0, 30_000, 3))
    sites = [Site(str(n), a, b) for n, (a, b) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))]
    found = stretches_in_view(plan, sites, [half] * len(plan.legs))
    for n, site in enumerate(sites):
        mine = [s for s in found if s.site == n]
        walk = np.linspace(0, total, 200)
        at = np.column_stack(points_at(plan.waypoints, walk))
        near = np.array([GEOD.inv(*p, site.lon_deg, site.lat_deg)[2] / 1000 for p in at])
        inside = np.zeros(walk.size, bool)
        for s in mine:
            inside |= (walk >= s.from_km - 0.01) & (walk <= s.to_km + 0.01)
        assert not (inside & (near > half + 0.05)).any()
        assert not (~inside & (near < half - 0.05)).any()
        nearest = min((s.nearest_km for s in mine), default=None)
        exact = distance_to_path_km(plan.waypoints, [site.lon_deg], [site.lat_deg])[0]
        assert (nearest is None and exact > half) or abs(nearest - exact) < 0.001


def test_what_a_site_is_worth_is_told_to_nobody(regime):
    found = seen(NORTH, [beside(200, 1)], regime)
    assert "777" not in str(found) + as_csv(found)


def test_without_a_take_off_places_are_told_and_times_are_not(regime):
    found = seen(replace(NORTH, take_off=None), [beside(200, 1)], regime)
    assert found["rows"][0]["from"] is None
    assert found["rows"][0]["from_km"] > 190
    with pytest.raises(BadInput, match="take-off"):
        as_calendar(found, now=TAKE_OFF)


def test_a_landing_time_serves_where_no_speed_is_given(regime):
    plan = replace(NORTH, ground_speed_kmh=None, lands=TAKE_OFF + timedelta(hours=2))
    assert seen(plan, [Site("W", 10.0, north(200))], regime)["rows"][0]["from"] == "2021-05-19T06:58:30Z"


def test_a_stop_holds_the_flight_back_and_one_of_unknown_place_makes_times_unsure(regime):
    field = regime.airfield("ETNW")
    here = (field.lon_deg, field.lat_deg)
    stop = Stop("ETNW", TAKE_OFF + timedelta(hours=1), TAKE_OFF + timedelta(hours=3))
    plan = plan_through((8.0, 50.0), here, (12.0, 53.0), take_off=TAKE_OFF, ground_speed_kmh=400.0, stops=(stop,))
    clock = timetable(plan, [field])
    leg = GEOD.inv(8.0, 50.0, *here)[2] / 1000
    assert clock.arrival(leg) == stop.arrive
    assert clock.departure(leg) == stop.leave
    assert clock.arrival(leg + 40) == stop.leave + timedelta(minutes=6)
    (row,) = seen(plan, [Site("W", *here)], regime, width=2)["rows"]
    assert row["from"] < "2021-05-19T07:00:00Z"
    assert row["until"] > "2021-05-19T09:00:00Z"
    unsure = timetable(plan, [])
    assert unsure.unsure == timedelta(hours=2)


def test_sensors_that_the_plan_switches_off_are_shown_so(regime):
    works = [Site("W", 10.0, north(200))]
    for on, says in ((((0.0, 100.0),), "no"), (((0.0, 200.0),), "partly"), (((150.0, 300.0),), "yes"), (None, None)):
        assert seen(replace(NORTH, sensors_on=on), works, regime)["rows"][0]["sensors_run"] == says


def test_a_width_comes_from_a_sensor_and_a_height(regime):
    found, _ = views(NORTH, regime, sensors=["AFA-41-10"], height_m=2500)
    assert found[0].swath_km == pytest.approx((4.5,))  # a frame of 180 mm behind 100 mm: 1.8 times the height
    own = replace(NORTH, sensors=(SensorUse("AFA-41-10", None), SensorUse("nobody's", None)), height_agl_m=(1000.0,))
    known, unknown = views(own, regime)
    assert known[0].swath_km == pytest.approx((1.8,))
    assert unknown == ("nobody's",)
    assert views(replace(NORTH, swath_km=3.0), regime)[0][0].swath_km == (3.0,)


@pytest.mark.parametrize(
    "wrong", [{"swath_km": 0.0}, {"swath_km": float("nan")}, {"swath_km": 201.0}, {"height_m": -1.0}, {}]
)
def test_no_width_or_a_wrong_one_is_refused(regime, wrong):
    with pytest.raises(BadInput):
        views(NORTH, regime, **wrong)


def test_after_the_notice_every_site_within_reach_of_the_airfield_is_told(regime):
    over = plans.ground()
    field, limit = regime.airfield("ETNW"), float(regime.max_flight_distance("ETNW").value)
    near, abroad = Site("near", field.lon_deg + 0.1, field.lat_deg), Site("abroad", 2.35, 48.85)
    found = sites_within_reach(
        [near, abroad], regime, over, observed="DEU", start="ETNW", eta=datetime(2021, 5, 17, 8, tzinfo=UTC)
    )
    assert [r["site"] for r in found["rows"]] == ["near"]
    assert found["left_out"] == [{"site": "abroad", "reason": "outside_territory"}]
    # VI.II.4.E: not before 24 h after the plan, which comes after arrival; VI.I.9: within 96 h of the ETA
    assert found["rows"][0]["earliest"] == "2021-05-18T08:00:00Z"
    assert found["rows"][0]["latest"] == "2021-05-21T08:00:00Z"
    assert found["reach_km"] == limit
    assert found["notes"] == []
    unknown = sites_within_reach([near], regime, over, observed="DEU", start="ETNW")
    assert (unknown["rows"][0]["earliest"], unknown["rows"][0]["latest"]) == (None, None)
    assert "--eta" in unknown["notes"][0]
    assert "No route is known" in found["means"]


@pytest.mark.parametrize(("beyond_km", "told"), [(-1, True), (1, False)])
def test_the_reach_ends_at_the_maximum_flight_distance(regime, beyond_km, told):
    over = plans.ground()
    field, limit = regime.airfield("UUMB"), float(regime.max_flight_distance("UUMB").value)
    lon, lat, _ = GEOD.fwd(field.lon_deg, field.lat_deg, 60.0, (limit + beyond_km) * 1000)
    found = sites_within_reach([Site("far", lon, lat)], regime, over, observed="RUS", start="UUMB")
    assert bool(found["rows"]) is told
    with pytest.raises(UnknownAirfield):
        sites_within_reach([Site("far", lon, lat)], regime, over, observed="RUS", start="ZZZZ")


def test_rows_leave_as_csv_without_formulas_and_as_a_calendar(regime):
    found = seen(NORTH, [beside(200, 1, '=HYPERLINK("x"), "y"'), beside(100, 1, "Works; north, 2")], regime)
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [r["site"] for r in rows] == ["Works; north, 2", '\'=HYPERLINK("x"), "y"']
    text = as_calendar(found, now=TAKE_OFF)
    assert text.count("BEGIN:VEVENT") == 2
    assert "SUMMARY:Works\\; north\\, 2: within view" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    starts = [line for line in text.split("\r\n") if line.startswith("DTSTART:")]
    assert starts[0] < starts[1]
    uids = {line for line in text.split("\r\n") if line.startswith("UID:")}
    assert len(uids) == 2
    later = as_calendar(seen(NORTH, [beside(100, 1, "Works; north, 2")], regime, stage="agreed"), now=TAKE_OFF)
    assert sum(uid in later for uid in uids) == 1  # a later stage replaces the same event


def test_entries_of_a_calendar_are_replaced_from_the_notice_to_the_all_clear(regime):
    """One flight, one site, one entry: within reach, in view of a sensor, free."""
    plan = replace(NORTH, flight="OS1017", sensors=(SensorUse("AFA-41-10", 1500.0),), height_agl_m=(2500.0,))
    site = beside(100, 0)
    reach = sites_within_reach(
        [site], regime, plans.ground(), observed="DEU", start="ETNW", eta=TAKE_OFF, flight="OS1017"
    )
    found, _ = views(plan, regime)
    in_view = sites_in_view(plan, [site], regime, found, stage="agreed")
    over = all_clear(plan, [site], completed=TAKE_OFF + timedelta(hours=2))
    texts = [as_calendar(one, now=TAKE_OFF) for one in (reach, in_view, over)]

    assert len({line for text in texts for line in text.split("\r\n") if line.startswith("UID:")}) == 1
    words = ("within reach", "within view", "all clear")
    for text, mine in zip(texts, words, strict=True):
        summary = next(line for line in text.split("\r\n") if line.startswith("SUMMARY:"))
        assert [word for word in words if word in summary] == [mine]
    assert "DTEND" not in texts[-1]  # a moment has none in RFC 5545
