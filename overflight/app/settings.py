"""Every setting in one place, each with its default; the environment may change it (``OVERFLIGHT_...``)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from overflight.errors import BadInput
from overflight.terms.words import say


@dataclass(frozen=True)
class Settings:
    """Limits and addresses of a node."""

    # Host in the name of an operational node's log; the name of an exercise's log says so itself.
    host: str = "overflight.example"
    # A record from further in the future than this stays with its sender until the clocks agree.
    future_tolerance_s: int = 120
    # Attached files: one of them, and all that one parcel carries.
    blob_max_bytes: int = 64 << 20
    parcel_blob_bytes: int = 64 << 20
    bundle_max_bytes: int = 4 << 30
    http_timeout_s: int = 20
    # Exercise nodes only: how far this node's clock is wrong, to show what then happens.
    clock_offset_s: int = 0

    @property
    def parcel_max_bytes(self) -> int:
        """Longest parcel over HTTP: its attached files in base64, and the record."""
        return max(self.parcel_blob_bytes, self.blob_max_bytes) * 4 // 3 + (8 << 20)

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process.

        Raises
        ------
        BadInput
            If a number in the environment is none.
        """
        given = os.environ if environment is None else environment
        chosen: dict[str, str | int] = {}
        for field in fields(cls):
            text = given.get("OVERFLIGHT_" + field.name.upper())
            if text is None:
                continue
            if field.type == "str":
                chosen[field.name] = text
                continue
            try:
                chosen[field.name] = int(text)
            except ValueError:
                name = "OVERFLIGHT_" + field.name.upper()
                raise BadInput(say("{name}={text!r} is no whole number", name=name, text=text), field=name) from None
        return cls(**chosen)  # type: ignore[arg-type]
