"""Tracks at the edges: across 180 degrees, with an hour missing, with odd heights, very short, very long; and any
track beside a slow checker of pyproj and shapely alone."""

import tracemalloc
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile
from overflight.flight import track_files
from overflight.flight.track import FOLLOWS_WITHIN_KM, OUTLINE_KM, check_track
from overflight.flight.track_data import Track
from overflight.flight.track_files import MAX_FIXES, read_track, write_csv
from overflight.flight.track_model import make_track
from overflight.flight.track_path import outline
from overflight.planning.geodesy import distance_to_path_km, earth_centred_km
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from tests.flight import independent_track as slow

TAKE_OFF = datetime(2021, 5, 19, 6, tzinfo=UTC)
T0 = int(TAKE_OFF.timestamp())
REGIME = Regime.on(date(2021, 5, 19))


@pytest.fixture(scope="module")
def borders():
    return Borders.load()


def plan_over(*points, **more):
    given = {
        "observed": "RUS",
        "observing": "DEU",
        "ground_speed_kmh": 430.0,
        "height_agl_m": (2500.0,),
        "start_airfield": "UUMB",
        "end_airfield": "UUMB",
    }
    return MissionPlan(waypoints=tuple(Waypoint(*point) for point in points), **(given | more))


def track_through(points, every_s=60.0, heights=None):
    lons, lats = np.array(points, float).T
    nothing = np.full(lons.size, np.nan)
    return Track(T0 + np.arange(lons.size) * every_s, lons, lats, nothing if heights is None else heights, nothing)


def under(check, citation, rule=""):
    return [str(f.verdict) for f in check.findings if f.citation == citation and rule in f.rule]


def kinds(track):
    return {note.kind: note.count for note in track.notes}


# 180 degrees


def test_a_track_across_180_degrees_is_one_line(borders):
    """Chukotka: nothing but the longitude's sign changes there."""
    plan = plan_over((176.0, 67.0), (-175.0, 67.5), (-172.0, 66.0))
    track = make_track(plan, take_off=TAKE_OFF, seed=3, deviation_km=20.0, deviation_at=0.2, gaps=0).track
    fixes = list(zip(track.lons.tolist(), track.lats.tolist(), strict=True))
    found = check_track(plan, track, REGIME, borders=borders)

    assert {np.sign(lon) for lon, _ in fixes} == {-1.0, 1.0}
    assert found.jumps == ()
    assert found.gaps == ()
    assert found.dropped == 0
    assert found.max_deviation_km == pytest.approx(
        slow.deviations_km([(w.lon_deg, w.lat_deg) for w in plan.waypoints], fixes[::20]).max(), abs=0.2
    )
    assert found.flown_km == pytest.approx(slow.flown_km([*fixes[::10], fixes[-1]]), rel=0.002)
    assert found.counted_km == pytest.approx(found.flown_km, rel=0.01)  # land, and waters within 12 miles of it


# Time


def test_an_hour_without_fixes_is_one_gap_and_its_line_is_flown_straight(borders):
    plan = plan_over((36.65, 55.61), (50.0, 55.0))
    whole = make_track(plan, take_off=TAKE_OFF, seed=1, deviation_km=0.0, gaps=0, interval_s=10.0).track
    track = whole.take((whole.seconds < T0 + 1800) | (whole.seconds > T0 + 5400))
    found = check_track(plan, track, REGIME, borders=borders)

    (gap,) = found.gaps
    assert (gap.until - gap.since).total_seconds() == pytest.approx(3600, abs=20)
    assert gap.km == pytest.approx(430.0, rel=0.02)
    assert under(found, "VI.I.14", "gaps") == ["undetermined"]
    assert found.flown_km == pytest.approx(check_track(plan, whole, REGIME, borders=borders).flown_km, rel=0.001)
    assert found.max_deviation_km < 0.2


def test_told_twice_out_of_order_and_set_back_all_at_once(borders):
    """One clean answer remains, and every mend is told."""
    plan = plan_over((36.65, 55.61), (44.0, 53.0))
    clean = make_track(plan, take_off=TAKE_OFF, seed=2, deviation_km=0.0, gaps=0, interval_s=10.0).track
    head, *rows = write_csv(clean).splitlines()
    spoilt = [*rows[:100], rows[99], rows[101], rows[100], *rows[102:300], *rows[250:280], *rows[300:]]
    jumped = spoilt[150].split(",")
    spoilt[150] = ",".join([jumped[0], "120.0", *jumped[2:]])
    track = read_track("\n".join([head, *spoilt]).encode())
    found = check_track(plan, track, REGIME, borders=borders)
    straight = check_track(plan, read_track("\n".join([head, *rows]).encode()), REGIME, borders=borders)

    assert set(kinds(track)) == {"clock-step", "duplicate", "out-of-order"}
    assert [note.kind for note in found.notes if note.kind == "spike"] == ["spike"]
    assert found.dropped == 1
    assert [str(f.verdict) for f in found.findings] == [str(f.verdict) for f in straight.findings]
    assert found.flown_km == pytest.approx(straight.flown_km, rel=1e-4)


