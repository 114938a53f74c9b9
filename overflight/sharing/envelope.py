"""DSSE envelopes: one payload, its type and who signed it, in one spelling only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from overflight.errors import NotVerified
from overflight.sharing.canonical import encode_checked, parse_canonical
from overflight.sharing.sign import PublicKey, Signer, from_base64, pae, to_base64
from overflight.terms.words import say

RECORD_TYPE = "application/vnd.overflight.record+json"
ROSTER_TYPE = "application/vnd.overflight.roster+json"
MANIFEST_TYPE = "application/vnd.overflight.manifest+json"
LONGEST_ENVELOPE_BYTES = 3 << 19  # a payload of 1 MiB in base64, and signatures
MOST_SIGNATURES = 16


@dataclass(frozen=True)
class Envelope:
    """A payload with its signatures; nothing about them is checked yet."""

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]  # (key id, signature)

    def encode(self) -> bytes:
        """The one encoding of this envelope."""
        return encode_checked(
            {
                "payload": to_base64(self.payload),
                "payloadType": self.payload_type,
                "signatures": [{"keyid": k, "sig": to_base64(s)} for k, s in self.signatures],
            }
        )


def seal(payload_type: str, payload: bytes, signers: Mapping[str, Signer]) -> bytes:
    """Sign `payload` with every signer (key id -> signer) and return the envelope's bytes."""
    message = pae(payload_type, payload)
    return Envelope(payload_type, payload, tuple((k, s.sign(message)) for k, s in sorted(signers.items()))).encode()


def open_envelope(encoded: bytes, payload_type: str, *, limit: int = LONGEST_ENVELOPE_BYTES) -> Envelope:
    """Read an envelope's bytes strictly; signatures are still to be verified.

    Raises
    ------
    NotVerified
        If the bytes are not exactly one envelope of that type in its one spelling.
    """
    found = parse_canonical(encoded, limit=limit)
    if not isinstance(found, dict) or set(found) != {"payload", "payloadType", "signatures"}:
        raise NotVerified(say("the envelope must hold payload, payloadType and signatures, and nothing else"))
    if found["payloadType"] != payload_type:
        raise NotVerified(
            say("the envelope holds {found!r}, not {type}", found=str(found["payloadType"])[:80], type=payload_type)
        )
    lines = found["signatures"]
    if not isinstance(lines, list) or not 1 <= len(lines) <= MOST_SIGNATURES:
        raise NotVerified(say("the envelope must have 1 to {limit} signatures", limit=MOST_SIGNATURES))
    signatures = []
    for line in lines:
        if not isinstance(line, dict) or set(line) != {"keyid", "sig"} or not isinstance(line["keyid"], str):
            raise NotVerified(say("a signature must hold keyid and sig, and nothing else"))
        signatures.append((line["keyid"], from_base64(line["sig"], "sig")))
    if [k for k, _ in signatures] != sorted({k for k, _ in signatures}):
        raise NotVerified(say("signatures must stand in the order of their key ids, each once"))
    return Envelope(payload_type, from_base64(found["payload"], "payload"), tuple(signatures))


def verify_threshold(envelope: Envelope, keys: Mapping[str, PublicKey], threshold: int) -> None:
    """Check that at least `threshold` of `keys` signed, and that no signature by one of them is wrong.

    Raises
    ------
    NotVerified
        If too few signed, one does not verify, or a signature names an unknown key.
    """
    message = pae(envelope.payload_type, envelope.payload)
    for key_id, signature in envelope.signatures:
        if key_id not in keys:
            raise NotVerified(say("key {id!r} may not sign this", id=key_id[:60]), key=key_id[:60])
        keys[key_id].verify(message, signature)
    if len(envelope.signatures) < threshold:
        raise NotVerified(
            say("{found} of {threshold} needed signatures", found=len(envelope.signatures), threshold=threshold)
        )
