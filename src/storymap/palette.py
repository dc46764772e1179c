"""Colour tokens with a value for light and one for dark maps.

A drawing names colours by token; the document writes each token as the CSS property ``--c-<token>``, a standalone
still writes the value. The story's own `theme.colors` come on top of these.

``data-1`` … ``data-8`` were searched, not drawn: eight colours of 3:1 and more against the land, as far apart as can
be (CIEDE2000) at once for full colour vision and for protanopia, deuteranopia and tritanopia; each dark value keeps
the hue of its light one. `tests/test_palette.py` holds the distances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

__all__ = [
    "CATEGORICAL",
    "PAGE_GROUNDS",
    "SURFACES",
    "TOKENS",
    "Tone",
    "contrast",
    "deeper",
    "luminance",
    "readable",
    "resolve",
    "tone_colors",
]


class Tone(NamedTuple):
    """One colour on light and on dark maps, ``#rrggbb``."""

    light: str
    dark: str


CATEGORICAL: tuple[str, ...] = tuple(f"data-{n}" for n in range(1, 9))
"""Tokens for categories, in the order in which they are given out."""

_LIGHT = ("#2d85cb", "#962312", "#3f325e", "#ac6d6f", "#5239c1", "#5a8c09", "#805b86", "#5e272c")
_DARK = ("#cfedfe", "#ffcfb7", "#4289fb", "#ac8f85", "#9594ad", "#def26a", "#d4b1f3", "#db633c")

TOKENS: Mapping[str, Tone] = {
    "sea": Tone("#dce7eb", "#14212b"),
    "land": Tone("#f4f1ea", "#22262c"),
    "coast": Tone("#aebfc6", "#454f58"),
    "borders": Tone("#a99b8a", "#6b6258"),
    "regions": Tone("#d9d0c3", "#383b41"),
    "lakes": Tone("#cfdfe5", "#15242f"),
    "rivers": Tone("#b3cbd5", "#2d3e49"),
    "railways": Tone("#a09488", "#645c54"),
    "ink": Tone("#23211f", "#f3f0ea"),
    "ink-quiet": Tone("#5d5850", "#b5b0a6"),
    "ink-place": Tone("#4a463f", "#c4bfb5"),
    "ink-region": Tone("#756c5e", "#9d968a"),
    "ink-country": Tone("#6a6256", "#a9a296"),
    "ink-water": Tone("#406876", "#7fa3b3"),
    "halo": Tone("#f4f1ea", "#22262c"),
    "paper": Tone("#ffffff", "#15181c"),
    "muted": Tone("#5d5850", "#b5b0a6"),
    "accent": Tone("#a63d12", "#f0a36b"),
    "water": Tone("#4a8197", "#6fa3b7"),
    "line": Tone("#8a7d6d", "#857b70"),
    "no-data": Tone("#8d877d", "#8d877d"),
    **{token: Tone(light, dark) for token, light, dark in zip(CATEGORICAL, _LIGHT, _DARK, strict=True)},
}
"""Base map, lettering (``ink…`` on ``halo``), outlines of symbols (``paper``), names for styles, and data."""


PAGE_GROUNDS: Mapping[str, tuple[str, ...]] = {"light": ("#f7f5f0", "#fffefb"), "dark": ("#14161a", "#1d2025")}
"""What text of the page stands on (``--page`` and ``--card`` of story.css)."""

SURFACES = ("sea", "land", "lakes", "halo", "paper")
"""Tokens of what lies below the data, which a dark map takes deeper when the page around it is dark too."""


def deeper(color: str) -> str:
    """``#rrggbb`` with three fifths of its light, so that ink on it only gains contrast."""
    return "#" + "".join(f"{round(int(color[n : n + 2], 16) * 0.6):02x}" for n in (1, 3, 5))


def luminance(color: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2)."""
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours ``#rrggbb``, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(color: str, grounds: Sequence[str], ratio: float = 4.6) -> str:
    """``color`` (``#rrggbb``), mixed with as much black or white as text in it needs to be read on all ``grounds``."""
    end = 0 if luminance(grounds[0]) > 0.18 else 255
    parts = [int(color[n : n + 2], 16) for n in (1, 3, 5)]
    for share in range(101):
        mixed = "#" + "".join(f"{round(v + (end - v) * share / 100):02x}" for v in parts)
        if all(contrast(mixed, ground) >= ratio for ground in grounds):
            return mixed
    return "#ffffff" if end else "#000000"


def tone_colors(tone: Literal["light", "dark"], extra: Mapping[str, Tone] | None = None) -> dict[str, str]:
    """Token → ``#rrggbb`` for one tone; ``extra`` (the theme's colours) wins over the built-in ones."""
    return {name: getattr(pair, tone) for name, pair in {**TOKENS, **(extra or {})}.items()}


def resolve(color: str, colors: Mapping[str, str] | None) -> str:
    """A colour as SVG writes it: ``#rrggbb`` as it is, a token as ``var(--c-token)``, or its value from ``colors``.

    Raises `KeyError` when ``colors`` is given and has no such token.
    """
    if color.startswith("#"):
        return color
    return f"var(--c-{color})" if colors is None else colors[color]
