"""The roster counts when two of its three pinned root keys signed it."""

from dataclasses import replace

import pytest

from overflight.errors import BadData, NotVerified
from overflight.sharing.checkpoint import NoteKey
from overflight.sharing.envelope import ROSTER_TYPE, Envelope, open_envelope, seal
from overflight.sharing.roster import Enrolled, Roots, Roster, sign_roster, verify_roster
from overflight.sharing.sign import Ed25519Signer, PublicKey

ROOTS = {f"root/{n}/ed25519": Ed25519Signer(bytes([n]) * 32) for n in (1, 2, 3)}
KEYS = tuple(PublicKey(name, "ed25519", s.public) for name, s in ROOTS.items())


def enrolled(code, fill):
    signer = Ed25519Signer(bytes([fill]) * 32)
    key = PublicKey(f"{code}/1/ed25519", "ed25519", signer.public)
    return Enrolled(code, (key,), NoteKey(f"overflight.example/{code}/log", signer.public))


EMPTY = Roster("open-skies", "ex-1", 1, "2021-05-12T08:00:00Z", 2, KEYS, ())
PIN = Roots(KEYS, 2)
TWO = dict(list(ROOTS.items())[:2])
SIGNED = sign_roster(EMPTY.with_party(enrolled("DEU", 9), at="2021-05-12T08:00:00Z"), TWO)


def test_two_of_three_root_keys_suffice_whichever_they_are():
    for pair in (("1", "2"), ("1", "3"), ("2", "3")):
        signers = {f"root/{n}/ed25519": ROOTS[f"root/{n}/ed25519"] for n in pair}
        assert sign_roster(SIGNED, signers).digest == SIGNED.digest


def test_one_root_key_does_not_suffice():
    with pytest.raises(NotVerified, match="1 of 2"):
        sign_roster(SIGNED, dict(list(ROOTS.items())[:1]))


def test_other_root_keys_than_the_pinned_ones_are_refused_however_many_sign():
    mine = {f"root/{n}/ed25519": Ed25519Signer(bytes([n + 50]) * 32) for n in (1, 2, 3)}
    keys = tuple(PublicKey(name, "ed25519", s.public) for name, s in mine.items())
    other = sign_roster(replace(SIGNED, roots=keys), mine)
    assert verify_roster(other.envelope, None).parties == SIGNED.parties
    with pytest.raises(NotVerified, match="other root keys"):
        verify_roster(other.envelope, PIN)


def test_a_lower_threshold_written_by_one_key_holder_is_refused():
    """A roster that says threshold 1 must still have been signed by two to become the newest of an exercise."""
    lowered = replace(SIGNED, threshold=1)
    with pytest.raises(NotVerified, match="1 of 2"):
        verify_roster(sign_roster(lowered, dict(list(ROOTS.items())[:1])).envelope, PIN)


def test_no_changed_byte_verifies():
    for at in range(0, len(SIGNED.envelope), 3):
        data = bytearray(SIGNED.envelope)
        data[at] ^= 1
        with pytest.raises(NotVerified):
            verify_roster(bytes(data), PIN)


def test_a_party_is_entered_once_and_each_entry_is_a_new_version():
    both = SIGNED.with_party(enrolled("CAN", 8), at="2021-05-12T09:00:00Z")
    assert [p.code for p in both.parties] == ["CAN", "DEU"]
    assert both.version == SIGNED.version + 1
    with pytest.raises(BadData, match="DEU"):
        SIGNED.with_party(enrolled("DEU", 7), at="2021-05-12T09:00:00Z")


def test_keys_and_logs_are_found_by_name_and_nothing_else_is():
    assert SIGNED.key("DEU/1/ed25519").owner == "DEU"
    assert SIGNED.party_of("overflight.example/DEU/log") == "DEU"
    assert SIGNED.party_of("overflight.example/RUS/log") is None
    for ask in (lambda: SIGNED.key("DEU/2/ed25519"), lambda: SIGNED.enrolled("RUS")):
        with pytest.raises(NotVerified):
            ask()


@pytest.mark.parametrize(
    "payload",
    [b"{}", b"[]", b"1", b'{"v":1}', SIGNED.payload.replace(b'"threshold":2', b'"threshold":4'),
     SIGNED.payload.replace(b'"code":"DEU"', b'"code":"RUS"'), SIGNED.payload.replace(b'"version":2', b'"version":0'),
     SIGNED.payload.replace(b'"exercise":"ex-1"', b'"exercise":"EX 1"')],
)  # fmt: skip
def test_odd_rosters_are_refused_even_when_signed(payload):
    with pytest.raises(NotVerified):
        verify_roster(seal(ROSTER_TYPE, payload, TWO), PIN)


def test_a_record_s_envelope_is_no_roster():
    opened = open_envelope(SIGNED.envelope, ROSTER_TYPE)
    with pytest.raises(NotVerified):
        verify_roster(
            Envelope("application/vnd.overflight.record+json", *[opened.payload, opened.signatures]).encode(), PIN
        )
