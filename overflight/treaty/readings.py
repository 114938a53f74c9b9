"""Named readings: where the text is open, the choices, the default and what it rests on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.errors import UnknownReading
from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, wrong


@dataclass(frozen=True)
class Reading:
    """One open question, its choices (name -> what it says) and the choice in force."""

    name: str
    title: str
    choices: Mapping[str, str]
    default: str
    chosen: str
    citation: str
    note: str = ""
    basis: str = ""  # "text", "published readings" or "convention"

    def to_json(self) -> dict[str, Any]:
        """The reading as a JSON-able mapping."""
        return {
            "name": self.name,
            "title": self.title,
            "citation": self.citation,
            "choices": dict(self.choices),
            "default": self.default,
            "chosen": self.chosen,
            "basis": self.basis,
            "note": self.note,
        }


def load_readings(folder: Path) -> dict[str, Reading]:
    """Every named reading of the regime in `folder`, each with its default chosen.

    Raises
    ------
    BadData
        If the file is inconsistent: a default that is no choice, an unknown key.
    """
    file = folder / "readings.toml"
    return dict(_load(file, changed(file))) if file.exists() else {}


@lru_cache(maxsize=16)
def _load(file: Path, _changed: int) -> dict[str, Reading]:
    out: dict[str, Reading] = {}
    for name, data in read_toml(file).items():
        row = Fields(file, f"[{name}]", data)
        choices = data.get("choices")
        row.seen.add("choices")
        if not isinstance(choices, dict) or not all(isinstance(v, str) for v in choices.values()) or not choices:
            wrong(file, f"[{name}]", say("{key} is no table of keys", key="choices"))
        default = row.text("default")
        if default not in choices:
            wrong(file, f"[{name}]", say("default {default!r} is none of the choices", default=default))
        out[name] = Reading(
            name=name,
            title=row.text("title"),
            choices=choices,
            default=default,
            chosen=default,
            citation=row.text("citation"),
            note=row.text("note", ""),
            basis=row.text("basis", ""),
        )
        row.done()
    return out


def choose(readings: Mapping[str, Reading], chosen: Mapping[str, str]) -> dict[str, Reading]:
    """The readings with those in `chosen` set.

    Raises
    ------
    UnknownReading
        If a name is no reading or a value none of its choices; the message lists them.
    """
    out = dict(readings)
    for name, value in chosen.items():
        if name not in readings:
            near = difflib.get_close_matches(name, readings, n=3, cutoff=0.4)
            raise UnknownReading(
                say(
                    "{name!r} is no reading; the readings are {known}",
                    name=name,
                    known=", ".join(near or sorted(readings)),
                ),
                field="--reading",
                near=near,
            )
        if value not in readings[name].choices:
            raise UnknownReading(
                say(
                    "reading {name} ({citation}) has no choice {value!r}; choose one of {known}",
                    name=name,
                    citation=readings[name].citation,
                    value=value,
                    known=", ".join(readings[name].choices),
                ),
                field="--reading",
                citation=readings[name].citation,
                near=list(readings[name].choices),
            )
        out[name] = replace(readings[name], chosen=value)
    return out
