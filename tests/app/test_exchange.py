"""Bundles between nodes, and `record verify` over everything that a node keeps."""

import random
import shutil
import sqlite3

import pytest

from overflight.app.exchange import export_bundle, import_bundle, verify_path
from overflight.app.wiring import init_node, open_node
from overflight.errors import BadFile, BadInput, NoNode, NotVerified, OverflightError, Refused
from overflight.sharing.record import Draft
from tests.app.nodes import START, Stage, carry, notice


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path / "E", "DEU", "RUS") as found:
        yield found


def test_a_bundle_carries_records_there_and_receipts_back(stage):
    deu, rus = stage["DEU"], stage["RUS"]
    blob = deu.put_blob(b"film" * 1000, type="image/tiff", name="a.tif")
    sent = [notice(deu, "RUS", n, blobs=[blob] if n == 2 else []) for n in range(3)]
    there = import_bundle(rus, export_bundle(deu, to="RUS"))
    assert (there.ok, there.entries, there.checked) == (True, 3, 3)
    assert [r["new"] for r in there.more["records"]] == [True] * 3
    assert rus.blob(blob.sha256) == b"film" * 1000
    back = import_bundle(deu, there.more["answer"])
    assert (back.ok, back.checked, back.more["answer"]) == (True, 3, None)
    assert deu.undelivered() == []
    assert deu.record(sent[0].rid).receipts == {"RUS": START}
    assert rus.record(sent[0].rid).received_at == START
    with pytest.raises(BadInput, match="nothing to export"):
        export_bundle(deu, to="RUS")
    again = import_bundle(rus, export_bundle(deu, to="RUS", everything=True))
    assert [r["new"] for r in again.more["records"]] == [False] * 3
    assert again.more["answer"] is not None


def test_by_file_and_over_the_wire_the_same_bytes_are_stored(tmp_path):
    """I28: equal stores apart from way and time of delivery."""
    with Stage(tmp_path / "E", "DEU", "RUS", "CAN") as stage:
        deu = stage["DEU"]
        for n in range(4):
            deu.issue("flight.notification", to=["CAN", "RUS"], body={"n": n})
        import_bundle(stage["RUS"], export_bundle(deu, to="RUS"))
        for rid, _ in [pair for pair in deu.undelivered() if pair[1] == "CAN"]:
            carry(deu, stage["CAN"], deu.record(rid))
        stored = [
            [(s.record.envelope, s.salt, s.index) for s in stage[p].records() if s.record.from_ == "DEU"]
            for p in ("RUS", "CAN")
        ]
        assert stored[0] == stored[1]
        assert {s.record.body["via"] for s in stage["RUS"].records(kind="receipt")} == {"bag"}
        assert {s.record.body["via"] for s in stage["CAN"].records(kind="receipt")} == {"https"}


def test_a_bundle_is_for_one_party_of_one_exercise(stage, tmp_path):
    notice(stage["DEU"], "RUS")
    bundle = export_bundle(stage["DEU"], to="RUS")
    with Stage(tmp_path / "F", "RUS", fresh=True) as other, init_node(tmp_path / "op", party="RUS") as operational:
        for node in (other["RUS"], operational):
            with pytest.raises(Refused, match="exercise"):
                import_bundle(node, bundle)
    with pytest.raises(Refused, match="not for DEU"):
        import_bundle(stage["DEU"], bundle)
    with pytest.raises(BadInput):
        export_bundle(stage["DEU"], to="DEU")
    with pytest.raises(Refused, match="USA") as error:
        export_bundle(stage["DEU"], to="USA")
    assert error.value.citation == "IX.I.4"


def test_a_damaged_bundle_stores_nothing(stage):
    notice(stage["DEU"], "RUS")
    bundle = export_bundle(stage["DEU"], to="RUS")
    for at in random.Random(1).sample(range(len(bundle)), 40):
        bent = bytearray(bundle)
        bent[at] ^= 1 << at % 8
        with pytest.raises(OverflightError):
            import_bundle(stage["RUS"], bytes(bent))
    for bad in (b"", b"x" * 2000, bundle[:-600]):
        with pytest.raises(BadFile):
            import_bundle(stage["RUS"], bad)
    assert stage["RUS"].records() == []


