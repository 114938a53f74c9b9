"""Signed notes: a published example verifies, no changed one does, further lines are tolerated."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadData, NotVerified
from overflight.sharing.checkpoint import Checkpoint, NoteKey, sign_note, verify_note
from overflight.sharing.sign import Ed25519Signer, to_base64

# The example of the Go package golang.org/x/mod/sumdb/note, from which C2SP took the format.
EXAMPLE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
EXAMPLE_KEY = NoteKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
SIGNER = Ed25519Signer(bytes(range(32)))
ORIGIN = "overflight.example/AAA/log"
KEY = NoteKey(ORIGIN, SIGNER.public)
STATE = Checkpoint.sign(ORIGIN, 7, bytes(32), SIGNER)
OTHER_LINE = f"— witness.example {to_base64(b'abcd' + bytes(72))}\n"


def test_the_published_example_verifies():
    text, others = verify_note(EXAMPLE, EXAMPLE_KEY)
    assert text.startswith("If you think cryptography")
    assert others == 0


def test_a_checkpoint_is_three_lines_and_one_signature():
    assert STATE.note.split("\n")[:4] == [ORIGIN, "7", to_base64(bytes(32)), ""]
    assert Checkpoint.verify(STATE.note, KEY) == STATE
    assert str(NoteKey.parse(str(KEY))) == str(KEY)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(STATE.note.encode()) * 8 - 1))
def test_no_changed_bit_verifies(bit):
    data = bytearray(STATE.note.encode())
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotVerified):
        Checkpoint.verify(bytes(data).decode("utf-8", "surrogateescape"), KEY)


def test_further_signature_lines_are_tolerated_up_to_64():
    assert verify_note(STATE.note + OTHER_LINE * 63, KEY)[1] == 63
    assert Checkpoint.verify(OTHER_LINE.join(STATE.note.rsplit("\n\n", 1)[0:1]) + "\n\n" + OTHER_LINE +
                             STATE.note.rsplit("\n\n", 1)[1], KEY).size == 7  # fmt: skip
    with pytest.raises(NotVerified, match="64"):
        verify_note(STATE.note + OTHER_LINE * 64, KEY)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "\n\n",
        STATE.note[:-1],
        STATE.note + "\n",
        STATE.note + "— nonsense\n",
        STATE.note + "- " + OTHER_LINE[2:],
        STATE.note + OTHER_LINE.replace("=", ""),
        STATE.note.replace("\n7\n", "\n07\n"),
        STATE.note.replace("\n", "\r\n"),
        STATE.note + STATE.note.split("\n\n")[1],  # signed twice
        sign_note(f"{ORIGIN}\n7\n{to_base64(bytes(32))}\nextension\n", KEY, SIGNER),
        sign_note(f"{ORIGIN}x\n7\n{to_base64(bytes(32))}\n", KEY, SIGNER),
        sign_note(f"{ORIGIN}\n-7\n{to_base64(bytes(32))}\n", KEY, SIGNER),
        sign_note(f"{ORIGIN}\n7\n{to_base64(bytes(31))}\n", KEY, SIGNER),
        "x" * 600_000,
    ],
)
def test_malformed_notes_are_refused(bad):
    with pytest.raises(NotVerified):
        Checkpoint.verify(bad, KEY)


def test_another_log_s_key_does_not_verify():
    with pytest.raises(NotVerified, match="exactly one signature"):
        Checkpoint.verify(STATE.note, NoteKey(ORIGIN, Ed25519Signer(bytes(32)).public))


@pytest.mark.parametrize(
    "bad", ["", "a+b+c", str(KEY)[:-4], str(KEY).replace("+", "-"), str(KEY).replace("AAA", "BBB")]
)
def test_a_malformed_note_key_is_bad_data(bad):
    with pytest.raises(BadData):
        NoteKey.parse(bad)
