"""The node's own log: one transaction adds record, salt, entry and signed checkpoint; files follow after the commit."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from overflight.errors import ClockBackwards, NotVerified, Refused
from overflight.sharing.checkpoint import Checkpoint, NoteKey
from overflight.sharing.log import SALT_BYTES, Tree, commitment, fold, leaf_hash
from overflight.sharing.record import EXERCISE_WORDS, Draft, Record, make_payload, sign_record
from overflight.sharing.sign import Signer
from overflight.sharing.tiles import WIDTH, Tile, edge, encode_entries, expected
from overflight.storage.port import Change, CheckpointRow, Files, RecordRow, View
from overflight.terms.moment import parse_moment, readable, rfc3339
from overflight.terms.words import say

CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Identity:
    """Who this node is and what it signs with."""

    party: str
    exercise: str | None
    origin: str  # name of the log, for ever
    key_id: str
    signer: Signer
    log_signer: Signer


def stored_tiles(view: View) -> Callable[[int, int, int], list[bytes]]:
    """A tile reader over the entries and subtrees as they are stored."""

    def tile(level: int, index: int, width: int) -> list[bytes]:
        start = index * WIDTH
        if level == 0:
            return [leaf_hash(e) for e in view.entries(start, start + width)]
        return view.subtrees(level, start, start + width)

    return tile


def tree(view: View) -> Tree:
    """The log's tree as it is stored."""
    return Tree(stored_tiles(view), view.entry_count())


def append(change: Change, me: Identity, draft: Draft, *, at: datetime, roster: str) -> tuple[Record, RecordRow]:
    """Sign a record and add it with its entry and a checkpoint that covers it.

    The old and the new root are computed from the bytes that are stored, so that a changed
    bit on disk is found before anything is signed over it.

    Raises
    ------
    NotVerified
        If the stored entries do not give the root that was last signed.
    ClockBackwards
        If `at` is earlier than the Party's last record.
    Conflict
        If another writer came first.
    Refused
        If the node was restored from a backup and has not yet been let go on.
    """
    if change.meta("restored") == "1":
        raise Refused(
            say("this node was put back from a backup and signs nothing before `overflight node resume`"),
            field="--node",
        )
    last = change.last_checkpoint()
    size = last.size if last else 0
    _check_time(change, me.party, size, at)
    if me.exercise:
        draft = replace(
            draft,
            subject=f"{EXERCISE_WORDS}. {draft.subject}".strip(),
            remarks=f"{draft.remarks} {EXERCISE_WORDS}".strip(),
        )
    payload = make_payload(
        draft,
        sender=me.party,
        seq=size,
        at=at,
        heads=[(h.origin, h.size, h.root.hex()) for h in change.heads()],
        roster=roster,
        key=me.key_id,
    )
    record = sign_record(payload, me.key_id, me.signer)
    salt = secrets.token_bytes(SALT_BYTES)
    row = RecordRow(
        change.record_count(), record.rid, me.party, size, record.kind, record.flight, rfc3339(at), None, None,
        salt, "", record.envelope,
    )  # fmt: skip
    change.add_record(row)
    change.add_entry(size, commitment(salt, record.rid))
    _fill_subtrees(change, size + 1)
    root = _checked_root(change, last)
    signed = Checkpoint.sign(me.origin, size + 1, root, me.log_signer)
    change.add_checkpoint(CheckpointRow(signed.size, signed.root, signed.note), after=size)
    return record, row


def _checked_root(view: View, last: CheckpointRow | None) -> bytes:
    stored = tree(view)
    if last and stored.root(last.size) != last.root:
        raise NotVerified(
            say(
                "the stored entries do not give the root that was signed at size {size}; nothing more is signed: "
                "run `overflight record verify`, then restore a backup",
                size=last.size,
            ),
            size=last.size,
        )
    return stored.root()


def _check_time(view: View, party: str, size: int, at: datetime) -> None:
    before = view.record_at(party, size - 1) if size else None
    if before and at < parse_moment(before.at):
        raise ClockBackwards(
            say(
                "the clock shows {now}, earlier than this node's last record of {last}; set the clock right first",
                now=readable(at),
                last=readable(parse_moment(before.at)),
            ),
            seen=before.at,
            asked=rfc3339(at),
        )


def _fill_subtrees(change: Change, size: int) -> None:
    """Add the roots of the subtrees that the entry before `size` made full."""
    level, count = 0, size
    tile = stored_tiles(change)
    while count and count % WIDTH == 0:
        index = count // WIDTH - 1
        change.add_subtree(level + 1, index, fold(tile(level, index, WIDTH)))
        level, count = level + 1, count // WIDTH


def check_newest(view: View, files: Files, me: Identity) -> None:
    """Check that the database is at least as new as what ``log/`` already shows to others.

    Raises
    ------
    NotVerified
        If a signed checkpoint under ``log/`` is newer, or of another history: an old copy of
        the database was put back, and signing on would fork the log.
    """
    note = (files.get(CHECKPOINT) or b"").decode("utf-8", "replace")
    try:
        shown = Checkpoint.verify(note, NoteKey(me.origin, me.log_signer.public))
    except NotVerified:
        return  # damaged or absent: `record verify` says so, and publication writes it again
    mine = tree(view)
    if shown.size > mine.size or mine.root(shown.size) != shown.root:
        raise NotVerified(
            say(
                "node.sqlite3 ends at {mine} entries and log/checkpoint shows {shown}: an older copy was put back by "
                "hand, and signing on would fork the log. Use `overflight node restore` in a new folder",
                mine=mine.size,
                shown=shown.size,
            ),
            field="node.sqlite3",
        )


def tile_bytes(view: View, tile: Tile) -> bytes:
    """The contents of one published file."""
    if tile.level < 0:
        start = tile.index * WIDTH
        return encode_entries(view.entries(start, start + tile.width))
    return b"".join(stored_tiles(view)(tile.level, tile.index, tile.width))


def publish(view: View, files: Files, *, whole: bool) -> None:
    """Write what the newest checkpoint needs under ``log/``, the checkpoint itself last.

    With `whole` every missing file of every checkpoint is written, as after a crash between
    commit and publication.  A file that exists is never written again: if it differs,
    `record verify` must say so.
    """
    last = view.last_checkpoint()
    if last is None:
        return
    sizes = [c.size for c in view.checkpoints()] if whole else [last.size]
    for tile in sorted(expected(sizes) if whole else edge(last.size)):
        if files.get(tile.path) is None:
            files.put(tile.path, tile_bytes(view, tile))
    if files.get(CHECKPOINT) != last.note.encode():
        files.put(CHECKPOINT, last.note.encode())
    if whole or last.size % WIDTH == 0:
        for name in files.names():
            partial = Tile.parse(name)
            if partial and partial.width < WIDTH and files.get(partial.full.path) is not None:
                files.delete(name)
