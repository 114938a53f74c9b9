"""Passes over a calibration target, from a CSV file."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from overflight.errors import BadFile
from overflight.imagery.resolution import Pass
from overflight.terms.words import say

COLUMNS = ("height_along_m", "bar_along_cm", "height_across_m", "bar_across_cm")
SHORT = ("height_m", "bar_along_cm", "bar_across_cm")
MOST_BYTES = 1 << 20
MOST_PASSES = 10_000


def read_passes(path: Path) -> tuple[Pass, ...]:
    """Read passes: ``height_along_m,bar_along_cm,height_across_m,bar_across_cm``, or ``height_m`` for both.

    An empty cell means not read in that direction; further columns, such as ``pass``, are ignored.

    Raises
    ------
    BadFile
        If the file is no such table; the message names file, row and column.
    """
    name = path.name
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadFile(say("{file}: {why}", file=name, why=error.strerror or str(error)), field=str(path)) from None
    if len(raw) > MOST_BYTES:
        raise BadFile(say("{file} is larger than 1 MiB, which no table of passes is", file=name), field=str(path))
    try:
        rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BadFile(say("{file} is no CSV file in UTF-8", file=name), field=str(path)) from None
    if not rows or len(rows) > MOST_PASSES:
        raise BadFile(say("{file} holds {n} passes; 1 to 10000 are needed", file=name, n=len(rows)), field=str(path))
    heads = set(rows[0])
    high = ("height_m", "height_m") if "height_m" in heads else ("height_along_m", "height_across_m")
    pairs = [(h, b) for h, b in zip(high, ("bar_along_cm", "bar_across_cm"), strict=True) if {h, b} <= heads]
    if not pairs:
        raise BadFile(
            say("{file} needs the columns {one} or {other}", file=name, one=",".join(COLUMNS), other=",".join(SHORT)),
            field=str(path),
        )
    out = []
    for number, row in enumerate(rows, start=2):
        found: dict[str, tuple[float, float] | None] = {"bar_along_cm": None, "bar_across_cm": None}
        for height, bar in pairs:
            if (row[bar] or "").strip():
                found[bar] = (_number(row, height, name, number), _number(row, bar, name, number))
        out.append(Pass(found["bar_along_cm"], found["bar_across_cm"]))
    return tuple(out)


def _number(row: dict[str, str], column: str, name: str, line: int) -> float:
    text = row[column]
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise BadFile(
            say(
                "{file}, line {line}: {column} is {text!r}; a positive number is needed",
                file=name,
                line=line,
                column=column,
                text=text,
            ),
            field=column,
        )
    return value
