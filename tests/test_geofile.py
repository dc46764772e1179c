"""Every format, the traps that hide in files, and the process that reads them."""

from __future__ import annotations

import http.server
import io
import json
import os
import sqlite3
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storymap import geochild, geofile
from storymap.geocontent import FORMATS, GeodataError, Options, check_content
from storymap.geofile import contents, decode, locate, read_bytes, read_upload
from storymap.georepair import Geodata

PLACES = gpd.GeoDataFrame(
    {"name": ["Жаңатас", "Қаратау"], "people": [24000, 30000], "share": [0.5, None], "since": ["1964-11-02", None]},
    geometry=[shapely.Point(69.7, 43.6), shapely.Point(70.5, 43.2)],
    crs=4326,
)
AREAS = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(69, 43, 70, 44)], crs=4326)


def written(folder: Path, name: str, frame: gpd.GeoDataFrame = PLACES, **options: Any) -> bytes:
    path = folder / name
    frame.to_file(path, **options)
    return path.read_bytes()


def zipped(
    folder: Path, frame: gpd.GeoDataFrame = PLACES, stem: str = "places", without: str = "", **options: Any
) -> bytes:
    """A zipped Shapefile."""
    frame.to_file(folder / f"{stem}.shp", **options)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in ("shp", "shx", "dbf", "prj", "cpg"):
            if suffix not in without.split():
                archive.write(folder / f"{stem}.{suffix}", f"inner/{stem}.{suffix}")
    return buffer.getvalue()


def archive(**members: bytes | str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


def parquet(frame: gpd.GeoDataFrame = PLACES, **options: Any) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, **options)
    return buffer.getvalue()


def topojson() -> bytes:
    point = {"type": "Point", "coordinates": [97, 36], "properties": {"name": "Жаңатас"}, "id": 7}
    line = {"type": "LineString", "arcs": [0], "properties": {"n": 1}}
    document = {
        "objects": {"places": {"type": "GeometryCollection", "geometries": [point]}, "rails": line},
        "arcs": [[[97, 36], [17, -6]]],
        "transform": {"scale": [0.1, 0.1], "translate": [60, 40]},
        "type": "Topology",
    }
    return json.dumps(document).encode()


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>"""
PLACEMARK = "<Placemark><name>Жаңатас</name><Point><coordinates>69.7,43.6,400</coordinates></Point></Placemark>"
GPX = """<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>"""
WAYPOINT = '<wpt lat="43.6" lon="69.7"><ele>400</ele><time>2021-03-17T10:00:00Z</time><name>Жаңатас</name></wpt>'
TRACK = '<trk><name>t</name><trkseg><trkpt lat="43" lon="69"/><trkpt lat="44" lon="70"/></trkseg></trk>'


def read(name: str, data: bytes | str, **options: str) -> Geodata:
    """In this process, which the tests started guarded; what the formats have in common is tested apart below."""
    return decode(name, data if isinstance(data, bytes) else data.encode(), Options(**options))


def refused(name: str, data: bytes | str, **options: str) -> str:
    with pytest.raises(GeodataError) as caught:
        read(name, data, **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{name}: ")
    return str(caught.value)


# --- formats ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same two places in every format that can hold them."""
    folder = tmp_path_factory.mktemp("samples")
    table = "name;people;share;since;lon;lat\nЖаңатас;24000;0.5;1964-11-02;69.7;43.6\nҚаратау;30000;;;70.5;43.2\n"
    return {
        "places.geojson": PLACES.to_json().encode(),
        "places.json": PLACES.to_json().encode(),
        "places.gpkg": written(folder, "places.gpkg"),
        "places.fgb": written(folder, "places.fgb", SPATIAL_INDEX="NO"),
        "places.zip": zipped(folder, encoding="utf-8"),
        "places.kml": written(folder, "places.kml", driver="LIBKML"),
        "places.parquet": parquet(),
        "places.geoparquet": parquet(geometry_encoding="geoarrow"),
        "places.csv": table.encode(),
        "places.tsv": table.replace(";", "\t").encode(),
    }


