"""A year's flights by quarter: the bound, flights at one time, shared flights once, the dates of the round."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput
from overflight.flight.quarters import Planned, ics, quarter_of, year_calendar
from tests.flight.build import regime_on, utc


def verdicts(found, citation):
    return [str(f.verdict) for f in found.findings if f.citation == citation]


def quarter(found, n, over="UKR"):
    return next(q for q in found.quarters if (q.observed, q.quarter) == (over, n))


@pytest.mark.parametrize(("flights", "verdict"), [(15, "complies"), (16, "complies"), (17, "breaches")])
def test_a_quarter_takes_sixteen_flights_over_one_party(flights, verdict):
    plans = [Planned(("DEU",), "UKR", 1, 10), Planned(("FRA",), "UKR", 1, flights - 10)]
    found = year_calendar(plans, 2004, regime_on)

    assert (quarter(found, 1).flights, quarter(found, 1).finding.verdict) == (flights, verdict)
    assert quarter(found, 2).flights == 0
    assert found.complies is (verdict == "complies")


@pytest.mark.parametrize(("hours", "clash"), [(0, True), (95, True), (96, False), (97, False)])
def test_two_flights_at_one_time_need_not_both_be_accepted(hours, clash):
    first = utc("2004-05-03T08:00")
    plans = [
        Planned(("GBR",), "UKR", 2, eta=first, name="A"),
        Planned(("POL",), "UKR", 2, eta=first + timedelta(hours=hours), name="B"),
        Planned(("POL",), "ROU", 2, eta=first, name="C"),
    ]
    found = year_calendar(plans, 2004, regime_on)
    clashes = [f.where["flights"] for f in found.findings if f.citation == "VI.I.3.b"]

    assert clashes == ([["A", "B"]] if clash else [])
    assert found.complies, "a clash is a right of the observed Party and no breach"


def test_a_shared_flight_is_one_whoever_tells_of_it():
    both = [Planned(("USA", "CAN"), "UKR", 3, 1), Planned(("CAN", "USA"), "UKR", 3, 1)]
    differ = [Planned(("USA", "CAN"), "UKR", 3, 1), Planned(("CAN", "USA"), "UKR", 3, 2)]

    assert quarter(year_calendar(both, 2003, regime_on), 3).flights == 1
    found = year_calendar(differ, 2003, regime_on)
    assert quarter(found, 3).flights == 2
    assert verdicts(found, "AnnH.1") == ["undetermined"]


def test_two_rows_of_one_party_add_up_and_a_group_is_one_side():
    plans = [Planned(("DEU",), "RUS", 1, 1), Planned(("DEU",), "BLR", 1, 1), Planned(("DEU",), "RUS", 1, 1)]
    found = year_calendar(plans, 2003, regime_on)

    assert quarter(found, 1, "BLR;RUS").flights == 3


@pytest.mark.parametrize(("flights", "verdict"), [(2, []), (3, []), (4, ["breaches"])])
def test_plans_beyond_the_years_quota_are_told(flights, verdict):
    """Germany may fly three times over Belarus and Russia in 2003."""
    found = year_calendar([Planned(("DEU",), "RUS", 1, flights)], 2003, regime_on)

    assert verdicts(found, "III.I.8") == verdict


def test_beyond_the_passive_quota_nobody_need_accept_more():
    plans = [Planned((code,), "PRT", 1, 1) for code in ("DEU", "FRA", "GBR")]

    assert verdicts(year_calendar(plans[:2], 2003, regime_on), "III.I.4") == []
    assert verdicts(year_calendar(plans, 2003, regime_on), "III.I.4") == ["right"]


def test_the_dates_of_the_round():
    dates = {(c, first, last) for _, first, last, c in year_calendar([], 2027, regime_on).dates}

    assert ("AnnL.II.1", date(2026, 10, 1), date(2026, 10, 1)) in dates
    assert ("AnnH.1", date(2026, 11, 1), date(2026, 11, 1)) in dates
    for first, last in (
        (date(2026, 11, 1), date(2026, 11, 15)),
        (date(2027, 2, 1), date(2027, 2, 15)),
        (date(2027, 5, 1), date(2027, 5, 15)),
        (date(2027, 8, 1), date(2027, 8, 15)),
    ):
        assert ("AnnH.3", first, last) in dates
        assert ("AnnH.4", last, last + timedelta(days=7)) in dates


def test_it_is_a_calendar_for_any_program():
    plans = [Planned(("GBR", "CAN"), "UKR", 2, eta=utc("2027-05-03T08:00"), name="OS7001")]
    text = ics(year_calendar(plans, 2027, regime_on), at=utc("2026-11-22T12:00"), marking="EXERCISE")

    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == 11
    assert "DTSTART:20270503T080000Z\r\nDTEND:20270507T080000Z" in text
    assert "EXERCISE OS7001 GBR + CAN over UKR (VI.I.9)" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@pytest.mark.parametrize("year", [1, 9999, 0, -3])
def test_a_year_without_a_year_before_is_refused(year):
    with pytest.raises(BadInput, match="calendar"):
        year_calendar([], year, regime_on)


def test_quarters_change_with_the_month():
    times = ["2027-03-31T23:59", "2027-04-01T00:00", "2027-06-30T23:59", "2027-07-01T00:00"]

    assert [quarter_of(utc(t)) for t in times] == [1, 2, 2, 3]


PLANS = st.lists(
    st.builds(
        lambda by, over, n, flights, hours, dated: (
            Planned(by, over, quarter_of(datetime(2003, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
                    eta=datetime(2003, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
            if dated
            else Planned(by, over, n, flights)
        ),
        st.sampled_from([("DEU",), ("GBR",), ("USA", "CAN"), ("CAN", "USA")]),
        st.sampled_from(["UKR", "RUS", "BLR"]),
        st.integers(1, 4),
        st.integers(1, 9),
        st.integers(0, 8000),
        st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


@given(PLANS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_in_any_order_the_same_and_no_flight_is_lost(plans, random):
    shuffled = list(plans)
    random.shuffle(shuffled)
    found = year_calendar(plans, 2003, regime_on)

    assert found.to_json() == year_calendar(shuffled, 2003, regime_on).to_json()
    alone = sum(p.flights for p in plans if len(p.observing) == 1 and p.eta is None)
    assert sum(q.flights for q in found.quarters) >= alone
    assert sum(q.flights for q in found.quarters) <= sum(p.flights for p in plans)
