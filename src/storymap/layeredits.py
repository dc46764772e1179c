"""What an editor does to layers: style for the whole story or one step, order, copies, and where a layer is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storymap.changes import named
from storymap.edits import Edit, add, free_id, move, set_part
from storymap.following import followed
from storymap.manuscript import Data, Manuscript, plain
from storymap.placing import DROPPED, EditError, Names, find, index_of, put, storable
from storymap.storyfile import STORY_FILE
from storymap.yamlmatch import identity

__all__ = [
    "PROPERTIES",
    "Override",
    "Target",
    "Uses",
    "droppable_rules",
    "duplicate_layer",
    "move_shown",
    "overrides",
    "restyle",
    "show_again",
    "take_all_back",
    "take_back",
    "uses",
]

PROPERTIES: Mapping[str, str] = {
    "color": "colour", "fill_color": "fill colour", "fill_opacity": "fill strength", "opacity": "line strength",
    "weight": "line width", "dash_array": "dashes", "radius": "size", "symbol": "symbol", "pattern": "pattern",
    "soft": "soft edge", "arrow": "arrowhead", "column": "column that colours", "scheme": "way of making classes",
    "k": "number of classes", "breaks": "limits of the classes", "cmap": "colour ramp", "categories": "categories",
    "size_column": "column that sizes", "radius_max": "largest circle",
}  # fmt: skip
"""Parts of a style as editors know them."""
_GOES_WITH = {"column": ("scheme", "k", "breaks", "cmap", "categories"), "size_column": ("radius_max",)}
_BESIDE = ("where", "label", "legend")
"""What a step has of its own for a layer beside its style."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a change of style is for: a layer in the whole story, or as one step shows it."""

    layer: str
    step: str | None = None
    """Id of the step; None for the whole story."""
    entry: str | int = ""
    """Which of the layers that the step shows: its name, or its number from 0."""

    @property
    def place(self) -> Names:
        """Where the style stands."""
        return ("layers", self.layer) if self.step is None else ("steps", self.step, "show", self.entry)

    def words(self, story: Manuscript) -> str:
        """``layer 'Railway'``, with the step when it is for that one only."""
        whose = named(find(story.data, ("layers", self.layer)) or {"id": self.layer}, "layer")
        if self.step is None:
            return whose
        step = find(story.data, ("steps", self.step)) or {"id": self.step}
        return f"{whose} for {named(step, 'step')} only"


@dataclass(frozen=True, slots=True)
class Override:
    """What a step has of its own for a layer."""

    key: str
    """Property of the style, or ``where``, ``label``, ``legend``."""
    words: str
    here: Any
    """What the step says; `placing.DROPPED` where it drops what the whole story says."""
    otherwise: Any
    """What the whole story says; None where it says nothing."""


@dataclass(frozen=True, slots=True)
class Uses:
    """Which steps use a layer, by their titles."""

    shown: tuple[str, ...] = ()
    framed: tuple[str, ...] = ()
    """Steps whose view fits it, or that must show a feature of it."""
    needed: tuple[str, ...] = ()
    """Steps whose view fits this layer alone: it can not be deleted before they have another."""


def restyle(story: Manuscript, target: Target, changes: Mapping[str, Any], sentence: str = "") -> Edit:
    """Sets properties of a style: each to its value, away (None), or, for a step, to what the story's rule is dropped
    with (`placing.DROPPED`). Raises `EditError`."""
    stored = {key: storable(value) for key, value in changes.items()}

    def change(data: Data) -> None:
        for key, value in stored.items():
            put(data, (*target.place, "style", key), value)

    after = followed(story, story.change(change))
    if not sentence:
        what = ", ".join(PROPERTIES.get(key, key) for key in changes)
        verb = "Drop" if all(value is DROPPED for value in changes.values()) else "Change"
        sentence = f"{verb} the {what} of {target.words(story)}"
    return Edit(sentence, after)


def overrides(story: Manuscript, step: str, entry: str | int) -> tuple[Override, ...]:
    """What the step has of its own for the layer of this entry, in the order of the file."""
    here = find(story.data, ("steps", step, "show", entry))
    if not isinstance(here, dict):
        return ()
    layer = find(story.data, ("layers", str(here.get("layer"))), {})
    style, usual = (_style(one) for one in (here, layer))
    out = [
        Override(key, PROPERTIES.get(key, key), DROPPED if value is None else value, usual.get(key))
        for key, value in style.items()
    ]
    if here.get("where"):
        out.append(Override("where", "filter", here["where"], None))
    out += [
        Override(key, words, here[key], True)
        for key, words in (("label", "labels on the map"), ("legend", "entry in the legend"))
        if here.get(key) is False
    ]
    return tuple(out)


def _style(data: Any) -> Data:
    style = data.get("style") if isinstance(data, dict) else None
    return style if isinstance(style, dict) else {}


