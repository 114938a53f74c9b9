"""Taking up another Party's record: every check, then one transaction with the receipt in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from overflight.errors import Conflict, NotVerified, Refused
from overflight.sharing.access import check_may_receive
from overflight.sharing.checkpoint import Checkpoint
from overflight.sharing.log import verify_consistency
from overflight.sharing.parcel import Parcel
from overflight.sharing.proof import Proof
from overflight.sharing.record import (
    EXERCISE_WORDS,
    RECEIPT,
    Draft,
    Record,
    Ref,
    read_record,
    verify_signature,
)
from overflight.sharing.roster import Roster, verify_roster
from overflight.storage.port import BlobRow, Change, HeadRow, ReceiptRow, RecordRow, RosterRow, View
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node

# checks that a log's new checkpoint continues the head that is held
Continues = Callable[[HeadRow, Checkpoint], None]
VIA = frozenset({"https", "bag", "as4", "xroad", "os-network"})
_RECEIPT_FIELDS = {"rid", "envelope_sha256", "received_at", "via", "sender_head"}


def accept(node: Node, parcel: Parcel, *, via: str, continues: Continues | None) -> str:
    """Check and keep a record; the rid of the receipt (or, for a receipt, its own)."""
    if via not in VIA:
        raise NotVerified(say("{via!r} is no way of delivery", via=via[:20]))
    record = read_record(parcel.envelope)
    with node.view() as v:
        known = v.record(record.rid)
        if known is not None:
            return _again(node, v, known, record, parcel)
        now = node.now()
        roster = _roster_of(node, v, record, parcel)
        verify_signature(record, roster.key(record.key))
        _check_kind_of_node(node, record)
        _check_addressee(node, record)
        check_may_receive(record.from_, node.party, node.regime())
        _check_future(node, record, now)
        proof = Proof.parse(parcel.proof)
        checkpoint = proof.verify(record.rid, roster.enrolled(record.from_).log)
        _check_place(v, record, proof)
        head = v.head(checkpoint.origin)
        if head is not None:
            (continues or _by_parcel(parcel))(head, checkpoint)
        if record.kind == RECEIPT:
            _check_receipt(node, v, record)
    _check_blobs(node, record, parcel)
    with node.change() as c:
        _keep_blobs(node, c, record, parcel)
        c.add_roster(RosterRow(roster.digest, roster.version, roster.envelope))
        c.add_record(
            RecordRow(
                c.record_count(), record.rid, record.from_, record.seq, record.kind, record.flight, rfc3339(record.at),
                rfc3339(now), via, proof.salt, parcel.proof, record.envelope,
            )
        )  # fmt: skip
        if head is None or checkpoint.size >= head.size:
            c.put_head(HeadRow(checkpoint.origin, checkpoint.size, checkpoint.root, checkpoint.note))
        if record.kind == RECEIPT:
            body = record.body
            c.add_receipt(ReceiptRow(body["rid"], record.from_, record.rid, body["received_at"]))
            node.keep_time()
            return record.rid
        receipt, _ = node.append(c, _receipt(record, now, via, checkpoint))
        c.add_receipt(ReceiptRow(record.rid, node.party, receipt.rid, rfc3339(now)))
        return receipt.rid


def _receipt(record: Record, now: datetime, via: str, checkpoint: Checkpoint) -> Draft:
    return Draft(
        kind=RECEIPT,
        to=(record.from_,),
        refs=(Ref("receipt-of", record.rid),),
        body={
            "rid": record.rid,
            "envelope_sha256": record.envelope_sha256,
            "received_at": rfc3339(now),
            "via": via,
            "sender_head": list(checkpoint.head),
        },
    )


def _again(node: Node, view: View, known: RecordRow, record: Record, parcel: Parcel) -> str:
    """The same record once more: keep files that were missing, answer with the same receipt."""
    if known.envelope != record.envelope:
        raise NotVerified(say("record {rid} is here under another signature", rid=record.rid[:12]))
    if record.from_ == node.party:
        raise Refused(say("record {rid} is this node's own", rid=record.rid[:12]))
    if parcel.blobs:
        _check_blobs(node, record, parcel)
        with node.change() as c:
            _keep_blobs(node, c, record, parcel)
    if record.kind == RECEIPT:
        return record.rid
    for row in view.receipts(record.rid):
        if row.party == node.party:
            return row.receipt
    raise NotVerified(say("the receipt for record {rid} is missing in this node", rid=record.rid[:12]))


def _roster_of(node: Node, view: View, record: Record, parcel: Parcel) -> Roster:
    for row in view.rosters():
        if row.digest == record.roster:
            return node.read_roster(row)
    roster = verify_roster(parcel.roster, None)
    if roster.exercise != node.exercise:
        raise Refused(_other_world(node.exercise, roster.exercise), code_of_exercise=roster.exercise)
    roster = verify_roster(parcel.roster, node.roots)
    if roster.digest != record.roster:
        raise NotVerified(say("the parcel's roster is not the one that the record cites"), field="roster")
    if roster.regime != node.regime().name:
        raise NotVerified(say("the record belongs to another regime: {name}", name=roster.regime[:40]))
    return roster


def _other_world(mine: str | None, theirs: str | None) -> str:
    if theirs and not mine:
        return say("this is a record of the exercise {theirs}; an operational node takes none", theirs=theirs)
    if mine and not theirs:
        return say("this is an operational record; a node of the exercise {mine} takes none", mine=mine)
    return say("the record belongs to exercise {theirs}, this node to {mine}", theirs=theirs, mine=mine)


def _check_kind_of_node(node: Node, record: Record) -> None:
    opens = record.subject.startswith(EXERCISE_WORDS)
    closes = record.remarks.endswith(EXERCISE_WORDS)
    if node.exercise and not (opens and closes):
        raise NotVerified(say("a record of an exercise opens and closes with {words}", words=EXERCISE_WORDS))
    if not node.exercise and (opens or closes):
        raise Refused(say("the record is marked as one of an exercise; an operational node takes none"))


def _check_addressee(node: Node, record: Record) -> None:
    if record.from_ == node.party or node.party not in record.audience:
        raise Refused(
            say(
                "record {rid} of {sender} is not addressed to {me}",
                rid=record.rid[:12],
                sender=record.from_,
                me=node.party,
            ),
            field="to",
        )


def _check_future(node: Node, record: Record, now: datetime) -> None:
    ahead_s = int((record.at - now).total_seconds())
    if ahead_s > node.settings.future_tolerance_s:
        raise NotVerified(
            say(
                "record {rid} of {sender} says {at}, {ahead} s ahead of the clock of {me} ({now}; at most {limit} s); "
                "it is not taken up until the clocks agree",
                rid=record.rid[:12],
                sender=record.from_,
                at=readable(record.at),
                ahead=ahead_s,
                me=node.party,
                now=readable(now),
                limit=node.settings.future_tolerance_s,
            ),
            field="at",
            clock_difference_s=ahead_s,
        )


def _check_place(view: View, record: Record, proof: Proof) -> None:
    if proof.index != record.seq:
        raise NotVerified(
            say("record number {seq} lies at place {index} of its log", seq=record.seq, index=proof.index), field="seq"
        )
    other = view.record_at(record.from_, record.seq)
    if other is not None:
        raise NotVerified(
            say("{sender} signed two records of number {seq}", sender=record.from_, seq=record.seq),
            field="seq",
            rids=[other.rid, record.rid],
        )


def _by_parcel(parcel: Parcel) -> Continues:
    def check(head: HeadRow, new: Checkpoint) -> None:
        if head.size == new.size:
            verify_consistency(head.size, head.root, new.size, new.root, ())
        elif head.size != parcel.continues_from or head.size > new.size:
            raise Conflict(
                say(
                    "the parcel does not start from the state of {origin} that is held (size {held}); send it again",
                    origin=new.origin,
                    held=head.size,
                ),
                held=head.size,
            )
        else:
            verify_consistency(head.size, head.root, new.size, new.root, parcel.continues_path)

    return check


def _check_receipt(node: Node, view: View, record: Record) -> None:
    body = record.body
    if set(body) != _RECEIPT_FIELDS or not all(isinstance(body[f], str) for f in ("rid", "envelope_sha256")):
        raise NotVerified(say("a receipt holds exactly {fields}", fields=", ".join(sorted(_RECEIPT_FIELDS))))
    own = view.record(body["rid"])
    if own is None or own.sender != node.party:
        raise NotVerified(say("the receipt is for a record that this node did not send"), field="rid")
    sent = read_record(own.envelope)
    if record.from_ not in sent.audience or sent.envelope_sha256 != body["envelope_sha256"]:
        raise NotVerified(say("the receipt does not fit record {rid}", rid=own.rid[:12]), field="envelope_sha256")
    if body["via"] not in VIA or not isinstance(body["received_at"], str):
        raise NotVerified(say("the receipt has no way or time of delivery"), field="via")
    from overflight.errors import BadDate
    from overflight.terms.moment import parse_moment

    try:
        if rfc3339(parse_moment(body["received_at"])) != body["received_at"]:
            raise BadDate("")
    except BadDate:
        raise NotVerified(say("the receipt's received_at is no UTC time"), field="received_at") from None


def _check_blobs(node: Node, record: Record, parcel: Parcel) -> None:
    listed = {b.sha256: b for b in record.blobs}
    for sha256, data in parcel.blobs.items():
        found = listed.get(sha256)
        if found is None:
            raise NotVerified(say("the parcel brings a file that its record does not list"), field="blobs")
        if len(data) != found.size or hashlib.sha256(data).hexdigest() != sha256:
            raise NotVerified(say("the file {name} is not the one that the record lists", name=found.name))
        if len(data) > node.settings.blob_max_bytes:
            raise NotVerified(say("the file {name} is too long for this node", name=found.name))


def _keep_blobs(node: Node, change: Change, record: Record, parcel: Parcel) -> None:
    for blob in record.blobs:
        if blob.sha256 in parcel.blobs and change.blob(blob.sha256) is None:
            node.blob_files.put(blob.sha256, parcel.blobs[blob.sha256])
            change.add_blob(BlobRow(blob.sha256, blob.size, blob.type, blob.name))


def held_by(view: View, party: str, origin: str) -> int:
    """The size of the log `origin` that `party` said last to hold, 0 if it said none."""
    last = view.newest_of(party)
    if last is None:
        return 0
    return next((size for name, size, _ in read_record(last.envelope).heads if name == origin), 0)


def held_of(node: Node, view: View, party: str) -> int:
    """The size of `party`'s log that this node holds, 0 if none."""
    for row in reversed(view.rosters()):
        for enrolled in node.read_roster(row).parties:
            if enrolled.code == party:
                head = view.head(enrolled.log.name)
                return head.size if head else 0
    return 0
