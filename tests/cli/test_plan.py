"""`overflight plan`: what it prints, the exit code, and one sentence for bad input."""

import json

import pytest

from overflight.cli.main import main

DAY = ["--on", "2021-05-17"]
FIRST_PATH = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": [[36.6528, 55.6083], [47.30, 50.38], [36.6528, 55.6083]]},
    "properties": {"observed": "RUS"},
}
CONTRACT = {
    "value", "discrete_value", "total_value", "length_km", "counted_km", "limit_km", "bound", "gap", "seconds",
    "stopped_by", "complies", "undetermined", "ignored", "findings", "plan",
}  # fmt: skip


@pytest.fixture
def sites(tmp_path):
    file = tmp_path / "sites.csv"
    file.write_text("name,lon,lat,value\nSECRET one,9.5,52.6,3\nSECRET two,10.2,52.3,123456789\nfar,2.3,48.8,1\n")
    return str(file)


def search(sites, *more):
    return [
        "plan", "optimise", "--observed", "DEU", "--from", "ETNW", "--sites", sites, "--swath-km", "10",
        "--steps", "3", "--max-km", "300", *DAY, *more,
    ]  # fmt: skip


def test_a_path_near_a_border_exits_1_and_names_the_paragraph(tmp_path, capsys):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(FIRST_PATH))
    assert main(["plan", "check", str(file), *DAY, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["complies"] is False
    first = found["findings"][0]
    assert (first["citation"], first["verdict"]) == ("VI.II.2", "breaches")
    assert first["where"]["leg"] == 1
    assert all({"citation", "verdict", "because", "where"} <= set(f) for f in found["findings"])

    assert main(["plan", "check", str(file), *DAY]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("breaches     VI.II.2")
    assert "does not comply" in lines[-2]
    assert "Natural Earth" in lines[-1]


def test_the_time_of_submission_may_come_with_the_question(tmp_path, capsys):
    """VI.II.4.E: the plan states its take-off only; with `--submitted` the wait is decided."""
    file = tmp_path / "plan.json"
    more = {"take_off": "2021-05-17T12:00:00Z"}
    file.write_text(json.dumps(FIRST_PATH | {"properties": FIRST_PATH["properties"] | more}))

    def asked(*options):
        main(["plan", "check", str(file), *DAY, "--json", *options])
        return next(f for f in json.loads(capsys.readouterr().out)["findings"] if f["citation"] == "VI.II.4.E")

    assert (asked()["verdict"], asked()["because"]) == ("undetermined", "not given: the time of submission")
    for at, verdict in (("11:59", "complies"), ("12:00", "complies"), ("12:01", "breaches")):
        assert asked("--submitted", f"2021-05-16T{at}:00Z")["verdict"] == verdict
    assert main(["plan", "check", str(file), *DAY, "--submitted", "yesterday"]) == 2
    assert "--submitted" in capsys.readouterr().err


def test_a_plan_with_swapped_coordinates_exits_2(tmp_path, capsys):
    file = tmp_path / "plan.json"
    line = {"type": "LineString", "coordinates": [p[::-1] for p in FIRST_PATH["geometry"]["coordinates"]]}
    named = {"observed": "RUS", "start_airfield": "UUMB", "end_airfield": "UUMB"}
    for properties in ({"observed": "RUS"}, named):
        file.write_text(json.dumps(FIRST_PATH | {"geometry": line, "properties": properties}))
        assert main(["plan", "check", str(file), *DAY]) == 2
        assert "coordinates look swapped: GeoJSON wants longitude first" in capsys.readouterr().err


def test_sites_left_out_are_named_and_a_swapped_one_is_told(tmp_path, capsys):
    file = tmp_path / "sites.csv"
    far = "".join(f"far {n},2.3,4{n}.8,1\n" for n in range(6))
    file.write_text(f"name,lon,lat,value\none,9.5,52.6,3\ntwo,10.2,52.3,3\n{far}turned,52.4,9.7,1\n")
    assert main(search(str(file))) == 0
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("sites left out, outside the territory: 7")
    assert lines[place + 1] == "  turned [9.7000N 52.4000E] (longitude and latitude swapped?)"
    assert lines[place + 2] == "  far 0 [40.8000N 2.3000E]"
    assert [line.startswith("  far") for line in lines[place + 2 : place + 7]] == [True] * 4 + [False]

    assert main(search(str(file), "--json")) == 0
    rows = json.loads(capsys.readouterr().out)["ignored"]
    assert [row["name"] for row in rows if row.get("hint")] == ["turned"]

    file.write_text("name,lon,lat\none,52.6,9.5\ntwo,52.3,10.2\n")
    assert main(search(str(file))) == 2
    assert "swapped" in capsys.readouterr().err


def test_optimise_answers_the_contract_and_its_plan_passes_the_check(tmp_path, sites, capsys):
    out = tmp_path / "plan.json"
    assert main(search(sites, "-o", str(out), "--json")) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert set(found) >= CONTRACT
    assert found["plan"] == json.loads(out.read_text())
    assert (found["value"], found["total_value"], found["stopped_by"]) == (123456792.0, 123456793.0, "steps")
    assert found["ignored"] == [{"name": "far", "lon_deg": 2.3, "lat_deg": 48.8, "reason": "outside_territory"}]
    assert captured.err == ""
    assert "SECRET" not in out.read_text()
    assert "123456789" not in out.read_text()

    assert main(["plan", "check", str(out), *DAY]) == 0
    capsys.readouterr()
    assert main(search(sites)) == 0
    assert "value 1.23457e+08" in capsys.readouterr().out


def test_compare_shows_value_only_to_whoever_brings_the_sites(tmp_path, sites, capsys):
    out = tmp_path / "plan.json"
    assert main(search(sites, "-o", str(out), "--json")) == 0
    capsys.readouterr()
    assert main(["plan", "compare", str(out), str(out), *DAY, "--json"]) == 0
    assert "value" not in json.loads(capsys.readouterr().out)["first"]
    assert main(["plan", "compare", str(out), str(out), "--sites", sites, "--swath-km", "10", *DAY, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["first"]["value"] == 123456792.0
    assert found["difference"]["value"] == 0
    assert main(["plan", "compare", str(out), str(out), *DAY]) == 0
    assert "length_km" in capsys.readouterr().out


def drawn(folder, name, *points, **properties):
    file = folder / name
    line = {"type": "LineString", "coordinates": [list(p) for p in points]}
    file.write_text(json.dumps({"type": "Feature", "geometry": line, "properties": properties}))
    return str(file)


def test_a_site_at_sea_counts_for_no_plan_and_is_told(tmp_path, capsys):
    """As by `plan optimise`: an observation flight is over the territory of the observed Party."""
    plan = drawn(tmp_path, "p.json", (36.65, 55.61), (40.0, 55.0), (36.65, 55.61), observed="RUS")
    places = tmp_path / "sites.csv"
    places.write_text("name,lon,lat,value\nland,40.0,55.0,3\nat sea,5.0,55.0,9\n")
    asked = ["plan", "compare", plan, plan, "--sites", str(places), "--swath-km", "10", *DAY]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["first"]["value"] == 3.0
    assert found["ignored"] == [{"name": "at sea", "lon_deg": 5.0, "lat_deg": 55.0, "reason": "outside_territory"}]
    assert main(asked) == 0
    assert "sites left out, outside the territory: 1" in capsys.readouterr().out


def test_plans_over_two_parties_are_not_compared(tmp_path, capsys):
    """Those over the two members of one group are: they are one territory of the treaty."""
    ways = {"RUS": (36.65, 55.61), "BLR": (28.0, 53.9), "DEU": (10.5, 52.5)}
    plans = {code: drawn(tmp_path, f"{code}.json", at, (at[0] + 1, at[1]), observed=code) for code, at in ways.items()}
    assert main(["plan", "compare", plans["RUS"], plans["BLR"], *DAY]) == 0
    assert main(["plan", "compare", plans["RUS"], plans["DEU"], *DAY]) == 2
    assert "the first plan is over RUS, the second over DEU" in capsys.readouterr().err


def test_a_party_does_not_observe_itself(tmp_path, capsys):
    plan = drawn(tmp_path, "p.json", (36.65, 55.61), (40.0, 55.0), (36.65, 55.61), observed="RUS", observing="RUS")
    assert main(["plan", "check", plan, *DAY]) == 2
    assert "RUS does not observe itself" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--max-km", "1201"], "VI.II.4.A"),
        (["--max-km", "nan"], "--max-km"),
        (["--swath-km", "-1"], "--swath-km"),
        (["--from", "ZZZZ"], "ZZZZ"),
        (["--observed", "XXX"], "XXX"),
        (["--to", "UUMB"], "RUS"),
        (["--time", "0"], "--time"),
        (["--time", "inf"], "--time"),
        (["--steps", "0"], "--steps"),
        (["--height-m", "nan"], "--height-m"),
        (["--sensor", "AFA-41-10=low"], "--sensor"),
        (["--sensor", "no-such"], "no-such"),
        (["--sites", "nowhere.csv"], "nowhere.csv"),
        (["--sites", "airports:XXX"], "XXX"),
        (["--on", "tomorrow"], "--on"),
        (["--reading", "distance_counts"], "NAME=VALUE"),
    ],
)
def test_wrong_use_exits_2_with_one_sentence(tmp_path, sites, capsys, more, says):
    out = tmp_path / "plan.json"
    assert main(search(sites, "-o", str(out), *more)) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""
    assert not out.exists()


def test_a_day_on_which_the_airfield_is_not_open_exits_2(sites, capsys):
    there = ["plan", "optimise", "--observed", "RUS", "--from", "UUMB", "--sites", sites, "--swath-km", "5"]
    assert main([*there, "--on", "2022-03-01"]) == 2
    assert "RUS" in capsys.readouterr().err


def test_airports_of_a_state_serve_as_sites(capsys):
    assert main([*search("airports:DEU"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total_value"] > 400
    assert found["value"] == found["sites_observed"] > 3


def test_no_legal_path_exits_1_and_says_by_how_much(sites, capsys):
    assert main(search(sites, "--to", "ETSA")) == 1
    assert "over the limit" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{", '{"type":"Feature"}', "[1,2]"])
def test_a_broken_plan_file_exits_2(tmp_path, capsys, text):
    file = tmp_path / "plan.json"
    file.write_text(text)
    assert main(["plan", "check", str(file), *DAY]) == 2
    assert str(file) in capsys.readouterr().err
