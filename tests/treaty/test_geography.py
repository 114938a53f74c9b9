"""Borders: who is where, from a named and dated point of view, and the areas in dispute."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile, BadInput
from overflight.treaty.geography import GEO, SELF_ADMINISTERED, Borders
from overflight.treaty.regime import Regime


@pytest.fixture(scope="module")
def borders() -> Borders:
    return Borders.load()


@pytest.mark.parametrize(
    ("place", "lon_deg", "lat_deg", "code"),
    [
        ("Kaliningrad", 20.51, 54.71, "RUS"),
        ("Anchorage, Alaska", -149.88, 61.19, "USA"),
        ("Attu, west of 180", 173.1, 52.9, "USA"),
        ("Honolulu", -157.95, 21.45, "USA"),
        ("Chukotka, east of 180", -175.0, 67.0, "RUS"),
        ("Chukotka, west of 180", 178.0, 67.0, "RUS"),
        ("Chukotka, on 180", 180.0, 68.0, "RUS"),
        ("Chukotka, on -180", -180.0, 68.0, "RUS"),
        ("the same meridian once more round", 540.0, 68.0, "RUS"),
        ("Wrangel Island, east of 180", -179.5, 71.2, "RUS"),
        ("Longyearbyen, Svalbard", 15.63, 78.22, "NOR"),
        ("Kangerlussuaq, Greenland", -50.7, 67.0, "DNK"),
        ("Torshavn, Faroe Islands", -6.77, 62.01, "DNK"),
        ("Mariehamn, Aland", 19.94, 60.1, "FIN"),
        ("Ceuta side of the strait: Tetuan", -5.37, 35.57, "MAR"),
        ("Kubinka", 36.65, 55.61, "RUS"),
        ("Grozny, north of South Ossetia's neighbourhood", 45.7, 43.32, "RUS"),
        ("Batumi", 41.66, 41.63, "GEO"),
        ("Kherson, north of Crimea", 32.62, 46.65, "UKR"),
        ("Vaduz", 9.52, 47.14, "LIE"),
    ],
)
def test_places_lie_in_the_state_that_holds_them(
    borders: Borders, place: str, lon_deg: float, lat_deg: float, code: str
) -> None:
    """Article II, paragraph 8: islands and far parts belong to the territory."""
    found = borders.state_at(lon_deg, lat_deg)

    assert (found.code, found.disputed) == (code, None), place


@pytest.mark.parametrize(
    ("place", "lon_deg", "lat_deg", "area", "sides"),
    [
        ("Simferopol", 34.10, 44.95, "crimea", ("UKR", "RUS")),
        ("Kerch", 36.45, 45.35, "crimea", ("UKR", "RUS")),
        ("Sukhumi", 41.015, 43.00, "abkhazia", ("GEO", SELF_ADMINISTERED)),
        ("Tskhinvali", 43.967, 42.225, "south-ossetia", ("GEO", SELF_ADMINISTERED)),
        ("Tiraspol", 29.60, 46.85, "transnistria", ("MDA", SELF_ADMINISTERED)),
        ("Donetsk", 37.80, 48.00, "donbas-2014-2022", ("UKR", SELF_ADMINISTERED)),
        ("Kunashir", 145.90, 44.10, "southern-kurils", ("RUS", "JPN")),
        ("Kyrenia", 33.32, 35.33, "northern-cyprus", ("CYP", "TUR")),
    ],
)
def test_disputed_places_belong_to_no_side(
    borders: Borders, place: str, lon_deg: float, lat_deg: float, area: str, sides: tuple[str, ...]
) -> None:
    """The software names both sides and takes neither."""
    found = borders.state_at(lon_deg, lat_deg)

    assert found.code is None, place
    assert found.disputed is not None
    assert (found.disputed.id, found.disputed.sides) == (area, sides)
    assert found.disputed.since
    assert "unverified" in found.disputed.note_verified


def test_open_sea_is_no_ones(borders: Borders) -> None:
    assert borders.state_at(0.0, 50.0).code is None
    assert borders.state_at(0.0, 50.0).disputed is None


@pytest.mark.parametrize(("lon_deg", "lat_deg"), [(float("nan"), 50.0), (30.0, float("inf")), (30.0, 90.01)])
def test_a_point_that_is_no_place_is_refused(borders: Borders, lon_deg: float, lat_deg: float) -> None:
    with pytest.raises(BadInput, match="longitude first"):
        borders.state_at(lon_deg, lat_deg)


def test_every_party_of_every_day_has_a_territory(borders: Borders) -> None:
    """From the day of entry into force to the day after Russia left."""
    codes = {
        party.code
        for day in (date(2002, 1, 1), date(2020, 11, 21), date(2021, 12, 18))
        for party in Regime.on(day).parties()
    }

    assert len(codes) >= 34
    assert codes <= borders.codes()


@pytest.mark.parametrize("code", ["RUS", "USA", "UKR", "GEO", "MDA", "NOR", "DNK", "CAN", "FJI"])
def test_territory_is_valid_and_cut_at_180(borders: Borders, code: str) -> None:
    """No ring jumps round the world; parts west and east of 180 are apart."""
    territory = borders.territory(code)

    assert territory.is_valid
    assert shapely.is_valid(shapely.get_parts(territory)).all()
    west, south, east, north = territory.bounds
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    rings = shapely.get_rings(shapely.get_parts(territory))
    assert len(rings) >= len(territory.geoms)
    for ring in rings:
        assert np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])).max() < 180


def test_no_disputed_area_is_left_in_a_state_nor_lies_over_another_area(borders: Borders) -> None:
    """What is cut out is cut out wholly; neighbours that are no side keep their ground."""
    states = {code: borders.territory(code) for code in ("RUS", "UKR", "GEO", "MDA", "CYP", "TUR", "JPN", "ROU")}
    for area in borders.disputed():
        assert area.geometry.is_valid
        assert area.geometry.area > 0
        for code, state in states.items():
            if state.intersects(area.geometry):
                shared = shapely.intersection(shapely.make_valid(area.geometry), state.intersection(area.geometry)).area
                assert shared < 1e-6, (area.id, code)
    for one, other in combinations(borders.disputed(), 2):
        assert one.geometry.intersection(other.geometry).area < 1e-6


def test_no_slivers_are_left_beside_a_disputed_outline(borders: Borders) -> None:
    """An outline drawn coarser than the border must not leave strips of the one side in the other's ground."""
    for code, area in (("RUS", "crimea"), ("GEO", "abkhazia"), ("GEO", "south-ossetia"), ("MDA", "transnistria")):
        outline = borders.area(area).geometry
        for polygon in borders.territory(code).geoms:
            assert not outline.buffer(0.03).covers(polygon), (code, area, polygon.bounds)


