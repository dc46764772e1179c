"""The colours of a story: how well they can be seen, where they are used, and a name changed wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from storymap import edits
from storymap.edits import Edit
from storymap.manuscript import Data, Manuscript, plain
from storymap.palette import TOKENS, contrast
from storymap.placing import EditError

__all__ = ["both", "colors_used", "contrast_words", "delete_color", "rename_color", "with_color"]

Tone = Literal["light", "dark"]
_KEYS = ("color", "fill_color", "accent")
FREE = ("teal", "ochre", "plum", "moss", "brick", "slate", "rose", "navy")
"""Names for new colours, in the order in which they are offered."""


def both(value: Any) -> dict[Tone, str]:
    """A colour of the theme for light and for dark maps; a shorthand stands for both."""
    said = value if isinstance(value, dict) else {"light": value, "dark": value}
    return {"light": _full(said.get("light")), "dark": _full(said.get("dark"))}


def _full(color: Any) -> str:
    """``#abc`` as ``#aabbcc``, which pickers want."""
    text = str(color or "#808080").lower()
    return "#" + "".join(char * 2 for char in text[1:]) if len(text) == 4 else text


def contrast_words(color: str, tone: Tone) -> tuple[str, bool]:
    """How well ``#rrggbb`` can be seen on the land of light or dark maps, in words; and whether that is well enough."""
    ratio = contrast(color, getattr(TOKENS["land"], tone))
    said = f"{int(ratio * 10) / 10:g}:1"
    if ratio >= 4.5:
        return f"{said}, clear", True
    if ratio >= 3:
        return f"{said}, enough for lines, weak for names", True
    change = "darker" if tone == "light" else "lighter"
    return f"{said}, hard to see: make it {change}", False


def colors_used(data: Data) -> dict[str, int]:
    """How often each name of a colour is used, by styles, labels and the accent."""
    out: dict[str, int] = {}
    for around, key in _places(data):
        out[around[key]] = out.get(around[key], 0) + 1
    return out


def _places(value: Any) -> Iterator[tuple[Data, str]]:
    """Everything that names a colour: (what it stands in, its key)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _KEYS and isinstance(inner, str):
                yield value, key
            elif key != "colors":
                yield from _places(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _places(inner)


def with_color(story: Manuscript, name: str, tone: Tone, color: str) -> Edit:
    """The theme with one colour changed for light or dark maps."""
    now = both((_theme(story).get("colors") or {}).get(name, color))
    return edits.set_part(story, ("theme", "colors", name), {**now, tone: color})


def rename_color(story: Manuscript, old: str, new: str) -> Edit:
    """The colour called ``new``, at its place in the theme and wherever it is used. Raises `EditError`."""
    if new in (_theme(story).get("colors") or {}):
        raise EditError(f"there is a colour '{new}' already: take another name")

    def change(data: Data) -> None:
        colors = data["theme"]["colors"]
        data["theme"]["colors"] = {new if name == old else name: value for name, value in colors.items()}
        for around, key in list(_places(data)):
            if around[key] == old:
                around[key] = new

    return Edit(f"Rename the colour '{old}' to '{new}'", story.change(change))


def delete_color(story: Manuscript, name: str) -> Edit:
    """The theme without a colour that nothing uses. Raises `EditError`."""
    uses = colors_used({key: plain(value) for key, value in story.data.items()}).get(name, 0)
    if uses and name not in TOKENS:
        raise EditError(f"the colour '{name}' is used {uses} times: give those another colour first")
    made = edits.set_part(story, ("theme", "colors", name), None)
    return Edit(f"Delete the colour '{name}'", made.after)


def _theme(story: Manuscript) -> Data:
    found = story.data.get("theme")
    return found if isinstance(found, dict) else {}
