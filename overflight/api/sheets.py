"""Sheets: what an act would sign, shown once and signed once, and only while nothing else came in."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from overflight.errors import Conflict
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node

MOST_SHEETS = 64
A = TypeVar("A")


class Sheets(Generic[A]):
    """Acts that were shown on a sheet and wait for their signature, with the number of records seen then."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[A, int]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, act: A, records: int) -> str:
        """Keep an act; the oldest sheet gives way."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._open[token] = (act, records)
            while len(self._open) > MOST_SHEETS:
                self._open.popitem(last=False)
        return token

    def take(self, token: str, records: int) -> A:
        """The act of a sheet, once.

        Raises
        ------
        Conflict
            If the sheet is gone, or records came in since it was shown.
        """
        with self._lock:
            found = self._open.pop(token, None)
        if found is None:
            raise Conflict(say("This sheet was signed or is too old; open it again from its page."))
        if found[1] != records:
            raise Conflict(say("Something came in since this sheet was shown; look again and open it anew."))
        return found[0]


def records_of(node: Node) -> int:
    """How many records the node holds now."""
    with node.view() as found:
        return found.record_count()
