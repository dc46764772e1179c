"""Projection, simplification with shared borders, borders and coasts, cutting."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

from storymap.generalise import clip, project, shared_borders, simplify
from storymap.mercator import WORLD, world


def many(*geometries: Any) -> Any:
    out = np.empty(len(geometries), dtype=object)
    out[:] = geometries
    return out


def countries(seed: int, count: int = 7) -> Any:
    """Areas that fill a disc without gaps, with winding borders: an honest coverage, 36 world units wide."""
    sites = np.random.default_rng(seed).uniform(100, 140, (count, 2))
    disc = Point(120, 120).buffer(18, quad_segs=16)
    edges = shapely.voronoi_polygons(shapely.multipoints(sites), only_edges=True, extend_to=disc)
    net = shapely.segmentize(shapely.unary_union([edges.intersection(disc), disc.exterior]), 0.4)
    bent = shapely.transform(net, lambda p: np.round(p + 0.15 * np.sin(p[:, ::-1] * 5), 6))
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.unary_union(bent))))
    assert shapely.coverage_is_valid(cells)
    return many(*cells)


# --- project


def test_projection_of_a_frame_and_of_geometries_is_the_same() -> None:
    shapes = [Point(70, 43.5), LineString([(0, 0), (10, 10)]), None]
    frame = gpd.GeoDataFrame({"n": [1, 2, 3]}, geometry=shapes, crs=4326)
    for given_as in (frame, frame.geometry, shapes, many(*shapes)):
        out = project(given_as)
        assert (out[0].x, out[0].y) == pytest.approx(world(70, 43.5))
        assert out[1].coords[1] == pytest.approx(world(10, 10))
        assert out[2] is None


def test_heights_are_left_behind() -> None:
    assert not project([Point(1, 2, 3)])[0].has_z


def test_an_area_cut_at_the_antimeridian_is_one_again() -> None:
    country = MultiPolygon([box(170, 60, 180, 70), box(-180, 60, -170, 70), box(100, 0, 110, 5)])
    (joined,) = project([country])
    assert len(joined.geoms) == 2
    far = max(joined.geoms, key=lambda part: part.bounds[2])
    assert far.bounds[2] == pytest.approx(WORLD + world(-170, 0)[0])
    meridian = LineString([(WORLD, 0), (WORLD, WORLD)])
    assert far.exterior.intersection(meridian).length == 0
    assert joined.area == pytest.approx(shapely.transform(country, lambda p: np.array([world(*q) for q in p])).area)


def test_a_line_cut_at_the_antimeridian_is_one_again() -> None:
    (joined,) = project([MultiLineString([[(170, 50), (180, 55)], [(-180, 55), (-170, 50)]])])
    assert joined.geom_type == "LineString"
    assert joined.length == pytest.approx(2 * LineString([world(170, 50), world(180, 55)]).length)


def test_what_goes_round_the_globe_stays() -> None:
    (cap,) = project([MultiPolygon([box(-180, -85, 180, -70), box(-60, -65, -55, -60)])])
    assert (cap.bounds[0], cap.bounds[2]) == pytest.approx((0, WORLD))


def test_points_at_both_edges_stay() -> None:
    (pair,) = project([MultiPoint([(-180, 10), (180, 10)])])
    assert pair.bounds[0] == 0


# --- simplify


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 6))
def test_shared_borders_stay_shared(seed: int, zoom: float) -> None:
    before = countries(seed)
    after = simplify(before, zoom=zoom)
    union = shapely.union_all(after)
    assert shapely.area(after).sum() == pytest.approx(union.area, rel=1e-9), "countries overlap"
    holes = [Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]
    assert sum(hole.area for hole in holes) == pytest.approx(0, abs=1e-9), "gaps between countries"
    assert shapely.is_valid(after).all()
    assert not shapely.is_empty(after).any()
    borders, _ = shared_borders(after)
    for i, one in enumerate(after):
        for j in range(i):
            met = before[i].intersection(before[j]).length > 1e-6
            assert (one.intersection(after[j]).length > 1e-6) == met
    assert (borders.length > 0) == (len(before) > 1)


def test_simplifying_drops_what_a_pixel_hides() -> None:
    before = countries(3)
    points = [int(shapely.get_num_coordinates(simplify(before, zoom=zoom)).sum()) for zoom in (1, 3, 5, 12)]
    assert points == sorted(points)
    assert points[0] < points[-1] / 3
    assert points[-1] == shapely.get_num_coordinates(before).sum()


def test_areas_that_share_no_edge_keep_to_their_place() -> None:
    circles = many(*(Point(100 + 3 * i, 100).buffer(2, quad_segs=64) for i in range(4)))
    after = simplify(circles, zoom=4)
    for old, new in zip(circles, after, strict=True):
        assert shapely.hausdorff_distance(old.exterior, new.exterior) <= 0.6 / 2**4
        assert len(new.exterior.coords) < len(old.exterior.coords)


def test_lines_keep_their_ends_and_points_stay() -> None:
    line = LineString([(10, 10), (20, 10.01), (30, 10), (30.001, 20)])
    after = simplify(many(line, Point(1, 1), MultiPoint([(1, 1), (1.001, 1)]), None), zoom=2)
    assert after[0].coords[:] == [(10, 10), (30, 10), (30.001, 20)]
    assert after[1].equals(Point(1, 1))
    assert len(after[2].geoms) == 2
    assert after[3] is None


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 256), st.floats(0, 256), st.floats(1e-5, 20)), min_size=1, max_size=8),
    st.floats(0, 12),
    st.sampled_from([True, False, None]),
)
def test_nothing_becomes_empty(discs: list[tuple[float, float, float]], zoom: float, coverage: bool | None) -> None:
    areas = [Point(x, y).buffer(r, quad_segs=4) for x, y, r in discs]
    lines = [LineString([(x, y), (x + r, y), (x + r, y + r), (x, y)]) for x, y, r in discs]
    mixed = many(*areas, *lines, MultiPolygon(areas[:1]), GeometryCollection([areas[0], lines[0]]))
    after = simplify(mixed, zoom=zoom, coverage=coverage)
    assert len(after) == len(mixed)
    assert not shapely.is_empty(after).any()
    assert (shapely.get_dimensions(after) == shapely.get_dimensions(mixed)).all()


def test_specks_go_but_never_the_largest_part() -> None:
    islands = MultiPolygon([box(0, 0, 0.5, 0.5), box(10, 10, 10.2, 10.2), box(20, 20, 20.1, 20.1)])
    lone = box(30, 30, 30.01, 30.01)
    lake = Polygon(box(40, 40, 60, 60).exterior, [box(50, 50, 50.2, 50.2).exterior])
    for coverage in (False, None):
        state, rock, land = simplify(many(islands, lone, lake), zoom=0, coverage=coverage)
        assert shapely.get_num_geometries(state) == 1
        assert state.bounds == pytest.approx((0, 0, 0.5, 0.5))
        assert rock.area > 0
        assert not land.interiors


def test_an_enclave_keeps_its_place() -> None:
    hole = box(50, 50, 50.2, 50.2)
    host, enclave = Polygon(box(40, 40, 60, 60).exterior, [hole.exterior]), hole
    after = simplify(many(host, enclave), zoom=0)
    assert len(after[0].interiors) == 1
    assert after[0].intersection(after[1]).area == 0
    assert shapely.union_all(after).area == pytest.approx(400, rel=0.01)


# --- borders


def test_a_border_is_there_once_and_a_coast_once() -> None:
    borders, coast = shared_borders(many(box(0, 0, 1, 1), box(1, 0, 2, 1)))
    assert borders.equals(MultiLineString([[(1, 0), (1, 1)]]))
    assert len(borders.geoms) == 1
    assert (coast.length, borders.length) == (6, 1)


def test_parts_of_one_country_have_no_border_between_them() -> None:
    country = shapely.multipolygons([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    borders, coast = shared_borders(many(country))
    assert borders.is_empty
    assert coast.length == 6


def test_borders_are_long_lines() -> None:
    left = Polygon([(0, 0), (1, 0), (1.2, 1), (1, 2), (1.1, 3), (1, 4), (0, 4)])
    right = Polygon([(1, 0), (2, 0), (2, 4), (1, 4), (1.1, 3), (1, 2), (1.2, 1)])
    borders, _ = shared_borders(many(left, right))
    assert [len(line.coords) for line in borders.geoms] == [5]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_borders_and_coast_make_up_all_edges(seed: int) -> None:
    cells = countries(seed)
    borders, coast = shared_borders(cells)
    edges = sum(cell.length for cell in cells)
    assert 2 * borders.length + coast.length == pytest.approx(edges, rel=1e-6)
    assert coast.length == pytest.approx(shapely.union_all(cells).length, rel=1e-6)


# --- clip


def test_cutting_keeps_kinds_and_order() -> None:
    out = clip(
        many(box(0, 0, 4, 4), LineString([(1, 1), (9, 1)]), Point(3, 3), Point(9, 9), box(2, 0, 5, 2), None),
        (0, 0, 2, 2),
    )
    assert out[0].equals(box(0, 0, 2, 2))
    assert out[1].equals(LineString([(1, 1), (2, 1)]))
    assert [out[i] for i in (2, 3, 4, 5)] == [None] * 4, "what only touches is not inside"


def test_a_line_cut_in_two_stays_one_feature() -> None:
    (line,) = clip([LineString([(0, 1), (3, 1), (3, 3), (0, 3)])], (0, 0, 2, 4))
    assert line.geom_type == "MultiLineString"
    assert line.length == 4


def test_what_lies_inside_is_not_touched() -> None:
    inside = box(1, 1, 2, 2)
    (out,) = clip([inside], (0, 0, 4, 4))
    assert out is inside