def test_an_area_is_a_non_partys_in_the_view_of_one_side_only(borders: Borders) -> None:
    """VI.II.2 bites at Crimea's outline once Russia has left, and only in one view."""
    crimea, abkhazia = borders.area("crimea"), borders.area("abkhazia")

    assert crimea.non_party_under(set()) == {"UKR": False, "RUS": False}
    assert crimea.non_party_under({"RUS"}) == {"UKR": False, "RUS": True}
    assert abkhazia.non_party_under(set()) == {"GEO": False, SELF_ADMINISTERED: True}


def test_the_dataset_says_what_it_is_and_from_whose_view(borders: Borders) -> None:
    about = borders.dataset

    assert about.name.startswith("Natural Earth")
    assert "world-atlas 2.0.2" in about.source
    assert about.scale == "1:10m"
    assert "imply no position" in about.point_of_view
    assert about.date.startswith("2018")
    assert 500 <= about.accuracy_m <= 3000
    assert "unverified" in about.accuracy_note


def test_every_row_of_the_units_table_is_used_and_marked(borders: Borders) -> None:
    rows = list(csv.DictReader((GEO / "units.csv").open(encoding="utf-8", newline="")))
    known = {unit.unit: unit.code or "" for unit in borders.units}
    areas = {area.id for area in borders.disputed()}

    assert len(rows) == len({row["unit"] for row in rows})
    for row in rows:
        assert row["verified"], row
        assert row["note"], row
        assert row["kind"] in areas or known[row["unit"]] == row["code"], row


