"""A Party's own node: it signs, receives and keeps records, and hands them out to their addressees only."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from overflight.app import logbook, reception
from overflight.app.clock import Clock
from overflight.app.drafts import Drafts
from overflight.app.exercise import Exercise
from overflight.app.logbook import Identity
from overflight.app.settings import Settings
from overflight.errors import BadInput, NodeBusy, NotVerified
from overflight.sharing.access import check_may_send
from overflight.sharing.parcel import Parcel
from overflight.sharing.proof import Proof
from overflight.sharing.record import RECEIPT, BlobRef, Draft, Record, Ref, read_record
from overflight.sharing.roster import Roots, Roster, verify_roster
from overflight.storage.port import BlobRow, Change, Files, NodeStore, RecordRow, RosterRow, View
from overflight.storage.port_images import ImageStore
from overflight.terms.moment import parse_moment
from overflight.terms.words import say
from overflight.treaty.regime import Regime

_URL = re.compile(r"^https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?$")


@dataclass(frozen=True)
class Stored:
    """A record as this node holds it.

    `index` is its place in its sender's log. `received_at` is when it came here, None for the
    node's own. `receipts` says which Party confirmed it when; for a record of another Party
    that is this node's own receipt.
    """

    record: Record
    index: int
    salt: bytes
    received_at: datetime | None
    receipts: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def rid(self) -> str:
        """The record's name."""
        return self.record.rid


