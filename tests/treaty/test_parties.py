"""Who is a Party, on the days before, of and after each change."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import UnknownParty
from overflight.treaty.regime import Regime

DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(1992, 3, 24), 0),  # signature; provisional application is not membership
        (date(2001, 12, 31), 0),
        (date(2002, 1, 1), 26),
        (date(2005, 7, 7), 33),
        (date(2005, 7, 8), 34),
        (date(2020, 11, 21), 34),
        (date(2020, 11, 22), 33),
        (date(2021, 1, 18), 33),
        (date(2021, 12, 17), 33),
        (date(2021, 12, 18), 32),
        (date(2035, 1, 1), 32),
    ],
)
def test_number_of_parties(day, number):
    assert len(Regime.on(day).parties()) == number


@pytest.mark.parametrize(("code", "last"), [("USA", date(2020, 11, 21)), ("RUS", date(2021, 12, 17))])
def test_a_state_is_a_party_until_the_day_before_its_withdrawal_takes_effect(code, last):
    """XV.2: `until` is the first day on which it no longer is one."""
    assert Regime.on(last).is_party(code)
    assert not Regime.on(last + timedelta(days=1)).is_party(code)


def test_a_signatory_that_never_ratified_is_no_party():
    with pytest.raises(UnknownParty, match="has not ratified"):
        Regime.on(date(2021, 1, 18)).party("KGZ")


@pytest.mark.parametrize(
    ("code", "words"),
    [("USA", "until 2020-11-22"), ("Russia", r"RUS \(Russian Federation\)"), ("RSU", "RUS"), ("", "three-letter code")],
)
def test_the_sentence_about_an_unknown_party_says_which_and_what_is_near(code, words):
    with pytest.raises(UnknownParty, match=words):
        Regime.on(date(2021, 1, 18)).party(code)


@pytest.mark.parametrize(
    ("day", "name"), [(date(2021, 12, 31), "Turkey"), (date(2022, 5, 31), "Turkey"), (date(2022, 6, 1), "Turkiye")]
)
def test_names_follow_the_day(day, name):
    assert Regime.on(day).party("TUR").name == name


def test_the_group_of_belarus_and_russia_ends_when_russia_leaves():
    """III.II: Belarus stays a Party alone."""
    before, after = Regime.on(date(2021, 12, 17)), Regime.on(date(2021, 12, 18))
    assert before.quota_holder("BLR") == before.quota_holder("RUS") == "BLR;RUS"
    assert before.party("BLR").group == "BLR;RUS"
    assert after.quota_holder("BLR") == "BLR"
    assert after.party("BLR").group is None
    assert after.group_of("BLR;RUS") is None


def test_benelux_is_one_holder_of_quota_and_three_parties():
    """XIV.1."""
    here = Regime.on(date(2026, 1, 1))
    assert {here.quota_holder(code) for code in ("BEL", "LUX", "NLD")} == {"BEL;LUX;NLD"}
    assert all(here.is_party(code) for code in ("BEL", "LUX", "NLD"))


def test_dates_of_effect_follow_from_deposits_and_notices():
    """XVII.6 and XV.2: sixty days after a late deposit, six months after a notice; every row agrees."""
    here = Regime.on(date(2026, 1, 1))
    late = left = 0
    for code in [p.code for p in here.parties()] + ["RUS", "USA"]:
        for row in here.state(code).memberships:
            if row.how == "accession":
                assert row.since - row.deposited == timedelta(days=60), code
                late += 1
            if row.notice:
                assert (row.until.year, row.until.month, row.until.day) == (
                    row.notice.year,
                    row.notice.month + 6,
                    row.notice.day,
                )
                left += 1
    assert (late, left) == (8, 2)


@settings(max_examples=40, deadline=None)
@given(DAYS, DAYS)
def test_a_party_on_two_days_was_one_on_every_day_between(one, other):
    """No State has left and come back, so membership is one unbroken time."""
    first, last = sorted((one, other))
    both = {p.code for p in Regime.on(first).parties()} & {p.code for p in Regime.on(last).parties()}
    middle = first + (last - first) / 2
    assert both <= {p.code for p in Regime.on(middle).parties()}


@settings(max_examples=40, deadline=None)
@given(DAYS)
def test_groups_hold_only_parties(day):
    here = Regime.on(day)
    for group in here.groups():
        assert all(here.is_party(member) for member in group.members)
