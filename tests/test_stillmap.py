import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page

from storymap import lettering
from storymap.camera import solve, to_screen
from storymap.drawing import (
    BaseLabel,
    Camera,
    Drawable,
    Label,
    Level,
    LevelPart,
    Paint,
    PathData,
    Scene,
    Shape,
    StepScene,
    ViewBox,
)
from storymap.palette import TOKENS, tone_colors
from storymap.pathdata import encode
from storymap.stillmap import path_keys, still, still_css
from storymap.svgbase import level_for
from storymap.svgsheet import path_element

NS = "{http://www.w3.org/2000/svg}"
UNIT = 2.0**-6


def path(points: Sequence[tuple[float, float]], *, closed: bool = False) -> PathData:
    made = encode([np.array(points, dtype=float)], closed=closed, unit=UNIT)
    assert made is not None
    return made


def square(x: float, y: float, half: float) -> PathData:
    return path([(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)], closed=True)


def step(
    box: tuple[float, float, float, float] = (100, 80, 140, 105), show: Sequence[str] = ("x",), **keys: Any
) -> StepScene:
    rest: dict[str, Any] = {
        "id": "one", "title": "One", "view": ViewBox(box, 0, (), 14), "move": "auto", "tone": "light", "without": (),
        "show": tuple((name, False) for name in show), "legend": (), "credits": (), "alt": "A town & its mine", **keys,
    }  # fmt: skip
    return StepScene(**rest)


def scene(*shapes: Shape, paints: Sequence[Paint] = (Paint(fill="data-1", stroke="ink"),), **keys: Any) -> Scene:
    labels = keys.pop("labels", ())
    drawable = Drawable("x", "x", "X", tuple(paints), shapes, tuple(labels), (), "")
    return Scene(drawables={"x": drawable}, **keys)


def parsed(made: Scene, at: StepScene | None = None, **options: Any) -> ET.Element:
    return ET.fromstring(still(made, at or step(), standalone=True, **options))


def all_of(svg: ET.Element, tag: str) -> list[ET.Element]:
    return list(svg.iter(NS + tag))


def placed(use: ET.Element) -> tuple[float, float, float]:
    """(x, y, scale) of a ``<use>``."""
    match = re.fullmatch(r"translate\((\S+) (\S+)\)scale\((\S+)\)", use.attrib["transform"])
    assert match
    return float(match[1]), float(match[2]), float(match[3])


# The frame


def test_a_still_is_an_image_with_a_name() -> None:
    svg = parsed(scene())
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-label"] == "A town & its mine"
    assert svg.attrib["viewBox"] == "0 0 960 600"
    assert svg[0].text == "A town & its mine"


def test_the_same_input_gives_the_same_bytes() -> None:
    made = scene(Shape("point", 0, "a", x=120, y=90, blur=1), paints=[Paint(fill="data-1", soft=True)])
    assert still(made, step(), ids="a") == still(made, step(), ids="a")


def test_inside_a_document_it_is_valid_html_and_brings_no_style_of_its_own() -> None:
    made = scene(
        Shape("area", 0, "a", path="p"), paints=[Paint(fill="ore", stroke="ink", pattern="hatch")],
        paths={"p": square(120, 92, 5)}, labels=[Label("<b>&", 120, 92)],
    )  # fmt: skip
    markup = still(made, step(), ids="s-one")
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(f"<!doctype html><title>x</title><p>{markup}</p>")
    assert "style=" not in markup
    assert "xmlns" not in markup
    assert "#" not in re.sub(r"(href=\"|url\()#", "", markup)
    assert "&lt;b&gt;&amp;" in markup


