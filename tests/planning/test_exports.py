"""Plans as files for others: what leaves is read back, and nothing leaves that VI.II and Annex B do not ask."""

import json
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile, BadInput
from overflight.planning.display import display_lines
from overflight.planning.exports import KINDS, export, for_others, read_export
from overflight.planning.geodesy import distance_to_path_km, path_length_km
from overflight.planning.planfile import plan_from_feature
from overflight.terms.plan import MissionPlan, SensorUse, Stop, Waypoint
from tests.planning.grounds import plan_through

SECRET = "Depot 17"
WHOLE = MissionPlan(
    observed="RUS",
    waypoints=(
        Waypoint(36.6528, 55.6083),
        Waypoint(40.2000001, 56.1),
        Waypoint(47.3, 51.9),
        Waypoint(36.6528, 55.6083),
    ),
    start_airfield="UUMB",
    end_airfield="UUMB",
    observing="DEU",
    flight="OS1017",
    point_of_exit="UUMB",
    submitted_at=datetime(2021, 5, 17, 14, tzinfo=UTC),
    take_off=datetime(2021, 5, 19, 6, tzinfo=UTC),
    lands=datetime(2021, 5, 19, 10, 10, tzinfo=UTC),
    height_agl_m=(2500.0, 2400.5, 2500.0),
    ground_speed_kmh=430.0,
    aircraft="An-30",
    sensors=(SensorUse("AFA-41-10", 1500.0),),
    sensors_on=((10.0, 800.25),),
    stops=(Stop("UWPS", datetime(2021, 5, 19, 7, tzinfo=UTC), datetime(2021, 5, 19, 8, tzinfo=UTC)),),
    support="fuel & <oil>",
)


def nameless(plan):
    return replace(plan, waypoints=tuple(replace(w, name="") for w in plan.waypoints), swath_km=None)


def places(plan):
    return [(w.lon_deg, w.lat_deg) for w in plan.waypoints]


@pytest.mark.parametrize("kind", ["geojson", "kml", "gpx"])
def test_a_whole_plan_comes_back_as_it_left(kind):
    assert nameless(read_export(export(WHOLE, kind))) == WHOLE


def with_line(kind, change):
    """An export of the whole plan whose drawn line was changed: a function of the list of its vertices."""
    text = export(WHOLE, kind).decode()
    line = [list(at) for part in display_lines(WHOLE.waypoints) for at in part]
    changed = change([list(at) for at in line])
    if kind == "geojson":
        whole = json.loads(text)
        whole["features"][0]["geometry"]["coordinates"] = [changed]
        return json.dumps(whole).encode()
    words = " ".join(",".join(v if isinstance(v, str) else f"{v:.9f}" for v in at) for at in line)
    assert text.count(words) == 1
    return text.replace(words, " ".join(",".join(map(str, at)) for at in changed)).encode()


def moved(line):
    line[7][1] += 1.0
    return line


@pytest.mark.parametrize("kind", ["geojson", "kml"])
def test_a_line_that_was_moved_away_from_its_declared_points_is_refused_with_the_vertex(kind):
    with pytest.raises(BadFile, match=r"differ at vertex 8 of the line by \d+\.\d km"):
        read_export(with_line(kind, moved))


@pytest.mark.parametrize("kind", ["geojson", "kml"])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda line: line[: len(line) // 2], "does not come to declared point"),
        (lambda line: [*line, *line[::-1]], "km long, the path over the declared points"),
        (lambda line: [*line[:3], [40.0, 962.2], *line[3:]], "vertex 4 of the line is no place"),
        (lambda line: [*line[:3], ["x", 55.0], *line[3:]], "no place|no coordinate"),
    ],
)
def test_a_line_cut_doubled_or_malformed_is_refused(kind, change, says):
    with pytest.raises(BadFile, match=says):
        read_export(with_line(kind, change))


