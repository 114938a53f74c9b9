"""Canonical bytes of a payload: RFC 8785 (JCS) JSON, narrowed so that every JSON library agrees.

The narrow profile: no floating point, integers within plus or minus 2**53 - 1, ASCII
keys, no key twice, no lone surrogate, strings in NFC, at most 32 levels, at most 1 MiB.
A reader encodes again and compares bytes; a difference is never repaired.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import rfc8785

from overflight.errors import BadInput, NotVerified
from overflight.terms.words import say

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32
LONGEST_BYTES = 1 << 20


def canonical(value: Any, *, limit: int = LONGEST_BYTES) -> bytes:
    """The one encoding of `value`, UTF-8, of at most `limit` bytes.

    Raises
    ------
    BadInput
        If `value` holds something outside the profile; the message names the place.
    """
    _check(value, "payload", 1)
    encoded = rfc8785.dumps(value)
    if len(encoded) > limit:
        raise BadInput(
            say(
                "the payload is {size} bytes long; at most {limit} are allowed: send large parts as attached files",
                size=len(encoded),
                limit=limit,
            ),
            field="payload",
        )
    return encoded


def parse_canonical(encoded: bytes, *, limit: int = LONGEST_BYTES) -> Any:
    """The value whose canonical encoding is exactly `encoded`, of at most `limit` bytes.

    Raises
    ------
    NotVerified
        If the bytes are not JSON of the profile, or not its one canonical encoding.
    """
    if len(encoded) > limit:
        raise NotVerified(say("{size} bytes of JSON; at most {limit} are read", size=len(encoded), limit=limit))
    try:
        value = json.loads(
            encoded.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
        _check(value, "payload", 1)
        again = encode_checked(value)
    except BadInput as error:
        raise NotVerified(error.message, field=error.field) from None
    except RecursionError:
        raise NotVerified(say("JSON nested deeper than {limit} levels", limit=DEEPEST)) from None
    except ValueError as error:
        raise NotVerified(say("not JSON of the signed profile: {why}", why=str(error)[:200])) from None
    if again != encoded:
        at = next((i for i, (a, b) in enumerate(zip(again, encoded, strict=False)) if a != b), len(again))
        raise NotVerified(say("not the canonical JSON encoding: byte {at} differs", at=at))
    return value


def encode_checked(value: Any) -> bytes:
    """The encoding of a value that `_check` let pass.

    Within the profile the standard library writes the same bytes as RFC 8785 (a test
    holds the two together) in a fraction of the time.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} occurs twice")
    return found


def _no_float(text: str) -> Any:
    raise ValueError(f"{text[:40]} is no integer")


def _check(value: Any, where: str, level: int) -> None:
    if level > DEEPEST:
        raise BadInput(
            say("{where}: nested deeper than {limit} levels", where=where[:80], limit=DEEPEST), field=where[:80]
        )
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise BadInput(
                say("{where}: the integer lies outside plus or minus {limit}", where=where, limit=LARGEST_INTEGER),
                field=where,
            )
    elif isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            _check(item, f"{where}[{i}]", level + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise BadInput(say("{where}: the key {name!r} is not ASCII text", where=where, name=name), field=where)
            _check(item, f"{where}.{name}", level + 1)
    else:
        raise BadInput(
            say(
                "{where}: a {kind} cannot be signed; write integers in a named unit, or text",
                where=where,
                kind=type(value).__name__,
            ),
            field=where,
        )


def _check_text(value: str, where: str) -> None:
    if value.isascii():
        return
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise BadInput(say("{where}: the text holds half of a surrogate pair", where=where), field=where)
    if not unicodedata.is_normalized("NFC", value):
        raise BadInput(say("{where}: the text is not in Unicode form NFC", where=where), field=where)
