"""A node's store in one SQLite file: write-ahead log, every commit forced to disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, create_engine, delete, event, func, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from overflight.errors import Conflict, NoNode, NotVerified
from overflight.storage import sqlite_schema as s
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

_COMPILED: dict[Any, Any] = {}  # statements of this module in SQL; as many as there are in it


class SqliteView:
    """One transaction over the file; the writing half of the port is used only inside `SqliteStore.write`."""

    def __init__(self, connection: Connection):
        self._c = connection

    # readings

    def _one(self, table: Table, **where: Any) -> Any | None:
        query = select(table)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        return self._c.execute(query).first()

    def meta(self, name: str) -> str | None:
        row = self._one(s.meta, name=name)
        return str(row.value) if row else None

    def secret(self, name: str) -> bytes | None:
        row = self._one(s.secret, name=name)
        return bytes(row.value) if row else None

    def record(self, rid: str) -> RecordRow | None:
        row = self._one(s.record, rid=rid)
        return _record(row) if row else None

    def record_at(self, sender: str, seq: int) -> RecordRow | None:
        row = self._one(s.record, sender=sender, seq=seq)
        return _record(row) if row else None

    def newest_of(self, sender: str) -> RecordRow | None:
        t = s.record
        row = self._c.execute(select(t).where(t.c.sender == sender).order_by(t.c.seq.desc()).limit(1)).first()
        return _record(row) if row else None

    def records(
        self, *, kind: str | None = None, flight: str | None = None, sender: str | None = None
    ) -> Iterator[RecordRow]:
        query = select(s.record).order_by(s.record.c.arrival)
        for name, value in (("kind", kind), ("flight", flight), ("sender", sender)):
            if value is not None:
                query = query.where(s.record.c[name] == value)
        for row in self._c.execute(query):
            yield _record(row)

    def record_count(self) -> int:
        return int(self._c.execute(select(func.count()).select_from(s.record)).scalar_one())

    def entry_count(self) -> int:
        return int(self._c.execute(select(func.count()).select_from(s.entry)).scalar_one())

    def entries(self, start: int, end: int) -> list[bytes]:
        number = s.entry.c.number
        query = select(s.entry.c.commitment).where(number >= start, number < end).order_by(number)
        return [bytes(v) for v in self._c.execute(query).scalars()]

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        t = s.subtree.c
        query = select(t.root).where(t.level == level, t.number >= start, t.number < end).order_by(t.number)
        return [bytes(v) for v in self._c.execute(query).scalars()]

    def checkpoints(self, *, least: int = 0) -> list[CheckpointRow]:
        t = s.checkpoint
        rows = self._c.execute(select(t).where(t.c.size >= least).order_by(t.c.size))
        return [CheckpointRow(r.size, bytes(r.root), r.note) for r in rows]

    def last_checkpoint(self) -> CheckpointRow | None:
        t = s.checkpoint
        r = self._c.execute(select(t).order_by(t.c.size.desc()).limit(1)).first()
        return CheckpointRow(r.size, bytes(r.root), r.note) if r else None

    def heads(self) -> list[HeadRow]:
        rows = self._c.execute(select(s.head).order_by(s.head.c.origin))
        return [HeadRow(r.origin, r.size, bytes(r.root), r.note) for r in rows]

    def head(self, origin: str) -> HeadRow | None:
        r = self._one(s.head, origin=origin)
        return HeadRow(r.origin, r.size, bytes(r.root), r.note) if r else None

    def rosters(self) -> list[RosterRow]:
        rows = self._c.execute(select(s.roster).order_by(s.roster.c.version, s.roster.c.digest))
        return [RosterRow(r.digest, r.version, bytes(r.envelope)) for r in rows]

    def receipts(self, rid: str | None = None) -> list[ReceiptRow]:
        query = select(s.receipt).order_by(s.receipt.c.rid, s.receipt.c.party)
        if rid is not None:
            query = query.where(s.receipt.c.rid == rid)
        return [ReceiptRow(r.rid, r.party, r.receipt, r.received_at) for r in self._c.execute(query)]

    def peers(self) -> dict[str, str]:
        return {r.party: r.url for r in self._c.execute(select(s.peer).order_by(s.peer.c.party))}

    def blobs(self) -> list[BlobRow]:
        rows = self._c.execute(select(s.blob).order_by(s.blob.c.sha256))
        return [BlobRow(r.sha256, r.size, r.type, r.name) for r in rows]

    def blob(self, sha256: str) -> BlobRow | None:
        r = self._one(s.blob, sha256=sha256)
        return BlobRow(r.sha256, r.size, r.type, r.name) if r else None

    def blob_audience(self, rid: str) -> dict[str, frozenset[str]]:
        t = s.blob_audience
        rows = self._c.execute(select(t).where(t.c.rid == rid))
        return {r.sha256: frozenset(filter(None, r.parties.split(","))) for r in rows}

    def drafts(self) -> list[str]:
        return list(self._c.execute(select(s.draft.c.name).order_by(s.draft.c.name)).scalars())

    def draft(self, name: str) -> bytes | None:
        r = self._one(s.draft, name=name)
        return bytes(r.data) if r else None

    # changes

    def _add(self, table: Table, *values: Any) -> None:
        names = [c.name for c in table.columns]
        row = dict(zip(names, (*values, s.row_digest(table.name, values)), strict=True))
        try:
            self._c.execute(insert(table).values(row))
        except IntegrityError:
            raise Conflict(
                say("another writer came first: {table} {key!r} is taken", table=table.name, key=values[0])
            ) from None

    def _put(self, table: Table, *values: Any) -> None:
        key = next(iter(table.primary_key.columns))
        self._c.execute(delete(table).where(key == values[0]))
        self._add(table, *values)

    def put_meta(self, name: str, value: str) -> None:
        self._put(s.meta, name, value)

    def put_secret(self, name: str, value: bytes) -> None:
        self._put(s.secret, name, value)

    def add_record(self, row: RecordRow) -> None:
        self._add(
            s.record, row.arrival, row.rid, row.sender, row.seq, row.kind, row.flight, row.at, row.received_at,
            row.via, row.salt, row.proof, row.envelope,
        )  # fmt: skip

    def add_entry(self, index: int, entry: bytes) -> None:
        if index != self.entry_count():
            raise Conflict(say("another writer came first: entry {index} is not the next", index=index))
        self._add(s.entry, index, entry)

    def add_subtree(self, level: int, index: int, root: bytes) -> None:
        self._add(s.subtree, level, index, root)

    def add_checkpoint(self, row: CheckpointRow, *, after: int) -> None:
        last = self.last_checkpoint()
        if (last.size if last else 0) != after or row.size < after:
            raise Conflict(say("another writer came first: the log is no longer at {size}", size=after))
        self._add(s.checkpoint, row.size, row.root, row.note)

    def put_head(self, row: HeadRow) -> None:
        self._put(s.head, row.origin, row.size, row.root, row.note)

    def add_roster(self, row: RosterRow) -> None:
        if self._one(s.roster, digest=row.digest) is None:
            self._add(s.roster, row.digest, row.version, row.envelope)

    def add_receipt(self, row: ReceiptRow) -> None:
        if self._one(s.receipt, rid=row.rid, party=row.party) is None:
            self._add(s.receipt, row.rid, row.party, row.receipt, row.received_at)

    def put_peer(self, party: str, url: str) -> None:
        self._put(s.peer, party, url)

    def add_blob(self, row: BlobRow) -> None:
        if self._one(s.blob, sha256=row.sha256) is None:
            self._add(s.blob, row.sha256, row.size, row.type, row.name)

    def set_blob_audience(self, rid: str, sha256: str, parties: frozenset[str]) -> None:
        self._add(s.blob_audience, rid, sha256, ",".join(sorted(parties)))

    def put_draft(self, name: str, data: bytes) -> None:
        self._put(s.draft, name, data)

    def delete_draft(self, name: str) -> None:
        self._c.execute(delete(s.draft).where(s.draft.c.name == name))


def _record(r: Any) -> RecordRow:
    return RecordRow(
        r.arrival, r.rid, r.sender, r.seq, r.kind, r.flight, r.at, r.received_at, r.via, bytes(r.salt), r.proof,
        bytes(r.envelope),
    )  # fmt: skip


class SqliteStore:
    """The store over ``node.sqlite3``. `engine` may be shared by other tables of the same node."""

    def __init__(self, engine: Engine):
        self.engine = engine

    @classmethod
    def open(cls, file: Path, *, create: bool = False, read_only: bool = False) -> SqliteStore:
        """Open the file; the folder's lock is the caller's business.

        Raises
        ------
        NoNode
            If there is no such file, or it is no node of a version that this program reads.
        """
        if not create and not file.is_file():
            raise NoNode(say("{folder} is no node: there is no {file} in it", folder=file.parent, file=file.name))
        if create:
            file.touch(mode=0o600, exist_ok=False)
        return cls(_engine(file, read_only=read_only))._ready(create=create)

    @classmethod
    def snapshot(cls, file: Path, *, live: bool) -> SqliteStore:
        """A copy in memory of the file as it stands; the file and its neighbours are not written.

        `live` says that a process has the node open; then its own write-ahead log is read
        too.  Otherwise the caller has put the file, and the log if any, where SQLite may
        write beside it, or there is no log.
        """
        wal = file.with_name(file.name + "-wal")
        options = "mode=ro" if live or wal.exists() else "immutable=1"
        source = sqlite3.connect(f"{file.absolute().as_uri()}?{options}", uri=True, timeout=10)
        try:
            target = sqlite3.connect(":memory:", check_same_thread=False)
            source.backup(target)
        except sqlite3.DatabaseError as error:
            raise NotVerified(
                say("{file} is no readable SQLite file: {why}", file=file.name, why=str(error)), field=file.name
            ) from None
        finally:
            source.close()
        return cls(_engine_over(target))

    def _ready(self, *, create: bool) -> SqliteStore:
        try:
            with self.engine.connect() as c:
                if create:
                    c.exec_driver_sql("PRAGMA journal_mode=WAL")
                    c.exec_driver_sql("BEGIN")
                    s.schema.create_all(c)
                    c.exec_driver_sql(f"PRAGMA user_version={s.SCHEMA_VERSION}")
                    c.commit()
                version = c.exec_driver_sql("PRAGMA user_version").scalar_one()
        except DBAPIError as error:
            raise NoNode(say("node.sqlite3 is no readable node: {why}", why=str(error.orig))) from None
        if version != s.SCHEMA_VERSION:
            raise NoNode(
                say(
                    "node.sqlite3 has format {found}; this program reads format {wanted}",
                    found=version,
                    wanted=s.SCHEMA_VERSION,
                )
            )
        return self

    @contextmanager
    def read(self) -> Iterator[View]:
        with self.engine.connect() as c:
            c.exec_driver_sql("BEGIN")
            try:
                yield cast(View, SqliteView(c))
            finally:
                c.rollback()

    @contextmanager
    def write(self) -> Iterator[Change]:
        with self.engine.connect() as c:
            c.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield cast(Change, SqliteView(c))
            except BaseException:
                c.rollback()
                raise
            c.commit()

    def faults(self) -> list[str]:
        """What SQLite finds wrong with its file, and each row whose digest does not belong to it."""
        found: list[str] = []
        with self.engine.connect() as c:
            try:
                for (line,) in c.exec_driver_sql("PRAGMA integrity_check(20)"):
                    if line != "ok":
                        found.append(f"node.sqlite3: {line}")
            except (DBAPIError, UnicodeDecodeError) as error:
                found.append(f"node.sqlite3: {error}")
            for table in s.schema.sorted_tables:
                found += _row_faults(c, table)
        return found

    def copy_to(self, file: Path) -> None:
        """Write all of it into one new file."""
        with self.engine.connect() as c:
            c.exec_driver_sql("VACUUM INTO ?", (str(file),))
        sqlite3.connect(file).execute("PRAGMA journal_mode=WAL").connection.close()

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def _row_faults(c: Connection, table: Table) -> list[str]:
    found = []
    try:
        names = [column.name for column in table.columns]
        for row in c.exec_driver_sql(f"SELECT {', '.join(names)} FROM {table.name}"):  # noqa: S608
            *values, digest = tuple(row)
            if digest != s.row_digest(table.name, values):
                found.append(
                    say(
                        "row {key!r} of table {table} is not as it was written",
                        key=str(values[0])[:70],
                        table=table.name,
                    )
                )
    except (DBAPIError, UnicodeDecodeError) as error:
        cause = getattr(error, "orig", error)
        found.append(say("table {table} cannot be read: {why}", table=table.name, why=cause))
    return found


@lru_cache(maxsize=1)
def _template() -> Engine:
    engine = create_engine("sqlite://")
    engine.connect().close()
    return engine


def _engine_over(connection: sqlite3.Connection) -> Engine:
    """An engine over one open connection; what was compiled for the last one serves again."""

    def creator() -> Any:
        return connection

    made = Engine(StaticPool(creator), _template().dialect, _template().url)
    return made.execution_options(compiled_cache=_COMPILED)


def _engine(file: Path, *, read_only: bool) -> Engine:
    target = file.absolute().as_uri() + ("?mode=ro" if read_only else "?mode=rw")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(target, uri=True, timeout=10, check_same_thread=False, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool if read_only else QueuePool)

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine
