"""Keys and signatures.  The algorithm always comes from the roster's key, never from a message."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from overflight.errors import BadData, NotVerified
from overflight.terms.words import say

ED25519 = "ed25519"
ALGORITHMS = frozenset({ED25519})
_KEY_ID = re.compile(r"^([A-Z]{3}|root)/([1-9][0-9]{0,5})/([a-z0-9-]{1,20})$")


class Signer(Protocol):
    """Holds a private key; a hardware token can stand behind it."""

    @property
    def public(self) -> bytes:
        """The raw public key."""

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`."""


@dataclass(frozen=True)
class Ed25519Signer:
    """A private Ed25519 key kept in memory (RFC 8032)."""

    secret: bytes  # 32 bytes

    @classmethod
    def make(cls) -> Ed25519Signer:
        """A new key from the system's random numbers."""
        key = Ed25519PrivateKey.generate()
        return cls(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        key = Ed25519PrivateKey.from_private_bytes(self.secret)
        return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, 64 bytes, always the same for the same message."""
        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)

    def __repr__(self) -> str:
        return "Ed25519Signer(...)"  # never print a private key


@dataclass(frozen=True)
class PublicKey:
    """A key of the roster: its id ``PARTY/epoch/algorithm``, its algorithm, its raw bytes."""

    id: str
    algorithm: str
    public: bytes

    def __post_init__(self) -> None:
        form = _KEY_ID.fullmatch(self.id)
        if not form or form.group(3) != self.algorithm or self.algorithm not in ALGORITHMS or len(self.public) != 32:
            raise BadData(say("key {id!r} is no Ed25519 key PARTY/epoch/ed25519 of 32 bytes", id=self.id[:60]))

    @property
    def owner(self) -> str:
        """The Party, or ``root``."""
        return self.id.split("/", 1)[0]

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check `signature` over `message`.

        Raises
        ------
        NotVerified
            If this key did not make it.
        """
        if not verifies(self.public, message, signature):
            raise NotVerified(say("the signature of key {id} does not verify", id=self.id), key=self.id)


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 key `public` signed `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that DSSE version 1 signs: type and payload, each with its length before it."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def to_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: object, what: str, *, size: int | None = None) -> bytes:
    """The bytes behind standard base64, which has one spelling only.

    Raises
    ------
    NotVerified
        If the text is no base64, not its one spelling, or not `size` bytes.
    """
    try:
        if not isinstance(text, str):
            raise TypeError
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, TypeError, binascii.Error):
        raise NotVerified(say("{what} is no base64", what=what)) from None
    if to_base64(data) != text:
        raise NotVerified(say("{what} is base64 in a second spelling", what=what))
    if size is not None and len(data) != size:
        raise NotVerified(say("{what} has {found} bytes, not {size}", what=what, found=len(data), size=size))
    return data
