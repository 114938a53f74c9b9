"""Areas that are closed for some hours: used while they are open, never met while they are closed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely

from overflight.app import plan_hours, plan_optimise, plans
from overflight.errors import NothingToPlan
from overflight.planning.regions import ClosedArea, Regions
from overflight.planning.reorder import orders_with_a_part_moved
from overflight.planning.request import PlanRequest, limit_for
from overflight.planning.request_ground import open_for_a_while
from overflight.planning.stop import after_steps
from overflight.terms.place import Site
from overflight.terms.plan import Waypoint
from overflight.treaty.regime import Regime
from tests.planning import independent_conditions as second

REGIME = Regime.on(date(2021, 5, 17))
OVER = plans.ground()
EIGHT = datetime(2021, 5, 17, 8, tzinfo=UTC)
SPEED = 400.0
EAST = shapely.box(11.0, 51.5, 12.5, 52.9)
INSIDE = (Site("in one", 11.6, 52.2, 5.0), Site("in two", 11.9, 52.4, 5.0), Site("in three", 11.4, 52.6, 5.0))
OUTSIDE = (Site("out one", 9.9, 52.6, 1.0), Site("out two", 10.3, 52.0, 1.0), Site("out three", 9.6, 51.7, 1.0))


def request(area, **more):
    base = {
        "observed": "DEU", "start": "ETNW", "end": "ETNW", "sites": (*INSIDE, *OUTSIDE), "swath_km": 8.0,
        "max_km": 600.0, "speed_kmh": SPEED, "take_off": EIGHT,
    }  # fmt: skip
    return PlanRequest(**base | {"regions": Regions((), (area,))} | more)


def planned(area, *, steps=24, seed=1, **more):
    ways = plan_optimise.Ways(daylight=bool(more.get("daylight")))
    return plan_optimise.plan(request(area, **more), REGIME, OVER, ways, stop=lambda: after_steps(steps), seed=seed)


def met(found, area):
    """Whether the path is inside the area while it is closed, by times and shapes of another code."""
    plan = found.result.plan
    path = [(w.lon_deg, w.lat_deg) for w in plan.waypoints]
    lengths = second.legs_km(path)
    at = 0.0
    for n, km in enumerate(lengths):
        for m, place in enumerate([*second.GEOD.npts(*path[n], *path[n + 1], 199), path[n + 1]], start=1):
            moment = plan.take_off + timedelta(hours=(at + km * m / 200) / SPEED)
            closed = (area.since is None or moment >= area.since) and (area.until is None or moment < area.until)
            if closed and shapely.contains_xy(area.shape, *place):
                return True
        at += km
    return False


def seen(found):
    return {site.name for site in found.result.observed_sites}


def test_an_area_that_opens_while_the_flight_is_in_the_air_is_flown_after_it_opens():
    area = ClosedArea("R", EAST, until=EIGHT + timedelta(minutes=25))
    found = planned(area)
    assert found.good
    assert {"in one", "in two", "in three"} <= seen(found)
    assert not met(found, area)
    closed = next(f for f in found.conditions.findings if f.rule == "outside_closed_areas")
    assert closed.seen["km"] > 10


def test_what_lies_inside_is_flown_last_where_the_area_opens_too_late_for_either_direction():
    area = ClosedArea("R", EAST, until=EIGHT + timedelta(minutes=35))
    found = planned(area, steps=12)
    assert found.good
    assert {site.name for site in (*INSIDE, *OUTSIDE)} == seen(found)
    assert not met(found, area)
    assert found.result.check.length_km <= 600
    assert 0 < found.result.discrete_value <= found.result.value
    names = [w.name for w in found.result.plan.waypoints]
    assert names[1:-1] == sorted(names[1:-1])


def test_other_orders_keep_the_ends_and_the_points_and_the_limit():
    inside = [Waypoint(11.6, 52.2, "P02"), Waypoint(11.9, 52.4, "P03")]
    home = Waypoint(9.4, 52.5, "ETNW")
    points = (home, Waypoint(9.9, 52.6, "P01"), *inside, Waypoint(10.3, 52.0, "P04"), home)
    found = orders_with_a_part_moved(points, [EAST], 600.0)
    assert found
    lengths = [sum(second.legs_km([(w.lon_deg, w.lat_deg) for w in path])) for path in found]
    assert lengths == sorted(lengths)
    assert max(lengths) <= 600
    for path in found:
        assert (path[0], path[-1]) == (home, home)
        assert sorted(w.name for w in path) == sorted(w.name for w in points)
        at = [path.index(w) for w in inside]
        assert abs(at[0] - at[1]) == 1  # the part stays together
    assert orders_with_a_part_moved(points, [EAST], 100.0) == []


def test_an_area_that_closes_during_the_flight_is_flown_before_it_closes():
    area = ClosedArea("R", EAST, since=EIGHT + timedelta(minutes=45))
    found = planned(area)
    assert {"in one", "in two", "in three"} <= seen(found)
    assert not met(found, area)


@pytest.mark.parametrize("minutes", [1, 20, 40, 60, 80])
@pytest.mark.parametrize("side", ["since", "until"])
def test_no_path_meets_an_area_while_it_is_closed(minutes, side):
    area = ClosedArea("R", EAST, **{side: EIGHT + timedelta(minutes=minutes)})
    found = planned(area, steps=8)
    assert found.good, [f.because for f in found.conditions.findings]
    assert not met(found, area)
    result = found.result
    assert result.bound is None or result.bound >= result.discrete_value
    assert result.discrete_value <= result.value + 1e-6


def test_an_area_closed_for_the_whole_flight_is_kept_out_of():
    area = ClosedArea("R", EAST, EIGHT - timedelta(hours=1), EIGHT + timedelta(hours=5))
    assert open_for_a_while(request(area), REGIME, 600.0) == ()
    found = planned(area)
    assert not seen(found) & {site.name for site in INSIDE}
    assert {left.reason for left in found.result.ignored} == {"inside_closed_area"}


def test_hours_that_are_over_before_the_flight_can_be_there_bind_nothing():
    """ETNW lies 100 km from the area: at 400 km/h the flight is there a quarter of an hour after take-off."""
    soon = ClosedArea("R", EAST, until=EIGHT + timedelta(minutes=12))
    assert open_for_a_while(request(soon), REGIME, 600.0) == ()
    later = replace(soon, until=EIGHT + timedelta(minutes=20))
    assert open_for_a_while(request(later), REGIME, 600.0) == (later,)
    found = planned(soon)
    assert found.result.bound_note is None
    assert {"in one", "in two", "in three"} <= seen(found)


def test_a_free_take_off_is_chosen_for_the_hours_and_told():
    area = ClosedArea("R", EAST, EIGHT, EIGHT + timedelta(hours=4))
    found = planned(area, take_off=None)
    assert {"in one", "in two", "in three"} <= seen(found)
    assert found.result.plan.take_off is not None
    assert found.take_off_chosen == found.result.plan.take_off
    assert found.to_json()["take_off_chosen"].startswith("2021-05-17T")
    assert any("was chosen so that the path meets R while open" in note for note in found.notes)
    assert not met(found, area)
    earlier = replace(found.result.plan, take_off=found.take_off_chosen - timedelta(minutes=2))
    assert met(replace(found, result=replace(found.result, plan=earlier)), area)


def test_a_take_off_before_hours_without_an_end_leaves_in_time():
    area = ClosedArea("R", EAST, since=EIGHT)
    found = planned(area, take_off=None)
    assert found.take_off_chosen < EIGHT
    assert not met(found, area)


def test_the_search_ends_once_everything_within_reach_is_observed_also_with_required_sites():
    area = ClosedArea("R", EAST, EIGHT + timedelta(hours=4), EIGHT + timedelta(hours=5))
    sites = tuple(replace(site, required=n == 0) for n, site in enumerate((*INSIDE, *OUTSIDE)))
    found = planned(replace(area, since=EIGHT + timedelta(minutes=75)), sites=sites, max_km=900.0)
    assert found.result.value == found.result.total_value
    assert found.result.stopped_by == "proven"
    assert found.result.steps < 24
    assert not met(found, area)


def test_the_bound_holds_with_the_areas_open_and_says_so():
    area = ClosedArea("R", EAST, EIGHT + timedelta(minutes=10), EIGHT + timedelta(minutes=60))
    found = planned(area)
    assert found.result.bound is not None
    assert found.result.bound >= found.result.value
    assert found.result.bound == 18.0  # the sites inside count, whether this plan sees them or not
    assert "R open all the time" in found.result.bound_note


def test_a_required_site_inside_is_reached_while_it_is_open_and_refused_while_it_is_not():
    wanted = (replace(INSIDE[0], required=True), *OUTSIDE)
    found = planned(ClosedArea("R", EAST, until=EIGHT + timedelta(minutes=22)), sites=wanted)
    assert "in one" in seen(found)
    with pytest.raises(NothingToPlan, match="in one lies inside a closed area"):
        planned(ClosedArea("R", EAST, until=EIGHT + timedelta(hours=5)), sites=wanted)


def test_a_path_turned_round_observes_the_same_and_keeps_its_sensor_periods():
    found = planned(ClosedArea("R", shapely.box(0, 0, 1, 1)))
    some = replace(found.result.plan, sensors_on=((10.0, 100.0), (150.0, 200.0)))
    back = plan_hours.turned_round(replace(found.result, plan=some), found.request, REGIME, OVER)
    assert [w.lon_deg for w in back.plan.waypoints] == [w.lon_deg for w in some.waypoints[::-1]]
    length = found.result.check.length_km
    (a, b), (c, d) = back.plan.sensors_on
    assert (a, b) == pytest.approx((length - 200, length - 150), abs=0.002)
    assert (c, d) == pytest.approx((length - 100, length - 10), abs=0.002)
    assert b - a <= 50
    away = replace(found.request, end="ETSA", max_km=None)
    assert plan_hours.turned_round(found.result, away, REGIME, OVER) is None
    assert limit_for(found.request, REGIME) == 600.0


def test_same_input_and_steps_give_the_same_plan():
    area = ClosedArea("R", EAST, EIGHT + timedelta(minutes=10), EIGHT + timedelta(minutes=50))
    assert planned(area, steps=8).result.plan == planned(area, steps=8).result.plan
