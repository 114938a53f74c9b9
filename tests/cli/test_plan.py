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
