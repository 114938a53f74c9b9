"""Bundles: one spelling, signed, read as a stream; a damaged one is refused before anything is stored."""

import io
import subprocess
import tarfile

import pytest

from overflight.app.exchange import BundleReader, export_bundle, verify_bundle
from overflight.errors import BadFile, NotVerified, OverflightError
from overflight.sharing.bundle import header, rank, read_bundle
from tests.app.nodes import Stage, notice

LIMIT = 1 << 24


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("bundle") / "E", "DEU", "RUS") as found:
        blob = found["DEU"].put_blob(b"film" * 100, type="image/tiff", name="frame.tif")
        for n in range(3):
            notice(found["DEU"], "RUS", n, blobs=[blob] if n == 1 else [])
        yield found


@pytest.fixture(scope="module")
def bundle(stage):
    return export_bundle(stage["DEU"], to="RUS")


def read(data, pinned=None, limit=LIMIT) -> BundleReader:
    return verify_bundle(io.BytesIO(data), pinned=pinned, limit=limit)


def test_the_same_records_give_the_same_bytes(stage, bundle):
    assert export_bundle(stage["DEU"], to="RUS") == bundle
    assert [r.body["n"] for r, _ in read(bundle, stage["RUS"].roots).records] == [0, 1, 2]


def test_ordinary_programs_can_list_it(bundle, tmp_path):
    (tmp_path / "x.tar").write_bytes(bundle)
    with tarfile.open(tmp_path / "x.tar") as tar:
        members = tar.getmembers()
    assert members[0].name == "MANIFEST"
    assert {(m.isreg(), m.mode, m.mtime, m.uid, m.uname) for m in members} == {(True, 0o644, 0, 0, "")}
    listed = subprocess.run(["tar", "tf", str(tmp_path / "x.tar")], capture_output=True, text=True, check=True)
    assert listed.stdout.splitlines() == [m.name for m in members]


def test_any_changed_bit_is_found(bundle, stage):
    """Every byte of headers and padding is sampled too: the archive has one spelling only."""
    places = {*range(0, len(bundle), 131), *range(0, 512, 7), *range(len(bundle) - 1100, len(bundle), 29)}
    for at in sorted(places):
        data = bytearray(bundle)
        data[at] ^= 1 << at % 8
        with pytest.raises(OverflightError):
            read(bytes(data), stage["RUS"].roots)


@pytest.mark.parametrize("cut", [0, 1, 511, 512, 513, 4096, -1, -512, -1024])
def test_a_bundle_that_was_cut_short_is_refused(bundle, cut):
    with pytest.raises(OverflightError):
        read(bundle[:cut])


def test_something_behind_the_end_is_refused(bundle):
    for tail in (b"\x00", b"\x00" * 512, b"x"):
        with pytest.raises(NotVerified, match="two empty blocks"):
            read(bundle + tail)


def test_a_bundle_longer_than_the_limit_is_not_read_to_its_end(bundle):
    with pytest.raises(BadFile, match="longer than"):
        read(bundle, limit=4000)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/passwd", "log/../x", "blob/" + "A" * 64, "record/1", "MANIFEST2", "roster/x", "", "x" * 99,
     "log/tile/0/000", "blob/" + "a" * 64 + "\n"],
)  # fmt: skip
def test_other_names_have_no_place_in_a_bundle(name):
    assert rank(name) == -1
    if name.isascii() and name:
        with pytest.raises(BadFile):
            list(read_bundle(io.BytesIO(header(name[:99], 0) + bytes(1024)), limit=LIMIT))


def test_links_and_folders_are_no_bundle():
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_LONGNAME):
        info = tarfile.TarInfo("MANIFEST")
        info.type, info.linkname = kind, "/etc/passwd"
        with pytest.raises(BadFile):
            list(read_bundle(io.BytesIO(info.tobuf(tarfile.USTAR_FORMAT) + bytes(1024)), limit=LIMIT))


def parts(bundle):
    return dict(read_bundle(io.BytesIO(bundle), limit=LIMIT))


def pack(files):
    out = b""
    for name, data in files.items():
        out += header(name, len(data)) + data + bytes(-len(data) % 512)
    return out + bytes(1024)


def test_a_file_that_is_missing_added_or_moved_is_found(bundle):
    files = parts(bundle)
    assert pack(files) == bundle
    last = list(files)[-1]
    without = {n: d for n, d in files.items() if n != last}
    added = {**files, "blob/" + "f" * 64: b"more"}
    moved = dict(sorted(files.items(), reverse=True))
    twice = pack(files)[:-1024] + pack({last: files[last]})
    for bad in (pack(without), pack(added), pack(moved), twice):
        with pytest.raises(OverflightError):
            read(bad)


def test_a_manifest_that_another_party_signed_is_refused(stage, bundle):
    from overflight.sharing.bundle import Manifest, write_bundle

    files = parts(bundle)
    files.pop("MANIFEST")
    rus = stage["RUS"].identity
    deu = stage["DEU"].identity
    roster = stage["RUS"].newest_roster().digest
    for key, signer, sender in ((rus.key_id, rus.signer, "DEU"), (deu.key_id, rus.signer, "DEU")):
        forged = Manifest.make(
            files,
            from_=sender,
            to="RUS",
            exercise=rus.exercise,
            origin=deu.origin,
            roster=roster,
            key=key,
            signer=signer,
        )
        with pytest.raises(NotVerified):
            read(write_bundle(forged, files), stage["RUS"].roots)
