"""Sites from CSV and GeoJSON: what is read, and in which words the rest is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import overflight.planning.sites as sites_module
from overflight.errors import BadFile
from overflight.planning.sites import inside, note_on_waters, read_sites
from overflight.terms.place import Site
from overflight.treaty.geography import Borders


def csv_file(folder: Path, text: str | bytes, name: str = "sites.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def refused(path: Path, **more: Any) -> BadFile:
    with pytest.raises(BadFile) as caught:
        read_sites(path, **more)
    message = str(caught.value)
    assert message.startswith(path.name)
    assert "\n" not in message
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "name,lon,lat,value\nAlpha,37.5,55.75,3\nBeta,60.6,56.8,1.5\n",
        "Name;Longitude;Latitude;Value\nAlpha;37,5;55,75;3\nBeta;60,6;56,8;1,5\n",
        "lat\tlon\tvalue\tsite\n55.75\t37.5\t3\tAlpha\n56.8\t60.6\t1.5\tBeta\n",
        "\ufeffNAME | LON | LAT | VALUE\nAlpha | 37.5 | 55.75 | 3\nBeta | 60.6 | 56.8 | 1.5\n",
        'name,longitude,latitude,value\r\n"Alpha",37.5,55.75,3\r\n\r\n"Beta",60.6,56.8,1.5\r\n',
    ],
    ids=[
        "comma",
        "semicolon and decimal comma",
        "tab, other order",
        "byte-order mark and bars",
        "quotes, CRLF, blank line",
    ],
)
def test_common_kinds_of_csv_are_read_alike(tmp_path: Path, text: str) -> None:
    assert read_sites(csv_file(tmp_path, text)) == (Site("Alpha", 37.5, 55.75, 3.0), Site("Beta", 60.6, 56.8, 1.5))


def test_value_and_name_may_be_absent_and_other_columns_are_kept(tmp_path: Path) -> None:
    (found,) = read_sites(csv_file(tmp_path, "lon,lat,icao\n37.5,55.75,UUEE\n"))

    assert (found.name, found.value, found.extra) == ("site 1", 1.0, {"icao": "UUEE"})


def test_names_keep_their_letters_and_commas(tmp_path: Path) -> None:
    (found,) = read_sites(csv_file(tmp_path, 'name,lon,lat\n"Улан-Удэ, восток",107.44,51.81\n'))

    assert found.name == "Улан-Удэ, восток"


@pytest.mark.parametrize(("written", "read"), [("180", 180.0), ("-180", -180.0), ("190", -170.0), ("-170", -170.0)])
def test_sites_across_180_are_fine(tmp_path: Path, written: str, read: float) -> None:
    (found,) = read_sites(csv_file(tmp_path, f"name,lon,lat\nA,{written},66\n"))

    assert found.lon_deg == read


def points(*rows: tuple[Any, Any], **properties: Any) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": list(row)}}
            for row in rows
        ],
    }


def test_geojson_points_are_read(tmp_path: Path) -> None:
    path = csv_file(tmp_path, json.dumps(points((37.5, 55.75), Name="Alpha", value=3, kind="airport")), "sites.geojson")
    (found,) = read_sites(path)

    assert found == Site("Alpha", 37.5, 55.75, 3.0)
    assert found.extra == {"kind": "airport"}


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ("A,nan,55,1", "lon", "row 2 .line 3.*no number"),
        ("A,37,inf,1", "lat", "no number"),
        ("A,,55,1", "lon", "no number"),
        ("A,3_7,55,1", "lon", "no number"),
        ("A,37°E,55,1", "lon", "no number"),
        ("A,37,90.001,1", "lat", "beyond 90"),
        ("A,55,137,1", "lat", "look swapped"),
        ("A,361,55,1", "lon", "beyond 180"),
        ("A,-180.5,55,1", "lon", "beyond 180"),
        ("A,37,55,-0.1", "value", "negative"),
        ("A,37,55,high", "value", "no number"),
        ("A,37,55", "sites", "3 fields, the header 4"),
        ("A,37,55,1,9", "sites", "5 fields, the header 4"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_field(tmp_path: Path, row: str, field: str, says: str) -> None:
    error = refused(csv_file(tmp_path, f"name,lon,lat,value\nfirst,30,50,1\n{row}\n"))

    assert error.field == field
    assert error.facts["row"] == 2
    assert re.search(says, str(error))


@pytest.mark.parametrize("value", ["90", "-90"])
def test_the_poles_and_worth_nothing_are_in_range(tmp_path: Path, value: str) -> None:
    (found,) = read_sites(csv_file(tmp_path, f"name,lon,lat,value\nA,0,{value},0\n"))

    assert (found.lat_deg, found.value) == (float(value), 0.0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no"),
        (b"name,lon,lat\n", "no site"),
        (b"name,value\nA,1\n", "no lon and no lat"),
        (b"37.5,55.75,3\n", "no lon"),
        ("name,lon,lat\nÜ,37,55\n".encode("utf-16"), "UTF-8"),
        ("name,lon,lat\nok,37,55\nÜ,37,55\n".encode("latin-1"), "UTF-8 at line 3"),
        (b"name,lon,lat\nA\0,37,55\n", "zero bytes"),
        (b'name,lon,lat\n"A,37,55\n', "no CSV"),
        (b"{", "no JSON"),
        (b"[" * 50_000, "no JSON"),
        (b"[1]", "FeatureCollection"),
        (b'{"type":"FeatureCollection","features":[7]}', "feature 1 is no Point"),
        (json.dumps(points(("37", 55))).encode(), "coordinates that are numbers"),
        (json.dumps(points((float("nan"), 55))).encode(), "no number"),
        (json.dumps(points((True, 55))).encode(), "no number"),
        (json.dumps(points((37, 95))).encode(), "beyond 90"),
        (json.dumps(points((37, 55), value=-1)).encode(), "negative"),
        (json.dumps(points((37, 55), value=[1])).encode(), "no number"),
        (json.dumps(points((37, 10**400))).encode(), "no number"),
        (b'{"type":"FeatureCollection","features":[{"geometry":{"type":"Point","coordinates":[1]}}]}', "coordinates"),
        (
            b'{"type":"FeatureCollection","features":[{"properties":[1],"geometry":{"type":"Point","coordinates":[1,2]}}]}',
            "properties",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in str(refused(csv_file(tmp_path, content)))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such file" in str(refused(tmp_path / "sites.csv"))
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "no such file" in str(refused(folder))


@pytest.mark.parametrize(("rows", "fits"), [(4, True), (5, True), (6, False)])
def test_there_is_a_most_number_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, fits: bool) -> None:
    assert sites_module.MOST_SITES == 1_000_000
    monkeypatch.setattr(sites_module, "MOST_SITES", 5)
    path = csv_file(tmp_path, "lon,lat\n" + "37,55\n" * rows)
    geo = csv_file(tmp_path, json.dumps(points(*[(37, 55)] * rows)), "sites.geojson")

    for one in (path, geo):
        if fits:
            assert len(read_sites(one)) == rows
        else:
            assert "more than 5" in str(refused(one))


def test_swapped_columns_are_noticed_against_the_observed_party(tmp_path: Path) -> None:
    """Moscow and Kazan with their coordinates exchanged lie in Iran; the message says what to do."""
    borders = Borders.load()
    swapped = csv_file(tmp_path, "name,lon,lat\nMoscow,55.75,37.62\nKazan,55.79,49.1\n")
    right = csv_file(tmp_path, "name,lon,lat\nMoscow,37.62,55.75\nKazan,49.1,55.79\n", "right.csv")
    elsewhere = csv_file(tmp_path, "name,lon,lat\nTehran,51.4,35.7\nMinsk,27.5,53.9\n", "elsewhere.csv")

    assert "exchange the two columns" in str(refused(swapped, observed="BLR;RUS", borders=borders))
    assert len(read_sites(right, observed="BLR;RUS", borders=borders)) == 2
    # Outside is no error: the planner lists such sites as ignored.
    assert len(read_sites(elsewhere, observed="RUS", borders=borders)) == 2
    assert len(read_sites(swapped)) == 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20),
            st.floats(-180, 180),
            st.floats(-90, 90),
            st.floats(0, 1e9),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["name", "lon", "lat", "value"])
    writer.writerows([name, repr(lon), repr(lat), repr(value)] for name, lon, lat, value in rows)
    path = csv_file(tmp_path_factory.mktemp("sites"), text.getvalue())

    found = read_sites(path)

    assert [(one.lon_deg, one.lat_deg, one.value) for one in found] == [row[1:] for row in rows]
    assert [one.name for one in found] == [row[0].strip() or f"site {n}" for n, row in enumerate(rows, start=1)]


@pytest.mark.parametrize(
    ("lon", "lat", "of"),
    [
        (6.15, 62.47, "NOR"),  # a quay of Alesund, which the coarse coast puts at sea
        (10.36, 63.45, "NOR"),  # Trondheim's harbour
        (3.0, 62.0, ""),  # the North Sea, a hundred kilometres off
        (12.70, 55.85, "DNK"),  # in the Sound, on the Danish side of the middle
        (12.80, 55.85, "SWE"),  # and on the Swedish one
    ],
)
def test_a_site_at_sea_is_in_the_territory_where_the_waters_are_the_partys(lon: float, lat: float, of: str) -> None:
    borders = Borders.load()
    assert borders.state_at(lon, lat).code is None
    at_home = [
        own for own in ("NOR", "DNK", "SWE") if inside(np.array([lon]), np.array([lat]), own=[own], borders=borders)[0]
    ]
    assert at_home == ([of] if of else [])


def test_waters_end_at_twelve_nautical_miles() -> None:
    borders = Borders.load()
    lats = np.arange(62.0, 63.6, 0.0005)
    lons = np.full(lats.shape, 6.0)
    within = inside(lons, lats, own=["NOR"], borders=borders)
    last = int(np.flatnonzero(within)[-1])
    land = np.concatenate(
        [np.array(ring.coords) for part in borders.territory("NOR").geoms for ring in [part.exterior]]
    )
    near = land[np.hypot((land[:, 0] - 6.0) * 0.46, land[:, 1] - lats[last]) < 0.5]
    geod = Geod(ellps="WGS84")
    _, _, metres = geod.inv(np.full(len(near), 6.0), np.full(len(near), lats[last]), near[:, 0], near[:, 1])
    assert within[:last].all()
    assert not within[last + 1 :].any()
    assert 22.1 < metres.min() / 1000 < 22.6  # corners of the coast: the nearest place may lie between two


def test_sites_at_sea_are_named_in_a_note() -> None:
    borders = Borders.load()
    quay, inland = Site("Quay", 6.15, 62.47, 1.0), Site("Inland", 9.55, 62.22, 1.0)
    (said,) = note_on_waters([inland, quay], own=["NOR"], borders=borders)
    assert "Quay" in said
    assert "Inland" not in said
    assert "II.8" in said
    assert note_on_waters([inland], own=["NOR"], borders=borders) == ()


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_whatever_bring_more_than_one_sentence(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = csv_file(tmp_path_factory.mktemp("sites"), b"name,lon,lat\n" + raw)
    try:
        found = read_sites(path)
    except BadFile:
        refused(path)
    else:
        assert found
