"""The mission report."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import report as r
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

DEPARTED = datetime(2021, 5, 21, 20, tzinfo=UTC)
REGIME = Regime.on(date(2021, 5, 21))
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (DEPARTED + timedelta(days=1), Verdict.COMPLIES),
        (datetime(2021, 5, 28, 23, 59, 59, tzinfo=UTC), Verdict.COMPLIES),  # all of day 7
        (datetime(2021, 5, 29, tzinfo=UTC), Verdict.BREACHES),
        (None, Verdict.BREACHES),
    ],
)
def test_the_report_goes_to_all_within_seven_days_of_departure(sent, verdict):
    found = r.sends_the_report_within_7_days(departed=DEPARTED, sent=sent, regime=REGIME)

    assert (found.citation, found.verdict) == ("VI.I.21.c", verdict)


def test_a_report_that_leaves_a_party_out_did_not_go_to_all():
    found = r.sends_the_report_within_7_days(departed=DEPARTED, sent=DEPARTED, left_out=["CAN"], regime=REGIME)

    assert found.verdict is Verdict.BREACHES


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (DEPARTED - SECOND, DEPARTED - SECOND, "complies"),
        (DEPARTED, DEPARTED, "complies"),
        (DEPARTED, DEPARTED + SECOND, "breaches"),
        (None, DEPARTED, "breaches"),
    ],
)
def test_both_sign_at_the_point_of_exit_before_departure(one, other, verdict):
    found = r.both_sign_before_departure(signed_by_observing=one, signed_by_observed=other, departed=DEPARTED)

    assert (found.citation, found.verdict) == ("VI.I.21.b", verdict)


def test_a_report_says_all_that_it_must():
    whole = dict.fromkeys(r.REPORT_ITEMS, "x")

    assert r.report_is_complete(whole).verdict is Verdict.COMPLIES
    for name in r.REPORT_ITEMS:
        found = r.report_is_complete({k: v for k, v in whole.items() if k != name})
        assert (found.verdict, found.seen["missing"]) == (Verdict.BREACHES, [name])
