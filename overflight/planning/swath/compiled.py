"""Compiles the loops of the search with numba where it is there, as `orienteering.compiled` does.

A function that only other loops call is `inner`: without the wrappers that Python would need to call it, it compiles
in less time.  Uncompiled, both are the plain function.
"""

from __future__ import annotations

from typing import Any, cast

from overflight.planning.orienteering.compiled import COMPILED, Function

_OPTIONS = {"nogil": True, "error_model": "numpy"}
_INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Function) -> Function:
    """`function` compiled, its machine code kept on disk between runs where a folder for it can be written."""
    return _made(function, _OPTIONS | {"no_cfunc_wrapper": True})


def inner(function: Function) -> Function:
    """As `compiled`, for a function that only compiled ones call."""
    return _made(function, _OPTIONS | _INNER)


def _made(function: Function, options: dict[str, Any]) -> Function:
    if not COMPILED:
        return function
    from numba import njit

    made: Any
    try:
        made = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        made = njit(**options)(function)
    return cast(Function, made)
