"""Plays the exercise: in the terminal from beginning to end, or step by step in the browser."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from overflight.app.story import afterwards, cast, conduct, prologue
from overflight.app.story.control import Control
from overflight.app.story.player import Player
from overflight.app.story.script import Step
from overflight.app.story.stage import Stage
from overflight.errors import BadInput
from overflight.terms.words import say

FAULTS = ("record", "node", "clock")
CLOCK_FAULT_S = -3600
Before = dict[int, Callable[[Stage], None]]


def all_steps() -> tuple[Step, ...]:
    """The whole story."""
    return (*prologue.steps(), *conduct.steps(), *afterwards.steps())


@dataclass
class Playing:
    """A stage that is set: the nodes run, the player waits."""

    stage: Stage
    player: Player
    folder: Path


@contextmanager
def playing(*, port: int, keep: Path | None, fault: str | None, with_control: bool) -> Iterator[Playing]:
    """Set the stage; on leaving, end every process and, unless it is kept, remove the folder.

    Parameters
    ----------
    port : int
        First of three neighbouring ports; 0 picks free ones.
    keep : Path, optional
        Folder that stays, with ``DEU``, ``RUS`` and ``CAN`` in it.
    fault : str, optional
        One of `FAULTS`, planted.
    with_control : bool
        Whether the pages can step.

    Raises
    ------
    BadInput
        If the folder is not empty, a port is taken, or there is no such fault.
    """
    if fault is not None and fault not in FAULTS:
        raise BadInput(
            say("--fault {fault!r} is not known; there are: {faults}", fault=fault[:40], faults=", ".join(FAULTS)),
            field="--fault",
        )
    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise BadInput(say("--keep {folder} is not an empty folder; name a new one", folder=keep), field="--keep")
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="overflight-demo-"))) / "exercise"
        control = Control() if with_control else None
        if control:
            stack.callback(control.close)
        stage = Stage(
            folder,
            port=port,
            clock_offsets={cast.DEPOSITARY: CLOCK_FAULT_S} if fault == "clock" else None,
            story_url=control.url if control else None,
        )
        stack.callback(stage.close)
        steps = all_steps()
        stage.open(cast.utc("2021-01-15T08:00"))
        player = Player(stage, steps, before=_planted(fault, steps))
        if control:
            control.player = player
        yield Playing(stage, player, folder)


def _planted(fault: str | None, steps: tuple[Step, ...]) -> Before:
    """What is done to the stage before which step."""
    number = {step.play: n for n, step in enumerate(steps, start=1)}
    if fault == "record":
        return {number[afterwards.everything_verifies]: flip_a_bit}
    if fault == "node":
        return {number[conduct.weather]: lambda stage: stage.stop(cast.OBSERVED)}
    return {}


def flip_a_bit(stage: Stage) -> None:
    """Change one bit of a record that Russia's node holds from Germany."""
    with sqlite3.connect(stage.node(cast.OBSERVED) / "node.sqlite3", timeout=10) as store:
        rowid, envelope = store.execute(
            "select rowid, envelope from record where sender = ? order by seq limit 1", (cast.OBSERVING,)
        ).fetchone()
        data = bytearray(envelope)
        data[len(data) // 2] ^= 1
        store.execute("update record set envelope = ? where rowid = ?", (bytes(data), rowid))
    store.close()
