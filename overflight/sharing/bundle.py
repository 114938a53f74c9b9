"""A bundle: records for one Party in one file, for the road without a network.

A plain ustar archive in one spelling only: the files in the order MANIFEST, roster/,
checkpoint, log/, record/, blob/, each of mode 0644 and time 0, then two empty blocks.
MANIFEST is a signed list of all others with size and digest.  Names inside are looked at,
never used as paths.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from overflight.errors import BadFile, NotVerified
from overflight.sharing.canonical import canonical, parse_canonical
from overflight.sharing.envelope import MANIFEST_TYPE, open_envelope, seal, verify_threshold
from overflight.sharing.roster import Roster
from overflight.sharing.sign import Signer
from overflight.terms.words import say

BLOCK = 512
MANIFEST = "MANIFEST"
CHECKPOINT = "checkpoint"
LONGEST_MANIFEST_BYTES = 32 << 20
MOST_FILES = 100_000
_HEX = "[0-9a-f]{64}"
_ORDER = (
    re.compile(r"^MANIFEST$"),
    re.compile(rf"^roster/{_HEX}$"),
    re.compile(r"^checkpoint$"),
    re.compile(r"^log/tile/entries/[0-9x/]{3,40}(\.p/[0-9]{1,3})?$"),
    re.compile(r"^record/[0-9]{10}$"),
    re.compile(rf"^blob/{_HEX}$"),
)


@dataclass(frozen=True)
class Manifest:
    """Who made a bundle for whom, under which roster, and what is in it."""

    from_: str
    to: str
    exercise: str | None
    origin: str
    roster: str
    key: str
    files: Mapping[str, tuple[str, int]]  # name -> sha256, size
    envelope: bytes

    @classmethod
    def make(
        cls,
        files: Mapping[str, bytes],
        *,
        from_: str,
        to: str,
        exercise: str | None,
        origin: str,
        roster: str,
        key: str,
        signer: Signer,
    ) -> Manifest:
        """Sign the list of `files`."""
        listed = {name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items()}
        payload = canonical(
            {
                "v": 1,
                "from": from_,
                "to": to,
                "exercise": exercise,
                "origin": origin,
                "roster": roster,
                "key": key,
                "files": [{"name": n, "sha256": s, "size": z} for n, (s, z) in listed.items()],
            },
            limit=LONGEST_MANIFEST_BYTES,
        )
        envelope = seal(MANIFEST_TYPE, payload, {key: signer})
        return cls(from_, to, exercise, origin, roster, key, listed, envelope)

    @classmethod
    def read(cls, envelope: bytes) -> Manifest:
        """Read a manifest strictly; `verify` checks who signed it.

        Raises
        ------
        NotVerified
            If it has not its form.
        """
        opened = open_envelope(envelope, MANIFEST_TYPE, limit=2 * LONGEST_MANIFEST_BYTES)
        found = parse_canonical(opened.payload, limit=LONGEST_MANIFEST_BYTES)
        try:
            if set(found) != {"v", "from", "to", "exercise", "origin", "roster", "key", "files"} or found["v"] != 1:
                raise KeyError
            files = {f["name"]: (f["sha256"], f["size"]) for f in found["files"]}
            texts = [found[n] for n in ("from", "to", "origin", "roster", "key")]
            if len(files) != len(found["files"]) or len(files) > MOST_FILES or not all(map(_is_text, texts)):
                raise ValueError
            for name, (sha256, size) in files.items():
                if rank(name) < 1 or not re.fullmatch(_HEX, sha256) or isinstance(size, bool) or size < 0:
                    raise ValueError
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NotVerified(say("the bundle's MANIFEST has not its form"), field=MANIFEST) from None
        return cls(
            found["from"], found["to"], found["exercise"], found["origin"], found["roster"], found["key"], files,
            envelope,
        )  # fmt: skip

    def verify(self, roster: Roster) -> None:
        """Check that the Party that the manifest names signed it, with a key of the roster it names.

        Raises
        ------
        NotVerified
            If it did not.
        """
        key = roster.key(self.key)
        if roster.digest != self.roster or roster.exercise != self.exercise or key.owner != self.from_:
            raise NotVerified(say("the MANIFEST does not fit the roster that it names"), field=MANIFEST)
        if roster.enrolled(self.from_).log.name != self.origin:
            raise NotVerified(say("the MANIFEST names another log than the roster"), field=MANIFEST)
        opened = open_envelope(self.envelope, MANIFEST_TYPE, limit=2 * LONGEST_MANIFEST_BYTES)
        verify_threshold(opened, {key.id: key}, 1)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200


def rank(name: str) -> int:
    """Which part of a bundle a name belongs to; -1 if none."""
    if not isinstance(name, str) or len(name) > 99:
        return -1
    return next((n for n, form in enumerate(_ORDER) if form.fullmatch(name)), -1)


def in_order(names: Iterable[str]) -> list[str]:
    """Names in the order of a bundle."""
    return sorted(names, key=lambda name: (rank(name), name))


def header(name: str, size: int) -> bytes:
    """The one ustar header of a regular file."""
    block = bytearray(BLOCK)
    block[0 : len(name)] = name.encode("ascii")
    block[100:124] = b"0000644\x000000000\x000000000\x00"
    block[124:136] = b"%011o\x00" % size
    block[136:148] = b"00000000000\x00"
    block[148:156] = b" " * 8
    block[156:157] = b"0"
    block[257:265] = b"ustar\x0000"
    block[329:345] = b"0000000\x000000000\x00"
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block)


def write_bundle(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """The bundle's bytes; equal files give equal bytes."""
    out = bytearray()
    for name, data in [(MANIFEST, manifest.envelope), *((n, files[n]) for n in in_order(files))]:
        out += header(name, len(data)) + data + b"\x00" * (-len(data) % BLOCK)
    return bytes(out) + b"\x00" * (2 * BLOCK)


