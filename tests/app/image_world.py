"""Three nodes of one exercise with pictures of a flight, for the tests of images and copies."""

import json
import shutil
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from overflight.app.clock import set_clock
from overflight.app.images import (
    ingest,
)
from overflight.app.wiring import init_node, open_node
from overflight.errors import Conflict
from overflight.imagery.camera import Camera
from overflight.imagery.frames import Frame, frames_table
from overflight.terms.moment import parse_moment

PARTIES = ("CAN", "DEU", "RUS")
CAMERA = Camera("AFA-41-10", 100.0, 120, 120, 1.5, certified_h_min_m=1500.0, certificate="exercise value")
TAKEN = parse_moment("2021-05-19T06:30Z")
ASKS = {"flown_on": "2021-05-19", "sensor": "AFA-41-10", "portion": "all", "medium": "digital, PNG"}


def frame(k: int, height: float | None = 2500.0, **more) -> Frame:
    return Frame(f"f{k}.png", TAKEN, 37.0 + k, 55.0, 2650.0, height, **more)


def pictures(folder: Path, frames: list[Frame], camera: Camera = CAMERA) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for k, shot in enumerate(frames):
        grey = (np.add.outer(np.arange(120), np.arange(120)) + 7 * k).astype(np.uint8)
        Image.fromarray(grey).save(folder / shot.file)
    (folder / "frames.csv").write_text(frames_table(frames))
    (folder / "camera.json").write_text(json.dumps(camera.to_json()))
    return folder


def hand_over(rid: str, sender, receiver):
    """One record from node to node, from the state of the log that the receiver holds."""
    held = None
    for _ in range(3):
        try:
            for parcel in sender.parcels(rid, receiver.party, held=held):
                receipt = receiver.receive(parcel, via="https")
        except Conflict as error:
            held = error.facts["held"]
        else:
            return receipt
    raise AssertionError(rid)


class World:
    """Three open nodes of one exercise and their clock."""

    def __init__(self, folder: Path, stack: ExitStack):
        self.folder = folder
        self.nodes = {p: stack.enter_context(open_node(folder / p)) for p in PARTIES}
        self.can, self.deu, self.rus = (self.nodes[p] for p in PARTIES)

    def at(self, time: str) -> "World":
        set_clock(self.folder / "clock", parse_moment(time))
        return self

    def send(self, rid: str, sender) -> None:
        for party in sender.record(rid).record.audience:
            receipt = hand_over(rid, sender, self.nodes[party])
            hand_over(receipt.rid, self.nodes[party], sender)


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """An exercise in which Germany gave notice of a flight over Russia and took in three pictures of it."""
    home = tmp_path_factory.mktemp("images")
    for party in PARTIES:
        init_node(party=party, exercise=home / "E", now=parse_moment("2021-05-12T08:00Z")).close()
    with ExitStack() as stack:
        world = World(home / "E", stack)
        notice = world.deu.issue(
            "flight.notification",
            to=["RUS"],
            info=["CAN"],
            body={"flight": "OS1901", "observing": "DEU", "observed": "RUS", "eta": "2021-05-17T08:00:00Z"},
        )
        world.send(notice.rid, world.deu)
        world.at("2021-05-28T08:00Z")
        report = ingest(
            world.deu, pictures(home / "frames", [frame(1), frame(2), frame(3)]), flight="OS1901", camera="AFA-41-10"
        )
        world.send(report["record"], world.deu)
    return home


@pytest.fixture
def world(template, tmp_path):
    shutil.copytree(template, tmp_path / "x")
    with ExitStack() as stack:
        yield World(tmp_path / "x" / "E", stack)


def image(k: int) -> str:
    return f"OS1901-AFA-41-10-f{k}"


def blobs(node) -> set[str]:
    return {p.name for p in (node.folder / "blobs").iterdir()}
