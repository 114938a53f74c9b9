"""A planner's own conditions on any plan: before, on and after each, with place and margin, and a second opinion."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput
from overflight.planning.conditions import Conditions, check_conditions
from overflight.planning.conditions_sun import sun_height_deg
from overflight.planning.measure import measure
from overflight.planning.passage import with_times
from overflight.planning.regions import ClosedArea, Regions, SubLimit
from overflight.planning.turns import course_changes_deg, turn_room_km
from overflight.planning.validate import check_plan
from overflight.rules.finding import Verdict
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning import independent_conditions as second

DAY = date(2021, 5, 17)
REGIME = Regime.on(DAY)
BORDERS = Borders.load()
ETNW, ETSA, EDDK = ((a.lon_deg, a.lat_deg) for a in (REGIME.airfield(i) for i in ("ETNW", "ETSA", "EDDK")))
NOON = datetime(2021, 5, 17, 10, tzinfo=UTC)
BOX = shapely.box(10, 51, 11, 52)


def plan(*points, **more):
    places = [ETNW, *points, ETNW]
    return MissionPlan("DEU", tuple(Waypoint(*p) for p in places), "ETNW", "ETNW", **more)


def asked(of, **conditions):
    return check_conditions(of, measure(of, REGIME, borders=BORDERS), Conditions(**conditions), REGIME)


def one(of, **conditions):
    (found,) = asked(of, **conditions).findings
    return found


def coordinates(of):
    return [(w.lon_deg, w.lat_deg) for w in of.waypoints]


LOOP = plan((10.5, 51.5), (12.0, 50.5))


def test_nothing_is_asked_of_a_plan_by_default():
    found = asked(LOOP)
    assert found.findings == ()
    assert found.kept


@pytest.mark.parametrize(("spare", "verdict"), [(1.0, "complies"), (0.0, "complies"), (-1.0, "breaches")])
def test_a_sub_limit_is_kept_up_to_its_last_metre(spare, verdict):
    inside = second.inside_km(coordinates(LOOP), BOX)
    km = one(LOOP, regions=Regions((SubLimit("Box", BOX, 1e4),))).seen["km"]
    assert km == pytest.approx(inside, abs=1.0)
    exact = asked(LOOP, regions=Regions((SubLimit("Box", BOX, 1e4),))).findings[0].seen["stretches"]
    assert sum(s["to_km"] - s["from_km"] for s in exact) == pytest.approx(km, abs=0.01)
    limit = SubLimit("Box", BOX, km + spare + (1e-3 if spare == 0 else 0), source="ours")
    found = one(LOOP, regions=Regions((limit,)))
    assert str(found.verdict) == verdict
    assert found.seen["margin_km"] == pytest.approx(spare, abs=0.002)
    assert found.limit["source"] == "ours"
    assert found.citation == "planner"
    assert found.where["leg"] == 1


HOURS = (NOON + timedelta(minutes=30), NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("take_off", "speed", "hours", "verdict"),
    [
        (NOON, 600.0, (None, None), "breaches"),
        (NOON, 600.0, HOURS, "complies"),  # it is there from 10:12 to 10:20
        (NOON + timedelta(minutes=30), 600.0, HOURS, "breaches"),
        (NOON + timedelta(hours=2), 600.0, HOURS, "complies"),
        (NOON, 150.0, HOURS, "breaches"),
        (None, 600.0, HOURS, "undetermined"),
        (NOON, None, HOURS, "undetermined"),
        (NOON, 600.0, (None, NOON), "complies"),
        (NOON, 600.0, (NOON + timedelta(hours=9), None), "complies"),
    ],
)
def test_a_closed_area_is_closed_in_its_hours_only(take_off, speed, hours, verdict):
    through = replace(plan((11.5, 51.5), (11.6, 52.2)), take_off=take_off, ground_speed_kmh=speed)
    area = ClosedArea("R 1", shapely.box(10, 51.5, 10.5, 52.2), *hours)
    found = one(through, regions=Regions((), (area,)))
    assert str(found.verdict) == verdict, found.because
    if verdict == "undetermined":
        assert found.missing == (("take_off",) if take_off is None else ("ground_speed_kmh",))
    elif hours != (None, None):
        times = found.seen["times"][0]
        assert times["from"] < times["to"]


def test_a_plan_check_decides_hazardous_airspace_where_areas_are_given():
    """VI.II.4.C: none entered complies; one entered while closed is the observed Party's to answer (VI.II.5)."""

    def hazard(*closed):
        found = check_plan(LOOP, REGIME, borders=BORDERS, regions=Regions((), closed)).findings
        return next(f for f in found if f.citation == "VI.II.4.C")

    assert hazard().missing == ("hazardous_airspace",)
    assert hazard(ClosedArea("far", shapely.box(7, 47.9, 7.5, 48))).verdict is Verdict.COMPLIES
    entered = hazard(ClosedArea("R 31", BOX))
    assert entered.verdict is Verdict.UNDETERMINED
    assert "R 31" in entered.because
    assert BOX.buffer(1e-4).covers(shapely.Point(entered.where["coordinates"]))


