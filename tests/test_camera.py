import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap.camera import Insets, fit_box, flight, solve, to_screen, union_box, viewport_box
from storymap.drawing import Box, Camera, Must, ViewBox

EPS = 1e-6
coordinate = st.floats(0, 256)
pixels = st.floats(0, 200)


@st.composite
def boxes(draw: st.DrawFn, most_x: float = 256) -> Box:
    x0, y0 = draw(st.floats(0, most_x)), draw(coordinate)
    return (x0, y0, min(x0 + draw(st.floats(0, 120)), 400), min(y0 + draw(st.floats(0, 120)), 256))


@st.composite
def views(draw: st.DrawFn) -> ViewBox:
    musts = tuple(
        Must(f"layer/{n}", box, draw(st.floats(0, 60))) for n, box in enumerate(draw(st.lists(boxes(), max_size=4)))
    )
    return ViewBox(draw(boxes()), draw(st.floats(0, 80)), musts, draw(st.floats(0, 14)))


sizes = st.tuples(st.floats(280, 1600), st.floats(200, 1200))
insets = st.builds(Insets, pixels, pixels, pixels, pixels)
cameras = st.builds(Camera, coordinate, coordinate, st.floats(0, 14))


def covered(
    camera: Camera, size: tuple[float, float], free: Insets, view: ViewBox, most_pad: float = math.inf
) -> float:
    """By how many pixels the view and its musts, padded, leave the free part: at most 0 when all lie inside.

    Every must counts in the copy of the world nearest to the view, and the whole in the copy that is seen best.
    """
    width, height = size
    middle = (view.box[0] + view.box[2]) / 2
    worst = []
    for copy in (-512, -256, 0, 256, 512):
        out = []
        for box, wish in [(view.box, view.pad), *((must.box, must.pad) for must in view.must)]:
            pad = min(wish, most_pad)
            shift = copy + 256 * math.floor((middle - (box[0] + box[2]) / 2) / 256 + 0.5)
            left, top = to_screen(camera, *size, box[0] + shift, box[1])
            right, bottom = to_screen(camera, *size, box[2] + shift, box[3])
            out += [free.left - left + pad, free.top - top + pad]
            out += [right + pad - width + free.right, bottom + pad - height + free.bottom]
        worst.append(max(out))
    return min(worst)


@settings(deadline=None)
@given(views(), sizes, insets)
def test_view_and_musts_lie_in_the_free_part(view: ViewBox, size: tuple[float, float], free: Insets) -> None:
    # Insets and pads that give way are tested below.
    free = Insets(*(min(part, 0.3 * size[n % 2]) for n, part in enumerate(free)))
    room = 0.25 * min(size[0] - free.left - free.right, size[1] - free.top - free.bottom)
    camera = solve(view, *size, free)
    assert camera.zoom <= view.max_zoom + EPS
    assert 0 <= camera.x < 256
    assert covered(camera, size, free, view, room) <= 1e-4


@settings(deadline=None)
@given(boxes(), st.floats(0, 80), sizes, insets)
def test_no_closer_camera_would_do(box: Box, pad: float, size: tuple[float, float], free: Insets) -> None:
    view = ViewBox((box[0], box[1], box[2] + 0.1, box[3]), pad, (), 20)
    camera = solve(view, *size, free)
    left, top, right, bottom = free
    k = min(1.0, 0.75 * size[0] / (left + right)) if left + right else 1.0
    m = min(1.0, 0.75 * size[1] / (top + bottom)) if top + bottom else 1.0
    free_width, free_height = size[0] - (left + right) * k, size[1] - (top + bottom) * m
    pad = min(view.pad, 0.25 * min(free_width, free_height))
    scale = 2**camera.zoom
    used = max(
        ((view.box[2] - view.box[0]) * scale + 2 * pad) / free_width,
        ((view.box[3] - view.box[1]) * scale + 2 * pad) / free_height,
    )
    assert used == pytest.approx(1, abs=1e-6)


