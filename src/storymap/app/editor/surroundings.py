"""Where the story at work plays: the region and the CRSs of its layers, by which those of a new file are judged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely

from storymap import geodata
from storymap.app.editor.desk import Desk
from storymap.crsguess import Near
from storymap.durable import SaveError
from storymap.geocache import user_cache

__all__ = ["region", "used_crs"]

WIDE = 40.0
"""Degrees; a wider layer is a backdrop, and does not say where the story plays."""


def region(desk: Desk) -> Near | None:
    """Bounds of the story's layers without its backdrops: west, south, east, north in degrees. None when nothing can be
    read."""
    boxes = []
    try:
        folder = desk.drafts.preview_folder(desk.session, desk.now)
    except SaveError:
        return None
    seen = set()
    for layer in desk.layers:
        source = layer.get("source") or {}
        named = {key: source.get(key) for key in ("file", "layer", "crs", "lon", "lat")}
        if str(named) in seen:
            continue
        seen.add(str(named))
        try:
            boxes.append(geodata.bounds(_read(folder, named).frame))
        except (geodata.GeodataError, ValueError, TypeError):
            continue
    near = [box for box in boxes if 0 <= box[2] - box[0] <= WIDE] or [box for box in boxes if box[0] <= box[2]]
    if not near:
        return None
    west, south, east, north = shapely.total_bounds([shapely.box(*box) for box in near])
    return (float(west), float(south), float(east), float(north))


def _read(folder: Path, source: Mapping[str, Any]) -> geodata.Geodata:
    parts = {key: source.get(key) for key in ("layer", "crs", "lon", "lat")}
    return geodata.read(folder, file=str(source.get("file") or ""), **parts, cache=user_cache())


def used_crs(desk: Desk) -> tuple[str, ...]:
    """CRSs that the story's layers state."""
    found = ((layer.get("source") or {}).get("crs") for layer in desk.layers)
    return tuple(dict.fromkeys(str(crs) for crs in found if crs))
