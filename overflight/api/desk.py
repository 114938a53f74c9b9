"""What every route works with: this process's node, if it has one, the clock, and the regime of a day."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from overflight.api.guard import LOOPBACK
from overflight.errors import BadInput, NoNode
from overflight.terms.moment import parse_day
from overflight.terms.words import say
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.app.node import Node


@dataclass
class Desk:
    """One per process. Without a node the Treaty and Planner pages work, and nothing can be signed."""

    folder: Path | None = None
    hosts: frozenset[str] = LOOPBACK
    story_url: str | None = None
    peers_only: bool = False
    _node: Node | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Desk:
        """The desk that OVERFLIGHT_NODE, OVERFLIGHT_HOSTS, OVERFLIGHT_STORY_URL and OVERFLIGHT_PEERS_ONLY ask for.

        Raises
        ------
        BadInput
            If the address of the story is not on loopback.
        """
        story = environment.get("OVERFLIGHT_STORY_URL", "").rstrip("/") or None
        if story and (urlsplit(story).scheme != "http" or urlsplit(story).hostname not in LOOPBACK):
            raise BadInput(
                say("OVERFLIGHT_STORY_URL must be an http address on this machine, such as http://127.0.0.1:8790"),
                field="OVERFLIGHT_STORY_URL",
            )
        named = {name.strip().lower() for name in environment.get("OVERFLIGHT_HOSTS", "").split(",")} - {""}
        folder = environment.get("OVERFLIGHT_NODE")
        return cls(
            folder=Path(folder) if folder else None,
            hosts=LOOPBACK | named,
            story_url=story,
            peers_only=environment.get("OVERFLIGHT_PEERS_ONLY", "") not in ("", "0"),
        )

    def open(self) -> None:
        """Open the node for writing, if there is one.

        Raises
        ------
        NodeBusy
            If another process has it open.
        """
        if self.folder is not None and self._node is None:
            from overflight.app.wiring import open_node

            self._node = self._open.enter_context(open_node(self.folder))

    def close(self) -> None:
        """Let go of the node."""
        self._open.close()
        self._node = None

    @property
    def maybe_node(self) -> Node | None:
        """The node, or None."""
        return self._node

    @property
    def node(self) -> Node:
        """The node.

        Raises
        ------
        NoNode
            If this process serves none.
        """
        if self._node is None:
            raise NoNode(
                say("This server has no node; make one with `overflight node init` and serve it with --node."),
                field="OVERFLIGHT_NODE",
            )
        return self._node

    def now(self) -> datetime:
        """The node's clock (an exercise has its own), else this machine's; UTC."""
        return self._node.now() if self._node else datetime.now(UTC).replace(microsecond=0)

    def day(self, text: str | None = None) -> date:
        """The day of the regime: what was asked for, else the clock's."""
        return parse_day(text, field="on") if text else self.now().date()

    def readings(self, pairs: Mapping[str, str] | None = None) -> dict[str, str]:
        """The node's readings, with what was asked for on top."""
        return {**(self._node.readings if self._node else {}), **(pairs or {})}

    def regime(self, day: date | None = None, readings: Mapping[str, str] | None = None) -> Regime:
        """The regime on `day`, under the node's readings with `readings` on top."""
        return Regime.on(day or self.day(), readings=self.readings(readings))


def the_desk(request: Request) -> Desk:
    """The desk of the application that answers `request`."""
    return cast(Desk, request.app.state.desk)


TheDesk = Annotated[Desk, Depends(the_desk)]
