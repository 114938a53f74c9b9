"""`overflight schema`: JSON Schemas of the file formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import JsonOption, answer, table
from overflight.errors import BadInput
from overflight.terms.words import say

FOLDER = Path(__file__).resolve().parent.parent / "terms" / "schemas"
app = typer.Typer(rich_markup_mode=None)


def names() -> list[str]:
    """The formats that have a schema."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


@app.command()
def schema(
    name: Annotated[str | None, typer.Argument(help="A format, such as plan; without it, the list.")] = None,
    as_json: JsonOption = False,
) -> None:
    """JSON Schema (2020-12) of a file format.

    Example: overflight schema plan > plan.schema.json
    """
    if name is None:
        rows = [{"name": n, "title": json.loads((FOLDER / f"{n}.json").read_text("utf-8"))["title"]} for n in names()]
        answer(
            rows, as_json=as_json, human=lambda: table([[r["name"], r["title"]] for r in rows], ("name", "what it is"))
        )
        return
    if name not in names():
        raise BadInput(
            say("schema: {name!r} is no file format; there are: {names}", name=name[:60], names=", ".join(names())),
            field="name",
        )
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    answer(found, as_json=as_json, human=lambda: print(json.dumps(found, ensure_ascii=False, indent=2)))
