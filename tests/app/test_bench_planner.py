"""`bench planner`: rows by budget and peer, on one small instance, with a stand-in for EA4OP."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from overflight.app import bench, bench_planner, bench_planner_ea4op
from overflight.errors import BadInput

INSTANCE = """NAME : square
TYPE : OP
DIMENSION : 5
COST_LIMIT : 50
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 10 0
3 10 10
4 0 10
5 100 100
NODE_SCORE_SECTION
1 0
2 3
3 4
4 5
5 99
DEPOT_SECTION
1
-1
EOF
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "square.oplib").write_text(INSTANCE, encoding="utf-8")
    (tmp_path / "best_known.csv").write_text("instance,best_known_score\nsquare,12\n", encoding="utf-8")
    monkeypatch.setenv("OVERFLIGHT_OPLIB", str(tmp_path))
    monkeypatch.setattr(bench_planner, "_installed", lambda peer: False)
    monkeypatch.setattr(bench_planner, "swath", lambda *budgets, **more: [])

    def ours(file: Path, seconds: float, seed: int) -> dict[str, Any]:
        return {"score": 10 + seed, "wall_s": seconds, "cpu_s": 2 * seconds, "compile_s": 0.1}

    monkeypatch.setattr(bench_planner, "_ours", ours)
    return tmp_path


def stand_in(path: Path, *documents: Any, code: int = 0) -> Path:
    """A program that writes these documents to stats.json where it runs, as EA4OP does."""
    text = "\n".join(json.dumps(document) for document in documents)
    path.write_text(
        f"#!{sys.executable}\nimport sys\nopen('stats.json', 'w').write({text!r})\nsys.exit({code})\n",
        encoding="utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_each_budget_has_worst_median_and_best_of_its_seeds(folder: Path) -> None:
    rows = bench.planner(seconds=[1.0, 2.0], seeds=3)
    known = [row for row in rows if row["peer"] == 12]
    assert [(row["seconds"], row["worst"], row["ours"], row["best"], row["n"]) for row in known] == [
        (1.0, 10, 11, 12, 3),
        (2.0, 10, 11, 12, 3),
    ]
    assert [row["cpu_s"] for row in known] == [2.0, 4.0]
    means = [row for row in rows if "mean and worst gap" in row["work"]]
    assert [row["ours"] for row in means] == [pytest.approx(1 - 11 / 12, abs=1e-4)] * 2


def test_ea4op_is_run_where_it_is_named_and_its_tour_is_checked(folder: Path, tmp_path: Path) -> None:
    program = stand_in(tmp_path / "op-solver", {"sol": {"cycle": [1, 2]}}, {"sol": {"cycle": [1, 2, 3, 4]}})
    row = next(
        row for row in bench.planner(seconds=[1.0], seeds=2, peers=[f"ea4op={program}"]) if "ea4op" in row["work"]
    )
    assert row["peer"] == row["peer_worst"] == row["peer_best"] == 12
    assert row["peer_cpu_s"] >= 0


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([{"sol": {"cycle": [1, 2, 5]}}], 0),  # too long
        ([{"sol": {"cycle": [1, 2, 77]}}], 0),  # no such node
        ([{"sol": {"cycle": [1, "2"]}}], 0),
        ([{"sol": {}}], 0),
        ([], 0),
        ([{"sol": {"cycle": [1, 2]}}], 3),
    ],
)
def test_a_peer_that_returns_no_legal_tour_is_told_so(
    folder: Path, tmp_path: Path, documents: list[Any], code: int
) -> None:
    program = stand_in(tmp_path / "op-solver", *documents, code=code)
    row = next(
        row for row in bench.planner(seconds=[1.0], seeds=1, peers=[f"ea4op={program}"]) if "ea4op" in row["work"]
    )
    assert row["peer"] is None
    assert row["note"]


def test_without_the_executable_published_scores_are_shown_as_such(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bench_planner_ea4op.PUBLISHED, "square", (12, 0.5))
    row = next(row for row in bench.planner(seconds=[1.0], seeds=1) if "EA4OP" in row["work"])
    assert row["peer"] == 12
    assert "published" in row["work"]
    assert "doi" in row["note"]


@pytest.mark.parametrize("text", ["ea4op", "ea4op=", "pyvrp=/bin/sh", "ea4op=/no/such/file"])
def test_a_peer_that_cannot_be_run_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(BadInput):
        bench.planner(peers=[text])


@pytest.mark.parametrize("more", [{"seconds": [0.0]}, {"seconds": [float("nan")]}, {"seeds": 0}, {"seeds": 1000}])
def test_budgets_out_of_range_are_refused(folder: Path, more: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        bench.planner(**more)