@pytest.mark.parametrize(("range_km", "kept"), [(700, True), (300, False)])
def test_range_holds_from_airfield_to_airfield(range_km, kept):
    """A landing on the way starts the range anew; the treaty's limit counts the whole flight all the same."""
    via = plan((10.5, 51.5), ETSA, (9.5, 51.0))
    whole, parts = second.sections_km(coordinates(via), []), second.sections_km(coordinates(via), [ETSA])
    assert sum(parts) == pytest.approx(whole[0])
    found = asked(via, stops=("ETSA",), range_km=range_km)
    assert found.kept is kept
    reach = next(f for f in found.findings if f.rule == "within_range")
    assert reach.seen["sections_km"] == pytest.approx(parts, abs=0.01)
    assert reach.seen["margin_km"] == pytest.approx(range_km - max(parts), abs=0.01)
    assert asked(via, range_km=max(parts) + 1.0).kept is False  # without the landing it is one section
    assert one(LOOP, range_km=whole[0] * 2).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("points", "stops", "words"),
    [
        ([ETSA], ("ETSA",), "lands at ETSA"),
        ([(10.5, 51.5)], ("ETSA",), "does not land at ETSA"),
        ([ETSA], ("ZZZZ",), "ZZZZ"),
        ([ETSA], ("LFOJ",), "belongs to FRA"),
    ],
)
def test_a_stop_is_an_airfield_of_the_observed_party_that_the_path_comes_to(points, stops, words):
    (found,) = asked(plan(*points), stops=stops).findings
    assert words in found.because
    assert (found.verdict is Verdict.COMPLIES) == words.startswith("lands")


def test_stops_of_a_plan_count_without_being_asked_for():
    timed = with_times(
        plan((10.5, 51.5), ETSA, (9.5, 51.0)), ("ETSA",), take_off=NOON, speed_kmh=500.0, stop_hours=1.5, regime=REGIME
    )
    (stop,) = timed.stops
    parts = second.sections_km(coordinates(timed), [ETSA])
    assert (stop.arrive - NOON).total_seconds() == pytest.approx(parts[0] / 500 * 3600, abs=1)
    assert stop.leave - stop.arrive == timedelta(hours=1.5)
    assert (timed.lands - stop.leave).total_seconds() == pytest.approx(parts[1] / 500 * 3600, abs=1)
    assert {f.rule for f in asked(timed).findings} == {"stops_are_airfields_of_the_day", "stops_fit_the_times"}


def test_stops_fit_the_plans_own_times_and_speed():
    timed = with_times(
        plan((10.5, 51.5), ETSA, (9.5, 51.0)), ("ETSA",), take_off=NOON, speed_kmh=500.0, stop_hours=1.5, regime=REGIME
    )

    def verdict(**other):
        (found,) = (f for f in asked(replace(timed, **other)).findings if f.rule == "stops_fit_the_times")
        return found.verdict

    (stop,) = timed.stops
    assert verdict() is Verdict.COMPLIES
    assert verdict(ground_speed_kmh=300.0) is Verdict.BREACHES
    assert verdict(ground_speed_kmh=600.0) is Verdict.COMPLIES
    assert verdict(ground_speed_kmh=None) is Verdict.UNDETERMINED
    assert verdict(take_off=stop.arrive + timedelta(seconds=1)) is Verdict.BREACHES
    assert verdict(lands=stop.leave - timedelta(seconds=1)) is Verdict.BREACHES
    assert verdict(lands=timed.lands - timedelta(minutes=3)) is Verdict.BREACHES
    astray = replace(timed, waypoints=(*timed.waypoints[:2], *timed.waypoints[3:]))
    assert not asked(astray).kept


@pytest.mark.parametrize(("shorter", "kept"), [(0.001, True), (0.0, True), (-0.01, False)])
def test_the_shortest_leg_may_be_as_short_as_asked(shorter, kept):
    shortest = min(second.legs_km(coordinates(LOOP)))
    found = one(LOOP, min_leg_km=shortest - shorter)
    assert (found.verdict is Verdict.COMPLIES) is kept
    assert found.seen["shortest_km"] == pytest.approx(shortest, abs=0.001)


