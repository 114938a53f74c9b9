"""`plan edit`: times and heights change, the path stays, the landing follows."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from overflight.cli.main import main

PLAN = {
    "type": "Feature",
    "properties": {"observed": "RUS"},
    "geometry": {"type": "LineString", "coordinates": [[36.6528, 55.6083], [40.0, 54.0], [36.6528, 55.6083]]},
}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(PLAN))
    return file


def test_the_landing_follows_from_length_and_speed(plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "later.json"
    code = main(["plan", "edit", str(plan), "--take-off", "2021-05-19T06:00Z", "--speed-kmh", "430", "-o", str(out)])

    made = json.loads(out.read_text())
    assert code == 0
    assert made["geometry"] == PLAN["geometry"]
    assert made["properties"]["take_off"] == "2021-05-19T06:00:00Z"
    assert made["properties"]["lands"].startswith("2021-05-19T07:")
    assert json.loads(plan.read_text()) == PLAN


@pytest.mark.parametrize(
    "wrong",
    [
        ["--speed-kmh", "0"],
        ["--speed-kmh", "nan"],
        ["--height-m", "-1"],
        ["--take-off", "tomorrow"],
        ["--take-off", "2021-05-19T06:00Z", "--lands", "2021-05-19T06:00Z"],
        ["--sensor", "no-such"],
    ],
)
def test_bad_values_change_nothing(plan: Path, tmp_path: Path, wrong: list[str]) -> None:
    out = tmp_path / "out.json"
    assert main(["plan", "edit", str(plan), *wrong, "-o", str(out)]) == 2
    assert not out.exists()


@pytest.mark.parametrize(("icao", "code", "says"), [
    ("UUMB", 0, ""),
    ("UIUU", 0, ""),
    ("UHMM", 2, "not designated for that"),
    ("EPWA", 2, "EPWA"),
    ("XXXX", 2, "XXXX"),
])  # fmt: skip
def test_a_point_of_exit_is_one_of_the_observed_partys(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], icao: str, code: int, says: str
) -> None:
    """AnnE.1: what the check of the plan would find in breach is not written into it."""
    out = tmp_path / "out.json"
    assert main(["plan", "edit", str(plan), "--point-of-exit", icao, "--on", "2021-05-17", "-o", str(out)]) == code
    assert out.exists() is (code == 0)
    assert says in capsys.readouterr().err


WITH_STOP = {
    "type": "Feature",
    "properties": {
        "observed": "UKR", "start_airfield": "UKBB", "end_airfield": "UKBB", "ground_speed_kmh": 430.0,
        "take_off": "2021-05-17T07:00:00Z", "lands": "2021-05-17T10:48:41Z",
        "stops": [{"airfield": "UKOO", "arrive": "2021-05-17T08:01:00Z", "leave": "2021-05-17T09:01:00Z"}],
    },
    "geometry": {
        "type": "LineString",
        "coordinates": [[30.8947, 50.345], [30.6765, 46.4268], [33.417716, 47.880116], [30.8947, 50.345]],
    },
}  # fmt: skip


def minutes(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() / 60


def edited(tmp_path: Path, *options: str) -> dict[str, Any]:
    plan, out = tmp_path / "stop.json", tmp_path / "out.json"
    plan.write_text(json.dumps(WITH_STOP))
    assert main(["plan", "edit", str(plan), *options, "--on", "2021-05-17", "-o", str(out)]) == 0
    made: dict[str, Any] = json.loads(out.read_text())["properties"]
    return made


def test_a_stop_keeps_its_hour_and_comes_later_on_a_slower_flight(tmp_path: Path) -> None:
    same, slow = (edited(tmp_path, "--speed-kmh", v) for v in ("430", "215"))
    for made, share in ((same, 1), (slow, 2)):
        stop = made["stops"][0]
        assert minutes(made["take_off"], stop["arrive"]) == pytest.approx(share * 60.8, abs=0.2)
        assert minutes(stop["arrive"], stop["leave"]) == 60
    on_ways = minutes(same["take_off"], same["lands"]) - 60, minutes(slow["take_off"], slow["lands"]) - 60
    assert on_ways[1] == pytest.approx(2 * on_ways[0], abs=0.1)


def test_stops_and_landing_move_with_the_take_off(tmp_path: Path) -> None:
    same, later = edited(tmp_path, "--speed-kmh", "430"), edited(tmp_path, "--take-off", "2021-05-18T09:00Z")
    assert minutes(same["lands"], later["lands"]) == 26 * 60
    for key in ("arrive", "leave"):
        assert minutes(same["stops"][0][key], later["stops"][0][key]) == 26 * 60
