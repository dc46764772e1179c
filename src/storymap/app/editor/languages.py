"""Languages that a new story may be in."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LANGS"]

LANGS: Mapping[str, str] = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
"""Those that the page itself speaks, as their readers call them; any other is set in the story."""
