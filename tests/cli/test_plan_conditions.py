"""`plan optimise` and `plan check` with a planner's conditions: what is refused, by what and by how much."""

import json

import pytest

from overflight.cli.main import main

DAY = ["--on", "2021-05-17"]
AROUND_ETNW = [[9.0, 52.2], [9.9, 52.2], [9.9, 52.8], [9.0, 52.8], [9.0, 52.2]]
WEST, EAST = (
    [[9.0, 52.2], [9.4573, 52.2], [9.4573, 52.8], [9.0, 52.8], [9.0, 52.2]],
    [
        [9.4573, 52.2],
        [9.9, 52.2],
        [9.9, 52.8],
        [9.4573, 52.8],
        [9.4573, 52.2],
    ],
)
FAR = [[12.5, 51.0], [13.5, 51.0], [13.5, 51.8], [12.5, 51.8], [12.5, 51.0]]


@pytest.fixture
def ask(tmp_path, capsys):
    """Ask for a short plan over three sites, or more; returns exit code, answer or error, and notes."""

    def asked(*more, sites="", base=("--swath-km", "10")):
        file = tmp_path / "sites.csv"
        rows = sites or "one,9.5,52.6,3,,,\ntwo,10.2,52.3,2,,,\n"
        file.write_text("name,lon,lat,value,required,group,instrument\n" + rows)
        words = [
            "plan", "optimise", "--observed", "DEU", "--from", "ETNW", "--sites", str(file), *base,
            "--steps", "2", "--max-km", "300", *DAY, *more, "--json",
        ]  # fmt: skip
        code = main(words)
        out, err = capsys.readouterr()
        found = json.loads(out)
        return code, found.get("error", found), err

    return asked


@pytest.fixture
def regions(tmp_path):
    def made(*rows):
        file = tmp_path / "regions.geojson"
        features = [
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": properties}
            for ring, properties in rows
        ]
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return ["--regions", str(file)]

    return made


def limit(km, name="R"):
    return {"kind": "sub_limit", "max_km": km, "name": name}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--via", "LFOJ"], "not open on 2021-05-17 for DEU's flights to refuel or rest; choose one of E"),
        (["--via", "ZZZZ"], "--via: 'ZZZZ' is no airfield"),
        (["--from", "LFOJ"], "belongs to FRA"),
        (["--entry", "ETSA"], "no point of entry or exit of DEU on 2021-05-17; choose one of EDDK"),
        (["--take-off", "2021-05-17T08:00"], "no UTC time"),
        (["--take-off", "yesterday"], "no UTC time"),
        (["--daylight", "--speed-kmh", "400"], "--daylight needs --take-off"),
        (["--speed-kmh", "-4"], "--speed-kmh is -4"),
        (["--range-km", "nan"], "--range-km"),
        (["--turn", "wide"], "short or over"),
        (["--swath", "NOPE=3"], "--swath: 'NOPE' is no sensor"),
        (["--swath", "AFA-41-10"], "write ID=KM"),
        (["--swath", "AFA-41-10=3", "--swath", "AFA-41-10=4"], "given twice"),
        (["--swath", "AFA-41-10=-3"], "--swath AFA-41-10 is -3"),
        (["--aircraft", "NOPE"], "--aircraft: 'NOPE' is no aircraft"),
        (["--aircraft", "X=fast"], "ID=RANGE_KM"),
        (["--aircraft", "X=300", "--aircraft", "X=400"], "named twice"),
        (["--taxi", "--aircraft", "ROU-An30"], "flown by ROU"),
        (["--taxi", "--notified-km", "-1"], "--notified-km"),
        (["--regions", "no-such-file"], "no file no-such-file"),
        (["--stop-hours", "99"], "--stop-hours"),
    ],
)
def test_input_that_cannot_be_meant_exits_2_and_names_the_option(ask, options, words):
    code, found, _ = ask(*options)
    assert code == 2
    assert words in found["detail"], found


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(AROUND_ETNW, limit(0))], "R allows 0 km, and the shortest way out of it from ETNW"),
        ([(AROUND_ETNW, {"kind": "closed", "name": "R"})], "ETNW lies inside R, which is closed at all times"),
        ([([[10, 50], [11, 51], [11, 50], [10, 51], [10, 50]], limit(5))], "crosses itself at 50.50000 N, 10.50000 E"),
        ([([[52, 9], [53, 9], [53, 10], [52, 10], [52, 9]], limit(5))], "look swapped"),
        ([(FAR, {"kind": "closed", "from": "2021-05-17T08:00Z", "to": "2021-05-17T08:00Z"})], "ends before it starts"),
        ([(FAR, {"kind": "closed", "from": "2021-05-17T08:00"})], "no UTC time"),
    ],
)
def test_regions_that_contradict_themselves_or_the_request_exit_2(ask, regions, rows, words):
    code, found, _ = ask(*regions(*rows))
    assert code == 2
    assert words in found["detail"]


