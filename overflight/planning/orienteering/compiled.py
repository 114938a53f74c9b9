"""Compiles the inner loops with numba where it is there; the same code runs as plain Python where it is not.

The machine code is kept on disk between runs.  Numba asks only whether the file of the function itself has changed,
not the files of what it calls, whose code is inside its own.  The folder is therefore named after the text of all files
that are compiled together: where one of them changes, all are compiled again.

A function that only other loops call is `inner`: without the wrappers that Python would need to call it, it compiles
in less time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

# Numba's own switch (NUMBA_DISABLE_JIT=1) turns the loops into plain Python too.
COMPILED = importlib.util.find_spec("numba") is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")

_OPTIONS: Final = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_HERE: Final = Path(__file__).resolve().parent
_MARKS: Final = ("@compiled", "@inner")
# Numbers that become part of the machine code stand in compiled files, and here.
CONSTANTS: Final = ("world.py",)


def compiled(function: Function) -> Function:
    """`function` compiled, its machine code kept on disk between runs where a folder for it can be written."""
    return _made(function, _OPTIONS)


def inner(function: Function) -> Function:
    """As `compiled`, for a function that only compiled ones call."""
    return _made(function, _OPTIONS | {"no_cpython_wrapper": True})


@cache
def cache_folder(package: Path) -> Path | None:
    """Where the machine code of a package's loops is kept; None if no folder can be written.

    ``NUMBA_CACHE_DIR`` if it is set, else beside the code, else the user's folder for caches.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    places = [Path(given)] if given else [package / "__pycache__", Path(home) / "overflight"]
    for place in places:
        folder = place / f"loops-{_text_of(package)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def compiled_files(package: Path) -> list[Path]:
    """The files whose text becomes part of the machine code of a package's loops: its own, and the point search's."""
    folders = dict.fromkeys((package, _HERE))
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    return [file for file in files if file.name in CONSTANTS or _holds_loops(file)]


def _holds_loops(file: Path) -> bool:
    return any(line.startswith(_MARKS) for line in file.read_text(encoding="utf-8").splitlines())


def _text_of(package: Path) -> str:
    sum_of = hashlib.sha256(repr((sys.implementation.cache_tag, sorted(_OPTIONS.items()))).encode())
    for file in compiled_files(package):
        sum_of.update(file.name.encode() + b"\0" + file.read_bytes())
    return sum_of.hexdigest()[:16]


def _made(function: Function, options: dict[str, Any]) -> Function:
    if not COMPILED:
        return function
    from numba import config as given
    from numba import njit

    config: Any = given  # its names are set when it is read
    made: Any
    folder = cache_folder(Path(function.__code__.co_filename).resolve().parent)
    if folder is None:
        return cast(Function, njit(**options)(function))
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        made = njit(cache=True, **options)(function)
    except RuntimeError:  # the folder is gone again
        made = njit(**options)(function)
    finally:
        config.CACHE_DIR = before
    return cast(Function, made)
