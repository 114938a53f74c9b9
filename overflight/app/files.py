"""Writing a file that a user asked for: whole, or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from overflight.errors import BadInput
from overflight.terms.words import say


def write_file(file: Path, data: bytes) -> None:
    """Write `data`, replacing what was there only once all of it is on disk.

    Raises
    ------
    BadInput
        If the file cannot be written; what was there stays.
    """
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, 0o644)
        os.replace(name, file)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise _unwritable(file, error) from None


def refuse_unwritable(*files: Path | None) -> None:
    """Raise `BadInput` if one of these files could not be written: asked before work that would be lost."""
    for file in files:
        if file is None:
            continue
        try:
            if file.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            with tempfile.TemporaryFile(dir=file.parent):
                pass
        except OSError as error:
            raise _unwritable(file, error) from None


def refuse_unwritable_folder(folder: Path) -> None:
    """Raise `BadInput` if no file could be written into this folder, or it is not there and could not be made."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(file: Path, error: OSError) -> BadInput:
    return BadInput(say("{file} cannot be written: {why}", file=file, why=error.strerror or error), field=str(file))
