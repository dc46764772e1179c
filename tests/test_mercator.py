"""World units: known places, both ways, and lengths against the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from storymap.mercator import MAX_LAT, WORLD, km_to_world, lonlat, world, world_array

lons = st.floats(-180, 180)
lats = st.floats(-85, 85)


@pytest.mark.parametrize(
    ("lon", "lat", "x", "y"),
    [(0, 0, 128, 128), (-180, 0, 0, 128), (180, 0, 256, 128), (0, MAX_LAT, 128, 0), (0, -MAX_LAT, 128, 256)],
)
def test_corners_and_middle_of_the_world(lon: float, lat: float, x: float, y: float) -> None:
    assert world(lon, lat) == pytest.approx((x, y), abs=1e-9)


@settings(deadline=None)
@given(lons, lats)
def test_agrees_with_proj(lon: float, lat: float) -> None:
    half = 20037508.342789244
    x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    assert world(lon, lat) == pytest.approx(((x / half + 1) * 128, (1 - y / half) * 128), abs=1e-7)


@settings(deadline=None)
@given(lons, lats)
def test_there_and_back(lon: float, lat: float) -> None:
    assert lonlat(*world(lon, lat)) == pytest.approx((lon, lat), abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(lons, st.floats(-90, 90)), min_size=1, max_size=20))
def test_arrays_give_what_single_points_give(points: list[tuple[float, float]]) -> None:
    many = world_array(np.array(points, dtype=np.float64))
    assert many.tolist() == [pytest.approx(world(*point), abs=1e-9) for point in points]


def test_poles_are_clipped_to_the_edge_of_the_map() -> None:
    assert world(10, 90)[1] == pytest.approx(0, abs=1e-9)
    assert world(10, -90)[1] == pytest.approx(WORLD, abs=1e-9)


@pytest.mark.parametrize("lat", [0.0, 43.5, 60.0, -30.0])
def test_length_on_the_ground(lat: float) -> None:
    lon, _, _ = Geod(ellps="WGS84").fwd(70, lat, 90, 100_000)
    assert world(lon, lat)[0] - world(70, lat)[0] == pytest.approx(km_to_world(100, lat), rel=0.01)
