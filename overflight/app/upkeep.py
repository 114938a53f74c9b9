"""Looking after a node: backup, restore, going on after a restore, and a doctor's examination."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app import remote
from overflight.app.exchange import verify_path
from overflight.app.wiring import DATABASE, open_node, open_store, snapshot
from overflight.errors import BadFile, BadInput, NotVerified, OverflightError, PeerUnreachable
from overflight.sharing.checkpoint import LONGEST_NOTE_BYTES, Checkpoint, NoteKey
from overflight.sharing.log import EMPTY_ROOT
from overflight.terms.moment import parse_moment, readable
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node

_BLOB = re.compile(r"^blobs/[0-9a-f]{64}$")
RESTORED = "restored"


@dataclass(frozen=True)
class Check:
    """One thing that a doctor looks at."""

    name: str
    ok: bool
    detail: str

    def to_json(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


def backup(folder: Path, file: Path) -> dict[str, Any]:
    """Write a node, private keys included, into one file that only its owner can read; the node may run.

    Raises
    ------
    NotVerified
        If the node does not verify: a damaged backup is none.
    BadFile
        If `file` is there already.
    """
    if file.exists():
        raise BadFile(say("{file} is there already; name a new file", file=file), field="FILE")
    report = verify_path(folder)
    if not report.ok:
        raise NotVerified(say("the node does not verify, so no backup was made: {why}", why=report.problems[0]))
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as out, snapshot(folder) as found, tarfile.open(fileobj=out, mode="w") as tar:
            with tempfile.TemporaryDirectory() as scratch:
                copy = Path(scratch) / DATABASE
                found.store.copy_to(copy)
                _add(tar, DATABASE, copy.read_bytes())
            with found.store.read() as view:
                rows = view.blobs()
            for row in rows:
                data = found.blob_files.get(row.sha256)
                if data is None:
                    raise NotVerified(say("blobs/{sha256} is missing", sha256=row.sha256))
                _add(tar, f"blobs/{row.sha256}", data)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return {"file": str(file), "entries": report.entries, "records": report.checked, "files": len(rows)}


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def restore(file: Path, folder: Path, *, exercise: Path | None = None) -> dict[str, Any]:
    """Put a node back from a backup. It signs nothing before `resume`, so that its log cannot fork.

    Raises
    ------
    BadInput
        If the folder is not empty.
    BadFile, NotVerified
        If the file is no backup, or what is in it does not verify; nothing is left behind.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(say("{folder} is not empty; a node needs a new folder", folder=folder), field="folder")
    if not file.is_file():
        raise BadFile(say("{file}: there is no such file", file=file), field="FILE")
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        _unpack(file, making)
        for name in ("log", "blobs", "cache"):
            (making / name).mkdir(exist_ok=True)
        _mark_restored(making / DATABASE, folder, exercise)
        if folder.exists():
            folder.rmdir()
        os.replace(making, folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    try:
        open_node(folder).close()  # writes log/ again from the database
        report = verify_path(folder)
        if not report.ok:
            raise NotVerified(say("the backup does not verify: {why}", why=report.problems[0]))
    except OverflightError:
        shutil.rmtree(folder)
        raise
    return {"folder": str(folder), "entries": report.entries, "records": report.checked}


def _unpack(file: Path, target: Path) -> None:
    try:
        with tarfile.open(file, mode="r:") as tar:
            for member in tar:
                if not member.isreg() or not (member.name == DATABASE or _BLOB.fullmatch(member.name)):
                    raise BadFile(say("{file} is no backup: {name!r} is in it", file=file, name=member.name[:60]))
                source = tar.extractfile(member)
                place = target / member.name
                place.parent.mkdir(exist_ok=True)
                handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as out:
                    if source is not None:
                        shutil.copyfileobj(source, out)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadFile(say("{file} is no backup that can be read: {why}", file=file, why=error), field="FILE") from None
    if not (target / DATABASE).is_file():
        raise BadFile(say("{file} is no backup: {name} is not in it", file=file, name=DATABASE), field="FILE")


def _mark_restored(database: Path, folder: Path, exercise: Path | None) -> None:
    store = open_store(database)
    try:
        with store.write() as c:
            c.put_meta(RESTORED, "1")
            if exercise is not None:
                c.put_meta("exercise_folder", os.path.relpath(exercise.resolve(), folder.resolve()))
    finally:
        store.close()


def resume(node: Node, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """Let a restored node sign again, once other Parties confirm that they hold no newer state of its log.

    Parameters
    ----------
    node : Node
        The restored node.
    without : codes
        Parties that are known not to answer; the one who says so takes the risk of a forked log.

    Raises
    ------
    NotVerified
        If a Party holds a newer or another state: the backup is too old to go on from.
    PeerUnreachable
        If a Party that may hold one does not answer.
    """
    with node.view() as v:
        if v.meta(RESTORED) != "1":
            return {"resumed": False, "asked": []}
        partners = {p for row in v.records(sender=node.party) for p in node.record(row.rid).record.audience}
    peers, asked = node.peers(), []
    for party in sorted((partners | set(peers)) - set(without)):
        if party not in peers:
            raise PeerUnreachable(
                say("no address of {party} is known; add it with `node peer add`, or name --without", party=party)
            )
        _compare_head(node, party, peers[party])
        asked.append(party)
    with node.change() as c:
        c.put_meta(RESTORED, "0")
    return {"resumed": True, "asked": asked}


def _compare_head(node: Node, party: str, url: str) -> None:
    from overflight.app.logbook import tree

    found = json.loads(remote.fetch(f"{url}/heads", LONGEST_NOTE_BYTES * 4))
    notes = found.get("heads") if isinstance(found, dict) else None
    key = NoteKey(node.identity.origin, node.identity.log_signer.public)
    for note in notes if isinstance(notes, list) else ():
        if not isinstance(note, str) or not note.startswith(key.name + "\n"):
            continue
        theirs = Checkpoint.verify(note, key)
        with node.view() as v:
            mine = tree(v)
            root = mine.root(theirs.size) if theirs.size <= mine.size else EMPTY_ROOT
        if root != theirs.root:
            raise NotVerified(
                say(
                    "{party} holds this log at size {theirs}, and the restored one ends at {mine} or differs: "
                    "signing on would fork it. Restore a newer backup",
                    party=party,
                    theirs=theirs.size,
                    mine=mine.size,
                ),
                held=theirs.size,
            )


def doctor(folder: Path, *, ask_peers: bool = False) -> list[Check]:
    """Examine a node without changing it: all that verifies, keys, clock, publication, file rights, peers."""
    report = verify_path(folder)
    checks = [
        Check(
            "records",
            report.ok,
            say("{checked} records and {entries} entries verify", checked=report.checked, entries=report.entries)
            if report.ok
            else say("{count} problems, first: {first}", count=len(report.problems), first=report.problems[0]),
        )
    ]
    mode = (folder / DATABASE).stat().st_mode & 0o777
    checks.append(
        Check("private keys", mode & 0o077 == 0, say("{file} has mode {mode}", file=DATABASE, mode=oct(mode)))
    )
    try:
        with open_node(folder, writer=False) as node:
            checks += _of_open_node(node, ask_peers)
    except OverflightError as error:
        checks.append(Check("opening", False, error.message))
    return checks


def _of_open_node(node: Node, ask_peers: bool) -> list[Check]:
    now = node.now()
    with node.view() as v:
        last, restored = v.newest_of(node.party), v.meta(RESTORED) == "1"
    late = last is not None and parse_moment(last.at) > now
    out = [
        Check("clock", not late, say("shows {now}", now=readable(now))),
        Check("roster", True, say("version {n}", n=node.newest_roster().version)),
        Check("signing", not restored, say("waits for `node resume`") if restored else say("allowed")),
        Check("membership", node.regime().is_party(node.party), say("{party} today", party=node.party)),
    ]
    waiting = len(node.undelivered())
    out.append(Check("delivery", True, say("{count} records wait for receipts", count=waiting)))
    if ask_peers:
        for party, url in node.peers().items():
            try:
                remote.fetch(f"{url}/roster", 4 << 20)
                out.append(Check(f"peer {party}", True, url))
            except OverflightError as error:
                out.append(Check(f"peer {party}", False, error.message))
    return out
