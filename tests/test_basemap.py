"""The basemap: what its file may say, what a story gets of it, and that no seam, gap or wrong border shows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box, mapping

from storymap import basemap as module
from storymap.baselabels import compile_labels
from storymap.baselevels import view_area
from storymap.basemap import Basemap, compile_base, load_basemap
from storymap.basemapspec import LevelSpec
from storymap.drawing import BaseLabel, Box, Level, PathData
from storymap.errors import StoryError
from storymap.generalise import project
from storymap.mercator import WORLD, lonlat, world
from storymap.pathdata import decode

FOLDER = Path(__file__).resolve().parent.parent / "geodata" / "basemap"
Compiled = tuple[dict[str, PathData], tuple[Level, ...], tuple[BaseLabel, ...]]


def view(west: float, south: float, east: float, north: float, zoom: float) -> tuple[Box, float]:
    return (*world(west, north), *world(east, south)), zoom


# What the views of a story about a town in southern Kazakhstan show, from phone to large screen.
VIEWS = (
    view(19.7, -6.7, 139.3, 73.3, 2.2),
    view(-45, -0.8, 139, 74.5, 3.29),
    view(-13.7, 14.3, 137.2, 70, 4.16),
    view(41.2, 27.2, 92.6, 61.4, 3.42),
    view(17.8, 31.2, 90.4, 61.4, 4.63),
    view(36.1, 37.8, 88.4, 57.3, 6.11),
    view(53.3, 41.7, 79.1, 52.6, 6.13),
    view(55.1, 42.1, 81.7, 52.3, 7.08),
    view(64.5, 42.4, 73.2, 46.3, 7.68),
    view(66.6, 41.7, 73.6, 44.6, 9),
    view(68.9, 43.3, 70.1, 43.8, 10.5),
)


@pytest.fixture(scope="module")
def base() -> Basemap:
    return load_basemap(FOLDER)


@pytest.fixture(scope="module")
def compiled(base: Basemap) -> Compiled:
    return compile_base(base, boxes=VIEWS, lang="en")


def drawn(paths: dict[str, PathData], level: Level, role: str) -> list[Any]:
    return [line for part in level.parts if part.role == role for line in decode(paths[part.path])]


def land_of(paths: dict[str, PathData], key: str) -> Any:
    """The area that a path fills (even-odd)."""
    return shapely.build_area(shapely.GeometryCollection([shapely.LinearRing(ring) for ring in decode(paths[key])]))


# --- the file


COUNTRIES = [("AAA", box(0, 0, 10, 10)), ("BBB", box(10, 0, 20, 10)), ("CCC", box(-40, 0, -30, 10))]
SPEC = """
languages: [en, ru]
short_credit: Nobody
credits: [Made up]
borders: {depiction: un, note: {en: Nobody minds}}
levels:
  - {id: world, max_zoom: 3, detail: 3, countries: world.geojson, lakes: {}, rivers: {within: [AAA], from_zoom: 2}}
lakes: {file: lakes.geojson, period: present}
rivers: {file: lines.geojson}
railways: {file: lines.geojson}
regions: {file: regions.geojson}
labels:
  cities: [{at: [1, 1], rank: 1, names: {en: Upton}}]
  names: {AAA: {ru: Первая}}
