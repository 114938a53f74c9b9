"""Lists of designated personnel: how many, how soon again, objections in thirty days and later (Article XIII)."""

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.flight.messages import Message, build_body
from overflight.flight.personnel import personnel
from tests.flight.build import regime_on, utc

SENT = utc("2021-03-01T09:00")


def listed(at=SENT, *, persons=12, sender="DEU", to=("RUS", "CAN"), received=None, **more):
    body = build_body("personnel.list", {"list_sha256": "a" * 64, "persons": persons, "occasion": "amendment", **more})
    rid = hashlib.sha256(f"{sender} {at} {persons}".encode()).hexdigest()
    return Message(rid, "personnel.list", sender, to, at, body, received=received or dict.fromkeys(to, at))


def objection(one, entry, at, sender="RUS"):
    body = build_body("personnel.objection", {"list": one.rid, "entry": entry})
    rid = hashlib.sha256(f"{sender} {at} {entry}".encode()).hexdigest()
    return Message(rid, "personnel.objection", sender, (one.sender,), at, body)


def verdicts(found, rule):
    return [str(f.verdict) for f in found.findings if f.rule == rule]


@pytest.mark.parametrize(("persons", "verdict"), [(399, "complies"), (400, "complies"), (401, "breaches")])
def test_a_list_holds_four_hundred_at_most(persons, verdict):
    assert verdicts(personnel([listed(persons=persons)], SENT, regime_on), "list_holds_at_most_400") == [verdict]


@pytest.mark.parametrize(("at", "verdict"), [("2005-05-09T10:00", "complies"), ("2005-05-10T00:00", "breaches")])
def test_the_first_list_comes_with_the_instrument(at, verdict):
    one = listed(utc(at), occasion="ratification", deposited_at="2005-05-09T10:00Z", sender="LTU")

    assert verdicts(personnel([one], utc(at), regime_on), "list_comes_with_the_instrument") == [verdict]


@pytest.mark.parametrize(
    ("again", "verdict"),
    [("2021-08-31T23:59", "breaches"), ("2021-09-01T00:00", "complies"), ("2021-09-02T00:00", "complies")],
)
def test_a_list_is_amended_once_in_six_months(again, verdict):
    found = personnel([listed(), listed(utc(again), persons=13)], utc(again), regime_on)

    assert verdicts(found, "list_is_amended_no_sooner_than_allowed") == ["complies", verdict]
    assert [one.current for one in found.lists] == [False, True]


@pytest.mark.parametrize(
    ("at", "in_time", "citation"),
    [
        ("2021-03-31T23:59", True, "XIII.I.2.a"),
        ("2021-04-01T00:00", False, "XIII.I.2.b"),
        ("2021-04-01T00:01", False, "XIII.I.2.b"),
    ],
)
def test_an_objection_in_thirty_days_was_never_an_acceptance_and_a_later_one_works_forward(at, in_time, citation):
    one = listed()
    found = personnel([one, objection(one, 7, utc(at))], utc("2021-05-01T00:00"), regime_on)
    (objected,) = found.lists[0].review("RUS").objections

    assert (objected.in_time, objected.to_json()["citation"]) == (in_time, citation)
    assert objected.since == (SENT if in_time else utc(at))
    assert found.lists[0].review("RUS").accepted == 11
    assert found.lists[0].review("CAN").accepted == 12  # an objection is that Party's alone


def test_nobody_is_accepted_before_thirty_days_and_the_right_says_until_when():
    found = personnel([listed()], utc("2021-03-31T23:59"), regime_on)
    after = personnel([listed()], utc("2021-04-01T00:00"), regime_on)

    assert found.lists[0].review("RUS").accepted is None
    assert sorted(r.who for r in found.rights) == ["CAN", "RUS"]
    assert all("list of DEU received" in r.because for r in found.rights)
    assert after.rights == ()
    assert after.lists[0].review("RUS").accepted == 12


def test_a_place_that_the_list_does_not_have_and_ones_own_objection_count_for_nothing():
    one = listed()
    wrong = [objection(one, 13, SENT), objection(one, 1, SENT, sender="DEU")]
    found = personnel([one, *wrong], SENT, regime_on)

    assert not any(r.objections for r in found.lists[0].reviews)


def test_a_list_whose_receipt_nobody_shows_is_under_review_by_nobody():
    one = listed(received={"CAN": SENT + timedelta(days=2)})
    found = personnel([one], SENT + timedelta(days=1), regime_on)

    assert found.lists[0].reviews == ()


ENTRIES = st.lists(
    st.tuples(st.integers(1, 15), st.integers(0, 90), st.sampled_from(["RUS", "CAN", "ROU"])), max_size=10
)


@given(ENTRIES, st.integers(0, 100), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_in_any_order_the_same_and_nobody_accepts_more_than_are_listed(said, days, random):
    one = listed()
    messages = [one, *(objection(one, n, SENT + timedelta(days=d), sender=who) for n, d, who in said)]
    now = SENT + timedelta(days=days)
    shuffled = [*messages, *messages[:1]]
    random.shuffle(shuffled)
    found = personnel(messages, now, regime_on)

    assert found.to_json() == personnel(shuffled, now, regime_on).to_json()
    for review in found.lists[0].reviews:
        assert len({o.entry for o in review.objections}) == len(review.objections)
        assert review.accepted is None or review.accepted + len(review.objections) == 12
