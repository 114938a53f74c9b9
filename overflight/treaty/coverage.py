"""Which rows of a regime a program decides, and how; which are left to people, and why.

`coverage.toml` of a regime's folder has one row for each row of the treaty's tables: the paragraphs, the clocks,
and the deciding rows on sensors and notices.  What is found out about each row is done in `overflight.app.coverage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, wrong

# How a row can be carried: by a rule, a dated value, a clock, a type's definition, or by people.
WAYS = ("rule", "value", "deadline", "definition", "people")
TABLES = ("paragraph", "deadline", "sensor", "notice")


@dataclass(frozen=True)
class Covered:
    """One row: what carries it (`by`), under which names (`names`), and for people the reason (`why`).

    `names` are rules, values of the dated tables, clocks, or types as ``module:Name``; empty where the paragraph's own
    rules or the clock itself carry it.
    """

    table: str
    id: str
    by: str
    names: tuple[str, ...] = ()
    why: str = ""
    told: str = ""  # what the row says, where no other file of the regime tells it


def load_coverage(folder: Path) -> tuple[Covered, ...]:
    """Every row of the regime in `folder`; nothing where it has no such file.

    Raises
    ------
    BadData
        If the file is inconsistent: an unknown way, a row that stands twice, people without a reason.
    """
    file = folder / "coverage.toml"
    return _rows(file, changed(file)) if file.is_file() else ()


def row_of(folder: Path, paragraph: str) -> Covered | None:
    """The row of one paragraph, or of the paragraph that holds it, or None."""
    known = {r.id.casefold(): r for r in load_coverage(folder) if r.table == "paragraph"}
    parts = paragraph.casefold()
    while parts:
        if parts in known:
            return known[parts]
        parts = parts.rpartition(".")[0]
    return None


@lru_cache(maxsize=16)
def _rows(file: Path, _changed: int) -> tuple[Covered, ...]:
    head = Fields(file, "the file", read_toml(file))
    out: dict[tuple[str, str], Covered] = {}
    for table in TABLES:
        for n, entry in enumerate(head.rows(table), 1):
            row = Fields(file, f"{table} row {n}", entry)
            ids = row.texts("ids") or (row.text("id"),)
            by, names, why, told = row.text("by"), row.texts("names"), row.text("why", ""), row.text("told", "")
            row.done()
            if by not in WAYS:
                wrong(file, row.where, say("by is {by!r}, not one of {ways}", by=by, ways=", ".join(WAYS)))
            if by == "people" and not why:
                wrong(file, row.where, say("is for people and gives no reason (why)"))
            for id in ids:
                if (table, id) in out:
                    wrong(file, row.where, say("{id} stands twice", id=id))
                out[table, id] = Covered(table, id, by, names, why, told)
    head.done()
    return tuple(out.values())
