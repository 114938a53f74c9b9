"""Articles XV and XVII: joining, leaving, and what changes nothing. Case numbers are those of the worked cases."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.rules.finding import Verdict
from overflight.rules.membership import (
    acts_as_a_party_after_60_days,
    announcement_changes_nothing,
    conference_is_held_in_time,
    conference_window,
    earliest_withdrawal,
    entry_into_force_for,
    gives_six_months_notice,
    has_the_rights_of_a_party,
    return_is_an_accession,
)
from overflight.treaty.regime import Regime

on = Regime.on
JANUARY = date(2021, 1, 18)


@pytest.mark.parametrize(
    ("code", "day", "verdict"),
    [
        ("USA", date(2020, 11, 21), Verdict.RIGHT),
        ("USA", date(2020, 11, 22), Verdict.BREACHES),
        ("RUS", date(2021, 12, 17), Verdict.RIGHT),
        ("RUS", date(2021, 12, 18), Verdict.BREACHES),
        ("BLR", date(2021, 12, 18), Verdict.RIGHT),
        ("DEU", date(2001, 12, 31), Verdict.BREACHES),  # applied provisionally, not in force
        ("DEU", date(2002, 1, 1), Verdict.RIGHT),
        ("FIN", date(2003, 2, 9), Verdict.BREACHES),
        ("FIN", date(2003, 2, 10), Verdict.RIGHT),
        ("KGZ", JANUARY, Verdict.BREACHES),
        ("CHN", JANUARY, Verdict.BREACHES),
    ],
)
def test_rights_run_from_entry_into_force_until_the_withdrawal_takes_effect(code, day, verdict):
    assert has_the_rights_of_a_party(code, regime=on(day)).verdict is verdict


@pytest.mark.parametrize("kind", ["announcement", "vote", "law", "government decision"])
@pytest.mark.parametrize("day", [date(2021, 1, 15), date(2021, 6, 17), date(2021, 12, 17)])
def test_a_step_at_home_ends_no_right(kind, day):
    """Case 16: the announcement of 15 January 2021 and the votes that followed."""
    found = announcement_changes_nothing("RUS", kind=kind, made=date(2021, 1, 15), regime=on(day))
    assert (found.citation, found.verdict) == ("XV.2", Verdict.COMPLIES)
    assert has_the_rights_of_a_party("RUS", regime=on(day)).verdict is Verdict.RIGHT


def test_a_kind_of_act_that_nobody_listed_is_not_guessed():
    found = announcement_changes_nothing("RUS", kind="rumour", made=JANUARY, regime=on(JANUARY))
    assert (found.verdict, found.missing) == (Verdict.UNDETERMINED, ("kind",))


@pytest.mark.parametrize(
    ("notice", "intended", "verdict"),
    [
        (date(2020, 5, 22), date(2020, 11, 1), Verdict.BREACHES),  # case 14
        (date(2020, 5, 22), date(2020, 11, 21), Verdict.BREACHES),
        (date(2020, 5, 22), date(2020, 11, 22), Verdict.COMPLIES),
        (date(2020, 5, 22), date(2020, 11, 23), Verdict.COMPLIES),
        (date(2021, 6, 18), date(2021, 12, 17), Verdict.BREACHES),
        (date(2021, 6, 18), date(2021, 12, 18), Verdict.COMPLIES),
    ],
)
def test_withdrawal_takes_effect_six_months_after_the_notice(notice, intended, verdict):
    found = gives_six_months_notice(notice=notice, intended=intended, regime=on(notice))
    assert (found.citation, found.verdict) == ("XV.2", verdict)


@pytest.mark.parametrize(("reading", "earliest"), [("clip", date(2022, 2, 28)), ("next_day", date(2022, 3, 1))])
def test_six_months_that_end_on_no_day_follow_the_reading(reading, earliest):
    """31 August and six months: February has no 31st."""
    here = on(date(2021, 8, 31), readings={"withdrawal_month_end": reading})
    assert earliest_withdrawal(date(2021, 8, 31), here) == (earliest, True)
    early = gives_six_months_notice(notice=date(2021, 8, 31), intended=earliest - timedelta(days=1), regime=here)
    assert early.verdict is Verdict.BREACHES
    assert early.readings == {"withdrawal_month_end": reading}


@settings(max_examples=50, deadline=None)
@given(st.dates(date(2002, 1, 1), date(2060, 1, 1)))
def test_six_months_are_never_shorter_than_180_days_nor_longer_than_184(notice):
    earliest, clipped = earliest_withdrawal(notice, on(JANUARY))
    assert 180 <= (earliest - notice).days <= 184
    assert clipped == (earliest.day != notice.day)


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (25, Verdict.BREACHES),  # case 15
        (29, Verdict.BREACHES),
        (30, Verdict.COMPLIES),
        (40, Verdict.COMPLIES),
        (60, Verdict.COMPLIES),
        (61, Verdict.BREACHES),
    ],
)
def test_the_conference_is_held_30_to_60_days_after_the_notice(day, verdict):
    notice = date(2020, 5, 22)
    found = conference_is_held_in_time(
        notice=notice, conference=notice + timedelta(days=day), regime=on(date(2020, 12, 1))
    )
    assert (found.citation, found.verdict) == ("XV.3", verdict)


def test_windows_of_the_two_conferences():
    """Cases 15 and 16."""
    assert conference_window(date(2020, 5, 22), on(JANUARY)) == (date(2020, 6, 21), date(2020, 7, 21))
    assert conference_window(date(2021, 6, 18), on(JANUARY)) == (date(2021, 7, 18), date(2021, 8, 17))


@pytest.mark.parametrize(
    ("today", "verdict"), [(date(2020, 7, 21), Verdict.UNDETERMINED), (date(2020, 7, 22), Verdict.BREACHES)]
)
def test_a_conference_that_was_not_held_is_a_breach_only_after_the_window(today, verdict):
    found = conference_is_held_in_time(notice=date(2020, 5, 22), conference=None, regime=on(today))
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("act", "verdict"), [(date(2003, 2, 9), Verdict.BREACHES), (date(2003, 2, 10), Verdict.COMPLIES)]
)
def test_a_state_that_accedes_is_a_party_60_days_after_its_deposit(act, verdict):
    """XVII.6: Finland deposited on 12 December 2002."""
    deposit = date(2002, 12, 12)
    assert entry_into_force_for(deposit, on(deposit)) == date(2003, 2, 10) == on(act).state("FIN").memberships[0].since
    assert acts_as_a_party_after_60_days(deposit=deposit, act=act, regime=on(act)).verdict is verdict


@pytest.mark.parametrize(
    ("asked", "consents", "verdict"),
    [
        (date(2020, 11, 21), None, Verdict.SILENT),  # taking back a notice: the text does not say
        (date(2020, 11, 22), None, Verdict.UNDETERMINED),
        (date(2021, 5, 27), True, Verdict.COMPLIES),
        (date(2021, 5, 27), False, Verdict.BREACHES),  # one objection blocks
    ],
)
def test_a_return_is_an_accession_by_consensus(asked, consents, verdict):
    found = return_is_an_accession(
        "USA", asked=asked, effective=date(2020, 11, 22), oscc_consents=consents, regime=on(asked)
    )
    assert (found.citation, found.verdict) == ("XVII.5", verdict)