@pytest.mark.parametrize("level", ["coarse", "fine"])
def test_map_layers_carry_codes_and_hatch_disputed_areas(borders: Borders, level: Any) -> None:
    layer = borders.map_layer(level)
    named = {feature["properties"]["code"] for feature in layer["features"]}
    hatched = {feature["properties"].get("disputed") for feature in layer["features"]} - {None}

    assert {"RUS", "USA", "DNK", "DEU"} <= named
    assert hatched == {area.id for area in borders.disputed()}
    assert all(feature["geometry"]["coordinates"] for feature in layer["features"])
    assert borders.map_file(level) is not None


def test_many_points_at_once_answer_as_one_by_one(borders: Borders) -> None:
    grid = [(lon, lat) for lon in np.linspace(-180, 180, 25) for lat in np.linspace(-80, 85, 12)]
    lons, lats = np.array(grid).T

    units = borders.units_at(lons, lats)

    for (lon, lat), unit in zip(grid, units, strict=True):
        place = borders.state_at(lon, lat)
        assert (borders.units[unit].code if unit >= 0 else None) == place.code


@settings(max_examples=50, deadline=None)
@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_a_meridian_has_the_same_state_whatever_its_name(lon: float, lat: float) -> None:
    borders = Borders.load()

    assert borders.state_at(lon, lat).code == borders.state_at(lon + 360 if lon < 0 else lon - 360, lat).code or (
        abs(lon) in (0.0, 180.0) or lon != (lon + 360) - 360
    )


# A node's own borders


def own(folder: Path, features: list[dict[str, Any]], name: str = "borders.geojson") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return folder


def box(code: str, west: float, south: float, east: float, north: float, **properties: Any) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_a_node_loads_its_own_borders(tmp_path: Path) -> None:
    folder = own(tmp_path / "own", [box("AAA", 0, 0, 10, 10, name="Aland"), box("BBB", 10, 0, 20, 10)])
    (folder / "dataset.json").write_text(json.dumps({"name": "Ours", "date": "2021-05-01", "accuracy_m": 5}))

    found = Borders.load(folder)

    assert (found.state_at(5, 5).code, found.state_at(15, 5).code, found.state_at(25, 5).code) == ("AAA", "BBB", None)
    assert (found.dataset.name, found.dataset.date, found.dataset.accuracy_m) == ("Ours", "2021-05-01", 5.0)
    assert found.disputed() == ()
    assert len(found.map_layer("coarse")["features"]) == 2
    assert Borders.load(folder / "borders.geojson").codes() == {"AAA", "BBB"}


def test_own_borders_without_an_accuracy_say_that_one_is_assumed(tmp_path: Path) -> None:
    about = Borders.load(own(tmp_path / "own", [box("AAA", 0, 0, 10, 10)])).dataset

    assert about.accuracy_m > 0
    assert "assumed" in about.accuracy_note


def test_own_disputed_areas_are_cut_out(tmp_path: Path) -> None:
    folder = own(tmp_path / "own", [box("AAA", 0, 0, 10, 10), box("BBB", 10, 0, 20, 10)])
    own(
        folder,
        [box("", 8, 2, 12, 4, id="strip", name="The strip", sides=["AAA", "BBB"], since="1999")],
        "disputed.geojson",
    )

    found = Borders.load(folder)

    assert found.state_at(9, 3).disputed == found.area("strip")
    assert found.territory("AAA").area == pytest.approx(100 - 4)


