"""`overflight flight` on two nodes of an exercise."""

import json

import pytest

from overflight.app.acts import VERBS
from overflight.app.exchange import export_bundle, import_bundle
from overflight.app.wiring import init_node, open_node
from overflight.cli.main import main
from overflight.flight.track_files import write_csv
from overflight.flight.track_model import make_track
from overflight.planning.planfile import read_plan
from overflight.terms.moment import parse_moment

START = "2021-05-12T08:00Z"


@pytest.fixture
def exercise(tmp_path):
    folder = tmp_path / "E"
    for party in ("DEU", "RUS"):
        init_node(party=party, exercise=folder, now=parse_moment(START)).close()
    return folder


def run(capsys, *args):
    code = main(["flight", *map(str, args)])
    out = capsys.readouterr()
    return code, out.out, out.err


def notify(capsys, exercise, *more, eta="2021-05-17T08:00Z"):
    return run(
        capsys, "notify", "OS1017", "--observed", "RUS", "--eta", eta, "--point-of-entry", "UUMB",
        "--node", str(exercise / "DEU"), "--json", *more,
    )  # fmt: skip


def hand_over(exercise, sender, to):
    with open_node(exercise / sender) as one, open_node(exercise / to) as other:
        answer = import_bundle(other, export_bundle(one, to=to)).more["answer"]
        import_bundle(one, answer)


def test_notice_and_acknowledgement_with_duties(capsys, exercise):
    code, out, err = notify(capsys, exercise)
    found = json.loads(out)
    assert code == 1  # the notice is incomplete: told in the answer alone, and sent all the same
    assert (found["flight"], found["state"]) == ("OS1017", "notified")
    ack = next(d for d in found["duties"] if d["citation"] == "VI.I.6")
    assert {"who", "what", "due", "citation"} <= ack.keys()
    assert "VI.I.5.H" in next(f["because"] for f in found["act"]["findings"] if f["verdict"] == "breaches")
    assert err == ""

    hand_over(exercise, "DEU", "RUS")
    code, out, _ = run(
        capsys, "acknowledge", "OS1017", "--supplies-aircraft", "no", "--now", "2021-05-12T20:00Z",
        "--node", str(exercise / "RUS"), "--json",
    )  # fmt: skip
    found = json.loads(out)
    assert (code, found["state"]) == (0, "acknowledged")
    assert next(d for d in found["duties"] if d["citation"] == "VI.I.6")["done_at"] == "2021-05-12T20:00:00Z"

    code, out, _ = run(capsys, "list", "--node", str(exercise / "RUS"), "--json")
    assert [row["flight"] for row in json.loads(out)] == ["OS1017"]


def test_show_exits_1_when_something_is_not_in_compliance(capsys, exercise):
    notify(capsys, exercise, eta="2021-05-13T08:00Z")

    code, out, _ = run(capsys, "show", "OS1017", "--node", str(exercise / "DEU"), "--json")
    shown = json.loads(out)

    assert code == 1
    assert not shown["complies"]
    code, out, _ = run(capsys, "show", "OS1017", "--node", str(exercise / "DEU"))
    assert code == 1
    assert "VI.I.5" in out


def test_a_draft_shows_what_would_be_sent_and_sends_nothing(capsys, exercise):
    code, out, _ = notify(capsys, exercise, "--draft")
    found = json.loads(out)

    assert (code, found["draft"], found["to"], len(found["also_to"])) == (1, True, ["RUS"], 31)
    code, out, _ = run(capsys, "list", "--node", str(exercise / "DEU"), "--json")
    assert json.loads(out) == []


def test_a_draft_a_question_and_a_failure_leave_the_clock_as_it_was_and_an_act_moves_it(capsys, exercise):
    clock = exercise / "clock"
    before = clock.read_text()
    later = ("--now", "2021-05-13T08:00Z")
    assert notify(capsys, exercise, *later, "--draft")[0] < 2
    assert run(capsys, "list", "--node", exercise / "DEU", *later)[0] == 0
    acknowledge = ("acknowledge", "OS1017", "--supplies-aircraft", "no", "--node", exercise / "RUS")
    assert run(capsys, *acknowledge, *later)[0] == 2  # no notice is here
    assert clock.read_text() == before
    assert notify(capsys, exercise, *later)[0] < 2
    assert clock.read_text() == "2021-05-13T08:00:00Z\n"
    code, _, err = run(capsys, "list", "--node", exercise / "DEU", "--now", "2021-05-13T07:59Z")
    assert (code, "cannot go back" in err) == (2, True)


