from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from storymap.antimeridian import crosses, cut_at_antimeridian

VLADIVOSTOK, ANCHORAGE, MOSCOW = (131.9, 43.1), (-150.0, 61.2), (37.6, 55.8)


def does_cross(shape: BaseGeometry) -> bool:
    return bool(crosses(np.array([shape], dtype=object))[0])


def longest_edge(shape: BaseGeometry) -> float:
    """In degrees of longitude."""
    paths = [path for part in shapely.get_parts(shape) for path in (shapely.get_rings(part) if part.area else [part])]
    return max(float(np.abs(np.diff(shapely.get_coordinates(path)[:, 0])).max()) for path in paths)


def round_length(points: list[tuple[float, float]]) -> float:
    """Length in degrees on a map of the Earth that has no edge."""
    return sum(math.hypot((b[0] - a[0] + 180) % 360 - 180, b[1] - a[1]) for a, b in pairwise(points))


def test_vladivostok_to_alaska_is_two_parts_far_from_moscow() -> None:
    line = shapely.LineString([VLADIVOSTOK, ANCHORAGE])
    assert does_cross(line)
    west, east = shapely.get_parts(cut_at_antimeridian(line))
    assert west.coords[0] == VLADIVOSTOK
    assert west.coords[-1][0] == 180
    assert east.coords[0][0] == -180
    assert east.coords[-1] == pytest.approx(ANCHORAGE)
    assert west.coords[-1][1] == east.coords[0][1] == pytest.approx(43.1 + (61.2 - 43.1) * 48.1 / 78.1)
    assert cut_at_antimeridian(line).distance(shapely.Point(MOSCOW)) > 90
    assert line.distance(shapely.Point(MOSCOW)) < 10  # as drawn before


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POLYGON ((170 60, -170 60, -170 50, 170 50, 170 60))", "the two boxes"),
        ("POLYGON ((170 60, 190 60, 190 50, 170 50, 170 60))", "the two boxes"),
        ("POLYGON ((-190 60, -170 60, -170 50, -190 50, -190 60))", "the two boxes"),
        ("POLYGON ((170 60, 180 60, -180 60, -170 60, -170 50, -180 50, 180 50, 170 50, 170 60))", "the two boxes"),
        ("MULTIPOLYGON (((170 60, -170 60, -170 50, 170 50, 170 60)))", "the two boxes"),
    ],
)
def test_an_area_across_180_becomes_two(wkt: str, expected: str) -> None:
    area = shapely.from_wkt(wkt)
    assert does_cross(area)
    cut = cut_at_antimeridian(area)
    assert cut.equals(shapely.union(shapely.box(170, 50, 180, 60), shapely.box(-180, 50, -170, 60)))
    assert cut.is_valid


def test_holes_are_cut_with_their_area() -> None:
    hole = [(178, 57), (178, 53), (-178, 53), (-178, 57), (178, 57)]
    east_hole = [(-175, 57), (-175, 53), (-174, 53), (-174, 57), (-175, 57)]
    area = shapely.Polygon([(170, 60), (-170, 60), (-170, 50), (170, 50)], [hole, east_hole])
    cut = cut_at_antimeridian(area)
    assert cut.area == pytest.approx(20 * 10 - 4 * 4 - 4)
    for x, y, inside in ((179, 55, False), (-179, 55, False), (-174.5, 55, False), (175, 55, True), (-172, 55, True)):
        assert cut.contains(shapely.Point(x, y)) is inside


@pytest.mark.parametrize("direction", [1, -1])
def test_a_ring_round_the_pole_is_led_over_it(direction: int) -> None:
    x = np.arange(0, 360, 30)[::direction]
    ring = shapely.Polygon(np.column_stack([(x + 180) % 360 - 180, np.full(len(x), -70.0)]))
    cut = cut_at_antimeridian(ring)
    assert cut.is_valid
    assert cut.area == pytest.approx(360 * 20)
    assert cut.contains(shapely.Point(100, -89))
    assert not cut.contains(shapely.Point(100, -60))


