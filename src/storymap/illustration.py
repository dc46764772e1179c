"""Pictures of a story that travel without its page: a step's map that names its sources, and the card of shared links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from storymap import lettering, prose, stillmap, words
from storymap.camera import Insets
from storymap.drawing import Scene, StepScene
from storymap.marks import number
from storymap.story import Story

__all__ = ["CARD", "PICTURE", "illustration", "notice_card", "social_card"]

PICTURE = (900, 600)
"""Width and height of a step's picture in pixels."""
CARD = (1200, 630)
"""Width and height of the card: what Open Graph and the large card of X ask for."""

Colors = Mapping[str, str]
_CREDIT_PX = 11
_PANEL = 500
"""Width of the card's panel with the title."""
_AIR = 48
_TITLE_PX, _SUBTITLE_PX, _BYLINE_PX = (54, 48, 42, 36), 25, 19
_MOST_TITLE, _MOST_SUBTITLE = 5, 5


def illustration(scene: Scene, step: StepScene, colors: Colors) -> str:
    """The map of ``step`` as an SVG file of its own, `PICTURE` in size, with its credits in the corner.

    ``colors``: token → ``#rrggbb``.
    """
    width, height = PICTURE
    lines = _lines(" · ".join(step.credits), _CREDIT_PX, width - 24)
    free = Insets(0, 0, 0, len(lines) * _CREDIT_PX * 1.4 + 8 if lines else 0)
    svg = stillmap.still(scene, step, width=width, height=height, standalone=True, palette=colors, free=free)
    return svg.removesuffix("</svg>") + _credits(lines, width, height, colors) + "</svg>"


def social_card(story: Story, scene: Scene, colors: Colors) -> str:
    """The picture that a shared link shows: title and subtitle beside step 1's map. ``colors``: token → ``#rrggbb``."""
    width, height = CARD
    right = words.direction(story.lang) == "rtl"
    step, wide = scene.steps[0], width - _PANEL
    lines = _lines(" · ".join(step.credits), _CREDIT_PX + 1, wide - 40)
    free = Insets(24, 24, 24, 40)
    still = stillmap.still(
        scene, step, width=wide, height=height, standalone=True, palette=colors, free=free, ids="card"
    )
    credit = _credits(lines, wide, height, colors, size=_CREDIT_PX + 1)
    place = f'<svg x="{0 if right else _PANEL}"'
    title = prose.smart(story.title, story.lang_of("title"))
    subtitle = prose.smart(story.subtitle, story.lang_of("subtitle")) if story.subtitle else ""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    panel = _panel(title, subtitle, story.byline or "", colors, right=right)
    picture = place + still.removeprefix("<svg").removesuffix("</svg>") + credit + "</svg>"
    return f"{head}<title>{escape(title)}</title>{picture}{panel}</svg>"


def notice_card(title: str, colors: Colors, size: tuple[int, int] = CARD) -> str:
    """A picture with nothing but a sentence: what is shown where a withdrawn story's pictures were."""
    width, height = size
    lines = _lines(title, 40, width - 2 * _AIR, bold=True)
    top = (height - len(lines) * 50) / 2 + 36
    text = _text(lines, width / 2, top, 40, colors["ink"], anchor="middle", bold=True)
    ground = f'<rect width="{width}" height="{height}" fill="{colors["land"]}"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return f"{head}<title>{escape(title)}</title>{ground}{text}</svg>"


def _panel(title: str, subtitle: str, byline: str, colors: Colors, *, right: bool) -> str:
    width, height = CARD
    room = _PANEL - _AIR - 28
    for size in _TITLE_PX:
        set_title = _lines(title, size, room, bold=True)
        if len(set_title) <= (4 if size > _TITLE_PX[-1] else _MOST_TITLE):
            break
    set_title = _shortened(set_title, _MOST_TITLE)
    set_subtitle = _shortened(_lines(subtitle, _SUBTITLE_PX, room), _MOST_SUBTITLE)
    block = len(set_title) * size * 1.15 + (20 + len(set_subtitle) * _SUBTITLE_PX * 1.35 if set_subtitle else 0)
    y = max(_AIR, (height - 60 - block) / 2) + size
    x, anchor = (width - _AIR, "end") if right else (_AIR, "start")
    parts = [
        f'<rect x="{width - _PANEL if right else 0}" width="{_PANEL}" height="{height}" fill="{colors["paper"]}"/>',
        f'<rect x="{width - 10 if right else 0}" width="10" height="{height}" fill="{colors["accent"]}"/>',
        _text(set_title, x, y, size, colors["ink"], anchor=anchor, bold=True, leading=1.15),
    ]
    y += len(set_title) * size * 1.15 - size * 0.15 + 20
    parts.append(_text(set_subtitle, x, y, _SUBTITLE_PX, colors["ink-quiet"], anchor=anchor, leading=1.35))
    set_byline = _shortened(_lines(byline, _BYLINE_PX, room), 2)
    y = height - _AIR + 6 - (len(set_byline) - 1) * _BYLINE_PX * 1.3
    parts.append(_text(set_byline, x, y, _BYLINE_PX, colors["muted"], anchor=anchor, leading=1.3))
    return "".join(parts)


def _credits(lines: Sequence[str], right: float, bottom: float, colors: Colors, *, size: float = _CREDIT_PX) -> str:
    """Who is to be named, in the lower right corner."""
    if not lines:
        return ""
    wide = max(lettering.width(line, size) for line in lines) * 1.05 + 14
    high = len(lines) * size * 1.4 + 6
    box = (
        f'<rect x="{number(right - wide)}" y="{number(bottom - high)}" width="{number(wide)}" height="{number(high)}"'
        f' fill="{colors["paper"]}" fill-opacity=".8"/>'
    )
    top = bottom - high + size + 3
    return box + _text(lines, right - 7, top, size, colors["ink-quiet"], anchor="end", leading=1.4)


def _text(
    lines: Sequence[str],
    x: float,
    y: float,
    size: float,
    color: str,
    *,
    anchor: str,
    bold: bool = False,
    leading: float = 1.25,
) -> str:
    """Lines of text below one another; ``y`` is the baseline of the first."""
    face = f'font-family="{escape(lettering.FONT)}" font-size="{number(size)}"' + (' font-weight="700"' if bold else "")
    return "".join(
        f'<text x="{number(x)}" y="{number(y + at * size * leading)}" {face} fill="{color}" text-anchor="{anchor}"'
        f">{escape(line)}</text>"
        for at, line in enumerate(lines)
    )


def _lines(text: str, size: float, most: float, *, bold: bool = False) -> list[str]:
    """``text`` in lines of at most ``most`` pixels, broken at spaces, and inside of words that are longer than a line."""

    def fits(line: str) -> bool:
        # The table of widths is a mean of several faces: the one that letters the picture may run wider.
        return lettering.width(line, size, bold=bold) * 1.08 <= most

    out: list[str] = []
    for word in text.split():
        rest = word
        if out and fits(f"{out[-1]} {rest}"):
            out[-1] += f" {rest}"
            continue
        while rest:
            end = len(rest)
            while end > 1 and not fits(rest[:end]):
                end -= 1
            out.append(rest[:end])
            rest = rest[end:]
    return out


def _shortened(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1].rstrip(" ,.;:") + " …"]
