"""A store in memory, for tests and for one run: the same contract as the SQLite file, and nothing kept."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from overflight.errors import Conflict
from overflight.storage.port import (
    BlobRow,
    Change,
    CheckpointRow,
    HeadRow,
    ReceiptRow,
    RecordRow,
    RosterRow,
    View,
)
from overflight.terms.words import say

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class _Tables:
    meta: dict[str, str] = field(default_factory=dict)
    secret: dict[str, bytes] = field(default_factory=dict)
    record: dict[str, RecordRow] = field(default_factory=dict)
    entry: list[bytes] = field(default_factory=list)
    subtree: dict[tuple[int, int], bytes] = field(default_factory=dict)
    checkpoint: dict[int, CheckpointRow] = field(default_factory=dict)
    head: dict[str, HeadRow] = field(default_factory=dict)
    roster: dict[str, RosterRow] = field(default_factory=dict)
    receipt: dict[tuple[str, str], ReceiptRow] = field(default_factory=dict)
    peer: dict[str, str] = field(default_factory=dict)
    blob: dict[str, BlobRow] = field(default_factory=dict)
    audience: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    draft: dict[str, bytes] = field(default_factory=dict)

    def copy(self) -> _Tables:
        return _Tables(**{name: copy.copy(value) for name, value in vars(self).items()})


def _new(table: dict[K, V], key: K, value: V) -> None:
    if key in table:
        raise Conflict(say("another writer came first: {key!r} is taken", key=key))
    table[key] = value


class MemoryView:
    """One reading or change over tables in memory."""

    def __init__(self, tables: _Tables):
        self._t = tables

    def meta(self, name: str) -> str | None:
        return self._t.meta.get(name)

    def secret(self, name: str) -> bytes | None:
        return self._t.secret.get(name)

    def record(self, rid: str) -> RecordRow | None:
        return self._t.record.get(rid)

    def record_at(self, sender: str, seq: int) -> RecordRow | None:
        return next((r for r in self._t.record.values() if (r.sender, r.seq) == (sender, seq)), None)

    def newest_of(self, sender: str) -> RecordRow | None:
        return max((r for r in self._t.record.values() if r.sender == sender), key=lambda r: r.seq, default=None)

    def records(
        self, *, kind: str | None = None, flight: str | None = None, sender: str | None = None
    ) -> Iterator[RecordRow]:
        for row in sorted(self._t.record.values(), key=lambda r: r.arrival):
            wanted = ((kind, row.kind), (flight, row.flight), (sender, row.sender))
            if all(asked is None or asked == found for asked, found in wanted):
                yield row

    def record_count(self) -> int:
        return len(self._t.record)

    def entry_count(self) -> int:
        return len(self._t.entry)

    def entries(self, start: int, end: int) -> list[bytes]:
        return self._t.entry[start:end]

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        return [h for (at, n), h in sorted(self._t.subtree.items()) if at == level and start <= n < end]

    def checkpoints(self, *, least: int = 0) -> list[CheckpointRow]:
        return [row for size, row in sorted(self._t.checkpoint.items()) if size >= least]

    def last_checkpoint(self) -> CheckpointRow | None:
        return self._t.checkpoint[max(self._t.checkpoint)] if self._t.checkpoint else None

    def heads(self) -> list[HeadRow]:
        return [row for _, row in sorted(self._t.head.items())]

    def head(self, origin: str) -> HeadRow | None:
        return self._t.head.get(origin)

    def rosters(self) -> list[RosterRow]:
        return sorted(self._t.roster.values(), key=lambda r: (r.version, r.digest))

    def receipts(self, rid: str | None = None) -> list[ReceiptRow]:
        return [row for (about, _), row in sorted(self._t.receipt.items()) if rid in (None, about)]

    def peers(self) -> dict[str, str]:
        return dict(sorted(self._t.peer.items()))

    def blobs(self) -> list[BlobRow]:
        return [row for _, row in sorted(self._t.blob.items())]

    def blob(self, sha256: str) -> BlobRow | None:
        return self._t.blob.get(sha256)

    def blob_audience(self, rid: str) -> dict[str, frozenset[str]]:
        return {sha256: parties for (about, sha256), parties in self._t.audience.items() if about == rid}

    def drafts(self) -> list[str]:
        return sorted(self._t.draft)

    def draft(self, name: str) -> bytes | None:
        return self._t.draft.get(name)

    def put_meta(self, name: str, value: str) -> None:
        self._t.meta[name] = value

    def put_secret(self, name: str, value: bytes) -> None:
        self._t.secret[name] = value

    def add_record(self, row: RecordRow) -> None:
        others = self._t.record.values()
        if any(row.arrival == o.arrival or (row.sender, row.seq) == (o.sender, o.seq) for o in others):
            raise Conflict(say("another writer came first: {key!r} is taken", key=row.arrival))
        _new(self._t.record, row.rid, row)

    def add_entry(self, index: int, entry: bytes) -> None:
        if index != len(self._t.entry):
            raise Conflict(say("another writer came first: entry {index} is not the next", index=index))
        self._t.entry.append(entry)

    def add_subtree(self, level: int, index: int, root: bytes) -> None:
        _new(self._t.subtree, (level, index), root)

    def add_checkpoint(self, row: CheckpointRow, *, after: int) -> None:
        if max(self._t.checkpoint, default=0) != after or row.size < after:
            raise Conflict(say("another writer came first: the log is no longer at {size}", size=after))
        _new(self._t.checkpoint, row.size, row)

    def put_head(self, row: HeadRow) -> None:
        self._t.head[row.origin] = row

    def add_roster(self, row: RosterRow) -> None:
        self._t.roster.setdefault(row.digest, row)

    def add_receipt(self, row: ReceiptRow) -> None:
        self._t.receipt.setdefault((row.rid, row.party), row)

    def put_peer(self, party: str, url: str) -> None:
        self._t.peer[party] = url

    def add_blob(self, row: BlobRow) -> None:
        self._t.blob.setdefault(row.sha256, row)

    def set_blob_audience(self, rid: str, sha256: str, parties: frozenset[str]) -> None:
        _new(self._t.audience, (rid, sha256), parties)

    def put_draft(self, name: str, data: bytes) -> None:
        self._t.draft[name] = data

    def delete_draft(self, name: str) -> None:
        self._t.draft.pop(name, None)


class MemoryStore:
    """All tables in this process."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._lock = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[View]:
        with self._lock:
            tables = self._tables.copy()
        yield cast(View, MemoryView(tables))

    @contextmanager
    def write(self) -> Iterator[Change]:
        with self._lock:
            tables = self._tables.copy()
            yield cast(Change, MemoryView(tables))
            self._tables = tables

    def faults(self) -> list[str]:
        """Nothing can change in memory without this program."""
        return []

    def copy_to(self, file: Path) -> None:
        """Memory is never backed up.

        Raises
        ------
        Conflict
            Always.
        """
        raise Conflict(say("a store in memory cannot be written to {file}", file=file))

    def close(self) -> None:
        """Nothing is held."""
