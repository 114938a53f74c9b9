"""Folders of files, written whole; and the lock that makes one process the writer of a node."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from overflight.errors import NodeBusy
from overflight.terms.words import say


def write_whole(file: Path, data: bytes, *, scratch: Path | None = None, mode: int = 0o644) -> None:
    """Write a file so that nobody sees half of it: beside it (or in `scratch`), forced to disk, then renamed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=scratch or file.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, mode)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class FolderFiles:
    """A folder with whole files below it; `scratch` takes files while they are written."""

    def __init__(self, folder: Path, scratch: Path):
        self.folder = folder
        self.scratch = scratch

    def names(self) -> set[str]:
        """Every file below the folder, relative with ``/``; links and other things count too."""
        found: set[str] = set()
        for top, folders, files in os.walk(self.folder):
            links = [d for d in folders if os.path.islink(os.path.join(top, d))]
            found.update(Path(top, f).relative_to(self.folder).as_posix() for f in (*files, *links))
        return found

    def get(self, name: str) -> bytes | None:
        """The contents, or None if there is no such plain file."""
        file = self.folder / name
        try:
            return file.read_bytes() if file.is_file() and not file.is_symlink() else None
        except NotADirectoryError:
            return None

    def put(self, name: str, data: bytes) -> None:
        """Write a whole file."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / name, data, scratch=self.scratch)

    def delete(self, name: str) -> None:
        """Remove a file, and its folder if that leaves it empty."""
        file = self.folder / name
        file.unlink(missing_ok=True)
        with_parent = file.parent
        if with_parent != self.folder and with_parent.is_dir() and not any(with_parent.iterdir()):
            with_parent.rmdir()


class FolderLock:
    """One writer per node: an exclusive lock on ``cache/writer.lock``, let go when the process ends."""

    def __init__(self, folder: Path):
        self.file = folder / "cache" / "writer.lock"
        self._handle: int | None = None

    def take(self, *, patience_s: float = 0.3) -> None:
        """Become the writer.

        Raises
        ------
        NodeBusy
            If another process, or another part of this one, is the writer.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + patience_s
        while not _try_lock(handle):
            if time.monotonic() >= until:
                holder = os.pread(handle, 40, 0).decode("ascii", "replace").strip() or "?"
                os.close(handle)
                raise NodeBusy(
                    say(
                        "{folder}: another process (number {pid}) has this node open for writing; "
                        "end it, or act through its pages and programming interface",
                        folder=self.file.parent.parent,
                        pid=holder,
                    ),
                    field="--node",
                )
            time.sleep(0.02)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle

    def release(self) -> None:
        """Let another process write."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __del__(self) -> None:
        self.release()


@contextmanager
def no_writer(folder: Path) -> Iterator[bool]:
    """Whether no process writes to the node now; while the block runs, none can start to."""
    try:
        handle = os.open(folder / "cache" / "writer.lock", os.O_RDONLY)
    except OSError:
        yield True
        return
    try:
        yield _try_lock(handle, shared=True)
    finally:
        os.close(handle)


def _try_lock(handle: int, *, shared: bool = False) -> bool:
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
