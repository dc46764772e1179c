"""Two versions of a story, or of one text, beside each other: which parts differ, and which words. It knows no Streamlit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from storymap.changes import named, word
from storymap.manuscript import Data, Manuscript
from storymap.placing import DROPPED
from storymap.storyfile import STORY_FILE
from storymap.words import language_name
from storymap.yamlmatch import identity, named_apart, same

__all__ = ["Difference", "Piece", "differences", "in_words", "place_in_words", "told_apart"]

Kind = Literal["same", "gone", "new"]
Piece = tuple[Kind, str]
Place = tuple[str, ...]
MOST_PIECES = 6000
"""Words of a text up to which they are told apart; comparing takes their square."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that says something else."""

    what: str
    """``Text of step 'The influx'``."""
    old: str
    new: str
    """Empty where there is nothing."""


def differences(before: Manuscript, after: Manuscript) -> list[Difference]:
    """The places at which two versions differ, in the order of the story; moves are not among them."""
    out = []
    for file in dict.fromkeys([STORY_FILE, *after.sheets, *before.sheets]):
        old = dict(_leaves(before.files.get(file, {}), ()))
        new = dict(_leaves(after.files.get(file, {}), ()))
        for place in _in_order(list(old), list(new)):
            if not same(old.get(place), new.get(place)):
                story = after if place[:2] in {key[:2] for key in new} else before
                out.append(
                    Difference(place_in_words(file, place, story), in_words(old.get(place)), in_words(new.get(place)))
                )
    return out


def _in_order(old: list[Place], new: list[Place]) -> list[Place]:
    """All places, those that are gone before what followed them."""
    known, out, there = set(new), list(new), set(old)
    at = 0
    for place in old:
        if place in known:
            at = out.index(place) + 1
        else:
            out.insert(at, place)
            at += 1
    return out if there else list(new)


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*place, str(key)))
    elif isinstance(value, list) and value and all(isinstance(item, dict) and identity(item) for item in value):
        for name, item in zip(named_apart(value), value, strict=True):
            yield from _leaves(item, (*place, name))
    elif place[-1:] != ("id",):
        yield place, DROPPED if value is None else value


def place_in_words(file: str, place: Place, story: Manuscript) -> str:
    """``Text of step 'The influx'``; of a translation, with its language."""
    whose, parts = "", list(place)
    if place[:1] in (("steps",), ("layers",), ("sources",)) and len(place) > 1:
        entries = story.data.get(place[0])
        whose = f" of {named(_entry(entries, place[1]), place[0][:-1])}"
        parts = list(place[2:])
    inside = " of the ".join(word(part) for part in reversed(parts)) or "all"
    said = f"{inside}{whose}" if parts else whose.removeprefix(" of ")
    lang = "" if file == STORY_FILE else f", in {language_name(file.split('.')[1])}"
    return said[:1].upper() + said[1:] + lang


def _entry(entries: Any, name: str) -> Data:
    found: Any = None
    if isinstance(entries, dict):
        found = entries.get(name)
    elif isinstance(entries, list):
        found = next((item for item in entries if identity(item) == name), None)
    return {"id": name, **(found if isinstance(found, dict) else {})}


def in_words(value: Any, indent: str = "") -> str:
    """A value of a story for someone who has never seen YAML; nothing for nothing."""
    if value is None:
        return ""
    if value is DROPPED:
        return "dropped: not as in the whole story"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            said = in_words(DROPPED if inner is None else inner, f"{indent}  ")
            lines.append(f"{indent}{word(str(key))}: " + (f"\n{said}" if isinstance(inner, dict) and inner else said))
        return "\n".join(lines)
    if isinstance(value, list):
        return ", ".join(_name(item) for item in value)
    return str(value)


def _name(item: Any) -> str:
    if isinstance(item, dict):
        return str(item.get("title") or identity(item) or in_words(item))
    return in_words(item)


def told_apart(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces: what is in both, what is gone, what is new. Joined, each side's pieces are its text."""
    if not old or not new:
        return ([("gone", old)] if old else []), ([("new", new)] if new else [])
    words: list[list[str]] = [re.findall(r"\s+|\w+|[^\w\s]", text) for text in (old, new)]
    if max(map(len, words)) > MOST_PIECES:
        words = [text.splitlines(keepends=True) for text in (old, new)]
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, start, end, begin, finish in SequenceMatcher(None, words[0], words[1], autojunk=False).get_opcodes():
        gone, come = "".join(words[0][start:end]), "".join(words[1][begin:finish])
        if tag == "equal":
            _add(left, "same", gone)
            _add(right, "same", come)
        else:
            _add(left, "gone", gone)
            _add(right, "new", come)
    return left, right


def _add(pieces: list[Piece], kind: Kind, text: str) -> None:
    if text:
        pieces.append((kind, text))
