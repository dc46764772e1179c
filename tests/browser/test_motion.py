"""Moves: always drawn, one at a time, gentle on those who want none; and what a change of size does."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page
from shapely.geometry import shape

from again import again, at_length
from browser import watching
from browser.expectation import check_free, check_must_see, check_state, noting
from browser.reading import (
    PHONE,
    ROOT,
    SCREENS,
    STILL,
    UNREAD,
    compiled,
    files,
    frames,
    lasting,
    layer,
    open_story,
    read_on,
    settled,
    step,
    step_ids,
    turn_wheel,
    zhanatas,
)
from storymap.mercator import lonlat

Open = Callable[..., Page]


@pytest.fixture
def address(serve: Callable[..., str]) -> str:
    return serve(files(zhanatas()))


@pytest.fixture
def story(new_page: Callable[..., Page], address: str, complaints: list[str]) -> Iterator[Open]:
    def start(size: dict[str, int], at: str = "", **options: Any) -> Page:
        page = watching.watched(new_page(viewport=size, **options))
        open_story(page, address + at)
        return page

    yield start
    assert complaints == []


def go(page: Page, name: str) -> None:
    page.evaluate("name => storymap.go(name)", name)


def camera_of(state: dict[str, Any]) -> tuple[float, ...]:
    return (*state["camera"]["center"], state["camera"]["zoom"])


# Nothing blank while flying


@pytest.mark.parametrize(("screen", "direction"), again([("desktop", 1), ("phone", -1)]))
@at_length
def test_each_frame_of_each_flight_is_the_map_of_its_camera(story: Open, screen: str, direction: int) -> None:
    # The whole story forward; on the phone, back through the far flights in the middle.
    order = step_ids() if direction > 0 else step_ids()[9:4:-1]
    page = story(SCREENS[screen], f"#{order[0]}")
    watching.start(page, every=8)
    for name in order[1:]:
        go(page, name)
        settled(page, name)
    seen = watching.stop(page)
    assert seen["faults"] == [], "(step, zoom, share of pixels not of this camera, same for the basemap, transparent)"
    assert seen["compared"] >= 2 * len(order)
    assert len({tuple(camera[:3]) for camera in seen["cameras"]}) > 8 * len(order), "these were no flights"


LAND_MARGIN = 0.6  # degrees: nearer to a coast, pixels and simplified outlines may differ


@pytest.fixture(scope="module")
def earth() -> tuple[Any, Any]:
    """(deep inside land, far from land), lon, lat, from the basemap's own file; lakes are neither."""
    read = [
        shapely.union_all([shape(one["geometry"]) for one in json.loads(path.read_text("utf-8"))["features"]])
        for path in (ROOT / "geodata/basemap/world.geojson", ROOT / "geodata/basemap/lakes.geojson")
    ]
    land, lakes = (shapely.make_valid(part) for part in read)
    inside = land.difference(lakes.buffer(LAND_MARGIN)).buffer(-LAND_MARGIN)
    outside = land.union(lakes).buffer(LAND_MARGIN)
    shapely.prepare(inside)
    shapely.prepare(outside)
    return inside, outside


