"""Conflicts in words: what is compared, which answers there are, and what an answer means. It knows no Streamlit."""

from __future__ import annotations

from typing import cast

from storymap.app.editor.differences import Piece, in_words, place_in_words, told_apart
from storymap.manuscript import Manuscript
from storymap.merge import Conflict, Side, Value

__all__ = ["OWN", "answer", "choices", "columns", "is_text", "kept_choice"]

OWN = "own"


def is_text(conflict: Conflict) -> bool:
    """Whether an editor can write other words instead."""
    sides = (conflict.base, conflict.ours, conflict.theirs)
    return conflict.kind == "field" and all(side is None or isinstance(side, str) for side in sides) and any(sides)


def columns(conflict: Conflict, story: Manuscript, them: str) -> tuple[str, list[str], list[list[Piece]]]:
    """What the place is called, the names of the versions, and their texts: those of both sides marked against what
    stood there."""
    if conflict.kind == "order":
        heading = f"The order of {conflict.what.removeprefix('order of ')}"
    else:
        heading = place_in_words(conflict.file, conflict.place, story)
    base, ours, theirs = (in_words(side) for side in (conflict.base, conflict.ours, conflict.theirs))
    if conflict.kind == "added":
        mine, yours = told_apart(ours, theirs)
        # Neither came before the other: both are marked as new.
        return heading, ["Yours", them], [[("new" if kind == "gone" else kind, text) for kind, text in mine], yours]
    return heading, ["Before", "Yours", them], [_plain(base), told_apart(base, ours)[1], told_apart(base, theirs)[1]]


def _plain(text: str) -> list[Piece]:
    return [("same", text)] if text else []


def choices(conflict: Conflict, them: str) -> dict[str, str]:
    """The answers and how they are called."""
    theirs = "Theirs" if them in ("Someone else", "Your other tab") else f"{them}'s"
    if conflict.kind == "used" or (conflict.kind == "field" and None in (conflict.ours, conflict.theirs)):
        gone = {"ours": conflict.ours is None, "theirs": conflict.theirs is None}
        said = {side: "take it away" if gone[side] else "keep it" for side in gone}
        found = {"ours": f"Mine: {said['ours']}", "theirs": f"{theirs}: {said['theirs']}"}
    elif conflict.kind == "added":
        found = {"ours": "Mine", "theirs": theirs, "both": "Both"}
    else:
        found = {"ours": "Mine", "theirs": theirs}
    return {**found, OWN: "In other words"} if is_text(conflict) else found


def answer(chosen: str, own: str) -> Side | Value:
    """What `merge` gets for an answer; ``own``: the editor's own words, none of which take the text away."""
    return Value(own.rstrip() or None) if chosen == OWN else cast("Side", chosen)


def kept_choice(decided: Side | Value | None) -> str | None:
    """The answer that was given before."""
    return OWN if isinstance(decided, Value) else decided
