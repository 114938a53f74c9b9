"""`plan edit`: times and heights change, the path stays, the landing follows."""

import json
from pathlib import Path

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
