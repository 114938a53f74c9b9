"""Offline proof that a record lies in its sender's log (C2SP tlog-proof, the salt in its `extra` line)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from overflight.errors import NotVerified
from overflight.sharing.checkpoint import LONGEST_NOTE_BYTES, Checkpoint, NoteKey
from overflight.sharing.log import SALT_BYTES, commitment, verify_inclusion
from overflight.sharing.sign import from_base64, to_base64
from overflight.terms.words import say

FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"^index (0|[1-9][0-9]{0,15})$")


@dataclass(frozen=True)
class Proof:
    """Salt, place in the log, hashes from leaf to root, and the checkpoint's signed note."""

    salt: bytes
    index: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        lines = [FIRST_LINE, f"extra {to_base64(self.salt)}", f"index {self.index}", *map(to_base64, self.path)]
        return "\n".join(lines) + "\n\n" + self.note

    @classmethod
    def parse(cls, text: str) -> Proof:
        """Read the text form strictly; nothing is verified yet.

        Raises
        ------
        NotVerified
            If a line has not its form.
        """
        if len(text) > LONGEST_NOTE_BYTES + 8192:
            raise NotVerified(say("the proof is too long"))
        head, gap, note = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or len(lines) < 3 or lines[0] != FIRST_LINE or not lines[1].startswith("extra "):
            raise NotVerified(say("the proof is no {form} with the salt in its extra line", form=FIRST_LINE))
        index = _INDEX.fullmatch(lines[2])
        if not index or len(lines) > 3 + 63:
            raise NotVerified(say("the proof has no index line, or too many hashes"))
        salt = from_base64(lines[1][6:], "salt", size=SALT_BYTES)
        return cls(salt, int(index.group(1)), tuple(from_base64(h, "proof", size=32) for h in lines[3:]), note)

    def verify(self, rid: str, log: NoteKey) -> Checkpoint:
        """The signed checkpoint under which the record `rid` lies in the log.

        Raises
        ------
        NotVerified
            If the log did not sign the checkpoint or the proof does not lead to its root.
        """
        checkpoint = Checkpoint.verify(self.note, log)
        verify_inclusion(commitment(self.salt, rid), self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint
