"""What the catalogue of images asks of its store, in our words.  Every store passes the same tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

Box = tuple[float, float, float, float]  # west, south, east, north in degrees; west <= east


@dataclass(frozen=True)
class ImageRow:
    """One image: digests of its files, its STAC Item as JSON text, and where to look for it.

    `at` is the time of the exposure in whole seconds since 1970 (UTC). `boxes` holds one box for each
    part of the footprint; a footprint that 180° cuts has two.
    """

    id: str
    flight: str
    camera: str
    at: int
    original: str  # SHA-256, hex
    cog: str
    thumbnail: str
    item: str
    boxes: tuple[Box, ...] = field(default=(), compare=False)


class ImageStore(Protocol):
    """Rows of a node's catalogue. A search answers from boxes and whole seconds; its caller tests exactly."""

    def add(self, rows: Sequence[ImageRow]) -> int:
        """Keep rows, all or none; one that is there with equal digests changes nothing.

        Returns how many were new. `Conflict` if an id is taken by an image with another original.
        """

    def get(self, image_id: str) -> ImageRow | None:
        """One row, or None."""

    def by_digest(self, sha256: str) -> list[ImageRow]:
        """Rows of which a file has that digest, by id."""

    def find(
        self,
        *,
        boxes: Sequence[Box] | None = None,
        start: int | None = None,
        end: int | None = None,
        flight: str | None = None,
    ) -> list[ImageRow]:
        """Rows of which a box touches one of `boxes`, taken from `start` to `end` inclusive; by time, then id."""

    def count(self) -> int:
        """How many images there are."""

    def faults(self) -> list[str]:
        """Rows that are not as they were written."""
