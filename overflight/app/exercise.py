"""An exercise: a folder with its name, three throwaway root keys, its roster and its clock.

The keys are made when the folder is; the package ships none.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from overflight.errors import BadFile, NoNode, OverflightError
from overflight.sharing.roster import Enrolled, Roots, Roster, sign_roster, verify_roster
from overflight.sharing.sign import ED25519, Ed25519Signer, PublicKey, from_base64, to_base64
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

ROOTS, THRESHOLD = 3, 2
LONGEST_ROSTER_BYTES = 3 << 19
LOCK = ".lock"


@dataclass(frozen=True)
class Exercise:
    """An exercise folder that exists."""

    folder: Path
    id: str

    @property
    def clock(self) -> Path:
        """The file that holds the time."""
        return self.folder / "clock"

    @property
    def roster_file(self) -> Path:
        """The newest signed roster."""
        return self.folder / "roster.json"

    @classmethod
    def open(cls, folder: Path) -> Exercise:
        """The exercise in `folder`.

        Raises
        ------
        NoNode
            If the folder holds no exercise.
        BadFile
            If its ``exercise.json`` is damaged.
        """
        file = folder / "exercise.json"
        if not file.is_file():
            raise NoNode(
                say(
                    "{folder} holds no exercise (no exercise.json); its nodes need it for clock and roster",
                    folder=folder,
                ),
                field="--exercise",
            )
        try:
            found = json.loads(file.read_text("utf-8"))["exercise"]
            if not isinstance(found, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, OSError):
            raise BadFile(say("{file} does not name an exercise", file=file), field=str(file)) from None
        return cls(folder, found)

    @classmethod
    def make(cls, folder: Path, *, at: datetime, regime: str) -> Exercise:
        """A new exercise with an empty roster under three new root keys.

        Raises
        ------
        BadFile
            If the folder already holds something else.
        """
        if folder.exists() and any(f.name != LOCK for f in folder.iterdir()):
            raise BadFile(
                say("{folder} is not empty and holds no exercise; name a new folder", folder=folder), field="--exercise"
            )
        (folder / "roots").mkdir(parents=True, exist_ok=True)
        made = cls(folder, f"ex-{secrets.token_hex(4)}")
        signers = {f"root/{n}/{ED25519}": Ed25519Signer.make() for n in range(1, ROOTS + 1)}
        for n, signer in enumerate(signers.values(), 1):
            _write(folder / "roots" / f"{n}.key", to_base64(signer.secret).encode() + b"\n", mode=0o600)
        roots = tuple(PublicKey(name, ED25519, s.public) for name, s in signers.items())
        first = Roster(regime, made.id, 1, rfc3339(at), THRESHOLD, roots, ())
        _write(made.roster_file, sign_roster(first, _some(signers)).envelope)
        text = json.dumps({"exercise": made.id, "regime": regime, "made_at": rfc3339(at)}, indent=2)
        _write(folder / "exercise.json", text.encode() + b"\n")
        return made

    def roster(self, pinned: Roots | None = None) -> Roster:
        """The newest roster of the folder.

        Raises
        ------
        NotVerified
            If two of the three (pinned) root keys did not sign it.
        """
        try:
            data = self.roster_file.read_bytes()[: LONGEST_ROSTER_BYTES + 1]
        except OSError:
            raise BadFile(say("{file} cannot be read", file=self.roster_file), field=str(self.roster_file)) from None
        return verify_roster(data, pinned)

    def with_party(self, party: Enrolled, *, at: datetime) -> Roster:
        """The roster with one Party more, signed by two of the three root keys; not yet written.

        Raises
        ------
        BadData
            If the Party is already entered.
        """
        return sign_roster(self.roster().with_party(party, at=rfc3339(at)), _some(self._root_signers()))

    def write_roster(self, roster: Roster) -> None:
        """Make `roster` the folder's newest."""
        _write(self.roster_file, roster.envelope)

    def _root_signers(self) -> dict[str, Ed25519Signer]:
        out = {}
        for n in range(1, ROOTS + 1):
            file = self.folder / "roots" / f"{n}.key"
            try:
                out[f"root/{n}/{ED25519}"] = Ed25519Signer(from_base64(file.read_text("ascii").strip(), "key", size=32))
            except (OSError, UnicodeDecodeError, OverflightError):
                continue  # two of the three are enough
        if len(out) < THRESHOLD:
            raise BadFile(
                say(
                    "{folder} lacks root keys ({found} of {needed} needed), so no further Party can be entered",
                    folder=self.folder / "roots",
                    found=len(out),
                    needed=THRESHOLD,
                ),
                field="--exercise",
            )
        return out


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """While the block runs, no other process changes the exercise."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _some(signers: dict[str, Ed25519Signer]) -> dict[str, Ed25519Signer]:
    return dict(sorted(signers.items())[:THRESHOLD])


def _write(file: Path, data: bytes, *, mode: int = 0o644) -> None:
    temporary = file.with_name(f".{file.name}.writing")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, file)