def test_standalone_carries_all_it_points_to_and_no_property() -> None:
    made = scene(
        Shape("area", 0, "a", path="p"),
        Shape("point", 1, "b", x=120, y=92, blur=1),
        paints=[Paint(fill="data-2", stroke="ink", pattern="dots"), Paint(fill="data-1", soft=True)],
        paths={"p": square(120, 92, 5), "unused": square(0, 0, 1)},
        labels=[Label("Taraz", 121, 92, color="accent")],
    )
    svg = parsed(made, ids="own")
    markup = ET.tostring(svg, encoding="unicode")
    ids = [element.attrib["id"] for element in svg.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids)) == 3
    assert all(name.startswith("own.") for name in ids)
    for name in re.findall(r"(?:href=\"|url\()#([^\")]+)", markup):
        assert name in ids
    assert "var(" not in markup
    assert 'class="b-' not in markup


def test_colours_of_a_standalone_still_come_from_its_palette() -> None:
    made = scene(Shape("point", 0, "a", x=120, y=92), paints=[Paint(fill="ore", stroke=None)])
    palette = {**tone_colors("dark"), "ore": "#b5651d"}
    assert all_of(parsed(made, palette=palette), "circle")[0].attrib["fill"] == "#b5651d"
    assert all_of(parsed(made, palette=palette), "rect")[0].attrib["fill"] == palette["sea"]
    with pytest.raises(KeyError, match="ore"):
        still(made, step(), standalone=True)


def test_the_tone_of_the_step_gives_the_colours() -> None:
    for tone in ("light", "dark"):
        assert all_of(parsed(scene(), step(tone=tone)), "rect")[0].attrib["fill"] == getattr(TOKENS["sea"], tone)


def test_ids_of_two_stills_never_meet() -> None:
    made = scene(
        *(Shape("point", n, "a", x=120 + n, y=92) for n in range(12)),
        paints=[Paint(fill=f"c{n}", soft=True) for n in range(12)],
    )
    first, second = (set(re.findall(r' id="([^"]+)"', still(made, step(), ids=ids))) for ids in ("s-a", "s-a1"))
    assert len(first) == len(second) == 12
    assert not first & second


# Places


def test_paths_lie_where_the_camera_sees_them() -> None:
    made = scene(Shape("area", 0, "a", path="p"), paths={"p": square(120, 92, 5)})
    camera = solve(step().view, 960, 600)
    (use,) = all_of(parsed(made), "use")
    x, y, k = placed(use)
    assert (x, y) == pytest.approx(to_screen(camera, 960, 600, *made.paths["p"].origin), abs=0.01)
    assert k == pytest.approx(2**camera.zoom * UNIT, rel=1e-5)


def test_points_lie_where_the_camera_sees_them() -> None:
    svg = parsed(scene(Shape("point", 0, "a", x=120, y=92.5)))
    (circle,) = all_of(svg, "circle")
    assert [float(circle.attrib[key]) for key in ("cx", "cy")] == pytest.approx([480, 300])


def test_what_is_covered_moves_the_picture() -> None:
    svg = parsed(scene(Shape("point", 0, "a", x=120, y=92.5)), free=(400, 0, 0, 0))
    assert float(all_of(svg, "circle")[0].attrib["cx"]) == pytest.approx(680)


def test_what_lies_outside_is_left_out() -> None:
    made = scene(
        Shape("point", 0, "a", x=200, y=92), Shape("area", 0, "b", path="p"), paths={"p": square(20, 20, 2)},
        labels=[Label("Far", 200, 92)],
    )  # fmt: skip
    svg = parsed(made)
    assert not all_of(svg, "circle") and not all_of(svg, "use") and not all_of(svg, "text")
    assert path_keys(made, step()) == ()


def test_across_the_antimeridian_both_copies_of_the_world_are_drawn() -> None:
    made = scene(
        Shape("point", 0, "west", x=250, y=90), Shape("point", 0, "east", x=6, y=90),
        Shape("area", 0, "a", path="p"), paths={"p": square(4, 90, 2)}, labels=[Label("East", 6, 90)],
    )  # fmt: skip
    svg = parsed(made, step((246, 85, 266, 97)))
    xs = [float(circle.attrib["cx"]) for circle in all_of(svg, "circle")]
    assert len(xs) == 2
    assert sorted(xs) == pytest.approx([480 - 6 * 48, 480 + 6 * 48])
    (use,) = all_of(svg, "use")
    assert placed(use)[0] == pytest.approx(480 + 2 * 48, abs=1)
    assert all_of(svg, "text")


