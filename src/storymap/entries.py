"""The entries of one list on three sides: which is which, and in what order both changes put them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storymap.yamlmatch import identity, matched, named_apart, same, stays

__all__ = ["by_name", "order", "union"]


def by_name(base: list[Any], ours: list[Any], theirs: list[Any]) -> list[dict[str, Any]]:
    """The entries of the three lists, each under a name that says which is which."""
    old = dict(zip(named_apart(base), base, strict=True))
    known = list(old)
    new: dict[str, Any] = {}
    out = [old]
    for side in (ours, theirs):
        named_here: dict[str, Any] = {}
        for place, item in zip(matched(base, side, renamed=False), side, strict=True):
            name = known[place] if place is not None else _new_name(item, new, {*old, *named_here})
            named_here[name] = item
            if place is None:
                new[name] = item
        out.append(named_here)
    return out


def _new_name(item: Any, new: Mapping[str, Any], taken: set[str]) -> str:
    """A name for an entry that was not there before: that of an equal one on the other side, or of one with its id."""
    equal = next((name for name, other in new.items() if name not in taken and same(item, other)), None)
    if equal is not None:
        return equal
    # Two claims of one source, or two corrections of one day, are two entries; two steps with one id are not.
    name = identity(item) or ""
    own = not isinstance(item, dict) or "id" in item or "layer" in item
    number = 2
    found = name
    while found in taken or (found in new and not own):
        found, number = f"{name}/{number}", number + 1
    return found


def order(base: list[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    """One order for the names of both sides, as far as they agree; None when both moved the same entry."""
    common = [name for name in base if name in ours and name in theirs]
    mine = [name for name in ours if name in common]
    yours = [name for name in theirs if name in common]
    if mine in (common, yours):
        return union(theirs, ours, theirs)
    if yours == common:
        return union(ours, ours, theirs)
    places = {name: number for number, name in enumerate(common)}
    still = [stays([places[name] for name in side]) for side in (mine, yours)]
    wandered = [{name for name in common if places[name] not in kept} for kept in still]
    if wandered[0] & wandered[1]:
        return None
    return union([name for name in theirs if name not in wandered[0]], ours, theirs)


def union(first: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """``first``, with every other name of both sides behind the one that it follows on its side."""
    out = list(first)
    for side in (ours, theirs):
        for number, name in enumerate(side):
            if name not in out:
                before = next((other for other in reversed(side[:number]) if other in out), None)
                out.insert(out.index(before) + 1 if before is not None else 0, name)
    return out