"""


def collection(rows: Sequence[tuple[dict[str, Any], Any]]) -> str:
    features = [{"type": "Feature", "properties": p, "geometry": mapping(g)} for p, g in rows]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def make(spec: str = SPEC) -> Path:
        labels = [({"id": i, "name": i.title(), "label_x": g.centroid.x, "label_y": 5}, g) for i, g in COUNTRIES]
        (tmp_path / "basemap.yaml").write_text(spec, encoding="utf-8")
        (tmp_path / "world.geojson").write_text(collection(labels))
        (tmp_path / "lakes.geojson").write_text(collection([({"rank": 1, "period": "present"}, box(2, 2, 4, 4))]))
        (tmp_path / "lines.geojson").write_text(collection([({"rank": 1}, shapely.LineString([(1, 1), (9, 9)]))]))
        (tmp_path / "regions.geojson").write_text(collection([({"id": "R"}, box(0, 0, 5, 10))]))
        return tmp_path

    return make


def faults(folder: Path) -> list[str]:
    with pytest.raises(StoryError) as caught:
        load_basemap(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_small_basemap_loads_and_compiles(folder: Callable[..., Path]) -> None:
    loaded = load_basemap(folder())
    paths, levels, labels = compile_base(loaded, boxes=[view(0, 0, 20, 10, 4)], lang="en")
    assert loaded.credits == ("Made up", "Nobody minds")
    assert loaded.short_credit == "Nobody"
    assert [level.max_zoom for level in levels] == [2, 3], "rivers come in at zoom 2"
    assert {part.role for part in levels[1].parts} - {part.role for part in levels[0].parts} == {"rivers"}
    assert sum(area.area for area in map(Polygon, drawn(paths, levels[0], "land"))) > 0
    (line,) = drawn(paths, levels[0], "borders")
    assert np.allclose(line[:, 0], world(10, 0)[0], atol=paths["base-around-borders"].unit)
    assert {base.label.text for base in labels} == {"Aaa", "Bbb", "Ccc", "Upton"}


def test_faults_name_file_line_place_and_the_nearest_right_name(folder: Callable[..., Path]) -> None:
    spec = (
        SPEC.replace("max_zoom: 3,", "maxzoom: 3,")
        .replace("depiction: un", "depiction: mine")
        .replace("at: [1, 1]", "at: [1, 99]")
    )
    assert faults(folder(spec)) == [
        "basemap.yaml:5: borders.depiction: Input should be 'un'",
        "basemap.yaml:7: levels[0].max_zoom: this key is missing",
        "basemap.yaml:7: levels[0].maxzoom: unknown key; did you mean 'max_zoom'?",
        "basemap.yaml:13: labels.cities[0].at[1]: Input should be less than or equal to 85",
    ]


def test_faults_between_the_parts_are_found(folder: Callable[..., Path]) -> None:
    spec = SPEC.replace(
        "lakes: {file",
        "  - {id: near, max_zoom: 2, detail: 4, countries: world.geojson, rivers: {within: [AAB], from_zoom: 9}}\n"
        "  - {id: nearer, max_zoom: 5, detail: 5, countries: world.geojson, covers: [0, 0, 1, 1], beyond: true}\nlakes: {file",
    ).replace("labels:", "labels:\n  countries: {QQQ: [{zoom: [1, 2]}]}")
    assert faults(folder(spec)) == [
        "basemap.yaml:8: levels[1].covers: say what the files cover",
        "basemap.yaml:8: levels[1].max_zoom: levels run from coarse to fine: max_zoom has to grow",
        "basemap.yaml:8: levels[1].rivers.from_zoom: lies beyond this level's max_zoom",
        "basemap.yaml:8: levels[1].rivers.within[0]: no country 'AAB' in the files; did you mean 'AAA'?",
        "basemap.yaml:9: levels[2].beyond: only the second level can go on beyond its files",
        "basemap.yaml:15: labels.countries: no country 'QQQ' in the files; known: AAA, BBB, CCC",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("en: Nobody minds", "ru: Никто", "borders.note: the English name (en) is missing"),
        ("max_zoom: 3", "max_zoom: deep", "levels[0].max_zoom: Input should be a valid number, unable to parse"),
        ("file: lines.geojson}", "file: ../lines.geojson}", "rivers.file: String should match pattern"),
        ("levels:", "levels: []\nother:", "levels: Tuple should have at least 1 item"),
    ],
)
def test_wrong_values_are_refused(folder: Callable[..., Path], old: str, new: str, said: str) -> None:
    assert any(said in fault for fault in faults(folder(SPEC.replace(old, new))))


def test_a_key_written_twice_is_refused(folder: Callable[..., Path]) -> None:
    (fault,) = faults(folder(SPEC + "short_credit: Somebody\n"))
    assert fault.startswith("basemap.yaml:15: short_credit: written twice")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("basemap.yaml", None, "basemap.yaml: the basemap has no such file"),
        ("lakes.geojson", None, "lakes.geojson: the basemap has no such file"),
        ("lakes.geojson", "{", "lakes.geojson: is not a GeoJSON feature collection"),
        (
            "lakes.geojson",
            '{"features": [{"properties": {}, "geometry": null}]}',
            "in which every feature has a geometry",
        ),
        ("lakes.geojson", collection([({"rank": 1}, Point(1, 1))]), "lakes.geojson: features[0]: has no 'period'"),
    ],
)
def test_missing_and_broken_files(folder: Callable[..., Path], name: str, content: str | None, said: str) -> None:
    path = folder() / name
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    (fault,) = faults(path.parent)
    assert said in fault


# --- what a story gets


def test_every_part_has_its_path_and_every_path_a_part(compiled: Compiled) -> None:
    paths, levels, _ = compiled
    assert {part.path for level in levels for part in level.parts} == set(paths)
    assert [level.max_zoom for level in levels] == sorted(level.max_zoom for level in levels)
    roles = {part.role for level in levels for part in level.parts}
    assert roles == {"land", "coast", "borders", "lakes", "rivers", "railways", "regions"}
    assert all(level.parts[0].role == "land" for level in levels)


FAR = ("rivers", "railways", "regions")


def test_the_geometry_of_a_story_stays_small(base: Basemap) -> None:
    paths, *_ = compile_base(base, boxes=VIEWS, lang="en", hidden=[FAR if zoom < 6 else () for _, zoom in VIEWS])
    size = len(gzip.compress("".join(path.d for path in paths.values()).encode(), 9, mtime=0))
    assert size <= 60_000
    near = [path.d for key, path in paths.items() if key.startswith("base-eurasia")]
    assert len(gzip.compress("".join(near).encode(), 9, mtime=0)) <= 31_000


def test_the_same_folder_gives_the_same_bytes(compiled: Compiled) -> None:
    assert compile_base(load_basemap(FOLDER), boxes=VIEWS, lang="en") == compiled


def test_detail_comes_only_where_views_are(base: Basemap) -> None:
    paths, levels, _ = compile_base(base, boxes=[view(-70, -30, -40, 0, 4.5)], lang="en")
    assert [(level.max_zoom, level.box) for level in levels] == [(3.1, None)]
    assert not any("eurasia" in key or "region" in key for key in paths)
    _, levels, _ = compile_base(base, boxes=[view(60, 40, 75, 50, 4.5)], lang="en")
    assert max(level.max_zoom for level in levels) == 5.6


def test_parts_that_no_view_shows_do_not_travel(base: Basemap) -> None:
    left_out = ("rivers", "borders", "city-labels", "water-labels")
    paths, levels, labels = compile_base(base, boxes=VIEWS, lang="en", hidden=[left_out] * len(VIEWS))
    roles = {part.role for level in levels for part in level.parts}
    assert not roles & {"rivers", "borders"}
    assert not any("rivers" in key or "borders" in key for key in paths)
    assert {label.part for label in labels} == {"country-labels", "range-labels"}


def test_parts_that_only_close_views_show_come_only_there(base: Basemap) -> None:
    far = ("rivers", "railways", "city-labels")
    hidden = [far if zoom < 7 else () for _, zoom in VIEWS]
    _, levels, labels = compile_base(base, boxes=VIEWS, lang="en", hidden=hidden)
    for level in levels[:-1]:
        assert not {part.role for part in level.parts} & {"rivers", "railways"}
    assert {"rivers", "railways"} <= {part.role for part in levels[-1].parts}
    cities = {label.label.text for label in labels if label.part == "city-labels"}
    assert "Taraz" in cities
    assert not cities & {"Beijing", "Kyiv"}


def test_a_second_compile_comes_from_the_cache(
    folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, boxes, cache = load_basemap(folder()), [view(0, 0, 20, 10, 4)], tmp_path / "new" / "cache"
    first = compile_base(base, boxes=boxes, lang="ru", cache=cache)
    with monkeypatch.context() as patched:
        patched.setattr(module, "compile_levels", lambda *_: pytest.fail("compiled again"))
        assert compile_base(base, boxes=boxes, lang="ru", cache=cache) == first
        assert compile_base(base, boxes=boxes, lang="en", cache=cache)[:2] == first[:2]
    (file,) = cache.iterdir()
    for broken in ("", "{}", "[1]", '{"paths": {"a": 1}, "levels": []}', '{"paths": [], "levels": []}'):
        file.write_text(broken)
        assert compile_base(base, boxes=boxes, lang="ru", cache=cache) == first
    without = compile_base(base, boxes=boxes, lang="ru", cache=cache, hidden=[("lakes",)])
    assert without[1] != first[1]


def test_the_cache_knows_changed_data(folder: Callable[..., Path], tmp_path: Path) -> None:
    boxes, cache = [view(0, 0, 20, 10, 4)], tmp_path / "cache"
    before = compile_base(load_basemap(folder()), boxes=boxes, lang="en", cache=cache)
    (tmp_path / "lakes.geojson").write_text(collection([({"rank": 1, "period": "present"}, box(5, 2, 9, 4))]))
    after = compile_base(load_basemap(tmp_path), boxes=boxes, lang="en", cache=cache)
    assert after[0]["base-world-lakes"] != before[0]["base-world-lakes"]


def test_a_cache_that_can_not_be_used_is_passed_over(folder: Callable[..., Path], tmp_path: Path) -> None:
    base, boxes = load_basemap(folder()), [view(0, 0, 20, 10, 4)]
    (tmp_path / "file").write_text("")
    kept = compile_base(base, boxes=boxes, lang="en", cache=tmp_path / "file")
    assert kept == compile_base(base, boxes=boxes, lang="en")


# --- no seam


def test_no_stroke_runs_along_the_edges_of_the_map(compiled: Compiled) -> None:
    paths, levels, _ = compiled
    for level in levels:
        for role in ("coast", "borders"):
            steps = [np.stack([line[:-1], line[1:]]) for line in drawn(paths, level, role)]
            if steps:
                a, b = np.concatenate(steps, axis=1)
                for edge in (0, WORLD):
                    along = (np.abs(a - edge) < 1e-9) & (np.abs(b - edge) < 1e-9)
                    length = np.abs(b - a)[:, ::-1][along].sum()
                    # Where a coast comes to the edge, the grid may lay a step of it on the edge.
                    assert length <= 2.5, f"{role} along {edge}"


def test_land_across_the_antimeridian_is_whole(compiled: Compiled) -> None:
    paths, levels, _ = compiled
    for level in levels[:2]:
        (chukotka,) = [
            line for line in drawn(paths, level, "land") if line[:, 0].max() > WORLD + 5 and line[:, 0].min() < 130
        ]
        assert Polygon(chukotka).buffer(0).contains(Point(world(179.9, 68)))
        assert Polygon(chukotka).buffer(0).contains(Point(world(-175, 66.5)[0] + WORLD, world(0, 66.5)[1]))


def test_polar_land_runs_into_the_next_copy_of_the_world(compiled: Compiled) -> None:
    x0, _, x1, _ = compiled[0]["base-polar-land"].box
    assert x0 < 0
    assert x1 > WORLD


def test_no_cut_edge_lies_inside_the_box_of_a_level(compiled: Compiled) -> None:
    paths, levels, _ = compiled
    region = levels[-1]
    assert region.box is not None
    inside = box(*region.box)
    covers = box(*world(44, 57), *world(90, 35))
    assert covers.contains(inside)
    for part in region.parts:
        assert covers.buffer(1e-3).contains(box(*paths[part.path].box))
        grown = shapely.box(*paths["base-region-land"].box)
        edges = grown.exterior.buffer(paths[part.path].unit)
        for line in decode(paths[part.path]):
            along = shapely.LineString(line).intersection(edges)
            assert along.length < 1e-3 or not along.intersects(inside)
    assert inside.distance(shapely.box(*paths["base-region-land"].box).exterior) >= 4 / 2**5.6 - 0.01


def test_a_viewport_of_a_view_finds_a_level_with_detail(compiled: Compiled) -> None:
    _, levels, _ = compiled
    for (x0, y0, x1, y1), zoom in VIEWS:
        fits = [
            level
            for level in levels
            if level.box is None
            or (level.box[0] <= x0 and level.box[1] <= y0 and level.box[2] >= x1 and level.box[3] >= y1)
        ]
        found = next((level for level in fits if zoom <= level.max_zoom), fits[-1])
        # One view is wider than the region's files: there the level below has to do.
        assert zoom <= found.max_zoom + 0.6


def test_where_two_levels_meet_no_edge_of_a_file_shows(compiled: Compiled) -> None:
    paths, _, _ = compiled
    fine = land_of(paths, "base-eurasia-land")
    for lon, lat in ((-5, 12), (30, 12), (78, 12), (100, 14), (-11.5, 20), (30, 5), (60, 70), (140, 60)):
        place = Point(world(lon, lat)).buffer(0.5)
        assert fine.contains(place) or place.difference(fine).area < 0.4 * place.area, f"a gap at {lon} {lat}"
    for ring in decode(paths["base-eurasia-land"]):
        steps = np.abs(np.diff(ring, axis=0))
        straight = (steps.min(axis=1) == 0) & (steps.max(axis=1) > 3)
        assert not straight.any(), ring[:-1][straight]


def test_levels_share_what_lies_outside(compiled: Compiled) -> None:
    _, levels, _ = compiled
    outside = {part.path for part in levels[0].parts} & {part.path for part in levels[1].parts}
    assert {"base-west-land", "base-south-borders", "base-polar-land"} <= outside
    assert "base-world-land" not in {part.path for part in levels[1].parts}


def test_islands_at_the_edge_are_drawn_once(compiled: Compiled) -> None:
    paths, _, _ = compiled
    near, others = land_of(paths, "base-eurasia-land"), ("west", "east", "north", "south", "around")
    for side in others:
        if f"base-{side}-land" in paths:
            assert near.intersection(land_of(paths, f"base-{side}-land")).area < 0.05


# --- borders and lakes


@pytest.mark.parametrize("name", ["world.geojson", "eurasia.geojson", "region.geojson"])
def test_countries_meet_without_gap_or_overlap(base: Basemap, name: str) -> None:
    areas = np.array([feature.geometry for feature in base.files[name]])
    assert shapely.is_valid(areas).all()
    assert shapely.coverage_is_valid(areas)


@pytest.mark.parametrize(
    ("name", "country", "lon", "lat"),
    [
        ("world.geojson", "UKR", 34.1, 45.2),
        ("eurasia.geojson", "UKR", 34.1, 45.2),
        ("world.geojson", "KAZ", 63.3, 45.9),
        ("eurasia.geojson", "KAZ", 63.3, 45.9),
        ("region.geojson", "KAZ", 63.3, 45.9),
        ("world.geojson", "SAH", -13.5, 26.2),
    ],
)
def test_borders_follow_the_depiction_that_is_stated(
    base: Basemap, name: str, country: str, lon: float, lat: float
) -> None:
    here = [str(f.properties["id"]) for f in base.files[name] if f.geometry.contains(Point(lon, lat))]
    assert here == [country]
    assert base.spec.borders.depiction == "un"
    assert "68/262" in base.credits[-1]
    assert "Крым" in base.credits_in("ru")[-1]
    assert base.credits_in("de") == base.credits


def test_joined_countries_have_no_border_and_no_name(compiled: Compiled) -> None:
    paths, levels, labels = compiled
    cyprus = box(*world(32, 35.8), *world(34.8, 34.4))
    assert not any(shapely.LineString(line).intersects(cyprus) for line in drawn(paths, levels[1], "borders"))
    texts = {label.label.text for label in labels}
    assert not texts & {"Turkish Republic of Northern Cyprus", "Somaliland", "Taiwan", "Kosovo"}


def test_borders_are_stroked_once(compiled: Compiled) -> None:
    paths, levels, _ = compiled
    for level in levels:
        ends = np.concatenate([np.hstack([line[:-1], line[1:]]) for line in drawn(paths, level, "borders")])
        undirected = np.where((ends[:, :2] > ends[:, 2:]).any(axis=1)[:, None], ends[:, [2, 3, 0, 1]], ends)
        # Where the grid lays a thin strip together, two borders may share a step.
        assert len(np.unique(undirected, axis=0)) >= 0.98 * len(undirected)


def test_lakes_show_their_present_state(compiled: Compiled) -> None:
    paths, levels, _ = compiled
    for level in levels[1:]:
        water = shapely.union_all([Polygon(line).buffer(0) for line in drawn(paths, level, "lakes")])
        assert water.contains(Point(world(74.2, 46.0))), "Lake Balkhash"
        assert water.contains(Point(world(60.7, 46.5))), "North Aral"
        assert not water.contains(Point(world(60, 44.5))), "the Aral Sea as it was"


def test_the_caspian_is_a_hole_in_the_land(compiled: Compiled) -> None:
    paths, _, _ = compiled
    for key in ("base-world-land", "base-eurasia-land"):
        land = land_of(paths, key)
        assert not land.contains(Point(world(51, 42)))
        assert land.contains(Point(world(67, 48)))


# --- areas


SPECS = {
    "region": LevelSpec(id="r", max_zoom=10, detail=8, countries="r.geojson", covers=(44, 35, 90, 57), wanted_from=5.6),
    "beyond": LevelSpec(
        id="e", max_zoom=5, detail=5, countries="e.geojson", covers=(-10, 10, 180, 80), wanted_from=3, beyond=True
    ),
}


@settings(deadline=None)
@given(st.floats(45, 80), st.floats(36, 50), st.floats(0.5, 9), st.floats(0.5, 6), st.floats(0, 12))
def test_a_level_holds_its_views_and_stays_in_its_files(
    west: float, south: float, width: float, height: float, zoom: float
) -> None:
    (seen, _) = view(west, south, west + width, south + height, zoom)
    area = view_area([(seen, zoom)], SPECS["region"])
    if zoom < 5.6:
        assert area is None
        return
    assert area is not None
    assert box(*area).contains(box(*seen))
    assert box(*view(44, 35, 90, 57, 0)[0]).buffer(1e-9).contains(box(*area))
    turned = (seen[0] + WORLD, seen[1], seen[2] + WORLD, seen[3])
    assert view_area([(turned, zoom)], SPECS["region"]) == pytest.approx(area)


def test_a_view_that_the_files_can_not_fill_asks_for_nothing() -> None:
    wide = view(40, 38, 85, 56, 6)
    assert view_area([wide], SPECS["region"]) is None
    area = view_area([wide, view(-60, 20, 60, 60, 4)], SPECS["beyond"])
    assert area is not None
    west, _ = lonlat(area[0], area[3])
    assert west == pytest.approx(-10)


# --- labels


def labels_in(base: Basemap, lang: str, boxes: Sequence[tuple[Box, float]] = VIEWS) -> dict[str, BaseLabel]:
    return {f"{b.label.key}@{b.min_zoom}": b for b in compile_labels(base, boxes, lang)}


def test_names_come_in_the_language_asked_for(base: Basemap) -> None:
    texts = {
        lang: {b.label.key: b.label.text for b in labels_in(base, lang).values()} for lang in ("en", "ru", "kk", "de")
    }
    assert texts["en"]["country:KAZ"] == "Kazakhstan"
    assert texts["ru"]["country:CHN"] == "Китай"
    assert texts["kk"]["water:balkhash"] == "Балқаш көлі"
    assert texts["kk"]["city:Karaganda"] == "Қарағанды"
    assert texts["ru"]["city:Turkistan"] == "Туркестан"
    assert texts["de"] == texts["en"], "a language without names falls back to English"


def test_a_city_without_a_name_in_a_language_of_the_basemap_is_left_out(folder: Callable[..., Path]) -> None:
    small = load_basemap(folder())
    seen = [view(-5, -5, 15, 15, 5)]
    by_lang = {
        lang: {b.label.text for b in compile_base(small, boxes=seen, lang=lang)[2]} for lang in ("en", "ru", "fr")
    }
    assert by_lang["ru"] == {"Первая", "Bbb", "Ccc"}
    assert "Upton" in by_lang["en"] & by_lang["fr"]


def test_all_names_of_the_middle_zooms_are_there_in_three_languages(base: Basemap) -> None:
    english = labels_in(base, "en")
    early = {key for key, b in english.items() if b.min_zoom < 6 and 20 <= lonlat(b.label.x, b.label.y)[0] <= 140}
    assert len(early) > 120
    for lang in ("ru", "kk"):
        other = labels_in(base, lang)
        found = {b.label.key for b in other.values()}
        assert {english[key].label.key for key in early} <= found
        cyrillic = [b.label.text for b in other.values() if not any("Ѐ" <= c <= "ӿ" for c in b.label.text)]
        assert cyrillic == []


def test_the_town_of_the_story_is_left_to_the_story(base: Basemap) -> None:
    assert not any("Zhanatas" in b.label.text for b in labels_in(base, "en").values())


def test_labels_give_way_to_those_of_a_story(compiled: Compiled) -> None:
    labels = compiled[2]
    assert all(b.label.priority < 0 for b in labels)
    assert [b.label.priority for b in labels] == sorted((b.label.priority for b in labels), reverse=True)
    assert all(0 <= b.min_zoom < b.max_zoom for b in labels)
    assert {b.part for b in labels} == {"country-labels", "city-labels", "water-labels", "range-labels"}
    assert len({(b.label.key, b.min_zoom) for b in labels}) == len(labels)


def test_far_views_name_only_what_is_large(compiled: Compiled) -> None:
    def at(zoom: float) -> set[str]:
        return {b.label.text for b in compiled[2] if b.min_zoom <= zoom <= b.max_zoom and b.part == "country-labels"}

    assert {"Kazakhstan", "Russia", "China"} <= at(2.2)
    assert not at(2.2) & {"Kyrgyzstan", "Uzbekistan", "Armenia", "Belgium"}
    assert {"Kyrgyzstan", "Uzbekistan"} <= at(4.5)
    assert len(at(2.2)) < 20


def test_labels_come_only_where_views_are(base: Basemap) -> None:
    near = labels_in(base, "en", [view(66, 42, 73, 45, 8)])
    assert any(b.label.text == "Karatau" for b in near.values())
    assert not any(b.label.text in {"Tokyo", "Kyiv"} for b in near.values())


def test_names_stand_on_their_country(base: Basemap, compiled: Compiled) -> None:
    areas = {str(f.properties["id"]): f.geometry for f in base.files["world.geojson"]}
    for b in compiled[2]:
        kind, _, country = b.label.key.partition(":")
        if kind == "country" and country in areas:
            (area,) = project([areas[country]])
            away = area.distance(Point(b.label.x, b.label.y))
            assert away < 1.5, b.label.text
