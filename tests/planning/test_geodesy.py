"""Distances on the ellipsoid, against GeographicLib and against brute force."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput
from overflight.planning.geodesy import (
    covered,
    densify,
    distance_to_path_km,
    distances_km,
    earth_centred_km,
    leg_lengths_km,
    local_frame,
    nearest_on_path,
    path_length_km,
    points_at,
)
from overflight.terms.plan import Waypoint

KUBINKA, ULAN_UDE = (36.65, 55.61), (107.44, 51.81)
PATHS = {
    "one leg": [KUBINKA, (50.0, 60.0)],
    "several legs": [KUBINKA, (47.3, 50.38), (60.0, 57.0), (44.0, 52.0)],
    "across 180": [(170.0, 66.0), (-175.0, 67.0), (178.0, 70.0)],
    "across 180, written beyond it": [(170.0, 66.0), (185.0, 67.0)],
    "near the pole": [(10.0, 88.0), (100.0, 89.5), (-120.0, 87.0)],
    "over the pole": [(0.0, 85.0), (180.0, 85.0)],
    "a point twice": [KUBINKA, KUBINKA, (40.0, 56.0)],
    "there and back": [KUBINKA, (40.0, 56.0), KUBINKA],
    "2,000 km in one leg": [KUBINKA, (66.0, 62.0)],
}
lon, lat = st.floats(-180, 180), st.floats(-89, 89)


def geographiclib_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    return float(Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2)["s12"]) / 1000.0


@settings(max_examples=50, deadline=None)
@given(lon, lat, lon, lat)
def test_a_leg_is_as_long_as_geographiclib_says(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    ours = leg_lengths_km(np.array([lon1, lon2]), np.array([lat1, lat2]))

    assert ours[0] == pytest.approx(geographiclib_km(lon1, lat1, lon2, lat2), abs=1e-6)


def test_a_path_is_the_sum_of_its_legs_and_waypoints_are_points() -> None:
    points = PATHS["several legs"]
    waypoints = [Waypoint(*point) for point in points]
    expected = sum(geographiclib_km(*a, *b) for a, b in pairwise(points))

    assert path_length_km(points) == pytest.approx(expected, abs=1e-6)
    assert path_length_km(waypoints) == path_length_km(points)
    assert path_length_km([KUBINKA]) == 0.0


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_densified_points_lie_on_the_path_and_keep_its_waypoints(path: list[tuple[float, float]]) -> None:
    lons, lats, km, leg = densify(path, 7.0)

    steps = distances_km(lons[:-1], lats[:-1], lons[1:], lats[1:])
    assert steps.max() <= 7.0 + 1e-6
    assert km[-1] == pytest.approx(path_length_km(path), abs=1e-6)
    assert np.allclose(np.diff(km), steps, atol=1e-6)
    assert np.abs(lons).max() <= 180
    for n, (x, y) in enumerate(path[:-1]):
        i = int(np.searchsorted(leg, n))
        assert geographiclib_km(lons[i], lats[i], x, y) < 1e-6
    assert distance_to_path_km(path, lons, lats).max() < 1e-5


def test_points_at_a_distance_from_the_start() -> None:
    path = PATHS["several legs"]
    lons, lats, km, _ = densify(path, 50.0)
    at_lon, at_lat = points_at(path, km)

    assert distances_km(lons, lats, at_lon, at_lat).max() < 1e-6
    beyond = points_at(path, np.array([-5.0, 1e6]))
    assert (beyond[0][0], beyond[1][0]) == pytest.approx(KUBINKA)
    assert (beyond[0][1], beyond[1][1]) == pytest.approx(path[-1])


def brute_km(path: list[tuple[float, float]], lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    """Least distance to samples 2 km apart, then to samples 10 m apart around the best few."""
    from scipy.spatial import cKDTree

    dense_lon, dense_lat, km, _ = densify(path, 2.0)
    _, near = cKDTree(earth_centred_km(dense_lon, dense_lat)).query(earth_centred_km(lons, lats), k=min(6, km.size))
    best = np.full(lons.size, np.inf)
    for column in near.T:
        for shift in np.arange(-2.0, 2.001, 0.01):
            x, y = points_at(path, km[column] + shift)
            best = np.minimum(best, distances_km(x, y, lons, lats))
    return best


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_sites_are_as_far_from_the_path_as_brute_force_says(path: list[tuple[float, float]]) -> None:
    """Within half a swath the answer is exact to less than a metre (samples 10 m apart are good to 1 m at 12 m)."""
    rng = np.random.default_rng(5)
    dense_lon, dense_lat, km, _ = densify(path, 3.0)
    base = rng.integers(0, km.size, 25)
    lons, lats = local_scatter(dense_lon[base], dense_lat[base], rng.uniform(0.5, 40.0, 25), rng.uniform(0, 360, 25))

    ours = distance_to_path_km(path, lons, lats)
    brute = brute_km(path, lons, lats)

    assert np.all(ours <= brute + 1e-6)
    assert np.abs(ours - brute).max() < 0.001


def local_scatter(lons: np.ndarray, lats: np.ndarray, km: np.ndarray, azimuth: np.ndarray) -> tuple:
    found = [Geodesic.WGS84.Direct(y, x, a, d * 1000.0) for x, y, d, a in zip(lons, lats, km, azimuth, strict=True)]
    return np.array([one["lon2"] for one in found]), np.array([one["lat2"] for one in found])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(lon, st.floats(-85, 85)), min_size=2, max_size=5),
    st.integers(0, 10_000),
    st.floats(0.0, 360.0),
    st.floats(0.0, 60.0),
)
def test_no_sample_of_a_path_is_nearer_than_the_nearest(
    path: list[tuple[float, float]], seed: int, azimuth: float, km: float
) -> None:
    """Everywhere, across 180 degrees too: a site's distance is at most that to any place of the path."""
    if max(leg_lengths_km(*np.array(path).T)) > 9_000:
        return  # no flight leg; longer ones may have two nearest places
    lons, lats, _, _ = densify(path, 150.0)
    base = seed % lons.size
    site_lon, site_lat = local_scatter(lons[[base]], lats[[base]], np.array([km]), np.array([azimuth]))

    found = float(distance_to_path_km(path, site_lon, site_lat)[0])
    samples = distances_km(lons, lats, np.full(lons.shape, site_lon[0]), np.full(lons.shape, site_lat[0]))

    assert found <= samples.min() + 1e-5
    assert found <= km + 1e-5


