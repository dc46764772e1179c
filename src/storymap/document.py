"""Story → one HTML document: the page that every shell shows.

The document is complete without script (each step's still and text in order), loads nothing but the media that the
story names, and is the same bytes for the same folder. Text reaches it through Jinja's autoescaping, data through JSON
with ``<`` escaped; scripts and styles are allowed by hash.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as once
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import PIL.Image

from storymap import (
    basemap,
    camera,
    figure,
    figuredata,
    legend,
    pagedata,
    pagestills,
    palette,
    prose,
    stillmap,
    webmap,
    words,
)  # fmt: skip
from storymap.drawing import Scene, StepScene
from storymap.errors import Problem, StoryError, nearest, place_name
from storymap.manifest import TYPES
from storymap.reuse import Reuse
from storymap.scene import SCREENS, compile_scene
from storymap.story import Claim, Media, Step, Story

__all__ = ["Document", "Drawn", "basemap_folder", "basemap_near", "compile_story", "draw", "load_base", "render"]

PAGE = files("storymap") / "page"
SCRIPTS = (
    "camera", "atlas", "palette", "paint", "labels", "layer", "camera-driver", "scroll", "surroundings", "explore",
    "embedded", "controls", "language", "place", "story",
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


@dataclass(frozen=True)
class Document:
    """A compiled story."""

    html: str
    csp: str
    """Content security policy of the document (also in its ``<meta>``), without ``frame-ancestors`` and ``sandbox``."""
    title: str
    description: str
    lang: str
    assets: Mapping[str, Path]
    """Media by the relative address that the document uses (``media/<hash>.jpg``)."""
    notes: tuple[str, ...] = ()
    """What was repaired or left out when the data was read, one sentence each, for editors."""
    picture: Callable[[str], str] = str
    """A step's still as an SVG file of its own, 960 x 600 pixels, by the step's id. Raises `KeyError`."""


def render(story: Story) -> str:
    """The document of ``story`` as HTML. Raises `StoryError`."""
    return compile_story(story).html


@dataclass(frozen=True)
class Drawn:
    """A story's maps, and the basemap that they lie on; None for online tiles."""

    scene: Scene
    base: basemap.Basemap | None


def draw(story: Story, *, cache: Path | None = None, like: Drawn | None = None, reuse: Reuse | None = None) -> Drawn:
    """Draws the maps of ``story``; ``like``: the same story in another language, whose basemap need not be read again;
    ``reuse``: what earlier versions of it were made of.

    Raises `StoryError`.
    """
    base = like.base if like else load_base(story)
    return Drawn(compile_scene(story, base, cache=cache, reuse=reuse), base)


