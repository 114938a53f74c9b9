"""Reads orienteering instances in the OPLib form: TSPLIB coordinates, a length limit and a score for each node.

The form is that of TSPLIB (Reinelt, 1991) with ``COST_LIMIT`` and ``NODE_SCORE_SECTION``.  Node 1 is both start and
end, and its own score counts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadFile
from overflight.terms.words import say

KINDS: Final = ("EUC_2D", "CEIL_2D", "ATT", "GEO")
LARGEST_BYTES: Final = 20_000_000
MOST_NODES: Final = 100_000
LARGEST_COORDINATE: Final = 1e8
LARGEST_NUMBER: Final = 2**40
_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]{0,59}")
_SECTIONS: Final = frozenset({"NODE_COORD_SECTION", "NODE_SCORE_SECTION", "DEPOT_SECTION"})


@dataclass(frozen=True)
class Instance:
    """An orienteering instance: visit what scores most and be back at node 1 within the limit.

    Attributes
    ----------
    kind : str
        Rule for distances: EUC_2D, CEIL_2D, ATT or GEO, all integers.
    points : ndarray
        Coordinates as they stand in the file, float64, shape (n, 2).
    scores : ndarray
        Score of each node, int64, shape (n,); row 0 is node 1, the start, whose score counts.
    limit : int
        Longest tour, in the units of the distances.
    """

    name: str
    kind: str
    points: NDArray[np.float64]
    scores: NDArray[np.int64]
    limit: int

    @property
    def nodes(self) -> int:
        """Number of nodes, the start included."""
        return len(self.scores)


def read_oplib(path: Path) -> Instance:
    """The instance that a file holds.

    Raises
    ------
    BadFile
        With the line and the field that cannot be used, and what was expected there.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise BadFile(
                say("{path} has {size} bytes; an OPLib file may have {most}", path=path, size=size, most=LARGEST_BYTES),
                field=str(path),
            )
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadFile(
            say("{path} cannot be read: {why}", path=path, why=error.strerror or str(error)), field=str(path)
        ) from error
    except UnicodeDecodeError as error:
        raise BadFile(say("{path} is no text in UTF-8", path=path), field=str(path)) from error
    return parse_oplib(text, where=str(path))


def parse_oplib(text: str, *, where: str = "OPLib") -> Instance:
    """The instance in `text`; `where` names its origin in messages.

    Raises
    ------
    BadFile
        With the line and the field that cannot be used.
    """
    return _Reader(text.splitlines(), where).instance()


