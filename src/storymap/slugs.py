"""Names for addresses, made of titles: ``Жаңатас: начало`` → ``zhanatas-nachalo``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

__all__ = ["free", "slug_of"]

LONGEST = 56
"""Room is left for a number at the end; ids and names of folders have up to 64 characters."""

# As on signs and in passports: Russian, Kazakh, Ukrainian, Belarusian, Kyrgyz; then Latin letters without a plain part.
_LETTERS = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ә": "a", "ғ": "g", "қ": "q", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i",
    "є": "ye", "ї": "yi", "ґ": "g", "ў": "u",
    "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "'": "", "’": "",
})  # fmt: skip


def slug_of(title: str, fallback: str = "") -> str:
    """A name of a-z, 0-9 and single hyphens, at most 56 characters; ``fallback`` when nothing of the title is left."""
    # Composed first: й and ё are letters of their own, not и and е with a mark.
    letters = unicodedata.normalize("NFC", title).lower().translate(_LETTERS)
    bare = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:LONGEST].strip("-") or fallback


def free(wanted: str, taken: Container[str]) -> str:
    """``wanted``, or the first of ``wanted-2``, ``wanted-3`` … that is not taken."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name
