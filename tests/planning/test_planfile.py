"""Plan files: what is written is read back, and what cannot be a plan is refused with the field's name."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile
from overflight.planning.planfile import plan_feature, read_plan, write_plan
from overflight.terms.plan import MissionPlan, SensorUse, Stop, Waypoint

MINIMAL = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": [[36.65, 55.6], [40.0, 56.0], [36.65, 55.6]]},
    "properties": {"observed": "RUS"},
}


def altered(**changes):
    """The minimal file with some properties."""
    return MINIMAL | {"properties": MINIMAL["properties"] | changes}


def as_bytes(data):
    return json.dumps(data).encode()


moments = st.datetimes(datetime(2002, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda t: t.replace(microsecond=0)
)
codes = st.sampled_from(["RUS", "DEU", "CAN"])
metres = st.floats(1, 20000, allow_nan=False)


@st.composite
def plans(draw):
    points = draw(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=8))
    named = draw(st.booleans())
    heights = draw(st.sampled_from([0, 1, len(points) - 1]))
    arrive, leave = sorted(draw(st.tuples(moments, moments)))
    return MissionPlan(
        observed=draw(codes),
        waypoints=tuple(Waypoint(lon, lat, f"P{n:02d}" if named else "") for n, (lon, lat) in enumerate(points)),
        start_airfield=draw(st.sampled_from(["", "UUMB"])),
        end_airfield=draw(st.sampled_from(["", "UIUU"])),
        observing=draw(st.none() | codes),
        flight=draw(st.sampled_from([None, "OS1017"])),
        point_of_exit=draw(st.sampled_from([None, "UUMB"])),
        submitted_at=draw(st.none() | moments),
        take_off=draw(st.none() | moments),
        lands=draw(st.none() | moments),
        height_agl_m=tuple(draw(st.lists(metres, min_size=heights, max_size=heights))),
        ground_speed_kmh=draw(st.none() | st.floats(1, 900)),
        aircraft=draw(st.sampled_from([None, "ROU-An30"])),
        sensors=tuple(draw(st.lists(st.builds(SensorUse, st.just("AFA-41-10"), st.none() | metres), max_size=2))),
        sensors_on=draw(st.sampled_from([None, (), ((0.0, 10.5), (20.0, 30.0))])),
        stops=draw(st.sampled_from([(), (Stop("UIUU", arrive, leave),)])),
        swath_km=draw(st.none() | st.floats(0.1, 100)),
        support=draw(st.sampled_from(["", "fuel"])),
    )


@settings(max_examples=50, deadline=None)
@given(plans())
def test_what_is_written_is_read_back(plan):
    assert read_plan(as_bytes(plan_feature(plan))) == plan


def test_a_minimal_file_is_a_plan(tmp_path):
    plan = read_plan(as_bytes(MINIMAL))
    assert (plan.observed, len(plan.waypoints), plan.start_airfield) == ("RUS", 3, "")
    write_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_a_file_holds_one_line_and_nothing_private(tmp_path):
    """Sites, values, bound, gap and seed never enter a plan file; what is not a plan's is dropped."""
    private = altered(sites=["SECRET-4711"], value=123456789, seed=7, track={"type": "LineString", "coordinates": []})
    text = json.dumps(plan_feature(read_plan(as_bytes(private))))
    assert text.count("LineString") == 1
    assert not any(word in text for word in ("SECRET", "123456789", "seed", "sites", "bound", "gap"))


def test_a_line_across_180_degrees_is_not_split():
    plan = read_plan(as_bytes(MINIMAL | {"geometry": {"type": "LineString", "coordinates": [[179, 66], [-179, 66]]}}))
    assert plan_feature(plan)["geometry"]["coordinates"] == [[179.0, 66.0], [-179.0, 66.0]]


