"""`overflight case`: decide law cases in YAML."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import JsonOption, answer, table
from overflight.terms.words import say

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, add_completion=False, help="Law cases: situation, question, answer."
)


@app.command()
def run(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Files of law cases, YAML; of a folder, all below it.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Decide law cases; exits 1 if any answer is not the expected one. Example: overflight case run cases.yaml"""
    from overflight.app import cases

    found = cases.run(files)

    def human() -> None:
        for row in found["cases"]:
            mark = say("ok") if row["ok"] else say("NOT AS EXPECTED")
            print(f"{mark:<4} {row['id']}: {row['citation']} {row['found']}")
            if not row["ok"]:
                print(f"     {'; '.join(row['wrong'])}")
                print(f"     {row['because']}")
        print(say("{passed} as expected, {failed} not", passed=found["passed"], failed=found["failed"]))

    answer(found, as_json=as_json, human=human, code=1 if found["failed"] else 0)


@app.command()
def facts(
    paragraph: Annotated[str, typer.Argument(help="A paragraph, such as XV.2.")],
    example: Annotated[bool, typer.Option("--example", help="A case to fill in for each rule, as YAML.")] = False,
    as_json: JsonOption = False,
) -> None:
    """What a case may give as facts for a paragraph. Example: overflight case facts XV.2 --example"""
    from overflight.app import cases

    rows: list[dict[str, Any]] = cases.facts_of(paragraph)

    def human() -> None:
        for row in rows:
            if example:
                print(row["example"])
                continue
            print(f"{row['citation']} {row['rule']}: {row['decides']}")
            if row["explained"]:
                print(textwrap.fill(row["explained"], 100, initial_indent="  ", subsequent_indent="  "))
            table(
                [(f["name"], f["kind"], say("needed") if f["needed"] else f["usual"]) for f in row["facts"]],
                (say("fact"), say("kind"), say("if not said")),
            )
            print()
        if not rows:
            print(say("no rule decides {paragraph}; overflight treaty show {paragraph} says why", paragraph=paragraph))

    answer(rows, as_json=as_json, human=human)
