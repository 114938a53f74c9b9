"""Ground resolution and minimum heights: worked examples E1 to E4 and E10 of the notes, and the bar formula."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile, BadInput, CannotAnswer
from overflight.imagery.camera import Camera, Pose
from overflight.imagery.footprint import look, see
from overflight.imagery.ground import Patch, ProceduralGround, airfield_ground, bar_target
from overflight.imagery.passes import read_passes
from overflight.imagery.render import render
from overflight.imagery.resolution import (
    CONTRAST_NOTE,
    Chain,
    Pass,
    bar_modulation,
    bar_width,
    minimum_height,
    nadir_sample_m,
    planning_height_m,
    sine_bar_width,
    single_h_min_m,
)

MEASURED = Chain(sample_m=0.15, blur_m=0.06, smear_m=0.02, cutoff_per_m=8.0)
FIVE = [
    Pass((1500, 28.1), (1500, 31.5)),
    Pass((1520, 28.1), (1510, 31.5)),
    Pass((1490, 25.0), (1490, 31.5)),
    Pass((1505, 28.1), (1505, 28.1)),
    Pass((1510, 28.1), (1510, 31.5)),
]


@pytest.mark.parametrize(
    ("height", "bar", "expected"), [(2000, 40, 1500.0), (1500, 25, 1800.0), (1830, 33.7, 1629.080)]
)
def test_minimum_height_from_one_reading_scales_with_height(height, bar, expected):
    """E1 to E3, Decision Fourteen, Part V, 2(A)."""
    assert single_h_min_m(height, bar, 30) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("average", "expected"),
    [("max_of_direction_means", 1646.212), ("grand_mean", 1556.163), ("geometric_mean", 1551.994), ("max", 1788.0)],
)
def test_four_ways_of_averaging_differ_and_are_named(average, expected):
    """E4."""
    found = minimum_height(FIVE, limit_cm=30, category="video", average=average)
    assert found.h_min_m == pytest.approx(expected, abs=0.01)
    assert found.along_m == pytest.approx(1646.212, abs=0.01)
    assert found.across_m == pytest.approx(1466.114, abs=0.01)
    assert average in found.rule


def test_film_is_marked_as_lacking_the_contrast_correction_and_video_is_not():
    assert CONTRAST_NOTE in minimum_height(FIVE, limit_cm=30, category="optical").notes
    assert CONTRAST_NOTE not in minimum_height(FIVE, limit_cm=30, category="video").notes
    assert minimum_height(FIVE, limit_cm=30, category="optical").verified == "no"


@pytest.mark.parametrize("category", ["infra-red", "radar"])
def test_formulas_that_nobody_could_read_are_not_invented(category):
    with pytest.raises(CannotAnswer):
        minimum_height(FIVE, limit_cm=50, category=category)


def test_planning_estimate_is_two_f_r_l():
    """E10, and the exercise camera: 100 mm at 25 line pairs per millimetre."""
    assert planning_height_m(152, 40, 0.30) == pytest.approx(3648.0)
    assert planning_height_m(300, 35, 0.30) == pytest.approx(6300.0)
    assert planning_height_m(100, 25, 0.30) == pytest.approx(1500.0)


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_numbers_that_are_no_heights_are_refused(bad):
    with pytest.raises(BadInput):
        single_h_min_m(bad, 30, 30)
    with pytest.raises(BadInput):
        nadir_sample_m([1000.0, bad], 100, 20)


def test_bars_and_sines_give_different_widths_for_one_chain():
    """0.2029 m by square bars and 0.2333 m by a sine, for the parameters measured in the notes."""
    assert bar_width(MEASURED, target_modulation=0.4, threshold=0.4) == pytest.approx(0.2029, abs=3e-4)
    assert sine_bar_width(MEASURED, threshold=0.4) == pytest.approx(0.2333, abs=3e-4)


@settings(max_examples=12, deadline=None)
@given(st.floats(0.05, 0.3), st.floats(0.05, 0.5), st.floats(0.15, 0.8))
def test_more_blur_never_gives_finer_bars(sample, blur, threshold):
    """For bars that pixels can show: under 1.05 sample distances they alias, and no reading means anything."""
    sharp = bar_width(Chain(sample, blur), target_modulation=0.6, threshold=threshold)
    assume(sharp >= 1.05 * sample)
    soft = bar_width(Chain(sample, blur * 1.3), target_modulation=0.6, threshold=threshold)
    assert soft > sharp


def test_sample_distance_is_not_ground_resolution():
    assert nadir_sample_m([2500.0], 100.0, 20.0) == pytest.approx([0.5])
    assert bar_width(Chain(0.5, 0.2), target_modulation=0.6) > 0.5


# pictures with truth

FINE = Camera("F", focal_mm=100.0, columns=400, rows=400, pitch_mm=0.01)  # 0.15 m at 1500 m


def scene(patches: tuple[Patch, ...]) -> ProceduralGround:
    return ProceduralGround(30.0, 55.0, 120.0, patches, bar_target())


@pytest.mark.parametrize(("heading", "pitch", "roll"), [(0, 0, 0), (37, 0, 0), (210, 2, -3)])
def test_a_mark_on_the_ground_is_rendered_where_the_camera_sees_it(heading, pitch, roll):
    pose = Pose.of(30.0, 55.0, 1620.0, heading, pitch, roll)
    where = np.array([9.0, -4.0])
    square = np.array([[-1.2, -1.2], [1.2, -1.2], [1.2, 1.2], [-1.2, 1.2]])
    # the mark is put where the tilted camera looks, so that it stays in the picture
    lon, lat, _ = look(FINE, pose, [200], [200], 120.0)
    ground = ProceduralGround(float(lon[0, 0]), float(lat[0, 0]), 120.0, (Patch(square + where, 255),), bar_target(), 0)
    picture = render(FINE, pose, ground, blur_px=0, noise=0, supersample=8).astype(float)
    rows, columns = np.mgrid[0:400, 0:400] + 0.5
    column, row = see(FINE, pose, *ground.places(where[:1], where[1:]))
    assert (picture * columns).sum() / picture.sum() == pytest.approx(column[0, 0], abs=0.05)
    assert (picture * rows).sum() / picture.sum() == pytest.approx(row[0, 0], abs=0.05)
    side = math.sqrt(picture.sum() / 255)
    assert side == pytest.approx(2.4 / 0.15, rel=0.02)  # 2.4 m at 0.15 m a pixel


def test_rendered_bars_lose_the_modulation_that_the_formula_says():
    """Height, blur and pixel are known, so the picture's own bars must show `bar_modulation`."""
    from scipy.ndimage import map_coordinates

    target = bar_target(widest_m=0.9, groups=8)
    pose = Pose.of(30.0, 55.0, 1620.0)
    ground = scene(target.patches)
    picture = render(FINE, pose, ground, blur_px=0.7, noise=0, supersample=16).astype(float)
    chain = Chain(sample_m=0.15, blur_m=0.7 * 0.15)
    contrast = (200 - 40) / (200 + 40)

    def level(group, off):
        along = np.linspace(-1.5, 1.5, 41) * group.width_m
        east, north = (np.full(41, off), along) if group.direction == "east" else (along, np.full(41, off))
        column, row = see(FINE, pose, *ground.places(group.east_m + east, group.north_m + north))
        return map_coordinates(picture, [row[0] - 0.5, column[0] - 0.5], order=3).mean()

    for group in target.groups:
        bright = np.mean([level(group, k * 2 * group.width_m) for k in (-1, 0, 1)])
        dark = np.mean([level(group, k * group.width_m) for k in (-1, 1)])
        seen = (bright - dark) / (bright + dark) / contrast
        said = bar_modulation(chain, group.width_m, target_modulation=contrast)
        assert seen == pytest.approx(said, abs=0.03), group