def test_sub_limits_that_only_together_shut_an_airfield_in_are_found(ask, regions):
    away = ("--to", "ETSA", "--max-km", "700")
    code, found, _ = ask(*regions((WEST, limit(8, "W")), (EAST, limit(8, "E"))), *away)
    assert code == 2
    assert "W + E allows 16 km" in found["detail"]
    assert found["over_km"] == pytest.approx(28.6 - 16, abs=2.0)
    code, found, _ = ask(*regions((WEST, limit(40, "W")), (EAST, limit(40, "E"))), *away)
    assert code == 0


def test_a_sub_limit_that_the_start_cannot_leave_is_refused_unless_a_site_is_near(ask, regions):
    only = regions((AROUND_ETNW, limit(5)))
    code, error, _ = ask(*only, sites="far,12.0,51.0,1,,,\n")
    assert code == 2
    assert "R allows 5 km" in error["detail"]
    assert error["over_km"] > 20

    near, found, _ = ask(*only, sites="far,12.0,51.0,1,,,\nhere,9.46,52.5,1,,,\n")
    assert near == 0
    assert found["value"] == 1
    required, error, _ = ask(*only, sites="far,12.0,51.0,1,yes,,\nhere,9.46,52.5,1,,,\n")
    assert required == 2
    assert error["over_km"] > 20


@pytest.mark.parametrize(("icao", "words"), [("EGLL", "belongs to GBR"), ("ETNX", "ETNX")])
def test_a_wrong_airfield_is_told_before_distances_and_swaths(ask, icao, words):
    code, error, _ = ask("--from", icao, sites="one,9.5,52.6,3,,,AFA-41-10\n")
    assert code == 2
    assert words in error["detail"]
    assert "--max-km" not in error["detail"]


@pytest.mark.parametrize(("options", "words"), [(("--max-km", "9000"), "9000"), (("--swath-km", "-1"), "--swath-km")])
def test_a_number_that_cannot_be_is_told_before_a_missing_swath(ask, options, words):
    code, error, _ = ask(*options, sites="one,9.5,52.6,3,,,AFA-41-10\n")
    assert code == 2
    assert words in error["detail"]


def test_a_path_that_observes_nothing_is_no_plan(ask, tmp_path):
    plan = tmp_path / "plan.json"
    code, error, _ = ask("--min-leg-km", "149", "-o", str(plan), sites="one,9.5,52.6,3,,,\n", base=("--swath-km", "1"))
    assert code == 1
    assert "legs of at least 149 km" in error["detail"]
    assert not plan.exists()


def test_sites_inside_a_closed_area_are_told_so(ask, regions):
    shut = regions((FAR, {"kind": "closed", "name": "C"}))
    far = ["--max-km", "900"]
    code, found, _ = ask(*far, *shut, sites="in,13.0,51.4,6,,,\none,9.5,52.6,3,,,\n")
    assert code == 0
    assert found["ignored_counts"] == {"inside_closed_area": 1}
    code, error, _ = ask(*far, *shut, sites="in,13.0,51.4,6,,,\n")
    assert code == 2
    assert "1 inside a closed area" in error["detail"]
    assert "0 too near a border" in error["detail"]