def line(*points):
    return MINIMAL | {"geometry": {"type": "LineString", "coordinates": list(points)}}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "file"),
        (b"\xff\xfe\x00", "file"),
        (b"[" * 200_000, "file"),
        (b'{"type":"Feature","geometry":{"type":"LineString","coordinates":[[NaN,1],[2,3]]}}', "file"),
        (
            b'{"type":"Feature","geometry":{"type":"LineString","coordinates":[[1e999,1],[2,3]]},'
            b'"properties":{"observed":"RUS"}}',
            "geometry.coordinates[0]",
        ),
        (b" " * 5_000_001, "file"),
        ([], "type"),
        ({"type": "FeatureCollection", "features": [MINIMAL]}, "type"),
        (MINIMAL | {"geometry": {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]}}, "geometry"),
        (MINIMAL | {"geometry": None}, "geometry"),
        (MINIMAL | {"properties": None}, "properties"),
        (MINIMAL | {"properties": {}}, "properties.observed"),
        (line([1, 2]), "geometry.coordinates"),
        (line(*[[1, 2]] * 10_001), "geometry.coordinates"),
        (line([1, 2], [3, 91.5]), "geometry.coordinates[1]"),
        (line([55.6, 136.6], [3, 4]), "geometry.coordinates[0]"),
        (line([181, 2], [3, 4]), "geometry.coordinates[0]"),
        (line(["1", 2], [3, 4]), "geometry.coordinates[0]"),
        (line([True, 2], [3, 4]), "geometry.coordinates[0]"),
        (line([1], [3, 4]), "geometry.coordinates[0]"),
        (line([10**400, 2], [3, 4]), "geometry.coordinates[0]"),
        (altered(observed=3), "properties.observed"),
        (altered(take_off="yesterday"), "properties.take_off"),
        (altered(take_off="2021-05-17T08:00"), "properties.take_off"),
        (altered(height_agl_m=-5), "properties.height_agl_m"),
        (altered(height_agl_m=[1000, 1000, 1000]), "properties.height_agl_m"),
        (altered(ground_speed_kmh="fast"), "properties.ground_speed_kmh"),
        (altered(sensors={"sensor": "x"}), "properties.sensors"),
        (altered(sensors=[{}]), "properties.sensors[0].sensor"),
        (altered(sensors=[{"sensor": "x", "certified_h_min_m": "low"}]), "properties.sensors[0].certified_h_min_m"),
        (altered(sensors_on=[[5, 1]]), "properties.sensors_on"),
        (altered(sensors_on=[[0, 5], [4, 9]]), "properties.sensors_on"),
        (altered(points=["A"]), "properties.points"),
        (altered(stops=[{"airfield": "UIUU", "arrive": "2021-05-17T08:00Z"}]), "properties.stops[0].leave"),
        (altered(takeoff="2021-05-17T08:00Z"), "properties.takeoff"),
    ],
)
def test_what_is_no_plan_is_refused_by_field(data, field):
    with pytest.raises(BadFile) as caught:
        read_plan(data if isinstance(data, bytes) else as_bytes(data))
    assert caught.value.field == field
    assert field.split(".")[-1] in caught.value.message


def test_swapped_coordinates_are_named_as_such():
    with pytest.raises(BadFile, match="swapped"):
        read_plan(as_bytes(line([55.6, 136.6], [55.7, 137.0])))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BadFile, match="cannot be read"):
        read_plan(tmp_path / "none.json")
    with pytest.raises(BadFile, match="cannot be read"):
        read_plan(tmp_path)


def test_nothing_half_written_is_left(tmp_path):
    with pytest.raises(BadFile, match="cannot be written"):
        write_plan(read_plan(as_bytes(MINIMAL)), tmp_path / "no" / "plan.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"a": ' + b"9" * 5000 + b"}", "it holds a number of thousands of digits"),
        (b'{"a": "\xff"}', "not UTF-8 from byte 7 on; save the file as UTF-8"),
        (b'{"a":\n  ]', "broken at line 2, column 3"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": NaN}', "NaN is no number"),
    ],
)
def test_what_is_no_json_is_told_in_words_of_ours(raw, says):
    with pytest.raises(BadFile) as why:
        read_plan(raw)
    assert why.value.message == f"plan: file is no JSON ({says})"
