"""A record: what one Party signed, to whom, when, under which paragraphs.

The fields are those of docs/reference/records.md.  `rid` is the SHA-256 of the payload
bytes, so the same payload has the same name on every node.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from overflight.errors import BadDate, BadInput, NotVerified
from overflight.sharing.canonical import LARGEST_INTEGER, canonical, parse_canonical
from overflight.sharing.envelope import RECORD_TYPE, open_envelope, seal
from overflight.sharing.sign import PublicKey, Signer, pae
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.words import say

VERSION = 1
RECEIPT = "receipt"
EXERCISE_WORDS = "EXERCISE EXERCISE EXERCISE"
FIELDS = frozenset(
    (
        *("v", "kind", "from", "to", "info", "seq", "at", "rules", "refs", "heads", "roster"),
        *("key", "subject", "remarks", "lang", "body", "blobs"),
    )
)
_PARTY = re.compile(r"^[A-Z]{3}$")
_KIND = re.compile(r"^[a-z]{1,24}(\.[a-z][a-z-]{0,31})?$")
_WORD = re.compile(r"^[a-z][a-z-]{0,31}$")
_HEX = re.compile(r"^[0-9a-f]{64}$")
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_LANG = re.compile(r"^[a-z]{2,3}$")
_TYPE = re.compile(r"^[a-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,80}(; ?[a-z0-9-]+=[A-Za-z0-9./_-]+){0,4}$")
MOST_PARTIES, MOST_REFS, MOST_BLOBS, LONGEST_TEXT = 64, 64, 4096, 20_000


@dataclass(frozen=True)
class Ref:
    """How this record relates to an earlier one: ``answers``, ``acknowledges``, ``receipt-of`` ..."""

    rel: str
    rid: str


@dataclass(frozen=True)
class BlobRef:
    """An attached file by its digest; `name` is for people and never becomes a path."""

    sha256: str
    size: int
    type: str
    name: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in a record."""
        return {"sha256": self.sha256, "size": self.size, "type": self.type, "name": self.name}


Head = tuple[str, int, str]  # origin, size, root in hex


@dataclass(frozen=True)
class Record:
    """One signed statement of one Party. `payload` and `envelope` are the exact bytes."""

    rid: str
    kind: str
    from_: str
    to: tuple[str, ...]
    info: tuple[str, ...]
    seq: int
    at: datetime
    rules: tuple[str, ...]
    refs: tuple[Ref, ...]
    heads: tuple[Head, ...]
    roster: str
    key: str
    subject: str
    remarks: str
    lang: str
    body: Mapping[str, Any]
    blobs: tuple[BlobRef, ...]
    payload: bytes
    envelope: bytes

    @property
    def flight(self) -> str | None:
        """The OS number of the flight that the record belongs to, if it does."""
        found = self.body.get("flight")
        return found if isinstance(found, str) else None

    @property
    def audience(self) -> tuple[str, ...]:
        """Everybody to whom the record goes, without its sender."""
        return tuple(sorted({*self.to, *self.info} - {self.from_}))

    @property
    def envelope_sha256(self) -> str:
        """Digest of the envelope's bytes, as a receipt states it."""
        return hashlib.sha256(self.envelope).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The payload's fields, and the rid."""
        fields: dict[str, Any] = parse_canonical(self.payload)
        return {"rid": self.rid, **fields}


@dataclass(frozen=True)
class Draft:
    """All that a Party chooses of a record; the node adds number, time, heads, roster and key."""

    kind: str
    to: Sequence[str]
    body: Mapping[str, Any]
    info: Sequence[str] = ()
    refs: Sequence[Ref] = ()
    rules: Sequence[str] = ()
    subject: str = ""
    remarks: str = ""
    lang: str = "en"
    blobs: Sequence[BlobRef] = ()


