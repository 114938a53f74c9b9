"""Records on the road and under examination: bundles out and in, and verification of folders, bundles, addresses."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from overflight.app import logbook
from overflight.app.settings import Settings
from overflight.errors import BadFile, BadInput, Conflict, NotVerified, OverflightError, Refused
from overflight.sharing.access import check_may_receive, check_may_send
from overflight.sharing.bundle import CHECKPOINT, MANIFEST, Manifest, rank, read_bundle, write_bundle
from overflight.sharing.checkpoint import Checkpoint
from overflight.sharing.log import Tree, verify_consistency
from overflight.sharing.parcel import Parcel
from overflight.sharing.proof import Proof
from overflight.sharing.record import RECEIPT, BlobRef, Record, read_record, verify_signature
from overflight.sharing.report import Report
from overflight.sharing.roster import Roots, Roster, verify_roster
from overflight.sharing.tiles import Tile, decode_entries, encode_entries, tiles_of_entries
from overflight.sharing.verify import Examination
from overflight.storage.port import BlobRow, HeadRow
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored


def export_bundle(node: Node, *, to: str, since: datetime | None = None, everything: bool = False) -> bytes:
    """Pack for `to` what it has not confirmed, and all receipts for it, into one file.

    Parameters
    ----------
    node : Node
        The node that exports.
    to : str
        The Party for which the file is; only what is addressed to it goes in.
    since : datetime, optional
        Only records signed then or later.
    everything : bool
        Also what `to` has already confirmed.

    Raises
    ------
    Refused
        If `to` is no Party at this moment (IX.I.4, XV.2).
    BadInput
        If there is nothing to export.
    """
    if to == node.party:
        raise BadInput(say("{party} is this node's own Party", party=to), field="--to")
    chosen = [
        s
        for s in node.records()
        if s.record.from_ == node.party
        and to in s.record.audience
        and (everything or to not in s.receipts)
        and (since is None or s.record.at >= since)
    ]
    regime = node.regime()
    for stored in chosen:
        check_may_send(stored.record, to, regime)
    if not chosen:
        check_may_receive(node.party, to, regime)
        raise BadInput(say("there is nothing to export to {party}", party=to), field="--to")
    return _pack(node, to, chosen)


def _pack(node: Node, to: str, chosen: list[Stored]) -> bytes:
    files: dict[str, bytes] = {}
    with node.view() as v:
        last = v.last_checkpoint()
        if last is None:
            raise NotVerified(say("the log has no checkpoint"))
        tree = logbook.tree(v)
        entries = v.entries(0, last.size)
        proofs = {s.rid: Proof(s.salt, s.index, tuple(tree.inclusion(s.index)), last.note) for s in chosen}
        only = {s.rid: v.blob_audience(s.rid) for s in chosen}
        rosters = {r.digest: r for r in v.rosters()}
    newest = max(rosters.values(), key=lambda r: r.version)
    for digest in {newest.digest, *(s.record.roster for s in chosen)}:
        files[f"roster/{digest}"] = rosters[digest].envelope
    files[CHECKPOINT] = last.note.encode()
    for start in range(0, last.size, 256):
        part = entries[start : start + 256]
        files["log/" + Tile(-1, start // 256, len(part)).path] = encode_entries(part)
    for s in chosen:
        files[f"record/{s.index:010d}"] = Parcel(s.record.envelope, str(proofs[s.rid]), b"").encode()
        for blob in s.record.blobs:
            if to in only[s.rid].get(blob.sha256, (to,)):
                files[f"blob/{blob.sha256}"] = node.blob(blob.sha256)
    me = node.identity
    manifest = Manifest.make(
        files, from_=node.party, to=to, exercise=node.exercise, origin=me.origin, roster=newest.digest, key=me.key_id,
        signer=me.signer,
    )  # fmt: skip
    return write_bundle(manifest, files)


class BundleReader:
    """Reads a bundle in its order and checks each part before the next is read."""

    def __init__(self, pinned: Roots | None):
        self.pinned = pinned
        self.manifest: Manifest | None = None
        self.rosters: dict[str, Roster] = {}
        self.checkpoint: Checkpoint | None = None
        self.entries: list[bytes] = []
        self.records: list[tuple[Record, Parcel]] = []
        self._part = 0

    def take(self, name: str, data: bytes) -> None:
        """Take the next file.

        Raises
        ------
        NotVerified
            If it does not verify.
        """
        part = rank(name)
        if part > self._part:
            self._close_part(part)
        if name == MANIFEST:
            self.manifest = Manifest.read(data)
        elif part == 1:
            roster = verify_roster(data, self.pinned)
            if name != f"roster/{roster.digest}":
                raise NotVerified(say("{name} is another roster", name=name))
            self.rosters[roster.digest] = roster
        elif name == CHECKPOINT:
            self.checkpoint = Checkpoint.verify(
                data.decode("utf-8", "replace"), self._named().enrolled(self.sender).log
            )
        elif part == 3:
            tile = Tile.parse(name.removeprefix("log/"))
            if tile is None or tile.index * 256 != len(self.entries):
                raise NotVerified(say("{name} is not the next part of the log", name=name))
            self.entries += decode_entries(data, tile.width)
        elif part == 4:
            self.records.append(self._record(name, data))

    def finish(self) -> None:
        """Check what only the end shows."""
        self._close_part(99)

    @property
    def sender(self) -> str:
        """Who made the bundle, by its MANIFEST."""
        if self.manifest is None:
            raise NotVerified(say("the bundle has no MANIFEST"))
        return self.manifest.from_

    def _named(self) -> Roster:
        if self.manifest is None or self.manifest.roster not in self.rosters:
            raise NotVerified(say("the bundle lacks the roster that its MANIFEST names"))
        return self.rosters[self.manifest.roster]

    def _close_part(self, part: int) -> None:
        if self._part <= 1 < part and self.manifest is not None:
            self.manifest.verify(self._named())
        if self._part <= 2 < part and self.checkpoint is None:
            raise NotVerified(say("the bundle has no checkpoint"))
        if self._part <= 3 < part and self.checkpoint is not None:
            root = Tree(tiles_of_entries(self.entries), len(self.entries)).root()
            if (len(self.entries), root) != (self.checkpoint.size, self.checkpoint.root):
                raise NotVerified(say("the bundle's entries do not give the root that its checkpoint signs"))
        self._part = part

    def _record(self, name: str, data: bytes) -> tuple[Record, Parcel]:
        parcel = Parcel.parse(data, limit=8 << 20)
        record = read_record(parcel.envelope)
        if self.checkpoint is None or self.manifest is None:
            raise NotVerified(say("the bundle has no checkpoint"))
        roster = self.rosters.get(record.roster)
        if roster is None:
            raise NotVerified(say("{name}: the bundle lacks the roster that it cites", name=name))
        verify_signature(record, roster.key(record.key))
        proof = Proof.parse(parcel.proof)
        if proof.verify(record.rid, roster.enrolled(record.from_).log) != self.checkpoint:
            raise NotVerified(say("{name} is proved under another checkpoint than the bundle's", name=name))
        if (record.from_, name) != (self.sender, f"record/{record.seq:010d}") or proof.index != record.seq:
            raise NotVerified(say("{name} is not that record of {party}", name=name, party=self.sender))
        if self.manifest.to not in record.audience:
            raise NotVerified(say("{name} is not addressed to {party}", name=name, party=self.manifest.to))
        return record, replace(parcel, roster=roster.envelope)

    def continues(self, head: HeadRow, new: Checkpoint) -> None:
        """Check from the bundle's own entries that its log continues the state that is held."""
        if head.size > new.size:
            raise Conflict(
                say(
                    "this bundle's log ends at {size}, and state {held} is already held; ask for a newer bundle",
                    size=new.size,
                    held=head.size,
                ),
                held=head.size,
            )
        tree = Tree(tiles_of_entries(self.entries), len(self.entries))
        verify_consistency(head.size, head.root, new.size, new.root, tree.consistency(head.size))


