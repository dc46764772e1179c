"""Path data: what is drawn stays where it was, in as few characters as can be."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPolygon, Point, Polygon

from storymap.drawing import PathData
from storymap.pathdata import decode, encode, encode_geometry, unit_for

units = st.integers(-2, 12).map(lambda power: 2.0**-power)
coordinates = st.floats(-64, 320, allow_nan=False)
points = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=30).map(
    lambda rows: np.array(rows, dtype=np.float64)
)
# Few places, so that points repeat, lines turn back and rings have spikes.
crowded = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=14).map(
    lambda rows: np.array(rows, dtype=np.float64)
)


def array(*rows: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64)


def doubled_area(ring: NDArray[np.float64]) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))


def test_separators_are_left_out_where_a_sign_does() -> None:
    path = encode([array((12, 34), (17, 28), (24, 36))], closed=True, unit=1, origin=(0, 0))
    assert path == PathData("M12 34l5-6 7 8z", (0, 0), 1, (12, 28, 24, 36))


def test_each_part_starts_with_an_absolute_move() -> None:
    path = encode([array((0, 0), (2, 1)), array((8, 4), (6, 4))], closed=False, unit=0.5)
    assert path is not None
    assert path.d == "M0 0l4 2M16 8l-4 0"
    assert [part.tolist() for part in decode(path)] == [[[0, 0], [2, 1]], [[8, 4], [6, 4]]]


@settings(deadline=None)
@given(st.lists(points, min_size=1, max_size=4), units)
def test_lines_stay_within_half_a_unit(parts: list[NDArray[np.float64]], unit: float) -> None:
    path = encode(parts, closed=False, unit=unit)
    drawn = [] if path is None else decode(path)
    long = [part for part in parts if len({tuple(row) for row in np.rint(part / unit).tolist()}) > 1]
    assert len(drawn) == len(long)
    for part, line in zip(long, drawn, strict=True):
        ends = np.abs(line[[0, -1]] - part[[0, -1]])
        assert ends.max() <= unit / 2 + 1e-9
        assert shapely.hausdorff_distance(LineString(part), LineString(line)) <= unit * 0.7072 + 1e-9


@settings(deadline=None)
@given(crowded)
def test_lines_keep_every_turn(part: NDArray[np.float64]) -> None:
    path = encode([part], closed=False, unit=1)
    steps = part[np.r_[True, (np.diff(part, axis=0) != 0).any(axis=1)]]
    if path is None:
        assert len(steps) == 1
    else:
        (line,) = decode(path)
        assert LineString(line).length == pytest.approx(LineString(steps).length)
        assert len(line) <= len(steps)


@settings(deadline=None)
@given(crowded)
def test_rings_keep_their_area_and_nothing_without_area(part: NDArray[np.float64]) -> None:
    path = encode([part], closed=True, unit=1)
    if path is None:
        assert doubled_area(part) == 0
        return
    (ring,) = decode(path)
    assert ring[0].tolist() == ring[-1].tolist()
    assert doubled_area(ring) == doubled_area(part)
    before, after = np.diff(ring, axis=0), np.diff(np.vstack([ring[1:], ring[1]]), axis=0)
    assert (before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]).all(), "a point between its neighbours is left"


@settings(deadline=None)
@given(points, units, st.tuples(coordinates, coordinates))
def test_the_origin_moves_to_the_grid_and_nothing_else_moves(
    part: NDArray[np.float64], unit: float, origin: tuple[float, float]
) -> None:
    own, given_one = (encode([part], closed=False, unit=unit, origin=o) for o in (None, origin))
    if own is None or given_one is None:
        assert own is given_one is None
        return
    assert all((value / unit).is_integer() for value in given_one.origin)
    assert np.abs(np.array(given_one.origin) - origin).max() <= unit / 2
    assert np.array_equal(decode(own)[0], decode(given_one)[0])
    assert own.box == given_one.box
    assert (own.origin[0], own.origin[1]) == own.box[:2]


@settings(deadline=None)
@given(points, units)
def test_the_box_is_that_of_the_path(part: NDArray[np.float64], unit: float) -> None:
    path = encode([part], closed=False, unit=unit)
    if path is not None:
        every = np.concatenate(decode(path))
        assert path.box == (*every.min(axis=0), *every.max(axis=0))


def test_coordinates_are_exact_in_the_floats_of_a_canvas() -> None:
    unit = unit_for(10)
    path = encode([np.random.default_rng(1).uniform(0, 264, (200, 2))], closed=False, unit=unit)
    assert path is not None
    (line,) = decode(path)
    assert np.array_equal(line.astype(np.float32), line)


def test_points_between_their_neighbours_go() -> None:
    path = encode([array((0, 0), (1, 0), (1, 0), (2, 0), (2, 2), (0, 2), (0, 1))], closed=True, unit=1)
    assert path is not None
    assert path.d == "M0 0l2 0 0 2-2 0z"


def test_what_collapses_vanishes() -> None:
    speck = array((1.1, 1.1), (1.2, 1.1), (1.2, 1.2))
    square = array((0, 0), (4, 0), (4, 4), (0, 4))
    path = encode([speck, square], closed=True, unit=1)
    assert path is not None
    assert path.d.count("M") == 1
    assert encode([speck], closed=True, unit=1) is None
    assert encode([], closed=True, unit=1) is None
    assert encode([array((1, 1), (1.2, 1.2))], closed=False, unit=1) is None


@pytest.mark.parametrize("unit", [0, -0.5, 0.3, 3])
def test_a_unit_that_is_no_power_of_two_is_refused(unit: float) -> None:
    with pytest.raises(ValueError, match="power of two"):
        encode([array((0, 0), (1, 1))], closed=False, unit=unit)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_coordinate_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        encode([array((0, 0), (1, bad))], closed=False, unit=1)


@pytest.mark.parametrize("d", ["M0 0c1 1 2 2 3 3", "M0 0l1", "M0 0l1.5 2"])
def test_path_data_of_another_form_is_refused(d: str) -> None:
    with pytest.raises(ValueError, match="path data"):
        decode(PathData(d, (0, 0), 1, (0, 0, 1, 1)))


def test_holes_run_against_their_outline() -> None:
    ring = Polygon([(0, 0), (8, 0), (8, 8), (0, 8)], [[(2, 2), (6, 2), (6, 6), (2, 6)]])
    path = encode_geometry(MultiPolygon([ring]), unit=1)
    assert path is not None
    sides = [shapely.is_ccw(shapely.linearrings(part)) for part in decode(path)]
    assert sides == [not sides[1], sides[1]]


def test_geometries_of_all_kinds() -> None:
    line, square = LineString([(0, 0), (4, 4)]), Polygon([(0, 0), (2, 0), (2, 2)])
    assert encode_geometry(Point(1, 1), unit=1) is None
    assert encode_geometry(GeometryCollection(), unit=1) is None
    lines = encode_geometry(MultiLineString([line, [(9, 9), (8, 8)]]), unit=1)
    assert lines is not None
    assert (lines.d.count("M"), lines.d.count("z")) == (2, 0)
    mixed = encode_geometry(GeometryCollection([line, MultiPolygon([square])]), unit=1)
    assert mixed is not None
    assert re.fullmatch(r"M[-\d l]+z", mixed.d)


@settings(deadline=None)
@given(st.floats(0, 14))
def test_units_lie_between_a_quarter_and_half_a_pixel(zoom: float) -> None:
    pixels = unit_for(zoom) * 2**zoom
    assert 0.25 <= pixels <= 0.5
    assert np.frexp(unit_for(zoom))[0] == 0.5
