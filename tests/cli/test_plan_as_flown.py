"""`plan check` and `plan compare` under the options of `plan optimise`, and the names of sites that are missed."""

import json

import pytest

from overflight.cli.main import main

DAY = ["--on", "2021-05-17"]
ETNW, ETSA = [9.4272, 52.4573], [10.9060, 48.0706]


@pytest.fixture
def drawn(tmp_path):
    """A path as people draw it, without times: from Wunstorf over Landsberg and back."""
    line = {"type": "LineString", "coordinates": [ETNW, [10.2, 50.5], ETSA, [9.6, 50.6], ETNW]}
    said = {"observed": "DEU", "start_airfield": "ETNW", "end_airfield": "ETNW"}
    file = tmp_path / "drawn.json"
    file.write_text(json.dumps({"type": "Feature", "geometry": line, "properties": said}))
    return str(file)


def ask(capsys, *words):
    code = main([*words, *DAY, "--json"])
    found = json.loads(capsys.readouterr().out)
    return code, found.get("error", found)


def verdicts(found):
    return {one["rule"]: one["verdict"] for one in found["conditions"]}


def test_a_drawn_plan_is_checked_as_it_would_be_flown(drawn, capsys):
    _, bare = ask(capsys, "plan", "check", drawn, "--range-km", "800")
    assert verdicts(bare)["within_range"] == "breaches"
    flown = ["--aircraft", "X=800/400", "--take-off", "2021-05-18T06:00Z", "--via", "ETSA", "--stop-hours", "2"]
    _, found = ask(capsys, "plan", "check", drawn, *flown)
    assert verdicts(found)["within_range"] == "complies"
    assert found["conditions_kept"]
    # On 17 May the sun sets at Wunstorf soon after 19:00 UTC.
    late = ["--daylight", "--speed-kmh", "400", "--take-off"]
    assert verdicts(ask(capsys, "plan", "check", drawn, *late, "2021-05-18T06:00Z")[1])["in_daylight"] == "complies"
    assert verdicts(ask(capsys, "plan", "check", drawn, *late, "2021-05-18T19:00Z")[1])["in_daylight"] == "breaches"


@pytest.mark.parametrize(("option", "value"), [("--stop-hours", "-1"), ("--speed-kmh", "0"), ("--aircraft", "X")])
def test_what_cannot_be_meant_is_refused(drawn, capsys, option, value):
    code, error = ask(capsys, "plan", "check", drawn, option, value)
    assert code == 2
    assert option in error["detail"]
    if option == "--speed-kmh":
        assert "above 0" in error["detail"]


def test_compare_counts_turns_and_names_sites_as_optimise_does(tmp_path, capsys):
    sites, out = tmp_path / "sites.csv", tmp_path / "plan.json"
    sites.write_text(
        "name,lon,lat,value\nleft,9.9,52.9,3\nright,10.6,52.4,2\nbetween,10.2,52.7,1\nbeyond,11.6,50.2,1\n"
    )
    given = ["--sites", str(sites), "--swath-km", "10", "--turn-radius-km", "6", "--turn", "over"]
    search = ["plan", "optimise", "--observed", "DEU", "--from", "ETNW", "--max-km", "300", "--steps", "20"]
    _, found = ask(capsys, *search, *given, "-o", str(out))
    named = {*found["observed_names"], *found["missed_names"], *(one["name"] for one in found["ignored"])}
    assert named == {"left", "right", "between", "beyond"}
    assert "beyond" not in found["observed_names"]
    assert "beyond" not in out.read_text()
    _, beside = ask(capsys, "plan", "compare", str(out), str(out), *given)
    assert beside["first"]["value"] == found["value"]
    assert sorted(beside["first"]["observed_names"]) == sorted(found["observed_names"])
    assert "beyond" in beside["first"]["missed_names"]
    main(["plan", "compare", str(out), str(out), *given, *DAY])
    assert "does not observe: " in capsys.readouterr().out


def test_a_site_in_a_turn_is_not_observed(tmp_path, drawn, capsys):
    sites = tmp_path / "sites.csv"
    sites.write_text("name,lon,lat,value\ncorner,10.906,48.0706,3\n")
    given = ["--sites", str(sites), "--swath-km", "5"]
    assert ask(capsys, "plan", "compare", drawn, drawn, *given)[1]["first"]["value"] == 3
    turned = ["--turn-radius-km", "6", "--turn", "short"]
    assert ask(capsys, "plan", "compare", drawn, drawn, *given, *turned)[1]["first"]["value"] == 0
    landed = [*turned, "--via", "ETSA"]  # where it lands there is no turn
    assert ask(capsys, "plan", "compare", drawn, drawn, *given, *landed)[1]["first"]["value"] == 3


@pytest.mark.parametrize("words", [["check"], ["compare"]])
def test_a_stop_that_is_no_airfield_is_refused_and_no_condition_broken(drawn, capsys, words):
    plans = [drawn] * (2 if words == ["compare"] else 1)
    code, error = ask(capsys, "plan", *words, *plans, "--via", "XXXX")
    assert (code, error["field"], error["citation"]) == (2, "--via", "II.30")
