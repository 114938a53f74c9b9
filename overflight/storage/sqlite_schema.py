"""Tables of a node's SQLite file.  Every row carries the SHA-256 of its own columns, so that a changed bit shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import BLOB, Column, Integer, MetaData, String, Table, UniqueConstraint

SCHEMA_VERSION = 1
schema = MetaData()
CHECK = "row_sha256"


def _table(name: str, *columns: Column[object] | UniqueConstraint) -> Table:
    return Table(name, schema, *columns, Column(CHECK, BLOB, nullable=False))


def _key(name: str, kind: type[Integer] | type[String]) -> Column[object]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _text(name: str, *, null: bool = False, index: bool = False) -> Column[object]:
    return Column(name, String, nullable=null, index=index)


def _number(name: str) -> Column[object]:
    return Column(name, Integer, nullable=False)


def _bytes(name: str) -> Column[object]:
    return Column(name, BLOB, nullable=False)


meta = _table("meta", _key("name", String), _text("value"))
secret = _table("secret", _key("name", String), _bytes("value"))
record = _table(
    "record",
    _key("arrival", Integer),
    Column("rid", String, nullable=False, unique=True),
    _text("sender"),
    _number("seq"),
    _text("kind", index=True),
    _text("flight", null=True, index=True),
    _text("at"),
    _text("received_at", null=True),
    _text("via", null=True),
    _bytes("salt"),
    _text("proof"),
    _bytes("envelope"),
    UniqueConstraint("sender", "seq"),
)
entry = _table("entry", _key("number", Integer), _bytes("commitment"))
subtree = _table("subtree", _key("level", Integer), _key("number", Integer), _bytes("root"))
checkpoint = _table("checkpoint", _key("size", Integer), _bytes("root"), _text("note"))
head = _table("head", _key("origin", String), _number("size"), _bytes("root"), _text("note"))
roster = _table("roster", _key("digest", String), _number("version"), _bytes("envelope"))
receipt = _table("receipt", _key("rid", String), _key("party", String), _text("receipt"), _text("received_at"))
peer = _table("peer", _key("party", String), _text("url"))
blob = _table("blob", _key("sha256", String), _number("size"), _text("type"), _text("name"))
blob_audience = _table("blob_audience", _key("rid", String), _key("sha256", String), _text("parties"))
draft = _table("draft", _key("name", String), _bytes("data"))


def row_digest(table: str, values: Iterable[object]) -> bytes:
    """Digest of a row's columns in the order of the table, each after its kind and length."""
    total = hashlib.sha256(table.encode())
    for value in values:
        if value is None:
            kind, raw = b"n", b""
        elif isinstance(value, bytes):
            kind, raw = b"b", value
        elif isinstance(value, int):
            kind, raw = b"i", str(value).encode()
        else:
            kind, raw = b"t", str(value).encode("utf-8", "surrogatepass")
        total.update(kind + len(raw).to_bytes(8, "big") + raw)
    return total.digest()