@pytest.mark.parametrize("suffix", [suffix for suffix in FORMATS if suffix not in {".topojson", ".gpx"}])
def test_every_format_gives_the_same_layer(samples: dict[str, bytes], suffix: str) -> None:
    result = read(f"places{suffix}", samples[f"places{suffix}"])
    frame = result.frame
    assert shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=9).tolist() == [
        "POINT (69.7 43.6)",
        "POINT (70.5 43.2)",
    ]
    assert frame["name" if "name" in frame else "Name"].tolist() == ["Жаңатас", "Қаратау"]
    assert frame["people"].tolist() == [24000, 30000]
    assert frame["people"].dtype == "int64"
    assert frame["share"].tolist() == [0.5, None]
    assert frame["since"].tolist() == ["1964-11-02", None]
    assert frame.crs.to_epsg() == 4326
    assert result.notes == ()


def test_topojson_objects_are_layers() -> None:
    for name in ("x.topojson", "x.json"):
        places = read(name, topojson(), layer="places").frame
        assert shapely.to_wkt(places.geometry[0], rounding_precision=6) == "POINT (69.7 43.6)"
        assert places["name"].tolist() == ["Жаңатас"]
        rails = read(name, topojson(), layer="rails").frame
        assert shapely.to_wkt(rails.geometry[0], rounding_precision=6) == "LINESTRING (69.7 43.6, 71.4 43)"
        assert "2 layers; name one with 'layer': places, rails" in refused(name, topojson())


def test_geopackage_layers_are_named(tmp_path: Path) -> None:
    written(tmp_path, "x.gpkg", layer="places")
    data = written(tmp_path, "x.gpkg", AREAS, layer="areas")
    assert len(read("x.gpkg", data, layer="places").frame) == 2
    assert read("x.gpkg", data, layer="areas").frame["name"].tolist() == ["a"]
    assert refused("x.gpkg", data) == "x.gpkg: it has 2 layers; name one with 'layer': places, areas"
    assert "no layer 'area'; did you mean 'areas'?; it has: places, areas" in refused("x.gpkg", data, layer="area")


def test_tables_without_geometry_and_empty_layers_do_not_count(tmp_path: Path) -> None:
    written(tmp_path, "x.gpkg", layer="places")
    written(tmp_path, "x.gpkg", AREAS.iloc[:0], layer="empty")
    pyogrio.write_dataframe(AREAS.drop(columns="geometry"), tmp_path / "x.gpkg", layer="table")
    data = (tmp_path / "x.gpkg").read_bytes()
    assert len(read("x.gpkg", data).frame) == 2
    assert "no geometries to show" in refused("x.gpkg", data, layer="empty")


def test_a_zip_with_several_shapefiles_names_them(tmp_path: Path) -> None:
    one, two = zipped(tmp_path), zipped(tmp_path, AREAS, "areas")
    buffer = io.BytesIO(one)
    with zipfile.ZipFile(buffer, "a") as both, zipfile.ZipFile(io.BytesIO(two)) as other:
        for member in other.namelist():
            both.writestr(member, other.read(member))
        both.writestr("__MACOSX/._areas.shp", b"x")
    data = buffer.getvalue()
    assert read("x.zip", data, layer="areas").frame["name"].tolist() == ["a"]
    assert refused("x.zip", data) == "x.zip: it has 2 layers; name one with 'layer': areas, places"


@pytest.mark.parametrize(
    ("encoding", "header", "text", "noted"),
    [
        ("cp1251", 0, "Жанатас", "cp1251"),
        ("cp1251", 0xC9, "Жанатас", None),  # the header can name Windows-1251
        ("cp1252", 0, "Besançon", "cp1252"),
        ("utf-8", 0, "Жаңатас", None),
    ],
)
def test_a_shapefile_without_encoding(tmp_path: Path, encoding: str, header: int, text: str, noted: str | None) -> None:
    frame = gpd.GeoDataFrame({"name": [text]}, geometry=[shapely.Point(1, 2)], crs=4326)
    with zipfile.ZipFile(io.BytesIO(zipped(tmp_path, frame, without="cpg", encoding=encoding))) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    dbf = bytearray(parts["inner/places.dbf"])
    dbf[29] = header
    result = read("x.zip", archive(**{**parts, "inner/places.dbf": bytes(dbf)}))
    assert result.frame["name"].tolist() == [text]
    assert [f"read as {noted}." in note for note in result.notes] == [True] * (noted is not None)


