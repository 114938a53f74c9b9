"""The stage of the exercise: three nodes, each a process with its own folder, keys and port.

The stage talks to a node only over HTTP on loopback, as its Party's own staff; records pass
between nodes only by HTTP or by file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from overflight.app.clock import set_clock
from overflight.app.exercise import Exercise
from overflight.app.story.cast import NAMES, PARTIES
from overflight.errors import BadInput, OverflightError, PeerUnreachable
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

START_WITHIN_S = 20.0
ACT_WITHIN_S = 120.0


class NodeSilent(PeerUnreachable):
    """A node of the exercise does not answer."""

    code = "node-silent"


class Stage:
    """The exercise folder, its clock and its three running nodes.

    Parameters
    ----------
    folder : Path
        Exercise folder E; the nodes live in ``E/DEU``, ``E/RUS`` and ``E/CAN``.
    port : int
        First of three neighbouring ports; 0 picks free ones.
    clock_offsets : mapping, optional
        Seconds by which a Party's clock is wrong, for the planted fault.
    story_url : str, optional
        Where the observing Party's pages find the stepper.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        clock_offsets: Mapping[str, int] | None = None,
        story_url: str | None = None,
    ) -> None:
        self.folder = folder
        self._taken = None if port else take_ports(len(PARTIES))
        self.port = port or (self._taken.port if self._taken else 0)
        self.clock_offsets = dict(clock_offsets or {})
        self.story_url = story_url
        self.token = secrets.token_urlsafe(24)
        self.now: datetime | None = None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._http = httpx.Client(timeout=ACT_WITHIN_S, trust_env=False)

    def url(self, party: str) -> str:
        """Address of a Party's node."""
        return f"http://127.0.0.1:{self.port + PARTIES.index(party)}"

    def node(self, party: str) -> Path:
        """Folder of a Party's node."""
        return self.folder / party

    # -- the clock -------------------------------------------------------------------------
    def set_clock(self, moment: datetime) -> None:
        """Step the exercise clock; it never goes back."""
        set_clock(Exercise.open(self.folder).clock, moment)
        self.now = moment

    # -- life ------------------------------------------------------------------------------
    def open(self, start: datetime) -> None:
        """Make the exercise and its three nodes and start their processes."""
        from overflight.app.wiring import init_node, open_node

        for party in PARTIES:
            if not port_is_free(self.port + PARTIES.index(party)):
                raise BadInput(
                    say(
                        "port {port} is in use; choose three free neighbouring ports with --port N",
                        port=self.port + PARTIES.index(party),
                    ),
                    field="--port",
                )
        self.folder.mkdir(parents=True, exist_ok=True)
        for party in PARTIES:
            init_node(self.node(party), party=party, exercise=self.folder).close()
        self.set_clock(start)
        for party in PARTIES:
            with open_node(self.node(party)) as node:
                for other in PARTIES:
                    if other != party:
                        node.add_peer(other, self.url(other))
        for party in PARTIES:
            self._start(party)
        for party in PARTIES:
            self._await(party)

    def _start(self, party: str) -> None:
        env = {
            **os.environ,
            "OVERFLIGHT_NODE": str(self.node(party)),
            "OVERFLIGHT_STAGE_TOKEN": self.token,
            "PROJ_NETWORK": "OFF",
        }
        if self.story_url:
            env["OVERFLIGHT_STORY_URL"] = self.story_url
        if party in self.clock_offsets:
            env["OVERFLIGHT_CLOCK_OFFSET_S"] = str(self.clock_offsets[party])
        log = (self.folder / f"{party}.log").open("ab")
        self._processes[party] = subprocess.Popen(
            [
                *(sys.executable, "-m", "overflight", "serve", "--node", str(self.node(party))),
                *("--port", str(self.port + PARTIES.index(party)), "--host", "127.0.0.1"),
            ],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def _await(self, party: str) -> None:
        until = time.monotonic() + START_WITHIN_S
        while time.monotonic() < until:
            if self._processes[party].poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if self._http.get(f"{self.url(party)}/heads", timeout=2).status_code == 200:
                    break
            time.sleep(0.1)
        if self._processes[party].poll() is None and self._is_ours(party):
            return
        raise NodeSilent(
            say(
                "the node of {name} did not start within {s:g} s; its log is {log}",
                name=NAMES[party],
                s=START_WITHIN_S,
                log=str(self.folder / f"{party}.log"),
            ),
            field=party,
        )

    def _is_ours(self, party: str) -> bool:
        """Whether what answers at the node's address is this stage's own node, and not a stranger on its port."""
        try:
            self.do(party, "held")
        except OverflightError:
            return False
        return True

    def stop(self, party: str) -> None:
        """End one node's process."""
        process = self._processes.pop(party, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)

    def close(self) -> None:
        """End all processes; the folder stays."""
        for party in PARTIES:
            self.stop(party)
        self._http.close()
        if self._taken:
            self._taken.release()

    # -- acts ------------------------------------------------------------------------------
    def do(self, party: str, deed: str, /, **fields: Any) -> Any:
        """Let a Party's staff do something on their own node, over HTTP.

        Raises
        ------
        NodeSilent
            If the node does not answer.
        StageProblem
            If the node answers with a problem; its code and citation are kept.
        """
        try:
            answer = self._http.post(
                f"{self.url(party)}/exercise/do",
                json={"deed": deed, "fields": fields},
                headers={"X-Overflight-Stage": self.token},
            )
        except httpx.HTTPError:
            raise NodeSilent(
                say(
                    "the node of {name} does not answer at {url} (exercise time {at})",
                    name=NAMES[party],
                    url=self.url(party),
                    at=rfc3339(self.now) if self.now else "-",
                ),
                field=party,
            ) from None
        if answer.status_code >= 400:
            raise StageProblem.of(answer)
        return answer.json()


class StageProblem(BadInput):
    """A node refused an act; `facts` holds the problem that it answered with."""

    code = "stage-problem"

    @classmethod
    def of(cls, answer: httpx.Response) -> StageProblem:
        """The problem in an HTTP answer."""
        try:
            problem = answer.json()
        except ValueError:
            problem = {"detail": answer.text[:300]}
        return cls(
            str(problem.get("detail", answer.status_code)),
            citation=problem.get("citation"),
            field=problem.get("field"),
            problem=problem,
        )


def port_is_free(port: int) -> bool:
    """Whether a port of the loopback address can be taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass(frozen=True)
class TakenPorts:
    """Neighbouring ports from `port` on, kept from other exercises on this machine until released."""

    port: int
    handle: int

    def release(self) -> None:
        """Let others have them."""
        os.close(self.handle)


def take_ports(n: int, *, first: int = 8421) -> TakenPorts:
    """The first `n` free neighbouring ports from 8421 upwards that no other exercise is about to use."""
    for port in range(first, 65000 - n, n):
        name = Path(tempfile.gettempdir()) / f"overflight-ports-{os.getuid()}-{port}.lock"
        handle = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            continue
        if all(port_is_free(port + k) for k in range(n)):
            return TakenPorts(port, handle)
        os.close(handle)
    raise BadInput(say("no {n} free neighbouring ports were found", n=n), field="--port")
