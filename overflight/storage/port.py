"""What a node asks of its store, in our words.  Every store passes the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class RecordRow:
    """A record as it was signed, what proves it, and how it came here.

    `arrival` counts all records of this node from 0.  For the node's own records
    `proof`, `received_at` and `via` are empty: the proof is made from the log when asked for.
    """

    arrival: int
    rid: str
    sender: str
    seq: int
    kind: str
    flight: str | None
    at: str
    received_at: str | None
    via: str | None
    salt: bytes
    proof: str
    envelope: bytes


@dataclass(frozen=True)
class CheckpointRow:
    """A state of this node's log that was signed."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True)
class HeadRow:
    """The newest signed state of another Party's log that was received and verified."""

    origin: str
    size: int
    root: bytes
    note: str


@dataclass(frozen=True)
class RosterRow:
    """One version of the roster, signed."""

    digest: str
    version: int
    envelope: bytes


@dataclass(frozen=True)
class ReceiptRow:
    """Party `party` confirmed in record `receipt` that it stored record `rid`; the first such receipt.

    `party` may be this node's own, for a record that it received.
    """

    rid: str
    party: str
    receipt: str
    received_at: str


@dataclass(frozen=True)
class BlobRow:
    """A file that this node holds under ``blobs/``."""

    sha256: str
    size: int
    type: str
    name: str


class View(Protocol):
    """One consistent reading of a store."""

    def meta(self, name: str) -> str | None:
        """A setting of the node, or None."""

    def secret(self, name: str) -> bytes | None:
        """A private key, or None."""

    def record(self, rid: str) -> RecordRow | None:
        """One record, or None."""

    def record_at(self, sender: str, seq: int) -> RecordRow | None:
        """The record with that number of a sender, or None."""

    def newest_of(self, sender: str) -> RecordRow | None:
        """The record of a sender with the highest number, or None."""

    def records(
        self, *, kind: str | None = None, flight: str | None = None, sender: str | None = None
    ) -> Iterator[RecordRow]:
        """Records in order of arrival."""

    def record_count(self) -> int:
        """How many records there are."""

    def entry_count(self) -> int:
        """How many entries this node's log has."""

    def entries(self, start: int, end: int) -> list[bytes]:
        """Entries of this node's log, `end` exclusive."""

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of full subtrees of ``256**level`` entries, level from 1."""

    def checkpoints(self, *, least: int = 0) -> list[CheckpointRow]:
        """Signed states of at least `least` entries, smallest first."""

    def last_checkpoint(self) -> CheckpointRow | None:
        """The newest signed state, or None."""

    def heads(self) -> list[HeadRow]:
        """Newest heads of other logs, by origin."""

    def head(self, origin: str) -> HeadRow | None:
        """The newest head of one other log, or None."""

    def rosters(self) -> list[RosterRow]:
        """Every roster version seen, oldest first."""

    def receipts(self, rid: str | None = None) -> list[ReceiptRow]:
        """First receipts, of one record or of all."""

    def peers(self) -> dict[str, str]:
        """Party -> address."""

    def blobs(self) -> list[BlobRow]:
        """Files held, by digest."""

    def blob(self, sha256: str) -> BlobRow | None:
        """One file's row, or None."""

    def blob_audience(self, rid: str) -> dict[str, frozenset[str]]:
        """For an own record, the files that go to some addressees only: digest -> Parties."""

    def drafts(self) -> list[str]:
        """Names of private drafts, sorted."""

    def draft(self, name: str) -> bytes | None:
        """A private draft, or None."""


class Change(View, Protocol):
    """A reading in which something may be written; all of it is kept, or nothing."""

    def put_meta(self, name: str, value: str) -> None:
        """Set a setting of the node."""

    def put_secret(self, name: str, value: bytes) -> None:
        """Keep a private key."""

    def add_record(self, row: RecordRow) -> None:
        """Add a record; `Conflict` if its rid, arrival or (sender, seq) is taken."""

    def add_entry(self, index: int, entry: bytes) -> None:
        """Add the next entry of this node's log; `Conflict` if `index` is not the next."""

    def add_subtree(self, level: int, index: int, root: bytes) -> None:
        """Add the root of a subtree that became full."""

    def add_checkpoint(self, row: CheckpointRow, *, after: int) -> None:
        """Add a signed state; `Conflict` if the newest one has not `after` entries."""

    def put_head(self, row: HeadRow) -> None:
        """Set the newest head of another log."""

    def add_roster(self, row: RosterRow) -> None:
        """Keep a roster version; a known digest changes nothing."""

    def add_receipt(self, row: ReceiptRow) -> None:
        """Keep a receipt; only the first of each record and Party counts."""

    def put_peer(self, party: str, url: str) -> None:
        """Set another Party's address."""

    def add_blob(self, row: BlobRow) -> None:
        """Note a file that now lies under ``blobs/``; a known digest changes nothing."""

    def set_blob_audience(self, rid: str, sha256: str, parties: frozenset[str]) -> None:
        """State that a file of an own record goes to these addressees only."""

    def put_draft(self, name: str, data: bytes) -> None:
        """Keep a private draft."""

    def delete_draft(self, name: str) -> None:
        """Remove a private draft, if it is there."""


class NodeStore(Protocol):
    """Everything that a node must not lose, except the files under ``log/`` and ``blobs/``."""

    def read(self) -> AbstractContextManager[View]:
        """A consistent reading."""

    def write(self) -> AbstractContextManager[Change]:
        """A change; leaving the block normally makes it durable, an exception undoes it."""

    def faults(self) -> list[str]:
        """What the store itself finds wrong with its file and rows."""

    def copy_to(self, file: Path) -> None:
        """Write all of it into one new file that the SQLite adapter can open."""

    def close(self) -> None:
        """Let go of files and locks."""


class Files(Protocol):
    """A folder of files with short relative names and whole contents."""

    def names(self) -> set[str]:
        """Every file, relative with ``/``."""

    def get(self, name: str) -> bytes | None:
        """The contents, or None."""

    def put(self, name: str, data: bytes) -> None:
        """Write a whole file at once: never seen half written."""

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
