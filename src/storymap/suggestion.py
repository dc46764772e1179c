"""A first description of a step's map, made of what it shows: for an editor to start from, never published unread.

It says what the legend and the names on the map say, and nothing that can not be read there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from storymap.drawing import Drawable, Scene, StepScene
from storymap.palette import Tone, tone_colors
from storymap.stillmap import still
from storymap.story import LayerView, Story

__all__ = ["suggested_alt"]

SIZE = (1280.0, 800.0)
MOST_NAMES = 4
"""Names that are told of one layer, and of the map around."""
MOST_LAYERS = 6

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"map": "Map", "shown": "It shows", "more": "and {n} more", "others": "and {n} other layers"},
    "ru": {"map": "Карта", "shown": "Показаны", "more": "и ещё {n}", "others": "и другие слои ({n})"},
    "kk": {"map": "Карта", "shown": "Көрсетілген", "more": "және тағы {n}", "others": "және басқа қабаттар ({n})"},
}
_PARTS = ("country-labels", "city-labels", "water-labels", "range-labels")
_TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)


def suggested_alt(story: Story, scene: Scene, step: str) -> str:
    """What the map of ``step`` shows: the places around, then each layer with the names that it writes.

    In the story's language when that is English, Russian or Kazakh, else in English. Raises `KeyError` for a step that
    the scene does not draw.
    """
    drawn = {one.id: one for one in scene.steps}[step]
    parts = {one.id: one.show for one in story.steps}[step]
    words = _WORDS.get(story.lang.split("-")[0], _WORDS["en"])
    written = _written(story, scene, drawn)
    layers = _layers(story, scene, drawn, parts, written)
    named = {name for layer in layers for name in layer.names}
    around = _around(scene, drawn, written - named)
    first = words["map"] + (f": {', '.join(around)}." if around else ".")
    most = MOST_LAYERS if len(layers) > MOST_LAYERS + 1 else len(layers)
    told = [_told(layer, words) for layer in layers[:most]]
    if len(layers) > most:
        told.append(words["others"].format(n=len(layers) - most))
    return f"{first} {words['shown']}: {'; '.join(told)}." if told else first


@dataclass
class _Layer:
    title: str
    names: list[str] = field(default_factory=list)


def _told(layer: _Layer, words: Mapping[str, str]) -> str:
    title = layer.title.rstrip(".")
    names = [name for name in layer.names if name.casefold() not in title.casefold()]
    if not names:
        return title
    more = len(names) - MOST_NAMES
    # One more takes no more room than saying so.
    told = names if more < 2 else names[:MOST_NAMES]
    listed = ("; " if any("," in name for name in told) else ", ").join(told)
    return f"{title} ({listed} {words['more'].format(n=more)})" if more > 1 else f"{title} ({listed})"


def _written(story: Story, scene: Scene, step: StepScene) -> set[str]:
    """Every name that stands on the map of a desk's screen."""
    theme = {name: Tone(color.light, color.dark) for name, color in story.theme.colors.items()}
    svg = still(scene, step, width=SIZE[0], height=SIZE[1], standalone=True, palette=tone_colors(step.tone, theme))
    texts = (re.sub(r"</tspan>\s*<tspan[^>]*>", " ", text) for text in _TEXT.findall(svg))
    return {_plain(unescape(re.sub(r"<[^>]+>", "", text))) for text in texts}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _layers(story: Story, scene: Scene, step: StepScene, parts: Sequence[LayerView], written: set[str]) -> list[_Layer]:
    """The layers from the top of the map to its bottom, each once."""
    out: dict[str, _Layer] = {}
    views = dict(zip((drawable for drawable, _ in step.show), parts, strict=False))
    for drawable_id, _ in reversed(step.show):
        drawable, view = scene.drawables[drawable_id], views.get(drawable_id)
        layer = story.layer(drawable.layer)
        title = layer.legend or layer.title or drawable.title or drawable.layer
        known = out.setdefault(layer.title or title, _Layer(title))
        names = _names(drawable, written) if view is None or view.label else []
        known.names += [name for name in [*names, *_classes(drawable, title)] if name not in known.names]
    return list(out.values())


def _names(drawable: Drawable, written: set[str]) -> list[str]:
    labels = sorted(drawable.labels, key=lambda label: -label.priority)
    return _unique(_plain(label.text) for label in labels if _plain(label.text) in written)


def _classes(drawable: Drawable, title: str) -> list[str]:
    """What the legend tells apart, where it tells anything apart."""
    texts = [entry.text for entry in drawable.legend if entry.kind not in ("heading", "size") and entry.text != title]
    return _unique(texts) if len(texts) > 1 else []


def _around(scene: Scene, step: StepScene, written: set[str]) -> list[str]:
    """Names of the basemap that stand on the map: countries, then cities, then waters and ranges, the weightiest first."""
    known = [base for base in scene.base_labels if base.part not in step.without]
    ranked = sorted(known, key=lambda base: (_PARTS.index(base.part), -base.label.priority))
    names = _unique(_plain(base.label.text) for base in ranked)
    return [name for name in names if name in written][:MOST_NAMES]


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