def test_a_belt_round_the_pole_has_its_hole() -> None:
    x = (np.arange(0, 360, 30) + 190) % 360 - 180
    shell, hole = (np.column_stack([x, np.full(len(x), y)]) for y in (50.0, 70.0))
    cut = cut_at_antimeridian(shapely.Polygon(shell, [hole]))
    assert cut.area == pytest.approx(360 * 20)
    assert cut.contains(shapely.Point(179, 60))
    assert not cut.contains(shapely.Point(179, 80))


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",  # the world's frame
        "POLYGON ((-180 50, 180 50, 180 60, -180 60, -180 50))",  # a belt
        "POLYGON ((-180 -90, -180 -84, -60 -70, 60 -66, 180 -84, 180 -90, -180 -90))",  # Antarctica, as it is drawn
        "LINESTRING (-180 0, 180 0)",  # the equator
        "LINESTRING (-90 10, 90 20)",  # 180° exactly: either way is as short
        "MULTIPOLYGON (((27 50, 180 50, 180 70, 27 70, 27 50)), ((-180 65, -169 65, -169 68, -180 68, -180 65)))",
        "POINT (180 5)",
        "MULTIPOINT ((179 5), (-179 5))",
    ],
)
def test_what_lies_along_the_edge_is_left_alone(wkt: str) -> None:
    assert not does_cross(shapely.from_wkt(wkt))


def test_a_line_that_was_given_a_point_on_either_side_of_180_is_parted_there() -> None:
    line = shapely.LineString([(170, 50), (180, 55), (-180, 55), (-170, 60)])
    cut = cut_at_antimeridian(line)
    assert shapely.to_wkt(cut) == "MULTILINESTRING ((170 50, 180 55), (-180 55, -170 60))"


def test_a_track_that_runs_along_180_stays_on_its_side() -> None:
    line = shapely.LineString([(170, 50), (180, 51), (180, 52), (190, 53)])
    cut = cut_at_antimeridian(line)
    assert shapely.to_wkt(cut) == "MULTILINESTRING ((170 50, 180 51, 180 52), (-180 52, -170 53))"
    line = shapely.LineString([(-180, 51), (-180, 52), (-170, 53), (170, 54)])
    cut = cut_at_antimeridian(line)
    assert shapely.to_wkt(cut) == "MULTILINESTRING ((-180 51, -180 52, -170 53, -180 53.5), (180 53.5, 170 54))"


def test_a_satellite_that_goes_round_twice() -> None:
    x = np.arange(0, 721, 20.0)
    line = shapely.LineString(np.column_stack([(x + 180) % 360 - 180, np.linspace(-40, 40, len(x))]))
    cut = cut_at_antimeridian(line)
    assert len(shapely.get_parts(cut)) == 3
    assert cut.length == pytest.approx(math.hypot(720, 80))


longitude = st.integers(-1800, 1800).map(lambda tenths: tenths / 10)
latitude = st.integers(-800, 800).map(lambda tenths: tenths / 10)


@settings(deadline=None)
@given(st.lists(st.tuples(longitude, latitude), min_size=2, max_size=12, unique=True))
def test_cutting_keeps_a_lines_length_on_the_round_earth(points: list[tuple[float, float]]) -> None:
    assume(all(abs(b[0] - a[0]) not in {180.0, 360.0} for a, b in pairwise(points)))
    line = shapely.LineString(points)
    cut = cut_at_antimeridian(line) if does_cross(line) else line
    assert cut.length == pytest.approx(round_length(points))
    assert longest_edge(cut) <= 180 + 1e-9
    assert not does_cross(cut)
    assert cut.bounds[0] >= -180
    assert cut.bounds[2] <= 180


@settings(deadline=None)
@given(longitude, st.integers(-60, 60), st.lists(st.integers(2, 30), min_size=3, max_size=20))
def test_cutting_keeps_an_areas_size_and_what_is_inside(middle: float, y: int, radii: list[int]) -> None:
    """A star round a middle anywhere on the Earth, cut, against the same star where nothing is to cut."""
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    xy = np.column_stack([np.cos(angles), np.sin(angles)]) * np.array(radii)[:, None] + [0, y]
    star = shapely.Polygon(np.round(xy, 6))
    assume(star.is_valid)
    wrapped = [((x + middle + 180) % 360 - 180, lat) for x, lat in star.exterior.coords]
    shape = shapely.Polygon(wrapped)
    cut = cut_at_antimeridian(shape) if does_cross(shape) else shape
    assert cut.is_valid
    assert cut.area == pytest.approx(star.area)
    assert not does_cross(cut)
    inside = star.representative_point()
    x = (inside.x + middle + 180) % 360 - 180
    assert cut.distance(shapely.Point(x, inside.y)) < 1e-6