def droppable_rules(story: Manuscript, target: Target) -> tuple[Override, ...]:
    """What the whole story says of the layer's style, and the step of ``target`` can drop: what it has no word of yet."""
    own = _style(find(story.data, target.place)) if target.step else None
    usual = _style(find(story.data, ("layers", target.layer), {}))
    if own is None:
        return ()
    # With its column, a rule goes by itself.
    gone = {part for column, parts in _GOES_WITH.items() if column in own for part in parts}
    return tuple(
        Override(key, words, None, usual[key])
        for key, words in PROPERTIES.items()
        if usual.get(key) is not None and key not in own and key not in gone
    )


def take_back(story: Manuscript, step: str, entry: str | int, key: str) -> Edit:
    """The layer in this step as in the whole story, in one respect."""
    place = ("steps", step, "show", entry, *((key,) if key in _BESIDE else ("style", key)))
    here = find(story.data, ("steps", step, "show", entry))
    target = Target(identity(here) or "", step, entry)
    words = next((one.words for one in overrides(story, step, entry) if one.key == key), key)
    return Edit(f"Take back the {words} of {target.words(story)}", set_part(story, place, None).after)


def take_all_back(story: Manuscript, step: str, entry: str | int) -> Edit:
    """The layer in this step as in the whole story; whether it grows stays."""
    target = Target(identity(find(story.data, ("steps", step, "show", entry))) or "", step, entry)

    def change(data: Data) -> None:
        for key in ("style", *_BESIDE):
            if find(data, ("steps", step, "show", entry, key)) is not None:
                put(data, ("steps", step, "show", entry, key), None)

    after = followed(story, story.change(change))
    return Edit(f"Take back all changes of {target.words(story)}", after)


def move_shown(story: Manuscript, step: str, number: int, from_top: int) -> Edit:
    """Moves the entry ``number`` (from the bottom, from 0) of what a step shows to the place ``from_top``."""
    shown = find(story.data, ("steps", step, "show"), [])
    return move(story, ("steps", step, "show", number), len(shown) - 1 - from_top)


def show_again(story: Manuscript, step: str, layer: str, before: Data | str | None = None) -> Edit:
    """Shows the layer above all others; ``before``: as the step showed it once."""
    index_of(find(story.data, ("layers",), []), layer, "layer")
    return add(story, ("steps", step, "show"), before or layer)


def uses(story: Manuscript, layer: str) -> Uses:
    """Which steps use the layer."""
    shown, framed, needed = [], [], []
    for step in story.data.get("steps") or []:
        if not isinstance(step, dict):
            continue
        title = str(step.get("title") or step.get("id"))
        if layer in map(identity, step.get("show") or []):
            shown.append(title)
        fits, must = (_layers(find(step, ("view", key))) for key in ("fit", "must_see"))
        if layer in fits or layer in must:
            framed.append(title)
        if fits and set(fits) == {layer}:
            needed.append(title)
    return Uses(tuple(shown), tuple(framed), tuple(needed))


def _layers(refs: Any) -> list[str]:
    return [str(ref).split("/")[0] for ref in ([refs] if isinstance(refs, str) else refs or [])]


def duplicate_layer(story: Manuscript, layer: str, title: str, shown: tuple[str, str | int] | None = None) -> Edit:
    """The layer once more, behind itself, called ``title``; its texts are copied in all languages but the title.

    ``shown``: (step, entry) of which the copy takes the place, with what that step has of its own for it.
    """
    layers = find(story.data, ("layers",), [])
    number = index_of(layers, layer, "layer")
    entry = plain(layers[number])
    if not title.strip():
        raise EditError("write what the copy is called")
    if any(isinstance(one, dict) and one.get("title") == title for one in layers):
        raise EditError(f"there is a layer '{title}' already: call the copy something else")
    entry = _retitled({**entry, "id": free_id(story, "layers", title)}, title.strip())
    after = add(story, ("layers",), entry, number + 1).after
    after = _texts_copied(story, after, layer, entry["id"])
    if shown is not None:
        after = set_part(after, ("steps", shown[0], "show", shown[1], "layer"), entry["id"]).after
    return Edit(f"Duplicate {named(layers[number], 'layer')}", after)


def _retitled(entry: Data, title: str) -> Data:
    """With its title where the model has it, right behind source and id."""
    out: Data = {}
    for key, value in entry.items():
        if key == "title":
            continue
        out[key] = value
        if key == "id":
            out["title"] = title
    return out if "title" in out else {**out, "title": title}


def _texts_copied(before: Manuscript, after: Manuscript, layer: str, copy: str) -> Manuscript:
    for file, data in before.files.items():
        texts = find(data, ("layers", layer)) if file != STORY_FILE else None
        kept = {key: text for key, text in texts.items() if key != "title"} if isinstance(texts, dict) else {}
        if kept:
            now = after.files[file]
            after = after.saying(file, {**now, "layers": {**now["layers"], copy: plain(kept)}})
    return after
