"""Rays, footprints and heights of a frame camera, against numbers worked out by hand and against pyproj."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from overflight.errors import BadFile, BadInput
from overflight.imagery.camera import Camera, Pose, attitude, camera_from, read_camera
from overflight.imagery.ellipsoid import from_earth, to_earth
from overflight.imagery.footprint import (
    bbox,
    boxes,
    footprints,
    ground_sample_distance,
    look,
    off_nadir_deg,
    see,
    swath_width_m,
)

GEOD = Geod(ellps="WGS84")
HALF_WIDTH = Camera("C", focal_mm=100.0, columns=1000, rows=1000, pitch_mm=0.0534)  # tan of the half angle: 0.267
AFA = Camera("AFA-41-10", focal_mm=100.0, columns=1200, rows=1200, pitch_mm=0.15)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(GEOD.inv(*a, *b)[2])


def ring(geometry: dict) -> list[tuple[float, float]]:
    return [tuple(p) for p in geometry["coordinates"][0]]


def test_earth_centred_points_agree_with_pyproj():
    rng = np.random.default_rng(1)
    lon, lat, high = rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500), rng.uniform(-5e3, 2e4, 500)
    theirs = np.stack(Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True).transform(lon, lat, high), -1)
    assert np.abs(to_earth(lon, lat, high) - theirs).max() < 1e-6
    back = from_earth(theirs)
    assert max(np.abs(back[0] - lon).max(), np.abs(back[1] - lat).max()) < 1e-11
    assert np.abs(back[2] - high).max() < 1e-6


def test_a_nadir_camera_at_1000_m_shows_267_m_to_each_side():
    corners = ring(footprints(HALF_WIDTH, Pose.of(20.0, 50.0, 1000.0))[0])
    sides = [metres(a, b) for a, b in pairwise(corners)]
    assert sides == pytest.approx([534.0] * 4, abs=0.02)
    assert swath_width_m(HALF_WIDTH, 1000.0) == pytest.approx(534.0)


def test_ground_height_shrinks_the_footprint_in_proportion():
    corners = ring(footprints(HALF_WIDTH, Pose.of(20.0, 50.0, 1500.0), 500.0)[0])
    scale = (6.38e6 + 500) / 6.38e6  # degrees are longer up there
    assert metres(corners[0], corners[1]) * scale == pytest.approx(534.0, abs=0.03)


def test_ground_that_slopes_is_followed_along_each_ray():
    def slope(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        return (np.asarray(lon) - 20.0) * 10_000.0  # 10 m in 0.001 degree

    lon, lat, far = look(AFA, Pose.of(20.0, 50.0, 2500.0), [0, 600, 1200], [600, 600, 600], slope)
    assert not np.isnan(far).any()
    hit = to_earth(lon, lat, slope(lon, lat))
    start = Pose.of(20.0, 50.0, 2500.0).places()
    assert np.linalg.norm(hit - start[:, None, :], axis=-1) == pytest.approx(far, abs=0.2)


def test_a_ray_above_the_horizon_misses_and_the_footprint_says_which_exposure():
    pose = Pose.of([20.0, 20.0], 50.0, 2500.0, 0.0, 0.0, [0.0, 80.0])
    assert np.isnan(look(AFA, pose, [0, 1200], [0, 0])[0][1]).any()
    with pytest.raises(BadInput, match="exposure 2"):
        footprints(AFA, pose)


@pytest.mark.parametrize(
    ("heading", "pitch", "roll", "azimuth"),
    [
        (0, 10, 0, 0),  # nose up looks ahead: north
        (90, 10, 0, 90),
        (0, 0, 10, 270),  # right wing down looks to the left: west
        (90, 0, 10, 0),
        (30, -10, 0, 210),
        (0, 0, -10, 90),
    ],
)
def test_attitude_turns_the_view_the_way_the_aircraft_turns(heading, pitch, roll, azimuth):
    pose = Pose.of(20.0, 50.0, 3000.0, heading, pitch, roll)
    angle, seen = off_nadir_deg(AFA, pose)
    assert angle[0] == pytest.approx(10.0)
    assert (seen[0] - azimuth + 180) % 360 - 180 == pytest.approx(0.0, abs=1e-9)
    lon, lat, _ = look(AFA, pose, [600], [600])
    bearing, _, far = GEOD.inv(20.0, 50.0, lon[0, 0], lat[0, 0])
    assert (bearing - azimuth + 180) % 360 - 180 == pytest.approx(0.0, abs=0.01)
    assert far == pytest.approx(3000 * math.tan(math.radians(10)), rel=1e-3)


def test_order_of_the_angles_is_heading_pitch_roll():
    """Nose 90 degrees up, then roll turns about the line that now points up: it is a turn of heading."""
    assert attitude(0.0, 90.0, 30.0) == pytest.approx(attitude(-30.0, 90.0, 0.0), abs=1e-12)


def test_row_0_is_ahead_and_column_0_is_left():
    pose = Pose.of(20.0, 50.0, 2500.0)
    lon, lat, _ = look(AFA, pose, [600, 0], [0, 600])
    assert lat[0, 0] > 50.0
    assert lon[0, 0] == pytest.approx(20.0, abs=1e-9)
    assert lon[0, 1] < 20.0


def test_a_camera_that_looks_right_sees_the_right_side():
    side = Camera("S", 100.0, 1200, 1200, 0.05, look_right_deg=40.0)
    lon, _, _ = look(side, Pose.of(20.0, 50.0, 2500.0), [0, 600, 1200], [600] * 3)
    assert (lon > 20.0).all()
    assert metres((20.0, 50.0), (lon[0, 1], 50.0)) == pytest.approx(2500 * math.tan(math.radians(40)), rel=2e-3)


def test_a_window_has_the_same_rays_as_the_part_of_the_picture():
    part = AFA.window(300, 200, 100, 50)
    assert part.rays([0, 100], [0, 50]) == pytest.approx(AFA.rays([300, 400], [200, 250]))


def test_another_scan_of_the_same_picture_has_the_same_corners_and_another_shape_is_refused():
    fine = AFA.with_pixels(9000, 9000)
    assert fine.pitch_mm == pytest.approx(0.02)
    assert fine.rays([0, 9000], [0, 9000]) == pytest.approx(AFA.rays([0, 1200], [0, 1200]))
    with pytest.raises(BadInput, match="1200 x 800"):
        AFA.with_pixels(1200, 800)


def test_sample_distance_is_height_times_pitch_over_focal_length():
    across, along = ground_sample_distance(AFA, Pose.of(20.0, 50.0, [2500.0, 3000.0]), [0.0, 500.0])
    assert across == pytest.approx([3.75, 3.75], abs=1e-3)
    assert along == pytest.approx([3.75, 3.75], abs=1e-3)


def test_a_footprint_on_180_degrees_is_cut_and_its_box_crosses():
    geometry = footprints(AFA, Pose.of(179.999, 70.0, 3000.0))[0]
    assert geometry["type"] == "MultiPolygon"
    shape = shapely.geometry.shape(geometry)
    assert shape.is_valid
    west, south, east, north = bbox(geometry)
    assert west > 179.9
    assert east < -179.9
    assert len(boxes(geometry)) == 2
    assert south < 70.0 < north
    assert all(part.exterior.is_ccw for part in shape.geoms)


def test_the_ring_runs_counter_clockwise_and_closes():
    shape = shapely.geometry.shape(footprints(AFA, Pose.of(20.0, 50.0, 2500.0, 77.0))[0])
    assert shape.exterior.is_ccw
    assert shape.exterior.is_closed


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"lat_deg": math.nan}, "lat_deg"),
        ({"lon_deg": 20.0, "lat_deg": 137.0}, "lat_deg"),  # swapped
        ({"altitude_m": math.inf}, "altitude_m"),
        ({"roll_deg": math.nan}, "roll_deg"),
        ({"altitude_m": 90_000.0}, "altitude_m"),
    ],
)
def test_a_pose_that_is_none_is_refused_by_name(bad, field):
    good = {"lon_deg": 20.0, "lat_deg": 50.0, "altitude_m": 2500.0}
    with pytest.raises(BadInput) as caught:
        Pose.of(**{**good, **bad})
    assert caught.value.field == field


def test_a_camera_file_is_read_strictly(tmp_path):
    import json

    file = tmp_path / "camera.json"
    file.write_text(json.dumps(AFA.to_json()))
    assert read_camera(file) == AFA
    for text, what in [
        ("{", "no JSON"),
        ('{"focal_mm": NaN}', "no JSON"),
        ("[" * 5000, "no JSON"),
        ("[]", "object"),
        (json.dumps({**AFA.to_json(), "spare": 1}), "spare"),
        (json.dumps({**AFA.to_json(), "rows": "12"}), "rows"),
        (json.dumps({**AFA.to_json(), "columns": True}), "columns"),
        (json.dumps({**AFA.to_json(), "focal_mm": -1}), "focal_mm"),
        (json.dumps({**AFA.to_json(), "category": "laser"}), "laser"),
        ('{"id": "x", "focal_mm": 1' + "0" * 400 + ', "pitch_mm": 1, "columns": 2, "rows": 2}', "number|too large"),
        ('{"id": "x"}', "missing"),
        ("x" * 70_000, "64 KiB"),
    ]:
        file.write_text(text)
        with pytest.raises(BadFile, match=what):
            read_camera(file)
    with pytest.raises(BadFile):
        camera_from({**AFA.to_json(), "look_right_deg": 95}, where="camera")


angles = st.floats(-20, 20)


@settings(max_examples=50, deadline=None)
@given(
    st.floats(-180, 180), st.floats(-89, 89), st.floats(300, 12_000), st.floats(0, 360), angles, angles,
    st.floats(0, 1200), st.floats(0, 1200), st.floats(-100, 200),
)  # fmt: skip
def test_what_a_pixel_looks_at_is_seen_at_that_pixel(lon, lat, altitude, heading, pitch, roll, column, row, ground):
    pose = Pose.of(lon, lat, altitude, heading, pitch, roll)
    x, y, far = look(AFA, pose, [column], [row], ground)
    assert far[0, 0] >= (altitude - ground) * 0.999
    seen_column, seen_row = see(AFA, pose, x[0], y[0], np.full(1, ground))
    assert seen_column[0, 0] == pytest.approx(column, abs=0.01)
    assert seen_row[0, 0] == pytest.approx(row, abs=0.01)


@settings(max_examples=30, deadline=None)
@given(st.floats(-180, 180), st.floats(-75, 75), st.floats(500, 10_000), st.floats(0, 360))
def test_a_level_footprint_holds_its_nadir_and_has_the_expected_area(lon, lat, altitude, heading):
    geometry = footprints(AFA, Pose.of(lon, lat, altitude, heading), per_side=2)[0]
    shape = shapely.geometry.shape(geometry)
    assert shape.is_valid
    assert shape.distance(shapely.Point(lon, lat)) < 1e-6
    area = abs(GEOD.geometry_area_perimeter(shape)[0])
    assert area == pytest.approx((1.8 * altitude) ** 2, rel=4e-3)
