"""A proposed change: may it be proposed, is the changed plan legal, what does it cost, what to offer instead."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.app import plans
from overflight.app.plan_negotiate import negotiate
from overflight.errors import BadFile, BadInput, NothingToPlan
from overflight.planning.change import changed_plan, read_change
from overflight.planning.geodesy import densify, path_length_km
from overflight.planning.passage import places_of, with_times
from overflight.planning.planfile import plan_from_feature
from overflight.planning.repair import same_points
from overflight.terms.place import Site
from overflight.terms.plan import Waypoint
from overflight.treaty.regime import Regime
from tests.planning.grounds import plan_through, ring

FIELD = Regime.on(date(2021, 5, 17)).airfield("ETNW")
ETNW = (FIELD.lon_deg, FIELD.lat_deg)
SITES = tuple(
    Site(name, lon, lat, value)
    for name, lon, lat, value in (
        ("Alpha", 9.9, 52.6, 3.0), ("Bravo", 10.6, 52.5, 5.0), ("Charlie", 11.2, 52.2, 4.0), ("Delta", 10.4, 51.9, 2.0),
        ("Echo", 9.7, 52.0, 1.0), ("Foxtrot", 11.6, 52.6, 2.0),
    )
)  # fmt: skip
PLAN = replace(
    plan_through(ETNW, (9.9, 52.6), (10.6, 52.5), (11.2, 52.2), (10.4, 51.9), ETNW),
    observing="RUS",
    submitted_at=datetime(2021, 5, 17, 14, tzinfo=UTC),
    take_off=datetime(2021, 5, 18, 14, tzinfo=UTC),
    lands=datetime(2021, 5, 18, 15, tzinfo=UTC),
    ground_speed_kmh=400.0,
)
ETA = datetime(2021, 5, 17, 8, tzinfo=UTC)
BRAVO = {"type": "Polygon", "coordinates": [[[10.4, 52.4], [10.8, 52.4], [10.8, 52.6], [10.4, 52.6], [10.4, 52.4]]]}


@pytest.fixture(scope="module")
def regime():
    return Regime.on(date(2021, 5, 17))


@pytest.fixture(scope="module")
def over():
    return plans.ground()


def change(**fields):
    return read_change(json.dumps({"ground": "weather", **fields}).encode())


def ask(regime, over, plan=PLAN, **fields):
    return negotiate(plan, change(**fields), regime, over)


def cost(regime, over, **fields):
    return negotiate(PLAN, change(**fields), regime, over, sites=SITES, swath_km=10.0, steps=4)


def verdicts(found):
    return {f["citation"]: f["verdict"] for f in found["ground_findings"]}


# Grounds: VIII.I.4.A to C, VI.II.5, and what no ground may do (VI.II.6)


@pytest.mark.parametrize(
    ("fields", "permitted"),
    [
        ({"ground": "weather"}, True),
        ({"ground": "airfield"}, True),
        ({"ground": "other", "reason": "exercise area"}, False),
        ({"ground": "inconsistent", "inconsistent_with": "VI.II.4.A"}, False),  # the plan's check finds no such thing
        ({"ground": "inconsistent", "inconsistent_with": "VI.I.5"}, False),
        ({"ground": "hazardous_airspace", "hazard": "ED-R 31"}, True),
        ({"ground": "hazardous_airspace"}, False),
    ],
)
def test_the_ground_decides_whether_a_change_may_be_proposed(regime, over, fields, permitted):
    assert ask(regime, over, cut=[5], **fields)["permitted"] is permitted


def test_a_plan_that_crosses_its_path_again_and_again_may_be_said_to_be_inconsistent(regime, over):
    long = replace(PLAN, waypoints=(PLAN.waypoints[0], *PLAN.waypoints[1:5] * 3, PLAN.waypoints[-1]))
    found = ask(regime, over, long, ground="inconsistent", inconsistent_with="VI.II.4.G", cut=list(range(6, 14)))
    assert found["permitted"] is True
    assert found["km_added"] < -500


def test_closing_an_area_to_observation_is_not_permitted_on_any_ground(regime, over):
    assert verdicts(ask(regime, over, closed=[BRAVO]))["VI.II.6.b"] == "breaches"
    assert ask(regime, over, closed=[BRAVO], excludes_observation=False)["permitted"] is True


@pytest.mark.parametrize(
    ("at", "verdict"), [("17:59:59", "complies"), ("18:00:00", "complies"), ("18:00:01", "breaches")]
)
def test_a_change_is_proposed_within_four_hours_of_the_plan(regime, over, at, verdict):
    found = ask(regime, over, cut=[5], proposed_at=f"2021-05-17T{at}Z")
    assert verdicts(found)["VI.II.6"] == verdict


# The changed plan: its findings, kilometres and minutes


def test_a_later_start_moves_the_landing_and_adds_no_kilometre(regime, over):
    found = ask(regime, over, take_off="2021-05-18T17:30:00Z")
    assert (found["km_added"], found["minutes_added"], found["start_later_min"]) == (0.0, 0.0, 210.0)
    assert found["plan"]["properties"]["lands"] == "2021-05-18T18:30:00Z"


@pytest.mark.parametrize(("take_off", "complies"), [("2021-05-18T13:59:59Z", False), ("2021-05-18T14:00:00Z", True)])
def test_the_changed_plan_is_held_against_every_plan_rule(regime, over, take_off, complies):
    assert ask(regime, over, take_off=take_off)["complies"] is complies


def test_a_later_start_uses_up_the_time_from_the_arrival(regime, over):
    """VI.II.3, VI.I.9: 96 hours from the notified time of arrival to the end; a minute more is too long."""
    on_time = negotiate(PLAN, change(take_off="2021-05-19T06:00Z"), regime, over, eta=ETA)["plan"]["properties"]
    lands, take_off = (datetime.fromisoformat(on_time[key]) for key in ("lands", "take_off"))
    latest = ETA + timedelta(hours=96) - (lands - take_off)
    for start, complies in ((latest, True), (latest + timedelta(minutes=1), False)):
        text = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        found = negotiate(PLAN, change(take_off=text), regime, over, eta=ETA, sites=SITES, swath_km=10.0, steps=3)
        assert [f["verdict"] == "complies" for f in found["findings"] if f["citation"] == "VI.II.3"] == [complies]
        assert found["alternatives"][0]["complies"] is complies


def test_offers_along_one_path_say_so_though_their_points_differ_by_centimetres():
    here = [[10.0, 52.0], [11.0, 52.0]]
    assert same_points(here, [[10.0, 52.0], [11.0000001, 52.0]])
    assert not same_points(here, [[10.0, 52.0], [11.01, 52.0]])
    assert not same_points(here, [*here, [11.0, 52.0]])


def test_kilometres_and_minutes_are_those_of_the_two_paths(regime, over):
    found = ask(regime, over, move=[{"point": 3, "to": [10.6, 53.0]}])
    moved = plan_from_feature(found["plan"])
    added = path_length_km(moved.waypoints) - path_length_km(PLAN.waypoints)
    assert moved.waypoints[2] == Waypoint(10.6, 53.0)
    assert found["km_added"] == pytest.approx(added, abs=1e-3)
    assert found["minutes_added"] == pytest.approx(added / 400 * 60, abs=0.06)


def test_a_point_that_is_cut_is_gone_and_the_rest_stay():
    assert changed_plan(PLAN, change(cut=[3])).waypoints == PLAN.waypoints[:2] + PLAN.waypoints[3:]


def test_a_new_height_is_kept_for_each_leg():
    assert changed_plan(PLAN, change(height_agl_m=[1, 2, 3, 4, 5])).height_agl_m == (1.0, 2.0, 3.0, 4.0, 5.0)
    per_leg = replace(PLAN, height_agl_m=(1000.0, 1500.0, 1200.0, 900.0, 800.0))
    assert changed_plan(per_leg, change(cut=[3])).height_agl_m == (1500.0,)


def through(points, polygon, shrink_deg=0.0):
    lons, lats, _, _ = densify(points, 1.0)
    return (
        shapely.Polygon(polygon["coordinates"][0])
        .buffer(-shrink_deg)
        .intersects(shapely.MultiPoint(list(zip(lons, lats, strict=True))))
    )


def test_the_path_goes_around_a_closed_area_by_the_shorter_side():
    assert through(PLAN.waypoints, BRAVO)
    around = changed_plan(PLAN, change(closed=[BRAVO])).waypoints
    assert not through(around, BRAVO)
    assert (around[0], around[-1]) == (PLAN.waypoints[0], PLAN.waypoints[-1])
    assert 0 < len(around) - 5 <= 3
    assert path_length_km(around) < path_length_km(PLAN.waypoints) + 20


def test_a_horseshoe_and_two_areas_that_touch_are_gone_around():
    corners = [[10, 51], [12, 51], [12, 53], [11.8, 53], [11.8, 51.2], [10.2, 51.2], [10.2, 53], [10, 53]]
    shoe = {
        "type": "Polygon",
        "coordinates": [[*corners, corners[0]]],
    }
    out = plan_through((9.0, 52.0), (11.0, 52.5), (13.0, 52.0))
    assert not through(changed_plan(out, change(closed=[shoe])).waypoints, shoe)
    other = {"type": "Polygon", "coordinates": [[[10.8, 52.4], [11, 52.4], [11, 52.7], [10.8, 52.7], [10.8, 52.4]]]}
    both = changed_plan(PLAN, change(closed=[BRAVO, other])).waypoints
    assert not through(both, BRAVO)
    assert not through(both, other)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(9, 13), st.floats(50, 53)), min_size=2, max_size=6, unique=True),
    st.lists(st.tuples(st.floats(9.5, 12.5), st.floats(50.5, 52.5), st.floats(5, 60)), min_size=1, max_size=4),
)
def test_no_way_around_ever_enters_a_closed_area(points, circles):
    areas = [[*ring(lon, lat, km), ring(lon, lat, km)[0]] for lon, lat, km in circles]
    closed = [{"type": "Polygon", "coordinates": [[list(p) for p in area]]} for area in areas]
    plan = plan_through(*points)
    try:
        around = changed_plan(plan, change(closed=closed)).waypoints
    except NothingToPlan:
        ends = shapely.MultiPoint([points[0], points[-1]])
        assert any(shapely.Polygon(area).buffer(0.02).intersects(ends) for area in areas)
        return
    assert (around[0], around[-1]) == (plan.waypoints[0], plan.waypoints[-1])
    assert not any(through(around, area, shrink_deg=0.004) for area in closed)


def test_very_many_legs_through_closed_areas_are_refused():
    zigzag = plan_through(*[(9.0 if n % 2 else 12.0, 50.0 + n / 100) for n in range(250)])
    wall = {"type": "Polygon", "coordinates": [[[10, 49], [11, 49], [11, 54], [10, 54], [10, 49]]]}
    with pytest.raises(BadFile, match="100 legs"):
        changed_plan(zigzag, change(closed=[wall]))


def test_an_area_across_180_degrees_is_gone_around():
    plan = plan_through((177.0, 65.0), (-177.0, 65.0))
    area = {"type": "Polygon", "coordinates": [[[179, 64.8], [-179, 64.8], [-179, 65.4], [179, 65.4], [179, 64.8]]]}
    around = changed_plan(plan, change(closed=[area])).waypoints
    lons, lats, _, _ = densify(around, 1.0)
    inside = ((lons > 179) | (lons < -179)) & (lats > 64.81) & (lats < 65.39)
    assert len(around) > 2
    assert not inside.any()


def test_an_airfield_inside_a_closed_area_leaves_no_path():
    area = {"type": "Polygon", "coordinates": [[[9, 52], [9.6, 52], [9.6, 52.8], [9, 52.8], [9, 52]]]}
    with pytest.raises(NothingToPlan, match="airfield"):
        changed_plan(PLAN, change(closed=[area]))


# Value: only with sites, and only of them


def test_without_sites_nothing_of_sites_is_said(regime, over):
    found = ask(regime, over, closed=[BRAVO])
    text = json.dumps(found)
    assert {"value_lost", "sites_lost", "sites_gained", "repaired", "alternatives", "private"}.isdisjoint(found)
    assert not any(site.name in text for site in SITES)


def test_what_a_change_costs_and_three_plans_to_offer_by_the_eighth_hour(regime, over):
    found = cost(regime, over, closed=[BRAVO])
    assert (found["value_before"], found["value_lost"]) == (14.0, 5.0)
    assert found["sites_lost"] == ["Bravo"]
    assert found["total_value"] == 17.0
    assert found["deadlines"]["agreement_by"]["at"] == "2021-05-17T22:00:00Z"
    assert found["deadlines"]["proposals_by"]["at"] == "2021-05-17T18:00:00Z"
    assert [o["name"] for o in found["alternatives"]] == ["as_submitted", "no_longer", "most_regained"]
    for offer in (found["repaired"], *found["alternatives"]):
        assert offer["complies"]
        assert not through(plan_from_feature(offer["plan"]).waypoints, BRAVO)
        assert "Bravo" not in offer["sites_gained"]
        assert not any(site.name in json.dumps(offer["plan"]) for site in SITES)
    assert found["repaired"]["value_after"] >= found["value_after"]
    assert found["alternatives"][1]["km_added"] <= 0


def test_an_area_that_may_be_seen_from_outside_costs_less(regime, over):
    # Bravo lies 11 km inside the area: a swath of 40 km sees it from outside.
    narrow = negotiate(
        PLAN, change(closed=[BRAVO], excludes_observation=False), regime, over, sites=SITES, swath_km=40.0, steps=2
    )
    assert "Bravo" not in narrow["sites_lost"]
    shut = negotiate(PLAN, change(closed=[BRAVO]), regime, over, sites=SITES, swath_km=40.0, steps=2)
    assert "Bravo" in shut["sites_lost"]


def test_the_repaired_plan_keeps_the_proposal_and_an_alternative_need_not(regime, over):
    found = cost(regime, over, cut=[3])
    assert found["sites_lost"] == ["Bravo"]
    assert "Bravo" in found["repaired"]["sites_lost"]
    assert found["alternatives"][0]["value_lost"] == 0.0
    moved = cost(regime, over, move=[{"point": 3, "to": [10.6, 53.0]}])
    line = plan_from_feature(moved["repaired"]["plan"]).waypoints
    from overflight.planning.geodesy import distance_to_path_km

    assert distance_to_path_km(line, [10.6], [53.0])[0] <= 5.0


def test_the_same_steps_and_seed_give_the_same_answer(regime, over):
    assert cost(regime, over, closed=[BRAVO]) == cost(regime, over, closed=[BRAVO])


def test_a_plan_proposed_instead_is_compared_as_a_whole(regime, over):
    other = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [list(ETNW), [9.9, 52.6], [11.6, 52.6], list(ETNW)]},
        "properties": {"observed": "DEU"},
    }
    found = cost(regime, over, plan=other)
    assert sorted(found["sites_lost"]) == ["Charlie", "Delta"] or "Bravo" in found["sites_lost"]
    assert "Foxtrot" in found["sites_gained"]
    with pytest.raises(BadInput, match="DEU"):
        negotiate(PLAN, change(plan={**other, "properties": {"observed": "FRA"}}), regime, over)


def test_no_legal_repair_is_said_in_a_sentence_and_the_rest_stands(regime, over):
    found = negotiate(PLAN, change(cut=[3]), regime, over, sites=(Site("far", 2.0, 48.0),), swath_km=5.0, steps=2)
    assert found["repaired"] is None
    assert "none of the" in found["repaired_not"]
    assert found["value_lost"] == 0.0


@pytest.mark.parametrize("width", [None, 0.0, float("nan")])
def test_sites_need_a_width(regime, over, width):
    with pytest.raises(BadInput, match="--swath-km"):
        negotiate(PLAN, change(cut=[3]), regime, over, sites=SITES, swath_km=width)


RING = [[10, 52], [11, 52], [11, 53], [10, 52]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("[]", "object"),
        ("{}", "ground is missing"),
        ('{"ground": "tea", "cut": [2]}', "ground must be one of"),
        ('{"ground": 1, "cut": [2]}', "ground must be a text"),
        ('{"ground": "weather"}', "holds no change"),
        ('{"ground": "weather", "cuts": [2]}', "did you mean cut"),
        ('{"ground": "weather", "cut": 2}', "cut must be a list"),
        ('{"ground": "weather", "cut": [true]}', "cut must name points"),
        ('{"ground": "weather", "cut": [1.5]}', "cut must name points"),
        ('{"ground": "weather", "move": [{"point": 2}]}', r"move\[0\]"),
        ('{"ground": "weather", "move": [{"point": 2, "to": [52.6, 190]}]}', r"move\[0\].to"),
        ('{"ground": "weather", "height_agl_m": NaN}', "height_agl_m"),
        ('{"ground": "weather", "height_agl_m": ' + "9" * 400 + "}", "height_agl_m"),
        ('{"ground": "weather", "height_agl_m": []}', "height_agl_m"),
        ('{"ground": "weather", "take_off": "later"}', "take_off"),
        ('{"ground": "weather", "closed": [{"type": "Point"}]}', r"closed\[0\]"),
        ('{"ground": "weather", "closed": [{"type": "Polygon", "coordinates": [[[1,2],[3,4],[1,2]]]}]}', "4 to"),
        ('{"ground": "other", "closed": [{"type": "Polygon", "coordinates": [[[1,2],[3,4],[5,6],[7,8]]]}]}', "end at"),
        ('{"ground": "weather", "plan": {"type": "Point"}}', "plan"),
        ('{"ground": "weather", "makes_room": "yes", "cut": [2]}', "makes_room"),
        ("[" * 100_000, "no JSON"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_change_is_named_and_refused(text, says):
    with pytest.raises(BadFile, match=says):
        read_change(text.encode())


@pytest.mark.parametrize("number", [0, 1, 6, 7, -2])
def test_airfields_stay_and_points_that_are_none_are_named(number):
    with pytest.raises(BadInput, match="between the airfields"):
        changed_plan(PLAN, change(cut=[number]))


def test_areas_that_cross_themselves_or_lie_beyond_the_horizon_are_refused():
    knot = {"type": "Polygon", "coordinates": [[[10, 52], [11, 53], [11, 52], [10, 53], [10, 52]]]}
    with pytest.raises(BadFile, match="crosses itself"):
        changed_plan(PLAN, change(closed=[knot]))
    away = {"type": "Polygon", "coordinates": [[[-170, -52], [-169, -52], [-169, -51], [-170, -52]]]}
    with pytest.raises(BadFile, match="too far"):
        changed_plan(PLAN, change(closed=[away]))


def test_a_submitted_plan_beyond_its_limit_is_offered_shorter_ones(regime, over):
    far = replace(
        PLAN,
        waypoints=(
            PLAN.waypoints[0],
            Waypoint(13.5, 49.2),
            Waypoint(8.0, 48.2),
            Waypoint(13.0, 53.5),
            PLAN.waypoints[-1],
        ),
    )
    found = negotiate(far, change(cut=[3]), regime, over, sites=SITES, swath_km=10.0, steps=2)
    assert found["length_before_km"] > found["limit_km"]
    offers = {o["name"]: o for o in found["alternatives"]}
    assert offers["as_submitted"]["breaches"] == ["VI.II.4.A"]
    assert offers["no_longer"]["complies"]


def test_a_limit_above_the_treatys_is_refused_with_its_paragraph(regime, over):
    with pytest.raises(BadInput, match=r"VI\.II\.4\.A"):
        negotiate(PLAN, change(cut=[3]), regime, over, sites=SITES, swath_km=10.0, max_km=1201.0)


# A stop on the way (VI.II.3) stays, unless the change cuts it; times follow


def stopping(regime):
    uman, odesa, poltava = (30.2, 48.7), regime.airfield("UKOO"), (34.5, 49.6)
    home = regime.airfield("UKBB")
    ends = (home.lon_deg, home.lat_deg)
    path = plan_through(ends, uman, (odesa.lon_deg, odesa.lat_deg), poltava, ends)
    path = replace(path, observed="UKR", start_airfield="UKBB", end_airfield="UKBB", ground_speed_kmh=430.0)
    first = datetime(2021, 5, 17, 7, tzinfo=UTC)
    return with_times(path, ("UKOO",), take_off=first, speed_kmh=430.0, stop_hours=1.0, regime=regime)


def moment(text):
    return datetime.fromisoformat(text)


IN_UKRAINE = (Site("Uman", 30.2, 48.7, 3.0), Site("Poltava", 34.5, 49.6, 5.0), Site("Dnipro", 35.1, 47.9, 5.0))
ON_THE_WAY = {"type": "Polygon", "coordinates": [[[32.2, 47.8], [33, 47.8], [33, 48.4], [32.2, 48.4], [32.2, 47.8]]]}


def test_every_offer_lands_where_the_plan_refuels_and_at_its_own_times(regime, over):
    plan = stopping(regime)
    found = negotiate(plan, change(closed=[ON_THE_WAY]), regime, over, sites=IN_UKRAINE, swath_km=8.0, steps=4)
    offers = [found["repaired"], *found["alternatives"]]
    assert len(offers) == 4
    for offer in offers:
        made = plan_from_feature(offer["plan"], name="offer")
        (place,) = places_of(made, regime)
        assert place.waypoint is not None
        assert offer["stops_cut"] == []
        (stop,) = made.stops
        assert (stop.leave - stop.arrive).total_seconds() == 3600
        at_stop = path_length_km(made.waypoints[: place.waypoint + 1])
        assert (stop.arrive - made.take_off).total_seconds() == pytest.approx(at_stop / 430 * 3600, abs=2)
        hours = path_length_km(made.waypoints) / 430 + 1
        assert (made.lands - made.take_off).total_seconds() == pytest.approx(hours * 3600, abs=2)


def test_a_change_that_cuts_the_stop_says_so(regime, over):
    plan = stopping(regime)
    found = ask(regime, over, plan=plan, cut=[3])
    assert found["stops_cut"] == ["UKOO"]
    assert not found["plan"]["properties"].get("stops")
    hours = found["length_km"] / 430
    lands = moment(found["plan"]["properties"]["lands"])
    assert (lands - plan.take_off).total_seconds() == pytest.approx(hours * 3600, abs=2)


def test_a_later_take_off_moves_the_stop_and_the_landing(regime, over):
    plan = stopping(regime)
    made = ask(regime, over, plan=plan, take_off="2021-05-17T10:00:00Z")["plan"]["properties"]
    assert moment(made["stops"][0]["arrive"]) - plan.stops[0].arrive == timedelta(hours=3)
    assert moment(made["lands"]) - plan.lands == timedelta(hours=3)


def test_a_group_counts_once_in_the_total(regime, over):
    two = (Site("A", 9.9, 52.6, 6.0, group="plants"), Site("B", 10.6, 52.5, 4.0, group="plants"))
    found = negotiate(PLAN, change(cut=[3]), regime, over, sites=two, swath_km=10.0, steps=1)
    assert found["total_value"] == 6.0


def test_no_offer_is_worth_less_than_the_submitted_path_where_that_is_allowed(regime, over, monkeypatch):
    """A search that finds little must not make the offer worse than what its rule allows anyway."""
    from overflight.planning.repair import Repairs

    short = (*PLAN.waypoints[:2], PLAN.waypoints[-1])

    def poor(self, start, **_):
        return self.finished(start, short, None)

    monkeypatch.setattr(Repairs, "best_from", poor)
    found = negotiate(PLAN, change(take_off="2021-05-19T10:00:00Z"), regime, over, sites=SITES, swath_km=10.0, steps=2)
    offers = {o["name"]: o for o in (found["repaired"], *found["alternatives"])}
    assert offers["as_submitted"]["complies"]
    assert offers["as_submitted"]["value_lost"] == 0.0
    assert {name: o["value_lost"] for name, o in offers.items()} == dict.fromkeys(offers, 0.0)
    assert not any("less_because" in o for o in offers.values())
    around = [(10.15, 52.5), (10.35, 52.5), (10.35, 52.65), (10.15, 52.65), (10.15, 52.5)]
    between = {"type": "Polygon", "coordinates": [around]}  # on the way from Alpha to Bravo, without sites
    shut = negotiate(PLAN, change(closed=[between]), regime, over, sites=SITES, swath_km=10.0, steps=2)
    no_longer, regained = shut["alternatives"][1:]
    assert "longer" in no_longer["less_because"]
    assert no_longer["km_added"] <= 0
    assert regained["value_lost"] == 0.0
    lost = negotiate(PLAN, change(closed=[BRAVO]), regime, over, sites=SITES, swath_km=10.0, steps=2)
    assert "from being observed" in lost["alternatives"][2]["less_because"]