def read_bundle(stream: BinaryIO, *, limit: int) -> Iterator[tuple[str, bytes]]:
    """Name and contents of each file, streamed; every byte of the archive is compared with its one spelling.

    Raises
    ------
    BadFile
        If it is no bundle, is cut short, or is longer than `limit` bytes.
    NotVerified
        If a file is not the one that the MANIFEST lists.
    """
    listed: Mapping[str, tuple[str, int]] = {}
    seen: list[str] = []
    total = 0
    while True:
        block = _exactly(stream, BLOCK)
        if block == bytes(BLOCK):
            break
        name, size = _name_and_size(block)
        total += size + 2 * BLOCK
        if total > limit or (name == MANIFEST and size > 2 * LONGEST_MANIFEST_BYTES):
            raise BadFile(say("the bundle is longer than {limit} bytes", limit=limit))
        if (not seen) != (name == MANIFEST):
            raise BadFile(say("a bundle begins with one MANIFEST"))
        if seen and name not in listed:
            raise NotVerified(say("{name} is not in the bundle's MANIFEST", name=name), field=name)
        data = _exactly(stream, size)
        if any(_exactly(stream, -size % BLOCK)):
            raise NotVerified(say("the padding after {name} is not empty", name=name), field=name)
        if seen and (hashlib.sha256(data).hexdigest(), size) != listed[name]:
            raise NotVerified(say("{name} is not as the bundle's MANIFEST lists it", name=name), field=name)
        if not seen:
            listed = Manifest.read(data).files
        seen.append(name)
        yield name, data
    if stream.read(BLOCK + 1) != bytes(BLOCK):
        raise NotVerified(say("the bundle does not end with two empty blocks"))
    if seen != [MANIFEST, *in_order(listed)]:
        raise NotVerified(say("the bundle lacks files of its MANIFEST, or has them in another order"))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count) if count else b""
    if len(data) != count:
        raise BadFile(say("the bundle is cut short"))
    return data


def _name_and_size(block: bytes) -> tuple[str, int]:
    try:
        name = block[:100].rstrip(b"\x00").decode("ascii")
        size = int(block[124:135].decode("ascii"), 8)
        if rank(name) < 0 or header(name, size) != block:
            raise ValueError
    except ValueError:
        raise BadFile(say("this is no bundle, or one of its headers is damaged")) from None
    return name, size
