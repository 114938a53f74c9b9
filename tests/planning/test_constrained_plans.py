"""Plans that the search returns under a planner's conditions, measured again by code that shares nothing with it."""

from datetime import UTC, date, datetime
from itertools import count

import numpy as np
import pytest
import shapely

from overflight.app import plan_optimise, plans
from overflight.planning.regions import ClosedArea, Regions, SubLimit
from overflight.planning.request import PlanRequest
from overflight.planning.stop import after_steps
from overflight.terms.place import Site
from overflight.treaty.regime import Regime
from tests.planning import independent_conditions as second

REGIME = Regime.on(date(2021, 5, 17))
OVER = plans.ground()
FIELDS = {i: (REGIME.airfield(i).lon_deg, REGIME.airfield(i).lat_deg) for i in ("ETNW", "ETSA")}
MIDDLE, EASTERN = shapely.box(9, 49.5, 11.5, 51.5), shapely.box(9.8, 51.6, 11.0, 53.0)
EIGHT = datetime(2021, 5, 17, 8, tzinfo=UTC)


def some_sites():
    rng = np.random.default_rng(7)
    drawn = ((float(rng.uniform(6.5, 14.5)), float(rng.uniform(47.8, 54.5))) for _ in count())
    inside = (place for place in drawn if OVER.borders.state_at(*place).code == "DEU")
    return [(f"s{n}", *next(inside), float(1 + n % 5)) for n in range(100)]


ROWS = some_sites()


def sites(required=(), groups=0, instrument=0):
    return tuple(
        Site(
            name,
            lon,
            lat,
            value,
            required=n in required,
            group=f"g{n % 7}" if n < groups else "",
            instrument="AFA-41-10" if instrument and n % instrument == 0 else "",
        )
        for n, (name, lon, lat, value) in enumerate(ROWS)
    )


SUB = Regions((SubLimit("middle", MIDDLE, 90.0),))
CLOSED = Regions((), (ClosedArea("eastern", EASTERN),))
ASKED = {
    "sub-limit": {"regions": SUB},
    "closed area": {"regions": CLOSED},
    "long legs": {"min_leg_km": 40.0},
    "turn short": {"turn_radius_km": 8.0},
    "overflight turn": {"turn_radius_km": 5.0, "turn": "over"},
    "range": {"range_km": 700.0},
    "stop": {"stops": ("ETSA",), "range_km": 650.0},
    "required": {"sites": sites(required=(3, 60))},
    "groups and an instrument": {"sites": sites(groups=60, instrument=3), "swaths_km": {"AFA-41-10": 3.0}},
    "evening": {"take_off": EIGHT.replace(hour=16), "speed_kmh": 300.0, "daylight": True, "min_sun_deg": 5.0},
    "all at once": {
        "regions": SUB + CLOSED,
        "stops": ("ETSA",),
        "range_km": 700.0,
        "min_leg_km": 15.0,
        "turn_radius_km": 4.0,
        "take_off": EIGHT,
        "speed_kmh": 500.0,
        "sites": sites(required=(4,), groups=60),
    },
}


@pytest.mark.parametrize("name", list(ASKED))
def test_every_condition_holds_for_the_plan_that_is_returned(name):
    base = {"observed": "DEU", "start": "ETNW", "end": "ETNW", "sites": sites(), "swath_km": 8.0, "observing": "FRA"}
    request = PlanRequest(**base | ASKED[name])
    found = plan_optimise.plan(
        request, REGIME, OVER, plan_optimise.Ways(daylight=request.daylight), stop=lambda: after_steps(15), seed=3
    )
    assert found.good, [f.because for f in (*found.conditions.findings, *found.result.check.findings)]
    path = [(w.lon_deg, w.lat_deg) for w in found.result.plan.waypoints]
    lengths = second.legs_km(path)
    assert 100 < sum(lengths) <= 1200
    stops = [FIELDS[i] for i in request.stops]
    assert max(second.sections_km(path, stops)) <= (request.range_km or 1200)
    assert min(lengths) >= request.min_leg_km
    for limit in request.regions.sub_limits:
        assert second.inside_km(path, limit.shape) <= limit.most_km + 0.5
    for area in request.regions.closed:
        assert second.inside_km(path, area.shape) == 0.0
    if request.turn_radius_km:
        landings = [k for k in range(1, len(path) - 1) for s in stops if second.GEOD.inv(*path[k], *s)[2] <= 5000]
        assert second.spare_km(path, request.turn_radius_km, request.turn, landings) >= -0.01
    if request.daylight:
        end = found.result.plan.lands
        assert second.sun_deg(*path[-1], end) >= request.min_sun_deg - 0.1
    seen = {site.name for site in found.result.observed_sites}
    assert {site.name for site in request.sites if site.required} <= seen
    if name.startswith("groups"):
        groups: dict[str, float] = {}
        for site in request.sites:
            if site.name in seen:
                key = site.group or site.name
                groups[key] = max(groups.get(key, 0.0), site.value)
        assert found.result.value == pytest.approx(sum(groups.values()))
