"""Height of the ground: a coarse grid that says how coarse, or a node's own file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import airportsdata
import numpy as np
import pytest
import rasterio

from overflight.errors import BadFile
from overflight.planning.elevation import FLOOR_M, OWN_ERROR_M, Elevation
from tests.planning.grounds import geotiff

# Height above mean sea level, rounded, of twelve well-known summits.
SUMMITS = {
    "Elbrus": (42.439, 43.355, 5642),
    "Everest": (86.925, 27.988, 8849),
    "Mont Blanc": (6.865, 45.833, 4808),
    "Zugspitze": (10.985, 47.421, 2962),
    "Belukha": (86.590, 49.807, 4506),
    "Narodnaya": (60.100, 65.034, 1895),
    "Klyuchevskaya": (160.642, 56.056, 4750),
    "Ben Nevis": (-5.004, 56.797, 1345),
    "Galdhopiggen": (8.313, 61.637, 2469),
    "Denali": (-151.007, 63.069, 6190),
    "Rysy": (20.088, 49.179, 2503),
    "Ararat": (44.298, 39.702, 5137),
}


@pytest.fixture(scope="module")
def packaged() -> Elevation:
    return Elevation.load()


def at(elevation: Elevation, lon_deg: float, lat_deg: float) -> tuple[float, float]:
    ground, error = elevation.at(np.array([lon_deg]), np.array([lat_deg]))
    return float(ground[0]), float(error[0])


@pytest.mark.parametrize("summit", SUMMITS)
def test_the_error_bar_reaches_every_summit_that_the_grid_smooths_off(packaged: Elevation, summit: str) -> None:
    lon, lat, height = SUMMITS[summit]
    ground, error = at(packaged, lon, lat)

    assert ground - error <= height <= ground + error
    assert ground < height  # it is smoothed off, which is what the bar is for


def test_the_bar_holds_at_nearly_all_airports(packaged: Elevation) -> None:
    """Airports know their height; 99 % lie within the bar."""
    rows = [row for row in airportsdata.load("ICAO").values() if row["elevation"]]
    lons, lats, feet = (np.array([row[key] for row in rows], float) for key in ("lon", "lat", "elevation"))
    ground, error = packaged.at(lons, lats)

    assert np.mean(np.abs(feet * 0.3048 - ground) <= error) > 0.985


def test_plains_and_sea_have_a_floor(packaged: Elevation) -> None:
    ground, error = at(packaged, 37.6, 55.75)  # Moscow
    assert ground == pytest.approx(150, abs=30)
    assert error >= FLOOR_M
    assert at(packaged, -30.0, 45.0) == (0.0, FLOOR_M)


@pytest.mark.parametrize(
    ("one", "other"), [((180.0, 66.0), (-180.0, 66.0)), ((190.0, 67.0), (-170.0, 67.0)), ((0.0, 90.0), (90.0, 90.0))]
)
def test_a_place_has_one_height_whatever_its_longitude_is_called(
    packaged: Elevation, one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert at(packaged, *one)[0] == pytest.approx(at(packaged, *other)[0], abs=1.0)


def test_the_grid_is_read_without_importing_its_heavy_package(packaged: Elevation) -> None:
    before = "itur" in sys.modules
    at(packaged, 10.0, 50.0)

    assert ("itur" in sys.modules) is before
    assert "P.1511" in packaged.source.name
    assert "itur 0." in packaged.source.source


pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning", "ignore:Use `@` matmul")


def test_a_nodes_own_file_answers_where_it_can_and_the_grid_elsewhere(tmp_path: Path, packaged: Elevation) -> None:
    heights = np.full((100, 100), 1234.0)
    heights[:, 50:] = -9999.0
    geotiff(tmp_path / "own.tif", heights)
    (tmp_path / "elevation.json").write_text(json.dumps({"name": "Survey", "error_m": 3}))
    own = Elevation.load(tmp_path)

    assert at(own, 10.25, 49.5) == (1234.0, 3.0)
    assert at(own, 10.75, 49.5) == at(packaged, 10.75, 49.5)  # no data there
    assert at(own, 20.0, 49.5) == at(packaged, 20.0, 49.5)  # outside
    assert (own.source.name, own.source.error) == ("Survey", "3 m")


def test_a_file_alone_says_that_its_error_is_assumed(tmp_path: Path) -> None:
    own = Elevation.load(geotiff(tmp_path / "own.tif", np.full((10, 10), 7.0)))

    assert at(own, 10.05, 49.95) == (7.0, OWN_ERROR_M)
    assert "assumed" in own.source.error


@pytest.mark.parametrize("content", [b"", b"II*\0garbage", b"not a picture at all"])
def test_a_file_that_is_no_geotiff_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.tif"
    path.write_bytes(content)

    with pytest.raises(BadFile, match=r"own\.tif") as refused:
        Elevation.load(path)
    assert "\n" not in str(refused.value)


def test_a_tiff_without_a_place_on_earth_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.tif"
    with rasterio.open(path, "w", driver="GTiff", height=2, width=2, count=1, dtype="uint8") as file:
        file.write(np.zeros((2, 2), "uint8"), 1)

    with pytest.raises(BadFile, match="no position"):
        Elevation.load(path)


@pytest.mark.parametrize("facts", ["[", "[]", '{"error_m": -1}', '{"error_m": NaN}', '{"error_m": "3"}'])
def test_facts_that_make_no_sense_are_refused(tmp_path: Path, facts: str) -> None:
    geotiff(tmp_path / "own.tif", np.zeros((2, 2)))
    (tmp_path / "elevation.json").write_text(facts)

    with pytest.raises(BadFile, match="error_m"):
        Elevation.load(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="0 GeoTIFF files"):
        Elevation.load(tmp_path)
