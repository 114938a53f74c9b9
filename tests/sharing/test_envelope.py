"""DSSE envelopes, opened by an independent program too; no changed bit survives."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from overflight.errors import NotVerified
from overflight.sharing.canonical import encode_checked
from overflight.sharing.envelope import RECORD_TYPE, Envelope, open_envelope, seal, verify_threshold
from overflight.sharing.sign import Ed25519Signer, PublicKey, pae

SIGNER = Ed25519Signer(bytes(range(32)))
KEY = PublicKey("AAA/1/ed25519", "ed25519", SIGNER.public)
PAYLOAD = b'{"a":1}'
SEALED = seal(RECORD_TYPE, PAYLOAD, {KEY.id: SIGNER})


def check(encoded, keys=None, threshold=1):
    verify_threshold(open_envelope(encoded, RECORD_TYPE), keys or {KEY.id: KEY}, threshold)


def test_the_signed_bytes_are_those_of_dsse_version_1():
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_an_independent_program_accepts_our_envelope_and_refuses_a_changed_one():
    theirs = SSlibKey(KEY.id, "ed25519", "ed25519", {"public": SIGNER.public.hex()})
    TheirEnvelope.from_dict(json.loads(SEALED)).verify([theirs], 1)
    changed = json.loads(SEALED)
    changed["payload"] = "eyJhIjoyfQ=="
    with pytest.raises(VerificationError):
        TheirEnvelope.from_dict(changed).verify([theirs], 1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(SEALED) * 8 - 1))
def test_no_changed_bit_verifies(bit):
    data = bytearray(SEALED)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotVerified):
        check(bytes(data))


def test_every_byte_of_the_envelope_counts():
    for at in range(len(SEALED)):
        data = bytearray(SEALED)
        data[at] ^= 0x20
        with pytest.raises(NotVerified):
            check(bytes(data))


def test_a_threshold_is_a_number_of_different_keys():
    other = Ed25519Signer(bytes(32))
    keys = {KEY.id: KEY, "BBB/1/ed25519": PublicKey("BBB/1/ed25519", "ed25519", other.public)}
    both = seal(RECORD_TYPE, PAYLOAD, {KEY.id: SIGNER, "BBB/1/ed25519": other})
    check(both, keys, 2)
    with pytest.raises(NotVerified, match="1 of 2"):
        check(SEALED, keys, 2)
    opened = open_envelope(both, RECORD_TYPE)
    twice = Envelope(RECORD_TYPE, PAYLOAD, (opened.signatures[0], opened.signatures[0]))
    with pytest.raises(NotVerified, match="each once"):
        check(twice.encode(), keys, 2)


def test_a_key_that_may_not_sign_is_refused_even_beside_good_ones():
    both = seal(RECORD_TYPE, PAYLOAD, {KEY.id: SIGNER, "BBB/1/ed25519": Ed25519Signer(bytes(32))})
    with pytest.raises(NotVerified, match="may not sign"):
        check(both)


@pytest.mark.parametrize(
    "change",
    [
        {"payloadType": "application/vnd.overflight.roster+json"},
        {"payload": "eyJhIjoxfQ"},  # without padding
        {"payload": "eyJhIjoxfR=="},  # a second spelling of the same bytes
        {"payload": 1},
        {"signatures": []},
        {"signatures": [{"keyid": "x"}]},
        {"signatures": [{"keyid": "x", "sig": "", "alg": "none"}]},
        {"alg": "none"},
    ],
)
def test_odd_envelopes_are_refused(change):
    with pytest.raises(NotVerified):
        check(encode_checked({**json.loads(SEALED), **change}))


def test_the_algorithm_comes_from_the_roster_s_key_and_is_never_chosen_by_a_message():
    """I3: a key id that claims another algorithm is no key at all."""
    from overflight.errors import BadData

    for key_id, algorithm in (("AAA/1/none", "none"), ("AAA/1/ed25519", "none"), ("AAA/1/hmac", "ed25519")):
        with pytest.raises(BadData):
            PublicKey(key_id, algorithm, SIGNER.public)
    with pytest.raises(BadData):
        PublicKey("AAA/1/ed25519", "ed25519", SIGNER.public[:31])


def test_a_private_key_is_never_printed():
    assert SIGNER.secret.hex() not in repr(SIGNER)
    assert repr(SIGNER.secret) not in repr(SIGNER)
