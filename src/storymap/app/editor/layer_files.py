"""The data of the layers of the story at work: opened to be edited, written as a new file, made a layer. No Streamlit.

A data file is never written anew in its place: what is changed becomes a GeoJSON file with a name of its own, and every
layer that used the old file uses the new one, in one edit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from storymap import collection, edits, geodata
from storymap.app.editor.desk import Desk
from storymap.collection import Features, NotFit
from storymap.durable import SaveError
from storymap.edits import Edit
from storymap.geocache import user_cache
from storymap.geocontent import GeodataError, Options
from storymap.geocsv import coordinate_columns
from storymap.geofile import contents, locate
from storymap.manuscript import Data, Manuscript

__all__ = [
    "About",
    "Opened",
    "add_layer",
    "change_data",
    "layer_name",
    "needed_columns",
    "open_data",
    "replace_data",
    "today",
]

_DATA = ("file", "layer", "crs", "lon", "lat")


@dataclass(frozen=True)
class Opened:
    """The data of a layer. ``layers``: ids of all layers that show it; ``notes``: what was repaired when it was read.

    The columns of a table that gave the coordinates are in the geometry and not among the ``features``' own, except
    where the story uses them (``coordinates``).
    """

    source: Data
    features: Features
    layers: tuple[str, ...]
    notes: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Another for other data."""
        return "|".join(str(self.source.get(name, "")) for name in _DATA)


@dataclass(frozen=True)
class About:
    """What the editor says of new data. ``accuracy``: kilometres, or the column that holds them."""

    title: str = ""
    credit: str = ""
    license: str = ""
    accuracy: float | str | None = None
    legend: str = ""
    label: str | None = None
    url: str = ""
    note: str = ""
    source: Data = field(default_factory=dict)
    """Other parts of the source: layer, crs, lon, lat."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be said before the layer can join the story."""
        needed = {"a title": self.title.strip(), "the credit": self.credit.strip(),
                  "the licence": self.license.strip(), "how exact the places are": self.accuracy}  # fmt: skip
        return tuple(name for name, value in needed.items() if not value)


