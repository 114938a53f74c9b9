"""What the plan rules find is told by every act that hands over, accepts or signs a plan, on both nodes."""

import json

import pytest

from overflight.app.exchange import export_bundle, import_bundle
from overflight.app.wiring import init_node, open_node
from overflight.cli.main import main
from overflight.terms.moment import parse_moment

FLIGHT = "OS1017"
LEGAL = [[36.6528, 55.6083], [44.0, 52.5], [36.6528, 55.6083]]
# Its second leg passes within 10 km of Kazakhstan, which is no Party.
ILLEGAL = [[36.6528, 55.6083], [45.60, 51.90], [47.30, 50.38], [43.40, 52.60], [36.6528, 55.6083]]


@pytest.fixture
def exercise(tmp_path, capsys):
    folder = tmp_path / "E"
    for party in ("DEU", "RUS"):
        init_node(party=party, exercise=folder, now=parse_moment("2021-05-12T08:00Z")).close()
    people = tmp_path / "people.csv"
    people.write_text(
        "name,gender,born,birthplace,passport,issued_by,function\n"
        "Exercise person 01,not given,1980-01-01,Exercise town,EX0000001,DEU,flight crew\n"
    )
    code, _ = run(
        capsys, folder / "DEU", "2021-05-12T08:00Z", "notify", "--observed", "RUS", "--eta", "2021-05-17T08:00Z",
        "--point-of-entry", "UUMB", "--starting-airfield", "UUMB", "--departure-to-airfield", "2021-05-17T08:30Z",
        "--lodging", "none", "--inspection-place", "UUMB", "--inspection-at", "2021-05-17T09:00Z",
        "--transport", "own aircraft", "--clearance", "exercise", "--aircraft", "An-30", "--distance-m", "2000000",
        "--people-file", str(people),
    )  # fmt: skip
    assert code == 0
    hand_over(folder, "DEU", "RUS")
    run(capsys, folder / "RUS", "2021-05-12T20:00Z", "acknowledge", "--supplies-aircraft", "no")
    hand_over(folder, "RUS", "DEU")
    run(capsys, folder / "DEU", "2021-05-17T08:00Z", "arrive")
    hand_over(folder, "DEU", "RUS")
    return folder


def run(capsys, node, now, verb, *more, human=False):
    args = ["flight", verb, FLIGHT, "--node", str(node), *(["--now", now] if now else []), *more]
    capsys.readouterr()
    code = main(args if human else [*args, "--json"])
    out = capsys.readouterr()
    assert out.err == ""
    return code, out.out if human else json.loads(out.out)


def hand_over(exercise, sender, to):
    with open_node(exercise / sender) as one, open_node(exercise / to) as other:
        answer = import_bundle(other, export_bundle(one, to=to)).more["answer"]
        import_bundle(one, answer)


def plan(folder, points):
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": points},
        "properties": {"observed": "RUS", "observing": "DEU"},
    }
    path = folder / f"plan-{len(points)}.json"
    path.write_text(json.dumps(feature))
    return str(path)


def breached(findings):
    return [f["citation"] for f in findings if f["verdict"] == "breaches"]


def test_an_illegal_plan_is_told_at_every_act_and_on_both_nodes(exercise, tmp_path, capsys):
    deu, rus, path = exercise / "DEU", exercise / "RUS", plan(tmp_path, ILLEGAL)
    code, drafted = run(capsys, deu, "2021-05-17T14:00Z", "submit", "--plan", path, "--draft")
    assert (code, breached(drafted["findings"])) == (1, ["VI.II.2"])

    code, out = run(capsys, deu, "2021-05-17T14:00Z", "submit", "--plan", path)
    assert (code, breached(out["act"]["findings"]), out["state"]) == (1, ["VI.II.2"], "plan_submitted")
    hand_over(exercise, "DEU", "RUS")
    for node in (deu, rus):
        code, shown = run(capsys, node, "2021-05-17T14:05Z", "show")
        (found,) = [f for f in shown["findings"] if f["verdict"] == "breaches"]
        assert (code, shown["complies"], found["citation"]) == (1, False, "VI.II.2")
        assert (found["where"]["version"], found["where"]["message"]) == (1, out["record"])
        code, rows = run_list(capsys, node)
        assert rows[0]["complies"] is False

    for node, to, now, verb in (
        (rus, "DEU", "2021-05-17T15:00Z", "accept"),
        (rus, "DEU", "2021-05-17T15:10Z", "sign"),
        (deu, "RUS", "2021-05-17T15:20Z", "sign"),
    ):
        code, acted = run(capsys, node, now, verb)
        assert (code, breached(acted["act"]["findings"])) == (1, ["VI.II.2"]), verb
        hand_over(exercise, node.name, to)
    for node in (deu, rus):
        code, shown = run(capsys, node, "2021-05-17T15:30Z", "show")
        assert (code, shown["state"], breached(shown["findings"])) == (1, "agreed", ["VI.II.2"])


