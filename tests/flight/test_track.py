"""As flown against plan."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile
from overflight.flight.track import Stated, check_track, flown_km
from overflight.flight.track_clean import without_spikes
from overflight.flight.track_files import Track, read_track, write_csv
from overflight.flight.track_model import make_track
from overflight.flight.track_path import outline
from overflight.planning.geodesy import distance_to_path_km, earth_centred_km, path_length_km
from overflight.terms.plan import MissionPlan, SensorUse, Stop, Waypoint
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime

TAKE_OFF = datetime(2021, 5, 19, 6, tzinfo=UTC)
REGIME = Regime.on(date(2021, 5, 19))
PLAN = MissionPlan(
    observed="RUS",
    observing="DEU",
    waypoints=(Waypoint(36.65, 55.61), Waypoint(44.0, 53.0), Waypoint(40.0, 57.0), Waypoint(36.65, 55.61)),
    start_airfield="UUMB",
    end_airfield="UUMB",
    height_agl_m=(2500.0,),
    ground_speed_kmh=430.0,
    sensors=(SensorUse("AFA-41-10", 1500.0),),
)


@pytest.fixture(scope="module")
def borders():
    return Borders.load()


def made(**more):
    return make_track(PLAN, take_off=TAKE_OFF, seed=1, **more)


def under(check, citation, rule=""):
    return [str(f.verdict) for f in check.findings if f.citation == citation and rule in f.rule]


def test_a_flight_as_planned_complies(borders):
    found = check_track(PLAN, made(deviation_km=0, gaps=0).track, REGIME, borders=borders)

    assert found.complies
    assert found.max_deviation_km < 0.1
    assert under(found, "VI.I.14") == ["complies", "complies"]
    assert under(found, "VI.II.4.D") == ["complies"]
    assert found.flown_km == pytest.approx(path_length_km(PLAN.waypoints), rel=0.002)
    assert 1500 <= found.lowest_agl_m <= 2600


@pytest.mark.parametrize(("km", "verdict"), [(49.5, "complies"), (50.7, "right")])
def test_beyond_fifty_kilometres_sensors_may_be_forbidden(borders, km, verdict):
    flown = made(deviation_km=km, deviation_at=0.15, deviation_length_km=200.0, gaps=0)
    found = check_track(PLAN, flown.track, REGIME, borders=borders)

    assert found.max_deviation_km == pytest.approx(km, abs=0.2)
    assert under(found, "VIII.II.3.B") == [verdict]


def test_a_deviation_needs_a_recorded_ground(borders):
    flown = made(gaps=0)
    stated = Stated(flown.deviation_from, flown.deviation_until, "weather_safety")
    nothing = check_track(PLAN, flown.track, REGIME, borders=borders)
    recorded = check_track(PLAN, flown.track, REGIME, borders=borders, stated=[stated])
    other = check_track(PLAN, flown.track, REGIME, borders=borders, stated=[Stated(TAKE_OFF, None, "sightseeing")])
    elsewhere = check_track(
        PLAN,
        flown.track,
        REGIME,
        borders=borders,
        stated=[Stated(TAKE_OFF, TAKE_OFF + timedelta(minutes=5), "weather_safety")],
    )

    assert [under(c, "VI.I.14", "follows")[0] for c in (nothing, recorded, other, elsewhere)] == [
        "undetermined",
        "complies",
        "breaches",
        "undetermined",
    ]
    (excursion,) = nothing.excursions
    assert excursion.km == pytest.approx(flown.deviation_km, abs=0.1)


def test_gaps_are_named(borders):
    found = check_track(PLAN, made().track, REGIME, borders=borders)

    assert [(gap.until - gap.since).total_seconds() for gap in found.gaps] == [155.0, 155.0]
    assert under(found, "VI.I.14", "gaps") == ["undetermined"]


def test_the_longest_gap_has_its_place(borders):
    """The last fix before it; a track without gaps or jumps has none."""
    track = made(deviation_km=0, gaps=0).track
    minutes = (track.seconds - track.seconds[0]) / 60
    cut = track.take((minutes < 60) | ((minutes > 64) & (minutes < 90)) | (minutes > 105))
    last = np.flatnonzero(minutes < 90)[-1]
    (found,) = (f for f in check_track(PLAN, cut, REGIME, borders=borders).findings if "gaps" in f.rule)
    (whole,) = (f for f in check_track(PLAN, track, REGIME, borders=borders).findings if "gaps" in f.rule)

    assert found.where["coordinates"] == pytest.approx([track.lons[last], track.lats[last]], abs=1e-6)
    assert whole.where is None


@pytest.mark.parametrize(
    ("airfield", "hours", "gaps", "grounded"),
    [("UUMB", 0.5, 0, 1), ("UUMB", 0.1, 1, 0), ("UWWW", 0.5, 1, 0)],
    ids=["at the stop", "much longer than the stop", "elsewhere"],
)
def test_a_gap_on_the_ground_at_a_planned_stop_is_no_gap(borders, airfield, hours, gaps, grounded):
    flown = made(deviation_km=0, gaps=0).track
    plan = replace(PLAN, stops=(Stop(airfield, TAKE_OFF, TAKE_OFF + timedelta(hours=hours)),))
    late = flown.seconds + 3000.0 * (np.arange(len(flown)) > 3)
    found = check_track(plan, replace(flown, seconds=late), REGIME, borders=borders)
    assert (len(found.gaps), len(found.grounded)) == (gaps, grounded)


def test_a_track_too_near_a_border_that_is_no_partys_is_found(borders):
    low = MissionPlan(
        observed="RUS",
        waypoints=(Waypoint(47.0, 51.5), Waypoint(47.30, 50.34), Waypoint(46.5, 51.0)),
        start_airfield="UUMB",
        end_airfield="UUMB",
        height_agl_m=(2500.0,),
    )
    flown = make_track(low, take_off=TAKE_OFF, seed=3, deviation_km=0, gaps=0)

    found = check_track(low, flown.track, REGIME, borders=borders)
    assert "breaches" in under(found, "VI.II.2")
    near = next(f for f in found.findings if f.rule == "flown_clear_of_non_party_border")
    assert near.seen["plan_leg"] in (1, 2)
    assert f"flown along leg {near.seen['plan_leg']} of the plan" in near.because


def test_a_low_pass_is_found(borders):
    low = make_track(
        MissionPlan(**{**PLAN.__dict__, "height_agl_m": (2500.0, 1400.0, 2500.0)}),
        take_off=TAKE_OFF,
        seed=1,
        deviation_km=0,
        gaps=0,
    )
    found = check_track(PLAN, low.track, REGIME, borders=borders)

    assert under(found, "VI.II.4.D") == ["breaches"]
    assert found.lowest_agl_m == pytest.approx(1400, abs=30)


def test_a_declared_point_that_was_left_out_is_named(borders):
    short = MissionPlan(**{**PLAN.__dict__, "waypoints": (*PLAN.waypoints[:2], PLAN.waypoints[-1])})
    flown = make_track(short, take_off=TAKE_OFF, seed=1, deviation_km=0, gaps=0)
    found = check_track(PLAN, flown.track, REGIME, borders=borders)

    assert under(found, "VI.II.4.F") == ["undetermined"]


def test_single_wild_fixes_are_dropped(borders):
    track = made(deviation_km=0, gaps=0).track
    track.lats[500] += 3.0
    track.lons[900] -= 2.0

    assert len(without_spikes(track)[0]) == len(track) - 2
    assert check_track(PLAN, track, REGIME, borders=borders).dropped == 2


def test_noise_does_not_lengthen_the_distance():
    quiet = made(deviation_km=0, gaps=0, noise_m=0.0, interval_s=1.0)
    noisy = made(deviation_km=0, gaps=0, noise_m=40.0, interval_s=1.0)

    assert flown_km(*without_spikes(noisy.track)) == pytest.approx(flown_km(*without_spikes(quiet.track)), rel=0.001)


def test_noise_does_not_lengthen_what_counts_and_no_corner_is_cut(borders):
    """II.11: what counts is the distance flown over the territory, not that of a line that follows the noise."""
    quiet, noisy = (made(deviation_km=0, gaps=0, noise_m=m, interval_s=1.0).track for m in (0.0, 40.0))
    exact = check_track(PLAN, quiet, REGIME, borders=borders)
    found = check_track(PLAN, noisy, REGIME, borders=borders)

    assert exact.flown_km == pytest.approx(path_length_km(list(zip(quiet.lons, quiet.lats, strict=True))), rel=0.0002)
    assert found.counted_km == pytest.approx(exact.counted_km, rel=0.001)
    assert found.counted_km <= found.flown_km + 1e-6


def test_the_same_seed_gives_the_same_track():
    assert write_csv(made().track) == write_csv(made().track)
    assert write_csv(made().track) != write_csv(make_track(PLAN, take_off=TAKE_OFF, seed=2).track)


def test_csv_goes_there_and_back():
    track = made().track
    back = read_track(write_csv(track).encode())

    assert len(back) == len(track)
    assert np.allclose(back.lons, track.lons, atol=1e-7)
    assert back.time(0) == TAKE_OFF


def test_gpx_and_igc_are_read():
    gpx = b"""<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><trk><trkseg>
    <trkpt lat="55.6" lon="36.6"><ele>2700</ele><time>2021-05-19T06:00:00Z</time></trkpt>
    <trkpt lat="55.7" lon="36.8"><ele>2710.5</ele><time>2021-05-19T06:01:00Z</time></trkpt></trkseg></trk></gpx>"""
    igc = b"AXXX001\nHFDTE190521\nB2359505536000N03639000EA0000002700\nB0000105537000N03641000EV0260002710\n"

    assert read_track(gpx).height_m.tolist() == [2700.0, 2710.5]
    found = read_track(igc)
    assert (found.lats[0], found.lons[0]) == (55.6, 36.65)
    assert found.time(1) == datetime(2021, 5, 20, 0, 0, 10, tzinfo=UTC)
    assert found.height_m.tolist() == [2700.0, 2600.0]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "header lacks"),
        (b"a,b\n1,2\n", "header lacks time, lon, lat"),
        (b"time,lon,lat\n2021-05-19T06:00:00Z,36,55\n", "at least two"),
        (b"time,lon,lat\nnoon,36,55\n", "row 2: time"),
        (b"time,lon,lat\n2021-05-19T06:00:00Z,nan,55\n", "row 2: lon 'nan' is no number"),
        (b"time,lon,lat\n2021-05-19T06:00:00Z,inf,55\n", "is no place"),
        (b"time,lon,lat\n2021-05-19T06:00:00Z,36,155\n", "is no place"),
        (b"time,lon,lat,height_m\n2021-05-19T06:00:00Z,36,55,9e9\n", "no height"),
        (b"\xff\xfe\x00", "neither CSV"),
        (b"<gpx", "no XML"),
        (b'<!DOCTYPE g [<!ENTITY a "b">]><gpx/>', "document type"),
        (b"<a>" * 100, "nested too deeply"),
        (b"AXXX\nB2359505536000N03639000EA0000002700\n", "before the date"),
    ],
)
def test_a_file_that_is_no_track_is_told_in_one_sentence(data, says):
    with pytest.raises(BadFile, match=says):
        read_track(data)


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_no_bytes_raise_anything_but_bad_file(data):
    for head in (b"", b"time,lon,lat\n", b"<gpx>", b"AXXX\nHFDTE190521\n"):
        try:
            read_track(head + data)
        except BadFile:
            continue


@given(st.lists(st.tuples(st.floats(36, 39), st.floats(54, 56)), min_size=2, max_size=25))
@settings(max_examples=40, deadline=None)
def test_a_simplified_path_stays_within_its_tolerance(points):
    lons, lats = (np.array(column) for column in zip(*points, strict=True))
    keep = outline(earth_centred_km(lons, lats), tolerance_km=0.5)
    drawn = [(float(lons[n]), float(lats[n])) for n in keep]

    assert keep[0] == 0
    assert keep[-1] == len(points) - 1
    if len({*drawn}) > 1:
        assert (
            distance_to_path_km(drawn, lons, lats).max() < 30.0
        )  # great circle planes against geodesics of any length


def test_a_whole_day_at_one_fix_a_second_is_checked_quickly(borders):
    long = MissionPlan(**{**PLAN.__dict__, "waypoints": PLAN.waypoints * 2})
    track: Track = make_track(long, take_off=TAKE_OFF, seed=1, interval_s=1.0).track
    begin = time.process_time()
    check_track(PLAN, track, REGIME, borders=borders)

    assert len(track) > 15_000
    assert time.process_time() - begin < 10.0
