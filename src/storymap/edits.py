"""What an editor does to a story: each edit takes a manuscript and gives a new one, with a sentence that says it.

Entries are called by their ids; a layer that a step shows more than once, by its number from 0. Edits check the names
that they use, not the whole story: `Manuscript.story` says whether it can be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from storymap.changes import describe, named, summary
from storymap.following import followed
from storymap.manuscript import Data, Manuscript, plain
from storymap.placing import EditError, Names, find, index_of, insert, put, storable
from storymap.slugs import free, slug_of
from storymap.storyfile import STORY_FILE
from storymap.translation import translation_file
from storymap.uses import forget_layer, forget_source
from storymap.yamlmatch import identity

__all__ = [
    "Edit",
    "EditError",
    "add",
    "add_translation",
    "delete",
    "delete_layer",
    "delete_source",
    "delete_step",
    "duplicate_step",
    "free_id",
    "hide_layer",
    "move",
    "set_part",
    "set_style",
    "show_layer",
    "translate",
]


@dataclass(frozen=True, eq=False)
class Edit:
    """One thing done: the sentence for it (``Move step 'The influx'``), and the story after it."""

    sentence: str
    after: Manuscript


def _edit(before: Manuscript, what: Callable[[Data], object], sentence: str = "") -> Edit:
    after = followed(before, before.change(what))
    return Edit(sentence or summary(describe(before, after)) or "Change nothing", after)


def set_part(story: Manuscript, place: Names, value: Any) -> Edit:
    """Sets any part: ``("title",)``, ``("steps", "influx", "media")``, ``("layers", "towns", "style", "color")``,
    ``("steps", "influx", "show", "towns", "label")``, ``("theme", "colors", "rail")``.

    ``value``: plain data or a part of the model, whole (a list is replaced); None takes the part away. Raises `EditError`.
    """
    if place and place[-1] == "id":
        raise EditError("an id is an address that links and translations use: it stays")
    stored = storable(value)
    return _edit(story, lambda data: put(data, place, stored))


def add(story: Manuscript, place: Names, value: Any, at: int | None = None) -> Edit:
    """A new entry in the list at ``place`` (``("steps",)``, ``("layers",)``, ``("steps", "influx", "sources")`` …),
    before the entry number ``at``, or last. Raises `EditError` when there is one with its id."""
    entry = storable(value)
    items = find(story.data, place, [])
    if not isinstance(items, list):
        raise EditError(f"'{place[-1]}' is no list: set its parts by their names")
    if place[-1] in ("steps", "layers"):
        if not isinstance(entry, dict) or not entry.get("id"):
            raise EditError(f"a new {str(place[-1])[:-1]} needs an id")
        if entry["id"] in map(identity, items):
            raise EditError(f"there is a {str(place[-1])[:-1]} '{entry['id']}' already: give this one another id")
    number = len(items) if at is None else max(0, min(at, len(items)))
    return _edit(story, lambda data: insert(data, place, number, entry))


def delete(story: Manuscript, place: Names) -> Edit:
    """Takes away the entry or part at ``place``; `delete_step` and `delete_layer` also take away what names them."""
    if find(story.data, place) is None:
        raise EditError(f"there is no '{place[-1]}' to take away: it is gone already")
    return _edit(story, lambda data: put(data, place, None))


def move(story: Manuscript, place: Names, to: int) -> Edit:
    """Moves an entry of a list (``("steps", "influx")``, ``("steps", "influx", "show", 2)``) to the number ``to``."""
    told = _moving(story, place)

    def change(data: Data) -> None:
        items = list(find(data, place[:-1], []))
        number = index_of(items, place[-1])
        item = items.pop(number)
        items.insert(max(0, min(to, len(items))), item)
        put(data, place[:-1], items)

    made = _edit(story, change)
    return made if made.after.says(story) else Edit(told or made.sentence, made.after)


def _moving(story: Manuscript, place: Names) -> str:
    """The sentence for it: from both versions, one can not tell which of two neighbours was moved past the other."""
    items = find(story.data, place[:-1], [])
    item = items[index_of(items, place[-1])]
    if place[0] in ("steps", "layers") and len(place) == 2:
        return f"Move {named(item, str(place[0])[:-1])}"
    if place[0] == "steps" and len(place) == 4 and place[2] == "show":
        step = find(story.data, place[:2])
        return f"Move layer '{identity(item)}' in {named(step, 'step')}"
    return ""


def duplicate_step(story: Manuscript, step: str, title: str | None = None) -> Edit:
    """The step once more, right behind itself; its texts are copied in all languages."""
    steps = find(story.data, ("steps",), [])
    number = index_of(steps, step, "step")
    entry = plain(steps[number])
    entry["id"] = free_id(story, "steps", f"{step}-copy")
    if title:
        entry["title"] = title
    after = story.change(lambda data: insert(data, ("steps",), number + 1, entry))
    for file, data in story.files.items():
        texts = find(data, ("steps", step)) if file != STORY_FILE else None
        kept = {key: text for key, text in texts.items() if not (title and key == "title")} if texts else {}
        if kept:
            after = after.saying(file, {**data, "steps": {**data["steps"], entry["id"]: plain(kept)}})
    return Edit(f"Duplicate {named(steps[number], 'step')}", after)


def delete_step(story: Manuscript, step: str) -> Edit:
    """Takes the step away, with its translations; corrections stay, but no longer point to it."""
    steps = find(story.data, ("steps",), [])
    number = index_of(steps, step, "step")
    if len(steps) == 1:
        raise EditError("a story has at least one step: add another before you delete this one")

    def change(data: Data) -> None:
        put(data, ("steps", number), None)
        for correction in data.get("corrections") or []:
            if correction.get("step") == step:
                del correction["step"]

    return _edit(story, change, f"Delete {named(steps[number], 'step')}")


def delete_layer(story: Manuscript, layer: str) -> Edit:
    """Takes the layer away, and from every step that shows it. Raises `EditError` when a step's view needs it."""
    layers = find(story.data, ("layers",), [])
    entry = layers[index_of(layers, layer, "layer")]

    def change(data: Data) -> None:
        put(data, ("layers", layer), None)
        for step in data.get("steps") or []:
            forget_layer(step, layer)

    return _edit(story, change, f"Delete {named(entry, 'layer')}")


