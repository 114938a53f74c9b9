"""Tracks as receivers and loggers really write them: wild clocks, wild places, several aircraft."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile, BadInput
from overflight.flight.track import check_track
from overflight.flight.track_data import ELLIPSOID, PRESSURE, SEA_LEVEL, Track
from overflight.flight.track_files import read_track, write_csv
from overflight.flight.track_model import make_track
from overflight.flight.track_path import distances_off
from overflight.planning.elevation import Elevation
from overflight.planning.geodesy import GEOD, distance_to_path_km, earth_centred_km
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime

TAKE_OFF = datetime(2021, 5, 19, 6, tzinfo=UTC)
T0 = TAKE_OFF.timestamp()
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
HEAD = "time,icao24,lat,lon,baroaltitude,geoaltitude,onground\n"


@pytest.fixture(scope="module")
def borders():
    return Borders.load()


def flown(**more):
    made = {"deviation_km": 0.0, "gaps": 0, "interval_s": 10.0}
    return make_track(PLAN, take_off=TAKE_OFF, seed=1, **(made | more)).track


def kinds(track):
    return {note.kind: note.count for note in track.notes}


def adsb(track, aircraft="3c4b26", geometric="", barometric="", on_ground="false"):
    rows = zip(track.seconds.tolist(), track.lons.tolist(), track.lats.tolist(), strict=True)
    return "".join(f"{t:.0f},{aircraft},{y:.6f},{x:.6f},{barometric},{geometric},{on_ground}\n" for t, x, y in rows)


def under(check, citation, rule=""):
    return [str(f.verdict) for f in check.findings if f.citation == citation and rule in f.rule]


# ADS-B


def test_state_vectors_are_read_and_one_aircraft_chosen():
    track = flown()
    text = HEAD + adsb(track, geometric=2600, barometric=2500) + adsb(track, "abc123")

    with pytest.raises(BadFile, match=r"holds 2 aircraft \(3c4b26, abc123\); choose one with --icao24"):
        read_track(text.encode())
    with pytest.raises(BadFile, match="no aircraft 'ffffff'"):
        read_track(text.encode(), icao24="ffffff")
    mine = read_track(text.encode(), icao24="3C4B26")
    assert (len(mine), mine.name) == (len(track), "3c4b26")
    assert set(mine.kind.tolist()) == {ELLIPSOID}
    assert set(mine.height_m.tolist()) == {2600.0}


def test_json_in_four_shapes_is_the_same_track():
    track = flown(interval_s=200.0)
    rows = list(zip(track.seconds.tolist(), track.lons.tolist(), track.lats.tolist(), strict=True))
    objects = [{"time": t, "lon": x, "lat": y, "geoaltitude": 2600} for t, x, y in rows]
    path = {"icao24": "3c4b26", "path": [[t, y, x, 2500, 0.0, False] for t, x, y in rows]}
    states = [
        {"time": t, "states": [["3c4b26", "X", "-", t, t, x, y, 2500, False, 1, 2, 3, None, 2600]]} for t, x, y in rows
    ]
    shapes = [json.dumps(objects), json.dumps(path), json.dumps(states), "\n".join(map(json.dumps, states))]
    found = [read_track(text.encode()) for text in shapes]

    for one in found:
        assert np.allclose(one.lons, track.lons)
        assert one.seconds.tolist() == track.seconds.tolist()
    assert [set(one.kind.tolist()) for one in found] == [{ELLIPSOID}, {PRESSURE}, {ELLIPSOID}, {ELLIPSOID}]


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", "[1, 2]", '{"path": 7}', '{"states": [[1]]}', "[" * 5000, '[{"time": 1}]', '{"path": [[1, 2, 3]]}'],
)
def test_json_that_is_no_track_is_told_in_a_sentence(text):
    with pytest.raises(BadFile):
        read_track(text.encode())


def test_taxiing_is_left_out_and_said():
    track = flown()
    ground = adsb(track.take(np.arange(0, 5)), on_ground="true")
    air = adsb(track.take(np.arange(5, len(track))))

    found = read_track((HEAD + ground + air).encode())
    assert kinds(found)["on-ground"] == 4  # the last on the ground is the place of take-off
    assert len(found) == len(track) - 4


# Heights


@pytest.mark.parametrize(
    ("column", "verdict", "says"),
    [
        ("barometric", "undetermined", "QNH"),
        ("geometric", "complies", ""),
    ],
)
def test_a_barometric_height_says_nothing_of_the_ground(borders, column, verdict, says):
    """VI.II.4.D: geometric heights hold within 107 m, those of the pressure need the day's QNH."""
    text = HEAD + adsb(flown(), **{column: 4250})
    found = check_track(PLAN, read_track(text.encode()), REGIME, borders=borders, elevation=Elevation.load())

    assert under(found, "VI.II.4.D") == [verdict]
    assert found.height_is == column
    assert {note.kind for note in found.notes} == {column}
    if verdict == "undetermined":
        assert found.lowest_agl_m is None
        assert any(says in f.because for f in found.findings)