@pytest.mark.parametrize("kind", ["geojson", "kml"])
@pytest.mark.parametrize(
    "change",
    [
        lambda line: [[round(lon, 4), round(lat, 4)] for lon, lat in line],  # as another program saves it
        lambda line: [[lon, lat, 0.0] for lon, lat in line],
        lambda line: [],
    ],
)
def test_a_line_rounded_or_taken_out_leaves_the_declared_points(kind, change):
    assert nameless(read_export(with_line(kind, change))) == WHOLE


def test_a_declared_point_that_was_moved_away_from_its_line_is_refused():
    text = export(WHOLE, "kml").decode()
    folder = text.index("<Folder")
    at = text[folder:].replace("40.200000100,56.1", "40.200000100,57.1")
    with pytest.raises(BadFile, match="line"):
        read_export((text[:folder] + at).encode())


lons = st.floats(-180, 180).map(lambda v: round(v, 7))
lats = st.floats(-89, 89).map(lambda v: round(v, 7))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(lons, lats), min_size=2, max_size=12), st.sampled_from([kind for kind in KINDS if kind != "pdf"])
)
def test_places_come_back_to_1e7_degrees_or_the_formats_minute(points, kind):
    plan = plan_through(*points)
    back = read_export(export(plan, kind))
    within = 0.5 / 60 + 1e-9 if kind == "fpl" else 1e-7
    assert len(back.waypoints) == len(points)
    for (lon, lat), (lon2, lat2) in zip(points, places(back), strict=True):
        assert abs(lat - lat2) <= within
        assert min(abs(lon - lon2), 360 - abs(lon - lon2)) <= within


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(lons, st.floats(-85, 85)), min_size=2, max_size=4, unique=True))
def test_drawn_lines_stay_on_the_path_and_never_jump_across_the_map(points):
    lines = display_lines(points)
    for line in lines:
        for (a, _), (b, _) in pairwise(line):
            assert abs(a - b) <= 180.0
    inner = [p for line in lines for p in line[1:-1:20]]
    if inner and path_length_km(points) > 1:
        far = distance_to_path_km(points, [p[0] for p in inner], [p[1] for p in inner])
        assert far.max() < 0.01


def test_a_path_over_180_is_parted_on_the_meridian_itself():
    lines = display_lines([(179.0, 65.0), (-179.0, 65.0)])
    assert len(lines) == 2
    assert lines[0][-1][0] == 180.0
    assert lines[1][0][0] == -180.0
    assert lines[0][-1][1] == lines[1][0][1]
    # The geodesic bulges north of the parallel: a straight line on the map would not.
    assert lines[0][-1][1] > 65.003


@pytest.mark.parametrize("kind", KINDS)
def test_no_export_holds_sites_values_or_the_planners_own_names(kind):
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[9.5, 52.5], [10.2, 52.3], [9.5, 52.5]]},
        "properties": {
            "observed": "DEU", "points": ["A", SECRET, "B"], "swath_km": 4.5678, "sites": [SECRET], "value": 987654,
            "bound": 987654, "seed": 987654,
        },
    }  # fmt: skip
    data = export(plan_from_feature(feature), kind)
    if kind == "pdf":
        data = b"".join(zlib.decompress(s) for s in re.findall(rb"stream\n(.*?)\nendstream", data, re.S))
    for word in (SECRET, "987654", "4.5678"):
        assert word.encode() not in data


def test_flight_plan_text_has_route_items_and_leaves_open_what_no_plan_holds():
    text = export(WHOLE, "fpl").decode()
    message = text[text.index("(FPL") :]
    assert message.splitlines()[:3] == ["(FPL--", "-ZZZZ-", "-UUMB0600"]
    assert "-K0430 DCT 5536N03639E DCT 5606N04012E DCT 5154N04718E" in message
    assert "-UUMB0410" in message
    assert "DOF/210519 TYP/AN 30 RMK/OPEN SKIES OS1017 OBSERVING DEU OBSERVED" in message
    assert "one flight plan for each part" in text
    assert all(len(line) <= 69 for line in message.splitlines())
    back = read_export(text.encode())
    assert (back.observed, back.observing, back.flight, back.start_airfield) == ("RUS", "DEU", "OS1017", "UUMB")
    assert (back.take_off, back.ground_speed_kmh) == (WHOLE.take_off, 430.0)


