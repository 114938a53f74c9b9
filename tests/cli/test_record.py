"""`overflight record`: one flight's letters between three folders, from the command line alone."""

import json

import pytest

from overflight.app.wiring import open_node
from overflight.cli.main import main


@pytest.fixture
def exercise(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OVERFLIGHT_NODE", raising=False)
    for party in ("DEU", "RUS"):
        assert main(["node", "init", "--party", party, "--exercise", "E", "--now", "2021-05-12T08:00Z"]) == 0
    with open_node(tmp_path / "E" / "DEU") as deu:
        deu.issue("letter", to=["RUS"], body={"flight": "OS1001"}, subject="a letter")
    capsys.readouterr()
    return tmp_path / "E"


@pytest.fixture
def run(capsys):
    def ask(*arguments, code=0):
        found = main([*arguments, "--json"])
        out = capsys.readouterr()
        assert found == code, out
        assert "Traceback" not in out.out + out.err
        return json.loads(out.out)

    return ask


def test_records_go_out_and_receipts_come_back_by_file(exercise, run):
    out = run("record", "export", "--to", "RUS", "-o", "a.bundle", "--node", "E/DEU")
    assert {"ok": True, "entries": 1, "checked": 1, "problems": []}.items() <= out.items()
    taken = run("record", "import", "a.bundle", "--answer", "b.bundle", "--node", "E/RUS")
    assert (taken["ok"], taken["answer"], taken["from"]) == (True, "b.bundle", "DEU")
    back = run("record", "import", "b.bundle", "--node", "E/DEU")
    assert (back["ok"], back["answer"]) == (True, None)
    rows = run("record", "list", "--node", "E/DEU")
    assert [(r["from"], r["kind"], list(r["receipts"])) for r in rows] == [
        ("DEU", "letter", ["RUS"]),
        ("RUS", "receipt", []),
    ]
    shown = run("record", "show", rows[0]["rid"][:12], "--node", "E/RUS")
    assert (shown["kind"], shown["body"]["flight"], shown["from"]) == ("letter", "OS1001", "DEU")
    for place in ("E/DEU", "E/RUS", "a.bundle", "b.bundle"):
        assert run("record", "verify", place)["problems"] == []
    assert run("record", "verify", "a.bundle", "--node", "E/RUS")["pinned"] is True


def test_a_changed_bit_is_told_and_the_exit_code_is_1(exercise, run):
    checkpoint = exercise / "DEU" / "log" / "checkpoint"
    data = bytearray(checkpoint.read_bytes())
    data[0] ^= 1
    checkpoint.write_bytes(data)
    told = run("record", "verify", "E/DEU", code=1)
    assert told["ok"] is False
    assert "log/checkpoint" in told["problems"][0]


def test_people_get_sentences(exercise, capsys):
    assert main(["record", "verify", "E/DEU"]) == 0
    assert capsys.readouterr().out == "verified: 1 records checked, 1 entries in the log\n"
    assert main(["record", "list", "--node", "E/DEU"]) == 0
    assert "letter" in capsys.readouterr().out


def test_sync_says_what_stays_undelivered(exercise, run):
    told = run("record", "sync", "--node", "E/DEU", code=1)
    assert told["delivered"][0]["party"] == "RUS"
    assert "no address" in told["problems"][0]
    run("node", "peer", "add", "RUS", "http://127.0.0.1:9", "--node", "E/DEU")
    assert "did not answer" in run("record", "sync", "--node", "E/DEU", code=1)["problems"][0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["record", "verify", "absent"], 2),
        (["record", "verify", "E"], 2),
        (["record", "list"], 2),
        (["record", "list", "--node", "absent"], 2),
        (["record", "show", "ffff", "--node", "E/DEU"], 2),
        (["record", "export", "--to", "USA", "-o", "x", "--node", "E/DEU"], 1),
        (["record", "export", "--to", "RUS", "-o", "absent/x", "--node", "E/DEU"], 2),
        (["record", "export", "--to", "DEU", "-o", "x", "--node", "E/DEU"], 2),
        (["record", "export", "--to", "RUS", "-o", "x", "--since", "soon", "--node", "E/DEU"], 2),
        (["record", "import", "E/exercise.json", "--node", "E/RUS"], 2),
        (["record", "import", "absent", "--node", "E/RUS"], 2),
        (["record", "verify", "http://127.0.0.1:9"], 1),
    ],
)
def test_wrong_use_is_one_sentence(exercise, run, arguments, code):
    told = run(*arguments, code=code)
    assert told["error"]["detail"]
    assert not (exercise.parent / "x").exists()