def test_the_whole_is_centred_in_the_free_part() -> None:
    view = ViewBox((100, 100, 110, 104), 20, (), 14)
    camera = solve(view, 1000, 800, (0, 0, 400, 0))
    assert to_screen(camera, 1000, 800, 105, 102) == pytest.approx((300, 400))
    assert 2**camera.zoom == pytest.approx((600 - 40) / 10)


def test_a_must_outside_the_view_widens_it() -> None:
    alone = ViewBox((100, 100, 101, 101), 0, (), 14)
    both = ViewBox((100, 100, 101, 101), 0, (Must("a/b", (110, 100, 110, 100), 30),), 14)
    assert solve(both, 800, 600).zoom < solve(alone, 800, 600).zoom
    x, _ = to_screen(solve(both, 800, 600), 800, 600, 110, 100)
    assert x == pytest.approx(770)


def test_max_zoom_caps_a_point() -> None:
    assert solve(ViewBox((120, 90, 120, 90), 40, (), 9.5), 800, 600) == Camera(120, 90, 9.5)


def test_min_zoom_wins_over_the_fit() -> None:
    world = ViewBox((0, 0, 256, 256), 0, (), 14)
    assert solve(world, 400, 400).zoom == pytest.approx(math.log2(400 / 256))
    assert solve(world, 400, 400, min_zoom=2).zoom == 2


def test_the_viewport_stays_between_the_poles_while_everything_fits() -> None:
    north = ViewBox((100, 10, 140, 30), 0, (), 3)
    box = viewport_box(solve(north, 1000, 800), 1000, 800)
    assert box[1] == pytest.approx(0)
    far = ViewBox((0, 60, 256, 130), 0, (), 14)
    camera = solve(far, 500, 700)
    assert viewport_box(camera, 500, 700)[3] > 256
    assert camera.y == pytest.approx(128)


def test_the_poles_do_not_push_what_must_be_seen_under_a_card() -> None:
    north = ViewBox((100, 4, 140, 20), 10, (), 14)
    camera = solve(north, 390, 600, (0, 250, 0, 0))
    _, top = to_screen(camera, 390, 600, 100, 4)
    assert top >= 250 + 10 - EPS


def test_a_view_across_the_antimeridian_finds_its_musts_on_both_sides() -> None:
    box = fit_box((170, 50, -160, 66))
    view = ViewBox(box, 20, tuple(Must(str(x), (x, 80, x, 80), 10) for x in (252.0, 8.0)), 14)
    camera = solve(view, 900, 600)
    assert camera.zoom > 4
    assert covered(camera, (900, 600), Insets(), view) <= 1e-6


@pytest.mark.parametrize("free", [(500, 0, 500, 0), (0, 400, 0, 400), (390, 844, 390, 844)])
def test_insets_that_ask_for_everything_give_way(free: tuple[float, float, float, float]) -> None:
    view = ViewBox((100, 100, 120, 110), 90, (), 14)
    camera = solve(view, 390, 844, free)
    assert math.isfinite(camera.zoom)
    assert covered(camera, (390, 844), Insets(), view, 0) <= 0


def test_a_viewport_without_extent_is_refused() -> None:
    with pytest.raises(ValueError, match="shows nothing"):
        solve(ViewBox((0, 0, 1, 1), 0, (), 5), 0, 600)


def test_fit_box_turns_degrees_into_world_units() -> None:
    assert fit_box((-180, -85.0511287798066, 180, 85.0511287798066)) == pytest.approx((0, 0, 256, 256))
    x0, y0, x1, y1 = fit_box((170, -10, -170, 10))
    assert (x0, x1) == pytest.approx((248.888889, 263.111111))
    assert y0 < 128 < y1


def test_union_goes_the_short_way_round() -> None:
    vladivostok, alaska = (221.0, 92.0, 222.0, 93.0), (15.0, 70.0, 20.0, 75.0)
    assert union_box([vladivostok, alaska]) == pytest.approx((221, 70, 276, 93))
    assert union_box([(10, 0, 20, 5), (200, 1, 300, 2)]) == pytest.approx((200, 0, 300, 5))
    assert union_box([(10, 0, 20, 5), (40, 1, 50, 9)]) == pytest.approx((10, 0, 50, 9))
    assert union_box([(0, 0, 256, 256), (40, 1, 50, 9)]) == pytest.approx((0, 0, 256, 256))
    with pytest.raises(ValueError, match="no box"):
        union_box([])


