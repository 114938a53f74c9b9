"""Every store keeps the same contract."""

import pytest

from overflight.errors import Conflict
from overflight.storage.memory import MemoryStore
from overflight.storage.port import BlobRow, CheckpointRow, HeadRow, ReceiptRow, RecordRow, RosterRow
from overflight.storage.sqlite import SqliteStore

STORES = ["memory", "sqlite"]


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    made = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "node.sqlite3", create=True)
    yield made
    made.close()


def row(n, sender="DEU", seq=None, kind="letter", flight=None):
    return RecordRow(
        n, f"{n:064x}", sender, n if seq is None else seq, kind, flight, "2021-05-12T08:00:00Z", None, None,
        bytes([n]) * 32, "", b"envelope %d" % n,
    )  # fmt: skip


def test_what_was_written_is_read_back(store):
    with store.write() as c:
        c.put_meta("party", "DEU")
        c.put_secret("record/1", b"\x00\xff")
        c.add_record(row(0, flight="OS1001"))
        c.add_record(row(1, sender="RUS", seq=7, kind="receipt"))
        c.add_entry(0, bytes(32))
        c.add_subtree(1, 0, b"s" * 32)
        c.add_checkpoint(CheckpointRow(1, b"r" * 32, "note\n"), after=0)
        c.put_head(HeadRow("b", 1, b"h" * 32, "n"))
        c.put_head(HeadRow("a", 2, b"h" * 32, "n"))
        c.add_roster(RosterRow("d2", 2, b"two"))
        c.add_roster(RosterRow("d1", 1, b"one"))
        c.add_receipt(ReceiptRow("rid", "RUS", "first", "t1"))
        c.add_receipt(ReceiptRow("rid", "RUS", "second", "t2"))
        c.put_peer("RUS", "http://a")
        c.put_peer("RUS", "http://b")
        c.add_blob(BlobRow("f" * 64, 3, "text/plain", "a"))
        c.add_blob(BlobRow("f" * 64, 3, "text/plain", "other name"))
        c.set_blob_audience("rid", "f" * 64, frozenset({"RUS", "BLR"}))
        c.set_blob_audience("rid", "e" * 64, frozenset())
        c.put_draft("sites", b"x")
    with store.read() as v:
        assert (v.meta("party"), v.meta("none"), v.secret("record/1"), v.secret("none")) == (
            "DEU",
            None,
            b"\x00\xff",
            None,
        )
        assert [r.arrival for r in v.records()] == [0, 1]
        assert [r.arrival for r in v.records(kind="receipt")] == [1]
        assert [r.arrival for r in v.records(flight="OS1001")] == [0]
        assert [r.arrival for r in v.records(sender="RUS")] == [1]
        assert v.record(row(0).rid) == row(0, flight="OS1001")
        assert v.record("0") is None
        assert v.record_at("RUS", 7) == v.newest_of("RUS")
        assert v.record_at("RUS", 8) is v.newest_of("CAN") is None
        assert (v.record_count(), v.entry_count(), v.entries(0, 9)) == (2, 1, [bytes(32)])
        assert (v.subtrees(1, 0, 1), v.subtrees(2, 0, 1)) == ([b"s" * 32], [])
        assert v.last_checkpoint() == CheckpointRow(1, b"r" * 32, "note\n")
        assert v.checkpoints(least=2) == []
        assert [h.origin for h in v.heads()] == ["a", "b"]
        assert v.head("c") is None
        assert [r.digest for r in v.rosters()] == ["d1", "d2"]
        assert v.receipts("rid") == v.receipts() == [ReceiptRow("rid", "RUS", "first", "t1")]
        assert v.peers() == {"RUS": "http://b"}
        assert [b.name for b in v.blobs()] == ["a"]
        assert v.blob("0") is None
        assert v.blob_audience("rid") == {"f" * 64: frozenset({"RUS", "BLR"}), "e" * 64: frozenset()}
        assert (v.drafts(), v.draft("sites"), v.draft("none")) == (["sites"], b"x", None)
    assert store.faults() == []


def test_an_exception_undoes_the_whole_change(store):
    def fails_midway():
        with store.write() as c:
            c.add_record(row(0))
            c.add_entry(0, bytes(32))
            c.put_draft("x", b"y")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_midway()
    with store.read() as v:
        assert (v.record_count(), v.entry_count(), v.drafts()) == (0, 0, [])


def test_a_reading_does_not_see_what_comes_later(store):
    with store.read() as v:
        assert v.record_count() == 0
        with store.write() as c:
            c.add_record(row(0))
        assert v.record_count() == 0
    with store.read() as v:
        assert v.record_count() == 1


@pytest.mark.parametrize(
    "again",
    [row(0), row(1, seq=0), RecordRow(0, "f" * 64, "CAN", 9, "letter", None, "t", None, None, b"", "", b"")],
    ids=["rid", "sender and number", "arrival"],
)
def test_a_record_is_added_once(store, again):
    with store.write() as c:
        c.add_record(row(0))
    with pytest.raises(Conflict), store.write() as c:
        c.add_record(again)


@pytest.mark.parametrize("index", [0, 2])
def test_entries_are_added_without_gap(store, index):
    with store.write() as c:
        c.add_entry(0, bytes(32))
    with pytest.raises(Conflict), store.write() as c:
        c.add_entry(index, bytes(32))


def test_a_checkpoint_is_compared_with_the_last_and_swapped(store):
    with store.write() as c:
        c.add_checkpoint(CheckpointRow(1, b"r", "n"), after=0)
    for size, after in ((1, 0), (2, 0), (1, 1), (0, 1)):
        with pytest.raises(Conflict), store.write() as c:
            c.add_checkpoint(CheckpointRow(size, b"r", "n"), after=after)
    with store.write() as c:
        c.add_checkpoint(CheckpointRow(2, b"r", "n"), after=1)


def test_a_draft_is_replaced_and_removed(store):
    with store.write() as c:
        c.put_draft("a", b"1")
        c.put_draft("a", b"2")
        c.delete_draft("b")
    with store.read() as v:
        assert v.draft("a") == b"2"
    with store.write() as c:
        c.delete_draft("a")
    with store.read() as v:
        assert v.drafts() == []
