"""A node that is killed at any moment has lost nothing that it acknowledged, and its next state extends the last."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from overflight.app.exchange import verify_path
from overflight.app.wiring import init_node, open_node

WRITER = """
import sys
from pathlib import Path
from overflight.app.wiring import open_node
with open_node(Path(sys.argv[1])) as node:
    n = 0
    while True:
        stored = node.issue("member.announcement", to=["CAN"], body={"text": f"number {n}"}, subject="kill loop")
        print(stored.rid, flush=True)
        n += 1
"""


def kill_once(folder: Path, after: int, pause_s: float) -> list[str]:
    """Let a process sign until it has acknowledged `after` records, kill it a little later; what it acknowledged."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(after)]
    try:
        process.wait(pause_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().splitlines()
    process.wait()
    return [rid for rid in (*told, *(line.strip() for line in rest)) if len(rid) == 64]


def kill_loop(tmp_path: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "e" / "DEU"
    init_node(folder, party="DEU", exercise=tmp_path / "e").close()
    acknowledged: list[str] = []
    for _ in range(kills):
        acknowledged += kill_once(folder, chance.randint(1, 5), chance.uniform(0, 0.05))
        with open_node(folder) as node:
            held = [s.rid for s in node.records()]
            assert set(acknowledged) <= set(held)
            assert [s.record.seq for s in node.records()] == list(range(len(held)))
        report = verify_path(folder)
        assert report.ok, report.problems[:3]


def test_killed_twice_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    kill_loop(tmp_path, kills=2, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_killed_many_times(tmp_path: Path, seed: int) -> None:
    kill_loop(tmp_path, kills=20, seed=seed)