def test_an_old_bundle_after_a_newer_parcel_asks_for_a_new_one(stage):
    deu, rus = stage["DEU"], stage["RUS"]
    notice(deu, "RUS", 1)
    old = export_bundle(deu, to="RUS")
    carry(deu, rus, notice(deu, "RUS", 2))
    report = import_bundle(rus, old)
    assert not report.ok
    assert "newer bundle" in report.problems[0]
    assert import_bundle(rus, export_bundle(deu, to="RUS")).ok


def test_one_record_that_must_wait_does_not_hold_up_the_others(stage, monkeypatch):
    deu, rus = stage["DEU"], stage["RUS"]
    notice(deu, "RUS", 1)
    stage.step(hours=1)
    notice(deu, "RUS", 2)
    bundle = export_bundle(deu, to="RUS")
    monkeypatch.setattr(type(rus._clock), "now", lambda _: START)
    report = import_bundle(rus, bundle)
    assert [r["seq"] for r in report.more["records"]] == [0]
    assert "3600 s ahead" in report.problems[0]


# record verify


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A stopped node with records of both kinds, receipts and a file; each test works on a copy."""
    folder = tmp_path_factory.mktemp("kept")
    with Stage(folder / "E", "DEU", "RUS") as stage:
        deu, rus = stage["DEU"], stage["RUS"]
        deu.add_peer("RUS", "http://127.0.0.1:9")
        blob = deu.put_blob(b"film", type="image/tiff", name="a.tif")
        first = deu.issue(
            "letter", to=["RUS"], body={"flight": "OS1001"}, blobs=[blob], blobs_only_to={blob.sha256: ["RUS"]}
        )
        stage.hand(first, "RUS")
        stage.hand(notice(rus, "DEU"), "DEU")
        notice(deu, "RUS", 5)
        deu.drafts.put("sites", b"private")
    return folder / "E" / "DEU"


@pytest.fixture
def copy(kept, tmp_path):
    return shutil.copytree(kept, tmp_path / "DEU")


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_sound_node_verifies_and_nothing_in_it_is_touched(copy):
    before = contents(copy)
    report = verify_path(copy)
    assert report.to_json()["problems"] == []
    assert (report.ok, report.entries, report.checked) == (True, 3, 5)
    assert contents(copy) == before


def test_every_byte_of_every_file_under_log_and_blobs_counts(copy):
    files = [p for top in ("log", "blobs") for p in sorted((copy / top).rglob("*")) if p.is_file()]
    assert len(files) == 1 + 6 + 1
    chosen = random.Random(7)
    for file in files:
        data = file.read_bytes()
        places = chosen.sample(range(len(data)), min(len(data), 5))
        for at in places:
            bent = bytearray(data)
            bent[at] ^= 1 << at % 8
            file.write_bytes(bytes(bent))
            report = verify_path(copy)
            assert not report.ok, (file, at)
            assert any(file.name in p for p in report.problems)
        file.write_bytes(data)
    assert verify_path(copy).ok


def test_files_that_are_missing_or_too_many_count(copy):
    for name in ("log/checkpoint", "log/tile/0/000.p/1", "log/tile/entries/000.p/3"):
        data = (copy / name).read_bytes()
        (copy / name).unlink()
        assert any("missing" in p for p in verify_path(copy).problems), name
        (copy / name).write_bytes(data)
    for name in ("log/extra", "log/tile/0/000.p/9", "blobs/" + "0" * 64, "blobs/.hidden", "log/tile/1/000"):
        (copy / name).parent.mkdir(exist_ok=True, parents=True)
        (copy / name).write_bytes(b"x")
        assert any("does not belong" in p for p in verify_path(copy).problems), name
        (copy / name).unlink()
    (copy / "log/link").symlink_to(copy / "log/checkpoint")
    assert not verify_path(copy).ok
    (copy / "log/link").unlink()
    (copy / "cache/anything").write_bytes(b"x")
    assert verify_path(copy).ok


def cells(file):
    with sqlite3.connect(file) as c:
        tables = [name for (name,) in c.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in tables:
            columns = [row[1] for row in c.execute(f"PRAGMA table_info({table})")]
            rowids = [r for (r,) in c.execute(f"SELECT rowid FROM {table}")]
            for n, column in enumerate(columns):
                whole = column in ("salt", "envelope", "commitment")
                for rowid in rowids if whole else rowids[n % len(rowids) :][:1] if rowids else ():
                    yield table, column, rowid


def changed(value, bit):
    if isinstance(value, int):
        return value ^ (16 << bit % 8)
    if isinstance(value, bytes):
        out = bytearray(value)
        out[bit // 8 % len(out)] ^= 1 << bit % 8
        return bytes(out)
    if value is None:
        return ""
    if value == "":
        return "x"
    at = bit // 8 % len(value)
    return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]


def test_every_column_of_every_row_counts(copy):
    """Records, salts, entries, checkpoints, heads, rosters, receipts, peers, keys: one changed bit each is found."""
    file = copy / "node.sqlite3"
    data = file.read_bytes()
    chosen = random.Random(3)
    seen = set()
    for table, column, rowid in list(cells(file)):
        with sqlite3.connect(file) as c:
            (value,) = c.execute(f"SELECT {column} FROM {table} WHERE rowid=?", (rowid,)).fetchone()
            bent = changed(value, chosen.randrange(1 << 16))
            c.execute(f"UPDATE {table} SET {column}=? WHERE rowid=?", (bent, rowid))
        c.close()
        report = verify_path(copy)
        assert not report.ok, (table, column, value, bent)
        file.write_bytes(data)
        seen.add(table)
    assert {"record", "entry", "checkpoint", "head", "roster", "receipt", "peer", "blob", "secret", "meta"} <= seen
    assert verify_path(copy).ok


@pytest.mark.parametrize(("table", "column"), [("record", "salt"), ("entry", "commitment"), ("record", "envelope")])
def test_changed_bits_are_found_even_where_the_row_digest_was_made_to_fit(copy, table, column):
    """Whoever can write the database can write its row digests too; signatures and proofs are another matter."""
    from overflight.storage.sqlite_schema import row_digest

    file = copy / "node.sqlite3"
    data = file.read_bytes()
    chosen = random.Random(5)
    with sqlite3.connect(file) as c:
        rowids = [r for (r,) in c.execute(f"SELECT rowid FROM {table}")]
        columns = [row[1] for row in c.execute(f"PRAGMA table_info({table})")][:-1]
    for rowid in rowids:
        for _ in range(2):
            with sqlite3.connect(file) as c:
                (value,) = c.execute(f"SELECT {column} FROM {table} WHERE rowid=?", (rowid,)).fetchone()
                bent = changed(bytes(value), chosen.randrange(1 << 16))
                c.execute(f"UPDATE {table} SET {column}=? WHERE rowid=?", (bent, rowid))
                row = c.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE rowid=?", (rowid,)).fetchone()
                c.execute(f"UPDATE {table} SET row_sha256=? WHERE rowid=?", (row_digest(table, row), rowid))
            c.close()
            assert not verify_path(copy).ok
            file.write_bytes(data)


def test_a_record_or_receipt_that_was_removed_is_missed(copy):
    file = copy / "node.sqlite3"
    data = file.read_bytes()
    for table in ("record", "entry", "checkpoint", "receipt", "head", "blob"):
        with sqlite3.connect(file) as c:
            rowids = [r for (r,) in c.execute(f"SELECT rowid FROM {table}")]
        for rowid in rowids:
            with sqlite3.connect(file) as c:
                c.execute(f"DELETE FROM {table} WHERE rowid=?", (rowid,))
            c.close()
            assert not verify_path(copy).ok, (table, rowid)
            file.write_bytes(data)


def test_a_database_with_damage_anywhere_gives_an_answer_and_no_crash(copy):
    file = copy / "node.sqlite3"
    data = file.read_bytes()
    for at in [*range(0, 100, 17), *random.Random(2).sample(range(len(data)), 14)]:
        bent = bytearray(data)
        bent[at] ^= 1 << at % 8
        file.write_bytes(bytes(bent))
        assert verify_path(copy).to_json()["ok"] in (True, False)
    file.write_bytes(b"x" * 100)
    assert not verify_path(copy).ok
    file.write_bytes(b"")
    assert not verify_path(copy).ok


def test_a_running_node_verifies_too_and_is_not_disturbed(stage):
    deu = stage["DEU"]
    for n in range(3):
        notice(deu, "RUS", n)
        report = verify_path(deu.folder)
        assert (report.ok, report.entries) == (True, n + 1)


def test_a_process_that_died_leaves_a_node_that_verifies_from_its_write_ahead_log(stage, tmp_path):
    """The copy is what a power cut leaves: the database and its log, unfinished, and no lock."""
    deu = stage["DEU"]
    for n in range(3):
        notice(deu, "RUS", n)
    assert (deu.folder / "node.sqlite3-wal").stat().st_size > 0
    dead = shutil.copytree(deu.folder, tmp_path / "dead")
    before = contents(dead)
    report = verify_path(dead)
    assert (report.problems, report.entries) == ([], 3)
    assert contents(dead) == before


def test_a_log_of_more_than_one_tile_verifies(stage):
    deu = stage["DEU"]
    with deu.change() as c:  # many in one transaction, then a few each on its own
        for n in range(256):
            deu.append(c, Draft("letter", ["RUS"], {"n": n}))
    deu._unpublished = True
    for n in range(4):
        notice(deu, "RUS", n)
    report = verify_path(deu.folder)
    assert (report.problems, report.entries) == ([], 260)
    names = deu.log_files.names()
    assert {"tile/0/000", "tile/entries/000", "tile/1/000.p/1", "tile/0/001.p/1", "tile/0/001.p/2"} <= names
    assert not any(n.startswith("tile/0/000.p") for n in names)
    for n in (0, 255, 256, 259):
        carry(deu, stage["RUS"], deu.records()[n])
    assert verify_path(stage["RUS"].folder).ok


def test_a_bundle_file_verifies_with_and_without_known_root_keys(stage, tmp_path):
    notice(stage["DEU"], "RUS")
    file = tmp_path / "x.bundle"
    file.write_bytes(export_bundle(stage["DEU"], to="RUS"))
    assert verify_path(file).to_json()["pinned"] is False
    known = verify_path(file, pinned=stage["RUS"].roots)
    assert (known.ok, known.checked, known.more["pinned"]) == (True, 1, True)
    with Stage(tmp_path / "F", "DEU", fresh=True) as other:
        assert "other root keys" in verify_path(file, pinned=other["DEU"].roots).problems[0]
    file.write_bytes(b"nonsense")
    assert not verify_path(file).ok


def test_what_is_neither_node_nor_bundle_is_wrong_use(tmp_path):
    with pytest.raises(NoNode):
        verify_path(tmp_path)
    with pytest.raises(BadFile):
        verify_path(tmp_path / "absent")
    with pytest.raises(NoNode):
        open_node(tmp_path)


def test_two_signed_states_of_another_s_log_are_found(stage):
    """A node that accepted both would say so at its next verification."""
    from overflight.sharing.checkpoint import Checkpoint

    deu, rus = stage["DEU"], stage["RUS"]
    stage.hand(notice(deu, "RUS"), "RUS")
    me = deu.identity
    other = Checkpoint.sign(me.origin, 1, bytes(32), me.log_signer)
    with rus.change() as c:
        from overflight.storage.port import HeadRow

        c.put_head(HeadRow(other.origin, other.size, other.root, other.note))
    assert any("head" in p for p in verify_path(rus.folder).problems)
    with pytest.raises(NotVerified):
        carry(deu, rus, notice(deu, "RUS"))
