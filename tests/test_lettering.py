import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap.drawing import Box, Label
from storymap.lettering import ROLE_STYLES, Placed, place, role_css, tables, width, wrap
from storymap.palette import TOKENS

VIEWPORT: Box = (0, 0, 600, 400)


def put(*labels: tuple[Label, float, float], obstacles: tuple[Box, ...] = (), **options: float) -> tuple[Placed, ...]:
    return place(labels, VIEWPORT, obstacles, **options)


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def core(box: Box) -> Box:
    x, y, half = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, min((box[2] - box[0]) / 2, 40)
    return (x - half, y - half, x + half, y + half)


# Widths in em of the regular and bold faces of Arial's metrics and of Noto Sans, measured once.
@pytest.mark.parametrize(
    ("text", "bold", "ems"),
    [
        ("Zhanatas", False, (4.17, 4.33)),
        ("Жаңатас", False, (3.89, 4.15)),
        ("Қазақстан", False, (4.34, 4.98)),
        ("South Kazakhstan Region", False, (11.56, 11.93)),
        ("ЖАМБЫЛСКАЯ ОБЛАСТЬ", True, (12.80, 12.55)),
    ],
)
def test_widths_are_those_of_system_faces(text: str, bold: bool, ems: tuple[float, float]) -> None:
    assert width(text, 1, bold=bold) == pytest.approx(sum(ems) / 2, rel=0.08)


def test_width_grows_with_size_weight_and_spacing() -> None:
    assert width("Taraz", 26) == pytest.approx(2 * width("Taraz", 13))
    assert width("Taraz", 13, bold=True) > width("Taraz", 13)
    assert width("Taraz", 10, spaced=0.1) == pytest.approx(width("Taraz", 10) + 5)


def test_letters_outside_the_table_have_a_width_too() -> None:
    assert 0.3 < width("é", 1) < 0.8
    assert width("е\u0301", 1) == width("е", 1)
    assert width("札", 1) == 1
    assert width("ش", 1) > 0


def test_long_names_of_wide_roles_take_two_lines_of_like_length() -> None:
    region = ROLE_STYLES["region"]
    assert wrap("South Kazakhstan Region", region) == ("SOUTH", "KAZAKHSTAN REGION") or wrap(
        "South Kazakhstan Region", region
    ) == ("SOUTH KAZAKHSTAN", "REGION")
    figure = ROLE_STYLES["figure"]
    assert wrap("53 000–57 000, 1980-е", figure) == ("53\u00a0000–57\u00a0000,", "1980-е")
    assert wrap("reported for the\u00a01980s", figure) == ("reported for", "the\u00a01980s")
    assert width("53\u00a0000", 10) == width("53 000", 10)
    assert wrap("Zhambyl Region", region) == ("ZHAMBYL REGION",)
    assert wrap("Nationalparkverwaltung", region) == ("NATIONALPARKVERWALTUNG",)
    assert wrap("Novodzhambul phosphorus plant", ROLE_STYLES["feature"]) == ("Novodzhambul", "phosphorus plant")
    assert wrap("Novodzhambul phosphorus plant", ROLE_STYLES["water"]) == ("Novodzhambul phosphorus plant",)


def test_a_point_label_stands_to_the_right_beyond_its_gap() -> None:
    (label,) = put((Label("Taraz", 0, 0, gap=9), 300, 200))
    assert (label.x, label.align) == (309, "start")
    assert label.box[1] < 200 < label.box[3]
    assert label.box[1] < label.y < label.box[3]


def test_near_the_right_edge_it_goes_to_the_left() -> None:
    (label,) = put((Label("Taraz", 0, 0), 590, 200))
    assert label.align == "end"
    assert label.box[2] < 590


@pytest.mark.parametrize(
    ("walls", "inside"),
    [
        (("E",), (0, 180, 294, 220)),
        (("E", "W"), (270, 150, 330, 200)),
        (("E", "W", "N"), (270, 200, 330, 250)),
    ],
)
def test_candidates_are_tried_in_order(walls: tuple[str, ...], inside: Box) -> None:
    sides = {"E": (330, 195, 400, 205), "W": (200, 195, 270, 205), "N": (295, 150, 305, 196)}
    (label,) = put((Label("Taraz", 0, 0), 300, 200), obstacles=tuple(sides[wall] for wall in walls))
    x0, y0, x1, y1 = label.box
    assert inside[0] <= x0 and inside[1] <= y0 and x1 <= inside[2] and y1 <= inside[3]