def test_own_borders_across_180_are_cut(tmp_path: Path) -> None:
    found = Borders.load(own(tmp_path / "own", [box("AAA", 170, 50, 190, 60)]))

    assert found.state_at(179, 55).code == "AAA"
    assert found.state_at(-171, 55).code == "AAA"
    assert found.state_at(0, 55).code is None
    assert found.territory("AAA").bounds == (-180, 50, 180, 60)


@pytest.mark.parametrize(("west", "east"), [(170.0, 180.0), (-180.0, -170.0)])
def test_land_that_ends_on_180_holds_that_meridian_by_both_names(tmp_path: Path, west: float, east: float) -> None:
    found = Borders.load(own(tmp_path / "own", [box("AAA", west, 50, east, 60)]))

    assert (found.state_at(180, 55).code, found.state_at(-180, 55).code) == ("AAA", "AAA")


def test_replaced_files_are_seen(tmp_path: Path) -> None:
    folder = own(tmp_path / "own", [box("AAA", 0, 0, 10, 10)])
    assert Borders.load(folder).codes() == {"AAA"}
    own(folder, [box("BBB", 0, 0, 10, 10)])
    import os

    os.utime(folder / "borders.geojson", (1, 1))

    assert Borders.load(folder).codes() == {"BBB"}


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        (DEEP, "no JSON"),
        ("[]", "FeatureCollection"),
        ('{"type":"FeatureCollection","features":[]}', "FeatureCollection"),
        ('{"type":"FeatureCollection","features":[3]}', "feature 1"),
        ('{"type":"FeatureCollection","features":[{"properties":{"code":"AAA"},"geometry":null}]}', "no Polygon"),
        (json.dumps({"type": "FeatureCollection", "features": [box("de", 0, 0, 1, 1)]}), "alpha-3"),
        (json.dumps({"type": "FeatureCollection", "features": [box("AAA", 0, 0, 1, 99)]}), "beyond 90"),
        (json.dumps({"type": "FeatureCollection", "features": [box("AAA", 0, 0, float("nan"), 9)]}), "not a number"),
        (json.dumps({"type": "FeatureCollection", "features": [box("AAA", 0, 0, 0, 0)]}), "nothing"),
        (
            '{"type":"FeatureCollection","features":[{"properties":{"code":"AAA"},'
            '"geometry":{"type":"Polygon","coordinates":[[[0,0],[1]]]}}]}',
            "feature 1",
        ),
        (
            '{"type":"FeatureCollection","features":[{"properties":{"code":"AAA"},'
            '"geometry":{"type":"Polygon","coordinates":{"a":1}}}]}',
            "feature 1",
        ),
    ],
)
def test_a_malformed_border_file_is_refused_in_one_sentence(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "borders.geojson"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(BadFile, match=says) as refused:
        Borders.load(path)
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)


def test_a_missing_border_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        Borders.load(tmp_path / "nowhere")


def test_damaged_built_borders_are_refused(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "built"
    shutil.copytree(GEO / "borders", folder, ignore=shutil.ignore_patterns("*.geojson"))
    with (folder / "polygons.wkb").open("ab") as file:
        file.write(b"x")

    with pytest.raises(BadFile, match="damaged"):
        Borders.load(folder)


def test_the_build_says_what_is_missing() -> None:
    """Without the npm package the script ends with one sentence and not with a trace."""
    root = Path(__file__).resolve().parents[2]
    code = (
        "import runpy, sys, pathlib\n"
        "sys.argv = ['build_borders.py', '--out', 'x']\n"
        f"module = runpy.run_path(r'{root / 'scripts' / 'build_borders.py'}')\n"
        "module['main'].__globals__['ATLAS'] = pathlib.Path('nowhere')\n"
        "module['main']()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "npm ci" in ran.stderr
    assert "Traceback" not in ran.stderr
