"""Images in the nodes of three Parties: taken in, verified, asked for, refused, delivered.  Article IX."""

import json
import shutil
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pystac
import pytest
from PIL import Image

from overflight.app.clock import set_clock
from overflight.app.exercise_frames import render_frames
from overflight.app.images import (
    deliver_copies,
    enter_letter,
    export_images,
    ingest,
    list_requests,
    one,
    receive_copies,
    refuse_copies,
    request_copies,
    search,
    verify,
)
from overflight.app.wiring import init_node, open_node
from overflight.errors import BadFile, BadInput, Conflict, NodeBusy, Refused
from overflight.imagery.camera import Camera
from overflight.imagery.frames import Frame, frames_table
from overflight.terms.moment import parse_moment
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint

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


# requests, refusals, deliveries


def ask(world, who="can", **changed) -> str:
    asking = getattr(world, who)
    found = request_copies(asking, flight="OS1901", **{**ASKS, **changed})
    world.send(found["record"], asking)
    return found["record"]


def test_a_third_party_asks_with_six_particulars_and_tells_the_observed_party(world):
    rid = ask(world)
    record = world.rus.record(rid).record
    assert (record.from_, record.to, record.info) == ("CAN", ("DEU",), ("RUS",))
    listed = list_requests(world.deu)[0]
    assert (listed["state"], listed["may_deliver"]) == ("open", True)
    assert [f["verdict"] for f in listed["findings"]] == ["right", "complies"]


def test_a_request_without_sensor_portion_and_medium_or_notice_is_incomplete(world):
    found = request_copies(world.can, flight="OS1901", flown_on="2021-05-19", tell_observed=False)
    assert found["complies"] is False
    assert found["info"] == []
    assert found["findings"][0]["seen"]["missing"] == ["IX.IV.1.D", "IX.IV.1.E", "IX.IV.1.F"]
    world.send(found["record"], world.can)
    refused = refuse_copies(world.deu, found["record"])
    assert "IX.IV.1.D" in refused["reason"]
    assert world.deu.record(refused["record"]).record.to == ("CAN",)


def test_canada_gets_original_bytes_with_camera_pose_and_item_and_confirms_custody(world, template):
    rid = ask(world)
    given = deliver_copies(world.deu, to="CAN")
    assert (given["kind"], len(given["images"])) == ("data.delivery", 3)
    world.send(given["record"], world.deu)
    got = receive_copies(world.can)
    assert got["new"] == 3
    world.send(got["deliveries"][0]["custody"], world.can)
    theirs = one(world.can, image(1))
    digest = theirs["assets"]["original"]["file:checksum"][4:]
    assert world.can.blob(digest) == (template / "frames" / "f1.png").read_bytes()
    assert theirs["geometry"] == one(world.deu, image(1))["geometry"]
    assert verify(world.can, image(1))["ok"]
    copies = one(world.deu, image(1))["properties"]["oskies:release"]["copies"]
    assert [(c["to"], c["rules"]) for c in copies] == [("CAN", ["IX.IV.1", "IX.I.4"])]
    assert copies[0]["received_at"]
    assert copies[0]["custody"] == got["deliveries"][0]["custody"]
    assert {r["record"]: r["state"] for r in list_requests(world.deu)} == {rid: "delivered"}
    assert receive_copies(world.can) == {"deliveries": [], "new": 0, "problems": []}


def test_a_party_with_a_right_cannot_be_refused_and_is_answered_once(world):
    rid = ask(world)
    with pytest.raises(Refused, match=r"IX\.IV\.1"):
        refuse_copies(world.deu, rid)
    deliver_copies(world.deu, to="CAN", request=rid)
    with pytest.raises(BadInput, match="answered"):
        deliver_copies(world.deu, to="CAN", request=rid)


def test_nobody_gets_copies_unasked_but_the_observed_party_may_have_its_duplicate(world):
    with pytest.raises(BadInput, match="has not asked"):
        deliver_copies(world.deu, [image(1)], to="CAN")
    given = deliver_copies(world.deu, [image(1)], to="RUS")
    assert (given["kind"], given["rules"]) == ("data.duplicate", ["IX.II.6", "IX.I.4"])
    assert world.deu.record(given["record"]).record.body["extent"] == "part"


