"""The frame of the OS message formats: read and print without losing a word.

The frame is that of OS Format 1 of 10 December 1992 (head, lines 1 to 7), the only format that could be
read.  The content of Format 1 (transfer of an active quota, III.I.9) has its own type; that of
other numbers stays the lines that came.  Labels count only at the start of a line.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from overflight.errors import BadFile
from overflight.terms.words import say

LARGEST_CHARACTERS = 200_000
WIDTH = 72
# Field of the frame -> label; the order is that of the lines.
LABELS = {
    "precedence": "PRECEDENCE",
    "sender": "FROM",
    "to": "TO",
    "info": "INFO",
    "subject": "SUBJECT",
    "number": "1. OS MESSAGE NUMBER",
    "sent": "2. OS MESSAGE DATE AND TIME",
    "treaty_reference": "3. TREATY REFERENCE",
    "message_reference": "4. MESSAGE REFERENCE",
    "content": "5. CONTENT",
    "remarks": "6. REMARKS",
    "end": "7. END OF OS MESSAGE NUMBER",
}
_FORMAT = re.compile(r"OS FORMAT\b[ \t]*(?P<number>[^\s]{0,12})[ \t]*(?:OS F(?P<page>[^\s]{1,12}))?[ \t]*", re.I)
_LABEL = re.compile(
    r"(?:(?P<digit>[1-7])[.)][ \t]*)?(?P<words>PRECEDENCE|FROM|TO|INFO|SUBJECT|OS MESSAGE NUMBER|"
    r"OS MESSAGE DATE AND TIME|TREATY REFERENCE|MESSAGE REFERENCE|CONTENT|REMARKS|END OF OS MESSAGE NUMBER)"
    r"[ \t]*:[ \t]*(?P<rest>.*)",
    re.I,
)
_BY_WORDS = {label.split(". ")[-1]: field for field, label in LABELS.items()}


TEXTS = (
    "number", "format_number", "page", "precedence", "sender", "to", "info", "subject", "sent",
    "treaty_reference", "message_reference", "remarks", "end",
)  # fmt: skip


@dataclass(frozen=True)
class OSMessage:
    """One message in the frame; every text is a single line, but `content`, `before` and `after` hold lines.

    `before` and `after` are what stood outside the frame, such as the words that mark an exercise.
    """

    number: str = ""
    format_number: str = ""
    page: str = ""
    precedence: str = ""
    sender: str = ""
    to: str = ""
    info: str = ""
    subject: str = ""
    sent: str = ""
    treaty_reference: str = ""
    message_reference: str = ""
    content: tuple[str, ...] = ()
    remarks: str = ""
    end: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in TEXTS:
            object.__setattr__(self, name, " ".join(getattr(self, name).split()))
        content = [" ".join(line.splitlines()).rstrip() for line in self.content]
        while content and not content[-1]:
            content.pop()
        object.__setattr__(self, "content", tuple(content))
        for name in ("before", "after"):
            lines = (" ".join(line.split()) for line in getattr(self, name))
            object.__setattr__(self, name, tuple(line for line in lines if line))

    def print(self) -> str:
        """The message as text; `read_frame` of it gives this message back."""
        page = f" OS F{self.page}" if self.page else ""
        lines = [*self.before, f"OS FORMAT {self.format_number or ('-' if page else '')}".rstrip() + page]
        for field, label in LABELS.items():
            if field == "number":
                lines.append("")
            if field == "content":
                lines += [f"{label}:", *(f"   {line}" if line else "" for line in self.content)]
            else:
                lines += _fold(f"{label}: {getattr(self, field)}".rstrip())
        return "\n".join([*lines, *self.after]) + "\n"


def read_frame(text: str) -> OSMessage:
    """The message that a text holds; lines outside the frame are kept in `before` and `after`.

    Raises
    ------
    BadFile
        If it is too large or holds no OS MESSAGE NUMBER line; such a text is mapped to a notice by hand.
    """
    if len(text) > LARGEST_CHARACTERS:
        raise BadFile(say("the message is longer than {n} characters", n=LARGEST_CHARACTERS), field="message")
    lines = _unquoted(text)
    start = next((n for n, line in enumerate(lines) if _FORMAT.fullmatch(line) or _label(line)), None)
    if start is None or not any(_label(line) == "number" for line in lines):
        raise BadFile(
            say("no OS message: a line OS MESSAGE NUMBER is missing; map the text to a notice by hand"),
            field="message",
        )
    found = OSMessage(before=tuple(line for line in lines[:start] if line.strip()))
    found, rest = _head(found, lines[start:])
    values, content, after = _body(rest)
    texts: dict[str, Any] = dict(values)
    return replace(found, content=content, after=after, **texts)


def lost(text: str, message: OSMessage) -> tuple[str, ...]:
    """Words of `text` that printing `message` would not show, in order; empty when nothing is lost."""
    left = Counter(message.print().split())
    out: list[str] = []
    for word in " ".join(_unquoted(text)).split():
        left[word] -= 1
        if left[word] < 0 and word.strip(":.)").upper() not in _FRAME_WORDS:
            out.append(word)
    return tuple(out)


_FRAME_WORDS = {w.strip(":.)") for label in LABELS.values() for w in label.split()} | set("1234567")


def _unquoted(text: str) -> list[str]:
    """Lines without the marks of a quoted e-mail and without an indent that all share."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    full = [line for line in lines if line.strip()]
    if full and all(line.lstrip().startswith(">") for line in full):
        lines = [re.sub(r"^\s*> ?", "", line) for line in lines]
    return textwrap.dedent("\n".join(lines)).split("\n")


