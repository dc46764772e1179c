"""Translations follow the story: a text whose entry goes, goes; one whose entry is called otherwise, is called so too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storymap.manuscript import Data, Manuscript, plain
from storymap.storyfile import STORY_FILE
from storymap.yamlmatch import matched, named_apart, same

__all__ = ["followed"]


def followed(before: Manuscript, after: Manuscript) -> Manuscript:
    """``after``, the story changed, with the translations of ``before`` (still those of ``after``) following it."""
    if same(before.data, after.data):
        return after
    for file, sheet in after.sheets.items():
        if file != STORY_FILE:
            data = _follow(before.data, after.data, plain(sheet.data))
            if not same(data, sheet.data):
                after = after.saying(file, data)
    return after


def _follow(old: Any, new: Any, texts: Any) -> Any:
    """``texts`` for ``old``, now for ``new``; None where nothing is left."""
    if not isinstance(texts, Mapping):
        return texts
    if same(old, new):
        return dict(texts)
    out: Data = {}
    if isinstance(old, dict) and isinstance(new, dict):
        for key, text in texts.items():
            # A key that neither has ("review") is the translation's own.
            made = text if key not in old else _follow(old[key], new[key], text) if key in new else None
            if made is not None and made != {}:
                out[key] = made
        return out
    if isinstance(old, list) and isinstance(new, list):
        names, renamed = named_apart(old), named_apart(new)
        places = {place: number for number, place in enumerate(matched(old, new)) if place is not None}
        for key, text in texts.items():
            if key not in names:
                out[key] = text
                continue
            number = names.index(key)
            if number in places:
                made = _follow(old[number], new[places[number]], text)
                if made is not None and made != {}:
                    out[renamed[places[number]]] = made
        return out
    return dict(texts) if type(old) is type(new) else None
