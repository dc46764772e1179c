"""A layer's file → GeoDataFrame in EPSG:4326 (lon, lat), two-dimensional, valid, cut at the antimeridian.

This is the module to use; the others named ``geo…`` are its parts. No GDAL runs in this process (see `geochild`).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import shapely

from storymap import geocache
from storymap.geocontent import GeodataError, Options
from storymap.geofile import contents, locate, read_bytes
from storymap.georepair import Geodata
from storymap.reuse import Reuse

__all__ = ["Geodata", "GeodataError", "bounds", "read"]


def read(
    folder: Path,
    *,
    file: str,
    layer: str | None = None,
    crs: str | None = None,
    lon: str | None = None,
    lat: str | None = None,
    cache: Path | None = None,
    reuse: Reuse | None = None,
) -> Geodata:
    """Reads a file of a story folder: GeoJSON, TopoJSON, GeoPackage, zipped Shapefile, FlatGeobuf, KML, GPX,
    GeoParquet, CSV. A suffix says which, and the content has to agree.

    ``file`` is relative to ``folder`` and can not leave it. ``layer`` names one of several layers; ``crs``
    (``EPSG:…``) states the CRS of a file that does not, or corrects it; ``lon`` and ``lat`` name the columns of a CSV.
    Coordinates in files are x, y: longitude or easting first. With ``cache``, a folder, the result is kept there by
    content and a second call decodes nothing; with ``reuse`` the same content is the same object.

    Raises GeodataError, one line: what is wrong, where, and what to do.
    """
    path = locate(folder, file)
    data = contents(path, file)
    suffix = PurePosixPath(file).suffix.lower()
    options = Options(layer, crs, lon, lat)
    entry = geocache.key(data, suffix, options)
    make = partial(_made, file, data, options, cache, entry)
    result = make() if reuse is None else reuse.part(("file", entry), (), make)
    journal = path.with_name(path.name + "-wal")
    if suffix == ".gpkg" and journal.is_file() and journal.stat().st_size:
        unsaved = (
            "Changes that another program has not yet saved are missing; close the file there, in QGIS for instance."
        )
        return Geodata(result.frame, (*result.notes, unsaved))
    return result


def _made(file: str, data: bytes, options: Options, cache: Path | None, entry: str) -> Geodata:
    if cache is None:
        return read_bytes(file, data, options)
    kept = geocache.fetch(cache, entry)
    if kept is not None:
        return kept
    result = read_bytes(file, data, options)
    geocache.store(cache, entry, result)
    return result


def bounds(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees, EPSG:4326: the narrowest range of longitudes that holds all.

    West is greater than east when that range crosses the antimeridian. Raises ValueError for an empty frame.
    """
    parts = shapely.get_parts(np.asarray(frame.geometry.array))
    boxes = shapely.bounds(parts[~(shapely.is_missing(parts) | shapely.is_empty(parts))])
    if not len(boxes):
        raise ValueError("no geometry, so no bounds")
    south, north = float(boxes[:, 1].min()), float(boxes[:, 3].max())
    boxes = boxes[np.argsort(boxes[:, 0])]
    wests, easts = boxes[:, 0], np.maximum.accumulate(boxes[:, 2])
    gaps = wests[1:] - easts[:-1]
    across = wests[0] + 360 - easts[-1]
    if len(gaps) and gaps.max() > across:
        at = int(gaps.argmax())
        return float(wests[at + 1]), south, float(easts[at]), north
    return float(wests[0]), south, float(easts[-1]), north
