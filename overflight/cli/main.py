"""The `overflight` command: noun, then verb.

`version` answers before the command-line library is imported, and the module of a
noun loads only when that noun is called, so that both cost little.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from overflight import __version__

# noun or lone verb -> module that holds `app`, and the line for --help
NOUNS: dict[str, tuple[str, str]] = {
    "treaty": (
        "overflight.cli.treaty",
        "What the treaty says on a day: Parties, quotas, airfields, paragraphs.",
    ),
    "case": ("overflight.cli.case", "Law cases in YAML: situation, question, answer."),
    "plan": ("overflight.cli.plan", "Find, check and compare mission plans."),
    "flight": (
        "overflight.cli.flight",
        "Acts of this node's Party in one observation flight, and its state.",
    ),
    "personnel": (
        "overflight.cli.personnel",
        "Lists of designated personnel and objections to people on them.",
    ),
    "image": ("overflight.cli.image", "Take in, search, verify and hand over images."),
    "sensor": ("overflight.cli.sensor", "Sensors and minimum heights."),
    "record": ("overflight.cli.record", "Signed records: verify, export, import, exchange."),
    "node": ("overflight.cli.node", "A Party's own node: make, connect, back up, examine."),
    "serve": ("overflight.cli.serve", "Serve this node's pages and programming interface."),
    "demo": ("overflight.cli.demo", "Play one whole observation flight, a labelled exercise."),
    "schema": ("overflight.cli.schema", "JSON Schemas of the file formats."),
    "bench": ("overflight.cli.bench", "Measure speed against named peers in one run."),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is the answer (0 complies, 1 breaches, 2 bad input, 3 unanswerable)."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    if args[:1] in (["version"], ["--version"]):
        if any(a not in ("--json",) for a in args[1:]):
            print(f"overflight version takes no {args[1]!r}, only --json", file=sys.stderr)
            return 2
        print(json.dumps({"version": __version__}) if "--json" in args else f"overflight {__version__}")
        return 0
    return _run(args)


def _run(args: list[str]) -> int:
    from overflight.cli.lazy import command_for
    from overflight.errors import OverflightError

    as_json = "--json" in args
    try:
        result = command_for(NOUNS)(args=args, prog_name="overflight", standalone_mode=False)
    except OverflightError as error:
        return _tell(error.to_json(), error.message, error.exit_code, as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except Exception as error:
        return _unforeseen(error, args, as_json=as_json)
    return result if isinstance(result, int) else 0


def _tell(problem: dict[str, object], sentence: str, code: int, *, as_json: bool) -> int:
    print(sentence, file=sys.stderr)
    if as_json:
        print(json.dumps({"error": problem}, ensure_ascii=False, indent=2))
    return code


def _unforeseen(error: Exception, args: list[str], *, as_json: bool) -> int:
    """Wrong use as the command-line library reports it, or a fault of ours, told without a traceback."""
    if type(error).__name__ == "Abort":
        return 130
    show = getattr(error, "format_message", None)
    if callable(show):  # click's usage errors, whichever copy of click raised them
        context = getattr(error, "ctx", None)
        sentence = str(show())
        if context is not None:
            sentence += f"\nTry: {context.command_path} --help"
        return _tell({"code": "wrong-use", "detail": sentence}, sentence, 2, as_json=as_json)
    if type(error).__name__ == "Exit":
        return int(getattr(error, "exit_code", 0))
    if os.environ.get("OVERFLIGHT_DEBUG"):
        raise error
    sentence = (
        f"A fault of Overflight's own ({type(error).__name__}: {error}) in: overflight {' '.join(args[:2])}. "
        "Nothing more was done. Set OVERFLIGHT_DEBUG=1 to see where, and please report it."
    )
    return _tell({"code": "internal", "detail": sentence}, sentence, 3, as_json=as_json)


if __name__ == "__main__":
    sys.exit(main())