@pytest.mark.parametrize(
    ("sent", "verdict"), [("2020-11-21", "silent"), ("2020-11-22", "breaches"), ("2021-05-24", "breaches")]
)
def test_the_letter_of_a_state_that_left_is_refused_with_the_paragraphs(world, sent, verdict):
    """The United States left on 22 November 2020; the day before it still had the right to ask."""
    letter = enter_letter(
        world.deu, state="USA", flight="OS1901", sent_on=sent, number="17", text="Please send copies."
    )
    assert world.deu.record(letter["record"]).record.audience == ()
    listed = list_requests(world.deu)[0]
    assert (listed["by_letter"], listed["may_deliver"]) == (True, False)
    assert listed["findings"][0]["verdict"] == verdict
    with pytest.raises(Refused):
        deliver_copies(world.deu, [image(1)], to="USA", request=letter["record"])
    refused = refuse_copies(world.deu, letter["record"])
    assert refused["rules"] == ["IX.IV.1", "IX.I.4", "XV.2"]
    record = world.deu.record(refused["record"]).record
    assert (record.to, record.info, record.body["to_state"]) == ((), ("RUS",), "USA")


def test_no_copy_goes_to_a_state_that_is_no_party_even_unasked(world):
    with pytest.raises(Refused) as caught:
        deliver_copies(world.deu, [image(1)], to="USA")
    assert caught.value.citation == "IX.I.4"
    assert caught.value.exit_code == 1


def flight_over_canada(world) -> str:
    """Germany flew over Canada too, so that Russia is a third Party that may ask."""
    notice = world.deu.issue(
        "flight.notification",
        to=["CAN"],
        info=["RUS"],
        body={"flight": "OS1902", "observing": "DEU", "observed": "CAN", "eta": "2021-11-17T08:00:00Z"},
    )
    world.send(notice.rid, world.deu)
    folder = pictures(world.folder.parent / "canada", [frame(4)])
    ingest(world.deu, folder, flight="OS1902", camera="AFA-41-10")
    asked = request_copies(world.rus, flight="OS1902", **ASKS)
    world.send(asked["record"], world.rus)
    return asked["record"]


def test_a_request_undelivered_when_its_state_leaves_is_silent_and_withheld(world):
    """Russia left on 18 December 2021, 00:00 UTC: a second before it gets its copies, from then on it does not."""
    world.at("2021-12-10T00:00Z")
    rid = flight_over_canada(world)
    world.at("2021-12-17T23:59:59Z")
    assert list_requests(world.deu)[0]["may_deliver"] is True
    world.at("2021-12-18T00:00Z")
    listed = list_requests(world.deu)[0]
    assert (listed["record"], listed["may_deliver"]) == (rid, False)
    assert listed["findings"][0]["verdict"] == "silent"
    assert [u["reading"] for u in listed["findings"][0]["under"]] == ["withhold", "deliver"]
    with pytest.raises(Refused) as caught:
        deliver_copies(world.deu, to="RUS", request=rid)
    assert len(caught.value.facts["finding"]["under"]) == 2


def test_a_delivery_signed_the_day_before_is_not_sent_on_the_day_of_leaving(world):
    world.at("2021-12-10T00:00Z")
    rid = flight_over_canada(world)
    world.at("2021-12-17T23:59:59Z")
    given = deliver_copies(world.deu, to="RUS", request=rid)
    world.at("2021-12-18T00:00Z")
    with pytest.raises(Refused):
        world.deu.parcels(given["record"], "RUS")


def test_copies_come_from_the_observing_party_only(world):
    rid = ask(world)
    given = deliver_copies(world.deu, to="CAN", request=rid)
    world.send(given["record"], world.deu)
    receive_copies(world.can)
    with pytest.raises(Refused, match="DEU"):
        deliver_copies(world.can, [image(1)], to="RUS")


