"""What the map of the editor's page is made of: Leaflet, Leaflet.draw and the basemap's outlines, from this server."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import storymap
from storymap import geojson
from storymap.app.negotiation import accepts_gzip
from storymap.basemapfile import Basemap, load_basemap
from storymap.document import basemap_near

__all__ = ["asset_routes", "outlines"]

VENDOR = Path(storymap.__file__).parent / "page" / "vendor"
FILES = {
    "leaflet.js": (VENDOR / "leaflet-1.9.4" / "leaflet.js", "text/javascript"),
    "leaflet.css": (VENDOR / "leaflet-1.9.4" / "leaflet.css", "text/css"),
    "leaflet.draw.js": (VENDOR / "leaflet-draw-1.0.4" / "leaflet.draw.js", "text/javascript"),
    "leaflet.draw.css": (VENDOR / "leaflet-draw-1.0.4" / "leaflet.draw.css", "text/css"),
}
FRESH = {"Cache-Control": "public, max-age=3600"}
DIGITS = 3
"""Decimals of a degree in the outlines: 100 m, below a pixel at the zooms that they are detailed for."""


def asset_routes(shared: Path) -> list[Route]:
    """``/editor/<file>``, ``/editor/base.json``. ``shared``: folder in which the basemap of the stories lies."""

    async def file(request: Request) -> Response:
        found = FILES.get(request.path_params["name"])
        if found is None:
            return Response("There is no such file.\n", 404, media_type="text/plain")
        return _answer(request, _gzipped(found[0]), found[1])

    async def base(request: Request) -> Response:
        return _answer(request, await to_thread.run_sync(_outlines_of, shared), "application/json")

    return [Route("/editor/base.json", base), Route("/editor/{name}", file)]


def _answer(request: Request, packed: bytes, kind: str) -> Response:
    if accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(
            packed, headers={**FRESH, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}, media_type=kind
        )
    return Response(gzip.decompress(packed), headers={**FRESH, "Vary": "Accept-Encoding"}, media_type=kind)


@lru_cache(maxsize=8)
def _gzipped(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@lru_cache(maxsize=2)
def _outlines_of(shared: Path) -> bytes:
    return gzip.compress(json.dumps(outlines(load_basemap(basemap_near(shared))), ensure_ascii=False).encode(), mtime=0)


def outlines(basemap: Basemap) -> dict[str, Any]:
    """``levels``: countries from coarse to fine, each from its zoom on; ``lakes``, ``rivers``: geometries; ``towns``:
    ``[lon, lat, name, rank]``; ``countries``: ``[lon, lat, name]``, where their names are written; ``credit``."""
    spec = basemap.spec
    levels, start = [], 0.0
    for level in spec.levels:
        levels.append({"from": start, "land": _shapes(basemap, level.countries)})
        start = level.max_zoom
    towns = [
        [*_point(feature.geometry), str(feature.properties["name"]), int(feature.properties["rank"])]
        for name in spec.labels.city_files
        for feature in basemap.files[name]
    ]
    return {
        "levels": levels, "lakes": _shapes(basemap, spec.lakes.file), "rivers": _shapes(basemap, spec.rivers.file),
        "towns": sorted(towns, key=lambda town: town[3]), "countries": _names(basemap), "credit": basemap.short_credit,
    }  # fmt: skip


def _names(basemap: Basemap) -> list[list[Any]]:
    left = {*basemap.spec.borders.unlabelled, *basemap.spec.borders.join}
    said = (feature.properties for feature in basemap.files[basemap.spec.levels[0].countries])
    return [
        [one["label_x"], one["label_y"], str(one["name"])]
        for one in said
        if str(one["id"]) not in left and one.get("name") and "label_x" in one
    ]


def _shapes(basemap: Basemap, name: str) -> list[dict[str, Any]]:
    shapes = shapely.set_precision([f.geometry for f in basemap.files[name]], 10**-DIGITS, mode="pointwise")
    return [geojson.written(shape, DIGITS) for shape in shapes]


def _point(shape: Any) -> tuple[float, float]:
    point = shape.representative_point()
    return round(point.x, DIGITS), round(point.y, DIGITS)
