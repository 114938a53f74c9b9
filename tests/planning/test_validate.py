"""`check_plan` on hand-made plans: each breaks one rule, and that rule is named with place and numbers."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from overflight.errors import BadInput, UnknownParty
from overflight.planning.crossings import circling, crossings
from overflight.planning.elevation import Elevation
from overflight.planning.geodesy import leg_lengths_km
from overflight.planning.measure import with_airfields
from overflight.planning.planfile import read_plan
from overflight.planning.validate import check_plan
from overflight.rules.finding import Verdict
from overflight.rules.path_facts import CLOSED_LOOP_DEG, WHOLE_TURN_DEG
from overflight.terms.plan import SensorUse, Stop, Waypoint
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning.grounds import GEOD, box, geotiff, made_up_borders, north_of_equator, plan_through, ring

DAY = date(2021, 5, 17)
REGIME = Regime.on(DAY)
BREACHES, COMPLIES, DISPUTED, OPEN = Verdict.BREACHES, Verdict.COMPLIES, Verdict.DISPUTED, Verdict.UNDETERMINED


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """Made-up borders without an error of their own."""
    return made_up_borders(tmp_path_factory.mktemp("flat"))


@pytest.fixture(scope="module")
def real():
    return Borders.load()


def finding(found, citation, rule=None):
    (one,) = [f for f in found.findings if f.citation == citation and (rule is None or f.rule == rule)]
    return one


def breached(found):
    return {f.citation for f in found.findings if f.verdict is BREACHES}


@pytest.mark.parametrize(("km", "verdict"), [(9.9, BREACHES), (10.0, COMPLIES), (10.1, COMPLIES)])
def test_ten_kilometres_from_the_border_as_measured(flat, km, verdict):
    """VI.II.2: the distance is measured, not given; a leg of 20 km whose ends lie nearest."""
    plan = plan_through((5, 4), north_of_equator(5.0, km), north_of_equator(5.2, km), (5, 4))
    found = finding(check_plan(plan, REGIME, borders=flat), "VI.II.2")

    assert found.verdict is verdict
    assert found.seen["km"] == pytest.approx(km, abs=0.002)
    assert found.seen["of"] == "CHE"


def test_what_the_flight_plan_will_need_is_asked_for():
    """VI.II.4: open until the plan states it; alternates are told once it is approved (VI.I.13)."""
    borders = Borders.load()
    bare = plan_through((36.6528, 55.6083), (38.0, 55.0), (36.6528, 55.6083), observed="RUS")
    one = finding(check_plan(bare, REGIME, borders=borders), "VI.II.4.intro")
    assert (one.verdict, one.missing) == (OPEN, ("heights", "take_off", "aircraft"))

    whole = replace(bare, height_agl_m=(2500.0,), take_off=datetime(2021, 5, 19, 6, tzinfo=UTC), aircraft="An-30")
    assert finding(check_plan(whole, REGIME, borders=borders), "VI.II.4.intro").verdict is COMPLIES


@pytest.mark.parametrize(
    ("icao", "verdict"), [("UUMB", COMPLIES), ("UHMM", BREACHES), ("ETNW", BREACHES), ("ZZZZ", BREACHES)]
)
def test_a_point_of_exit_is_one_of_the_treaty(icao, verdict):
    """VI.II.3, Annex E: Kubinka is designated as a point of exit, Magadan only as an Open Skies airfield."""
    plan = plan_through((36.6528, 55.6083), (38.0, 55.0), (36.6528, 55.6083), observed="RUS", start_airfield="")
    found = check_plan(replace(plan, end_airfield="", point_of_exit=icao), REGIME, borders=Borders.load())
    one = [f for f in found.findings if f.citation == "AnnE.1" and f.because.startswith("point of exit")]
    assert [f.verdict for f in one] == [verdict]


def test_a_path_that_is_too_long_shows_where_its_distance_is_used_up(flat):
    """VI.II.4.A: the maximum is reached over the territory; the way over another Party does not count."""
    plan = plan_through((8, 4), (12, 4), (8, 4.5), (1, 4.5), (8, 5), (1, 5))
    found = check_plan(plan, REGIME, borders=flat)
    one, limit = finding(found, "VI.II.4.A"), found.limit_km

    assert one.verdict is BREACHES
    assert one.seen["margin_km"] == pytest.approx(limit - found.counted_km, abs=1e-6)
    lon, lat = one.where["coordinates"]
    cut = replace(plan, waypoints=(*plan.waypoints[: one.where["leg"]], Waypoint(lon, lat)))
    assert check_plan(cut, REGIME, borders=flat).counted_km == pytest.approx(limit, abs=0.001)


@pytest.mark.filterwarnings("ignore:Use `@` matmul")
def test_a_narrow_ridge_in_a_file_of_small_cells_is_not_stepped_over(flat, tmp_path):
    """VI.II.4.D: 700 m of ridge, one cell of 1.1 km wide, under a leg of 300 km; the finding lies on it."""
    ground = np.full((100, 400), 200.0)
    ground[:, 201] = 900.0
    geotiff(tmp_path / "ridge.tif", ground, west=3.0, north=5.0)
    heights = Elevation.load(tmp_path / "ridge.tif")
    plan = plan_through((3.5, 4.5), (6.5, 4.5), sensors=(SensorUse("AFA-41-10", 1500.0),), height_agl_m=(1600.0,))
    one = finding(check_plan(plan, REGIME, borders=flat, elevation=heights), "VI.II.4.D")

    assert one.verdict is OPEN
    assert one.where["coordinates"][0] == pytest.approx(5.015, abs=0.006)
    assert one.seen["margin_m"] == pytest.approx(100 - 700 - 30, abs=10)


def test_within_the_borders_own_accuracy_the_distance_is_open(tmp_path):
    borders = made_up_borders(tmp_path, accuracy_m=500)
    for km, verdict in ((9.4, BREACHES), (9.9, OPEN), (10.4, OPEN), (10.6, COMPLIES)):
        plan = plan_through((5, 4), north_of_equator(5.0, km), (5, 4))
        assert finding(check_plan(plan, REGIME, borders=borders), "VI.II.2").verdict is verdict, km


@pytest.mark.parametrize(
    ("day", "verdict"),
    [("2020-11-10", COMPLIES), ("2020-11-21", COMPLIES), ("2020-11-22", BREACHES), ("2020-11-25", BREACHES)],
)
def test_a_former_party_is_kept_clear_of_from_its_first_day_outside(real, day, verdict):
    """VI.II.2, case 12: six kilometres from the United States, before and after 22 November 2020."""
    plan = plan_through((-105.0, 49.054), (-104.9, 49.054), observed="CAN", start_airfield="", end_airfield="")
    found = check_plan(plan, Regime.on(date.fromisoformat(day)), borders=real)
    one = finding(found, "VI.II.2")
    assert one.verdict is verdict
    if verdict is BREACHES:
        assert one.seen["km"] == pytest.approx(6.0, abs=1.0)  # the borders are good to 1 km
        assert one.where["leg"] == 1


def test_each_state_that_is_no_party_is_named_worst_first(real):
    """VI.II.2 over Hungary: the path crosses Austria, which is also transit, and turns 5 km from Serbia."""
    plan = plan_through((19.0, 47.0), (20.2, 46.19), (19.0, 47.0), (16.0, 47.5), (19.0, 47.0), observed="HUN")
    found = check_plan(plan, REGIME, borders=real)
    austria, serbia = [f for f in found.findings if f.citation == "VI.II.2" and f.verdict is BREACHES]

    assert austria.because.startswith("leg 3 crosses the border of Austria, which is not a Party on 2021-05-17; 2 legs")
    assert (austria.seen["of"], austria.seen["km"]) == ("Austria", 0)
    assert serbia.seen["of"] == "Serbia"
    assert 4 < serbia.seen["km"] < 7
    assert f"leg 1 passes {serbia.seen['km']:.1f}" in serbia.because
    assert serbia.where["coordinates"] == pytest.approx([20.2, 46.19], abs=0.1)
    assert "consent of AUT" in finding(found, "D22.2").missing
    assert "not a Party: AUT" in finding(found, "D22.2").because


@pytest.mark.parametrize(("km", "named"), [(9.9, ["CHE", "SRB"]), (10.0, ["CHE"]), (10.1, ["CHE"])])
def test_the_second_state_is_named_only_where_it_is_nearer_than_the_limit(tmp_path, km, named):
    """A turn 3 km from Switzerland in the south, at, before and after the limit from the State in the east."""
    borders = made_up_borders(tmp_path, east="SRB")
    lon, lat = GEOD.fwd(*north_of_equator(10.0, 3.0), 270.0, km * 1000)[:2]
    plan = plan_through((5, 4), (lon, lat), (5, 4))
    found = [f for f in check_plan(plan, REGIME, borders=borders).findings if f.citation == "VI.II.2"]
    assert [f.seen["of"] for f in found] == named
    assert {f.verdict for f in found} == {BREACHES}
    if "SRB" in named:
        assert found[1].seen["km"] == pytest.approx(km, abs=0.002)


def test_swapped_coordinates_are_refused_though_airfields_are_named(flat, real):
    there = [(36.6528, 55.6083), (40.0, 56.0), (38.0, 54.0), (36.6528, 55.6083)]
    named = {"observed": "RUS", "start_airfield": "UUMB", "end_airfield": "UUMB"}
    assert check_plan(plan_through(*there, **named), REGIME, borders=real).length_km > 300
    with pytest.raises(BadInput, match="the coordinates look swapped: GeoJSON wants longitude first"):
        check_plan(plan_through(*[point[::-1] for point in there], **named), REGIME, borders=real)
    # One point in place is enough: a strange plan is checked, not refused.
    check_plan(plan_through(there[0], *[point[::-1] for point in there], **named), REGIME, borders=real)
    # Over Germany of the made-up borders both ways lie inside, or neither does.
    check_plan(plan_through((2, 4), (4, 2)), REGIME, borders=flat)
    check_plan(plan_through((50, 50), (51, 52)), REGIME, borders=flat)


def test_near_an_area_in_dispute_the_readings_are_shown(tmp_path):
    """A strip north of the equator that one side gives to a State that is not a Party."""
    strip = ("strip", ("DEU", "CHE"), box(4, 0, 6, 1))
    borders = made_up_borders(tmp_path, disputed=[strip])
    plan = plan_through((5, 4), (5, 1.05), (5, 4))
    found = finding(check_plan(plan, REGIME, borders=borders), "VI.II.2", "keeps_clear_of_disputed_outline")
    assert found.verdict is DISPUTED
    assert {row["reading"]: row["verdict"] for row in found.under} == {
        "recognition=DEU": "complies",
        "recognition=CHE": "breaches",
    }
    assert "VI.II.2" not in breached(check_plan(plan, REGIME, borders=borders))


def test_the_whole_distance_is_held_against_the_starting_airfield(flat):
    """VI.II.4.A from Wunstorf at most 1,200 km, which three legs of 445 km exceed."""
    far = plan_through((2, 2), (6, 2), (2, 2), (6, 2))
    found = check_plan(far, REGIME, borders=flat)
    assert finding(found, "VI.II.4.A").verdict is BREACHES
    assert found.limit_km == 1200
    assert found.length_km == pytest.approx(3 * 444.9, abs=1)
    near = check_plan(plan_through((2, 2), (6, 2), (2, 2)), REGIME, borders=flat)
    assert finding(near, "VI.II.4.A").verdict is COMPLIES


def test_only_what_lies_over_the_territory_counts_unless_read_otherwise(flat):
    """The reading `distance_counts`: the part over another State is transit, its consent an open item."""
    plan = plan_through((2, 4), (14, 4), (2, 4))
    by_territory = check_plan(plan, REGIME, borders=flat)
    whole = check_plan(plan, Regime.on(DAY, readings={"distance_counts": "whole_path"}), borders=flat)

    assert by_territory.counted_km == pytest.approx(by_territory.length_km * 8 / 12, rel=0.01)
    assert whole.counted_km == whole.length_km
    assert finding(by_territory, "D22.2").missing == ("consent of POL",)
    assert finding(by_territory, "VII.3").missing == ("sensors_on",)
    on = check_plan(replace(plan, sensors_on=((0.0, 2000.0),)), REGIME, borders=flat)
    assert finding(on, "VII.3").verdict is BREACHES


def test_a_plan_that_breaks_each_rule_names_that_rule(flat):
    """One plan at fault in every way that a plan can be."""
    start = datetime(2021, 5, 17, 8, tzinfo=UTC)
    plan = plan_through(
        (2, 4), (5, 0.05), (8, 4), (2, 1), (8, 1), (2, 4), (5, 0.05), (9, 6), (2, 4),
        observed="DEU", start_airfield="EDDK", end_airfield="UUMB", observing="USA",
        submitted_at=start, take_off=start.replace(hour=20), lands=start.replace(day=25),
        height_agl_m=(900.0,), sensors=(SensorUse("AFA-41-10", 1500.0),),
        stops=(Stop("ETSA", start.replace(day=23), start.replace(day=24)),),
    )  # fmt: skip
    found = check_plan(plan, REGIME, borders=flat, arrived_at=start.replace(hour=9), eta=start)
    assert breached(found) >= {"I.1", "AnnE.1", "VI.II.1", "VI.II.2", "VI.II.3", "VI.II.4.D", "VI.II.4.E"}
    assert not found.complies
    assert [f.verdict for f in found.findings] == sorted(
        (f.verdict for f in found.findings), key=lambda v: [BREACHES, DISPUTED, OPEN, COMPLIES].index(v)
    )
    assert json.dumps(found.to_json(), allow_nan=False)


EIGHT = [(2, 2), (6, 6), (6, 2), (2, 6), (2, 4)]


@pytest.mark.parametrize(
    ("points", "reading", "verdict"),
    [
        ([(2, 2), (6, 2), (6, 6)], "strict", COMPLIES),
        (EIGHT, "literal", COMPLIES),
        (EIGHT, "strict", BREACHES),
        ([(2, 4), (4, 4), (7, 5), (6, 6), (4, 4), (3, 6), (3, 5), (4, 4), (3, 2)], "literal", BREACHES),
    ],
)
def test_crossings_are_found_on_the_path(flat, points, reading, verdict):
    """VI.II.4.G.1: a figure of eight meets itself once; three passes over one point are one too many."""
    regime = Regime.on(DAY, readings={"self_crossing": reading})
    found = finding(check_plan(plan_through(*points), regime, borders=flat), "VI.II.4.G.1")
    assert found.verdict is verdict


def measured(points):
    lons, lats = np.array([p[0] for p in points], float), np.array([p[1] for p in points], float)
    return tuple(Waypoint(*p) for p in points), leg_lengths_km(lons, lats)


def test_three_passes_over_one_point_are_counted_as_three():
    middle = (12, 50)
    found = crossings(*measured([(10, 50), middle, (14, 52), (13, 53), middle, (10, 52), (10, 51), middle, (13, 48)]))
    assert max(c.passes for c in found) == 3
    assert crossings(*measured([(10, 50), (14, 50), (14, 52)])) == ()


def test_crossings_across_180_degrees_and_near_the_pole_are_found():
    assert len(crossings(*measured([(178, 66), (-178, 68), (-178, 66), (178, 68)]))) == 1
    assert len(crossings(*measured([(0, 88), (180, 88), (90, 88), (-90, 88)]))) == 1
    assert crossings(*measured([(0, 0), (90, 0), (180, 0), (-90, 0)])) is None


@pytest.mark.parametrize(("radius_km", "circles"), [(4.0, True), (9.9, True), (10.1, False), (40.0, False)])
def test_a_full_turn_within_ten_kilometres_is_circling(radius_km, circles):
    around = ring(10.0, 50.0, radius_km)
    path = [(8.0, 50.0), *around, around[0], (8.0, 51.0)]
    assert (circling(*measured(path)) is not None) is circles


def test_a_loop_that_closes_on_itself_is_told_as_one():
    """VI.II.4.G.2: a triangle of 8 km sides turns 240 degrees before it crosses its own way in."""
    found = circling(*measured([(8, 50), (10.1, 50), (10.05, 50.06), (10.0, 49.98), (10.3, 49.6), (14, 48)]))
    assert found.closed
    assert CLOSED_LOOP_DEG <= found.turning_deg < WHOLE_TURN_DEG


def test_turns_to_and_fro_are_not_circling():
    zigzag = [(10 + 0.05 * n, 50 + 0.05 * (n % 2)) for n in range(20)]
    assert circling(*measured([(8, 50), *zigzag, (14, 50)])) is None


def test_turns_at_take_off_and_landing_do_not_count():
    """VI.II.4.G.3."""
    around = ring(10.0, 50.0, 0.3)
    assert circling(*measured([*around, around[0], (14, 51)])) is None


def test_a_way_back_over_the_same_points_is_not_circling():
    """Turning round is 180 degrees; a loop of a figure of eight far apart is no circle either."""
    assert circling(*measured([(8, 50), (10, 50), (10.05, 50.02), (10, 50), (8, 50.01)])) is None
    assert circling(*measured([(2, 2), (6, 6), (6, 2), (2, 6), (2, 4)])) is None


def test_airfields_left_out_are_found_by_the_ends_of_the_path(real):
    raw = {"type": "Feature", "properties": {"observed": "RUS"}}
    line = {"type": "LineString", "coordinates": [[36.65, 55.61], [40, 56], [107.44, 51.81]]}
    plan = with_airfields(read_plan(json.dumps(raw | {"geometry": line}).encode()), REGIME)
    assert (plan.start_airfield, plan.end_airfield) == ("UUMB", "UIUU")
    swapped = line | {"coordinates": [c[::-1] for c in line["coordinates"][:2]]}
    with pytest.raises(BadInput, match="swapped"):
        check_plan(read_plan(json.dumps(raw | {"geometry": swapped}).encode()), REGIME, borders=real)


def test_a_first_path_near_kazakhstan_breaches(real):
    """About 8 km from the border at its turn near 47.30 E 50.38 N: named, placed and measured."""
    found = check_plan(plan_through((36.6528, 55.6083), (47.30, 50.38), (36.6528, 55.6083), observed="RUS",
                                    start_airfield="UUMB", end_airfield="UUMB"), REGIME, borders=real)  # fmt: skip
    one = finding(found, "VI.II.2")
    assert (one.verdict, one.seen["of"]) == (BREACHES, "Kazakhstan")
    assert 7 < one.seen["km"] < 9
    assert one.where["coordinates"] == pytest.approx([47.30, 50.38], abs=0.05)


def test_an_observed_state_that_no_border_data_hold_is_refused(real):
    with pytest.raises(UnknownParty, match="XXX"):
        check_plan(plan_through((1, 1), (2, 2), observed="XXX"), REGIME, borders=real)


def test_a_day_without_the_party_answers_and_does_not_raise(real):
    plan = plan_through((36.6528, 55.6083), (40, 56), observed="RUS", start_airfield="UUMB", end_airfield="UUMB")
    found = check_plan(plan, Regime.on(date(2022, 1, 1)), borders=real)
    assert breached(found) >= {"I.1", "AnnE.1"}
    assert found.limit_km is None


def test_a_path_that_is_absurd_answers_soon(flat):
    """Thousands of points in one place, or more than once around the globe: an answer, or one sentence."""
    crowd = plan_through(*[(5.0 + 0.0003 * (n % 97), 4.0 + 0.0003 * (n % 89)) for n in range(400)])
    assert finding(check_plan(crowd, REGIME, borders=flat), "VI.II.4.G.1").verdict in (OPEN, BREACHES)
    with pytest.raises(BadInput, match="one place"):
        check_plan(plan_through(*[(5.0, 4.0)] * 1000), REGIME, borders=flat)
    with pytest.raises(BadInput, match="km long"):
        check_plan(plan_through((5, 4), (-170, 4), (5, 4), (-170, 4)), REGIME, borders=flat)


@pytest.mark.parametrize(
    ("view", "more_km", "sensors_over_km", "asked", "whose"),
    [
        ("none", 0, 534.7, ("consent of UKR",), DISPUTED),
        ("UKR", 0, 706.2, ("consent of UKR",), COMPLIES),
        ("RUS", 171.5, 534.7, ("consent of UKR",), COMPLIES),
    ],
)
def test_a_chosen_view_moves_what_counts_over_crimea(real, view, more_km, sensors_over_km, asked, whose):
    """VI.II.4.A, VII.3, D22.2: 171.5 km over Crimea are Russia's, Ukraine's, or with no view chosen nobody's."""
    way = [(36.65, 55.61), (34.3, 45.3), (39.0, 47.0)]
    plan = replace(plan_through(*way), observed="RUS", sensors_on=((0.0, 1500.0),))
    found = check_plan(plan, Regime.on(date(2019, 6, 1), readings={"recognition": view}), borders=real)

    assert found.counted_km - check_plan(plan, Regime.on(date(2019, 6, 1)), borders=real).counted_km == pytest.approx(
        more_km, abs=0.1
    )
    over = finding(found, "VII.3").seen["stretches"]
    assert sum(row["to_km"] - row["from_km"] for row in over) == pytest.approx(sensors_over_km, abs=0.1)
    assert finding(found, "D22.2").missing == asked
    assert finding(found, "II.8").verdict is whose
    assert ("UKR / RUS" in finding(found, "II.8").because) is (whose is DISPUTED)
