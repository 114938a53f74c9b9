"""Notices as text for the official channel."""

import pytest

from overflight.flight.os_text import Frame, degrees, os_text
from tests.flight.build import Flight


def text_of(kind, **frame):
    flight = Flight()
    if kind == "plan.submit":
        flight.submit()
    else:
        flight.notify(others=False)
    return os_text(flight.messages[0], Frame(**frame), names={"DEU": "Germany", "RUS": "Russian Federation"})


def test_the_frame_has_the_lines_of_the_os_formats_in_order():
    lines = text_of("flight.notification", number="DEU/7", subject="Notice").splitlines()
    heads = [
        "OS FORMAT", "PRECEDENCE:", "FROM:", "TO:", "INFO:", "SUBJECT:", "1. OS MESSAGE NUMBER: DEU/7",
        "2. OS MESSAGE DATE AND TIME: 120800Z MAY 2021", "3. TREATY REFERENCE:", "4. MESSAGE REFERENCE:", "5. CONTENT:",
        "6. REMARKS:", "7. END OF OS MESSAGE NUMBER: DEU/7",
    ]  # fmt: skip
    places = [next(n for n, line in enumerate(lines) if line.startswith(head)) for head in heads]

    assert places == sorted(places)
    assert lines[0] == "OS FORMAT"  # its number is not known, so none is made up
    assert all(len(line) <= 72 for line in lines)


def test_the_notice_lists_items_a_to_h():
    text = text_of("flight.notification")

    for letter in "ABCDEFGH":
        assert f"   {letter}. " in text


def test_a_missing_item_shows_as_missing():
    flight = Flight()
    flight.notify(others=False, clearance="")

    assert "   E. -" in os_text(flight.messages[0], Frame())


def test_the_plan_prints_points_in_degrees_minutes_and_seconds():
    text = text_of("plan.submit")

    assert "P01 55 36 36.0N 036 39 00.0E  2500 M ABOVE GROUND TO NEXT" in text
    assert "SENSOR AFA-41-10 CERTIFIED MINIMUM HEIGHT 1500 M" in text


@pytest.mark.parametrize(
    ("e7", "letters", "text"),
    [
        (556100000, "NS", "55 36 36.0N"),
        (-556100000, "NS", "55 36 36.0S"),
        (1799999999, "EW", "180 00 00.0E"),
        (-5000000, "EW", "000 30 00.0W"),
        (0, "NS", "00 00 00.0N"),
    ],
)
def test_degrees(e7, letters, text):
    assert degrees(e7, letters) == text


def test_an_exercise_is_marked_first_and_last():
    lines = text_of("flight.notification", marking="EXERCISE EXERCISE EXERCISE").splitlines()

    assert lines[0] == lines[-1] == "EXERCISE EXERCISE EXERCISE"