def test_a_projected_shapefile_is_converted_and_one_without_crs_asks(tmp_path: Path) -> None:
    zone = PLACES.to_crs(28414)
    frame = read("x.zip", zipped(tmp_path, zone, encoding="utf-8")).frame
    assert frame.geometry.geom_equals_exact(PLACES.geometry, 1e-6).all()
    without = zipped(tmp_path, zone, without="prj", encoding="utf-8")
    assert "it does not say its CRS" in refused("x.zip", without)
    stated = read("x.zip", without, crs="EPSG:28414").frame
    assert stated.geometry.geom_equals_exact(PLACES.geometry, 1e-6).all()


def test_kml_folders_are_layers_and_its_noise_is_left_out() -> None:
    one = KML.format(f"<Folder><name>towns</name>{PLACEMARK}</Folder>")
    result = read("x.kml", one)
    assert set(result.frame.columns) == {"Name", "geometry"}
    assert result.notes == ("Flattened, because a map has no heights: 1 of 1 features.",)
    two = KML.format(f"<Folder><name>towns</name>{PLACEMARK}</Folder><Folder><name>mines</name>{PLACEMARK}</Folder>")
    assert refused("x.kml", two) == "x.kml: it has 2 layers; name one with 'layer': towns, mines"
    assert len(read("x.kml", two, layer="mines").frame) == 1


def test_gpx_takes_what_is_there() -> None:
    waypoints = read("x.gpx", GPX.format(WAYPOINT)).frame
    assert waypoints["name"].tolist() == ["Жаңатас"]
    assert waypoints["time"].tolist() == ["2021-03-17T10:00:00Z"]
    assert set(waypoints.columns) == {"ele", "time", "name", "geometry"}
    track = read("x.gpx", GPX.format(TRACK)).frame
    assert shapely.get_coordinates(track.geometry[0]).tolist() == [[69, 43], [70, 44]]
    assert "it has 2 layers; name one with 'layer': waypoints, tracks" in refused("x.gpx", GPX.format(WAYPOINT + TRACK))
    assert len(read("x.gpx", GPX.format(WAYPOINT + TRACK), layer="track_points").frame) == 2
    assert "no geometries" in refused("x.gpx", GPX.format(""))


def test_times_are_iso_texts_and_midnights_days(tmp_path: Path) -> None:
    frame = PLACES[["geometry"]].assign(
        at=["2021-03-17T10:30:00+05:00", None], day=["1964-11-02T00:00:00", "1500-01-01T00:00:00"]
    )
    frame["at"] = gpd.pd.to_datetime(frame["at"])
    frame["day"] = gpd.pd.to_datetime(frame["day"]).astype("datetime64[ms]")
    for name, data in {"x.gpkg": written(tmp_path, "x.gpkg", frame), "x.parquet": parquet(frame)}.items():
        read_back = read(name, data).frame
        assert read_back["at"].tolist() == ["2021-03-17T10:30:00+05:00", None]
        assert read_back["day"].tolist() == ["1964-11-02", "1500-01-01"]


def test_arcs_in_a_geopackage_become_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    straight = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    written(tmp_path, "x.gpkg", straight, layer="x")
    with sqlite3.connect(path) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        arc = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
        database.execute("UPDATE x SET geom = ?", (b"GP\x00\x01" + struct.pack("<i", 4326) + arc,))
        database.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'CIRCULARSTRING'")
    database.close()
    line = read("x.gpkg", path.read_bytes()).frame.geometry[0]
    assert line.geom_type == "LineString"
    assert line.length == pytest.approx(3.14159, abs=0.01)


def test_parquet_leaves_out_what_is_no_value(tmp_path: Path) -> None:
    frame = PLACES.assign(photo=[b"\xff\xd8", None], tags=[["a"], None], other=PLACES.geometry)
    result = read("x.parquet", parquet(frame))
    assert result.frame.columns.tolist() == ["name", "people", "share", "since", "tags", "geometry"]
    assert result.frame["tags"].tolist() == ['["a"]', None]
    assert result.notes == (
        "Left out, because a layer has one geometry column: other.",
        "Left out, because they are no text, number or date: photo.",
    )


