"""How hours, days and months are counted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadData
from overflight.rules.finding import Verdict, breaches
from overflight.rules.timing import limit, shift_months, spoken, timed, unless_agreed

AT = datetime(2021, 5, 21, 10, 30, tzinfo=UTC)
MOMENTS = st.integers(700_000_000, 3_700_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))


def test_hours_are_elapsed_hours():
    held = limit(AT, 24, "h", "within", citation="VI.I.6")

    assert held.held_by(AT + timedelta(hours=24))
    assert not held.held_by(AT + timedelta(hours=24, seconds=1))


def test_the_whole_of_day_seven_still_complies():
    held = limit(AT, 7, "day", "within", citation="VI.I.21")

    assert held.held_by(datetime(2021, 5, 28, 23, 59, 59, tzinfo=UTC))
    assert not held.held_by(datetime(2021, 5, 29, tzinfo=UTC))


def test_day_thirty_is_early_enough_to_begin():
    held = limit(AT, 30, "day", "after", citation="XV.3")

    assert held.held_by(datetime(2021, 6, 20, tzinfo=UTC))
    assert not held.held_by(datetime(2021, 6, 19, 23, 59, 59, tzinfo=UTC))


def test_a_month_that_ends_on_no_date_is_clipped_and_says_so():
    assert shift_months(datetime(2021, 8, 31, tzinfo=UTC), 6) == (datetime(2022, 2, 28, tzinfo=UTC), True)
    held = limit(datetime(2021, 6, 18, tzinfo=UTC), 6, "month", "after", citation="XV.2")
    assert (held.at, held.clipped) == (datetime(2021, 12, 18, tzinfo=UTC), False)


def test_at_once_is_not_any_time_today():
    assert limit(AT, 0, "day", "within", citation="XV.2").at == AT


def test_a_unit_without_length_is_an_error_of_the_data():
    with pytest.raises(BadData, match="calendar"):
        limit(AT, 1, "calendar", "within", citation="AnnH.1")


def test_an_agreement_recorded_after_the_limit_does_not_reach_back():
    late = breaches("late")

    assert unless_agreed(late, AT, AT).verdict is Verdict.COMPLIES
    assert unless_agreed(late, AT + timedelta(seconds=1), AT).verdict is Verdict.BREACHES
    assert unless_agreed(late, None, AT).verdict is Verdict.BREACHES


@given(MOMENTS, st.integers(0, 400), st.sampled_from(["h", "day", "week", "month"]))
@settings(max_examples=50, deadline=None)
def test_more_time_never_brings_a_limit_nearer(trigger, amount, unit):
    sooner = limit(trigger, amount, unit, "within", citation="x")
    later = limit(trigger, amount + 1, unit, "within", citation="x")

    assert trigger <= sooner.at <= later.at


@given(MOMENTS, MOMENTS, st.integers(0, 400), st.sampled_from(["h", "day", "month"]))
@settings(max_examples=50, deadline=None)
def test_a_later_trigger_never_has_an_earlier_limit(a, b, amount, unit):
    first, second = sorted((a, b))

    assert (
        limit(first, amount, unit, "within", citation="x").at <= limit(second, amount, unit, "within", citation="x").at
    )


@given(MOMENTS, st.timedeltas(timedelta(days=-3), timedelta(days=3)))
@settings(max_examples=50, deadline=None)
def test_a_limit_divides_time_in_two(trigger, offset):
    held = limit(trigger, 24, "h", "within", citation="x")
    at = trigger + offset

    assert (timed(held, at, "act").verdict is Verdict.COMPLIES) == (at <= held.at)


def test_lengths_are_spoken_plainly():
    assert [spoken(timedelta(minutes=5)), spoken(timedelta(hours=26, minutes=5)), spoken(timedelta(seconds=9))] == [
        "5 min",
        "26 h 5 min",
        "9 s",
    ]