def compile_story(
    story: Story,
    *,
    cache: Path | None = None,
    languages: Mapping[str, str] | None = None,
    drawn: Drawn | None = None,
    head: str = "",
    media: str | None = "media/",
    reuse: Reuse | None = None,
    desk: bool = False,
) -> Document:
    """Compiles ``story``. ``cache``: folder for prepared geodata, so that a second compile is quick. ``languages``:
    where the shell shows the story in each of its languages, its own among them, by code: addresses relative to this
    document (``{"en": "?lang=en", "ru": "?lang=ru"}``). ``drawn``: this story, when the shell has drawn it already.
    ``head``: markup that the shell adds to the document's head; alternates among it take the place of our own.
    ``media``: where the shell puts the media, relative to this document; None puts them inside it.
    ``reuse``: what earlier versions of the story were made of; ``desk``: for the editor, whose page asks the document
    what is where on the map (page/js/desk.js). No reader gets such a document.

    Raises `StoryError` with every problem found in the story's data.
    """
    drawn = draw(story, cache=cache, reuse=reuse) if drawn is None else drawn
    parts = Reuse() if reuse is None else reuse
    base, scene = drawn.base, drawn.scene
    _check_ids(story, scene)
    assets = _Assets(media)
    tiles = None if base is not None else story.basemap
    first = camera.solve(scene.steps[0].view, *SCREENS[2][:2], SCREENS[2][2])
    map_id, map_script = parts.part(("map", first, tiles), (), lambda: webmap.map_script(first, tiles))
    css = _css(story)
    scripts = (_leaflet(), _page_script(desk=desk), map_script, LAST_SCRIPT)
    csp = _policy([FIRST_SCRIPT, *scripts], [css, NOSCRIPT_CSS], tiles, inside=media is None)
    hero_paths, defs = pagestills.definitions(scene, parts)
    steps = [
        _step(story, step, drawn, scene, assets, parts) for step, drawn in zip(story.steps, scene.steps, strict=True)
    ]
    html = _template().render(
        lang=story.lang,
        dir=words.direction(story.lang),
        csp=csp,
        css=css,
        noscript_css=NOSCRIPT_CSS,
        title=prose.smart(story.title, story.lang_of("title")),
        title_lang=story.lang_of("title"),
        subtitle=prose.smart(story.subtitle, story.lang_of("subtitle")) if story.subtitle else None,
        subtitle_lang=story.lang_of("subtitle"),
        byline=story.byline,
        description=story.description,
        published=_day(story.published, story.lang),
        updated=_day(story.modified, story.lang),
        article=story.article,
        review=prose.smart(story.review, story.lang) if story.review else None,
        languages=_languages(story, languages or {}),
        head=head,
        corrections=_corrections(story),
        references=[_reference(story, name, None) for name in story.sources],
        credits=_all_credits(story, base, tiles),
        words=words.page_words(story.lang),
        steps=steps,
        hero=hero_paths + pagestills.hero(scene, parts),
        map_id=map_id,
        defs=defs,
        data=pagedata.page_json(story, scene, words.page_words(story.lang), tiled=tiles is not None),
        first_script=FIRST_SCRIPT,
        scripts=scripts,
    )
    about = (story.title, story.description or "", story.lang)
    return Document(html, csp, *about, assets.files, scene.notes, partial(_picture, story, scene))


def _picture(story: Story, scene: Scene, step: str) -> str:
    drawn = {one.id: one for one in scene.steps}[step]
    theme = {name: palette.Tone(color.light, color.dark) for name, color in story.theme.colors.items()}
    colors = palette.tone_colors(drawn.tone, theme)
    return stillmap.still(scene, drawn, width=960, height=600, standalone=True, palette=colors)


def _languages(story: Story, addresses: Mapping[str, str]) -> list[dict[str, str]]:
    """The language switch: nothing when there is nothing to switch to."""
    known = [{"code": code, "href": href, "name": words.language_name(code), "short": words.language_short(code)}
             for code, href in addresses.items()]  # fmt: skip
    return known if any(item["code"] != story.lang for item in known) else []


