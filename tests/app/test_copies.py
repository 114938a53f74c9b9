"""Copies between three Parties: asked for, refused, delivered, taken into custody.  Article IX."""

import json

import pytest

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
    verify,
)
from overflight.errors import BadFile, BadInput, Refused
from tests.app.image_world import ASKS, frame, image, pictures, template, world

__all__ = ["template", "world"]  # fixtures

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
