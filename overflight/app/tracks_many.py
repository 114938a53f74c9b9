"""Many tracks against one plan: a row for each, in a pool of processes, with bounded memory."""

from __future__ import annotations

import csv
import gc
import json
import multiprocessing
import os
import platform
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from overflight.app.flight_track import as_flown, read_track_file
from overflight.app.plans import Ground, ground
from overflight.errors import BadFile, BadInput, OverflightError
from overflight.flight.track import TrackCheck
from overflight.planning.borderlines import BorderLines
from overflight.planning.measure import measure
from overflight.rules.finding import Verdict
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say
from overflight.treaty.regime import Regime

SUFFIXES: Final = (".csv", ".gpx", ".igc", ".json", ".jsonl", ".txt")
COLUMNS: Final = (
    "track",
    "ok",
    "complies",
    "breaches",
    "rights",
    "undetermined",
    "max_deviation_km",
    "flown_km",
    "counted_km",
    "nearest_border_km",
    "lowest_agl_m",
    "gaps",
    "jumps",
    "notes",
    "fixes",
    "began",
    "ended",
    "error",
)
MOST_TRACKS: Final = 1_000_000
MOST_LINES_BYTES: Final = 100_000_000
_AT_ONCE: Final = 8  # files that a worker is given together
_WAITING: Final = 4  # such bundles for each worker; no more are in memory

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """What every track is held against; sent once to each worker."""

    plan: MissionPlan
    day: date | None  # of the regime; the track's own first day if None
    readings: tuple[tuple[str, str], ...] = ()
    folder: Path | None = None  # of another regime
    icao24: str | None = None
    elevation: bool = True


def tracks_in(folder: Path) -> list[Path]:
    """The track files of a folder, by name.

    Raises
    ------
    BadFile
        If there is no such folder, or no track in it.
    """
    if not folder.is_dir():
        raise BadFile(say("there is no folder {path}", path=str(folder)[:200]), field="--folder")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise BadFile(
            say("{path} holds no track: no {kinds}", path=str(folder)[:200], kinds=", ".join(SUFFIXES)),
            field="--folder",
        )
    return _few_enough(found)