def test_a_viewport_wider_than_the_world_repeats_it() -> None:
    made = scene(Shape("point", 0, "a", x=128, y=100))
    svg = parsed(made, step((0, 0, 256, 256)), width=1000, height=300)
    assert len(all_of(svg, "circle")) >= 3


# Basemap

PARTS = (
    LevelPart("land", "land"), LevelPart("coast", "coast"), LevelPart("borders", "borders", 1.5), LevelPart("lakes", "lake"),
    LevelPart("railways", "rail"),
)  # fmt: skip
PATHS = {
    "land": square(120, 92, 30), "coast": path([(90, 92), (150, 92)]), "borders": path([(120, 80), (120, 110)]),
    "lake": square(110, 90, 3), "rail": path([(100, 95), (140, 95)]),
}  # fmt: skip


def test_basemap_parts_have_classes_in_order_and_literal_colours_alone() -> None:
    made = scene(paths=PATHS, levels=(Level(6, None, PARTS),))
    inline = ET.fromstring(still(made, step()))
    classes = [use.attrib["class"] for use in inline.iter("use")]
    assert classes == ["b-land", "b-coast", "b-borders", "b-lakes", "b-railways", "b-railways"]
    svg = parsed(made)
    assert all_of(svg, "use")[0].attrib["fill"] == TOKENS["land"].light
    rules = dict(re.findall(r"\.(b-\w+)\{([^}]*)\}", still_css()))
    assert set(classes) <= set(rules)
    assert rules["b-land"] == "fill:var(--c-land)"
    assert rules["b-borders"] == "fill:none;stroke:var(--c-borders)"


def test_a_step_leaves_parts_out() -> None:
    made = scene(paths=PATHS, levels=(Level(6, None, PARTS),))
    markup = still(made, step(without=("borders", "railways")))
    assert "b-borders" not in markup and "b-railways" not in markup
    assert "b-coast" in markup
    assert set(path_keys(made, step(without=("borders",)))) == {"land", "coast", "lake", "rail"}


def test_levels_are_chosen_by_zoom_and_by_what_they_hold() -> None:
    world, fine = Level(3, None, ()), Level(6, None, ())
    region = Level(12, (100, 80, 140, 110), ())
    levels = (world, fine, region)
    assert level_for(levels, Camera(120, 95, 2), 900, 600) is world
    assert level_for(levels, Camera(120, 95, 5), 900, 600) is fine
    assert level_for(levels, Camera(120, 95, 8), 900, 600) is region
    assert level_for(levels, Camera(120, 95, 13), 900, 600) is region
    assert level_for(levels, Camera(141, 95, 8), 900, 600) is fine
    assert level_for(levels, Camera(376 % 256, 95, 8), 900, 600) is region
    assert level_for((), Camera(120, 95, 8), 900, 600) is None


def test_the_grid_of_degrees_lies_on_whole_degrees() -> None:
    made = scene(paths=PATHS, levels=(Level(6, None, PARTS),))
    grid = [
        element for element in ET.fromstring(still(made, step())).iter("path") if element.get("class") == "b-graticule"
    ]
    assert grid
    assert "b-graticule" not in still(made, step(without=("graticule",)))
    camera = solve(step().view, 960, 600)
    xs = [float(x) for element in grid for x in re.findall(r"M(\S+) 0v", element.attrib["d"])]
    for x in xs:
        lon = ((x - 480) / 2**camera.zoom + camera.x) / 256 * 360 - 180
        assert abs(lon - 5 * round(lon / 5)) < 0.02


# Layers


