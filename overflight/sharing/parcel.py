"""A parcel: one record on its way to one Party, with all that the Party needs to check it.

Canonical JSON: ``{v, envelope, proof, roster, continues, held, blobs}``.  `envelope` and
`roster` are the exact text of the two envelopes; `proof` is a tlog-proof with the salt;
`continues` shows that the sender's log at the proof's checkpoint continues an older state;
`held` is the size at which the sender knows the addressee's log, for the answer's proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from overflight.errors import NotVerified
from overflight.sharing.canonical import encode_checked, parse_canonical
from overflight.sharing.sign import from_base64, to_base64
from overflight.terms.words import say

_FIELDS = {"v", "envelope", "proof", "roster", "continues", "held", "blobs"}


@dataclass(frozen=True)
class Parcel:
    """See the module; `blobs` maps digest to contents."""

    envelope: bytes
    proof: str
    roster: bytes
    continues_from: int = 0
    continues_path: tuple[bytes, ...] = ()
    held: int = 0
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The one encoding of this parcel."""
        return encode_checked(
            {
                "v": 1,
                "envelope": self.envelope.decode("utf-8"),
                "proof": self.proof,
                "roster": self.roster.decode("utf-8"),
                "continues": {"size": self.continues_from, "path": [to_base64(h) for h in self.continues_path]},
                "held": self.held,
                "blobs": {digest: to_base64(data) for digest, data in self.blobs.items()},
            }
        )

    @classmethod
    def parse(cls, data: bytes, *, limit: int) -> Parcel:
        """Read a parcel of at most `limit` bytes strictly; nothing is verified yet.

        Raises
        ------
        NotVerified
            If it has not the form of a parcel.
        """
        found = parse_canonical(data, limit=limit)
        if not isinstance(found, dict) or set(found) != _FIELDS or found["v"] != 1 or isinstance(found["v"], bool):
            raise NotVerified(say("the parcel must hold exactly {fields}", fields=", ".join(sorted(_FIELDS))))
        continues, blobs = found["continues"], found["blobs"]
        if not isinstance(continues, dict) or set(continues) != {"size", "path"} or not isinstance(blobs, dict):
            raise NotVerified(say("the parcel's continues or blobs have not their form"))
        path = continues["path"]
        if not isinstance(path, list) or len(path) > 128:
            raise NotVerified(say("the parcel's consistency proof has not its form"))
        return cls(
            envelope=_text(found["envelope"]).encode(),
            proof=_text(found["proof"]),
            roster=_text(found["roster"]).encode(),
            continues_from=_size(continues["size"]),
            continues_path=tuple(from_base64(h, "consistency proof", size=32) for h in path),
            held=_size(found["held"]),
            blobs={digest: from_base64(text, "attached file") for digest, text in blobs.items()},
        )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotVerified(say("the parcel's envelope, proof and roster must be text"))
    return value


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotVerified(say("the parcel's sizes must be integers from 0"))
    return value


def held_in(data: bytes) -> int:
    """The `held` of a parcel that was verified: the size at which its sender knows the addressee's log."""
    return _size(parse_canonical(data, limit=len(data))["held"])
