"""An outside judge of returned plans: many Parties, days, conditions; sites drawn at random; pyproj and shapely alone.

What `independent` counts for a whole path is counted here for the parts of it on which the sensors observe: not while
turning, and not outside the periods that the plan itself names.
"""

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
import shapely

from overflight.errors import BadInput
from overflight.planning.measure import non_parties
from overflight.planning.optimise import solve
from overflight.planning.request import PlanRequest
from overflight.planning.stop import after_steps
from overflight.terms.place import Site
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning import independent, independent_conditions

GEOD = independent.GEOD
BEFORE, AFTER = date(2019, 6, 1), date(2023, 6, 1)


def strewn(code, many, seed, box):
    """Sites inside and outside a State's land within a box, evenly by area; values 1 to 8."""
    rng = np.random.default_rng(seed)
    west, south, east, north = box
    lats = np.degrees(np.arcsin(rng.uniform(*np.sin(np.radians((south, north))), 40 * many)))
    lons = rng.uniform(west, east, 40 * many)
    land = Borders.load().territory(code)
    shapely.prepare(land)
    inside = shapely.contains_xy(land, lons, lats)
    rows = [*np.flatnonzero(inside)[:many], *np.flatnonzero(~inside)[:3]]
    return [(f"s{n}", round(float(lons[n]), 5), round(float(lats[n]), 5), float(1 + k % 8)) for k, n in enumerate(rows)]


def coast_km(row, land):
    """Kilometres from a site to the outline of a State near it, infinite beyond a degree or so."""
    near = shapely.clip_by_rect(shapely.boundary(land), row[1] - 1, row[2] - 0.5, row[1] + 1, row[2] + 0.5)
    at = shapely.get_coordinates(shapely.segmentize(near, 0.005))
    km = GEOD.inv(np.full(len(at), row[1]), np.full(len(at), row[2]), at[:, 0], at[:, 1])[2] / 1000
    return float(km.min(initial=np.inf))


def observing_parts(path, on, radius_km, turn):
    """The parts of the legs on which sensors observe, each as two points."""
    lengths = independent_conditions.legs_km(path)
    turns = [0.0, *independent_conditions.turns_deg(path), 0.0]
    since, parts = 0.0, []
    for k, ((a, b), km) in enumerate(zip(pairwise(path), lengths, strict=True)):
        low, high = 0.0, km
        if radius_km and turn == "short":
            low, high = (room(radius_km, turns[k]), km - room(radius_km, turns[k + 1]))
        elif radius_km and turns[k]:
            low = independent_conditions.room_over_km(turns[k], radius_km)
        for begin, end in on if on is not None else [(0.0, math.inf)]:
            first, last = max(low, begin - since), min(high, end - since)
            if last > first:
                azimuth = GEOD.inv(*a, *b)[0]
                parts.append([GEOD.fwd(*a, azimuth, 1000 * at)[:2] for at in (first, last)])
        since += km
    return parts


def room(radius_km, turn_deg):
    return independent_conditions.room_short_km(turn_deg, radius_km)


CASES = {
    "Canada along a State that has left": ("CAN", "CYOW", "CYOW", AFTER, (-84, 42, -68, 49), 8.0, {}),
    "Turkey beside Syria": ("TUR", "LTCC", "LTBI", BEFORE, (34, 36, 43, 39), 10.0, {}),
    "Chukotka, both sides of 180": ("RUS", "UHMM", "UHMM", BEFORE, (-180, 64, -169, 68), 12.0, {}),
    "Azores to Lisbon, over the high seas": ("PRT", "LPAZ", "LPPT", BEFORE, (-28.5, 36.5, -6, 42), 8.0, {}),
    "Canaries, from island to island": ("ESP", "GCLP", "GCLP", AFTER, (-18.3, 27.5, -13.3, 29.5), 40.0, {}),
    "Denmark, short turns": ("DNK", "EKVL", "EKVL", AFTER, (8, 54.6, 12.7, 57.8), 8.0, {"turn_radius_km": 3.0}),
    "Spain, overflight turns": (
        "ESP", "LEGT", "LEVC", AFTER, (-6, 37.5, 0, 42), 10.0, {"turn_radius_km": 4.0, "turn": "over"},
    ),
    "Ukraine beside a State that has left": ("UKR", "UKBB", "UKBB", AFTER, (28, 49.5, 36, 52.4), 10.0, {}),
}  # fmt: skip


def test_no_party_observes_itself():
    with pytest.raises(BadInput, match="does not observe itself"):
        PlanRequest("DEU", "ETNW", "ETNW", (), 8.0, observing="DEU")


@pytest.mark.parametrize("name", list(CASES))
def test_an_outside_judge_finds_nothing_wrong(name):
    observed, start, end, day, box, swath, more = CASES[name]
    regime, borders = Regime.on(day), Borders.load()
    rows = strewn(observed, 60, 11, box)
    sites = tuple(Site(*row) for row in rows)
    request = PlanRequest(observed, start, end, sites, swath, **more)
    found = solve(request, regime, borders=borders, stop=after_steps(4), seed=5)
    told = found.to_json()
    path = [tuple(place[:2]) for place in told["plan"]["geometry"]["coordinates"]]

    limit = float(regime.max_flight_distance(start).value)
    assert independent.length_km(path) <= limit
    for icao, place in ((start, path[0]), (end, path[-1])):
        field = regime.airfield(icao)
        assert GEOD.inv(*place, field.lon_deg, field.lat_deg)[2] < 1.0
    strangers = [
        p for code in sorted(non_parties(regime, borders, observed=observed)) for p in borders.territory(code).geoms
    ]
    assert independent.nearest_border_km(path, strangers) >= 10.0

    # Left out: what lies outside, and what no path within the limit comes near; nothing that is observed.
    reasons = {left["name"]: left["reason"] for left in told["ignored"]}
    land = borders.territory(observed)
    outside = {n for n, why in reasons.items() if why == "outside_territory"}
    off_land = [row for row in rows if not shapely.contains_xy(land, row[1], row[2])]
    assert outside <= {row[0] for row in off_land}
    for row in off_land:  # within twelve nautical miles it is territory (II.8), unless another State's
        if row[0] not in outside:
            assert coast_km(row, land) < 12 * 1.852 + 0.5
        elif borders.state_at(row[1], row[2]).code is None and coast_km(row, land) < 12 * 1.852 - 0.5:
            others = [borders.territory(code) for code in borders.codes() - {observed}]
            assert min(coast_km(row, other) for other in others) < coast_km(row, land) + 0.5
    for row in rows:
        way = sum(GEOD.inv(*place, row[1], row[2])[2] / 1000 for place in (path[0], path[-1]))
        if reasons.get(row[0]) != "outside_territory":
            assert (reasons.get(row[0]) == "out_of_reach") == (way - swath > limit)

    on = told["plan"]["properties"].get("sensors_on")
    parts = observing_parts(path, on, request.turn_radius_km, request.turn)
    inside = [row for row in rows if reasons.get(row[0]) != "outside_territory"]
    for wide, right in ((swath + 2e-4, np.less_equal), (swath - 2e-4, np.greater_equal)):
        seen = {row for part in parts for row in independent.observed(part, inside, wide)}
        assert right(told["value"], sum(row[3] for row in seen) + 1e-9 * (wide > swath))
    assert not {row[0] for row in seen} & set(reasons)
    assert told["discrete_value"] <= told["value"]
    assert told["discrete_value"] <= told["bound"]
    assert told["complies"]
