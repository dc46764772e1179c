"""What is typed in a layer's table: values, places in numbers, rows taken away and rows that are new. No Streamlit.

A new row becomes a feature once it has a place and says how exactly that is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storymap import collection
from storymap.app.editor import feature_edits
from storymap.app.editor.desk import Desk
from storymap.app.editor.feature_names import check_own, check_still_there
from storymap.app.editor.find_place import Hit
from storymap.app.editor.layer_files import Opened, change_data, layer_name, today
from storymap.collection import Features, NotFit

__all__ = ["Places", "Typed", "add_row", "apply", "name_of", "place_of", "places_of", "typed"]

NOTE = "Values corrected by hand."
PLACED = "Places corrected by hand."
BY_HAND = "typed in the table"


@dataclass(frozen=True)
class Places:
    """The columns of a table in which places are typed, and the longitude and latitude (EPSG:4326) that stand there."""

    lon: str
    lat: str
    known: tuple[tuple[float, float] | None, ...]


@dataclass(frozen=True)
class Typed:
    """What a table reports: rows taken away, row → column → value, row → place, and rows that are new."""

    gone: tuple[int, ...]
    cells: Mapping[int, Mapping[str, Any]]
    moves: Mapping[int, tuple[float | None, float | None]]
    new: tuple[dict[str, Any], ...]

    @property
    def changes(self) -> bool:
        """Whether rows that were there are other ones now."""
        return bool(self.gone or self.cells or self.moves)


def places_of(features: Features) -> Places | None:
    """The columns for places; None for a layer without points, whose shapes are drawn."""
    known: list[tuple[float, float] | None] = []
    for feature in features:
        geometry = feature.get("geometry") or {}
        point = geometry.get("type") == "Point"
        known.append((float(geometry["coordinates"][0]), float(geometry["coordinates"][1])) if point else None)
    if not any(known):
        return None
    columns = collection.columns_of(features)
    lon, lat = "Longitude", "Latitude"
    while lon in columns or lat in columns:
        lon, lat = f"{lon} of the place", f"{lat} of the place"
    return Places(lon, lat, tuple(known))


def typed(said: Mapping[str, Any], places: Places | None = None) -> Typed:
    """What the table reports as ``edited_rows``, ``deleted_rows`` and ``added_rows``."""
    gone = tuple(int(row) for row in said.get("deleted_rows") or ())
    cells, moves = {}, {}
    for row, values in (said.get("edited_rows") or {}).items():
        at, plain = int(row), dict(values)
        if at in gone:
            continue
        if places is not None and {places.lon, places.lat} & plain.keys():
            lon, lat = places.known[at] or (None, None)
            moves[at] = plain.pop(places.lon, lon), plain.pop(places.lat, lat)
        if plain:
            cells[at] = plain
    rows = (dict(row) for row in said.get("added_rows") or ())
    new = tuple(row for row in rows if any(_is_said(value) for value in row.values()))
    return Typed(gone, cells, moves, new)


def _is_said(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def apply(desk: Desk, layer: str, opened: Opened, entered: Typed) -> bool:
    """Makes the changes of rows that were there, as one edit. What does not fit is told."""
    about = {"method": "moved by hand", "found": today()}

    def change(old: Features) -> Features:
        made = collection.with_cells(old, entered.cells)
        for row, values in entered.cells.items():
            check_own(desk, opened, row, values)
        for row, (lon, lat) in entered.moves.items():
            made = collection.moved(made, row, *_degrees(lon, lat, f"row {row + 1}: "), about)
        made = collection.without(made, entered.gone) if entered.gone else made
        check_still_there(desk, opened, made)
        return made

    moved_only = bool(entered.moves) and not entered.cells and not entered.gone
    return change_data(desk, opened, change, _sentence(desk, layer, opened, entered), PLACED if moved_only else NOTE)


def _degrees(lon: Any, lat: Any, where: str = "") -> tuple[float, float]:
    try:
        east, north = float(lon), float(lat)
    except (TypeError, ValueError):
        raise NotFit(f"{where}a place has a longitude and a latitude") from None
    if not (-180 <= east <= 180 and -90 <= north <= 90):
        raise NotFit(f"{where}a longitude lies from -180 to 180, a latitude from -90 to 90")
    return east, north


def _sentence(desk: Desk, layer: str, opened: Opened, entered: Typed) -> str:
    title = layer_name(desk.get(("layers", layer), {}))
    if entered.gone:
        names = [feature_edits.feature_name(desk, layer, opened.features, row) for row in entered.gone]
        return f"Delete {_listed(names)} of layer '{title}'"
    if entered.moves and not entered.cells:
        return (
            f"Move {_listed([feature_edits.feature_name(desk, layer, opened.features, row) for row in entered.moves])}"
        )
    columns = list(dict.fromkeys(column for values in entered.cells.values() for column in values))
    if len(columns) == 1 and not entered.moves:
        return f"Change '{columns[0]}' in layer '{title}'"
    return f"Change values in layer '{title}'"


def _listed(names: Sequence[str]) -> str:
    return f"'{names[0]}'" if len(names) == 1 else f"{len(names)} features"


def name_of(desk: Desk, layer: str, features: Features, row: Mapping[str, Any]) -> str:
    """What a new row is called; nothing when it has no name."""
    found = (row.get(column) for column in (feature_edits.name_column(desk, layer, features), "name"))
    return next((str(value).strip() for value in found if _is_said(value)), "")


def place_of(row: Mapping[str, Any], places: Places) -> tuple[float, float] | None:
    """The longitude and latitude that were typed in a new row; None when neither was. Raises `NotFit`."""
    said = row.get(places.lon), row.get(places.lat)
    return _degrees(*said) if any(map(_is_said, said)) else None


def add_row(
    desk: Desk, layer: str, opened: Opened, row: Mapping[str, Any], place: tuple[float, float] | Hit, km: float,
    places: Places,
) -> bool:  # fmt: skip
    """Makes a feature of a new row, as one edit; ``place``: as it was typed, or found by its name. What does not fit is
    told."""
    name = name_of(desk, layer, opened.features, row)
    how: dict[str, Any] = {"method": BY_HAND, "found": today()}
    credit = ""
    if isinstance(place, Hit):
        how = {"method": place.method, "query": name, "found": place.found}
        credit, at = place.credit, (place.lon, place.lat)
    else:
        at = place
    try:
        values = {
            column: collection.entered(value, collection.kind_of(opened.features, column))
            for column, value in row.items()
            if column not in (places.lon, places.lat) and _is_said(value)
        }
        check_own(desk, opened, None, values)
    except NotFit as error:
        desk.tell(f"Not added: {error}.", "error")
        return False
    geometry = {"type": "Point", "coordinates": list(at)}
    said = {**how, **values}
    return feature_edits.add_feature(desk, layer, geometry, said, km, credit, called=name) is not None
