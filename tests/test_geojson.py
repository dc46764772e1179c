from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap import geojson
from storymap.geocontent import GeodataError, Raw
from storymap.geojson import chosen_topology, is_topology, read_geojson


def read(document: Any) -> Raw:
    return read_geojson("x.geojson", document if isinstance(document, bytes) else json.dumps(document).encode())


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def point(*coordinates: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(coordinates)}


def test_a_collection_keeps_order_columns_and_values_as_written() -> None:
    raw = read(
        collection(
            feature(point(69.7, 43.6), name="Жаңатас", people=24000, since="1964", open=True),
            feature(None, name="?", share=0.5, tags=["a"]),
        )
    )
    assert raw.columns == {
        "name": ["Жаңатас", "?"],
        "people": [24000, None],
        "since": ["1964", None],
        "open": [True, None],
        "share": [None, 0.5],
        "tags": [None, ["a"]],
    }
    assert raw.geometry[0].equals(shapely.Point(69.7, 43.6))
    assert raw.geometry[1] is None
    assert raw.crs == "EPSG:4326"
    assert raw.notes == ()


def test_ids_of_features_become_a_column_unless_there_is_one() -> None:
    with_id = {**feature(point(1, 2), name="a"), "id": "mine"}
    assert list(read(collection(with_id, feature(point(1, 2)))).columns["id"]) == ["mine", None]
    both = {**feature(point(1, 2), id="property"), "id": "mine"}
    assert list(read(collection(both)).columns["id"]) == ["property"]


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        (point(1, 2, 3), "POINT Z (1 2 3)"),
        (point(1, 2, 3, 4), "POINT Z (1 2 3)"),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, "MULTIPOINT (1 2, 3 4)"),
        ({"type": "LineString", "coordinates": [[1, 2], [3, 4.5]]}, "LINESTRING (1 2, 3 4.5)"),
        ({"type": "LineString", "coordinates": [[1, 2, 9], [3, 4]]}, "LINESTRING (1 2, 3 4)"),
        ({"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]}, "MULTILINESTRING ((1 2, 3 4))"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]], [[4, 1], [5, 1], [5, 2], [4, 1]]]},
            "POLYGON ((0 0, 9 0, 9 9, 0 0), (4 1, 5 1, 5 2, 4 1))",
        ),
        (
            {"type": "MultiPolygon", "coordinates": [[[[0, 0], [9, 0], [9, 9], [0, 0]]]]},
            "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)))",
        ),
        ({"type": "GeometryCollection", "geometries": [point(1, 2)]}, "GEOMETRYCOLLECTION (POINT (1 2))"),
        ({"type": "Polygon", "coordinates": []}, "POLYGON EMPTY"),
        ({"type": "MultiPolygon", "coordinates": []}, "MULTIPOLYGON EMPTY"),
        ({"type": "LineString", "coordinates": []}, "LINESTRING EMPTY"),
        ({"type": "MultiPoint", "coordinates": []}, "MULTIPOINT EMPTY"),
        ({"type": "Point", "coordinates": []}, "POINT EMPTY"),
    ],
)
def test_every_geometry_type(geometry: dict[str, Any], wkt: str) -> None:
    assert read(feature(geometry)).geometry[0].normalize() == shapely.from_wkt(wkt).normalize()
    assert read(geometry).geometry[0].normalize() == shapely.from_wkt(wkt).normalize()


def test_an_open_outline_is_closed_and_told() -> None:
    open_ring = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9]], [[4, 1], [5, 1], [5, 2]]]}
    raw = read(collection(feature(point(1, 2)), feature(open_ring)))
    assert raw.geometry[1].area == pytest.approx(40)
    assert raw.notes == ("Closed, because the outline did not return to its start: feature 2.",)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:EPSG::28414", "EPSG:28414"),
        ("EPSG:3857", "EPSG:3857"),
        ("epsg:3857", "EPSG:3857"),
    ],
)
def test_the_old_crs_member_says_otherwise(name: str, expected: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert read(collection(feature(point(1, 2)), crs=crs)).crs == expected


BAD = {
    "not JSON: Expecting": b'{"type": "FeatureCollection", "features": [',
    "not JSON, its content is XML": b"<OGRVRTDataSource></OGRVRTDataSource>",
    "not UTF-8": '{"type":"Point","coordinates":[1,2],"n":"Жаңатас"}'.encode("utf-16"),
    "has to be an object": b"[1, 2]",
    "its type is 'gdal_streamed_alg'": b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}',
    "it has no type": b"{}",
    "its type is 'Topology'": b'{"type": "Topology"}',
    "has no list of features": b'{"type": "FeatureCollection", "features": {}}',
    "nested too deep": b'{"type":"Point","coordinates":' + b"[" * 100_000,
    "far too long": b'{"type":"Point","coordinates":[' + b"1" * 5000 + b",2]}",
    "its 'crs' 'file:///etc/x' is not understood": json.dumps(
        collection(crs={"type": "name", "properties": {"name": "file:///etc/x"}})
    ).encode(),
    "its 'crs' 'None' is not understood": json.dumps(collection(crs={"type": "link"})).encode(),
    "feature 2: not a GeoJSON Feature": json.dumps(collection(feature(None), {"type": "Point"})).encode(),
}


