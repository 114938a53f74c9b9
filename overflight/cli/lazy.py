"""A command group that knows its nouns' names and help, and imports a noun only when it is called."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup


def command_for(nouns: Mapping[str, tuple[str, str]]) -> Any:
    """The top-level command over `nouns` (name -> module with `app`, help line)."""

    class Nouns(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [name for name, (module, _) in nouns.items() if importlib.util.find_spec(module)]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if cmd_name not in nouns:
                return None
            module, line = nouns[cmd_name]
            if ctx.resilient_parsing or not ctx.meta.get("overflight.called"):
                return _Unloaded(cmd_name, line)
            noun = importlib.import_module(module).app
            noun._add_completion = False  # of the whole command, not of each noun
            command: Any = typer.main.get_command(noun)
            command.name = cmd_name
            return command

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            ctx.meta["overflight.called"] = True
            return super().resolve_command(ctx, args)

    root = typer.Typer(
        cls=Nouns,
        name="overflight",
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        help="Runs a cooperative aerial observation regime, the Treaty on Open Skies first. "
        "Exit codes: 0 done or complies, 1 breaches or a negative answer, 2 bad input, 3 cannot be answered. "
        "Every command takes --json.",
    )

    @root.callback()
    def top() -> None:
        pass

    return typer.main.get_command(root)


def _Unloaded(name: str, line: str) -> Any:
    from typer.core import TyperCommand

    return TyperCommand(name, help=line, short_help=line, callback=lambda: None)
