"""Two editors changed one story: both changes in one, by step, layer and field; or the places where only a person can say.

Entries are known by their ids. What one side alone changed is taken. Where both changed the same field, or one deleted
what the other changed, that is a `Conflict` with all three versions; nothing is decided for the editor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from storymap.changes import named
from storymap.entries import by_name, order, union
from storymap.manuscript import Data, Manuscript, plain
from storymap.placing import DROPPED, find
from storymap.storyfile import STORY_FILE
from storymap.uses import forget_layer, forget_source, layers_used, sources_used
from storymap.yamlmatch import identity, same

__all__ = ["Conflict", "Key", "Merged", "Side", "Value", "merge"]

Side = Literal["ours", "theirs", "both"]
Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Value:
    """An editor's own answer to a conflict: what is to stand there. None: nothing."""

    value: Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place that both sides changed. A version is None where that side has nothing there, and `placing.DROPPED` where
    it says null: a step that drops a rule of the whole story.

    ``kind``: ``field``; ``order`` of a list (the versions are lists of names); ``added``, two entries with one id (``both``
    keeps ours under another id); ``used``, deleted by one side and used anew by the other.
    """

    file: str
    place: tuple[str, ...]
    what: str
    """``text of step 'The influx'``."""
    base: Any
    ours: Any
    theirs: Any
    kind: Literal["field", "order", "added", "used"] = "field"

    @property
    def key(self) -> Key:
        """What a decision is kept by."""
        return self.file, self.place


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes in one. As long as there are ``conflicts``, theirs stands at those places, and nothing may be saved."""

    story: Manuscript
    conflicts: tuple[Conflict, ...] = ()


class _Gone:
    """Stands for what is not there: None can be a value."""


GONE: Any = _Gone()


def merge(
    base: Manuscript, ours: Manuscript, theirs: Manuscript, decided: Mapping[Key, Side | Value] | None = None
) -> Merged:
    """What ``base`` became on both sides, over the text of ``theirs``; ``decided`` answers conflicts of an earlier call."""
    files: dict[str, Data] = {}
    conflicts: list[Conflict] = []
    for file in dict.fromkeys([STORY_FILE, *theirs.sheets, *ours.sheets]):
        old, mine, yours = (side.files.get(file, GONE) for side in (base, ours, theirs))
        work = _Merge(file, ours, theirs, dict(decided or {}), conflicts, files.get(STORY_FILE, {}))
        if file == STORY_FILE:
            work.translated = _translated(base, ours), _translated(base, theirs)
        made = work.value(old, mine, yours, ())
        if file == STORY_FILE:
            made = work.used(made, old)
        if made is not GONE:
            files[file] = made
    story = Manuscript(
        {**theirs.sheets, **{file: sheet for file, sheet in ours.sheets.items() if file not in theirs.sheets}}
    )
    for file in story.sheets:
        story = story.saying(file, files.get(file))
    return Merged(story, tuple(conflicts))


def _translated(base: Manuscript, side: Manuscript) -> set[tuple[str, ...]]:
    """Steps and layers whose texts a side changed in a translation."""
    out: set[tuple[str, ...]] = set()
    for file, data in side.files.items():
        old = base.files.get(file, {})
        if file == STORY_FILE:
            continue
        for kind in ("steps", "layers"):
            entries = data.get(kind)
            for name, texts in entries.items() if isinstance(entries, dict) else ():
                if not same(texts, find(old, (kind, name))):
                    out.add((kind, name))
    return out


