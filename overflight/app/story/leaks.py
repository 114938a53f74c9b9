"""Looks through every byte that a Party holds for words that must not have reached it.

Compressed and base64 parts are opened, as deep as they go, within limits.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
DEEPEST = 4
LONGEST_BYTES = 64 << 20


def readings_of(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes, and what they hold when decompressed or decoded from base64, to `DEEPEST` levels."""
    yield data
    if depth >= DEEPEST:
        return
    for inner in (*_inflated(data), *_decoded(data)):
        yield from readings_of(inner, depth + 1)


def _inflated(data: bytes) -> Iterator[bytes]:
    """Gzip, zlib and bare deflate streams that start where such a stream can start."""
    starts = {0, *(m.start() for m in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", data))}
    for start in sorted(starts)[:4096]:
        for window in (47, -15) if start == 0 else (47,):
            try:
                out = zlib.decompressobj(window).decompress(data[start:], LONGEST_BYTES)
            except zlib.error:
                continue
            if len(out) > 8:
                yield out


def _decoded(data: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(data):
        text = match.group().replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
        try:
            yield base64.b64decode(text[: len(text) // 4 * 4], validate=True)
        except binascii.Error:
            continue


def leaks_in(data: bytes, words: Sequence[str]) -> set[str]:
    """Which of the words stand in the bytes, in UTF-8 or UTF-16, in any reading of them."""
    wanted = {word: (word.encode(), word.encode("utf-16-le"), word.encode("unicode_escape")) for word in words}
    found: set[str] = set()
    for reading in readings_of(data):
        found |= {word for word, forms in wanted.items() if any(form in reading for form in forms)}
    return found


def leaks_of(folder: Path, words: Sequence[str]) -> list[str]:
    """``file: word`` for every word found in a file of the folder, `cache/` included."""
    out = []
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        out += [f"{file.relative_to(folder)}: {word}" for word in sorted(leaks_in(file.read_bytes(), words))]
    return out
