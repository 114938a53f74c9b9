"""An offline proof leads from one record and its salt to a signed checkpoint."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import NotVerified
from overflight.sharing.checkpoint import Checkpoint, NoteKey
from overflight.sharing.log import Tree, commitment
from overflight.sharing.proof import Proof
from overflight.sharing.sign import Ed25519Signer
from overflight.sharing.tiles import tiles_of_entries

LOG = Ed25519Signer(bytes(range(32)))
KEY = NoteKey("overflight.example/DEU/log", LOG.public)
RIDS = [hashlib.sha256(bytes([n])).hexdigest() for n in range(11)]
SALTS = [bytes([n]) * 32 for n in range(11)]
ENTRIES = [commitment(s, r) for s, r in zip(SALTS, RIDS, strict=True)]
TREE = Tree(tiles_of_entries(ENTRIES), 11)
STATE = Checkpoint.sign(KEY.name, 11, TREE.root(), LOG)
PROOF = str(Proof(SALTS[6], 6, tuple(TREE.inclusion(6)), STATE.note))


def test_the_proof_is_text_in_the_published_form():
    lines = PROOF.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 6"
    assert Proof.parse(PROOF).verify(RIDS[6], KEY) == STATE
    assert str(Proof.parse(PROOF)) == PROOF


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(PROOF.encode()) * 8 - 1))
def test_no_changed_bit_verifies(bit):
    data = bytearray(PROOF.encode())
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotVerified):
        Proof.parse(bytes(data).decode("utf-8", "surrogateescape")).verify(RIDS[6], KEY)


def test_every_single_bit_of_salt_index_and_hashes_counts():
    head = PROOF.split("\n\n", 1)[0].encode()
    for bit in range(len(head) * 8):
        data = bytearray(PROOF.encode())
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotVerified):
            Proof.parse(bytes(data).decode("utf-8", "surrogateescape")).verify(RIDS[6], KEY)


def test_another_record_is_not_proved():
    with pytest.raises(NotVerified):
        Proof.parse(PROOF).verify(RIDS[5], KEY)


@pytest.mark.parametrize(
    "bad", ["", "c2sp.org/tlog-proof@v1\n", PROOF.replace("index 6", "index 06"), PROOF.replace("extra ", "extra  "),
            PROOF.replace("@v1", "@v2"), PROOF.replace("\n\n", "\n" + "A" * 43 + "=\n" * 70 + "\n"), "x" * 2_000_000],
)  # fmt: skip
def test_malformed_proofs_are_refused(bad):
    with pytest.raises(NotVerified):
        Proof.parse(bad)