def test_a_minute_that_rounds_up_makes_a_whole_degree():
    text = export(plan_through((-0.001, 59.9999), (179.9999, -0.5)), "fpl").decode()
    assert "6000N00000W" in text
    assert "0030S18000E" in text


def test_an_airfield_without_a_code_is_given_by_its_place():
    """ICAO Doc 4444: ZZZZ in items 13 and 16 goes with DEP and DEST in item 18."""
    text = export(plan_through((10.5, 52.25), (11, 52), start_airfield="", end_airfield=""), "fpl").decode()
    assert "\n-ZZZZ\n" in text
    assert "DEP/5215N01030E DEST/5200N01100E" in text
    assert "DEP/" not in export(WHOLE, "fpl").decode()


@pytest.mark.parametrize("route", ["DUB180040 DCT 5600N04000E", "5536N03639E UL612 5600N04000E", "5536N03639E MAREK"])
def test_a_route_with_points_by_name_is_refused_not_shortened(route):
    with pytest.raises(BadFile, match="other than by coordinates"):
        read_export(f"(FPL-ABC12-IS\n-UUMB0600\n-N0430F120 {route}\n-UUMB0100)".encode(), observed="RUS")


def test_a_route_with_changes_of_speed_and_level_is_read():
    text = b"(FPL-ABC12-IS\n-UUMB0600\n-N0230F120 DCT 5536N03639E/K0400F100 DCT 56N040E DCT\n-UUMB0100)"
    back = read_export(text, observed="RUS")
    assert [(w.lon_deg, w.lat_deg) for w in back.waypoints] == [(pytest.approx(36.65), pytest.approx(55.6)), (40, 56)]


LINE = {"type": "LineString", "coordinates": [[36, 55], [38, 56]]}
OF_ANOTHER = {"type": "Feature", "properties": {"stroke": "#f00"}, "geometry": LINE}


@pytest.mark.parametrize("whole", [OF_ANOTHER, {"type": "FeatureCollection", "features": [OF_ANOTHER]}])
def test_a_line_of_another_program_is_a_plan_over_the_party_that_is_named(whole):
    back = read_export(json.dumps(whole).encode(), observed="RUS")
    assert (back.observed, len(back.waypoints)) == ("RUS", 2)
    with pytest.raises(BadFile):
        read_export(json.dumps(whole).encode())


def test_two_lines_of_another_program_are_refused():
    with pytest.raises(BadFile, match="no plan"):
        read_export(
            json.dumps({"type": "FeatureCollection", "features": [OF_ANOTHER, OF_ANOTHER]}).encode(), observed="RUS"
        )


def test_xml_in_utf_16_is_read_and_a_packed_file_is_named():
    text = export(WHOLE, "kml").decode().replace("utf-8", "utf-16")
    assert read_export(text.encode("utf-16")).observed == "RUS"
    with pytest.raises(BadFile, match="unpack"):
        read_export(b"PK\x03\x04 and so on")


@pytest.mark.parametrize("text", ["3_6.5", "\u0663\u0666", "0x10"])
def test_what_is_a_number_only_to_python_is_no_coordinate(text):
    kml = f"<kml><LineString><coordinates>{text},55 38,55</coordinates></LineString></kml>"
    with pytest.raises(BadFile, match="no coordinate"):
        read_export(kml.encode(), observed="RUS")


def test_no_text_of_a_plan_can_begin_an_item_of_the_flight_plan():
    nasty = replace(WHOLE, aircraft="A)\n-RMK/OBSERVED USA", flight="OS1017 OBSERVED USA")
    back = read_export(export(nasty, "fpl"))
    assert back.observed == "RUS"