def test_half_the_height_shows_bars_twice_as_fine():
    low, high = Chain(0.15, 0.09), Chain(0.30, 0.18)
    ratio = bar_width(high, target_modulation=0.6) / bar_width(low, target_modulation=0.6)
    assert ratio == pytest.approx(2.0, rel=1e-3)  # linear in height, as the rule of Decision Fourteen takes it


def test_the_same_seed_gives_the_same_picture_and_another_a_different_one():
    camera = Camera("AFA-41-10", 100.0, 200, 200, 0.9)
    pose = Pose.of(30.0, 55.0, 2620.0, 12.0)
    first = render(camera, pose, airfield_ground(30.0, 55.0, 120.0, seed=4), seed=4)
    assert (first == render(camera, pose, airfield_ground(30.0, 55.0, 120.0, seed=4), seed=4)).all()
    assert (first != render(camera, pose, airfield_ground(30.0, 55.0, 120.0, seed=5), seed=4)).any()


def test_a_picture_too_large_to_render_is_refused_before_memory_is_taken():
    with pytest.raises(BadInput, match="most"):
        render(Camera("X", 100.0, 90_000, 90_000, 0.002), Pose.of(30.0, 55.0, 2500.0), scene(()))


# passes from a file


def test_passes_are_read_with_empty_cells_as_not_read(tmp_path):
    file = tmp_path / "passes.csv"
    file.write_text(
        "pass,height_along_m,bar_along_cm,height_across_m,bar_across_cm\n1,1500,28.1,1500,\n2,,,1510,31.5\n"
    )
    assert read_passes(file) == (Pass((1500, 28.1), None), Pass(None, (1510, 31.5)))
    file.write_text("height_m,bar_along_cm,bar_across_cm\n2000,40,40\n")
    assert read_passes(file) == (Pass((2000, 40), (2000, 40)),)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "0 passes"),
        ("height_m,bar_along_cm\n", "0 passes"),
        ("a,b\n1,2\n", "needs the columns"),
        ("height_m,bar_along_cm\n1500,nan\n", "line 2: bar_along_cm"),
        ("height_m,bar_along_cm\n1500,30\n-3,30\n", "line 3: height_m"),
        ("height_m,bar_along_cm\n1500\n,30\n", "line 3: height_m"),
        ("height_m,bar_along_cm\n1e999,30\n", "line 2: height_m"),
    ],
)
def test_a_table_that_is_none_is_refused_with_row_and_column(tmp_path, text, what):
    file = tmp_path / "passes.csv"
    file.write_text(text)
    with pytest.raises(BadFile, match=what):
        read_passes(file)
    with pytest.raises(BadFile):
        read_passes(tmp_path / "none.csv")
    file.write_bytes(b"\xff\xfe\x00height_m")
    with pytest.raises(BadFile, match="UTF-8"):
        read_passes(file)