def make_payload(
    draft: Draft, *, sender: str, seq: int, at: datetime, heads: Sequence[Head], roster: str, key: str
) -> bytes:
    """The payload bytes of a new record.

    Raises
    ------
    BadInput
        If a field has not the form of docs/reference/records.md; the message names it.
    """
    fields = {
        "v": VERSION,
        "kind": draft.kind,
        "from": sender,
        "to": sorted(set(draft.to)),
        "info": sorted(set(draft.info) - set(draft.to)),
        "seq": seq,
        "at": rfc3339(at),
        "rules": list(draft.rules),
        "refs": [{"rel": r.rel, "rid": r.rid} for r in draft.refs],
        "heads": [list(h) for h in sorted(heads)],
        "roster": roster,
        "key": key,
        "subject": draft.subject,
        "remarks": draft.remarks,
        "lang": draft.lang,
        "body": dict(draft.body),
        "blobs": [b.to_json() for b in draft.blobs],
    }
    payload = canonical(fields)
    try:
        _read(fields)
    except NotVerified as error:
        raise BadInput(error.message, field=error.field) from None
    return payload


def sign_record(payload: bytes, key_id: str, signer: Signer) -> Record:
    """The record of a payload that `make_payload` made, signed."""
    return read_record(seal(RECORD_TYPE, payload, {key_id: signer}))


def read_record(envelope: bytes) -> Record:
    """Read a record strictly; its signature is not checked here.

    Raises
    ------
    NotVerified
        If the bytes are not canonical, or a field has not its form.
    """
    opened = open_envelope(envelope, RECORD_TYPE)
    fields = parse_canonical(opened.payload)
    record = _read(fields, opened.payload, envelope)
    if [key for key, _ in opened.signatures] != [record.key]:
        raise NotVerified(say("the record names key {key} but is signed otherwise", key=record.key), field="key")
    return record


def verify_signature(record: Record, key: PublicKey) -> None:
    """Check that `key`, taken from the roster, signed the record.

    Raises
    ------
    NotVerified
        If it did not, or if it is another Party's key.
    """
    if key.owner != record.from_ or key.id != record.key:
        raise NotVerified(say("key {key} is not a key of {party}", key=key.id, party=record.from_), field="key")
    ((_, signature),) = open_envelope(record.envelope, RECORD_TYPE).signatures
    key.verify(pae(RECORD_TYPE, record.payload), signature)


def _wrong(field: str, limit: str) -> NoReturn:
    raise NotVerified(say("the record's field {field} must be {limit}", field=field, limit=limit), field=field)


def _read(fields: Any, payload: bytes = b"", envelope: bytes = b"") -> Record:
    if not isinstance(fields, dict) or set(fields) != FIELDS:
        odd = sorted(set(fields) ^ FIELDS)[:3] if isinstance(fields, dict) else []
        raise NotVerified(say("a record has exactly the 17 fields of its format; see {odd}", odd=", ".join(odd)))
    if fields["v"] != VERSION or isinstance(fields["v"], bool):
        _wrong("v", say("1"))
    kind = _matching(fields, "kind", _KIND, say("one or two small words joined by a full stop"))
    sender = _matching(fields, "from", _PARTY, say("a Party's code of three letters"))
    return Record(
        rid=hashlib.sha256(payload).hexdigest(),
        kind=kind,
        from_=sender,
        to=_parties(fields, "to"),
        info=_parties(fields, "info"),
        seq=_integer(fields, "seq"),
        at=_moment(fields, "at"),
        rules=_texts(fields, "rules", 60, MOST_REFS),
        refs=_refs(fields["refs"]),
        heads=_heads(fields["heads"]),
        roster=_matching(fields, "roster", _HEX, say("a SHA-256 digest in hex")),
        key=_text(fields, "key", 60),
        subject=_text(fields, "subject", 1000),
        remarks=_text(fields, "remarks", LONGEST_TEXT),
        lang=_matching(fields, "lang", _LANG, say("a language code such as en")),
        body=fields["body"] if isinstance(fields["body"], dict) else _wrong("body", say("an object")),
        blobs=_blobs(fields["blobs"]),
        payload=payload,
        envelope=envelope,
    )


