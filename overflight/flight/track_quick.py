"""Tables of plain numbers, times and short words as most tracks are written, read all cells at once from the bytes.

A file with anything unusual in it, a quote, a long word, a row of another length, a place beyond the poles, is no such
table: `quick_columns` answers None, and the careful reader of `track_files` reads it from its first byte.
What it does answer equals the careful reader's answer to the last bit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from overflight.flight.track_data import Flags, Floats, Ints
from overflight.flight.track_rows import HEIGHTS, LEAST_M, MOST_M, TIME_WIDTH, YEAR_2100, columns_named

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Column = npt.NDArray[Any]  # of numbers or of short texts

_AT_ONCE: Final = 1 << 19  # bytes looked at together: more would leave the processor's cache
_WORD: Final = 8  # digits that are read together
_TEXTS: Final = ("aircraft", "on_ground", "sensor_on")
_LEAST_BYTES: Final = 2 * _WORD  # are looked at before a cell's end, and a header and a row of a track are longer
# 2^53: integers up to here, and powers of ten up to the 22nd, have no rounding, so that their quotient is rounded once.
_EXACT: Final = 9_007_199_254_740_992
_POWERS: Final = 10.0 ** np.arange(2 * _WORD + 1)
_WHOLE_POWERS: Final = 10 ** np.arange(2 * _WORD + 1, dtype=np.int64)
_KEEP: Final = np.array([0, *(((1 << 64) - 1) ^ ((1 << (64 - 8 * n)) - 1) for n in range(1, _WORD + 1))], np.uint64)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")
_DATE_WIDTH: Final = len("2021-05-19T")
_COLONS: Final = 0x0000FF0000FF0000  # where they stand in the word of 06:00:00
_DOT, _MINUS, _LINE, _ZULU = b".-\nZ"


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
    head = data[: data.find(b"\n")] if b"\n" in data else data
    delimiter = max(b",;\t", key=head.count)
    heads = head.decode().split(chr(delimiter))
    where = columns_named(heads)
    if any(what not in where for what in ("time", "lon", "lat")):
        return None
    body = data if data.endswith(b"\n") and not data.endswith(b"\n\n") else data.rstrip(b"\n") + b"\n"
    octets = np.frombuffer(body, np.uint8)
    parts: list[list[Column]] = []
    since = len(head) + 1
    while since < len(body):
        until = len(body) if since + _AT_ONCE >= len(body) else body.rfind(b"\n", since, since + _AT_ONCE) + 1
        skip = min(since, _LEAST_BYTES)
        rows = _Rows.of(octets[since - skip : until], skip, delimiter, len(heads)) if until else None
        found = _columns(rows, where) if rows is not None else None
        if found is None:
            return None
        parts.append(found)
        since = until
    if not parts:
        return None
    columns = {what: np.concatenate(of) for what, of in zip(where, zip(*parts, strict=True), strict=True)}
    return columns, np.arange(2, columns["time"].size + 2)


@dataclass(frozen=True)
class _Rows:
    """Some whole rows of a table: their bytes, the words of 8 that begin at each, and where each cell ends."""

    octets: Bytes
    skip: int  # where the first row begins
    delimiter: int
    words: Words
    ends: Ints  # (columns, rows)

    @classmethod
    def of(cls, octets: Bytes, skip: int, delimiter: int, width: int) -> _Rows | None:
        """The rows that begin after `skip` bytes; None if they have not all the same number of cells."""
        text = octets[skip:]
        ends = np.flatnonzero((text == delimiter) | (text == _LINE))
        if ends.size % width:
            return None
        lines = text[ends].reshape(-1, width) == _LINE
        if lines[:, :-1].any() or not lines[:, -1].all():
            return None
        ends += skip
        words = np.ndarray((octets.size - _WORD + 1,), "<u8", octets, 0, (1,))
        return cls(octets, skip, delimiter, words, np.ascontiguousarray(ends.reshape(-1, width).T))

    def cells(self, at: int) -> tuple[Ints, Ints]:
        """Where the cells of a column start and end."""
        if at:
            return self.ends[at - 1] + 1, self.ends[at]
        start = np.empty_like(self.ends[0])
        start[0], start[1:] = self.skip, self.ends[-1][:-1] + 1
        return start, self.ends[0]

    @cached_property
    def dots(self) -> Ints | None:
        """Where the dot of each cell is, its end if it has none; None if one has several."""
        text = self.octets[self.skip :]
        signs = np.flatnonzero((text == self.delimiter) | (text == _LINE) | (text == _DOT))
        parts = np.flatnonzero(text[signs] != _DOT)
        dots = np.diff(parts, prepend=-1) - 1
        if int(dots.max()) > 1:
            return None
        at = signs[parts - dots] + self.skip
        return np.ascontiguousarray(at.reshape(-1, len(self.ends)).T)


def _columns(rows: _Rows, where: dict[str, int]) -> list[Column] | None:
    """The columns of some whole rows; None if they are not plain."""
    out: list[Column] = []
    for what, at in where.items():
        start, end = rows.cells(at)
        if what in _TEXTS:
            texts = _texts(rows.words, start, end)
            if texts is None:
                return None
            out.append(texts)
            continue
        found = _times(rows, start, end) if what == "time" else None
        if found is None:
            found = _even_numbers(rows, start, end)
        if found is None:
            found = _numbers(rows, at)
        if found is None or not _usual(what, found):
            return None
        out.append(found)
    return out


def _even_numbers(rows: _Rows, start: Ints, end: Ints) -> Floats | None:
    """The numbers of cells that all have as many digits behind the dot, and few before it; None of others."""
    before = end - start
    size = int(before[0])
    after = size - 1 - bytes(rows.octets[int(start[0]) : int(end[0])]).rfind(_DOT)
    dotted = after < size
    after = after if dotted else 0
    before -= after + dotted
    if after >= _WORD or int(before.min()) < 1 or int(before.max()) > _WORD:
        return None
    low = rows.words[end - _WORD]
    if dotted and ((low >> _u(8 * (_WORD - 1 - after))) & _u(0xFF) != _u(_DOT)).any():
        return None
    whole = rows.words[end - (_WORD + 1 + after)] if dotted else low
    minus = whole >> ((_WORD - before) * 8).astype(np.uint64) & _u(0xFF) == _u(_MINUS)
    odd = np.zeros(end.size, dtype=bool)
    digits = _eight(whole, _KEEP[before - minus], odd)
    if after:
        digits *= _WHOLE_POWERS[after]
        digits += _eight(low, _KEEP[after], odd)
    if odd.any() or int(digits.max()) > _EXACT or int((before - minus).min()) + after < 1:
        return None
    number = digits.astype(float)
    number /= _POWERS[after]
    np.negative(number, where=minus, out=number)
    return number


def _numbers(rows: _Rows, at: int) -> Floats | None:
    """The numbers of cells like -36.6529670, NaN of an empty one; None if some cell is no number.

    A number written in more digits than are exact, or in another way, is read alone, as the careful reader reads it.
    """
    if rows.dots is None:
        return None
    (start, end), dot, octets, words = rows.cells(at), rows.dots[at], rows.octets, rows.words
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
            some = np.flatnonzero(odd)
            alone = [octets[a:b].tobytes() for a, b in zip(start[some].tolist(), end[some].tolist(), strict=True)]
            number[some] = [float(cell) for cell in alone]
        except ValueError:
            return None
    return number


def _digits(words: Words, end: Ints, count: Ints, odd: Flags) -> Longs:
    """The numbers of up to 16 digits that end before `end`; where one of the bytes is no digit, `odd` is set."""
    low = _eight(words[end - _WORD], _KEEP[np.minimum(count, _WORD)], odd)
    if int(count.max()) <= _WORD:
        return low
    high = _eight(words[end - 2 * _WORD], _KEEP[np.maximum(count - _WORD, 0)], odd)
    whole: Longs = low + high * _WHOLE_POWERS[_WORD]
    return whole


def _eight(word: Words, keep: Words | np.uint64, odd: Flags) -> Longs:
    """The same of up to 8 digits, which stand in one word of 64 bits: the last one in its highest byte."""
    digits = word ^ _u(0x3030303030303030)
    digits &= keep
    odd |= _no_digits(digits)
    pairs = digits * _u(10)
    pairs += digits >> _u(8)
    first, second = pairs & _u(0x000000FF000000FF), (pairs >> _u(16)) & _u(0x000000FF000000FF)
    first *= _u(0x000F424000000064)
    second *= _u(0x0000271000000001)
    first += second
    first >>= _u(32)
    return first.astype(np.int64)


def _no_digits(digits: Words) -> Flags:
    """Whether one of the eight bytes, each less the code of 0, is above 9."""
    flags: Flags = (((digits + _u(0x7676767676767676)) | digits) & _u(0x8080808080808080)) != 0
    return flags


def _u(value: int) -> np.uint64:
    return np.uint64(value)


def _times(rows: _Rows, start: Ints, end: Ints) -> Floats | None:
    """POSIX seconds of cells that are all written like 2021-05-19T06:00:00Z; None of others."""
    if (end - start != TIME_WIDTH).any():
        return None
    months, days, clocks = (rows.words[start + at] for at in (0, 3, 11))  # "2021-05-", "1-05-19T" and "06:00:00"
    new = np.empty(start.size, dtype=bool)
    new[0], new[1:] = True, (months[1:] != months[:-1]) | (days[1:] != days[:-1])
    digits = clocks ^ _u(0x3030303030303030)
    if ((digits & _u(_COLONS)) != _u(0x00000A00000A0000)).any() or (
        rows.octets[start + (TIME_WIDTH - 1)] != _ZULU
    ).any():
        return None
    digits &= _u(~_COLONS & (1 << 64) - 1)
    if _no_digits(digits).any():
        return None
    pairs = digits * _u(10)
    pairs += digits >> _u(8)
    hour, minute, second = (((pairs >> _u(shift)) & _u(0xFF)).astype(np.int64) for shift in (0, 24, 48))
    if int(hour.max()) > 23 or int(minute.max()) > 59 or int(second.max()) > 59:
        return None
    dates = [bytes(rows.octets[at : at + _DATE_WIDTH]).decode() for at in start[new].tolist()]
    if not all(_DATE.fullmatch(date) for date in dates):
        return None
    try:
        midnights = np.array([date[:-1] for date in dates], "datetime64[s]").astype(np.int64)
    except ValueError:  # no date of the calendar
        return None
    second += 60 * minute
    second += 3600 * hour
    second += midnights[np.cumsum(new) - 1] if len(dates) > 1 else midnights[0]
    return second.astype(float)


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