def verify_bundle(stream: BinaryIO, *, pinned: Roots | None, limit: int) -> BundleReader:
    """Read a whole bundle and check every byte of it; nothing is stored.

    Raises
    ------
    BadFile, NotVerified
        If anything about it is wrong.
    """
    reader = BundleReader(pinned)
    for name, data in read_bundle(stream, limit=limit):
        reader.take(name, data)
    reader.finish()
    return reader


def import_bundle(node: Node, source: bytes | BinaryIO) -> Report:
    """Take up a bundle that another Party made for this node's Party.

    The whole bundle is verified before anything of it is stored; then each record is taken
    up on its own, so that one that must wait does not hold up the others.

    Returns
    -------
    Report
        `more` has `from`, `records` (rid, seq, and whether new), and `answer`: the bundle with
        this node's receipts, None when there is none.

    Raises
    ------
    BadFile, NotVerified
        If the bundle is damaged or signed otherwise; nothing was stored.
    Refused
        If it is for another Party, of an exercise that is not this node's, or its sender is no Party today.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    limit = node.settings.bundle_max_bytes
    _check_world(node, stream, limit)
    reader = verify_bundle(stream, pinned=node.roots, limit=limit)
    if reader.manifest is None or reader.manifest.to != node.party:
        raise Refused(say("this bundle is not for {party}", party=node.party), field="FILE")
    check_may_receive(reader.sender, node.party, node.regime())
    report = Report(entries=len(reader.entries), checked=len(reader.records))
    rows: list[dict[str, Any]] = []
    receipts: list[Stored] = []
    held: dict[str, BlobRef] = {}
    before = {s.rid for s in node.records()}
    for record, parcel in reader.records:
        try:
            receipt = node.accept(parcel, via="bag", continues=reader.continues)
        except OverflightError as error:
            report.problems.append(error.message)
            continue
        held.update({b.sha256: b for b in record.blobs})
        if record.kind != RECEIPT:
            receipts.append(receipt)
        rows.append({"rid": record.rid, "kind": record.kind, "seq": record.seq, "new": record.rid not in before})
    stream.seek(0)
    _keep_files(node, stream, limit, held)
    report.more = {"from": reader.sender, "to": node.party, "records": rows}
    report.more["answer"] = _pack(node, reader.sender, receipts) if receipts else None
    return report


def _check_world(node: Node, stream: BinaryIO, limit: int) -> None:
    """Say in one sentence that a bundle comes from another exercise, before its keys are looked at."""
    for name, data in read_bundle(stream, limit=limit):
        if name != MANIFEST:
            break
        found = Manifest.read(data).exercise
        if found != node.exercise:
            kind = say("exercise {id}", id=found) if found else say("operational records")
            mine = say("exercise {id}", id=node.exercise) if node.exercise else say("an operational node")
            raise Refused(say("this bundle is of {theirs}; this node is of {mine}", theirs=kind, mine=mine))
    stream.seek(0)


def _keep_files(node: Node, stream: BinaryIO, limit: int, held: Mapping[str, BlobRef]) -> None:
    for name, data in read_bundle(stream, limit=limit):
        blob = held.get(name.removeprefix("blob/")) if name.startswith("blob/") else None
        if blob is None:
            continue
        with node.change() as c:
            if c.blob(blob.sha256) is None and len(data) == blob.size:
                node.blob_files.put(blob.sha256, data)
                c.add_blob(BlobRow(blob.sha256, blob.size, blob.type, blob.name))


def verify_path(path: str | Path, *, pinned: Roots | None = None) -> Report:
    """Verify a node's folder, a bundle, or the log behind an address; nothing is changed.

    Parameters
    ----------
    path : str or Path
        A folder, a file, or an ``http://`` or ``https://`` address.
    pinned : root keys, optional
        For a bundle or an address: the root keys that must have signed the roster. Without
        them the roster shows only that all hangs together, and the report says so.

    Raises
    ------
    NoNode
        If a folder holds no node.
    BadFile
        If there is no such file.
    """
    text = str(path)
    if text.startswith(("http://", "https://")):
        from overflight.app.remote import verify_address

        return verify_address(text, pinned=pinned)
    place = Path(path)
    if place.is_dir():
        return _verify_folder(place)
    if not place.is_file():
        raise BadFile(say("{path}: there is no such folder or file", path=path), field=text)
    with place.open("rb") as stream:
        return _verify_file(stream, pinned)


def _verify_file(stream: BinaryIO, pinned: Roots | None) -> Report:
    report = Report()
    try:
        reader = verify_bundle(stream, pinned=pinned, limit=Settings.load().bundle_max_bytes)
        report.entries, report.checked = len(reader.entries), len(reader.records)
        if reader.manifest is not None:
            report.more = {"from": reader.manifest.from_, "to": reader.manifest.to}
        report.more |= roots_of(next(iter(reader.rosters.values())), pinned)
    except OverflightError as error:
        report.problems.append(error.message)
    return report


def roots_of(roster: Roster, pinned: Roots | None) -> dict[str, Any]:
    """Under which root keys a roster stands, and whether they were given from outside."""
    return {
        "exercise": roster.exercise,
        "pinned": pinned is not None,
        "roots": [hashlib.sha256(k.public).hexdigest()[:16] for k in roster.roots],
    }


def _verify_folder(folder: Path) -> Report:
    """A running node commits first and writes its files a moment later, so look again before saying so."""
    from overflight.app.wiring import snapshot

    for wait_s in (0.05, 0.1, 0.2, 0):
        try:
            with snapshot(folder) as found:
                with found.store.read() as view:
                    report = Examination(view, found.log_files, found.blob_files).run()
                report.problems += [*found.store.faults(), *found.image_faults()]
                if not found.live or not any(p.startswith(("log/", "blobs/")) for p in report.problems):
                    return report
        except NotVerified as error:
            return Report(problems=[error.message])
        time.sleep(wait_s)
    return report