def test_heights_above_sea_level_come_before_others():
    text = "time,lon,lat,height_m,geoaltitude\n" + "".join(f"{T0 + n},{36 + n / 1000},55,100,200\n" for n in range(5))

    assert set(read_track(text.encode()).kind.tolist()) == {SEA_LEVEL}


# Clocks


def test_a_clock_that_steps_back_keeps_the_longer_telling():
    track = flown()
    whole = write_csv(track).splitlines()
    again = whole[200:230]  # half a minute after row 400, told once more

    found = read_track("\n".join([*whole[:400], *again, *whole[400:]]).encode())
    assert len(found) == len(track)
    assert kinds(found)["clock-step"] == 1
    assert found.notes[0].rows == (401,)


def test_rows_in_no_order_are_sorted_where_they_make_one_flight():
    header, *rows = write_csv(flown()).splitlines()
    mixed = read_track("\n".join([header, *Random(3).sample(rows, len(rows))]).encode())
    assert (mixed.seconds == read_track("\n".join([header, *rows]).encode()).seconds).all()
    assert set(kinds(mixed)) == {"out-of-order"}


def test_one_fix_from_tomorrow_does_not_end_the_track():
    lines = write_csv(flown()).splitlines()
    lines.insert(300, lines[300].replace("2021-05-19", "2021-05-20"))

    found = read_track("\n".join(lines).encode())
    assert len(found) == len(lines) - 2
    assert found.time(-1).date() == date(2021, 5, 19)


def test_small_disorder_is_sorted_and_twice_told_seconds_count_once():
    lines = write_csv(flown(interval_s=1.0)).splitlines()
    lines[100], lines[103] = lines[103], lines[100]
    lines.insert(500, lines[500])

    found = read_track("\n".join(lines).encode())
    assert np.all(np.diff(found.seconds) > 0)
    assert kinds(found) == {"out-of-order": 2, "duplicate": 1}


# Places


def test_rows_without_a_place_or_time_are_left_out_with_their_rows():
    lines = write_csv(flown()).splitlines()
    lines[10] = "2021-05-19T06:01:30Z,nan,55.0,,"
    lines[11] = "2021-05-19T06:01:40Z,55.0,136.0,,"
    lines[12] = "soon,36.0,55.0,,"

    found = read_track("\n".join(lines).encode())
    assert kinds(found) == {"no-place": 2, "no-time": 1}
    assert [note.rows for note in found.notes] == [(13,), (11, 12)]


def test_a_lasting_jump_is_named_and_leaves_the_answer_open(borders):
    track = flown()
    track.lons[600:] += 8.0
    found = check_track(PLAN, track, REGIME, borders=borders)

    assert len(found.jumps) == 1
    assert under(found, "VI.I.14", "gaps") == ["undetermined"]
    assert "jumps" in next(f.because for f in found.findings if "gaps" in f.rule)


