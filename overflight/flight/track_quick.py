"""Tables of plain numbers, times and short words as most tracks are written, read all cells at once from the bytes.

A file with anything unusual in it, a quote, a long word, a row of another length, a place beyond the poles, is no such
table: `quick_columns` answers None, and the careful reader of `track_files` reads it from its first byte.
What it does answer equals the careful reader's answer to the last bit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from overflight.flight.track_data import Flags, Floats, Ints
from overflight.flight.track_rows import HEIGHTS, LEAST_M, MOST_M, TIME_WIDTH, YEAR_2100, columns_named

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Column = npt.NDArray[Any]  # of numbers or of short texts

_AT_ONCE: Final = 1 << 19  # bytes looked at together: more would leave the processor's cache
_WORD: Final = 8  # digits that are read together
_TEXTS: Final = ("aircraft", "on_ground", "sensor_on")
_LEAST_BYTES: Final = 2 * _WORD  # a header and a row of a track are longer
# 2^53: integers up to here, and powers of ten up to the 22nd, have no rounding, so that their quotient is rounded once.
_EXACT: Final = 9_007_199_254_740_992
_POWERS: Final = 10.0 ** np.arange(2 * _WORD + 1)
_WHOLE_POWERS: Final = 10 ** np.arange(2 * _WORD + 1, dtype=np.int64)
_KEEP: Final = np.array([0, *(((1 << 64) - 1) ^ ((1 << (64 - 8 * n)) - 1) for n in range(1, _WORD + 1))], np.uint64)
_TIME_SIGNS: Final = ((4, b"-"), (7, b"-"), (10, b"T"), (13, b":"), (16, b":"), (19, b"Z"))
_DOT, _MINUS, _LINE = b".-\n"


def quick_columns(data: bytes) -> tuple[dict[str, Column], Ints] | None:
    """Columns of a CSV track, and the rows' numbers; None if it is no plain table.

    Times come as POSIX seconds, numbers with NaN for an empty cell, the aircraft and what is on or off as short texts.
    """
    if not data.isascii() or b'"' in data or b"\0" in data or len(data) < _LEAST_BYTES:
        return None
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
        if b"\r" in data:
            return None
    head, _, _ = data.partition(b"\n")
    delimiter = max(b",;\t", key=head.count)
    heads = head.decode().split(chr(delimiter))
    where = columns_named(heads)
    if any(what not in where for what in ("time", "lon", "lat")):
        return None
    body = data.rstrip(b"\n") + b"\n"
    octets = np.frombuffer(body, np.uint8)
    parts: list[list[Column]] = []
    since = len(head) + 1
    while since < len(body):
        until = len(body) if since + _AT_ONCE >= len(body) else body.rfind(b"\n", since, since + _AT_ONCE) + 1
        skip = min(since, _LEAST_BYTES)
        found = _columns(octets[since - skip : until], skip, where, delimiter, len(heads)) if until else None
        if found is None:
            return None
        parts.append(found)
        since = until
    if not parts:
        return None
    columns = {what: np.concatenate(of) for what, of in zip(where, zip(*parts, strict=True), strict=True)}
    return columns, np.arange(2, columns["time"].size + 2)


def _columns(octets: Bytes, skip: int, where: dict[str, int], delimiter: int, width: int) -> list[Column] | None:
    """The columns of some whole rows, which begin after `skip` bytes; None if they are not plain."""
    cells = _cells(octets, skip, delimiter, width)
    if cells is None:
        return None
    start, end, dot = cells
    words = np.ndarray((octets.size - _WORD + 1,), "<u8", octets, 0, (1,))
    out: list[Column] = []
    for what, at in where.items():
        if what in _TEXTS:
            texts = _texts(words, start[at], end[at])
            if texts is None:
                return None
            out.append(texts)
            continue
        found = _times(octets, start[at], end[at]) if what == "time" else None
        if found is None:
            found = _numbers(octets, words, start[at], end[at], dot[at])
        if found is None or not _usual(what, found):
            return None
        out.append(found)
    return out


def _cells(octets: Bytes, skip: int, delimiter: int, width: int) -> tuple[Ints, Ints, Ints] | None:
    """Where cells start and end and where the dot of each is (its end if it has none), (width, rows); or None."""
    text = octets[skip:]
    signs = np.flatnonzero((text == delimiter) | (text == _LINE) | (text == _DOT))
    which = text[signs]
    parts = np.flatnonzero(which != _DOT)
    if parts.size % width:
        return None
    signs += skip
    lines = which[parts].reshape(-1, width) == _LINE
    if lines[:, :-1].any() or not lines[:, -1].all():
        return None
    dots = np.empty_like(parts)
    dots[0], dots[1:] = parts[0], parts[1:] - parts[:-1] - 1
    if int(dots.max()) > 1:
        return None
    end = signs[parts]
    start = np.empty_like(end)
    start[0], start[1:] = skip, end[:-1] + 1
    start, end, dot = (np.ascontiguousarray(of.reshape(-1, width).T) for of in (start, end, signs[parts - dots]))
    return start, end, dot


def _numbers(octets: Bytes, words: Words, start: Ints, end: Ints, dot: Ints) -> Floats | None:
    """The numbers of cells like -36.6529670, NaN of an empty one; None if some cell is no number.

    A number written in more digits than are exact, or in another way, is read alone, as the careful reader reads it.
    """
    empty = start == end
    minus = (octets[start] == _MINUS) & ~empty
    first = start + minus
    before, after = dot - first, np.maximum(end - dot - 1, 0)
    count = before + after
    odd = (count > 2 * _WORD) | ((count == 0) & ~empty)
    before, after = np.where(odd, 0, before), np.where(odd, 0, after)
    whole, part = _digits(words, dot, before, odd), _digits(words, end, after, odd)
    digits = whole * _WHOLE_POWERS[after] + part
    odd |= digits > _EXACT
    number: Floats = digits.astype(float) / _POWERS[after]
    np.negative(number, where=minus, out=number)
    number[empty] = np.nan
    if odd.any():
        try:
            at = np.flatnonzero(odd)
            alone = [octets[a:b].tobytes() for a, b in zip(start[at].tolist(), end[at].tolist(), strict=True)]
            number[at] = [float(cell) for cell in alone]
        except ValueError:
            return None
    return number


def _digits(words: Words, end: Ints, count: Ints, odd: Flags) -> npt.NDArray[np.int64]:
    """The numbers of up to 16 digits that end before `end`; where one of the bytes is no digit, `odd` is set."""
    low = _eight(words, end, np.minimum(count, _WORD), odd)
    if int(count.max()) <= _WORD:
        return low
    high = _eight(words, end - _WORD, np.maximum(count - _WORD, 0), odd)
    whole: npt.NDArray[np.int64] = low + high * _WHOLE_POWERS[_WORD]
    return whole


def _eight(words: Words, end: Ints, count: Ints, odd: Flags) -> npt.NDArray[np.int64]:
    """The same of up to 8 digits, which stand in one word of 64 bits: the last one in its highest byte."""
    digits = (words[end - _WORD] ^ _u(0x3030303030303030)) & _KEEP[count]
    odd |= (((digits + _u(0x7676767676767676)) | digits) & _u(0x8080808080808080)) != 0
    pairs = digits * _u(10) + (digits >> _u(8))
    first, second = pairs & _u(0x000000FF000000FF), (pairs >> _u(16)) & _u(0x000000FF000000FF)
    joined = (first * _u(0x000F424000000064) + second * _u(0x0000271000000001)) >> _u(32)
    return joined.astype(np.int64)


def _u(value: int) -> np.uint64:
    return np.uint64(value)


def _times(octets: Bytes, start: Ints, end: Ints) -> Floats | None:
    """POSIX seconds of cells that are all written like 2021-05-19T06:00:00Z; None of others."""
    if (end - start != TIME_WIDTH).any():
        return None
    text = np.lib.stride_tricks.sliding_window_view(octets, TIME_WIDTH)[start]
    if any((text[:, n] != ord(sign)).any() for n, sign in _TIME_SIGNS):
        return None
    digits = np.ascontiguousarray(text.T).astype(np.int32) - ord("0")
    of = [n for n in range(TIME_WIDTH) if n not in dict(_TIME_SIGNS)]
    if int(digits[of].min()) < 0 or int(digits[of].max()) > 9:
        return None
    year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]
    month, day, hour, minute, second = (10 * digits[n] + digits[n + 1] for n in (5, 8, 11, 14, 17))
    if int(hour.max()) > 23 or int(minute.max()) > 59 or int(second.max()) > 59:
        return None
    new = np.diff((year * 100 + month) * 100 + day, prepend=-1) != 0
    try:
        midnights = text[new, :10].copy().view("S10").ravel().astype("U10").astype("datetime64[s]").astype(np.int64)
    except ValueError:  # no date of the calendar
        return None
    seconds: Floats = (midnights[np.cumsum(new) - 1] + 3600 * hour + 60 * minute + second).astype(float)
    return seconds


def _texts(words: Words, start: Ints, end: Ints) -> Column | None:
    """Cells of at most eight bytes as they are; None if one is longer."""
    count = end - start
    if int(count.max()) > _WORD:
        return None
    kinds, of = np.unique(words[end - _WORD] & _KEEP[count], return_inverse=True)
    names = [int(kind).to_bytes(_WORD, "little").lstrip(b"\0").decode() for kind in kinds]
    return np.array(names)[of]


def _usual(what: str, found: Floats) -> bool:
    """Whether all cells of a column can be of a fix, so that there is nothing to tell of any row."""
    if what in HEIGHTS:
        return bool((np.isnan(found) | ((found >= LEAST_M) & (found <= MOST_M))).all())
    least, most = {"time": (0.0, YEAR_2100), "lon": (-180.0, 180.0), "lat": (-90.0, 90.0)}[what]
    return bool(((found >= least) & (found <= most)).all())
