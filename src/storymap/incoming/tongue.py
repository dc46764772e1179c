"""Which of the languages that a story's page speaks a text is in, told by its letters."""

from __future__ import annotations

import re

__all__ = ["guess_lang"]

_KAZAKH = re.compile(r"[әғқңөұүһіӘҒҚҢӨҰҮҺІ]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_LETTER = re.compile(r"[^\W\d_]")


def guess_lang(text: str) -> str:
    """``ru`` or ``kk`` for a text that is mostly in Cyrillic letters, by those that only Kazakh has; else ``en``."""
    letters, cyrillic = len(_LETTER.findall(text)), len(_CYRILLIC.findall(text))
    if cyrillic * 2 <= letters or not letters:
        return "en"
    return "kk" if len(_KAZAKH.findall(text)) * 50 > cyrillic else "ru"
