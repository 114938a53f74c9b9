"""Dated tables: the value of the day, its marks, and what is said when there is none."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import UnknownAirfield, UnknownOnDate, UnknownReading
from overflight.treaty.datafile import MARKS
from overflight.treaty.regime import Regime

JANUARY = date(2021, 1, 18)

NAMES = {
    "border_clearance": "10 km",
    "notice_before_arrival": "72 h",
    "acknowledge_within": "24 h",
    "late_arrival": "24 h",
    "flight_window": "96 h",
    "demonstration_extension": "24 h",
    "inspection_longest": "8 h",
    "inspection_before_start": "4 h",
    "plan_reply_within": "4 h",
    "plan_agreement_within": "8 h",
    "plan_before_take_off": "24 h",
    "leave_after_completion": "24 h",
    "report_within": "7 day",
    "prohibition_reasons_within": "7 day",
    "decline_reasons_within": "7 day",
    "film_observed_facility": "3 day",
    "film_observing_facility": "10 day",
    "deviation_limit": "50 km",
    "withdrawal_notice": "6 month",
    "conference_earliest": "30 day",
    "conference_latest": "60 day",
    "accession_effect": "60 day",
    "personnel_list": "400 person",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
def test_single_numbers_of_the_articles(name, shown):
    assert str(Regime.on(JANUARY).value(name)) == shown


def test_every_single_number_agrees_with_the_clock_of_its_paragraph():
    """Two files hold the same number: a clock in deadlines and a value; they may not drift apart."""
    here = Regime.on(date(2002, 1, 1))
    units = {"h": "hour", "day": "day", "month": "month"}
    compared = 0
    for name in here.table_names():
        table = here.table(name)
        if table.unit in units and len(table.rows) == 1:
            amounts = {
                d.amount for d in here.deadlines() if d.citation == table.citation and d.unit == units[table.unit]
            }
            if amounts:
                assert here.value(name).value in amounts, name
                compared += 1
    assert compared > 20


@pytest.mark.parametrize(("category", "metres"), [("optical", 0.3), ("video", 0.3), ("infra-red", 0.5), ("radar", 3)])
def test_resolution_limits(category, metres):
    """IV.2."""
    assert Regime.on(JANUARY).value("resolution_limit", of=category).value == metres


@pytest.mark.parametrize(("day", "mark"), [(date(2002, 12, 31), "yes"), (date(2003, 1, 1), "last known")])
def test_annex_values_are_only_last_known_after_2002(day, mark):
    here = Regime.on(day)
    assert here.value("passive_quota", of="DEU").in_force == mark
    assert here.max_flight_distance("ETNW").in_force == mark
    assert here.value("airfield_from_entry_within").in_force == mark
    assert here.value("border_clearance").in_force == "yes"  # an Article, not an Annex


def test_quotas_of_states_that_joined_later_show_that_they_are_from_memory():
    found = Regime.on(JANUARY).value("passive_quota", of="SWE")
    assert found.verified == "unverified (from memory)"
    assert "memory" in found.marked


@pytest.mark.parametrize(
    ("day", "of", "flights"),
    [
        (date(2020, 11, 21), "USA", 42),
        (date(2021, 12, 17), "RUS", 42),
        (date(2021, 12, 17), "BLR", 42),
        (JANUARY, "NLD", 6),
    ],
)
def test_a_member_of_a_group_has_the_group_quota(day, of, flights):
    assert Regime.on(day).value("passive_quota", of=of).value == flights


@pytest.mark.parametrize(
    ("day", "of", "words"),
    [
        (date(2020, 11, 22), "USA", "2020-11-22"),
        (date(2021, 12, 18), "BLR", "the text is silent"),
        (JANUARY, "XXX", "on any day"),
        (date(2001, 12, 31), "DEU", "from 2002-01-01"),
    ],
)
def test_no_quota_on_the_day_is_told_with_the_nearest(day, of, words):
    with pytest.raises(UnknownOnDate, match=words):
        Regime.on(day).value("passive_quota", of=of)


def test_the_first_distribution_ends_by_reading():
    """AnnA.II.1 can be read both ways."""
    for day, choice, rows in [
        (date(2002, 12, 31), "2002", True),
        (date(2003, 1, 1), "2002", False),
        (date(2003, 12, 31), "2003", True),
        (date(2004, 1, 1), "2003", False),
    ]:
        here = Regime.on(day, readings={"first_distribution_end": choice})
        assert any(v.by == "DEU" for v in here.values("active_quota")) is rows, (day, choice)


def test_the_first_distribution_keeps_the_three_quarter_rule_except_over_poland():
    """AnnA.II.1: nobody accepts more than 75 % of its passive quota, rounded down; the text itself gives Poland 5."""
    here = Regime.on(date(2002, 6, 1))
    share = here.value("first_phase_share").value
    above = {}
    for quota in here.values("passive_quota"):
        rows = [v for v in here.values("active_quota") if v.of == quota.of]
        shared = sum(v.value for v in rows if v.variant) / 2  # each shared flight is a row of both Parties
        flights = shared + sum(v.value for v in rows if not v.variant)
        if flights > int(share * quota.value):
            above[quota.of] = flights
    assert above == {"POL": 5}


@pytest.mark.parametrize(("reading", "km"), [("lower", 5000), ("treaty", 5000), ("reported", 5500)])
def test_where_distances_differ_the_lower_plans_and_a_reading_switches(reading, km):
    found = Regime.on(JANUARY, readings={"distance_source": reading}).max_flight_distance("UUMB")
    assert found.value == km
    assert {found.value, *(o.value for o in found.others)} == {5000, 5500}


@pytest.mark.parametrize(
    ("day", "mark", "others"), [(date(2012, 4, 8), "last known", 0), (date(2012, 4, 9), "contradicted", 1)]
)
def test_a_press_report_contradicts_from_its_own_day(day, mark, others):
    found = Regime.on(day).max_flight_distance("UUMB")
    assert (found.in_force, len(found.others)) == (mark, others)


def test_the_lower_distance_plans_even_where_the_press_report_is_the_lower():
    for airfield in Regime.on(JANUARY).airfields():
        try:
            found = Regime.on(JANUARY).max_flight_distance(airfield.icao)
        except UnknownOnDate:
            continue
        assert all(found.value <= o.value for o in found.others), airfield.icao


def test_larger_distances_for_islands_are_shown_and_not_used():
    found = Regime.on(JANUARY).max_flight_distance("EGVN")
    assert found.value == 1150
    assert {o.value for o in found.others} == {1500, 2400}


@pytest.mark.parametrize(
    ("icao", "words"), [("KIAD", "listed from 2002-01-01 to 2020-11-22"), ("Kubinka", "UUMB"), ("UUBM", "UUMB")]
)
def test_an_unknown_airfield_is_told_with_near_ones(icao, words):
    with pytest.raises(UnknownAirfield, match=words):
        Regime.on(JANUARY).airfield(icao)


def test_an_airfield_without_a_known_distance_says_so():
    with pytest.raises(UnknownOnDate, match="was found"):
        Regime.on(JANUARY).max_flight_distance("LHTL")


def test_readings_are_checked():
    with pytest.raises(UnknownReading, match="lower, treaty, reported"):
        Regime.on(JANUARY, readings={"distance_source": "highest"})
    with pytest.raises(UnknownReading, match="distance_source"):
        Regime.on(JANUARY, readings={"distance_sorce": "lower"})


def test_with_value_changes_a_copy_and_marks_it():
    here = Regime.on(JANUARY)
    tried = here.with_value("active_quota", 3, of="BLR;RUS", by="DEU", source="exercise")
    found = tried.value("active_quota", of="RUS", by="DEU")
    assert (found.value, found.source, found.verified) == (3, "exercise", "set for this run")
    assert [v.value for v in tried.values("active_quota")] == [3]
    with pytest.raises(UnknownOnDate):
        here.value("active_quota", of="RUS", by="DEU")


def test_the_same_question_gives_the_same_regime():
    assert Regime.on(JANUARY) is Regime.on(JANUARY, readings={})


def test_a_value_prints_with_its_unit_and_row():
    row = Regime.on(JANUARY).value("border_clearance").to_json()
    assert {"value", "unit", "of", "by", "since", "until", "source", "verified", "in_force"} <= set(row)
    assert row["source"].startswith("VI.II.2")


@settings(max_examples=25, deadline=None)
@given(st.dates())
def test_any_day_of_the_calendar_answers(day):
    """Each row holds on the day that it is shown for, prints as JSON, and carries a source and both marks."""
    here = Regime.on(day)
    for name in here.table_names():
        for row in here.values(name):
            assert row.since <= day
            assert row.until is None or day < row.until
            assert row.in_force in MARKS
            assert row.source
            assert row.verified
            json.dumps(row.to_json(), allow_nan=False)
    if day < date(2002, 1, 1):
        assert here.parties() == () == here.airfields()
    for quota in here.values("passive_quota"):
        assert quota.of == "CSK" or all(here.is_party(code) for code in quota.of.split(";"))


@settings(max_examples=25, deadline=None)
@given(st.dates(date(2002, 1, 1), date(2040, 1, 1)))
def test_every_party_has_a_passive_quota_except_belarus_alone(day):
    here = Regime.on(day)
    for party in here.parties():
        if party.code == "BLR" and party.group is None:
            continue
        assert here.value("passive_quota", of=party.code).value > 0
