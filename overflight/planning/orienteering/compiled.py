"""Compiles the inner loops with numba where it is there; the same code runs as plain Python where it is not."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

# Numba's own switch (NUMBA_DISABLE_JIT=1) turns the loops into plain Python too.
COMPILED = importlib.util.find_spec("numba") is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


def compiled(function: Function) -> Function:
    """`function` compiled, its machine code kept on disk between runs where a folder for it can be written."""
    if not COMPILED:
        return function
    from numba import njit

    made: Any
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder for the cache
        made = njit(nogil=True)(function)
    return cast(Function, made)
