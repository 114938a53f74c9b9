"""Builds nodes: the only place that picks stores, clocks and keys."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from overflight.app.clock import Clock, ExerciseClock, SystemClock, check_step, set_clock
from overflight.app.exercise import Exercise, exclusive
from overflight.app.logbook import Identity
from overflight.app.node import Node
from overflight.app.settings import Settings
from overflight.errors import BadInput, NoNode, OverflightError
from overflight.sharing.checkpoint import NoteKey
from overflight.sharing.roster import Enrolled, Roots, Roster, sign_roster, verify_roster
from overflight.sharing.sign import ED25519, Ed25519Signer, PublicKey
from overflight.storage.files import FolderFiles, FolderLock, no_writer
from overflight.storage.port import Files, NodeStore, RosterRow
from overflight.storage.sqlite import SqliteStore
from overflight.storage.sqlite_images import SqliteImages
from overflight.terms.moment import rfc3339
from overflight.terms.words import say
from overflight.treaty.regime import Regime

DATABASE = "node.sqlite3"


def init_node(
    folder: Path | None = None,
    *,
    party: str,
    exercise: Path | None = None,
    now: datetime | None = None,
    host: str | None = None,
    settings: Settings | None = None,
) -> Node:
    """Make a Party's node, new keys and all, and open it.

    Parameters
    ----------
    folder : Path, optional
        Where; ``<exercise>/<PARTY>`` by default.
    party : str
        The Party's code.
    exercise : Path, optional
        The exercise's folder; made by the first call that names it.
    now : datetime, optional
        Sets the exercise clock.
    host : str, optional
        Host name in the log's name, for an operational node.

    Raises
    ------
    UnknownParty
        If no State of the regime's data has that code.
    BadInput
        If the folder is not empty, or no folder was named.
    BadData
        If the exercise already has keys of that Party.
    """
    settings = settings or Settings.load()
    clock_day = (now or SystemClock().now()).date()
    Regime.on(clock_day).state(party)
    regime = Regime.on(clock_day).name
    if folder is None and exercise is None:
        raise BadInput(say("name a folder for the node, or --exercise DIR"), field="folder")
    home = folder or (exercise or Path()) / party
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BadInput(say("{folder} is not empty; a node needs a new folder", folder=home), field="folder")
    if exercise is None:
        origin = f"{host or settings.host}/{party}/log"
        record, log = Ed25519Signer.make(), Ed25519Signer.make()
        key = PublicKey(f"{party}/1/{ED25519}", ED25519, record.public)
        root = PublicKey(f"root/1/{ED25519}", ED25519, record.public)
        alone = Roster(
            regime, None, 1, rfc3339(SystemClock().now()), 1, (root,),
            (Enrolled(party, (key,), NoteKey(origin, log.public)),),
        )  # fmt: skip
        _build(home, party, None, origin, record, log, sign_roster(alone, {root.id: record}), "")
    else:
        with exclusive(exercise):
            _enrol(home, party, exercise, now, regime)
    return open_node(home, now=now, settings=settings)


def _enrol(home: Path, party: str, folder: Path, now: datetime | None, regime: str) -> None:
    at = now or SystemClock().now()
    if (folder / "exercise.json").exists():
        exercise = Exercise.open(folder)
    else:
        exercise = Exercise.make(folder, at=at, regime=regime)
    if now is not None:
        check_step(exercise.clock, now)
    origin = f"{Settings().host}/exercise/{exercise.id}/{party}/log"
    record, log = Ed25519Signer.make(), Ed25519Signer.make()
    key = PublicKey(f"{party}/1/{ED25519}", ED25519, record.public)
    roster = exercise.with_party(Enrolled(party, (key,), NoteKey(origin, log.public)), at=at)
    back = os.path.relpath(folder.resolve(), home.resolve())
    _build(home, party, exercise.id, origin, record, log, roster, back)
    try:
        if now is not None:
            set_clock(exercise.clock, now)
        exercise.write_roster(roster)
    except (OSError, OverflightError):
        shutil.rmtree(home)
        raise


def _build(
    home: Path,
    party: str,
    exercise: str | None,
    origin: str,
    record: Ed25519Signer,
    log: Ed25519Signer,
    roster: Roster,
    back: str,
) -> None:
    """Write a whole node beside its place, then move it there."""
    home.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=home.parent, prefix=f".{home.name}-"))
    try:
        for name in ("log", "blobs", "cache"):
            (making / name).mkdir()
        store = SqliteStore.open(making / DATABASE, create=True)
        with store.write() as c:
            c.put_meta("party", party)
            c.put_meta("exercise", exercise or "")
            c.put_meta("exercise_folder", back)
            c.put_meta("origin", origin)
            c.put_meta("key", roster.enrolled(party).keys[0].id)
            c.put_meta("readings", "{}")
            c.put_meta("roots", roster.pin.to_json())
            c.put_secret("record/1", record.secret)
            c.put_secret("log/1", log.secret)
            c.add_roster(RosterRow(roster.digest, roster.version, roster.envelope))
        store.close()
        if home.exists():
            home.rmdir()
        os.replace(making, home)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def open_node(
    folder: Path,
    *,
    writer: bool = True,
    now: datetime | None = None,
    settings: Settings | None = None,
) -> Node:
    """Open a node; close it, or use it as a context manager.

    Parameters
    ----------
    folder : Path
        The node's folder.
    writer : bool
        Whether this process will change it; only one may at a time.
    now : datetime, optional
        The time by the exercise clock, which the first act then sets; an operational node ignores it.

    Raises
    ------
    NoNode
        If the folder is no node.
    NodeBusy
        If another process is the writer.
    ClockBackwards
        If `now` is earlier than the exercise clock.
    BadInput
        If `now` is more than ten years later.
    """
    if not (folder / DATABASE).is_file():
        raise NoNode(
            say("{folder} is no node: make one with `overflight node init`, or name another --node", folder=folder),
            field="--node",
        )
    settings = settings or Settings.load()
    with ExitStack() as undo:
        lock = FolderLock(folder)
        if writer:
            lock.take()
            undo.callback(lock.release)
        store = SqliteStore.open(folder / DATABASE)
        undo.callback(store.close)
        node = _node(folder, store, settings, writer=writer, now=now, release=lock.release)
        undo.pop_all()
        return node


def _node(
    folder: Path,
    store: SqliteStore,
    settings: Settings,
    *,
    writer: bool,
    now: datetime | None,
    release: Callable[[], None],
) -> Node:
    with store.read() as v:
        meta = {name: v.meta(name) or "" for name in ("party", "exercise", "exercise_folder", "origin", "key")}
        readings = json.loads(v.meta("readings") or "{}")
        roots = Roots.from_json(v.meta("roots") or "")
        record, log = v.secret("record/1"), v.secret("log/1")
        roster = verify_roster(v.rosters()[-1].envelope, roots)
    if not meta["party"] or record is None or log is None:
        raise NoNode(say("{folder} is no whole node: its keys are missing", folder=folder), field="--node")
    identity = Identity(
        meta["party"], meta["exercise"] or None, meta["origin"], meta["key"], Ed25519Signer(record), Ed25519Signer(log)
    )
    if roster.key(identity.key_id).public != identity.signer.public:
        raise NoNode(say("{folder}: the private key does not belong to the roster", folder=folder), field="--node")
    clock: Clock = SystemClock()
    exercise = None
    if identity.exercise:
        exercise = Exercise.open((folder / meta["exercise_folder"]).resolve())
        clock = ExerciseClock(exercise.clock, offset_s=settings.clock_offset_s, asked=now)
    scratch = folder / "cache" / "writing"

    def regime_on(day: date) -> Regime:
        return Regime.on(day, readings=readings)

    return Node(
        folder,
        identity=identity,
        store=store,
        log_files=FolderFiles(folder / "log", scratch),
        blob_files=FolderFiles(folder / "blobs", scratch),
        clock=clock,
        settings=settings,
        roots=roots,
        regime_on=regime_on,
        readings=readings,
        images=SqliteImages(store.engine),
        exercise=exercise,
        writer=writer,
        on_close=release,
    )


def open_store(database: Path) -> NodeStore:
    """The store of a node that nobody else has open.

    Raises
    ------
    NoNode
        If the file is no node of a version that this program reads.
    """
    return SqliteStore.open(database)


@dataclass(frozen=True)
class Snapshot:
    """A node's holdings as they stand, for examination; `live` if a process may be writing to it."""

    store: NodeStore
    log_files: Files
    blob_files: Files
    image_faults: Callable[[], list[str]]
    live: bool


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """Read a node's folder without changing anything in it, whether the node runs or not.

    Raises
    ------
    NoNode
        If there is no node in the folder.
    NotVerified
        If ``node.sqlite3`` cannot be read at all.
    """
    file = folder / DATABASE
    if not file.is_file():
        raise NoNode(
            say("{folder} is no node: there is no {file} in it", folder=folder, file=DATABASE), field=str(folder)
        )
    with no_writer(folder) as idle:
        wal = file.with_name(file.name + "-wal")
        if idle and wal.exists():  # the process ended without closing: SQLite must replay beside a copy
            with tempfile.TemporaryDirectory(prefix="overflight-") as scratch:
                copy = Path(scratch) / DATABASE
                shutil.copyfile(file, copy)
                shutil.copyfile(wal, copy.with_name(wal.name))
                store = SqliteStore.snapshot(copy, live=True)
        else:
            store = SqliteStore.snapshot(file, live=not idle)
    try:
        unused = folder / "cache" / "writing"
        yield Snapshot(
            store,
            FolderFiles(folder / "log", unused),
            FolderFiles(folder / "blobs", unused),
            SqliteImages(store.engine).faults,
            not idle,
        )
    finally:
        store.close()
