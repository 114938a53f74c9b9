"""The planner: what it returns is legal, worth what it says, and the same for the same seed and steps."""

from datetime import date
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput, NothingToPlan, UnknownAirfield, UnknownParty
from overflight.planning.measure import non_parties
from overflight.planning.optimise import solve
from overflight.planning.planfile import plan_feature
from overflight.planning.request import PlanRequest
from overflight.planning.stop import after_seconds, after_steps, first_of
from overflight.terms.place import Site
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning import independent

DAY = date(2021, 5, 17)


@lru_cache
def airports(country, south=-90.0):
    import airportsdata

    rows = sorted(airportsdata.load("ICAO").items())
    return tuple(Site(k, r["lon"], r["lat"]) for k, r in rows if r["country"] == country and r["lat"] > south)


def polygons(regime, borders, observed):
    codes = non_parties(regime, borders, observed=observed) - {"BLR", "RUS", observed}
    return [p for code in sorted(codes) for p in borders.territory(code).geoms]


@pytest.mark.parametrize(
    ("observed", "start", "country", "south", "day", "swath"),
    [
        ("RUS", "UUMB", "RU", -90, DAY, 4.5),
        ("RUS", "UIUU", "RU", -90, DAY, 20.0),
        ("DEU", "ETNW", "DE", -90, DAY, 10.0),
        ("USA", "PAED", "US", 50, date(2019, 5, 17), 10.0),
    ],
)
def test_a_plan_stands_an_independent_check(observed, start, country, south, day, swath):
    """Length, value, borders, limit: by pyproj and shapely alone."""
    regime, borders, sites = Regime.on(day), Borders.load(), airports(country, south)
    found = solve(PlanRequest(observed, start, start, sites, swath), regime, borders=borders, stop=after_steps(8))
    rows = [(s.name, s.lon_deg, s.lat_deg, s.value) for s in found.observed_sites]
    everything = [(s.name, s.lon_deg, s.lat_deg, s.value) for s in sites]
    inside = {left.site.name for left in found.ignored}
    counted = [row for row in everything if row[0] not in inside]
    complaints = independent.verify(
        found.to_json(),
        counted,
        swath_km=swath,
        max_km=float(regime.max_flight_distance(start).value),
        non_party_polygons=polygons(regime, borders, observed),
    )
    assert complaints == []
    assert found.check.complies
    assert found.value == len(rows)
    assert 0 < found.discrete_value <= found.bound <= found.total_value
    assert found.value <= found.total_value
    assert found.check.length_km > 0.8 * found.check.limit_km
    assert found.stopped_by == "steps"


def test_the_independent_check_sees_a_false_claim():
    regime, borders, sites = Regime.on(DAY), Borders.load(), airports("DE")
    found = solve(PlanRequest("DEU", "ETNW", "ETNW", sites, 10.0), regime, borders=borders, stop=after_steps(1))
    rows = [(s.name, s.lon_deg, s.lat_deg, s.value) for s in sites]
    result = found.to_json() | {"value": found.value + 1, "length_km": found.check.length_km - 1}
    result["plan"]["geometry"]["coordinates"][1] = [10.0, 47.5]
    said = independent.verify(
        result, rows, swath_km=10.0, max_km=900.0, non_party_polygons=polygons(regime, borders, "DEU")
    )
    assert len(said) == 4


def from_wunstorf(places, **more):
    """A request over made-up sites, from and to Wunstorf."""
    sites = tuple(Site(f"S{n}", lon, lat, value) for n, (lon, lat, value) in enumerate(places))
    return PlanRequest("DEU", "ETNW", more.pop("end", "ETNW"), sites, more.pop("swath_km", 10.0), **more)


def run(request, *, steps=15, seed=0, regime=None, borders=None):
    return solve(
        request, regime or Regime.on(DAY), borders=borders or Borders.load(), stop=after_steps(steps), seed=seed
    )


places = st.lists(
    st.tuples(st.floats(7, 14), st.floats(48, 54), st.sampled_from([0.0, 1.0, 2.5, 100.0])), min_size=1, max_size=25
)