def test_a_way_out_that_fits_the_sub_limit_is_no_contradiction(ask, regions):
    code, found, _ = ask(*regions((AROUND_ETNW, limit(2000))))
    assert code == 0
    assert found["conditions_kept"] is True


@pytest.mark.parametrize(
    ("site", "options", "words"),
    [
        ("abroad,2.3,48.8,1,yes,,", [], "abroad is required and lies outside the territory of DEU"),
        ("far,12.5,48.5,1,yes,,", [], "km over the limit of 300 km (VI.II.4.A)"),
        ("far,11.0,52.4,1,yes,,", ["--range-km", "150"], "beyond the aircraft's range"),
    ],
)
def test_a_required_site_that_no_plan_reaches_exits_1_and_says_by_how_much(ask, site, options, words):
    code, found, _ = ask(*options, sites=f"one,9.5,52.6,3,,,\n{site}\n")
    assert code == 1
    assert found["code"] == "no-legal-path"
    assert words in found["detail"]


def test_a_required_site_deep_in_a_region_exits_1(ask, regions):
    box = [[9.9, 52.0], [10.9, 52.0], [10.9, 52.8], [9.9, 52.8], [9.9, 52.0]]
    sites = "deep,10.4,52.4,1,yes,,\n"
    code, found, _ = ask(*regions((box, limit(20))), sites=sites)
    assert code == 1
    assert "deeper than a path sees into it with 20 km allowed" in found["detail"]
    assert found["over_km"] == pytest.approx(34.0 - 5 - 10, abs=2.0)
    code, found, _ = ask(*regions((box, {"kind": "closed", "name": "R"})), sites=sites)
    assert code == 1


def test_airfields_too_far_apart_name_the_constraint_that_binds(ask):
    code, found, _ = ask("--to", "ETSA", "--range-km", "400", "--max-km", "900")
    assert code == 1
    assert "99 km beyond the aircraft's range of 400 km" in found["detail"]
    code, found, _ = ask("--via", "ETSA", "--max-km", "900")
    assert code == 1
    assert "ETNW - ETSA - ETNW" in found["detail"]


RING = [[8.5, 51.8], [10.5, 51.8], [10.5, 53.2], [8.5, 53.2], [8.5, 51.8]]
HOLE = [[8.7, 52.0], [10.3, 52.0], [10.3, 53.0], [8.7, 53.0], [8.7, 52.0]]


def test_a_closed_ring_around_the_start_is_named_as_what_binds_and_by_how_much(ask, tmp_path):
    """20 km of it lie between the hole's southern side at 52 N and the ring's at 51.8 N: 22 km, a little aslant."""
    file = tmp_path / "ring.geojson"
    shape = {"type": "Polygon", "coordinates": [RING, HOLE]}
    row = {"type": "Feature", "geometry": shape, "properties": {"kind": "closed", "name": "ring"}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}))
    code, found, _ = ask("--to", "ETSA", "--max-km", "700", "--regions", str(file))
    assert code == 1
    assert found["field"] == "--regions"
    assert "keeps out of the closed areas" in found["detail"]
    assert found["over_km"] == pytest.approx(22.9, abs=0.6)


