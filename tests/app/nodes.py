"""Nodes for tests: an exercise of some Parties in a folder, and how one hands a record to another."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from overflight.app.clock import set_clock
from overflight.app.node import Node, Stored
from overflight.app.wiring import init_node, open_node
from overflight.errors import Conflict

START = datetime(2021, 5, 12, 8, tzinfo=UTC)


@cache
def _template(parties: tuple[str, ...], now: datetime) -> Path:
    top = Path(tempfile.mkdtemp(prefix="overflight-template-"))
    atexit.register(shutil.rmtree, top, ignore_errors=True)
    for party in parties:
        init_node(party=party, exercise=top / "E", now=now).close()
    return top / "E"


class Stage:
    """An exercise with a node of each Party, all open in this process.

    Making keys and databases takes time, so the same Parties get a copy of the same new
    exercise each time; `fresh` makes another exercise with other root keys.
    """

    def __init__(self, folder: Path, *parties: str, now: datetime = START, fresh: bool = False):
        self.folder = folder
        if fresh:
            self.nodes = {p: init_node(party=p, exercise=folder, now=now) for p in parties}
        else:
            shutil.copytree(_template(parties, now), folder)
            self.nodes = {p: open_node(folder / p) for p in parties}

    def __getitem__(self, party: str) -> Node:
        return self.nodes[party]

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes.values():
            node.close()

    def step(self, **by: int) -> datetime:
        now = next(iter(self.nodes.values())).now() + timedelta(**by)
        set_clock(self.folder / "clock", now)
        return now

    def hand(self, stored: Stored, to: str, *, back: bool = True) -> Stored:
        """Carry a record to `to` and, unless it gets lost, the receipt back."""
        return hand(self[stored.record.from_], self[to], stored, back=back)


def hand(sender: Node, addressee: Node, stored: Stored, *, back: bool = True) -> Stored:
    receipt = carry(sender, addressee, stored)
    if back:
        carry(addressee, sender, receipt)
    return receipt


def carry(sender: Node, addressee: Node, stored: Stored) -> Stored:
    """One record over a wire that knows the answer 'I hold your log up to size n'."""
    held = None
    for _ in range(3):
        try:
            found = [addressee.receive(p, via="https") for p in sender.parcels(stored.rid, addressee.party, held=held)]
            return found[-1]
        except Conflict as error:
            held = error.facts["held"]
    raise AssertionError("the two nodes do not agree on the state of the log")


def notice(node: Node, to: str, n: int = 0, **more: object) -> Stored:
    return node.issue("flight.notification", to=[to], body={"flight": "OS1001", "n": n}, rules=["VI.I.5"], **more)  # type: ignore[arg-type]
