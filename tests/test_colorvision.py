import itertools

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

from storymap.colorvision import ALIKE, VISIONS, blended, difference, nearest_pair, simulate, six_digits
from storymap.palette import CATEGORICAL, tone_colors

HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(HEX, HEX)
def test_difference_is_ciede2000(one: str, other: str) -> None:
    assert difference(one, other) == pytest.approx(Color(one).delta_e(other, method="2000"), abs=0.05)
    assert difference(one, other) == pytest.approx(difference(other, one), abs=1e-6)
    assert difference(one, one) == 0


@given(HEX, st.sampled_from(["protan", "deutan", "tritan"]))
def test_visions_are_machados(color: str, vision: str) -> None:
    expected = Color(color).filter(vision, method="machado", space="srgb-linear").convert("srgb").fit(method="clip")
    made = Color(simulate(color, vision))  # type: ignore[arg-type]
    assert all(abs(a - b) <= 1.5 / 255 for a, b in zip(made.coords(), expected.coords(), strict=True))


@given(HEX)
def test_full_vision_changes_nothing_and_greys_stay_grey(color: str) -> None:
    assert simulate(color, "full") == color
    grey = "#" + color[1:3] * 3
    for vision in VISIONS:
        parts = [int(simulate(grey, vision)[n : n + 2], 16) for n in (1, 3, 5)]
        assert max(parts) - min(parts) <= 1


def test_red_and_green_of_one_lightness_look_alike_without_red_or_green_only() -> None:
    red, green = "#c0563f", "#7f7c2e"
    assert difference(red, green) > 2 * ALIKE
    assert difference(simulate(red, "deutan"), simulate(green, "deutan")) < ALIKE
    assert difference(simulate(red, "tritan"), simulate(green, "tritan")) > ALIKE


@pytest.mark.parametrize("tone", ["light", "dark"])
def test_the_first_colours_that_are_dealt_out_are_never_called_alike(tone: str) -> None:
    colors = tone_colors(tone)  # type: ignore[arg-type]
    dealt = [colors[token] for token in CATEGORICAL[:4]]
    assert all(nearest_pair(dealt, vision) >= ALIKE for vision in VISIONS)


def test_nearest_pair_is_of_all_pairs() -> None:
    colors = ["#000000", "#ffffff", "#101010"]
    assert nearest_pair(colors, "full") == min(difference(a, b) for a, b in itertools.combinations(colors, 2))
    assert nearest_pair(["#000000"], "full") == float("inf")


def test_blending_and_short_colours() -> None:
    assert blended("#000000", "#ffffff", 0.5) == "#808080"
    assert blended("#123456", "#ffffff", 1) == "#123456"
    assert blended("#123456", "#fedcba", 0) == "#fedcba"
    assert six_digits("#AbC") == "#aabbcc"
    assert six_digits("#ABCDEF") == "#abcdef"
