"""The systems that are compared, each made in a temporary folder and served on this machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from minimalpage import minimal_page
from npmfiles import npm_file
from plainstory import plain_story
from servers import packed, static, streamlit

__all__ = ["NAMES", "System", "served"]

HERE = Path(__file__).resolve().parent
SLUG = "zhanatas"
MOVES = {"story": None, "story, follow": "follow", "story, fly": "fly"}
NAMES = (*MOVES, "minimal", "st_folium", "empty")
EMPTY = (
    '<!doctype html><meta name="viewport" content="width=device-width"><title>Empty</title>'
    '<body style="margin:0"><div style="height:100vh;background:#f4f1ea">'
)
"""Nothing but the colour of land: what the browser itself takes until anything is seen."""
FOLIUM_FILES = {
    "leaflet.js": ("leaflet@1.9.3", "dist/leaflet.js"),
    "leaflet_css.css": ("leaflet@1.9.3", "dist/leaflet.css"),
    "jquery.js": ("jquery@3.7.1", "dist/jquery.min.js"),
    "bootstrap.js": ("bootstrap@5.2.2", "dist/js/bootstrap.bundle.min.js"),
    "bootstrap_css.css": ("bootstrap@5.2.2", "dist/css/bootstrap.min.css"),
    "awesome_markers.js": ("leaflet.awesome-markers@2.0.5", "dist/leaflet.awesome-markers.js"),
    "awesome_markers_css.css": ("leaflet.awesome-markers@2.0.5", "dist/leaflet.awesome-markers.css"),
    "awesome_markers_font_css.css": ("@fortawesome/fontawesome-free@6.2.0", "css/all.min.css"),
}
"""What folium's page loads from four hosts."""


@dataclass(frozen=True)
class System:
    """``kind``: 'story', 'minimal' or 'st_folium': how a reader goes to the next step; 'empty' has none.
    ``steps``: their number."""

    name: str
    kind: str
    url: str
    steps: int


@contextmanager
def served(root: Path, work: Path, npm: Path, names: tuple[str, ...]) -> Iterator[list[System]]:
    """The systems named, from the checkout ``root``; ``work`` is an empty folder."""
    geodata = root / "geodata"
    plain = plain_story(geodata / SLUG, geodata / "basemap")
    count = len(plain["steps"])
    with ExitStack() as running:
        made: dict[str, System] = {}
        if any(name in MOVES for name in names):
            home = running.enter_context(_app(root, work / "stories"))
            for name, move in MOVES.items():
                slug = f"{SLUG}-{move}" if move else SLUG
                made[name] = System(name, "story", f"{home}story/{slug}/", count)
        if "minimal" in names:
            home = running.enter_context(static({"": minimal_page(plain, npm)}))
            made["minimal"] = System("minimal", "minimal", home, count)
        if "empty" in names:
            made["empty"] = System("empty", "empty", running.enter_context(static({"": EMPTY.encode()})), 0)
        if "st_folium" in names:
            assets = {name: npm_file(npm, *where) for name, where in FOLIUM_FILES.items()}
            folder = work / "st_folium"
            folder.mkdir()
            (folder / "story.json").write_text(json.dumps(plain), "utf-8")
            script = Path(shutil.copy(HERE / "streamlitpage.py", folder))
            environment = {"STORYMAP_ASSETS": running.enter_context(static(assets)), "STORYMAP_BENCH": str(folder)}
            home = running.enter_context(streamlit(script, environment, "_stcore/health", folder / "log"))
            made["st_folium"] = System("st_folium", "st_folium", home, count)
        yield [made[name] for name in NAMES if name in names]


@contextmanager
def _app(root: Path, stories: Path) -> Iterator[str]:
    """The real app on a copy of the story and its variants, in which every step moves in one way."""
    shutil.copytree(root / "geodata", stories)
    for move in filter(None, MOVES.values()):
        variant = stories / f"{SLUG}-{move}"
        shutil.copytree(root / "geodata" / SLUG, variant)
        yaml = YAML()
        yaml.width = 4096
        content = yaml.load((variant / "story.yaml").read_text("utf-8"))
        for step in content["steps"]:
            step["move"] = move
        with (variant / "story.yaml").open("w", encoding="utf-8") as out:
            yaml.dump(content, out)
    environment = {"STORYMAP_STORIES": str(stories), "STORYMAP_CACHE": str(stories.parent / "cache")}
    environment["PYTHONPATH"] = str(root / "src")
    last = f"story/{SLUG}-fly/"
    with streamlit(root / "streamlit_app.py", environment, last, stories.parent / "app.log") as home:
        for name in MOVES.values():
            packed(f"{home}story/{SLUG}-{name}/" if name else f"{home}story/{SLUG}/")
        yield home
