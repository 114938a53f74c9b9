"""Many tracks against one plan: a row each, in order, whatever happens to one of them."""

import csv
import json
import os
import signal
from datetime import UTC, date, datetime

import pytest

from overflight.app import tracks_many
from overflight.app.tracks_many import COLUMNS, RowFile, Tally, Task, check_many, tracks_in, tracks_listed
from overflight.cli.main import main
from overflight.errors import BadFile, BadInput
from overflight.flight.track_files import write_csv
from overflight.flight.track_model import make_track
from overflight.planning.planfile import write_plan
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint

PLAN = MissionPlan(
    observed="RUS",
    observing="DEU",
    waypoints=(Waypoint(36.6528, 55.6083), Waypoint(42.0, 54.0), Waypoint(36.6528, 55.6083)),
    start_airfield="UUMB",
    end_airfield="UUMB",
    height_agl_m=(2500.0,),
    ground_speed_kmh=430.0,
    sensors=(SensorUse("AFA-41-10", 1500.0),),
)
TASK = Task(PLAN, date(2021, 5, 19))
TAKE_OFF = datetime(2021, 5, 19, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six made tracks, one a breach of nothing, a file of noise, an empty one and one that is no track at all."""
    place = tmp_path_factory.mktemp("tracks")
    for n in range(6):
        made = make_track(PLAN, take_off=TAKE_OFF, seed=n, interval_s=30.0, deviation_km=12.0 * n, gaps=n % 2)
        (place / f"t{n}.csv").write_text(write_csv(made.track))
    (place / "broken.csv").write_bytes(b"\xff\xfe\x00")
    (place / "empty.gpx").write_bytes(b"")
    (place / "notes.md").write_text("not looked at")
    return place


def test_two_processes_answer_as_one(folder):
    paths = tracks_in(folder)
    alone = list(check_many(paths, TASK, workers=1))
    pooled = list(check_many(paths, TASK, workers=2))

    assert pooled == alone
    assert [row["track"] for row in alone] == [path.name for path in paths]


def test_a_broken_file_is_one_row_and_not_the_end(folder):
    rows = {row["track"]: row for row in check_many(tracks_in(folder), TASK, workers=1)}
    tally = Tally()
    for row in rows.values():
        tally.add(row)

    assert not rows["broken.csv"]["ok"]
    assert "neither CSV" in rows["broken.csv"]["error"]
    assert not rows["empty.gpx"]["ok"]
    assert rows["t5.csv"]["rights"] == ["VIII.II.3.B"]  # sixty kilometres off
    assert (tally.tracks, tally.failed) == (8, 2)


def _die(path, task, over):
    if path.name == "t3.csv":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"track": path.name, "ok": True}


def test_a_process_that_dies_costs_one_row(folder, monkeypatch):
    """As when the machine's memory is full: the file is named, all others are checked."""
    monkeypatch.setattr(tracks_many, "check_one", _die)
    rows = list(check_many(tracks_in(folder), TASK, workers=2))

    assert [row["track"] for row in rows if not row["ok"]] == ["t3.csv"]
    assert len(rows) == 8
    assert "died" in next(row["error"] for row in rows if not row["ok"])


def test_rows_as_csv_and_json_lines(folder, tmp_path):
    rows = list(check_many(tracks_in(folder), TASK, workers=1))
    rows[0]["track"] = "=cmd()"
    for name in ("rows.csv", "rows.jsonl"):
        with RowFile(tmp_path / name) as file:
            for row in rows:
                file.write(row)

    table = list(csv.DictReader((tmp_path / "rows.csv").open()))
    assert tuple(table[0]) == COLUMNS
    assert table[0]["track"] == "'=cmd()"
    assert [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()] == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.csv", "rows.jsonl"]


def test_nothing_half_written_remains(tmp_path):
    with pytest.raises(KeyboardInterrupt), RowFile(tmp_path / "rows.csv"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BadInput, match=r"write \.csv or \.jsonl"):
        RowFile(tmp_path / "rows.xlsx")


def test_a_list_names_files_and_those_that_are_not_there_are_rows(folder, tmp_path):
    (tmp_path / "list.txt").write_text(f"# the day's tracks\n{folder / 't0.csv'}\n\nnowhere.csv\n")
    rows = list(check_many(tracks_listed(tmp_path / "list.txt"), TASK, workers=1))

    assert [(row["track"], row["ok"]) for row in rows] == [("t0.csv", True), ("nowhere.csv", False)]
    with pytest.raises(BadFile, match="names no file"):
        tracks_listed(_written(tmp_path / "none.txt", "# nothing\n"))
    with pytest.raises(BadFile, match="holds no track"):
        tracks_in(_made(tmp_path / "bare"))


def _written(path, text):
    path.write_text(text)
    return path


def _made(path):
    path.mkdir()
    return path


def test_the_command_for_many(folder, tmp_path, capsys):
    write_plan(PLAN, tmp_path / "plan.json")
    arguments = ["flight", "track", str(tmp_path / "plan.json"), "--folder", str(folder), "--on", "2021-05-19"]

    assert main([*arguments, "--json", "--workers", "1"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert (out["tracks"], out["errors"], out["breach"], len(out["rows"])) == (8, 2, 0, 8)
    assert main([*arguments, "--workers", "1", "-o", str(tmp_path / "rows.csv")]) == 0
    assert "tracks: 8; comply: 6; breach a rule: 0; could not be read: 2" in capsys.readouterr().out
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 9


def test_the_command_asks_for_one_or_many(folder, tmp_path):
    write_plan(PLAN, tmp_path / "plan.json")
    for more in ([], ["x.csv", "--folder", str(folder)], ["--folder", str(folder), "--flight", "OS1017"]):
        assert main(["flight", "track", str(tmp_path / "plan.json"), *more]) == 2