class Node:
    """See the module.  Made by `overflight.app.wiring`; safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        *,
        identity: Identity,
        store: NodeStore,
        log_files: Files,
        blob_files: Files,
        clock: Clock,
        settings: Settings,
        roots: Roots,
        regime_on: Callable[[date], Regime],
        readings: Mapping[str, str],
        images: ImageStore,
        exercise: Exercise | None = None,
        writer: bool = True,
        on_close: Callable[[], None] = lambda: None,
    ):
        self.folder = folder
        self.identity = identity
        self.party = identity.party
        self.exercise = identity.exercise
        self.readings = dict(readings)
        self.settings = settings
        self.writer = writer
        self.images = images
        self.store = store
        self.log_files = log_files
        self.blob_files = blob_files
        self.roots = roots
        self.lock = threading.RLock()
        self._clock = clock
        self._regime_on = regime_on
        self._exercise = exercise
        self._roster_seen = 0
        self._parsed: dict[str, Record] = {}
        self._rosters: dict[bytes, Roster] = {}
        self._unpublished = True
        self._on_close = on_close
        if writer:
            with self.view() as v:
                logbook.check_newest(v, log_files, identity)
            self._refresh_roster()
            self.publish()

    # life

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store and of the writer's lock."""
        with self.lock:
            self.store.close()
            self._on_close()

    def now(self) -> datetime:
        """The time by this node's clock, UTC, whole seconds."""
        return self._clock.now()

    def keep_time(self) -> None:
        """Something was done at this time: the exercise clock stands at the time that `--now` asked for."""
        self._clock.keep()

    def regime(self) -> Regime:
        """The regime on the day of the node's clock, under the node's readings."""
        return self._regime_on(self.now().date())

    def view(self) -> AbstractContextManager[View]:
        """A consistent reading of the store."""
        return self.store.read()

    @contextmanager
    def change(self) -> Iterator[Change]:
        """A change of the store.

        Raises
        ------
        NodeBusy
            If the node was opened for reading only.
        """
        if not self.writer:
            raise NodeBusy(say("{folder} was opened for reading only", folder=self.folder))
        with self.lock, self.store.write() as c:
            yield c

    @property
    def drafts(self) -> Drafts:
        """Private notes that never leave this node."""
        return Drafts(self)

    # records

    def issue(
        self,
        kind: str,
        *,
        to: Sequence[str],
        body: Mapping[str, Any],
        info: Sequence[str] = (),
        refs: Sequence[Ref] = (),
        rules: Sequence[str] = (),
        subject: str = "",
        remarks: str = "",
        blobs: Sequence[BlobRef] = (),
        blobs_only_to: Mapping[str, Collection[str]] | None = None,
        lang: str = "en",
    ) -> Stored:
        """Sign a record and make it durable; nothing is sent here.

        Parameters
        ----------
        kind : str
            Registered kind, such as ``flight.notification``.
        to, info : sequences of Parties' codes
            Addressees, and those who get it for information.
        body : mapping
            Integers, texts, lists and mappings; no floats.
        refs : sequence of Ref
            Earlier records that this one answers, corrects, ...
        rules : sequence of str
            Paragraphs, such as ``VI.I.5``.
        blobs : sequence of BlobRef
            Files put before with `put_blob`.
        blobs_only_to : mapping, optional
            Digest of a blob -> the addressees who get the file; the others see its digest only.

        Raises
        ------
        BadInput
            If a field has not its form; nothing is stored.
        ClockBackwards
            If the clock shows an earlier time than this Party's last record.
        NotVerified
            If the stored log is damaged; nothing more is signed then.
        """
        with self.lock:
            self._refresh_roster()
            draft = Draft(kind, to, body, info, refs, rules, subject, remarks, lang, blobs)
            with self.change() as c:
                for blob in blobs:
                    if c.blob(blob.sha256) is None:
                        raise BadInput(
                            say("the file {sha256} is not in this node; put it first", sha256=blob.sha256[:12]),
                            field="blobs",
                        )
                record, row = self.append(c, draft)
                for sha256, parties in (blobs_only_to or {}).items():
                    c.set_blob_audience(record.rid, sha256, frozenset(parties))
            self.publish()
            self._parsed[record.rid] = record
            return Stored(record, row.seq, row.salt, None)

    def append(self, change: Change, draft: Draft) -> tuple[Record, RecordRow]:
        """Sign a record within a change that the caller holds; see `issue` for what can go wrong."""
        roster = self._newest_roster(change).digest
        signed = logbook.append(change, self.identity, draft, at=self.now(), roster=roster)
        self.keep_time()  # all checks have passed; if this fails, nothing is stored
        return signed

    def receive(self, parcel: bytes, *, via: str) -> Stored:
        """Check another Party's record, keep it and answer with this node's receipt.

        The same record again gives the same receipt.  A receipt that comes in is kept and
        returned itself.

        Raises
        ------
        NotVerified
            If anything about the parcel does not verify; nothing is stored.
        Refused
            If the record is not addressed to this Party, or sender or this Party is no Party on the day.
        Conflict
            If the parcel does not continue the state of the sender's log that this node holds; `held` says which.
        """
        found = Parcel.parse(parcel, limit=self.settings.parcel_max_bytes)
        return self.accept(found, via=via)

    def accept(self, parcel: Parcel, *, via: str, continues: reception.Continues | None = None) -> Stored:
        """As `receive`, for a parcel that was read; `continues` checks the log instead of the parcel's own proof."""
        with self.lock:
            self._refresh_roster()
            rid = reception.accept(self, parcel, via=via, continues=continues)
            self.publish()
            return self.record(rid)

    def records(self, *, kind: str | None = None, flight: str | None = None) -> list[Stored]:
        """Records of all Parties that this node holds, in order of arrival; optionally of one kind or flight."""
        with self.view() as v:
            rows = list(v.records(kind=kind, flight=flight))
            return self._stored(v, rows, v.receipts())

    def record(self, rid: str) -> Stored:
        """One record.

        Raises
        ------
        BadInput
            If this node does not hold it.
        """
        with self.view() as v:
            row = v.record(rid)
            if row is None:
                raise BadInput(say("this node holds no record {rid}", rid=rid[:64]), field="rid")
            return self._stored(v, [row], v.receipts(rid))[0]

    def _stored(self, view: View, rows: Sequence[RecordRow], receipts: Sequence[Any]) -> list[Stored]:
        confirmed: dict[str, dict[str, datetime]] = {}
        for r in receipts:
            confirmed.setdefault(r.rid, {})[r.party] = parse_moment(r.received_at)
        out = []
        for row in rows:
            received = parse_moment(row.received_at) if row.received_at else None
            out.append(Stored(self._read(row), row.seq, row.salt, received, confirmed.get(row.rid, {})))
        return out

    def _read(self, row: RecordRow) -> Record:
        found = self._parsed.get(row.rid)
        if found is None or found.envelope != row.envelope:
            found = self._parsed[row.rid] = read_record(row.envelope)
        return found

    # files

    def put_blob(self, data: bytes, *, type: str, name: str) -> BlobRef:
        """Keep a file under ``blobs/`` and return what a record says of it.

        Raises
        ------
        BadInput
            If it is longer than the setting `blob_max_bytes`.
        """
        if len(data) > self.settings.blob_max_bytes:
            raise BadInput(
                say(
                    "{name} has {size} bytes; at most {limit} are taken (OVERFLIGHT_BLOB_MAX_BYTES)",
                    name=name,
                    size=len(data),
                    limit=self.settings.blob_max_bytes,
                ),
                field=name,
            )
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data), type, name)
        with self.change() as c:
            if c.blob(ref.sha256) is None:
                self.blob_files.put(ref.sha256, data)
                c.add_blob(BlobRow(ref.sha256, ref.size, ref.type, ref.name))
        return ref

    def blob(self, sha256: str) -> bytes:
        """The contents of a file that this node holds.

        Raises
        ------
        BadInput
            If it holds none of that digest.
        NotVerified
            If the file no longer has that digest.
        """
        with self.view() as v:
            known = v.blob(sha256)
        data = self.blob_files.get(known.sha256) if known else None
        if data is None:
            raise BadInput(say("this node holds no file {sha256}", sha256=sha256[:64]), field="blob")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotVerified(say("blobs/{sha256} is not as it was stored", sha256=sha256))
        return data

    # other nodes

    def peers(self) -> dict[str, str]:
        """Party -> base address of its node."""
        with self.view() as v:
            return v.peers()

    def add_peer(self, party: str, url: str) -> None:
        """Set the address of another Party's node.

        Raises
        ------
        BadInput
            If the address is no plain http or https address.
        """
        if not re.fullmatch(r"[A-Z]{3}", party) or party == self.party:
            raise BadInput(say("{party!r} is no code of another Party", party=party), field="party")
        if not _URL.fullmatch(url) or len(url) > 200:
            raise BadInput(say("{url!r} is no address such as https://node.example:8443", url=url), field="url")
        with self.change() as c:
            c.put_peer(party, url.rstrip("/"))

    def undelivered(self) -> list[tuple[str, str]]:
        """Own records and the addressees who have not confirmed them, in log order; receipts need no receipt."""
        with self.view() as v:
            confirmed = {(r.rid, r.party) for r in v.receipts()}
            rows = [r for r in v.records(sender=self.party) if r.kind != RECEIPT]
            return [
                (row.rid, party)
                for row in rows
                for party in self._read(row).audience
                if (row.rid, party) not in confirmed
            ]

    def parcels(self, rid: str, to: str, *, held: int | None = None) -> list[bytes]:
        """An own record, ready to be sent to `to`: one parcel, or more where attached files need them.

        `held` is the size of this node's log that `to` holds, if it said so.

        Raises
        ------
        Refused
            If `to` is not in the record's audience, or is no Party at this moment.
        """
        stored = self.record(rid)
        check_may_send(stored.record, to, self.regime())
        return [p.encode() for p in self._parcels(stored, to, held)]

    def _parcels(self, stored: Stored, to: str, held: int | None) -> Iterator[Parcel]:
        with self.view() as v:
            tree, last = logbook.tree(v), v.last_checkpoint()
            if last is None or tree.size != last.size:
                raise NotVerified(say("the log has no checkpoint that covers it"))
            roster = next(r.envelope for r in v.rosters() if r.digest == stored.record.roster)
            known = reception.held_by(v, to, self.identity.origin) if held is None else held
            known = known if known <= tree.size else 0
            path = tuple(tree.consistency(known))
            proof = str(Proof(stored.salt, stored.index, tuple(tree.inclusion(stored.index)), last.note))
            theirs = reception.held_of(self, v, to)
            only = v.blob_audience(stored.rid)
        whole: dict[str, bytes] = {}
        for blob in stored.record.blobs:
            if to in only.get(blob.sha256, (to,)):
                if whole and sum(map(len, whole.values())) + blob.size > self.settings.parcel_blob_bytes:
                    yield Parcel(stored.record.envelope, proof, roster, known, path, theirs, whole)
                    whole = {}
                whole[blob.sha256] = self.blob(blob.sha256)
        yield Parcel(stored.record.envelope, proof, roster, known, path, theirs, whole)

    # roster and log files

    def rosters(self) -> list[Roster]:
        """Every version of the roster that this node saw, oldest first."""
        with self.view() as v:
            return [self.read_roster(r) for r in v.rosters()]

    def newest_roster(self) -> Roster:
        """The newest version of the roster that this node saw."""
        with self.view() as v:
            return self._newest_roster(v)

    def _newest_roster(self, view: View) -> Roster:
        return self.read_roster(view.rosters()[-1])

    def read_roster(self, row: RosterRow) -> Roster:
        """A stored version of the roster; each envelope is verified once in this process."""
        if row.envelope not in self._rosters:
            self._rosters[row.envelope] = verify_roster(row.envelope, self.roots)
        return self._rosters[row.envelope]

    def _refresh_roster(self) -> None:
        """Take up a newer roster of the exercise's folder, once it is there."""
        if self._exercise is None or not self.writer:
            return
        try:
            changed = self._exercise.roster_file.stat().st_mtime_ns
        except OSError:
            return
        if changed == self._roster_seen:
            return
        roster = self._exercise.roster(self.roots)
        with self.change() as c:
            if roster.version > self._newest_roster(c).version:
                c.add_roster(RosterRow(roster.digest, roster.version, roster.envelope))
        self._roster_seen = changed

    def publish(self) -> None:
        """Bring ``log/`` up to the newest checkpoint; a full disk leaves that to the next act."""
        try:
            with self.view() as v:
                logbook.publish(v, self.log_files, whole=self._unpublished)
            self._unpublished = False
        except OSError:
            self._unpublished = True

    @property
    def published(self) -> bool:
        """Whether ``log/`` shows the newest checkpoint."""
        return not self._unpublished
