"""Drafts: what a Party keeps for itself.  No record, log, export or answer ever holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from overflight.app.node import Node


class Drafts:
    """Named private notes of one node."""

    def __init__(self, node: Node):
        self._node = node

    def put(self, name: str, data: bytes) -> None:
        """Keep a draft under `name`."""
        with self._node.change() as c:
            c.put_draft(name, data)

    def get(self, name: str) -> bytes | None:
        """The draft, or None."""
        with self._node.view() as v:
            return v.draft(name)

    def names(self) -> list[str]:
        """All names, sorted."""
        with self._node.view() as v:
            return v.drafts()

    def delete(self, name: str) -> None:
        """Remove a draft, if it is there."""
        with self._node.change() as c:
            c.delete_draft(name)