def test_an_area_has_its_fill_outline_and_pattern() -> None:
    paint = Paint(
        fill="data-1", fill_opacity=0.4, stroke="data-2", weight=1.5, opacity=0.9, dash=(6, 4), pattern="cross"
    )
    made = scene(Shape("area", 0, "a", path="p"), paints=[paint], paths={"p": square(120, 92, 5)})
    svg = parsed(made)
    fill, pattern = all_of(svg, "use")
    assert (fill.attrib["fill"], fill.attrib["fill-opacity"]) == (TOKENS["data-1"].light, "0.4")
    assert pattern.attrib["fill"].startswith("url(#")
    assert (pattern.attrib["stroke-width"], pattern.attrib["stroke-dasharray"]) == ("1.5", "6 4")
    (tile,) = all_of(svg, "pattern")
    undo = float(re.findall(r"scale\(([^)]+)\)", tile.attrib["patternTransform"])[0])
    assert undo * placed(pattern)[2] == pytest.approx(1, rel=1e-4)


def test_one_gradient_for_each_colour() -> None:
    made = scene(
        *(Shape("point", n % 2, str(n), x=110 + n, y=92, blur=0.1) for n in range(10)),
        paints=[Paint(fill="data-1", soft=True), Paint(fill="data-2", soft=True)],
    )
    svg = parsed(made)
    assert len(all_of(svg, "radialGradient")) == 2
    assert len(all_of(svg, "circle")) == 10


@pytest.mark.parametrize(("blur", "radius", "ring"), [(0.1, 6.0, None), (0.3, 7.2, None), (1.0, 24.0, 24.0)])
def test_a_soft_point_is_as_large_as_what_is_not_known(blur: float, radius: float, ring: float | None) -> None:
    # 24 pixels a world unit
    made = scene(
        Shape("point", 0, "a", x=120, y=92, blur=blur), paints=[Paint(fill="data-1", stroke="data-1", soft=True)]
    )
    circles = all_of(parsed(made), "circle")
    assert float(circles[0].attrib["r"]) == pytest.approx(radius)
    assert circles[0].attrib["fill"].startswith("url(#")
    assert "stroke" not in circles[0].attrib
    if ring is None:
        assert len(circles) == 1
    else:
        assert float(circles[1].attrib["r"]) == pytest.approx(ring - 0.5)
        assert circles[1].attrib["stroke-dasharray"]


def test_small_soft_symbols_keep_their_shape_and_large_ones_are_discs() -> None:
    paint = Paint(fill="data-1", symbol="square", soft=True)
    small = parsed(scene(Shape("point", 0, "a", x=120, y=92, blur=0.1), paints=[paint]))
    assert len(all_of(small, "rect")) == 2
    large = parsed(scene(Shape("point", 0, "a", x=120, y=92, blur=2), paints=[paint]))
    assert len(all_of(large, "rect")) == 1
    assert len(all_of(large, "circle")) == 2


def test_proportional_circles_have_their_own_radius() -> None:
    made = scene(Shape("point", 0, "a", x=120, y=92, radius=31), Shape("point", 0, "b", x=121, y=92, radius=0))
    (circle,) = all_of(parsed(made), "circle")
    assert circle.attrib["r"] == "31"


def test_a_line_has_a_halo_and_an_arrow_at_its_end() -> None:
    paint = Paint(stroke="data-2", weight=3, arrow=True)
    made = scene(
        Shape("line", 0, "a", path="p"), paints=[paint], paths={"p": path([(110, 92.5), (120, 92.5), (130, 92.5)])}
    )
    svg = parsed(made)
    casing, line = all_of(svg, "use")
    assert casing.attrib["stroke"] == TOKENS["halo"].light
    assert float(casing.attrib["stroke-width"]) > float(line.attrib["stroke-width"]) == 3
    (head,) = all_of(svg, "polygon")
    corners = [tuple(map(float, corner.split(","))) for corner in head.attrib["points"].split()]
    assert corners[0] == pytest.approx((480 + 240 + 1.5, 300), abs=0.5)
    assert all(x < corners[0][0] for x, _ in corners[1:])
    assert sum(y for _, y in corners[1:]) / 3 == pytest.approx(300, abs=0.5)


