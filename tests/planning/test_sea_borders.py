"""VI.II.2 at sea: waters of States that are not Parties, held against nearest land measured on a plane."""

import itertools
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overflight.planning.geodesy import densify, local_frame
from overflight.planning.legs import Legs
from overflight.planning.measure import non_parties
from overflight.planning.sea_borders import STEP_KM, sea_borders_near
from overflight.planning.search_area import keep_out
from overflight.planning.validate import check_plan
from overflight.planning.waters import tile_of, waters_in
from overflight.rules.finding import Verdict
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.planning.independent_conditions import GEOD, sea_border_km

BORDERS = Borders.load()
REGIME = Regime.on(date(2022, 5, 1))  # Russia is not a Party
FOREIGN = non_parties(REGIME, BORDERS, observed="POL")
AROUND = shapely.box(16, 52, 24, 58)
LAND = {
    code: shapely.intersection(BORDERS.territory(code), AROUND) for code in ("RUS", "POL", "LTU", "SWE", "DNK", "LVA")
}
LAND = {code: shape for code, shape in LAND.items() if not shapely.is_empty(shape)}


def near(path, within=13.0):
    found = sea_borders_near(Legs.of(path), non_parties=FOREIGN, within_km=within, borders=BORDERS)
    return {one.name: one for one in found}


@pytest.mark.parametrize(
    "place", [(19.5, 54.9), (19.35, 54.9), (19.2, 54.8), (19.3, 54.5), (18.0, 55.0), (20.4, 55.35)]
)
def test_distance_to_the_waters_agrees_with_nearest_land(place):
    path = [place, (place[0] + 1e-4, place[1])]
    expected = sea_border_km(place, "RUS", LAND, reach_km=13.0)
    found = near(path)
    if expected > 13.0:
        assert not found
    else:
        assert found["Russia"].km == pytest.approx(expected, abs=0.8)


def test_water_belongs_to_the_nearest_land_and_no_farther_than_twelve_miles():
    rng = np.random.default_rng(4)
    for tile in ((19, 54), (20, 55)):
        areas = waters_in(tile, BORDERS)
        for lon, lat in tile + rng.random((12, 2)):
            expected = None
            for code in areas:
                if sea_border_km((lon, lat), code, LAND, reach_km=0.6) == 0.0:
                    expected = code
            inside = [code for code, area in areas.items() if shapely.contains_xy(area, lon, lat)]
            edge = min(shapely.distance(area, shapely.points(lon, lat)) for area in areas.values())
            assert inside == ([expected] if expected else []) or edge < 0.01


def baltic(*points, day=REGIME):
    places = [(18.4661, 54.3776), *points, (18.4661, 54.3776)]
    plan = MissionPlan("POL", tuple(Waypoint(*p) for p in places), "", "")
    return [f for f in check_plan(plan, day, borders=BORDERS).findings if f.citation == "VI.II.2"]


def test_a_path_far_from_the_coast_but_in_the_waters_breaches_under_a_named_reading():
    """20 km off the coast of a State that is not a Party: its waters, whatever the land border's distance."""
    sea = next(f for f in baltic((19.62, 54.9)) if f.rule == "keeps_clear_of_sea_border")
    assert sea.verdict is Verdict.BREACHES
    assert sea.readings == {"sea_border": "twelve_miles"}
    assert "approximation" in sea.seen
    assert "Russia" in sea.because
    assert sea.where["leg"] in (1, 2)

    def rules(**more):
        day = Regime.on(date(2022, 5, 1), **more)
        return {f.rule for f in baltic((19.62, 54.9), day=day) if f.verdict is Verdict.BREACHES}

    assert rules(readings={"sea_border": "land"}) == set()
    before = Regime.on(date(2021, 5, 1))  # while Russia was a Party
    assert not [f for f in baltic((19.62, 54.9), day=before) if f.rule == "keeps_clear_of_sea_border"]


def test_a_path_over_land_away_from_the_sea_gets_no_finding_on_sea_borders():
    assert not [f for f in baltic((19.0, 53.5)) if f.rule == "keeps_clear_of_sea_border"]


