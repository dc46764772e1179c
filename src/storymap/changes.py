"""What changed between two versions of a story, in sentences: "Change the text of step 'The influx'"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from storymap.manuscript import Data, Manuscript
from storymap.storyfile import STORY_FILE
from storymap.yamlmatch import identity, matched, same, stays

__all__ = ["counted", "describe", "moved", "named", "summary", "word"]

_LISTS = {"steps": "step", "layers": "layer", "corrections": "correction of"}
_MAPS = {"sources": "source", "theme": "theme"}
_WORDS = {
    "alt": "description of the map", "article": "address of the article", "colors": "colours", "color": "colour",
    "fill_color": "fill colour", "fill_opacity": "fill opacity", "lang": "language", "media": "picture or sound",
    "quote": "quotation", "figure": "chart", "cmap": "colour ramp", "dash_array": "dashes", "weight": "line width",
    "k": "number of classes", "column": "column", "must_see": "features that must be seen", "max_zoom": "closest zoom",
    "fit": "frame", "bounds": "frame", "move": "way of moving", "when": "time", "show": "layers", "where": "filter",
    "without": "parts of the basemap", "source": "source", "tone": "tone", "serif": "face of the headings",
}  # fmt: skip
_INSIDE = ("style", "view", "label", "theme", "source", "media", "figure", "quote")
"""Parts whose keys are told one by one."""


def word(key: str) -> str:
    """What people call a part of a story: ``quotation`` for ``quote``."""
    return _WORDS.get(key, key.replace("_", " "))


def named(item: Any, kind: str) -> str:
    """An entry as people know it: ``step 'The influx'``."""
    name = (item.get("title") if isinstance(item, dict) else None) or identity(item) or ""
    return f"{kind} '{name}'" if isinstance(name, str) and name else kind


def describe(before: Manuscript, after: Manuscript) -> tuple[str, ...]:
    """One sentence for each thing that changed; none when both say the same."""
    out = list(_story(before.data, after.data))
    for file in dict.fromkeys([*before.sheets, *after.sheets]):
        if file == STORY_FILE:
            continue
        lang = file.split(".")[1]
        old, new = before.files.get(file), after.files.get(file)
        if old is None:
            out.append(f"Add the translation into '{lang}'")
        elif new is None:
            out.append(f"Delete the translation into '{lang}'")
        elif not same(old, new):
            out.append(f"Change the translation into '{lang}'")
    return tuple(out)


def counted(before: Manuscript, after: Manuscript) -> str:
    """How much changed between two that do not say the same: ``1 change``, ``16 changes``. Counted as `describe` tells it,
    wherever it is said: how often something was entered is not what an editor sees."""
    number = len(describe(before, after)) or 1
    return f"{number} {'change' if number == 1 else 'changes'}"


def summary(sentences: Sequence[str], most: int = 3) -> str:
    """The sentences as one line."""
    told = list(dict.fromkeys(sentences))
    more = len(told) - most
    return "; ".join(told[:most]) + (f"; and {more} more" if more > 0 else "")


def moved(old: Sequence[Any], new: Sequence[Any]) -> list[int]:
    """Numbers in ``new`` of the entries that stand elsewhere than in ``old``, as few as explain its order."""
    places = matched(old, new)
    still = stays([place for place in places if place is not None])
    return [at for at, place in enumerate(places) if place is not None and place not in still]


def _story(before: Data, after: Data) -> Iterator[str]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if same(old, new):
            continue
        if key in _LISTS:
            yield from _entries(_as_list(old), _as_list(new), _LISTS[key])
        elif key in _MAPS and isinstance(old or {}, dict) and isinstance(new or {}, dict):
            yield from _named_parts(old or {}, new or {}, key)
        else:
            yield _said(old, new, key, "the story")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(old: list[Any], new: list[Any], kind: str) -> Iterator[str]:
    places = matched(old, new)
    kept = {place for place in places if place is not None}
    for number, item in enumerate(old):
        if number not in kept:
            yield f"Delete {named(item, kind)}"
    wandered = moved(old, new)
    for number, (place, item) in enumerate(zip(places, new, strict=True)):
        if place is None:
            yield f"Add {named(item, kind)}"
            continue
        if number in wandered:
            yield f"Move {named(item, kind)}"
        if not same(old[place], item):
            yield from _parts(old[place], item, named(item, kind))


def _parts(old: Any, new: Any, whose: str) -> Iterator[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield f"Change {whose}"
        return
    if (
        list(old) != list(new)
        and all(same(old[key], new[key]) for key in old if key in new)
        and old.keys() == new.keys()
    ):
        yield f"Reorder {whose}"
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if same(before, after):
            continue
        if key == "show":
            yield from _shown(_as_list(before), _as_list(after), whose)
        elif key in _INSIDE and isinstance(before, dict) and isinstance(after, dict):
            inside = [name for name in dict.fromkeys([*before, *after]) if not same(before.get(name), after.get(name))]
            if key == "view" and {"fit", "bounds"} <= {*inside}:
                # Said in another way, it is the same part of the view.
                yield _said(before, after, "frame", whose)
                inside = [name for name in inside if name not in ("fit", "bounds")]
            for name in inside:
                what = name if key in ("style", "view", "label") else f"{key}.{name}"
                yield _said(before.get(name), after.get(name), what, whose)
        else:
            yield _said(before, after, key, whose)


def _shown(old: list[Any], new: list[Any], whose: str) -> Iterator[str]:
    places = matched(old, new)
    kept = {place for place in places if place is not None}
    for number, item in enumerate(old):
        if number not in kept:
            yield f"Hide layer '{identity(item)}' in {whose}"
    wandered = moved(old, new)
    for number, (place, item) in enumerate(zip(places, new, strict=True)):
        layer = f"layer '{identity(item)}'"
        if place is None:
            yield f"Show {layer} in {whose}"
        elif number in wandered:
            yield f"Move {layer} in {whose}"
        if place is not None and not same(old[place], item):
            yield from _shown_otherwise(old[place], item, layer, f"{whose} only")


def _shown_otherwise(old: Any, new: Any, layer: str, whose: str) -> Iterator[str]:
    """What a step has of its own for a layer; rules that it drops are told by name."""
    before, after = ({**item} if isinstance(item, dict) else {"layer": item} for item in (old, new))
    styles = [item.get("style") for item in (before, after)]
    was, now = (style if isinstance(style, dict) else {} for style in styles)
    dropped = [key for key, value in now.items() if value is None and was.get(key, key) is not None]
    if dropped:
        yield f"Drop the {', '.join(map(word, dropped))} of {layer} for {whose}"
        before["style"], after["style"] = (
            {key: style[key] for key in style if key not in dropped} for style in (was, now)
        )
        for item in (before, after):
            if not item["style"]:
                del item["style"]
    if not same(before, after):
        yield f"Change {layer} for {whose}"


def _named_parts(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if same(before, after):
            continue
        if key == "theme":
            yield _said(before, after, name, "the theme")
        elif before is None:
            yield f"Add {named(after, 'source')}"
        elif after is None:
            yield f"Delete {named(before, 'source')}"
        else:
            yield from _parts(before, after, named(after, "source"))
    if list(old) != list(new) and set(old) == set(new):
        yield f"Reorder the {'colours' if key == 'theme' else key}"


def _said(before: Any, after: Any, key: str, whose: str) -> str:
    head, _, tail = key.rpartition(".")
    what = word(tail)
    if head:
        what = f"{what} of the {word(head)}"
    verb, of = ("Add", "to") if before is None else ("Remove", "from") if after is None else ("Change", "of")
    return f"{verb} the {what} {of} {whose}"
