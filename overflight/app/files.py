"""Writing a file that a user asked for: whole, or not at all."""

from __future__ import annotations

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
        raise BadInput(say("{file} cannot be written: {why}", file=file, why=error.strerror), field=str(file)) from None
