from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap.geocontent import GeodataError, Raw
from storymap.georepair import Geodata, repair


def mercator(lon: float, lat: float) -> str:
    """Web Mercator by its formula, in metres."""
    return f"POINT ({6378137 * math.radians(lon)} {6378137 * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))})"


ZHANATAS = mercator(69.7, 43.6)
BOWTIE = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"


def made(*wkt: str | None, crs: str | None = "EPSG:4326", stated: str | None = None, **columns: list[Any]) -> Geodata:
    shapes = np.array([None if text is None else shapely.from_wkt(text) for text in wkt], dtype=object)
    return repair("x.gpkg", Raw(shapes, columns, crs), stated)


def texts(geodata: Geodata) -> list[str]:
    return [shapely.to_wkt(shape, rounding_precision=6) for shape in geodata.frame.geometry]


def test_sound_data_passes_unchanged_and_without_a_note() -> None:
    result = made("POINT (69.7 43.6)", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 1 0, 1 1, 0 0))", name=["a", "b", "c"])
    assert texts(result) == ["POINT (69.7 43.6)", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 1 0, 1 1, 0 0))"]
    assert result.notes == ()
    assert result.frame.crs.to_epsg() == 4326
    assert list(result.frame["name"]) == ["a", "b", "c"]


def test_missing_and_empty_geometries_go_with_their_values_and_are_told() -> None:
    result = made(None, "POINT (1 2)", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY", "POINT (3 4)", n=[1, 2, 3, 4, 5])
    assert list(result.frame["n"]) == [2, 5]
    assert list(result.frame.index) == [0, 1]
    assert result.notes == ("Left out, because they have no geometry: 3 of 5 features (1, 3, 4).",)
    with pytest.raises(GeodataError, match=r"^x\.gpkg: it has no geometries to show$"):
        made(None, "POINT EMPTY")
    with pytest.raises(GeodataError, match="no geometries"):
        made()


def test_heights_and_measures_are_flattened_and_told() -> None:
    result = made("POINT Z (1 2 3)", "LINESTRING M (0 0 5, 1 1 6)", "POINT Z (1 2 0)")
    assert not shapely.has_z(result.frame.geometry).any()
    assert texts(result) == ["POINT (1 2)", "LINESTRING (0 0, 1 1)", "POINT (1 2)"]
    assert result.notes == ("Flattened, because a map has no heights: 2 of 3 features (1, 2).",)


def test_invalid_areas_are_repaired_and_told() -> None:
    result = made("POINT (1 2)", BOWTIE, n=[1, 2])
    assert result.frame.geometry.is_valid.all()
    assert result.frame.geometry[1].area == pytest.approx(2)
    assert result.frame.geometry[1].geom_type == "MultiPolygon"
    assert result.notes == (
        "Repaired, because the outline crosses itself or is otherwise invalid: 1 of 2 features (2).",
    )


def test_what_collapses_in_the_repair_is_left_out_and_told() -> None:
    result = made("POINT (1 2)", "POLYGON ((0 0, 1 1, 2 2, 0 0))", "LINESTRING (5 5, 5 5)", n=[1, 2, 3])
    assert list(result.frame["n"]) == [1]
    assert result.notes == ("Left out, because nothing remains of so small or flat a shape: 2 of 3 features (2, 3).",)


def test_collections_become_what_has_the_highest_dimension() -> None:
    result = made(
        "GEOMETRYCOLLECTION (POINT (9 9), POLYGON ((0 0, 1 0, 1 1, 0 0)), LINESTRING (0 0, 1 1))",
        "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1)), MULTILINESTRING ((2 2, 3 3), (4 4, 5 5)))",
        "GEOMETRYCOLLECTION (POINT (1 2), POLYGON EMPTY)",
    )
    assert texts(result) == [
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
        "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3), (4 4, 5 5))",
        "POINT (1 2)",
    ]
    assert result.notes == ("Kept only the areas, or else the lines, of a mixed geometry: 1 of 3 features (1).",)


def test_the_antimeridian_is_cut_before_the_repair() -> None:
    result = made("LINESTRING (131.9 43.1, -150 61.2)", "POLYGON ((170 60, -170 60, -170 50, 170 50, 170 60))")
    west, east = result.frame.geometry[0].geoms
    assert west.coords[-1][0] == 180
    assert east.coords[0][0] == -180
    assert result.frame.geometry[1].area == pytest.approx(200)
    assert result.notes == ("Cut at the 180° meridian, which they cross: 2 of 2 features.",)
    bowtie = made("POLYGON ((170 50, -170 60, -170 50, 170 60, 170 50))").frame.geometry[0]
    assert bowtie.is_valid
    assert bowtie.area == pytest.approx(100)


def test_coordinates_are_converted_from_the_files_crs() -> None:
    assert texts(made(ZHANATAS, crs="EPSG:3857")) == ["POINT (69.7 43.6)"]
    zone_14 = made("POINT (14500000 4827000)", crs="EPSG:28414").frame.geometry[0]
    assert (zone_14.x, zone_14.y) == pytest.approx((81, 43.57), abs=0.01)
    pulkovo = made("POINT (69.7 43.6)", crs="EPSG:4284").frame.geometry[0]
    assert 0.0001 < pulkovo.distance(shapely.Point(69.7, 43.6)) < 0.01  # another datum, some 100 m


def test_an_axis_order_of_lat_lon_changes_nothing() -> None:
    assert texts(made("POINT (69.7 43.6)", crs="OGC:CRS84")) == ["POINT (69.7 43.6)"]
    assert texts(made("POINT (69.7 43.6)", crs="EPSG:4326")) == ["POINT (69.7 43.6)"]


def test_a_stated_crs_goes_first_and_a_contradiction_is_told() -> None:
    assert made("POINT (69.7 43.6)", crs=None, stated="EPSG:4326").notes == ()
    result = made(ZHANATAS, crs="EPSG:4326", stated="epsg:3857")
    assert texts(result) == ["POINT (69.7 43.6)"]
    assert result.notes == ("Read as epsg:3857, as the source says; the file itself says WGS 84.",)
    assert texts(made("POINT (1 2)", crs="nonsense", stated="EPSG:4326")) == ["POINT (1 2)"]


@pytest.mark.parametrize(
    ("crs", "stated", "reason"),
    [
        (
            None,
            None,
            r"it does not say its CRS \(its coordinates run from 1, 2 to 1, 2\); state it in .* 'crs: EPSG:28414'$",
        ),
        ('LOCAL_CS["x"]', None, "does not place it on the Earth|is not known"),
        ("nonsense", None, "its CRS is not known"),
        ("EPSG:4978", None, "does not place it on the Earth's surface"),
        (None, "EPSG:999999", "crs 'EPSG:999999' does not exist"),
        (None, "/etc/passwd", "crs '/etc/passwd' is not a code"),
        (None, "+proj=longlat +nadgrids=/etc/passwd", "is not a code"),
        (None, "+init=/srv/x:1", "is not a code"),
        (None, "WGS 84", "is not a code"),
    ],
)
def test_a_crs_that_is_missing_or_unknown_is_refused(crs: str | None, stated: str | None, reason: str) -> None:
    with pytest.raises(GeodataError, match=reason):
        made("POINT (1 2)", crs=crs, stated=stated)


def test_nothing_left_is_no_layer() -> None:
    with pytest.raises(GeodataError, match="nothing remains of its geometries"):
        made("LINESTRING (5 5, 5 5)")


@pytest.mark.parametrize(
    ("wkt", "crs", "reason"),
    [
        (ZHANATAS, "EPSG:4326", "looks like metres; state it in the layer's source"),
        ("POINT (43.6 169.7)", "EPSG:4326", "looks like swapped lat/lon"),
        ("POINT (10 91)", "EPSG:4326", "10, 91 is not on the Earth"),
        ("POINT (200 10)", "EPSG:4326", "looks like longitudes from 0 to 360"),
        ("POINT (-190 10)", "EPSG:4326", "-190, 10 is not on the Earth; longitude is -180 to 180"),
        ("LINESTRING (190 0, 200 10)", "EPSG:4326", "looks like longitudes from 0 to 360"),
        ("LINESTRING (0 0, 1e300 10)", "EPSG:4326", "looks like metres"),
        ("POINT (169.7 91)", "EPSG:4284", "Pulkovo 1942"),
        ("POINT (1e30 1e30)", "EPSG:3857", "it lies outside the area of WGS 84 / Pseudo-Mercator"),
        ("POINT (1e12 1e12)", "EPSG:28414", "it lies outside the area of Pulkovo 1942"),
    ],
)
def test_coordinates_that_are_not_on_the_earth_name_the_feature(wkt: str, crs: str, reason: str) -> None:
    with pytest.raises(GeodataError, match=rf"^x\.gpkg: feature 2: .*{reason}"):
        made("POINT (0 0)", wkt, crs=crs)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_coordinates_that_are_not_finite_name_the_feature(bad: float) -> None:
    line = shapely.linestrings([[0, 0], [1, bad]], handle_nan="allow")
    with pytest.raises(GeodataError, match=r"^x\.gpkg: feature 3: a coordinate is not a finite number$"):
        repair("x.gpkg", Raw(np.array([None, shapely.Point(1, 2), line], dtype=object), {}, "EPSG:4326"))


def test_the_numbers_of_features_count_those_left_out() -> None:
    with pytest.raises(GeodataError, match="feature 3: 500, 0 is not on the Earth"):
        made(None, "POINT (1 2)", "POINT (500 0)")


def test_noise_beyond_the_edge_is_put_onto_it() -> None:
    result = made("LINESTRING (170 90.0000000001, 180.0000000001 80)", "POINT (-180.0000000001 -90.0000000001)")
    assert texts(result) == ["LINESTRING (170 90, 180 80)", "POINT (-180 -90)"]
    assert result.notes == ()


def test_values_become_fit_for_json() -> None:
    result = made(
        *["POINT (1 2)"] * 3,
        whole=[1, 2, 3],
        gaps=[1, None, 3],
        real=[1, 2.5, 3],
        flag=[True, False, True],
        nan=np.array([1.5, math.nan, math.inf]),
        nullable=pd.array([1, None, 3], dtype="Int64"),
        text=["a", None, float("nan")],
        mixed=[1, "a", None],
        day=[dt.date(1964, 11, 2), None, dt.datetime(1964, 11, 2, 10, tzinfo=dt.UTC)],
        stamp=[pd.Timestamp("1964-11-02T10:00"), pd.NaT, None],
        nested=[["Жаңатас", 1], {"a": None}, None],
        other=[1j, b"x", dt.time(10, 30)],
        huge=[2**70, 1, 2],
        geometry=["a", "b", "c"],
    )
    frame = result.frame
    assert {key: str(frame[key].dtype) for key in ("whole", "real", "flag", "gaps", "text", "huge")} == {
        "whole": "int64",
        "real": "float64",
        "flag": "bool",
        "gaps": "object",
        "text": "object",
        "huge": "object",
    }
    assert frame["gaps"].tolist() == frame["nullable"].tolist() == [1, None, 3]
    assert [type(value) for value in frame["gaps"]] == [int, type(None), int]
    assert frame["nan"].tolist() == [1.5, None, None]
    assert frame["text"].tolist() == ["a", None, None]
    assert frame["mixed"].tolist() == [1, "a", None]
    assert frame["day"].tolist() == ["1964-11-02", None, "1964-11-02T10:00:00+00:00"]
    assert frame["stamp"].tolist() == ["1964-11-02T10:00:00", None, None]
    assert frame["nested"].tolist() == ['["Жаңатас", 1]', '{"a": null}', None]
    assert frame["other"].tolist() == ["1j", "b'x'", "10:30:00"]
    assert frame["geometry_"].tolist() == ["a", "b", "c"]
    json.dumps([frame[key].tolist() for key in frame.columns.drop("geometry")], allow_nan=False)


def test_halves_of_characters_are_replaced() -> None:
    frame = made("POINT (1 2)", **{"na\ud800me": ["a\udfff"], "more": [["\ud800"]]}).frame
    assert frame["na?me"].tolist() == ["a?"]
    assert frame["more"].tolist() == ['["?"]']


def test_a_text_that_is_far_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storymap.georepair.MAX_TEXT", 5)
    with pytest.raises(GeodataError, match="feature 3: the text in column 'name' has 6 characters"):
        made(None, "POINT (1 2)", "POINT (1 2)", name=["abcdefg", "abcde", "abcdef"])


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storymap.geocontent.MAX_VERTICES", 3)
    made("LINESTRING (0 0, 1 1)", "POINT (1 2)")
    with pytest.raises(GeodataError, match="4 vertices are more than the 3"):
        made("LINESTRING (0 0, 1 1)", "LINESTRING (0 0, 1 1)")


degrees = st.floats(-200, 200, width=32)
paths = st.lists(st.tuples(degrees, degrees | st.just(math.nan)), min_size=2, max_size=8)
rings = st.lists(st.tuples(degrees, degrees), min_size=4, max_size=8).map(lambda points: [*points, points[0]])


@settings(deadline=None)
@given(st.lists(st.builds(shapely.Polygon, rings) | st.builds(shapely.LineString, paths), min_size=1, max_size=4))
def test_whatever_comes_out_is_fit_for_a_map(shapes: list[Any]) -> None:
    try:
        result = repair("x.gpkg", Raw(np.array(shapes, dtype=object), {"n": range(len(shapes))}, "EPSG:4326"))
    except GeodataError as error:
        assert len(str(error).splitlines()) == 1
        return
    geometry = result.frame.geometry
    assert geometry.is_valid.all()
    assert not geometry.is_empty.any()
    assert not geometry.has_z.any()
    west, south, east, north = geometry.total_bounds
    assert west >= -180 and east <= 180 and south >= -90 and north <= 90
    for at, shape in zip(result.frame["n"], geometry, strict=True):
        assert shapely.get_dimensions(shape) == shapely.get_dimensions(shapes[at])