@pytest.mark.parametrize("reason", BAD)
def test_what_is_not_geojson_is_refused_in_one_line(reason: str) -> None:
    with pytest.raises(GeodataError) as caught:
        read(BAD[reason])
    assert str(caught.value).startswith("x.geojson: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "Circle", "coordinates": [1, 2]}, "'Circle' is not a GeoJSON geometry type"),
        ("POINT (1 2)", "'None' is not a GeoJSON geometry type"),
        ({"type": ["Point"]}, "is not a GeoJSON geometry type"),
        ({"type": "Point"}, "no list of coordinates"),
        (point("69.7", "43.6"), "not a number"),
        (point(1, None), "not a number"),
        (point(1, "x"), "not a number"),
        (point(True, False), "not a number"),
        (point(10**30, 2), "not a number|do not make a Point"),
        (point(10**400, 2), "do not make a Point|not a number"),
        (point(float("nan"), 2), "not a finite number"),
        (point(1, float("inf")), "not a finite number"),
        (point(1), "not a list of two numbers"),
        (point([1, 2]), "not a list of two numbers"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "a line needs two positions"),
        ({"type": "LineString", "coordinates": [1, 2]}, "not a list of two numbers"),
        ({"type": "LineString", "coordinates": [[1, 2], [3]]}, "not a list of two numbers"),
        ({"type": "LineString", "coordinates": [[1, 2], {"x": 3}]}, "not a list of two numbers|not a number"),
        ({"type": "LineString", "coordinates": [[1, 2], [3, float("nan")]]}, "not a finite number"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "three different positions"),
        ({"type": "Polygon", "coordinates": [[0, 0], [1, 1], [2, 2], [0, 0]]}, "not a list of two numbers"),
        ({"type": "Polygon", "coordinates": [0, 0, 1]}, "not nested as deep"),
        ({"type": "MultiPolygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}, "not a list of two numbers"),
        ({"type": "GeometryCollection", "geometries": None}, "a GeometryCollection needs a list"),
    ],
)
def test_what_is_no_geometry_names_the_feature(geometry: Any, reason: str) -> None:
    with pytest.raises(GeodataError, match=rf"^x\.geojson: feature 2: .*({reason})"):
        read(collection(feature(point(1, 2)), feature(geometry)))


def test_collections_do_not_nest_for_ever() -> None:
    nested: dict[str, Any] = point(1, 2)
    for _ in range(30):
        nested = {"type": "GeometryCollection", "geometries": [nested]}
    with pytest.raises(GeodataError, match="feature 1: 'GeometryCollection' is not"):
        read(feature(nested))


def test_properties_have_to_be_an_object() -> None:
    with pytest.raises(GeodataError, match="feature 1: its properties"):
        read({"type": "Feature", "geometry": None, "properties": [1]})


@pytest.mark.parametrize(
    ("limit", "reason"), [("MAX_FEATURES", "2 features"), ("MAX_VERTICES", "4 vertices"), ("MAX_COLUMNS", "2 columns")]
)
def test_limits(limit: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    document = collection(feature(line, a=1, b=2), feature(line, a=1))
    read(document)
    most = {"MAX_FEATURES": 1, "MAX_VERTICES": 3, "MAX_COLUMNS": 1}[limit]
    monkeypatch.setattr(f"storymap.geocontent.{limit}", most)
    monkeypatch.setattr(geojson, "MAX_VERTICES", 3 if limit == "MAX_VERTICES" else 10**6)
    with pytest.raises(GeodataError, match=f"{reason} are more than the {most} a layer may have; "):
        read(document)


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    try:
        read(data)
    except GeodataError as error:
        assert len(str(error).splitlines()) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "a"]), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.sampled_from([*geojson._SHAPES, "GeometryCollection"]), JSON)
def test_any_coordinates_are_read_or_refused_in_one_line(kind: str, coordinates: Any) -> None:
    try:
        raw = read(feature({"type": kind, "coordinates": coordinates, "geometries": coordinates}))
    except GeodataError as error:
        assert "feature 1: " in str(error)
        assert len(str(error).splitlines()) == 1
    else:
        assert isinstance(raw.geometry[0], shapely.Geometry)


def topology(**objects: Any) -> bytes:
    arcs = [[[0, 0], [10, 0], [0, 10]], [[10, 10], [-10, 0], [0, -10]]]
    transform = {"scale": [0.1, 0.1], "translate": [60, 40]}
    # GDAL only knows a TopoJSON whose type comes early
    return json.dumps({"arcs": arcs, "transform": transform, "objects": objects, "type": "Topology"}).encode()


AREA = {"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "a"}}


def test_one_object_of_a_topology_is_chosen() -> None:
    data = topology(areas={"type": "GeometryCollection", "geometries": [AREA]}, one=AREA)
    assert is_topology(data)
    for layer in ("areas", "one"):
        cut, crs = chosen_topology("x.json", data, layer)
        document = json.loads(cut)
        assert next(iter(document)) == "type"
        assert document["objects"] == {"layer": {"type": "GeometryCollection", "geometries": [AREA]}}
        assert document["transform"] == {"scale": [0.1, 0.1], "translate": [60, 40]}
        assert crs == "EPSG:4326"
    with pytest.raises(GeodataError, match=r"it has 2 layers; name one with 'layer': areas, one$"):
        chosen_topology("x.json", data, None)
    with pytest.raises(GeodataError, match=r"no layer 'area'; did you mean 'areas'\?; it has: areas, one$"):
        chosen_topology("x.json", data, "area")


@pytest.mark.parametrize(
    "data", [b"{}", b'{"type":"Topology"}', topology(), topology(a=3), b'{"type":"Topology","objects":{"a":{}}}']
)
def test_what_is_not_topojson_is_refused(data: bytes) -> None:
    with pytest.raises(GeodataError, match=r"^x\.json: not TopoJSON: "):
        chosen_topology("x.json", data, None)
