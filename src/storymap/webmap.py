"""The live map's frame, made by folium: a Leaflet map, tiles where a story wants them, and the layer that draws.

The only module that imports folium. folium gets structure only, options from closed sets: branca parses what it has
rendered as a Jinja template once more, so a string of a story or its data would run as code. Also the one place where
lon, lat becomes Leaflet's lat, lon (in the page, camera-driver.js does the same in `set`).
"""

from __future__ import annotations

import contextvars
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import branca.element
import folium
import xyzservices
import xyzservices.lib
from folium.template import Template

from storymap.drawing import Camera
from storymap.mercator import lonlat

__all__ = ["map_script", "tile_hosts", "tile_names", "tile_provider"]

_counter: contextvars.ContextVar[Iterator[int] | None] = contextvars.ContextVar("storymap_ids", default=None)
_random_id = branca.element.Element._generate_id.__func__  # type: ignore[attr-defined]  # noqa: SLF001


def _generate_id(cls: type) -> str:
    counter = _counter.get()
    return _random_id(cls) if counter is None else f"{cls.__name__.lower()}_{next(counter)}"


# folium's ids are random. A counter in a context variable gives the same bytes for the same story, leaves maps that
# others make in this process alone, and keeps threads apart.
branca.element.Element._generate_id = classmethod(_generate_id)  # type: ignore[assignment]  # noqa: SLF001


@contextmanager
def _stable_ids() -> Iterator[None]:
    token = _counter.set(itertools.count(1))
    try:
        yield
    finally:
        _counter.reset(token)


class StoryLeaflet(folium.Map):
    """A folium map without the ten files that folium's page loads from four hosts: Leaflet stands in the document."""

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []


class CanvasLayer(folium.elements.JSCSSMixin, branca.element.MacroElement):
    """The story's own Leaflet layer (page/js/layer.js), and the start of the story once the map is there."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = storymap.layer({}).addTo({{ this._parent.get_name() }});
            storymap.start({{ this._parent.get_name() }}, {{ this.get_name() }});
        {% endmacro %}
        """
    )


def tile_provider(name: str) -> xyzservices.TileProvider:
    """Online tiles by their ``xyzservices`` name (``CartoDB.Positron``).

    Raises `KeyError` for a name that is not known, and `ValueError` for one that needs an account.
    """
    provider = xyzservices.providers.flatten().get(name)
    if provider is None:
        raise KeyError(name)
    if provider.requires_token():
        raise ValueError(f"tiles '{name}' need an account")
    return provider


def tile_names() -> list[str]:
    """Names of all online tiles that need no account."""
    flat = xyzservices.providers.flatten()
    return sorted(name for name, provider in flat.items() if not provider.requires_token())


def tile_hosts(name: str) -> list[str]:
    """Origins from which tiles ``name`` come, for a content security policy: ``https://*.tile.example.org``."""
    url = tile_provider(name)["url"].replace("{s}", "*")
    scheme, _, rest = url.partition("://")
    return [f"{scheme}://{rest.partition('/')[0]}"]


def map_script(camera: Camera, tiles: str | None = None) -> tuple[str, str]:
    """(id of the map's element, JavaScript that makes the map at ``camera`` and starts the story).

    The same bytes for the same arguments.

    ``tiles``: ``xyzservices`` name of online tiles under the story's layers. Raises as `tile_provider`.
    """
    lon, lat = lonlat(camera.x, camera.y)
    with _stable_ids():
        leaflet = StoryLeaflet(
            location=[round(lat, 6), round(lon, 6)],
            zoom_start=round(camera.zoom, 4),  # type: ignore[arg-type]
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            # Reading mode: nothing may catch the scroll; "Explore the map" turns these on and back.
            dragging=False,
            touch_zoom=False,
            scroll_wheel_zoom=False,
            double_click_zoom=False,
            box_zoom=False,
            keyboard=False,
            # The canvas is drawn afresh each frame; Leaflet's own zoom animation would scale an old picture.
            zoom_animation=False,
            fade_animation=False,
            marker_zoom_animation=False,
            inertia=True,
            zoom_snap=0,
            track_resize=False,  # the page follows its size itself; Leaflet would round the camera to whole pixels
            world_copy_jump=False,
        )
        if tiles is not None:
            provider = tile_provider(tiles)
            folium.TileLayer(
                tiles=provider.build_url(scale_factor="{r}"),
                attr=" ",
                max_zoom=int(provider.get("max_zoom", 18)),
                subdomains=provider.get("subdomains", "abc"),
                detect_retina=False,
            ).add_to(leaflet)
        CanvasLayer().add_to(leaflet)  # type: ignore[no-untyped-call]
        figure = leaflet.get_root()
        figure.render()
        return leaflet.get_name(), str(figure.script.render())  # type: ignore[attr-defined]
