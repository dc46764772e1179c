"""A file on its way into the story: looked at, asked about, read, and only then made a layer. No Streamlit.

Everything that decodes it runs in a process of its own (`storymap.geochild`); its name is never used as a path.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from storymap import collection
from storymap.app.editor.layer_files import About
from storymap.columnguess import ColumnGuess, guess_columns, guess_name, number_in
from storymap.crsguess import Candidate, Doubt, Near, candidates, doubt
from storymap.geocontent import Options
from storymap.geodata import Geodata
from storymap.geofile import read_upload, upload_name
from storymap.geolook import Look, look_at_upload, read_swapped
from storymap.spreadsheet import Table, read_table

__all__ = ["SUFFIXES", "Incoming", "begin", "proposed", "with_columns", "with_crs", "with_layer", "with_sheet"]

SUFFIXES = (
    "geojson", "json", "topojson", "gpkg", "zip", "fgb", "kml", "gpx", "parquet", "geoparquet", "csv", "tsv", "xlsx",
)  # fmt: skip


@dataclass(frozen=True)
class Incoming:
    """A file and the answers so far. ``name`` and ``data`` are what a story can read: of a table, CSV in UTF-8."""

    upload: str
    """What the editor's file is called."""
    original: bytes
    name: str
    data: bytes
    table: Table | None = None
    guess: ColumnGuess = field(default_factory=ColumnGuess)
    lon: str | None = None
    lat: str | None = None
    layer: str | None = None
    crs: str | None = None
    swapped: bool = False
    look: Look | None = None
    """None while it is not known which columns hold the places."""
    notes: tuple[str, ...] = ()

    @property
    def options(self) -> Options:
        """How the file is to be read."""
        return Options(self.layer, self.crs, self.lon, self.lat)

    @property
    def key(self) -> str:
        """Another for other answers."""
        return f"{self.layer}|{self.crs}|{self.lon}|{self.lat}|{self.swapped}|{self.table.sheet if self.table else ''}"

    def doubt(self, near: Near | None) -> Doubt | None:
        """Why the CRS is to be asked for."""
        if self.look is None or not self.look.chosen:
            return None
        return doubt(self.look.crs, self.look.degrees, self.look.sample, near)

    def candidates(self, near: Near | None, used: tuple[str, ...]) -> tuple[Candidate, ...]:
        """What the coordinates may mean, the likely first."""
        return candidates(self.look.sample, near, used) if self.look else ()

    def read(self) -> Geodata:
        """The file's features. Raises `GeodataError`."""
        return (read_swapped if self.swapped else read_upload)(
            self.data, self.name, layer=self.layer, crs=self.crs, lon=self.lon, lat=self.lat
        )

    def file(self, data: Geodata) -> tuple[str, bytes]:
        """Name and content of the file that joins the story: as it came, or as GeoJSON where its axes were swapped."""
        stem = re.sub(r"[^\w-]+", "-", PurePosixPath(self.upload).stem).strip("-")[:50] or "data"
        if self.swapped:
            return f"data/{stem}.geojson", collection.written(collection.from_frame(data.frame))
        return f"data/{stem}{PurePosixPath(self.name).suffix.lower()}", self.data

    def about(self, about: About) -> About:
        """What is to be said of the source, with what the file needs to be read and what was done to it."""
        parts = {} if self.swapped else {"layer": self._layer, "crs": self.crs, "lon": self.lon, "lat": self.lat}
        done = [note for note in self.notes if not note.startswith("Its cells are parted")]
        if self.swapped:
            done.append(
                f"The coordinates of '{self.upload}' were swapped{f' and read as {self.crs}' if self.crs else ''}."
            )
        elif self.upload != self.name:
            done.append(
                f"Table of '{self.upload}'{f', sheet {self.table.sheet!r}' if self.table and self.table.sheet else ''}."
            )
        said = {key: value for key, value in parts.items() if value}
        return replace(about, source=said, note=" ".join(done))

    @property
    def _layer(self) -> str | None:
        return self.layer if self.look and len(self.look.layers) > 1 else None


def begin(name: str, data: bytes) -> Incoming:
    """A file that was just uploaded. Raises `GeodataError`."""
    upload = upload_name(name)
    made = Incoming(upload, data, upload, data)
    if upload.lower().endswith((".csv", ".tsv", ".xlsx")):
        return with_sheet(made, None)
    return _looked(made)


def with_sheet(incoming: Incoming, sheet: str | None) -> Incoming:
    """Another sheet of a workbook (None: the first). Raises `GeodataError`."""
    table = read_table(incoming.original, incoming.upload, sheet)
    guess = guess_columns(table.header, table.rows)
    made = replace(incoming, name=f"{PurePosixPath(incoming.upload).stem}.csv", table=table, guess=guess, crs=None,
                   swapped=False, look=None, notes=table.notes)  # fmt: skip
    return with_columns(made, guess.lon, guess.lat)


def with_columns(incoming: Incoming, lon: str | None, lat: str | None) -> Incoming:
    """The columns of longitude (or easting) and latitude (or northing) of a table. Raises `GeodataError`."""
    made = replace(incoming, lon=lon, lat=lat, look=None, crs=None, swapped=False)
    if not lon or not lat or lon == lat or incoming.table is None:
        return made
    text, changed = _with_points(incoming.table.csv, lon, lat)
    told = ("Decimal commas of the coordinates are written as points.",) if changed else ()
    return _looked(replace(made, data=text.encode(), notes=(*incoming.table.notes, *told)))


def with_layer(incoming: Incoming, layer: str) -> Incoming:
    """One of several layers. Raises `GeodataError`."""
    return _looked(replace(incoming, layer=layer, crs=None, swapped=False))


def with_crs(incoming: Incoming, crs: str | None, swapped: bool = False) -> Incoming:
    """What the coordinates mean, as the editor decided; None: what the file says."""
    own = incoming.look.crs if incoming.look else None
    return replace(incoming, crs=crs if crs != own or swapped else None, swapped=swapped)


def proposed(incoming: Incoming, data: Geodata) -> About:
    """What may be said of the layer, from what the file is called and holds."""
    stem = incoming.layer if incoming.look and len(incoming.look.layers) > 1 else PurePosixPath(incoming.upload).stem
    title = re.sub(r"[\W_]+", " ", stem or "").strip()
    title = title[:1].upper() + title[1:]
    columns = [str(name) for name in data.frame.columns if name != data.frame.geometry.name]
    plain = {name.lower(): name for name in reversed(columns)}
    accuracy = next((plain[name] for name in ("accuracy_km", "accuracy") if name in plain), None)
    return About(title=title, legend=title, label=guess_name(columns), accuracy=accuracy)


def _looked(incoming: Incoming) -> Incoming:
    look = look_at_upload(incoming.data, incoming.name, incoming.options)
    return replace(incoming, look=look, layer=look.layer if look.layer and len(look.layers) > 1 else None)


def _with_points(text: str, lon: str, lat: str) -> tuple[str, bool]:
    """The CSV with plain numbers in its two columns, and whether anything had to be changed."""
    rows = list(csv.reader(io.StringIO(text)))
    columns = [rows[0].index(lon), rows[0].index(lat)]
    changed = False
    for row in rows[1:]:
        for at in columns:
            number = number_in(row[at])
            if number is not None and not re.fullmatch(r"-?\d+(\.\d+)?", row[at].strip()):
                row[at], changed = repr(number), True
    if not changed:
        return text, False
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue(), True
