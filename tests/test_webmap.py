"""The map's script: from folium, without its page, its files or any string of a story."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import folium
import pytest

from storymap.drawing import Camera
from storymap.mercator import lonlat
from storymap.webmap import map_script, tile_hosts, tile_names, tile_provider


def test_the_script_is_the_same_bytes_each_time_and_in_each_thread() -> None:
    wanted = map_script(Camera(170, 90, 4.5))
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: map_script(Camera(170, 90, 4.5)), range(12))) == {wanted}


def test_maps_that_others_make_keep_their_random_ids() -> None:
    map_script(Camera(170, 90, 4.5))
    assert folium.Map().get_name() != folium.Map().get_name()


def test_leaflet_gets_lat_lon_and_the_story_lon_lat() -> None:
    _, script = map_script(Camera(170, 90, 4.5))
    lon, lat = lonlat(170, 90)
    assert f"center: [{round(lat, 6)}, {round(lon, 6)}]" in script


def test_nothing_is_loaded_and_nothing_catches_the_scroll() -> None:
    element, script = map_script(Camera(170, 90, 4.5))
    assert "http" not in script
    assert f'"{element}"' in script
    for gesture in ("dragging", "touchZoom", "scrollWheelZoom", "doubleClickZoom", "boxZoom", "keyboard"):
        assert f'"{gesture}": false' in script


def test_online_tiles_are_a_name_of_a_closed_set() -> None:
    _, script = map_script(Camera(170, 90, 4.5), "OpenStreetMap.Mapnik")
    assert "https://tile.openstreetmap.org/{z}/{x}/{y}.png" in script
    assert tile_hosts("OpenStreetMap.Mapnik") == ["https://tile.openstreetmap.org"]
    with pytest.raises(KeyError):
        map_script(Camera(170, 90, 4.5), "No.Such")
    with pytest.raises(ValueError, match="need an account"):
        tile_provider("Jawg.Streets")
    assert "OpenStreetMap.Mapnik" in tile_names() and "Jawg.Streets" not in tile_names()
