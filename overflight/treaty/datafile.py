"""Read one data file of a regime, key by key, so that every mistake is told with file and row."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Never

from overflight.errors import BadData
from overflight.terms.words import say

LARGEST_FILE_BYTES = 4_000_000
MARKS = ("yes", "last known", "contradicted")


def wrong(file: Path, where: str, what: str) -> Never:
    """Say what is wrong in a data file, and where.

    Raises
    ------
    BadData
        Always.
    """
    raise BadData(say("{file}, {where}: {what}", file=file.name, where=where, what=what), field=where, file=file.name)


@lru_cache(maxsize=256)
def _read(path: str, _changed: int) -> dict[str, Any]:
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            wrong(file, "the file", say("larger than {n} bytes", n=LARGEST_FILE_BYTES))
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        wrong(file, "the file", say("is no TOML: {error}", error=error))
    except OSError as error:
        wrong(file, "the file", say("cannot be read: {error}", error=error.strerror))


def read_toml(file: Path) -> dict[str, Any]:
    """The whole file; read once until it changes on disk. Do not change what you get.

    Raises
    ------
    BadData
        If the file is missing, too large or no TOML.
    """
    return _read(str(file), changed(file))


def changed(file: Path) -> int:
    """When the file last changed, for caches that must notice.

    Raises
    ------
    BadData
        If the file is missing.
    """
    try:
        return file.stat().st_mtime_ns
    except OSError:
        wrong(file, "the file", say("is missing from the regime's folder"))


class Fields:
    """One row of a file, read key by key with checks; `done` complains of keys that nobody asked for."""

    def __init__(self, file: Path, where: str, row: Any, defaults: Mapping[str, Any] | None = None):
        if not isinstance(row, dict):
            wrong(file, where, say("is no table of keys"))
        self.file, self.where, self.row = file, where, row
        self.defaults = defaults or {}
        self.seen: set[str] = set()

    def _get(self, key: str) -> Any:
        self.seen.add(key)
        return self.row.get(key, self.defaults.get(key))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; needed unless a default is given."""
        found = self._get(key)
        if found is None:
            found = default
        if found is None:
            wrong(self.file, self.where, say("has no {key}", key=key))
        if not isinstance(found, str):
            wrong(self.file, self.where, say("{key} is no text: {found!r}", key=key, found=found))
        return found

    def maybe_text(self, key: str) -> str | None:
        """A text or None."""
        return self.text(key, "") or None

    def day(self, key: str) -> date:
        """A date; needed."""
        found = self.maybe_day(key)
        if found is None:
            wrong(self.file, self.where, say("has no {key}", key=key))
        return found

    def maybe_day(self, key: str) -> date | None:
        """A date or None."""
        found = self._get(key)
        if found is not None and (not isinstance(found, date) or isinstance(found, datetime)):
            wrong(self.file, self.where, say("{key} is no date: {found!r}", key=key, found=found))
        return found

    def maybe_number(self, key: str) -> float | None:
        """A finite number or None."""
        found = self._get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            wrong(self.file, self.where, say("{key} is no finite number: {found!r}", key=key, found=found))
        return found

    def number(self, key: str) -> float:
        """A finite number; needed."""
        found = self.maybe_number(key)
        if found is None:
            wrong(self.file, self.where, say("has no {key}", key=key))
        return found

    def maybe_flag(self, key: str) -> bool | None:
        """True, False or None."""
        found = self._get(key)
        if found is not None and not isinstance(found, bool):
            wrong(self.file, self.where, say("{key} is neither true nor false: {found!r}", key=key, found=found))
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty if absent."""
        found = self._get(key)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(x, str) for x in found):
            wrong(self.file, self.where, say("{key} is no list of texts", key=key))
        return tuple(found)

    def rows(self, key: str) -> list[Any]:
        """A list of inner tables, empty if absent."""
        found = self._get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            wrong(self.file, self.where, say("{key} is no list of tables", key=key))
        return found

    def source(self, sources: Mapping[str, str]) -> str:
        """The row's source, spelt out where the file lists it under a short name; needed."""
        found = self.text("source")
        if not found.strip():
            wrong(self.file, self.where, say("has no {key}", key="source"))
        return sources.get(found, found)

    def mark(self) -> str:
        """The mark `in_force`: yes, last known or contradicted; needed."""
        found = self.text("in_force")
        if found not in MARKS:
            wrong(
                self.file,
                self.where,
                say("in_force is {found!r}, not one of: yes, last known, contradicted", found=found),
            )
        return found

    def done(self) -> None:
        """Complain of keys that no reader asked for: a misspelt key is a lost fact."""
        unknown = sorted(set(self.row) - self.seen)
        if unknown:
            wrong(self.file, self.where, say("has an unknown key: {keys}", keys=", ".join(unknown)))


def sources_of(file: Path, data: Mapping[str, Any]) -> Mapping[str, str]:
    """The short names of sources that a file lists under ``[sources]``."""
    found = data.get("sources", {})
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        wrong(file, "[sources]", say("is no list of texts"))
    return found
