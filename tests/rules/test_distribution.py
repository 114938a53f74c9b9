"""The yearly round: every proposal keeps the quotas, and none is fairer than the fair one."""

import itertools
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.rules.distribution import Limits, Request, as_asked, broken, proportional, shares_of
from overflight.rules.fair_shares import _level_by_level, max_min_fair

HALF = Fraction(1, 2)


def limits(passive, *, half=HALF, room=None):
    return Limits(passive=passive, room=room or passive, half=half)


def asking(*rows):
    return tuple(Request((by,) if isinstance(by, str) else by, over, n) for by, over, n in rows)


@pytest.mark.parametrize(("third", "open_"), [(1, False), (2, False), (3, True)])  # 5 and 6 of 6 fit, 7 do not
def test_requests_are_granted_as_asked_up_to_the_passive_quota(third, open_):
    requests = asking(("A", "P", 2), ("B", "P", 2), ("C", "P", third), ("A", "Q", 2), ("B", "Q", 2), ("C", "Q", 3))
    found, why = as_asked(requests, limits({"A": 9, "B": 9, "C": 9, "P": 6, "Q": 9}))
    assert (found[:3] == (0, 0, 0)) is open_
    assert (why[0] is not None and why[0].citation == "III.I.4") is open_


@pytest.mark.parametrize(("elsewhere", "most"), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 4)])
def test_half_of_the_own_total_rounded_up_is_the_most_over_one_party(elsewhere, most):
    # 4 over P asked: with n elsewhere the total is most + n, and half of it, rounded up, is the most
    requests = asking(("A", "P", 4), *([("A", "Q", elsewhere)] if elsewhere else []))
    bound = limits({"A": 20, "P": 20, "Q": 20})
    for found in (proportional(requests, bound), max_min_fair(requests, bound)):
        assert found[0] == most
    assert max_min_fair(requests, limits({"A": 20, "P": 20, "Q": 20}, half=None))[0] == 4


@pytest.mark.parametrize(("quota", "most"), [(3, 2), (4, 2), (5, 3)])
def test_half_of_the_others_passive_quota_rounded_up(quota, most):
    requests = asking(("A", "P", 4), ("A", "Q", 5))
    assert max_min_fair(requests, limits({"A": 20, "P": quota, "Q": 20}))[0] == most


@pytest.mark.parametrize("passive", [4, 5, 6])
def test_nobody_is_given_more_than_it_must_accept_itself(passive):
    requests = asking(*(("A", over, 1) for over in "PQRST"))
    bound = limits({"A": passive, **dict.fromkeys("PQRST", 4)})
    for found in (proportional(requests, bound), max_min_fair(requests, bound)):
        assert sum(found) == min(5, passive)
    assert sum(as_asked(requests, bound)[0]) == (5 if passive >= 5 else 0)


def test_a_shared_flight_counts_for_each_observer_and_once_for_the_observed():
    requests = asking((("A", "B"), "P", 1), ("A", "Q", 1), ("B", "Q", 1))
    found = max_min_fair(requests, limits({"A": 2, "B": 2, "P": 1, "Q": 2}))
    assert found == (1, 1, 1)
    assert shares_of(requests, found) == {"A": 1, "B": 1}


def test_the_last_flight_goes_where_it_is_the_larger_part_of_a_request():
    # one flight, nobody has any: a half of B's request is more than a third of A's
    assert max_min_fair(asking(("A", "P", 3), ("B", "P", 2)), limits({"A": 9, "B": 9, "P": 1})) == (0, 1)
    assert max_min_fair(asking(("A", "P", 2), ("B", "P", 3)), limits({"A": 9, "B": 9, "P": 1})) == (1, 0)


@st.composite
def rounds(draw, most_requests=6, most_flights=4):
    codes = "ABCDE"[: draw(st.integers(2, 5))]
    passive = {c: draw(st.integers(0, 6)) for c in codes}
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(codes), st.sampled_from(codes)).filter(lambda p: p[0] != p[1]),
            min_size=1,
            max_size=most_requests,
            unique=True,
        )
    )
    requests = []
    for by, over in sorted(pairs):
        others = [c for c in codes if c not in (by, over)]
        shared = bool(others) and draw(st.booleans()) and draw(st.booleans())
        observers = tuple(sorted((by, draw(st.sampled_from(others))))) if shared else (by,)
        requests.append(Request(observers, over, draw(st.integers(1, most_flights))))
    return tuple(requests), limits(passive, half=draw(st.sampled_from([HALF, Fraction(2, 3), None])))


def best_by_hand(requests, bound):
    """Every distribution there is, the fairest first: shares from below, then the number of flights."""
    every = itertools.product(*(range(r.flights + 1) for r in requests))
    return max((sorted(shares_of(requests, x).values()), sum(x)) for x in every if not broken(requests, x, bound))


@settings(max_examples=40, deadline=None)
@given(rounds())
def test_the_fair_proposal_is_the_best_of_all_distributions(round_):
    requests, bound = round_
    wanted = best_by_hand(requests, bound)
    for found in (max_min_fair(requests, bound), _level_by_level(requests, bound)):
        assert not broken(requests, found, bound)
        assert (sorted(shares_of(requests, found).values()), sum(found)) == wanted


@settings(max_examples=40, deadline=None)
@given(rounds(most_requests=12, most_flights=9))
def test_every_proposal_keeps_every_quota_and_grants_no_more_than_was_asked(round_):
    requests, bound = round_
    fair, ratio, whole = max_min_fair(requests, bound), proportional(requests, bound), as_asked(requests, bound)[0]
    for found in (fair, ratio, whole):
        assert not broken(requests, found, bound)
        assert all(0 <= n <= r.flights for r, n in zip(requests, found, strict=True))
    assert all(n in (0, r.flights) for r, n in zip(requests, whole, strict=True))
    shares = sorted(shares_of(requests, fair).values())
    assert shares >= sorted(shares_of(requests, ratio).values())
    assert shares >= sorted(shares_of(requests, whole).values())


def test_34_parties_that_all_ask_for_all_take_less_than_5_seconds():
    codes = [f"P{n:02d}" for n in range(34)]
    quota = dict(zip(codes, [42, 42, *[12] * 7, 7, 7, *[6] * 4, *[4] * 18, 2], strict=True))
    requests = tuple(Request((a,), b, 1 + (n * 7) % 3) for n, (a, b) in enumerate(itertools.permutations(codes, 2)))
    bound = limits(quota)
    began = time.process_time()
    as_asked(requests, bound)
    found = max_min_fair(requests, bound)
    assert time.process_time() - began < 5
    assert not broken(requests, found, bound)
    assert found == max_min_fair(requests, bound)
