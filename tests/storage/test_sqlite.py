"""The SQLite file: durable, owned by one reader, and every changed row is found."""

import sqlite3
import stat

import pytest

from overflight.errors import NodeBusy, NoNode, NotVerified
from overflight.storage.files import FolderFiles, FolderLock, no_writer, write_whole
from overflight.storage.sqlite import SqliteStore
from tests.storage.test_stores import row


@pytest.fixture
def file(tmp_path):
    store = SqliteStore.open(tmp_path / "node.sqlite3", create=True)
    with store.write() as c:
        c.put_meta("party", "DEU")
        c.add_record(row(0, flight="OS1001"))
        c.add_entry(0, bytes(32))
    store.close()
    return tmp_path / "node.sqlite3"


def test_only_its_owner_reads_the_file_and_commits_are_forced_to_disk(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    store = SqliteStore.open(file)
    with store.engine.connect() as c:
        assert c.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert c.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
    store.close()


@pytest.mark.parametrize(
    ("table", "column"), [("meta", "value"), ("record", "kind"), ("record", "salt"), ("record", "envelope"),
                          ("record", "row_sha256"), ("record", "arrival"), ("entry", "commitment"), ("entry", "number")]
)  # fmt: skip
def test_every_changed_row_is_found(file, table, column):
    with sqlite3.connect(file) as c:
        (before,) = c.execute(f"SELECT {column} FROM {table}").fetchone()
        after = before + 1 if isinstance(before, int) else before[:-1] + (b"?" if isinstance(before, bytes) else "?")
        c.execute(f"UPDATE {table} SET {column} = ?", (after,))
    store = SqliteStore.open(file)
    assert any(table in fault for fault in store.faults())
    store.close()


def test_text_that_is_not_utf8_is_a_fault_and_no_crash(file):
    with sqlite3.connect(file) as c:
        c.execute("UPDATE record SET flight = CAST(x'ff' AS TEXT)")
    store = SqliteStore.open(file)
    assert store.faults()
    store.close()


def test_a_file_of_another_kind_or_version_is_no_node(tmp_path, file):
    (tmp_path / "other").write_bytes(b"no database at all" * 100)
    with sqlite3.connect(file) as c:
        c.execute("PRAGMA user_version=99")
    for bad in (tmp_path / "other", tmp_path / "absent", file):
        with pytest.raises(NoNode):
            SqliteStore.open(bad)
    with pytest.raises(NotVerified):
        SqliteStore.snapshot(tmp_path / "other", live=False)


def test_a_snapshot_leaves_no_trace(file):
    before = {p.name: p.read_bytes() for p in file.parent.iterdir()}
    snapshot = SqliteStore.snapshot(file, live=False)
    with snapshot.read() as v:
        assert v.record_count() == 1
    snapshot.close()
    assert {p.name: p.read_bytes() for p in file.parent.iterdir()} == before


def test_one_writer_at_a_time(tmp_path):
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.take()
    with no_writer(tmp_path) as idle:
        assert not idle
    with pytest.raises(NodeBusy, match="another process"):
        second.take(patience_s=0)
    first.release()
    second.take(patience_s=0)
    second.release()
    with no_writer(tmp_path) as idle:
        assert idle
        with pytest.raises(NodeBusy):
            first.take(patience_s=0)


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    files = FolderFiles(tmp_path / "log", tmp_path / "scratch")
    files.put("tile/0/000", b"one")
    monkeypatch.setattr("overflight.storage.files.os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        files.put("tile/0/000", b"two")
    assert files.get("tile/0/000") == b"one"
    assert list((tmp_path / "scratch").iterdir()) == []
    monkeypatch.undo()
    write_whole(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_links_are_seen_and_never_followed(tmp_path):
    files = FolderFiles(tmp_path / "log", tmp_path / "scratch")
    files.put("a/b", b"one")
    (tmp_path / "log" / "link").symlink_to(tmp_path / "log" / "a" / "b")
    (tmp_path / "log" / "folder").symlink_to(tmp_path)
    assert files.names() == {"a/b", "link", "folder"}
    assert files.get("link") is None
    assert files.get("a/b/c") is None
    files.delete("a/b")
    assert files.names() == {"link", "folder"}
