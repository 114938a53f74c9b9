"""The commands `image` and `sensor`: their JSON, their exit codes, and one sentence for what is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from overflight.app.wiring import init_node, open_node
from overflight.cli.main import main
from overflight.imagery.frames import Frame, frames_table
from overflight.terms.moment import parse_moment

FIVE = """pass,height_along_m,bar_along_cm,height_across_m,bar_across_cm
1,1500,28.1,1500,31.5
2,1520,28.1,1510,31.5
3,1490,25.0,1490,31.5
4,1505,28.1,1505,28.1
5,1510,28.1,1510,31.5
"""


def run(capsys, *arguments: object) -> tuple[int, dict, str]:
    code = main([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


@pytest.fixture
def node(tmp_path, monkeypatch) -> Path:
    at = parse_moment("2021-05-20T08:00Z")
    init_node(party="CAN", exercise=tmp_path / "E", now=at).close()
    with init_node(party="DEU", exercise=tmp_path / "E", now=at) as made:
        made.issue(
            "flight.notification",
            to=["RUS"],
            body={"flight": "OS1901", "observing": "DEU", "observed": "RUS", "eta": "2021-05-17T08:00:00Z"},
        )
    monkeypatch.setenv("OVERFLIGHT_NODE", str(tmp_path / "E" / "DEU"))
    return tmp_path / "E" / "DEU"


def frames(folder: Path, height: float) -> Path:
    folder.mkdir()
    grey = np.add.outer(np.arange(100), np.arange(100)).astype(np.uint8)
    Image.fromarray(grey).save(folder / "a.png")
    shot = Frame("a.png", parse_moment("2021-05-19T06:30Z"), 38.0, 55.0, 2650.0, height)
    (folder / "frames.csv").write_text(frames_table([shot]))
    return folder


def test_ingest_search_show_verify(capsys, node, tmp_path):
    folder = frames(tmp_path / "f", 2500.0)
    code, found, _ = run(capsys, "image", "ingest", folder, "--flight", "OS1901", "--camera", "AFA-41-10",
                         "--h-min-m", 1500)  # fmt: skip
    assert (code, found["new"], found["complies"]) == (0, 1, True)
    name = found["items"][0]["id"]
    code, found, _ = run(capsys, "image", "search", "--bbox", "37,54,39,56", "--from", "2021-05-19T06:00Z",
                         "--to", "2021-05-19T07:00Z")  # fmt: skip
    assert (code, found["type"], found["numberMatched"]) == (0, "FeatureCollection", 1)
    assert found["features"][0]["id"] == name
    code, found, _ = run(capsys, "image", "search", "--bbox", "-10,54,-9,56")
    assert (code, found["features"]) == (0, [])
    code, found, _ = run(capsys, "image", "show", name)
    assert (code, found["id"]) == (0, name)
    code, found, _ = run(capsys, "image", "verify", folder / "a.png")
    assert (code, found["ok"]) == (0, True)
    (folder / "a.png").write_bytes((folder / "a.png").read_bytes()[:-1] + b"x")
    code, found, _ = run(capsys, "image", "verify", folder / "a.png")
    assert (code, found["ok"]) == (1, False)
    code, found, _ = run(capsys, "image", "export", name, "-o", tmp_path / "out")
    assert (code, len(found["files"])) == (0, 5)


def test_a_frame_below_its_minimum_height_exits_1_and_is_catalogued(capsys, node, tmp_path):
    code, found, _ = run(capsys, "image", "ingest", frames(tmp_path / "f", 1400.0), "--flight", "OS1901",
                         "--camera", "AFA-41-10", "--h-min-m", 1500)  # fmt: skip
    assert (code, found["complies"], found["new"]) == (1, False, 1)
    assert "100 m below" in found["findings"][1]["because"]


def test_a_letter_is_entered_refused_and_gets_no_copies(capsys, node, tmp_path):
    run(capsys, "image", "ingest", frames(tmp_path / "f", 2500.0), "--flight", "OS1901", "--camera", "AFA-41-10")
    code, letter, _ = run(capsys, "image", "request", "--flight", "OS1901", "--letter-of", "USA",
                          "--sent-on", "2021-05-19", "--text", "Please send copies.")  # fmt: skip
    assert code == 0
    code, listed, _ = run(capsys, "image", "list-requests")
    assert (code, listed["requests"][0]["may_deliver"]) == (0, False)
    code, problem, err = run(capsys, "image", "copy", "--to", "USA", "--request", letter["record"])
    assert (code, problem["error"]["code"]) == (1, "refused")
    assert "USA" in err
    code, refused, _ = run(capsys, "image", "refuse", letter["record"][:12])
    assert (code, refused["rules"]) == (0, ["IX.IV.1", "IX.I.4", "XV.2"])


def test_a_copy_reaches_the_catalogue_of_the_party_that_asked(capsys, node, tmp_path):
    run(capsys, "image", "ingest", frames(tmp_path / "f", 2500.0), "--flight", "OS1901", "--camera", "AFA-41-10")
    other = node.parent / "CAN"
    code, asked, _ = run(capsys, "image", "request", "--flight", "OS1901", "--observing", "DEU", "--observed", "RUS",
                         "--flown-on", "2021-05-19", "--sensor", "AFA-41-10", "--portion", "all", "--medium", "PNG",
                         "--node", other)  # fmt: skip
    assert (code, asked["complies"], asked["info"]) == (0, True, ["RUS"])
    with open_node(node) as deu, open_node(other) as can:
        receipt = deu.receive(can.parcels(asked["record"], "DEU", held=0)[0], via="bag")
        can.receive(deu.parcels(receipt.rid, "CAN", held=0)[0], via="bag")
    code, given, _ = run(capsys, "image", "copy", "--to", "CAN")
    assert (code, given["kind"], len(given["images"])) == (0, "data.delivery", 1)
    with open_node(node) as deu, open_node(other) as can:
        held = can.view
        with held() as v:
            size = v.heads()[0].size
        can.receive(deu.parcels(given["record"], "CAN", held=size)[0], via="bag")
    code, got, _ = run(capsys, "image", "receive", "--node", other)
    assert (code, got["new"]) == (0, 1)
    code, found, _ = run(capsys, "image", "search", "--node", other)
    assert (code, found["numberMatched"]) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["search", "--bbox", "1,2,3"], "--bbox"),
        (["search", "--bbox", "55,37,56,138"], "longitude first"),
        (["search", "--bbox", "a,b,c,d"], "--bbox"),
        (["search", "--from", "yesterday"], "--from"),
        (["search", "--from", "2021-05-20T00:00Z", "--to", "2021-05-19T00:00Z"], "--to"),
        (["show", "nothing"], "nothing"),
        (["verify", "nothing"], "nothing"),
        (["copy", "nothing", "--to", "CAN"], "nothing"),
        (["refuse", "abcdef123456"], "list-requests"),
        (["refuse", "a"], "list-requests"),
        (["receive", "abcdef"], "abcdef"),
        (["ingest", "no-such-folder", "--flight", "OS1901", "--camera", "AFA-41-10"], "no-such-folder"),
        (["ingest", ".", "--flight", "XX", "--camera", "AFA-41-10"], "XX"),
        (["request", "--flight", "OS1777"], "--observing"),
        (["render", "x", "--flight", "OS1901", "--plan", "no-plan.json"], "no-plan"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(capsys, node, tmp_path, monkeypatch, arguments, what):
    monkeypatch.chdir(tmp_path)
    code, problem, err = run(capsys, "image", *arguments)
    assert code == 2
    assert what in err
    assert "Traceback" not in err
    assert problem["error"]["detail"].strip() == err.strip()


def test_without_a_node_the_command_says_how_to_name_one(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("OVERFLIGHT_NODE", raising=False)
    code, _, err = run(capsys, "image", "search")
    assert code == 2
    assert "--node" in err
    assert run(capsys, "image", "search", "--node", tmp_path)[0] == 2


def test_hmin_gives_height_rule_and_what_is_not_verified(capsys, tmp_path):
    (tmp_path / "p.csv").write_text(FIVE)
    code, found, _ = run(capsys, "sensor", "hmin", tmp_path / "p.csv", "--category", "video")
    assert code == 0
    assert found["h_min_m"] == pytest.approx(1646.212)
    assert (found["rule"], found["verified"]) == ("linear, max_of_direction_means", "part")
    code, found, _ = run(capsys, "sensor", "hmin", tmp_path / "p.csv", "--category", "optical", "--average", "max")
    assert found["h_min_m"] == pytest.approx(1788.0)
    assert "contrast correction not applied" in found["notes"]


@pytest.mark.parametrize(("category", "code"), [("infra-red", 3), ("radar", 3), ("laser", 2)])
def test_what_has_no_readable_formula_cannot_be_answered(capsys, tmp_path, category, code):
    (tmp_path / "p.csv").write_text(FIVE)
    assert run(capsys, "sensor", "hmin", tmp_path / "p.csv", "--category", category)[0] == code


def test_hmin_of_a_broken_table_names_row_and_column(capsys, tmp_path):
    (tmp_path / "p.csv").write_text(FIVE.replace("25.0", "nan"))
    code, _, err = run(capsys, "sensor", "hmin", tmp_path / "p.csv", "--category", "video")
    assert code == 2
    assert "line 4: bar_along_cm" in err


def test_the_planning_estimate_says_that_it_is_no_rule(capsys):
    code, found, _ = run(capsys, "sensor", "estimate", "--focal-mm", "152", "--line-pairs", "40")
    assert (code, found["h_min_m"], found["verified"]) == (0, 3648.0, "no")
    assert run(capsys, "sensor", "estimate", "--focal-mm", "nan", "--line-pairs", "40")[0] == 2


@pytest.mark.parametrize("arguments", [["search"], ["list-requests"]])
def test_people_get_plain_lines(capsys, node, arguments):
    assert main(["image", *arguments]) == 0
    assert "---" in capsys.readouterr().out