def test_airfields_that_borders_keep_apart_are_told_so_with_the_kilometres(capsys, tmp_path):
    """From Ulan-Ude to Khabarovsk the straight way leads over China; around it there are 2,106 km."""
    sites = tmp_path / "sites.csv"
    sites.write_text("name,lon,lat,value\none,108,52,3\n")
    words = ["plan", "optimise", "--observed", "RUS", "--from", "UIUU", "--to", "UHHH", "--sites", str(sites)]
    assert main([*words, "--swath-km", "10", "--steps", "1", "--max-km", "2010", "--on", "2019-06-01", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["error"]
    assert "the shortest legal path found from UIUU to UHHH takes 21" in found["detail"]
    assert "km too many" in found["detail"]


def test_daylight_that_leaves_too_little_says_how_much_and_until_when(ask):
    evening = ["--take-off", "2021-05-17T17:30Z", "--speed-kmh", "300", "--daylight", "--min-sun-deg", "2"]
    required = "one,9.5,52.6,3,,,\nfar,12.5,48.5,2,yes,,\n"
    code, found, _ = ask(*evening, "--max-km", "1200", sites=required)
    assert code == 1
    assert found["field"] == "--daylight"
    assert "of 1200 km it leaves" in found["detail"]
    assert "17 May 2021 18:" in found["detail"]
    assert found["over_km"] == pytest.approx(972 - 410, abs=6)
    code, found, _ = ask(*evening, "--max-km", "1200")
    assert code == 0
    assert any(note.startswith("daylight binds: of 1200 km it leaves 4") for note in found["notes"])
    (dark,) = (f for f in found["conditions"] if f["rule"] == "in_daylight")
    assert dark["verdict"] == "complies"
    assert dark["seen"]["minutes_below"] == 0


def test_a_plan_in_the_dark_says_for_how_many_minutes(tmp_path, capsys):
    file = tmp_path / "plan.json"
    line = [[9.4273, 52.4573], [13.0, 51.4], [9.4273, 52.4573]]
    times = {"take_off": "2021-05-17T18:00:00Z", "ground_speed_kmh": 400}
    file.write_text(json.dumps({"type": "Feature", "geometry": {"type": "LineString", "coordinates": line},
                                "properties": {"observed": "DEU", **times}}))  # fmt: skip
    assert main(["plan", "check", str(file), *DAY, "--daylight", "--json"]) == 1
    (dark,) = json.loads(capsys.readouterr().out)["conditions"]
    assert dark["seen"]["minutes_below"] == pytest.approx(30, abs=6)  # sunset is some 70 minutes after take-off
    assert "minutes of the path" in dark["because"]


def test_an_instrument_needs_a_swath_and_a_group_of_one_is_told(ask):
    code, found, _ = ask(sites="one,9.5,52.6,3,,,AFA-41-10\n")
    assert code == 2
    assert "give --swath AFA-41-10=KM" in found["detail"]
    code, found, _ = ask("--swath", "AFA-41-10=4", sites="one,9.5,52.6,3,,solo,AFA-41-10\n", base=())
    assert code == 0
    assert any("group of one site" in note and "solo" in note for note in found["notes"])


def test_the_swath_of_a_sensor_follows_from_its_view_and_the_height(ask):
    code, _, _ = ask("--sensor", "AFA-41-10=900", "--height-m", "2000", sites="one,9.5,52.6,3,,,AFA-41-10\n")
    assert code == 0
    code, found, _ = ask(base=())
    assert code == 2
    assert "--swath-km is missing" in found["detail"]


def test_aircraft_are_compared_each_with_its_own_range_and_speed(ask):
    code, found, _ = ask("--aircraft", "ROU-An30", "--aircraft", "DEU-A319OH", "--aircraft", "SLOW=250/200")
    assert code == 0
    rows = {row["aircraft"]: row for row in found["by_aircraft"]}
    assert rows["ROU-An30"]["range_km"] == 2630
    assert "unverified" in rows["ROU-An30"]["verified"]
    assert rows["SLOW"]["length_km"] <= 250
    assert sum(row["best"] for row in rows.values()) == 1
    assert found["aircraft"]["aircraft"] == next(name for name, row in rows.items() if row["best"])
    assert found["plan"]["properties"]["aircraft"] == found["aircraft"]["aircraft"]


def test_an_aircraft_that_can_fly_nothing_stands_in_the_table_with_its_reason(ask):
    _, found, _ = ask("--to", "ETSA", "--max-km", "700", "--aircraft", "SHORT=100/300", "--aircraft", "LONG=3000/300")
    short, long = found["by_aircraft"]
    assert "beyond the aircraft's range" in short["no_plan"]
    assert (short["best"], long["best"]) == (False, True)


def test_taxi_option_plans_with_the_range_that_is_owed(ask):
    """VI.I.1.c: half of the notified distance, and no more if the aircraft's own range is not known."""
    _, found, _ = ask("--taxi", "--notified-km", "400")
    assert found["taxi"]["owed_range_km"] == found["taxi"]["range_km"] == 200
    assert found["length_km"] <= 200
    assert any("range of 200 km" in note for note in found["notes"])
    _, found, _ = ask("--taxi", "--notified-km", "5000", "--aircraft", "DEU-A319OH=2000/800")
    assert found["taxi"]["finding"]["citation"] == "VI.I.1.c"
    assert found["taxi"]["finding"]["verdict"] == "breaches"
    _, found, _ = ask("--taxi", "--notified-km", "4000", "--aircraft", "DEU-A319OH=2000/800")
    assert found["taxi"]["finding"]["verdict"] == "complies"


def test_ways_in_and_out_are_shown_and_not_counted(ask):
    _, found, _ = ask("--entry", "EDDK", "--exit", "EDDK", "--speed-kmh", "400", "--take-off", "2021-05-17T08:00Z")
    way_in, way_out = found["transit_legs"]
    assert (way_in["from"], way_in["to"], way_out["from"], way_out["to"]) == ("EDDK", "ETNW", "ETNW", "EDDK")
    assert way_in["counts"] is way_out["counts"] is False
    assert way_in["km"] == pytest.approx(237, abs=1)
    stated = found["plan"]["properties"]
    assert stated["point_of_exit"] == "EDDK"
    assert (stated["take_off"], stated["ground_speed_kmh"]) == ("2021-05-17T08:00:00Z", 400)
    assert stated["lands"] > stated["take_off"]


def test_a_plan_file_is_checked_for_the_same_conditions(tmp_path, regions, capsys):
    file = tmp_path / "plan.json"
    line = [[9.4273, 52.4573], [13.0, 51.4], [9.4273, 52.4573]]
    times = {"take_off": "2021-05-17T20:00:00Z", "ground_speed_kmh": 400}
    file.write_text(json.dumps({"type": "Feature", "geometry": {"type": "LineString", "coordinates": line},
                                "properties": {"observed": "DEU", **times}}))  # fmt: skip
    more = regions((FAR, limit(10, "Far")), (AROUND_ETNW, {"kind": "closed", "name": "C", "to": "2021-05-17T06:00Z"}))
    words = ["plan", "check", str(file), *DAY, *more, "--range-km", "500", "--min-leg-km", "300", "--daylight",
             "--turn-radius-km", "5", "--turn", "over"]  # fmt: skip
    assert main([*words, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["conditions_kept"] is False
    answers = {f["rule"]: f["verdict"] for f in found["conditions"]}
    assert answers == {
        "within_sub_limits": "breaches",
        "outside_closed_areas": "complies",
        "within_range": "breaches",
        "legs_long_enough": "breaches",
        "room_to_turn": "complies",
        "in_daylight": "breaches",
    }
    assert all(
        "margin_km" in f["seen"] for f in found["conditions"] if f["rule"] in ("within_sub_limits", "within_range")
    )
    assert main(words) == 1
    assert "not kept     planner     " in capsys.readouterr().out
    assert main(["plan", "check", str(file), *DAY, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conditions"] == []


def test_the_packaged_region_may_be_named_and_says_whose_view_it_is(tmp_path, capsys):
    file = tmp_path / "plan.json"
    line = [
        [36.6528, 55.6083],
        [22.55, 54.75],
        [20.1, 54.85],
        [22.3, 55.0],
        [20.3, 54.55],
        [22.5, 54.6],
        [36.65, 55.61],
    ]
    file.write_text(json.dumps({"type": "Feature", "geometry": {"type": "LineString", "coordinates": line},
                                "properties": {"observed": "RUS"}}))  # fmt: skip
    assert main(["plan", "check", str(file), "--on", "2019-06-01", "--regions", "kaliningrad-500km", "--json"]) == 1
    out, err = capsys.readouterr()
    (found,) = json.loads(out)["conditions"]
    assert (found["citation"], found["readings"]) == ("AnnE.5.B.3", {"territory_sublimit": "notice"})
    assert found["seen"]["km"] > 500
    assert "held by Russia" in err
    assert main(["plan", "check", str(file), "--on", "2022-06-01", "--regions", "kaliningrad-500km", "--json"]) in (
        1,
        2,
    )
    assert "has no value on 2022-06-01" in capsys.readouterr().err
