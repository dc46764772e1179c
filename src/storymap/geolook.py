"""A first look at an uploaded file, in the reading process: its layers, what it says of its CRS, where its coordinates lie.

Nothing is repaired or converted here; that is done once the editor has answered what the file leaves open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyproj
import shapely

from storymap.geochild import read_apart, tell_apart
from storymap.geocontent import GeodataError, Options, Raw, check_content, format_of, shapefile_members
from storymap.geofile import raw_of, upload_name
from storymap.geojson import is_topology
from storymap.georepair import Geodata, repair

__all__ = ["Look", "decode_swapped", "look", "look_at_upload", "read_swapped"]

SAMPLE = 400
"""Positions that are enough to tell where a layer lies."""


@dataclass(frozen=True)
class Look:
    """What a file says of itself. ``layer`` None: it has several in ``layers``, and none was chosen yet."""

    layers: tuple[str, ...] = ()
    layer: str | None = None
    crs: str | None = None
    """What is said of the CRS: a code where there is one, else its name; None when the file does not say."""
    degrees: bool = True
    """Whether that CRS has longitudes and latitudes."""
    features: int = 0
    sample: tuple[tuple[float, float], ...] = ()
    """Some positions, x and y as they stand, with the outermost ones."""

    @property
    def chosen(self) -> bool:
        """Whether it is clear what is to be read."""
        return self.layer is not None or len(self.layers) < 2


def look_at_upload(data: bytes, name: str, options: Options = Options()) -> Look:  # noqa: B008 - frozen
    """Looks at an uploaded file in a process of its own, with its limits. Raises GeodataError."""
    name = upload_name(name)
    form = format_of(name)
    if len(data) > form.most_bytes:
        check_content(name, data)
    said = tell_apart("look", name, data, options)
    sample = tuple((float(x), float(y)) for x, y in said.pop("sample"))
    return Look(**{**said, "layers": tuple(said["layers"]), "sample": sample})


def look(name: str, data: bytes, options: Options) -> bytes:
    """The task of the process: a `Look` as JSON."""
    check_content(name, data)
    layers = _layers(name, data)
    layer = options.layer or (layers[0] if len(layers) == 1 else None)
    said: dict[str, Any] = {"layers": layers, "layer": layer, "sample": []}
    if layer is not None or len(layers) < 2:
        named = layer if format_of(name).layers and layers else None
        raw = raw_of(name, data, Options(named, options.crs, options.lon, options.lat))
        said |= {"features": len(raw.geometry), "sample": _sample(name, raw), **_crs(raw)}
    return json.dumps(said).encode()


def _layers(name: str, data: bytes) -> list[str]:
    """Layers with geometries in them, of a file that has named layers."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".zip":
        return sorted(shapefile_members(name, data))
    if suffix in {".json", ".topojson"}:
        if not is_topology(data):
            return []
        try:
            return [str(key) for key in json.loads(data)["objects"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return []
    return _gdal_layers(name, data, suffix) if suffix in {".gpkg", ".kml", ".gpx"} else []


def _gdal_layers(name: str, data: bytes, suffix: str) -> list[str]:
    from storymap.geogdal import layers_of

    with TemporaryDirectory(prefix="storymap-") as folder:
        path = Path(folder, f"layer{suffix}")
        path.write_bytes(data)
        return layers_of(name, path, suffix)


def _crs(raw: Raw) -> dict[str, Any]:
    if raw.crs is None:
        return {"crs": None}
    try:
        crs = pyproj.CRS.from_user_input(raw.crs)
    except pyproj.exceptions.CRSError:
        return {"crs": None}
    code = crs.to_authority(min_confidence=70)
    return {"crs": ":".join(code) if code else crs.name, "degrees": bool(crs.is_geographic)}


def _sample(name: str, raw: Raw) -> list[list[float]]:
    shapes = np.asarray(raw.geometry, dtype=object)
    xy = shapely.get_coordinates(shapes[~shapely.is_missing(shapes)])
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        raise GeodataError(name, "it has no geometries to show")
    ends = [at for axis in (0, 1) for at in (int(xy[:, axis].argmin()), int(xy[:, axis].argmax()))]
    step = max(1, len(xy) // SAMPLE)
    picked = np.unique(np.concatenate([np.arange(0, len(xy), step)[:SAMPLE], ends]))
    return [[float(x), float(y)] for x, y in xy[picked]]


def decode_swapped(name: str, data: bytes, options: Options) -> Geodata:
    """The task of a process: a file whose x and y stand the other way round."""
    raw = raw_of(name, data, options)
    shapes = np.asarray(raw.geometry, dtype=object)
    there = ~shapely.is_missing(shapes)
    shapes = shapes.copy()
    shapes[there] = shapely.transform(shapely.force_2d(shapes[there]), lambda xy: xy[:, ::-1])
    return repair(name, Raw(shapes, raw.columns, raw.crs, raw.notes), options.crs)


def read_swapped(
    data: bytes, name: str, *, layer: str | None = None, crs: str | None = None, lon: str | None = None,
    lat: str | None = None,
) -> Geodata:  # fmt: skip
    """As `geofile.read_upload`, with x and y swapped. Raises GeodataError."""
    return read_apart(upload_name(name), data, Options(layer, crs, lon, lat), swapped=True)
