"""`overflight personnel`: lists of designated personnel and objections to people on them (Article XIII)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import JsonOption, NodeOption, NowOption, answer, finding_line, moment_of, table
from overflight.errors import NoNode
from overflight.terms.words import say

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Lists of designated personnel and objections; records hold digests and never a name.",
)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="JSON list or CSV of people.")]
RecordArgument = Annotated[str, typer.Argument(metavar="RECORD", help="The record of the list.")]


def _node(folder: Path | None, now: str | None, *, writer: bool) -> Any:
    from overflight.app.wiring import open_node

    if folder is None:
        raise NoNode(say("name the node that acts with --node DIR, or OVERFLIGHT_NODE"), field="--node")
    return open_node(folder, writer=writer, now=moment_of(now))


@app.command()
def send(
    file: FileArgument,
    occasion: Annotated[
        str, typer.Option("--occasion", metavar="WORD", help="ratification or amendment. (XIII.I.1.a)")
    ] = "amendment",
    deposited_at: Annotated[
        str | None, typer.Option("--deposited-at", metavar="TIME", help="Of the instrument. (XIII.I.1.a)")
    ] = None,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell all other Parties of a list by its digest; the file stays here. Exits 1 if it breaches: the act stands.

    Example: overflight personnel send people.csv --occasion amendment
    """
    from overflight.app import personnel

    with _node(node, now, writer=True) as open_one:
        stored = personnel.send(open_one, file, occasion=occasion, deposited_at=deposited_at)
        out = {"record": stored.rid, **personnel.show(open_one)}
    answer(out, as_json=as_json, human=lambda: _tell(out), code=_code(out, stored.rid))


@app.command("object")
def object_(
    record: RecordArgument,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="The person's place in the list, from 1.")],
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Object to a person on another Party's list; within 30 days of its receipt the person is never accepted.

    Example: overflight personnel object 3f1c... 17
    """
    from overflight.app import personnel

    with _node(node, now, writer=True) as open_one:
        stored = personnel.object_to(open_one, record, entry)
        out = {"record": stored.rid, **personnel.show(open_one)}
    answer(out, as_json=as_json, human=lambda: _tell(out), code=_code(out, stored.rid))


@app.command()
def keep(
    file: FileArgument,
    record: RecordArgument,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep another Party's list that came by the official channel, if it is the one that the record names.

    Example: overflight personnel keep list.csv 3f1c...
    """
    from overflight.app import personnel

    with _node(node, now, writer=True) as open_one:
        found = personnel.keep(open_one, file, record).to_json()
    told = say("Kept: {n} people of {code}", n=found["persons"], code=found["party"])
    answer(found, as_json=as_json, human=lambda: print(told))


@app.command()
def count(
    file: FileArgument,
    of: Annotated[
        list[str], typer.Option("--of", metavar="PARTY", help="Whose list they should stand on; may be repeated.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="PARTY", help="The observed Party, who may object.")],
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many people of a flight are listed, and to how many there is an objection; numbers only.

    Example: overflight personnel count people.csv --of DEU --by RUS
    """
    from overflight.app import personnel

    with _node(node, now, writer=False) as open_one:
        found = personnel.count(open_one, file, of=[code.strip().upper() for code in of], by=by.strip().upper())
    sentence = say("{people} people, {listed} on the list, {objected_to} objected to", **found)
    code = 0 if found["listed"] == found["people"] and not found["objected_to"] else 1
    answer(found, as_json=as_json, human=lambda: print(sentence), code=code)


@app.command()
def show(node: NodeOption = None, now: NowOption = None, as_json: JsonOption = False) -> None:
    """Every list with its reviews, who may still object, and what is not in compliance; exits 1 if anything is.

    Example: overflight personnel show --node exercise/DEU
    """
    from overflight.app import personnel

    with _node(node, now, writer=False) as open_one:
        out = personnel.show(open_one)
    answer(out, as_json=as_json, human=lambda: _tell(out), code=_code(out))


def _code(out: Mapping[str, Any], record: str | None = None) -> int:
    """1 if anything breaches, or anything about one record; the act stands all the same."""
    about = (f for f in out["findings"] if record is None or (f.get("where") or {}).get("message") == record)
    return int(any(f["verdict"] == "breaches" for f in about))


def _tell(out: Mapping[str, Any]) -> None:
    rows = [
        (
            one["party"],
            one["at"],
            one["persons"],
            say("current") if one["current"] else "",
            review["party"],
            review["may_object_until"],
            ", ".join(say("place {n}", n=o["entry"]) for o in review["objections"]) or say("none"),
            say("not yet") if review["accepted"] is None else review["accepted"],
        )
        for one in out["lists"]
        for review in one["reviews"] or [{"party": "-", "may_object_until": "-", "objections": [], "accepted": "-"}]
    ]
    heads = (
        "list of",
        "at",
        "people",
        "",
        "reviewed by",
        "may object until",
        "objected to (place in the list)",
        "accepted",
    )
    table(rows, heads)
    for found in out["findings"]:
        print(finding_line(found))
