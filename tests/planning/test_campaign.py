"""Campaigns: a site counts once over the year, together never less than alone, each plan legal, the same again."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput, NothingToPlan
from overflight.planning.campaign import CampaignFlight, left_over, observed_by, plan_campaign
from overflight.planning.coverage import value_of
from overflight.planning.geodesy import path_length_km
from overflight.planning.request import PlanRequest
from overflight.planning.request_ground import visits_km, way_km
from overflight.planning.stop import after_steps
from overflight.planning.validate import check_plan
from overflight.terms.place import Site
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime

DAY = Regime.on(date(2021, 5, 17))
# Two clusters that one flight of 400 km from Wunstorf cannot both observe, and one place that both pass.
SITES = (
    Site("near", 9.55, 52.5, 2.0),
    Site("north 1", 9.5, 53.4, 5.0),
    Site("north 2", 9.8, 53.3, 3.0),
    Site("south 1", 9.7, 51.3, 4.0),
    Site("south 2", 9.9, 51.2, 3.0),
    Site("far", 12.5, 48.5, 50.0),
)


def flight(name: str, sites: tuple[Site, ...] = SITES, km: float = 350.0) -> CampaignFlight:
    return CampaignFlight(name, PlanRequest("DEU", "ETNW", "ETNW", sites, 8.0, max_km=km), DAY)


def plan(flights, **more):
    return plan_campaign(flights, borders=Borders.load(), stops=lambda _: after_steps(6), **more)


@pytest.fixture(scope="module")
def two():
    return plan([flight("a"), flight("b")])


def test_two_flights_observe_both_clusters_and_the_shared_site_counts_once(two):
    assert two.value == pytest.approx(17.0)
    assert two.alone(0) + two.alone(1) >= two.value
    assert two.value >= max(two.alone(0), two.alone(1))
    assert two.value == value_of(SITES, two.seen)
    assert sum(two.adds(n) for n in range(2)) <= two.value + 1e-9


def test_each_plan_is_legal_and_observes_what_is_said(two):
    for one in two.flights:
        assert one.result is not None
        check = check_plan(one.result.plan, DAY, borders=Borders.load())
        assert check.complies
        assert check.length_km <= 350.0
        assert (observed_by(one.result.plan, SITES, one.flight.request) == one.seen).all()


def test_the_value_never_falls_from_round_to_round_and_is_no_less_than_one_flight_alone(two):
    assert list(two.history) == sorted(two.history)
    alone = plan([flight("a")], rounds=0)
    assert two.value >= alone.value == alone.alone(0)


def test_the_same_seed_and_steps_give_the_same_plans(two):
    again = plan([flight("a"), flight("b")])
    assert [p.result.plan for p in again.flights] == [p.result.plan for p in two.flights]


def test_a_flight_that_has_nothing_left_to_observe_says_so():
    found = plan([flight("a", SITES[:1]), flight("b", SITES[:1])])
    assert found.flights[0].result is not None
    assert found.flights[1].result is None
    assert "observe everything" in found.flights[1].why_none
    assert found.value == 2.0


def test_of_a_group_the_years_best_member_counts_and_no_second_flight_goes_for_the_rest():
    sites = (Site("north", 9.5, 53.4, 5.0, group="g"), Site("south", 9.7, 51.3, 4.0, group="g"))
    found = plan([flight("a", sites), flight("b", sites)])
    assert found.value == 5.0
    assert [p.result is None for p in found.flights] == [False, True]


def test_a_required_site_is_observed_by_one_of_the_flights_though_another_is_worth_more():
    sites = tuple(
        Site(s.name, s.lon_deg, s.lat_deg, 0.1 if s.name == "south 1" else s.value, required=s.name == "south 1")
        for s in SITES[:5]
    )
    found = plan([flight("a", sites), flight("b", sites)])
    assert found.required_missing == ()
    assert plan([flight("a", sites)], rounds=0).required_missing == ()


def test_a_required_site_out_of_reach_is_named_and_the_rest_is_planned():
    sites = (*SITES[:2], Site("far", 12.5, 48.5, 1.0, required=True))
    found = plan([flight("a", sites)], rounds=0)
    assert [s.name for s in found.required_missing] == ["far"]
    assert found.value > 0
    assert not found.within_reach[2]


def test_no_flight_and_different_lists_are_misuse_and_no_legal_path_an_answer():
    with pytest.raises(BadInput, match="at least one flight"):
        plan([])
    with pytest.raises(BadInput, match="one list of sites"):
        plan([flight("a"), flight("b", SITES[:2])])
    with pytest.raises(NothingToPlan):
        plan([flight("a", SITES[-1:])])


values = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["", "", "g", "h"]), st.booleans(), st.booleans()),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(values)
def test_what_is_left_over_is_worth_exactly_what_it_adds(rows):
    """For every set of taken sites and every set seen of the rest: what both are worth = taken + left."""
    sites = tuple(Site(str(n), 0.0, 0.0, float(v), group=g) for n, (v, g, _, _) in enumerate(rows))
    taken = np.array([t for _, _, t, _ in rows])
    seen = np.array([s for _, _, _, s in rows])
    left = left_over(sites, taken)
    names = {s.name for s, yes in zip(sites, seen.tolist(), strict=True) if yes}
    more = value_of(left, np.array([s.name in names for s in left], dtype=bool))
    assert value_of(sites, taken | seen) == pytest.approx(value_of(sites, taken) + more)


def test_reach_counts_the_way_over_the_stops():
    """To Landsberg and back is 998 km: of 1,100 km no 210 are left for the sites in the north."""
    request = PlanRequest("DEU", "ETNW", "ETNW", SITES, 8.0, max_km=1100.0, stops=("ETSA",))
    found = plan([CampaignFlight("1", request, DAY)], rounds=0)
    reached = [site.name for site, near in zip(SITES, found.within_reach.tolist(), strict=True) if near]
    assert reached == ["near", "south 1", "south 2"]
    direct = [(9.4272, 52.4573), (10.9066, 48.0706)]
    assert 990 < 2 * path_length_km(direct) < 1005


def test_no_path_over_a_site_is_shorter_than_the_shortest_that_sees_it():
    fields = tuple(DAY.airfield(icao) for icao in ("ETNW", "ETSA", "ETNW"))
    request = flight("1").request
    shortest = visits_km(request, SITES, fields)
    for site, km in zip(SITES, shortest.tolist(), strict=True):
        ways = []
        for n in (1, 2):
            places = [(a.lon_deg, a.lat_deg) for a in fields]
            places.insert(n, (site.lon_deg, site.lat_deg))
            ways.append(path_length_km(places))
        assert km <= min(ways) + 1e-6
        assert km >= min(ways) - 8.0 - 1e-6  # a detour saves at most the whole swath
        assert km >= way_km(fields) - 1e-6
