"""`overflight treaty calendar`: plans from a file, flights of a node, iCalendar."""

import json

import pytest

from overflight.cli.main import main
from tests.app.test_flights import NOTICE, Theatre


@pytest.fixture
def theatre(tmp_path):
    found = Theatre(tmp_path)
    yield found
    for node in found.nodes.values():
        node.close()


def run(capsys, *arguments):
    code = main(["treaty", "calendar", *arguments])
    return code, capsys.readouterr()


def test_plans_of_a_file_are_counted_and_written_as_a_calendar(tmp_path, capsys):
    plans, out = tmp_path / "plans.csv", tmp_path / "2003.ics"
    rows = ["by,over,with,quarter,flights,eta,name", "DEU,UKR,,1,9,,", "GBR,UKR,,1,8,,",
            "USA,UKR,CAN,2,1,,", "CAN,UKR,USA,2,1,,", "POL,UKR,,,,2003-05-06T08:00Z,B"]  # fmt: skip
    plans.write_text("\n".join(rows), "utf-8")
    code, said = run(capsys, "--year", "2003", "--plans", str(plans), "--ics", str(out), "--json")
    found = json.loads(said.out)

    assert code == 1
    assert {(q["quarter"], q["flights"], q["verdict"]) for q in found["quarters"] if q["flights"]} == {
        (1, 17, "breaches"),
        (2, 2, "complies"),
    }
    assert out.read_text("utf-8") == found["calendar"].replace("\r\n", "\n")
    assert run(capsys, "--year", "2003", "--plans", str(plans))[1].out.count("UKR") > 4


def test_flights_that_a_node_knows_stand_in_its_year(theatre, capsys):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **{**NOTICE, "partners": "CAN"})
    for node in theatre.nodes.values():
        node.close()
    folder = ["--node", str(theatre.exercise / "CAN"), "--json"]
    found = json.loads(run(capsys, "--year", "2021", *folder)[1].out)
    other = json.loads(run(capsys, "--year", "2022", *folder)[1].out)

    assert [(f["flight"], f["observing"], f["quarter"]) for f in found["flights"]] == [("OS1001", ["DEU", "CAN"], 2)]
    assert "EXERCISE" in found["calendar"]
    assert other["flights"] == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no plan"),
        ("by,over,when\n", "the columns are"),
        ("by,over,quarter,flights\nDEU,UKR,5,1\n", "no quarter"),
        ("by,over,quarter,flights\nDEU,UKR,1,0\n", "no whole number"),
        ("by,over,quarter,flights\nDEU,XXX,1,1\n", "XXX"),
        ("by,over,quarter,flights\nDEU,DEU,1,1\n", "over itself"),
        ("by,over,quarter,eta\nDEU,UKR,1,2003-05-06T08:00Z\n", "one of the two"),
        ("by,over,eta\nDEU,UKR,2004-05-06T08:00Z\n", "does not lie in 2003"),
        ("by,over,eta\nDEU,UKR,yesterday\n", "yesterday"),
        ("by,over,quarter,flights\nDEU,UKR,1\n", "3 cells"),
        ("by,over,with,quarter,flights\nDEU,UKR,DEU,1,1\n", "nor twice"),
    ],
)
def test_a_file_that_is_no_plan_is_told_with_its_line(tmp_path, capsys, text, why):
    plans = tmp_path / "plans.csv"
    plans.write_text(text, "utf-8")
    code, said = run(capsys, "--year", "2003", "--plans", str(plans))

    assert code == 2
    assert why in said.err
    assert "plans.csv, line" in said.err


def test_a_file_that_is_not_there_or_a_strange_year_is_told(tmp_path, capsys):
    assert run(capsys, "--year", "2003", "--plans", str(tmp_path / "none.csv"))[0] == 2
    assert run(capsys, "--year", "0")[0] == 2