def tracks_listed(path: Path) -> list[Path]:
    """The files that a text file names, one a line, from its own folder; a file that is not there is a row later.

    Raises
    ------
    BadFile
        If the list cannot be read or is empty.
    """
    if not path.is_file() or path.stat().st_size > MOST_LINES_BYTES:
        raise BadFile(say("--tracks: there is no list {path}", path=str(path)[:200]), field="--tracks")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadFile(say("--tracks: {path} is no text in UTF-8", path=path.name), field="--tracks") from None
    found = [path.parent / line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not found:
        raise BadFile(say("--tracks: {path} names no file", path=path.name), field="--tracks")
    return _few_enough(found)


def _few_enough(found: list[Path]) -> list[Path]:
    if len(found) > MOST_TRACKS:
        raise BadInput(say("{n} tracks; at most {most} at once", n=len(found), most=MOST_TRACKS), field="TRACK")
    return found


def check_one(path: Path, task: Task, over: Ground) -> Row:
    """One track's row; a file that cannot be used is a row that says why."""
    try:
        track = read_track_file(path, icao24=task.icao24)
        regime = Regime.on(task.day or track.time(0).date(), readings=dict(task.readings), folder=task.folder)
        return row_of(path.name, as_flown(task.plan, track, regime, over))
    except OverflightError as error:
        return _failed(path, error.message)
    except (OSError, ValueError, ArithmeticError, MemoryError) as error:
        return _failed(path, f"{type(error).__name__}: {str(error)[:200]}")


def _failed(path: Path, why: str) -> Row:
    return dict.fromkeys(COLUMNS) | {"track": path.name, "ok": False, "error": why}


def row_of(name: str, found: TrackCheck) -> Row:
    """The numbers of a track, and the paragraphs of its findings."""

    def cited(verdict: Verdict) -> list[str]:
        return sorted({f.citation for f in found.findings if f.verdict is verdict})

    out = found.to_json()
    return {
        "track": name,
        "ok": True,
        "complies": found.complies,
        "breaches": cited(Verdict.BREACHES),
        "rights": cited(Verdict.RIGHT),
        "undetermined": cited(Verdict.UNDETERMINED),
        **{what: out[what] for what in ("max_deviation_km", "flown_km", "counted_km", "nearest_border_km")},
        "lowest_agl_m": out["lowest_agl_m"],
        "gaps": len(found.gaps),
        "jumps": len(found.jumps),
        "notes": sorted({note.kind for note in found.notes}),
        "fixes": found.fixes,
        "began": out["began"],
        "ended": out["ended"],
        "error": None,
    }


def check_many(
    paths: Sequence[Path],
    task: Task,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    over: Ground | None = None,
) -> Iterator[Row]:
    """A row for each track, in the order of `paths`, whatever the number of workers.

    Only a few bundles of files are under way at a time.  A worker that dies takes its bundle's files with it: they are
    checked once more, each alone, and those that kill again are rows with that as their error.

    Parameters
    ----------
    workers : int, optional
        Processes; as many as there are processors if None, none but this one if 1.
    progress : called with tracks done and all.
    """
    over = _with_heights(over or ground(), task)
    workers = min(workers or os.cpu_count() or 1, max(1, len(paths) // 2))
    rows = (check_one(path, task, over) for path in paths) if workers <= 1 else _in_pool(paths, task, over, workers)
    for done, row in enumerate(rows, start=1):
        yield row
        if progress:
            progress(done, len(paths))


def _with_heights(over: Ground, task: Task) -> Ground:
    return over if task.elevation else replace(over, elevation=None)


_HERE: dict[str, Any] = {}  # of a worker: the task and the ground


def _begin(task: Task, over: Ground | None) -> None:
    _HERE["task"] = task
    _HERE["over"] = over or _with_heights(ground(), task)
    gc.freeze()  # what the worker starts with stays to its end: it need not be looked through, nor its pages copied


def _bundle(paths: list[Path]) -> list[Row]:
    return [check_one(path, _HERE["task"], _HERE["over"]) for path in paths]


def _pool(task: Task, over: Ground, workers: int) -> ProcessPoolExecutor:
    forked = "fork" in multiprocessing.get_all_start_methods() and platform.system() == "Linux"
    if forked:  # forked workers share the borders and their index with this process
        _warm(task, over)
    method = multiprocessing.get_context("fork" if forked else "spawn")
    return ProcessPoolExecutor(workers, method, _begin, (task, over if forked else None))


def _warm(task: Task, over: Ground) -> None:
    """Build what all tracks need, once, before the workers are made."""
    BorderLines.every(over.borders)
    if over.elevation is not None:
        over.elevation.ground(np.zeros(1), np.zeros(1))
    day = task.day or (task.plan.take_off.date() if task.plan.take_off else None)
    if day is not None:
        try:
            measure(task.plan, Regime.on(day, readings=dict(task.readings), folder=task.folder), borders=over.borders)
        except OverflightError:
            return  # each track will tell


def _in_pool(paths: Sequence[Path], task: Task, over: Ground, workers: int) -> Iterator[Row]:
    size = max(1, min(_AT_ONCE, len(paths) // (2 * workers)))
    bundles: Iterable[list[Path]] = (list(paths[n : n + size]) for n in range(0, len(paths), size))
    feed = iter(bundles)
    waiting: deque[tuple[list[Path], Future[list[Row]]]] = deque()
    pool = _pool(task, over, workers)
    try:
        while True:
            while len(waiting) < _WAITING * workers and (some := next(feed, None)) is not None:
                waiting.append((some, pool.submit(_bundle, some)))
            if not waiting:
                return
            some, future = waiting.popleft()
            try:
                found = future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False, cancel_futures=True)
                found = [_alone(path, task, over) for path in some]
                pool = _pool(task, over, workers)
                waiting = deque((again, pool.submit(_bundle, again)) for again, _ in waiting)
            yield from found
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(path: Path, task: Task, over: Ground) -> Row:
    with _pool(task, over, 1) as pool:
        try:
            return pool.submit(_bundle, [path]).result()[0]
        except BrokenProcessPool:
            return _failed(path, say("the process that read this file died"))


@dataclass
class Tally:
    """Counts over all rows."""

    tracks: int = 0
    comply: int = 0
    breach: int = 0
    failed: int = 0

    def add(self, row: Row) -> None:
        """Count one row."""
        self.tracks += 1
        self.failed += not row["ok"]
        self.comply += row["complies"] is True
        self.breach += row["complies"] is False


class RowFile:
    """Rows written as CSV or as JSON lines, by the name's ending; the file appears when all are written."""

    def __init__(self, path: Path):
        if path.suffix.lower() not in (".csv", ".jsonl"):
            raise BadInput(say("-o {name}: write .csv or .jsonl", name=path.name), field="-o")
        self.path = path
        self.lines = path.suffix.lower() == ".jsonl"
        try:
            number, name = tempfile.mkstemp(prefix=".tracks", dir=path.parent)
        except OSError as error:
            raise BadFile(say("-o {path}: {why}", path=str(path)[:200], why=error.strerror), field="-o") from None
        self.part = Path(name)
        self.file = os.fdopen(number, "w", encoding="utf-8", newline="")
        self.table = csv.writer(self.file)
        if not self.lines:
            self.table.writerow(COLUMNS)

    def write(self, row: Row) -> None:
        """One row."""
        if self.lines:
            self.file.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            self.table.writerow([_cell(row[what]) for what in COLUMNS])

    def __enter__(self) -> RowFile:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.file.close()
        if kind is None:
            os.chmod(self.part, 0o644)
            os.replace(self.part, self.path)
        else:
            self.part.unlink(missing_ok=True)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else value
    # A file name that a spreadsheet would take for a formula.
    return f"'{text}" if isinstance(text, str) and text.startswith(("=", "+", "-", "@")) else text