class _Assets:
    """The media of a document, and how it addresses them."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}

    def address(self, path: Path) -> str:
        content = path.read_bytes()
        if self.folder is None:
            kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
            return f"data:{kind};base64,{base64.b64encode(content).decode()}"
        address = f"{self.folder}{hashlib.sha256(content).hexdigest()[:16]}{path.suffix.lower()}"
        self.files[address] = path
        return address


def _corrections(story: Story) -> list[dict[str, Any]]:
    """What was corrected, the latest first; each with the step that it belongs to."""
    titles = {step.id: step.title for step in story.steps}
    known: dict[dt.date, int] = {}
    out = []
    for item in story.corrections:
        known[item.date] = known.get(item.date, 0) + 1
        name = item.date.isoformat() + (f"/{known[item.date]}" if known[item.date] > 1 else "")
        out.append(
            {
                "iso": item.date.isoformat(),
                "date": words.day(item.date, story.lang),
                "text": prose.smart(item.text, story.lang),
                "lang": story.lang_of(f"corrections.{name}.text"),
                "step": item.step,
                "title": titles.get(item.step or ""),
            }
        )
    return sorted(out, key=lambda item: str(item["iso"]), reverse=True)


def basemap_folder(story: Story) -> Path:
    """Where the basemap of ``story`` lies: beside its folder, in the repository, or in the installed package."""
    return basemap_near(story.folder.parent / "basemap")


def basemap_near(beside: Path) -> Path:
    """The basemap in ``beside``, if there is one, else that of the repository or the installed package."""
    own = Path(__file__).parents[2] / "geodata" / "basemap"
    packed = Path(str(files("storymap") / "basemap"))
    return next((path for path in (beside, own, packed) if (path / "basemap.yaml").is_file()), beside)


def load_base(story: Story) -> basemap.Basemap | None:
    """The basemap of the repository, or None for online tiles. Raises `StoryError`."""
    if story.basemap == "natural-earth":
        return basemap.load_basemap(basemap_folder(story))
    try:
        webmap.tile_provider(story.basemap)
    except (KeyError, ValueError) as error:
        known = ["natural-earth", *webmap.tile_names()]
        reason = str(error) if isinstance(error, ValueError) else f"no basemap '{story.basemap}'"
        message = f"{reason}{nearest(story.basemap, known)}"
        raise StoryError([Problem("story.yaml", story.line(("basemap",)), "basemap", message)]) from None
    return None


def _check_ids(story: Story, scene: Scene) -> None:
    """Step ids are element ids; they may not be those of the page or of a path."""
    taken = {"story", "storymap-data", "svh-probe", *scene.paths}
    problems = [
        Problem("story.yaml", story.line(("steps", index, "id")), f"steps[{index}].id",
                f"'{step.id}' is used by the page itself; take another name")
        for index, step in enumerate(story.steps) if step.id in taken
    ]  # fmt: skip
    if problems:
        raise StoryError(problems)


def _step(story: Story, step: Step, drawn: StepScene, scene: Scene, assets: _Assets, reuse: Reuse) -> dict[str, Any]:
    lang = {
        key: story.lang_of(f"steps.{step.id}.{key}") for key in ("title", "when", "text", "quote.text", "quote.who")
    }
    return {
        "id": step.id,
        "lang": {key.replace(".", "_"): code for key, code in lang.items()},
        "title": prose.smart(step.title, lang["title"]),
        "when": step.when,
        "datetime": step.date if step.date and "/" not in step.date else None,
        "tone": step.tone,
        "alt": step.alt,
        "html": prose.to_html(step.text, shift=2, lang=lang["text"]),
        "quote": {"text": prose.quoted(step.quote.text, lang["quote.text"]), "who": step.quote.who}
        if step.quote
        else None,
        "media": _media(story, step.media, assets) if step.media else None,
        "figure": _figure(story, story.steps.index(step)) if step.figure else None,
        "sources": [_reference(story, claim.source, claim) for claim in step.sources],
        "corrections": [item for item in _corrections(story) if item["step"] == step.id],
        "still": pagestills.still(scene, drawn, f"s-{step.id}", reuse),
        "legend": legend.legend_html(drawn.legend, story.lang) if drawn.legend else "",
        "credits": " · ".join(drawn.credits),
    }


def _reference(story: Story, name: str, claim: Claim | None) -> dict[str, Any]:
    source = story.sources[name]
    note = claim.note if claim else source.note
    return {
        "title": source.title,
        "publisher": source.publisher,
        "url": source.url,
        "date": words.partial_date(source.date, story.lang) if source.date else None,
        "note": prose.smart(note, story.lang) if note else None,
    }


def _media(story: Story, media: Media, assets: _Assets) -> dict[str, Any]:
    path = story.folder / media.file
    suffix = path.suffix.lower()
    address = assets.address(path)
    kind = "audio" if suffix in {".mp3", ".ogg", ".wav"} else "video" if suffix in {".mp4", ".webm"} else "image"
    made: dict[str, Any] = {
        "kind": kind, "src": address, "alt": media.alt, "caption": media.caption, "credit": media.credit, "width": None
    }  # fmt: skip
    if kind == "image":
        made["width"], made["height"] = _picture_size(story, media, path)
    return made


def _picture_size(story: Story, media: Media, path: Path) -> tuple[int, int]:
    """Width and height in pixels, so that the text does not jump when the picture arrives. Raises `StoryError`."""
    try:
        with PIL.Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, PIL.Image.DecompressionBombError):
        at = next(index for index, step in enumerate(story.steps) if step.media == media)
        place = ("steps", at, "media", "file")
        message = f"{media.file} is not a picture that can be read; export it anew as jpg, png or webp"
        raise StoryError([Problem("story.yaml", story.line(place), place_name(place), message)]) from None


def _figure(story: Story, index: int) -> dict[str, Any]:
    """A step's chart. Raises `StoryError` with what is wrong in its table."""
    step, lang = story.steps[index], story.lang
    assert step.figure is not None
    made, rows = step.figure, figuredata.figure_rows(story, index)
    mark = figuredata.figure_mark(story, index, rows)
    when = words.span(made.mark, lang) if made.mark else step.when or words.span(step.date or "", lang)
    marked = words.page_words(lang)["marked"].replace("{when}", when)
    alt = f"{made.alt} {marked}" if mark else made.alt
    svg, unnamed = figure.drawing(made, rows, lang, alt=prose.smart(alt, lang), mark=mark, when=when)
    sources = [story.sources[name] for name in made.source]
    known = sum(row.value is not None for row in rows)
    return {
        "title": prose.smart(made.title, lang),
        "caption": prose.smart(made.caption, lang) if made.caption else None,
        "svg": svg,
        "key": figure.key_html(made, rows, unnamed),
        "sources": "; ".join(dict.fromkeys(source.publisher or source.title for source in sources)),
        "show": words.counted("show_figures", known, lang),
        "table": figure.table_html(made, rows, lang),
    }


