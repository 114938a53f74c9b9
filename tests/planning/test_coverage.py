"""Which sites a path observes: the search's quick look against exact geodesics."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput
from overflight.planning.coverage import legs_near, observed, value_of
from overflight.planning.geodesy import earth_centred_km
from overflight.terms.place import Site
from overflight.terms.plan import Waypoint
from tests.planning import independent
from tests.planning.grounds import GEOD


def test_a_site_exactly_at_half_the_swath_is_observed():
    """The swath is the full width; on its edge counts."""
    lon, lat, _ = GEOD.fwd(10.0, 50.0, 0.0, 5_000)
    azimuth, _, _ = GEOD.inv(lon, lat, 10.0, 50.0)
    path = (Waypoint(10.0, 50.0), Waypoint(*GEOD.fwd(10.0, 50.0, 90.0, 300)[:2]))
    site = (Site("edge", float(lon), float(lat), 3.0),)
    assert azimuth
    assert observed(path, site, swath_km=10.000002).tolist() == [True]
    assert observed(path, site, swath_km=9.999).tolist() == [False]
    assert value_of(site, np.array([True])) == 3.0


def test_no_site_is_no_error():
    assert observed((Waypoint(0, 0), Waypoint(1, 1)), (), swath_km=10).shape == (0,)


@settings(max_examples=25, deadline=None)
@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-70, 75),
    azimuth=st.floats(0, 360),
    km=st.floats(5, 900),
    share=st.floats(-0.05, 1.05),
    off_km=st.floats(-12, 12),
)
def test_the_quick_look_agrees_with_geodesics(lon, lat, azimuth, km, share, off_km):
    """Within 0.1 km of the swath's edge the quick look may differ; the plan's margin is wider."""
    end_lon, end_lat, _ = GEOD.fwd(lon, lat, azimuth, km * 1000)
    mid_lon, mid_lat, back = GEOD.fwd(lon, lat, azimuth, km * share * 1000)
    site_lon, site_lat, _ = GEOD.fwd(mid_lon, mid_lat, back - 90, off_km * 1000)
    path = (Waypoint(lon, lat), Waypoint(end_lon, end_lat))
    ends = earth_centred_km(np.array([lon, end_lon]), np.array([lat, end_lat]))
    place = earth_centred_km(np.array([site_lon]), np.array([site_lat]))
    site = (Site("s", float(site_lon), float(site_lat)),)

    for half in (3.0, 8.0):
        exact = observed(path, site, swath_km=2 * half)[0]
        if observed(path, site, swath_km=2 * half - 0.2)[0] == observed(path, site, swath_km=2 * half + 0.2)[0]:
            assert legs_near(ends[:1], ends[1:], place, half)[0, 0] == exact
            second = independent.observed([(lon, lat), (end_lon, end_lat)], [("s", site_lon, site_lat, 1.0)], 2 * half)
            assert bool(second) == exact


def test_a_leg_without_length_observes_around_its_point():
    point = earth_centred_km(np.array([10.0]), np.array([50.0]))
    sites = earth_centred_km(np.array([10.0, 10.0]), np.array([50.02, 50.2]))
    assert legs_near(point, point, sites, 5.0).tolist() == [[True, False]]


def test_a_site_is_seen_with_the_swath_of_its_instrument():
    near = (Site("Near", 10.0, 52.05, 1.0, instrument="RONSAR"),)
    path = (Waypoint(9.0, 52.0), Waypoint(11.0, 52.0))
    assert observed(path, near, swath_km=50.0, swaths_km={"RONSAR": 4.0}).tolist() == [False]
    assert observed(path, near, swath_km=1.0, swaths_km={"RONSAR": 50.0}).tolist() == [True]
    with pytest.raises(BadInput, match="--swath RONSAR=KM"):
        observed(path, near, swath_km=50.0, swaths_km={})
