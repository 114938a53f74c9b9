"""One encoding for every value: RFC 8785 within the profile, checked against an independent encoder."""

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadInput, NotVerified
from overflight.sharing.canonical import (
    DEEPEST,
    LARGEST_INTEGER,
    LONGEST_BYTES,
    canonical,
    encode_checked,
    parse_canonical,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
    lambda s: __import__("unicodedata").normalize("NFC", s)
)
KEYS = st.text(st.characters(max_codepoint=127), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_both_encoders_write_the_same_bytes_and_reading_gives_the_value_back(value):
    encoded = canonical(value)
    assert encoded == rfc8785.dumps(value) == encode_checked(value)
    assert parse_canonical(encoded) == value


@settings(max_examples=50, deadline=None)
@given(VALUES, st.data())
def test_any_other_spelling_of_the_same_value_is_refused(value, data):
    encoded = canonical(value)
    for other in (
        json.dumps(value, sort_keys=True).encode(),
        json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode(),
        encoded + b"\n",
        b" " + encoded,
    ):
        if other != encoded:
            with pytest.raises(NotVerified):
                parse_canonical(other)


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        "\ufeff1".encode(),
        '"e\u0301"'.encode(),  # not NFC
        '{"é":1}'.encode(),  # key not ASCII
        b'"\\u0041"',
        b"",
        b"[1,]",
        b"[" * 100_000,
        b"9" * 5_000,
    ],
)
def test_what_libraries_read_differently_is_refused(bad):
    with pytest.raises(NotVerified):
        parse_canonical(bad)


def test_integers_reach_as_far_as_every_json_library_is_exact():
    assert parse_canonical(canonical([LARGEST_INTEGER, -LARGEST_INTEGER])) == [LARGEST_INTEGER, -LARGEST_INTEGER]
    with pytest.raises(BadInput, match=r"payload\[0\]"):
        canonical([LARGEST_INTEGER + 1])


def nested(levels):
    value = 1
    for _ in range(levels - 1):
        value = [value]
    return value


def test_nesting_is_allowed_to_32_levels():
    assert parse_canonical(canonical(nested(DEEPEST)))
    for encode in (lambda: canonical(nested(DEEPEST + 1)), lambda: parse_canonical(b"[" * 32 + b"1" + b"]" * 32)):
        with pytest.raises((BadInput, NotVerified), match="32"):
            encode()


def test_a_payload_has_at_most_one_mebibyte():
    assert len(canonical("x" * (LONGEST_BYTES - 2))) == LONGEST_BYTES
    with pytest.raises(BadInput, match="1048576"):
        canonical("x" * (LONGEST_BYTES - 1))


@pytest.mark.parametrize("value", [1.0, float("nan"), b"x", {1: 2}, {"é": 1}, "e\u0301", "\ud800", {1, 2}])
def test_what_cannot_be_signed_is_named_with_its_place(value):
    with pytest.raises(BadInput, match="payload"):
        canonical({"a": value})
