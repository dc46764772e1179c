"""The camera in the page is the camera of the compiler: the same numbers for the same views and viewports."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from browser.reading import ROOT
from storymap.camera import Insets, flight, solve
from storymap.drawing import Box, Camera, Must, ViewBox
from storymap.mercator import lonlat, world

SOURCE = (ROOT / "src/storymap/page/js/camera.js").read_text("utf-8")

coordinate = st.floats(0, 256)
sizes = st.tuples(st.floats(280, 2600), st.floats(110, 1500))
insets = st.builds(Insets, *[st.floats(0, 700) | st.just(0.0)] * 4)
cameras = st.builds(Camera, coordinate, st.floats(20, 236), st.floats(0.5, 11))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, y0 = draw(coordinate), draw(coordinate)
    wide, high = draw(st.floats(0, 120) | st.just(0.0)), draw(st.floats(0, 120) | st.just(0.0))
    return (x0, y0, x0 + wide, min(y0 + high, 256))


@st.composite
def views(draw: st.DrawFn) -> ViewBox:
    found = draw(st.lists(st.tuples(boxes(), st.floats(0, 60)), max_size=4))
    musts = tuple(Must(f"layer/{n}", box, pad) for n, (box, pad) in enumerate(found))
    return ViewBox(draw(boxes()), draw(st.floats(0, 80)), musts, draw(st.floats(0.5, 12)))


@pytest.fixture
def script(new_page: Callable[..., Page]) -> Callable[[str, Any], Any]:
    """``script("solveCamera(...it)", batch)``: camera.js on its own in an empty page, once for each of the batch."""
    page = new_page()

    def run(expression: str, batch: list[Any]) -> Any:
        return page.evaluate(f"(batch) => {{ {SOURCE}\n return batch.map((it) => ({expression})); }}", batch)

    return run


# One example is a batch, so that a few round trips compare hundreds of cameras.
batches = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.large_base_example,
        HealthCheck.data_too_large,
    ],
)


def of_page(view: ViewBox) -> dict[str, Any]:
    must = [{"ref": one.ref, "box": one.box, "pad": one.pad} for one in view.must]
    return {"box": view.box, "pad": view.pad, "must": must, "maxZoom": view.max_zoom}


@given(cases=st.lists(st.tuples(views(), sizes, insets), min_size=40, max_size=80))
@batches
def test_both_solve_the_same_camera(script: Callable[..., Any], cases: list[Any]) -> None:
    asked = [[of_page(view), *size, free._asdict()] for view, size, free in cases]
    for (view, size, free), there in zip(cases, script("solveCamera(...it)", asked), strict=True):
        here = solve(view, *size, free)
        pixels = 2.0**here.zoom
        assert there["zoom"] == pytest.approx(here.zoom, abs=1e-6), (view, size, free)
        apart = (there["x"] - here.x + 128) % 256 - 128
        assert abs(apart) * pixels < 0.01, (view, size, free)
        assert abs(there["y"] - here.y) * pixels < 0.01, (view, size, free)


@given(cases=st.lists(st.tuples(cameras, cameras, st.floats(280, 2600)), min_size=40, max_size=80))
@batches
def test_both_fly_the_same_way(script: Callable[..., Any], cases: list[Any]) -> None:
    times = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]
    plain = [[camera_json(a), camera_json(b), width, times] for a, b, width in cases]
    ways = script(
        "(([a, b, width, times]) => { const way = flightPath(a, nearestCopy(a, b), width);"
        " return {length: way.length, at: times.map((t) => way.at(t))}; })(it)",
        plain,
    )
    for (a, b, width), there in zip(cases, ways, strict=True):
        here = flight(a, b, width)
        assert there["length"] == pytest.approx(here.length, rel=1e-5, abs=1e-5)
        for t, camera in zip(times, there["at"], strict=True):
            mine = here.at(t)
            pixels = 2.0**mine.zoom
            assert camera["zoom"] == pytest.approx(mine.zoom, abs=1e-3), (a, b, width, t)
            assert math.hypot(camera["x"] - mine.x, camera["y"] - mine.y) * pixels < 0.5, (a, b, width, t)


def camera_json(camera: Camera) -> dict[str, float]:
    return {"x": camera.x, "y": camera.y, "zoom": camera.zoom}


@given(cases=st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85)), min_size=50, max_size=100))
@batches
def test_both_project_alike(script: Callable[..., Any], cases: list[Any]) -> None:
    for (lon, lat), there in zip(cases, script("toWorld(...it)", cases), strict=True):
        assert there == pytest.approx(world(lon, lat), abs=1e-9)
    places = [world(lon, lat) for lon, lat in cases]
    for (x, y), there in zip(places, script("toLonLat(...it)", places), strict=True):
        assert there == pytest.approx(lonlat(x, y), abs=1e-9)
