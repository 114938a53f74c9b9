"""Article IV and VI.II.4.D for frames: below, at and above each limit."""

import math
from datetime import date

import pytest

from overflight.rules.finding import RULES, Verdict
from overflight.rules.sensors import (
    frame_is_taken_at_minimum_height,
    infra_red_waits_for_full_implementation,
    output_is_not_finer_than_agreed,
    sensor_category_is_permitted,
    sensors_are_within_their_number,
)
from overflight.treaty.regime import Regime

REGIME = Regime.on(date(2021, 5, 19))


def frame(height, error=0.0, h_min=1500.0):
    return frame_is_taken_at_minimum_height(
        sensor="AFA-41-10", height_agl_m=height, height_error_m=error, certified_h_min_m=h_min
    )


@pytest.mark.parametrize(
    ("height", "error", "verdict"),
    [
        (1499.99, 0.0, Verdict.BREACHES),
        (1500.0, 0.0, Verdict.COMPLIES),  # exactly at the minimum
        (1500.01, 0.0, Verdict.COMPLIES),
        (1480.0, 15.0, Verdict.BREACHES),  # too low whatever the error
        (1490.0, 15.0, Verdict.UNDETERMINED),
        (1500.0, 15.0, Verdict.UNDETERMINED),
        (1514.99, 15.0, Verdict.UNDETERMINED),
        (1515.0, 15.0, Verdict.COMPLIES),
        (1485.0, 15.0, Verdict.UNDETERMINED),  # the error just reaches the minimum
    ],
)
def test_a_frame_below_its_certified_height_is_a_finding(height, error, verdict):
    found = frame(height, error)
    assert (found.citation, found.verdict) == ("VI.II.4.D", verdict)


@pytest.mark.parametrize(
    ("height", "h_min", "missing"),
    [
        (None, 1500.0, ("height_agl_m",)),
        (2500.0, None, ("certified_h_min_m",)),
        (math.nan, 1500.0, ("height_agl_m",)),
        (None, None, ("height_agl_m", "certified_h_min_m")),
    ],
)
def test_without_height_or_certificate_the_answer_is_open_and_names_what_lacks(height, h_min, missing):
    found = frame(height, 0.0, h_min)
    assert found.verdict is Verdict.UNDETERMINED
    assert found.missing == missing


def test_the_sentence_shows_a_miss_of_a_centimetre():
    assert "1499.99 m" in frame(1499.99).because
    assert "0.01 m below" in frame(1499.99).because


def test_radar_has_no_minimum_height():
    found = frame_is_taken_at_minimum_height(
        sensor="S", category="radar", height_agl_m=None, height_error_m=0, certified_h_min_m=None
    )
    assert found.verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("category", "read", "verdict"),
    [
        ("optical", 0.299, Verdict.BREACHES),
        ("optical", 0.30, Verdict.COMPLIES),
        ("optical", 0.301, Verdict.COMPLIES),
        ("video", 0.29, Verdict.BREACHES),
        ("infra-red", 0.49, Verdict.BREACHES),
        ("infra-red", 0.50, Verdict.COMPLIES),
        ("radar", 2.9, Verdict.BREACHES),
        ("radar", 3.0, Verdict.COMPLIES),
    ],
)
def test_output_finer_than_its_limit_is_a_finding(category, read, verdict):
    found = output_is_not_finer_than_agreed(sensor="S", category=category, regime=REGIME, ground_resolution_m=read)
    assert (found.citation, found.verdict) == ("IV.2", verdict)
    assert found.data[0]["name"] == "resolution_limit"


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.27, 0.299), Verdict.BREACHES),
        ((0.28, 0.30), Verdict.UNDETERMINED),
        ((0.29, 0.33), Verdict.UNDETERMINED),
        ((0.30, 0.33), Verdict.COMPLIES),
    ],
)
def test_a_limit_inside_the_interval_of_the_reading_leaves_it_open(interval, verdict):
    found = output_is_not_finer_than_agreed(
        sensor="S", category="optical", regime=REGIME, ground_resolution_m=sum(interval) / 2, interval_m=interval
    )
    assert found.verdict is verdict


def test_without_a_target_nothing_is_known_of_the_resolution():
    found = output_is_not_finer_than_agreed(sensor="S", category="optical", regime=REGIME, ground_resolution_m=None)
    assert found.verdict is Verdict.UNDETERMINED
    assert found.missing == ("ground_resolution_m",)


@pytest.mark.parametrize("category", ["optical", "video", "infra-red", "radar"])
def test_four_categories_are_permitted(category):
    assert sensor_category_is_permitted(category).verdict is Verdict.COMPLIES


@pytest.mark.parametrize("category", ["laser", "signals", ""])
def test_any_other_category_is_not(category):
    found = sensor_category_is_permitted(category)
    assert (found.citation, found.verdict) == ("IV.1", Verdict.BREACHES)


@pytest.mark.parametrize(
    ("day", "agreed", "verdict"),
    [
        (date(2005, 12, 31), False, Verdict.BREACHES),
        (date(2005, 12, 31), True, Verdict.COMPLIES),
        (date(2006, 1, 1), False, Verdict.COMPLIES),
    ],
)
def test_infra_red_waits_for_the_end_of_2005(day, agreed, verdict):
    found = infra_red_waits_for_full_implementation("infra-red", Regime.on(day), agreed=agreed)
    assert (found.citation, found.verdict) == ("XVIII.II.2", verdict)
    assert infra_red_waits_for_full_implementation("optical", Regime.on(day)).verdict is Verdict.COMPLIES


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        (["panoramic", "vertical framing", "oblique framing", "oblique framing"], Verdict.COMPLIES),
        (["oblique framing"] * 3, Verdict.BREACHES),
        (["panoramic"] * 2, Verdict.BREACHES),
        (["radar"] * 2, Verdict.BREACHES),
        (["infra-red"], Verdict.COMPLIES),
        ([], Verdict.COMPLIES),
    ],
)
def test_sensors_aboard_are_counted_by_kind(kinds, verdict):
    assert sensors_are_within_their_number(kinds, REGIME).verdict is verdict


def test_the_rules_stand_under_their_paragraphs():
    assert "frame_is_taken_at_minimum_height" in {r.name for r in RULES["VI.II.4.D"]}
    assert {"output_is_not_finer_than_agreed", "sensors_are_within_their_number"} <= {r.name for r in RULES["IV.2"]}
