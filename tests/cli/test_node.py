"""`overflight node`: made once, opened by one writer, backed up and put back."""

import json
import subprocess
import sys

import pytest

from overflight.app.wiring import open_node
from overflight.cli.main import main


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OVERFLIGHT_NODE", raising=False)


@pytest.fixture
def run(capsys):
    def ask(*arguments, code=0):
        found = main([*arguments, "--json"])
        out = capsys.readouterr()
        assert found == code, out
        return json.loads(out.out)

    return ask


def test_an_exercise_grows_by_one_party_a_call(run):
    deu = run("node", "init", "--party", "DEU", "--exercise", "E", "--now", "2021-05-12T08:00Z")
    rus = run("node", "init", "--party", "rus", "--exercise", "E")
    assert (deu["folder"], rus["party"], rus["exercise"]) == ("E/DEU", "RUS", deu["exercise"])
    assert deu["log_key"].startswith(deu["origin"] + "+")


def test_an_operational_node_says_what_its_roster_is_worth(run, capsys):
    assert main(["node", "init", "--party", "DEU", "--host", "open-skies.example", "deu"]) == 0
    out = capsys.readouterr()
    assert "its own keys only" in out.err
    assert run("record", "verify", "deu")["ok"] is True


def test_peers_are_listed(run):
    run("node", "init", "--party", "DEU", "--exercise", "E")
    run("node", "peer", "add", "rus", "http://127.0.0.1:8791/", "--node", "E/DEU")
    assert run("node", "peer", "list", "--node", "E/DEU") == {"peers": {"RUS": "http://127.0.0.1:8791"}}
    assert "address" in run("node", "peer", "add", "RUS", "javascript:x", "--node", "E/DEU", code=2)["error"]["detail"]


def test_a_second_process_is_told_in_one_sentence_and_nothing_changes(run, tmp_path):
    run("node", "init", "--party", "DEU", "--exercise", "E")
    with open_node(tmp_path / "E" / "DEU"):
        second = subprocess.run(
            [sys.executable, "-m", "overflight", "node", "peer", "add", "RUS", "http://a", "--node", "E/DEU"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 2
        assert "another process" in second.stderr
        assert "Traceback" not in second.stderr
        assert run("node", "doctor", "--node", "E/DEU")["ok"] is True
    assert run("node", "peer", "list", "--node", "E/DEU") == {"peers": {}}


def test_backup_restore_and_resume(run):
    run("node", "init", "--party", "DEU", "--exercise", "E")
    assert run("node", "backup", "x.backup", "--node", "E/DEU")["records"] == 0
    assert run("node", "restore", "x.backup", "back/DEU", "--exercise", "E")["entries"] == 0
    assert run("node", "doctor", "--node", "back/DEU", code=1)["ok"] is False
    assert run("node", "resume", "--node", "back/DEU") == {"resumed": True, "asked": []}
    assert run("node", "doctor", "--node", "back/DEU")["ok"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ["node", "init", "--party", "XXX", "--exercise", "E"],
        ["node", "init", "--party", "DEU"],
        ["node", "init", "--party", "DEU", "--exercise", "E", "--now", "noon"],
        ["node", "doctor"],
        ["node", "doctor", "--node", "absent"],
        ["node", "backup", "x", "--node", "absent"],
        ["node", "restore", "absent", "new"],
        ["node", "peer", "list", "--node", "absent"],
    ],
)
def test_wrong_use_is_one_sentence(run, arguments, tmp_path):
    told = run(*arguments, code=2)
    assert told["error"]["detail"].count("\n") == 0
    assert not (tmp_path / "E").exists()
