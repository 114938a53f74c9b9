"""The catalogue of images in a node's SQLite file: a table, and an R*tree over longitude, latitude and day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Engine

from overflight.errors import Conflict
from overflight.storage.port_images import Box, ImageRow
from overflight.storage.sqlite_schema import row_digest
from overflight.terms.words import say

_COLUMNS = ("id", "flight", "camera", "at", "original", "cog", "thumbnail", "item")
_TABLES = (
    """CREATE TABLE IF NOT EXISTS image (
        id TEXT NOT NULL PRIMARY KEY, flight TEXT NOT NULL, camera TEXT NOT NULL, at INTEGER NOT NULL,
        original TEXT NOT NULL, cog TEXT NOT NULL, thumbnail TEXT NOT NULL, item TEXT NOT NULL,
        row_sha256 BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS image_flight ON image (flight)",
    "CREATE INDEX IF NOT EXISTS image_at ON image (at)",
    "CREATE INDEX IF NOT EXISTS image_original ON image (original)",
    # The tree rounds to 32 bits outward, so it may answer too much and never too little; days since 1970
    # keep the time within some minutes, and the whole seconds of the table decide.
    """CREATE VIRTUAL TABLE IF NOT EXISTS image_box USING rtree (
        number, west, east, south, north, first_day, last_day, +id TEXT)""",
)
_SELECT = "SELECT i.id, i.flight, i.camera, i.at, i.original, i.cog, i.thumbnail, i.item FROM image i"
DAY_S = 86_400.0


class SqliteImages:
    """`ImageStore` over an engine that a node shares. Tables are made at the first writing."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._ready = False

    @contextmanager
    def _read(self) -> Iterator[Connection | None]:
        with self._engine.connect() as c:
            c.exec_driver_sql("BEGIN")
            try:
                found = c.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'image'").first()
                yield c if found else None
            finally:
                c.rollback()

    def add(self, rows: Sequence[ImageRow]) -> int:
        with self._engine.connect() as c:
            c.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                if not self._ready:
                    for statement in _TABLES:
                        c.exec_driver_sql(statement)
                new = sum(_insert(c, row) for row in rows)
            except BaseException:
                c.rollback()
                raise
            c.commit()
        self._ready = True
        return new

    def get(self, image_id: str) -> ImageRow | None:
        found = self._rows(" WHERE i.id = ?", (image_id,))
        return found[0] if found else None

    def by_digest(self, sha256: str) -> list[ImageRow]:
        return self._rows(" WHERE ? IN (i.original, i.cog, i.thumbnail) ORDER BY i.id", (sha256,))

    def find(
        self,
        *,
        boxes: Sequence[Box] | None = None,
        start: int | None = None,
        end: int | None = None,
        flight: str | None = None,
    ) -> list[ImageRow]:
        where: list[str] = []
        values: list[Any] = []
        for condition, value in (("i.at >= ?", start), ("i.at <= ?", end), ("i.flight = ?", flight)):
            if value is not None:
                where.append(condition)
                values.append(value)
        if boxes is not None:
            if not boxes:
                return []
            near = []
            for west, south, east, north in boxes:
                part = "west <= ? AND east >= ? AND south <= ? AND north >= ?"
                values += [east, west, north, south]
                if start is not None:
                    part += " AND last_day >= ?"
                    values.append(start / DAY_S)
                if end is not None:
                    part += " AND first_day <= ?"
                    values.append(end / DAY_S)
                near.append(f"SELECT id FROM image_box WHERE {part}")  # noqa: S608
            where.append(f"i.id IN ({' UNION '.join(near)})")
        text = " WHERE " + " AND ".join(where) if where else ""
        return self._rows(text + " ORDER BY i.at, i.id", tuple(values))

    def count(self) -> int:
        with self._read() as c:
            return int(c.exec_driver_sql("SELECT count(*) FROM image").scalar_one()) if c is not None else 0

    def faults(self) -> list[str]:
        out = []
        with self._read() as c:
            if c is not None:
                for row in c.exec_driver_sql(f"SELECT {', '.join(_COLUMNS)}, row_sha256 FROM image"):  # noqa: S608
                    *values, digest = tuple(row)
                    if digest != row_digest("image", values):
                        out.append(f"row {str(values[0])[:70]!r} of table image is not as it was written")
        return out

    def _rows(self, tail: str, values: tuple[Any, ...]) -> list[ImageRow]:
        with self._read() as c:
            return [ImageRow(*tuple(r)) for r in c.exec_driver_sql(_SELECT + tail, values)] if c is not None else []


def _insert(c: Connection, row: ImageRow) -> int:
    held = c.exec_driver_sql("SELECT original FROM image WHERE id = ?", (row.id,)).first()
    if held is not None:
        if held[0] == row.original:
            return 0
        raise Conflict(say("image {id} is in the catalogue with another original", id=row.id), field=row.id)
    values = tuple(getattr(row, name) for name in _COLUMNS)
    c.exec_driver_sql(
        "INSERT INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, row_digest("image", values)),
    )
    day = row.at / DAY_S
    for west, south, east, north in row.boxes:
        c.exec_driver_sql(
            "INSERT INTO image_box (west, east, south, north, first_day, last_day, id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (west, east, south, north, day, day, row.id),
        )
    return 1