def test_a_label_of_higher_priority_wins_and_then_the_role() -> None:
    low, high = Label("Low", 0, 0, anchor="centre"), Label("High", 0, 0, anchor="centre", priority=1)
    town = Label("Aul", 0, 0, role="quiet", anchor="centre")
    for first, second in ((high, low), (low, town)):
        winner, other = put((second, 300, 200), (first, 300, 200))
        assert winner.label == first and winner.box[1] < 200 < winner.box[3]
        assert other.box[3] < winner.box[1], "the other makes way by a line"


def test_a_label_set_on_its_place_moves_a_line_for_a_symbol_and_no_further() -> None:
    label = Label("73 km", 0, 0, anchor="centre")
    stands = (310.0, 192.0, 320.0, 208.0)
    (placed,) = put((label, 300, 200), obstacles=(stands,))
    assert placed.box[3] < 200
    crowd = tuple((x - 8.0, y - 8.0, x + 8.0, y + 8.0) for x in range(200, 401, 20) for y in range(140, 261, 20))
    assert put((label, 300, 200), obstacles=crowd) == ()


def test_its_own_symbol_is_no_obstacle_and_another_one_is() -> None:
    own, other = (292.0, 192.0, 308.0, 208.0), (312.0, 195.0, 330.0, 205.0)
    (label,) = put((Label("Taraz", 0, 0, gap=10), 300, 200), obstacles=(own,))
    assert label.align == "start"
    (label,) = put((Label("Taraz", 0, 0, gap=10), 300, 200), obstacles=(own, other))
    assert label.align == "end"


def test_labels_of_circles_round_one_place_stand_outside_the_largest() -> None:
    circles = tuple((300.0 - r, 200.0 - r, 300.0 + r, 200.0 + r) for r in (52, 34))
    placed = put(
        (Label("57,000", 0, 0, role="figure", gap=56), 300, 200),
        (Label("24,000", 0, 0, role="figure", gap=38), 300, 200),
        obstacles=circles,
    )
    assert [label.align for label in placed] == ["start", "end"]
    assert placed[0].x == 356
    assert placed[1].x == 244


def test_a_large_circle_keeps_only_its_middle_free_of_other_labels() -> None:
    circle = (100.0, 100.0, 300.0, 300.0)
    label = Label("Aul", 0, 0, role="quiet", anchor="centre")
    assert put((Label("Aul", 0, 0, gap=4), 110, 200), obstacles=(circle,))
    assert not place([(Label("Aul", 0, 0, gap=4), 185, 185)], VIEWPORT, [circle])
    assert put((label, 200, 200), obstacles=(circle,))


def test_a_centre_label_sits_on_its_symbol() -> None:
    (label,) = put((Label("57,000", 0, 0, role="figure", anchor="centre"), 300, 200), obstacles=((260, 160, 340, 240),))
    assert (label.x, label.align) == (300, "middle")


def test_a_label_stays_outside_its_soft_disc() -> None:
    (label,) = put((Label("Koksu", 0, 0, gap=6, blur=0.05), 300, 200), scale=1024)
    assert label.x == pytest.approx(300 + 0.05 * 1024 + 3)


def test_the_same_name_is_not_written_twice_at_one_place() -> None:
    story, base = Label("Taraz", 0, 0), Label("TARAZ", 0, 0, role="city")
    assert len(put((story, 300, 200), (base, 304, 198))) == 1
    assert len(put((story, 300, 200), (base, 420, 198))) == 2


def test_a_city_has_a_mark_that_later_labels_keep_off() -> None:
    city = Label("Taraz", 0, 0, role="city", gap=5)
    quiet = Label("Siding", 0, 0, role="quiet", anchor="centre")
    _, siding = put((city, 300, 200), (quiet, 296, 200))
    assert siding.box[3] < 200 - ROLE_STYLES["city"].dot


def test_what_lies_outside_the_viewport_is_left_out() -> None:
    assert put((Label("Omsk", 0, 0), 300, -5)) == ()
    (edge,) = put((Label("Kazakhstan", 0, 0, role="country", anchor="centre"), 20, 200))
    assert edge.box[0] >= 0, "at the edge a name moves inwards"


