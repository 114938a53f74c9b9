"""Minimum heights from readings of a calibration target."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

from overflight.errors import BadInput
from overflight.imagery.passes import read_passes
from overflight.imagery.resolution import minimum_height, planning_height_m
from overflight.terms.words import say
from overflight.treaty.regime import Regime


def h_min(
    passes: Path,
    *,
    category: str,
    average: str = "max_of_direction_means",
    day: date,
    folder: Path | None = None,
) -> dict[str, Any]:
    """Minimum height above ground from passes over a target, by the linear rule of Decision Fourteen.

    Returns
    -------
    dict
        ``h_min_m, rule, verified, category, limit, along_m, across_m, passes, notes``.

    Raises
    ------
    CannotAnswer
        For infra-red, whose printed formula could not be read, and radar, which has no minimum height.
    BadFile, BadInput
        Naming file, row and column, or the option.
    """
    if category not in ("optical", "video", "infra-red", "radar"):
        raise BadInput(
            say("category {category!r} is none of optical, video, infra-red, radar", category=category[:40]),
            field="--category",
        )
    read = read_passes(passes)
    limit = Regime.on(day, folder=folder).value("resolution_limit", of=category)
    found = minimum_height(read, limit_cm=limit.value * 100.0, category=category, average=average)
    return {
        "h_min_m": round(found.h_min_m, 3),
        "rule": found.rule,
        "verified": found.verified,
        "category": category,
        "limit": limit.to_json(),
        "along_m": None if found.along_m is None else round(found.along_m, 3),
        "across_m": None if found.across_m is None else round(found.across_m, 3),
        "passes": len(read),
        "notes": list(found.notes),
    }


def estimate_h_min(focal_mm: float, line_pairs_per_mm: float, bar_m: float) -> dict[str, Any]:
    """A planning estimate by plain optics: the height at which a film camera's bar width is `bar_m`.

    Raises
    ------
    BadInput
        If a number is not positive and finite.
    """
    for name, value in (("--focal-mm", focal_mm), ("--line-pairs", line_pairs_per_mm), ("--bar-m", bar_m)):
        if not (math.isfinite(value) and value > 0):
            raise BadInput(say("{name} is {value}; it must be positive", name=name, value=value), field=name)
    return {
        "h_min_m": round(planning_height_m(focal_mm, line_pairs_per_mm, bar_m), 3),
        "rule": "H = 2 f R L",
        "verified": "no",
        "notes": [say("planning estimate, no rule of the treaty and no certificate")],
    }