def test_arrows_grow_with_the_line_and_stay_off_when_the_end_is_out_of_sight() -> None:
    def size(weight: float) -> float:
        made = scene(
            Shape("line", 0, "a", path="p"), paints=[Paint(stroke="ink", weight=weight, arrow=True)],
            paths={"p": path([(110, 92), (130, 92)])},
        )  # fmt: skip
        xs = [float(corner.split(",")[0]) for corner in all_of(parsed(made), "polygon")[0].attrib["points"].split()]
        return max(xs) - min(xs)

    assert size(4) > size(1)
    away = scene(
        Shape("line", 0, "a", path="p"),
        paints=[Paint(stroke="ink", arrow=True)],
        paths={"p": path([(110, 92), (220, 92)])},
    )
    assert not all_of(parsed(away), "polygon")


def test_layers_and_shapes_are_drawn_in_order() -> None:
    def drawable(name: str, color: str) -> Drawable:
        return Drawable(
            name, name, name, (Paint(fill=color, stroke=None),), (Shape("point", 0, "a", x=120, y=92),), (), (), ""
        )

    made = Scene(drawables={"a": drawable("a", "data-1"), "b": drawable("b", "data-2")})
    fills = [circle.attrib["fill"] for circle in all_of(parsed(made, step(show=("b", "a"))), "circle")]
    assert fills == [TOKENS["data-2"].light, TOKENS["data-1"].light]


# Lettering


def test_labels_are_set_by_role_with_their_place() -> None:
    made = scene(Shape("point", 0, "a", x=120, y=92.5), labels=[Label("Taraz", 120, 92.5, gap=10)])
    svg = ET.fromstring(still(made, step()))
    (group,) = [g for g in svg.iter("g") if g.get("class") == "l-feature"]
    (text,) = group
    assert text.text == "Taraz"
    assert float(text.attrib["x"]) == pytest.approx(490)
    assert float(text.attrib["y"]) == pytest.approx(300, abs=8)
    assert ".l-feature{" in still_css()


def test_a_standalone_label_carries_its_type_and_halo() -> None:
    made = scene(labels=[Label("Kazakhstan", 120, 92, role="country", anchor="centre")])
    svg = parsed(made)
    (text,) = all_of(svg, "text")
    assert (text.text, text.attrib["text-anchor"]) == ("KAZAKHSTAN", "middle")
    (group,) = [g for g in all_of(svg, "g") if g.get("paint-order")]
    role = lettering.ROLE_STYLES["country"]
    assert group.attrib["font-size"] == f"{role.size:g}"
    assert float(group.attrib["letter-spacing"]) == pytest.approx(role.spacing * role.size, abs=0.01)
    assert group.attrib["stroke"] == TOKENS["halo"].light


def test_long_names_take_two_lines() -> None:
    made = scene(labels=[Label("South Kazakhstan Region", 120, 92, role="region", anchor="centre")])
    first, second = all_of(parsed(made), "tspan")
    assert first.attrib["x"] == second.attrib["x"]
    assert float(second.attrib["y"]) - float(first.attrib["y"]) == pytest.approx(11 * lettering.LINE, abs=0.1)


def test_labels_of_the_basemap_come_in_their_zooms_and_parts_only() -> None:
    zoom = solve(step().view, 960, 600).zoom

    def names(**keys: Any) -> list[str | None]:
        base = BaseLabel(Label("Taraz", 120, 92, role="city"), zoom - 1, zoom + 1, "city-labels")
        made = scene(base_labels=(replace(base, **keys),))
        return [text.text for text in all_of(parsed(made, step(without=("water-labels",))), "text")]

    assert names() == ["Taraz"]
    assert names(min_zoom=zoom + 0.1) == []
    assert names(max_zoom=zoom - 0.1) == []
    assert names(part="water-labels") == []


