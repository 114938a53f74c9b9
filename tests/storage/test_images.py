"""The catalogue of images: rows, boxes and times in SQLite, and the exact search over them."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from overflight.errors import BadInput, Conflict
from overflight.imagery.catalogue import boxes_of, search
from overflight.imagery.footprint import boxes, polygon
from overflight.storage.port_images import ImageRow
from overflight.storage.sqlite_images import SqliteImages

START = datetime(2021, 5, 19, 6, 0, tzinfo=UTC)


def store() -> SqliteImages:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)

    return SqliteImages(create_engine("sqlite://", creator=connect, poolclass=StaticPool))


def row(name: str, lon: float, lat: float, *, half: float = 0.02, at: datetime = START, flight: str = "OS1901"):
    """A footprint turned by 45 degrees, so that its corners lie on the middle of its box's sides."""
    ring = polygon([lon, lon + half, lon, lon - half], [lat - half, lat, lat + half, lat])
    item = {"id": name, "geometry": ring}
    digest = name.encode().hex().ljust(64, "0")[:64]
    return ImageRow(
        name, flight, "AFA-41-10", int(at.timestamp()), digest, "c" * 64, "t" * 64, json.dumps(item), tuple(boxes(ring))
    )


def ids(rows) -> list[str]:
    return [r.id for r in rows]


def test_an_empty_catalogue_answers_before_anything_was_written():
    empty = store()
    assert empty.count() == 0
    assert empty.get("a") is None
    assert empty.find(flight="OS1901") == []
    assert empty.faults() == []


def test_rows_come_back_and_the_same_row_twice_changes_nothing():
    images = store()
    assert images.add([row("a", 37, 55), row("b", 38, 55)]) == 2
    assert images.add([row("a", 37, 55)]) == 0
    assert images.get("a") == row("a", 37, 55)
    assert images.count() == 2
    assert ids(images.by_digest(row("a", 37, 55).original)) == ["a"]


def test_another_original_under_a_known_id_conflicts_and_nothing_of_the_batch_stays():
    images = store()
    images.add([row("a", 37, 55)])
    other = ImageRow(**{**row("a", 37, 55).__dict__, "original": "f" * 64})
    with pytest.raises(Conflict):
        images.add([row("c", 37, 55), other])
    assert images.count() == 1


def test_the_box_is_only_the_first_question_and_the_footprint_decides():
    images = store()
    images.add([row("a", 37.0, 55.0, half=0.1)])
    corner = (36.90, 54.90, 36.93, 54.93)  # inside the footprint's box, outside the footprint
    assert ids(images.find(boxes=[corner])) == ["a"]
    assert search(images, bbox=corner) == []
    assert ids(search(images, bbox=(36.94, 54.94, 36.97, 54.97))) == ["a"]


def test_times_are_inclusive_to_the_second():
    images = store()
    images.add([row("a", 37, 55), row("b", 37, 55, at=START + timedelta(seconds=1))])
    everywhere = (-180, -90, 180, 90)
    assert ids(search(images, bbox=everywhere, start=START, end=START)) == ["a"]
    assert ids(search(images, start=START + timedelta(seconds=1))) == ["b"]
    assert ids(search(images, end=START - timedelta(seconds=1))) == []
    assert ids(search(images, start=START)) == ["a", "b"]
    with pytest.raises(BadInput, match="--to"):
        search(images, start=START, end=START - timedelta(seconds=1))


def test_flights_are_kept_apart():
    images = store()
    images.add([row("a", 37, 55), row("b", 37, 55, flight="OS1902")])
    assert ids(search(images, flight="OS1902")) == ["b"]


def test_a_box_and_a_footprint_on_180_degrees_find_each_other():
    images = store()
    images.add([row("east", 179.99, 70), row("west", -179.99, 70), row("far", 0, 70)])
    assert set(ids(search(images, bbox=(179.5, 69, -179.5, 71)))) == {"east", "west"}
    assert set(ids(search(images, bbox=(179.995, 69.9, 180, 70.1)))) == {"east", "west"}
    assert ids(search(images, bbox=(-1, 69, 1, 71))) == ["far"]
    assert len(boxes_of((179.5, 69, -179.5, 71))) == 2


def test_a_picture_that_states_bounds_across_180_degrees_is_cut_there():
    cut = polygon([179.9, -179.9, -179.9, 179.9], [60, 60, 61, 61])
    assert sorted(b[0] for b in boxes(cut)) == pytest.approx([-180.0, 179.9])


def test_a_point_is_a_box_too():
    images = store()
    images.add([row("a", 37, 55)])
    assert ids(search(images, bbox=(37, 55, 37, 55))) == ["a"]
    assert ids(search(images, bbox=(37.03, 55, 37.03, 55))) == []


@pytest.mark.parametrize(
    "box", [(1, 2, 3), (0, 10, 1, 5), (55, 37, 56, 138), (float("nan"), 0, 1, 1), (-190, 0, 1, 1), (0, -91, 1, 1)]
)
def test_a_box_that_is_none_is_refused(box):
    with pytest.raises(BadInput):
        search(store(), bbox=box)


def test_a_changed_row_shows():
    images = store()
    images.add([row("a", 37, 55)])
    with images._engine.connect() as c:
        c.exec_driver_sql("UPDATE image SET at = at + 1")
    assert images.faults() == ["row 'a' of table image is not as it was written"]


def many(seed: int) -> tuple[SqliteImages, list[ImageRow]]:
    rng = np.random.default_rng(seed)
    rows = [
        row(f"i{k}", float(rng.uniform(-180, 180)), float(rng.uniform(-80, 80)), half=float(rng.uniform(0.01, 3)),
            at=START + timedelta(seconds=int(rng.integers(0, 400_000))))
        for k in range(250)
    ]  # fmt: skip
    images = store()
    images.add(rows)
    return images, rows


MANY = many(7)


@settings(max_examples=40, deadline=None)
@given(st.floats(-180, 180), st.floats(-180, 180), st.floats(-80, 80), st.floats(0, 40), st.integers(0, 400_000))
def test_the_tree_finds_exactly_what_a_full_scan_finds(west, east, south, tall, seconds):
    images, rows = MANY
    box = (west, south, east, min(90.0, south + tall))
    start = START + timedelta(seconds=seconds)
    areas = [shapely.box(*b) for b in boxes_of(box)]
    expected = {
        r.id
        for r in rows
        if r.at >= start.timestamp()
        and any(shapely.geometry.shape(json.loads(r.item)["geometry"]).intersects(a) for a in areas)
    }
    assert set(ids(search(images, bbox=box, start=start))) == expected