def _label(line: str) -> str | None:
    found = _LABEL.fullmatch(line)
    if not found:
        return None
    field = _BY_WORDS[" ".join(found["words"].upper().split())]
    digit = LABELS[field][0]
    return field if found["digit"] in (None, digit) else None


def _head(found: OSMessage, lines: Sequence[str]) -> tuple[OSMessage, Sequence[str]]:
    first = _FORMAT.fullmatch(lines[0])
    if not first:
        return found, lines
    number = first["number"] or ""
    return replace(found, format_number="" if number == "-" else number, page=first["page"] or ""), lines[1:]


def _body(lines: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    values: dict[str, str] = {}
    content: list[str] = []
    after: list[str] = []
    here: str | None = None
    for line in lines:
        field = _label(line)
        if field and (field in values or (field == "content" and content)):
            after.append(line)  # a label that comes twice is not the frame's
        elif field:
            here = field
            rest = _LABEL.fullmatch(line)
            told = rest["rest"].strip() if rest else ""
            values[field] = " ".join(told.split())
            if field == "content" and told:
                content.append(told)
        elif here == "content":
            content.append(line[3:] if line.startswith("   ") else line)
        elif here is not None and line.startswith(" ") and line.strip():
            values[here] = f"{values[here]} {' '.join(line.split())}".strip()
        elif line.strip():
            after.append(line)
    values.pop("content", None)
    while content and not content[-1]:
        content.pop()
    return values, tuple(content), tuple(after)


def _fold(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    return textwrap.wrap(
        line, WIDTH, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False, expand_tabs=False
    )


# Format 1: transfer of part or all of an active quota


@dataclass(frozen=True)
class Transfer:
    """What passes on over one State: quota, used, transferred, to whom, remaining, and from which day."""

    over: str
    distributed: int
    used: int
    transferred: int
    to: tuple[tuple[str, int], ...]
    remaining: int
    effective: str

    def faults(self) -> tuple[str, ...]:
        """Where the numbers do not add up; empty when they do."""
        out = []
        left = self.distributed - self.used - self.transferred
        if left != self.remaining:
            out.append(
                say("{over}: {d} distributed less {u} used less {t} transferred leaves {left}, not {r}", over=self.over,
                    d=self.distributed, u=self.used, t=self.transferred, left=left, r=self.remaining)
            )  # fmt: skip
        total = sum(n for _, n in self.to)
        if total != self.transferred:
            out.append(
                say("{over}: the receiving States get {total}, not the {t} transferred", over=self.over, total=total,
                    t=self.transferred)
            )  # fmt: skip
        return tuple(out)


@dataclass(frozen=True)
class Redistribution:
    """The content of Format 1: a year, and one transfer for each State to be overflown."""

    year: int
    transfers: tuple[Transfer, ...]

    def content(self) -> tuple[str, ...]:
        """The lines of field 5; letters and numbers as in Format 1, the words of the labels are ours."""
        if len(self.transfers) > 25:
            raise BadFile(say("Format 1 has letters for 25 States to be overflown"), field="content")
        return tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"A. REDISTRIBUTION FOR THE CURRENT YEAR: {self.year}"
        for n, t in enumerate(self.transfers):
            yield f"{chr(ord('B') + n)}. STATE TO BE OVERFLOWN: {t.over}"
            to = "; ".join(f"{who} {k}" for who, k in t.to)
            for k, (label, value) in enumerate(zip(_TRANSFER, (t.distributed, t.used, t.transferred, to, t.remaining,
                                                               t.effective), strict=True), 1):  # fmt: skip
                yield f"({k}) {label}: {value}"

    def faults(self) -> tuple[str, ...]:
        """Every sum that does not add up."""
        return tuple(f for t in self.transfers for f in t.faults())


_TRANSFER = ("DISTRIBUTED QUOTA", "USED", "TRANSFERRED", "RECEIVING STATES", "REMAINING", "EFFECTIVE DATE")
_YEAR = re.compile(r"A\.\s.*?(\d{4})\s*")
_STATE = re.compile(r"([B-Z])\.\s*[^:]*:\s*(\S.*?)\s*")
_PART = re.compile(r"\(([1-6])\)\s*[^:]*:\s*(.*?)\s*")
_RECEIVER = re.compile(r"(\S.*?)\s+(\d{1,3})")


def read_redistribution(content: Sequence[str]) -> Redistribution:
    """The content of a Format 1 message.

    Raises
    ------
    BadFile
        With the line that is missing or has no number.
    """
    lines = [line.strip() for line in content if line.strip()]
    year = _YEAR.fullmatch(lines[0]) if lines else None
    if not year:
        raise BadFile(say("Format 1, line A: write the year of the redistribution"), field="content.A")
    found: list[tuple[str, str, dict[int, str]]] = []
    for line in lines[1:]:
        state, part = _STATE.fullmatch(line), _PART.fullmatch(line)
        if state and state[1] == chr(ord("B") + len(found)):
            found.append((state[1], state[2], {}))
        elif part and found and int(part[1]) not in found[-1][2]:
            found[-1][2][int(part[1])] = part[2]
        else:
            raise BadFile(say("Format 1: {line!r} is no line of its content here", line=line[:80]), field="content")
    if not found:
        raise BadFile(say("Format 1, line B: no State to be overflown is named"), field="content.B")
    return Redistribution(int(year[1]), tuple(_transfer(letter, over, parts) for letter, over, parts in found))


def _transfer(letter: str, over: str, parts: dict[int, str]) -> Transfer:
    def bad(k: int) -> BadFile:
        told = say("Format 1, {letter}({k}): {label} is missing or no number", letter=letter, k=k,
                   label=_TRANSFER[k - 1].lower())  # fmt: skip
        return BadFile(told, field=f"content.{letter}.{k}")

    numbers = {}
    for k in (1, 2, 3, 5):
        if not re.fullmatch(r"[0-9]{1,3}", parts.get(k, "")):
            raise bad(k)
        numbers[k] = int(parts[k])
    to = []
    for entry in filter(None, (e.strip() for e in parts.get(4, "").split(";"))):
        one = _RECEIVER.fullmatch(entry)
        if not one:
            raise bad(4)
        to.append((one[1], int(one[2])))
    if 6 not in parts:
        raise bad(6)
    return Transfer(over, numbers[1], numbers[2], numbers[3], tuple(to), numbers[5], parts[6])
