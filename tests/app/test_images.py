"""Images in a Party's node: taken in, searched, verified, rendered."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pystac
import pytest
from PIL import Image

from overflight.app.exercise_frames import render_frames
from overflight.app.frame_times import strange_particulars
from overflight.app.images import (
    ingest,
    one,
    request_copies,
    search,
    verify,
)
from overflight.app.wiring import init_node, open_node
from overflight.errors import BadFile, BadInput, NodeBusy
from overflight.imagery.frames import Frame, frames_table
from overflight.terms.moment import parse_moment
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint
from tests.app.image_world import TAKEN, blobs, frame, image, pictures, template, world

__all__ = ["template", "world"]  # fixtures

# taking in


def test_an_item_is_valid_stac_and_carries_the_evidence(world):
    item = one(world.deu, image(1))
    core = pystac.Item.from_dict({**item, "stac_extensions": []})
    core.set_self_href(None)
    core.validate()
    said = item["properties"]
    assert said["datetime"] == "2021-05-19T06:30:00Z"
    assert said["oskies:height_agl_m"] == 2500.0
    assert said["oskies:certified_h_min_m"] == 1500.0
    assert said["gsd"] == pytest.approx(37.5, abs=0.01)
    assert said["oskies:ground_resolution_m"] is None
    assert said["oskies:exercise"] == "EXERCISE EXERCISE EXERCISE"
    assert said["oskies:release"] == {"state": "held", "copies": []}
    assert said["oskies:annotation"].startswith("FLT=OS1901 SEN=OFBP")
    assert [f["verdict"] for f in said["oskies:findings"]] == ["complies"]
    assert {"original", "cog", "thumbnail", "sidecar"} == set(item["assets"])
    assert all(a["file:checksum"].startswith("1220") for a in item["assets"].values())


def test_the_original_is_stored_byte_for_byte(world, template):
    for k in (1, 2, 3):
        digest = one(world.deu, image(k))["assets"]["original"]["file:checksum"][4:]
        assert world.deu.blob(digest) == (template / "frames" / f"f{k}.png").read_bytes()


@pytest.mark.parametrize(
    ("height", "error", "complies", "verdict"),
    [
        (1499.99, 0.0, False, "breaches"),
        (1500.0, 0.0, True, "complies"),
        (1500.01, 0.0, True, "complies"),
        (1505.0, 15.0, True, "undetermined"),
    ],
)
def test_a_frame_taken_too_low_is_a_finding_for_both_and_is_kept_unaltered(
    world, tmp_path, height, error, complies, verdict
):
    folder = pictures(tmp_path / "low", [frame(9, height, height_error_m=error)])
    report = ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")
    assert report["complies"] is complies
    assert [f["verdict"] for f in report["findings"]] == ["complies", verdict]
    item = report["items"][0]
    assert world.deu.blob(item["assets"]["original"]["file:checksum"][4:]) == (folder / "f9.png").read_bytes()
    world.send(report["record"], world.deu)
    manifest = world.rus.record(report["record"]).record.blobs[0]
    told = json.loads(world.rus.blob(manifest.sha256))["images"][0]["findings"]
    assert [(f["citation"], f["verdict"]) for f in told] == [("VI.II.4.D", verdict)]


def test_without_a_height_the_elevation_data_answer_with_their_error(world, tmp_path):
    report = ingest(world.deu, pictures(tmp_path / "p", [frame(9, None)]), flight="OS1901", camera="AFA-41-10")
    said = report["items"][0]["properties"]
    assert said["oskies:height_error_m"] > 0
    assert 2000 < said["oskies:height_agl_m"] < 2650


def test_one_bad_picture_stores_nothing_of_the_folder(world, tmp_path):
    before, count = blobs(world.deu), world.deu.images.count()
    folder = pictures(tmp_path / "p", [frame(7), frame(8)])
    whole = (folder / "f8.png").read_bytes()
    for bad in (whole[:60], b"", b"GIF89a", whole[:-1]):
        (folder / "f8.png").write_bytes(bad)
        with pytest.raises(BadFile, match=r"f8\.png"):
            ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")
    (folder / "f8.png").unlink()
    with pytest.raises(BadFile, match=r"f8\.png"):
        ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")
    assert (blobs(world.deu), world.deu.images.count()) == (before, count)


def test_the_same_pictures_again_change_nothing(world, template):
    before = blobs(world.deu)
    report = ingest(world.deu, template / "frames", flight="OS1901", camera="AFA-41-10")
    assert (report["new"], report["record"]) == (0, None)
    assert blobs(world.deu) == before


def test_another_picture_under_a_known_name_is_refused(world, template, tmp_path):
    folder = shutil.copytree(template / "frames", tmp_path / "again")
    Image.fromarray(np.zeros((120, 120), np.uint8)).save(folder / "f2.png")
    with pytest.raises(BadFile, match="another original"):
        ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")


def test_two_pictures_of_one_name_in_two_formats_are_refused(world, tmp_path):
    folder = pictures(tmp_path / "p", [frame(7)])
    Image.open(folder / "f7.png").save(folder / "f7.tif")
    (folder / "frames.csv").write_text(frames_table([frame(7), Frame("f7.tif", TAKEN, 37.0, 55.0, 2650.0, 2500.0)]))
    with pytest.raises(BadFile, match="same image id"):
        ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")


def test_a_picture_of_another_shape_than_the_camera_is_refused(world, tmp_path):
    folder = pictures(tmp_path / "p", [frame(7)])
    Image.fromarray(np.zeros((80, 120), np.uint8)).save(folder / "f7.png")
    with pytest.raises(BadFile, match="shape"):
        ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")


@pytest.mark.parametrize(("flight", "camera"), [("flight-1", "AFA-41-10"), ("OS1901", "no-such-camera")])
def test_a_flight_or_camera_that_is_none_is_refused(world, template, tmp_path, flight, camera):
    folder = shutil.copytree(template / "frames", tmp_path / "f")
    with pytest.raises(BadInput):
        ingest(world.deu, folder, flight=flight, camera=camera)


def test_a_sensor_of_the_data_has_no_published_height_so_the_answer_is_open(world, template, tmp_path):
    folder = pictures(tmp_path / "p", [frame(9)])
    (folder / "camera.json").unlink()
    report = ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")
    assert [f["verdict"] for f in report["findings"]] == ["complies", "undetermined"]
    assert report["complies"] is True
    given = pictures(tmp_path / "q", [frame(10)])
    (given / "camera.json").unlink()
    report = ingest(world.deu, given, flight="OS1901", camera="AFA-41-10", h_min_m=2600)
    assert report["complies"] is False


def test_a_georeferenced_picture_has_its_own_footprint(world, tmp_path):
    import rasterio
    from rasterio.transform import from_origin

    folder = pictures(tmp_path / "p", [])
    with rasterio.open(folder / "g.tif", "w", driver="GTiff", width=100, height=50, count=1, dtype="uint8",
                       crs="EPSG:4326", transform=from_origin(37.0, 55.0, 0.001, 0.001)) as out:  # fmt: skip
        out.write(np.zeros((1, 50, 100), np.uint8))
    (folder / "frames.csv").write_text(frames_table([Frame("g.tif", TAKEN, 37.05, 54.97, 2650.0, 2500.0)]))
    item = ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")["items"][0]
    assert item["bbox"] == pytest.approx([37.0, 54.95, 37.1, 55.0])
    assert item["properties"]["proj:code"] == "EPSG:4326"


def test_a_node_opened_for_reading_takes_nothing_in(world, tmp_path):
    with open_node(world.folder / "DEU", writer=False) as reader, pytest.raises(NodeBusy):
        ingest(reader, pictures(tmp_path / "p", [frame(9)]), flight="OS1901", camera="AFA-41-10")


# verify


def test_an_image_verifies_down_to_the_signed_manifest(world, template):
    found = verify(world.deu, image(1))
    assert found["ok"]
    assert [c["ok"] for c in found["checks"]] == [True] * 5
    by_file = verify(world.deu, str(template / "frames" / "f1.png"))
    assert (by_file["ok"], by_file["image"]) == (True, image(1))


@pytest.mark.parametrize("role", ["original", "cog", "thumbnail"])
def test_one_flipped_bit_in_a_stored_file_fails(world, role):
    digest = one(world.deu, image(1))["assets"][role]["file:checksum"][4:]
    file = world.deu.folder / "blobs" / digest
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.chmod(0o600)
    file.write_bytes(bytes(data))
    found = verify(world.deu, image(1))
    assert not found["ok"]
    assert f"{role} digest" in {c["check"] for c in found["checks"] if c["ok"] is False}


def test_a_file_with_one_changed_pixel_is_no_image_of_the_node(world, template, tmp_path):
    grey = np.asarray(Image.open(template / "frames" / "f1.png")).copy()
    grey[5, 5] ^= 1
    Image.fromarray(grey).save(tmp_path / "f1.png")
    assert verify(world.deu, str(tmp_path / "f1.png"))["ok"] is False
    with pytest.raises(BadFile):
        verify(world.deu, "no-such-image")


def test_search_finds_by_place_time_and_flight(world):
    assert [i["id"] for i in search(world.deu, (38.9, 54.9, 39.1, 55.1))] == [image(2)]
    assert search(world.deu, (0, 0, 1, 1)) == []
    assert len(search(world.deu, flight="OS1901", start=TAKEN, end=TAKEN)) == 3
    assert search(world.can) == []


# exercise pictures

PLAN = MissionPlan(
    "RUS", (Waypoint(37.5, 55.5), Waypoint(40.0, 54.0), Waypoint(45.0, 52.0)), "UUBK", "UUBK",
    take_off=parse_moment("2021-05-19T06:00Z"), height_agl_m=(2500.0,), sensors=(SensorUse("AFA-41-10", 1500.0),),
)  # fmt: skip


def test_rendered_pictures_go_straight_into_the_catalogue(world, tmp_path):
    made = render_frames(world.deu, tmp_path / "r", flight="OS1901", plan=PLAN, count=2, columns=160)
    assert made["frames"] == 2
    report = ingest(world.deu, tmp_path / "r", flight="OS1901", camera="AFA-41-10")
    assert report["complies"]
    assert report["undetermined"] == []
    heights = [i["properties"]["oskies:height_agl_m"] for i in report["items"]]
    assert all(2450 < h < 2550 for h in heights)
    again = render_frames(world.deu, tmp_path / "s", flight="OS1901", plan=PLAN, count=2, columns=160)
    assert [(tmp_path / "r" / f).read_bytes() for f in made["files"]] == [
        (tmp_path / "s" / f).read_bytes() for f in again["files"]
    ]


def test_rendered_pictures_say_exercise_in_their_data_strip(world, tmp_path):
    render_frames(world.deu, tmp_path / "r", flight="OS1901", plan=PLAN, count=1, columns=600)
    strip = np.asarray(Image.open(tmp_path / "r" / "frame-0001.png"))[-20:]
    assert (strip == 0).mean() > 0.5
    assert (strip > 200).any()


def test_an_operational_node_renders_nothing(tmp_path):
    with init_node(tmp_path / "N", party="DEU") as node, pytest.raises(BadInput, match="exercises only"):
        render_frames(node, tmp_path / "r", flight="OS1901", plan=PLAN)
    assert not (tmp_path / "r").exists()


def test_a_folder_that_holds_something_is_left_alone(world, tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        render_frames(world.deu, tmp_path / "r", flight="OS1901", plan=PLAN)
    assert [p.name for p in (tmp_path / "r").iterdir()] == ["mine.txt"]


# times of exposure, held against the flight

FLOWN = ("2021-05-19T06:00:00Z", "2021-05-19T09:40:00Z")


def fly(world) -> None:
    for kind, said in zip(("flight.takeoff", "flight.completed"), FLOWN, strict=True):
        name = "took_off_at" if kind == "flight.takeoff" else "completed_at"
        body = {"flight": "OS1901", "airfield": "UUMB", name: said}
        world.send(world.deu.issue(kind, to=["RUS"], body=body).rid, world.deu)


@pytest.mark.parametrize(
    ("exposed", "outside"),
    [
        ("2021-05-19T05:59:59Z", True),
        ("2021-05-19T06:00:00Z", False),
        ("2021-05-19T09:40:00Z", False),
        ("2021-05-19T09:40:01Z", True),
        ("2031-05-19T06:30:00Z", True),  # in the future of the node's clock as well
    ],
)
def test_a_frame_exposed_outside_the_flight_leaves_the_answer_open(world, tmp_path, exposed, outside):
    fly(world)
    folder = pictures(tmp_path / "p", [frame(8), replace(frame(9), at=parse_moment(exposed))])
    report = ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")
    found = [f for f in report["findings"] if f["citation"] == "II.15"]
    assert [f["verdict"] for f in found] == ["undetermined"] * outside
    assert report["complies"]
    if outside:
        assert list(found[0]["seen"]["outside"]) == ["f9.png"]
        assert found[0]["missing"] == ["exposed_at"]


def test_before_the_take_off_is_known_a_frame_of_the_future_is_told_all_the_same(world, tmp_path):
    for k, (exposed, told) in enumerate([("2021-05-28T08:00Z", False), ("2021-05-28T08:01Z", True)], 8):
        folder = pictures(tmp_path / str(k), [replace(frame(k), at=parse_moment(exposed))])
        report = ingest(world.deu, folder, flight="OS1901", camera="AFA-41-10")
        assert any(f["citation"] == "II.15" for f in report["findings"]) is told


def test_pictures_of_a_flight_unknown_here_are_taken_in_without_a_record_only(world, tmp_path):
    folder = pictures(tmp_path / "p", [frame(9)])
    before = blobs(world.deu)
    with pytest.raises(BadInput, match=r"OS1777.*--no-record"):
        ingest(world.deu, folder, flight="OS1777", camera="AFA-41-10")
    assert blobs(world.deu) == before
    report = ingest(world.deu, folder, flight="OS1777", camera="AFA-41-10", record=False)
    assert (report["new"], report["record"]) == (1, None)


def test_a_request_with_another_date_or_sensor_than_the_flight_had_is_left_open(world):
    fly(world)
    asks = {"flown_on": "2021-05-19", "sensor": "AFA-41-10", "portion": "all", "medium": "digital, PNG"}
    right = request_copies(world.rus, flight="OS1901", **asks)
    assert [f["verdict"] for f in right["findings"]] == ["complies"]
    wrong = request_copies(world.rus, flight="OS1901", **{**asks, "flown_on": "2021-05-20"})
    assert [(f["citation"], f["verdict"]) for f in wrong["findings"]] == [
        ("IX.IV.1", "complies"),
        ("IX.IV.1.C", "undetermined"),
    ]
    given = strange_particulars(world.deu, "OS1901", {"sensor": "KS-87"})
    assert [(f.citation, f.missing) for f in given] == [("IX.IV.1.D", ("sensor",))]
