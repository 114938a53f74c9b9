"""What a regime says of the costs of a flight, from ``costs.toml``: who provides a thing and who bears its cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from overflight.terms.words import say
from overflight.treaty.datafile import MARKS, Fields, changed, read_toml, wrong

PROVIDES = ("observing", "observed", "supplier", "designating", "developer", "asked", "nobody")
PAYS = ("scale", "observed", "agreement", "causing", "silent")
WHEN = ("all", "transit", "taxi", "third", "demonstration", "doubted", "deviation", "damage", "shared")


@dataclass(frozen=True)
class Cost:
    """One thing that costs: its paragraph, who provides it, who pays, and for which flights it is shown."""

    id: str
    item: str
    citation: str
    provides: str
    pays: str
    when: str
    says: str
    since: date
    until: date | None
    source: str
    verified: str
    in_force: str
    note: str


def costs_on(folder: Path, day: date) -> tuple[Cost, ...]:
    """What the regime in `folder` says of costs on a day; nothing where it has no such file.

    Raises
    ------
    BadData
        If the file is inconsistent: an unknown word, a row that stands twice.
    """
    file = folder / "costs.toml"
    rows = _costs(file, changed(file)) if file.is_file() else ()
    return tuple(r for r in rows if r.since <= day and (r.until is None or day < r.until))


@lru_cache(maxsize=16)
def _costs(file: Path, _changed: int) -> tuple[Cost, ...]:
    head = Fields(file, "the file", read_toml(file))
    head.text("title")
    defaults = {key: head.row[key] for key in ("source", "verified", "in_force", "from", "note") if key in head.row}
    head.seen |= defaults.keys()
    out: dict[str, Cost] = {}
    for n, entry in enumerate(head.rows("cost"), 1):
        row = Fields(file, f"cost row {n}", entry, defaults)
        words = {"provides": PROVIDES, "pays": PAYS, "when": WHEN, "in_force": MARKS}
        for key, known in words.items():
            if row.text(key) not in known:
                choices = ", ".join(known)
                wrong(file, row.where, say("{key} is {found!r}, not one of {choices}", key=key, found=row.text(key),
                                           choices=choices))  # fmt: skip
        cost = Cost(
            id=row.text("id"), item=row.text("item"), citation=row.text("citation"), provides=row.text("provides"),
            pays=row.text("pays"), when=row.text("when"), says=row.text("says"), since=row.day("from"),
            until=row.maybe_day("until"), source=row.text("source"), verified=row.text("verified"),
            in_force=row.text("in_force"), note=row.text("note", ""),
        )  # fmt: skip
        row.done()
        if cost.id in out:
            wrong(file, row.where, say("{id} stands twice", id=cost.id))
        out[cost.id] = cost
    head.done()
    return tuple(out.values())
