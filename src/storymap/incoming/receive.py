"""Uploaded files → what they are: a story's zip, an export of another program, or a table to be asked about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from storymap.geocontent import GeodataError
from storymap.incoming.carry import Refused
from storymap.incoming.leaflet import is_chapters, is_options, read_leaflet
from storymap.incoming.mapbox import is_mapbox, read_mapbox
from storymap.incoming.sheet import rows_of
from storymap.incoming.stops import Trip
from storymap.incoming.storymapjs import is_storymapjs, read_storymapjs
from storymap.spreadsheet import Table, read_table
from storymap.storyfile import STORY_FILE
from storymap.storyzip import ZipRefused, unpack

__all__ = ["KINDS", "Received", "receive"]

Kind = Literal["story", "storymapjs", "mapbox", "leaflet", "table"]
KINDS: Mapping[Kind, str] = {
    "story": "a story of this program", "storymapjs": "an export of StoryMapJS", "mapbox": "a Mapbox storytelling configuration",
    "leaflet": "the sheets of Leaflet Storymaps", "table": "a spreadsheet",
}  # fmt: skip
_TABLES = (".csv", ".tsv", ".xlsx")


@dataclass(frozen=True)
class Received:
    """What came in."""

    kind: Kind
    name: str
    """File by which it was told."""
    trip: Trip | None = None
    zipped: bytes | None = None
    """A story's zip."""
    table: Table | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What came along, by path."""


def receive(uploads: Sequence[tuple[str, bytes]], lang: str = "") -> Received:
    """What files with these names and contents are. ``lang``: that of the texts, where the editor says it.

    Raises `Refused`.
    """
    files: dict[str, bytes] = {}
    for name, content in uploads:
        if PurePosixPath(name).suffix.lower() != ".zip":
            files[name] = content
            continue
        try:
            unpacked = unpack(content)
        except ZipRefused as error:
            raise Refused(f"{name}: {error}") from None
        if STORY_FILE in unpacked.files:
            if len(uploads) > 1:
                raise Refused(f"{name} is a whole story: import it alone")
            return Received("story", name, zipped=content)
        files |= unpacked.files
    return _from_json(files, lang) or _from_script(files, lang) or _from_tables(files, lang)


def _from_json(files: Mapping[str, bytes], lang: str) -> Received | None:
    for name, content in _ending(files, (".json",)).items():
        try:
            said = json.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            if len(files) == 1:
                raise Refused(f"{name} can not be read as JSON ({str(error)[:80]}): export it again") from None
            continue
        if is_storymapjs(said):
            trip = read_storymapjs(content, f"StoryMapJS export '{name}'", _others(files, name), lang)
            return Received("storymapjs", name, trip, files=_others(files, name))
        if is_mapbox(said):
            trip = read_mapbox(content, f"Mapbox storytelling configuration '{name}'", _others(files, name), lang)
            return Received("mapbox", name, trip, files=_others(files, name))
    return None


def _from_script(files: Mapping[str, bytes], lang: str) -> Received | None:
    scripts = _ending(files, (".js", ".mjs", ".template"))
    faults = []
    for name in sorted(scripts, key=lambda name: (not PurePosixPath(name).name.startswith("config"), name)):
        try:
            trip = read_mapbox(files[name], f"Mapbox storytelling configuration '{name}'", _others(files, name), lang)
        except Refused as error:
            faults.append(str(error))
            continue
        return Received("mapbox", name, trip, files=_others(files, name))
    if faults and len(scripts) == len(files):
        raise Refused(faults[0])
    return None


def _from_tables(files: Mapping[str, bytes], lang: str) -> Received:
    tables: dict[str, Table] = {}
    for name, content in _ending(files, _TABLES).items():
        try:
            tables[name] = read_table(content, PurePosixPath(name).name)
        except GeodataError as error:
            raise Refused(str(error)) from None
    chapters = next(
        (name for name, table in tables.items() if is_chapters(_chapters(files[name], name, table).header)), None
    )
    if chapters is not None:
        table = _chapters(files[chapters], chapters, tables[chapters])
        others = _others(files, *tables)
        source = f"Leaflet Storymaps sheets '{chapters}'"
        trip = read_leaflet(table.header, rows_of(table.csv), _options(files, tables), source, others, lang)
        return Received("leaflet", chapters, trip, files=others)
    if not tables:
        known = "a story's .zip, .json of StoryMapJS, config.js of Mapbox' template, .csv or .xlsx"
        raise Refused(f"{', '.join(files) or 'the zip'}: nothing here is a story; what is taken: {known}")
    if len(tables) > 1:
        raise Refused(f"there are several tables ({', '.join(tables)}): choose one of them")
    name, table = next(iter(tables.items()))
    return Received("table", name, table=table, files=_others(files, name))


def _chapters(content: bytes, name: str, table: Table) -> Table:
    """The sheet *Chapters* of a workbook that has one."""
    if "Chapters" in table.sheets and table.sheet != "Chapters":
        return read_table(content, PurePosixPath(name).name, "Chapters")
    return table


def _options(files: Mapping[str, bytes], tables: Mapping[str, Table]) -> dict[str, str]:
    for name, table in tables.items():
        found = table
        if "Options" in table.sheets and table.sheet != "Options":
            found = read_table(files[name], PurePosixPath(name).name, "Options")
        if is_options(found.header):
            names = [column.strip().lower() for column in found.header]
            at, said = names.index("setting"), names.index("customize")
            return {row[at].strip(): row[said].strip() for row in rows_of(found.csv) if row[at].strip()}
    return {}


def _ending(files: Mapping[str, bytes], suffixes: Sequence[str]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if PurePosixPath(name).suffix.lower() in suffixes}


def _others(files: Mapping[str, bytes], *names: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name not in names}