def _text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    value = fields[name]
    if not isinstance(value, str) or len(value) > longest:
        _wrong(name, say("text of at most {limit} characters", limit=longest))
    return value


def _matching(fields: Mapping[str, Any], name: str, form: re.Pattern[str], limit: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not form.fullmatch(value):
        _wrong(name, limit)
    return value


def _integer(fields: Mapping[str, Any], name: str) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_INTEGER:
        _wrong(name, say("an integer from 0"))
    return value


def _list(value: Any, name: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        _wrong(name, say("a list of at most {limit}", limit=most))
    return value


def _texts(fields: Mapping[str, Any], name: str, longest: int, most: int) -> tuple[str, ...]:
    found = _list(fields[name], name, most)
    if not all(isinstance(t, str) and 0 < len(t) <= longest for t in found):
        _wrong(name, say("a list of texts of 1 to {limit} characters", limit=longest))
    return tuple(found)


def _parties(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = _texts(fields, name, 3, MOST_PARTIES)
    if list(found) != sorted(set(found)) or not all(_PARTY.fullmatch(p) for p in found):
        _wrong(name, say("Parties' codes in order, each once"))
    return found


def _moment(fields: Mapping[str, Any], name: str) -> datetime:
    text = _matching(fields, name, _TIME, say("a UTC time such as 2021-05-12T08:00:00Z"))
    try:
        return parse_moment(text)
    except BadDate:
        _wrong(name, say("a UTC time such as 2021-05-12T08:00:00Z"))


def _part(item: Any, name: str, fields: Sequence[str]) -> dict[str, Any]:
    if not isinstance(item, dict) or set(item) != set(fields):
        _wrong(name, say("a list of {fields}", fields=", ".join(fields)))
    return {f"{name}.{field}": value for field, value in item.items()}


def _refs(value: Any) -> tuple[Ref, ...]:
    out = []
    for item in _list(value, "refs", MOST_REFS):
        part = _part(item, "refs", ("rel", "rid"))
        rel = _matching(part, "refs.rel", _WORD, say("one small word"))
        out.append(Ref(rel, _matching(part, "refs.rid", _HEX, say("a SHA-256 digest in hex"))))
    return tuple(out)


def _heads(value: Any) -> tuple[Head, ...]:
    out: list[Head] = []
    for item in _list(value, "heads", 256):
        if not isinstance(item, list) or len(item) != 3:
            _wrong("heads", say("a list of origin, size and root"))
        part = dict(zip(("heads.origin", "heads.size", "heads.root"), item, strict=True))
        root = _matching(part, "heads.root", _HEX, say("a SHA-256 digest in hex"))
        out.append((_text(part, "heads.origin", 200), _integer(part, "heads.size"), root))
    if [h[0] for h in out] != sorted({h[0] for h in out}):
        _wrong("heads", say("in the order of their origins, each once"))
    return tuple(out)


def _blobs(value: Any) -> tuple[BlobRef, ...]:
    out = []
    for item in _list(value, "blobs", MOST_BLOBS):
        part = _part(item, "blobs", ("sha256", "size", "type", "name"))
        name = _text(part, "blobs.name", 200)
        if not name or not name.isprintable() or "/" in name or "\\" in name:
            _wrong("blobs.name", say("a plain file name"))
        out.append(
            BlobRef(
                _matching(part, "blobs.sha256", _HEX, say("a SHA-256 digest in hex")),
                _integer(part, "blobs.size"),
                _matching(part, "blobs.type", _TYPE, say("a media type such as image/tiff")),
                name,
            )
        )
    if len({b.sha256 for b in out}) != len(out):
        _wrong("blobs", say("each file once"))
    return tuple(out)