# Short and long files


@pytest.mark.parametrize("text", ["", "\n", "time,lon,lat", "time,lon,lat\n", "time,lon,lat\n1621404000,36,55\n",
                                  "time,lon,lat\n1621404000,36,55\n1621404000,36,55\n"])  # fmt: skip
def test_fewer_than_two_fixes_are_no_track(text):
    with pytest.raises(BadFile, match=r"at least two|header lacks"):
        read_track(text.encode())


def test_two_fixes_are_a_track(borders):
    found = check_track(
        plan_over((36.0, 55.0), (37.0, 55.0)), track_through([(36.0, 55.0), (36.01, 55.0)]), REGIME, borders=borders
    )

    assert found.fixes == 2
    assert found.flown_km == pytest.approx(slow.flown_km([(36.0, 55.0), (36.01, 55.0)]), abs=1e-6)
    assert under(found, "VI.II.4.F") == ["breaches"] or under(found, "VI.II.4.F") == ["undetermined"]


def test_an_aircraft_that_never_moved_has_flown_nothing(borders):
    found = check_track(
        plan_over((36.0, 55.0), (37.0, 55.0)), track_through([(36.0, 55.0)] * 500), REGIME, borders=borders
    )

    assert found.flown_km == 0.0
    assert found.max_deviation_km < 0.001