def test_a_track_with_its_coordinates_swapped_is_told(borders):
    track = flown()
    other = Track(track.seconds, track.lats, track.lons, track.height_m, track.height_agl_m)

    with pytest.raises(BadInput, match="changed places"):
        check_track(PLAN, other, REGIME, borders=borders)


@pytest.mark.parametrize(("km", "verdict"), [(49.999, "complies"), (50.0, "complies"), (50.001, "right")])
def test_exactly_fifty_kilometres_off_is_inside(borders, km, verdict):
    """VIII.II.3.B, by the ellipsoid itself, whatever the quick way of finding the farthest fix says."""
    straight = MissionPlan(
        observed="RUS", waypoints=(Waypoint(40.0, 55.0), Waypoint(50.0, 55.0)), start_airfield="UUMB",
        end_airfield="UUMB",
    )  # fmt: skip
    azimuth, _, metres = GEOD.inv(40.0, 55.0, 50.0, 55.0)
    at = np.linspace(0, metres, 400)
    lons, lats, back = GEOD.fwd(np.full(400, 40.0), np.full(400, 55.0), np.full(400, azimuth), at)
    aside = np.zeros(400)
    aside[150:250] = np.concatenate([np.linspace(0, km, 50), np.linspace(km, 0, 50)]) * 1000.0
    lons, lats, _ = GEOD.fwd(lons, lats, np.asarray(back) + 180.0 + 90.0, aside)
    nothing = np.full(400, np.nan)
    track = Track(T0 + np.arange(400) * 30.0, np.asarray(lons), np.asarray(lats), nothing, nothing)
    found = check_track(straight, track, REGIME, borders=borders)

    assert found.max_deviation_km == pytest.approx(km, abs=1e-5)
    assert under(found, "VIII.II.3.B") == [verdict]


@given(
    st.lists(st.tuples(st.floats(30, 60), st.floats(45, 65)), min_size=2, max_size=8),
    st.lists(st.tuples(st.floats(30, 60), st.floats(45, 65)), min_size=1, max_size=200),
)
@example([(30.000000000000004, 45.0), (30.0, 45.0)], [(30.0, 45.0)])
@settings(max_examples=30, deadline=None)
def test_the_quick_distance_is_the_exact_one_to_metres(path, fixes):
    lons, lats = (np.array(column) for column in zip(*fixes, strict=True))
    places = earth_centred_km(lons, lats)
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    off = distances_off(path, places, steps)
    exact = distance_to_path_km(path, lons, lats)

    assert np.abs(off.km - exact).max() <= 0.05 + 0.003 * exact.max()
    assert np.all(np.abs(off.km - exact)[exact < 100.0] < 0.05)
    assert off.farthest(lons, lats, [(0, lons.size - 1)])[0][1] == pytest.approx(exact.max(), rel=0.003)


# Sensors


@pytest.mark.parametrize(("on_until_km", "verdict"), [(101.0, "complies"), (104.0, "undetermined")])
def test_a_sensor_that_runs_outside_its_planned_stretch_is_named(borders, on_until_km, verdict):
    """II.15: two kilometres before or after count as inside, a convention of this software."""
    track = flown()
    km = np.arange(len(track)) * 10.0 * 430 / 3600
    ran = Track(
        track.seconds, track.lons, track.lats, track.height_m, track.height_agl_m, track.kind,
        ((km > 20) & (km < on_until_km)).astype(float),
    )  # fmt: skip
    plan = MissionPlan(**{**PLAN.__dict__, "sensors_on": ((10.0, 100.0),)})
    found = check_track(plan, ran, REGIME, borders=borders)

    assert under(found, "II.15") == [verdict]
    assert under(found, "VII.3") == ["complies"]
    assert under(check_track(PLAN, ran, REGIME, borders=borders), "II.15") == ["undetermined"]
    assert under(check_track(plan, track, REGIME, borders=borders), "II.15") == []


