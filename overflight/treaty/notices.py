"""Kinds of notices as data: who sends which to whom, by when, with what content, and the codes of annotations."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.errors import BadInput
from overflight.terms.words import say
from overflight.treaty import paragraphs
from overflight.treaty.datafile import Fields, changed, read_toml, wrong
from overflight.treaty.regime import OPEN_SKIES

GROUPS = ("flight", "standing", "data")


@dataclass(frozen=True)
class Item:
    """One particular of a notice; `item` is the paragraph's letter, where it has letters."""

    name: str
    item: str
    text: str
    required: bool


@dataclass(frozen=True)
class Notice:
    """One kind of notice. `format_number` is empty where no source gives it."""

    key: str
    group: str
    event: str
    paragraphs: tuple[str, ...]
    sender: str
    to: str
    deadline: str
    clocks: tuple[str, ...]
    record: str
    format_number: str
    comes_after_formats: tuple[str, ...]
    items: tuple[Item, ...]
    verified: str
    note: str
    source: str

    def missing(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """The required particulars that `content` lacks or leaves empty, by name, in order."""
        return tuple(i.name for i in self.items if i.required and content.get(i.name) in (None, "", [], {}))

    def to_json(self) -> dict[str, Any]:
        """The kind of notice as a JSON-able mapping."""
        out = asdict(self)
        out["from"] = out.pop("sender")
        out["fields"] = [{"name": i.name, "item": i.item, "is": i.text, "required": i.required} for i in self.items]
        del out["items"]
        return {k: list(v) if isinstance(v, tuple) else v for k, v in out.items()}

    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the notice's content: which particulars it may and must hold."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"{self.key}: {self.event}",
            "type": "object",
            "required": [i.name for i in self.items if i.required],
            "properties": {
                i.name: {
                    "description": f"{i.item}: {i.text}" if i.item else i.text,
                    "anyOf": [
                        {"type": "string", "minLength": 1},
                        {"type": "number"},
                        {"type": "boolean"},
                        {"type": "array", "minItems": 1},
                        {"type": "object", "minProperties": 1},
                    ],
                }
                for i in self.items
            },
        }


@dataclass(frozen=True)
class Code:
    """How Annex B, Appendix 1, writes one annotation."""

    key: str
    citation: str
    title: str
    text: str
    pattern: str
    example: str
    note: str

    def reads(self, value: str) -> bool:
        """Whether `value` has the form of this code, whole and exactly."""
        return re.fullmatch(self.pattern, value) is not None

    def to_json(self) -> dict[str, Any]:
        """The code as a JSON-able mapping."""
        out = asdict(self)
        out["is"] = out.pop("text")
        return out


def notices(*, folder: Path = OPEN_SKIES) -> tuple[Notice, ...]:
    """Every kind of notice of a regime, in the order of its data; none if it has no such file.

    Raises
    ------
    BadData
        If the file is inconsistent: an unknown clock or key, a doubled field.
    """
    file = folder / "notices.toml"
    return _load(file, changed(file), folder)[0] if file.exists() else ()


def codes(*, folder: Path = OPEN_SKIES) -> tuple[Code, ...]:
    """The codes of annotations."""
    file = folder / "notices.toml"
    return _load(file, changed(file), folder)[1] if file.exists() else ()


def notice(key: str, *, folder: Path = OPEN_SKIES) -> Notice:
    """One kind of notice by its key, in any letter case.

    Raises
    ------
    BadInput
        If there is none; the message gives near keys.
    """
    known = {n.key: n for n in notices(folder=folder)}
    found = known.get(key.strip().upper())
    if found is None:
        near = difflib.get_close_matches(key.strip().upper(), known, n=4, cutoff=0.4)
        raise BadInput(
            say("{key!r} is no kind of notice; there are {near}", key=key[:40], near=", ".join(near or sorted(known))),
            field="KEY",
            near=near,
        )
    return found


@lru_cache(maxsize=16)
def _load(file: Path, _changed: int, folder: Path) -> tuple[tuple[Notice, ...], tuple[Code, ...]]:
    head = Fields(file, "the file", read_toml(file))
    source = head.text("source")
    clocks = {d.id for d in paragraphs.load_deadlines(folder)}
    out: dict[str, Notice] = {}
    for n, entry in enumerate(head.rows("notice"), 1):
        found = _notice(Fields(file, f"notice row {n}", entry), source)
        unknown = sorted(set(found.clocks) - clocks)
        if unknown:
            wrong(
                file, f"notice row {n}", say("clocks names {ids}, which deadlines.toml lacks", ids=", ".join(unknown))
            )
        if found.key in out:
            wrong(file, f"notice row {n}", say("{key} stands twice", key=found.key))
        if found.group not in GROUPS:
            wrong(file, f"notice row {n}", say("group is {found!r}, not one of {known}", found=found.group,
                                               known=", ".join(GROUPS)))  # fmt: skip
        out[found.key] = found
    codes = tuple(_code(Fields(file, f"code row {n}", entry)) for n, entry in enumerate(head.rows("code"), 1))
    head.done()
    return tuple(out.values()), codes


def _notice(row: Fields, source: str) -> Notice:
    items = []
    for n, entry in enumerate(row.rows("fields"), 1):
        inner = Fields(row.file, f"{row.where}, field {n}", entry)
        items.append(
            Item(inner.text("name"), inner.text("item", ""), inner.text("is"), bool(inner.maybe_flag("required")))
        )
        inner.done()
    if len({i.name for i in items}) < len(items):
        wrong(row.file, row.where, say("names a field twice"))
    found = Notice(
        key=row.text("key"), group=row.text("group"), event=row.text("event"), paragraphs=row.texts("paragraphs"),
        sender=row.text("from"), to=row.text("to"), deadline=row.text("deadline"), clocks=row.texts("clocks"),
        record=row.text("record", ""), format_number=row.text("format_number", ""),
        comes_after_formats=row.texts("comes_after_formats"), items=tuple(items), verified=row.text("verified"),
        note=row.text("note", ""), source=source,
    )  # fmt: skip
    row.done()
    return found


def _code(row: Fields) -> Code:
    found = Code(
        key=row.text("key"), citation=row.text("citation"), title=row.text("title"), text=row.text("is"),
        pattern=row.text("pattern"), example=row.text("example"), note=row.text("note", ""),
    )  # fmt: skip
    try:
        fits = found.reads(found.example)
    except re.error as error:
        wrong(row.file, row.where, say("pattern is no pattern: {error}", error=error))
    if not fits:
        wrong(row.file, row.where, say("example {example!r} does not fit the pattern", example=found.example))
    row.done()
    return found