def run_list(capsys, node):
    capsys.readouterr()
    code = main(["flight", "list", "--node", str(node), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_breach_is_said_once(exercise, tmp_path, capsys):
    code, out = run(
        capsys, exercise / "DEU", "2021-05-17T14:00Z", "submit", "--plan", plan(tmp_path, ILLEGAL), human=True
    )
    assert code == 1
    assert out.count("VI.II.2 ") == 1
    assert "Kazakhstan" in out


def test_a_legal_plan_says_so_and_a_better_one_takes_the_place_of_an_illegal_one(exercise, tmp_path, capsys):
    deu = exercise / "DEU"
    assert run(capsys, deu, "2021-05-17T14:00Z", "submit", "--plan", plan(tmp_path, ILLEGAL))[0] == 1
    code, out = run(capsys, deu, "2021-05-17T14:10Z", "submit", "--plan", plan(tmp_path, LEGAL))
    assert code == 0
    assert {"VI.II.2", "VI.II.4.A"} <= {f["citation"] for f in out["act"]["findings"] if f["verdict"] == "complies"}
    code, shown = run(capsys, deu, "2021-05-17T14:20Z", "show")
    assert (code, breached(shown["findings"])) == (0, [])


def test_a_version_is_named_by_its_first_characters(exercise, tmp_path, capsys):
    deu = exercise / "DEU"
    _, out = run(capsys, deu, "2021-05-17T14:00Z", "submit", "--plan", plan(tmp_path, LEGAL))
    short = out["record"][:12]
    code, signed = run(capsys, deu, "2021-05-17T14:10Z", "sign", "--version", short)
    assert (code, signed["version"]["version"], signed["act"]["body"]["version"]) == (0, out["record"], out["record"])
    _, said = run(capsys, deu, "2021-05-17T14:20Z", "show", human=True)
    assert f"version 1, {short}, of DEU, 2021-05-17T14:00:00Z: signed by DEU" in said
    sites = tmp_path / "sites.csv"
    sites.write_text("name,lon,lat,value\nhere,44.0,52.5,3\n")
    code, cost = run(capsys, deu, None, "cost", short, "--sites", str(sites), "--swath-km", "4.5")
    assert (code, cost["value_before"]) == (0, 3.0)


@pytest.mark.parametrize(("given", "says"), [("ab", "at least 4"), ("0123456789ab", "begins with 0123456789ab")])
def test_too_little_or_nothing_known_is_one_sentence(exercise, tmp_path, capsys, given, says):
    run(capsys, exercise / "DEU", "2021-05-17T14:00Z", "submit", "--plan", plan(tmp_path, LEGAL))
    capsys.readouterr()
    code = main(["flight", "sign", FLIGHT, "--version", given, "--node", str(exercise / "DEU")])
    out = capsys.readouterr()
    assert code == 2
    assert says in out.err


def test_a_number_of_another_year_is_told_what_to_write(tmp_path, capsys):
    init_node(party="DEU", exercise=tmp_path / "X", now=parse_moment("2019-03-01T08:00Z")).close()
    args = ["flight", "notify", "OS1901", "--observed", "RUS", "--eta", "2019-03-08T08:00Z", "--point-of-entry", "UUMB"]
    code = main([*args, "--node", str(tmp_path / "X" / "DEU"), "--draft"])
    assert code == 1
    assert "OS9901" in capsys.readouterr().out
