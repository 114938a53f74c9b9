"""EA4OP beside ours: run where the user names its executable, else its scores as published.

EA4OP (Kobeaga, Merino, Lozano 2018) is the free evolutionary algorithm of the public repository gkobeaga/op-solver.
It takes no time limit; it stops when its population has settled, so that its CPU seconds stand beside its score.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from overflight.errors import BadInput, OverflightError
from overflight.planning.orienteering.oplib import Instance
from overflight.planning.orienteering.solve import checked
from overflight.terms.words import say

NAME: Final = "ea4op"
LARGEST_FILE: Final = 50_000_000
# Best score of its runs and the seconds that it took on the machine of the comparison, columns ga_best and ga_time of
# complete-results/results-long-timeout.ods in the public repository alberto-santini/orienteering-alns (Santini 2019,
# doi 10.1016/j.eswa.2018.12.050).  The published route of rat783-gen3-50 scores 26,762 when it is counted again.
SOURCE: Final = "Santini 2019, doi 10.1016/j.eswa.2018.12.050, results-long-timeout.ods"
PUBLISHED: Final = {
    "att48-gen2-50": (1717, 0.32),
    "eil101-gen3-50": (3345, 0.56),
    "kroA200-gen4-90": (9892, 2.73),
    "gr202-gen2-50": (7789, 8.77),
    "lin318-gen3-50": (10273, 6.33),
    "pcb442-gen2-50": (14273, 6.83),
    "att532-gen2-50": (19265, 23.43),
    "gr666-gen2-50": (26336, 136.48),
    "rat783-gen3-50": (26797, 30.64),
    "pr1002-gen2-50": (31746, 46.19),
    "vm1748-gen3-50": (70958, 225.29),
    "pr2392-gen2-50": (71018, 440.57),
}


def executable(text: str) -> Path:
    """The executable that ``--peer ea4op=PATH`` names.

    Raises
    ------
    BadInput
        If the peer is not known or the file cannot be run.
    """
    name, _, path = text.partition("=")
    if name != NAME or not path:
        raise BadInput(say("--peer {text}: ea4op=PATH was expected", text=text), field="--peer")
    found = Path(path).expanduser()
    if not (found.is_file() and os.access(found, os.X_OK)):
        raise BadInput(say("--peer {text}: {path} is no file that can be run", text=text, path=found), field="--peer")
    return found.resolve()


def run(program: Path, file: Path, instance: Instance, seed: int, most_seconds: float) -> dict[str, Any]:
    """One run in a child process; its tour is checked as ours is."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    note, score = None, None
    with tempfile.TemporaryDirectory() as folder:
        stats = Path(folder) / "stats.json"
        # Its own --stats stops the program; without it the file has this name in the folder where it runs.
        command = [str(program), "opt", "--op-exact", "0", "--seed", str(seed + 1)]
        try:
            subprocess.run(
                [*command, str(file.resolve())], cwd=folder, capture_output=True, timeout=most_seconds, check=True
            )
            rows = last_cycle(stats)
            score = checked(instance, rows).score
        except subprocess.TimeoutExpired:
            note = say("ea4op was not done after {s:.0f} s", s=most_seconds)
        except (OSError, subprocess.CalledProcessError):
            note = say("ea4op failed on this instance")
        except (OverflightError, ValueError, IndexError):
            note = say("ea4op returned no legal tour")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"score": score, "cpu_s": round(used, 2), "note": note}


def last_cycle(stats: Path) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Row numbers of the last tour in a file of JSON documents, one behind the other, as EA4OP writes them.

    Raises
    ------
    ValueError
        If it holds none.
    """
    if stats.stat().st_size > LARGEST_FILE:
        raise ValueError("too large")
    cycle: list[int] | None = None
    for document in _documents(stats.read_text(encoding="utf-8")):
        found = document.get("sol", {}).get("cycle") if isinstance(document, dict) else None
        if isinstance(found, list) and all(type(node) is int and node >= 1 for node in found):
            cycle = found
    if not cycle:
        raise ValueError("no tour")
    return np.array(cycle, dtype=np.int64) - 1


def _documents(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while (rest := text[at:].lstrip()) != "":
        at = len(text) - len(rest)
        document, used = decoder.raw_decode(rest)
        yield document
        at += used
