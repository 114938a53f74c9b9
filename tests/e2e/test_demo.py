"""The exercise as a user plays it: three processes, records over HTTP only, every step checked."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from overflight.app.exchange import verify_path

OVERFLIGHT = [sys.executable, "-m", "overflight"]


def headless(*more: str) -> tuple[int, dict, str]:
    done = subprocess.run(
        [*OVERFLIGHT, "demo", "--headless", "--json", *more], capture_output=True, text=True, check=False, timeout=170
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.xdist_group("demo")
def test_the_whole_flight_holds_and_three_folders_stay(tmp_path: Path) -> None:
    code, told, problems = headless("--keep", str(tmp_path / "kept"))

    assert code == 0, problems
    assert told["ok"]
    assert told["wrong"] == []
    planned = {c["citation"] for step in told["steps"] for c in step["checks"] if c["finding"]}
    assert {"VI.II.2", "VIII.I.4", "VI.II.6", "IX.IV.1", "XV.2"} <= planned
    for party in ("DEU", "RUS", "CAN"):
        folder = tmp_path / "kept" / party
        assert verify_path(folder).ok
        assert sorted(f.name for f in folder.iterdir() if not f.name.startswith("node.sqlite3")) == [
            "blobs",
            "cache",
            "log",
        ]


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("record", "Russia"),
        ("node", "the node of Russia does not answer"),
        ("clock", "3600 s ahead of the clock of CAN"),
    ],
)
def test_a_planted_fault_ends_the_run_and_is_named(fault: str, named: str) -> None:
    code, told, problems = headless("--fault", fault)

    assert code == 1
    assert not told["ok"]
    assert any(named in line for line in told["wrong"]), problems


@pytest.mark.xdist_group("demo")
def test_wrong_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    for arguments, word in (
        (["--fault", "fire"], "record, node, clock"),
        (["--keep", str(tmp_path / "full")], "not an empty folder"),
    ):
        code, told, sentence = headless(*arguments)
        assert code == 2
        assert word in sentence
        assert told["error"]["code"] == "bad-input"
    assert [f.name for f in (tmp_path / "full").iterdir()] == ["file"]


@pytest.mark.xdist_group("demo")
def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, sentence = headless("--port", str(taken.getsockname()[1]))
    assert code == 2
    assert "in use" in sentence


@pytest.mark.xdist_group("demo")
def test_the_pages_answer_and_term_ends_every_process(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*OVERFLIGHT, "demo", "--no-browser", "--json", "--keep", str(tmp_path / "kept")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        first = urllib.request.urlopen(url, timeout=20).read().decode()
        assert "EXERCISE" in first
        assert "<nav" in first
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    port = int(url.rsplit(":", 1)[1].rstrip("/"))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(answers(port + n) for n in range(3)):
        pass
    assert not any(answers(port + n) for n in range(3))


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