@dataclass(slots=True)
class _Merge:
    file: str
    ours: Manuscript
    theirs: Manuscript
    decided: dict[Key, Side | Value]
    conflicts: list[Conflict]
    story: Data
    """The story as it is merged, for its translations."""
    translated: tuple[set[tuple[str, ...]], set[tuple[str, ...]]] = field(default_factory=lambda: (set(), set()))

    def value(self, base: Any, ours: Any, theirs: Any, place: tuple[str, ...]) -> Any:
        """What became of one value; entries and parts that a side lacks are `GONE`."""
        if self.file != STORY_FILE and len(place) < 2 and isinstance(base, dict):
            made = self._map(base, {} if ours is GONE else ours, {} if theirs is GONE else theirs, place)
            return made if made or not place else GONE
        if self.file != STORY_FILE and GONE in (ours, theirs) and self._stays(place):
            return plain(theirs if ours is GONE else ours)
        if same(ours, theirs):
            return plain(ours)
        if same(base, ours) and not self._concerned(0, place, theirs):
            return plain(theirs)
        if same(base, theirs) and not self._concerned(1, place, ours):
            return plain(ours)
        if self.file != STORY_FILE and GONE in (ours, theirs):
            # Of a text deleted here and changed there, the change stays: whether its entry stays, the story says.
            return plain(theirs if ours is GONE else ours)
        if all(isinstance(version, dict) for version in (base, ours, theirs)) and not _unit(base, ours, theirs, place):
            return self._map(base, ours, theirs, place)
        if _are_entries(base, ours, theirs):
            lists = [[] if version is GONE else version for version in (base, ours, theirs)]
            return self._entries(lists[0], lists[1], lists[2], place) or GONE
        kind: Literal["field", "added"] = "field"
        if base is GONE and place[:-1] in (("steps",), ("layers",)):
            kind = "added"
        return self._ask(Conflict(self.file, place, self._what(place), _none(base), _none(ours), _none(theirs), kind))

    def _stays(self, place: tuple[str, ...]) -> bool:
        """Whether an entry that one side deleted, with its texts, is in the story all the same."""
        if len(place) != 2 or find(self.story, place) is None:
            return False
        return any(find(side.data, place) is None for side in (self.ours, self.theirs))

    def _concerned(self, side: int, place: tuple[str, ...], other: Any) -> bool:
        """Whether a side that changed nothing here translated what the other may have deleted."""
        touched = any(name[: len(place)] == place for name in self.translated[side])
        return touched and (len(place) < 2 or (len(place) == 2 and other is GONE))

    def _ask(self, conflict: Conflict) -> Any:
        answer = self.decided.get(conflict.key)
        if answer is None:
            self.conflicts.append(conflict)
        chosen = conflict.ours if answer == "ours" else conflict.theirs
        chosen = answer.value if isinstance(answer, Value) else chosen
        return GONE if chosen is None else None if chosen is DROPPED else plain(chosen)

    def _what(self, place: tuple[str, ...]) -> str:
        """The place in words, with the title of its step or layer."""
        for side in (self.theirs, self.ours):
            known = len(place) > 1 and place[0] in ("steps", "layers")
            item = find(side.files.get(self.file, {}), place[:2]) if known else None
            if item is not None:
                entry = named({"id": place[1], **(item if isinstance(item, dict) else {})}, place[0][:-1])
                inside = ".".join(place[2:])
                return f"{inside} of {entry}" if inside else entry
        return ".".join(place) or self.file

    def _map(self, base: Data, ours: Data, theirs: Data, place: tuple[str, ...]) -> Data:
        names = order(list(base), list(ours), list(theirs))
        if names is None:
            names = [*theirs, *(key for key in ours if key not in theirs)]
        made = {
            key: self.value(base.get(key, GONE), ours.get(key, GONE), theirs.get(key, GONE), (*place, key))
            for key in names
        }
        return {key: value for key, value in made.items() if value is not GONE}

    def _entries(self, base: list[Any], ours: list[Any], theirs: list[Any], place: tuple[str, ...]) -> list[Any]:
        sides = by_name(base, ours, theirs)
        for name in sides[1]:
            twice = name in sides[2] and name not in sides[0] and not same(sides[1][name], sides[2][name])
            if twice and self.decided.get((self.file, (*place, name))) == "both":
                return self._entries(base, _renamed(ours, name, {*sides[1], *sides[2]}), theirs, place)
        lists = [list(side) for side in sides]
        in_order = order(lists[0], lists[1], lists[2])
        if in_order is None:
            common = [[name for name in names if all(name in other for other in lists)] for names in lists]
            what = f"order of {self._what(place)}"
            conflict = Conflict(self.file, place, what, common[0], common[1], common[2], "order")
            in_order = union(self._ask(conflict), lists[1], lists[2])
        out = []
        for name in in_order:
            versions = [side.get(name, GONE) for side in sides]
            old, mine, yours = _alike(versions)
            made = self.value(old, mine, yours, (*place, name))
            if made is not GONE:
                out.append(_short(made, versions))
        return out

    def used(self, made: Data, base: Data) -> Data:
        """Layers and sources that one side deleted, and the other uses where it did not before.

        They stay until that is decided; it is asked when nothing else is, since the other answers say what is used.
        """
        open_still = bool(self.conflicts)
        for kind, names in (("layers", layers_used(made)), ("sources", sources_used(made))):
            for name in sorted(names):
                old = find(base, (kind, name))
                if old is None or find(made, (kind, name)) is not None:
                    continue
                mine, yours = (find(side.data, (kind, name)) for side in (self.ours, self.theirs))
                what = f"{named(old, kind[:-1])}, deleted by one and used by the other"
                conflict = Conflict(self.file, (kind, name), what, old, mine, yours, "used")
                kept = plain(old)
                if not open_still:
                    answer = self._ask(conflict)
                    kept = answer if conflict.key in self.decided else kept
                if kept is GONE:
                    _forget(made, kind, name)
                elif kind == "layers":
                    made.setdefault("layers", []).append(kept)
                else:
                    made.setdefault("sources", {})[name] = kept
        return made


def _none(value: Any) -> Any:
    return None if value is GONE else DROPPED if value is None else plain(value)


def _unit(base: Data, ours: Data, theirs: Data, place: tuple[str, ...]) -> bool:
    """Whether the keys belong together so closely that those of two sides make no sense beside each other."""
    sides = (base, ours, theirs)
    if place[:1] not in (("steps",), ("layers",)) or len(place) < 3 or len(place) % 2 == 0:
        # Not a field, but an entry that happens to be called so.
        return False
    if place[-1:] == ("view",):
        return len({frozenset(side.keys() & {"fit", "bounds"}) for side in sides}) > 1
    if place[-1:] in (("media",), ("figure",), ("source",)):
        return len({str(side.get("file")) for side in sides}) > 1
    return place[-1:] in (("quote",), ("where",))


def _are_entries(base: Any, ours: Any, theirs: Any) -> bool:
    lists = [side for side in (base, ours, theirs) if side is not GONE]
    return len(lists) >= 2 and all(isinstance(side, list) and None not in map(identity, side) for side in lists)


def _alike(versions: list[Any]) -> list[Any]:
    """Shorthands as what they stand for, where another version is written out."""
    key = next(
        (name for item in versions if isinstance(item, dict) for name in ("layer", "source") if name in item), None
    )
    if key is None or not any(isinstance(item, str) for item in versions):
        return versions
    return [{key: item} if isinstance(item, str) else item for item in versions]


def _short(made: Any, versions: list[Any]) -> Any:
    if isinstance(made, dict) and len(made) == 1 and any(isinstance(item, str) for item in versions):
        return next(iter(made.values()))
    return made


def _renamed(items: list[Any], name: str, taken: set[str]) -> list[Any]:
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return [{**item, "id": f"{name}-{number}"} if identity(item) == name else item for item in items]


def _forget(data: Data, kind: str, name: str) -> None:
    for step in data.get("steps") or []:
        (forget_layer if kind == "layers" else forget_source)(step, name)
