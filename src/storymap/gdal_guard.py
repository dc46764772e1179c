"""Keeps GDAL to the formats a story can hold, before GDAL is loaded.

GDAL chooses a driver by what a file contains, not by its name: a file named ``x.geojson`` that holds a virtual
dataset makes it read other files of the machine and ask the network. ``OGR_SKIP`` switches drivers off, but only when
it is set before the first import of pyogrio, so the package imports this module before anything else.

It is the outer fence. The package itself never opens a file with the GDAL of this process: ``geochild`` starts a
process of its own for that, with the one driver that the format needs. A pyogrio that was imported unguarded before
the package is therefore no hole in the package; `in_force` tells others about it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

__all__ = ["ALLOWED_DRIVERS", "OTHER_DRIVERS", "in_force", "install", "skip_list"]

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "GPKG", "GPX", "GeoJSON", "KML", "LIBKML", "TopoJSON"})

# All that the pyogrio wheels carry beside them. Names that GDAL does not know make it print a warning, so drivers of
# other builds (databases, Parquet) are not listed; the reading process looks at what it has and switches those off.
OTHER_DRIVERS = frozenset({
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO", "EEDA",
    "ESRIJSON", "Elasticsearch", "GDALG", "GML", "GPSBabel", "GTFS", "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi",
    "JML", "JSONFG", "LVBAG", "MBTiles", "MEM", "MVT", "MapInfo File", "MapML", "MiraMonVector", "NGW", "OAPIF",
    "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM", "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP",
    "PLSCENES", "PMTiles", "S57", "SQLite", "SXF", "Selafin", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
})  # fmt: skip


def skip_list(allowed: Iterable[str], more: Iterable[str] = ()) -> str:
    """The value of ``OGR_SKIP`` that leaves the drivers ``allowed``; ``more`` names further drivers to leave out."""
    names = {name.strip() for name in (ALLOWED_DRIVERS | OTHER_DRIVERS | set(more))} - set(allowed)
    return ",".join(sorted(names - {""}))


def install() -> None:
    """Sets the environment of this process. Doing it twice changes nothing; what a user skips stays skipped."""
    kept = os.environ.get("OGR_SKIP", "").split(",")
    chosen = {name.strip() for name in kept} & ALLOWED_DRIVERS
    os.environ["OGR_SKIP"] = skip_list(ALLOWED_DRIVERS - chosen, kept)
    # A GeoPackage may hold a table of SpatiaLite's module VirtualText, whose rows are any text file of the machine.
    os.environ["SPATIALITE_LOAD"] = "NO"


def in_force() -> bool:
    """Whether the GDAL of this process has no driver but the allowed ones (or is not loaded yet, and will not)."""
    pyogrio = sys.modules.get("pyogrio")
    return pyogrio is None or set(pyogrio.list_drivers()) <= ALLOWED_DRIVERS


install()
