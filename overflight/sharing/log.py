"""One append-only Merkle log per Party: hashes, roots and proofs of RFC 6962.

The tree is computed from *tiles* (see `overflight.sharing.tiles`): a function
``tile(level, index, width)`` that gives `width` neighbouring hashes, level 0 the leaf
hashes, level l the roots of full subtrees of ``256**l`` leaves.  The same code runs over
a database, over published files and over a bundle.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence

from overflight.errors import NotVerified
from overflight.terms.words import say

TileReader = Callable[[int, int, int], Sequence[bytes]]
EMPTY_ROOT = hashlib.sha256(b"").digest()
COMMIT_PREFIX = b"overflight-commit/v1\n"
SALT_BYTES = 32


def commitment(salt: bytes, rid: str) -> bytes:
    """What the log holds of a record: 32 bytes that say nothing without the salt.

    ``HMAC-SHA-256(key=salt, "overflight-commit/v1\\n" || rid)`` with `rid` as 32 raw bytes.
    """
    return hmac.new(salt, COMMIT_PREFIX + bytes.fromhex(rid), hashlib.sha256).digest()


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962: SHA-256 of 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962: SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Root of a perfect subtree over `hashes` (1, 2, 4, ... 256 of them)."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


class Tree:
    """Roots and proofs of the tree of any size that `tile` can serve."""

    def __init__(self, tile: TileReader, size: int):
        self._tile = tile
        self.size = size
        self._seen: dict[tuple[int, int], Sequence[bytes]] = {}
        self._folded: dict[tuple[int, int], bytes] = {}

    def _hashes(self, level: int, index: int) -> Sequence[bytes]:
        key = (level, index)
        if key not in self._seen:
            width = min(256, (self.size >> (8 * level)) - 256 * index)
            found = self._tile(level, index, width)
            if len(found) != width:
                raise NotVerified(
                    say(
                        "tile {level}/{index} has {found} hashes, not {width}",
                        level=level,
                        index=index,
                        found=len(found),
                        width=width,
                    )
                )
            self._seen[key] = found
        return self._seen[key]

    def _perfect(self, height: int, index: int) -> bytes:
        key = (height, index)
        if key not in self._folded:
            level, inner = divmod(height, 8)
            first = index << inner
            row = self._hashes(level, first // 256)
            at = first % 256
            self._folded[key] = fold(row[at : at + (1 << inner)])
        return self._folded[key]

    def _range(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self._perfect(height, start >> height)
        split = start + _split(count)
        return node_hash(self._range(start, split), self._range(split, end))

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` entries (default: all)."""
        size = self.size if size is None else size
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Proof that entry `index` lies in the tree of `size` entries, from leaf to root."""
        start, end = 0, self.size if size is None else size
        path: list[bytes] = []
        while end - start > 1:
            split = start + _split(end - start)
            if index < split:
                path.append(self._range(split, end))
                end = split
            else:
                path.append(self._range(start, split))
                start = split
        return path[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Proof that the tree of `old` entries is the beginning of the tree of `size` entries."""
        size = self.size if size is None else size
        return [] if old in (0, size) else self._consistency(old, 0, size, whole=True)

    def _consistency(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end - start:
            return [] if whole else [self._range(start, end)]
        split = _split(end - start)
        if old <= split:
            return [
                *self._consistency(old, start, start + split, whole=whole),
                self._range(start + split, end),
            ]
        return [
            *self._consistency(old - split, start + split, end, whole=False),
            self._range(start, start + split),
        ]


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def verify_inclusion(entry: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check an inclusion proof (RFC 9162, section 2.1.3.2).

    Raises
    ------
    NotVerified
        If the proof does not lead from `entry` at `index` to `root`.
    """
    if not 0 <= index < size:
        raise NotVerified(say("entry {index} is outside a log of {size} entries", index=index, size=size))
    fn, sn, found = index, size - 1, leaf_hash(entry)
    for sibling in path:
        if sn == 0:
            raise NotVerified(say("the inclusion proof of entry {index} is too long", index=index))
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or found != root:
        raise NotVerified(
            say("the inclusion proof does not lead from entry {index} to the root at {size}", index=index, size=size)
        )


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Check that the log of `size` entries continues the one of `old` entries (RFC 9162, section 2.1.4.2).

    Raises
    ------
    NotVerified
        If the proof does not show it.
    """
    wrong = NotVerified(
        say("the proof does not show that the log at {size} continues the log at {old}", size=size, old=old),
        old=old,
        size=size,
    )
    if old == size:
        if path or old_root != root:
            raise wrong
        return
    if old == 0:
        if path or old_root != EMPTY_ROOT:
            raise wrong
        return
    if old > size or not path:
        raise wrong
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = steps[0]
    for c in steps[1:]:
        if sn == 0:
            raise wrong
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or fr != old_root or sr != root:
        raise wrong