def test_parquet_without_geometry_or_crs_is_refused() -> None:
    plain = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), plain)
    assert "the 'geo' entry of GeoParquet is missing" in refused("x.parquet", plain.getvalue())
    assert "it does not say its CRS" in refused("x.parquet", parquet(PLACES.set_crs(None, allow_override=True)))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(-1700, 1700), st.integers(-800, 800), st.integers(1, 90)), min_size=1, max_size=6)
)
def test_areas_are_the_same_out_of_every_format(tmp_path: Path, boxes: list[tuple[int, int, int]]) -> None:
    shapes = [shapely.box(x / 10, y / 10, (x + size) / 10, (y + size) / 10) for x, y, size in boxes]
    frame = gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=4326)
    for path in tmp_path.iterdir():
        path.unlink()
    formats = {
        "x.geojson": frame.to_json().encode(),
        "x.gpkg": written(tmp_path, "x.gpkg", frame),
        "x.fgb": written(tmp_path, "x.fgb", frame),
        "x.zip": zipped(tmp_path, frame),
        "x.kml": written(tmp_path, "x.kml", frame, driver="LIBKML"),
        "x.parquet": parquet(frame),
    }
    for name, data in formats.items():
        result = read(name, data)
        assert result.notes == ()
        back = result.frame.sort_values("n", ignore_index=True)
        assert [a.normalize().equals_exact(b.normalize(), 1e-9) for a, b in zip(back.geometry, shapes, strict=True)], (
            name
        )
        assert all(a.equals(b) for a, b in zip(back.geometry, shapes, strict=True)), name


# --- content against suffix ---------------------------------------------------------------------------------------

VRT = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
WFS = b"<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>"
GDALG = b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/passwd"}'


