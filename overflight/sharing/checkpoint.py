"""Signed notes and checkpoints: the state of a log in three lines, signed (C2SP signed-note, tlog-checkpoint)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from overflight.errors import BadData, NotVerified
from overflight.sharing.sign import Signer, from_base64, to_base64, verifies
from overflight.terms.words import say

ED25519_LINE = 0x01
MOST_SIGNATURES = 64
LONGEST_NOTE_BYTES = 512 * 1024  # 64 lines of post-quantum signatures
_NAME = re.compile(r"^[^\s+]{1,200}$")
_SIZE = re.compile(r"^(0|[1-9][0-9]{0,15})$")


@dataclass(frozen=True)
class NoteKey:
    """A public key that signs notes, printed as ``name+hash+base64(type || key)``."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes that stand before each signature of this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([ED25519_LINE]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{to_base64(bytes([ED25519_LINE]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """Read the printed form.

        Raises
        ------
        BadData
            If it is no Ed25519 note key, or its hash does not belong to it.
        """
        name, _, rest = text.partition("+")
        printed, _, key = rest.partition("+")
        try:
            raw = from_base64(key, "key", size=33)
        except NotVerified as error:
            raise BadData(error.message) from None
        found = cls(name, raw[1:])
        if raw[0] != ED25519_LINE or found.hash.hex() != printed or not _NAME.fullmatch(name):
            raise BadData(say("{text!r} is no Ed25519 note key", text=text[:80]))
        return found


def sign_note(text: str, key: NoteKey, signer: Signer) -> str:
    """The note with one signature line of type 0x01."""
    return f"{text}\n— {key.name} {to_base64(key.hash + signer.sign(text.encode()))}\n"


def verify_note(note: str, key: NoteKey) -> tuple[str, int]:
    """The signed text, and how many further signature lines of other keys it carries.

    Raises
    ------
    NotVerified
        If the note is malformed, `key` did not sign it, or it signed twice or wrongly.
    """
    if len(note.encode("utf-8", "surrogatepass")) > LONGEST_NOTE_BYTES:
        raise NotVerified(say("a signed note of more than {limit} bytes is not read", limit=LONGEST_NOTE_BYTES))
    if any(c < " " and c != "\n" for c in note) or any("\ud800" <= c <= "\udfff" for c in note):
        raise NotVerified(say("the signed note holds control characters"))
    cut = note.rfind("\n\n")
    if cut < 0 or not note.endswith("\n"):
        raise NotVerified(say("the signed note has no signature lines"))
    text, lines = note[: cut + 1], note[cut + 2 : -1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NotVerified(say("more than {limit} signature lines", limit=MOST_SIGNATURES))
    ours = others = 0
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "—" or not _NAME.fullmatch(name):
            raise NotVerified(say("a signature line of the note is malformed"))
        raw = from_base64(encoded, "signature line")
        if len(raw) < 5:
            raise NotVerified(say("a signature line of the note is malformed"))
        if name == key.name and raw[:4] == key.hash:
            if not verifies(key.public, text.encode(), raw[4:]):
                raise NotVerified(say("the log's signature on the checkpoint of {name} does not verify", name=name))
            ours += 1
        else:
            others += 1
    if ours != 1:
        raise NotVerified(
            say("the note needs exactly one signature of {name}, and has {ours}", name=key.name, ours=ours)
        )
    return text, others


@dataclass(frozen=True)
class Checkpoint:
    """A log's name, size and root, and the note that signs them."""

    origin: str
    size: int
    root: bytes
    note: str

    @classmethod
    def sign(cls, origin: str, size: int, root: bytes, signer: Signer) -> Checkpoint:
        """Sign the state of a log with the log's own key."""
        text = f"{origin}\n{size}\n{to_base64(root)}\n"
        return cls(origin, size, root, sign_note(text, NoteKey(origin, signer.public), signer))

    @classmethod
    def verify(cls, note: str, key: NoteKey) -> Checkpoint:
        """Read a checkpoint that the log `key` signed.

        Raises
        ------
        NotVerified
            If it is malformed or not signed by that log.
        """
        text, _ = verify_note(note, key)
        return cls.read(text, note, key.name)

    @classmethod
    def read(cls, text: str, note: str, origin: str) -> Checkpoint:
        """The three lines; further lines are not part of this log's form."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or lines[0] != origin or not _SIZE.fullmatch(lines[1]):
            raise NotVerified(say("the checkpoint is not three lines: {origin}, size, root", origin=origin))
        return cls(origin, int(lines[1]), from_base64(lines[2], "root", size=32), note)

    @property
    def head(self) -> tuple[str, int, str]:
        """Origin, size and root as they stand in a record's `heads`."""
        return (self.origin, self.size, self.root.hex())
