"""Which entry of a list is which in another version of it: by id where entries have one, else by likeness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["identity", "matched", "named_apart", "same", "stays", "template"]

_NAMES = ("id", "layer", "source", "date")


def same(one: Any, other: Any) -> bool:
    """Equal, with kinds of numbers told apart and keys in the same order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def identity(item: Any) -> str | None:
    """What an entry of a list is known by: its id, the layer that it shows, its source, its day."""
    if isinstance(item, str):
        return item
    if isinstance(item, dict):
        return next((str(item[name]) for name in _NAMES if isinstance(item.get(name), str)), None)
    return None


def named_apart(items: Sequence[Any]) -> list[str]:
    """What each entry is called where its list is a set of names: a second one of the same name is ``name/2``."""
    names = [identity(item) or "" for item in items]
    return [
        name if name not in names[:number] else f"{name}/{names[:number].count(name) + 1}"
        for number, name in enumerate(names)
    ]


def stays(places: Sequence[int]) -> set[int]:
    """The most of ``places`` that stand in rising order: all the others moved."""
    runs: list[list[int]] = [[]]
    for place in places:
        before = sorted((run for run in runs if not run or run[-1] < place), key=len)
        runs.append([*before[-1], place])
    return set(sorted(runs, key=len)[-1])


def matched(old: Sequence[Any], new: Sequence[Any], *, renamed: bool = True) -> list[int | None]:
    """For each entry of ``new`` its index in ``old``, None where there was none. No index comes twice.

    ``renamed``: an entry may be one that has another name, where it stands in its place and is like it.
    """
    found: list[int | None] = [None] * len(new)
    free = dict.fromkeys(range(len(old)))

    def take(fits: Any) -> None:
        for at, item in enumerate(new):
            if found[at] is None:
                index = next((index for index in free if fits(old[index], item)), None)
                if index is not None:
                    found[at] = index
                    del free[index]

    take(same)
    take(lambda one, other: identity(one) is not None and identity(one) == identity(other))
    if renamed:
        _beside(found, free, old, new)
    return found


def _beside(found: list[int | None], free: dict[int, None], old: Sequence[Any], new: Sequence[Any]) -> None:
    """An entry that follows the same neighbour as one that is gone, and is like it, is that one renamed."""
    for at, item in enumerate(new):
        if found[at] is not None:
            continue
        before = found[at - 1] if at else -1
        index = None if before is None else before + 1
        if index in free and _like(old[index], item):
            found[at] = index
            del free[index]


def _like(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        equal = sum(key in other and same(value, other[key]) for key, value in one.items())
        return equal * 2 >= len(one)
    return type(one) is type(other)


def template(old: Sequence[Any], item: Any) -> int | None:
    """The index of the entry of which ``item`` is a copy with changes, None when there is none."""
    if not isinstance(item, dict) or len(item) < 4:
        return None
    likes = [
        sum(key in one and same(value, one[key]) for key, value in item.items()) if isinstance(one, dict) else 0
        for one in old
    ]
    best = max(likes, default=0)
    return likes.index(best) if best * 2 > len(item) else None
