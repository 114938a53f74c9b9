"""Sentences for people, looked up in the catalogue of the reader's language.

The English text stands in the code, where a reviewer can read it, and is the
key of the gettext catalogues under ``overflight/locale``.  `make catalogues`
collects every ``say("...")``; a test holds that none is missing.
"""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCALES = Path(__file__).resolve().parent.parent / "locale"
LANGUAGES = ("en",)

_language: ContextVar[str] = ContextVar("overflight_language", default="en")


@lru_cache(maxsize=16)
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("overflight", str(LOCALES), languages=[language], fallback=True)


def say(text: str, /, **values: Any) -> str:
    """The sentence in the reader's language, with ``{name}`` filled in from `values`.

    Examples
    --------
    >>> say("{km} km is too long", km=12)
    '12 km is too long'
    """
    found = _catalogue(_language.get()).gettext(text)
    return found.format(**values) if values else found


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within the block, `say` answers in `language`; unknown languages fall back to English."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)
