"""Paragraphs as people write them: "Article VI, Section I, paragraph 5 (A)" is VI.I.5.A."""

from __future__ import annotations

import re

_WORDS = re.compile(r"\b(?:article|art|section|sect|sec|paragraph|para|par|subparagraph|subpara)\b\.?", re.I)
_ANNEX = re.compile(r"^\s*annex\s+", re.I)
_FIRST = re.compile(r"[IVX]+(?:\..*)?|Ann[A-L](?:\..*)?|D22.*", re.I)
_APPENDIX = re.compile(r"\b(?:appendix|app)\.?\s*(?=\d)", re.I)


def plain(text: str) -> str:
    """A paragraph's number from the words that a lawyer writes for it; what is no such thing stays as it is.

    Examples
    --------
    >>> plain("Article VI, Section I, paragraph 5 (A)")
    'VI.I.5.A'
    >>> plain("Annex D, Appendix 1, Section I")
    'AnnD.App1.I'
    """
    whole, mark, clock = text.partition("#")
    if not re.search(r"[\s,()]", whole.strip()):
        return text
    found = _APPENDIX.sub("App", _WORDS.sub(" ", _ANNEX.sub("Ann", whole)))
    parts = [p.strip(".") for p in re.split(r"[\s,()]+", found) if p.strip(".")]
    return ".".join(parts) + mark + clock if parts and _FIRST.fullmatch(parts[0]) else text