def test_a_million_positions_are_read_and_checked_in_little_memory(borders):
    """The most that a file may hold; one row more is refused."""
    plan = plan_over((36.65, 55.61), (50.0, 55.0))
    n = MAX_FIXES - 1
    lons = np.linspace(36.65, 50.0, n)
    rows = "\n".join(f"{T0 + k},{x:.7f},55.3" for k, x in enumerate(lons.tolist()))
    data = f"time,lon,lat\n{rows}\n".encode()
    tracemalloc.start()
    try:
        track = read_track(data)
        found = check_track(plan, track, REGIME, borders=borders)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(track) == n
    assert found.fixes == n
    assert found.max_deviation_km == pytest.approx(
        slow.deviations_km([(36.65, 55.61), (50.0, 55.0)], [(x, 55.3) for x in lons[:: n // 50]]).max(), abs=0.1
    )
    assert most < 700e6
    with pytest.raises(BadFile, match="more than"):
        read_track(data + f"{T0 + n},50.0,55.3\n{T0 + n + 1},50.0,55.3\n".encode())


# Heights


SENSOR = (SensorUse("AFA-41-10", 1500.0),)


def rows_with(head, cell):
    rows = "".join(f"{T0 + 60 * k},{36.0 + 0.1 * k:.4f},55.0,{cell}\n" for k in range(20))
    return f"time,lon,lat,{head}\n{rows}".encode()


@pytest.mark.parametrize("head", ["height_m", "height_msl_m", "altitude_m", "alt_m", "ele"])
def test_heights_in_metres_are_read_by_their_names(head):
    assert read_track(rows_with(head, "2500")).height_m.tolist() == [2500.0] * 20


@pytest.mark.parametrize("head", ["altitude", "altitude_ft", "height_ft", "alt", "alt_baro", "geoaltitude_ft"])
def test_a_column_that_does_not_say_metres_is_no_height(borders, head):
    """8,200 feet taken for metres would clear a certified height that was not kept."""
    track = read_track(rows_with(head, "8200"))
    found = check_track(plan_over((36.0, 55.0), (38.0, 55.0), sensors=SENSOR), track, REGIME, borders=borders)

    assert np.isnan(track.height_m).all()
    assert found.lowest_agl_m is None
    assert under(found, "VI.II.4.D") == ["undetermined"]


@pytest.mark.parametrize("nothing", ["", "null", "NULL", "None", "NaN", "nan", " "])
def test_null_heights_of_state_vectors_are_no_heights(nothing):
    """Others of the file count; a row without a height is still a fix."""
    lines = [
        f"{T0 + 10 * k},3c4b26,55.0,{36.0 + 0.01 * k:.4f},{nothing},{2600 if k % 3 else nothing},false"
        for k in range(30)
    ]
    track = read_track("\n".join(["time,icao24,lat,lon,baroaltitude,geoaltitude,onground", *lines]).encode())

    assert len(track) == 30
    assert np.isnan(track.height_m[::3]).all()
    assert (track.height_m[1::3] == 2600.0).all()
    assert kinds(track) == {}


def test_one_aircraft_of_several_is_taken_with_all_its_columns():
    lines = [
        f"{T0 + 10 * k},{'3c4b26' if k % 2 else ' ABCDEF'},55.0,{36.0 + 0.01 * k:.4f},{2000 + k}" for k in range(40)
    ]
    data = "\n".join(["time,icao24,lat,lon,geoaltitude", *lines]).encode()
    for name in ("3c4b26", "3C4B26"):
        track = read_track(data, icao24=name)
        assert track.height_m.tolist() == [2001.0 + k for k in range(0, 40, 2)]
        assert track.row.tolist() == list(range(3, 43, 2))
    assert read_track(data, icao24="abcdef").lons.tolist() == pytest.approx([36.0 + 0.02 * k for k in range(20)])


# Beside a slow checker


def wandering(seed):
    """A plan over western Russia beside Kazakhstan, and a track that wanders off it."""
    rng = np.random.default_rng(seed)
    points = list(
        zip(rng.uniform(45, 56, 4).round(4).tolist(), rng.uniform(50.0, 53.5, 4).round(4).tolist(), strict=True)
    )
    lons, lats = slow.along(points, 6_000.0)
    walk = np.cumsum(rng.normal(0.0, 0.02, (lons.size, 2)), axis=0)
    return points, list(zip((lons + walk[:, 0]).tolist(), (lats + walk[:, 1] * 0.6).tolist(), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_any_track_is_judged_as_the_slow_checker_judges_it(borders, seed):
    points, fixes = wandering(seed)
    found = check_track(plan_over(*points), track_through(fixes), REGIME, borders=borders)
    off = slow.deviations_km(points, fixes)
    crossings = 0.15 * (1 + sum(1 for f in found.findings if f.citation == "VI.II.2"))

    assert found.dropped == 0
    assert found.max_deviation_km == pytest.approx(off.max(), abs=0.01)
    assert found.flown_km == pytest.approx(slow.flown_km(fixes), rel=1e-6)
    inside = slow.over_km(fixes, borders.territory("RUS"))
    assert found.counted_km == pytest.approx(inside, abs=0.5 + crossings, rel=2e-3)
    assert found.nearest_border_km == pytest.approx(
        slow.nearest_km(fixes, borders.territory("KAZ")), abs=OUTLINE_KM + 0.4
    )
    away = off > FOLLOWS_WITHIN_KM + 0.01
    told = [(e.since.timestamp(), e.until.timestamp()) for e in found.excursions]
    for k in np.flatnonzero(away):
        assert any(since <= T0 + 60 * k <= until for since, until in told)


@given(st.integers(0, 10_000), st.integers(2, 3_000), st.sampled_from([0.0, 0.001, 0.01, 0.1]))
@settings(max_examples=30, deadline=None)
def test_the_outline_of_a_track_keeps_within_its_tolerance(seed, n, wild):
    rng = np.random.default_rng(seed)
    turn = np.cumsum(rng.normal(0.0, 0.02, n)) + (rng.random(n) < 0.01).cumsum()
    lons = 45.0 + np.cumsum(np.cos(turn)) * 0.002 + rng.normal(0, wild, n)
    lats = 55.0 + np.cumsum(np.sin(turn)) * 0.001 + rng.normal(0, wild, n)
    lats = np.clip(lats, 40.0, 70.0)
    keep = outline(earth_centred_km(lons, lats), tolerance_km=OUTLINE_KM)

    assert keep[0] == 0
    assert keep[-1] == n - 1
    assert (np.diff(keep) > 0).all()
    for a, b in zip(keep[:-1].tolist()[:60], keep[1:].tolist()[:60], strict=True):
        if b - a > 1:
            line = [(lons[a], lats[a]), (lons[b], lats[b])]
            inner = slice(a + 1, b)
            assert distance_to_path_km(line, lons[inner], lats[inner]).max() <= OUTLINE_KM * 1.02


def test_the_limit_of_fixes_counts_lines_whatever_they_hold(monkeypatch):
    monkeypatch.setattr(track_files, "MAX_FIXES", 5)
    with pytest.raises(BadFile, match="more than 5"):
        read_track(b"time,lon,lat\n" + b"\n" * 9)
