"""Backup and restore: a restored node cannot fork its log; a doctor says what is wrong."""

import io
import stat
import tarfile

import httpx
import pytest

from overflight.app import remote, upkeep
from overflight.app.exchange import verify_path
from overflight.app.wiring import open_node
from overflight.errors import BadFile, BadInput, NotVerified, PeerUnreachable, Refused
from tests.app.nodes import Stage, carry, notice


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path / "E", "DEU", "RUS") as found:
        blob = found["DEU"].put_blob(b"film", type="image/tiff", name="a.tif")
        found.hand(notice(found["DEU"], "RUS", blobs=[blob]), "RUS")
        found["DEU"].add_peer("RUS", "http://rus.example")
        yield found


@pytest.fixture
def answers(stage, monkeypatch):
    """What the other node says of the heads that it holds."""

    def fetch(url, limit):
        assert url == "http://rus.example/heads"
        with stage["RUS"].view() as v:
            return httpx.Response(200, json={"heads": [row.note for row in v.heads()]}).content

    monkeypatch.setattr(remote, "fetch", fetch)


def test_a_restored_node_is_the_same_and_signs_again_once_others_confirm_its_log(stage, tmp_path, answers):
    deu = stage["DEU"]
    done = upkeep.backup(deu.folder, tmp_path / "x.backup")
    assert (done["entries"], done["records"], done["files"]) == (1, 2, 1)
    assert stat.S_IMODE((tmp_path / "x.backup").stat().st_mode) == 0o600
    deu.close()
    upkeep.restore(tmp_path / "x.backup", tmp_path / "back" / "DEU", exercise=tmp_path / "E")
    assert verify_path(tmp_path / "back" / "DEU").ok
    with open_node(tmp_path / "back" / "DEU") as back:
        assert [s.rid for s in back.records()] == [s.rid for s in stage["RUS"].records()]
        with pytest.raises(Refused, match="node resume"):
            notice(back, "RUS")
        assert upkeep.resume(back) == {"resumed": True, "asked": ["RUS"]}
        stage.nodes["DEU"] = back
        assert stage.hand(notice(back, "RUS", 2), "RUS")
        assert upkeep.resume(back)["resumed"] is False


def test_a_backup_that_is_too_old_may_not_go_on(stage, tmp_path, answers):
    """T8: otherwise two histories of one log would exist."""
    deu = stage["DEU"]
    upkeep.backup(deu.folder, tmp_path / "x.backup")
    stage.hand(notice(deu, "RUS", 2), "RUS")
    upkeep.restore(tmp_path / "x.backup", tmp_path / "DEU", exercise=tmp_path / "E")
    with open_node(tmp_path / "DEU") as back:
        with pytest.raises(NotVerified, match="would fork"):
            upkeep.resume(back)
        with pytest.raises(Refused):
            carry(stage["RUS"], back, notice(stage["RUS"], "DEU"))


def test_a_silent_party_must_be_named_to_go_on_without_it(stage, tmp_path, monkeypatch):
    deu = stage["DEU"]
    upkeep.backup(deu.folder, tmp_path / "x.backup")
    upkeep.restore(tmp_path / "x.backup", tmp_path / "DEU", exercise=tmp_path / "E")

    def silent(url, limit):
        raise PeerUnreachable("silence")

    monkeypatch.setattr(remote, "fetch", silent)
    with open_node(tmp_path / "DEU") as back:
        with pytest.raises(PeerUnreachable):
            upkeep.resume(back)
        assert upkeep.resume(back, without=["RUS"])["resumed"] is True


def test_no_backup_is_made_of_a_damaged_node_and_none_is_overwritten(stage, tmp_path):
    folder = stage["DEU"].folder
    (tmp_path / "there").write_text("x")
    with pytest.raises(BadFile, match="there already"):
        upkeep.backup(folder, tmp_path / "there")
    (folder / "log" / "checkpoint").write_text("x")
    with pytest.raises(NotVerified, match="no backup was made"):
        upkeep.backup(folder, tmp_path / "x.backup")
    assert not (tmp_path / "x.backup").exists()


def test_what_is_no_backup_leaves_nothing_behind(stage, tmp_path):
    evil = io.BytesIO()
    with tarfile.open(fileobj=evil, mode="w") as tar:
        info = tarfile.TarInfo("../evil")
        tar.addfile(info)
    link = io.BytesIO()
    with tarfile.open(fileobj=link, mode="w") as tar:
        info = tarfile.TarInfo("node.sqlite3")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    fake = io.BytesIO()
    with tarfile.open(fileobj=fake, mode="w") as tar:
        info = tarfile.TarInfo("node.sqlite3")
        info.size = 9
        tar.addfile(info, io.BytesIO(b"no sqlite"))
    for data in (b"", b"x" * 5000, evil.getvalue(), link.getvalue(), fake.getvalue()):
        (tmp_path / "bad").write_bytes(data)
        with pytest.raises((BadFile, BadInput)):
            upkeep.restore(tmp_path / "bad", tmp_path / "new" / "DEU")
        assert not list((tmp_path / "new").glob("*"))
    assert not (tmp_path / "evil").exists()
    with pytest.raises(BadInput, match="not empty"):
        upkeep.restore(tmp_path / "bad", stage["DEU"].folder)


def test_the_doctor_finds_nothing_in_a_sound_node_and_names_what_is_wrong(stage):
    deu = stage["DEU"]
    assert all(c.ok for c in upkeep.doctor(deu.folder))
    (deu.folder / "node.sqlite3").chmod(0o644)
    (deu.folder / "blobs" / ("0" * 64)).write_bytes(b"")
    wrong = {c.name: c.detail for c in upkeep.doctor(deu.folder) if not c.ok}
    assert set(wrong) == {"records", "private keys"}
    assert "does not belong" in wrong["records"]