# what another Party delivers is not trusted


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda side: b"{", "camera and pose"),
        (lambda side: b"[" * 3000, "camera and pose"),
        (lambda side: json.dumps({**side, "flight": "OS1777"}).encode(), "camera and pose"),
        (lambda side: json.dumps({**side, "frame": {**side["frame"], "lat": "nan"}}).encode(), "lat"),
        (lambda side: json.dumps({**side, "frame": {**side["frame"], "file": "../../x.png"}}).encode(), "file name"),
        (lambda side: json.dumps({**side, "camera": {**side["camera"], "focal_mm": 0}}).encode(), "focal_mm"),
    ],
)
def test_a_delivery_with_a_spoilt_description_is_refused_and_nothing_is_kept(world, spoil, what):
    ask(world)
    item = one(world.deu, image(1))
    digest = item["assets"]["original"]["file:checksum"][4:]
    side = json.loads(world.deu.blob(item["assets"]["sidecar"]["file:checksum"][4:]))
    data = world.deu.blob(digest)
    first = world.deu.put_blob(data, type="image/png", name="f1.png")
    second = world.deu.put_blob(spoil(side), type="application/json", name="side.json")
    sent = world.deu.issue(
        "data.delivery",
        to=["CAN"],
        blobs=[first, second],
        body={"flight": "OS1901", "images": [{"id": "x", "original": first.sha256, "sidecar": second.sha256}]},
    )
    world.send(sent.rid, world.deu)
    with pytest.raises(BadFile, match=what):
        receive_copies(world.can, sent.rid)
    assert world.can.images.count() == 0


@pytest.mark.parametrize("images", [None, [], [{"original": "a" * 64}], ["x"], [{"original": [], "sidecar": {}}]])
def test_a_delivery_that_lists_no_files_of_its_own_is_refused(world, images):
    sent = world.deu.issue("data.delivery", to=["CAN"], body={"flight": "OS1901", "images": images})
    world.send(sent.rid, world.deu)
    with pytest.raises(BadFile):
        receive_copies(world.can, sent.rid)


def test_a_delivery_from_another_than_the_observing_party_is_refused(world):
    sent = world.rus.issue("data.delivery", to=["CAN"], body={"flight": "OS1901", "images": []})
    world.send(sent.rid, world.rus)
    with pytest.raises(Refused, match="DEU"):
        receive_copies(world.can, sent.rid)


def test_a_delivery_that_cannot_be_taken_holds_up_no_other(world):
    bad = world.rus.issue("data.delivery", to=["CAN"], body={"flight": "OS1901", "images": []})
    world.send(bad.rid, world.rus)
    ask(world)
    world.send(deliver_copies(world.deu, to="CAN")["record"], world.deu)
    got = receive_copies(world.can)
    assert got["new"] == 3
    assert [(p["record"], p["from"]) for p in got["problems"]] == [(bad.rid, "RUS")]


def test_export_writes_the_original_bytes_and_an_item_that_points_to_them(world, template, tmp_path):
    found = export_images(world.deu, [image(1)], tmp_path / "out")
    assert len(found["files"]) == 5
    item = json.loads((tmp_path / "out" / f"{image(1)}.json").read_text())
    original = (tmp_path / "out" / item["assets"]["original"]["href"]).read_bytes()
    assert original == (template / "frames" / "f1.png").read_bytes()
    assert verify(world.deu, str(tmp_path / "out" / item["assets"]["cog"]["href"]))["ok"]
    with pytest.raises(BadInput, match="not empty"):
        export_images(world.deu, [image(1)], tmp_path / "out")
    with pytest.raises(BadInput):
        export_images(world.deu, ["nothing"], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_stranger_cannot_answer_a_request_for_the_observing_party(world):
    from overflight.sharing.record import Ref

    rid = ask(world)
    fake = world.rus.issue("data.refusal", to=["DEU", "CAN"], refs=[Ref("answers", rid)], body={"flight": "OS1901"})
    world.send(fake.rid, world.rus)
    assert list_requests(world.deu)[0]["state"] == "open"
    assert list_requests(world.can)[0]["state"] == "open"


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
