"""Messages: checked when built and when read."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput
from overflight.flight.kinds import KINDS
from overflight.flight.messages import build_body, plan_body, plan_digest, plan_from_body, read_body
from overflight.terms.plan import MissionPlan, SensorUse, Stop, Waypoint

WHEN = datetime(2021, 5, 17, 14, tzinfo=UTC)
PLAN = MissionPlan(
    observed="RUS",
    observing="DEU",
    flight="OS1017",
    waypoints=(Waypoint(36.65, 55.61, "SECRET SITE"), Waypoint(47.3, 50.5, "X"), Waypoint(36.65, 55.61)),
    start_airfield="UUMB",
    end_airfield="UUMB",
    take_off=WHEN + timedelta(hours=24),
    height_agl_m=(2500.0,),
    ground_speed_kmh=430.0,
    aircraft="ROU-AN30",
    sensors=(SensorUse("AFA-41-10", 1500.0),),
    sensors_on=((10.0, 250.5),),
    stops=(Stop("UUMB", WHEN, WHEN + timedelta(hours=1)),),
    swath_km=4.5,
    support="fuel",
)


def test_a_plan_survives_the_journey_without_its_private_parts():
    body = plan_body(PLAN)
    back = plan_from_body(body)

    assert plan_body(back) == body
    assert "SECRET" not in str(body)
    assert "swath" not in str(body)
    assert [w.name for w in back.waypoints] == ["P01", "P02", "P03"]
    assert (back.sensors, back.stops, back.take_off, back.support) == (PLAN.sensors, PLAN.stops, PLAN.take_off, "fuel")


def whole_numbers_only(value):
    if isinstance(value, dict):
        return all(whole_numbers_only(v) for v in value.values())
    if isinstance(value, list):
        return all(whole_numbers_only(v) for v in value)
    return isinstance(value, (int, str)) and not isinstance(value, float)


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=30),
    st.floats(0, 20_000),
    st.floats(0, 1500),
)
@settings(max_examples=40, deadline=None)
def test_any_plan_is_carried_in_whole_numbers_to_about_a_centimetre(points, height, speed):
    plan = MissionPlan(
        observed="RUS",
        waypoints=tuple(Waypoint(*p) for p in points),
        start_airfield="UUMB",
        end_airfield="UUMB",
        height_agl_m=(height,),
        ground_speed_kmh=speed,
    )
    body = plan_body(plan)
    back = plan_from_body(body)

    assert whole_numbers_only(body)
    assert all(abs(a.lat_deg - b.lat_deg) <= 5.1e-8 for a, b in zip(plan.waypoints, back.waypoints, strict=True))
    assert abs(back.height_agl_m[0] - height) <= 0.00051
    assert plan_digest(plan_body(back)) == plan_digest(body)


def test_a_field_that_is_wrong_is_named_with_its_paragraph():
    with pytest.raises(BadInput, match=r"flight\.notification: eta \(VI\.I\.5\.B\)") as caught:
        build_body("flight.notification", {"flight": "OS1017", "observing": "DEU", "observed": "RUS", "eta": "soon"})
    assert (caught.value.field, caught.value.citation) == ("eta", "VI.I.5.B")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("flight", "OS1"),
        ("observing", "Germany"),
        ("point_of_entry", "Kubinka"),
        ("distance_m", 2.5),
        ("distance_m", True),
        ("distance_m", -1),
        ("people_sha256", "abc"),
        ("eta", "2021-05-17T08:00:00"),  # no zone
        ("eta", "2021-05-17T08:00:00+02:00"),
        ("lodging", 7),
        ("lodging", "x" * 20_001),
        ("transited", "POL"),
        ("transited", ["POL"] * 2001),
        ("notice", "VI.I.9"),
        ("agrees", ["nonsense!"]),
    ],
)
def test_what_arrives_is_read_strictly(field, value):
    body = {"flight": "OS1017", "observing": "DEU", "observed": "RUS", "eta": "2021-05-17T08:00:00Z", field: value}

    with pytest.raises(BadInput, match=field):
        read_body("flight.notification", body)


def test_a_missing_field_is_named():
    with pytest.raises(BadInput, match=r"observed.*is missing"):
        read_body("flight.notification", {"flight": "OS1017", "observing": "DEU"})


def test_unknown_fields_are_kept_when_read_and_refused_when_built():
    body = {"flight": "OS1017", "reason": "fog", "later_version_of_this_format": {"a": 1}}

    assert read_body("flight.cancel", body) == body
    with pytest.raises(BadInput, match="later_version"):
        build_body("flight.cancel", body)


def test_a_form_may_give_text_for_times_numbers_lists_and_yes_or_no():
    body = build_body(
        "flight.notification",
        {
            "flight": "os1017",
            "observing": "deu",
            "observed": "RUS",
            "eta": "2021-05-17T10:00+02:00",
            "distance_m": "2200000",
            "transited": "POL, BLR",
        },
    )
    ack = build_body("flight.ack", {"flight": "OS1017", "supplies_aircraft": "no"})

    assert (body["eta"], body["distance_m"], body["transited"]) == ("2021-05-17T08:00:00Z", 2_200_000, ["POL", "BLR"])
    assert ack["supplies_aircraft"] is False
    assert read_body("flight.notification", body) == body


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"waypoints": []}, "waypoints"),
        ({"waypoints": [{"lon_e7": 1, "lat_e7": 2}]}, "waypoints"),
        ({"waypoints": [{"lon_e7": 1, "lat_e7": 900_000_001}] * 2}, "lat_e7"),
        ({"waypoints": [{"lon_e7": 1.5, "lat_e7": 2}] * 2}, "lon_e7"),
        ({"waypoints": [{"lon_e7": 0, "lat_e7": 0}] * 1001}, "waypoints"),
        ({"height_agl_mm": [1, 2, 3, 4]}, "height_agl_mm"),
        ({"sensors": [{"sensor": 1}]}, "sensor"),
        ({"start_airfield": ""}, "start_airfield"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, named):
    with pytest.raises(BadInput, match=named):
        read_body("plan.submit", {"flight": "OS1017", "plan": {**plan_body(PLAN), **change}})


LEAF = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=8)
JSONISH = (
    LEAF
    | st.lists(LEAF, max_size=3)
    | st.lists(st.dictionaries(st.sampled_from(["lon_e7", "number"]), LEAF), max_size=2)
)


@given(st.sampled_from(sorted(KINDS)), st.lists(JSONISH, max_size=8), st.integers(0, 40))
@settings(max_examples=50, deadline=None)
def test_nothing_that_arrives_raises_anything_but_bad_input(kind, values, skip):
    names = [f.name for f in KINDS[kind].fields]
    body = {names[(skip + n) % len(names)]: value for n, value in enumerate(values)}
    with suppress(BadInput):
        read_body(kind, body)


def test_every_kind_that_the_design_names_is_there():
    flight = "notification ack arrival covers inspection plan takeoff deviation completed prohibition decline cancel"
    data = "sealed opened developed catalogued duplicate request refusal delivery custody"
    others = "report.mission report.sign flight.departure receipt letter exercise.open exercise.close"
    named = {
        *(f"flight.{name}" for name in flight.split()),
        *(f"plan.{name}" for name in ("submit", "change", "accept", "alternative", "sign")),
        *(f"data.{name}" for name in data.split()),
        *others.split(),
        "member.announcement",
        "member.notice",
    }

    assert set(KINDS) >= named


def test_the_reference_page_names_every_kind_and_field():
    page = (Path(__file__).parents[2] / "docs/reference/flight-messages.md").read_text()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}

    assert set(rows) == set(KINDS)
    for kind in KINDS.values():
        for field in kind.fields:
            assert f"`{field.name}`" in rows[kind.name] or field.name == "agrees"


@pytest.mark.parametrize("year", ["0001", "1899", "9901", "9999"])
def test_a_time_that_leaves_a_clock_no_room_is_refused(year):
    """A message from outside cannot bring the clocks beyond the calendar."""
    with pytest.raises(BadInput, match="outside the years"):
        read_body("flight.arrival", {"flight": "OS1017", "place": "UUMB", "arrived_at": f"{year}-01-01T00:00:00Z"})
