"""Records: every field has its form, the name follows from the bytes, and only the sender's key signs."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput, NotVerified, OverflightError
from overflight.sharing.canonical import encode_checked
from overflight.sharing.envelope import RECORD_TYPE, seal
from overflight.sharing.record import BlobRef, Draft, Ref, make_payload, read_record, sign_record, verify_signature
from overflight.sharing.sign import Ed25519Signer, PublicKey

SIGNER = Ed25519Signer(bytes(range(32)))
KEY = PublicKey("DEU/1/ed25519", "ed25519", SIGNER.public)
AT = datetime(2021, 5, 12, 8, tzinfo=UTC)
RID = "ab" * 32
DRAFT = Draft(
    kind="flight.notification",
    to=["RUS", "BLR"],
    info=["CAN", "RUS"],
    body={"flight": "OS1001", "lon_e7": 372000000, "note": "Минск — Å"},
    refs=[Ref("answers", RID)],
    rules=["VI.I.5"],
    subject="Notification",
    remarks="",
    blobs=[BlobRef(RID, 5, "image/tiff; application=geotiff", "a.tif")],
)


def payload(draft=DRAFT, **more):
    fields = {
        "sender": "DEU", "seq": 4, "at": AT, "heads": [("overflight.example/RUS/log", 2, RID)], "roster": RID,
        "key": KEY.id,
    }  # fmt: skip
    return make_payload(draft, **{**fields, **more})


RECORD = sign_record(payload(), KEY.id, SIGNER)


def test_a_record_says_what_was_signed():
    again = read_record(RECORD.envelope)
    assert again == RECORD
    verify_signature(again, KEY)
    assert (again.from_, again.to, again.info, again.seq, again.at) == ("DEU", ("BLR", "RUS"), ("CAN",), 4, AT)
    assert again.audience == ("BLR", "CAN", "RUS")
    assert again.flight == "OS1001"
    assert again.body["note"] == "Минск — Å"


def test_the_name_of_a_record_depends_on_its_payload_only():
    """I4: the same payload, the same rid, on every machine and Python version."""
    assert read_record(seal(RECORD_TYPE, RECORD.payload, {KEY.id: SIGNER})).rid == RECORD.rid


def test_the_payload_has_exactly_the_published_fields():
    assert " ".join(sorted(json.loads(RECORD.payload))) == (
        "at blobs body from heads info key kind lang refs remarks roster rules seq subject to v"
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(RECORD.payload) * 8 - 1))
def test_no_changed_bit_of_the_payload_verifies(bit):
    """I2, with the old signature around the changed payload."""
    from overflight.sharing.envelope import Envelope, open_envelope

    data = bytearray(RECORD.payload)
    data[bit // 8] ^= 1 << bit % 8
    bent = Envelope(RECORD_TYPE, bytes(data), open_envelope(RECORD.envelope, RECORD_TYPE).signatures)
    with pytest.raises(NotVerified):
        verify_signature(read_record(bent.encode()), KEY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("v", True),
        ("kind", "Flight"),
        ("kind", "flight.notification.x"),
        ("kind", ""),
        ("from", "Germany"),
        ("to", ["RUS", "BLR"]),  # not in order
        ("to", ["RUS", "RUS"]),
        ("to", "RUS"),
        ("to", ["*"]),
        ("info", ["rus"]),
        ("seq", -1),
        ("seq", "4"),
        ("seq", True),
        ("at", "2021-05-12T08:00:00+00:00"),
        ("at", "2021-05-12T08:00Z"),
        ("at", "2021-02-30T08:00:00Z"),
        ("rules", [""]),
        ("refs", [{"rel": "answers", "rid": "xyz"}]),
        ("refs", [{"rel": "answers", "rid": RID, "more": 1}]),
        ("heads", [["b", 1, RID], ["a", 1, RID]]),
        ("heads", [["a", -1, RID]]),
        ("roster", RID.upper()),
        ("lang", "English"),
        ("subject", 5),
        ("remarks", "x" * 20_001),
        ("body", []),
        ("blobs", [{"sha256": RID, "size": 5, "type": "image/tiff", "name": "../a"}]),
        ("blobs", [{"sha256": RID, "size": 5, "type": "nonsense", "name": "a"}]),
        ("blobs", [{"sha256": RID, "size": -5, "type": "image/tiff", "name": "a"}]),
    ],
)
def test_a_signed_record_with_an_odd_field_is_refused_and_the_field_named(field, value):
    fields = {**json.loads(RECORD.payload), field: value}
    with pytest.raises(NotVerified) as error:
        read_record(seal(RECORD_TYPE, encode_checked(fields), {KEY.id: SIGNER}))
    assert (error.value.field or "").startswith(field)


def test_a_missing_or_further_field_is_refused():
    fields = json.loads(RECORD.payload)
    for bad in ({**fields, "extra": 1}, {k: v for k, v in fields.items() if k != "remarks"}):
        with pytest.raises(NotVerified, match="17 fields"):
            read_record(seal(RECORD_TYPE, encode_checked(bad), {KEY.id: SIGNER}))


@pytest.mark.parametrize(
    "draft",
    [
        Draft("flight.notification", ["RUSSIA"], {}),
        Draft("NOTICE", ["RUS"], {}),
        Draft("letter", ["RUS"], {"height": 1.5}),
        Draft("letter", ["RUS"], {"text": "x" * (1 << 20)}),
        Draft("letter", ["RUS"], {}, refs=[Ref("answers", "1")]),
    ],
)
def test_a_draft_that_cannot_be_a_record_is_bad_input(draft):
    with pytest.raises(BadInput):
        payload(draft)


def test_only_the_sender_s_own_key_signs():
    for key in (
        PublicKey("DEU/1/ed25519", "ed25519", Ed25519Signer(bytes(32)).public),
        PublicKey("RUS/1/ed25519", "ed25519", SIGNER.public),
        PublicKey("DEU/2/ed25519", "ed25519", SIGNER.public),
    ):
        with pytest.raises(NotVerified):
            verify_signature(RECORD, key)
    forged = sign_record(payload(sender="RUS"), KEY.id, SIGNER)
    with pytest.raises(NotVerified, match="not a key of RUS"):
        verify_signature(forged, KEY)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_sentence_and_never_another_kind_of_error(data):
    with pytest.raises(OverflightError):
        read_record(data)
