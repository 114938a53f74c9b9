"""How the log lies in files: C2SP tlog-tiles, tiles of 256 hashes and bundles of 256 entries."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from overflight.errors import NotVerified
from overflight.sharing.log import leaf_hash
from overflight.terms.words import say

WIDTH = 256
ENTRY_BYTES = 32
_PATH = re.compile(r"^tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?$")


@dataclass(frozen=True, order=True)
class Tile:
    """One file: level (-1 for the entries themselves), index within the level, number of hashes or entries."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Below the log's prefix, such as ``tile/0/x001/x234/067.p/5``."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        name = "/".join([*(f"x{p}" for p in parts[:-1]), parts[-1]])
        level = "entries" if self.level < 0 else str(self.level)
        return f"tile/{level}/{name}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @classmethod
    def parse(cls, path: str) -> Tile | None:
        """The tile that a path names in its one spelling, or None."""
        found = _PATH.fullmatch(path)
        if not found:
            return None
        level = -1 if found.group(1) == "entries" else int(found.group(1))
        tile = cls(level, int(found.group(2).replace("x", "").replace("/", "")), int(found.group(3) or WIDTH))
        return tile if tile.path == path and tile.width <= WIDTH else None

    @property
    def full(self) -> Tile:
        """The tile that takes this one's place once it is full."""
        return Tile(self.level, self.index, WIDTH)


def edge(size: int) -> list[Tile]:
    """The rightmost tile of every level, and the rightmost entry bundle, of a log of `size` entries."""
    out: list[Tile] = []
    level, count = 0, size
    while count:
        out.append(Tile(level, (count - 1) // WIDTH, (count - 1) % WIDTH + 1))
        count //= WIDTH
        level += 1
    return [Tile(-1, out[0].index, out[0].width), *out] if out else []


def expected(sizes: Iterable[int]) -> set[Tile]:
    """All files of a log that signed checkpoints of these sizes; a partial tile goes once the full one is there."""
    signed = sorted(set(sizes))
    if not signed or not signed[-1]:
        return set()
    out: set[Tile] = set()
    level, count = 0, signed[-1]
    while count:
        full = {Tile(level, n, WIDTH) for n in range(count // WIDTH)}
        out |= full
        if level == 0:
            out |= {Tile(-1, t.index, WIDTH) for t in full}
        count //= WIDTH
        level += 1
    for size in signed:
        out |= {t for t in edge(size) if t.width < WIDTH and t.full not in out}
    return out


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length as two bytes, big-endian."""
    return b"".join(struct.pack(">H", len(e)) + e for e in entries)


def decode_entries(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle.

    Raises
    ------
    NotVerified
        If the bundle does not hold exactly `width` entries of 32 bytes.
    """
    step = 2 + ENTRY_BYTES
    entries = [data[i + 2 : i + step] for i in range(0, len(data), step)]
    if len(entries) != width or encode_entries(entries) != data or any(len(e) != ENTRY_BYTES for e in entries):
        raise NotVerified(say("an entry bundle does not hold {width} entries of 32 bytes", width=width))
    return entries


def tiles_of_entries(entries: Sequence[bytes]) -> Callable[[int, int, int], list[bytes]]:
    """A tile reader over all entries of a log, held in memory."""
    from overflight.sharing.log import fold

    rows: list[list[bytes]] = [[leaf_hash(e) for e in entries]]
    while len(rows[-1]) >= WIDTH:
        below = rows[-1]
        rows.append([fold(below[i : i + WIDTH]) for i in range(0, len(below) - WIDTH + 1, WIDTH)])

    def tile(level: int, index: int, width: int) -> list[bytes]:
        row = rows[level] if level < len(rows) else []
        return row[index * WIDTH : index * WIDTH + width]

    return tile
