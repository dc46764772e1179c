"""What the document is styled and run by: its scripts and styles, and the policy that allows just these, by hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from storymap import palette, stillmap, webmap
from storymap.story import Story

__all__ = [
    "FIRST_SCRIPT", "LAST_SCRIPT", "NOSCRIPT_CSS", "PAGE", "css", "leaflet", "leaflet_css", "page_script", "policy",
    "theme_tones",
]  # fmt: skip

PAGE = files("storymap") / "page"
SCRIPTS = (
    "camera", "atlas", "palette", "paint", "labels", "layer", "camera-driver", "scroll", "surroundings", "explore",
    "embedded", "controls", "language", "saving", "place", "late", "story",
)  # fmt: skip
"""Parts of the page's script, in the order in which they are joined."""
DESK = "desk"
"""One more part, for the editor's preview: it answers the page around it."""

FIRST_SCRIPT = (PAGE / "js" / "early.js").read_text("utf-8")
"""Hides the stills when the browser has all that the live map needs; says what kind of shell this is."""
LAST_SCRIPT = (
    'if(!document.documentElement.classList.contains("ready"))document.documentElement.classList.remove("live")'
)
"""Brings the stills back when the live map did not come up, whatever the reason: the illustrated article is the fallback."""
NOSCRIPT_CSS = (
    ".stage{display:none!important}.reader{display:block!important}.masthead,.card{width:auto!important;"
    "max-width:42rem!important;margin:0 auto!important;box-shadow:none!important;background:none!important}"
    ".column{padding:0!important}.step{padding:1.5rem 1.25rem!important;min-height:0!important}"
)


def css(story: Story) -> str:
    """The page's style sheet in the colours of ``story``."""
    theme = theme_tones(story)
    light, dark = palette.tone_colors("light", theme), palette.tone_colors("dark", theme)
    deep = {**dark, **{name: palette.deeper(dark[name]) for name in palette.SURFACES}}
    rule = ":root,[data-tone=light]"
    parts = [
        f"{rule}{{{_variables(light)}}}[data-tone=dark]{{{_variables(dark)}}}",
        f"@media screen and (prefers-color-scheme:dark){{{rule}{{{_variables(dark)}}}[data-tone=dark]{{{_variables(deep)}}}}}",
        _accent(story, light, dark),
        (PAGE / "story.css").read_text("utf-8"),
        stillmap.still_css(),
    ]
    return "\n".join(parts)


def _variables(colors: Mapping[str, str]) -> str:
    return "".join(f"--c-{name}:{value};" for name, value in colors.items())


def _accent(story: Story, light: Mapping[str, str], dark: Mapping[str, str]) -> str:
    accent = story.theme.accent or "accent"
    value = accent if accent.startswith("#") else f"var(--c-{accent})"
    heading = "var(--serif)" if story.theme.serif else "var(--sans)"
    text = {
        tone: palette.readable(colors.get(accent, accent), palette.PAGE_GROUNDS[tone])
        for tone, colors in (("light", light), ("dark", dark))
    }
    # Anew for each tone: a property that names another one is resolved where it is declared.
    return (
        f":root{{--accent:{value};--accent-text:var(--tone-text);--heading:{heading}}}[data-tone]{{--tone-accent:{value}}}"
        f":root,[data-tone=light]{{--tone-text:{text['light']}}}[data-tone=dark]{{--tone-text:{text['dark']}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root,[data-tone=light]{{--tone-text:{text['dark']}}}}}"
    )


def theme_tones(story: Story) -> dict[str, palette.Tone]:
    """The colours that the story names itself."""
    return {name: palette.Tone(color.light, color.dark) for name, color in story.theme.colors.items()}


@cache
def leaflet_css() -> str:
    """Leaflet's style sheet, unmodified: for the script, which puts it before the page's own."""
    return (PAGE / "vendor" / "leaflet-1.9.4" / "leaflet.css").read_text("utf-8")


@cache
def leaflet() -> str:
    """Leaflet, unmodified but for a comment."""
    text = (PAGE / "vendor" / "leaflet-1.9.4" / "leaflet.js").read_text("utf-8")
    # The comment names a file that is not there; a browser's developer tools would ask for it.
    return text.replace("//# sourceMappingURL=leaflet.js.map", "")


def page_script(*, desk: bool) -> str:
    """The page's own script; ``desk``: with the part that answers the editor."""
    names = (*SCRIPTS, DESK) if desk else SCRIPTS
    parts = [(PAGE / "js" / f"{name}.js").read_text("utf-8") for name in names]
    return "(function(){'use strict';\n" + "\n".join(parts) + "\n})();"


def policy(scripts: Sequence[str], styles: Sequence[str], tiles: str | None, *, inside: bool) -> str:
    """Content security policy for a document with these scripts and styles inline.

    ``tiles``: name of an online basemap; ``inside``: whether the media are part of the document.
    """
    images = ["'self'", "data:", *([] if tiles is None else webmap.tile_hosts(tiles))]
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            f"img-src {' '.join(images)}",
            "media-src data:" if inside else "media-src 'self'",
            # No script of ours asks for anything. Lighthouse does, from inside the page, for the site's robots.txt.
            *([] if inside else ["connect-src 'self'"]),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