labels = st.builds(
    Label,
    text=st.text(alphabet="Kazkh ғқңАЖ", min_size=1, max_size=24),
    x=st.just(0.0),
    y=st.just(0.0),
    role=st.sampled_from(sorted(ROLE_STYLES)),
    priority=st.integers(0, 2),
    anchor=st.sampled_from(["point", "centre"]),
    gap=st.floats(2, 20),
)
spots = st.tuples(labels, st.floats(0, 600), st.floats(0, 400))
obstacle = st.builds(
    lambda x, y, r: (x - r, y - r, x + r, y + r), st.floats(0, 600), st.floats(0, 400), st.floats(2, 90)
)


@settings(deadline=None)
@given(st.lists(spots, max_size=14), st.lists(obstacle, max_size=6))
def test_nothing_collides_or_leaves_the_viewport(many: list[tuple[Label, float, float]], walls: list[Box]) -> None:
    placed = place(many, VIEWPORT, walls)
    assert placed == place(many, VIEWPORT, walls)
    for label in placed:
        assert label.box[0] >= 0 and label.box[2] <= 600 and label.box[1] >= 0 and label.box[3] <= 400
        if label.label.anchor == "point":
            foreign = [
                w for w in walls if abs(w[0] + w[2] - 2 * label.at[0]) >= 1 or abs(w[1] + w[3] - 2 * label.at[1]) >= 1
            ]
            assert not any(overlap(label.box, core(wall)) for wall in foreign)
    for first, second in itertools.combinations(placed, 2):
        assert not overlap(first.box, second.box)


def test_tables_are_json_and_complete() -> None:
    data = json.loads(json.dumps(tables()))
    assert set(data["roles"]) == set(ROLE_STYLES)
    letters = "".join(data["advance"].values())
    assert len(letters) == len(set(letters))
    assert set("abcxyzABCXYZабвэюяӘәҒғҚқҢңӨөҰұҮүҺһІі0123456789") <= set(letters)


def test_every_role_has_a_class_and_a_known_ink() -> None:
    sheet = role_css()
    for name, role in ROLE_STYLES.items():
        assert f"\n.l-{name}{{" in sheet
        assert role.ink in TOKENS


def test_a_label_keeps_off_the_lines_that_the_step_draws() -> None:
    label = Label("Taraz", 0, 0, gap=6)
    to_the_east = [(300.0 + n, 200.0) for n in range(0, 120, 10)]
    (placed,) = tuple(place([(label, 300, 200)], (0, 0, 600, 400), strokes=to_the_east))
    assert placed.align == "end", "east would cover the line"
    across = [(float(n), 200.0) for n in range(200, 400, 10)]
    (named,) = tuple(place([(Label("176 km", 0, 0, anchor="centre"), 300, 200)], (0, 0, 600, 400), strokes=across))
    assert named.box[3] < 200, "a line's name stands beside it"


def test_a_short_name_takes_two_lines_where_one_would_cross_a_line() -> None:
    lines = [(x, y) for x in range(366, 500, 8) for y in range(150, 230, 8)]

    def put_there(text: str, lines: list[tuple[int, int]]) -> Placed:
        (one,) = place([(Label(text, 0, 0, gap=6), 330, 200)], (290, 0, 600, 400), strokes=lines)
        return one

    assert put_there("Kiev, 1,119 km", []).lines == ("Kiev, 1,119 km",)
    placed = put_there("Kiev, 1,119 km", lines)
    assert placed.lines == ("Kiev,", "1,119 km")
    x0, y0, x1, y1 = placed.box
    assert not any(x0 < x < x1 and y0 < y < y1 for x, y in lines)
    assert put_there("Kiev", lines).lines == ("Kiev",)


def test_a_label_keeps_from_the_edge_where_it_can() -> None:
    label = Label("Vladivostok", 0, 0, gap=6)
    right = 306 + width("Vladivostok", ROLE_STYLES["feature"].size, bold=True)
    (roomy,) = place([(label, 300, 200)], (0, 0, right + 20, 400))
    (tight,) = place([(label, 300, 200)], (0, 0, right + 4, 400))
    assert roomy.align == "start"
    assert tight.align == "end", "to the right it fits, but touches the edge"


def test_a_label_is_not_set_where_it_could_name_another_symbol() -> None:
    other = (330.0, 182.0, 336.0, 188.0)
    (placed,) = tuple(place([(Label("Saran", 0, 0, gap=6), 300, 200)], (0, 0, 600, 400), (other,)))
    assert placed.align == "end"
