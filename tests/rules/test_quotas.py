"""Article III: who may fly over whom, how often. Before, on and after each limit."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.rules.finding import Verdict
from overflight.rules.quotas import (
    active_stays_within_passive,
    half_quota_cap,
    has_active_quota_left,
    has_passive_quota_left,
    individual_active,
    member_cap,
    passes_on_quota_with_consent,
    quarter_is_not_overfull,
    stays_within_half_of_the_quotas,
    total_active,
)
from overflight.treaty.regime import Regime

FIRST = Regime.on(date(2002, 6, 1))
JANUARY = Regime.on(date(2021, 1, 18))


@pytest.mark.parametrize(
    ("used", "verdict"),
    [(0, Verdict.COMPLIES), (2, Verdict.COMPLIES), (3, Verdict.BREACHES), (4, Verdict.BREACHES)],
)
def test_germany_has_three_flights_over_the_group_of_belarus_and_russia(used, verdict):
    """III.I.8 with the first distribution: three of three used leaves none."""
    found = has_active_quota_left(observing="DEU", observed="RUS", used=used, regime=FIRST)
    assert (found.citation, found.verdict, found.limit) == ("III.I.8", verdict, 3)
    assert found.data[0]["source"].startswith("AnnA.II.1")


def test_either_member_of_a_group_uses_and_gives_the_group_quota():
    over = [individual_active(observing="DEU", observed=code, regime=FIRST)[0] for code in ("BLR", "RUS", "BLR;RUS")]
    own = [individual_active(observing=code, observed="USA", regime=FIRST)[0] for code in ("BLR", "RUS")]
    assert (over, own) == ([3, 3, 3], [4, 4])


def test_a_shared_flight_counts_for_each_of_the_two():
    """AnnA.II.1: Turkey has one flight over Ukraine and shares another with Italy."""
    assert individual_active(observing="TUR", observed="UKR", regime=FIRST)[0] == 2
    assert individual_active(observing="ITA", observed="UKR", regime=FIRST)[0] == 1
    assert total_active("USA", regime=FIRST)[0] == 9


def test_a_year_without_a_known_distribution_is_undetermined_and_a_set_value_decides():
    found = has_active_quota_left(observing="DEU", observed="RUS", used=0, regime=JANUARY)
    assert (found.verdict, found.missing) == (Verdict.UNDETERMINED, ("active_quota",))
    exercise = JANUARY.with_value("active_quota", 3, of="BLR;RUS", by="DEU", source="exercise")
    assert has_active_quota_left(observing="DEU", observed="RUS", used=2, regime=exercise).verdict is Verdict.COMPLIES
    assert has_active_quota_left(observing="DEU", observed="RUS", used=3, regime=exercise).verdict is Verdict.BREACHES


def test_one_known_row_of_a_year_makes_no_other_pair_and_no_total_known():
    """A press report of 2020 gives the flights of one pair: it says nothing of Germany over Ukraine, nor of a total."""
    year = Regime.on(date(2020, 6, 1))
    other = has_active_quota_left(observing="DEU", observed="UKR", used=0, regime=year)
    assert (other.verdict, other.missing) == (Verdict.UNDETERMINED, ("active_quota",))
    total = stays_within_half_of_the_quotas(observing="USA", observed="RUS", flown=15, regime=year)
    assert (total.verdict, total.missing) == (Verdict.UNDETERMINED, ("own_total_active",))
    assert active_stays_within_passive("USA", regime=year).verdict is Verdict.UNDETERMINED
    pair = has_active_quota_left(observing="USA", observed="RUS", used=15, regime=year)
    assert pair.verdict is Verdict.COMPLIES
    assert "21 (press report, last known)" in pair.because


def test_in_a_whole_distribution_a_pair_that_is_not_named_has_no_flight():
    assert has_active_quota_left(observing="DEU", observed="POL", used=0, regime=FIRST).verdict is Verdict.BREACHES
    later = Regime.on(date(2003, 6, 1), readings={"first_distribution_end": "2002"})
    found = has_active_quota_left(observing="DEU", observed="POL", used=0, regime=later)
    assert found.verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize(("accepted", "verdict"), [(41, Verdict.COMPLIES), (42, Verdict.RIGHT), (43, Verdict.RIGHT)])
def test_beyond_its_passive_quota_a_party_need_accept_no_more(accepted, verdict):
    found = has_passive_quota_left(observed="RUS", accepted=accepted, regime=JANUARY)
    assert (found.citation, found.verdict) == ("III.I.4", verdict)


@pytest.mark.parametrize(
    ("day", "verdict"), [(date(2021, 12, 17), Verdict.COMPLIES), (date(2021, 12, 18), Verdict.UNDETERMINED)]
)
def test_the_quota_of_belarus_alone_is_not_known(day, verdict):
    """The group ended on 18 December 2021 and the text is silent: no number is made up."""
    found = has_passive_quota_left(observed="BLR", accepted=0, regime=Regime.on(day))
    assert found.verdict is verdict
    if verdict is Verdict.UNDETERMINED:
        assert found.missing == ("passive_quota",)


def test_a_quota_from_memory_shows_where_it_decides():
    found = has_passive_quota_left(observed="SWE", accepted=7, regime=JANUARY)
    assert "unverified (from memory)" in found.because


@pytest.mark.parametrize(("flown", "verdict"), [(0, Verdict.COMPLIES), (1, Verdict.COMPLIES), (2, Verdict.BREACHES)])
def test_half_of_the_quotas_is_the_most_over_one_party(flown, verdict):
    """Case 20: total active 5 and total passive 4 give min(3, 2) = 2; a transfer does not lift it."""
    found = stays_within_half_of_the_quotas(
        observing="DEU", observed="HUN", flown=flown, regime=JANUARY, own_total_active=5, their_total_passive=4
    )
    assert (found.citation, found.verdict, found.limit) == ("III.I.10", verdict, 2)


@pytest.mark.parametrize(
    ("flown", "verdict"),
    [(4, Verdict.COMPLIES), (5, Verdict.SILENT), (7, Verdict.SILENT), (8, Verdict.BREACHES)],
)
def test_where_the_annex_distributes_more_than_half_the_text_is_silent(flown, verdict):
    """The United States in 2002: nine flights in all, so half is five; Annex A gives it eight over the group."""
    found = stays_within_half_of_the_quotas(observing="USA", observed="RUS", flown=flown, regime=FIRST)
    assert (found.verdict, found.limit) == (verdict, 5)
    assert len(found.under) == (2 if verdict is Verdict.SILENT else 0)


def test_the_cap_is_undetermined_where_no_total_is_known():
    unknown = stays_within_half_of_the_quotas(observing="DEU", observed="RUS", flown=0, regime=JANUARY)
    assert (unknown.verdict, unknown.missing) == (Verdict.UNDETERMINED, ("own_total_active",))
    gap = stays_within_half_of_the_quotas(
        observing="DEU", observed="BLR", flown=0, regime=Regime.on(date(2022, 1, 1)), own_total_active=5
    )
    assert (gap.verdict, gap.missing) == (Verdict.UNDETERMINED, ("their_total_passive",))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_the_cap_is_the_smaller_half_rounded_up(own, theirs):
    cap = half_quota_cap(own_total_active=own, their_total_passive=theirs, regime=JANUARY)
    assert cap == min((own + 1) // 2, (theirs + 1) // 2)


@pytest.mark.parametrize(
    ("active", "verdict"), [(11, Verdict.COMPLIES), (12, Verdict.COMPLIES), (13, Verdict.BREACHES)]
)
def test_total_active_quota_stays_within_the_passive(active, verdict):
    found = active_stays_within_passive("DEU", regime=JANUARY, own_total_active=active)
    assert (found.citation, found.verdict) == ("III.I.5", verdict)


def test_the_first_distribution_keeps_active_within_passive_for_every_holder():
    for holder in {v.by for v in FIRST.values("active_quota")} - {"CSK"}:
        assert active_stays_within_passive(holder, regime=FIRST).verdict is Verdict.COMPLIES, holder


@pytest.mark.parametrize(
    ("consent", "told", "verdict"),
    [
        (True, True, Verdict.COMPLIES),
        (False, True, Verdict.BREACHES),
        (True, False, Verdict.BREACHES),
        (None, True, Verdict.UNDETERMINED),
    ],
)
def test_quota_passes_on_with_consent_and_notice(consent, told, verdict):
    found = passes_on_quota_with_consent(giving="CAN", consent=consent, told_all=told)
    assert (found.citation, found.verdict) == ("III.I.9", verdict)


@pytest.mark.parametrize(("individual", "cap"), [(0, 2), (1, 2), (2, 3), (3, 5), (4, 6)])
def test_over_one_member_of_a_group_that_shares_active_quotas(individual, cap):
    """III.II.2.C."""
    assert member_cap(individual, regime=JANUARY) == cap


@pytest.mark.parametrize(
    ("planned", "verdict"), [(15, Verdict.COMPLIES), (16, Verdict.COMPLIES), (17, Verdict.BREACHES)]
)
def test_at_most_sixteen_flights_over_one_party_in_a_quarter(planned, verdict):
    found = quarter_is_not_overfull(observed="RUS", planned=planned, regime=JANUARY)
    assert (found.citation, found.verdict) == ("AnnH.2", verdict)