@settings(deadline=None)
@given(st.lists(boxes(), min_size=1, max_size=6))
def test_union_holds_every_box(every: list[Box]) -> None:
    x0, y0, x1, y1 = union_box(every)
    assert x1 - x0 <= 256 + EPS
    for box in every:
        start = (box[0] - x0) % 256
        start = 0 if start > 256 - EPS else start
        assert x1 - x0 >= 256 - EPS or start + min(box[2] - box[0], 256) <= x1 - x0 + EPS
        assert y0 <= box[1] <= box[3] <= y1


@settings(deadline=None)
@given(cameras, cameras, st.floats(300, 1600))
def test_a_flight_joins_its_ends(a: Camera, b: Camera, width: float) -> None:
    way = flight(a, b, width)
    assert way.length >= 0
    assert way.at(0) == a
    end = way.at(1)
    assert (end.y, end.zoom) == (b.y, b.zoom)
    assert (end.x - b.x) % 256 == pytest.approx(0, abs=1e-9) or (end.x - b.x) % 256 == pytest.approx(256)
    assert abs(end.x - a.x) <= 128 + EPS
    near = way.at(1 - 1e-9)
    pixel = 2**b.zoom
    assert abs(near.x - end.x) * pixel < 0.5
    assert abs(near.y - end.y) * pixel < 0.5
    assert near.zoom == pytest.approx(end.zoom, abs=1e-3)


@settings(deadline=None)
@given(cameras, cameras, st.floats(300, 1600))
def test_a_flight_is_finite_and_keeps_to_the_line_between(a: Camera, b: Camera, width: float) -> None:
    way = flight(a, b, width)
    end, start = way.at(1), way.at(0)
    before = 0.0
    for n in range(1, 20):
        camera = way.at(n / 20)
        assert all(map(math.isfinite, (camera.x, camera.y, camera.zoom)))
        gone = math.hypot(camera.x - start.x, camera.y - start.y)
        assert gone >= before - EPS
        assert gone <= math.hypot(end.x - start.x, end.y - start.y) + EPS
        before = gone


@settings(deadline=None)
@given(cameras, cameras, st.floats(300, 1600))
def test_the_way_back_is_the_same_way(a: Camera, b: Camera, width: float) -> None:
    there, back = flight(a, b, width), flight(b, a, width)
    assert there.length == pytest.approx(back.length, rel=1e-6, abs=1e-9)
    assert there.at(0.3).zoom == pytest.approx(back.at(0.7).zoom, abs=1e-4)


def test_pure_zoom_and_pure_pan_and_no_move() -> None:
    still = flight(Camera(50, 60, 5), Camera(50, 60, 5), 800)
    assert still.length == 0
    assert still.at(0.5) == Camera(50, 60, 5)
    zoom = flight(Camera(50, 60, 5), Camera(50, 60, 9), 800)
    assert zoom.at(0.5) == Camera(50, 60, 7)
    assert zoom.length == pytest.approx(math.log(16) / 1.42)
    pan = flight(Camera(50, 60, 8), Camera(90, 60, 8), 800)
    middle = pan.at(0.5)
    assert middle.x == pytest.approx(70)
    assert middle.zoom < 6


def test_a_far_flight_zooms_out_until_both_ends_are_about_in_sight() -> None:
    way = flight(Camera(137, 95, 10), Camera(221, 93, 10), 1000)
    lowest = min(way.at(n / 100).zoom for n in range(101))
    assert 84 * 2**lowest == pytest.approx(1000, rel=0.4)


def test_a_flight_crosses_the_antimeridian_when_that_is_shorter() -> None:
    way = flight(Camera(250, 90, 4), Camera(10, 90, 4), 800)
    assert way.at(1).x == pytest.approx(266)
    assert 250 < way.at(0.5).x < 266