@settings(max_examples=8, deadline=None)
@given(places=places, seed=st.integers(0, 3), max_km=st.sampled_from([150.0, 600.0, 1200.0]))
def test_what_always_holds(places, seed, max_km):
    """Value at most the total, length at most the limit, both ends, legal, and the same again."""
    places = [*places, (9.5, 52.6, 1.0)]  # one that is always in reach
    request = from_wunstorf(places, max_km=max_km)
    found, again = run(request, seed=seed, steps=6), run(request, seed=seed, steps=6)

    rows = [(s.name, s.lon_deg, s.lat_deg, s.value) for s in request.sites if s not in {i.site for i in found.ignored}]
    path = [(w.lon_deg, w.lat_deg) for w in found.plan.waypoints]
    counted = [sum(row[3] for row in independent.observed(path, rows, width)) for width in (9.998, 10.002)]
    assert counted[0] - 1e-9 <= found.value <= counted[1] + 1e-9
    assert found.value >= 1.0
    assert found.discrete_value <= found.bound + 1e-9
    assert found.check.length_km <= max_km
    assert found.check.complies
    ends = [(w.lon_deg, w.lat_deg) for w in (found.plan.waypoints[0], found.plan.waypoints[-1])]
    assert ends[0] == ends[1] == pytest.approx((9.4272, 52.4573), abs=1e-3)
    assert found.plan == again.plan
    assert (found.value, found.steps) == (again.value, again.steps)
    assert len(found.ignored) + sum(1 for s in request.sites if s not in [i.site for i in found.ignored]) == len(places)


def test_a_longer_search_finds_more():
    request = PlanRequest("DEU", "ETNW", "ETNW", airports("DE"), 10.0)
    few, many = run(request, steps=1), run(request, steps=400)
    assert many.value > few.value
    assert many.discrete_value >= few.discrete_value


def test_the_end_may_be_another_airfield():
    found = run(PlanRequest("DEU", "ETNW", "ETSA", airports("DE"), 10.0))
    assert (found.plan.start_airfield, found.plan.end_airfield) == ("ETNW", "ETSA")
    assert found.plan.waypoints[-1].lat_deg == pytest.approx(48.07, abs=0.01)


def test_the_plan_file_of_a_result_is_neutral():
    """No site's name or value in what is handed over; waypoints are P01 and so on."""
    places = [(9.5 + 0.3 * n, 52.0, 987_654_321.0) for n in range(5)]
    sites = tuple(Site(f"SECRET-{n}", lon, lat, value) for n, (lon, lat, value) in enumerate(places))
    text = str(plan_feature(run(PlanRequest("DEU", "ETNW", "ETNW", sites, 10.0, max_km=500.0)).plan))
    assert "SECRET" not in text
    assert "987654321" not in text


def test_a_margin_is_kept_inside_the_swath():
    """With 50 m less swath the same plan loses next to nothing."""
    from overflight.planning.coverage import observed

    found = run(PlanRequest("DEU", "ETNW", "ETNW", airports("DE"), 10.0), steps=40)
    less = observed(found.plan.waypoints, airports("DE"), swath_km=9.9)
    full = observed(found.plan.waypoints, airports("DE"), swath_km=10.0)
    assert np.count_nonzero(less) >= 0.97 * np.count_nonzero(full)