def test_a_far_site_is_measured_too_and_leg_and_place_are_told() -> None:
    path = [(0.0, 60.0), (10.0, 60.0), (10.0, 50.0)]
    found = nearest_on_path(path, np.array([20.0, -30.0, 12.0]), np.array([62.0, 60.0, 55.0]))

    assert list(found.leg)[1:] == [0, 1]  # the first is nearest to the corner, of either leg
    assert found.km[0] == pytest.approx(geographiclib_km(10, 60, 20, 62), abs=1e-5)
    assert found.km[1] == pytest.approx(geographiclib_km(0, 60, -30, 60), abs=1e-5)
    assert found.along_leg_km[1] == 0.0
    near = nearest_on_path(path, np.array([10.0, 9.9]), np.array([70.0, 55.0]), within_km=20.0)
    assert math.isinf(near.km[0])
    assert near.leg[0] == -1
    assert near.km[1] < 20.0


@pytest.mark.parametrize(("off_km", "seen"), [(7.499, True), (7.5, True), (7.501, False)])
def test_a_site_on_the_edge_of_the_swath_is_observed(off_km: float, seen: bool) -> None:
    """`--swath-km` is the full width: a site counts within half of it."""
    path = [(0.0, 0.0), (10.0, 0.0)]  # along the equator a perpendicular is a meridian
    north = Geodesic.WGS84.Direct(0.0, 5.0, 0.0, off_km * 1000.0)

    inside = covered(path, np.array([5.0]), np.array([north["lat2"]]), swath_km=15.0 + 2e-9)

    assert bool(inside[0]) is seen


def test_a_local_frame_goes_there_and_back() -> None:
    frame = local_frame(179.9, 66.0)
    x, y = frame.to_xy_km(np.array([-179.5, 179.0]), np.array([66.5, 65.0]))
    lons, lats = frame.to_lonlat(x, y)

    assert x[0] > 0 > x[1]
    assert distances_km(lons, lats, np.array([-179.5, 179.0]), np.array([66.5, 65.0])).max() < 1e-6
    assert math.hypot(x[0], y[0]) == pytest.approx(geographiclib_km(179.9, 66.0, -179.5, 66.5), abs=1e-6)


@pytest.mark.parametrize("bad", [[(30.0, 91.0), (31.0, 50.0)], [(30.0, 50.0), (float("nan"), 50.0)]])
def test_a_waypoint_that_is_no_place_is_named(bad: list[tuple[float, float]]) -> None:
    with pytest.raises(BadInput, match=r"point [12].*longitude first"):
        path_length_km(bad)


def test_a_step_must_be_longer_than_nothing() -> None:
    with pytest.raises(BadInput, match="greater than 0"):
        densify([KUBINKA, ULAN_UDE], 0.0)
