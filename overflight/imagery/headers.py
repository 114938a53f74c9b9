"""What a picture's file says of itself, read before anything is decoded, so that a small file cannot ask for much.

Only the sizes are read, with a plain parser of our own that follows no pointer twice and never past the end.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from overflight.errors import BadFile
from overflight.terms.words import say


@dataclass(frozen=True)
class Header:
    """Kind, MIME type and size of a picture, as its header states them; `bits` is per pixel and all bands."""

    driver: str  # the reader's name: GTiff, PNG or JPEG
    media_type: str
    columns: int
    rows: int
    bits: int

    @property
    def decoded_bytes(self) -> int:
        """Bytes that the decoded picture fills."""
        return self.columns * self.rows * max(8, self.bits) // 8


def read_header(data: bytes, name: str) -> Header:
    """The header of a TIFF, PNG or JPEG file.

    Raises
    ------
    BadFile
        If it is another kind of file, is cut short, or its directory points outside the file or in a
        circle; the message names the file.
    """
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            return _png(data)
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg(data)
        if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            return _tiff(data)
    except _Wrong as error:
        raise BadFile(say("{file} is no whole picture: {why}", file=name, why=str(error)), field=name) from None
    except (struct.error, IndexError):
        raise BadFile(say("{file} is no whole picture: it ends inside its header", file=name), field=name) from None
    raise BadFile(say("{file} is neither TIFF, PNG nor JPEG", file=name), field=name)


class _Wrong(Exception):
    pass


def _png(data: bytes) -> Header:
    length, kind, columns, rows, depth, colour = struct.unpack(">I4sIIBB", data[8:26])
    if kind != b"IHDR" or length != 13:
        raise _Wrong(say("its first chunk is not IHDR"))
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour)
    if samples is None or depth not in (1, 2, 4, 8, 16):
        raise _Wrong(say("its colour type or depth is none of PNG"))
    at = 8
    while True:  # every chunk must lie inside the file, and the last one must be there
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        at += 12 + size
        if at > len(data):
            raise _Wrong(say("it is cut short"))
        if kind == b"IEND":
            break
    # a palette or transparency can turn one sample into four
    return Header("PNG", "image/png", columns, rows, samples * depth * (4 if colour == 3 else 1))


_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def _jpeg(data: bytes) -> Header:
    at = 2
    while True:
        if data[at] != 0xFF:
            raise _Wrong(say("a marker is missing"))
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _FRAMES:
            depth, rows, columns, samples = struct.unpack(">BHHB", data[at + 2 : at + 8])
            if data.rfind(b"\xff\xd9") < at:
                raise _Wrong(say("it is cut short"))
            return Header("JPEG", "image/jpeg", columns, rows, samples * depth)
        if marker == 0xDA or marker == 0xD9:
            raise _Wrong(say("it has no frame header"))
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        (size,) = struct.unpack(">H", data[at : at + 2])
        if size < 2:
            raise _Wrong(say("a marker segment has no length"))
        at += size


_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
MOST_DIRECTORIES = 64
MOST_TAGS = 4096
_WIDE = {256: "columns", 257: "rows", 258: "bits", 277: "samples"}


def _tiff(data: bytes) -> Header:
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    if big:
        size, zero, where = struct.unpack(order + "HHQ", data[4:16])
        if size != 8 or zero:
            raise _Wrong(say("its BigTIFF header is malformed"))
    else:
        (where,) = struct.unpack(order + "I", data[4:8])
    seen: set[int] = set()
    first: dict[str, int] | None = None
    while where:
        if where in seen:
            raise _Wrong(say("its directories point in a circle"))
        if len(seen) >= MOST_DIRECTORIES:
            raise _Wrong(say("it has more than {n} directories", n=MOST_DIRECTORIES))
        seen.add(where)
        found, where = _directory(data, where, order, big)
        if first is None:
            first = found
    if first is None or not first.get("columns") or not first.get("rows"):
        raise _Wrong(say("its first directory states no size"))
    samples = first.get("samples", 1)
    if not 1 <= samples <= 64:
        raise _Wrong(say("it has {n} bands", n=samples))
    return Header("GTiff", "image/tiff", first["columns"], first["rows"], first.get("bits", 1) * samples)


def _directory(data: bytes, where: int, order: str, big: bool) -> tuple[dict[str, int], int]:
    head, entry, inline = ("Q", "HHQ8s", 8) if big else ("H", "HHI4s", 4)
    if where < 8 or where + 2 > len(data):
        raise _Wrong(say("a directory lies outside the file"))
    head_size, entry_size = struct.calcsize(order + head), struct.calcsize(order + entry)
    (count,) = struct.unpack(order + head, data[where : where + head_size])
    start = where + head_size
    end = start + count * entry_size
    if not 1 <= count <= MOST_TAGS or end + inline > len(data):
        raise _Wrong(say("a directory is cut short or too long"))
    found: dict[str, int] = {}
    arrays: dict[int, tuple[int, ...]] = {}
    for k in range(count):
        tag, kind, number, value = struct.unpack(
            order + entry, data[start + k * entry_size : start + (k + 1) * entry_size]
        )
        size = _SIZES.get(kind, 1) * number
        if size > len(data):
            raise _Wrong(say("tag {tag} is longer than the file", tag=tag))
        if size > inline:
            (at,) = struct.unpack(order + ("Q" if big else "I"), value)
            if at + size > len(data):
                raise _Wrong(say("tag {tag} lies outside the file", tag=tag))
            value = data[at : at + size]
        letter = {1: "B", 3: "H", 4: "I", 16: "Q", 13: "I", 18: "Q"}.get(kind)
        if letter and (tag in _WIDE or tag in _PLACES):
            numbers = struct.unpack(order + letter * number, value[:size])
            if tag in _WIDE:
                found[_WIDE[tag]] = max(numbers) if numbers else 0
            else:
                arrays[tag] = numbers
    for places, sizes in ((273, 279), (324, 325)):
        for at, size in zip(arrays.get(places, ()), arrays.get(sizes, ()), strict=False):
            if at + size > len(data):
                raise _Wrong(say("it is cut short: picture data lie outside the file"))
    (following,) = struct.unpack(order + ("Q" if big else "I"), data[end : end + inline])
    return found, following


_PLACES = (273, 279, 324, 325)  # offsets and lengths of strips and tiles