def _all_credits(story: Story, base: basemap.Basemap | None, tiles: str | None) -> list[dict[str, str]]:
    """Every layer's credit and licence with its address, for the foot of the page, then the basemap's."""
    shown = {part.layer for step in story.steps for part in step.show}
    out: list[dict[str, str]] = []
    for layer in story.layers:
        if layer.id not in shown:
            continue
        source = layer.source
        named = _plain(source.license) in _plain(source.credit)
        credit = source.credit if named else f"{source.credit} ({source.license})"
        about = {"of": layer.title or layer.id, "credit": credit, "url": source.url or "", "note": source.note or ""}
        if about not in out:
            out.append(about)
    if base is not None:
        lines = list(base.credits_in(story.lang))
    else:
        lines = [] if tiles is None else [str(webmap.tile_provider(tiles).get("attribution", tiles))]
    return out + [{"of": "", "credit": line, "url": "", "note": ""} for line in lines]


def _plain(text: str) -> str:
    """``text`` without what tells "CC BY 4.0" from "CC-BY-4.0"."""
    return "".join(filter(str.isalnum, text)).lower()


def _day(date: dt.date | None, lang: str) -> dict[str, str] | None:
    return {"iso": date.isoformat(), "text": words.day(date, lang)} if date else None


def _policy(scripts: Sequence[str], styles: Sequence[str], tiles: str | None, *, inside: bool) -> str:
    images = ["'self'", "data:", *([] if tiles is None else webmap.tile_hosts(tiles))]
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            f"img-src {' '.join(images)}",
            "media-src data:" if inside else "media-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _css(story: Story) -> str:
    theme = {name: palette.Tone(color.light, color.dark) for name, color in story.theme.colors.items()}
    light, dark = palette.tone_colors("light", theme), palette.tone_colors("dark", theme)
    deep = {**dark, **{name: palette.deeper(dark[name]) for name in palette.SURFACES}}
    rule = ":root,[data-tone=light]"
    parts = [
        (PAGE / "vendor" / "leaflet-1.9.4" / "leaflet.css").read_text("utf-8"),
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


@once
def _leaflet() -> str:
    text = (PAGE / "vendor" / "leaflet-1.9.4" / "leaflet.js").read_text("utf-8")
    # The comment names a file that is not there; a browser's developer tools would ask for it.
    return text.replace("//# sourceMappingURL=leaflet.js.map", "")


def _page_script(*, desk: bool) -> str:
    names = (*SCRIPTS, DESK) if desk else SCRIPTS
    parts = [(PAGE / "js" / f"{name}.js").read_text("utf-8") for name in names]
    return "(function(){'use strict';\n" + "\n".join(parts) + "\n})();"


@once
def _template() -> jinja2.Template:
    env = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (PAGE / name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    return env.get_template("page.html.j2")
