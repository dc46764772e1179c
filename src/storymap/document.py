"""Story → one HTML document: the page that every shell shows.

The document is complete without script (each step's still and text in order), loads nothing but the media that the
story names, and is the same bytes for the same folder. Text reaches it through Jinja's autoescaping, data through JSON
with ``<`` escaped; scripts and styles are allowed by hash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache as once
from functools import partial
from importlib.resources import files
from pathlib import Path

import jinja2

from storymap import (
    basemap,
    camera,
    pagecode,
    pagedata,
    pageparts,
    pagestills,
    palette,
    prose,
    stillmap,
    webmap,
    words,
)  # fmt: skip
from storymap.drawing import Scene
from storymap.errors import Problem, StoryError, nearest
from storymap.reuse import Reuse
from storymap.scene import SCREENS, compile_scene
from storymap.story import Story

__all__ = ["Document", "Drawn", "basemap_folder", "basemap_near", "compile_story", "draw", "load_base", "render"]


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


def draw(story: Story, *, cache: Path | None = None, reuse: Reuse | None = None) -> Drawn:
    """Draws the maps of ``story``; ``reuse``: what earlier versions of it were made of. Raises `StoryError`."""
    base = load_base(story)
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
    assets = pageparts.Assets(media)
    tiles = None if base is not None else story.basemap
    first = camera.solve(scene.steps[0].view, *SCREENS[2][:2], SCREENS[2][2])
    map_id, map_script = parts.part(("map", first, tiles), (), lambda: webmap.map_script(first, tiles))
    css = pagecode.css(story)
    scripts = (pagecode.leaflet(), pagecode.page_script(desk=desk), map_script, pagecode.LAST_SCRIPT)
    styles = (css, pagecode.NOSCRIPT_CSS, pagecode.leaflet_css())
    csp = pagecode.policy([pagecode.FIRST_SCRIPT, *scripts], styles, tiles, inside=media is None)
    steps = [
        pageparts.step_parts(story, step, drawn, scene, assets, parts)
        for step, drawn in zip(story.steps, scene.steps, strict=True)
    ]
    html = _template().render(
        lang=story.lang,
        dir=words.direction(story.lang),
        csp=csp,
        css=css,
        noscript_css=pagecode.NOSCRIPT_CSS,
        title=prose.smart(story.title, story.lang_of("title")),
        title_lang=story.lang_of("title"),
        subtitle=prose.smart(story.subtitle, story.lang_of("subtitle")) if story.subtitle else None,
        subtitle_lang=story.lang_of("subtitle"),
        byline=story.byline,
        description=story.description,
        published=pageparts.day(story.published, story.lang),
        updated=pageparts.day(story.modified, story.lang),
        article=story.article,
        review=prose.smart(story.review, story.lang) if story.review else None,
        languages=pageparts.languages(story, languages or {}),
        head=head,
        corrections=pageparts.corrections(story),
        references=[pageparts.reference(story, name, None) for name in story.sources],
        credits=pageparts.all_credits(story, base, tiles),
        words=words.page_words(story.lang),
        steps=steps,
        hero=pagestills.hero(scene, parts),
        map_id=map_id,
        defs=pagestills.definitions(scene),
        data=pagedata.page_json(story, scene, words.page_words(story.lang), tiled=tiles is not None),
        first_script=pagecode.FIRST_SCRIPT,
        leaflet_css=pagecode.leaflet_css(),
        scripts=scripts,
    )
    about = (story.title, story.description or "", story.lang)
    return Document(html, csp, *about, assets.files, scene.notes, partial(_picture, story, scene))


def _picture(story: Story, scene: Scene, step: str) -> str:
    drawn = {one.id: one for one in scene.steps}[step]
    colors = palette.tone_colors(drawn.tone, pagecode.theme_tones(story))
    return stillmap.still(scene, drawn, width=960, height=600, standalone=True, palette=colors)


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
    taken = {"story", "storymap-data", "leaflet-css", "svh-probe", *scene.paths}
    problems = [
        Problem("story.yaml", story.line(("steps", index, "id")), f"steps[{index}].id",
                f"'{step.id}' is used by the page itself; take another name")
        for index, step in enumerate(story.steps) if step.id in taken
    ]  # fmt: skip
    if problems:
        raise StoryError(problems)


@once
def _template() -> jinja2.Template:
    env = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (pagecode.PAGE / name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    return env.get_template("page.html.j2")