def test_a_message_prints_as_text_for_the_official_channel(capsys, exercise):
    _, out, _ = notify(capsys, exercise)
    rid = json.loads(out)["record"]

    code, out, _ = run(capsys, "text", rid, "--node", str(exercise / "DEU"))

    assert code == 0
    assert "SUBJECT: " in out
    assert "7. END OF OS MESSAGE NUMBER: DEU/" in out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("notify", "OS1017", "--observed", "RUS", "--eta", "soon"), "eta (VI.I.5.B)"),
        (("notify", "OS10", "--observed", "RUS", "--eta", "2021-05-17T08:00Z"), "OS1017"),
        (("show", "OS1999"), "no flight OS1999"),
        (("acknowledge", "OS1017", "--supplies-aircraft", "no"), "no notice of OS1017"),
        (("submit", "OS1017", "--plan", "nowhere.json"), "nowhere.json"),
        (("enter", "OS1017", "--says-kind", "flight.ack", "--says", "[1"), "says"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(capsys, exercise, args, says):
    code, out, err = run(capsys, *args, "--node", str(exercise / "DEU"), "--json")

    assert code == 2
    assert says in json.loads(out)["error"]["detail"]
    assert "Traceback" not in err


def test_without_a_node_the_command_says_which_option_is_missing(capsys, monkeypatch):
    monkeypatch.delenv("OVERFLIGHT_NODE", raising=False)
    code, _, err = run(capsys, "list")

    assert code == 2
    assert "--node" in err


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_act_has_a_command_with_help_and_paragraph(capsys, verb):
    code, out, _ = run(capsys, verb, "--help")

    assert code == 0
    assert "Example: overflight flight" in out
    assert VERBS[verb].rules[0] in out


def plan_file(folder):
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[36.65, 55.61], [44.0, 52.5], [36.65, 55.61]]},
        "properties": {"observed": "RUS", "start_airfield": "UUMB", "end_airfield": "UUMB", "height_agl_m": [2500]},
    }
    path = folder / "plan.json"
    path.write_text(json.dumps(feature))
    return path


def test_a_track_is_held_against_its_plan(capsys, tmp_path):
    plan = plan_file(tmp_path)
    made = make_track(read_plan(plan), take_off=parse_moment("2021-05-19T06:00Z"), seed=1, deviation_km=0, gaps=0)
    flown = tmp_path / "flown.csv"
    flown.write_text(write_csv(made.track))

    code, out, _ = run(capsys, "track", str(plan), str(flown), "--json")
    found = json.loads(out)

    assert code == 0
    assert found["complies"]
    assert found["max_deviation_km"] < 0.2
    assert found["flown_km"] > 1000
    code, out, _ = run(capsys, "track", str(plan), str(flown))
    assert out.splitlines()[-1].startswith("complies; breaches: 0, open: ")
    code, out, _ = run(capsys, "track", str(plan), str(plan), "--json")
    assert code == 2


def test_the_cost_of_a_change_by_ones_own_sites(capsys, exercise, tmp_path):
    plan, sites = plan_file(tmp_path), tmp_path / "sites.csv"
    sites.write_text("name,lon,lat,value\nhere,44.0,52.5,3\nthere,60,60,5\n")
    notify(capsys, exercise)
    code, out, err = run(
        capsys, "submit", "OS1017", "--plan", str(plan), "--node", str(exercise / "DEU"), "--json",
        "--now", "2021-05-17T14:00Z",
    )  # fmt: skip
    assert code == 0, err
    version = json.loads(out)["record"]

    code, out, _ = run(
        capsys, "cost", "OS1017", version, "--sites", str(sites), "--swath-km", "4.5", "--keep",
        "--node", str(exercise / "DEU"), "--json",
    )  # fmt: skip
    found = json.loads(out)

    assert (code, found["value_before"], found["value_lost"], found["private"]) == (0, 3.0, 0.0, True)
    code, out, _ = run(capsys, "cost", "OS1017", version, "--node", str(exercise / "DEU"), "--json")
    assert json.loads(out)["total_value"] == 8.0


def test_due_times_go_to_any_calendar(capsys, exercise):
    notify(capsys, exercise)

    code, out, _ = run(capsys, "calendar", "OS1017", "--node", str(exercise / "DEU"))

    assert code == 0
    assert "BEGIN:VEVENT" in out


def test_show_says_where_on_the_path_a_plan_does_not_comply_and_who_may_prohibit(capsys, exercise, tmp_path):
    notify(capsys, exercise, "--now", START)
    plan = tmp_path / "near.json"
    path = [[36.65, 55.61], [47.30, 50.38], [44.0, 52.5], [36.65, 55.61]]
    properties = {"observed": "RUS", "start_airfield": "UUMB", "end_airfield": "UUMB", "height_agl_m": [2500]}
    line = {"type": "LineString", "coordinates": path}
    plan.write_text(json.dumps({"type": "Feature", "geometry": line, "properties": properties}))
    at = ("--now", "2021-05-17T14:00Z", "--node", str(exercise / "DEU"))
    run(capsys, "arrive", "OS1017", *at)
    run(capsys, "submit", "OS1017", "--plan", str(plan), *at)

    code, out, _ = run(capsys, "show", "OS1017", *at)
    (near,) = [line for line in out.splitlines() if line.startswith("breaches") and " VI.II.2 " in line]
    may = [line for line in out.splitlines() if line.startswith("RUS may:") and "(VIII.I.1)" in line]

    assert code == 1
    assert "(version 1, leg 1, " in near or "(version 1, leg 2, " in near
    assert "km from the start, 50." in near
    assert " N 47." in near
    assert len(may) == 1
    assert "VI.II.2" in may[0]
    assert "why VI.II.6: 4 h after submission of the mission plan (record " in out