def test_sites_outside_or_out_of_reach_are_left_out_and_listed():
    places = [(9.5, 52.6, 1.0), (2.3, 48.8, 5.0), (11.5, 48.2, 7.0)]
    found = run(from_wunstorf(places, max_km=100.0))
    assert {left.site.name: left.reason for left in found.ignored} == {"S1": "outside_territory", "S2": "out_of_reach"}
    assert (found.value, found.total_value, found.bound) == (1.0, 13.0, 1.0)


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"max_km": 1200.1}, BadInput, "VI.II.4.A"),
        ({"max_km": float("nan")}, BadInput, "--max-km"),
        ({"max_km": -5.0}, BadInput, "--max-km"),
        ({"swath_km": 0.0}, BadInput, "--swath-km"),
        ({"swath_km": float("nan")}, BadInput, "--swath-km"),
        ({"start": "XXXX"}, UnknownAirfield, "XXXX"),
        ({"start": "UUMB"}, BadInput, "RUS"),
        ({"observed": "CHE"}, UnknownParty, "Switzerland|CHE"),
        ({"sites": ()}, BadInput, "holds no site"),
        ({"sites": (Site("far", 2.3, 48.8), Site("pacific", 179.0, 0.0))}, BadInput, "2 lie outside"),
        ({"end": "ETSA", "max_km": 300.0}, NothingToPlan, "km over the limit"),
    ],
)
def test_what_cannot_be_planned_is_said_in_one_sentence(change, kind, says):
    facts = {"observed": "DEU", "start": "ETNW", "end": "ETNW", "sites": airports("DE")[:5], "swath_km": 10.0}
    facts |= change
    if "start" in change:
        facts["end"] = change["start"]
    with pytest.raises(kind, match=says) as caught:
        run(PlanRequest(**facts))
    assert "\n" not in caught.value.message


def test_an_airfield_that_is_not_open_on_the_day_is_refused():
    with pytest.raises((UnknownAirfield, UnknownParty)):
        run(PlanRequest("RUS", "UUMB", "UUMB", airports("RU"), 5.0), regime=Regime.on(date(2022, 3, 1)))


def test_sites_across_180_degrees_are_reached_from_both_sides():
    """Chukotka from Magadan: sites at 177 E and 170 W lie in one country."""
    sites = (Site("anadyr", 177.74, 64.73), Site("chukotka", -172.5, 65.6), Site("north", -175.0, 66.5))
    found = run(PlanRequest("RUS", "UHMM", "UHMM", sites, 10.0))
    assert (found.value, found.ignored) == (3.0, ())
    assert found.check.length_km < 6500


def test_ctrl_c_keeps_the_best_so_far():
    calls = []

    def stop(step):
        calls.append(step)
        if step == 3:
            raise KeyboardInterrupt

    request = from_wunstorf([(9.5, 52.6, 1.0)], max_km=100.0)
    found = solve(request, Regime.on(DAY), borders=Borders.load(), stop=stop, seed=0)
    assert (found.stopped_by, found.value) == ("interrupt", 1.0)


def test_time_is_only_a_stop():
    ticks = iter(range(1000))
    rule = first_of(after_steps(100), after_seconds(5.0, lambda: float(next(ticks))))
    assert [rule(n) for n in range(1, 6)] == [None, None, None, None, "time"]


def test_a_path_keeps_to_the_observed_party_and_off_borders():
    """Kaliningrad lies within reach of Kubinka; a path there goes over no other State's land."""
    sites = (Site("a", 20.5, 54.7, 10.0), Site("b", 37.0, 56.0, 1.0))
    found = run(PlanRequest("RUS", "UUMB", "UUMB", sites, 10.0), steps=5)
    assert {s.code for s in found.check.facts.transit} <= {None}


def test_sites_along_the_border_of_a_non_party_are_seen_from_ten_kilometres():
    """Bavarian towns near Austria, from Landsberg: what can be seen legally is, the rest is left out."""
    towns = {
        "freilassing": (12.98, 47.84), "reichenhall": (12.88, 47.72), "oberstdorf": (10.28, 47.41),
        "fuessen": (10.70, 47.57), "passau": (13.45, 48.58), "burghausen": (12.83, 48.17),
        "rosenheim": (12.12, 47.86), "kempten": (10.31, 47.73), "simbach": (13.02, 48.27),
    }  # fmt: skip
    sites = tuple(Site(name, lon, lat) for name, (lon, lat) in towns.items())
    regime, borders = Regime.on(DAY), Borders.load()
    found = run(PlanRequest("DEU", "ETSA", "ETSA", sites, 40.0), steps=20)
    path = [(w.lon_deg, w.lat_deg) for w in found.plan.waypoints]
    near = independent.nearest_border_km(path, polygons(regime, borders, "DEU"))
    assert near >= 10.0
    assert near < 40.0  # it does go there
    assert (found.value, found.ignored) == (9.0, ())
    assert {left.reason for left in found.ignored} <= {"behind_border_distance"}