@pytest.mark.parametrize("content", [VRT, WFS, GDALG], ids=["vrt", "wfs", "gdalg"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_indirect_files_are_refused_under_any_suffix(suffix: str, content: bytes) -> None:
    assert "root:" not in refused(f"x{suffix}", content)


@pytest.mark.parametrize("suffix", FORMATS)
def test_empty_and_cut_off_files_are_refused(samples: dict[str, bytes], suffix: str) -> None:
    assert refused(f"x{suffix}", b"") == f"x{suffix}: the file is empty"
    whole = samples.get(f"places{suffix}", topojson() if "json" in suffix else GPX.format(WAYPOINT).encode())
    if suffix not in {".csv", ".tsv"}:  # half a table is a table
        refused(f"x{suffix}", whole[: len(whole) // 2])


@pytest.mark.parametrize("suffix", ["kml", "gpx"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_in_any_encoding(suffix: str, encoding: str) -> None:
    whole = {"kml": KML.format(PLACEMARK), "gpx": GPX.format(WAYPOINT)}[suffix]
    trap = whole.replace("?>", f'?><!DOCTYPE {suffix} [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 1)
    trap = trap.replace("UTF-8", "UTF-16") if encoding == "utf-16" else trap
    assert "it has a DOCTYPE" in refused(f"x.{suffix}", trap.encode(encoding))
    described = whole.replace("<name>Жаңатас", "<name><![CDATA[<!DOCTYPE html>Жаңатас]]>")
    assert len(read(f"x.{suffix}", described).frame) == 1  # as text it is harmless


def test_xml_has_to_be_whole_of_its_kind_and_flat() -> None:
    assert "its first element is <svg>" in refused("x.kml", "<svg/>")
    assert "its first element is <kml>" in refused("x.gpx", KML.format(PLACEMARK))
    assert "not well-formed XML (mismatched tag: line 2, column 2)" in refused("x.kml", "<kml>\n</Document></kml>")
    assert "not well-formed" in refused("x.kml", b"\xff\xfe\x00")
    deep = KML.format("<Folder>" * 5000 + PLACEMARK + "</Folder>" * 5000)
    assert "nested more than 100 deep" in refused("x.kml", deep)


def test_xinclude_and_links_read_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.kml").write_text(KML.format(PLACEMARK.replace("Жаңатас", "secret")))
    link = f"<NetworkLink><Link><href>{tmp_path}/secret.kml</href></Link></NetworkLink>"
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{tmp_path}/secret.kml"/>'
    frame = read("x.kml", KML.format(PLACEMARK + link + include)).frame
    assert frame["Name"].tolist() == ["Жаңатас"]


def traps() -> dict[str, tuple[bytes, str]]:
    many = archive(**{f"{at}.txt": "" for at in range(201)})
    encrypted = bytearray(archive(**{"a.shp": "x"}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(signature) + flags] |= 1
    rare = io.BytesIO()
    with zipfile.ZipFile(rare, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a.shp", "x")
    return {
        "up": (archive(**{"../a.shp": "x"}), "the zip has a file with the name '../a.shp'"),
        "absolute": (archive(**{"/srv/a.shp": "x"}), "the zip has a file with the name '/srv/a.shp'"),
        "drive": (archive(**{"C:a.shp": "x"}), "the zip has a file with the name 'C:a.shp'"),
        "backslash": (archive(**{"..\\a.shp": "x"}), "the zip has a file with the name"),
        "many": (many, "201 files in the zip, more than 200"),
        "encrypted": (bytes(encrypted), "the zip is encrypted"),
        "lzma": (rare.getvalue(), "a rare way of packing"),
        "no shapefile": (archive(**{"a.geojson": "{}"}), "no .shp in it"),
        "zip in zip": (archive(**{"a.zip": archive(**{"a.shp": "x"})}), "no .shp in it"),
        "parts": (archive(**{"a.shp": "x"}), "a.shp lacks its .shx and .dbf"),
        "not a shp": (archive(**{"a.shp": VRT, "a.shx": "x", "a.dbf": "x"}), "the content of a.shp is not a Shapefile"),
        "bomb": (archive(**{"a.shp": b"\0" * 30_000_000}), "unpacks to more than 200 times its size"),
        "not a zip": (b"PK\x03\x04 and then nothing", "its content is not a whole zip"),
    }


@pytest.mark.parametrize("trap", traps())
def test_traps_in_a_zip(trap: str) -> None:
    data, reason = traps()[trap]
    assert reason in refused("x.zip", data)


def test_the_sum_in_a_zip_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storymap.geocontent.MAX_UNPACKED", 1000)
    assert "0 MB once unpacked, more than 0 MB" in refused("x.zip", archive(**{"a.shp": "x" * 600, "b.shp": "x" * 600}))


def test_a_member_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(tmp_path))
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        at = whole.getinfo("inner/places.shp").header_offset
    data[at + 60] ^= 0xFF
    assert "inner/places.shp in it is damaged" in refused("x.zip", bytes(data))


def geopackage(folder: Path, *statements: str) -> bytes:
    """A sound GeoPackage with something added behind SQLite's back."""
    path = folder / "x.gpkg"
    path.unlink(missing_ok=True)
    written(folder, "x.gpkg", layer="places")
    database = sqlite3.connect(path)
    database.execute("PRAGMA writable_schema = 1")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()
    return path.read_bytes()


def schema(sql: str, name: str = "trap", kind: str = "table") -> str:
    return f"INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('{kind}', '{name}', '{name}', 0, '{sql}')"


LISTED = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('trap', 'attributes', 'trap', 4326)"
)
TEXT = "VirtualText(''/etc/passwd'', CP1252, 0, COMMA, DOUBLEQUOTE, '':'')"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (f"CREATE VIRTUAL TABLE trap USING {TEXT}", "the virtual table 'trap', which can run programs"),
        (f'create  virtual table "a USING rtree(" USING {TEXT}', "the virtual table 'trap'|damaged"),
        (f'CREATE VIRTUAL TABLE "a"" USING rtree(" USING {TEXT}', "the virtual table 'trap'|damaged"),
        (f"/* */ CREATE VIRTUAL TABLE trap USING {TEXT}", "the virtual table 'trap'|damaged"),
        (f"CREATE VIRTUAL /* USING rtree( */ TABLE trap USING {TEXT}", "the virtual table 'trap'"),
    ],
)
def test_a_geopackage_can_not_show_other_files(tmp_path: Path, sql: str, reason: str) -> None:
    data = geopackage(tmp_path, schema(sql), LISTED)
    with pytest.raises(GeodataError, match=rf"^x\.gpkg: .*({reason})"):
        read("x.gpkg", data, layer="trap")


def test_the_hole_that_the_check_closes(tmp_path: Path) -> None:
    """SpatiaLite, in pyogrio's wheel, reads any text file as the rows of a table; the guard switches it off, too."""
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden:1\n")
    text = f"VirtualText(''{secret}'', CP1252, 0, COMMA, DOUBLEQUOTE, '':'')"
    geopackage(tmp_path, schema(f"CREATE VIRTUAL TABLE trap USING {text}"), LISTED)
    code = (
        "import pyogrio\ntry:\n    print(pyogrio.raw.read('x.gpkg', layer='trap', read_geometry=False)[3][1].tolist())\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "hidden" not in done.stdout  # the environment of this process is guarded, and handed down
    assert "no such module: VirtualText" in done.stdout


def test_views_computed_columns_and_damage_are_refused(tmp_path: Path) -> None:
    endless = "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
    assert "it holds the view 'v', which can run programs" in refused("x.gpkg", geopackage(tmp_path, endless))
    computed = "CREATE TABLE t (a INTEGER, b INTEGER AS (a + 1))"
    assert "its table 't' has computed columns" in refused("x.gpkg", geopackage(tmp_path, computed))
    whole = geopackage(tmp_path)
    assert "the database is damaged" in refused("x.gpkg", whole[:100] + b"\xff" * 3000 + whole[3100:])
    sqlite3.connect(tmp_path / "plain.gpkg").execute("CREATE TABLE t (a)").connection.close()
    refused("x.gpkg", (tmp_path / "plain.gpkg").read_bytes())


def test_random_damage_is_refused_or_read(samples: dict[str, bytes]) -> None:
    """Apart, since a crash there ends only the reading process; one seed each keeps the test short."""
    for name in ("places.gpkg", "places.fgb", "places.parquet"):
        damaged = bytearray(samples[name])
        for at in range(200, len(damaged), 97):
            damaged[at] ^= 0x55
        try:
            read_bytes(name, bytes(damaged), Options())
        except GeodataError as error:
            assert len(str(error).splitlines()) == 1


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=64))
@settings(max_examples=150, deadline=None)
def test_any_bytes_pass_the_check_or_are_refused(suffix: str, data: bytes) -> None:
    try:
        check_content(f"x{suffix}", data)
    except GeodataError as error:
        assert len(str(error).splitlines()) == 1


def test_options_that_do_not_fit_the_format(samples: dict[str, bytes]) -> None:
    assert "GeoJSON has no named layers" in refused("x.geojson", samples["places.geojson"], layer="a")
    assert "GeoJSON has no named layers" in refused("x.json", samples["places.json"], layer="a")
    assert "FlatGeobuf has no named layers" in refused("x.fgb", samples["places.fgb"], layer="a")
    assert "'lon' and 'lat' name columns of a CSV, this is GeoPackage" in refused(
        "x.gpkg", samples["places.gpkg"], lon="a"
    )


# --- where files may lie ------------------------------------------------------------------------------------------


@pytest.fixture
def story(tmp_path: Path) -> Path:
    folder = tmp_path / "story"
    (folder / "layers").mkdir(parents=True)
    for name in ("towns.geojson", "layers/rivers.geojson"):
        (folder / name).write_text('{"type":"Point","coordinates":[1,2]}')
    (tmp_path / "secret.geojson").write_text('{"type":"Point","coordinates":[1,2]}')
    return folder


def test_files_in_the_folder_are_found(story: Path) -> None:
    (story / "link.geojson").symlink_to(story / "layers" / "rivers.geojson")
    for name in ("towns.geojson", "./towns.geojson", "layers/rivers.geojson", "link.geojson"):
        assert contents(locate(story, name), name).startswith(b"{")
    (story.parent / "alias").symlink_to(story)
    assert locate(story.parent / "alias", "towns.geojson") == story / "towns.geojson"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("../secret.geojson", "only files in the story folder are read"),
        ("layers/../../secret.geojson", "only files in the story folder are read"),
        ("/etc/passwd.geojson", "only files in the story folder are read"),
        ("~/secret.geojson", "only files in the story folder are read"),
        ("file:///etc/x.geojson", "only files in the story folder are read"),
        ("http://example.org/x.geojson", "only files in the story folder are read"),
        ("GPKG:towns.gpkg", "only files in the story folder are read"),
        ("GEOJSON:towns.geojson", "only files in the story folder are read"),
        ("C:/x.geojson", "only files in the story folder are read"),
        ("/vsicurl/http://127.0.0.1/x.geojson", "only files in the story folder are read"),
        ("/vsizip/x.zip", "only files in the story folder are read"),
        ("vsimem/x.geojson", "no such file in the story folder"),
        ("..\\secret.geojson", "write / between folder and file"),
        ("towns.gpkg|layername=a", "name the file alone, and the layer in it with 'layer'"),
        ("", "a file's name is needed"),
        (" towns.geojson", "a file's name is needed"),
        ("towns\n.geojson", "a file's name is needed"),
        ("towns\0.geojson", "a file's name is needed"),
        ("town.geojson", "no such file in the story folder; did you mean 'towns.geojson'?"),
        ("layers/river.geojson", "no such file in the story folder; did you mean 'rivers.geojson'?"),
        ("towns.geojson/x.geojson", "no such file in the story folder"),
        ("towns.shp", "zip it together with its .shx, .dbf and .prj"),
        ("towns.kmz", "unzip it and name the .kml"),
        ("towns.vrt", ".vrt files are not read; read are .geojson, .json"),
        ("towns.geojsn", ".geojsn files are not read; did you mean '.geojson'?; read are"),
        ("towns", "a geodata file needs a suffix that says its format"),
        ("x" * 300 + ".geojson", "no such file in the story folder"),
    ],
)
def test_what_is_no_file_of_the_folder(story: Path, file: str, reason: str) -> None:
    with pytest.raises(GeodataError) as caught:
        locate(story, file)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_links_do_not_leave_the_folder(story: Path) -> None:
    (story / "out.geojson").symlink_to(story.parent / "secret.geojson")
    (story / "up").symlink_to(story.parent)
    (story / "loop.geojson").symlink_to(story / "loop.geojson")
    (story / "passwd.geojson").symlink_to("/etc/passwd")
    for name in ("out.geojson", "up/secret.geojson", "passwd.geojson", "loop.geojson"):
        with pytest.raises(GeodataError, match=r"out of the story folder|no such file|not read|needs a suffix"):
            locate(story, name)
    path = locate(story, "towns.geojson")
    path.unlink()
    path.symlink_to(story.parent / "secret.geojson")  # swapped between look and open
    with pytest.raises(GeodataError, match="can not be opened"):
        contents(path, "towns.geojson")


def test_only_regular_files_of_a_limited_size(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (story / "folder.geojson").mkdir()
    os.mkfifo(story / "pipe.geojson")  # opening it would wait for ever
    for name in ("folder.geojson", "pipe.geojson"):
        with pytest.raises(GeodataError, match="not a file|can not be opened"):
            contents(locate(story, name), name)
    monkeypatch.setattr(geofile, "MAX_BYTES", 10)
    with pytest.raises(GeodataError, match="0 MB is more than 0 MB"):
        contents(locate(story, "towns.geojson"), "towns.geojson")


# --- the reading process ------------------------------------------------------------------------------------------


def test_gdal_formats_of_a_story_are_read_apart(samples: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def apart(name: str, data: bytes, options: Options) -> Geodata:
        asked.append(name)
        return decode(name, data, options)

    monkeypatch.setattr(geofile, "read_apart", apart)
    for name, data in samples.items():
        read_bytes(name, data, Options())
    assert set(samples) - set(asked) == {"places.geojson", "places.json", "places.csv", "places.tsv"}
    read_bytes("x.json", topojson(), Options(layer="rails"))
    assert asked[-1] == "x.json"
    monkeypatch.setattr(geofile, "_APART_FROM", 10)
    read_bytes("places.csv", samples["places.csv"], Options())
    assert asked[-1] == "places.csv"


@pytest.mark.parametrize("name", ["places.gpkg", "places.parquet", "places.csv"])
def test_an_upload_gives_the_same_as_a_file(samples: dict[str, bytes], name: str) -> None:
    here, there = decode(name, samples[name], Options()), read_upload(samples[name], f"C:\\data\\..\\{name}")
    assert there.frame.equals(here.frame)
    assert there.notes == here.notes


def test_an_uploads_errors_are_one_line_and_name_it(samples: dict[str, bytes]) -> None:
    with pytest.raises(GeodataError, match=r"^x\.geojson: not JSON, its content is XML"):
        read_upload(VRT, "../../x.geojson")
    with pytest.raises(GeodataError, match=r"^x\.exe: \.exe files are not read"):
        read_upload(b"MZ", "x.exe")
    with pytest.raises(GeodataError, match=r"^upload: a geodata file needs a suffix"):
        read_upload(b"MZ", "a/\n")
    with pytest.raises(GeodataError, match=r"^places\.gpkg: no layer 'place'; did you mean 'places'\?"):
        read_upload(samples["places.gpkg"], "places.gpkg", layer="place")


def test_an_upload_that_is_too_large_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geofile, "read_apart", lambda *_: pytest.fail("started a process"))
    monkeypatch.setitem(FORMATS, ".csv", geofile.FORMATS[".csv"].__class__("CSV", most_bytes=10))
    with pytest.raises(GeodataError, match="0 MB is more than the 0 MB that CSV may have"):
        read_upload(b"lon,lat\n1,2\n", "x.csv")


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Runs other code in place of the decoder, in the real process with its real limits; gives back the refusal."""

    def run(code: str) -> str:
        boot = geochild._BOOT.replace("from storymap.geofile import decode\n", f"{code}\n")
        monkeypatch.setattr(geochild, "_BOOT", boot.replace("main(request, decode)", ""))
        with pytest.raises(GeodataError) as caught:
            read_upload(b"x", "x.csv")
        assert "\n" not in str(caught.value)
        return str(caught.value)

    yield run


def test_a_crash_ends_only_the_reading_process(instead: Callable[[str], str]) -> None:
    assert "reading it failed (code -11)" in instead("import os; os.kill(os.getpid(), 11)")


def test_a_process_that_ends_without_a_result_is_a_failure(instead: Callable[[str], str]) -> None:
    assert "reading it failed (code 0)" in instead("")


def test_too_much_time_is_refused(instead: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geochild, "WALL_SECONDS", 2)
    assert "took more than 2 s" in instead("import time; time.sleep(60)")


def test_too_much_processor_time_is_refused(instead: Callable[[str], str]) -> None:
    code = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    assert "s of processor time" in instead(code)


def test_too_much_memory_is_refused(instead: Callable[[str], str]) -> None:
    code = "main(request, lambda *_: bytearray(4_000_000_000))"
    assert "takes more than 2.5 GB of memory" in instead(code)


def test_the_process_has_no_secrets_and_one_driver(
    samples: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    told = tmp_path / "told.json"
    code = (
        "import os, pyogrio, pathlib\n"
        "told = [dict(os.environ), list(pyogrio.list_drivers()), sorted(sys.modules)]\n"
        f"pathlib.Path({str(told)!r}).write_text(json.dumps(told))\n"
    )
    boot = geochild._BOOT.replace("main(request, decode)", f"main(request, decode)\n{code}")
    monkeypatch.setattr(geochild, "_BOOT", boot)
    read_upload(samples["places.gpkg"], "places.gpkg")
    environment, drivers, modules = json.loads(told.read_text())
    assert "SECRET_TOKEN" not in environment
    assert drivers == ["GPKG"]
    assert "folium" not in modules
    assert "streamlit" not in modules


def test_drivers_that_the_list_does_not_know_are_switched_off_as_well(
    samples: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GDAL of another build: the process finds drivers it did not expect and starts once more without them."""
    real = geochild._environment
    monkeypatch.setattr(geochild, "_environment", lambda *a: {**real(*a), "OGR_SKIP": "GPX"})
    assert len(read_upload(samples["places.gpkg"], "places.gpkg").frame) == 2


def test_nothing_asks_the_network() -> None:
    """Files that point at a server on loopback: it hears nothing."""
    heard: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/x"
    try:
        link = f"<NetworkLink><Link><href>{url}</href></Link></NetworkLink>"
        style = (
            f"<Style id='a'><IconStyle><Icon><href>{url}</href></Icon></IconStyle></Style><styleUrl>{url}#a</styleUrl>"
        )
        crs = f'"crs": {{"type": "link", "properties": {{"href": "{url}"}}}}, "arcs"'
        files = {
            "a.kml": KML.format(link + style + PLACEMARK),
            "b.gpx": GPX.format(WAYPOINT).replace("<gpx ", f'<gpx xmlns:x="x" x:schemaLocation="{url} {url}" '),
            "c.topojson": topojson().decode().replace('"arcs"', crs, 1),
        }
        for name, text in files.items():
            try:
                read_upload(text.encode(), name, layer="places" if "topo" in name else None)
            except GeodataError as error:
                assert "its 'crs' 'None' is not understood" in str(error)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert heard == []