def test_a_paper_plan_is_a_sound_file_with_every_point():
    many = plan_through(*[(9 + n / 50, 52 + (n % 7) / 10) for n in range(130)])
    data = export(many, "pdf")
    start = int(data.split(b"startxref\n")[1].split()[0])
    assert data[start : start + 4] == b"xref"
    for n, line in enumerate(data[start:].splitlines()[3:], start=1):
        if not line.endswith(b"n "):
            break
        assert data[int(line[:10]) :].startswith(b"%d 0 obj" % n)
    streams = [zlib.decompress(s) for s in re.findall(rb"stream\n(.*?)\nendstream", data, re.S)]
    assert data.count(b"/Type /Page ") == len(streams) == 4
    assert b"(P130)" in b"".join(streams)
    assert export(many, "pdf") == data


def test_a_line_of_another_program_is_read_when_the_party_is_named():
    kml = b"<kml><Placemark><LineString><coordinates>9,52,0 10,53,0</coordinates></LineString></Placemark></kml>"
    assert places(read_export(kml, observed="DEU")) == [(9.0, 52.0), (10.0, 53.0)]
    gpx = b'<gpx><trk><trkseg><trkpt lat="52" lon="9"/><trkpt lat="53" lon="10"/></trkseg></trk></gpx>'
    assert places(read_export(gpx, observed="DEU")) == [(9.0, 52.0), (10.0, 53.0)]
    with pytest.raises(BadFile, match="observed"):
        read_export(gpx)


ENTITY = b'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/hostname">]><kml>&x;</kml>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (ENTITY, "document type"),
        (b'<!DOCTYPE kml SYSTEM "http://localhost/k.dtd"><kml/>', "document type"),
        (b'<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>', "document type"),
        (b"<a>" * 100 + b"</a>" * 100, "nested"),
        (b"<kml><Placemark>", "no XML"),
        (b"<html/>", "neither KML nor GPX"),
        (b"<gpx/>", "two points"),
        (b'<gpx><rte><rtept lat="x" lon="9"/><rtept lat="1" lon="9"/></rte></gpx>', "coordinate"),
        (b'<gpx><rte><rtept lat="nan" lon="9"/><rtept lat="1" lon="9"/></rte></gpx>', "finite"),
        (b'<gpx><rte><rtept lat="99" lon="9"/><rtept lat="1" lon="9"/></rte></gpx>', "swapped"),
        (b"(FPL-\n-\n-UUMB)", "item 15"),
        (b"(FPL-\n-\n-UUMB\n-DCT 9960N00960E DCT 5000N00900E\n-UUMB)", "no place"),
        (b"(FPL-\n-\n-UUMB\n-DCT \xff", "UTF-8"),
        (b"hello", "is no plan"),
        (b"", "is no plan"),
        (b'{"type":"FeatureCollection","features":[]}', "exported here"),
        (b'{"type":"FeatureCollection","features":[{"id":"overflight-plan","properties":{"observed":"RUS"}},'
         b'{"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"number":2}}]}', "numbered"),
        (b" " * 5_000_001, "larger"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_named_and_refused(data, says):
    with pytest.raises(BadFile, match=says):
        read_export(data, observed="RUS")


def test_an_unknown_kind_is_refused():
    with pytest.raises(BadInput, match="geojson, kml, gpx, fpl, pdf"):
        export(WHOLE, "doc")


def test_exports_are_json_and_xml_for_plans_with_odd_letters():
    odd = replace(WHOLE, support="\x0b\x00 \u202e Пензa \U0001f6e9")
    assert json.loads(export(odd, "geojson"))["type"] == "FeatureCollection"
    assert read_export(export(odd, "gpx")).support.endswith("Пензa \U0001f6e9")
    assert export(odd, "pdf").startswith(b"%PDF-1.4")
    assert for_others(odd).waypoints[0].name == "P01"


def test_an_absurdly_long_path_is_drawn_with_no_more_points_than_a_map_can_use():
    to_and_fro = plan_through(*[(0.0 if n % 2 else 179.0, 10.0) for n in range(500)])
    assert sum(len(line) for line in display_lines(to_and_fro.waypoints)) < 60_000
    assert len(export(to_and_fro, "pdf")) < 3_000_000
