"""Citations: ``VI.II.2``, ``IV.2.A``, ``AnnA.I.1``, ``AnnF.III.4``, ``OSCC.DEC/16/02``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from overflight.errors import UnknownCitation
from overflight.terms.words import say

_FORM = re.compile(
    r"^(?:(?:Preamble|(?:[IVX]+|Ann[A-L]))(?:\.[A-Za-z0-9\-]+)*|OSCC\.DEC/\d+/\d+|D\d+(?:\.\d+)?|[a-z][a-z0-9-]*(?:\.[A-Za-z0-9\-]+)+)$"
)


@dataclass(frozen=True, order=True)
class Citation:
    """The number of one paragraph, as people write it.

    Examples
    --------
    >>> Citation.parse("vi.ii.2").text
    'VI.II.2'
    >>> Citation.parse("VI.II.4.E").parents()
    ('VI.II.4', 'VI.II', 'VI')
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> Citation:
        """Read a citation; small letters in article and section numbers are forgiven.

        Raises
        ------
        UnknownCitation
            If the text has no form of a citation.
        """
        cleaned = text.strip().replace(" ", "")
        if re.fullmatch(r"[ivx]+(\.[A-Za-z0-9]+)*", cleaned):
            head, *rest = cleaned.split(".")
            cleaned = ".".join([head.upper(), *(p.upper() if re.fullmatch(r"[ivx]+", p) else p for p in rest)])
        if not _FORM.match(cleaned):
            raise UnknownCitation(
                say("{text!r} is no paragraph number; write one such as VI.II.2 or AnnE.5.B", text=text),
                citation=text,
            )
        return cls(cleaned)

    def parents(self) -> tuple[str, ...]:
        """The paragraphs that hold this one, nearest first."""
        parts = self.text.split(".")
        return tuple(".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))

    def __str__(self) -> str:
        return self.text


def is_citation(text: str) -> bool:
    """Whether a text has the form of a citation, as it is printed."""
    return _FORM.match(text) is not None


def is_part(one: str, of: str) -> bool:
    """Whether a paragraph is another one, or stands within it; great and small letters are alike.

    Examples
    --------
    >>> is_part("VI.II.4.E", of="VI.II.4"), is_part("VI.II.4", of="VI.II.4.E"), is_part("VI.II.10", of="VI.II.1")
    (True, False, False)
    """
    return f"{one}.".casefold().startswith(f"{of}.".casefold())


def is_near(one: str, other: str) -> bool:
    """Whether two citations are the same paragraph, or one is a part of the other."""
    return is_part(one, of=other) or is_part(other, of=one)
