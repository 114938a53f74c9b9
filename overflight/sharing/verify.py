"""Verify all that a node holds: every record, salt and entry row, every byte under ``log/`` and ``blobs/``.

Nothing is trusted for being derived: columns, indexes, tiles and heads are computed again
from the signed bytes and compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from overflight.errors import NotVerified, OverflightError
from overflight.sharing.checkpoint import Checkpoint
from overflight.sharing.log import TileReader, Tree, commitment
from overflight.sharing.proof import Proof
from overflight.sharing.record import RECEIPT, Record, read_record, verify_signature
from overflight.sharing.report import Report
from overflight.sharing.roster import Roots, Roster, verify_roster
from overflight.sharing.sign import Ed25519Signer
from overflight.sharing.tiles import WIDTH, Tile, encode_entries, expected, tiles_of_entries
from overflight.storage.port import Files, ReceiptRow, RecordRow, View
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

MOST_PROBLEMS = 200


class Examination:
    """One verification of one node's holdings; `run` does it all."""

    def __init__(self, view: View, log: Files, blobs: Files):
        self.view, self.log, self.blobs = view, log, blobs
        self.report = Report()
        self.rosters: dict[str, Roster] = {}
        self.records: dict[str, tuple[RecordRow, Record]] = {}
        self.states: dict[str, dict[int, Checkpoint]] = {}  # origin -> size -> state seen in a proof
        self.entries: list[bytes] = []
        self.party = ""

    def run(self) -> Report:
        """Every check; what one check finds does not stop the others."""
        for step in (
            self._identity, self._entries, self._all_records, self._own_numbers, self._checkpoints,
            self._heads, self._receipts, self._audiences, self._log_files, self._blob_files,
        ):  # fmt: skip
            self._try(step)
        if len(self.report.problems) > MOST_PROBLEMS:
            rest = len(self.report.problems) - MOST_PROBLEMS
            self.report.problems[MOST_PROBLEMS:] = [say("... and {rest} more", rest=rest)]
        return self.report

    def _try(self, step: Callable[..., Any], *arguments: Any, what: str = "") -> None:
        lead = f"{what}: " if what else ""
        try:
            step(*arguments)
        except OverflightError as error:
            self._problem(lead + error.message)
        except Exception as error:  # a damaged row can raise anything while it is read
            self._problem(lead + say("cannot be read ({why})", why=f"{type(error).__name__}: {error}"[:200]))

    def _problem(self, sentence: str) -> None:
        self.report.problems.append(sentence)

    def _expect(self, found: object, wanted: object, sentence: str) -> None:
        if found != wanted:
            self._problem(sentence)

    def _identity(self) -> None:
        roots = Roots.from_json(self.view.meta("roots") or "")
        for row in self.view.rosters():
            roster = verify_roster(row.envelope, roots)
            what = say("roster version {version}", version=row.version)
            self._expect((row.digest, row.version), (roster.digest, roster.version), say("{what} differs", what=what))
            self.rosters[roster.digest] = roster
        self.party = self.view.meta("party") or ""
        newest = max(self.rosters.values(), key=lambda r: r.version)
        self._expect(self.view.meta("exercise") or None, newest.exercise, say("the exercise's name differs"))
        enrolled = newest.enrolled(self.party)
        self._expect(self.view.meta("origin"), enrolled.log.name, say("the log's name is not the roster's"))
        secrets = {"record/1": newest.key(self.view.meta("key") or "").public, "log/1": enrolled.log.public}
        for name, public in secrets.items():
            held = Ed25519Signer(self.view.secret(name) or b"").public
            self._expect(held, public, say("private key {name} does not belong to the roster", name=name))

    def _entries(self) -> None:
        count = self.view.entry_count()
        self.report.entries = count
        self.entries = self.view.entries(0, count)
        self._expect(len(self.entries), count, say("the log's entries are not numbered without gap"))
        wrong = [n for n, e in enumerate(self.entries) if len(e) != 32]
        if wrong:
            self._problem(say("entry {n} of the log has not 32 bytes", n=wrong[0]))

    def _all_records(self) -> None:
        for n, row in enumerate(self.view.records()):
            what = say("record {rid} (arrival {n})", rid=str(row.rid)[:12], n=n)
            self._expect(row.arrival, n, say("{what}: arrivals are not numbered without gap", what=what))
            self._try(self._one_record, row, what, what=what)
            self.report.checked += 1

    def _one_record(self, row: RecordRow, what: str) -> None:
        record = read_record(row.envelope)
        self.records[record.rid] = (row, record)
        mine = record.from_ == self.party
        columns = (row.rid, row.sender, row.seq, row.kind, row.flight, row.at)
        signed = (record.rid, record.from_, record.seq, record.kind, record.flight, rfc3339(record.at))
        self._expect(columns, signed, say("{what}: its columns are not those that were signed", what=what))
        roster = self.rosters.get(record.roster)
        if roster is None:
            raise NotVerified(say("the roster that it cites is missing or damaged"))
        verify_signature(record, roster.key(record.key))
        for origin, size, root in record.heads:
            seen = self.states.get(origin, {}).get(size)
            if seen is not None:
                self._expect(seen.root.hex(), root, say("{what}: it cites another state of {o}", what=what, o=origin))
        if mine:
            self._expect((row.proof, row.received_at, row.via), ("", None, None), say("{what}: odd columns", what=what))
            self._expect(
                self.entries[row.seq] if 0 <= row.seq < len(self.entries) else None,
                commitment(row.salt, record.rid),
                say("{what}: record, salt and entry {seq} of the log do not fit", what=what, seq=row.seq),
            )
        else:
            self._foreign(row, record, roster)

    def _foreign(self, row: RecordRow, record: Record, roster: Roster) -> None:
        proof = Proof.parse(row.proof)
        state = proof.verify(record.rid, roster.enrolled(record.from_).log)
        if proof.salt != row.salt or proof.index != record.seq:
            raise NotVerified(say("salt or number do not fit its proof"))
        if self.party not in record.audience:
            raise NotVerified(say("it is not addressed to {party}", party=self.party))
        if not row.received_at or not row.via:
            raise NotVerified(say("when or how it came is missing"))
        known = self.states.setdefault(state.origin, {})
        if known.setdefault(state.size, state).root != state.root:
            raise NotVerified(say("two signed states of {origin} at size {n}", origin=state.origin, n=state.size))

    def _own_numbers(self) -> None:
        own = sorted(row.seq for row, record in self.records.values() if record.from_ == self.party)
        if own != list(range(len(self.entries))):
            missing = sorted(set(range(len(self.entries))) - set(own))[:5]
            self._problem(say("own records do not cover the log's entries; missing: {missing}", missing=missing))

    def _checkpoints(self) -> None:
        rows = self.view.checkpoints()
        self._expect(
            rows[-1].size if rows else 0, len(self.entries), say("the newest checkpoint covers not all entries")
        )
        if not rows:
            return
        key = max(self.rosters.values(), key=lambda r: r.version).enrolled(self.party).log
        tree = Tree(tiles_of_entries(self.entries), len(self.entries))
        for row in rows:
            what = say("checkpoint of size {size}", size=row.size)
            signed = Checkpoint.verify(row.note, key)
            self._expect((signed.size, signed.root), (row.size, row.root), say("{what}: columns differ", what=what))
            self._expect(tree.root(row.size), row.root, say("{what}: the entries give another root", what=what))
        self._subtrees()

    def _subtrees(self) -> None:
        tile = tiles_of_entries(self.entries)
        level, count = 1, len(self.entries) // WIDTH
        while count or self.view.subtrees(level, 0, 1):
            held = self.view.subtrees(level, 0, 1 << 40)
            again = [h for n in range(-(-count // WIDTH)) for h in tile(level, n, min(WIDTH, count - n * WIDTH))]
            self._expect(held, again, say("stored subtree roots of level {level} differ", level=level))
            level, count = level + 1, count // WIDTH

    def _heads(self) -> None:
        held = {row.origin: row for row in self.view.heads()}
        self._expect(set(held), set(self.states), say("heads of other logs are missing or too many"))
        for origin, states in self.states.items():
            row, newest = held.get(origin), states[max(states)]
            if row is not None:
                same = (row.size, row.root) == (newest.size, newest.root)
                with suppress(StopIteration):
                    key = next(p.log for r in self.rosters.values() for p in r.parties if p.log.name == origin)
                    same = same and Checkpoint.verify(row.note, key).head == newest.head
                self._expect(same, True, say("the head of {origin} is not the newest received", origin=origin))

    def _receipts(self) -> None:
        wanted: dict[tuple[str, str], ReceiptRow] = {}
        for row, record in sorted(self.records.values(), key=lambda pair: pair[0].arrival):
            if record.kind != RECEIPT:
                continue
            body = record.body
            about = self.records.get(str(body.get("rid")))
            if about is None:
                self._problem(say("receipt {rid} confirms a record that is missing", rid=record.rid[:12]))
                continue
            if body.get("envelope_sha256") != about[1].envelope_sha256:
                self._problem(say("receipt {rid} does not fit its record", rid=record.rid[:12]))
            if record.from_ == self.party:
                came = (about[0].received_at, about[0].via)
                told = (body.get("received_at"), body.get("via"))
                self._expect(came, told, say("record {rid}: time or way of receipt differ", rid=about[1].rid[:12]))
            found = ReceiptRow(about[1].rid, record.from_, row.rid, str(body.get("received_at")))
            wanted.setdefault((found.rid, found.party), found)
        held = {(r.rid, r.party): r for r in self.view.receipts()}
        self._expect(held, wanted, say("the table of receipts is not what the receipts say"))
        for row, record in self.records.values():
            if record.from_ != self.party and record.kind != RECEIPT and (row.rid, self.party) not in wanted:
                self._problem(say("record {rid} has no receipt of this node", rid=row.rid[:12]))

    def _audiences(self) -> None:
        for _, record in self.records.values():
            for sha256, parties in self.view.blob_audience(record.rid).items():
                listed = {b.sha256 for b in record.blobs}
                if record.from_ != self.party or sha256 not in listed or not parties <= set(record.audience):
                    self._problem(say("record {rid}: odd audience of a file", rid=record.rid[:12]))

    def _log_files(self) -> None:
        sizes = [row.size for row in self.view.checkpoints()]
        hashes = tiles_of_entries(self.entries)
        wanted: dict[str, bytes] = {t.path: self._tile(t, hashes) for t in expected(sizes)}
        last = self.view.last_checkpoint()
        if last is not None:
            wanted["checkpoint"] = last.note.encode()
        self._compare("log", self.log, wanted)

    def _tile(self, tile: Tile, hashes: TileReader) -> bytes:
        if tile.level < 0:
            return encode_entries(self.entries[tile.index * WIDTH : tile.index * WIDTH + tile.width])
        return b"".join(hashes(tile.level, tile.index, tile.width))

    def _compare(self, folder: str, files: Files, wanted: Mapping[str, bytes]) -> None:
        here = files.names()
        for name in sorted(here - set(wanted)):
            self._problem(say("{folder}/{name} does not belong there", folder=folder, name=name))
        for name, data in sorted(wanted.items()):
            if name not in here:
                self._problem(say("{folder}/{name} is missing", folder=folder, name=name))
            elif files.get(name) != data:
                self._problem(say("{folder}/{name} is not as it was written", folder=folder, name=name))

    def _blob_files(self) -> None:
        here, rows = self.blobs.names(), {row.sha256: row for row in self.view.blobs()}
        for name in sorted(here - set(rows)):
            self._problem(say("blobs/{name} does not belong there", name=name))
        for name, row in rows.items():
            data = self.blobs.get(name)
            if data is None:
                self._problem(say("blobs/{name} is missing", name=name))
            elif hashlib.sha256(data).hexdigest() != name or len(data) != row.size:
                self._problem(say("blobs/{name} is not as it was stored", name=name))
        self.report.more["files"] = len(rows)