def test_a_city_has_a_mark_and_the_storys_own_label_replaces_it() -> None:
    base = BaseLabel(Label("Taraz", 120, 92.5, role="city"), 0, 20, "city-labels")
    svg = parsed(scene(base_labels=(base,)))
    (mark,) = all_of(svg, "circle")
    assert (mark.attrib["cx"], mark.attrib["cy"]) == ("480", "300")
    own = parsed(scene(labels=[Label("Taraz", 120, 92.5)], base_labels=(base,)))
    assert not all_of(own, "circle")
    assert len(all_of(own, "text")) == 1


def test_labels_do_not_run_into_symbols() -> None:
    made = scene(
        Shape("point", 0, "a", x=120, y=92.5),
        Shape("point", 0, "b", x=121.5, y=92.5),
        labels=[Label("Taraz", 120, 92.5, gap=10)],
    )
    (text,) = all_of(parsed(made), "text")
    assert text.attrib["text-anchor"] == "end"


# In a browser


def pixel(page: Page, x: int, y: int) -> tuple[int, ...]:
    return Image.open(BytesIO(page.screenshot())).convert("RGB").getpixel((x, y))  # type: ignore[return-value]


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[n : n + 2], 16) for n in (1, 3, 5))


@pytest.fixture
def drawn_scene() -> Scene:
    return scene(
        Shape("area", 0, "a", path="area"), Shape("point", 1, "b", x=112, y=92.5, blur=2),
        paints=[Paint(fill="data-2", stroke="ink", weight=4), Paint(fill="data-1", soft=True)],
        paths={**PATHS, "area": square(130, 92.5, 5)}, levels=(Level(6, None, PARTS[:1]),), labels=[Label("Zhanatas", 112, 92.5)],
    )  # fmt: skip


def test_chromium_draws_a_standalone_still(
    new_page: Callable[..., Page], complaints: list[str], drawn_scene: Scene
) -> None:
    page = new_page(viewport={"width": 960, "height": 600})
    page.set_content(f"<style>body{{margin:0}}</style>{still(drawn_scene, step(), standalone=True)}")
    assert pixel(page, 720, 300) == rgb(TOKENS["data-2"].light)
    assert pixel(page, 480, 560) == rgb(TOKENS["land"].light)
    assert pixel(page, 480, 595) == rgb(TOKENS["land"].light)
    middle, half, outside = (pixel(page, 288 + dx, 300) for dx in (0, 24, 60))
    distance = [math.dist(color, rgb(TOKENS["data-1"].light)) for color in (middle, half, outside)]
    assert distance == sorted(distance)
    assert distance[0] < 60 < distance[2]
    assert not complaints


def test_inside_a_page_it_shows_shared_geometry_without_a_finding(
    new_page: Callable[..., Page], complaints: list[str], drawn_scene: Scene
) -> None:
    tokens = "".join(f"--c-{name}:{value};" for name, value in tone_colors("light").items())
    paths = "".join(path_element(key, drawn_scene.paths[key]) for key in path_keys(drawn_scene, step()))
    page = new_page(viewport={"width": 480, "height": 400})
    page.set_content(
        f"<!doctype html><html lang=en><title>A story</title><style>:root{{{tokens}}}body{{margin:0}}"
        f".stillmap{{display:block;width:480px;height:300px}}{still_css()}</style><main>"
        f"{still(drawn_scene, step(), ids='s')}<h1>A story</h1></main>"
        f'<svg class="defs" width="0" height="0"><defs>{paths}</defs></svg>'
    )
    assert pixel(page, 360, 150) == rgb(TOKENS["data-2"].light)
    assert pixel(page, 240, 290) == rgb(TOKENS["land"].light)
    # Half as large on the screen, and still a stroke of four pixels.
    edge = [pixel(page, x, 150) for x in range(410, 430)]
    assert 3 <= sum(math.dist(color, rgb(TOKENS["ink"].light)) < 40 for color in edge) <= 5
    assert not Axe().run(page).response["violations"]
    assert not complaints