@at_length
def test_the_far_flights_show_land_where_land_is_and_sea_where_sea_is(story: Open, earth: tuple[Any, Any]) -> None:
    names = step_ids()
    far = names.index("influx")
    page = story(SCREENS["desktop"], f"#{names[far - 1]}")
    sea = page.evaluate("getComputedStyle(document.querySelector('.probe')).getPropertyValue('--c-sea')").strip()
    sea_color = [int(sea[i : i + 2], 16) for i in (1, 3, 5)]
    watching.start(page, every=5, grid=(32, 20))
    for name in (names[far], names[far - 1], names[far]):
        go(page, name)
        settled(page, name)
    right = wrong = 0
    for look in watching.stop(page)["looks"]:
        (x, y, zoom), (width, height) = look["camera"], look["size"]
        for n, color in enumerate(look["colors"]):
            dx, dy = ((n % 32) + 0.5) / 32 - 0.5, ((n // 32) + 0.5) / 20 - 0.5
            wx, wy = (x + dx * width / 2**zoom) % 256, y + dy * height / 2**zoom
            if not 20 < wy < 200:  # Greenland's ice and Antarctica
                continue
            point = shapely.Point(*lonlat(wx, wy))
            is_sea = max(abs(a - b) for a, b in zip(color, sea_color, strict=True)) <= 4
            if earth[0].contains(point):
                right, wrong = right + (not is_sea), wrong + is_sea
            elif not earth[1].intersects(point):
                right, wrong = right + is_sea, wrong + (not is_sea)
    assert right > 1000
    assert wrong <= 0.03 * right, f"{wrong} of {right + wrong} points: lettering explains a few, not these"


@at_length
def test_labels_fade_and_never_jump(story: Open) -> None:
    page = story(SCREENS["desktop"], f"#{step_ids()[6]}")
    page.evaluate(
        """() => {
            let layer;
            window[document.querySelector('.map').id].eachLayer((one) => { if (one.shown) layer = one; });
            const real = window.requestAnimationFrame;
            const log = window.letters = {jumps: [], frames: 0, partly: 0, before: new Map()};
            window.requestAnimationFrame = (call) => real((now) => {
                const moved = [...layer.letters].map(([id, item]) => [id, item.dx, item.dy, item.alpha]);
                for (const [id, dx, dy, alpha] of moved) {
                    const old = log.before.get(id);
                    if (alpha > 0.02 && alpha < 0.98) log.partly += 1;
                    if (old && old[2] > 0.4 && alpha > 0.4 && Math.hypot(dx - old[0], dy - old[1]) > 1) log.jumps.push(id);
                }
                log.before = new Map(moved.map(([id, ...rest]) => [id, rest]));
                log.frames += 1;
                call(now);
            });
        }"""
    )
    for name in step_ids()[7:11]:
        go(page, name)
        settled(page, name)
    log = page.evaluate("({jumps: letters.jumps, partly: letters.partly})")
    assert log["partly"] > 10, "labels come and go by fading"
    assert log["jumps"] == []


SPY = """() => {
    let layer;
    window[document.querySelector('.map').id].eachLayer((one) => { if (one.shown) layer = one; });
    const spied = window.spied = {names: 0, between: [], patterns: 0, scaled: 0, most: 0, draws: 0, lengths: 0};
    new MutationObserver(() => { spied.lengths += 1; }).observe(document.querySelector('.scale-line'), {attributes: true});
    const pens = CanvasRenderingContext2D.prototype;
    const {strokeText, fill} = pens;
    pens.strokeText = function (text, x, y) {
        const {e, f, a, d} = this.getTransform();
        const [across, down] = [a * x + e, d * y + f];
        spied.names += 1;
        if (Math.abs(across - Math.round(across)) + Math.abs(down - Math.round(down)) > 1e-6) spied.between.push(text);
        return strokeText.apply(this, arguments);
    };
    pens.fill = function (...of) {
        if (this.fillStyle instanceof CanvasPattern) {
            spied.patterns += 1;
            if (!this.getTransform().isIdentity || this.globalAlpha !== 1) spied.scaled += 1;
        }
        return fill.apply(this, of);
    };
    const draw = layer.draw;
    let before = new Set([...layer.letters.keys()]);
    layer.draw = (cam) => {
        spied.draws += 1;
        const seen = [...layer.letters].filter(([, item]) => item.alpha > 0.01).map(([id]) => id);
        spied.most = Math.max(spied.most, seen.filter((id) => !before.has(id)).length);
        before = new Set(seen);
        return draw(cam);
    };
}"""


@pytest.mark.parametrize("ratio", [1, 2])
def test_what_would_cost_a_frame_most_is_drawn_the_cheap_way(story: Open, ratio: int) -> None:
    # Letters between two pixels are shaped anew in each frame, new names all in one, and a scaled pattern is resampled.
    steps = ("belt", "where", "fifteen") if ratio == 1 else ("belt", "where")
    page = story(SCREENS["desktop"], f"#{step_ids()[0]}", device_scale_factor=ratio)
    page.evaluate(SPY)
    for name in steps:
        go(page, name)
        settled(page, name)
    spied = page.evaluate("spied")
    assert spied["names"] > 100
    assert spied["between"] == []
    assert spied["patterns"] > 20
    assert spied["scaled"] == 0
    assert 0 < spied["most"] <= 4
    assert 5 < spied["lengths"] < spied["draws"] / 2


# One move at a time


def test_a_move_cancels_the_one_before(story: Open) -> None:
    names = step_ids()
    page = story(PHONE)
    watching.start(page)
    go(page, names[2])
    turned = settled(page, names[2])
    # Half way back to the start the reader thinks again.
    go(page, names[1])
    page.wait_for_function("() => watch.cameras.filter((one) => one[3] === storymap.step).length > 4")
    page.evaluate("([one, other]) => { storymap.go(one); storymap.go(other); }", [names[8], names[9]])
    state = settled(page, names[9])
    seen = watching.stop(page)
    direct = open_story(story(PHONE), page.url.split("#")[0] + f"#{names[9]}", names[9])
    assert lasting(state) == lasting(direct)
    assert not any(camera[3] == names[8] for camera in seen["cameras"]), "a step that was overtaken drew no frame"
    # Once on the way to the last goal, no frame goes back to a camera of a cancelled move.
    after = [camera for camera in seen["cameras"] if camera[3] == names[9]]
    assert after
    assert camera_of(turned) != camera_of(state)
    zooms = [round(camera[2], 6) for camera in after]
    turns = sum(1 for a, b, c in zip(zooms, zooms[1:], zooms[2:], strict=False) if (b - a) * (c - b) < 0)
    assert turns <= 1, "one flight goes out and in at most once"
    assert page.evaluate("storymap.state().moving") is False


RUSH = """() => new Promise((done) => {
    // As a reader who flings the page: first by little, then more than a window's height in each frame. Until the end is
    // reached the page's clock goes on by 16 ms a frame, however long the machine takes for one: a machine that stalls
    // for a moment would otherwise look like a reader who stops there.
    const frame = window.requestAnimationFrame;
    let now = performance.now(), by = 30;
    performance.now = () => now;
    window.requestAnimationFrame = (call) => frame(() => call(now));
    const end = document.documentElement.scrollHeight - innerHeight - 2;
    const tick = () => {
        now += 16;
        window.scrollBy({top: Math.min(by, end - scrollY), behavior: 'instant'});
        by = Math.min(600, by + 30);
        if (scrollY < end - 1) return frame(tick);
        delete performance.now;
        window.requestAnimationFrame = frame;
        done();
    };
    frame(tick);
})"""


def test_who_rushes_past_steps_is_not_flown_about(story: Open) -> None:
    page = story({"width": 390, "height": 500}, f"#{step_ids()[0]}")
    turn_wheel(page, 8)
    watching.start(page)
    page.evaluate(RUSH)
    passed = watching.stop(page)
    state = settled(page, step_ids()[-1])
    assert len(passed["events"]) > 3, "steps are noticed as they pass"
    flown = {tuple(round(number, 3) for number in camera[:3]) for camera in passed["cameras"]}
    assert len(flown) <= 3, "the camera waits for calm"
    check_state(page, state, step_ids()[-1])


# Following and growing


@pytest.fixture(scope="module")
def ridge(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Three steps: the middle one follows the scroll and grows a line from west to east."""
    line = [("LineString", [[66.2, 43], [70, 43], [73.8, 43]], {"name": "line"})]
    places = [("Point", [70, 45.5], {"name": "Top"}), ("Point", [66.5, 42], {"name": "Left"})]
    story = {
        "title": "A ridge",
        "layers": [
            layer("line", style={"color": "#d0021b", "weight": 6}),
            layer("places", style={"color": "#0057d0", "radius": 8}, label="name", tooltip=["name"]),
        ],
        "steps": [
            step("wide", [55, 38, 85, 50], show=["places"]),
            step("near", [66, 41, 74, 46], move="follow", show=["places", {"layer": "line", "grow": True}]),
            step("after", [60, 40, 70, 48], show=["places"], tone="dark"),
        ],
    }
    return compiled(tmp_path_factory.mktemp("ridge") / "ridge", story, line=line, places=places)


def test_a_following_camera_is_a_function_of_the_scroll(
    new_page: Open, serve: Callable[..., str], ridge: Any, complaints: list[str]
) -> None:
    page = watching.watched(new_page(viewport=SCREENS["desktop"]))
    open_story(page, serve(files(ridge)))
    read_on(page, 0)
    start, wide = page.evaluate("scrollY"), settled(page, "wide")
    end = start + page.evaluate(UNREAD, 1)
    places = [round(start + (end - start) * n / 8) for n in range(9)]

    def at(places: list[float]) -> dict[float, dict[str, Any]]:
        out = {}
        for place in places:
            turn_wheel(page, place - page.evaluate("scrollY"), tick=60)
            frames(page)
            out[place] = settled(page)
        return out

    down = at(places)
    watching.start(page)
    up = at(places[::-1])
    mixed = at([places[n] for n in (6, 1, 5, 8)])
    rounded = {tuple(round(number, 2) for number in camera[:3]) for camera in watching.stop(page)["cameras"]}
    assert len(rounded) > 20
    for place, state in down.items():
        # What is left after a part of a pixel is not worth a frame.
        assert camera_of(up[place]) == pytest.approx(camera_of(state), abs=0.02)
        assert place not in mixed or camera_of(mixed[place]) == pytest.approx(camera_of(state), abs=0.02)
    zooms = [down[place]["camera"]["zoom"] for place in places]
    assert zooms == sorted(zooms)
    assert len(set(zooms)) >= 5, "the camera moves with the scroll"
    assert down[places[0]]["camera"] == wide["camera"]
    page.goto(page.url.split("#")[0] + "#near")
    assert down[places[-1]]["camera"] == settled(page, "near")["camera"]
    assert complaints == []


def test_a_line_grows_with_the_scroll_and_is_whole_at_rest(
    new_page: Open, serve: Callable[..., str], ridge: Any, complaints: list[str]
) -> None:
    page = new_page(viewport=SCREENS["desktop"])
    open_story(page, serve(files(ridge)), "wide")
    read_on(page, 0)
    gap = page.evaluate(UNREAD, 1)

    def reached() -> tuple[float, float]:
        """(share that has grown, how far east the line is red, lon)."""
        frames(page)
        state = settled(page)
        grown = [one["grown"] for one in state["layers"] if one["id"] == "line"]
        x = page.evaluate(
            """() => {
                const canvas = document.querySelector('.map-canvas');
                const {data, width} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                let most = -1;
                for (let i = 0; i < data.length; i += 4) {
                    if (data[i] > 190 && data[i + 1] < 40 && data[i + 2] < 60) most = Math.max(most, (i / 4) % width);
                }
                return most;
            }"""
        )
        west, _, east, _ = state["camera"]["bounds"]
        return (grown or [0])[0], west + (east - west) * x / state["size"][0] if x >= 0 else 66.2

    turn_wheel(page, round(gap * 0.6), tick=40)
    seen = [reached()]
    for _ in range(3):
        turn_wheel(page, round(gap * 0.1), tick=40)
        seen.append(reached())
    turn_wheel(page, page.evaluate(UNREAD, 1), tick=40)
    seen.append(reached())
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert len(set(shares)) == len(shares), "it grows as the reader scrolls"
    assert seen[-1] == (1, pytest.approx(73.8, abs=0.15)), "at rest it is whole"
    for (_, before), (_, after) in itertools.pairwise(seen):
        assert after > before
    turn_wheel(page, -round(gap * 0.3), tick=40)
    assert reached()[1] < seen[-1][1] - 0.5, "and it goes back"
    turn_wheel(page, round(gap * 0.3), tick=40)
    assert reached() == seen[-1]
    assert complaints == []


def test_a_leap_of_the_scroll_fades_the_new_picture_in(
    new_page: Open, serve: Callable[..., str], ridge: Any, complaints: list[str]
) -> None:
    page = watching.watched(new_page(viewport=SCREENS["desktop"]))
    open_story(page, serve(files(ridge)), "wide")
    read_on(page, 0)
    way = page.evaluate(UNREAD, 1)
    watching.start(page)
    # In steps over the middle one: to its end, and back to a part of it, which is no other step.
    for by in (way, -way * 0.4):
        faded = page.evaluate(
            """async (by) => {
                scrollBy({top: by, behavior: 'instant'});
                for (let n = 0; n < 30; n += 1) {
                    await new Promise(requestAnimationFrame);
                    const [fade] = document.querySelector('.map-ghost').getAnimations();
                    if (fade) return fade.effect.getTiming().duration;
                }
                return 0;
            }""",
            by,
        )
        assert faded >= 150
        frames(page)
        settled(page, "near")
        page.wait_for_function("() => !document.querySelector('.map-ghost').getAnimations().length")
    drawn = watching.stop(page)["cameras"]
    assert len({tuple(round(number, 3) for number in camera[:3]) for camera in drawn}) <= 3
    assert len(drawn) < 10, "the browser fades one picture over the other: the map is not drawn for it"
    there = settled(page, "near")
    turn_wheel(page, 40, tick=20)
    turn_wheel(page, -40, tick=20)
    frames(page)
    assert camera_of(settled(page, "near")) == pytest.approx(camera_of(there), abs=0.02), "and then it follows on"
    assert complaints == []


# Motion reduced


def test_with_motion_reduced_the_camera_is_only_ever_where_a_step_is(story: Open) -> None:
    page = story(SCREENS["desktop"], **STILL)
    watching.start(page)
    own = {}
    for index, name in enumerate(step_ids()):
        if index % 3 == 0:
            read_on(page, index)
        else:
            go(page, name)
        state = settled(page, name)
        assert state["reducedMotion"]
        check_state(page, state, name)
        own[name] = camera_of(state)
    for name in (step_ids()[0], step_ids()[6], step_ids()[2]):
        go(page, name)
        assert camera_of(settled(page, name)) == own[name]
    known = set(own.values())
    for x, y, zoom, *_ in watching.stop(page)["cameras"]:
        lon, lat = lonlat(x, y)
        near = any(abs(lon - a) < 2e-4 and abs(lat - b) < 2e-4 and abs(zoom - c) < 2e-3 for a, b, c in known)
        assert near, f"a frame between two steps: {lon}, {lat}, {zoom}"


def test_a_cut_draws_the_map_once(story: Open) -> None:
    page = story(SCREENS["desktop"], **STILL)
    settled(page)
    # A frame's own time is when it began: to a page that was busy it comes from the past.
    page.evaluate("() => { const now = performance.now.bind(performance); performance.now = () => now() + 40; }")
    draws = "() => Number(document.querySelector('.map-canvas:not(.map-ghost)').dataset.drawn)"
    for name in step_ids()[1:6]:
        before = page.evaluate(draws)
        go(page, name)
        settled(page, name)
        frames(page)
        assert page.evaluate(draws) == before + 1, "nothing fades in the canvas: the browser does that"


def test_with_motion_reduced_nothing_follows_and_nothing_grows(
    new_page: Open, serve: Callable[..., str], ridge: Any, complaints: list[str]
) -> None:
    page = watching.watched(new_page(viewport=SCREENS["phone"], **STILL))
    open_story(page, serve(files(ridge)), "wide")
    read_on(page, 0)
    settled(page)
    watching.start(page)
    gap = page.evaluate(UNREAD, 1)
    for _ in range(10):
        turn_wheel(page, gap / 10, tick=30)
        state = settled(page)
        assert all(one["grown"] == 1 for one in state["layers"])
    cameras = {tuple(round(number, 4) for number in camera[:3]) for camera in watching.stop(page)["cameras"]}
    assert len(cameras) <= 2
    assert complaints == []


# Sizes that change


TURNS = [
    ((1280, 800), (1000, 800)),
    ((1280, 800), (820, 1180)),
    ((390, 844), (844, 390)),
    ((844, 390), (390, 844)),
    ((820, 1180), (1180, 820)),
]


@pytest.mark.parametrize(("first", "second"), again(TURNS))
def test_another_width_solves_the_camera_anew_and_keeps_the_step(
    story: Open, first: tuple[int, int], second: tuple[int, int]
) -> None:
    sizes = [{"width": width, "height": height} for width, height in (first, second)]
    page = story(sizes[0], **STILL)
    address = page.url.split("#")[0]
    faults: list[str] = []
    for name in step_ids()[1::5]:
        go(page, name)
        settled(page, name)
        page.set_viewport_size(sizes[1])
        page.wait_for_function("size => storymap.state().size[0] === size", arg=second[0])
        frames(page)
        state = settled(page)
        with noting(faults):
            assert state["step"] == name
            check_must_see(state, name)
            check_free(page, state, name)
        page.set_viewport_size(sizes[0])
        page.wait_for_function("size => storymap.state().size[0] === size", arg=first[0])
        frames(page)
        assert settled(page)["step"] == name
    go(page, name)
    settled(page, name)
    page.set_viewport_size(sizes[1])
    page.wait_for_function("size => storymap.state().size[0] === size", arg=second[0])
    frames(page)
    turned = settled(page, name)
    direct = open_story(story(sizes[1], **STILL), f"{address}#{name}", name)
    assert lasting(turned) == lasting(direct)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("screen", again(SCREENS, keep=2))
def test_another_height_keeps_the_step(story: Open, screen: str) -> None:
    size = SCREENS[screen]
    page = story(size, **STILL)
    for name in step_ids()[1::6]:
        go(page, name)
        settled(page, name)
        for change in (-60, 0, 60):
            page.set_viewport_size({**size, "height": size["height"] + change})
            page.wait_for_function("height => innerHeight === height", arg=size["height"] + change)
            frames(page)
            state = settled(page)
            assert state["step"] == name
            check_must_see(state, name)


@pytest.mark.parametrize("screen", again(["phone", "desktop"]))
@at_length
def test_toolbars_that_come_and_go_change_nothing(story: Open, screen: str) -> None:
    size = SCREENS[screen]
    small = {**size, "height": size["height"] - 60}
    page = story(small, **STILL)
    # Headless Chromium has no toolbars: hold svh, which they leave alone, at its value with the toolbars out.
    page.evaluate("() => document.documentElement.style.setProperty('--svh', `${innerHeight / 100}px`)")
    frames(page)
    name, after = step_ids()[2], step_ids()[3]
    go(page, name)
    before, place = settled(page, name), page.evaluate("scrollY")
    watching.start(page)
    page.set_viewport_size(size)
    page.wait_for_function("height => innerHeight === height", arg=size["height"])
    frames(page)
    assert lasting(settled(page)) == lasting(before)
    assert page.evaluate("scrollY") == place
    assert len({tuple(camera[:3]) for camera in watching.stop(page)["cameras"]}) <= 1
    # The line at which the step changes is the same with and without them.
    lines = []
    for height in (size["height"], small["height"]):
        page.set_viewport_size({**size, "height": height})
        page.wait_for_function("height => innerHeight === height", arg=height)
        go(page, name)
        settled(page, name)
        while page.evaluate("storymap.step") == name:
            turn_wheel(page, 12)
            frames(page, 2)
        lines.append(page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", after))
        assert settled(page)["step"] == after
    assert abs(lines[0] - lines[1]) <= 13