def delete_source(story: Manuscript, source: str) -> Edit:
    """Takes a source of claims away, and from every step that names it."""
    entry = find(story.data, ("sources", source))
    if entry is None:
        raise EditError(f"there is no source '{source}': it was renamed or deleted")

    def change(data: Data) -> None:
        put(data, ("sources", source), None)
        for step in data.get("steps") or []:
            forget_source(step, source)

    return _edit(story, change, f"Delete {named(entry, 'source')}")


def show_layer(story: Manuscript, step: str, layer: str, at: int | None = None) -> Edit:
    """Shows the layer in the step, above all others or before the number ``at`` of its list (from bottom to top)."""
    index_of(find(story.data, ("layers",), []), layer, "layer")
    return add(story, ("steps", step, "show"), layer, at)


def hide_layer(story: Manuscript, step: str, layer: str | int) -> Edit:
    """Takes the layer (all of it, or the one entry of that number) from the step's map."""
    shown = find(story.data, ("steps", step, "show"), [])
    if isinstance(layer, int):
        return delete(story, ("steps", step, "show", layer))
    index_of(shown, layer, "layer on this step")
    kept = [entry for entry in shown if identity(entry) != layer]
    return _edit(story, lambda data: put(data, ("steps", step, "show"), kept or None))


def set_style(story: Manuscript, layer: str | int, key: str, value: Any, step: str | None = None) -> Edit:
    """One rule of a layer's style: in the whole story, or in one step only, where ``layer`` may be a number."""
    if step is None:
        return set_part(story, ("layers", layer, "style", key), value)
    return set_part(story, ("steps", step, "show", layer, "style", key), value)


def add_translation(story: Manuscript, lang: str) -> Edit:
    """A translation without texts yet. It is written once it has one."""
    return Edit(f"Add the translation into '{lang}'", story.saying(translation_file(lang), story.translation(lang)))


def translate(story: Manuscript, lang: str, place: Names, text: str | None) -> Edit:
    """Sets a text of a translation: ``("steps", "influx", "title")``, entries of lists by name; None takes it away."""
    names = [str(part) for part in place]
    after = story.change(lambda data: _put_text(data, names, storable(text)), translation_file(lang))
    item = find(story.data, names[:2]) if len(names) > 2 else None
    whose = f" of {named(item, names[0].rstrip('s'))}" if item else ""
    return Edit(f"Translate the {names[-1]}{whose} into '{lang}'", after)


def _put_text(data: Any, place: list[str], text: str | None) -> None:
    inner = data.get(place[0])
    if len(place) == 1:
        data.pop(place[0], None) if text is None else data.__setitem__(place[0], text)
        return
    if isinstance(inner, str):
        # A text that stands for an entry with one text only.
        inner = {place[1]: inner} if len(place) == 2 else {}
    inner = inner if isinstance(inner, dict) else {}
    _put_text(inner, place[1:], text)
    data.pop(place[0], None) if not inner else data.__setitem__(place[0], inner)


def free_id(story: Manuscript, kind: str, wanted: str) -> str:
    """An id for a new entry of ``kind`` (``steps``, ``layers``): from ``wanted``, a title or an id, none taken twice."""
    taken = {name for name in map(identity, find(story.data, (kind,), [])) if name}
    return free(slug_of(wanted, kind.rstrip("s")), taken)