@pytest.mark.parametrize("manner", ["short", "over"])
@settings(max_examples=30, deadline=None)
@given(turn=st.floats(1, 175), radius=st.floats(0.5, 20))
def test_room_to_turn_agrees_with_a_flown_turn(manner, turn, radius):
    before, after = turn_room_km(np.array([turn]), radius, manner)
    if manner == "short":
        assert before[0] == after[0] == pytest.approx(second.room_short_km(turn, radius))
    else:
        assert before[0] == 0.0
        two_steps_km = 0.002 * radius  # of the flown turn, which stops at whole steps
        assert after[0] == pytest.approx(second.room_over_km(turn, radius), rel=0.01, abs=two_steps_km)


@pytest.mark.parametrize("manner", ["short", "over"])
@pytest.mark.parametrize("radius", [2.0, 10.0, 30.0, 60.0])
def test_a_leg_without_room_for_its_turns_is_named(manner, radius):
    zigzag = plan((10.0, 52.0), (10.3, 52.5), (10.6, 51.9), (9.9, 51.8))
    spare = second.spare_km(coordinates(zigzag), radius, manner)
    found = one(zigzag, turn_radius_km=radius, turn=manner)
    assert found.seen["margin_km"] == pytest.approx(spare, abs=0.05)
    assert (found.verdict is Verdict.COMPLIES) is (spare >= 0)
    assert course_changes_deg(coordinates(zigzag)) == pytest.approx(second.turns_deg(coordinates(zigzag)))


def test_there_is_no_turn_where_the_path_lands():
    back = plan((10.5, 51.5), ETSA, (10.5, 51.4))
    assert one(plan(ETSA), turn_radius_km=5.0).verdict is Verdict.BREACHES  # there and back: 180 degrees
    found = asked(plan(ETSA), stops=("ETSA",), turn_radius_km=5.0)
    assert found.kept
    assert second.spare_km(coordinates(back), 5.0, "short", landings=(2,)) > 0
    assert asked(back, stops=("ETSA",), turn_radius_km=5.0).kept


@pytest.mark.parametrize("hour", [0, 3, 6, 9, 12, 15, 18, 21])
@pytest.mark.parametrize("place", [(9.4, 52.4), (177.7, 64.7), (-70.0, -33.0), (20.0, 89.0)])
def test_height_of_the_sun_agrees_with_the_almanac_formula(place, hour):
    at = datetime(2021, 5, 17, hour, 30, tzinfo=UTC)
    assert sun_height_deg(*place, at) == pytest.approx(second.sun_deg(*place, at), abs=0.1)


def test_daylight_holds_where_and_when_an_optical_sensor_runs():
    evening = replace(LOOP, take_off=datetime(2021, 5, 17, 18, 30, tzinfo=UTC), ground_speed_kmh=400.0)
    dark = one(evening, daylight=True)
    assert dark.verdict is Verdict.BREACHES
    lands = evening.take_off + timedelta(hours=measure(evening, REGIME, borders=BORDERS).length_km / 400)
    lowest = second.sun_deg(*dark.where["coordinates"], lands)
    assert dark.seen["lowest_deg"] == pytest.approx(lowest, abs=0.1)
    assert one(replace(evening, sensors_on=((0.0, 50.0),)), daylight=True).verdict is Verdict.COMPLIES
    assert one(replace(evening, sensors_on=()), daylight=True).verdict is Verdict.COMPLIES
    assert one(replace(evening, sensors=(SensorUse("RONSAR", None),)), daylight=True).verdict is Verdict.COMPLIES
    assert one(replace(evening, take_off=NOON), daylight=True, min_sun_deg=30.0).verdict is Verdict.COMPLIES
    assert one(replace(evening, take_off=NOON), daylight=True, min_sun_deg=60.0).verdict is Verdict.BREACHES
    assert one(replace(evening, take_off=None), daylight=True).missing == ("take_off",)
    assert "no paragraph asks" in dark.limit["note"]


@pytest.mark.parametrize(
    "wrong",
    [{"range_km": 0.0}, {"range_km": float("nan")}, {"min_leg_km": -1.0}, {"turn": "left"}, {"turn_radius_km": 1e9},
     {"min_sun_deg": 91.0}, {"speed_kmh": float("inf")}],
)  # fmt: skip
def test_a_condition_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(BadInput, match=next(iter(wrong)).replace("_", "-")):
        Conditions(**wrong)