def today() -> str:
    """The day, as it stands in provenance: ``2026-11-22``, in UTC."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def layer_name(layer: Mapping[str, Any]) -> str:
    """What a layer is called for editors."""
    return str(layer.get("title") or layer.get("legend") or layer.get("id"))


def open_data(desk: Desk, layer: str) -> Opened:
    """The data of a layer as it is now, with unsaved changes. Raises `GeodataError`, `SaveError`."""
    source = dict(desk.get(("layers", layer, "source"), {}))
    folder = desk.drafts.preview_folder(desk.session, desk.now)
    users = tuple(str(one["id"]) for one in desk.layers if _same_data(one.get("source"), source))
    file = str(source.get("file", ""))
    plain = None
    if file.lower().endswith((".geojson", ".json")) and not source.get("crs") and not source.get("layer"):
        plain = collection.from_geojson(contents(locate(folder, file), file))
    named = {key: source.get(key) for key in _DATA[1:]}
    read = geodata.read(folder, file=file, **named, cache=user_cache())
    opened = Opened(source, plain or collection.from_frame(read.frame), users, read.notes)
    return _without_coordinates(desk, opened) if file.lower().endswith((".csv", ".tsv")) else opened


def _without_coordinates(desk: Desk, opened: Opened) -> Opened:
    """A table without the columns that its places come from: what is changed is the geometry, and beside it they would
    keep the old places. Those that the story uses stay."""
    source = opened.source
    columns = collection.columns_of(opened.features)
    named = coordinate_columns(str(source["file"]), columns, Options(lon=source.get("lon"), lat=source.get("lat")))
    needed = needed_columns(desk, opened)
    drop = [name for name in named if name not in needed and name in columns]
    features = collection.without_columns(opened.features, drop, {})
    return replace(opened, features=features, coordinates=tuple(name for name in named if name in needed))


def _same_data(one: Any, other: Mapping[str, Any]) -> bool:
    return isinstance(one, dict) and all(one.get(key) == other.get(key) for key in _DATA)


def needed_columns(desk: Desk, opened: Opened) -> dict[str, str]:
    """Columns that the layers on this data use → for what, in words."""
    used: dict[str, str] = {}
    for layer in (one for one in desk.layers if one.get("id") in opened.layers):
        name, style = layer_name(layer), layer.get("style") or {}
        label = layer.get("label")
        label = label.get("column") if isinstance(label, dict) else label
        found = {label: "the label", layer.get("key"): "the name of features", style.get("column"): "what decides the colour",
                 style.get("size_column"): "what decides the size", layer.get("accuracy"): "the accuracy",
                 **dict.fromkeys(layer.get("tooltip") or (), "shown on the map"),
                 **dict.fromkeys(layer.get("where") or {}, "what chooses the features")}  # fmt: skip
        used |= {str(column): f"{what} of layer '{name}'" for column, what in found.items() if isinstance(column, str)}
    for step in desk.steps:
        for part in step.get("show") or []:
            if isinstance(part, dict) and part.get("layer") in opened.layers:
                style = part.get("style") or {}
                columns = [*(part.get("where") or {}), style.get("column"), style.get("size_column")]
                used |= {str(one): f"used in step '{step.get('title')}'" for one in columns if one}
    return used


def change_data(
    desk: Desk, opened: Opened, change: Callable[[Features], Features], sentence: str, note: str = "",
    more: Callable[[Manuscript], Manuscript] | None = None,
) -> bool:  # fmt: skip
    """Changes the features, as one edit. What does not fit is told. ``note``: what was done, for the source's note.

    ``more``: what else of the story changes with it.
    """
    try:
        features = change(opened.features)
    except NotFit as error:
        desk.tell(f"Not changed: {error}.", "error")
        return False
    return features != opened.features and replace_data(desk, [(opened, features)], sentence, note, more)


def replace_data(
    desk: Desk, changes: Sequence[tuple[Opened, Features]], sentence: str, note: str = "",
    more: Callable[[Manuscript], Manuscript] | None = None,
) -> bool:  # fmt: skip
    """Gives several data new features at once, as one edit; whether it could be done."""
    if _refused(desk):
        return False
    try:
        files = [_bring_in(desk, str(opened.source["file"]), features) for opened, features in changes]
    except (SaveError, ValueError) as error:
        desk.tell(f"Not changed: {error}", "error")
        return False

    def make(story: Manuscript) -> Edit:
        for (opened, _), file in zip(changes, files, strict=True):
            for layer in opened.layers:
                source = dict(_source(story, layer))
                for key in _DATA:
                    source.pop(key, None)
                said = _with_note(str(source.get("note") or ""), note)
                new = {"file": file, **source, **({"note": said} if said else {})}
                story = edits.set_part(story, ("layers", layer, "source"), new).after
        return Edit(sentence, more(story) if more else story)

    return desk.do(make)


def _refused(desk: Desk) -> bool:
    """Whether the right to edit was taken away; that is told. Files are written before the edit that names them."""
    if desk.may():
        return False
    desk.tell("Nothing was written: you may not edit here any more.", "error")
    return True


def _source(story: Manuscript, layer: str) -> Data:
    return next(one["source"] for one in story.data["layers"] if one.get("id") == layer)


def _with_note(said: str, note: str) -> str:
    return said if not note or note in said else f"{said} {note}".strip()


def _bring_in(desk: Desk, file: str, features: Features) -> str:
    folder = PurePosixPath(file).parent
    return desk.drafts.bring_in(
        desk.session, str(folder / f"{collection.file_stem(file)}.geojson"), collection.written(features)
    )


def add_layer(desk: Desk, about: About, file: str, content: bytes, *, step: str | None = None) -> str | None:
    """A new layer with its file, as one edit; shown in ``step``, if one is named. Gives its id; None when it was refused,
    which is told."""
    if about.missing:
        desk.tell(f"Not added: say {', '.join(about.missing)}.", "error")
        return None
    if _refused(desk):
        return None
    named = {key: about.source.get(key) for key in _DATA[1:]}
    try:
        name = desk.drafts.bring_in(desk.session, file, content)
        geodata.read(desk.drafts.files(desk.session), file=name, **named, cache=user_cache())
    except (SaveError, GeodataError) as error:
        desk.tell(f"Not added: {error}", "error")
        return None
    layer = edits.free_id(desk.now, "layers", about.title)
    source = {"file": name, "credit": about.credit.strip(), "license": about.license.strip(),
              **({"url": about.url.strip()} if about.url.strip() else {}), "accessed": today(),
              **({"note": about.note} if about.note else {}), **about.source}  # fmt: skip
    entry: Data = {"id": layer, "title": about.title.strip(), "source": source}
    if about.label:
        entry["label"] = about.label
    if about.legend.strip():
        entry["legend"] = about.legend.strip()
    entry["accuracy"] = about.accuracy

    def make(story: Manuscript) -> Edit:
        made = edits.add(story, ("layers",), entry).after
        if step is not None:
            made = edits.show_layer(made, step, layer).after
        return Edit(f"Add layer '{about.title.strip()}'", made)

    return layer if desk.do(make) else None
