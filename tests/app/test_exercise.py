"""An exercise is a folder that anybody can make: its own root keys, its roster, its clock."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest

from overflight.app.clock import LONGEST_STEP, ExerciseClock, read_clock, set_clock
from overflight.app.exercise import Exercise
from overflight.app.settings import Settings
from overflight.app.wiring import init_node, open_node
from overflight.errors import BadFile, BadInput, ClockBackwards, NoNode, NotVerified, UnknownParty
from overflight.sharing.sign import from_base64
from tests.app.nodes import START, Stage, carry, notice

LATER = START + timedelta(hours=1)


def test_the_first_call_makes_the_exercise_and_each_call_enters_its_party(tmp_path):
    folder = tmp_path / "E"
    with init_node(party="DEU", exercise=folder, now=START) as deu:
        assert deu.folder == folder / "DEU"
        assert sorted(p.name for p in deu.folder.iterdir()) == ["blobs", "cache", "log", "node.sqlite3", *_wal(deu)]
    assert sorted(p.name for p in folder.iterdir()) == [
        ".lock",
        "DEU",
        "clock",
        "exercise.json",
        "roots",
        "roster.json",
    ]
    name = json.loads((folder / "exercise.json").read_text())["exercise"]
    with init_node(party="RUS", exercise=folder) as rus:
        assert rus.exercise == name
        assert rus.now() == START
        assert [p.code for p in rus.newest_roster().parties] == ["DEU", "RUS"]
        assert rus.newest_roster().threshold == 2
        assert rus.identity.origin == f"overflight.example/exercise/{name}/RUS/log"


def _wal(node):
    return ["node.sqlite3-shm", "node.sqlite3-wal"] if (node.folder / "node.sqlite3-wal").exists() else []


def test_root_keys_are_new_each_time_and_only_their_owner_reads_them(tmp_path):
    secrets = set()
    for name in ("E", "F"):
        init_node(party="DEU", exercise=tmp_path / name).close()
        for n in (1, 2, 3):
            file = tmp_path / name / "roots" / f"{n}.key"
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            secrets.add(from_base64(file.read_text().strip(), "key", size=32))
        assert stat.S_IMODE((tmp_path / name / "DEU" / "node.sqlite3").stat().st_mode) == 0o600
    assert len(secrets) == 6


def test_two_of_the_three_root_keys_enter_a_party_and_one_does_not(tmp_path):
    folder = tmp_path / "E"
    init_node(party="DEU", exercise=folder).close()
    (folder / "roots" / "1.key").unlink()
    init_node(party="RUS", exercise=folder).close()
    (folder / "roots" / "2.key").write_text("nonsense")
    with pytest.raises(BadFile, match="lacks root keys"):
        init_node(party="CAN", exercise=folder)
    assert not (folder / "CAN").exists()


def test_a_party_is_entered_once_and_a_folder_used_once(tmp_path):
    folder = tmp_path / "E"
    init_node(party="DEU", exercise=folder).close()
    with pytest.raises(BadInput, match="not empty"):
        init_node(party="DEU", exercise=folder)
    with pytest.raises(Exception, match="already has keys"):
        init_node(tmp_path / "second", party="DEU", exercise=folder)
    assert not (tmp_path / "second").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("x")
    with pytest.raises(BadFile, match="holds no exercise"):
        init_node(party="DEU", exercise=tmp_path / "other")
    assert [p.name for p in (tmp_path / "other").iterdir() if p.name != ".lock"] == ["thesis.txt"]


def test_a_state_that_is_in_no_list_has_no_node_and_a_former_party_may(tmp_path):
    with pytest.raises(UnknownParty):
        init_node(party="XXX", exercise=tmp_path / "E")
    assert not (tmp_path / "E").exists()
    init_node(party="USA", exercise=tmp_path / "E", now=START).close()
    with pytest.raises(BadInput):
        init_node(party="DEU")


def test_a_roster_that_two_pinned_roots_did_not_sign_is_not_taken_up(tmp_path):
    with Stage(tmp_path / "E", "DEU") as stage:
        init_node(party="DEU", exercise=tmp_path / "F").close()
        (tmp_path / "E" / "roster.json").write_bytes((tmp_path / "F" / "roster.json").read_bytes())
        with pytest.raises(NotVerified, match="other root keys"):
            notice(stage["DEU"], "RUS")


def test_an_older_roster_changes_nothing(tmp_path):
    with Stage(tmp_path / "E", "DEU") as stage:
        old = (tmp_path / "E" / "roster.json").read_bytes()
        init_node(party="RUS", exercise=tmp_path / "E").close()
        notice(stage["DEU"], "RUS")
        newest = stage["DEU"].newest_roster().version
        (tmp_path / "E" / "roster.json").write_bytes(old)
        notice(stage["DEU"], "RUS")
        assert stage["DEU"].newest_roster().version == newest


def test_the_clock_goes_forward_only_and_all_nodes_share_it(tmp_path):
    with Stage(tmp_path / "E", "DEU", "RUS") as stage:
        clock = tmp_path / "E" / "clock"
        set_clock(clock, START)
        set_clock(clock, LATER)
        assert stage["DEU"].now() == stage["RUS"].now() == LATER
        with pytest.raises(ClockBackwards, match="cannot go back"):
            set_clock(clock, START)
        assert read_clock(clock) == LATER
        clock.write_text("2021-05-12T08:00:00Z\n")  # by hand
        with pytest.raises(ClockBackwards):
            stage["DEU"].now()
        with pytest.raises(ClockBackwards):
            notice(stage["DEU"], "RUS")


def test_now_sets_the_clock_of_an_exercise_and_an_operational_node_ignores_it(tmp_path):
    with Stage(tmp_path / "E", "DEU"):
        pass
    with open_node(tmp_path / "E" / "DEU", now=LATER) as deu:
        assert deu.now() == LATER
        notice(deu, "CAN")
    with pytest.raises(ClockBackwards):
        open_node(tmp_path / "E" / "DEU", now=START)
    with init_node(tmp_path / "op", party="DEU", now=START) as operational:
        assert abs(operational.now() - datetime.now(UTC)) < timedelta(minutes=5)
        assert operational.exercise is None
        assert operational.newest_roster().exercise is None


def test_looking_and_failing_leave_the_clock_and_an_act_moves_it(tmp_path):
    with Stage(tmp_path / "E", "DEU", "CAN"):
        set_clock(tmp_path / "E" / "clock", START)
    clock = tmp_path / "E" / "clock"
    with open_node(tmp_path / "E" / "DEU", now=LATER, writer=False) as looking:
        assert looking.now() == LATER
    with open_node(tmp_path / "E" / "DEU", now=LATER) as failing:
        with pytest.raises(BadInput):
            failing.issue("flight.notification", to=["CAN"], body={"share": 0.5})
        assert failing.now() == LATER
    assert read_clock(clock) == START
    with open_node(tmp_path / "E" / "DEU", now=LATER) as acting:
        assert notice(acting, "CAN").record.at == LATER
        assert read_clock(clock) == LATER
        set_clock(clock, LATER + timedelta(hours=1))  # another Party acts meanwhile
        assert acting.now() == LATER + timedelta(hours=1)


def test_a_clock_that_another_party_moves_past_the_time_asked_for_stops_the_act(tmp_path):
    with Stage(tmp_path / "E", "DEU", "CAN"):
        pass
    clock = tmp_path / "E" / "clock"
    with open_node(tmp_path / "E" / "DEU", now=LATER) as late:
        set_clock(clock, LATER + timedelta(seconds=1))
        with pytest.raises(ClockBackwards):
            notice(late, "CAN")
        assert late.records() == []


def test_a_step_of_more_than_ten_years_is_taken_for_a_slip(tmp_path):
    with Stage(tmp_path / "E", "DEU"):
        set_clock(tmp_path / "E" / "clock", START)
    open_node(tmp_path / "E" / "DEU", now=START + LONGEST_STEP).close()
    with pytest.raises(BadInput, match="ten years"):
        open_node(tmp_path / "E" / "DEU", now=START + LONGEST_STEP + timedelta(seconds=1))
    with pytest.raises(BadInput, match="ten years"):
        init_node(party="RUS", exercise=tmp_path / "E", now=START + timedelta(days=40000))
    assert not (tmp_path / "E" / "RUS").exists()
    assert read_clock(tmp_path / "E" / "clock") == START


@pytest.mark.parametrize("text", ["", "now", "2021-05-12", "2021-05-12T08:00:00", "x" * 1000, "\x00"])
def test_a_damaged_clock_file_is_said_so(tmp_path, text):
    (tmp_path / "clock").write_text(text)
    with pytest.raises(BadFile, match="clock"):
        ExerciseClock(tmp_path / "clock").now()


def test_a_wrong_clock_can_be_planted_in_one_node(tmp_path):
    """For showing what follows: Canada's clock one hour late."""
    with Stage(tmp_path / "E", "DEU", "CAN") as stage:
        stage["CAN"].close()
        with open_node(tmp_path / "E" / "CAN", settings=Settings(clock_offset_s=-3600)) as can:
            assert can.now() == START - timedelta(hours=1)
            with pytest.raises(NotVerified, match="3600 s ahead of the clock of CAN"):
                carry(stage["DEU"], can, notice(stage["DEU"], "CAN"))


def test_a_node_without_its_exercise_folder_says_so(tmp_path):
    with Stage(tmp_path / "E", "DEU"):
        pass
    (tmp_path / "E" / "DEU").rename(tmp_path / "DEU")
    with pytest.raises(NoNode, match="exercise"):
        open_node(tmp_path / "DEU")
    (tmp_path / "E" / "exercise.json").write_text("[]")
    with pytest.raises(BadFile):
        Exercise.open(tmp_path / "E")


def test_settings_come_from_the_environment(monkeypatch):
    assert Settings.load({}) == Settings()
    found = Settings.load({"OVERFLIGHT_FUTURE_TOLERANCE_S": "60", "OVERFLIGHT_HOST": "a.example"})
    assert (found.future_tolerance_s, found.host) == (60, "a.example")
    with pytest.raises(BadInput, match="OVERFLIGHT_HTTP_TIMEOUT_S"):
        Settings.load({"OVERFLIGHT_HTTP_TIMEOUT_S": "soon"})
