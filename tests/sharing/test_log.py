"""The Merkle log against an independent library, and its proofs against every change."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from overflight.errors import NotVerified
from overflight.sharing.log import (
    EMPTY_ROOT,
    Tree,
    commitment,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from overflight.sharing.tiles import tiles_of_entries

ENTRIES = [hashlib.sha256(b"%d" % n).digest() for n in range(1100)]
TREE = Tree(tiles_of_entries(ENTRIES), len(ENTRIES))


def root_by_definition(entries):
    """RFC 6962, section 2.1, word for word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + root_by_definition(entries[:k]) + root_by_definition(entries[k:])).digest()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 1100])
def test_roots_follow_the_definition(size):
    assert TREE.root(size) == root_by_definition(ENTRIES[:size])


def test_roots_equal_those_of_an_independent_library():
    other = InmemoryTree(algorithm="sha256")
    for n, entry in enumerate(ENTRIES[:70], 1):
        other.append_entry(entry)
        assert TREE.root(n) == other.get_root()
    assert TREE.root(0) == EMPTY_ROOT


def test_proofs_are_accepted_by_an_independent_library():
    from pymerkle import verify_consistency as their_consistency
    from pymerkle import verify_inclusion as their_inclusion

    other = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES[:37]:
        other.append_entry(entry)
    for index in range(37):
        proof = other.prove_inclusion(index + 1, 37)
        their_inclusion(leaf_hash(ENTRIES[index]), other.get_root(37), proof)
        assert [bytes(h) for h in proof.path][1:] == TREE.inclusion(index, 37)
    their_consistency(other.get_root(20), other.get_root(37), other.prove_consistency(20, 37))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 1100).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))), st.data())
def test_an_inclusion_proof_holds_and_no_changed_one_does(place, data):
    index, size = place
    path, root = TREE.inclusion(index, size), TREE.root(size)
    verify_inclusion(ENTRIES[index], index, size, path, root)
    changed = [
        (ENTRIES[index], index, size, [*path, bytes(32)], root),
        (ENTRIES[index], index, size, path[:-1] if path else [bytes(32)], root),
        (flip(ENTRIES[index], data), index, size, path, root),
        (ENTRIES[index], index, size, path, flip(root, data)),
    ]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        changed.append((ENTRIES[index], index, size, [*path[:at], flip(path[at], data), *path[at + 1 :]], root))
    for arguments in changed:
        with pytest.raises(NotVerified):
            verify_inclusion(*arguments)
    with pytest.raises(NotVerified):
        verify_inclusion(ENTRIES[index], size, size, path, root)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 1100).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size))), st.data())
def test_a_consistency_proof_holds_and_no_changed_one_does(sizes, data):
    old, size = sizes
    path = TREE.consistency(old, size)
    verify_consistency(old, TREE.root(old), size, TREE.root(size), path)
    for arguments in (
        (old, flip(TREE.root(old), data), size, TREE.root(size), path),
        (old, TREE.root(old), size, flip(TREE.root(size), data), path),
        (old, TREE.root(old), size, TREE.root(size), [*path, bytes(32)]),
        (size, TREE.root(size), old, TREE.root(old), path if old < size else [bytes(32)]),
    ):
        with pytest.raises(NotVerified):
            verify_consistency(*arguments)
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        bent = [*path[:at], flip(path[at], data), *path[at + 1 :]]
        with pytest.raises(NotVerified):
            verify_consistency(old, TREE.root(old), size, TREE.root(size), bent)


def flip(data, draw):
    bit = draw.draw(st.integers(0, len(data) * 8 - 1))
    out = bytearray(data)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def test_a_rewritten_log_has_no_consistency_proof():
    other = Tree(tiles_of_entries([bytes(32), *ENTRIES[1:20]]), 20)
    with pytest.raises(NotVerified):
        verify_consistency(10, TREE.root(10), 20, other.root(), other.consistency(10))


def test_equal_records_have_different_entries_and_an_entry_says_nothing_without_its_salt():
    """I14: constant size, and a fresh salt each."""
    rid = hashlib.sha256(b"record").hexdigest()
    one, two = commitment(bytes(32), rid), commitment(bytes([1]) + bytes(31), rid)
    assert one != two
    assert len(one) == len(two) == 32
    assert bytes.fromhex(rid) not in one + two


def test_a_tile_that_is_too_short_is_said_so():
    with pytest.raises(NotVerified, match="tile 0/0"):
        Tree(lambda _level, _index, width: [bytes(32)] * (width - 1), 10).root()
