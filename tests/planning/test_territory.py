"""What counts as flight distance over the observed Party, and what is transit (Article II, paragraphs 5 to 8, 11)."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.planning.geodesy import path_length_km, points_at
from overflight.planning.territory import WATERS_KM, Stretch, over_territory
from overflight.treaty.geography import Borders

KUBINKA, KALININGRAD = (36.65, 55.61), (20.59, 54.89)
METRE = 0.001


@pytest.fixture(scope="module")
def borders() -> Borders:
    return Borders.load()


def codes(stretches: tuple[Stretch, ...]) -> list[str | None]:
    return [stretch.code for stretch in stretches]


def write(path: Path, *boxes: tuple[str, float, float, float, float]) -> Borders:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]},
        }
        for code, w, s, e, n in boxes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return Borders.load(path)


def test_kubinka_to_kaliningrad_crosses_belarus_and_lithuania(borders: Borders) -> None:
    """The 620 km dispute of Kaliningrad starts with how much of such a path is over Russia at all."""
    path = [KUBINKA, KALININGRAD]
    found = over_territory(path, observed="RUS", borders=borders)

    order = [stretch.code for stretch in found.stretches]
    # The line runs along a border for a while and meets it more than twice.
    assert list(dict.fromkeys(order)) == ["RUS", "BLR", "LTU"]
    assert order[-1] == "RUS"
    assert set(codes(found.transit)) == {"BLR", "LTU"}
    assert found.disputed == ()
    assert 400 < found.counted_km < 550
    assert found.length_km == pytest.approx(path_length_km(path), abs=1e-6)


def test_over_a_group_the_other_members_territory_counts_too(borders: Borders) -> None:
    """Article III, Section II: Belarus and Russia were observed as a group."""
    path = [KUBINKA, KALININGRAD]
    alone = over_territory(path, observed="RUS", borders=borders)
    group = over_territory(path, observed="BLR;RUS", borders=borders)

    belarus = sum(stretch.km for stretch in alone.transit if stretch.code == "BLR")
    assert group.counted_km == pytest.approx(alone.counted_km + belarus, abs=METRE)
    assert over_territory(path, observed=("BLR", "RUS"), borders=borders) == group
    assert set(codes(group.transit)) == {"LTU"}


def test_a_path_wholly_inside_counts_whole(borders: Borders) -> None:
    path = [KUBINKA, (50.0, 57.0), (44.0, 56.0)]
    found = over_territory(path, observed="RUS", borders=borders)

    assert found.counted_km == pytest.approx(path_length_km(path), abs=1e-6)
    assert (found.transit, found.disputed) == ((), ())


def test_across_180_russia_stays_russia(borders: Borders) -> None:
    path = [(172.0, 67.0), (-175.0, 67.0)]
    found = over_territory(path, observed="RUS", borders=borders)

    assert codes(found.stretches) == ["RUS"]
    assert found.counted_km == pytest.approx(path_length_km(path), abs=1e-6)


def test_over_crimea_the_stretch_is_disputed_and_in_no_count(borders: Borders) -> None:
    path = [(34.0, 47.0), (34.2, 44.9)]
    for observed in ("UKR", "RUS"):
        found = over_territory(path, observed=observed, borders=borders)
        assert [one.disputed.id for one in found.disputed if one.disputed] == ["crimea"]
        assert found.disputed[0].code is None
        assert sum(one.km for one in found.stretches) == pytest.approx(path_length_km(path), abs=METRE)
    assert over_territory(path, observed="UKR", borders=borders).counted_km > 50
    assert over_territory(path, observed="RUS", borders=borders).counted_km == 0.0


@pytest.mark.parametrize(("view", "counts_for"), [("UKR", "UKR"), ("RUS", "RUS"), ("GEO", None), ("base", None)])
def test_a_view_gives_a_disputed_area_to_its_side(borders: Borders, view: str, counts_for: str | None) -> None:
    """II.8: with the view of a side chosen the area counts as that side's; another's view leaves it open."""
    path = [(34.0, 47.0), (34.2, 44.9)]
    found = {code: over_territory(path, observed=code, borders=borders, view=view) for code in ("UKR", "RUS")}
    plain = {code: over_territory(path, observed=code, borders=borders) for code in ("UKR", "RUS")}
    area_km = plain["UKR"].disputed[0].km

    for code, split in found.items():
        more = area_km if code == counts_for else 0.0
        assert split.counted_km == pytest.approx(plain[code].counted_km + more, abs=METRE)
        assert [one.name for one in split.disputed] == ([] if counts_for else ["Crimea"])
        assert sum(one.km for one in split.stretches) == pytest.approx(path_length_km(path), abs=METRE)
    if counts_for:
        other = found["RUS" if counts_for == "UKR" else "UKR"]
        assert ("Crimea", counts_for) in [(one.name, one.code) for one in other.transit]


def test_denmark_holds_greenland_and_waters_between_are_the_high_seas(borders: Borders) -> None:
    path = [(-21.9, 64.13), (-38.0, 66.2)]  # Reykjavik to south-east Greenland
    found = over_territory(path, observed="DNK", borders=borders)

    assert codes(found.stretches) == ["ISL", None, "DNK"]
    assert found.transit[1].name == "high seas"


@pytest.mark.parametrize("off_km", [WATERS_KM - 0.05, WATERS_KM + 0.05])
def test_twelve_nautical_miles_of_water_count_and_not_a_step_more(tmp_path: Path, off_km: float) -> None:
    """A path out to sea at a right angle to a coast that is a meridian."""
    own = write(tmp_path / "b.geojson", ("OBS", 10, 40, 20, 70))
    out = Geodesic.WGS84.Direct(55.0, 20.0, 90.0, off_km * 1000)
    path = [(19.0, 55.0), (20.0, 55.0), (out["lon2"], out["lat2"])]
    found = over_territory(path, observed="OBS", borders=own)

    land_km = path_length_km(path[:2])
    assert found.counted_km == pytest.approx(land_km + min(off_km, WATERS_KM), abs=0.01)
    assert [one.km for one in found.transit] == pytest.approx([0.05] if off_km > WATERS_KM else [], abs=0.01)


def test_waters_between_two_coasts_go_to_the_nearer(tmp_path: Path) -> None:
    own = write(tmp_path / "b.geojson", ("AAA", 10, 50, 20, 60), ("BBB", 20.4, 50, 30, 60))  # a strait of 25 km
    path = [(19.5, 55.0), (20.9, 55.0)]
    found = over_territory(path, observed="AAA", borders=own)

    assert codes(found.stretches) == ["AAA", "BBB"]
    middle = points_at(path, np.array([found.stretches[0].to_km]))
    assert middle[0][0] == pytest.approx(20.2, abs=1e-3)


def test_a_corner_of_another_state_narrower_than_any_sample_is_seen(tmp_path: Path) -> None:
    """A tongue of land 60 m wide: crossings are computed, not sampled."""
    own = write(
        tmp_path / "b.geojson", ("OBS", 10, 40, 15, 70), ("NON", 15, 40, 15.001, 70), ("OBS", 15.001, 40, 20, 70)
    )
    found = over_territory([(11.0, 55.0), (19.0, 55.0)], observed="OBS", borders=own)

    assert codes(found.stretches) == ["OBS", "NON", "OBS"]
    assert found.transit[0].km == pytest.approx(0.064, abs=0.002)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([20.0, 34.0, 130.0, 175.0, 190.0]),
    st.lists(st.tuples(st.floats(-8, 8), st.floats(43, 72)), min_size=2, max_size=4),
)
def test_stretches_follow_each_other_and_make_up_the_whole_path(east: float, by: list[tuple[float, float]]) -> None:
    """Nothing is counted twice or lost, to within a metre; and each stretch lies where it says."""
    path = [(east + lon, lat) for lon, lat in by]
    borders = Borders.load()
    found = over_territory(path, observed="BLR;RUS", borders=borders)
    length = path_length_km(path)
    stretches = found.stretches

    assert sum(one.km for one in stretches) == pytest.approx(length, abs=METRE)
    assert all(a.to_km == b.from_km for a, b in pairwise(stretches))
    assert all(one.km > 0 for one in stretches)
    for one in stretches:
        if one.km < 1.0:
            continue
        middle: Any = points_at(path, np.array([(one.from_km + one.to_km) / 2]))
        place = borders.state_at(float(middle[0][0]), float(middle[1][0]))
        assert place.name == "sea" or (place.code, place.disputed) == (one.code, one.disputed)


def test_a_path_of_no_length_counts_nothing(borders: Borders) -> None:
    found = over_territory([KUBINKA, KUBINKA], observed="RUS", borders=borders)

    assert (found.counted_km, found.stretches) == (0.0, ())
