"""The roster: which Parties' keys and logs are the right ones, signed by root keys that each node pins.

Who is a Party on a day is the dated regime's business, not the roster's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from overflight.errors import BadData, NotVerified, OverflightError
from overflight.sharing.canonical import canonical, parse_canonical
from overflight.sharing.checkpoint import NoteKey
from overflight.sharing.envelope import ROSTER_TYPE, open_envelope, seal, verify_threshold
from overflight.sharing.sign import PublicKey, Signer, from_base64, to_base64
from overflight.terms.words import say

_FIELDS = {"v", "regime", "exercise", "version", "at", "threshold", "roots", "parties"}
_EXERCISE = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
MOST_PARTIES, MOST_KEYS = 64, 64


@dataclass(frozen=True)
class Roots:
    """The root keys that a reader knows from elsewhere, and how many of them must sign."""

    keys: tuple[PublicKey, ...]
    threshold: int

    def to_json(self) -> str:
        """As a node keeps them."""
        return json.dumps({"threshold": self.threshold, "keys": [_key_json(k) for k in self.keys]})

    @classmethod
    def from_json(cls, text: str) -> Roots:
        """What `to_json` wrote.

        Raises
        ------
        BadData
            If it is something else.
        """
        try:
            found = json.loads(text)
            return cls(_keys(found["keys"]), int(found["threshold"]))
        except (KeyError, TypeError, ValueError, NotVerified):
            raise BadData(say("the pinned root keys of this node cannot be read")) from None


@dataclass(frozen=True)
class Enrolled:
    """One Party's public keys and the key of its log."""

    code: str
    keys: tuple[PublicKey, ...]
    log: NoteKey  # its name is the log's origin

    def to_json(self) -> dict[str, Any]:
        """As it stands in the roster."""
        return {
            "code": self.code,
            "keys": [_key_json(k) for k in self.keys],
            "log": {"origin": self.log.name, "vkey": str(self.log)},
        }


@dataclass(frozen=True)
class Roster:
    """One version of the roster. `envelope` holds the signed bytes; `digest` names them in records."""

    regime: str
    exercise: str | None
    version: int
    at: str
    threshold: int
    roots: tuple[PublicKey, ...]
    parties: tuple[Enrolled, ...]
    payload: bytes = b""
    envelope: bytes = b""

    @property
    def digest(self) -> str:
        """SHA-256 of the payload, in hex."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def pin(self) -> Roots:
        """Its root keys and threshold, for a node that is made under it."""
        return Roots(self.roots, self.threshold)

    def enrolled(self, code: str) -> Enrolled:
        """One Party's entry.

        Raises
        ------
        NotVerified
            If the roster has no such Party.
        """
        for party in self.parties:
            if party.code == code:
                return party
        raise NotVerified(
            say("version {version} of the roster has no key of {party}", version=self.version, party=code), party=code
        )

    def key(self, key_id: str) -> PublicKey:
        """A Party's key by its id.

        Raises
        ------
        NotVerified
            If the roster has no such key.
        """
        for party in self.parties:
            for key in party.keys:
                if key.id == key_id:
                    return key
        raise NotVerified(
            say("version {version} of the roster has no key {key!r}", version=self.version, key=key_id[:60]),
            key=key_id[:60],
        )

    def party_of(self, origin: str) -> str | None:
        """Whose log `origin` is."""
        return next((p.code for p in self.parties if p.log.name == origin), None)

    def with_party(self, party: Enrolled, *, at: str) -> Roster:
        """The next version, with `party` added; unsigned.

        Raises
        ------
        BadData
            If the roster already has that Party.
        """
        if any(p.code == party.code for p in self.parties):
            raise BadData(
                say("{party} already has keys in this roster; each Party is entered once", party=party.code),
                field="--party",
            )
        parties = tuple(sorted((*self.parties, party), key=lambda p: p.code))
        return replace(self, version=self.version + 1, at=at, parties=parties, payload=b"", envelope=b"")


def sign_roster(roster: Roster, signers: Mapping[str, Signer]) -> Roster:
    """`roster` signed by root keys (key id -> signer); at least its threshold of them.

    Raises
    ------
    NotVerified
        If too few, or others than its root keys, sign.
    """
    payload = canonical(
        {
            "v": 1,
            "regime": roster.regime,
            "exercise": roster.exercise,
            "version": roster.version,
            "at": roster.at,
            "threshold": roster.threshold,
            "roots": [_key_json(k) for k in roster.roots],
            "parties": [p.to_json() for p in roster.parties],
        }
    )
    return verify_roster(seal(ROSTER_TYPE, payload, signers), roster.pin)


def verify_roster(envelope: bytes, pinned: Roots | None) -> Roster:
    """Read a roster that enough of the `pinned` root keys signed.

    With `pinned` None the roster's own root keys are used: that shows only that it hangs
    together, not whose it is.

    Raises
    ------
    NotVerified
        If it is malformed, names other root keys, or too few of them signed it.
    """
    opened = open_envelope(envelope, ROSTER_TYPE)
    try:
        roster = _read(parse_canonical(opened.payload))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise NotVerified(say("the roster has not the form of version 1")) from None
    except OverflightError as error:
        raise NotVerified(error.message) from None
    if pinned is not None and set(roster.roots) != set(pinned.keys):
        raise NotVerified(
            say("the roster is signed under other root keys than those that this node pinned when it was made")
        )
    verify_threshold(opened, {k.id: k for k in roster.roots}, max(roster.threshold, pinned.threshold if pinned else 1))
    return replace(roster, payload=opened.payload, envelope=envelope)


def _key_json(key: PublicKey) -> dict[str, str]:
    return {"id": key.id, "algorithm": key.algorithm, "public": to_base64(key.public)}


def _key(found: Any) -> PublicKey:
    if set(found) != {"id", "algorithm", "public"}:
        raise KeyError
    return PublicKey(str(found["id"]), str(found["algorithm"]), from_base64(found["public"], "key", size=32))


def _keys(found: Any) -> tuple[PublicKey, ...]:
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_KEYS:
        raise ValueError
    keys = tuple(_key(k) for k in found)
    if len({k.id for k in keys}) != len(keys) or len({k.public for k in keys}) != len(keys):
        raise ValueError
    return keys


def _read(found: Any) -> Roster:
    if set(found) != _FIELDS or found["v"] != 1 or isinstance(found["v"], bool):
        raise KeyError
    roots = _keys(found["roots"])
    exercise, version, threshold = found["exercise"], found["version"], found["threshold"]
    if exercise is not None and not _EXERCISE.fullmatch(exercise):
        raise ValueError
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in (version, threshold)):
        raise ValueError
    if threshold > len(roots) or not isinstance(found["regime"], str) or not isinstance(found["at"], str):
        raise ValueError
    if not isinstance(found["parties"], list) or len(found["parties"]) > MOST_PARTIES:
        raise ValueError
    parties = tuple(_enrolled(p) for p in found["parties"])
    codes = [p.code for p in parties]
    if codes != sorted(set(codes)) or len({p.log.name for p in parties}) != len(parties):
        raise ValueError
    return Roster(found["regime"], exercise, version, found["at"], threshold, roots, parties)


def _enrolled(found: Any) -> Enrolled:
    if set(found) != {"code", "keys", "log"} or set(found["log"]) != {"origin", "vkey"}:
        raise KeyError
    keys, log = _keys(found["keys"]), NoteKey.parse(found["log"]["vkey"])
    if log.name != found["log"]["origin"] or any(k.owner != found["code"] for k in keys):
        raise ValueError
    return Enrolled(str(found["code"]), keys, log)
