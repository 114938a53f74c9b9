"""Write docs/reference/commands.md from the commands' own help; without `--write`, exit 1 when it is out of date."""

import importlib
import sys
from pathlib import Path
from typing import Any

import typer

from overflight.cli.main import NOUNS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/commands.md"


def argument(parameter: Any) -> str:
    return (parameter.metavar or parameter.name or "").strip("{}[]").upper()


def options(command: Any) -> list[str]:
    rows = []
    for p in command.params:
        if getattr(p, "hidden", False) or p.name == "help":
            continue
        names = ", ".join(f"`{o}`" for o in p.opts) if p.param_type_name == "option" else f"`{argument(p)}`"
        text = (getattr(p, "help", None) or "").replace("|", "\\|").replace("\n", " ")
        rows.append(f"| {names} | {text} |")
    return ["", "| option | what |", "|---|---|", *rows] if rows else []


def described(path: str, command: Any) -> list[str]:
    text = (command.help or "").strip()
    return ["", f"### overflight {path}", "", text, *options(command)]


def page() -> str:
    lines = [
        "# Commands",
        "",
        "Noun, then verb. `--json` on every command prints one JSON document on standard output and nothing",
        "else; messages and progress go to standard error. Exit codes: 0 done or complies, 1 breaches or a",
        "negative answer, 2 bad input or wrong use, 3 the question itself cannot be answered. This page is",
        "made from the commands' own help.",
        "",
        "### overflight version",
        "",
        "The version. Takes `--json`.",
    ]
    for noun, (module, line) in NOUNS.items():
        command = typer.main.get_command(importlib.import_module(module).app)
        lines += ["", f"## {noun}", "", line]
        verbs = getattr(command, "commands", None)
        if not verbs:
            lines += described(noun, command)
            continue
        for name, verb in verbs.items():
            inner = getattr(verb, "commands", None)
            for path, leaf in (
                [(f"{noun} {name} {k}", v) for k, v in inner.items()] if inner else [(f"{noun} {name}", verb)]
            ):
                lines += described(path, leaf)
    return "\n".join(lines) + "\n"


def main(write: bool) -> int:
    text = page()
    if write:
        PAGE.write_text(text, "utf-8")
        print(f"{PAGE.relative_to(ROOT)}: {text.count('### ')} commands")
        return 0
    if not PAGE.exists() or PAGE.read_text("utf-8") != text:
        print("docs/reference/commands.md is out of date; run: python scripts/command_reference.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
