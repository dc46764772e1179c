from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap import geodata, geofile
from storymap.geodata import Geodata, GeodataError, bounds, read

TOWNS = gpd.GeoDataFrame(
    {"name": ["Жаңатас", None], "people": [24000, 30000]},
    geometry=[shapely.Point(69.7, 43.6), shapely.Point(70.5, 43.2)],
    crs=4326,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    story = tmp_path / "story"
    (story / "layers").mkdir(parents=True)
    TOWNS.to_file(story / "layers" / "towns.gpkg", layer="towns")
    (story / "towns.geojson").write_text(TOWNS.to_json(drop_id=True), encoding="utf-8")
    (story / "towns.csv").write_text("name;east;north\nЖаңатас;14500000;4827000\n", encoding="utf-8")
    return story


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that a decoder, here or apart, was given."""
    names: list[str] = []

    def noting(real: Callable[..., Geodata]) -> Callable[..., Geodata]:
        def noted(name: str, *rest: Any) -> Geodata:
            names.append(name)
            return real(name, *rest)

        return noted

    for door in ("decode", "read_apart"):
        monkeypatch.setattr(geofile, door, noting(getattr(geofile, door)))
    return names


def test_a_file_of_the_story(folder: Path) -> None:
    result = read(folder, file="towns.geojson")
    assert result.frame["name"].tolist() == ["Жаңатас", None]
    assert shapely.get_coordinates(result.frame.geometry).tolist() == [[69.7, 43.6], [70.5, 43.2]]
    assert result.frame.crs.to_epsg() == 4326
    assert read(folder, file="layers/towns.gpkg", layer="towns").frame.equals(result.frame)


def test_options_reach_the_reader(folder: Path) -> None:
    result = read(folder, file="towns.csv", lon="east", lat="north", crs="EPSG:28414")
    assert shapely.get_coordinates(result.frame.geometry)[0] == pytest.approx([81, 43.57], abs=0.01)


def test_errors_are_one_line_that_names_the_file(folder: Path) -> None:
    with pytest.raises(GeodataError, match=r"^layers/town\.gpkg: no such file .*; did you mean 'towns\.gpkg'\?$"):
        read(folder, file="layers/town.gpkg")
    with pytest.raises(
        GeodataError, match=r"^layers/towns\.gpkg: no layer 'town'; did you mean 'towns'\?; it has: towns$"
    ):
        read(folder, file="layers/towns.gpkg", layer="town")
    with pytest.raises(ValueError, match=r"^\.\./story/towns\.geojson: only files in the story folder"):
        read(folder, file="../story/towns.geojson")


@pytest.mark.parametrize("file", ["towns.geojson", "layers/towns.gpkg"])
def test_a_second_reading_opens_no_source(folder: Path, tmp_path: Path, opened: list[str], file: str) -> None:
    cache = tmp_path / "cache"
    first = read(folder, file=file, cache=cache)
    assert opened == [file]
    second = read(folder, file=file, cache=cache)
    assert opened == [file]
    assert_geodataframe_equal(second.frame, first.frame)
    assert second.notes == first.notes
    assert second.frame["name"].tolist() == ["Жаңатас", None]


def test_the_cache_goes_by_content_and_options_not_by_name_or_time(
    folder: Path, tmp_path: Path, opened: list[str]
) -> None:
    cache, file = tmp_path / "cache", folder / "towns.geojson"
    read(folder, file="towns.geojson", cache=cache)
    (folder / "copy.geojson").write_bytes(file.read_bytes())
    os.utime(file, (1, 1))
    read(folder, file="towns.geojson", cache=cache)
    read(folder, file="copy.geojson", cache=cache)
    assert len(opened) == 1
    read(folder, file="towns.geojson", crs="EPSG:3857", cache=cache)
    assert len(opened) == 2
    times = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("24000", "24001"), encoding="utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert read(folder, file="towns.geojson", cache=cache).frame["people"].tolist() == [24001, 30000]
    assert len(opened) == 3


def test_the_notes_are_kept(folder: Path, tmp_path: Path) -> None:
    bowtie = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    (folder / "bowtie.geojson").write_text(json.dumps(bowtie))
    for _ in range(2):
        result = read(folder, file="bowtie.geojson", cache=tmp_path / "cache")
        assert result.notes == (
            "Repaired, because the outline crosses itself or is otherwise invalid: 1 of 1 features.",
        )


@pytest.mark.parametrize("damage", [b"", b"not a layer", None])
def test_a_damaged_entry_is_read_and_written_anew(
    folder: Path, tmp_path: Path, opened: list[str], damage: bytes | None
) -> None:
    cache = tmp_path / "cache"
    first = read(folder, file="towns.geojson", cache=cache)
    (entry,) = cache.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-1] if damage is None else damage)
    assert_geodataframe_equal(read(folder, file="towns.geojson", cache=cache).frame, first.frame)
    assert len(opened) == 2
    assert entry.read_bytes() == whole
    read(folder, file="towns.geojson", cache=cache)
    assert len(opened) == 2


def test_refusals_are_not_kept(folder: Path, tmp_path: Path) -> None:
    (folder / "bad.geojson").write_text("{}")
    with pytest.raises(GeodataError):
        read(folder, file="bad.geojson", cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_reading_changes_nothing_in_the_folder_and_tells_of_unsaved_changes(folder: Path) -> None:
    """QGIS leaves its edits in a journal beside the file until it is closed."""
    path = folder / "layers" / "towns.gpkg"
    database = sqlite3.connect(path)
    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{trigger}"')
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("UPDATE towns SET people = 1")
    database.commit()
    before = sorted((entry.name, entry.read_bytes()) for entry in path.parent.iterdir())
    result = read(folder, file="layers/towns.gpkg")
    assert sorted((entry.name, entry.read_bytes()) for entry in path.parent.iterdir()) == before
    assert result.frame["people"].tolist() == [24000, 30000]
    assert result.notes == (
        "Changes that another program has not yet saved are missing; close the file there, in QGIS for instance.",
    )
    database.close()
    assert read(folder, file="layers/towns.gpkg").frame["people"].tolist() == [1, 1]


def frame(*wkt: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries.from_wkt(list(wkt), crs=4326))


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        (["POINT (69.7 43.6)"], (69.7, 43.6, 69.7, 43.6)),
        (["POINT (170 1)", "POINT (-170 2)"], (170, 1, -170, 2)),
        (["POINT (139.7 35.7)", "POINT (-74 40.7)"], (139.7, 35.7, -74, 40.7)),  # Tokyo, New York
        (["POINT (37.6 55.8)", "POINT (-74 40.7)"], (-74, 40.7, 37.6, 55.8)),  # Moscow, New York
        (["POINT (-90 0)", "POINT (90 0)"], (-90, 0, 90, 0)),  # either way is as long
        (["MULTILINESTRING ((131.9 43.1, 180 54), (-180 54, -150 61.2))"], (131.9, 43.1, -150, 61.2)),
        (
            ["POLYGON ((27 41, 180 65, 27 81, 27 41))", "POLYGON ((-180 65, -169 66, -180 68, -180 65))"],
            (27, 41, -169, 81),
        ),
        (["POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))"], (-180, -90, 180, 90)),
        (["LINESTRING (-170 0, 10 0)", "LINESTRING (0 0, 175 0)"], (-170, 0, 175, 0)),
        (["LINESTRING (-100 0, 100 0)", "POINT (-50 5)", "POINT (110 5)"], (-100, 0, 110, 5)),
    ],
)
def test_bounds_take_the_short_way(wkt: list[str], expected: tuple[float, ...]) -> None:
    assert bounds(frame(*wkt)) == pytest.approx(expected)
    assert bounds(frame(*reversed(wkt))) == pytest.approx(expected)


def test_bounds_of_nothing() -> None:
    with pytest.raises(ValueError, match="no geometry"):
        bounds(frame())
    assert bounds(frame("POINT EMPTY", "POINT (1 2)")) == (1, 2, 1, 2)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-1800, 1799), st.integers(-900, 900)), min_size=1, max_size=8))
def test_bounds_hold_every_point_and_are_the_narrowest(tenths: list[tuple[int, int]]) -> None:
    points = [(x / 10, y / 10) for x, y in tenths]
    west, south, east, north = bounds(frame(*(f"POINT ({x} {y})" for x, y in points)))
    width = (east - west) % 360
    assert all((x - west) % 360 <= width + 1e-9 for x, _ in points)
    assert (south, north) == (min(y for _, y in points), max(y for _, y in points))
    longitudes = np.array(sorted({x for x, _ in points}))
    gaps = np.diff(np.append(longitudes, longitudes[0] + 360))
    assert width == pytest.approx(360 - gaps.max())


def test_the_public_names() -> None:
    assert set(geodata.__all__) == {"Geodata", "GeodataError", "bounds", "read"}
