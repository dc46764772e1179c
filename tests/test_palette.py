import itertools
import re
from pathlib import Path

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

from storymap import palette
from storymap.palette import CATEGORICAL, PAGE_GROUNDS, TOKENS, Tone, resolve, tone_colors

TONES = ("light", "dark")
INKS = [name for name in TOKENS if name.startswith("ink")]


def contrast(first: str, second: str) -> float:
    return Color(first).contrast(second, method="wcag21")


def seen(color: str, vision: str | None) -> Color:
    return Color(color) if vision is None else Color(color).filter(vision)


def test_every_value_is_a_plain_hex_colour() -> None:
    assert all(re.fullmatch(r"#[0-9a-f]{6}", value) for pair in TOKENS.values() for value in pair)


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("token", [*CATEGORICAL, "no-data", "accent", "water", "line", "muted"])
def test_data_colours_stand_out_from_the_land(token: str, tone: str) -> None:
    colors = tone_colors(tone)  # type: ignore[arg-type]
    assert contrast(colors[token], colors["land"]) >= 3


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("vision", [None, "protan", "deutan", "tritan"])
def test_data_colours_stay_apart_for_every_vision(tone: str, vision: str | None) -> None:
    colors = tone_colors(tone)  # type: ignore[arg-type]
    cast = [seen(colors[token], vision) for token in CATEGORICAL]
    gaps = {(i, j): cast[i].delta_e(cast[j], method="2000") for i, j in itertools.combinations(range(len(cast)), 2)}
    assert min(gaps.values()) >= 9.5
    assert min(gap for (_, j), gap in gaps.items() if j < 4) >= 18


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("ink", INKS)
def test_lettering_can_be_read_on_land_and_on_its_halo(ink: str, tone: str) -> None:
    colors = tone_colors(tone)  # type: ignore[arg-type]
    for ground in ("land", "halo", "sea") if ink in {"ink", "ink-water"} else ("land", "halo"):
        assert contrast(colors[ink], colors[ground]) >= 4.5, ground


def test_theme_colours_win_over_built_in_ones() -> None:
    colors = tone_colors("dark", {"ore": Tone("#111111", "#222222"), "land": Tone("#333333", "#444444")})
    assert colors["ore"] == "#222222"
    assert colors["land"] == "#444444"


def test_resolve_writes_tokens_as_properties_or_as_values() -> None:
    assert resolve("#abc", None) == "#abc"
    assert resolve("data-1", None) == "var(--c-data-1)"
    assert resolve("data-1", tone_colors("light")) == "#2d85cb"
    with pytest.raises(KeyError):
        resolve("nowhere", tone_colors("light"))


HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(HEX, HEX)
def test_contrast_is_that_of_wcag(one: str, other: str) -> None:
    assert palette.contrast(one, other) == pytest.approx(contrast(one, other), rel=1e-3)


@given(HEX, st.sampled_from(TONES))
def test_any_accent_gives_text_that_can_be_read(color: str, tone: str) -> None:
    made = palette.readable(color, PAGE_GROUNDS[tone])
    assert min(contrast(made, ground) for ground in PAGE_GROUNDS[tone]) >= 4.5
    assert made == color or min(contrast(color, ground) for ground in PAGE_GROUNDS[tone]) < 4.6


def test_the_pages_grounds_are_those_of_its_style_sheet() -> None:
    css = (palette_folder() / "story.css").read_text("utf-8")
    used = set(re.findall(r"--(?:page|card): (#[0-9a-f]{6})", css))
    assert used >= {ground for pair in PAGE_GROUNDS.values() for ground in pair}


def palette_folder() -> Path:
    return Path(palette.__file__).parent / "page"