def test_a_planned_leg_that_is_clear_keeps_clear_of_the_waters_too():
    area = keep_out(18.47, 54.38, 300.0, own={"POL"}, non_parties=FOREIGN, clearance_km=10.0, borders=BORDERS)
    land_only = keep_out(
        18.47, 54.38, 300.0, own={"POL"}, non_parties=FOREIGN, clearance_km=10.0, borders=BORDERS, sea=False
    )
    rng = np.random.default_rng(1)
    lons, lats = rng.uniform(17.5, 19.6, 60), rng.uniform(54.2, 55.6, 60)
    plane = area.plane(lons, lats)
    clear = area.legs_clear(plane[:-1], plane[1:])
    open_on_land = land_only.legs_clear(plane[:-1], plane[1:])
    assert clear.any()
    assert (open_on_land & ~clear).any()
    for n in np.flatnonzero(clear):
        path = [(lons[n], lats[n]), (lons[n + 1], lats[n + 1])]
        assert not near(path, within=10.0), path
    # a band beside the waters: within 10 km of them and outside
    west = shapely.get_coordinates(waters_in((19, 54), BORDERS)["RUS"])
    beside = west[west[:, 0] < 19.55] + [-0.1, 0.0]
    assert len(beside) > 3
    assert not area.points_clear(area.plane(beside[:, 0], beside[:, 1])).any()


def test_waters_run_on_over_180_degrees():
    coast = shapely.get_coordinates(shapely.segmentize(BORDERS.territory("RUS"), 0.01))
    coast = coast[(np.abs(coast[:, 0]) > 176) & (np.abs(coast[:, 0]) < 180) & (coast[:, 1] > 63) & (coast[:, 1] < 73)]
    decided = 0
    for tile in ((179, 65), (-180, 65), (179, 68), (-180, 68), (179, 70), (-180, 70)):
        area = waters_in(tile, BORDERS).get("RUS", shapely.Polygon())
        for lon, lat in tile + np.array([[0.02, 0.3], [0.98, 0.3], [0.02, 0.8], [0.98, 0.8], [0.5, 0.9]]):
            n = len(coast)
            km = GEOD.inv([lon] * n, [lat] * n, coast[:, 0], coast[:, 1])[2].min() / 1000
            if BORDERS.state_at(lon, lat).code is None and abs(km - 22.224) > 1:
                decided += 1
                assert shapely.contains_xy(area, lon, lat) == (km < 22.224), (tile, lon, lat, km)
    assert decided > 8


def leg_by_leg(path, within):
    """The same sought one leg and one point at a time: every tile around every point, waters projected anew."""
    found = []
    for number, (a, b) in enumerate(itertools.pairwise(path), start=1):
        lons, lats, _, _ = densify([a, b], STEP_KM)
        best = {}
        for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True):
            for tile in {tile_of(lon + e, min(max(lat + n, -90), 89)) for e in (-0.5, 0, 0.5) for n in (-0.3, 0, 0.3)}:
                frame = local_frame(tile[0] + 0.5, tile[1] + 0.5)
                line = shapely.LineString(np.column_stack(frame.to_xy_km(lons, lats)))
                for code in FOREIGN & set(waters_in(tile, BORDERS)):
                    plane = shapely.transform(
                        waters_in(tile, BORDERS)[code], lambda at, f=frame: np.column_stack(f.to_xy_km(*at.T))
                    )
                    best[code] = min(best.get(code, np.inf), shapely.distance(line, plane))
        found += [(number, BORDERS.name(code), km) for code, km in sorted(best.items()) if km <= within]
    return found


@given(st.lists(st.tuples(st.floats(18.0, 20.8), st.floats(54.3, 55.6)), min_size=2, max_size=4))
@example([(20.35, 55.3), (20.45, 55.34), (20.3, 55.36)])
@settings(max_examples=8, deadline=None)
def test_legs_together_are_what_each_is_alone_and_point_by_point(path):
    together = sea_borders_near(Legs.of(path), non_parties=FOREIGN, within_km=13.0, borders=fresh())
    alone = [
        (leg, one.name, one.km, one.lon_deg, one.lat_deg)
        for leg, ends in enumerate(itertools.pairwise(path), start=1)
        for one in sea_borders_near(Legs.of(list(ends)), non_parties=FOREIGN, within_km=13.0, borders=fresh())
    ]
    assert [(one.leg, one.name, one.km, one.lon_deg, one.lat_deg) for one in together] == alone

    plain = {(leg, name): km for leg, name, km in leg_by_leg(path, 14.0)}
    for one in together:
        assert one.km == pytest.approx(plain.pop((one.leg, one.name)), abs=0.05)
    assert all(km > 12.95 for km in plain.values())


def fresh():
    BORDERS.cache.pop("sea borders", None)
    return BORDERS
