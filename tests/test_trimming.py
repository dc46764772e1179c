from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Page

from browser.reading import ZHANATAS
from storymap.camera import Insets, solve
from storymap.document import draw
from storymap.drawing import Camera, PathData, Scene
from storymap.geocache import user_cache
from storymap.palette import tone_colors
from storymap.pathdata import decode, encode
from storymap.stillmap import still, still_css
from storymap.storyfile import load
from storymap.svgsheet import Sheet
from storymap.trimming import MARGIN, TOLERANCE, trimmed

UNIT = 2.0**-12


def path(*parts: Sequence[tuple[float, float]], closed: bool = False) -> PathData:
    made = encode([np.array(part, dtype=float) for part in parts], closed=closed, unit=UNIT)
    assert made is not None
    return made


HERE = Camera(128, 96, 4)


def trim(given_path: PathData, camera: Camera = HERE, width: float = 320, height: float = 200) -> PathData:
    sheet = Sheet(Scene(paths={"p": given_path}), camera, width, height, "s", None)
    return trimmed(sheet, ["p"]).paths["p"]


def inside(made: PathData) -> shapely.Geometry:
    """What the even-odd rule fills."""
    area: shapely.Geometry = shapely.Polygon()
    for ring in decode(made):
        area = shapely.symmetric_difference(area, shapely.make_valid(shapely.Polygon(ring)))
    return area


def frame(camera: Camera, width: float = 320, height: float = 200) -> shapely.Geometry:
    x, y = width / 2 / 2**camera.zoom, height / 2 / 2**camera.zoom
    return shapely.box(camera.x - x, camera.y - y, camera.x + x, camera.y + y)


def test_what_lies_outside_is_cut_off_and_the_cut_is_out_of_sight() -> None:
    wide = path([(0, 0), (250, 0), (250, 200), (0, 200)], closed=True)
    camera = Camera(128, 96, 4)
    made = trim(wide, camera)
    assert inside(made).covers(frame(camera))
    edge = (MARGIN + 1) / 2**camera.zoom
    assert frame(camera).buffer(edge, join_style="mitre").covers(inside(made))
    # No stroke of a few pixels along the cut reaches the frame.
    assert inside(made).exterior.distance(frame(camera)) * 2**camera.zoom > MARGIN - 1


def test_a_hole_stays_a_hole_also_where_the_cut_goes_through_it() -> None:
    ring = path([(0, 0), (250, 0), (250, 200), (0, 200)], [(120, 90), (120, 250), (136, 250), (136, 90)], closed=True)
    camera = Camera(128, 96, 4)
    assert inside(trim(ring, camera)).intersection(frame(camera)).area == pytest.approx(
        inside(ring).intersection(frame(camera)).area, rel=0.01
    )


def test_a_line_that_leaves_and_comes_back_is_two() -> None:
    made = trim(path([(120, 96), (300, 90), (300, 100), (120, 98)]))
    assert len(decode(made)) == 2
    assert not made.d.endswith("z")


def test_in_two_copies_of_the_world_it_is_only_made_coarser() -> None:
    coast = path([(x, 96 + math.sin(x) / 100) for x in np.linspace(0, 255.9, 4000)])
    made = trim(coast, Camera(0, 96, 1), 800, 400)
    assert (made.box[0], made.box[2]) == pytest.approx((0, 255.9), abs=0.3)
    assert len(made.d) < len(coast.d) / 10


def test_a_copy_of_the_world_is_cut_where_it_shows() -> None:
    made = trim(path([(n / 10, 96) if n % 2 else (n / 10, 100) for n in range(100)]), Camera(256 + 3, 98, 6))
    assert made.box[0] == pytest.approx(3 - (160 + MARGIN) / 64, abs=0.02)


def test_what_can_not_be_trimmed_stays() -> None:
    speck = path([(128, 96), (128 + 2 * UNIT, 96), (128 + UNIT, 96 + 2 * UNIT)], closed=True)
    assert trim(speck) is speck
    outside = path([(0, 0), (1, 0), (1, 1)], closed=True)
    assert inside(trim(outside)).equals(inside(outside))


@given(st.lists(st.tuples(st.floats(110, 146), st.floats(80, 112)), min_size=3, max_size=40), st.booleans())
def test_nothing_in_view_moves_by_more_than_half_a_pixel(points: list[tuple[float, float]], closed: bool) -> None:
    camera = Camera(128, 96, 4)
    pixel = 2.0**-4
    try:
        before = path(points, closed=closed)
    except AssertionError:
        return
    made = trim(before, camera)
    near = frame(camera)
    far = TOLERANCE + math.sqrt(0.5) / 2 + 0.02
    lines = [shapely.MultiLineString([part for part in decode(one) if len(part) > 1]) for one in (before, made)]
    if not closed:
        for a, b in (lines, lines[::-1]):
            left = a.intersection(near).difference(b.buffer(far * pixel))
            # The end of a line that is cut off at the margin is outside the frame.
            assert left.length < 1e-9
        return
    differ = inside(before).symmetric_difference(inside(made)).intersection(near)
    assert differ.difference(lines[0].buffer(far * pixel)).area < 1e-9


def test_the_first_picture_looks_the_same_with_a_third_of_the_geometry(new_page: Callable[..., Page]) -> None:
    story = load(ZHANATAS)
    scene = draw(story, cache=user_cache()).scene
    step = replace(scene.steps[0], legend=())
    size = {"width": 800, "height": 500}
    tokens = "".join(f"--c-{name}:{value};" for name, value in tone_colors("light").items())
    defs = "".join(
        f'<path id="{key}" vector-effect="non-scaling-stroke" d="{one.d}"/>' for key, one in scene.paths.items()
    )
    shots = []
    for trim_it in (False, True):
        page = new_page(viewport=size)
        made = still(scene, step, ids="s", trim=trim_it, **size)
        page.set_content(
            f"<!doctype html><style>:root{{{tokens}}}body{{margin:0}}{still_css()}svg{{display:block}}</style>{made}"
            + ("" if trim_it else f'<svg width="0" height="0"><defs>{defs}</defs></svg>')
        )
        shots.append(np.asarray(Image.open(BytesIO(page.screenshot())).convert("RGB"), dtype=int))
    assert shots[0].std() > 5
    off = np.abs(shots[0] - shots[1]).max(axis=2)
    assert (off > 40).mean() < 0.001
    camera = solve(step.view, 800, 500, Insets())
    used = {key for key in scene.paths if f'href="#s.{key}"' in made}
    slim = trimmed(Sheet(scene, camera, 800, 500, "s", None), used)
    assert sum(len(slim.paths[key].d) for key in used) < sum(len(scene.paths[key].d) for key in used) / 3