def test_a_sensor_that_runs_over_another_state_breaches(borders):
    """VII.3: held against the path as flown."""
    plan = MissionPlan(**{**PLAN.__dict__, "waypoints": (Waypoint(36.0, 51.5), Waypoint(34.0, 50.5))})
    track = make_track(plan, take_off=TAKE_OFF, seed=1, deviation_km=0, gaps=0, interval_s=10.0).track
    on = Track(track.seconds, track.lons, track.lats, track.height_m, track.height_agl_m, track.kind,
               np.ones(len(track)))  # fmt: skip

    assert under(check_track(plan, on, REGIME, borders=borders), "VII.3") == ["breaches"]


# Any bytes


CELL = st.one_of(
    st.sampled_from(["", "nan", "inf", "-1e400", "2021-05-19T06:00:00Z", "1621404000", "é", '"', "true", "0"]),
    st.floats().map(str),
    st.text(max_size=6),
)


@given(st.lists(st.lists(CELL, min_size=0, max_size=8), max_size=12), st.sampled_from(",;\t"))
@settings(max_examples=50, deadline=None)
def test_any_cells_are_a_track_or_a_sentence(rows, delimiter):
    text = HEAD.replace(",", delimiter) + "\n".join(delimiter.join(row) for row in rows)
    try:
        track = read_track(text.encode("utf-8", "replace"))
    except BadFile:
        return
    assert np.all(np.diff(track.seconds) > 0)
    assert np.isfinite(track.lons).all()
    assert (np.abs(track.lats) <= 90).all()


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda of: st.one_of(
        st.lists(of, max_size=6),
        st.dictionaries(
            st.sampled_from(["time", "lat", "lon", "path", "states", "icao24", "onground"]), of, max_size=6
        ),
    ),
    max_leaves=20,
)


@given(VALUE)
@settings(max_examples=50, deadline=None)
def test_any_json_is_a_track_or_a_sentence(value):
    with suppress(BadFile):
        read_track(b"[" + json.dumps(value).encode() + b"]")


@given(st.lists(st.tuples(st.integers(-10_000, 10_000), st.floats(-180, 180), st.floats(-90, 90)), min_size=2,
                max_size=60))  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_any_fixes_are_checked_without_a_crash(borders, fixes):
    text = "time,lon,lat,geoaltitude\n" + "".join(f"{T0 + t},{x},{y},1000\n" for t, x, y in fixes)
    with suppress(BadFile, BadInput):
        check_track(PLAN, read_track(text.encode()), REGIME, borders=borders)


@pytest.mark.parametrize("between", [";", "\t"])
def test_decimal_commas_are_read_as_in_files_of_sites(between):
    rows = ["time lon lat height_m", "2021-05-19T06:00:00Z 36,65 55,61 1200,5", "2021-05-19T06:00:05Z 36,66 55,6 1201"]
    track = read_track("\n".join(rows).replace(" ", between).encode())

    assert (track.lons.tolist(), track.lats.tolist()) == ([36.65, 36.66], [55.61, 55.6])
    assert track.height_m.tolist() == [1200.5, 1201.0]


def test_decimal_commas_between_commas_are_refused():
    """36,65,55,61 under lon,lat would be another place: a file of such rows is refused, one such row is no fix."""
    wide = "2021-05-19T06:00:{n:02d}Z,36,65,55,61\n"
    good = "2021-05-19T06:00:{n:02d}Z,36.65,55.61\n"
    with pytest.raises(BadFile, match="line 2 has 5 fields, the header 3; where numbers have decimal commas"):
        read_track(("time,lon,lat\n" + wide.format(n=0) + wide.format(n=5)).encode())
    track = read_track(("time,lon,lat\n" + "".join(good.format(n=n) for n in range(8)) + wide.format(n=9)).encode())
    assert len(track) == 8
    assert set(track.lons.tolist()) == {36.65}
