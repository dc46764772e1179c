"""The basemap of a document: geometry in levels of detail, and labels, for the views that a story really uses."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import shapely

from storymap import baselevels, basemapfile, basesheet, generalise, mercator, pathdata
from storymap.baselabels import compile_labels
from storymap.baselevels import compile_levels
from storymap.basemapfile import Basemap, load_basemap
from storymap.drawing import BaseLabel, Box, Level, LevelPart, PathData
from storymap.reuse import Reuse

__all__ = ["BaseLabel", "Basemap", "Level", "compile_base", "load_basemap"]

_MAKERS = (baselevels, basemapfile, basesheet, generalise, mercator, pathdata)


def compile_base(
    basemap: Basemap,
    *,
    boxes: Sequence[tuple[Box, float]],
    lang: str,
    cache: Path | None = None,
    hidden: Sequence[Collection[str]] = (),
    reuse: Reuse | None = None,
) -> tuple[dict[str, PathData], tuple[Level, ...], tuple[BaseLabel, ...]]:
    """(paths by key, levels from coarse to fine, labels in ``lang``) for a story.

    ``boxes``: for every step and screen what the viewport shows (world units) and its zoom. ``hidden``: for each of
    them the parts (`story.Part`) that the step leaves out; what no view comes to show does not travel. ``cache``: folder
    that keeps results by content; it is made when missing, and a cache that can not be used is passed over. ``reuse``:
    for drafts, of which the folder keeps none, since most of them are never seen again.
    """
    views, parts = tuple(boxes), tuple(frozenset(names) for names in hidden)
    if reuse is None:
        paths, levels = _cached(basemap, views, parts, cache)
        return paths, levels, compile_labels(basemap, boxes, lang, parts)
    paths, levels = reuse.part(
        ("levels", views, parts), (basemap,), lambda: _cached(basemap, views, parts, cache, reuse)
    )
    labels = reuse.part(
        ("base labels", views, parts, lang), (basemap,), lambda: compile_labels(basemap, views, lang, parts, reuse)
    )
    return paths, levels, labels


def _cached(
    basemap: Basemap, boxes: tuple[tuple[Box, float], ...], hidden: tuple[frozenset[str], ...], cache: Path | None,
    reuse: Reuse | None = None,
) -> tuple[dict[str, PathData], tuple[Level, ...]]:  # fmt: skip
    if cache is None:
        return compile_levels(basemap, boxes, hidden, reuse)
    file = cache / f"basemap-{_key(basemap, boxes, hidden)}.json"
    try:
        return _from_plain(json.loads(file.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    paths, levels = compile_levels(basemap, boxes, hidden, reuse)
    if reuse is not None:
        return paths, levels
    _keep(
        file,
        {"paths": {key: asdict(path) for key, path in paths.items()}, "levels": [asdict(level) for level in levels]},
    )
    return paths, levels


def _key(basemap: Basemap, boxes: tuple[tuple[Box, float], ...], hidden: tuple[frozenset[str], ...]) -> str:
    """Hash of all that decides the result: data, views, and the code with its library."""
    content = hashlib.sha256(
        json.dumps([basemap.digest, boxes, [sorted(names) for names in hidden], shapely.geos_version_string]).encode()
    )
    for module in _MAKERS:
        content.update(Path(str(module.__file__)).read_bytes())
    return content.hexdigest()[:32]


def _keep(file: Path, plain: dict[str, Any]) -> None:
    """Writes so that a reader sees all of the file or none; a cache that can not be written is no fault."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".part", delete=False) as part:
            json.dump(plain, part)
        Path(part.name).replace(file)
    except OSError:
        return


def _from_plain(plain: Any) -> tuple[dict[str, PathData], tuple[Level, ...]]:
    paths = {
        key: PathData(path["d"], tuple(path["origin"]), path["unit"], tuple(path["box"]))
        for key, path in plain["paths"].items()
    }
    levels = tuple(
        Level(
            level["max_zoom"],
            None if level["box"] is None else tuple(level["box"]),
            tuple(LevelPart(**part) for part in level["parts"]),
        )
        for level in plain["levels"]
    )
    return paths, levels