class _Reader:
    """Goes through the lines once and keeps the number of the line for messages."""

    def __init__(self, lines: list[str], where: str) -> None:
        self.lines, self.where, self.at = lines, where, 0
        self.heads: dict[str, str] = {}
        self.points: dict[int, tuple[float, float]] = {}
        self.scores: dict[int, int] = {}
        self.depots: list[int] = []

    def instance(self) -> Instance:
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            self.at += 1
            if not line:
                continue
            if line == "EOF":
                break
            key, colon, value = (part.strip() for part in line.partition(":"))
            if key in _SECTIONS:
                self._section(key)
            elif colon and _KEY.fullmatch(key):
                self._head(key, value)
            else:
                self._bad(key or line, say("an OPLib key, such as DIMENSION, or a section was expected"))
        return self._made()

    def _head(self, key: str, value: str) -> None:
        if key in self.heads:
            self._bad(key, say("it stands twice"))
        self.heads[key] = value
        if key == "TYPE" and value != "OP":
            self._bad(key, say("OP was expected, not {value!r}", value=value[:40]))
        if key == "EDGE_WEIGHT_TYPE" and value not in KINDS:
            self._bad(key, say("{value!r} is none of {known}", value=value[:40], known=", ".join(KINDS)))
        if key == "DIMENSION" and not 1 <= self._whole(key, value) <= MOST_NODES:
            self._bad(key, say("a count from 1 to {most} was expected", most=MOST_NODES))
        if key == "COST_LIMIT" and not 0 <= self._whole(key, value) <= LARGEST_NUMBER:
            self._bad(key, say("a whole number of at least 0 was expected"))

    def _section(self, key: str) -> None:
        n = self._dimension(key)
        while self.at < len(self.lines):
            parts = self.lines[self.at].split()
            if not parts:
                self.at += 1
                continue
            if parts[0][0].isalpha():
                return
            self.at += 1
            if parts[0] == "-1" and len(parts) == 1:
                return
            node = self._whole(key, parts[0])
            if not 1 <= node <= n:
                self._bad(key, say("node {node} is none of 1 to {n}", node=node, n=n))
            if key == "DEPOT_SECTION":
                self._width(key, parts, 1)
                self.depots.append(node)
            elif key == "NODE_COORD_SECTION":
                self._width(key, parts, 3)
                self._new(key, node, self.points)
                self.points[node] = (self._number(key, parts[1]), self._number(key, parts[2]))
                self._on_earth(key, node)
            else:
                self._width(key, parts, 2)
                self._new(key, node, self.scores)
                self.scores[node] = self._whole(key, parts[1])
                if not 0 <= self.scores[node] <= LARGEST_NUMBER:
                    self._bad(key, say("the score of node {node} is below 0 or too large", node=node))

    def _made(self) -> Instance:
        for key in ("DIMENSION", "COST_LIMIT", "EDGE_WEIGHT_TYPE"):
            if key not in self.heads:
                self._bad(key, say("it is missing"))
        n = int(self.heads["DIMENSION"])
        for key, rows in (("NODE_COORD_SECTION", set(self.points)), ("NODE_SCORE_SECTION", set(self.scores))):
            if len(rows) != n:
                first = next(node for node in range(1, n + 1) if node not in rows)
                self._bad(key, say("node {node} is missing; DIMENSION says {n} nodes", node=first, n=n))
        if self.depots not in ([], [1]):
            self._bad("DEPOT_SECTION", say("only node 1 can be start and end"))
        if sum(self.scores.values()) > LARGEST_NUMBER:
            self._bad("NODE_SCORE_SECTION", say("the scores add up to more than {most}", most=LARGEST_NUMBER))
        order = range(1, n + 1)
        return Instance(
            name=self.heads.get("NAME", Path(self.where).stem)[:200],
            kind=self.heads["EDGE_WEIGHT_TYPE"],
            points=np.array([self.points[node] for node in order], dtype=np.float64).reshape(n, 2),
            scores=np.array([self.scores[node] for node in order], dtype=np.int64),
            limit=int(self.heads["COST_LIMIT"]),
        )

    def _dimension(self, key: str) -> int:
        if "DIMENSION" not in self.heads:
            self._bad(key, say("DIMENSION has to come before it"))
        return int(self.heads["DIMENSION"])

    def _width(self, key: str, parts: list[str], width: int) -> None:
        if len(parts) != width:
            self._bad(key, say("{width} numbers were expected in the row, not {found}", width=width, found=len(parts)))

    def _new(self, key: str, node: int, rows: dict[int, tuple[float, float]] | dict[int, int]) -> None:
        if node in rows:
            self._bad(key, say("node {node} stands twice", node=node))

    def _on_earth(self, key: str, node: int) -> None:
        lat, lon = self.points[node]
        if self.heads.get("EDGE_WEIGHT_TYPE") == "GEO" and not (abs(lat) <= 90 and abs(lon) <= 180):
            self._bad(key, say("node {node} is not on the earth: latitude first, then longitude", node=node))

    def _whole(self, key: str, text: str) -> int:
        number = self._number(key, text)
        if number != int(number):
            self._bad(key, say("{text!r} is no whole number", text=text[:40]))
        return int(number)

    def _number(self, key: str, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and "_" not in text):
            self._bad(key, say("{text!r} is no number", text=text[:40]))
        largest = LARGEST_COORDINATE if key == "NODE_COORD_SECTION" else 4.0 * LARGEST_NUMBER
        if abs(number) > largest:
            self._bad(key, say("{text!r} is too large", text=text[:40]))
        return number

    def _bad(self, field: str, why: str) -> NoReturn:
        line = max(1, min(self.at, len(self.lines)))
        raise BadFile(
            say("{where}, line {line}, {field}: {why}", where=self.where, line=line, field=field[:60], why=why),
            field=field[:60],
            line=line,
        )
