"""Region files: what is read, and each way in which a file cannot be meant, by feature and place."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import shapely

import overflight
from overflight.app.plan_regions import about, packaged, regions_from
from overflight.errors import BadFile
from overflight.planning.region_lengths import stretches_inside
from overflight.planning.regions import ClosedArea, read_regions
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning.independent_conditions import inside_km

SCHEMAS = Path(overflight.__file__).parent / "terms" / "schemas"
SQUARE = [[10, 50], [11, 50], [11, 51], [10, 51], [10, 50]]
DAY = datetime(2021, 5, 17, tzinfo=UTC).date()


def feature(ring=SQUARE, geometry="Polygon", **properties):
    coordinates = [ring] if geometry == "Polygon" else ring
    return {"type": "Feature", "geometry": {"type": geometry, "coordinates": coordinates}, "properties": properties}


def written(tmp_path, *features):
    file = tmp_path / "regions.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return file


def test_sub_limits_and_closed_areas_are_read_with_name_hours_and_source(tmp_path):
    found = read_regions(
        written(
            tmp_path,
            feature(kind="sub_limit", name="North", max_km=500, source="a notice", citation="AnnE.5.B.3"),
            feature(kind="closed", **{"from": "2021-05-17T08:00Z", "to": "2021-05-17T10:00+01:00"}),
            feature(kind="closed", name="always"),
        )
    )
    (limit,) = found.sub_limits
    assert (limit.name, limit.most_km, limit.source, limit.citation) == ("North", 500.0, "a notice", "AnnE.5.B.3")
    first, second = found.closed
    assert (first.name, first.since, first.until) == (
        "region 2",
        datetime(2021, 5, 17, 8, tzinfo=UTC),
        datetime(2021, 5, 17, 9, tzinfo=UTC),
    )
    assert (second.since, second.until) == (None, None)
    assert limit.shape.bounds == (10, 50, 11, 51)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"kind": "no-go"}, "kind", "feature 1: kind is 'no-go'"),
        ({"kind": "closed", "from": "2021-05-17T08:00Z", "until": "2021-05-17T09:00Z"}, "until", "as from and to"),
        ({"kind": "closed", "start": "2021-05-17T08:00Z"}, "start", "as from and to"),
        ({"kind": "sub_limit"}, "max_km", "max_km is 'None'"),
        ({"kind": "sub_limit", "max_km": -1}, "max_km", "0 or more"),
        ({"kind": "sub_limit", "max_km": 10**400}, "max_km", "0 or more"),
        ({"kind": "sub_limit", "max_km": True}, "max_km", "0 or more"),
        ({"kind": "closed", "from": "2021-05-17T08:00"}, "from", "no UTC time"),
        ({"kind": "closed", "from": "2021-05-17T08:00Z", "to": "2021-05-17T07:00Z"}, "to", "ends before it starts"),
        ({"kind": "closed", "to": 7}, "to", "UTC time"),
        ({"kind": "closed", "name": ["x"]}, "name", "short text"),
        (
            {"ring": [[10, 50], [11, 51], [11, 50], [10, 51], [10, 50]]},
            "coordinates",
            "crosses itself at 50.50000 N, 10.50000 E",
        ),
        ({"ring": [[50, 100], [51, 100], [51, 101], [50, 100]]}, "coordinates", "look swapped"),
        ({"ring": SQUARE[:-1]}, "coordinates", "not closed"),
        ({"ring": [[10, 50], [11, 50], [10, 50]]}, "coordinates", "four points"),
        ({"ring": [[10, 50], [10, 50], [10, 50], [10, 50]]}, "coordinates", ""),
        ({"ring": [[10, float("nan")], [11, 50], [11, 51], [10, 50]]}, "coordinates", ""),
        ({"geometry": "LineString"}, "geometry", "Polygon"),
        ({"ring": [[0, 80], [120, 80], [-120, 80], [0, 80]]}, "coordinates", "pole"),
    ],
)
def test_a_region_that_cannot_be_meant_is_refused_with_feature_and_field(tmp_path, change, field, words):
    given = {"kind": "closed"} | change
    with pytest.raises(BadFile) as why:
        read_regions(written(tmp_path, feature(**given)))
    assert why.value.field == field
    assert why.value.facts["feature"] == 1
    assert words in why.value.message
    if "crosses" in words:
        assert why.value.facts["place"] == [10.5, 50.5]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"type": "FeatureCollection"}',
        '{"type":"FeatureCollection","features":[]}',
        "[" * 5000,
        '{"type":"FeatureCollection","features":[7]}',
    ],
)
def test_what_is_no_collection_of_regions_is_refused(tmp_path, text):
    file = tmp_path / "r.json"
    file.write_text(text)
    with pytest.raises(BadFile):
        read_regions(file)


def test_a_coordinate_that_is_no_number_is_told_so(tmp_path):
    ring = [[float("nan"), 48], [32, 48], [32, 49], [float("nan"), 48]]
    with pytest.raises(BadFile, match="point 1 of a ring: a coordinate is not a number"):
        read_regions(written(tmp_path, feature(ring, kind="closed", name="x")))


def test_two_regions_of_one_name_are_refused(tmp_path):
    with pytest.raises(BadFile, match="stands twice"):
        read_regions(written(tmp_path, feature(kind="closed", name="A"), feature(kind="closed", name="A")))


def test_a_region_over_180_degrees_is_cut_there_however_it_is_written(tmp_path):
    short_way = [[179, 65], [-179, 65], [-179, 66], [179, 66], [179, 65]]
    running_on = [[179, 65], [181, 65], [181, 66], [179, 66], [179, 65]]
    one, two = (
        read_regions(written(tmp_path, feature(ring, kind="closed"))).closed[0].shape
        for ring in (short_way, running_on)
    )
    assert one.equals(two)
    assert (one.bounds[0], one.bounds[2]) == (-180, 180)
    assert one.area == pytest.approx(2.0)
    path = [(178.0, 65.5), (-178.0, 65.5)]
    # without the cut, on longitudes that run on
    assert sum(b - a for a, b in stretches_inside(path, one)) == pytest.approx(
        inside_km([(178.0, 65.5), (182.0, 65.5)], shapely.box(179, 65, 181, 66)), abs=1.0
    )


@pytest.mark.parametrize(
    "path",
    [
        [(9.0, 50.5), (12.0, 50.6)],
        [(10.5, 50.5), (10.6, 50.6), (12.0, 49.0), (10.2, 50.9)],
        [(9.0, 49.0), (9.5, 52.0)],
    ],
)
def test_length_inside_a_region_agrees_with_a_second_opinion(path):
    box = shapely.box(10, 50, 11, 51)
    found = stretches_inside(path, box)
    assert sum(until - since for since, until in found) == pytest.approx(inside_km(path, box), abs=1.0)
    for since, until in found:
        assert since < until


def test_a_closure_is_met_from_its_start_to_just_before_its_end():
    hours = ClosedArea("R", None, datetime(2021, 5, 17, 8, tzinfo=UTC), datetime(2021, 5, 17, 10, tzinfo=UTC))

    def met(begins, ends):
        return hours.may_be_met(datetime(2021, 5, 17, *begins, tzinfo=UTC), datetime(2021, 5, 17, *ends, tzinfo=UTC))

    assert not met((6, 0), (7, 59))
    assert met((6, 0), (8, 0))
    assert met((9, 59), (12, 0))
    assert not met((10, 0), (12, 0))
    assert hours.may_be_met(None, None)


def test_the_packaged_region_agrees_with_the_dated_value_and_names_its_reading():
    regime, borders = Regime.on(datetime(2019, 6, 1, tzinfo=UTC).date()), Borders.load()
    (limit,) = regions_from(["kaliningrad-500km"], observed="RUS", regime=regime, borders=borders).sub_limits
    assert limit.most_km == regime.value("territory_sublimit", of="RUS:Kaliningrad").value
    assert limit.readings == {"territory_sublimit": "notice"}
    assert limit.citation == "AnnE.5.B.3"
    assert shapely.contains_xy(limit.shape, 21.0, 54.7)  # land
    assert shapely.contains_xy(limit.shape, 19.9, 55.1)  # its waters
    assert not shapely.contains_xy(limit.shape, 21.1, 55.75)  # Lithuania
    told = about("kaliningrad-500km")
    assert "Russia" in told["point_of_view"]
    assert "Natural Earth" in told["borders"]
    assert list(packaged()) == ["kaliningrad-500km"]


def test_swapped_regions_and_unknown_names_are_told(tmp_path):
    regime, borders = Regime.on(DAY), Borders.load()
    swapped = written(tmp_path, feature([[lat, lon] for lon, lat in SQUARE], kind="closed", name="A"))
    with pytest.raises(BadFile, match="look swapped"):
        regions_from([str(swapped)], observed="DEU", regime=regime, borders=borders)
    with pytest.raises(BadFile, match="kaliningrad-500km"):
        regions_from(["nowhere"], observed="DEU", regime=regime, borders=borders)
    plain = str(written(tmp_path, feature(kind="closed", name="A")))
    with pytest.raises(BadFile, match="two files"):
        regions_from([plain, plain], observed="DEU", regime=regime, borders=borders)


def test_the_schema_takes_the_packaged_regions_and_the_example_of_the_docs(tmp_path):
    schema = json.loads((SCHEMAS / "regions.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for file in packaged().values():
        jsonschema.validate(json.loads(file.read_text("utf-8")), schema)
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "plan-a-flight.md").read_text("utf-8")
    example = page.split('```json\n{"type": "FeatureCollection"')[1].split("```")[0]
    file = tmp_path / "example.geojson"
    file.write_text('{"type": "FeatureCollection"' + example)
    jsonschema.validate(json.loads(file.read_text()), schema)
    found = read_regions(file)
    assert (len(found.sub_limits), len(found.closed)) == (1, 1)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"type": "FeatureCollection", "features": [feature(kind="sub_limit")]}, schema)
